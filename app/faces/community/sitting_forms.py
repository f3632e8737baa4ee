"""The forms of sittings and ballots: bounded, with the field's own words for what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.clock import SHANGHAI
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid
from app.faces.inputs import CountField, DayField
from app.faces.look import say
from app.flow.decide.rules import RULE_LABELS
from app.flow.decide.voting import allowed_rules

NEEDED = InputRequired(_("要填一下。"))
CHOOSE = InputRequired(_("选一个。"))
WHOLE = NumberRange(0, 10_000, _("要写 0 或更大的数。"))
REASON = Length(max=1_000, message=_("1000 个字以内。"))
WEEKDAYS = [("MO", _("周一")), ("TU", _("周二")), ("WE", _("周三")), ("TH", _("周四")), ("FR", _("周五")),
            ("SA", _("周六")), ("SU", _("周日"))]  # fmt: skip


def labelled(labels: dict[Any, str]) -> list[tuple[str, str]]:
    """Choices of a field from a vocabulary of the rules, translated."""
    return [(str(key), say(text)) for key, text in labels.items()]


def people(field: SelectField, accounts: Iterable[Any]) -> None:
    """Fill a field with accounts, nobody chosen beforehand."""
    field.choices = [("", _("请选")), *((str(account.id), account.display_name) for account in accounts)]


def moment(form: Any) -> datetime:
    """Day and time of a form on the hall's wall clock."""
    return datetime.combine(form.day.data, form.time.data, tzinfo=SHANGHAI)


class Once(FlaskForm):  # type: ignore[misc]
    """Carries the id of the row to be made, so that a double click makes it once."""

    once = HiddenField()

    @property
    def once_id(self) -> UUID | None:
        return as_uuid(self.once.data)


class WhenForm(Once):
    day = DayField(_("哪天"), [InputRequired(_("选一个日子。"))])
    time = TimeField(_("几点"), [InputRequired(_("写上几点，比如 14:30。"))])


class PostponeForm(WhenForm):
    reason = StringField(_("为什么改"), [REASON], id="postpone-reason")


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_("原因"), [NEEDED, REASON])


class OpenForm(FlaskForm):  # type: ignore[misc]
    chair = SelectField(_("谁主持"), [CHOOSE], validate_choice=False)
    recorder = SelectField(_("谁记录"), [CHOOSE], validate_choice=False)


class WordsForm(Once):
    """``version`` is the one that was read: whoever saves never overwrites what another saved meanwhile."""

    version = HiddenField()
    speaker = StringField(_("谁说的"), [NEEDED, Length(max=40, message=_("40 个字以内。"))])
    words = TextAreaField(_("说了什么"), [NEEDED, Length(max=5_000, message=_("5000 个字以内。"))])


class OptionsForm(FlaskForm):  # type: ignore[misc]
    # The minutes' own words stand on the same page: without an id of its own this label would lead to that field.
    words = TextAreaField(_("方案"), [Length(max=5_000, message=_("5000 个字以内。"))], id="option-words")
    found = BooleanField(_("用调查时写好的方案"))


class VoteForm(Once):
    question = TextAreaField(_("表决的是哪句话"), [NEEDED, Length(max=500, message=_("500 个字以内。"))])
    rule = RadioField(_("怎么算通过"), [CHOOSE])
    mode = RadioField(_("怎么表决"), [CHOOSE])

    def fill(self) -> VoteForm:
        """Give the choices; needed before validating."""
        self.rule.choices = [(str(rule), say(RULE_LABELS[rule])) for rule in allowed_rules()]
        self.mode.choices = [("named", _("在手机上记名投票")), ("hands", _("举手表决"))]
        return self


class NamesForm(Once):
    names = TextAreaField(_("要问哪几位"), [NEEDED, Length(max=8_000, message=_("太长了。"))])


class CountersForm(FlaskForm):  # type: ignore[misc]
    """Two different people who count."""

    teller = SelectField(_("计票人"), [CHOOSE], validate_choice=False)
    scrutineer = SelectField(_("监票人"), [CHOOSE], validate_choice=False)


class HandsForm(CountersForm):
    # The closing of the ballot stands on the same page and asks for the same two.
    teller = SelectField(_("计票人"), [CHOOSE], validate_choice=False, id="hands-teller")
    scrutineer = SelectField(_("监票人"), [CHOOSE], validate_choice=False, id="hands-scrutineer")
    yes = CountField(_("同意"), [InputRequired(_("数出来几个写几个，没有写 0。")), WHOLE])
    no = CountField(_("不同意"), [InputRequired(_("数出来几个写几个，没有写 0。")), WHOLE])
    abstain = CountField(_("弃权"), [InputRequired(_("数出来几个写几个，没有写 0。")), WHOLE])
    spoiled = CountField(_("作废"), [Optional(), WHOLE])


class SettleForm(FlaskForm):  # type: ignore[misc]
    agreement = TextAreaField(_("双方说好的内容"), [Length(max=5_000, message=_("5000 个字以内。"))])


class ConclusionForm(FlaskForm):  # type: ignore[misc]
    conclusion = TextAreaField(_("这次会的结论"), [Length(max=5_000, message=_("5000 个字以内。"))])


class ChoiceForm(FlaskForm):  # type: ignore[misc]
    """One vote. Nothing is chosen beforehand."""

    choice = RadioField(_("选一个"), validate_choice=False)
    seq = HiddenField()

    def fill(self, labels: dict[str, str]) -> ChoiceForm:
        """Give the choices; needed before validating."""
        self.choice.choices = labelled(labels)
        return self


class BringBackForm(FlaskForm):  # type: ignore[misc]
    new_facts = TextAreaField(_("有什么新情况"), [NEEDED, REASON])
    question = TextAreaField(_("这次要议的话"), [Length(max=500, message=_("500 个字以内。"))])
