"""The three forms of saying something, and what a rule's answer becomes in them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import Optional

from app.errors import Verdict
from app.faces.choosing import RadioField, SelectField
from app.faces.inputs import CountField
from app.faces.look import say
from app.flow.collect import rules

#: What a person says about who speaks, and the kind of proposal it makes.
KIND_OF = {"self": "individual", "joint": "joint", "another": "individual", "organisation": "organisation"}
#: Fields of a saying that another field of the form asks for.
ASKED_BY = {"kind": "who", "guardian": "guardian_name"}


class WhatForm(FlaskForm):
    """Step 1. ``at`` and ``call`` are the codes of the poster or the call for ideas that led here."""

    at = HiddenField()
    call = HiddenField()
    words = TextAreaField(_l("什么事"))
    wish = TextAreaField(_l("盼着怎么办"))
    photos = MultipleFileField(_l("拍张照片"))
    voices = MultipleFileField(_l("录一段话"))


class WhereForm(FlaskForm):
    """Step 2; the choices of building and unit come from the hall's own places."""

    building = RadioField(_l("几号楼"), validators=[Optional()], validate_choice=False)
    unit = RadioField(_l("几单元"), validators=[Optional()], validate_choice=False)
    place = StringField(_l("具体位置"))
    who = RadioField(_l("谁提这件事"), validate_choice=False)
    signers = CountField(_l("一共几户"), validators=[Optional()])
    organisation_kind = SelectField(
        _l("哪一种单位"), choices=[("", _l("请选一样")), *rules.ORGANISATIONS.items()], validate_choice=False
    )
    organisation = StringField(_l("单位名称"))
    organisation_role = StringField(_l("您在单位里是"))
    channel = SelectField(_l("从哪儿听来的"), choices=list(rules.CHANNELS.items()), validate_choice=False)
    point = StringField(_l("哪个收集点、哪天的信箱"))
    category = SelectField(_l("哪一类"), choices=[("", _l("先不分")), *rules.CATEGORIES.items()], validate_choice=False)


class CheckForm(FlaskForm):
    """Step 3."""

    name = StringField(_l("怎么称呼您"))
    title_of_address = RadioField(_l("称呼"), choices=list(rules.TITLES_OF_ADDRESS.items()), validate_choice=False)
    phone = StringField(_l("手机号"))
    name_public = RadioField(_l("公开的时候写"), choices=[("", ""), ("y", "")], validate_choice=False)
    is_child = BooleanField(_l("说事的是不满 18 岁的孩子"))
    birth_year = CountField(_l("哪年出生"), validators=[Optional()])
    own_consent = BooleanField(_l("我满 14 岁了，我自己同意这样提"))
    guardian_consent = BooleanField(_l("家长知道，也同意"))
    guardian_name = StringField(_l("家长怎么称呼"))
    guardian_phone = StringField(_l("家长电话"))
    read_back = BooleanField(_l("已经念给本人听过，本人同意这样写"))
    truth = BooleanField(_l("我说的是实情，同意社区按隐私说明使用这些信息"))


def told(form: Any, found: dict[str, Verdict]) -> bool:
    """Put each problem to its field; a field this step does not have is another step's business."""
    fine = True
    for name, verdict in found.items():
        target = form._fields.get(ASKED_BY.get(name, name))
        if target is not None:
            target.errors = [*target.errors, say(verdict.reason, verdict.values)]
            fine = False
    return fine
