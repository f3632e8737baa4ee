"""Doors of the desk for a child's matter: note who agreed, open the matter without the child, shut it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.community.inputs import take_back
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.collect import minors, queries
from app.flow.collect.rules import phone_problem
from app.matter.models import Matter
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.hosts import site_url

NOT_A_CHILD_S = N_("这件事不是孩子提的。")


class AgreedForm(FlaskForm):
    """Who was asked and agrees."""

    guardian_name = StringField(_l("家长怎么称呼"))
    guardian_phone = StringField(_l("家长电话"))
    own = BooleanField(_l("孩子满 14 岁，问过本人，本人同意"))


class OpenForm(FlaskForm):
    """What stands in public, written anew."""

    title = StringField(_l("标题"))
    question = TextAreaField(_l("要议的一句话"))
    place = StringField(_l("地点"))
    reason = StringField(_l("为什么要公开议"))
    names_nobody = BooleanField(_l("看过了：哪儿都看不出是谁家孩子"))


class ShutForm(FlaskForm):
    """Why it is shut again."""

    why = StringField(_l("为什么收回"))


def minor(matter_id: UUID) -> str:
    """What was agreed and whether the matter is open."""
    matter = _matter(matter_id)
    return _page(matter, OpenForm(formdata=None, question=matter.question))


def minor_agreed(matter_id: UUID) -> Any:
    """Note that the guardian, or the child of fourteen and more, agrees."""
    matter, form = _matter(matter_id), AgreedForm()
    wrong = phone_problem(form.guardian_phone.data or "")
    name, phone = (form.guardian_name.data or "").strip(), (form.guardian_phone.data or "").strip()
    try:
        if wrong is not None:
            wrong.or_refuse()
        if bool(name) != bool(phone):
            raise Refused(N_("请写上同意的家长是谁、电话多少，社区要能核实。"))
        minors.ask_consent(matter, guardian=f"{name} {phone}".strip(), own=form.own.data, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "guardian_phone", error)
        return _page(_matter(matter_id), OpenForm(formdata=None), agreed=form), 422
    flash(_("记下了。"), "success")
    return redirect(site_url("community.minor", matter_id=matter_id), 303)


def minor_open(matter_id: UUID) -> Any:
    """Open it: from here on it is deliberated like any other, without the child."""
    matter, form = _matter(matter_id), OpenForm()
    try:
        minors.open_matter(
            matter, title=form.title.data or "", question=form.question.data or "", place=form.place.data or "",
            reason=form.reason.data or "", names_nobody=form.names_nobody.data, by=actor(), now=clock.now(),
        )  # fmt: skip
    except Refused as error:
        take_back(form, "title", error)
        return _page(_matter(matter_id), form), 422
    flash(_("公开了。孩子的名字、原话和照片照旧不公开。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def minor_shut(matter_id: UUID) -> Any:
    """Shut it again."""
    matter, form = _matter(matter_id), ShutForm()
    try:
        minors.shut_matter(matter, reason=form.why.data or "", by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "why", error)
        return _page(_matter(matter_id), OpenForm(formdata=None), shut=form), 422
    flash(_("收回了，只给当事人看。"), "success")
    return redirect(site_url("community.minor", matter_id=matter_id), 303)


def _matter(matter_id: UUID) -> Matter:
    matter = readable(matter_id)
    if not matter.has_minor:
        raise Missing(NOT_A_CHILD_S)
    return matter


def _page(matter: Matter, form: OpenForm, *, agreed: AgreedForm | None = None, shut: ShutForm | None = None) -> str:
    me = visitor()
    first = queries.proposals_of(matter)[0]
    return desk(
        "desk/minor.html", "ledger", matter=matter, form=form, agreed=agreed or AgreedForm(formdata=None),
        shut=shut or ShutForm(formdata=None), is_secretary=me is not None and Role.SECRETARY in me.roles,
        has_agreed=first.own_consent or bool(first.guardian_consent and first.guardian_sealed),
        by_guardian=first.guardian_consent, is_open=matter.visibility == "public",
    )  # fmt: skip


W = Permission.SCREENING_WRITE
HERE = "/desk/matters/<uuid:matter_id>/minor"
DOORS: list[Door] = [
    Door("GET", HERE, minor, W),
    Door("POST", HERE + "/consents", minor_agreed, W),
    Door("POST", HERE + "/openings", minor_open, W),
    Door("POST", HERE + "/closings", minor_shut, W),
]
