"""The verbs of the table: open, seat, choose who mediates, tell the rights, talk, end without an agreement.

What the parties said stays in the rows of this room. The matter's own timeline, which the street may ask to see, is
told only how far it is. The caller commits. Source: People's Mediation Act sections 17 to 27.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.resolve import mediation_queries as queries
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import Agreement, Mediation, MediationPerson, MediationRecord
from app.flow.resolve.mediation_queries import Whole
from app.flow.resolve.rules import REASON_MOST, WORDS_MOST, first_no, fits
from app.matter.actions import move, record, situation_of
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.door_words import household_at
from app.people.models import Account, Person
from app.people.roles import Role
from app.people.secrets import seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


def open_mediation(
    matter: Matter, *, dispute: str, applied_by: str, by: Actor, now: datetime, id: UUID | None = None
) -> Mediation:
    """Open the file of a quarrel that was taken on; a second one for the same matter is refused."""
    first_no(
        rules.may_work(by.roles, "open"), rules.may_open(situation_of(matter)),
        fits(N_("为什么事起的纠纷"), dispute, WORDS_MOST),
    ).or_refuse()  # fmt: skip
    if applied_by not in rules.APPLIED:
        raise Refused(N_("选一下是谁申请的。"))
    if queries.id_of(matter) is not None:
        raise Refused(N_("这件事已经在调解了。"))
    made = Mediation(
        id=id or uuid7(), matter_id=matter.id, dispute=dispute.strip(), applied_by=applied_by, opened_at=now,
        opened_label=by.label,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record(matter, "open_mediation", by=by, now=now, words=N_("登记成纠纷，请调解员来调"), public=False)
    return made


def add_person(
    found: Whole, *, side: str, name: str, relation: str = "", contact: str = "", door: str = "", minor: bool = False,
    guardian: str = "", agreed_how: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> MediationPerson:  # fmt: skip
    """Seat a party or, with both sides' consent on record, somebody who comes along. The phone is sealed.

    ``door`` as typed (3-2-501) or empty. Raises ``Refused`` where the register has no such door.
    """
    first_no(
        rules.may_work(by.roles, found.state),
        rules.good_person(side, name, relation, contact, minor=minor, guardian=guardian),
        rules.may_seat(found.seats, side, name, agreed_how),
    ).or_refuse()
    home = household_at(door) if door.strip() else None
    is_supporter = side == "supporter"
    person = MediationPerson(
        id=id or uuid7(), mediation_id=found.mediation.id, side=side, name=name.strip(), relation=relation.strip(),
        contact_sealed=seal(contact.strip()) if contact.strip() else None, household_id=home.id if home else None,
        guardian=guardian.strip() if minor else "", agreed_at=now if is_supporter else None,
        agreed_how=agreed_how.strip() if is_supporter else "", added_at=now, added_label=by.label,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def leave(found: Whole, person_id: UUID, *, reason: str, by: Actor, now: datetime) -> MediationPerson:
    """Somebody is not at the table any more; the line stays, with the reason."""
    first_no(rules.may_work(by.roles, found.state), fits(N_("原因"), reason, REASON_MOST)).or_refuse()
    person = queries.mine(MediationPerson, found.mediation, person_id)
    if person is None or person.left_at is not None:
        raise Missing(N_("名单上没有这个人。"))
    if found.draft and any(term.person_id == person.id for term in found.draft.terms):
        raise Refused(N_("协议里写着要由他来做，先把协议改了再划掉。"))
    person.left_at, person.left_reason = now, reason.strip()
    db.session.flush()
    return person


def name_mediator(
    found: Whole, *, name: str = "", account_id: UUID | None = None, unit: str = "", neutral: bool, by: Actor,
    now: datetime,
) -> Mediation:  # fmt: skip
    """Say who mediates: an account of the hall, an expert who accepted, or a named member of the committee.

    ``neutral`` is the mediator's own statement. Whoever is a party, comes along or lives with one is refused.
    """
    rules.may_work(by.roles, found.state).or_refuse()
    fits(N_("单位或者身份"), unit, 60, required=False).or_refuse()
    chosen = rules.Mediator(name.strip(), neutral)
    if account_id is not None:
        chosen = _account(account_id, neutral)
    rules.may_mediate(chosen, found.seats).or_refuse()
    mediation = _hold(found.mediation)
    mediation.mediator_id, mediation.mediator_label = chosen.account_id, chosen.name
    mediation.mediator_unit, mediation.mediator_neutral = unit.strip(), True
    db.session.flush()
    return mediation


def tell_rights(found: Whole, *, by: Actor, now: datetime) -> Mediation:
    """The parties were told their rights and duties; the first day stays."""
    rules.may_work(by.roles, found.state).or_refuse()
    if not rules.has_both(found.seats):
        raise Refused(N_("双方当事人还没写全。"))
    mediation = _hold(found.mediation)
    mediation.rights_told_at = mediation.rights_told_at or now
    db.session.flush()
    return mediation


def record_talk(
    found: Whole, *, held_at: datetime, place: str, present: Sequence[str], words: str, outcome: str, by: Actor,
    now: datetime, id: UUID | None = None,
) -> MediationRecord:  # fmt: skip
    """Write down one talk. The first one of a quarrel that just was taken on makes it a matter under deliberation."""
    mediation, matter = found.mediation, found.matter
    listed = list(dict.fromkeys(one.strip()[:40] for one in present if one.strip()))[: rules.PEOPLE_MOST]
    first_no(
        rules.may_work(by.roles, found.state),
        rules.may_talk(found.seats, mediated=mediation.mediator_neutral, rights_told=bool(mediation.rights_told_at)),
        rules.good_record(place, listed, words, outcome),
    ).or_refuse()
    if held_at > now:
        raise Refused(N_("谈话的时间还没到，谈过了再记。"))
    made = _write(mediation, held_at, place, listed, words, outcome, by, now, id)
    if Stage(matter.stage) is Stage.ACCEPTED:
        columns = {"triage": matter.triage, "level": matter.level, "responsible": matter.owner_id,
                   "decision_power": matter.power}  # fmt: skip
        move(
            matter, "open_sitting", by=by.as_capacity(Role.CONVENER), now=now, public=False,
            evidence={key for key, value in columns.items() if value}, words=N_("调解员请双方坐下来谈"),
        )  # fmt: skip
    else:
        record(matter, "mediation_talk", by=by, now=now, words=N_("调解员又请双方谈了一次"), public=False)
    return made


def note_look(matter: Matter, *, present: Sequence[str], words: str, by: Actor, now: datetime) -> bool:
    """Keep with the parties' file who looked at the performance and what was seen; False where there is no file."""
    mediation = db.session.scalar(
        select(Mediation).where(Mediation.community_id == current_community(), Mediation.matter_id == matter.id)
    )
    if mediation is None:
        return False
    _write(mediation, now, "", list(present), words, "checked", by, now, None)
    return True


