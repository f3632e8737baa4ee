"""Who may speak, for how long, and who comes next; who may say at the door that they have come. Pure.

Source: domain.md section 3, speaking rules (after 罗伯特议事规则): one topic at a time, hand up, the chair gives the
floor, three minutes at most, twice a topic, opposite views alternate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.flow.deliberate.rules import Seat, SittingState
from app.matter.workdays import local_day
from app.words import N_

#: How long one turn is, and how many turns one person has on one topic.
SECONDS = 180
TURNS = 2


class View(StrEnum):
    """What somebody who asks to speak is going to say of the topic, where they say so."""

    NONE = ""
    FOR = "for"
    AGAINST = "against"


VIEW_LABELS: dict[View, str] = {View.FOR: N_("赞成"), View.AGAINST: N_("有不同意见")}
OPPOSITE = {View.FOR: View.AGAINST, View.AGAINST: View.FOR}


@dataclass(frozen=True)
class Hand:
    """One raised hand: who, and what view they announced."""

    who: object
    view: View = View.NONE


def ends_at(began_at: datetime) -> datetime:
    """When a turn is over; the timer counts down to this moment by the server's clock."""
    return began_at + timedelta(seconds=SECONDS)


def remaining(began_at: datetime, now: datetime) -> int:
    """Whole seconds left of a turn, never below nought and never above three minutes."""
    left = int((ends_at(began_at) - now).total_seconds())
    return min(SECONDS, max(0, left))


def may_raise(state: SittingState, seat: Seat, is_up: bool) -> Verdict:
    """A hand is raised by somebody who is in the room while the sitting is open."""
    if state is not SittingState.OPEN:
        return no(N_("会没在开，不用举手"))
    if seat is not Seat.PRESENT:
        return no(N_("到会登记上还没有这一位，先登记到会再举手"))
    if is_up:
        return no(N_("手已经举着了，等主持人请"))
    return yes()


def may_have_floor(turns_on_topic: int, reason: str = "") -> Verdict:
    """Twice a topic; a third time the chair lets somebody speak for a reason that is written down."""
    if turns_on_topic < TURNS or reason.strip():
        return yes()
    return no(N_("这件事上已经说过 %(n)s 回了，还要请他说，写一句为什么"), n=turns_on_topic)


def whose_turn(hands: Sequence[Hand], last: View) -> int | None:
    """The place of the hand to hint at: the first of the opposite view to the last speaker's, else the first raised."""
    if not hands:
        return None
    wanted = OPPOSITE.get(last)
    return next((place for place, hand in enumerate(hands) if wanted and hand.view is wanted), 0)


def may_check_in(state: SittingState, seat: Seat, now: datetime, starts_at: datetime) -> Verdict:
    """Somebody on the register says at the door, by the code there, that they have come: on the day, until the end."""
    if state is SittingState.PLANNED:
        return no(N_("这个会还没发公告，先不登记"))
    if state in (SittingState.CLOSED, SittingState.CALLED_OFF):
        return no(N_("会已经散了，到会登记不能再改"))
    if local_day(now) != local_day(starts_at):
        day = local_day(starts_at)
        return no(N_("开会是 %(month)s 月 %(day)s 日，到那天再扫"), month=day.month, day=day.day)
    if seat is Seat.PRESENT:
        return no(N_("已经登记过了，请坐"))
    return yes()


def may_come_or_go(at: datetime, now: datetime, opened_at: datetime | None, arrived_at: datetime | None) -> Verdict:
    """Whether somebody can have come late or left early at ``at``: not ahead of time, not before they had come."""
    if at > now + timedelta(minutes=1):
        return no(N_("这个时间还没到"))
    if arrived_at is not None and at < arrived_at:
        return no(N_("走的时间不能早过来的时间"))
    if opened_at is None or local_day(at) != local_day(opened_at):
        return no(N_("要写开会那天的时间"))
    return yes()
