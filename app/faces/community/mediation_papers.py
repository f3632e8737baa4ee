"""Papers of a mediation: the rights notice, the agreement and the whole file, to print and as Word files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community.mediation_page import found_or_404
from app.faces.doors import Door
from app.faces.pages import page
from app.faces.papers import docx_answer
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import MediationPerson
from app.flow.resolve.mediation_queries import Paper, Whole
from app.people.permissions import Permission
from app.records.documents.agreement import MEDIATOR, RIGHTS_DOCUMENT, Agreement, Party, Signed, Term, agreement_docx
from app.records.documents.filename import paper_filename
from app.records.documents.mediation_file import File, Follow, Talk, file_docx
from app.records.documents.wording import full_date, full_time, yuan
from app.words import N_


def issuer() -> str:
    """南盐道社区人民调解委员会."""
    return f"{g.site.name}人民调解委员会"


def rights_paper(mediation_id: UUID) -> str:
    """The notice of rights and duties, with lines to sign for having read it."""
    found = found_or_404(mediation_id)
    return page(
        "desk/mediation_rights.html", whole=found, issuer=issuer(), title=RIGHTS_DOCUMENT,
        rights=rules.RIGHTS, duties=rules.DUTIES, parties=[_party(one) for one in _parties(found)],
        told=clock.local(found.mediation.rights_told_at).date() if found.mediation.rights_told_at else None,
        full_date=full_date,
    )  # fmt: skip


def agreement_print(mediation_id: UUID, agreement_id: UUID) -> str:
    """The agreement on A4."""
    found = found_or_404(mediation_id)
    paper = agreement_of(found, _paper(found, agreement_id))
    return page("desk/mediation_agreement_print.html", paper=paper, full_date=full_date, yuan=yuan)


def agreement_word(mediation_id: UUID, agreement_id: UUID) -> Any:
    """The agreement as a Word file."""
    found = found_or_404(mediation_id)
    chosen = _paper(found, agreement_id)
    paper = agreement_of(found, chosen)
    name = paper_filename(paper.made_on, _short(), paper.title, paper.number, chosen.agreement.version)
    return docx_answer(agreement_docx(paper), name)


def mediation_file(mediation_id: UUID) -> str:
    """The whole file on paper."""
    return page(
        "desk/mediation_file.html", file=file_of(found_or_404(mediation_id)), full_date=full_date, yuan=yuan,
        full_time=full_time,
    )  # fmt: skip


def mediation_file_word(mediation_id: UUID) -> Any:
    """The whole file as a Word file."""
    file = file_of(found_or_404(mediation_id))
    name = paper_filename(file.printed_on, _short(), "人民调解卷宗", file.matter_number, 1)
    return docx_answer(file_docx(file), name)


def agreement_of(found: Whole, paper: Paper) -> Agreement:
    """An agreement as its paper says it."""
    made, people = paper.agreement, {one.id: one for one in found.people}
    signed = {one["who"]: one for one in made.signed}
    base = next((p.agreement.number for p in found.papers if p.agreement.id == made.supplements_id), "")
    parties = _parties(found)
    mediator = found.mediation.mediator_label
    lines = [(str(one.id), rules.SIDES[one.side], _signs(one)) for one in parties]
    lines.append((rules.MEDIATOR, MEDIATOR, mediator))
    return Agreement(
        issuer=issuer(), number=made.number, parties=[_party(one) for one in parties],
        others=[_party(one) for one in found.here if one.side == "supporter"], facts=made.facts,
        responsibility=made.responsibility,
        terms=[
            Term(_owes(people[term.person_id]), term.what, term.pay_fen, term.place, term.due) for term in paper.terms
        ],
        way=made.way, late_reason=made.late_reason, mediator=_mediator(found),
        signatures=[_signed(label, name, signed.get(who)) for who, label, name in lines],
        made_on=clock.local(made.made_at).date(), sealed_on=made.sealed_on, copies=len(parties) + 1,
        is_oral=made.form == "oral", supplements=base, court_until=made.court_until,
    )  # fmt: skip


def file_of(found: Whole) -> File:
    """The whole file as its paper says it."""
    made = found.mediation
    people = {one.id: one for one in found.people}
    return File(
        issuer=issuer(), matter_number=found.matter.number, title=found.matter.title,
        applied=_(rules.APPLIED[made.applied_by]), dispute=made.dispute, opened_on=_day(made.opened_at),
        opened_by=made.opened_label, people=[_party(one) for one in found.people], mediator=_mediator(found),
        rights_told_on=_day(made.rights_told_at) if made.rights_told_at else None,
        rights=[_(one) for one in rules.RIGHTS], duties=[_(one) for one in rules.DUTIES],
        talks=[
            Talk(r.held_at, r.place, r.present, r.words, _(rules.OUTCOMES[r.outcome]), r.entered_label)
            for r in found.records
        ],
        agreements=[agreement_of(found, paper) for paper in found.papers if paper.agreement.signed_on],
        follow=[
            Follow(
                p.agreement.number, t.position, rules.SIDES[people[t.person_id].side], t.what, t.pay_fen, t.due,
                t.done_on, t.done_words, t.checked_label,
            )
            for p in found.sealed for t in p.standing_terms
        ],
        ended=_(rules.STATES[made.state]) if made.ended_at else "",
        ended_on=_day(made.ended_at) if made.ended_at else None, reason=made.end_reason,
        routes=_(rules.ROUTES) if made.routes_told_at else "", printed_on=clock.today(),
    )  # fmt: skip


def _paper(found: Whole, agreement_id: UUID) -> Paper:
    for paper in found.papers:
        if paper.agreement.id == agreement_id:
            return paper
    raise Missing(N_("没有这份协议。"))


def _parties(found: Whole) -> list[MediationPerson]:
    return [one for one in found.here if one.side in rules.PARTIES]


def _party(person: MediationPerson) -> Party:
    side = "参加人" if person.side == "supporter" else rules.SIDES[person.side]
    return Party(side, person.name, person.relation, person.guardian)


def _signs(person: MediationPerson) -> str:
    # Somebody under age does not sign alone (Civil Code sections 19 and 27).
    return f"{person.name}，监护人{person.guardian}" if person.guardian else person.name


def _owes(person: MediationPerson) -> str:
    return f"{rules.SIDES[person.side]}（{person.name}）"


def _mediator(found: Whole) -> str:
    made = found.mediation
    return f"{made.mediator_label}（{made.mediator_unit}）" if made.mediator_unit else made.mediator_label


def _signed(label: str, name: str, found: dict[str, Any] | None) -> Signed:
    if found is None:
        return Signed(label, name)
    return Signed(label, name, rules.HOW[found["how"]], date.fromisoformat(found["on"]))


def _day(moment: datetime) -> date:
    return clock.local(moment).date()


def _short() -> str:
    return str(g.site.name.removesuffix("社区"))


_ONE = "/desk/mediations/<uuid:mediation_id>"
R = Permission.MATTER_READ
DOORS: list[Door] = [
    Door("GET", f"{_ONE}/rights-notice", rights_paper, R),
    Door("GET", f"{_ONE}/agreements/<uuid:agreement_id>/paper", agreement_print, R),
    Door("GET", f"{_ONE}/agreements/<uuid:agreement_id>/paper.docx", agreement_word, R),
    Door("GET", f"{_ONE}/file", mediation_file, R),
    Door("GET", f"{_ONE}/file.docx", mediation_file_word, R),
]
