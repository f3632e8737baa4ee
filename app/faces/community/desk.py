"""Doors of the hall's desk: today and the inbox; with them what is written down for somebody (``behalf``)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import request, session
from flask_babel import gettext as _

from app import clock
from app.faces.community.behalf import DOORS as BEHALF
from app.faces.community.inputs import page_number
from app.faces.community.menu import counts_of
from app.faces.community.reminder_lines import own_lines
from app.faces.community.sight import looked_today
from app.faces.community.street_notices import waiting_lines
from app.faces.community.unfinished import KINDS, unfinished
from app.faces.community.waiting import kinds_for, waiting_for
from app.faces.doors import Door
from app.faces.look import day, hour, link
from app.faces.pages import desk
from app.faces.visitor import Visitor, visitor
from app.flow.deliberate.queries import list_sittings
from app.flow.implement.extension_queries import asked_extensions
from app.flow.implement.queries import open_tasks
from app.flow.triage import queries
from app.flow.triage.work_list import KINDS as WORK
from app.matter.house import house
from app.matter.ledger import Clock, Reader, clocks_of_open, is_child_s, may_read
from app.matter.lights import COLOUR_LABELS, Colour, light
from app.matter.workdays import Calendar, end_of
from app.people.permissions import Permission
from app.people.roles import OFFICE_STAFF
from tenants.hosts import site_url

FIRST = 4
SHOWN = 8
PAGE = 20


def reader() -> Reader:
    """The person at the desk as a reader of lists."""
    me = visitor()
    return Reader(me.id if me else None, bool(me and me.roles & OFFICE_STAFF), looked_today())


def hidden_title(is_child_s: bool) -> str:
    """What a list says where it may not show a title."""
    return _("（未成年人的事）") if is_child_s else _("（只给当事人看）")


def today() -> str:
    """One sentence about today, then the work by urgency."""
    now, calendar = clock.now(), house().calendar
    me, who = visitor(), reader()
    clocks = clocks_of_open(who, now, calendar)
    waiting = waiting_for(kinds_for(me), who, now=now, calendar=calendar)
    planned = list_sittings(now, past=False, n=FIRST)
    sittings = [row for row in planned if _is_this_week(row["sitting"].starts_at, now)]
    tally = {colour: sum(c.light.colour is colour for c in clocks) for colour in Colour}
    return desk(
        "desk/today.html", "today", greeting=_greeting(now), tally=tally,
        new=sum(row["unanswered"] for row in waiting), owed=[row for row in waiting if not row["unanswered"]][:FIRST],
        waiting=[row for row in waiting if row["unanswered"]][:FIRST], screens=_screens(me), sittings=sittings,
        works=bool(kinds_for(me)), all_waiting=len(waiting),
        due=_due(clocks, now, calendar, who), drafts=[_draft(row) for row in unfinished(who)],
        first=_first_sitting(sittings), asking=_asking(me, who),
        urged=own_lines(me.id if me and counts_of(me.id)["today"] else None),
        street_news=waiting_lines(me.id if me else None),
    )  # fmt: skip


def _asking(me: Visitor | None, who: Reader) -> list[dict[str, Any]]:
    """Who asks for a later day, for those of the office who may answer; read only where somebody does."""
    if me is None or not me.can(Permission.RESOLUTION_WRITE) or not counts_of(me.id)["extensions"]:
        return []
    return [
        {
            "what": task.what if may_read(matter, who) else hidden_title(is_child_s(matter)), "number": matter.number,
            "by": asked.asked_label, "at": asked.asked_at, "due": task.due, "wanted": asked.due,
            "url": site_url("community.task", commitment_id=task.id),
        }
        for asked, task, matter in asked_extensions()
    ]  # fmt: skip


def inbox() -> str:
    """Everything that waits for the office, ordered by the clock; the filter stays until it is taken off."""
    now, calendar, kinds = clock.now(), house().calendar, kinds_for(visitor())
    chosen = _kept_filter(kinds)
    rows = waiting_for(kinds, reader(), now=now, calendar=calendar)
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in kinds}
    found = [
        row for row in rows
        if chosen["kind"] in ("", row["kind"]) and chosen["light"] in ("", str(row["light"].colour))
    ]  # fmt: skip
    pages = max(1, -(-len(found) // PAGE))
    number = min(page_number(), pages)
    return desk(
        "desk/inbox.html", "inbox", waiting=found[(number - 1) * PAGE : number * PAGE], total=len(found),
        all_total=len(rows), new=sum(row["unanswered"] for row in rows), number=number, pages=pages, chosen=chosen,
        counts=counts,
        kinds=[("", _("全部")), *((kind, f"{_(WORK[kind])} {counts[kind]}") for kind in kinds if counts[kind])],
        lights=[("", _("全部")), *((str(colour), _(label)) for colour, label in COLOUR_LABELS.items())],
        url_of=lambda n: site_url("community.inbox", page=n, **{key: value for key, value in chosen.items() if value}),
    )  # fmt: skip


def _kept_filter(kinds: list[str]) -> dict[str, str]:
    """What the reader last chose on this browser, until another choice; nothing of it reaches the database."""
    asked = {"kind": request.args.get("kind"), "light": request.args.get("light")}
    if any(value is not None for value in asked.values()):
        session["inbox"] = [asked["kind"] or "", asked["light"] or ""]
    kind, colour = session.get("inbox", ("", ""))
    return {"kind": kind if kind in kinds else "", "light": colour if colour in {str(c) for c in Colour} else ""}


def _screens(me: Visitor | None) -> bool:
    return me is not None and me.can(Permission.SCREENING_WRITE)


def _greeting(now: datetime) -> str:
    at = clock.local(now).hour
    if at < 11:
        return _("上午好")
    return _("中午好") if at < 14 else (_("下午好") if at < 18 else _("晚上好"))


def _is_this_week(starts: datetime, now: datetime) -> bool:
    first = clock.local(now).date()
    return first <= clock.local(starts).date() < first + timedelta(days=7)


def _first_sitting(sittings: list[dict[str, Any]]) -> str:
    if not sittings:
        return ""
    first = sittings[0]["sitting"]
    return _("%(when)s有「%(title)s」。", when=f"{day(first.starts_at)} {hour(first.starts_at)} ", title=first.title)


def _due(clocks: list[Clock], now: datetime, calendar: Calendar, who: Reader) -> list[dict[str, Any]]:
    """Matters and tasks together, late ones first, then by day."""
    found = [
        {
            "light": c.light,
            "due": c.due_at,
            "title": c.title or hidden_title(c.is_child_s),
            "text": c.owner or _("还没有责任人"),
            "url": site_url("community.desk_matter", matter_id=c.id),
        }
        for c in clocks
        if c.stage not in queries.UNANSWERED
    ]
    for task, matter in open_tasks(limit=SHOWN):
        lamp = light(task.created_at, end_of(task.due), now, calendar, suspended=matter.stage == "suspended")
        seen = may_read(matter, who)
        found.append(
            {
                "light": lamp,
                "due": end_of(task.due),
                "title": task.what if seen else hidden_title(is_child_s(matter)),
                "text": f"{matter.title} · {task.who}" if seen else matter.number,
                "url": site_url("community.desk_matter", matter_id=matter.id, tab="tasks"),
            }
        )
    order = {Colour.RED: 0, Colour.YELLOW: 1, Colour.GREEN: 2, Colour.GREY: 3}
    far = now + timedelta(days=3650)
    return sorted(found, key=lambda row: (order[row["light"].colour], row["due"] or far))[:SHOWN]


def _draft(row: dict[str, Any]) -> dict[str, Any]:
    icon, text, endpoints, name = KINDS[row["kind"]]
    return {"icon": icon, "title": row["title"], "text": _(text), "url": link(*endpoints, **{name: row["id"]})}


DOORS: list[Door] = [
    Door("GET", "/desk", today, Permission.MATTER_READ),
    Door("GET", "/desk/inbox", inbox, Permission.SCREENING_WRITE),
    *BEHALF,
]
