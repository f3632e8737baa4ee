"""The hall's own register of able residents (能人): listed, met, trained, put forward; and let go at their word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.core_models import CoreResident, CoreTraining
from app.people.core_rules import SUGGESTIONS, Draft, Training, problems, training_problems
from app.people.desk import log_change
from app.people.phones import tidy_phone
from app.people.places import Building
from app.people.residents import tidy_name
from app.people.secrets import blind, seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

NOT_THERE = N_("名册上没有这个人。")
LISTED_ALREADY = N_("这个手机号的人已经在名册上了。")


def enlist(
    draft: Draft, *, agreed: bool, by: Actor, now: datetime, building_id: UUID | None = None, id: UUID | None = None
) -> CoreResident:
    """Staff list somebody who agreed. Raises ``Refused`` with what is missing, and for a phone that is listed."""
    row = _new(draft, agreed=agreed, label=by.label, now=now, building_id=building_id, id=id)
    row.confirmed_at, row.confirmed_label = now, by.label
    log_change("core", "list", by=by, now=now, subject_id=row.id)
    db.session.flush()
    return row


def put_oneself_down(draft: Draft, *, agreed: bool, now: datetime, id: UUID | None = None) -> CoreResident | None:
    """Somebody registers themselves, with a consent of their own; it waits until the hall has met them.

    None where that phone is on the register already: a stranger who types a neighbour's number learns nothing.
    """
    for verdict in problems(draft, agreed=agreed).values():
        verdict.or_refuse()
    if _listed(draft.phone) is not None:
        return None
    row = _new(draft, agreed=agreed, label="", now=now, building_id=None, id=id)
    db.session.flush()
    return row


def confirm(row: CoreResident, *, by: Actor, now: datetime) -> CoreResident:
    """Somebody of the hall met the person: it is them, and they do want to."""
    _must_stand(row)
    if row.confirmed_at is None:
        row.confirmed_at, row.confirmed_label = now, by.label
        log_change("core", "confirm", by=by, now=now, subject_id=row.id)
    return row


def change(
    row: CoreResident, draft: Draft, *, by: Actor, now: datetime, building_id: UUID | None = None
) -> CoreResident:
    """Write the entry anew; how and when the person agreed stays as it was. The log never says from what to what."""
    _must_stand(row)
    for verdict in problems(draft, agreed=True).values():
        verdict.or_refuse()
    other = _listed(draft.phone)
    if other not in (None, row.id):
        raise Refused(LISTED_ALREADY)
    _write(row, draft, building_id)
    log_change("core", "change", by=by, now=now, subject_id=row.id)
    return row


def let_go(row: CoreResident, reason: str, *, by: Actor, now: datetime) -> CoreResident:
    """The person takes the consent back, or the hall takes them off: everything about the person goes, for good.

    The empty row stays, so that counts and the attendance of trainings do not change.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(N_("写一句为什么。"))
    _must_stand(row)
    row.name = row.title = row.skills = row.hours = row.consent_label = ""
    row.phone_sealed = row.phone_index = row.account_id = row.building_id = None
    row.roles, row.suggested, row.name_public = [], [], False
    row.left_at, row.left_reason = now, reason[:200]
    log_change("core", "leave", by=by, now=now, subject_id=row.id)
    return row


def suggest(row: CoreResident, role: str, *, by: Actor, now: datetime) -> CoreResident:
    """Put somebody forward as a member, a recorder or for the street's pool; once each. Who decides is elsewhere."""
    _must_stand(row)
    if role not in SUGGESTIONS:
        raise Refused(N_("请选一样。"))
    if row.confirmed_at is None:
        raise Refused(N_("先见过本人、确认了再推荐。"))
    if all(one["role"] != role for one in row.suggested):
        row.suggested = [*row.suggested, {"role": role, "at": now.isoformat(), "by": by.label}]
        log_change("core", "suggest", by=by, now=now, subject_id=row.id, after=role)
    return row


