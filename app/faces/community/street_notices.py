"""Doors of the hall: what the street tells it. Opening a notice is not reading it: 「看过了」 is said by a button."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import NotAllowed
from app.faces.community.menu import counts_of
from app.faces.doors import Door
from app.faces.inputs import last_page, page_number, tell
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.notices import street_news as news
from app.notices import street_rules as rules
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

#: How many of those that wait 今天 shows.
SHOWN = 3


class AnswerForm(FlaskForm):
    """What the hall answers."""

    answer = TextAreaField(_l("回街道的话"))


def _me() -> UUID | None:
    found = visitor()
    return found.id if found else None


def waiting_lines(me: UUID | None) -> list[news.News]:
    """The newest notices that wait for this person, for 今天; no statement where the menu already knows of none."""
    if not counts_of(me)["street_notices"]:
        return []
    rows, _total = news.news_page(me, 1)
    answers = bool(rules.ANSWERING & actor().roles)
    return [row for row in rows if row.waits_for(answers=answers)][:SHOWN]


def street_notices() -> str:
    """Everything the street sent here, the newest first."""
    page = page_number()
    rows, total = news.news_page(_me(), page)
    return desk(
        "desk/street_notices.html", "street_notices", rows=rows, total=total, page=page,
        last=last_page(total, news.PAGE), url_of=lambda number: site_url("community.street_notices", page=number),
    )  # fmt: skip


def street_notice(notice_id: UUID) -> str:
    """One of them, with what there is to say."""
    return _page(notice_id, AnswerForm(formdata=None))


def _page(notice_id: UUID, form: AnswerForm) -> str:
    found = news.find(notice_id, _me())
    answers = bool(rules.ANSWERING & actor().roles)
    return desk("desk/street_notice.html", "street_notices", row=found, notice=found.notice, form=form, answers=answers)


def street_notice_reading(notice_id: UUID) -> Any:
    """Say that one has read it."""
    news.mark_read(notice_id, by=actor(), now=clock.now())
    flash(_("记下了，街道知道您看过了。"), "ok")
    return redirect(site_url("community.street_notice", notice_id=notice_id), 303)


def street_notice_answer(notice_id: UUID) -> Any:
    """Answer for the hall."""
    found, form = news.find(notice_id, _me()), AnswerForm()
    if not rules.ANSWERING & actor().roles:
        raise NotAllowed(N_("回街道的话，由书记或社区工作者来写。"))
    verdict = rules.may_answer(
        actor().roles, is_withdrawn=found.notice.withdrawn_at is not None,
        wants_answer=found.notice.answer_due is not None, words=form.answer.data or "",
    )  # fmt: skip
    form.validate()
    if not tell(form, "answer", verdict):
        return _page(notice_id, form), 422
    news.answer(notice_id, form.answer.data, by=actor(), now=clock.now())
    flash(_("回给街道了。"), "ok")
    return redirect(site_url("community.street_notice", notice_id=notice_id), 303)


P = Permission.NOTICE_READ
ONE = "/desk/street-notices/<uuid:notice_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/street-notices", street_notices, P),
    Door("GET", ONE, street_notice, P),
    Door("POST", f"{ONE}/reading", street_notice_reading, P),
    Door("POST", f"{ONE}/answer", street_notice_answer, P),
]
