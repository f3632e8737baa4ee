"""What somebody asks of the ledger, and how the asked-for page is found without reading the hall.

What a filter or an order looks at stands in one narrow index (``ix_matter_ledger``), what words are looked for in
another (``ix_matter_words``), so that a hall with ten years of matters answers as fast as a young one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)

from app.matter.ledger import OPEN, Reader, colour_case, has_clock
from app.matter.lights import Colour
from app.matter.models import Matter
from app.matter.situation import Level, Stage, Triage
from app.matter.stages import STEPS, public_step
from app.matter.workdays import start_of
from app.people.models import Account
from app.people.places import Building
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

TABS: dict[str, str] = {
    "open": N_("在办"),
    "mine": N_("我牵头"),
    "due": N_("临期和超期"),
    "elsewhere": N_("等外单位"),
    "done": N_("已办结"),
    "refused": N_("不予受理"),
    "all": N_("全部"),
}
DONE = [str(Stage.CLOSED), str(Stage.ARCHIVED), str(Stage.ANSWERED)]
_BY_DUE = ("open", "mine", "due", "elsewhere")
_STAGES_OF_STEP: dict[int, list[str]] = {
    step.number: [str(stage) for stage in Stage if public_step(stage).number == step.number] for step in STEPS
}


@dataclass(frozen=True)
class Wanted:
    """What a reader of the ledger asks for; every field but ``tab`` may be empty. ``step`` counts from 1.

    ``year`` and ``month`` are those of the collecting in Asia/Shanghai; ``sort`` is a key of :data:`SORTS`, ``down``
    turns it round.
    """

    tab: str = "open"
    words: str = ""
    year: int = 0
    month: int = 0
    stage: str = ""
    step: int = 0
    triage: str = ""
    category: str = ""
    level: str = ""
    channel: str = ""
    grid: UUID | None = None
    owner: UUID | None = None
    colour: str = ""
    sort: str = ""
    down: bool = False
    page: int = 1

    def as_dict(self) -> dict[str, Any]:
        """What is asked for as plain JSON, without what is empty and without the page."""
        found = {name: value for name, value in asdict(self).items() if value and name != "page"}
        return {name: str(value) if isinstance(value, UUID) else value for name, value in found.items()}

    @property
    def filters(self) -> dict[str, Any]:
        """Only what narrows the list within its tab."""
        return {name: value for name, value in self.as_dict().items() if name not in ("tab", "sort", "down")}

    @property
    def since(self) -> datetime | None:
        """The first moment of the asked-for year or month (UTC)."""
        return _start(self.year, self.month or 1) if self.year else None

    @property
    def before(self) -> datetime | None:
        """The first moment after it."""
        if not self.year:
            return None
        if not self.month or self.month == 12:
            return _start(self.year + 1, 1)
        return _start(self.year, self.month + 1)


NAMES = frozenset(one.name for one in fields(Wanted))


def _start(year: int, month: int) -> datetime:
    return start_of(date(year, month, 1))


def _rank(column: Any, values: Any) -> ColumnElement[int]:
    return case({str(value): place for place, value in enumerate(values)}, value=column, else_=99)


def _light_rank(now: datetime) -> ColumnElement[int]:
    order = (Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY)
    return case((has_clock(), _rank(colour_case(now), order)), else_=99)


_raters = func.nullif(Matter.rating_count, 0, type_=BigInteger)
#: Column of the ledger → what it is sorted by. Empty values come last either way.
SORTS: Mapping[str, Any] = {
    "number": lambda now: Matter.number,
    "collected": lambda now: Matter.collected_at,
    "channel": lambda now: Matter.channel,
    "category": lambda now: func.nullif(Matter.category, ""),
    "triage": lambda now: case((Matter.triage.is_not(None), _rank(Matter.triage, Triage))),
    "level": lambda now: _rank(Matter.level, Level),
    "accepted": lambda now: Matter.accepted_at,
    "stage": lambda now: _rank(Matter.stage, Stage),
    "lead": lambda now: Account.display_name,
    "clock": lambda now: Matter.due_at,
    "light": _light_rank,
    "closed": lambda now: Matter.closed_at,
    "satisfaction": lambda now: Matter.rating_satisfied * 1000 // _raters,
}


def conditions(wanted: Wanted, reader: Reader, now: datetime) -> list[ColumnElement[bool]]:
    """What a matter of the bound hall must satisfy to stand in the asked-for list."""
    found = [Matter.community_id == current_community(), *_in_tab(wanted.tab, reader, now)]
    equal = {
        Matter.stage: wanted.stage, Matter.triage: wanted.triage, Matter.category: wanted.category,
        Matter.level: wanted.level, Matter.channel: wanted.channel, Matter.owner_id: wanted.owner,
    }  # fmt: skip
    found += [column == value for column, value in equal.items() if value]
    if wanted.since and wanted.before:
        found.append(and_(Matter.collected_at >= wanted.since, Matter.collected_at < wanted.before))
    if wanted.step:
        found.append(Matter.stage.in_(_STAGES_OF_STEP.get(wanted.step, [])))
    if wanted.grid:
        there = select(Building.id).where(Building.community_id == current_community(), Building.grid_id == wanted.grid)
        found.append(Matter.building_id.in_(there))
    if wanted.colour:
        found += [has_clock(), colour_case(now) == wanted.colour]
    if wanted.words.strip():
        found.append(_speaks_of(wanted.words, reader))
    return found


def _in_tab(tab: str, reader: Reader, now: datetime) -> list[ColumnElement[bool]]:
    if tab == "mine":
        return [_carries(reader), has_clock()]
    if tab == "due":
        return [has_clock(), colour_case(now).in_((str(Colour.YELLOW), str(Colour.RED)))]
    if tab == "elsewhere":
        return [or_(and_(Matter.stage.in_(OPEN), _waits_elsewhere()), Matter.stage == str(Stage.REFERRED))]
    if tab == "done":
        return [Matter.stage.in_(DONE)]
    if tab == "refused":
        return [Matter.stage == str(Stage.NOT_ACCEPTED)]
    return [Matter.stage.in_(OPEN)] if tab == "open" else []


def _carries(reader: Reader) -> ColumnElement[bool]:
    # Nobody carries what has no lead; a comparison with nothing would say that everybody does.
    return Matter.owner_id == reader.id if reader.id else false()


def _waits_elsewhere() -> ColumnElement[bool]:
    return or_(Matter.escalated, Matter.level.in_((str(Level.STREET), str(Level.EXTERNAL))))


def like(words: str) -> str:
    """A LIKE pattern in which what people type has no special letters (escape is the backslash)."""
    tidy = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{tidy}%"


def _speaks_of(words: str, reader: Reader) -> ColumnElement[bool]:
    def shows(column: Any) -> ColumnElement[bool]:
        # Chinese and figures have no case; looking for them as they stand costs a third.
        if words.lower() == words.upper():
            return func.strpos(column, words.strip()) > 0
        return column.ilike(like(words), escape="\\")

    shut = and_(Matter.has_minor, Matter.visibility != "public")
    if reader.looked:
        shut = and_(shut, Matter.id.not_in(reader.looked))
    title = and_(shows(Matter.title), not_(shut))
    if not reader.is_office:
        # Finding a quarrel by a word of its title would tell what the title hides.
        open_one = and_(Matter.visibility == "public", Matter.track == "ordinary")
        title = and_(title, or_(open_one, _carries(reader)))
    named = select(Building.id).where(Building.community_id == current_community(), shows(Building.name))
    found = [title, shows(Matter.place), Matter.building_id.in_(named)]
    # A number is letters and figures, so words in Chinese cannot stand in one.
    return or_(*found, shows(Matter.number)) if words.isascii() else or_(*found)


def ordering(wanted: Wanted, now: datetime) -> list[tuple[Any, bool]]:
    """The keys of the order, each with whether it runs down; the newest first where nothing else is asked for."""
    newest: list[tuple[Any, bool]] = [(Matter.collected_at, True), (Matter.id, True)]
    if wanted.sort in SORTS:
        return [(SORTS[wanted.sort](now), wanted.down), *newest]
    return [(Matter.due_at, False), *newest] if wanted.tab in _BY_DUE else newest


def in_order(keys: list[tuple[Any, bool]], of: Any) -> list[ColumnElement[Any]]:
    """The ORDER BY over the columns ``k0``, ``k1`` … of a page of :func:`page_of`."""
    return _directed([(of.c[f"k{place}"], key, down) for place, (key, down) in enumerate(keys)])


def _directed(columns: list[tuple[Any, Any, bool]]) -> list[ColumnElement[Any]]:
    found = []
    for column, key, down in columns:
        turned = column.desc() if down else column.asc()
        # What is never empty keeps the plain order, because only that one can be read off an index backwards.
        found.append(turned if key is Matter.collected_at or key is Matter.id else turned.nulls_last())
    return found


def page_of(
    wanted: Wanted, reader: Reader, now: datetime, *, size: int, total: int | None = None
) -> tuple[CTE, Any, list[Any]]:
    """The ids of one page with their order, and how many rows there are in all, as parts of one statement.

    Whoever knows the ``total`` already (the count of an unfiltered tab) spares the statement from going on counting
    where a page is full.
    """
    keys = ordering(wanted, now)
    chosen = select(Matter.id, *(key.label(f"k{place}") for place, (key, _down) in enumerate(keys)))
    if wanted.sort == "lead":
        chosen = chosen.outerjoin(
            Account, and_(Account.community_id == Matter.community_id, Account.id == Matter.owner_id)
        )
    chosen, offset = chosen.where(*conditions(wanted, reader, now)), (max(1, wanted.page) - 1) * size
    if total is not None:
        ordered = chosen.order_by(*_directed([(key, key, down) for key, down in keys]))
        page = ordered.limit(size).offset(offset).cte("page")
        return page, literal(total), in_order(keys, page)
    found = chosen.cte("found")
    page = select(found).order_by(*in_order(keys, found)).limit(size).offset(offset).cte("page")
    return page, select(func.count()).select_from(found).scalar_subquery(), in_order(keys, page)


def batch_after(
    wanted: Wanted, reader: Reader, now: datetime, *, size: int, after: tuple[datetime, UUID] | None = None
) -> CTE:
    """The next ids in the order of collecting, after the last row of the batch before (keyset, never an offset)."""
    chosen = select(Matter.id, Matter.collected_at.label("k0")).where(*conditions(wanted, reader, now))
    if after is not None:
        chosen = chosen.where(tuple_(Matter.collected_at, Matter.id) > tuple_(*after))
    return chosen.order_by(Matter.collected_at, Matter.id).limit(size).cte("page")


def count_of(wanted: Wanted, reader: Reader, now: datetime) -> int:
    """How many matters are asked for."""
    return db.session.scalar(select(func.count()).select_from(Matter).where(*conditions(wanted, reader, now))) or 0


def open_counts(reader: Reader, now: datetime) -> Select[Any]:
    """One row of numbers about what is open: the tabs that look closer than the stage; from ``ix_matter_open``."""
    late = colour_case(now).in_((str(Colour.YELLOW), str(Colour.RED)))
    waits = and_(Matter.stage != str(Stage.REFERRED), _waits_elsewhere())
    return select(
        func.json_build_object(
            "due", func.count().filter(late),
            "mine", func.count().filter(_carries(reader)),
            "elsewhere", func.count().filter(waits),
        )
    ).where(Matter.community_id == current_community(), has_clock())  # fmt: skip


def stage_counts() -> Select[Any]:
    """How many matters stand in each stage, as one JSON object; read from the index alone."""
    stages = (
        select(Matter.stage, func.count().label("n"))
        .where(Matter.community_id == current_community())
        .group_by(Matter.stage)
        .subquery()
    )
    return select(func.json_object_agg(stages.c.stage, stages.c.n))


def tab_counts(stages: Mapping[str, int] | None, closer: Mapping[str, int]) -> dict[str, int]:
    """How many each tab holds."""
    found = stages or {}
    elsewhere = closer["elsewhere"] + found.get(str(Stage.REFERRED), 0)
    return {
        "open": sum(found.get(stage, 0) for stage in OPEN), "done": sum(found.get(stage, 0) for stage in DONE),
        "refused": found.get(str(Stage.NOT_ACCEPTED), 0), "all": sum(found.values()), "mine": closer["mine"],
        "due": closer["due"], "elsewhere": elsewhere,
    }  # fmt: skip
