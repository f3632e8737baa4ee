"""Doors of the hall: who signed, for the proposer (masked) and for the desk, where signed paper is entered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Refused
from app.faces.community.drafts import files
from app.faces.community.inputs import once_id, take_back
from app.faces.community.matter import readable
from app.faces.community.say_check import invite_of
from app.faces.community.say_forms import told
from app.faces.community.sight import is_own, viewer_of
from app.faces.doors import Door
from app.faces.inputs import CountField
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.collect import joint, joint_paper, joint_queries
from app.flow.collect import joint_rules as rules
from app.flow.collect.joint_queries import Signed, Signing
from app.flow.collect.queries import sensitivity_of
from app.flow.collect.taking import Picture
from app.matter.models import Matter
from app.matter.photos import BadPhoto, reencode
from app.matter.sight import Part, may_see
from app.people.permissions import Permission
from app.people.residents import tidy_name
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

NONE = N_("这件事没有联名单。")
WAYS = {"link": N_("链接"), "qr": N_("扫码"), "account": N_("账号"), "paper": N_("纸上")}
PROOFS = {"household_code": N_("户码"), "phone": N_("手机"), "vouched": N_("社区经手"), "none": ""}
SHOWN = 200


class PaperForm(FlaskForm):
    """A signed sheet of paper. ``once`` makes a second click harmless."""

    once = HiddenField()
    households = CountField(_l("纸上签了几个"), validators=[Optional()])
    names = TextAreaField(_l("名字"))
    photo = FileField(_l("签名纸的照片"))


class StrikeForm(FlaskForm):
    """Why a signature is taken off."""

    reason = StringField(_l("为什么划掉"))


def signatures(matter_id: UUID) -> str:
    """The proposer's own page: who signed, masked; how many are missing; handing it in alone."""
    found = _signing(matter_id)
    if not is_own(found.matter):
        raise Missing(NONE)
    return _own_page(found)


def go_alone(matter_id: UUID) -> Any:
    """The proposer makes it a matter of one."""
    found = _signing(matter_id)
    if not is_own(found.matter):
        raise Missing(NONE)
    joint.go_alone(matter_id, by=actor(), now=clock.now())
    flash(_("改成您自己一个人提的了，已经登记。"), "ok")
    return redirect(site_url("community.public_matter", matter_id=matter_id), 303)


def desk_signatures(matter_id: UUID) -> str:
    """The list at the desk, and the form for a sheet of paper."""
    return _desk_page(_at_desk(matter_id), PaperForm(formdata=None, once=str(uuid7())))


def paper_in(matter_id: UUID) -> Any:
    """Enter a signed sheet; its photo is kept for those who may read the names."""
    found, form = _at_desk(matter_id), PaperForm()
    fine = form.validate()
    names = [name for name in map(tidy_name, (form.names.data or "").splitlines()) if name]
    fine = told(form, rules.paper_problems(form.households.data, names)) and fine
    photo = _photo(form) if fine else None
    if not fine or form.photo.errors:
        return _desk_page(found, form), 422
    try:
        joint_paper.enter_paper(
            matter_id, form.households.data or 0, names, by=actor(), now=clock.now(), once=once_id(), photo=photo
        )
    except Refused as error:
        take_back(form, "names", error)
        return _desk_page(_at_desk(matter_id), form), 422
    flash(_("纸上的签名录好了。"), "success")
    return redirect(site_url("community.desk_signatures", matter_id=matter_id), 303)


def strike_page(matter_id: UUID, signature_id: UUID) -> Any:
    """Ask why before a signature is taken off."""
    return _strike_page(_at_desk(matter_id), signature_id, StrikeForm(formdata=None))


def strike(matter_id: UUID, signature_id: UUID) -> Any:
    """Take it off."""
    found, form = _at_desk(matter_id), StrikeForm()
    verdict = rules.may_strike(form.reason.data or "")
    if not verdict:
        form.reason.errors = [say(verdict.reason, verdict.values)]
        return _strike_page(found, signature_id, form), 422
    joint_paper.strike(matter_id, signature_id, form.reason.data or "", by=actor(), now=clock.now())
    flash(_("划掉了，原因记下了。"), "success")
    return redirect(site_url("community.desk_signatures", matter_id=matter_id), 303)


