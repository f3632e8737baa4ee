"""What people fill in while something is carried out, looked at, put on hold or ended."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import Optional

from app.faces.choosing import RadioField

_CHECKED = _l("看过了：照片里没有人脸、车牌、门牌，可以公开")


class NoteForm(FlaskForm):
    """A line of progress: words, how far, pictures of before and after."""

    words = TextAreaField(_l("进展怎样"))
    done = StringField(_l("一共做到多少"))
    before = MultipleFileField(_l("办之前的照片"))
    after = MultipleFileField(_l("办之后的照片"))
    checked = BooleanField(_CHECKED)
    inside = BooleanField(_l("只给办事的人看，不对外"))


class FinishForm(FlaskForm):
    """Done: what shows it, how many, what it cost."""

    evidence = TextAreaField(_l("办成什么样了"))
    # The form of a word of progress stands on the same page and asks the same: two fields, two names for the label.
    done = StringField(_l("一共做了多少"), id="finish-done")
    shortfall = StringField(_l("没做够的，为什么"))
    actual = StringField(_l("实际花了多少元"))


class ExtensionForm(FlaskForm):
    """Put off at once: to when, why, who approved."""

    due = StringField(_l("延到哪天"))
    reason = TextAreaField(_l("延期的原因"))
    approver = StringField(_l("谁批的"))


class RequestForm(FlaskForm):
    """The owner asks for a later day."""

    until = StringField(_l("想延到哪天"))
    why = TextAreaField(_l("为什么要延"))


class AnswerForm(FlaskForm):
    """The office answers."""

    granted = RadioField(
        _l("延不延"), choices=[("yes", _l("同意延期")), ("no", _l("不延，还按原来的日子"))], validators=[Optional()],
        validate_choice=False,
    )  # fmt: skip
    answer = TextAreaField(_l("怎么答复"))


class AddressForm(FlaskForm):
    """The letter to an outside body, and how they are reached."""

    letter = StringField(_l("函号"))
    contact = StringField(_l("联系电话"))


class PhotoCheckForm(FlaskForm):
    """Somebody of the staff has looked at an owner's picture."""

    checked = BooleanField(_CHECKED)


class VerificationForm(FlaskForm):
    """What the grid worker and the resident saw."""

    passed = RadioField(
        _l("看下来怎样"), choices=[("yes", _l("办好了")), ("no", _l("还没办好，退回去"))], validators=[Optional()],
        validate_choice=False,
    )  # fmt: skip
    words = TextAreaField(_l("看到什么"))
    resident_name = StringField(_l("一起看的居民"))
    resident_door = StringField(_l("住在哪一户"))
    new_due = StringField(_l("新的日子"))


class SuspensionForm(FlaskForm):
    """On hold."""

    reason = TextAreaField(_l("为什么先放一放"))
    review_on = StringField(_l("哪天再看"))
    outside = BooleanField(_l("原因不在我们，等的是别的单位或者别的事"))


class TerminationForm(FlaskForm):
    """The end before the result."""

    cause = TextAreaField(_l("终止的原因"))
    notice = TextAreaField(_l("给提出人的告知"))
    other_routes = TextAreaField(_l("还能走的路"))


class PromiseForm(FlaskForm):
    """The short cut: only its task rows."""

    words = TextAreaField(_l("说明"))
