"""Who is asked to come: the register before the sitting, observers, who convenes, and what people answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.clock import local
from app.errors import Missing, NotAllowed, Refused
from app.flow.deliberate import rules
from app.flow.deliberate.ground import day_words, hold
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.queries import agenda_of, line_of, register_of
from app.flow.deliberate.rules import Seat, SittingKind, SittingState
from app.matter.actions import record
from app.people import conveners
from app.people.actor import Actor
from app.people.queries import active_members
from app.people.representatives import reps_today
from app.people.roles import Role
from app.people.seat_rules import REP_KINDS, STANDINGS
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

NAME, CAPACITY, WORDS = 40, 40, 500
MOST_LINES = 2_000
SUPERVISOR = N_("居务监督")


@dataclass(frozen=True)
class Expected:
    """Somebody on the register. ``counts`` False: may speak, counts in neither N nor P (列席)."""

    name: str
    capacity: str = ""
    account_id: UUID | None = None
    counts: bool = True


@dataclass(frozen=True)
class MayConvene:
    """One who may call a sitting: ``id`` is their line on the list, or their account where no list is kept yet."""

    id: UUID
    account_id: UUID | None
    name: str
    standing: str


def may_convene_today(today: date) -> list[MayConvene]:
    """The list of conveners, or until it is written whoever holds the standing; at most two statements."""
    listed = conveners.conveners_today(today)
    if listed:
        return [MayConvene(row.id, row.account_id, row.name, STANDINGS[row.standing]) for row in listed]
    return [
        MayConvene(who.account_id, who.account_id, who.name, STANDINGS[who.standing])
        for who in conveners.standing_members(today)
    ]


def settle_convener(chosen: UUID | None, by: Actor, now: datetime) -> tuple[UUID | None, str]:
    """Who convenes: account and name. Nobody chosen: whoever plans the sitting, where they may, else the committee."""
    today = local(now).date()
    able = may_convene_today(today)
    if chosen is None:
        own = next((who for who in able if by.id is not None and who.account_id == by.id), None)
        return (own.account_id, own.name) if own else (None, "")
    for who in able:
        if chosen in (who.id, who.account_id):
            return who.account_id, who.name
    raise Refused(conveners.NOT_LISTED)


def write_register(
    sitting: Sitting, kind: SittingKind, expected: Sequence[Expected | str] | None, now: datetime
) -> None:
    """The register as it stands when the sitting is planned: seats or representatives, then whoever else is asked."""
    today = local(now).date()
    lines: list[Attendance] = []
    if kind in rules.SEATED:
        members = active_members(Role.COUNCIL_MEMBER, today)
        if not members:
            raise Refused(N_("议事会还没有成员，先把席位安排好。"))
        lines = [_seat_line(sitting, account, seat) for account, seat in members]
    elif kind is SittingKind.REPS:
        lines = [_rep_line(sitting, rep, place) for place, rep in enumerate(reps_today(today), start=1)]
        if not lines:
            raise Refused(N_("居民代表名册还是空的，先把代表和居委会成员登记好。"))
    guests = [Expected(one) if isinstance(one, str) else one for one in expected or ()]
    lines += _guest_lines(sitting, kind, guests, lines)
    db.session.add_all(lines)
    db.session.flush()


def fix_base(sitting: Sitting, now: datetime) -> None:
    """Settle N (and R): seats and representatives as they are held today, everybody else's register as written.

    A meeting of all residents or owners is counted by number: N was written down when it was planned.
    """
    kind, lines = SittingKind(sitting.kind), register_of(sitting.id)
    if kind in rules.BY_NUMBER:
        if sitting.base == 0:
            raise Refused(N_("应到多少人（户）要先写上，到会够不够才算得出来。"))
        return
    if kind in rules.LISTED:
        lines = _seat_anew(sitting, kind, lines, local(now).date())
    sitting.base = sum(line.counts for line in lines)
    sitting.reps = sum(line.counts and line.is_rep for line in lines)
    if sitting.base == 0:
        raise Refused(N_("名单上一个人也没有，先写清楚请谁来。"))
    if kind is SittingKind.REPS:
        rules.enough_reps(sitting.reps, sitting.base).or_refuse()


def _seat_anew(sitting: Sitting, kind: SittingKind, lines: list[Attendance], today: date) -> list[Attendance]:
    if kind is SittingKind.REPS:
        fresh = [_rep_line(sitting, rep, place) for place, rep in enumerate(reps_today(today), start=1)]
    else:
        fresh = [_seat_line(sitting, account, seat) for account, seat in active_members(Role.COUNCIL_MEMBER, today)]
    wanted = {_who(line): line for line in fresh}
    for line in lines:
        now_held = wanted.pop(_who(line), None)
        line.counts = now_held is not None
        line.is_rep = now_held is not None and now_held.is_rep
    new = list(wanted.values())
    db.session.add_all(new)
    return lines + new


def _who(line: Attendance) -> Any:
    return line.account_id or (line.name, line.capacity)


def invite(sitting: Sitting, people: Iterable[Expected], *, by: Actor, now: datetime) -> list[Attendance]:
    """Put people on the register; whoever is on it already stays as they are. Returns the new lines.

    After the notice only observers (列席) join, except where a meeting is counted by number; they are told at once.
    """
    sitting = hold(sitting)
    kind, state = SittingKind(sitting.kind), SittingState(sitting.state)
    asked = list(people)
    if not asked:
        raise Refused(N_("请谁来，一人一行写下来。"))
    listed = [one for one in asked if one.counts and kind not in rules.LISTED]
    rules.may_invite(state, kind, counts=bool(listed)).or_refuse()
    lines = register_of(sitting.id)
    new = _guest_lines(sitting, kind, asked, lines)
    if len(lines) + len(new) > MOST_LINES:
        raise Refused(N_("名单最多 %(most)s 人。"), most=MOST_LINES)
    told = state is SittingState.NOTICED and kind not in rules.BY_NUMBER
    for line in new:
        line.invited_at = now if told else None
    db.session.add_all(new)
    db.session.flush()
    if told and new:
        _tell(sitting, new, by, now)
    return new


def _tell(sitting: Sitting, lines: Sequence[Attendance], by: Actor, now: datetime) -> None:
    items = agenda_of(sitting.id)
    if items:
        record(
            items[0][1], "invite_more", by=by, now=now, public=False, words=f"又请了 {len(lines)} 位列席。",
            data={"sitting": str(sitting.id), "lines": [str(line.id) for line in lines],
                  "invitation": f"请您列席：{day_words(sitting.starts_at)}，到{sitting.place}，「{sitting.title}」。"},
        )  # fmt: skip


def disinvite(sitting: Sitting, line_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take somebody off the register before the notice; a seat of a standing body is not taken off here."""
    sitting = hold(sitting)
    line = find_line(sitting.id, line_id)
    if sitting.state != SittingState.PLANNED:
        raise Refused(N_("公告已经发了，名单不能再减；不来的，记「不来」。"))
    if line.counts and sitting.kind in rules.LISTED:
        raise Refused(N_("%(name)s 是成员，不能从名单上拿掉；不来的请假。"), name=line.name)
    # The account is free again, so that the same person can be asked once more.
    line.state, line.counts, line.account_id = str(Seat.WITHDRAWN), False, None
    db.session.flush()