def end(found: Whole, *, way: str, reason: str, told: bool, by: Actor, now: datetime) -> Mediation:
    """It failed or was given up: why, and that the three routes were told. An unsigned draft falls with it."""
    first_no(rules.may_work(by.roles, found.state), rules.may_end(way, reason, told)).or_refuse()
    mediation = _hold(found.mediation)
    mediation.state, mediation.ended_at, mediation.end_reason = way, now, reason.strip()
    mediation.routes_told_at = now if told else None
    db.session.execute(
        update(Agreement)
        .where(
            Agreement.community_id == current_community(), Agreement.mediation_id == mediation.id,
            Agreement.signed_on.is_(None), Agreement.replaced_at.is_(None),
        )
        .values(replaced_at=now)
    )  # fmt: skip
    told_words = N_("没谈成，已经告知仲裁、行政、诉讼三条路") if way == "failed" else N_("当事人不调了")
    record(found.matter, "end_mediation", by=by, now=now, words=told_words, public=False)
    db.session.flush()
    return mediation


def end_with_matter(matter: Matter, cause: str, *, now: datetime) -> None:
    """The matter was ended, and with it a mediation still open; the other routes were told along with that."""
    db.session.execute(
        update(Mediation)
        .where(
            Mediation.community_id == current_community(), Mediation.matter_id == matter.id, Mediation.state == "open"
        )
        .values(state="failed", ended_at=now, end_reason=cause, routes_told_at=now)
    )


def _account(account_id: UUID, neutral: bool) -> rules.Mediator:
    row = db.session.execute(
        select(Account.display_name, Person.household_id)
        .outerjoin(Person, (Person.community_id == Account.community_id) & (Person.id == Account.person_id))
        .where(
            Account.community_id == current_community(), Account.id == account_id, Account.kind == "staff",
            Account.disabled_at.is_(None),
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise Refused(N_("请从名单里重新选调解员。"))
    return replace(rules.Mediator(row.display_name, neutral), account_id=account_id, household_id=row.household_id)


def _write(  # type: ignore[no-untyped-def]
    mediation: Mediation, held_at, place, present, words, outcome, by: Actor, now: datetime, id: UUID | None
) -> MediationRecord:
    made = MediationRecord(
        id=id or uuid7(), mediation_id=mediation.id, held_at=held_at, place=place.strip(), present=present,
        words=words.strip(), outcome=outcome, entered_at=now, entered_label=by.label,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _hold(mediation: Mediation) -> Mediation:
    """The row locked as it stands now; whoever was faster has ended it."""
    db.session.refresh(mediation, with_for_update=True)
    if mediation.state != "open":
        raise Refused(N_("这件纠纷已经不在调解了，请刷新看看。"))
    return mediation
