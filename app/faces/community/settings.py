"""Doors of the hall: its own record, its deadlines and quorum, and the log of everything its desk changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app import clock
from app.errors import Refused
from app.faces.choosing import SelectField
from app.faces.community import hall_brand, hall_venues
from app.faces.community.inputs import (
    at_most,
    filled,
    forget_after,
    last_page,
    page_number,
    take_back,
    tell,
    tidy,
    whole_number,
)  # fmt: skip
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor, visitor
from app.flow.deliberate.rules import KIND_LABELS, SittingKind
from app.matter import bounds, hallrules, rhythm
from app.people import changes, settings
from app.people.models import ChangeLog
from app.people.permissions import Permission
from app.people.roles import ROLE_LABELS, Role
from app.people.venues import KINDS
from tenants.hosts import site_url


class RecordForm(FlaskForm):
    """What stands at the head and the foot of every page of the hall."""

    hall = StringField(_l("厅名"), [filled, at_most(settings.RECORD["hall"])], [tidy])
    motto = StringField(_l("口号"), [at_most(settings.RECORD["motto"])], [tidy])
    lead = StringField(_l("首页第一句话"), [at_most(settings.RECORD["lead"])], [tidy])
    venue = StringField(_l("场地叫法"), [at_most(settings.RECORD["venue"])], [tidy])
    phone = StringField(_l("电话"), [filled, at_most(settings.RECORD["phone"])], [tidy])
    address = StringField(_l("地址"), [filled, at_most(settings.RECORD["address"])], [tidy])
    hours = StringField(_l("开放时间"), [at_most(settings.RECORD["hours"])], [tidy])


def settings_home() -> str:
    """The four things a hall settles for itself, each with what holds now."""
    community = settings.hall_row()
    numbers, choices = hallrules.rules_of(community)
    own = sum(1 for key, amount in numbers.items() if amount != bounds.default_of(key))
    return desk_page(
        "desk/settings.html", "settings", record=settings.record_of(community), numbers=numbers, choices=choices,
        own=own, labels=bounds.CHOICE_LABELS, two_step=settings.is_two_step_required(community.settings),
    )  # fmt: skip


def record_shown() -> str:
    """The form of the hall's record."""
    return _record_page(RecordForm(formdata=None, data=settings.record_of(settings.hall_row())))


def _record_page(form: RecordForm) -> str:
    return desk_page("desk/settings_record.html", "settings", form=form)


def record_change() -> Any:
    """Change the hall's record."""
    form = RecordForm()
    if not form.validate():
        return _record_page(form), 422
    values = {name: form[name].data for name in settings.RECORD}
    settings.change_record(values, by=actor(), now=clock.now())
    forget_after()
    flash(_("资料存好了，各处页面半分钟之内都换成新的。"), "ok")
    return redirect(site_url("community.hall_record"), 303)


def _field_name(key: str) -> str:
    return key.replace(".", "__")


def _rules_form(choices: dict[str, tuple[str, ...]], **kw: Any) -> FlaskForm:
    """A form with one field a number and one a choice; its fields follow the table of bounds."""
    fields: dict[str, Any] = {}
    for key in bounds.BOUNDS:
        fields[_field_name(key)] = StringField(say(bounds.LABELS[key]), [], [tidy])
    labels = {
        "quorum": _("开会要到多少人"), "council_rule": _("多少人同意算通过"),
        "climb_asks": _("网格报上来的，社区到期没答"),
    }  # fmt: skip
    for key, label in labels.items():
        options = [(choice, say(bounds.CHOICE_LABELS[choice])) for choice in choices[key]]
        fields[key] = SelectField(label, choices=options, validate_choice=False)
    return type("RulesForm", (FlaskForm,), fields)(**kw)


def rules_shown() -> str:
    """Deadlines, quorum and notice with the street's bounds beside them."""
    street = hallrules.street_bounds()
    numbers, choices = hallrules.rules_of(settings.hall_row())
    data = {_field_name(key): str(amount) for key, amount in numbers.items()} | choices
    return _rules_page(_rules_form(bounds.choices_of(street), formdata=None, data=data), street)


def _rules_page(form: FlaskForm, street: Any) -> str:
    ranges = bounds.bounds_of(street)
    rows = [
        {"field": form[_field_name(key)], "unit": bounds.UNIT_LABELS[bounds.unit_of(key)], "least": least, "most": most,
         "default": bounds.default_of(key), "key": key}
        for key, (least, most) in ranges.items()
    ]  # fmt: skip
    return desk_page("desk/settings_rules.html", "settings", form=form, rows=rows)