def observe(sitting: Sitting, *, by: Actor, now: datetime) -> Attendance:
    """The affairs supervisor (居务监督) may sit in any meeting (F1 §36): on the register, without a vote."""
    if Role.AFFAIRS_SUPERVISOR not in by.roles or by.id is None:
        raise NotAllowed(N_("这一步是居务监督委员用的。"))
    sitting = hold(sitting)
    rules.may_invite(SittingState(sitting.state), SittingKind(sitting.kind), counts=False).or_refuse()
    known = line_of(sitting.id, by.id)
    if known is not None:
        return known
    line = Attendance(
        sitting_id=sitting.id, account_id=by.id, name=by.label, capacity=SUPERVISOR, counts=False, position=0,
        invited_at=sitting.noticed_at and now, reply="coming", replied_at=now,
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    return line


def reply(
    line: Attendance, sitting: Sitting, *, coming: bool, words: str = "", said_by: str = "", by: Actor, now: datetime
) -> Attendance:
    """What somebody invited answers: on their own page, or told to the staff (``said_by`` names who said it)."""
    sitting = hold(sitting)
    rules.may_reply(SittingState(sitting.state)).or_refuse()
    words, said_by = words.strip(), said_by.strip()
    own = by.id is not None and by.id == line.account_id
    if not own and not said_by:
        raise Refused(N_("谁回的话要写上，比如「本人电话里说的」。"))
    if len(words) > WORDS or len(said_by) > NAME:
        raise Refused(N_("写得太长了：原因 %(words)s 个字以内，谁说的 %(name)s 个字以内。"), words=WORDS, name=NAME)
    line.reply, line.reply_words, line.replied_at = "coming" if coming else "not_coming", words, now
    line.said_by, line.noted_by = ("", "") if own else (said_by, by.label)
    db.session.flush()
    return line


def excuse_decliners(sitting: Sitting, *, by: Actor, now: datetime) -> int:
    """Take up what was said beforehand: who is not coming and has not come is marked as excused. Returns how many."""
    sitting = hold(sitting)
    lines = [line for line in register_of(sitting.id) if line.reply == "not_coming" and line.state == Seat.EXPECTED]
    for line in lines:
        rules.may_mark(SittingState(sitting.state), Seat.EXPECTED, Seat.EXCUSED).or_refuse()
        line.state = str(Seat.EXCUSED)
    db.session.flush()
    return len(lines)


def find_line(sitting_id: UUID, line_id: UUID) -> Attendance:
    """One line of the register of this sitting; raises ``Missing``."""
    found = db.session.scalar(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting_id,
            Attendance.id == line_id,
        )
    )  # fmt: skip
    if found is None:
        raise Missing(N_("到会名单上没有这个人。"))
    return found


