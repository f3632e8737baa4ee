"""Doors of the street: one expert of the pool. The phone is opened only for whoever keeps the pool."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.look import say
from app.faces.pages import desk
from app.faces.street.pool_form import ExpertForm, empty_form, fields, form_of, once_of, sent_form
from app.faces.visitor import actor, visitor
from app.people.permissions import Permission
from app.people.secrets import unseal
from app.people.street_log import log_street
from app.talent import load, queries, rules
from app.talent import pool as experts
from app.talent.models import Expert, ExpertContact
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url


def expert_new() -> Any:
    """The form for somebody new."""
    return desk("street/expert.html", "pool", form=empty_form(once=str(uuid7())), expert=None)


def expert_add() -> Any:
    """Put somebody into the pool."""
    form = sent_form()
    try:
        found = experts.add_expert(
            code=form.code.data or "", phone=form.phone.data or "", valid_until=form.valid_until.data,
            once=once_of(form.once.data), **fields(form),
        )  # fmt: skip
    except Refused as error:
        form.code.errors = [say(error.reason, error.values)]
        return desk("street/expert.html", "pool", form=form, expert=None), 422
    _logged("add", found)
    flash(_("%(name)s 进了人才库。", name=found.name), "ok")
    return redirect(site_url("street.pool"), 303)


def expert(expert_id: UUID) -> Any:
    """One expert's page; the phone is opened for whoever may write the pool."""
    found, contact = _found(expert_id)
    return _page(found, contact, form_of(found))


def expert_change(expert_id: UUID) -> Any:
    """Change an expert's data; an empty phone keeps the one on record."""
    found, contact = _found(expert_id)
    form = sent_form()
    try:
        experts.change_expert(
            found.id, phone=form.phone.data or "", valid_until=form.valid_until.data, shared=form.shared.data,
            **fields(form),
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        found, contact = _found(expert_id)
        form.name.errors = [say(error.reason, error.values)]
        return _page(found, contact, form), 422
    _logged("change", found)
    flash(_("改好了。"), "ok")
    return redirect(site_url("street.expert", expert_id=found.id), 303)


def suspend(expert_id: UUID) -> Any:
    """No hall may ask this expert from now on."""
    found = experts.suspend_expert(expert_id, now=clock.now())
    _logged("suspend", found)
    flash(_("%(name)s 先不派请了。", name=found.name), "ok")
    return redirect(site_url("street.pool"), 303)


def restore(expert_id: UUID) -> Any:
    """Halls may ask this expert again."""
    found = experts.restore_expert(expert_id)
    _logged("restore", found)
    flash(_("%(name)s 又能请了。", name=found.name), "ok")
    return redirect(site_url("street.pool"), 303)


def merger(expert_id: UUID) -> Any:
    """Ask before two entries become one: this cannot be undone in one step."""
    kept, _contact = _found(expert_id)
    other = once_of(request.args.get("other"))
    if other is None:
        flash(_("先选一条，再并进来。"), "soon")
        return redirect(site_url("street.expert", expert_id=kept.id), 303)
    doubled, _other_contact = _found(other)
    if doubled.id == kept.id:
        raise Missing(N_("人才库里没有这位专家。"))
    return desk("street/expert_merge.html", "pool", kept=kept, other=doubled)


def merge(expert_id: UUID) -> Any:
    """Keep this entry and let it stand for the other; invitations of the halls stay as they are."""
    other = once_of(request.form.get("other"))
    if other is None:
        raise Missing(N_("人才库里没有这位专家。"))
    kept = experts.merge_experts(expert_id, other, now=clock.now())
    _logged("merge", kept)
    load.count_load(now=clock.now())
    flash(_("并好了，以后只有 %(name)s（%(code)s）这一条。", name=kept.name, code=kept.code), "ok")
    return redirect(site_url("street.expert", expert_id=kept.id), 303)


def _logged(what: str, found: Expert) -> None:
    log_street("expert", what, by=actor(), now=clock.now(), after=f"{found.code} {found.name}")


def _page(found: Expert, contact: ExpertContact | None, form: ExpertForm) -> str:
    me = visitor()
    may_write = me is not None and me.can(Permission.STREET_POOL_WRITE)
    everybody = queries.pool()
    record = next((load for one, load, _phone in everybody if one.id == found.id), load.Load())
    return desk(
        "street/expert.html", "pool", form=form, expert=found, has_phone=bool(contact), record=record,
        phone=unseal(contact.phone_sealed) if contact and may_write else "", ratings=load.ratings_of(found),
        grades=rules.GRADES, kept=next((o for o, _l, _p in everybody if o.id == found.merged_into_id), None),
        others=[one for one, _load, _phone in everybody if one.id != found.id],
    )  # fmt: skip


def _found(expert_id: UUID) -> tuple[Expert, ExpertContact | None]:
    found = queries.find_expert(expert_id)
    if found is None:
        raise Missing(N_("人才库里没有这位专家。"))
    return found
