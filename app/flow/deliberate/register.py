"""The register (到会登记): who came, when, and who steps back from a matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.deliberate import floor_rules, rules
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import agenda_of, line_of
from app.flow.deliberate.rules import Seat, SittingState
from app.flow.deliberate.table import in_the_chair
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

HOW = ("name", "paper")


def register(sitting: Sitting, attendance_id: UUID, state: str, *, by: Actor, now: datetime) -> Attendance:
    """Mark one line of the register."""
    return register_many(sitting, {attendance_id: state}, by=by, now=now)[0]


def register_many(
    sitting: Sitting, states: Mapping[UUID, str], *, by: Actor, now: datetime, how: str = "name"
) -> list[Attendance]:
    """Mark the whole register at once; a line of another sitting raises ``Missing`` and nothing is changed.

    ``how``: called by name at the door, or read off the sheet that people signed (``paper``).
    """
    if how not in HOW:
        raise Refused(N_("到会是点名记的，还是照签到表记的，选一样。"))
    sitting = hold(sitting)
    lines = db.session.scalars(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id.in_(list(states)),
        )
    ).all()  # fmt: skip
    if len(lines) != len(states):
        raise Missing(N_("到会名单上没有这个人。"))
    for line in lines:
        new = Seat(states[line.id])
        if new == line.state:
            continue
        rules.may_mark(SittingState(sitting.state), Seat(line.state), new).or_refuse()
        _mark(line, new, now, how)
    db.session.flush()
    return list(lines)


def _mark(line: Attendance, new: Seat, at: datetime, how: str) -> None:
    if new is Seat.PRESENT:
        line.arrived_at, line.left_at = line.arrived_at or at, None
        line.how = line.how or how
    elif new is Seat.LEFT:
        line.left_at = at
    else:
        line.arrived_at = line.left_at = None
        line.how = ""
    line.state = str(new)


def come_or_go(
    sitting: Sitting, attendance_id: UUID, state: str, at: datetime, *, by: Actor, now: datetime
) -> Attendance:
    """Somebody came late or left early, at a time that is written down. ``state``: present or left."""
    sitting, line = _line(sitting, attendance_id)
    if state not in (Seat.PRESENT, Seat.LEFT):
        raise Refused(N_("晚到还是早走，选一样。"))
    new = Seat(state)
    rules.may_mark(SittingState(sitting.state), Seat(line.state), new).or_refuse()
    arrived = line.arrived_at if new is Seat.LEFT else None
    floor_rules.may_come_or_go(at, now, sitting.opened_at, arrived).or_refuse()
    if new is Seat.PRESENT:
        line.arrived_at = None
    _mark(line, new, at, "name")
    db.session.flush()
    return line


def check_in(sitting: Sitting, *, by: Actor, now: datetime) -> Attendance:
    """Somebody on the register scans the code in the room with their own phone. Twice is once."""
    sitting = hold(sitting)
    line = line_of(sitting.id, by.id) if by.id else None
    if line is None:
        raise Refused(N_("到会名单上没有您，请到签到的桌子那儿说一声。"))
    if line.state == Seat.PRESENT:
        return line
    floor_rules.may_check_in(SittingState(sitting.state), Seat(line.state), now, sitting.starts_at).or_refuse()
    line.arrived_at = None
    line.how = ""
    _mark(line, Seat.PRESENT, now, "scan")
    db.session.flush()
    return line


def _line(sitting: Sitting, attendance_id: UUID) -> tuple[Sitting, Attendance]:
    sitting = hold(sitting)
    line = db.session.scalar(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id == attendance_id,
        )
    )  # fmt: skip
    if line is None:
        raise Missing(N_("到会名单上没有这个人。"))
    return sitting, line


def recuse(sitting: Sitting, attendance_id: UUID, matter: Matter, *, by: Actor, now: datetime) -> Attendance:
    """A party to the matter speaks, then leaves, and drops out of N and P for it; the log keeps that it happened."""
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    line = db.session.scalar(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id,
            Attendance.id == attendance_id,
        )
    )  # fmt: skip
    if line is None or not any(found.id == matter.id for _, found in agenda_of(sitting.id)):
        raise Missing(N_("到会名单或议程里没有。"))
    if matter.stage not in (Stage.SCHEDULED, Stage.DELIBERATING, Stage.ACCEPTED, Stage.RATIFYING) or _voted_on(matter):
        raise Refused(N_("已经开始表决，不能再回避。"))
    if line.recused_matter_id and line.recused_matter_id != matter.id:
        raise Refused(N_("%(name)s 这次会已经为另一件事回避了，请登记成列席再议这件。"), name=line.name)
    if line.recused_matter_id is None:
        line.recused_matter_id = matter.id
        record(matter, "recuse", by=by, now=now, words="有一位和这件事有关，说完意见后回避，不参加表决。")
    db.session.flush()
    return line


def _voted_on(matter: Matter) -> bool:
    """Whether a vote on the matter runs. A larger body's moves no stage, and the table of votes belongs to a later
    room, so it is asked by its name."""
    ballot = db.metadata.tables["ballot"].c
    running = select(ballot.id).where(
        ballot.community_id == current_community(), ballot.matter_id == matter.id, ballot.state == "open",
        ballot.mode != "consensus",
    )  # fmt: skip
    return db.session.execute(running.limit(1)).first() is not None
