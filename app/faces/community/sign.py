"""Doors of the hall: signing a joint proposal from its link or QR code, and taking the signature back.

Whoever holds the link reads the words as the proposer wrote them, marked as not looked at by the community. A signature
needs one of the proofs of living here: an account, the household's code, or a code sent to a phone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, StringField

from app import clock
from app.errors import DomainError, Missing
from app.faces import limits, phone_proof
from app.faces.community.sight import said_by_me
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.phrasing import clauses
from app.faces.visitor import actor, visitor
from app.flow.collect import joint, joint_queries, rules
from app.flow.collect import joint_rules as signing
from app.flow.collect.joint import Signer, seen
from app.flow.collect.joint_queries import Signing
from app.people import residents
from app.people.models import Account, Person
from app.people.permissions import Permission
from app.records.qr import qr_svg
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community

HOUSEHOLD = "household"
#: Lines of the paper on which people sign; one sheet of A4.
LINES = 12


class SignForm(phone_proof.PhoneFields, FlaskForm):
    """Who signs, by household code or by phone; somebody signed in only ticks. ``via`` says how they came."""

    via = HiddenField()
    name = StringField(_l("您的姓名"))
    code = StringField(_l("户码"))
    adult = BooleanField(_l("我已经满 18 岁"))
    agree = BooleanField(_l("我看过了，愿意一起提这件事"))


def sign_page(code: str) -> Any:
    """What is to be signed, how many have, and the form."""
    found = _found(code)
    via = "qr" if request.args.get("via") == "qr" else "link"
    return _page(found, SignForm(formdata=None, via=via))


def sign(code: str) -> Any:
    """Sign, or ask for a code to the phone (the other button of the same form)."""
    found, form, now = _found(code), SignForm(), clock.now()
    signing.may_sign(seen(found.matter, found.sheet), now).or_refuse()
    if phone_proof.asks_for_code():
        asked = phone_proof.ask(form, now=now)
        return _page(found, form), 200 if asked else 422
    if not form.agree.data:
        form.agree.errors = [*form.agree.errors, _("请勾上这一条再签。")]
        return _page(found, form), 422
    signer = _who(form, now)
    if signer is None:
        return _page(found, form), 422
    joint.sign(found.matter.id, signer, by=actor(), now=now)
    session["signed"] = [found.sheet.code, *(kept for kept in session.get("signed", []) if kept != found.sheet.code)][
        :20
    ]
    # When the matter is finished and rated, this browser speaks for the person who signed.
    kept = {str(found.matter.id): str(signer.person.id)} | session.get("signed_by", {})
    session["signed_by"] = dict(list(kept.items())[:20])
    flash(_("签好了，谢谢您。"), "ok")
    return redirect(site_url("community.sign_page", code=found.sheet.code), 303)


def unsign_page(code: str) -> Any:
    """The form for taking a signature back, by the same proof."""
    return page("hall/sign_back.html", signing=_found(code), form=SignForm(formdata=None), by_account=_resident())


def unsign(code: str) -> Any:
    """Take it back."""
    found, form, now = _found(code), SignForm(), clock.now()
    signing.may_unsign(seen(found.matter, found.sheet)).or_refuse()
    here: dict[str, Any] = {"signing": found, "form": form, "by_account": _resident()}
    if phone_proof.asks_for_code():
        asked = phone_proof.ask(form, now=now)
        return page("hall/sign_back.html", **here), 200 if asked else 422
    form.adult.data = True
    signer = _who(form, now)
    if signer is None:
        return page("hall/sign_back.html", **here), 422
    joint.unsign(found.matter.id, signer.person, by=actor(), now=now)
    flash(_("您的签名撤了。"), "ok")
    return redirect(site_url("community.sign_page", code=found.sheet.code), 303)


def sign_sheet(code: str) -> Any:
    """The same on paper: A4 with lines, for those who sign by hand."""
    found = _found(code)
    link = site_url("community.sign_page", code=found.sheet.code, external=True)
    return page(
        "hall/sign_sheet.html", signing=found, where=_where(found), rows=LINES,
        qr=qr_svg(f"{link}?via=qr", label=_("扫码联名")),
    )  # fmt: skip


def _found(code: str) -> Signing:
    """The sheet behind the code; one whose matter is not for everybody's eyes answers as if it were not there."""
    found = joint_queries.find_signing(code)
    if found is None or not signing.is_shown(seen(found.matter, found.sheet)):
        raise Missing(_("没有这张联名单，或者它不公开了。"))
    return found


