"""The forms of the desk's answers, and how a refused one is shown again with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Optional

from app.errors import Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.inputs import DayField
from app.faces.look import say
from app.matter import needs
from app.matter.actions import situation_of
from app.matter.models import Matter
from app.matter.situation import TRIAGE_LABELS
from app.matter.stages import moves_from
from app.words import N_
from tenants.database import db

#: The ways in the order in which the page offers them, with icon and words.
WAYS: dict[str, tuple[str, str]] = {
    "accept": ("check-circle", N_("受理")),
    "submit": ("journal-text", N_("登记成提案")),
    "answer": ("chat-left-text", N_("当场答复")),
    "ask_for_more": ("arrow-return-left", N_("退回补充")),
    "refuse": ("slash-circle", N_("不予受理")),
    "refer": ("send", N_("转办")),
    "merge": ("arrow-left-right", N_("并案")),
}


class AcceptForm(FlaskForm):
    """What accepting settles."""

    triage = RadioField(
        _l("这是哪一种事"), choices=[(str(k), v) for k, v in TRIAGE_LABELS.items()], validate_choice=False
    )
    title = StringField(_l("标题"))
    category = SelectField(_l("属于哪一类"), validate_choice=False)
    wish = TextAreaField(_l("提出人盼着怎么办"))
    level = RadioField(_l("哪一级来办"), validate_choice=False)
    owner = SelectField(_l("责任人"), validate_choice=False)
    power = RadioField(_l("这事谁能定"), validate_choice=False)
    track = RadioField(_l("怎么议"), validate_choice=False)
    is_secretary_project = BooleanField(_l("书记项目，直接去办"))
    is_plain_duty = BooleanField(_l("分内该办的事，直接去办"))
    is_sensitive = BooleanField(_l("内容敏感，只给当事人和经手的人看"))
    note = TextAreaField(_l("跟提出人说一句"))


class AskForm(FlaskForm):
    """What is missing."""

    missing = TextAreaField(_l("要补什么，写明白"))


class RefuseForm(FlaskForm):
    """Item, reason and door."""

    code = RadioField(_l("属于负面清单哪一条"), validate_choice=False)
    reason = TextAreaField(_l("跟提出人怎么说"))
    door = TextAreaField(_l("该去哪儿反映"))


class ReferForm(FlaskForm):
    """Taker, reason and the day of calling back."""

    receiver = StringField(_l("转给哪个单位"))
    reason = TextAreaField(_l("为什么转"))
    call_back = DayField(_l("哪天给提出人回话"), validators=[Optional()])


class MergeForm(FlaskForm):
    """Into which one, and why."""

    into = RadioField(_l("并到哪一件"), validate_choice=False)
    reason = TextAreaField(_l("为什么是一回事"))


class AnswerForm(FlaskForm):
    """The answer given on the spot."""

    reply = TextAreaField(_l("当场怎么答复的"))


class TopicForm(FlaskForm):
    """The one sentence to be decided."""

    question = TextAreaField(_l("一句话说清要议什么"))
    party_prestudy = BooleanField(_l("党组织先议过了，或者已经排上"))


class NewsForm(FlaskForm):
    """What the other unit said."""

    words = TextAreaField(_l("对方怎么说的"))


class UnmergeForm(FlaskForm):
    """Why it is not the same thing after all."""

    reason = TextAreaField(_l("为什么不是一回事"))


class RetriageForm(FlaskForm):
    """How it is gone about from now on, and why."""

    triage = RadioField(
        _l("这是哪一种事"), choices=[(str(k), v) for k, v in TRIAGE_LABELS.items()], validate_choice=False
    )
    level = RadioField(_l("哪一级来办"), validate_choice=False)
    power = RadioField(_l("这事谁能定"), validate_choice=False)
    category = SelectField(_l("属于哪一类"), validate_choice=False)
    reason = TextAreaField(_l("为什么改"))


#: Use of a reply template, and the field it fills, by way.
FILLS: dict[str, tuple[str, str]] = {
    "accept": ("accepted", "note"), "ask_for_more": ("needs_info", "missing"), "refuse": ("not_accepted", "reason"),
    "refer": ("referred", "reason"), "merge": ("merged", "reason"), "answer": ("answered", "reply"),
}  # fmt: skip
FORMS: dict[str, type[FlaskForm]] = {
    "accept": AcceptForm, "ask_for_more": AskForm, "refuse": RefuseForm, "refer": ReferForm, "merge": MergeForm,
    "answer": AnswerForm, "submit": FlaskForm,
}  # fmt: skip

#: The field in which what a rule still needs is written down.
WRITTEN_IN = {needs.WISH.label: "wish", needs.CATEGORY.label: "category"}


def again(error: Refused, form: FlaskForm, show: Callable[[], str]) -> Any:
    db.session.rollback()
    for need in str(error.values.get("missing", "")).split("、"):
        if field := form._fields.get(WRITTEN_IN.get(need, "")):
            field.errors = [_("这一格要填。")]
    # A rule may name a thing by its message id (which field is too long), so text values are translated as well.
    told = {name: _(value) if isinstance(value, str) and value else value for name, value in error.values.items()}
    form.form_errors.append(say(error.reason, told))
    return show(), 422


def moves_now(matter: Matter) -> set[str]:
    """The names of the exits open from here."""
    return {move.name for move in moves_from(situation_of(matter))}
