"""Copies of the played histories for load work: the hall's own rows once more, with new ids, numbers and days.

What an expert or the street wrote stays with the original, because the hall's database role may not write it, and so
do pictures, whose files would have to be copied too.
"""

from __future__ import annotations

import hashlib
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import Flask
from sqlalchemy import Date, DateTime, Table, select, text

from app import clock
from app.faces.cli.demo.book import story_id
from app.faces.cli.demo.story import Story, inside, with_neighbours
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.resolve.models import Posting, Resolution
from app.matter import numbers
from app.matter.clocks import put_right
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES
from tenants.database import db, uuid7
from tenants.hosts import bases, find_site
from tenants.scope import current_community, current_street

DAY = 24 * 60
#: Finished copies are spread over half a year, open ones over the last hours, so that their clocks still run.
SPREAD_DAYS, SPREAD_MINUTES = 180, 600
VIA_SITTING = (
    "(select a.matter_id from agenda_item a where a.community_id = x.community_id and a.sitting_id = {} limit 1)"
)
VIA_BALLOT = "(select b.matter_id from ballot b where b.community_id = x.community_id and b.id = x.ballot_id)"
VIA_POLL = "(select p.matter_id from poll p where p.community_id = x.community_id and p.id = x.poll_id)"
#: Tables in the order in which their rows may be written, and how a row finds its matter.
TABLES: dict[str, str] = {
    "matter": "x.id", "sitting": VIA_SITTING.format("x.id"), "agenda_item": "x.matter_id",
    "attendance": VIA_SITTING.format("x.sitting_id"), "minutes_entry": VIA_SITTING.format("x.sitting_id"),
    "poll": "x.matter_id", "ballot": "x.matter_id", "ballot_roll": VIA_POLL, "vote": VIA_BALLOT, "stance": VIA_BALLOT,
    "box_paper": VIA_POLL, "ballot_stub": VIA_POLL, "hands_count": VIA_BALLOT, "resolution": "x.matter_id",
    "party_study": "x.matter_id", "ratification": "x.matter_id", "posting": "x.matter_id",
    "objection": "x.matter_id", "commitment": "x.matter_id",
    "progress_note": "x.matter_id", "verification": "x.matter_id", "proposal": "x.matter_id",
    "screening": "x.matter_id", "site_note": "x.matter_id", "option": "x.matter_id", "stakeholder": "x.matter_id",
    "canvass": "x.matter_id", "return_visit": "x.matter_id", "rating": "x.matter_id", "evaluation": "x.matter_id",
    "timeline": "x.matter_id",
}  # fmt: skip
PLAN = (
    "with p as (select * from unnest(cast(:matters as uuid[]), cast(:ns as bigint[]), cast(:minutes as bigint[])) "
    "as p(matter_id, n, minutes)), "
    "q as (select * from unnest(cast(:ids as uuid[]), cast(:qns as bigint[]), cast(:numbers as text[])) "
    "as q(id, n, number)) "
)


class Copy(NamedTuple):
    """One copy to be made: of which matter, the how-manieth, and how many minutes earlier it happened."""

    matter: UUID
    n: int
    minutes: int


def multiply(app: Flask, stories: Iterable[Story], scale: int) -> None:
    """Bring every story up to ``scale`` matters; each hall in one transaction, copies that stand are left alone."""
    halls: dict[str, list[UUID]] = {}
    for story in with_neighbours(stories):
        halls.setdefault(story.slug, []).append(story_id(story.name))
    for slug, matters in halls.items():
        with inside(find_site(app, bases(app)[0].rsplit(":", 1)[0], slug).scope):
            if plan := _plan(matters, scale):
                _copy(plan)
                # Moved by minutes, a clock may have come to another day, and to another number of working days.
                put_right()
                db.session.commit()


def copy_id(original: UUID, n: int) -> UUID:
    """The id of the ``n``-th copy of a row, as the statements below compute it."""
    return UUID(hashlib.md5(f"{original}:{n}".encode()).hexdigest())


def _plan(matters: Sequence[UUID], scale: int) -> list[Copy]:
    here = Matter.community_id == current_community()
    wanted = {copy_id(matter, n) for matter in matters for n in range(1, scale)}
    standing = set(db.session.scalars(select(Matter.id).where(here, Matter.id.in_(wanted))))
    stages = dict(db.session.execute(select(Matter.id, Matter.stage).where(here, Matter.id.in_(matters))).all())
    return [
        Copy(matter, n, _minutes(stages[matter], n))
        for matter in matters
        for n in range(1, scale)
        if copy_id(matter, n) not in standing
    ]


def _minutes(stage: str, n: int) -> int:
    is_open = stage in {str(one) for one in OPEN_STAGES}
    return 1 + n % SPREAD_MINUTES if is_open else DAY * (1 + n * 7 % SPREAD_DAYS)


