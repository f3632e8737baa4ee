"""Doors of the street: the talent pool, with the load per expert. A phone is shown only to whoever keeps the pool."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import visitor
from app.people.permissions import Permission
from app.people.secrets import unseal
from app.talent import pool as experts
from app.talent import queries
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url


class ExpertForm(FlaskForm):
    """One expert."""

    code = StringField(_l("编号"))
    name = StringField(_l("姓名"))
    profession = StringField(_l("行当"))
    skill = StringField(_l("专长"))
    organisation = StringField(_l("单位"))
    hours = StringField(_l("什么时候方便"))
    phone = StringField(_l("电话"))
    conflicts = TextAreaField(_l("要回避的"))
    valid_until = DateField(_l("聘到哪天"), validators=[Optional()])
    shared = BooleanField(_l("各社区都能请"), default=True)
    once = HiddenField()


def pool() -> Any:
    """Everybody in the pool, by profession, with how often they were asked."""
    chosen = request.args.get("profession", "")
    rows = queries.pool()
    professions = list(dict.fromkeys(expert.profession for expert, _load, _phone in rows))
    groups = {
        profession: [(expert, load) for expert, load, _phone in rows if expert.profession == profession]
        for profession in professions
        if chosen in ("", profession)
    }
    return desk(
        "street/pool.html", "pool", groups=groups, professions=professions, chosen=chosen, today=clock.today(),
        choices=[("", _("全部")), *((name, name) for name in professions)],
        total=len(rows), asked=sum(load.asked for _expert, load, _phone in rows),
        accepted=sum(load.accepted for _expert, load, _phone in rows),
    )  # fmt: skip


def expert_new() -> Any:
    """The form for somebody new."""
    return desk("street/expert.html", "pool", form=ExpertForm(formdata=None, once=str(uuid7())), expert=None, phone="")


def expert_add() -> Any:
    """Put somebody into the pool."""
    form = ExpertForm()
    form.validate()
    try:
        if form.valid_until.errors:
            raise Refused(N_("聘期写成 2027-12-31 这样，也可以空着。"))
        found = experts.add_expert(
            code=form.code.data or "", phone=form.phone.data or "", valid_until=form.valid_until.data,
            once=_once(form.once.data), **_fields(form),
        )  # fmt: skip
    except Refused as error:
        form.code.errors = [say(error.reason, error.values)]
        return desk("street/expert.html", "pool", form=form, expert=None, phone=""), 422
    flash(_("%(name)s 进了人才库。", name=found.name), "ok")
    return redirect(site_url("street.pool"), 303)


def expert(expert_id: UUID) -> Any:
    """One expert's page; the phone is opened for whoever may write the pool."""
    found, contact = _found(expert_id)
    me = visitor()
    may_write = me is not None and me.can(Permission.STREET_POOL_WRITE)
    phone = unseal(contact.phone_sealed) if contact and may_write else ""
    form = ExpertForm(
        formdata=None,
        obj=None,
        **{name: getattr(found, name) for name in (*experts.FIELDS, "code", "valid_until", "shared")},
    )
    return desk("street/expert.html", "pool", form=form, expert=found, phone=phone, has_phone=bool(contact))


def expert_change(expert_id: UUID) -> Any:
    """Change an expert's data; an empty phone keeps the one on record."""
    found, contact = _found(expert_id)
    form = ExpertForm()
    form.validate()
    try:
        if form.valid_until.errors:
            raise Refused(N_("聘期写成 2027-12-31 这样，也可以空着。"))
        experts.change_expert(
            found.id, phone=form.phone.data or "", valid_until=form.valid_until.data, shared=form.shared.data,
            **_fields(form),
        )  # fmt: skip
    except Refused as error:
        form.name.errors = [say(error.reason, error.values)]
        return desk("street/expert.html", "pool", form=form, expert=found, phone="", has_phone=bool(contact)), 422
    flash(_("改好了。"), "ok")
    return redirect(site_url("street.expert", expert_id=found.id), 303)


def suspend(expert_id: UUID) -> Any:
    """No hall may ask this expert from now on."""
    found = experts.suspend_expert(expert_id, now=clock.now())
    flash(_("%(name)s 先不派请了。", name=found.name), "ok")
    return redirect(site_url("street.pool"), 303)


def restore(expert_id: UUID) -> Any:
    """Halls may ask this expert again."""
    found = experts.restore_expert(expert_id)
    flash(_("%(name)s 又能请了。", name=found.name), "ok")
    return redirect(site_url("street.pool"), 303)


def _found(expert_id: UUID) -> Any:
    found = queries.find_expert(expert_id)
    if found is None:
        raise Missing(N_("人才库里没有这位专家。"))
    return found


def _fields(form: ExpertForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in experts.FIELDS}


def _once(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


P = Permission
DOORS: list[Door] = [
    Door("GET", "/pool", pool, P.STREET_POOL_READ),
    Door("GET", "/pool/new", expert_new, P.STREET_POOL_WRITE),
    Door("POST", "/pool", expert_add, P.STREET_POOL_WRITE),
    Door("GET", "/pool/<uuid:expert_id>", expert, P.STREET_POOL_READ),
    Door("POST", "/pool/<uuid:expert_id>", expert_change, P.STREET_POOL_WRITE),
    Door("POST", "/pool/<uuid:expert_id>/suspension", suspend, P.STREET_POOL_WRITE, name="expert_suspension"),
    Door("POST", "/pool/<uuid:expert_id>/restoration", restore, P.STREET_POOL_WRITE, name="expert_restoration"),
]
