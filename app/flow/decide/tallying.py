"""Counting one question: named votes by their lines, secret papers out of the opened box, hands as counted."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, func, insert, select

from app.errors import Refused
from app.flow.decide import casting
from app.flow.decide.casting import Mode, Papers
from app.flow.decide.choices import SPOILED, VOIDED
from app.flow.decide.counting import still_there
from app.flow.decide.holding import at_table
from app.flow.decide.models import Ballot, BoxPaper, HandsCount, Poll, RollEntry, Vote
from app.flow.decide.poll_results import TOGETHER, small, together
from app.words import N_
from tenants.binding import telling
from tenants.database import db
from tenants.scope import current_community, current_street


@dataclass
class Heap:
    """One question's ballots: ``{channel: {choice: n}}``, and the area in favour (0.01 square metre, named only)."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    yes_area_dm2: int = 0

    def add(self, channel: str, choice: str, n: int) -> None:
        """Lay ``n`` ballots down."""
        by_choice = self.counts.setdefault(channel, {})
        by_choice[choice] = by_choice.get(choice, 0) + n

    def sum(self, *channels: str) -> int:
        """Ballots that came by these channels, or by all."""
        return sum(sum(c.values()) for channel, c in self.counts.items() if not channels or channel in channels)

    def of(self, choice: str) -> int:
        """Ballots for one choice."""
        return sum(by_choice.get(choice, 0) for by_choice in self.counts.values())


@dataclass(frozen=True)
class Turnout:
    """Lines of the roll whose ballot is in, by channel, with their areas; and papers handed out."""

    online: int
    paper: int
    area_dm2: int
    papers_issued: int
    present_at_table: int | None


def turnout_at_count(poll: Poll, papers_issued: int) -> Turnout:
    """What the roll says of a poll that is being counted."""
    voted = RollEntry.channel != ""
    row = db.session.execute(
        select(
            func.count().filter(RollEntry.channel == "online"), func.count().filter(RollEntry.channel == "paper"),
            func.coalesce(func.sum(RollEntry.area_dm2).filter(voted), 0),
        ).where(RollEntry.community_id == current_community(), RollEntry.poll_id == poll.id, ~RollEntry.recused)
    ).one()  # fmt: skip
    here = still_there(poll.id) if at_table(poll) else None
    return Turnout(int(row[0]), int(row[1]), int(row[2]), papers_issued, here)


def heaps_of(poll: Poll, ballots: Iterable[Ballot]) -> dict[UUID, Heap]:
    """The ballots of every question. A secret box is opened first, once and for all."""
    if poll.mode == Mode.SECRET:
        open_box(poll.id)
    heaps = {ballot.id: Heap() for ballot in ballots}
    source = _secret(poll.id) if poll.mode == Mode.SECRET else _named(heaps)
    for ballot_id, channel, choice, n, area in source:
        heaps[ballot_id].add(channel, choice, n)
        if choice == "yes":
            heaps[ballot_id].yes_area_dm2 += area
    for row in _hands(heaps):
        for choice, n in row.counts.items():
            if n:
                heaps[row.ballot_id].add("hands", choice, n)
    return heaps


def open_box(poll_id: UUID) -> None:
    """Take every paper out of the sealed box and lay them down again in random order, with new random keys, opened.

    A transaction of its own. Done again after a crash it finds the opened papers and shuffles them once more. Where
    fewer than five came by one way, the ways are wiped off the papers.
    """
    table = BoxPaper.__table__
    mine = and_(table.c.community_id == current_community(), table.c.poll_id == poll_id)
    with telling(poll_id) as conn:
        papers = conn.execute(select(table.c.ballot_id, table.c.choice, table.c.channel).where(mine)).all()
        conn.execute(delete(table).where(mine))
        counts: dict[str, dict[str, int]] = {}
        first = papers[0].ballot_id if papers else None
        for paper in papers:
            if paper.ballot_id == first:
                by_choice = counts.setdefault(paper.channel, {})
                by_choice[paper.choice] = by_choice.get(paper.choice, 0) + 1
        wiped = small(counts)
        rows: list[dict[str, Any]] = [
            {
                "community_id": current_community(), "street_id": current_street(), "id": uuid4(), "poll_id": poll_id,
                "ballot_id": paper.ballot_id, "choice": paper.choice,
                "channel": TOGETHER if wiped else paper.channel, "opened": True,
            }
            for paper in papers
        ]  # fmt: skip
        random.SystemRandom().shuffle(rows)
        if rows:
            conn.execute(insert(table), rows)


