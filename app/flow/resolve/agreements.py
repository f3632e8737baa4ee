"""The agreement of a mediation: drafted, signed one by one, sealed and so in force, supplemented, confirmed by a court.

Once signed nothing of it changes; what the parties settle differently later is a supplement under its own number. In
force, each term gets a nameless promise of the matter, which keeps its clock. The caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.deliberate.queries import current_item
from app.flow.resolve import mediation_queries as queries
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import Agreement, AgreementTerm
from app.flow.resolve.mediation_queries import Paper, Whole
from app.flow.resolve.models import Commitment
from app.flow.resolve.promises import add_commitments, next_due
from app.flow.resolve.task_rules import Task, first_no
from app.flow.resolve.writing import must_stand_at
from app.matter.actions import move, next_number, record
from app.matter.house import house
from app.matter.numbers import agreement_number
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: Where a first agreement is signed, and where a supplement still has something to change.
_TALKED, _RUNNING = (Stage.DELIBERATING, Stage.DECIDED), (Stage.IMPLEMENTING, Stage.SUSPENDED)


@dataclass(frozen=True)
class Text:
    """What an agreement says, apart from its terms."""

    form: str
    facts: str
    responsibility: str = ""
    way: str = ""
    late_reason: str = ""


def draft(
    found: Whole, text: Text, terms: Sequence[rules.Term], *, replaces: Sequence[UUID] = (), by: Actor, now: datetime,
    id: UUID | None = None,
) -> Agreement:  # fmt: skip
    """Write the agreement, or the next version of one nobody finished signing; its number is given once.

    After an agreement is in force this writes a supplement under a number of its own; ``replaces`` are the terms still
    owed that it takes the place of.
    """
    today = local_day(now)
    _may_write(found, by)
    first_no(
        rules.good_text(text.form, text.facts, text.responsibility, text.way),
        rules.good_terms(terms, found.seats, today, text.late_reason),
    ).or_refuse()
    before = found.draft
    if before is not None:
        _replace(before.agreement, now)
    owed = {term.id for term in found.owed if term.done_on is None}
    if not set(replaces) <= owed:
        raise Refused(N_("只能代替还没履行的条款。"))
    made = Agreement(
        id=id or uuid7(), mediation_id=found.mediation.id, number=before.agreement.number if before else _number(today),
        version=before.agreement.version + 1 if before else 1, form=text.form, facts=text.facts.strip(),
        responsibility=text.responsibility.strip(), way=text.way.strip(), late_reason=text.late_reason.strip(),
        supplements_id=found.sealed[0].agreement.id if found.sealed else None, made_at=now, made_label=by.label,
        replaces=[str(one) for one in replaces],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.add_all(
        AgreementTerm(
            agreement_id=made.id, position=n, person_id=term.person_id, what=term.what.strip(), pay_fen=term.pay_fen,
            place=term.place.strip(), due=term.due,
        )
        for n, term in enumerate(terms, start=1)
    )  # fmt: skip
    db.session.flush()
    return made


def sign(found: Whole, agreement_id: UUID, how: Mapping[str, str], *, on: date, by: Actor, now: datetime) -> Agreement:
    """Write down who signed and how (``how``: person id as text or ``mediator`` → way), all at once or one by one.

    With the last signature the dispute is settled; the matter is decided.
    """
    agreement = _hold(found, agreement_id)
    today = local_day(now)
    first_no(
        rules.may_work(by.roles, "open"),
        rules.may_sign(agreement.form, how, today, on, local_day(agreement.made_at)),
    ).or_refuse()  # fmt: skip
    if agreement.signed_on is not None:
        raise Refused(N_("这份协议已经签齐了，不能再改。"))
    must_stand_at(found.matter, *(_RUNNING if agreement.supplements_id else _TALKED))
    if not found.records:
        raise Refused(N_("还没有调解记录，先把谈的经过记下来。"))
    known = {str(seat.id): seat for seat in found.seats if seat.side in rules.PARTIES}
    if not set(how) <= {*known, rules.MEDIATOR}:
        raise Refused(N_("签字的人不在名单上，请刷新看看。"))
    kept = [one for one in agreement.signed if one["who"] not in how]
    agreement.signed = kept + [
        {"who": who, "how": way, "on": on.isoformat(), "side": known[who].side if who in known else "",
         "name": known[who].name if who in known else found.mediation.mediator_label}
        for who, way in how.items()
    ]  # fmt: skip
    if rules.is_signed(found.seats, {one["who"] for one in agreement.signed}):
        agreement.signed_on = max(date.fromisoformat(one["on"]) for one in agreement.signed)
        db.session.flush()
        _settle(found, by, now)
    db.session.flush()
    return agreement


def put_in_force(found: Whole, agreement_id: UUID, *, by: Actor, now: datetime) -> Agreement:
    """The committee's seal, or for a spoken agreement the secretary's word: it binds, and its terms begin to run."""
    agreement, today, matter = _hold(found, agreement_id), local_day(now), found.matter
    rules.may_seal(by.roles, agreement.signed_on, agreement.sealed_on).or_refuse()
    must_stand_at(matter, *(_RUNNING if agreement.supplements_id else (Stage.DECIDED,)))
    agreement.sealed_on, agreement.sealed_label = today, by.label
    begins = agreement.signed_on if agreement.form == "oral" and agreement.signed_on else today
    agreement.court_until = rules.court_until(begins)
    _let_go(agreement, now)
    terms = db.session.scalars(
        select(AgreementTerm)
        .where(AgreementTerm.community_id == current_community(), AgreementTerm.agreement_id == agreement.id)
        .order_by(AgreementTerm.position)
    ).all()
    _promise(found, agreement, terms, now)
    if Stage(matter.stage) is Stage.DECIDED:
        move(
            matter, "implement", by=by, now=now, evidence=queries.evidence_of(matter), public=False,
            words=N_("调解协议生效，双方按协议履行"), due_at=next_due(matter),
        )  # fmt: skip
    else:
        matter.due_at = next_due(matter) or matter.due_at
        record(matter, "supplement_agreement", by=by, now=now, words=N_("双方另签了补充协议"), public=False)
    return agreement


def confirm_in_court(found: Whole, agreement_id: UUID, *, on: date, by: Actor, now: datetime) -> Agreement:
    """A court confirmed the agreement (section 33)."""
    agreement = _hold(found, agreement_id)
    in_force = Paper(agreement, []).in_force_on
    first_no(
        rules.may_work(by.roles, "open"),
        rules.may_confirm(in_force, agreement.confirmed_on, on, local_day(now)),
    ).or_refuse()  # fmt: skip
    agreement.confirmed_on = on
    db.session.flush()
    return agreement


def _may_write(found: Whole, by: Actor) -> None:
    is_supplement = bool(found.sealed)
    rules.may_work(by.roles, "open" if is_supplement else found.state).or_refuse()
    if is_supplement and Stage(found.matter.stage) not in _RUNNING:
        raise Refused(N_("履行完了的协议不用再补充。"))
    if found.draft and found.draft.agreement.signed_on is not None:
        raise Refused(N_("协议已经签齐了，不能再改；盖章生效以后可以另签补充协议。"))
    rules.may_talk(
        found.seats, mediated=found.mediation.mediator_neutral, rights_told=bool(found.mediation.rights_told_at)
    ).or_refuse()


def _settle(found: Whole, by: Actor, now: datetime) -> None:
    """Signed by all: the dispute has ended, and the matter is decided where it still was talked over."""
    mediation, matter = found.mediation, found.matter
    if mediation.state == "open":
        mediation.state, mediation.ended_at = "agreed", now
        db.session.flush()
    if Stage(matter.stage) is not Stage.DELIBERATING:
        return
    move(
        matter, "agree", by=by.as_capacity(Role.CHAIR), now=now, evidence=queries.evidence_of(matter), public=False,
        words=N_("双方谈成了，签了调解协议"),
    )  # fmt: skip
    if item := current_item(matter.id):
        item[0].outcome = "agreed"


def _promise(found: Whole, agreement: Agreement, terms: Sequence[AgreementTerm], now: datetime) -> None:
    # The promise is read by the street and hangs in lists: it names no party, no sum and no thing.
    sides = {person.id: person.side for person in found.people}
    label = "补充协议" if agreement.supplements_id else "调解协议"
    tasks = [
        Task(f"履行{label}第 {term.position} 条", rules.SIDES[sides[term.person_id]], None, term.due) for term in terms
    ]
    for term, promise in zip(terms, add_commitments(found.matter, tasks, now=now), strict=True):
        term.commitment_id = promise.id
    db.session.flush()


def _let_go(agreement: Agreement, now: datetime) -> None:
    """What a supplement takes the place of is no longer owed."""
    if not agreement.replaces:
        return
    here = current_community()
    gone = db.session.scalars(
        update(AgreementTerm)
        .where(
            AgreementTerm.community_id == here, AgreementTerm.id.in_([UUID(one) for one in agreement.replaces]),
            AgreementTerm.done_on.is_(None),
        )
        .values(replaced_at=now)
        .returning(AgreementTerm.commitment_id)
    ).all()  # fmt: skip
    db.session.execute(
        update(Commitment)
        .where(Commitment.community_id == here, Commitment.id.in_([one for one in gone if one]))
        .values(state="dropped")
    )


def _number(today: date) -> str:
    return agreement_number(house().short, today.year, next_number("agreement", today.year))


def _replace(agreement: Agreement, now: datetime) -> None:
    changed = db.session.execute(
        update(Agreement)
        .where(
            Agreement.community_id == current_community(), Agreement.id == agreement.id,
            Agreement.signed_on.is_(None), Agreement.replaced_at.is_(None),
        )
        .values(replaced_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人改过这份协议了，请刷新看看。"))
    db.session.refresh(agreement)


def _hold(found: Whole, agreement_id: UUID) -> Agreement:
    agreement = queries.mine(Agreement, found.mediation, agreement_id)
    if agreement is None:
        raise Missing(N_("没有这份协议。"))
    db.session.refresh(agreement)
    if agreement.replaced_at is not None:
        raise Refused(N_("这份协议已经改成新的一版了，请刷新看看。"))
    return agreement
