"""Signing a joint proposal by link or account, taking a signature back, and what the count brings about.

Every act locks the matter first, so that the last two signers of a sheet never both register it and the number on the
matter is always the number of valid signatures. Nothing here commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, update

from app.errors import Missing, Refused
from app.flow.collect import joint_rules as rules
from app.flow.collect.actions import register
from app.flow.collect.joint_rules import Sheet
from app.flow.collect.models import Proposal
from app.flow.collect.signing import Signature, SigningSheet
from app.matter.actions import record
from app.matter.deadlines import Deadline
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Kind, Stage, Visibility
from app.matter.stages import deadline
from app.matter.workdays import due
from app.people.actor import SYSTEM, Actor
from app.people.consents import give_consent
from app.people.models import Person
from app.people.roles import Role
from app.people.secrets import blind
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

SIGNED = N_("您已经签过了，一个人签一次就够。")
PROPOSER = N_("这件事就是您提的，您的名字已经算上了。")
GONE = N_("这张联名单上没有您的签名。")


@dataclass(frozen=True)
class Signer:
    """Who signs: a person with a proof of who they are, and by which way they came (``link``, ``qr``, ``account``)."""

    person: Person
    proof: str
    channel: str = "link"


def seen(matter: Matter, sheet: SigningSheet) -> Sheet:
    """Matter and sheet as the rules see them."""
    return Sheet(
        Stage(matter.stage), Visibility(matter.visibility), matter.hidden_at is not None, sheet.threshold,
        matter.signers, sheet.closes_at, sheet.closed_at is not None,
    )  # fmt: skip


def marks_of(person: Person) -> list[str]:
    """The fingerprints by which this person is known on a sheet, the one to be kept first."""
    marks = [f"person:{person.id}"]
    if person.phone_index:
        marks.insert(0, f"phone:{person.phone_index}")
    if person.household_id:
        marks.insert(0, f"household:{person.household_id}:{person.name.casefold()}")
    return [blind("signer", mark) for mark in marks]


def sign(matter_id: UUID, signer: Signer, *, by: Actor, now: datetime) -> Signature:
    """Sign once. With the last missing signature the proposal is registered in the same transaction.

    Raises ``Refused`` for a closed sheet, for the proposer, and for whoever has signed already.
    """
    matter, sheet = locked(matter_id)
    rules.may_sign(seen(matter, sheet), now).or_refuse()
    _proposer_is_counted(matter, signer.person)
    signature = _found(matter, signer.person)
    if signature is not None and signature.withdrawn_at is None:
        raise Refused(PROPOSER if signature.is_proposer else SIGNED)
    if signature is None:
        signature = Signature(
            id=uuid7(), matter_id=matter.id, mark=marks_of(signer.person)[0], person_id=signer.person.id,
            household_id=signer.person.household_id, channel=signer.channel, proof=signer.proof, signed_at=now,
        )  # fmt: skip
        db.session.add(signature)
    signature.signed_at, signature.withdrawn_at, signature.withdrawn_reason = now, None, ""
    give_consent("sign", by=by, now=now, person_id=signer.person.id, matter_id=matter.id, channel=signer.channel)
    count(matter, sheet, by=by, now=now)
    return signature


def unsign(matter_id: UUID, person: Person, *, by: Actor, now: datetime) -> Signature:
    """Take the own signature back, until the vote is called; the row stays with its day."""
    matter, sheet = locked(matter_id)
    rules.may_unsign(seen(matter, sheet)).or_refuse()
    signature = _found(matter, person)
    if signature is None or signature.withdrawn_at is not None:
        raise Refused(GONE)
    if signature.is_proposer:
        raise Refused(N_("这件事是您提的。不想提了，请到「我的」里撤回。"))
    give_consent("sign", given=False, by=by, now=now, person_id=person.id, matter_id=matter.id)
    return take_off(matter, sheet, signature, "", by=by, now=now)


def go_alone(matter_id: UUID, *, by: Actor, now: datetime) -> Matter:
    """The proposer hands the thin joint proposal in as one person; the signatures end with it."""
    matter, sheet = locked(matter_id)
    if matter.kind != Kind.JOINT:
        return matter
    others = max(0, matter.signers - 1)
    rules.may_go_alone(seen(matter, sheet), now, others).or_refuse()
    db.session.execute(
        update(Signature)
        .where(
            Signature.community_id == current_community(), Signature.matter_id == matter.id,
            Signature.is_proposer.is_(False), Signature.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now, withdrawn_reason="联名没满，改成一个人提")
    )  # fmt: skip
    db.session.execute(
        update(Proposal)
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id)
        .values(kind=str(Kind.INDIVIDUAL), signers=1)
    )
    sheet.closed_at = sheet.closed_at or now
    matter.kind, matter.signers = str(Kind.INDIVIDUAL), 1
    return register(matter, by=by.as_capacity(Role.PROPOSER), now=now)


def end_sheets(*, now: datetime) -> int:
    """Close the sheets whose days are over; the proposer of a thin one is told what can be done. Safe to repeat."""
    ended = db.session.execute(
        select(SigningSheet, Matter)
        .join(Matter, and_(Matter.community_id == SigningSheet.community_id, Matter.id == SigningSheet.matter_id))
        .where(
            SigningSheet.community_id == current_community(), SigningSheet.closed_at.is_(None),
            SigningSheet.closes_at <= now,
        )
        .with_for_update(skip_locked=True)
    ).all()  # fmt: skip
    home = house()
    limit = deadline(Stage.COLLECTED, None, home.deadlines) or Deadline(2, "working_days")
    for sheet, matter in ended:
        sheet.closed_at = now
        if matter.stage != Stage.COLLECTED or matter.kind != Kind.JOINT:
            continue
        matter.due_at = due(now, limit, home.calendar)
        lacking = max(1, sheet.threshold - matter.signers)
        words = N_("联名到期了，签了 %(n)s 个，还差 %(m)s 个。可以改成自己一个人提，也可以先放着。")
        record(matter, "sheet_ended", by=SYSTEM, now=now, words=words % {"n": matter.signers, "m": lacking})
    return len(ended)


def locked(matter_id: UUID) -> tuple[Matter, SigningSheet]:
    """Matter and sheet, nobody else's until the commit; raises ``Missing``."""
    db.session.flush()
    row = db.session.execute(
        select(Matter, SigningSheet)
        .join(
            SigningSheet,
            and_(SigningSheet.community_id == Matter.community_id, SigningSheet.matter_id == Matter.id),
        )
        .where(Matter.community_id == current_community(), Matter.id == matter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise Missing(N_("没有这张联名单。"))
    return row[0], row[1]


def _found(matter: Matter, person: Person) -> Signature | None:
    return db.session.scalar(
        select(Signature)
        .where(
            Signature.community_id == current_community(), Signature.matter_id == matter.id,
            Signature.mark.in_(marks_of(person)),
        )
        .order_by(Signature.withdrawn_at.is_not(None))
        .limit(1)
    )  # fmt: skip


def _proposer_is_counted(matter: Matter, person: Person) -> None:
    """Whoever left the phone that now proves who signs, or spoke by this account, is the proposer and counted."""
    own = Person.id == person.id
    if person.phone_index:
        own = own | (Person.phone_index == person.phone_index)
    said = (
        select(Proposal.id)
        .join(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id, own)
    )
    if db.session.scalar(said.limit(1)) is not None:
        raise Refused(PROPOSER)


def take_off(
    matter: Matter, sheet: SigningSheet, signature: Signature, reason: str, *, by: Actor, now: datetime
) -> Signature:
    """Let a signature count no more; its row stays with day and reason."""
    signature.withdrawn_at, signature.withdrawn_reason = now, reason
    record(matter, "sign_off", by=by, now=now, reason=reason, words=N_("有人撤了联名"))
    count(matter, sheet, by=by, now=now)
    return signature


def count(matter: Matter, sheet: SigningSheet, *, by: Actor, now: datetime) -> None:
    """Put the number of valid signatures on the matter, and register what has enough of them now."""
    db.session.flush()
    valid = db.session.scalar(
        select(func.count()).where(
            Signature.community_id == current_community(), Signature.matter_id == matter.id,
            Signature.withdrawn_at.is_(None),
        )
    )  # fmt: skip
    if matter.kind == Kind.JOINT:
        matter.signers = max(1, valid or 0)
        db.session.execute(
            update(Proposal)
            .where(
                Proposal.community_id == current_community(), Proposal.matter_id == matter.id,
                Proposal.kind == str(Kind.JOINT),
            )
            .values(signers=matter.signers)
        )  # fmt: skip
        if rules.registers(seen(matter, sheet)):
            register(matter, by=SYSTEM, now=now)
    db.session.flush()