def hold_training(
    training: Training, day: date, *, came: Sequence[UUID], today: date, by: Actor, now: datetime,
    id: UUID | None = None,
) -> CoreTraining:  # fmt: skip
    """Write a training down with who came; the same topic on the same day is one training."""
    for verdict in training_problems(training, is_future=day > today).values():
        verdict.or_refuse()
    here = current_community()
    same = db.session.scalar(
        select(CoreTraining).where(
            CoreTraining.community_id == here, CoreTraining.day == day, CoreTraining.topic == training.topic.strip()
        )
    )
    if same is not None and same.id != id:
        raise Refused(N_("这一天的这次培训已经记过了。"))
    if same is not None:
        return same
    row = CoreTraining(
        id=id or uuid7(), day=day, topic=training.topic.strip(), teacher=training.teacher.strip()[:40],
        place=training.place.strip()[:40], minutes=training.minutes, attended=_known(came), entered_at=now,
        entered_label=by.label,
    )  # fmt: skip
    db.session.add(row)
    log_change("core", "training", by=by, now=now, subject_id=row.id)
    db.session.flush()
    return row


def correct_attendance(row: CoreTraining, came: Sequence[UUID], *, by: Actor, now: datetime) -> CoreTraining:
    """Who came, put right; whoever has left the register meanwhile stays counted."""
    gone = set(
        db.session.scalars(
            select(CoreResident.id).where(
                CoreResident.community_id == current_community(), CoreResident.left_at.is_not(None),
                CoreResident.id.in_([UUID(one) for one in row.attended]),
            )
        )
    )  # fmt: skip
    row.attended = [*_known(came), *(str(one) for one in gone)]
    log_change("core", "training", by=by, now=now, subject_id=row.id)
    return row


def find_resident(resident_id: UUID, *, lock: bool = False) -> CoreResident | None:
    """The bound hall's entry with this id."""
    wanted = select(CoreResident).where(
        CoreResident.community_id == current_community(), CoreResident.id == resident_id
    )
    return db.session.scalar(wanted.with_for_update() if lock else wanted)


def _new(
    draft: Draft, *, agreed: bool, label: str, now: datetime, building_id: UUID | None, id: UUID | None
) -> CoreResident:
    for verdict in problems(draft, agreed=agreed).values():
        verdict.or_refuse()
    if _listed(draft.phone) is not None:
        raise Refused(LISTED_ALREADY)
    own = N_("本人")
    row = CoreResident(
        id=id or uuid7(), found_by=draft.found_by, consent_how=draft.consent_how, consent_at=now,
        consent_label=label or own, listed_at=now, listed_label=label or own,
    )  # fmt: skip
    _write(row, draft, building_id)
    db.session.add(row)
    return row


def _write(row: CoreResident, draft: Draft, building_id: UUID | None) -> None:
    phone = tidy_phone(draft.phone)
    row.name, row.title, row.name_public = tidy_name(draft.name), draft.title, draft.name_public
    row.phone_sealed, row.phone_index = (seal(phone), blind("phone", phone)) if phone else (None, None)
    row.skills, row.hours, row.roles = draft.skills.strip(), draft.hours.strip(), list(draft.roles)
    row.found_by = draft.found_by
    if building_id is not None and not db.session.scalar(
        select(Building.id).where(Building.community_id == current_community(), Building.id == building_id)
    ):
        raise Refused(N_("没有这栋楼。"))
    row.building_id = building_id


def _listed(phone: str) -> UUID | None:
    digits = tidy_phone(phone)
    if not digits:
        return None
    return db.session.scalar(
        select(CoreResident.id)
        .where(CoreResident.community_id == current_community(), CoreResident.phone_index == blind("phone", digits))
        .limit(1)
    )


def _known(ids: Sequence[UUID]) -> list[str]:
    if not ids:
        return []
    found = db.session.scalars(
        select(CoreResident.id)
        .where(
            CoreResident.community_id == current_community(), CoreResident.id.in_(ids),
            CoreResident.left_at.is_(None),
        )
        .order_by(CoreResident.listed_at)
    )  # fmt: skip
    return [str(one) for one in found]


def _must_stand(row: CoreResident) -> None:
    if row.left_at is not None:
        raise Missing(NOT_THERE)
