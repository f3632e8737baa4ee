"""When a sitting counts: notice, opening, quorum, the register. Pure.

Source: domain.md section 2 (``scheduled``, ``deliberating``) and section 3 (quorum is checked at the opening and at
each vote; a party to the matter drops out of N and P). The integers of the quorum stand here, because a sitting needs
them before any vote is called; :mod:`app.flow.decide.rules` counts with the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.deadlines import NOTICE
from app.matter.rhythm import dates as dates
from app.matter.rhythm import series_rule as series_rule
from app.matter.rhythm import time_of_day as time_of_day
from app.matter.situation import Power, Triage
from app.matter.workdays import local_day
from app.words import N_


class SittingKind(StrEnum):
    """What kind of sitting; the council and a hearing are announced days ahead, a bench sitting happens on the spot."""

    COUNCIL = "council"
    HEARING = "hearing"
    TALK = "talk"
    JOINT = "joint"
    BENCH = "bench"


class SittingState(StrEnum):
    PLANNED = "planned"
    NOTICED = "noticed"
    OPEN = "open"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


class Seat(StrEnum):
    """One line of the register."""

    EXPECTED = "expected"
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"
    LEFT = "left"


class Quorum(StrEnum):
    """How many must be there: more than half, or by a local charter two thirds and more (F23)."""

    HALF = "half"
    TWO_THIRDS = "two_thirds"


KIND_LABELS: dict[SittingKind, str] = {
    SittingKind.COUNCIL: N_("议事会"),
    SittingKind.HEARING: N_("听证会"),
    SittingKind.TALK: N_("恳谈会"),
    SittingKind.JOINT: N_("多方联合议事"),
    SittingKind.BENCH: N_("板凳会"),
}
STATE_LABELS: dict[SittingState, str] = {
    SittingState.PLANNED: N_("还没发公告"),
    SittingState.NOTICED: N_("已发公告"),
    SittingState.OPEN: N_("正在开"),
    SittingState.CLOSED: N_("开完了"),
    SittingState.CALLED_OFF: N_("取消了"),
}
SEAT_LABELS: dict[Seat, str] = {
    Seat.EXPECTED: N_("还没到"),
    Seat.PRESENT: N_("到了"),
    Seat.EXCUSED: N_("请假"),
    Seat.ABSENT: N_("没来"),
    Seat.LEFT: N_("中途走了"),
}
QUORUM_LABELS: dict[Quorum, str] = {
    Quorum.HALF: N_("到会超过一半"),
    Quorum.TWO_THIRDS: N_("到会三分之二以上"),
}
#: Sittings of the standing council, whose register is its seats.
SEATED = frozenset({SittingKind.COUNCIL})
#: Sittings that are announced days ahead.
ANNOUNCED = frozenset({SittingKind.COUNCIL, SittingKind.HEARING})


@dataclass(frozen=True)
class Condition:
    """One condition in words with its numbers, for the page: ``reason % values`` after translation."""

    met: bool
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def strictly_over_half(base: int) -> int:
    """Return the least whole number that is more than half of ``base``."""
    return base // 2 + 1


def at_least(numerator: int, denominator: int, base: int) -> int:
    """Return the least whole number that is ``numerator/denominator`` of ``base`` or more."""
    return -(-numerator * base // denominator)


def quorum_needed(eligible: int, quorum: Quorum = Quorum.HALF) -> int:
    """Return how many must be there; with nobody eligible, more than can come."""
    if eligible == 0:
        return 1
    return strictly_over_half(eligible) if quorum is Quorum.HALF else at_least(2, 3, eligible)


def is_quorate(eligible: int, present: int, quorum: Quorum = Quorum.HALF) -> bool:
    """Ask at the opening and again at each vote; people who left are not present."""
    return present >= quorum_needed(eligible, quorum)


def quorum_condition(eligible: int, present: int, quorum: Quorum = Quorum.HALF) -> Condition:
    """Say in words whether enough people are there."""
    values = {"eligible": eligible, "present": present, "needed": quorum_needed(eligible, quorum)}
    met = is_quorate(eligible, present, quorum)
    if quorum is Quorum.HALF:
        return Condition(met, N_("应到 %(eligible)s 人，超过一半要 %(needed)s 人，到会 %(present)s 人"), values)
    return Condition(met, N_("应到 %(eligible)s 人，三分之二要 %(needed)s 人，到会 %(present)s 人"), values)


def notice_days(kind: SittingKind, triages: Iterable[Triage | None], own: int | None = None) -> int:
    """How many days ahead this sitting is announced: three for the council, none where nothing can wait (四商量).

    ``own`` is the hall's own number where it set one.

    One ordinary matter on the agenda is enough to owe the notice: its people must be able to come.
    """
    if kind not in ANNOUNCED:
        return 0
    listed = list(triages)
    if listed and all(triage is Triage.URGENT for triage in listed):
        return 0
    return NOTICE[Power.COUNCIL].amount if own is None else own


def may_notice(days: int, now: datetime, starts_at: datetime) -> Verdict:
    """Whether a notice given ``now`` is early enough; the reason names the first day that would be."""
    if starts_at <= now:
        return no(N_("开会时间已经过了，先改时间再发公告"))
    if (local_day(starts_at) - local_day(now)).days >= days:
        return yes()
    first = local_day(now) + timedelta(days=days)
    return no(
        N_("要提前 %(days)s 天发公告，今天发最早 %(month)s 月 %(day)s 日开"),
        days=days,
        month=first.month,
        day=first.day,
    )


def may_open(state: SittingState, now: datetime, starts_at: datetime) -> Verdict:
    """A sitting opens on its day, not before: whoever read the notice comes on that day."""
    if state not in (SittingState.PLANNED, SittingState.NOTICED):
        return no(N_("这个会%(state)s，不能再开"), state=STATE_LABELS[state])
    if local_day(now) < local_day(starts_at):
        day = local_day(starts_at)
        return no(N_("还没到开会的日子（%(month)s 月 %(day)s 日），要提前开请先改期"), month=day.month, day=day.day)
    return yes()


def may_mark(state: SittingState, old: Seat, new: Seat) -> Verdict:
    """Whether the register may still change from ``old`` to ``new``."""
    if state in (SittingState.CLOSED, SittingState.CALLED_OFF):
        return no(N_("会已经散了，到会登记不能再改"))
    if new is Seat.LEFT and old not in (Seat.PRESENT, Seat.LEFT):
        return no(N_("没到的人不能登记成中途走了"))
    if new is Seat.LEFT and state is not SittingState.OPEN:
        return no(N_("会还没开，不能登记中途走了"))
    return yes()
