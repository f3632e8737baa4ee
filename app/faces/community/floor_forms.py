"""The forms of the living sitting: who speaks, who came late or left early, what is saved of the minutes."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TimeField
from wtforms.validators import InputRequired, Length

from app.faces.choosing import SelectField


class FloorForm(FlaskForm):  # type: ignore[misc]
    """Who is to speak: somebody on the register, or a guest by name; a third time with the chair's reason."""

    attendance_id = SelectField(_l("请谁说"), validate_choice=False, id="floor-who")
    speaker = StringField(_l("名单外的人，写名字"), [Length(max=40, message=_l("40 个字以内。"))], id="floor-name")
    reason = StringField(
        _l("说过两回还请他说，写一句为什么"), [Length(max=1_000, message=_l("1000 个字以内。"))], id="floor-reason"
    )


class ComingForm(FlaskForm):  # type: ignore[misc]
    """Somebody who came late or left early, and when."""

    attendance_id = SelectField(_l("谁"), [InputRequired(_l("选一个人。"))], validate_choice=False, id="coming-who")
    state = SelectField(
        _l("晚到还是早走"), [InputRequired(_l("选一样。"))], validate_choice=False,
        choices=[("left", _l("早走了")), ("present", _l("晚到了"))], id="coming-state",
    )  # fmt: skip
    at = TimeField(_l("几点"), [InputRequired(_l("写上几点，比如 15:10。"))], id="coming-at")


def fill_people(form: Any, lines: Any) -> Any:
    """The register as choices, nobody chosen beforehand."""
    form.attendance_id.choices = [("", _("请选")), *((str(line.id), line.name) for line in lines)]
    return form
