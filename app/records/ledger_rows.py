"""Lines of the ledger: any number of matters with everything their columns show, in one statement.

A line is plain data, ready for a page, for paper or for a sheet. Names are masked here (张女士, domain.md section 2),
and what the reader may not read of a quarrel or of a child's matter is left out here, so no face can forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, and_, select

from app import clock
from app.flow.collect.rules import CATEGORIES
from app.flow.collect.rules import CHANNELS as CHANNEL_LABELS
from app.matter.ledger import Reader, clock_runs, is_child_s, light_of, may_read
from app.matter.ledger_filter import Wanted, page_of
from app.matter.lights import COLOUR_LABELS, Light
from app.matter.models import Matter
from app.matter.situation import LABELS, LEVEL_LABELS, TRIAGE_LABELS, Level, Stage, Triage
from app.matter.stages import STEPS, public_step
from app.matter.workdays import Calendar
from app.people.models import Account
from app.people.places import Building, Estate, Grid
from app.records import ledger_words as words
from app.records.ledger_columns import Column, facts_of
from app.records.ledger_facts import FACTS
from tenants.database import db

#: Says a message in the reader's language, with its values.
Say = Callable[..., str]
Cell = str | int | float | date | None
PAGE = 20
PAPER = 500


@dataclass(frozen=True)
class Line:
    """One line: ``cells`` by column; ``hidden`` says why a title is missing: child, parties or nothing.

    ``light`` is None where no clock runs any more; ``step`` is the public step, 1 to 7.
    """

    id: UUID
    cells: Mapping[str, Cell]
    hidden: str
    light: Light | None
    step: int
    stage: Stage
    collected_at: datetime

    @property
    def month(self) -> tuple[int, int]:
        """Year and month of the collecting in Asia/Shanghai."""
        there = clock.local(self.collected_at)
        return there.year, there.month


@dataclass(frozen=True)
class Page:
    """One page of the ledger."""

    lines: Sequence[Line]
    number: int
    total: int
    size: int = PAGE

    @property
    def pages(self) -> int:
        """At least one."""
        return max(1, -(-self.total // self.size))


_CORE = (
    Matter.id, Matter.number, Matter.title, Matter.kind, Matter.category, Matter.signers, Matter.stage,
    Matter.stage_since, Matter.suspended_from, Matter.triage, Matter.level, Matter.visibility, Matter.track,
    Matter.has_minor, Matter.channel, Matter.point, Matter.place, Matter.unit, Matter.collected_at, Matter.accepted_at,
    Matter.due_at, Matter.closed_at, Matter.reworks, Matter.round, Matter.is_secretary_project, Matter.escalated,
    Matter.rating_count, Matter.rating_satisfied, Matter.owner_id,
)  # fmt: skip


def lines_statement(page: CTE, facts: Iterable[str], *more: Any) -> Select[Any]:
    """The matters of ``page`` (a CTE of their ids) with their places, their lead and the named facts."""
    found = [make().label(name) for fact in facts for name, make in FACTS[fact].items()]
    return (
        select(
            *_CORE, Account.display_name.label("lead"), Building.name.label("building"), Estate.name.label("estate"),
            Grid.name.label("grid"), *found, *more,
        )
        .join(page, page.c.id == Matter.id)
        .outerjoin(Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id))
        .outerjoin(Building, and_(Building.community_id == Matter.community_id, Building.id == Matter.building_id))
        .outerjoin(Estate, and_(Estate.community_id == Building.community_id, Estate.id == Building.estate_id))
        .outerjoin(Grid, and_(Grid.community_id == Building.community_id, Grid.id == Building.grid_id))
    )  # fmt: skip


def read_page(
    wanted: Wanted, reader: Reader, columns: Sequence[Column], *, now: datetime, calendar: Calendar, say: Say,
    size: int = PAGE, total: int | None = None,
) -> Page:  # fmt: skip
    """One page in one statement; a page beyond the last one shows the first in a second.

    ``total`` is for whoever has counted this very list already.
    """
    page, counted, order = page_of(wanted, reader, now, size=size, total=total)
    rows = db.session.execute(lines_statement(page, facts_of(columns), counted.label("total")).order_by(*order)).all()
    number = max(1, wanted.page)
    if not rows and number > 1:
        wanted = replace(wanted, page=1)
        return read_page(
            wanted, reader, columns, now=now, calendar=calendar, say=say, size=size, total=total
        )  # fmt: skip
    first = (number - 1) * size + 1
    lines = [
        line_of(row, reader, columns, now=now, calendar=calendar, say=say, seq=first + place)
        for place, row in enumerate(rows)
    ]
    return Page(lines, number, rows[0].total if rows else 0, size)


def line_of(
    row: Any, reader: Reader, columns: Iterable[Column], *, now: datetime, calendar: Calendar, say: Say, seq: int
) -> Line:
    """A row of :func:`lines_statement` as its reader may see it."""
    seen, stage = may_read(row, reader), Stage(row.stage)
    lamp = light_of(row, now, calendar) if clock_runs(row) else None
    step = public_step(stage, Stage(row.suspended_from) if row.suspended_from else None).number
    given = _Given(row, lamp, step, seq, say)
    cells = {column.key: MAKERS[column.key](given) if seen or not column.inner else None for column in columns}
    hidden = "" if seen else ("child" if is_child_s(row) else "parties")
    return Line(row.id, cells, hidden, lamp, step, stage, row.collected_at)


@dataclass(frozen=True)
class _Given:
    row: Any
    light: Light | None
    step: int
    seq: int
    say: Say


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def _iso_day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _sitting(given: _Given, name: str) -> Any:
    return (given.row.sitting or {}).get(name)


def _posting(given: _Given, name: str) -> date | None:
    return _iso_day((given.row.posting or {}).get(name))


def _word(labels: Mapping[Any, str], key: Any, given: _Given) -> str | None:
    return given.say(labels[key]) if key in labels else (str(key) if key else None)


def _sat(given: _Given) -> date | None:
    at = _sitting(given, "at")
    return _day(datetime.fromisoformat(at)) if at else None


def _archived(given: _Given) -> date | None:
    return _day(given.row.stage_since) if given.row.stage == str(Stage.ARCHIVED) else None


def _share(given: _Given) -> float | None:
    return given.row.rating_satisfied / given.row.rating_count if given.row.rating_count else None


def _stage(given: _Given) -> str:
    return f"{given.step} {given.say(STEPS[given.step - 1].label)} · {given.say(LABELS[Stage(given.row.stage)])}"


MAKERS: dict[str, Callable[[_Given], Cell]] = {
    "seq": lambda g: g.seq,
    "number": lambda g: g.row.number,
    "collected": lambda g: _day(g.row.collected_at),
    "channel": lambda g: _word(CHANNEL_LABELS, g.row.channel, g),
    "point": lambda g: g.row.point or None,
    "proposer": lambda g: words.proposer(g.row.said, g.row.kind, g.row.signers, g.say),
    "entered": lambda g: (g.row.said or {}).get("entered") or None,
    "grid": lambda g: g.row.grid,
    "estate": lambda g: g.row.estate,
    "building": lambda g: g.row.building or g.row.place or None,
    "unit": lambda g: g.row.unit,
    "title": lambda g: g.row.title,
    "category": lambda g: _word(CATEGORIES, g.row.category, g),
    "triage": lambda g: _word(TRIAGE_LABELS, Triage(g.row.triage) if g.row.triage else None, g),
    "level": lambda g: _word(LEVEL_LABELS, Level(g.row.level), g),
    "accepted": lambda g: _day(g.row.accepted_at),
    "sitting": _sat,
    "sitting_place": lambda g: _sitting(g, "place"),
    "expected": lambda g: _sitting(g, "base"),
    "present": lambda g: _sitting(g, "present"),
    "result": lambda g: words.result(g.row.vote, g.row.table_outcome, g.row.stage, g.say),
    "resolution": lambda g: g.row.resolution,
    "lead": lambda g: g.row.lead,
    "doers": lambda g: words.doers(g.row.promises, g.say),
    "promise": lambda g: words.promise(g.row.promises, g.say),
    "promised": lambda g: _iso_day(max((one["due"] for one in g.row.promises or ()), default=None)),
    "progress": lambda g: words.progress(g.row.progress, g.say),
    "stage": _stage,
    "clock": lambda g: _day(g.row.due_at),
    "light": lambda g: g.say(COLOUR_LABELS[g.light.colour]) if g.light else None,
    "orders": lambda g: g.row.orders or None,
    "closed": lambda g: _day(g.row.closed_at),
    "posted": lambda g: _posting(g, "starts"),
    "posted_until": lambda g: _posting(g, "ends"),
    "visited": lambda g: _day(g.row.visited),
    "raters": lambda g: g.row.rating_count or None,
    "satisfaction": _share,
    "evaluation": lambda g: g.row.evaluation,
    "archived": _archived,
    "note": lambda g: words.note(g.row, g.say),
}