def _photo(form: PaperForm) -> Picture | None:
    """The photo drawn anew and stored; a bad one leaves its reason at the field."""
    if not form.photo.data or not form.photo.data.filename:
        return None
    try:
        photo = reencode(form.photo.data.stream, limit_bytes=current_app.config["PHOTO_BYTES"])
    except BadPhoto as error:
        form.photo.errors = [say(error.reason, error.values)]
        return None
    kept = Picture(uuid7(), photo.width, photo.height, len(photo.full), photo.sha256, _("签名纸"))
    store = files()
    store.put(current_community(), kept.id, photo.full)
    store.put(current_community(), kept.id, photo.small, variant="small")
    return kept


def _signing(matter_id: UUID) -> Signing:
    found = joint_queries.signing_of(matter_id)
    if found is None:
        raise Missing(NONE)
    return found


def _at_desk(matter_id: UUID) -> Signing:
    readable(matter_id)
    return _signing(matter_id)


def _line(one: Signed, whole: bool) -> dict[str, Any]:
    row = one.signature
    return {
        "id": row.id, "name": one.name, "gender": one.gender, "whole": whole, "is_proposer": row.is_proposer,
        "way": _(WAYS[row.channel]), "proof": _(PROOFS[row.proof]) if row.proof != "none" else "",
        "by": row.entered_label, "at": row.signed_at, "withdrawn_at": row.withdrawn_at, "why": row.withdrawn_reason,
    }  # fmt: skip


def _shared(found: Signing, whole: bool) -> dict[str, Any]:
    everybody = joint_queries.signatures_of(found.matter.id)
    # Households on paper that nobody named are told as a number; a list of empty lines tells nobody anything.
    named = [one for one in everybody if one.name or one.signature.channel != "paper" or one.signature.is_proposer]
    unnamed = [one for one in everybody if one not in named and one.signature.withdrawn_at is None]
    return {
        "signing": found, "lines": [_line(one, whole) for one in named[:SHOWN]], "unnamed": len(unnamed),
        "last_unnamed": unnamed[-1].signature.id if unnamed else None, "invite": invite_of(found.matter),
        "sheet": joint.seen(found.matter, found.sheet),
    }  # fmt: skip


def _own_page(found: Signing) -> str:
    sheet = joint.seen(found.matter, found.sheet)
    others = max(0, found.matter.signers - 1)
    return page(
        "hall/sign_list.html", may_go_alone=bool(rules.may_go_alone(sheet, clock.now(), others)),
        **_shared(found, False),
    )  # fmt: skip


def _desk_page(found: Signing, form: PaperForm) -> str:
    matter: Matter = found.matter
    whole = bool(may_see(Part.PERSONS, viewer_of(matter, own=False), sensitivity_of(matter)))
    papers = joint_queries.papers_of(matter.id) if whole else []
    return desk("desk/sign_list.html", "ledger", form=form, papers=papers, **_shared(found, whole))


def _strike_page(found: Signing, signature_id: UUID, form: StrikeForm) -> str:
    one = next((row for row in joint_queries.signatures_of(found.matter.id) if row.signature.id == signature_id), None)
    if one is None:
        raise Missing(N_("没有这个签名。"))
    whole = bool(may_see(Part.PERSONS, viewer_of(found.matter, own=False), sensitivity_of(found.matter)))
    return desk("desk/sign_strike.html", "ledger", matter=found.matter, line=_line(one, whole), form=form)


W = Permission.LEAD_WRITE
LIST = "/desk/matters/<uuid:matter_id>/signatures"
DOORS: list[Door] = [
    Door("GET", "/matters/<uuid:matter_id>/signatures", signatures, Permission.ANYONE_TRACK),
    Door("POST", "/matters/<uuid:matter_id>/signatures", go_alone, Permission.ANYONE_TRACK, limit="20 per 10 minutes"),
    Door("GET", LIST, desk_signatures, W),
    Door("POST", LIST, paper_in, W),
    Door("GET", LIST + "/<uuid:signature_id>", strike_page, W),
    Door("POST", LIST + "/<uuid:signature_id>", strike, W),
]
