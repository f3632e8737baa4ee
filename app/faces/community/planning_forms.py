"""The forms of everything before a sitting: a plan, a series, invitations, replies, papers, a bench told afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, MultipleFileField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.clock import SHANGHAI
from app.faces.choosing import RadioField, SelectField, SelectMultipleField
from app.faces.community.sitting_forms import CHOOSE, NEEDED, WEEKDAYS, Once, WhenForm, labelled
from app.faces.inputs import CountField, DayField
from app.faces.phrasing import aside
from app.flow.deliberate.inviting import Expected
from app.flow.deliberate.rules import KIND_LABELS, STANDINGS, TELLING
from app.flow.deliberate.series import REPEATED
from app.matter.rhythm import HOLIDAY_LABELS

FORTY = Length(max=40, message=_("40 个字以内。"))
SIXTY = Length(max=60, message=_("60 个字以内。"))
MUCH = Length(max=5_000, message=_("太长了，5000 个字以内。"))
#: The names of one side of a joint sitting stand in one line.
BETWEEN_NAMES = re.compile(r"[、，,；;]+")
MOST_GUESTS = 500


def people_from(text: str | None, *, counts: bool = True) -> list[Expected]:
    """One person a line; what stands after a space is whom they speak for."""
    lines = [line.strip().partition(" ") for line in (text or "").replace("　", " ").splitlines() if line.strip()]
    return [Expected(name[:40], capacity.strip()[:40], counts=counts) for name, _space, capacity in lines[:MOST_GUESTS]]


class PlanForm(WhenForm):
    """A sitting on paper. ``side_0`` … are the sides of a joint sitting, in the order of ``rules.STANDINGS``."""

    kind = RadioField(_("开什么会"), [CHOOSE])
    title = StringField(_("会的名字"), [NEEDED, SIXTY])
    venue = SelectField(_("在哪儿开"), validate_choice=False)
    place = StringField(_("别的地方"), [SIXTY])
    convener = SelectField(_("谁召集"), validate_choice=False)
    matters = SelectMultipleField(
        _("议哪几件"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), validate_choice=False
    )
    expected = TextAreaField(_("请谁来"), [MUCH])
    side_0 = StringField(_(STANDINGS[0]), [MUCH])
    side_1 = StringField(_(STANDINGS[1]), [MUCH])
    side_2 = StringField(_(STANDINGS[2]), [MUCH])
    side_3 = StringField(_(STANDINGS[3]), [MUCH])
    side_4 = StringField(_(STANDINGS[4]), [MUCH])
    base = CountField(_("应到多少人（户）"), [Optional(), NumberRange(1, 100_000, _("要写 1 或更大的数。"))])
    estate = SelectField(_("哪个小区的业主大会"), validate_choice=False)
    series = HiddenField()
    series_on = HiddenField()
    follows = HiddenField()

    def fill(
        self, venues: Iterable[Any] = (), matters: Iterable[Any] = (), conveners: Iterable[Any] = (),
        estates: Iterable[Any] = (),
    ) -> PlanForm:  # fmt: skip
        """Give the choices; needed before validating."""
        self.kind.choices = labelled({kind: text for kind, text in KIND_LABELS.items() if kind not in TELLING})
        self.venue.choices = [("", _("别的地方，写在下面")), *((str(v.id), v.name) for v in venues)]
        self.matters.choices = [(str(m.id), f"{m.number}　{m.title}") for m in matters]
        self.convener.choices = [("", _("不另选")), *((str(c.id), aside(c.name, c.standing)) for c in conveners)]
        self.estate.choices = [("", _("不是业主大会")), *((str(e.id), e.name) for e in estates)]
        return self

    @property
    def sides(self) -> list[tuple[str, Any]]:
        """Each side with its field."""
        return [(standing, self[f"side_{n}"]) for n, standing in enumerate(STANDINGS)]

    def guests(self) -> list[Expected]:
        """Everybody asked by name: at a joint sitting side by side, then whoever is written line by line."""
        found = people_from(self.expected.data)
        if self.kind.data == "joint":
            sides = [
                Expected(name.strip()[:40], standing)
                for standing, field in self.sides
                for name in BETWEEN_NAMES.split(field.data or "")
                if name.strip()
            ]
            found = sides[:MOST_GUESTS] + found
        return found


def _or(otherwise: str) -> Callable[[str | None], str]:
    """What a group of buttons holds where none was pressed."""
    return lambda chosen: chosen or otherwise


class SeriesForm(FlaskForm):
    """A regular sitting: every month on a day, or every week on a weekday."""

    name = StringField(_("例会的名字"), [NEEDED, FORTY])
    kind = SelectField(
        _("开什么会"), choices=[(str(kind), _(KIND_LABELS[kind])) for kind in REPEATED], filters=[_or("council")]
    )
    rhythm = SelectField(_("隔多久"), choices=[("monthly", _("每月")), ("weekly", _("每周"))])
    month_day = CountField(_("每月几号"), [Optional(), NumberRange(1, 28, _("写 1 到 28。"))])
    weekday = SelectField(_("周几"), choices=WEEKDAYS)
    time = TimeField(_("几点"), [InputRequired(_("写上几点，比如 14:30。"))])
    venue = SelectField(_("在哪儿开"), validate_choice=False)
    on_holiday = RadioField(
        _("碰上放假"), choices=[(str(way), _(label)) for way, label in HOLIDAY_LABELS.items()],
        filters=[_or("keep")],
    )  # fmt: skip

    @property
    def rrule(self) -> str:
        """The rhythm as an RFC 5545 rule."""
        if self.rhythm.data == "weekly":
            return f"FREQ=WEEKLY;BYDAY={self.weekday.data}"
        return f"FREQ=MONTHLY;BYMONTHDAY={self.month_day.data or 5}"


class InviteForm(FlaskForm):
    """More people on the register."""

    names = TextAreaField(_("请谁来"), [NEEDED, MUCH])
    standing = RadioField(_("怎么来"), choices=[("counts", _("算数，能表决")), ("observer", _("列席，不表决"))])


class ReplyForm(FlaskForm):
    """What somebody answered, told to the staff."""

    answer = RadioField(_("来不来"), [CHOOSE], choices=[("coming", _("来")), ("not_coming", _("不来"))])
    said_by = StringField(_("谁说的"), [FORTY])
    words = StringField(_("原因"), [Length(max=500, message=_("500 个字以内。"))])


class LayOutForm(FlaskForm):
    """What is read beforehand on one matter."""

    words = TextAreaField(_("会前材料"), [MUCH])


class BenchForm(Once):
    """A bench sitting that was held on the spot."""

    day = DayField(_("哪天开的"), [InputRequired(_("选一个日子。"))])
    begun = TimeField(_("几点坐下的"), [InputRequired(_("写上几点，比如 18:30。"))])
    ended = TimeField(_("几点散的"), [InputRequired(_("写上几点，比如 19:20。"))])
    venue = SelectField(_("在哪儿开的"), validate_choice=False)
    place = StringField(_("别的地方"), [SIXTY])
    present = TextAreaField(_("谁在场"), [NEEDED, MUCH])
    said = TextAreaField(_("谁说了什么"), [NEEDED, Length(max=20_000, message=_("太长了，20000 个字以内。"))])
    options = TextAreaField(_("大家商量的办法"), [NEEDED, MUCH])
    others = TextAreaField(_("没在场、也问过的人"), [MUCH])
    outcome = RadioField(_("说定了没有"), [CHOOSE])
    agreement = TextAreaField(_("双方说好的内容"), [MUCH])
    photos = MultipleFileField(_("当时的照片"))
    caption = StringField(_("照片上是什么"), [SIXTY])

    def fill(self, venues: Iterable[Any]) -> BenchForm:
        """Give the choices; needed before validating."""
        self.venue.choices = [("", _("别的地方，写在下面")), *((str(v.id), v.name) for v in venues)]
        self.outcome.choices = [
            ("agreed", _("在场的、问过的都同意，就这样定")),
            ("ask", _("有人有条件或者不同意，下一步一位一位记")),
        ]
        return self

    def moment(self, field: Any) -> datetime:
        """A time of that day on the hall's wall clock."""
        return datetime.combine(self.day.data, field.data, tzinfo=SHANGHAI)

    def speeches(self) -> list[tuple[str, str]]:
        """``王阿姨：早该装了。`` a line; a line without a speaker goes on with the one before."""
        found: list[tuple[str, str]] = []
        for line in (self.said.data or "").splitlines():
            speaker, colon, words = line.strip().replace(":", "：", 1).partition("：")
            if colon and words.strip() and 0 < len(speaker.strip()) <= 40:
                found.append((speaker.strip(), words.strip()))
            elif line.strip() and found:
                found[-1] = (found[-1][0], f"{found[-1][1]}\n{line.strip()}")
            elif line.strip():
                found.append(("", line.strip()))
        return found
