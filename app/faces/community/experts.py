"""Doors of the hall: the street's talent pool as a hall may read it, and whom the hall proposes for it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.community.inputs import as_uuid
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.people.permissions import Permission
from app.talent import queries, suggesting
from app.talent.models import Expert
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community


class SuggestForm(FlaskForm):
    """Somebody for the pool; asked beforehand."""

    once = HiddenField()
    name = StringField(_l("姓名"))
    profession = StringField(_l("行当"))
    skill = StringField(_l("专长"))
    organisation = StringField(_l("单位"))
    phone = StringField(_l("电话"))
    why = TextAreaField(_l("为什么推荐"))
    consent = BooleanField(_l("问过本人，本人愿意进街道人才库"))


def experts() -> str:
    """The pool: who can be asked for what, without phones; and what became of our own proposals."""
    return _page(SuggestForm(formdata=None, once=str(uuid7())))


def suggest() -> Any:
    """Propose somebody to the street."""
    form = SuggestForm()
    form.validate()
    try:
        made = suggesting.suggest(
            name=form.name.data or "", profession=form.profession.data or "", skill=form.skill.data or "",
            why=form.why.data or "", consent=bool(form.consent.data), phone=form.phone.data or "",
            organisation=form.organisation.data or "", by=actor(), now=clock.now(), once=as_uuid(form.once.data),
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        _field_of(form).errors = [say(error.reason, error.values)]
        return _page(form), 422
    flash(_("推荐了 %(name)s，街道看过会答复。", name=made.name), "ok")
    return redirect(site_url("community.experts") + "#mine", 303)


def _field_of(form: SuggestForm) -> Field:
    """The field a refusal is about, in the order in which the rule looks at them."""
    limits = ((form.name, 40), (form.profession, 40), (form.skill, 200), (form.why, 500))
    empty = [field for field, _most in limits if not (field.data or "").strip()]
    long = [field for field, most in limits if len(field.data or "") > most]
    asked = [] if form.consent.data else [form.consent]
    badly_rung = form.phone if len(form.organisation.data or "") <= 200 else form.organisation
    return [*empty, *long, *asked, badly_rung][0]


def _page(form: SuggestForm) -> str:
    words, profession = request.args.get("q", "").strip()[:40], request.args.get("profession", "")
    everybody, here = queries.shared_pool(), current_community()
    shown = [one for one in everybody if profession in ("", one.profession) and words in _text(one)]
    names = list(dict.fromkeys(one.profession for one in everybody))
    return desk(
        "desk/experts.html", "experts", form=form, rows=shown, total=len(everybody), chosen_words=words,
        chosen=profession, choices=[("", _("全部")), *((name, name) for name in names)], today=clock.today(),
        barred={one.id for one in shown if here in one.barred_in}, mine=suggesting.suggestions(),
    )  # fmt: skip


def _text(one: Expert) -> str:
    return f"{one.name} {one.skill} {' '.join(one.specialties)} {one.organisation}"


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/experts", experts, P.EXPERT_SUGGEST),
    Door("POST", "/desk/experts/suggestions", suggest, P.EXPERT_SUGGEST, name="expert_suggestions"),
]
