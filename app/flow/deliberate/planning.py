"""Before people sit down: plan, notice, another day, another try. See :mod:`agenda`, :mod:`inviting`, :mod:`series`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.clock import local
from app.errors import Missing, Refused
from app.flow.deliberate import rules
from app.flow.deliberate.agenda import add_to_agenda as add_to_agenda
from app.flow.deliberate.evidence import gathered
from app.flow.deliberate.ground import as_convener as as_convener
from app.flow.deliberate.ground import day_words as day_words
from app.flow.deliberate.ground import hold as hold
from app.flow.deliberate.ground import staff_may_type as staff_may_type
from app.flow.deliberate.inviting import Expected as Expected
from app.flow.deliberate.inviting import fix_base as fix_base
from app.flow.deliberate.inviting import may_convene_today, settle_convener, write_register
from app.flow.deliberate.models import Sitting, SittingSeries
from app.flow.deliberate.queries import agenda_of, register_of
from app.flow.deliberate.rules import Quorum, SittingKind, SittingState
from app.flow.deliberate.series import add_series as add_series
from app.flow.deliberate.series import day_of_series
from app.flow.deliberate.series import next_dates as next_dates
from app.flow.research.models import Option
from app.flow.research.queries import standing_options
from app.matter.actions import move, next_number, record
from app.matter.house import house
from app.matter.models import Matter
from app.matter.numbers import minutes_number
from app.matter.situation import Stage, Triage
from app.people.actor import Actor
from app.people.places import Venue
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

MOST_EXPECTED = 100_000
NOT_PASSED = N_("开会时间要在后面，不能是已经过去的时间。")


def plan_sitting(
    *, kind: str, title: str, starts_at: datetime, place: str = "", matters: Iterable[Matter | UUID] = (),
    series: SittingSeries | None = None, series_on: date | None = None, venue_id: UUID | None = None,
    quorum_rule: str | None = None, expected: Sequence[Expected | str] | None = None, base: int = 0,
    estate_id: UUID | None = None, convener: UUID | None = None, follows: Sitting | None = None, by: Actor,
    now: datetime, id: UUID | None = None,
) -> Sitting:  # fmt: skip
    """Put a sitting on paper with its agenda and its register; nothing moves until the notice.

    A council's register is its seats, a representatives' meeting's the representatives; ``expected`` are then guests
    without a vote. A residents' or owners' meeting has ``base`` instead (and an owners' one its ``estate_id``); every
    other kind needs ``expected``. ``convener`` is a line of the list of conveners or an account. ``follows`` is the
    sitting that fell short of its quorum: this one keeps it. ``id`` makes a double click harmless.
    """
    if id is not None and (found := db.session.get(Sitting, (current_community(), id))):
        return found
    wanted = SittingKind(kind)
    if follows is not None:
        taken_over(follows)
        if follows.kind != wanted:
            raise Refused(N_("再次召集的还是同一种会，到会人数的规矩也不变。"))
    if starts_at <= now:
        raise Refused(NOT_PASSED)
    if not 0 <= base <= MOST_EXPECTED:
        raise Refused(N_("应到人数写得不对。"))
    if wanted is SittingKind.OWNERS and estate_id is None:
        raise Refused(N_("业主大会是哪个小区的，要选一个。"))
    asked = follows.quorum_rule if follows is not None else quorum_rule
    sitting = new_sitting(
        wanted, title, starts_at, place, venue_id, by=by, now=now, id=id, quorum_rule=str(_quorum(wanted, asked)),
        series_id=series.id if series else None, base=base if wanted in rules.BY_NUMBER else 0, estate_id=estate_id,
        follows_id=follows.id if follows else None,
        series_on=series_on or (day_of_series(series, starts_at) if series else None),
    )  # fmt: skip
    sitting.convener_id, sitting.convener_label = settle_convener(convener, by, now)
    write_register(sitting, wanted, expected, now)
    for matter in matters:
        add_to_agenda(sitting, matter, by=by, now=now)
    return sitting


def new_sitting(
    kind: SittingKind, title: str, starts_at: datetime, place: str, venue_id: UUID | None, *, by: Actor, now: datetime,
    id: UUID | None = None, **columns: Any,
) -> Sitting:  # fmt: skip
    """A numbered row, without agenda and register yet."""
    if not title.strip():
        raise Refused(N_("会要有个名字。"))
    year = local(starts_at).year
    sitting = Sitting(
        id=id or uuid7(), number=minutes_number(house().code, year, next_number("sitting", year)), kind=str(kind),
        title=title.strip(), starts_at=starts_at, place=_place(place, venue_id), venue_id=venue_id, created_at=now,
        **{"base": 0, **columns},
    )  # fmt: skip
    db.session.add(sitting)
    db.session.flush()
    return sitting


@dataclass(frozen=True)
class TakenOver:
    """What a sitting without its quorum hands on to the next one."""

    title: str
    matters: list[UUID]
    expected: list[Expected]


def taken_over(sitting: Sitting) -> TakenOver:
    """Agenda and guests of a sitting that fell short, for the next one; raises ``Refused`` for any other sitting."""
    if sitting.state != SittingState.CLOSED or sitting.quorate is not False:
        raise Refused(N_("人不够没开成的会，才再召集一次。"))
    waiting = [m.id for _, m in agenda_of(sitting.id) if m.stage in (Stage.SCHEDULED, Stage.RATIFYING)]
    if not waiting:
        raise Refused(N_("这个会上的事都已经另有着落了。"))
    listed = sitting.kind in rules.LISTED
    lines = [] if sitting.kind in rules.BY_NUMBER else register_of(sitting.id)
    again = [
        Expected(line.name, line.capacity, line.account_id, line.counts)
        for line in lines
        if not (line.counts and listed)
    ]
    return TakenOver(sitting.title, waiting, again)


def call_again(
    sitting: Sitting, starts_at: datetime, *, title: str = "", by: Actor, now: datetime, id: UUID | None = None
) -> Sitting:
    """Plan the second try: same kind, place, people, agenda and quorum (section 3: 二次会议门槛不降)."""
    found = taken_over(sitting)
    able = {who.account_id for who in may_convene_today(local(now).date())}
    convener = sitting.convener_id if sitting.convener_id in able else None
    return plan_sitting(
        kind=sitting.kind, title=title or again(found.title), starts_at=starts_at, place=sitting.place,
        matters=found.matters, venue_id=sitting.venue_id, expected=found.expected, base=sitting.base,
        estate_id=sitting.estate_id, convener=convener, follows=sitting, by=by, now=now, id=id,
    )  # fmt: skip


def again(title: str) -> str:
    return title if title.endswith("（再次召集）") else f"{title[:54]}（再次召集）"


def give_notice(sitting: Sitting, *, by: Actor, now: datetime) -> Sitting:
    """Announce the sitting: N is fixed, papers are laid out, each matter moves to ``scheduled`` with the day as due.

    Refuses a notice that comes too late (three days for the council, none for what is urgent). A matter that came back
    from a sitting without a quorum is announced anew; one that waits for ratification stays where it is.
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
    _ask_everybody(sitting, now)
    db.session.flush()
    told = _telling(sitting, [matter for _, matter in items], "请您来开会")
    for _, matter in items:
        _announce(sitting, matter, by, now, told.pop(0))
    return sitting


def postpone(sitting: Sitting, starts_at: datetime, reason: str, *, by: Actor, now: datetime) -> Sitting:
    """Move a sitting to another time, with a fresh notice where one was given; who said they come is asked anew."""
    sitting = hold(sitting)
    if sitting.state not in (SittingState.PLANNED, SittingState.NOTICED):
        raise Refused(N_("会已经开了，不能再改期。"))
    items = agenda_of(sitting.id)
    if sitting.state == SittingState.PLANNED:
        if starts_at <= now:
            raise Refused(NOT_PASSED)
        sitting.starts_at = starts_at
        db.session.flush()
        return sitting
    if not reason.strip():
        raise Refused(N_("公告已经发了，改期要写明原因。"))
    rules.may_notice(_days(sitting, [matter for _, matter in items]), now, starts_at).or_refuse()
    sitting.starts_at = starts_at
    sitting.noticed_at = now
    _changed(sitting, reason, now)
    _ask_everybody(sitting, now)
    db.session.flush()
    tells = sitting.kind in rules.TELLING
    words = f"改到 {day_words(starts_at)} 在{sitting.place}{'报告' if tells else '议'}。"
    told = _telling(sitting, [matter for _, matter in items], "会改期了")
    for _, matter in items:
        data = told.pop(0)
        if matter.stage == Stage.SCHEDULED and not tells:
            move(
                matter, "postpone", by=as_convener(by), now=now, evidence=gathered(matter), reason=reason,
                due_at=starts_at, words=words, data=data,
            )  # fmt: skip
        else:
            record(matter, "sitting_moved", by=by, now=now, reason=reason, words=words, data=data)
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
    _changed(sitting, reason, now)
    items = agenda_of(sitting.id)
    told = _telling(sitting, [matter for _, matter in items], "会取消了")
    for item, matter in items:
        item.outcome, data = "called_off", told.pop(0)
        if announced:
            words = "会取消了，另行公告时间。"
            record(matter, "sitting_called_off", by=by, now=now, reason=reason, words=words, data=data)
    db.session.flush()
    return sitting


def _changed(sitting: Sitting, reason: str, now: datetime) -> None:
    sitting.changes, sitting.changed_at, sitting.change_words = sitting.changes + 1, now, reason.strip()


def _ask_everybody(sitting: Sitting, now: datetime) -> None:
    """Whoever is on the register is asked for this very day; an answer for another day is none."""
    for line in register_of(sitting.id):
        line.invited_at, line.reply, line.reply_words, line.replied_at = now, "", "", None
        line.said_by = line.noted_by = ""


def _telling(sitting: Sitting, matters: Sequence[Matter], what: str) -> list[dict[str, Any]]:
    """What each matter's line carries: the sitting; on the first one also the words that reach everybody invited.

    One message a person, however many matters there are. A private matter is named by its number alone.
    """
    tells = sitting.kind in rules.TELLING
    names = [m.title if m.visibility == "public" else m.number for m in matters]
    when = f"{day_words(sitting.starts_at)}，到{sitting.place}"
    words = f"{what}：「{sitting.title}」，{when}，{'报告' if tells else '议'} {len(names)} 件：{'；'.join(names)}。"
    if sitting.state == SittingState.CALLED_OFF:
        words = f"{what}：「{sitting.title}」（原定 {day_words(sitting.starts_at)}）。{sitting.change_words}"
    data: list[dict[str, Any]] = [{"sitting": str(sitting.id)} for _ in matters]
    if data:
        data[0]["invitation"] = words
    return data


def _quorum(kind: SittingKind, given: str | None) -> Quorum:
    # The rule of the vote and the rule of the quorum share their fractions, so a caller may name either.
    names = {"council_majority": "half", "council_two_thirds": "two_thirds"}
    own = Quorum(house().settings.get("quorum") or Quorum.HALF)
    asked = Quorum(names.get(given, given)) if given else None
    rules.may_ask_quorum(kind, own, asked).or_refuse()
    return rules.quorum_of(kind, own, asked)


def _place(place: str, venue_id: UUID | None) -> str:
    if place.strip() or venue_id is None:
        if not place.strip():
            raise Refused(N_("在哪儿开要写明白。"))
        return place.strip()
    venue = db.session.scalar(select(Venue).where(Venue.community_id == current_community(), Venue.id == venue_id))
    if venue is None:
        raise Missing(N_("没有这个议事点。"))
    return venue.name


def _days(sitting: Sitting, matters: Iterable[Matter]) -> int:
    triages = [Triage(matter.triage) if matter.triage else None for matter in matters]
    return rules.notice_days(SittingKind(sitting.kind), triages, house().settings.get("notice_days"))


def _announce(sitting: Sitting, matter: Matter, by: Actor, now: datetime, data: dict[str, Any]) -> None:
    words = f"定在 {day_words(sitting.starts_at)}，到{sitting.place}一起议。"
    if matter.stage == Stage.RATIFYING:
        words = f"定在 {day_words(sitting.starts_at)}，到{sitting.place}提请大会表决。"
    if sitting.kind in rules.TELLING:
        words = f"{day_words(sitting.starts_at)} 到{sitting.place}开报告会，说说办得怎样，谁都可以来问。"
    if sitting.kind in rules.TELLING or matter.stage in (Stage.ACCEPTED, Stage.RATIFYING):
        record(matter, "sitting_planned", by=by, now=now, words=words, data=data)
    elif matter.stage == Stage.SCHEDULED:
        move(
            matter, "postpone", by=as_convener(by), now=now, evidence=gathered(matter), due_at=sitting.starts_at,
            reason="重新发了公告", words=words, data=data,
        )  # fmt: skip
    else:
        move(
            matter, "schedule", by=by, now=now, evidence=gathered(matter), due_at=sitting.starts_at, words=words,
            data=data,
        )  # fmt: skip


def _papers(matter_ids: list[UUID]) -> Mapping[UUID, list[Option]]:
    found: dict[UUID, list[Option]] = {}
    for option in standing_options(*matter_ids):
        found.setdefault(option.matter_id, []).append(option)
    return found


def _materials(matter: Matter, options: Iterable[Option]) -> str:
    """What people read before they come: the question and the ways to do it."""
    lines = [matter.question or matter.title]
    lines += [f"{o.label} {o.words}（{o.payer}出，{o.cost_fen // 100} 元）" for o in options]
    return "\n".join(lines)
