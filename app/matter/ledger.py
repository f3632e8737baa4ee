"""Reading the ledger (议事台账): the clocks of all open matters, one page of rows, counts for tabs and menu.

A light counts working days, which SQL does not know; so the clocks of what is open are read in one statement and
judged here, and a page of rows is fetched by its filters or by the ids the light allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, not_, or_, select

from app.matter.lights import Colour, Light, light
from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES, Stage
from app.matter.stages import STEPS, public_step
from app.matter.workdays import Calendar
from app.people.models import Account
from app.people.places import Building, Estate
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
PAPER = 500
TABS: dict[str, str] = {
    "open": N_("在办"),
    "mine": N_("我牵头"),
    "due": N_("临期和超期"),
    "elsewhere": N_("等外单位"),
    "done": N_("已办结"),
    "refused": N_("不予受理"),
    "all": N_("全部"),
}
_OPEN = [str(stage) for stage in OPEN_STAGES]
_STAGES_OF_STEP: dict[int, list[str]] = {
    step.number: [str(stage) for stage in Stage if public_step(stage).number == step.number] for step in STEPS
}


@dataclass(frozen=True)
class Wanted:
    """What a reader of the ledger asks for; every field but ``tab`` may be empty. ``step`` counts from 1."""

    tab: str = "open"
    words: str = ""
    stage: str = ""
    step: int = 0
    triage: str = ""
    category: str = ""
    owner: UUID | None = None
    colour: str = ""
    page: int = 1


@dataclass(frozen=True)
class Reader:
    """Who reads: an office worker sees every title, anybody else not those of quarrels they do not carry.

    ``looked`` are the children's matters for which this person wrote down a reason today.
    """

    id: UUID | None
    is_office: bool
    looked: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Row:
    """One line of the ledger as plain data; ``title`` is empty where the reader may not see it."""

    id: UUID
    number: str
    title: str
    category: str
    kind: str
    signers: int
    stage: Stage
    step: int
    came_from: Stage | None
    triage: str
    owner: str
    place: str
    collected_at: datetime
    due_at: datetime | None
    light: Light
    is_child_s: bool = False


@dataclass(frozen=True)
class Page:
    """One page of the ledger."""

    rows: Sequence[Row]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """At least one."""
        return max(1, -(-self.total // PAGE))


def light_of(matter: Any, now: datetime, calendar: Calendar) -> Light:
    """The light of a matter or of a row with its ``stage``, ``stage_since`` and ``due_at``.

    A late receipt of a referral is not the hall's delay and never turns red (domain.md section 2).
    """
    stage = Stage(matter.stage)
    return light(
        matter.stage_since, matter.due_at, now, calendar, suspended=stage is Stage.SUSPENDED,
        soft=stage is Stage.REFERRED,
    )  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """One open matter as the traffic lights show it."""

    id: UUID
    number: str
    title: str
    stage: Stage
    owner: str
    due_at: datetime | None
    light: Light
    is_child_s: bool = False


def clocks_of_open(reader: Reader, now: datetime, calendar: Calendar) -> list[Clock]:
    """Everything open in the bound hall, and referrals that still owe a receipt or a call, the earliest due first."""
    rows = db.session.execute(
        select(
            Matter.id, Matter.number, Matter.title, Matter.stage, Matter.stage_since, Matter.due_at, Matter.visibility,
            Matter.track, Matter.owner_id, Matter.has_minor, Account.display_name.label("owner"),
        )
        .outerjoin(Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id))
        .where(Matter.community_id == current_community(), _has_clock())
        .order_by(Matter.due_at.nulls_last(), Matter.number)
    ).all()  # fmt: skip
    return [
        Clock(
            row.id, row.number, row.title if may_read(row, reader) else "", Stage(row.stage), row.owner or "",
            row.due_at, light_of(row, now, calendar), is_child_s(row),
        )
        for row in rows
    ]  # fmt: skip


def lights_of(clocks: Sequence[Clock]) -> dict[UUID, Light]:
    """Light by matter."""
    return {clock.id: clock.light for clock in clocks}


def read_page(
    wanted: Wanted, reader: Reader, lights: Mapping[UUID, Light], *, now: datetime, calendar: Calendar,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """One page of rows in one statement; a page beyond the last one shows the last one in a second."""
    statement = _filtered(wanted, reader, lights)
    order = (Matter.due_at.nulls_last(), Matter.collected_at.desc(), Matter.number.desc())
    if wanted.tab in ("done", "refused", "all"):
        order = (Matter.collected_at.desc(), Matter.number.desc())
    number = max(1, wanted.page)
    rows = db.session.execute(statement.order_by(*order).limit(limit).offset((number - 1) * limit)).all()
    if not rows and number > 1:
        total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
        return read_page(replace(wanted, page=max(1, -(-total // limit))), reader, lights, now=now, calendar=calendar,
                         limit=limit) if total else Page([], 1, 0)  # fmt: skip
    found = [_row(row, reader, lights.get(row.Matter.id) or light_of(row.Matter, now, calendar)) for row in rows]
    return Page(found, number, rows[0].total if rows else 0)


def tab_counts(reader: Reader, lights: Mapping[UUID, Light], year_start: datetime) -> dict[str, Any]:
    """How many each tab holds, how many since ``year_start``, and who owns a matter here; one statement."""
    here = current_community()
    owners = (
        select(func.json_agg(func.json_build_array(Account.id, Account.display_name)))
        .where(
            Account.community_id == here,
            Account.id.in_(select(Matter.owner_id).where(Matter.community_id == here, Matter.owner_id.is_not(None))),
        )
        .scalar_subquery()
    )
    tabs = [name for name in TABS if name != "due"]
    counted = [func.count().filter(_in_tab(name, reader, lights)).label(name) for name in tabs]
    row = db.session.execute(
        select(*counted, func.count().filter(Matter.collected_at >= year_start).label("year"), owners.label("owners"))
        .where(Matter.community_id == here)
    ).one()  # fmt: skip
    due = sum(found.colour in (Colour.YELLOW, Colour.RED) for found in lights.values())
    counts = {name: due if name == "due" else getattr(row, name) for name in TABS}
    people = sorted(((UUID(key), name) for key, name in row.owners or []), key=lambda pair: pair[1])
    return {"tabs": counts, "year": row.year, "owners": people}


def _has_clock() -> Any:
    return or_(Matter.stage.in_(_OPEN), and_(Matter.stage == str(Stage.REFERRED), Matter.due_at.is_not(None)))


def _in_tab(tab: str, reader: Reader, lights: Mapping[UUID, Light]) -> Any:
    if tab == "mine":
        return and_(Matter.owner_id == reader.id, _has_clock())
    if tab == "due":
        late = [key for key, found in lights.items() if found.colour in (Colour.YELLOW, Colour.RED)]
        return Matter.id.in_(late)
    if tab == "elsewhere":
        waiting = or_(Matter.escalated, Matter.level.in_(("street", "external")))
        return or_(and_(Matter.stage.in_(_OPEN), waiting), Matter.stage == str(Stage.REFERRED))
    if tab == "done":
        return Matter.stage.in_((str(Stage.CLOSED), str(Stage.ARCHIVED), str(Stage.ANSWERED)))
    if tab == "refused":
        return Matter.stage == str(Stage.NOT_ACCEPTED)
    return Matter.stage.in_(_OPEN) if tab == "open" else Matter.number != ""


def _filtered(wanted: Wanted, reader: Reader, lights: Mapping[UUID, Light]) -> Select[Any]:
    statement = (
        select(
            Matter, Account.display_name.label("owner"), Building.name.label("building"), Estate.name.label("estate"),
            func.count().over().label("total"),
        )
        .outerjoin(Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id))
        .outerjoin(Building, and_(Building.community_id == Matter.community_id, Building.id == Matter.building_id))
        .outerjoin(Estate, and_(Estate.community_id == Matter.community_id, Estate.id == Building.estate_id))
        .where(Matter.community_id == current_community(), _in_tab(wanted.tab, reader, lights))
    )  # fmt: skip
    equal = {Matter.stage: wanted.stage, Matter.triage: wanted.triage, Matter.category: wanted.category}
    for column, value in equal.items():
        if value:
            statement = statement.where(column == value)
    if wanted.owner:
        statement = statement.where(Matter.owner_id == wanted.owner)
    if wanted.step:
        statement = statement.where(Matter.stage.in_(_STAGES_OF_STEP.get(wanted.step, [])))
    if wanted.colour:
        chosen = [key for key, found in lights.items() if found.colour == wanted.colour]
        statement = statement.where(Matter.id.in_(chosen))
    if wanted.words.strip():
        statement = statement.where(_speaks_of(wanted.words, reader))
    return statement


def _speaks_of(words: str, reader: Reader) -> Any:
    tidy = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{tidy}%"
    shut = and_(Matter.has_minor, Matter.visibility != "public", Matter.id.not_in(reader.looked))
    title = and_(Matter.title.ilike(pattern, escape="\\"), not_(shut))
    if not reader.is_office:
        # Finding a quarrel by a word of its title would tell what the title hides.
        open_one = and_(Matter.visibility == "public", Matter.track == "ordinary")
        title = and_(title, or_(open_one, Matter.owner_id == reader.id))
    place = or_(Matter.place.ilike(pattern, escape="\\"), Building.name.ilike(pattern, escape="\\"))
    return or_(title, Matter.number.ilike(pattern, escape="\\"), place)


def _row(row: Any, reader: Reader, found: Light) -> Row:
    matter: Matter = row.Matter
    stage = Stage(matter.stage)
    came_from = Stage(matter.suspended_from) if matter.suspended_from else None
    place = " ".join(part for part in (row.estate, row.building) if part) or matter.place
    return Row(
        id=matter.id, number=matter.number, title=matter.title if may_read(matter, reader) else "",
        category=matter.category, kind=matter.kind, signers=matter.signers, stage=stage,
        step=public_step(stage, came_from).number, came_from=came_from, triage=matter.triage or "",
        owner=row.owner or "", place=place, collected_at=matter.collected_at, due_at=matter.due_at, light=found,
        is_child_s=is_child_s(matter),
    )  # fmt: skip


def is_child_s(matter: Any) -> bool:
    """Whether a list says only that this is a child's matter (未成年人网络保护条例: opened for a logged reason)."""
    return bool(matter.has_minor) and matter.visibility != "public"


def may_read(matter: Any, reader: Reader) -> bool:
    """Whether a list shows this title to the reader (domain.md section 2, who sees what)."""
    if is_child_s(matter) and matter.id not in reader.looked:
        return False
    is_open = matter.visibility == "public" and matter.track == "ordinary"
    return is_open or reader.is_office or (reader.id is not None and matter.owner_id == reader.id)
