"""The living sitting: which matter is on the table, whose hand is up, who has the floor and until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, null, select, true, union_all, update
from sqlalchemy.types import Text, Uuid

from app.errors import Missing, NotAllowed, Refused
from app.flow.deliberate import floor_rules
from app.flow.deliberate.floor_rules import View
from app.flow.deliberate.models import AgendaItem, Attendance, RaisedHand, Sitting, Turn
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import agenda_of
from app.flow.deliberate.rules import Seat, SittingState
from app.flow.deliberate.table import in_the_chair, said
from app.flow.deliberate.watch import touch as touch
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import COMMUNITY_STAFF
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

NOT_OPEN = N_("会没在开，这一步要在会上做。")


@dataclass(frozen=True)
class RunningTurn:
    """Who has the floor: ``ends_at`` is three minutes after they began."""

    speaker: str
    attendance_id: UUID | None
    matter_id: UUID | None
    began_at: datetime
    view: View

    @property
    def ends_at(self) -> datetime:
        return floor_rules.ends_at(self.began_at)


@dataclass(frozen=True)
class Floor:
    """Hands in the order of raising as ``(attendance id, view)``, the running turn, turns taken."""

    hands: list[tuple[UUID, View]] = field(default_factory=list)
    turn: RunningTurn | None = None
    taken: dict[tuple[UUID | None, UUID | None], int] = field(default_factory=dict)
    last_view: View = View.NONE

    def turns_of(self, attendance_id: UUID, matter_id: UUID | None) -> int:
        """How often this person has spoken on this matter, the running turn included."""
        return self.taken.get((attendance_id, matter_id), 0)

    @property
    def hint(self) -> UUID | None:
        """Whose hand to hint at: opposite views alternate."""
        place = floor_rules.whose_turn([floor_rules.Hand(who, view) for who, view in self.hands], self.last_view)
        return self.hands[place][0] if place is not None else None


def floor_of(sitting_id: UUID) -> Floor:
    """Hands and turns of one sitting; one statement."""
    mine = current_community()
    hands = select(
        literal("hand").label("kind"), RaisedHand.attendance_id.label("who"), null().cast(Uuid).label("matter_id"),
        literal("").cast(Text).label("speaker"), RaisedHand.raised_at.label("at"), true().label("running"),
        RaisedHand.view.label("view"),
    ).where(
        RaisedHand.community_id == mine, RaisedHand.sitting_id == sitting_id, RaisedHand.lowered_at.is_(None)
    )  # fmt: skip
    turns = select(
        literal("turn"), Turn.attendance_id, Turn.matter_id, Turn.speaker, Turn.began_at, Turn.ended_at.is_(None),
        Turn.view,
    ).where(Turn.community_id == mine, Turn.sitting_id == sitting_id)  # fmt: skip
    floor = Floor()
    running, last = None, View.NONE
    for row in db.session.execute(union_all(hands, turns).order_by("at")).all():
        if row.kind == "hand":
            floor.hands.append((row.who, View(row.view)))
            continue
        floor.taken[(row.who, row.matter_id)] = floor.taken.get((row.who, row.matter_id), 0) + 1
        last = View(row.view)
        if row.running:
            running = RunningTurn(row.speaker, row.who, row.matter_id, row.at, last)
    return Floor(floor.hands, running, floor.taken, last)


def item_now(sitting: Sitting, items: list[tuple[AgendaItem, Matter]]) -> tuple[AgendaItem, Matter] | None:
    """The matter on the table: the one the desk set, else the first without an outcome, else the last."""
    wanted = (sitting.live or {}).get("item")
    chosen = next((pair for pair in items if str(pair[1].id) == wanted), None)
    waiting = next((pair for pair in items if pair[0].outcome == ""), None)
    return chosen or waiting or (items[-1] if items else None)


def next_item(sitting: Sitting, items: list[tuple[AgendaItem, Matter]]) -> Matter | None:
    """The first matter after the present one that still waits, else any that waits; None at the end."""
    now = item_now(sitting, items)
    place = items.index(now) if now else -1
    waiting = [matter for item, matter in (*items[place + 1 :], *items[: max(place, 0)]) if item.outcome == ""]
    return waiting[0] if waiting else None


def set_current(sitting: Sitting, matter_id: UUID, *, by: Actor, now: datetime) -> Sitting:
    """Lay a matter on the table: one topic at a time, so whoever speaks stops and hands go down."""
    sitting = hold(sitting)
    in_the_chair(sitting, by)
    _open(sitting)
    items = agenda_of(sitting.id)
    if all(matter.id != matter_id for _, matter in items):
        raise Missing(N_("议程里没有这件事。"))
    present = item_now(sitting, items)
    if present is None or present[1].id != matter_id:
        _end_running(sitting, now)
        _lower(sitting, now)
    sitting.live = {**(sitting.live or {}), "item": str(matter_id)}
    db.session.flush()
    return sitting


def raise_hand(sitting: Sitting, attendance_id: UUID, view: str = "", *, by: Actor, now: datetime) -> RaisedHand:
    """A hand goes up: one's own, or at the desk for somebody without a phone. Raised twice it is up once."""
    sitting, line, up = _hand(sitting, attendance_id, by)
    if up is not None:
        return up
    floor_rules.may_raise(SittingState(sitting.state), Seat(line.state), False).or_refuse()
    hand = RaisedHand(sitting_id=sitting.id, attendance_id=line.id, raised_at=now, view=str(View(view)))
    db.session.add(hand)
    db.session.flush()
    return hand