def _secret(poll_id: UUID) -> Iterable[tuple[UUID, str, str, int, int]]:
    rows = db.session.execute(
        select(BoxPaper.ballot_id, BoxPaper.channel, BoxPaper.choice, func.count())
        .where(BoxPaper.community_id == current_community(), BoxPaper.poll_id == poll_id, BoxPaper.opened)
        .group_by(BoxPaper.ballot_id, BoxPaper.channel, BoxPaper.choice)
    )
    return [(ballot_id, channel, choice, int(n), 0) for ballot_id, channel, choice, n in rows]


def _named(heaps: dict[UUID, Heap]) -> Iterable[tuple[UUID, str, str, int, int]]:
    """Only the vote that came by the way under which the line is locked counts: one line, one ballot."""
    line = and_(
        RollEntry.community_id == Vote.community_id, RollEntry.id == Vote.voter_id, RollEntry.channel == Vote.channel
    )
    rows = db.session.execute(
        select(Vote.ballot_id, Vote.channel, Vote.choice, func.count(), func.sum(RollEntry.area_dm2))
        .join(RollEntry, line)
        .where(
            Vote.community_id == current_community(), Vote.ballot_id.in_(heaps), Vote.choice != VOIDED,
            ~RollEntry.recused,
        )
        .group_by(Vote.ballot_id, Vote.channel, Vote.choice)
    )  # fmt: skip
    return [(ballot_id, channel, choice, int(n), int(area)) for ballot_id, channel, choice, n, area in rows]


def _hands(heaps: dict[UUID, Heap]) -> Iterable[HandsCount]:
    return db.session.scalars(
        select(HandsCount).where(HandsCount.community_id == current_community(), HandsCount.ballot_id.in_(heaps))
    ).all()


def write_figures(poll: Poll, ballot: Ballot, heap: Heap, seen: Turnout, hands_present: int) -> None:
    """Put one question's figures on its row, after every sum was checked; raises ``Refused`` naming what is wrong.

    P at a table are those still there or who voted before they left. Everywhere else P are the ballots that came back,
    with everybody in the room where hands were counted: a silent hand works like a no (R3), a ballot that was never
    returned takes no part (R6, R11). An electronic ballot is issued when it is cast.
    """
    lines = seen.online + seen.paper
    if poll.mode == Mode.SECRET:
        _box_matches(heap, seen)
    if heap.sum("online") > seen.online or heap.sum("paper") > seen.paper:
        raise Refused(N_("「%(question)s」的票比投过票的人多，对不上，先查清楚。"), question=ballot.question)
    present = seen.present_at_table if seen.present_at_table is not None else lines + hands_present
    if lines + hands_present > max(present, 0) or present > ballot.eligible:
        raise Refused(
            N_("投过票的 %(lines)s 人，举手的 %(hands)s 人，比能投的 %(present)s 人多，对不上，再数一遍。"),
            lines=lines, hands=hands_present, present=min(present, ballot.eligible),
        )  # fmt: skip
    spoiled, returned = heap.of(SPOILED), heap.sum()
    plain = not ballot.options
    yes, no, abstain = (heap.of("yes") if plain else 0), (heap.of("no") if plain else 0), heap.of("abstain")
    issued = seen.online + max(seen.papers_issued, seen.paper) + hands_present
    casting.adds_up(
        Papers(
            issued=issued, returned=returned, out=issued - returned, valid=returned - spoiled, spoiled=spoiled, yes=yes,
            no=no, abstain=abstain, options=0 if plain else returned - spoiled - abstain,
        )
    ).or_refuse()  # fmt: skip
    ballot.yes, ballot.no, ballot.abstain, ballot.spoiled = yes, no, abstain, spoiled
    ballot.present, ballot.issued, ballot.returned = present, issued, returned
    if poll.mode == Mode.NAMED and ballot.eligible_area_dm2:
        ballot.present_area_dm2, ballot.yes_area_dm2 = seen.area_dm2, heap.yes_area_dm2
    hide = poll.mode == Mode.SECRET and small(heap.counts)
    ballot.counts = {TOGETHER: together(heap.counts)} if hide else heap.counts


def _box_matches(heap: Heap, seen: Turnout) -> None:
    lines, papers = seen.online + seen.paper, heap.sum()
    by_way = TOGETHER in heap.counts or (heap.sum("online"), heap.sum("paper")) == (seen.online, seen.paper)
    if papers != lines or not by_way:
        raise Refused(
            N_("名单上投过票的 %(lines)s 人，票箱里 %(papers)s 张，对不上，先查清楚再宣布。"),
            lines=lines,
            papers=papers,
        )
