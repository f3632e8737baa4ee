"""The forms of a poll at the desk: its draft with questions and options, and the small forms of its days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.clock import SHANGHAI
from app.faces.choosing import RadioField, SelectField, SelectMultipleField
from app.faces.community.inputs import as_uuid, tidy
from app.faces.community.sitting_forms import CHOOSE, NEEDED, REASON, Once
from app.faces.inputs import CountField, DayField
from app.words import N_


@dataclass(frozen=True)
class BodyWords:
    """One body as the desk chooses it: its name, what its vote means in law, and who may vote."""

    name: str
    law: str
    who_may: str
    icon: str


BODY_WORDS: Mapping[str, BodyWords] = {
    "council": BodyWords(
        N_("议事会"), N_("议事会商量出来的是协商意见，不能代替居民会议作决定。"),
        N_("到会的议事员，一人一票；回避的不投。"), "people",
    ),
    "residents": BodyWords(
        N_("全体居民"),
        N_("满 18 周岁的居民一人一票，过半数的人参加、参加的人过半数同意，就是居民会议的决定"
           "（居民委员会组织法第 26、27 条）。"),
        N_("本社区满 18 周岁的居民，一人一票。"), "people-fill",
    ),
    "reps": BodyWords(
        N_("居民代表会议"),
        N_("居民代表和居委会成员投，三分之二的人参加、参加的人过半数同意才作数；代表要占八成"
           "（居民委员会组织法第 28、29 条）。"),
        N_("居民代表和居委会成员，一人一票；别的居民可以来听、可以说，不投票。"), "person-badge",
    ),
    "households": BodyWords(
        N_("一户一票"),
        N_("一户出一张票，过半数的户交票、交票的过半数同意；作数的是大家商量的意见。"),
        N_("登记在册的每一户，一户一票，家里商量好由一位来投。"), "house-door",
    ),
    "owners": BodyWords(
        N_("业主"),
        N_("人数和面积两样都算：三分之二参与，一般事项过半数、重大事项四分之三同意（民法典第 278 条）。"
           "有法律效力的只能投纸票、签字；网上只能征求意向。"),
        N_("名册上的业主，一位业主算一户，面积全部计入。"), "buildings",
    ),
    "invited": BodyWords(
        N_("请到的人"), N_("请谁来投由您列名单，没有最低人数，只说明大家更喜欢哪一个，供参考。"),
        N_("名单上请到的人，一人一票。"), "list-check",
    ),
}  # fmt: skip
MODES = [("secret", _("无记名：谁投了什么，谁也看不到")), ("named", _("记名：谁投了什么记在册上，公布时只公布票数"))]
WAYS = [("online", _("手机上投")), ("paper", _("投纸票")), ("hands", _("举手"))]
SUBJECTS = [
    ("siting_or_style", _("选地点、选样式")), ("money_shares", _("分摊费用")), ("persons", _("选人")),
    ("other", _("别的事")),
]  # fmt: skip


class DraftForm(Once):
    """The head of a poll. Its questions are read by :func:`questions_typed`."""

    body = HiddenField()
    title = StringField(_("这张票叫什么"), [NEEDED, Length(max=60, message=_("60 个字以内。"))])
    subject = RadioField(_("投的是什么事"), [CHOOSE], choices=SUBJECTS)
    objections = CountField(_("有几位不愿公开表态"), [Optional(), NumberRange(0, 10_000, _("要写 0 或更大的数。"))])
    mode = RadioField(_("记不记名"), [CHOOSE], choices=MODES)
    ways = SelectMultipleField(
        _("怎么投"), choices=WAYS, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    who_may = TextAreaField(_("谁能投"), [NEEDED, Length(max=200, message=_("200 个字以内。"))])
    estate = SelectField(_("哪个小区的业主"), validate_choice=False)
    sitting = SelectField(_("在哪次会上投"), validate_choice=False)
    day = DayField(_("投到哪天"), [Optional()])
    time = TimeField(_("几点截止"), [Optional()])
    changeable = BooleanField(_("截止前可以改票"))
    lot_announced = BooleanField(_("事先说好：再投一次还并列，就抽签"))

    def fill(self, estates: Iterable[Any], sittings: Iterable[Any]) -> DraftForm:
        """Give the choices; needed before validating."""
        self.estate.choices = [("", gettext("请选")), *((str(estate.id), estate.name) for estate in estates)]
        self.sitting.choices = [("", gettext("不在会上投")), *((str(s.id), s.title) for s in sittings)]
        return self

    def validate(self, **more: Any) -> bool:
        """Also: at least one way in, an hour only with its day."""
        fine = bool(super().validate(**more))
        if not self.ways.data:
            self.ways.errors = [gettext("至少选一样。")]
        if self.time.data and not self.day.data:
            self.day.errors = [*self.day.errors, gettext("选一个日子。")]
        if self.body.data == "owners" and not as_uuid(self.estate.data):
            self.estate.errors = [gettext("选一个小区。")]
        return fine and not (self.ways.errors or self.day.errors or self.estate.errors)

    @property
    def closes_at(self) -> datetime | None:
        """The end of the voting on the hall's wall clock; the last minute of the day when no hour is given."""
        return closing_moment(self.day.data, self.time.data)


