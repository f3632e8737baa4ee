"""Doors of the privacy desk: the notice and its next version, the log of consents, and how long things are kept."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.community.inputs import last_page, page_number, take_back, tell, tidy, whole_number
from app.faces.community.privacy import first_notice
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect.rules import CHANNELS, gender_of
from app.matter import retention
from app.matter.looks import numbers_of
from app.people import consents, privacy_notice
from app.people.permissions import Permission
from app.people.settings import hall_row
from tenants.hosts import site_url


class NoticeForm(FlaskForm):
    """The notice as lines: a line with bars is a row of the list."""

    words = TextAreaField(_l("隐私说明"))


class MonthsForm(FlaskForm):
    """How many months the hall keeps."""

    phones = StringField(_l("办结以后，电话留几个月"), [], [tidy])
    contacts = StringField(_l("办完以后，联系办法留几个月"), [], [tidy])


def notice() -> str:
    """The notice that stands, to be written anew."""
    kept = privacy_notice.versions()
    first = first_notice()
    words = kept[0].words if kept else "\n".join([*(privacy_notice.BAR.join(row) for row in first.rows), *first.lines])
    return _notice_page(NoticeForm(formdata=None, words=words), None)


def notice_publish() -> Any:
    """Look at it first, then put it up as a new version."""
    form = NoticeForm()
    form.validate()
    words = form.words.data or ""
    if not tell(form, "words", privacy_notice.good_notice(words)):
        return _notice_page(form, None), 422
    if request.form.get("act") != "publish":
        return _notice_page(form, privacy_notice.taken_apart(words))
    try:
        put_up = privacy_notice.publish(words, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "words", error)
        return _notice_page(form, None), 422
    flash(_("第 %(n)s 版贴出去了，从前的各版都还看得到。", n=put_up.version), "ok")
    return redirect(site_url("community.privacy_notice"), 303)


def _notice_page(form: NoticeForm, preview: privacy_notice.Listed | None) -> str:
    return desk(
        "desk/privacy_notice.html", "privacy_desk", form=form, preview=preview, versions=privacy_notice.versions()
    )


def consents_list() -> str:
    """Who agreed to what, and who took it back; names masked."""
    about, page = request.args.get("about", ""), page_number()
    about = about if about in consents.LABELS else ""
    rows, total = consents.consents_page(about=about, page=page)
    numbers = numbers_of([row[0].matter_id for row in rows if row[0].matter_id])
    shown = [
        {
            "at": one.at, "about": _(consents.LABELS[one.about]), "given": one.given, "version": one.notice_version,
            "name": name, "gender": gender_of(title), "number": numbers.get(one.matter_id, ""), "by": one.by_label,
            "matter_id": one.matter_id, "channel": _(CHANNELS.get(one.channel, one.channel)),
            # A child's surname stands in no list.
            "is_child_s": one.about in ("guardian", "own_minor"),
        }
        for one, name, title in rows
    ]  # fmt: skip
    return desk(
        "desk/consents.html", "privacy_desk", rows=shown, total=total, page=page, about=about,
        last=last_page(total, consents.PAGE), labels=consents.LABELS,
        url_of=lambda number: site_url("community.consents", page=number, about=about or None),
    )  # fmt: skip


def keeping() -> str:
    """The hall's retention table, with what is cleared next."""
    months = retention.months_of(hall_row())
    return _keeping_page(MonthsForm(formdata=None, data={key: str(number) for key, number in months.items()}))


def keeping_change() -> Any:
    """Keep shorter or longer, within the bounds."""
    form = MonthsForm()
    form.validate()
    wanted = {key: whole_number(form[key].data) for key in retention.BOUNDS}
    fine = [tell(form, key, retention.within(key, months)) for key, months in wanted.items()]
    if not all(fine):
        return _keeping_page(form), 422
    retention.set_months({key: months for key, months in wanted.items() if months}, by=actor(), now=clock.now())
    flash(_("存好了，下一次清理就照新的算。"), "ok")
    return redirect(site_url("community.keeping"), 303)


def _keeping_page(form: MonthsForm) -> str:
    rules = [
        {"label": _(retention.LABELS[one.key]), "months": one.months, "now": one.now, "soon": one.soon}
        for one in retention.rules_now(clock.now())
    ]
    kept = [(_(what), _(how)) for what, how in retention.KEPT]
    return desk(
        "desk/keeping.html", "privacy_desk", form=form, rules=rules, kept=kept, bounds=retention.BOUNDS,
        defaults={key: default for key, (_least, _most, default) in retention.BOUNDS.items()},
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/privacy-notice", notice, P.HALL_SETTINGS_WRITE, name="privacy_notice"),
    Door("POST", "/desk/privacy-notice", notice_publish, P.HALL_SETTINGS_WRITE, name="privacy_notice_publish"),
    Door("GET", "/desk/consents", consents_list, P.PRIVACY_WRITE, name="consents"),
    Door("GET", "/desk/retention", keeping, P.HALL_SETTINGS_WRITE),
    Door("POST", "/desk/retention", keeping_change, P.HALL_SETTINGS_WRITE, name="keeping_change"),
]