def lower_hand(sitting: Sitting, attendance_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take a hand down; one that is down already stays down."""
    _, _, up = _hand(sitting, attendance_id, by)
    if up is not None:
        up.lowered_at = now
        db.session.flush()


def _hand(sitting: Sitting, attendance_id: UUID, by: Actor) -> tuple[Sitting, Attendance, RaisedHand | None]:
    sitting = hold(sitting)
    row = db.session.execute(
        select(Attendance, RaisedHand)
        .outerjoin(
            RaisedHand,
            (RaisedHand.community_id == Attendance.community_id)
            & (RaisedHand.attendance_id == Attendance.id)
            & RaisedHand.lowered_at.is_(None),
        )
        .where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id == attendance_id,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise Missing(N_("到会名单上没有这个人。"))
    line, up = row
    own = by.id is not None and line.account_id == by.id
    if not own and not by.roles & COMMUNITY_STAFF:
        raise NotAllowed(N_("只能举自己的手。"))
    return sitting, line, up


def give_floor(
    sitting: Sitting, attendance_id: UUID | None, speaker: str = "", *, reason: str = "", by: Actor, now: datetime
) -> Turn:
    """The chair gives the floor: three minutes begin, whoever spoke before is done, the speaker's hand goes down.

    ``speaker`` names somebody who is not on the register (``attendance_id`` None). A third turn on one topic needs the
    chair's ``reason``.
    """
    sitting = hold(sitting)
    in_the_chair(sitting, by)
    _open(sitting)
    now_on = item_now(sitting, agenda_of(sitting.id))
    matter = now_on[1] if now_on else None
    if matter is not None and matter.stage == Stage.VOTING:
        raise Refused(N_("正在表决，表决完了再请人说。"))
    line = _present_line(sitting, attendance_id) if attendance_id else None
    name = line.name if line else said(speaker, 40, N_("请谁说，写上名字，40 个字以内。"))
    if len(reason) > 1_000:
        raise Refused(N_("原因太长了，1000 个字以内。"))
    who = Turn.attendance_id == line.id if line else (Turn.attendance_id.is_(None) & (Turn.speaker == name))
    spoken = db.session.scalar(
        select(func.count()).where(
            Turn.community_id == current_community(), Turn.sitting_id == sitting.id,
            Turn.matter_id.is_not_distinct_from(matter.id if matter else None), who,
        )
    )  # fmt: skip
    floor_rules.may_have_floor(spoken or 0, reason).or_refuse()
    _end_running(sitting, now)
    view = _lower(sitting, now, line.id) if line else View.NONE
    turn = Turn(
        sitting_id=sitting.id, matter_id=matter.id if matter else None, attendance_id=line.id if line else None,
        speaker=name, began_at=now, view=str(view), reason=reason.strip(),
    )  # fmt: skip
    db.session.add(turn)
    db.session.flush()
    return turn


def end_turn(sitting: Sitting, *, by: Actor, now: datetime) -> None:
    """The speaker is done; nobody has the floor."""
    sitting = hold(sitting)
    in_the_chair(sitting, by)
    _end_running(sitting, now)


def stop_talking(sitting: Sitting, now: datetime) -> None:
    """A vote begins: whoever speaks is done, and those who wait keep their hands up for afterwards."""
    _end_running(sitting, now)


def clear_floor(sitting: Sitting, now: datetime) -> None:
    """The sitting rises: the last turn ends and every hand goes down."""
    _end_running(sitting, now)
    _lower(sitting, now)


def _open(sitting: Sitting) -> None:
    if sitting.state != SittingState.OPEN:
        raise Refused(NOT_OPEN)


def _present_line(sitting: Sitting, attendance_id: UUID) -> Attendance:
    line = db.session.scalar(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id == attendance_id,
        )
    )  # fmt: skip
    if line is None:
        raise Missing(N_("到会名单上没有这个人。"))
    if line.state != Seat.PRESENT:
        raise Refused(N_("%(name)s 还没登记到会，先登记再请他说。"), name=line.name)
    return line


def _end_running(sitting: Sitting, now: datetime) -> None:
    running = db.session.scalar(
        select(Turn).where(
            Turn.community_id == current_community(), Turn.sitting_id == sitting.id, Turn.ended_at.is_(None)
        )
    )
    if running is not None:
        running.ended_at = max(now, running.began_at)
        db.session.flush()


def _lower(sitting: Sitting, now: datetime, attendance_id: UUID | None = None) -> View:
    """Take down one hand, or all; the view that was announced with the one."""
    down = (
        update(RaisedHand)
        .where(
            RaisedHand.community_id == current_community(), RaisedHand.sitting_id == sitting.id,
            RaisedHand.lowered_at.is_(None), *([RaisedHand.attendance_id == attendance_id] if attendance_id else []),
        )
        .values(lowered_at=now)
        .returning(RaisedHand.view)
        .execution_options(synchronize_session="fetch")
    )  # fmt: skip
    views = db.session.scalars(down).all()
    touch(sitting.id)
    return View(views[0]) if attendance_id and views else View.NONE