def replies_of(sitting: Sitting, register: Iterable[Attendance]) -> rules.Replies:
    """What those who count have answered, and how many have to come."""
    counted = [line for line in register if line.counts]
    coming = sum(line.reply == "coming" for line in counted)
    declined = sum(line.reply == "not_coming" for line in counted)
    needed = rules.quorum_needed(sitting.base or len(counted), rules.Quorum(sitting.quorum_rule))
    needed = 0 if sitting.kind in rules.TELLING else needed
    return rules.Replies(coming, declined, len(counted) - coming - declined, needed)


def _guest_lines(
    sitting: Sitting, kind: SittingKind, guests: Iterable[Expected], lines: Sequence[Attendance]
) -> list[Attendance]:
    accounts = {line.account_id for line in lines if line.account_id}
    names = {(line.name, line.capacity) for line in lines}
    found, place = [], max((line.position for line in lines), default=0)
    for guest in guests:
        name, capacity = guest.name.strip()[:NAME], guest.capacity.strip()[:CAPACITY]
        if not name or (guest.account_id and guest.account_id in accounts) or (name, capacity) in names:
            continue
        place += 1
        names.add((name, capacity))
        accounts |= {guest.account_id} if guest.account_id else set()
        found.append(
            Attendance(
                sitting_id=sitting.id, account_id=guest.account_id, name=name, capacity=capacity, position=place,
                counts=guest.counts and kind not in rules.LISTED,
            )
        )  # fmt: skip
    return found


def _seat_line(sitting: Sitting, account: Any, membership: Any) -> Attendance:
    return Attendance(
        sitting_id=sitting.id, account_id=account.id, name=account.display_name, capacity=membership.title,
        position=membership.seat or 0, counts=True, is_rep=False,
    )  # fmt: skip


def _rep_line(sitting: Sitting, rep: Any, place: int) -> Attendance:
    return Attendance(
        sitting_id=sitting.id, account_id=rep.account_id, name=rep.name, capacity=rep.area or REP_KINDS[rep.kind],
        position=place, counts=True, is_rep=rep.kind == "rep",
    )  # fmt: skip
