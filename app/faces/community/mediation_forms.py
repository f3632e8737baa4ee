"""What is filled in around a mediation: the register, the people, the mediator, a talk, the agreement, its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Refused
from app.faces import figures
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid, tidy
from app.flow.resolve import mediation_rules as rules
from app.words import N_

#: Rows offered in an empty agreement; most quarrels are settled in two or three terms.
ROWS = 3
COLUMNS = ("term_who", "term_what", "term_pay", "term_place", "term_due")


def _labels(words: Any, *keys: str) -> list[tuple[str, Any]]:
    return [(key, _l(words[key])) for key in keys or words]


class OpenForm(FlaskForm):
    """Open the file of a quarrel that was taken on."""

    once = HiddenField()
    dispute = TextAreaField(_l("为什么事起的纠纷"))
    applied_by = RadioField(
        _l("谁申请调的"), choices=_labels(rules.APPLIED), validators=[Optional()], validate_choice=False
    )


class IntakeForm(OpenForm):
    """A quarrel brought to the counter: written down, taken on and opened in one go."""

    title = StringField(_l("一句话标题"))
    place = StringField(_l("在什么地方"))
    wish = TextAreaField(_l("盼着怎么解决"))
    category = SelectField(_l("哪一类"), validate_choice=False)
    channel = RadioField(_l("从哪儿听来的"), validate_choice=False)
    level = RadioField(_l("哪一级来办"), validate_choice=False)
    owner = SelectField(_l("责任人"), validate_choice=False)
    name = StringField(_l("来说的人怎么称呼"))
    phone = StringField(_l("来说的人的电话"))
    other = StringField(_l("对方怎么称呼"))
    read_back = BooleanField(_l("已经念给本人听过，本人同意这样记"))


class PersonForm(FlaskForm):
    """Somebody at the table."""

    once = HiddenField()
    side = RadioField(_l("哪一方"), choices=_labels(rules.SIDES), validators=[Optional()], validate_choice=False)
    name = StringField(_l("姓名"))
    relation = StringField(_l("身份，或者和当事人的关系"))
    contact = StringField(_l("电话"))
    door = StringField(_l("门牌"))
    minor = BooleanField(_l("不满 18 岁"))
    guardian = StringField(_l("监护人是谁"))
    agreed_how = StringField(_l("双方怎么同意他来的"))


class LeavingForm(FlaskForm):
    """Why somebody is not at the table any more."""

    reason = StringField(_l("为什么不参加了"))


class MediatorForm(FlaskForm):
    """Who mediates, with the own statement."""

    account = SelectField(_l("从社区的人里选"), validate_choice=False)
    name = StringField(_l("或者写名字（调委会委员、人才库专家）"))
    unit = StringField(_l("单位或者身份"))
    neutral = BooleanField(_l("本人说明：和双方都没有亲属、利害关系，能公道地调"))


class TalkForm(FlaskForm):
    """One talk."""

    once = HiddenField()
    day = StringField(_l("哪天谈的"))
    hour = StringField(_l("几点"))
    place = StringField(_l("在哪儿谈的"))
    present = TextAreaField(_l("谁到场了"))
    words = TextAreaField(_l("谈了什么"))
    outcome = RadioField(
        _l("谈到哪一步了"), choices=_labels(rules.OUTCOMES, "near", "again", "stuck"), validators=[Optional()],
        validate_choice=False,
    )  # fmt: skip


class AgreementForm(FlaskForm):
    """The text of an agreement; its terms are rows of their own."""

    once = HiddenField()
    form = RadioField(_l("哪一种"), choices=_labels(rules.FORMS), validators=[Optional()], validate_choice=False)
    facts = TextAreaField(_l("纠纷的主要事实"))
    responsibility = TextAreaField(_l("各方的责任"))
    way = TextAreaField(_l("怎么履行"))
    late_reason = StringField(_l("定得比一个月晚的，为什么"))


class SignForm(FlaskForm):
    """Who signed and how; one field a person, read from the request."""

    day = StringField(_l("哪天签的"))


class CheckForm(FlaskForm):
    """One term was performed."""

    day = StringField(_l("哪天履行的"))
    words = TextAreaField(_l("看到什么"))


class DayForm(FlaskForm):
    """A day alone."""

    day = StringField(_l("哪天确认的"))


class EndForm(FlaskForm):
    """Why it ended."""

    way = RadioField(
        _l("怎么结束的"), choices=_labels(rules.STATES, "failed", "withdrawn"), validators=[Optional()],
        validate_choice=False,
    )  # fmt: skip
    reason = TextAreaField(_l("原因"))
    told = BooleanField(_l("已经把仲裁、行政、诉讼三条路告诉双方"))
    closes = BooleanField(_l("这件事也到此为止（不选就留着，另想办法）"))


def held_at(form: TalkForm) -> datetime:
    """When the talk was held."""
    on = figures.day(form.day.data)
    found = re.fullmatch(r"(\d{1,2})[:：点](\d{2})?分?", tidy(form.hour.data))
    if on is None or found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Refused(N_("写上哪天、几点谈的，例如 2026-06-05、19:30。"))
    return clock.at(on, int(found[1]), int(found[2] or 0))


def names(text: str | None) -> list[str]:
    """Names as people type them: one a line, or between commas."""
    return [tidy(one) for one in re.split(r"[\n,，、;；]+", text or "") if tidy(one)]


def typed_terms() -> list[dict[str, str]]:
    """The rows of an agreement as typed; a row nobody touched is left out (who owes stands in every row)."""
    typed = [[tidy(cell) for cell in request.form.getlist(name)[: rules.TERMS_MOST + 1]] for name in COLUMNS]
    most = max((len(column) for column in typed), default=0)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*(c + [""] * (most - len(c)) for c in typed))]  # noqa: B905 (padded)
    return [row for row in rows if any(value for name, value in row.items() if name != "term_who")]


def empty_terms(n: int = ROWS) -> list[dict[str, str]]:
    """Rows nobody has touched."""
    return [dict.fromkeys(COLUMNS, "") for _row in range(n)]


def terms_from(rows: Sequence[dict[str, str]]) -> list[rules.Term]:
    """Rows as terms; a day or a sum that cannot be read is refused with the row's number."""
    made = []
    for n, row in enumerate(rows, start=1):
        who, due = as_uuid(row["term_who"]), figures.day(row["term_due"])
        if who is None:
            raise Refused(N_("第 %(n)s 条：选一下由哪一方来做。"), n=n)
        if due is None:
            raise Refused(N_("第 %(n)s 条：写上哪天前。"), n=n)
        made.append(rules.Term(who, row["term_what"], figures.fen(row["term_pay"]) or 0, row["term_place"], due))
    return made


def rows_of(terms: Sequence[Any]) -> list[dict[str, str]]:
    """Terms as rows again, for the next version of a draft."""
    return [
        {
            "term_who": str(term.person_id), "term_what": term.what, "term_place": term.place,
            "term_pay": f"{term.pay_fen / 100:.2f}".removesuffix(".00") if term.pay_fen else "",
            "term_due": term.due.isoformat(),
        }
        for term in terms
    ]  # fmt: skip


def said_how() -> dict[str, str]:
    """Who signed and how: the fields ``how-<id>`` that name a way."""
    return {
        name.removeprefix("how-"): value
        for name, value in request.form.items()
        if name.startswith("how-") and value in rules.HOW
    }


def named_day(text: str | None) -> date:
    """The day typed; ``Refused`` where none was."""
    found = figures.day(text)
    if found is None:
        raise Refused(N_("写上是哪天。"))
    return found
