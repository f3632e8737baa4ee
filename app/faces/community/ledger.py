"""Doors of the ledger (议事台账): filtered, page by page, and on paper. What is asked for stays in the URL."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app import clock
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import as_uuid, page_number
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.flow.collect.rules import CATEGORIES
from app.matter import ledger as books
from app.matter.house import house
from app.matter.ledger import PAPER, TABS, Page, Row, Wanted
from app.matter.lights import COLOUR_LABELS, Colour
from app.matter.situation import LABELS, Kind, Stage, Triage
from app.matter.stages import STEPS, TRIAGE_LABELS
from app.people.permissions import Permission
from tenants.hosts import site_url

LONGEST = 60


def ledger() -> str:
    """The ledger on the screen."""
    now, calendar = clock.now(), house().calendar
    wanted, who = _wanted(), reader()
    lights = books.lights_of(books.clocks_of_open(who, now, calendar))
    counts = books.tab_counts(who, lights, _year_start(now))
    found = books.read_page(wanted, who, lights, now=now, calendar=calendar)
    return desk(
        "desk/ledger.html", "ledger", rows=[_line(row) for row in found.rows], found=found, wanted=wanted,
        tabs=_tabs(wanted, counts["tabs"]), counts=counts, options=_options(counts["owners"]),
        year=clock.local(now).year, url_of=lambda n: _url(wanted, page=n),
        print_url=_url(wanted, "community.ledger_print"), is_filtered=_is_filtered(wanted),
    )  # fmt: skip


def ledger_print() -> str:
    """The same list as a table for paper, at most 500 lines."""
    now, calendar = clock.now(), house().calendar
    wanted, who = _wanted(), reader()
    lights = books.lights_of(books.clocks_of_open(who, now, calendar))
    found: Page = books.read_page(wanted, who, lights, now=now, calendar=calendar, limit=PAPER)
    return page(
        "desk/ledger_print.html", rows=[_line(row) for row in found.rows], total=found.total, tab=_(TABS[wanted.tab]),
        printed=now,
    )  # fmt: skip


def _wanted() -> Wanted:
    """What the URL asks for; what makes no sense there counts as not asked for."""
    given = request.args
    tab, colour = given.get("tab", "open"), given.get("light", "")
    return Wanted(
        tab=tab if tab in TABS else "open", words=given.get("q", "").strip()[:LONGEST],
        stage=_known(given.get("stage"), Stage), step=_step(given.get("step")),
        triage=_known(given.get("triage"), Triage), category=_known(given.get("category"), CATEGORIES),
        owner=as_uuid(given.get("owner")), colour=colour if colour in set(Colour) else "",
        page=page_number(),
    )  # fmt: skip


def _known(value: str | None, among: Any) -> str:
    return value if value and value in set(among) else ""


def _step(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and 1 <= int(value) <= len(STEPS) else 0


def _url(wanted: Wanted, endpoint: str = "community.ledger", **more: Any) -> str:
    asked = {
        "tab": wanted.tab, "q": wanted.words, "stage": wanted.stage, "step": wanted.step, "triage": wanted.triage,
        "category": wanted.category, "owner": wanted.owner, "light": wanted.colour,
    } | more  # fmt: skip
    return site_url(endpoint, **{name: value for name, value in asked.items() if value})


def _is_filtered(wanted: Wanted) -> bool:
    return bool(
        wanted.words or wanted.stage or wanted.step or wanted.triage or wanted.category or wanted.owner or wanted.colour
    )


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": _(label), "count": counts[name], "url": _url(wanted, tab=name), "current": name == wanted.tab}
        for name, label in TABS.items()
    ]


def _options(owners: list[tuple[UUID, str]]) -> dict[str, list[tuple[str, str]]]:
    return {
        "category": [("", _("全部类别")), *((key, _(label)) for key, label in CATEGORIES.items())],
        "step": [("", _("全部七步")), *((str(step.number), f"{step.number} {_(step.label)}") for step in STEPS)],
        "stage": [("", _("全部")), *((str(stage), _(LABELS[stage])) for stage in Stage)],
        "triage": [("", _("全部")), *((str(way), _(label)) for way, label in TRIAGE_LABELS.items())],
        "light": [("", _("全部")), *((str(colour), _(label)) for colour, label in COLOUR_LABELS.items())],
        "owner": [("", _("全部")), *((str(key), name) for key, name in owners)],
    }


def _line(row: Row) -> dict[str, Any]:
    kinds = {Kind.JOINT: _("%(n)s 个签名联名", n=row.signers), Kind.ORGANISATION: _("单位提的")}
    category = CATEGORIES.get(row.category, row.category)
    return {
        "row": row, "title": row.title or hidden_title(row.is_child_s), "category": _(category) if category else "—",
        "said_by": kinds.get(Kind(row.kind), _("个人提的")),
        "step_label": _(STEPS[row.step - 1].label), "stage_label": _(LABELS[row.stage]),
        "triage": _(TRIAGE_LABELS[Triage(row.triage)]) if row.triage else "",
        "url": site_url("community.desk_matter", matter_id=row.id),
    }  # fmt: skip


def _year_start(now: datetime) -> datetime:
    return clock.at(date(clock.local(now).year, 1, 1), 0)


DOORS: list[Door] = [
    Door("GET", "/desk/matters", ledger, Permission.MATTER_READ),
    Door("GET", "/desk/matters/paper", ledger_print, Permission.MATTER_READ),
]