def closing_moment(day: Any, time: Any) -> datetime | None:
    """Day and hour as one moment; without an hour six in the evening, when the desk still answers the telephone."""
    if day is None:
        return None
    hour, minute = (time.hour, time.minute) if time else (18, 0)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


class CountersForm(FlaskForm):  # type: ignore[misc]
    """Two different people who count."""

    teller = SelectField(_("计票人"), [CHOOSE], validate_choice=False)
    scrutineer = SelectField(_("监票人"), [CHOOSE], validate_choice=False)


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_("原因"), [NEEDED, REASON])


class SecondForm(ReasonForm):
    """A reason, and a second member of staff who shows with the own password that it is them."""

    second = SelectField(_("和谁一起办的"), [CHOOSE], validate_choice=False)
    password = PasswordField(_("请这一位输自己的登录密码"))


class LotForm(SecondForm):
    """A lot needs no reason of its own: it was announced before anybody voted."""

    reason = None


class RunOffForm(Once):
    day = DayField(_("再投到哪天"), [Optional()])
    time = TimeField(_("几点截止"), [Optional()])


class NamesForm(FlaskForm):  # type: ignore[misc]
    names = TextAreaField(_("请谁来投"), [NEEDED, Length(max=60_000, message=_("太长了。"))])


class BuildingsForm(FlaskForm):  # type: ignore[misc]
    """The buildings whose homes are asked; none ticked asks them all."""

    buildings = SelectMultipleField(_("只请这几幢楼"), choices=[])


class PrintForm(FlaskForm):  # type: ignore[misc]
    after = HiddenField()
    n = CountField(_("印几张"), [InputRequired(_("要填一下。")), NumberRange(1, 300, _("一次印 1 到 300 张。"))])


class ProxyForm(FlaskForm):  # type: ignore[misc]
    """A written proxy: who, for what, until when, and who saw the paper."""

    name = StringField(_("委托给谁"), [NEEDED, Length(max=40, message=_("40 个字以内。"))])
    scope = StringField(_("委托什么事"), [NEEDED, Length(max=200, message=_("200 个字以内。"))])
    until = DayField(_("委托到哪天"), [InputRequired(_("选一个日子。"))])
    seen_by = StringField(_("谁看过委托书"), [NEEDED, Length(max=40, message=_("40 个字以内。"))])


def names_typed(text: str) -> list[tuple[str, str]]:
    """``(name, place)`` of each line; what follows the name after a blank is the place. Doubles are kept once."""
    found: dict[tuple[str, str], None] = {}
    for line in text.splitlines():
        name, _blank, place = tidy(line.replace("\t", " ").replace("\u3000", " ")).partition(" ")
        if name:
            found[(name[:40], place.strip()[:60])] = None
    return list(found)
