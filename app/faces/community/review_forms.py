"""The forms of the review: one voice, a round of them, a visit, a follow-up, the hall's judgement, a closing."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import Optional

from app.errors import Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import whole_number
from app.flow.evaluate import rules
from app.flow.evaluate.rules import Voice
from app.words import N_

FACES = {"5": "emoji-laughing", "4": "emoji-smile", "3": "emoji-neutral", "2": "emoji-frown", "1": "emoji-angry"}
GRADES = [(str(grade), _l(label)) for grade, label in rules.GRADE_LABELS.items()]
KNOWS = [("", _l("没说")), ("yes", _l("知道")), ("no", _l("不知道"))]


def _part(label: Any) -> SelectField:
    return SelectField(label, choices=[("", _l("没说")), *GRADES], validate_choice=False)


class RateForm(FlaskForm):
    """One voice: the grade, and whatever else of the survey sheet somebody likes to answer."""

    grade = RadioField(_l("办得好不好"), choices=GRADES, validators=[Optional()], validate_choice=False)
    reason = TextAreaField(_l("想说的话"))
    result = _part(_l("办的结果怎么样"))
    speed = _part(_l("办得快不快"))
    attitude = _part(_l("办事的人态度怎么样"))
    knows = SelectField(_l("以前知道这件事办成什么样了吗"), choices=KNOWS, validate_choice=False)
    wish = TextAreaField(_l("新的心愿"))
    name = StringField(_l("怎么称呼"))


class CallForm(RateForm):
    """The same on the phone; whose voice it is, where nobody of the list was called."""

    phone = StringField(_l("打的哪个电话"))
    door = StringField(_l("是哪一家"))


class VisitForm(FlaskForm):
    """Who was asked, and what they said."""

    words = TextAreaField(_l("问了谁、怎么说的"))
    reached = StringField(_l("问到几位"))
    how = SelectField(
        _l("怎么去问的"), choices=[(key, _l(label)) for key, label in rules.VISITS.items()], default="door",
        validate_choice=False,
    )  # fmt: skip


class FollowForm(FlaskForm):
    """One unhappy voice followed up."""

    how = RadioField(
        _l("怎么回访的"), choices=[(key, _l(label)) for key, label in rules.FOLLOW_UPS.items()], validate_choice=False
    )
    words = TextAreaField(_l("问了什么、怎么办的"))


class BatchForm(FlaskForm):
    """A round of visits or papers: how many of each, and a line for each low one."""

    source = RadioField(
        _l("怎么收来的"), default="visit", validate_choice=False,
        choices=[("visit", _l("上门")), ("phone", _l("电话")), ("paper", _l("纸条"))],
    )  # fmt: skip
    grade_5 = StringField(_l("非常满意，几位"))
    grade_4 = StringField(_l("满意，几位"))
    grade_3 = StringField(_l("基本满意，几位"))
    low_2 = TextAreaField(_l("不满意，一行写一位的原因"))
    low_1 = TextAreaField(_l("非常不满意，一行写一位的原因"))


class WordsForm(FlaskForm):
    """One box of words: a closing note, a reason."""

    words = TextAreaField(_l("写在这里"))


class JudgeForm(WordsForm):
    """The hall's judgement of the effect, and where it was made."""

    effect = SelectField(
        _l("说好的达到了没有"), validate_choice=False,
        choices=[("", _l("先不选")), *((key, _l(label)) for key, label in rules.EFFECTS.items())],
    )  # fmt: skip
    sitting = SelectField(_l("在哪次会上评的"), validate_choice=False)


class ArchiveForm(FlaskForm):
    """How long the file is kept."""

    retention = SelectField(
        _l("保管期限"), choices=[(key, _l(label)) for key, label in rules.RETENTION_LABELS.items()],
        validate_choice=False,
    )  # fmt: skip


def grade_of(text: str | None) -> int:
    """The grade that was ticked; 0 for none, which a rule then refuses."""
    return int(text) if text in FACES else 0


def part_of(text: str | None) -> int | None:
    """A grade of the sheet's other questions; None where it was left open."""
    typed = (text or "").strip()
    if not typed:
        return None
    return whole_number(typed) or 0


def knows_of(text: str | None) -> bool | None:
    """Whether they had heard of the result, None where they did not say."""
    return {"yes": True, "no": False}.get(text or "")


def sheet_of(form: RateForm) -> Voice:
    """What the form says beside whose it is."""
    return Voice(
        grade_of(form.grade.data), form.reason.data or "", form.name.data or "", result=part_of(form.result.data),
        speed=part_of(form.speed.data), attitude=part_of(form.attitude.data), knows=knows_of(form.knows.data),
        wish=form.wish.data or "",
    )  # fmt: skip


def voices_of(form: BatchForm) -> list[Voice]:
    """The voices of a counted round; raises ``Refused`` for what is no number."""
    voices: list[Voice] = []
    for grade in (5, 4, 3):
        # Zeros in front must not hide how long a number is: the list below is made before a rule counts it.
        given = whole_number(form[f"grade_{grade}"].data or "0")
        if given is None or given > rules.BATCH_MOST:
            raise Refused(N_("「%(label)s」写个数，一次最多 500。"), label=_(rules.GRADE_LABELS[grade]))
        voices += [Voice(grade)] * given
    for grade in (2, 1):
        lines = [line.strip() for line in (form[f"low_{grade}"].data or "").splitlines() if line.strip()]
        voices += [Voice(grade, line) for line in lines]
    return voices
