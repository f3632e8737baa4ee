"""The forms of the letterbox, and the pictures and codes that wait between two of its pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, MultipleFileField, PasswordField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Optional

from app import clock
from app.faces.choosing import RadioField, SelectField
from app.faces.community.drafts import held_photos, hold_photo
from app.faces.community.inputs import as_uuid, whole_number
from app.faces.inputs import CountField, DayField
from app.faces.look import say
from app.faces.phrasing import headed
from app.flow.collect import letters
from app.flow.collect.actions import Picture
from app.flow.collect.rules import TITLES_OF_ADDRESS, Saying
from app.matter.photos import BadPhoto

#: Pages of one letter.
PAGES = 4
KINDS = [("individual", _l("一个人写的")), ("joint", _l("几户联名")), ("organisation", _l("单位写的"))]
AS = [("proposal", _l("提案，交给社区初审")), ("lead", _l("线索，先记着"))]


class OpeningForm(FlaskForm):
    """A box was opened. ``once`` becomes the opening's id."""

    once = HiddenField()
    box = SelectField(_l("哪个信箱"), validate_choice=False)
    day = DayField(_l("哪天开的"), [InputRequired(_l("选一个日子。"))])
    time = TimeField(_l("几点"), [InputRequired(_l("写上几点，比如 14:30。"))])
    found = CountField(_l("箱里一共几封"), [InputRequired(_l("数出来几封写几封，空箱写 0。"))])
    blank = CountField(_l("其中空白的"), [Optional()])
    note = TextAreaField(_l("还有什么要记"))
    second = SelectField(_l("和谁一起开的"), validate_choice=False)
    password = PasswordField(_l("请这一位输自己的登录密码"))


class LetterForm(FlaskForm):
    """One letter as it was written. ``once`` becomes the matter's id."""

    once = HiddenField()
    photos = MultipleFileField(_l("给这封信拍张照"))
    words = TextAreaField(_l("信上的话，一字不改"))
    wish = TextAreaField(_l("盼着怎么办"))
    building = SelectField(_l("小区和楼"), validate_choice=False)
    unit = StringField(_l("几单元"))
    place = StringField(_l("具体位置"))
    name = StringField(_l("署名"))
    title_of_address = RadioField(_l("称呼"), choices=list(TITLES_OF_ADDRESS.items()), validate_choice=False)
    phone = StringField(_l("电话"))
    kind = RadioField(_l("谁写的"), choices=KINDS, validate_choice=False)
    signers = CountField(_l("一共几户"), [Optional()])
    organisation = StringField(_l("单位名称"))
    is_child = BooleanField(_l("是孩子写的"))
    age = StringField(_l("孩子几岁"))
    become = RadioField(_l("记成什么"), choices=AS, validate_choice=False)


def aside_choices() -> list[tuple[str, str]]:
    """Why a letter is not written down."""
    return [(key, say(label)) for key, label in letters.ASIDE.items()]


def take_photos(form: LetterForm, mark: str) -> list[Picture]:
    """Draw the uploads anew and keep them with those of an earlier try; a bad one is told at the field."""
    form.photos.errors = list(form.photos.errors)
    for upload in request.files.getlist("photos"):
        if not upload.filename:
            continue
        if len(held_photos(mark)) >= PAGES:
            form.photos.errors.append(_("最多 %(n)s 张照片，多的没有收。", n=PAGES))
            break
        try:
            hold_photo(mark, upload.stream)
        except BadPhoto as error:
            form.photos.errors.append(headed(upload.filename[:40], say(error.reason, error.values)))
    return held_photos(mark)


def saying_of(form: LetterForm) -> Saying:
    """What the letter says; the number and the opening are added where it is written down."""
    typed = (form.building.data or "").strip()
    building = as_uuid(typed) if form.building.offers(typed) else None
    return Saying(
        words=form.words.data or "", wish=form.wish.data or "", kind=form.kind.data or "", channel="box",
        building_id=building, unit=whole_number(form.unit.data) if building else None, place=form.place.data or "",
        name=form.name.data or "", title_of_address=form.title_of_address.data or "", phone=form.phone.data or "",
        signers=(form.signers.data or 0) if form.kind.data == "joint" else 1,
        organisation=(form.organisation.data or "") if form.kind.data == "organisation" else "",
        birth_year=birth_year(form), consent_later=bool(form.is_child.data),
    )  # fmt: skip


def birth_year(form: LetterForm) -> int | None:
    """The year that an age on a letter points to; a child without an age counts as a small one."""
    if not form.is_child.data:
        return None
    return clock.today().year - (whole_number(form.age.data) or 0)


def own_mark(account_id: UUID | None, once: Any) -> str:
    """Under which the pictures of a letter wait: this account's and this form's alone."""
    return f"{account_id}:{once}"
