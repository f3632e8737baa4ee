"""Doors of the hall: the list of what is being carried out, sifted and printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_babel import gettext as _

from app import clock
from app.faces.community.desk import reader
from app.faces.community.downloads import XLSX, download
from app.faces.community.exits import DOORS as EXIT_DOORS
from app.faces.community.inputs import page_number
from app.faces.community.task_page import DOORS as PAGE_DOORS
from app.faces.community.task_rows import measure_words, owner_words
from app.faces.community.task_time import DOORS as TIME_DOORS
from app.faces.community.verification import DOORS as LOOK_DOORS
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.phrasing import listed
from app.faces.visitor import visitor
from app.flow.implement import queries
from app.flow.implement.queries import OpenTask
from app.flow.resolve.task_rules import OWNER_KINDS
from app.matter.house import house
from app.matter.ledger import Reader, may_read
from app.matter.lights import COLOUR_LABELS, Colour, Light, light
from app.matter.models import Matter
from app.matter.workdays import Calendar, end_of, local_day
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from tenants.hosts import site_url

PAGE = 20
#: As many lines as an office pins to its wall.
PRINT_MOST = 200


@dataclass(frozen=True)
class Sieve:
    """What the list is sifted by, as it stands in the address; it stays through every page and onto paper."""

    mine: bool
    colour: str
    kind: str
    asked: bool

    def as_args(self) -> dict[str, str | None]:
        """For an address; what is not set is left out."""
        return {
            "mine": "1" if self.mine else None, "light": self.colour or None, "kind": self.kind or None,
            "asked": "1" if self.asked else None,
        }  # fmt: skip

    @property
    def is_set(self) -> bool:
        """Whether anything beyond 全部 and 我办的 is chosen."""
        return bool(self.colour or self.kind or self.asked)


def tasks() -> str:
    """Open tasks, the earliest due first; ``mine``, ``light``, ``kind`` and ``asked`` sift them."""
    sieve, now = _sieve(), clock.now()
    shown, lights, asked = _sifted(sieve, now)
    last = -(-len(shown) // PAGE) or 1
    number, who = min(page_number(), last), reader()
    looks, held = queries.at_a_halt(limit=PAGE) if not (sieve.mine or sieve.is_set) else ([], [])

    def url_of(n: int) -> str:
        return site_url("community.tasks", **sieve.as_args(), page=n)

    return desk(
        "desk/tasks.html", "tasks", rows=_rows(shown[(number - 1) * PAGE : number * PAGE], lights, who), sieve=sieve,
        total=len(shown), number=number, last=last, url_of=url_of, counts=_counts(lights.values()),
        asked=asked, args=sieve.as_args(), kinds=_kinds(),
        colours=[("", _("全部"))] + [(str(colour), _(label)) for colour, label in COLOUR_LABELS.items()],
        looks=[(matter, may_read(matter, who)) for matter in looks],
        held=[(matter, may_read(matter, who)) for matter in held],
    )  # fmt: skip


def tasks_print() -> str:
    """The same list on A4, for the wall or the Monday meeting."""
    sieve, now = _sieve(), clock.now()
    shown, lights, _asked = _sifted(sieve, now)
    return page(
        "desk/tasks_print.html", rows=_rows(shown[:PRINT_MOST], lights, reader()), total=len(shown), most=PRINT_MOST,
        today=clock.today(), words=_sieve_words(sieve), args=sieve.as_args(), counts=_counts(lights.values()),
    )  # fmt: skip


def _sieve() -> Sieve:
    colour, kind = request.args.get("light", ""), request.args.get("kind", "")
    return Sieve(
        request.args.get("mine") == "1", colour if colour in list(Colour) else "",
        kind if kind in OWNER_KINDS else "", request.args.get("asked") == "1",
    )  # fmt: skip


def tasks_sheet() -> Response:
    """The same list as XLSX, every task that fits, without what this reader may not read."""
    sieve, now = _sieve(), clock.now()
    shown, lights, _asked = _sifted(sieve, now)
    heads = [_("要做的事"), _("事项"), _("事项编号"), _("谁来办"), _("归哪里办"), _("哪天前"), _("原定"), _("说好多少"),
             _("做到多少"), _("单位"), _("预算（元）"), _("怎样了"), _("请延期")]  # fmt: skip
    rows = [_sheet_row(row) for row in _rows(shown, lights, reader())]
    data = xlsx_bytes(_("没办完的任务"), heads, rows, widths=(28, 28, 16, 18, 12, 12, 12, 10, 10, 8, 12, 16, 10))
    return download(data, XLSX, _("没办完的任务-%(day)s.xlsx", day=clock.today().isoformat()))


def _sheet_row(row: dict[str, Any]) -> list[Any]:
    told, matter = row["told"], row["matter"]
    return [
        row["what"] if told else _("一件当事人之间的事"), matter.title if told else "", matter.number,
        row["who"] if told else "", row["kind"] if told else "", row["due"].isoformat(),
        row["first_due"].isoformat() if row["first_due"] else "", row["target"] if told else None,
        row["done_count"] if told and row["target"] else None, row["unit"] if told else "",
        f"{row['planned_fen'] / 100:.2f}" if told and row["planned_fen"] else "",
        say(row["light"].reason, row["light"].values), _("请延期") if row["asked"] else "",
    ]  # fmt: skip


def _sifted(sieve: Sieve, now: datetime) -> tuple[list[OpenTask], dict[UUID, Light], int]:
    """The tasks that fit, the light of everything the other filters leave, and on how many of those time is asked."""
    me = visitor()
    owner = me.id if sieve.mine and me else None
    found = queries.sift_open_tasks(owner_id=owner, owner_kind=sieve.kind, asked=sieve.asked)
    lights = lights_of(found, now, house().calendar)
    fits = [one for one in found if not sieve.colour or lights[one.id].colour == sieve.colour]
    return fits, lights, sum(one.asked for one in found)


def lights_of(tasks: list[OpenTask], now: datetime, calendar: Calendar) -> dict[UUID, Light]:
    """The light of each; tasks of one resolution share their days, so a light is reckoned once for all of them."""
    known: dict[tuple[Any, ...], Light] = {}
    found = {}
    for one in tasks:
        key = (local_day(one.created_at), one.due, one.suspended)
        if key not in known:
            known[key] = light(one.created_at, end_of(one.due), now, calendar, suspended=one.suspended)
        found[one.id] = known[key]
    return found


def _rows(shown: list[OpenTask], lights: dict[UUID, Light], who: Reader) -> list[dict[str, Any]]:
    asked = {one.id for one in shown if one.asked}
    return [
        {
            "id": task.id, "what": task.what, "who": owner_words(task.who, task.letter_no), "due": task.due,
            "first_due": task.first_due if task.first_due != task.due else None, "light": lights[task.id],
            "asked": task.id in asked, "target": task.target, "unit": task.unit, "done_count": task.done_count,
            "measure": measure_words(task.unit, task.target), "planned_fen": task.planned_fen,
            "kind": "" if task.owner_kind == "person" else _(OWNER_KINDS[task.owner_kind]), "matter": matter,
            "told": _told(task.owner_id, matter, who),
        }
        for task, matter in queries.tasks_by_id([one.id for one in shown])
    ]  # fmt: skip


def _told(owner_id: UUID | None, matter: Matter, who: Reader) -> bool:
    return may_read(matter, who) or (owner_id is not None and owner_id == who.id)


def _counts(lights: Any) -> list[tuple[str, int]]:
    """How many of each light, the urgent ones first; a light nobody has is left out."""
    found = Counter(one.colour for one in lights)
    order = (Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY)
    return [(str(colour), found[colour]) for colour in order if found[colour]]


def _kinds() -> list[tuple[str, str]]:
    return [("", _("全部"))] + [(kind, _(label)) for kind, label in OWNER_KINDS.items()]


def _sieve_words(sieve: Sieve) -> str:
    said = [_("我办的") if sieve.mine else "", _(COLOUR_LABELS[Colour(sieve.colour)]) if sieve.colour else "",
            _(OWNER_KINDS[sieve.kind]) if sieve.kind else "", _("请延期的") if sieve.asked else ""]  # fmt: skip
    return listed(one for one in said if one)


DOORS: list[Door] = [
    Door("GET", "/desk/tasks", tasks, Permission.MATTER_READ),
    Door("GET", "/desk/tasks/paper", tasks_print, Permission.MATTER_READ),
    Door("GET", "/desk/tasks.xlsx", tasks_sheet, Permission.LEDGER_EXPORT),
    *PAGE_DOORS, *TIME_DOORS, *LOOK_DOORS, *EXIT_DOORS,
]  # fmt: skip
