"""Doors of the hall: who lives here, and how that is known: household code, phone, or the staff's word.

An identity card is never asked for. The code of an own slip is shown once, on the answer to the POST that made it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import HiddenField, StringField

from app import clock
from app.errors import DomainError, Missing, Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid, once_id, take_back, tidy, whole_number
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.collect.rules import TITLES_OF_ADDRESS
from app.people import finding, households, proofs, residents
from app.people.models import Person
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


class VouchForm(FlaskForm):
    """How somebody knows that the person lives here."""

    note = StringField(_l("怎么知道住在这儿"))


class NewForm(VouchForm):
    """A resident nobody has written down yet."""

    once = HiddenField()
    name = StringField(_l("姓名"))
    title = RadioField(_l("称呼"), choices=list(TITLES_OF_ADDRESS.items()), validate_choice=False, default="")
    building = SelectField(_l("住哪栋楼"), validate_choice=False)
    unit = StringField(_l("单元"))
    room = StringField(_l("房号"))


class RevokeForm(FlaskForm):
    """Why a proof is taken back."""

    reason = StringField(_l("为什么收回"))


def residents_list() -> str:
    """The form to find a resident with; without a question nobody is shown."""
    return _list(finding.Wanted())


def residents_found() -> str:
    """Whom the form found. It is posted, so that names and phones stand in no address and no log."""
    return _list(
        finding.Wanted(
            text=tidy(request.form.get("q"))[:40], building_id=as_uuid(request.form.get("building")),
            unit=whole_number(request.form.get("unit")), room=tidy(request.form.get("room"))[:20],
        )
    )  # fmt: skip


def _list(wanted: finding.Wanted) -> str:
    return desk(
        "desk/residents.html", "residents", wanted=wanted, rows=finding.find_people(wanted, now=clock.now()),
        buildings=households.buildings(), kinds=proofs.KINDS, most=finding.MOST,
    )  # fmt: skip


def resident(person_id: UUID) -> str:
    """One resident: proofs, account, what can be done."""
    return _one(finding.find_person(person_id, now=clock.now()), VouchForm(formdata=None))


def resident_new() -> str:
    """The form for somebody the staff vouches for on the spot."""
    return _new(NewForm(formdata=None, once=str(uuid4())))


def resident_add() -> Any:
    """Write the resident down, vouch, and print the slip with the own code, shown once."""
    form, person_id = NewForm(), once_id()
    form.validate()
    if _is_known(person_id):
        flash(_("刚才已经登记过了。码只显示一次，没印上就换一张。"), "ok")
        return redirect(site_url("community.resident", person_id=person_id), 303)
    field = "name"
    try:
        name = residents.good_name(form.name.data or "")
        field = "room"
        person = _write_down(form, name, person_id)
        field = "note"
        proofs.vouch(person, form.note.data or "", by=actor(), now=clock.now())
        code = residents.own_slip(person, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, field, error)
        return _new(form), 422
    return _slip(person, code)


def vouching(person_id: UUID) -> Any:
    """Vouch for somebody who is written down already."""
    person, form = finding.find_person(person_id, now=clock.now()), VouchForm()
    form.validate()
    try:
        proofs.vouch(person, form.note.data or "", by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "note", error)
        return _one(finding.find_person(person_id, now=clock.now()), form), 422
    flash(_("记下了：您为 %(name)s 作证。", name=person.name), "ok")
    return redirect(site_url("community.resident", person_id=person_id), 303)


def own_slip(person_id: UUID) -> Any:
    """A new own code on its slip, shown once; the one before it opens nothing any more."""
    person = finding.find_person(person_id, now=clock.now())
    if not any(p.kind == "vouched" and p.revoked_at is None for p in proofs.proofs_of(person_id)):
        raise Refused(N_("先作证住在这儿，再发本人码。"))
    return _slip(person, residents.own_slip(person, by=actor(), now=clock.now()))


def proof_closing(person_id: UUID, proof_id: UUID) -> str:
    """Ask why, before a proof is taken back."""
    return _closing(person_id, proof_id, RevokeForm(formdata=None))


def proof_close(person_id: UUID, proof_id: UUID) -> Any:
    """Take a proof back."""
    form = RevokeForm()
    form.validate()
    _proof(person_id, proof_id)
    try:
        proofs.revoke(proof_id, form.reason.data or "", by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "reason", error)
        return _closing(person_id, proof_id, form), 422
    flash(_("收回了。"), "ok")
    return redirect(site_url("community.resident", person_id=person_id), 303)


def _one(person: Person, form: VouchForm) -> str:
    found = proofs.proofs_of(person.id)
    return desk(
        "desk/resident.html", "residents", person=person, address=finding.address_of(person), proofs=found,
        accounts=finding.accounts_of(person.id), kinds=proofs.KINDS, form=form,
        is_vouched=any(p.kind == "vouched" and p.revoked_at is None for p in found),
    )  # fmt: skip


def _new(form: NewForm) -> str:
    form.building.choices = [
        ("", _("先不写")),
        *((str(b.id), f"{b.estate.name} {b.name}") for b in households.buildings()),
    ]
    return desk("desk/resident_new.html", "residents", form=form)


def _write_down(form: NewForm, name: str, person_id: UUID) -> Person:
    household_id = None
    if form.building.data:
        door = finding.find_door(as_uuid(form.building.data), whole_number(form.unit.data), tidy(form.room.data)[:20])
        if door is None:
            raise Refused(N_("没有找到这一户，看看楼号、单元、房号对不对；不知道就都不填。"))
        household_id = door.id
    person = Person(
        id=person_id, name=name, title=form.title.data if form.title.data in TITLES_OF_ADDRESS else "",
        household_id=household_id, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def _is_known(person_id: UUID) -> bool:
    try:
        finding.find_person(person_id, now=clock.now())
    except DomainError:
        return False
    return True


def _proof(person_id: UUID, proof_id: UUID) -> Any:
    found = next((proof for proof in proofs.proofs_of(person_id) if proof.id == proof_id), None)
    if found is None:
        raise Missing(N_("没有这条证明。"))
    return found


def _closing(person_id: UUID, proof_id: UUID, form: RevokeForm) -> str:
    person = finding.find_person(person_id, now=clock.now())
    valid = [proof for proof in proofs.proofs_of(person_id) if proof.revoked_at is None]
    proof = _proof(person_id, proof_id)
    return desk(
        "desk/resident_proof.html", "residents", person=person, proof=proof, kind=_(proofs.KINDS[proof.kind]),
        form=form, is_last=len(valid) == 1,
    )  # fmt: skip


def _slip(person: Person, code: str) -> str:
    address = site_url("community.join", external=True)
    return page(
        "desk/resident_slip.html", person=person, code=f"{code[:5]} {code[5:]}", address=address,
        back=site_url("community.resident", person_id=person.id),
        qr=Markup(qr_svg(address, label=_("二维码，扫了去填本人码"))),  # noqa: S704 (our own drawing)
    )  # fmt: skip


W = Permission.PROOF_WRITE
ONE = "/desk/residents/<uuid:person_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/residents", residents_list, W, name="residents"),
    Door("POST", "/desk/residents", resident_add, W),
    Door("POST", "/desk/resident-search", residents_found, W, limit="120 per 10 minutes"),
    Door("GET", "/desk/new-resident", resident_new, W),
    Door("GET", ONE, resident, W),
    Door("POST", f"{ONE}/vouching", vouching, W),
    Door("POST", f"{ONE}/slip", own_slip, W, name="resident_slip"),
    Door("GET", f"{ONE}/proofs/<uuid:proof_id>/closure", proof_closing, W),
    Door("POST", f"{ONE}/proofs/<uuid:proof_id>/closure", proof_close, W),
]
