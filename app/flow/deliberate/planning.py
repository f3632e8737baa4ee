"""Before people sit down: series, plan, agenda, register, notice, another day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.clock import local
from app.errors import Missing, Refused
from app.flow.deliberate import rules
from app.flow.deliberate.evidence import gathered
from app.flow.deliberate.models import AgendaItem, Attendance, Sitting, SittingSeries
from app.flow.deliberate.queries import STANDING, agenda_of, current_items, register_of
from app.flow.deliberate.rules import Quorum, SittingKind, SittingState
from app.flow.research.models import Option
from app.matter.actions import find_matter, move, next_number, record
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import minutes_number
from app.matter.situation import Stage, Track, Triage
from app.people.actor import Actor
from app.people.places import Venue
from app.people.queries import active_members
from app.people.roles import COMMUNITY_STAFF, OFFICE_STAFF, Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


@dataclass(frozen=True)
class Expected:
    """Somebody on the register. ``counts`` False: may speak, counts in neither N nor P (列席)."""

    name: str
    capacity: str = ""
    account_id: UUID | None = None
    counts: bool = True


def hold(sitting: Sitting) -> Sitting:
    """Lock the sitting's row until the commit and read it anew, so that two desks never act on two versions of it."""
    held = db.session.scalar(
        select(Sitting)
        .where(Sitting.community_id == current_community(), Sitting.id == sitting.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise Missing(N_("没有这个会。"))
    return held


def as_convener(by: Actor) -> Actor:
    """Secretary, staff and stewards may convene (S2: 支部书记、网格员、楼长、单元长)."""
    may = COMMUNITY_STAFF | {Role.BUILDING_STEWARD, Role.SYSTEM}
    return by.as_capacity(Role.CONVENER) if by.roles & may else by


def day_words(moment: datetime) -> str:
    """``6 月 5 日 14:30`` as it is read out."""
    at = local(moment)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M}"


def add_series(
    name: str, rrule: str, starts: str, venue_id: UUID | None = None, kind: str = "council", *, by: Actor, now: datetime
) -> SittingSeries:
    """Settle a regular sitting: ``FREQ=MONTHLY;BYMONTHDAY=5`` at ``14:30``. Refuses a rule nobody could keep."""
    if not name.strip():
        raise Refused(N_("例会要有个名字。"))
    try:
        rules.series_rule(rrule)
        rules.time_of_day(starts)
    except ValueError:
        raise Refused(N_("开会的日子写得不对，比如每月 5 日 14:30。")) from None
    taken = select(SittingSeries.id).where(
        SittingSeries.community_id == current_community(), SittingSeries.name == name.strip()
    )
    if db.session.scalar(taken):
        raise Refused(N_("已经有一个叫「%(name)s」的例会了。"), name=name.strip())
    series = SittingSeries(
        name=name.strip(), rrule=rrule, starts=starts, venue_id=venue_id, kind=str(SittingKind(kind))
    )
    db.session.add(series)
    db.session.flush()
    return series


def next_dates(series: SittingSeries, after: datetime, n: int = 3) -> list[datetime]:
    """The next ``n`` moments of the series strictly after ``after``, in Asia/Shanghai."""
    return rules.dates(series.rrule, series.starts, after, n)


def plan_sitting(
    *, kind: str, title: str, starts_at: datetime, place: str = "", matters: Iterable[Matter | UUID] = (),
    series: SittingSeries | None = None, venue_id: UUID | None = None, quorum_rule: str | None = None,
    expected: Sequence[Expected | str] | None = None, by: Actor, now: datetime, id: UUID | None = None,
) -> Sitting:  # fmt: skip
    """Put a sitting on paper with its agenda and its register; nothing moves until the notice.

    A council's register is its seats, ``expected`` are then guests without a vote; every other kind needs ``expected``.
    ``id`` makes a double click harmless: the second call returns the first call's sitting.
    """
    if id is not None and (found := db.session.get(Sitting, (current_community(), id))):
        return found
    wanted = SittingKind(kind)
    if not title.strip():
        raise Refused(N_("会要有个名字。"))
    if starts_at <= now:
        raise Refused(N_("开会时间要在后面，不能是已经过去的时间。"))
    own = house()
    year = local(starts_at).year
    sitting = Sitting(
        id=id or uuid7(), number=minutes_number(own.code, year, next_number("sitting", year)), kind=str(wanted),
        title=title.strip(), starts_at=starts_at, place=_place(place, venue_id), venue_id=venue_id,
        series_id=series.id if series else None, quorum_rule=str(_quorum(quorum_rule)), base=0, created_at=now,
    )  # fmt: skip
    db.session.add(sitting)
    db.session.flush()
    _write_register(sitting, wanted, expected, now)
    for matter in matters:
        add_to_agenda(sitting, matter, by=by, now=now)
    return sitting


def add_to_agenda(
    sitting: Sitting, matter: Matter | UUID, *, materials: str = "", by: Actor, now: datetime
) -> AgendaItem:
    """Put one more matter on the order of business while the notice is still to be given."""
    found = find_matter(matter) if isinstance(matter, UUID) else matter
    if found is None:
        raise Missing(N_("没有这件事。"))
    if sitting.state != SittingState.PLANNED:
        raise Refused(N_("公告已经发了，议程不能再加；另开一个会来议。"))
    _may_be_tabled(found, SittingKind(sitting.kind))
    items = agenda_of(sitting.id)
    if any(item.matter_id == found.id for item, _ in items):
        raise Refused(N_("「%(title)s」已经在议程上了。"), title=found.title)
    item = AgendaItem(
        sitting_id=sitting.id, matter_id=found.id, position=len(items) + 1, materials=materials, options=[]
    )
    db.session.add(item)
    db.session.flush()
    return item


def give_notice(sitting: Sitting, *, by: Actor, now: datetime) -> Sitting:
    """Announce the sitting: N is fixed, papers are laid out, each matter moves to ``scheduled`` with the day as due.

    Refuses a notice that comes too late (three days for the council, none for what is urgent). A matter that came back
    from a sitting without a quorum is announced anew.
    """
    sitting = hold(sitting)
    if sitting.state != SittingState.PLANNED:
        raise Refused(N_("公告已经发过了。"))
    items = agenda_of(sitting.id)
    if not items:
        raise Refused(N_("议程还是空的，先放一件要议的事。"))
    rules.may_notice(_days(sitting, [matter for _, matter in items]), now, sitting.starts_at).or_refuse()
    fix_base(sitting, now)
    sitting.state, sitting.noticed_at = str(SittingState.NOTICED), now
    papers = _papers([matter.id for _, matter in items])
    for item, matter in items:
        item.materials = item.materials or _materials(matter, papers.get(matter.id, ()))
    db.session.flush()
    for _, matter in items:
        _announce(sitting, matter, by, now)
    return sitting


def postpone(sitting: Sitting, starts_at: datetime, reason: str, *, by: Actor, now: datetime) -> Sitting:
    """Move a sitting to another time, with a fresh notice where one was given."""
    sitting = hold(sitting)
    if sitting.state not in (SittingState.PLANNED, SittingState.NOTICED):
        raise Refused(N_("会已经开了，不能再改期。"))
    items = agenda_of(sitting.id)
    if sitting.state == SittingState.NOTICED:
        if not reason.strip():
            raise Refused(N_("公告已经发了，改期要写明原因。"))
        rules.may_notice(_days(sitting, [matter for _, matter in items]), now, starts_at).or_refuse()
        sitting.noticed_at = now
    elif starts_at <= now:
        raise Refused(N_("开会时间要在后面，不能是已经过去的时间。"))
    sitting.starts_at = starts_at
    db.session.flush()
    for _, matter in items:
        if matter.stage == Stage.SCHEDULED and sitting.noticed_at:
            move(
                matter, "postpone", by=as_convener(by), now=now, evidence=gathered(matter), reason=reason,
                due_at=starts_at, words=f"改到 {day_words(starts_at)} 在{sitting.place}议。",
            )  # fmt: skip
    return sitting


def call_off(sitting: Sitting, reason: str, *, by: Actor, now: datetime) -> Sitting:
    """Drop a sitting that has not begun; its matters wait for the next notice."""
    sitting = hold(sitting)
    if sitting.state not in (SittingState.PLANNED, SittingState.NOTICED):
        raise Refused(N_("会已经开了，不能再取消。"))
    if not reason.strip():
        raise Refused(N_("取消要写明原因。"))
    announced = sitting.state == SittingState.NOTICED
    sitting.state = str(SittingState.CALLED_OFF)
    for item, matter in agenda_of(sitting.id):
        item.outcome = "called_off"
        if announced:
            record(matter, "sitting_called_off", by=by, now=now, reason=reason, words="会取消了，另行公告时间。")
    db.session.flush()
    return sitting


def fix_base(sitting: Sitting, now: datetime) -> None:
    """Settle N: a council's seats as they are held today, everybody else's register as it was written."""
    lines = register_of(sitting.id)
    if sitting.kind in rules.SEATED:
        members = {
            account.id: (account, seat) for account, seat in active_members(Role.COUNCIL_MEMBER, local(now).date())
        }
        known = {line.account_id for line in lines if line.account_id}
        for line in lines:
            line.counts = line.account_id in members
        new = [_seat_line(sitting, account, seat) for key, (account, seat) in members.items() if key not in known]
        db.session.add_all(new)
        lines = lines + new
    sitting.base = sum(line.counts for line in lines)
    if sitting.base == 0:
        raise Refused(N_("名单上一个人也没有，先写清楚请谁来。"))


def _write_register(
    sitting: Sitting, kind: SittingKind, expected: Sequence[Expected | str] | None, now: datetime
) -> None:
    lines: list[Attendance] = []
    if kind in rules.SEATED:
        members = active_members(Role.COUNCIL_MEMBER, local(now).date())
        if not members:
            raise Refused(N_("议事会还没有成员，先把席位安排好。"))
        lines = [_seat_line(sitting, account, seat) for account, seat in members]
    taken = {line.account_id for line in lines if line.account_id}
    for place, one in enumerate(expected or (), start=len(lines) + 1):
        guest = Expected(one) if isinstance(one, str) else one
        if not guest.name.strip() or (guest.account_id and guest.account_id in taken):
            continue
        lines.append(
            Attendance(
                sitting_id=sitting.id, account_id=guest.account_id, name=guest.name.strip(), capacity=guest.capacity,
                position=place, counts=guest.counts and kind not in rules.SEATED,
            )
        )  # fmt: skip
    db.session.add_all(lines)
    db.session.flush()


def _seat_line(sitting: Sitting, account: Any, membership: Any) -> Attendance:
    return Attendance(
        sitting_id=sitting.id, account_id=account.id, name=account.display_name, capacity=membership.title,
        position=membership.seat or 0, counts=True,
    )  # fmt: skip


def _quorum(given: str | None) -> Quorum:
    # The rule of the vote and the rule of the quorum share their fractions, so a caller may name either.
    names = {"council_majority": "half", "council_two_thirds": "two_thirds"}
    own = Quorum(house().settings.get("quorum") or Quorum.HALF)
    chosen = Quorum(names.get(given, given)) if given else own
    if own is Quorum.TWO_THIRDS and chosen is Quorum.HALF:
        raise Refused(N_("本社区定的是到会三分之二以上才算数，不能降低。"))
    return chosen


def _place(place: str, venue_id: UUID | None) -> str:
    if place.strip() or venue_id is None:
        if not place.strip():
            raise Refused(N_("在哪儿开要写明白。"))
        return place.strip()
    venue = db.session.scalar(select(Venue).where(Venue.community_id == current_community(), Venue.id == venue_id))
    if venue is None:
        raise Missing(N_("没有这个议事点。"))
    return venue.name


def _may_be_tabled(matter: Matter, kind: SittingKind) -> None:
    on_the_spot = matter.stage == Stage.ACCEPTED and (
        matter.triage in (Triage.MINOR, Triage.URGENT) or matter.track == Track.MEDIATION
    )
    announced = matter.stage in (Stage.TOPIC_CONFIRMED, Stage.SURVEYING, Stage.SCHEDULED)
    if not announced and not (on_the_spot and kind not in rules.ANNOUNCED):
        raise Refused(N_("「%(title)s」现在还不能上会，先立题、调查清楚。"), title=matter.title)
    standing = db.session.execute(
        current_items().where(AgendaItem.matter_id == matter.id, Sitting.state.in_(STANDING)).limit(1)
    ).first()
    if standing:
        raise Refused(N_("「%(title)s」已经排进了%(sitting)s。"), title=matter.title, sitting=standing[1].title)


def _days(sitting: Sitting, matters: Iterable[Matter]) -> int:
    triages = [Triage(matter.triage) if matter.triage else None for matter in matters]
    return rules.notice_days(SittingKind(sitting.kind), triages, house().settings.get("notice_days"))


def _announce(sitting: Sitting, matter: Matter, by: Actor, now: datetime) -> None:
    words = f"定在 {day_words(sitting.starts_at)}，到{sitting.place}一起议。"
    if matter.stage == Stage.ACCEPTED:
        record(matter, "sitting_planned", by=by, now=now, words=words)
    elif matter.stage == Stage.SCHEDULED:
        move(
            matter, "postpone", by=as_convener(by), now=now, evidence=gathered(matter), due_at=sitting.starts_at,
            reason="重新发了公告", words=words,
        )  # fmt: skip
    else:
        move(matter, "schedule", by=by, now=now, evidence=gathered(matter), due_at=sitting.starts_at, words=words)


def _papers(matter_ids: list[UUID]) -> Mapping[UUID, list[Option]]:
    found: dict[UUID, list[Option]] = {}
    for option in db.session.scalars(
        select(Option)
        .where(
            Option.community_id == current_community(), Option.matter_id.in_(matter_ids), Option.dropped_at.is_(None)
        )
        .order_by(Option.label)
    ):
        found.setdefault(option.matter_id, []).append(option)
    return found


def _materials(matter: Matter, options: Iterable[Option]) -> str:
    """What people read before they come: the question and the ways to do it."""
    lines = [matter.question or matter.title]
    lines += [f"{o.label} {o.words}（{o.payer}出，{o.cost_fen // 100} 元）" for o in options]
    return "\n".join(lines)


def staff_may_type(by: Actor) -> bool:
    """The office types what the chair announces."""
    return bool(by.roles & (OFFICE_STAFF | {Role.SYSTEM}))