def _copy(plan: list[Copy]) -> None:
    values = {
        "matters": [copy.matter for copy in plan], "ns": [copy.n for copy in plan],
        "minutes": [copy.minutes for copy in plan], "here": current_community(),
    }  # fmt: skip
    for name, way in TABLES.items():
        numbered = _numbered(name, plan)
        keys = {"ids": [k[0] for k in numbered], "qns": [k[1] for k in numbered], "numbers": [k[2] for k in numbered]}
        db.session.execute(text(_statement(db.metadata.tables[name], way)), values | keys)


def _statement(table: Table, way: str) -> str:
    columns = [column.name for column in table.columns]
    numbered = "join q on q.id = x.id and q.n = p.n " if "number" in columns else ""
    chosen = ", ".join(_expression(table, name) for name in columns)
    listed = ", ".join(f'"{name}"' for name in columns)
    return (
        f'{PLAN}insert into "{table.name}" ({listed}) select {chosen} from "{table.name}" x '
        f"join p on p.matter_id = {way} {numbered}where x.community_id = :here"
    )


def _expression(table: Table, name: str) -> str:
    keys = [key for key in table.foreign_key_constraints if len(key.columns) == 2]
    targets = {list(key.columns)[1].name: key.referred_table.name for key in keys}
    kind = table.columns[name].type
    if name == "id" or targets.get(name) in TABLES:
        return f"md5(x.{name}::text || ':' || p.n)::uuid"
    if name == "number":
        return "q.number"
    if name == "tracking_hmac":
        return "md5(x.tracking_hmac || ':' || p.n)"
    if name in ("scan_code", "code_hmac"):
        return "null"
    if name == "escalated":
        return "false"
    if isinstance(kind, DateTime):
        return f"x.{name} - p.minutes * interval '1 minute'"
    if isinstance(kind, Date):
        return f"x.{name} - (p.minutes / {DAY})::int"
    return f'x."{name}"'


def _numbered(name: str, plan: list[Copy]) -> list[tuple[UUID, int, str]]:
    """``(original row, copy, number)`` for the tables whose rows carry one, from the hall's own counters."""
    home = house()
    ways: dict[str, tuple[Any, Any, Callable[[int, int], str]]] = {
        "matter": (Matter, Matter.collected_at, lambda year, n: numbers.matter_number(home.code, year, n)),
        "sitting": (Sitting, Sitting.starts_at, lambda year, n: numbers.minutes_number(home.code, year, n)),
        "resolution": (Resolution, Resolution.made_at, lambda year, n: numbers.resolution_number(home.short, year, n)),
        "posting": (Posting, Posting.posted_at, lambda year, n: numbers.posting_number(home.short, year, n)),
    }  # fmt: skip
    if name not in ways:
        return []
    model, moment, say = ways[name]
    rows = _originals(model, moment, {copy.matter for copy in plan})
    found = [
        (row_id, copy.n, clock.local(when - timedelta(minutes=copy.minutes)).year)
        for copy in plan
        for row_id, when in rows.get(copy.matter, ())
    ]
    following = {year: _reserve(name, year, count) for year, count in Tally(year for *_, year in found).items()}
    numbered = []
    for row_id, n, year in found:
        numbered.append((row_id, n, say(year, following[year])))
        following[year] += 1
    return numbered


def _originals(model: Any, moment: Any, matters: set[UUID]) -> dict[UUID, list[tuple[UUID, datetime]]]:
    """The rows of each matter that carry a number, with the day their number belongs to."""
    key = model.id if model is Matter else (AgendaItem.matter_id if model is Sitting else model.matter_id)
    statement = select(key, model.id, moment).where(model.community_id == current_community(), key.in_(matters))
    if model is Sitting:
        statement = statement.join(
            AgendaItem, (AgendaItem.community_id == Sitting.community_id) & (AgendaItem.sitting_id == Sitting.id)
        )
    found: dict[UUID, list[tuple[UUID, datetime]]] = {}
    for matter, row_id, when in db.session.execute(statement.order_by(moment)):
        found.setdefault(matter, []).append((row_id, when))
    return found


def _reserve(series: str, year: int, count: int) -> int:
    """Take ``count`` numbers of a series at once and return the first."""
    last = db.session.execute(
        text(
            "insert into counter (community_id, street_id, id, series, year, value) "
            "values (:c, :s, :id, :series, :year, :count) on conflict (community_id, series, year) "
            "do update set value = counter.value + :count returning value"
        ),
        {
            "c": current_community(), "s": current_street(), "id": uuid7(), "series": series, "year": year,
            "count": count,
        },
    ).scalar_one()  # fmt: skip
    return int(last) - count + 1
