"""What a counted poll shows: its tally by channel, and the box that anybody may download and count again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from app.errors import Refused
from app.flow.decide import rules
from app.flow.decide.casting import may_show_breakdown
from app.flow.decide.models import CHANNELS, Ballot, Poll, RollEntry, Vote
from app.flow.decide.queries import option_labels, stances_of
from app.flow.decide.rules import Rule
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: Where the channels were laid together because one of them could be recognised.
TOGETHER = ""
_STANCES = {"agree": "agree", "oppose": "against", "unreached": "unreached"}


def tally_by_channel(ballot: Ballot) -> list[tuple[str, dict[str, int] | None, int]]:
    """``(channel, counts by choice, ballots in all)`` for every way in that was used.

    The counts are None in every row as soon as one way was used by fewer than five: what is missing could be reckoned
    from the rest. One way alone is the result itself.
    """
    counts = counts_of(ballot)
    if TOGETHER in counts:
        return [(channel, None, n) for channel, n in _lines_by_channel(ballot)]
    rows = [(channel, counts[channel], sum(counts[channel].values())) for channel in CHANNELS if channel in counts]
    if len(rows) > 1 and not all(may_show_breakdown(total) for _, _, total in rows):
        return [(channel, None, total) for channel, _, total in rows]
    return list(rows)


def counts_of(ballot: Ballot) -> dict[str, dict[str, int]]:
    """The stored counts; a show of hands or a vote of the table that kept only its sums has one channel."""
    if ballot.counts:
        return ballot.counts
    sums = {"yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain, "spoiled": ballot.spoiled}
    return {"hands" if ballot.mode == "hands" else "online": {choice: n for choice, n in sums.items() if n}}


def together(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    """Every channel in one heap."""
    heap: dict[str, int] = {}
    for by_choice in counts.values():
        for choice, n in by_choice.items():
            heap[choice] = heap.get(choice, 0) + n
    return heap


def small(counts: dict[str, dict[str, int]]) -> bool:
    """Whether one of several ways in was used by so few that they could be recognised."""
    totals = [n for by_choice in counts.values() if (n := sum(by_choice.values()))]
    return len(totals) > 1 and not all(may_show_breakdown(n) for n in totals)


def _lines_by_channel(ballot: Ballot) -> list[tuple[str, int]]:
    found = dict(
        db.session.execute(
            select(RollEntry.channel, func.count())
            .where(
                RollEntry.community_id == current_community(), RollEntry.poll_id == ballot.poll_id,
                RollEntry.channel != "",
            )
            .group_by(RollEntry.channel)
        ).all()
    )  # fmt: skip
    return [(channel, found[channel]) for channel in CHANNELS if channel in found]


def box_json(ballot: Ballot) -> dict[str, Any]:
    """The counted box in the format of :mod:`app.flow.decide.recount`, without a name, a moment or an order.

    Owners are laid together by choice, because an area tells whose paper it is; their heads and areas still add up.
    """
    if ballot.state != "closed":
        raise Refused(N_("还没计完票，票箱不能下载。"))
    poll = db.session.get(Poll, (current_community(), ballot.poll_id)) if ballot.poll_id else None
    body = poll.body if poll else "council"
    eligible = {"heads": ballot.eligible, "area_dm2": ballot.eligible_area_dm2, "reps": ballot.reps}
    box: dict[str, Any] = {
        "rule": ballot.rule, "question": ballot.question, "body": body,
        "quorum": "majority" if ballot.quorum == rules.Quorum.HALF else "two_thirds", "eligible": eligible,
        "issued": max(ballot.issued, ballot.returned), "present": ballot.present,
    }  # fmt: skip
    if ballot.rule == Rule.CONSENSUS:
        return box | _bench_box(ballot)
    if ballot.options:
        box["options"] = list(option_labels(ballot))
    if poll and poll.run_off_of:
        box |= {"run_off": True, "lot_announced": poll.lot_announced}
    box["ballots"] = _owners_box(ballot) if body == "owners" and ballot.mode == "named" else _heads_box(ballot)
    box["issued"] = max(box["issued"], sum(entry["heads"] for entry in box["ballots"]))
    return box


def _bench_box(ballot: Ballot) -> dict[str, Any]:
    entries = []
    for stance in stances_of(ballot.id):
        met = "conditional_met" if stance.condition_met else "conditional_open"
        said = met if stance.stance == "conditional" else _STANCES.get(stance.stance)
        if said:
            entries.append({"choice": said, "heads": 1, "area_dm2": 0, "channel": "hands"})
    entries.sort(key=lambda entry: str(entry["choice"]))
    n = len(entries)
    return {"ballots": entries, "issued": n, "present": n, "agreement": ballot.legal_effect == "agreement"}


def _heads_box(ballot: Ballot) -> list[dict[str, Any]]:
    counts = counts_of(ballot)
    if small(counts):
        counts = {TOGETHER: together(counts)}
    return [
        {"choice": choice, "heads": 1, "area_dm2": 0} | ({"channel": channel} if channel else {})
        for channel in (TOGETHER, *CHANNELS)
        for choice, n in sorted(counts.get(channel, {}).items())
        for _ in range(n)
    ]


def _owners_box(ballot: Ballot) -> list[dict[str, Any]]:
    line = and_(
        RollEntry.community_id == Vote.community_id, RollEntry.id == Vote.voter_id, RollEntry.channel == Vote.channel
    )
    rows = db.session.execute(
        select(Vote.choice, func.count(), func.sum(RollEntry.area_dm2))
        .join(RollEntry, line)
        .where(Vote.community_id == current_community(), Vote.ballot_id == ballot.id, Vote.choice != "voided")
        .group_by(Vote.choice)
        .order_by(Vote.choice)
    )
    return [{"choice": choice, "heads": int(n), "area_dm2": int(area)} for choice, n, area in rows]
