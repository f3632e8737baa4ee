"""Doors of collecting: writing a collection down, and reckoning what each home pays."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces import figures
from app.faces.choosing import RadioField, SelectMultipleField
from app.faces.community import paperwork
from app.faces.community.collections import ONE, P, about, found, found_at
from app.faces.community.inputs import whole_number
from app.faces.community.matter import readable
from app.faces.community.stairwells import stair_choices, units_chosen
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.implement import collecting
from app.flow.implement import collection_queries as reading
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_queries import Whole
from app.flow.implement.collection_rules import Home
from app.flow.implement.money_models import Collection
from app.matter.models import Matter
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

_AREA = re.compile(r"(\d{1,5})(?:\.(\d{1,2}))?")


class DraftForm(FlaskForm):
    """What for, how much, how it is shared, which doors."""

    title = StringField(_l("收费的名目"))
    purpose = TextAreaField(_l("做什么用"))
    total = StringField(_l("一共要多少元"))
    basis = RadioField(
        _l("怎么分摊"), choices=[(key, _l(label)) for key, label in rules.BASES.items()], validate_choice=False
    )
    units = SelectMultipleField(_l("哪几个单元"), validate_choice=False)
    labels = TextAreaField(_l("别的门牌，一行写一个"))


class SharesForm(FlaskForm):
    """The sum and, from the second time on, why it is shared anew; the homes' own fields are read by their ids."""

    total = StringField(_l("一共要多少元"))
    reason = StringField(_l("为什么重新摊"))


def collection_new(matter_id: UUID) -> str:
    """The form of a new collection."""
    matter = readable(matter_id)
    here = f"{matter.building_id}:{matter.unit}" if matter.building_id and matter.unit else ""
    return _new_page(matter, DraftForm(formdata=None, basis="equal", units=[here]))


def collection_draft(matter_id: UUID) -> Any:
    """Write it down; nobody is asked yet."""
    matter, form, row_id = readable(matter_id), DraftForm(), paperwork.once()
    made = paperwork.attempt(form, lambda: _draft(matter, form, row_id))
    if made is None:
        return _new_page(readable(matter_id), form), 422
    if made.matter_id != matter_id:
        raise Missing(collecting.GONE)
    flash(_("拟好了，还没开始。各户的份额看一遍，对了再去敲门。"), "ok")
    return redirect(site_url("community.collection", collection_id=made.id), 303)


def collection_shares(collection_id: UUID) -> str:
    """Heads, area or agreed sum of each home."""
    whole = found_at(collection_id, "draft", "open")
    return _shares_page(whole, SharesForm(formdata=None, total=figures.typed_yuan(whole.collection.total_fen)), {})


def collection_share_anew(collection_id: UUID) -> Any:
    """Reckon the shares anew; whoever agreed to another sum is asked again."""
    whole, form = found(collection_id), SharesForm()
    typed = {str(one.id): request.form.get(f"home-{one.id}", "") for one in whole.shares}
    anew = paperwork.attempt(form, lambda: _share_anew(whole, form, typed))
    if anew is None:
        return _shares_page(found(collection_id), form, typed), 422
    flash(_("份额算好了。") if not anew else _("份额算好了，%(n)s 户的数变了，要重新问。", n=anew), "ok")
    return redirect(site_url("community.collection", collection_id=collection_id), 303)


def _draft(matter: Matter, form: DraftForm, row_id: UUID) -> Collection:
    total = paperwork.fen(form.total.data)
    if total is None:
        raise Refused(N_("写上一共要多少元，例如 4800。"))
    homes = reading.homes_of_units(units_chosen(form.units.data or []))
    known = {home.label for home in homes}
    for label in (line.strip() for line in (form.labels.data or "").splitlines()):
        if label and label not in known:
            known.add(label)
            homes.append(Home(label))
    return collecting.draft_collection(
        matter, title=form.title.data or "", purpose=form.purpose.data or "", basis=form.basis.data or "",
        total_fen=total, homes=homes, by=actor(), now=clock.now(), id=row_id,
    )  # fmt: skip


def _share_anew(whole: Whole, form: SharesForm, typed: dict[str, str]) -> int:
    total = paperwork.fen(form.total.data)
    if total is None:
        raise Refused(N_("写上一共要多少元，例如 4800。"))
    homes = {one.id: _home(one, whole.collection.basis, typed[str(one.id)]) for one in whole.shares}
    return collecting.share_anew(
        whole.collection, whole.matter, total_fen=total, homes=homes, reason=form.reason.data or "", by=actor(),
        now=clock.now(),
    )  # fmt: skip


def _home(share: Any, basis: str, typed: str) -> Home:
    """What was typed for one home; an empty field keeps what stands."""
    heads, area, fen = share.heads, share.area_dm2, share.share_fen
    if typed.strip() and basis == "heads":
        heads = whole_number(typed) or 0
    elif typed.strip() and basis == "area":
        plain = _AREA.fullmatch(typed.strip())
        if plain is None:
            raise Refused(N_("面积写平方米，例如 88.5。"))
        area = int(plain[1]) * 100 + int((plain[2] or "0").ljust(2, "0"))
    elif typed.strip() and basis == "agreed":
        fen = paperwork.fen(typed) or 0
    return Home(share.label, share.household_id, heads, area, fen)


def _new_page(matter: Matter, form: DraftForm) -> str:
    blocks = stair_choices(form.units)
    return desk(
        "desk/collection_new.html", "money", matter=matter, form=form, blocks=blocks,
        own_building=str(matter.building_id), once=request.form.get("once") or uuid7(), most=rules.HOMES_MOST,
        voluntary=rules.VOLUNTARY,
    )  # fmt: skip


def _shares_page(whole: Whole, form: SharesForm, typed: dict[str, str]) -> str:
    stands = {
        str(one.id): {
            "heads": str(one.heads), "area": figures.typed_yuan(one.area_dm2) if one.area_dm2 else "",
            "agreed": figures.typed_yuan(one.share_fen) if one.share_fen else "", "equal": "",
        }[whole.collection.basis]
        for one in whole.shares
    }  # fmt: skip
    return desk("desk/collection_shares.html", "money", form=form, typed=stands | typed, **about(whole))


_MATTER = "/desk/matters/<uuid:matter_id>/collections"
DOORS: list[Door] = [
    Door("GET", f"{_MATTER}/new", collection_new, P),
    Door("POST", _MATTER, collection_draft, P),
    Door("GET", f"{ONE}/shares", collection_shares, P),
    Door("POST", f"{ONE}/shares", collection_share_anew, P),
]
