"""The lists of matters that a hall shows to everybody: by what is being done about them, and what moved last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import joinedload

from app.matter.models import Matter, TimelineEntry
from app.matter.situation import END_STAGES, Stage
from tenants.database import HERE, db

PAGE = 20
#: What a resident asks a list for: what is being talked over, what is being done, what is finished, what ended else.
GROUPS: dict[str, frozenset[Stage]] = {
    "talking": frozenset(
        {Stage.ACCEPTED, Stage.TOPIC_CONFIRMED, Stage.SURVEYING, Stage.SCHEDULED, Stage.DELIBERATING, Stage.VOTING,
         Stage.NOT_PASSED, Stage.DECIDED, Stage.RATIFYING}
    ),
    "doing": frozenset({Stage.PUBLICIZED, Stage.IMPLEMENTING, Stage.SUSPENDED, Stage.VERIFYING, Stage.REVIEWING}),
    "done": frozenset({Stage.CLOSED, Stage.ARCHIVED}),
    "ended": END_STAGES - {Stage.ARCHIVED},
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page of a list and how many there are in all."""

    rows: Sequence[Matter]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """At least one."""
        return max(1, -(-self.total // PAGE))


def _public() -> Select[tuple[Matter]]:
    """Taken up, or ended after it was looked at; what nobody has read yet is in no list, and no quarrel ever is."""
    return select(Matter).where(
        Matter.community_id == HERE, Matter.accepted_at.is_not(None), Matter.track == "ordinary"
    )


def _tells_of(word: str) -> ColumnElement[bool]:
    """Whether what the public may read of a matter holds ``word``; a title that is not shown is not searched either."""
    shown = and_(Matter.visibility == "public", Matter.track == "ordinary", Matter.hidden_at.is_(None))
    texts = (Matter.title, Matter.question, Matter.place)
    told = and_(shown, or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return or_(told, Matter.number.icontains(word, autoescape=True))


def public_page(group: str, number: int, words: str = "") -> Page:
    """One page of the hall's matters, the newest first. ``group`` is a key of ``GROUPS`` or empty for all.

    ``words`` are looked for as typed, word by word; two characters are enough.
    """
    # What is looked for is anybody's; the list itself is one of five, put together once.
    group = group if group in GROUPS else ""
    counted, listed = _page_of(group) if not words else _page_of.__wrapped__(group, tuple(words.split()))
    total = db.session.scalar(counted) or 0
    number = min(max(1, number), max(1, -(-total // PAGE)))
    rows = db.session.scalars(listed, {"skipped": (number - 1) * PAGE}).all()
    return Page(rows, number, total)


@cache
def _page_of(group: str, words: tuple[str, ...] = ()) -> tuple[Select[tuple[int]], Select[tuple[Matter]]]:
    """The count of a list and its rows from ``skipped`` on."""
    wanted = _public()
    if group in GROUPS:
        wanted = wanted.where(Matter.stage.in_([str(stage) for stage in GROUPS[group]]))
    for word in words:
        wanted = wanted.where(_tells_of(word))
    counted = select(func.count()).select_from(wanted.subquery())
    rows = (
        wanted.options(joinedload(Matter.building))
        .order_by(Matter.collected_at.desc(), Matter.number.desc())
        .limit(PAGE)
        .offset(bindparam("skipped", type_=BigInteger()))
    )
    return counted, rows


def moving(limit: int, each: int = 3) -> list[tuple[Matter, list[TimelineEntry]]]:
    """Open matters everybody may read with their newest public lines, what moved last first; in one statement."""
    found: dict[UUID, tuple[Matter, list[TimelineEntry]]] = {}
    for matter, line in db.session.execute(_moving(limit, each)):
        found.setdefault(matter.id, (matter, []))[1].extend([line] if line is not None else [])
    return list(found.values())


@cache
def _moving(limit: int, each: int) -> Select[tuple[Matter, TimelineEntry]]:
    # Both numbers stand in the statement itself: not knowing them, the planner would plan it anew for every page.
    stages = [str(stage) for stage in GROUPS["talking"] | GROUPS["doing"]]
    first = (
        select(Matter.id)
        .where(
            Matter.community_id == HERE, Matter.accepted_at.is_not(None), Matter.visibility == "public",
            Matter.track == "ordinary", Matter.hidden_at.is_(None), Matter.stage.in_(stages),
        )
        .order_by(Matter.stage_since.desc(), Matter.number.desc())
        .limit(literal_column(str(limit)))
        .subquery()
    )  # fmt: skip
    newest = (TimelineEntry.at.desc(), TimelineEntry.seq.desc())
    rank = func.row_number().over(partition_by=TimelineEntry.matter_id, order_by=newest)
    ranked = (
        select(TimelineEntry.id.label("line"), TimelineEntry.matter_id, rank.label("rank"))
        .where(
            TimelineEntry.community_id == HERE, TimelineEntry.matter_id.in_(select(first.c.id)),
            TimelineEntry.public, TimelineEntry.words != "",
        )
        .subquery()
    )  # fmt: skip
    shown = ranked.c.rank <= literal_column(str(each))
    return (
        select(Matter, TimelineEntry)
        .join(first, first.c.id == Matter.id)
        .outerjoin(ranked, and_(ranked.c.matter_id == Matter.id, shown))
        .outerjoin(
            TimelineEntry, and_(TimelineEntry.community_id == Matter.community_id, TimelineEntry.id == ranked.c.line)
        )
        .where(Matter.community_id == HERE)
        .order_by(Matter.stage_since.desc(), Matter.number.desc(), *newest)
    )