def _who(form: SignForm, now: datetime) -> Signer | None:
    """Who signs, with the proof; None with the reason at the field. Wrong tries are counted and never rolled back."""
    account = _resident()
    if account is not None and account.person is not None:
        proof = "household_code" if account.person.household_id else "phone"
        return Signer(account.person, proof, "account")
    if not form.adult.data:
        form.adult.errors = [*form.adult.errors, _("签名要满 18 岁。")]
        return None
    via = "qr" if form.via.data == "qr" else "link"
    if (form.code.data or "").strip():
        return _by_household(form, via, now)
    if (form.phone_code.data or "").strip():
        return _by_phone(form, via, now)
    form.code.errors = [_("请写户码，或者用手机验证码，两样有一样就行。")]
    return None


def _by_household(form: SignForm, via: str, now: datetime) -> Signer | None:
    if not limits.may_guess(HOUSEHOLD):
        form.code.errors = [_("输错的次数多了，请过十分钟再试，或者打电话给社区。")]
        return None
    try:
        account, _new = residents.join((form.code.data or "")[:100], (form.name.data or "")[:200], now=now)
    except DomainError as error:
        wrong = isinstance(error, residents.WrongCode)
        if wrong:
            limits.wrong_guess(HOUSEHOLD)
        (form.code if wrong else form.name).errors = [say(error.reason, error.values)]
        return None
    return Signer(_person(account), "household_code", via)


def _by_phone(form: SignForm, via: str, now: datetime) -> Signer | None:
    try:
        name = residents.good_name((form.name.data or "")[:200])
    except DomainError as error:
        form.name.errors = [say(error.reason, error.values)]
        return None
    mark = phone_proof.verified(form, now=now)
    if mark is None:
        return None
    account, _new = residents.join_by_phone((form.phone.data or "")[:40], mark, name, now=now)
    return Signer(_person(account), "phone", via)


def _person(account: Account) -> Person:
    return db.session.scalars(
        select(Person).where(Person.community_id == current_community(), Person.id == account.person_id)
    ).one()


def _resident() -> Account | None:
    me = visitor()
    return me.account if me is not None and me.kind == "resident" else None  # type: ignore[return-value]


def _where(found: Signing) -> str:
    matter = found.matter
    named = f"{matter.building.estate.name} {matter.building.name}" if matter.building else ""
    return clauses(part for part in (named, matter.place) if part)


def _page(found: Signing, form: SignForm) -> str:
    sheet = seen(found.matter, found.sheet)
    verdict = signing.may_sign(sheet, clock.now())
    return page(
        "hall/sign.html", signing=found, form=form, by_account=_resident(), where=_where(found), lacking=sheet.lacking,
        closed="" if verdict else say(verdict.reason, verdict.values), own=said_by_me(found.matter, [found.proposal]),
        signed_here=found.sheet.code in session.get("signed", []),
        may_unsign=bool(signing.may_unsign(sheet)), category=rules.CATEGORIES.get(found.matter.category, ""),
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/sign/<string:code>", sign_page, Permission.ANYONE_SIGN),
    Door("POST", "/sign/<string:code>", sign, Permission.ANYONE_SIGN, limit="60 per 10 minutes"),
    Door("GET", "/sign/<string:code>/withdrawal", unsign_page, Permission.ANYONE_SIGN),
    Door("POST", "/sign/<string:code>/withdrawal", unsign, Permission.ANYONE_SIGN, limit="30 per 10 minutes"),
    Door("GET", "/sign/<string:code>/sheet", sign_sheet, Permission.ANYONE_SIGN),
]
