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
from app.matter.situation import Power, Stage, Track, Triage
from app.matter.workdays import local_day
from app.words import N_


class SittingKind(StrEnum):
    """What kind of sitting; the council and a hearing are announced days ahead, a bench sitting happens on the spot.

    Three are the bodies that ratify: the residents' representatives, all residents, the owners. At a report-back
    sitting (报告会) those who owe something say how it stands and answer what is asked; nothing is decided there.
    """

    COUNCIL = "council"
    HEARING = "hearing"
    TALK = "talk"
    JOINT = "joint"
    BENCH = "bench"
    REPS = "reps"
    RESIDENTS = "residents"
    OWNERS = "owners"
    REPORT = "report"


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
    WITHDRAWN = "withdrawn"


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
    SittingKind.REPS: N_("居民代表会议"),
    SittingKind.RESIDENTS: N_("居民会议"),
    SittingKind.OWNERS: N_("业主大会"),
    SittingKind.REPORT: N_("报告会"),
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
    Seat.WITHDRAWN: N_("不请了"),
}
QUORUM_LABELS: dict[Quorum, str] = {
    Quorum.HALF: N_("到会超过一半"),
    Quorum.TWO_THIRDS: N_("到会三分之二以上"),
}
#: Sittings of the standing council, whose register is its seats.
SEATED = frozenset({SittingKind.COUNCIL})
#: Sittings whose register is a list of seats, settled when the notice goes out.
LISTED = SEATED | {SittingKind.REPS}
#: The bodies a matter beyond the council's power is put to (section 2, ``ratifying``).
RATIFYING = frozenset({SittingKind.REPS, SittingKind.RESIDENTS, SittingKind.OWNERS})
#: Too many to list beforehand: N is a number, the register holds who came, and the vote is a poll with its own roll.
BY_NUMBER = frozenset({SittingKind.RESIDENTS, SittingKind.OWNERS})
#: Sittings at which people are told and ask, and nothing is decided: no quorum is owed, and whoever comes is welcome.
TELLING = frozenset({SittingKind.REPORT})
#: What is being carried out may be reported on; before that nothing is promised yet, after it all of it is done.
REPORTABLE = frozenset({Stage.IMPLEMENTING, Stage.SUSPENDED, Stage.VERIFYING})
#: Sittings that are announced days ahead, and whose rule says how many.
ANNOUNCED = SEATED | {SittingKind.HEARING} | RATIFYING
_NOTICE: Mapping[SittingKind, int] = {
    SittingKind.COUNCIL: NOTICE[Power.COUNCIL].amount,
    SittingKind.HEARING: NOTICE[Power.COUNCIL].amount,
    SittingKind.REPS: NOTICE[Power.RESIDENTS].amount,
    SittingKind.RESIDENTS: NOTICE[Power.RESIDENTS].amount,
    SittingKind.OWNERS: NOTICE[Power.OWNERS].amount,
}
#: Who sits down together at a joint sitting (多方联合议事: 中华大街, S2).
STANDINGS: tuple[str, ...] = (N_("物业"), N_("楼院长"), N_("业委会"), N_("当事人"), N_("邻居"))
#: How long after a bench sitting it may still be written down.
TOLD_WITHIN = timedelta(days=30)
LONGEST_BENCH = timedelta(hours=8)


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


def no_quorum(eligible: int, present: int) -> Condition:
    """Where nothing is decided everybody who came is enough."""
    values = {"eligible": eligible, "present": present, "needed": 0}
    return Condition(True, N_("报告会不作决定，到会 %(present)s 人"), values)


def notice_days(kind: SittingKind, triages: Iterable[Triage | None], own: int | None = None) -> int:
    """How many days ahead this sitting is announced: 3 for the council, 10 for residents (F1 §26), 15 for owners (F4).

    ``own`` is the council's own number where the hall set one; what a law says to the residents' and the owners'
    meeting is not the hall's to change. Nothing is owed where nothing can wait (四商量), but only by the council: one
    ordinary matter on the agenda is enough to owe the notice, because its people must be able to come.
    """
    if kind not in ANNOUNCED:
        return 0
    if kind in RATIFYING:
        return _NOTICE[kind]
    listed = list(triages)
    if listed and all(triage is Triage.URGENT for triage in listed):
        return 0
    return _NOTICE[kind] if own is None else own


def quorum_of(kind: SittingKind, own: Quorum, asked: Quorum | None = None) -> Quorum:
    """The quorum of a kind: representatives and owners two thirds (R4, R6), residents over half (R3), else the hall's.

    ``asked`` may be stricter than the hall's own rule; callers refuse what is laxer (:func:`may_ask_quorum`).
    """
    if kind in (SittingKind.REPS, SittingKind.OWNERS):
        return Quorum.TWO_THIRDS
    if kind is SittingKind.RESIDENTS:
        return Quorum.HALF
    return asked or own


