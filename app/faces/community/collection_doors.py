"""One door of a collection, fit for a phone: what the home says, what it pays, what it gets back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from app import clock
from app.errors import Missing
from app.faces.choosing import RadioField
from app.faces.community import paperwork
from app.faces.community.collections import found
from app.faces.community.inputs import as_uuid
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.implement import collecting
from app.flow.implement import collection_queries as reading
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_queries import Whole
from app.flow.implement.money_models import CollectionShare
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

NO_HOME = N_("没有这一户。")


class AnswerForm(FlaskForm):
    """What the home says; the answer is the button. ``seen`` is the share the page showed, in fen."""

    seen = HiddenField()
    how = RadioField(
        _l("怎么说的"), choices=[(key, _l(label)) for key, label in rules.AGREED_HOW.items()], validate_choice=False
    )
    reason = StringField(_l("为什么不交"))


class PayForm(FlaskForm):
    """The home pays its share."""

    once = HiddenField()
    how = RadioField(
        _l("怎么交的"), choices=[(key, _l(label)) for key, label in rules.PAID_HOW.items()], validate_choice=False
    )


class UndoForm(FlaskForm):
    """Why an entry is taken back."""

    reason = StringField(_l("为什么撤回"))


def collection_home(collection_id: UUID, share_id: UUID) -> str:
    """The door."""
    return _page(*_found(collection_id, share_id))


def collection_answer(collection_id: UUID, share_id: UUID) -> Any:
    """Keep what the home said."""
    whole, share = _found(collection_id, share_id)
    form = AnswerForm()
    if paperwork.attempt(form, lambda: _answer(share, form)) is None:
        return _page(*_found(collection_id, share_id), answer=form), 422
    flash(_("记下了：同意。") if share.state == "agreed" else _("记下了：不交，不欠账。"), "ok")
    return _back(whole, share)


def collection_pay(collection_id: UUID, share_id: UUID) -> Any:
    """Take the share and number the receipt."""
    whole, share = _found(collection_id, share_id)
    form = PayForm()
    paid = paperwork.attempt(
        form, lambda: collecting.pay(
            share, whole.collection, whole.matter, how=form.how.data or "", by=actor(), now=clock.now(),
            id=as_uuid(form.once.data),
        )
    )  # fmt: skip
    if paid is None:
        return _page(*_found(collection_id, share_id), pay=form), 422
    flash(_("收到了，收据号 %(n)s。把收据交给这一户。", n=paid.receipt_no), "ok")
    return _back(whole, share)


def collection_pay_undo(collection_id: UUID, share_id: UUID) -> Any:
    """Take a payment back that was written down by mistake."""
    whole, share = _found(collection_id, share_id)
    form = UndoForm()
    done = paperwork.attempt(
        form, lambda: collecting.undo_payment(
            share, whole.collection, whole.matter, form.reason.data or "", by=actor(), now=clock.now()
        )
    )  # fmt: skip
    if done is None:
        return _page(*_found(collection_id, share_id), undo=form), 422
    flash(_("撤回了，那张收据作废，号码不再用。"), "ok")
    return _back(whole, share)


def collection_refund(collection_id: UUID, share_id: UUID) -> Any:
    """The home got back what is its own."""
    whole, share = _found(collection_id, share_id)
    collecting.give_back(
        share, whole.collection, whole.matter, by=actor(), now=clock.now(), id=paperwork.once()
    )  # fmt: skip
    flash(_("退到了，记上账了。"), "ok")
    return _back(whole, share)


def collection_refund_undo(collection_id: UUID, share_id: UUID) -> Any:
    """A refund was ticked by mistake."""
    whole, share = _found(collection_id, share_id)
    form = UndoForm()
    done = paperwork.attempt(
        form, lambda: collecting.undo_give_back(
            share, whole.collection, whole.matter, form.reason.data or "", by=actor(), now=clock.now()
        )
    )  # fmt: skip
    if done is None:
        return _page(*_found(collection_id, share_id), undo=form), 422
    flash(_("撤回了。"), "ok")
    return _back(whole, share)


def _answer(share: CollectionShare, form: AnswerForm) -> CollectionShare:
    if request.form.get("answer") == "agree":
        seen = int(form.seen.data) if (form.seen.data or "").isascii() and (form.seen.data or "").isdigit() else None
        return collecting.agree(share, how=form.how.data or "", seen_fen=seen, by=actor(), now=clock.now())
    return collecting.decline(share, reason=form.reason.data or "", by=actor(), now=clock.now())


def _found(collection_id: UUID, share_id: UUID) -> tuple[Whole, CollectionShare]:
    whole = found(collection_id)
    share = next((one for one in whole.shares if one.id == share_id), None)
    if share is None:
        raise Missing(NO_HOME)
    return whole, share


def _back(whole: Whole, share: CollectionShare) -> Any:
    return redirect(
        site_url("community.collection_home", collection_id=whole.collection.id, share_id=share.id), 303
    )  # fmt: skip


def _page(whole: Whole, share: CollectionShare, **forms: FlaskForm) -> str:
    answer = forms.get("answer") or AnswerForm(formdata=None, how="in_person")
    pay = forms.get("pay") or PayForm(formdata=None, how="cash")
    answer.seen.data, pay.once.data = str(share.share_fen), pay.once.data or str(uuid7())
    at = whole.shares.index(share)
    ahead = whole.shares[at + 1 :] + whole.shares[:at]
    return desk(
        "desk/collection_home.html", "money", whole=whole, one=whole.collection, matter=whole.matter, share=share,
        answer=answer, pay=pay, undo=forms.get("undo") or UndoForm(formdata=None), once=uuid7(),
        agreed_how=rules.AGREED_HOW, paid_how=rules.PAID_HOW, money=reading.money_of_share(share.id),
        capitals=rules.capitals(share.share_fen), posted=whole.collection.posted_at is not None,
        next_home=next((one for one in ahead if one.state in ("asked", "agreed") and one.share_fen), None),
    )  # fmt: skip


P = Permission.COLLECTION_WRITE
_HOME = "/desk/collections/<uuid:collection_id>/homes/<uuid:share_id>"
DOORS: list[Door] = [
    Door("GET", _HOME, collection_home, P),
    Door("POST", f"{_HOME}/answers", collection_answer, P),
    Door("POST", f"{_HOME}/payments", collection_pay, P),
    Door("POST", f"{_HOME}/payment-cancellations", collection_pay_undo, P),
    Door("POST", f"{_HOME}/refunds", collection_refund, P),
    Door("POST", f"{_HOME}/refund-cancellations", collection_refund_undo, P),
]
