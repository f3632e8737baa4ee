"""The forms of what the street leads across communities, and the acts that ask before they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from app.errors import Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.figures import day
from app.faces.joint_view import ballot_choices, ballot_words
from app.faces.look import say
from app.flow.collect.rules import CATEGORIES
from app.matter import joint, joint_inviting, joint_tasks
from app.matter.joint_gather_rules import GATHER_LABELS, GATHER_WORDS
from app.matter.joint_models import JointMatter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db

DAY = {"type": "date"}


class JointForm(FlaskForm):
    """What it is about, what is to be decided, how it is decided and gathered, by which day."""

    once = HiddenField()
    title = StringField(_l("叫什么事"), validators=[DataRequired(_l("叫什么事，要写上。"))])
    question = StringField(_l("请大家定什么，一句话"), validators=[DataRequired(_l("请大家定什么，要写上。"))])
    brief = TextAreaField(_l("怎么回事"))
    place = StringField(_l("在什么地方"), validators=[DataRequired(_l("在什么地方，要写上。"))])
    category = SelectField(_l("哪一类"), choices=[], validate_choice=False)
    rule = RadioField(_l("票怎么汇总"), choices=[], validators=[Optional()], validate_choice=False)
    ballot_rule = RadioField(_l("各社区怎么表决"), choices=[], validators=[Optional()], validate_choice=False)
    due = StringField(
        _l("哪天前各自议完"), validators=[DataRequired(_l("哪天前各自议完，要选今天或者以后的日子。"))]
    )  # fmt: skip


class InviteForm(FlaskForm):
    """Which halls, by which day they answer, and what is said to them."""

    answer_due = StringField(
        _l("哪天前回话"), validators=[DataRequired(_l("哪天前回话，要选今天或者以后的日子。"))]
    )  # fmt: skip
    words = TextAreaField(_l("跟社区说的话"))


class ActForm(FlaskForm):
    """A sentence, and where the act has one, a day."""

    words = TextAreaField(_l("写几句"))
    on = StringField(_l("哪天再看"))


class TaskForm(FlaskForm):
    """Who does what by when."""

    once = HiddenField()
    what = StringField(_l("办什么"), validators=[DataRequired(_l("办什么，要写上。"))])
    who = StringField(_l("谁来办"), validators=[DataRequired(_l("谁来办，要写上。"))])
    due = StringField(_l("哪天前办完"), validators=[DataRequired(_l("哪天前办完，要选今天或者以后的日子。"))])


def fill(form: JointForm) -> JointForm:
    """The choices of the form, and what each way of gathering means."""
    form.category.choices = [(key, _(label)) for key, label in CATEGORIES.items()]
    form.rule.choices = [(str(key), _(label)) for key, label in GATHER_LABELS.items()]
    form.ballot_rule.choices = ballot_choices()
    return form


def gather_texts() -> dict[str, str]:
    """What each way of gathering means, for the form."""
    return {str(key): _(words) for key, words in GATHER_WORDS.items()}


def ballot_texts() -> dict[str, str]:
    """What each ballot rule asks for, for the form."""
    return {rule: ballot_words(rule) for rule, _label in ballot_choices()}


def written(form: JointForm) -> dict[str, Any]:
    """What was typed, as the actions take it."""
    return {
        "title": form.title.data or "", "question": form.question.data or "", "brief": form.brief.data or "",
        "place": form.place.data or "", "category": form.category.data or "", "rule": form.rule.data or "",
        "ballot_rule": form.ballot_rule.data or "", "due": day(form.due.data),
    }  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One act of the lead that asks first: its address, its page, its button, and what it does."""

    key: str
    title: str
    text: str
    button: str
    done: str
    icon: str
    stages: frozenset[str]
    do: Callable[[JointMatter, ActForm, Actor, datetime], object]
    label: str = ""
    danger: bool = False
    optional: bool = False
    has_day: bool = False