def may_ask_quorum(kind: SittingKind, own: Quorum, asked: Quorum | None) -> Verdict:
    """A sitting may ask for more than its hall or its law does, never for less; a statutory one is not asked at all."""
    if asked is None or kind in RATIFYING or own is Quorum.HALF or asked is Quorum.TWO_THIRDS:
        return yes()
    return no(N_("本社区定的是到会三分之二以上才算数，不能降低。"))


def enough_reps(reps: int, members: int) -> Verdict:
    """A representatives' meeting is four fifths representatives or more (R4: ``5*R >= 4*N``)."""
    if 5 * reps >= 4 * members:
        return yes()
    return no(
        N_("代表会议里居民代表要占五分之四以上：一共 %(members)s 人，要有 %(needed)s 位代表，现在 %(reps)s 位。"),
        members=members, needed=at_least(4, 5, members), reps=reps,
    )  # fmt: skip


def may_be_tabled(kind: SittingKind, stage: Stage, triage: Triage | None, track: Track) -> bool:
    """Whether a matter in ``stage`` may lie on the table of a sitting of this kind.

    What is small, urgent or a quarrel may be talked over on the spot; what waits for ratification goes to the bodies
    that ratify, and stays where it is until they have voted.
    """
    if kind in TELLING:
        return stage in REPORTABLE
    if stage is Stage.RATIFYING:
        return kind in RATIFYING
    if stage in (Stage.TOPIC_CONFIRMED, Stage.SURVEYING, Stage.SCHEDULED):
        return True
    at_once = triage in (Triage.MINOR, Triage.URGENT) or track is Track.MEDIATION
    return stage is Stage.ACCEPTED and at_once and kind not in ANNOUNCED


def may_invite(state: SittingState, kind: SittingKind, *, counts: bool) -> Verdict:
    """Anybody may be put on the register before the notice, observers also after it; who counts is settled by then.

    A meeting that is counted by number writes down whoever comes, until it is over.
    """
    if state in (SittingState.CLOSED, SittingState.CALLED_OFF):
        return no(N_("会已经散了，名单不能再改"))
    if not counts or state is SittingState.PLANNED or kind in BY_NUMBER | TELLING:
        return yes()
    return no(N_("公告发过了，应到的人就定了，再请的只能列席"))


def may_reply(state: SittingState) -> Verdict:
    """People say whether they come from the notice until the sitting begins; they may change their mind."""
    if state is SittingState.NOTICED:
        return yes()
    if state is SittingState.PLANNED:
        return no(N_("公告还没发，发了再回话"))
    return no(N_("这个会%(state)s，不用再回话了"), state=STATE_LABELS[state])


@dataclass(frozen=True)
class Replies:
    """What those who count said beforehand; ``danger``: 'lost' where even all others would not be enough."""

    coming: int
    not_coming: int
    silent: int
    needed: int

    @property
    def danger(self) -> str:
        """'lost', 'thin' (not enough said yes so far) or empty."""
        if self.coming + self.silent < self.needed:
            return "lost"
        return "thin" if self.coming < self.needed else ""

    @property
    def outlook(self) -> Condition:
        """The quorum as it looks before the day, in words."""
        if self.danger == "lost":
            return Condition(
                False, N_("没回话的都来也不够 %(needed)s 人，最多到 %(most)s 人"),
                {"needed": self.needed, "most": self.coming + self.silent},
            )  # fmt: skip
        if self.danger:
            return Condition(
                False, N_("说来的还差 %(n)s 人才够 %(needed)s 人，再问问没回话的"),
                {"needed": self.needed, "n": self.needed - self.coming},
            )  # fmt: skip
        if not self.needed:
            return Condition(True, N_("报告会不算够不够数，说来的 %(n)s 人"), {"n": self.coming})
        return Condition(True, N_("说来的已经够 %(needed)s 人了"), {"needed": self.needed})


def may_tell_afterwards(begun: datetime, ended: datetime, now: datetime, accepted: datetime | None) -> Verdict:
    """A bench sitting is written down after it was held, and it was held after the hall had taken the matter up."""
    if ended <= begun:
        return no(N_("散的时间要在开始以后"))
    if ended - begun > LONGEST_BENCH:
        return no(N_("板凳会开了 8 个小时以上？看看时间写得对不对"))
    if ended > now:
        return no(N_("还没散的会不能补记，散了再来记"))
    if now - begun > TOLD_WITHIN:
        return no(N_("过了 %(days)s 天的就不补了，请大家再坐下来说一次"), days=TOLD_WITHIN.days)
    if accepted is None or begun < accepted:
        return no(N_("这件事那时候还没受理，受理以后坐下来说的才算"))
    return yes()


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
    if Seat.WITHDRAWN in (old, new):
        return no(N_("名单上没有这个人"))
    if new is Seat.LEFT and old not in (Seat.PRESENT, Seat.LEFT):
        return no(N_("没到的人不能登记成中途走了"))
    if new is Seat.LEFT and state is not SittingState.OPEN:
        return no(N_("会还没开，不能登记中途走了"))
    return yes()
