"""Doors of the hall: the agreement of a mediation drafted, signed, sealed and confirmed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import mediation_forms as forms
from app.faces.community import paperwork
from app.faces.community.inputs import as_uuid
from app.faces.community.mediation_acts import back_to, tried
from app.faces.community.mediation_page import found_or_404, names_of
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.resolve import agreements
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_models import Agreement
from app.flow.resolve.mediation_queries import Whole
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7


def agreement_form(mediation_id: UUID) -> Any:
    """The form: empty, or filled from the draft it replaces; after an agreement in force it is a supplement."""
    found = found_or_404(mediation_id)
    before = found.draft
    if before is not None and before.agreement.signed_on is not None:
        raise Refused(N_("协议已经签齐了，不能再改；盖章生效以后可以另签补充协议。"))
    if before is None:
        facts = "" if found.sealed else found.mediation.dispute
        form = forms.AgreementForm(formdata=None, once=str(uuid7()), form="written", facts=facts)
        return _page(found, form, forms.empty_terms())
    paper = before.agreement
    form = forms.AgreementForm(
        formdata=None, once=str(uuid7()), form=paper.form, facts=paper.facts, responsibility=paper.responsibility,
        way=paper.way, late_reason=paper.late_reason,
    )  # fmt: skip
    return _page(found, form, forms.rows_of(before.terms) + forms.empty_terms(1), set(paper.replaces))


def agreement_draft(mediation_id: UUID) -> Any:
    """Write it, or its next version."""
    found, form, rows = found_or_404(mediation_id), forms.AgreementForm(), forms.typed_terms()
    chosen = request.form.getlist("replaces")
    if request.form.get("more"):
        return _page(found, form, rows + forms.empty_terms(), set(chosen))
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(Agreement, row_id):
        text = agreements.Text(
            form.form.data or "", form.facts.data or "", form.responsibility.data or "", form.way.data or "",
            form.late_reason.data or "",
        )  # fmt: skip
        made = paperwork.attempt(form, lambda: agreements.draft(
            found, text, forms.terms_from(rows), replaces=[one for one in map(as_uuid, chosen) if one], by=actor(),
            now=clock.now(), id=row_id,
        ))  # fmt: skip
        if made is None:
            return _page(found_or_404(mediation_id), form, rows or forms.empty_terms(), set(chosen)), 422
    return back_to(mediation_id, "agreement", _("协议写好了，打印出来请双方看、签字。"))


def agreement_sign(mediation_id: UUID, agreement_id: UUID) -> Any:
    """Write down who signed."""
    found, form = found_or_404(mediation_id), forms.SignForm(prefix="sign")
    failed = tried(found, "sign", form, lambda: agreements.sign(
        found, agreement_id, forms.said_how(), on=forms.named_day(form.day.data), by=actor(), now=clock.now()
    ))  # fmt: skip
    return failed or back_to(mediation_id, "agreement", _("签字记下了。"))


def agreement_sealing(mediation_id: UUID, agreement_id: UUID) -> str:
    """Ask before the seal: what is about to bind."""
    found = found_or_404(mediation_id)
    paper = next((one for one in found.papers if one.agreement.id == agreement_id), None)
    if paper is None:
        raise Missing(N_("没有这份协议。"))
    rules.may_seal(actor().roles, paper.agreement.signed_on, paper.agreement.sealed_on).or_refuse()
    return desk(
        "desk/mediation_seal.html", "mediations", mediation=found.mediation, matter=found.matter, paper=paper,
        names=names_of(found),
    )  # fmt: skip


def agreement_seal(mediation_id: UUID, agreement_id: UUID) -> Any:
    """The seal: from now on it binds."""
    found = found_or_404(mediation_id)
    agreements.put_in_force(found, agreement_id, by=actor(), now=clock.now())
    return back_to(mediation_id, "terms", _("协议生效了，每一条都有日子，到日子会提醒。"))


def agreement_confirm(mediation_id: UUID, agreement_id: UUID) -> Any:
    """A court confirmed it."""
    found, form = found_or_404(mediation_id), forms.DayForm()
    failed = tried(found, "confirm", form, lambda: agreements.confirm_in_court(
        found, agreement_id, on=forms.named_day(form.day.data), by=actor(), now=clock.now()
    ))  # fmt: skip
    return failed or back_to(mediation_id, "agreement", _("司法确认记下了。"))


def _page(
    found: Whole, form: forms.AgreementForm, rows: list[dict[str, str]], replaces: set[str] = frozenset()  # type: ignore[assignment]
) -> str:  # fmt: skip
    names = names_of(found)
    return desk(
        "desk/mediation_agreement.html", "mediations", mediation=found.mediation, matter=found.matter, form=form,
        rows=rows, owing=[(str(one.id), names[one.id]) for one in found.here if one.side in rules.PARTIES],
        is_supplement=bool(found.sealed), owed=[term for term in found.owed if term.done_on is None], names=names,
        replaces=replaces, before=found.draft.agreement if found.draft else None, today=clock.today(),
    )  # fmt: skip


_ONE = "/desk/mediations/<uuid:mediation_id>"
_PAPER = f"{_ONE}/agreements/<uuid:agreement_id>"
W = Permission.MEDIATION_WRITE
DOORS: list[Door] = [
    Door("GET", f"{_ONE}/agreement", agreement_form, W),
    Door("POST", f"{_ONE}/agreements", agreement_draft, W),
    Door("POST", f"{_PAPER}/signatures", agreement_sign, W),
    Door("GET", f"{_PAPER}/seal", agreement_sealing, W),
    Door("POST", f"{_PAPER}/seals", agreement_seal, W),
    Door("POST", f"{_PAPER}/confirmations", agreement_confirm, W),
]