_ALL = frozenset({"drafting", "inviting", "deliberating", "decided", "not_passed", "implementing", "suspended"})
ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act("opening", N_("请各社区开议"), N_("参加的社区从今天起在自己的议事厅里议、自己表决，表决完把结果交上来。"),
            N_("开议"), N_("开议了，各社区看得到。"), "megaphone", frozenset({"inviting"}),
            lambda one, _form, by, now: joint_inviting.open_halls(one, by=by, now=now)),
        Act("gathering", N_("汇总各社区的结果"), N_("汇总一次就定了，不能再改；结果当场公开，各社区的事里也会写上。"),
            N_("就这样汇总"), N_("汇总好了。"), "check2-all", frozenset({"deliberating"}),
            lambda one, form, by, now: joint.gather_result(one, by=by, now=now, words=form.words.data or ""),
            label=N_("有社区没交结果，为什么不等了"), optional=True),
        Act("closure", N_("办结"), N_("答应的事都办完、看过了。这几句话会写进各社区的事里。"),
            N_("办结"), N_("办结了，各社区会看到。"), "check2-circle",
            frozenset({"decided", "not_passed", "implementing"}),
            lambda one, form, by, now: joint_tasks.close(one, form.words.data or "", by=by, now=now),
            label=N_("告诉各社区：办成了什么")),
        Act("suspension", N_("先停一停"), N_("只停街道牵头的这一头，各社区自己的事由社区自己定。"),
            N_("先停一停"), N_("停下了，到日子再看。"), "pause-circle", _ALL - {"drafting", "suspended"},
            lambda one, form, by, now: joint.suspend(
                one, form.words.data or "", day(form.on.data), by=by, now=now
            ), label=N_("为什么停"), has_day=True),
        Act("resumption", N_("接着办"), N_("从停下的那一步接着走。"), N_("接着办"), N_("接着办了。"), "play-circle",
            frozenset({"suspended"}),
            lambda one, form, by, now: joint.resume(one, form.words.data or "", by=by, now=now),
            label=N_("为什么能接着办了")),
        Act("termination", N_("终止这件事"),
            N_("终止以后不能恢复；各社区自己的那件事还在，由社区自己接着办。原因公开。"),
            N_("终止这件事"), N_("终止了，原因已经公开。"), "x-octagon", _ALL,
            lambda one, form, by, now: joint.terminate(one, form.words.data or "", by=by, now=now),
            label=N_("为什么终止"), danger=True),
    )
}  # fmt: skip
#: What can be done with one promise of the street: key → (button, tone, icon, asks for words).
TASK_ACTS: dict[str, tuple[str, str, str, bool]] = {
    "reports": (N_("报办完"), "brand", "check-lg", True),
    "verifications": (N_("看过了，办好了"), "brand", "check2-circle", False),
    "returns": (N_("还没办好"), "line", "arrow-return-left", True),
    "droppings": (N_("不办了"), "quiet", "x-lg", True),
}
_TASK_OF_STATE = {"open": ("reports", "droppings"), "done": ("verifications", "returns")}


def task_acts(state: str) -> list[str]:
    """What may be done with a promise that stands so."""
    return list(_TASK_OF_STATE.get(state, ()))


def attempt(form: FlaskForm, act: Callable[[], object], field: str = "words") -> bool:
    """Do it, or put the reason why not beside ``field``, above the form where that is empty; nothing is half done."""
    form.validate()
    try:
        if not form.errors:
            with db.session.begin_nested():
                act()
            return True
    except Refused as error:
        db.session.expire_all()
        why = say(error.reason, error.values)
        if field:
            form[field].errors = [*form[field].errors, why]
        else:
            form.form_errors = [*form.form_errors, why]
    return False


def uuid_of(text: str | None) -> UUID | None:
    """The id typed or linked, or None."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def uuids_of(texts: Iterable[str]) -> list[UUID]:
    """The ids among ``texts``, at most twenty."""
    return [found for found in (uuid_of(text) for text in list(texts)[:20]) if found]