def rules_change() -> Any:
    """Change deadlines, quorum and notice within the street's bounds; one wrong number and nothing changes."""
    street = hallrules.street_bounds()
    ranges, choices = bounds.bounds_of(street), bounds.choices_of(street)
    form = _rules_form(choices)
    fine = form.validate()
    numbers = {key: whole_number(form[_field_name(key)].data) for key in bounds.BOUNDS}
    for key, amount in numbers.items():
        fine = tell(form, _field_name(key), bounds.within(key, amount, ranges)) and fine
    chosen = {key: form[key].data or "" for key in bounds.CHOICES}
    for key, choice in chosen.items():
        fine = tell(form, key, bounds.allowed(key, choice, choices)) and fine
    if not fine:
        return _rules_page(form, street), 422
    try:
        sound = {key: amount for key, amount in numbers.items() if amount is not None}
        hallrules.set_rules(sound, chosen, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "quorum", error)
        return _rules_page(form, street), 422
    forget_after()
    flash(_("期限和人数存好了，从下一步起照新的算；已经定下的日子不变。"), "ok")
    return redirect(site_url("community.hall_rules"), 303)


def two_step_rule() -> Any:
    """Ask the second step of the whole staff, or leave it to each."""
    me, required = visitor(), request.form.get("required") == "yes"
    has_it = me is not None and me.account.totp_since is not None
    settings.require_two_step(required, by=actor(), has_it=has_it, now=clock.now())
    forget_after()
    flash(_("从现在起，工作人员都要开两步登录。") if required else _("两步登录，自己愿意就开。"), "ok")
    return redirect(site_url("community.settings"), 303)


def changes_list() -> str:
    """The log, twenty lines a page."""
    subject, page = request.args.get("subject", ""), page_number()
    rows, total = changes.changes_page(subject=subject, page=page)
    names = changes.names_of(rows)
    kept = {"subject": subject} if subject in changes.SUBJECTS else {}
    return desk_page(
        "desk/changes.html", "changes", total=total, page=page, last=last_page(total, changes.PAGE), subject=subject,
        subjects=changes.SUBJECTS, rows=[_change_line(row, names) for row in rows],
        url_of=lambda number: site_url("community.changes", page=number, **kept),
    )  # fmt: skip


def _change_line(row: ChangeLog, names: dict[Any, str]) -> dict[str, Any]:
    words = changes.WORDS.get((row.subject, row.what))
    if words:
        what = say(words)
    elif row.subject == "deadline":
        what = _("改了期限：%(step)s", step=say(bounds.LABELS.get(row.what, row.what)))
    else:
        what = row.what
    return {
        "at": row.at, "by": row.by_label, "subject": changes.SUBJECTS.get(row.subject, row.subject), "what": what,
        "about": names.get(row.subject_id, ""), "before": _plain(row, row.before), "after": _plain(row, row.after),
        "is_colour": row.subject == "brand" and row.before.startswith("#"),
    }  # fmt: skip


def _plain(row: ChangeLog, text: str) -> str:
    """What was stored, in people's words."""
    if row.subject == "role":
        return _role_words(text)
    if row.subject == "venue" and row.what in ("add", "change"):
        *told, kind = text.split("｜")
        return " · ".join([say(KINDS.get(kind, "")), *told]).strip(" ·") if text else ""
    if text and (row.subject, row.what) == ("listening", "series"):
        name, _space, rule = text.rpartition(" ")
        return f"{name} · {_rhythm(rule)}"
    if text and row.subject == "series":
        return _series_words(text)
    if row.subject == "deadline" and text in bounds.CHOICE_LABELS:
        return say(bounds.CHOICE_LABELS[text])
    if row.subject == "deadline" and text.isdigit():
        return f"{text} {say(bounds.UNIT_LABELS[bounds.unit_of(row.what)])}"
    return text


def _series_words(text: str) -> str:
    name, rule, starts, on_holiday, kind = (text.split("｜") + [""] * 5)[:5]
    told = [name, f"{_rhythm(rule)} {starts}".strip()]
    if on_holiday in set(rhythm.OnHoliday):
        told.append(_("碰上放假：%(way)s", way=say(rhythm.HOLIDAY_LABELS[rhythm.OnHoliday(on_holiday)])))
    if kind in set(SittingKind):
        told.append(say(KIND_LABELS[SittingKind(kind)]))
    return " · ".join(part for part in told if part)


def _rhythm(rule: str) -> str:
    words, values = rhythm.in_words(rule)
    return say(words, {key: say(value) if isinstance(value, str) else value for key, value in values.items()})


def _role_words(text: str) -> str:
    role, *rest = text.split(" ")
    if role not in set(Role):
        return text
    if role == Role.COUNCIL_MEMBER and rest and rest[-1].isdigit():
        rest[-1] = _("%(seat)s 号席", seat=rest[-1])
    return " ".join(part for part in (say(ROLE_LABELS[Role(role)]), *rest) if part)


W = Permission.HALL_SETTINGS_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/settings", settings_home, W, name="settings"),
    Door("GET", "/desk/hall-record", record_shown, W, name="hall_record"),
    Door("POST", "/desk/hall-record", record_change, W, name="hall_record_change"),
    Door("GET", "/desk/hall-rules", rules_shown, W, name="hall_rules"),
    Door("POST", "/desk/hall-rules", rules_change, W, name="hall_rules_change"),
    Door("POST", "/desk/two-step-rule", two_step_rule, W),
    Door("GET", "/desk/changes", changes_list, Permission.HALL_LOG_READ, name="changes"),
    *hall_brand.DOORS,
    *hall_venues.DOORS,
]
