"""Doors of a matter's account at the desk: read it, write a line with its voucher, strike one out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.community import paperwork
from app.faces.community.inputs import as_uuid
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.pictures import pictures_sent
from app.faces.visitor import actor, visitor
from app.flow.implement import collection_queries as collected
from app.flow.implement import money, money_queries, queries
from app.flow.implement.collection_queries import find_collection
from app.flow.implement.money_models import MoneyEntry
from app.flow.implement.money_rules import SIDES, SOURCES, may_enter
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.people.roles import OFFICE_STAFF, Role
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

#: What marks a choice of source as "out of this collection".
FROM_COLLECTION = "collection:"
GONE = N_("没有这一笔账。")


class EntryForm(FlaskForm):
    """One line of the account."""

    side = RadioField(_l("记哪一种"), choices=[(key, _l(label)) for key, label in SIDES.items()], validate_choice=False)
    amount = StringField(_l("多少元"))
    approx = BooleanField(_l("是上限，没有细算"))
    source = SelectField(_l("钱从哪儿来"), validate_choice=False)
    source_name = StringField(_l("哪一家出的"))
    words = StringField(_l("做什么用"))
    on = StringField(_l("哪天"))
    task = SelectField(_l("哪一项任务"), validate_choice=False)
    voucher = StringField(_l("票据号"))
    photo = FileField(_l("票据照片"))


class StrikeForm(FlaskForm):
    """Why a line is struck out."""

    reason = TextAreaField(_l("为什么划掉"))


def matter_money(matter_id: UUID) -> str:
    """The account: what was planned by whom, what came and went, line by line, and the form of a new line."""
    return _page(readable(matter_id), EntryForm(formdata=None, side="out", on=clock.today().isoformat()))


def money_entry_add(matter_id: UUID) -> Any:
    """Write one line."""
    matter, form, row_id = readable(matter_id), EntryForm(), paperwork.once()
    if (
        not paperwork.already(MoneyEntry, row_id)
        and paperwork.attempt(form, lambda: _add(matter, form, row_id)) is None
    ):
        return _page(readable(matter_id), form), 422
    flash(_("记好了。"), "ok")
    return redirect(site_url("community.matter_money", matter_id=matter_id), 303)


def money_striking(entry_id: UUID) -> str:
    """Ask why a line is struck out."""
    return _strike_page(*_found(entry_id), StrikeForm(formdata=None))


def money_strike(entry_id: UUID) -> Any:
    """Strike a line out; the typed reason is the confirmation."""
    entry, matter = _found(entry_id)
    form = StrikeForm()
    if entry.struck_at is not None:
        raise Refused(money.TWICE)
    struck = paperwork.attempt(
        form, lambda: money.strike(entry, form.reason.data or "", by=actor(), now=clock.now())
    )  # fmt: skip
    if struck is None:
        return _strike_page(*_found(entry_id), form), 422
    flash(_("划掉了，原来写的还看得到，不再算数。"), "ok")
    return redirect(site_url("community.matter_money", matter_id=matter.id), 303)


def _add(matter: Matter, form: EntryForm, row_id: UUID) -> MoneyEntry:
    amount, on = paperwork.fen(form.amount.data), paperwork.day(form.on.data)
    if amount is None:
        raise Refused(N_("写上多少元，例如 4650 或 4650.50。"))
    if on is None:
        raise Refused(N_("写上是哪天的账。"))
    source, collection = form.source.data or "", None
    if source.startswith(FROM_COLLECTION):
        found = find_collection(as_uuid(source.removeprefix(FROM_COLLECTION)) or uuid7())
        source, collection = "residents", found[0] if found else None
        if collection is None:
            raise Refused(N_("没有这笔收费。"))
    tasks = {str(one.id): one for one in queries.commitments_of(matter)}
    if form.task.data and form.task.data not in tasks:
        raise Refused(N_("没有这项任务。"))
    photos = pictures_sent("photo")
    return money.add_entry(
        matter, side=form.side.data or "", source=source, amount_fen=amount, words=form.words.data or "", on=on,
        commitment=tasks.get(form.task.data or ""), collection=collection, source_name=form.source_name.data or "",
        voucher=form.voucher.data or "", approx=bool(form.approx.data), photo=photos[0] if photos else None, by=actor(),
        now=clock.now(), id=row_id,
    )  # fmt: skip


def _page(matter: Matter, form: EntryForm) -> str:
    me = visitor()
    writes = me is not None and me.can(Permission.MONEY_WRITE)
    is_open = bool(may_enter(Stage(matter.stage), taken_on=matter.accepted_at is not None))
    collections = collected.collections_of(matter)
    if writes and is_open:
        sums = money_queries.totals(matter)
        own = [
            (f"{FROM_COLLECTION}{row.collection.id}", _("挨家收的：%(title)s", title=row.collection.title))
            for row in collections
            if row.collection.state in ("open", "closed") and row.collection.posted_at is None
        ]
        form.source.choices = [("", _("请选一样")), *own, *((key, _(label)) for key, label in SOURCES.items())]
        form.task.choices = [("", _("整件事")), *((str(task.id), task.what) for task in sums.tasks)]
    else:
        sums = money_queries.totals(matter)
    sees_vouchers = me is not None and bool(me.roles & (OFFICE_STAFF | {Role.AFFAIRS_SUPERVISOR}))
    return desk(
        "desk/money_matter.html", "money", matter=matter, sums=sums, form=form, writes=writes and is_open,
        once=request.form.get("once") or uuid7(), lines=money_queries.entries_of(matter), sources=SOURCES, sides=SIDES,
        collections=collections, collects=me is not None and me.can(Permission.COLLECTION_WRITE),
        sees_vouchers=sees_vouchers, owing=money_queries.tasks_without_cost(matter) if sums.tasks else [],
    )  # fmt: skip


def _strike_page(entry: MoneyEntry, matter: Matter, form: StrikeForm) -> str:
    return desk("desk/money_strike.html", "money", entry=entry, matter=matter, form=form, sources=SOURCES, sides=SIDES)


def _found(entry_id: UUID) -> tuple[MoneyEntry, Matter]:
    found = money_queries.find_entry(entry_id)
    if found is None or found[0].share_id is not None:
        raise Missing(GONE)
    readable(found[1].id)
    return found


_MATTER = "/desk/matters/<uuid:matter_id>"
_ENTRY = "/desk/money-entries/<uuid:entry_id>"
DOORS: list[Door] = [
    Door("GET", f"{_MATTER}/money", matter_money, Permission.MATTER_READ),
    Door("POST", f"{_MATTER}/money-entries", money_entry_add, Permission.MONEY_WRITE),
    Door("GET", f"{_ENTRY}/cancellation", money_striking, Permission.MONEY_WRITE),
    Door("POST", f"{_ENTRY}/cancellation", money_strike, Permission.MONEY_WRITE),
]
