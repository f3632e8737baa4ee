"""Doors of the street: notices to its halls, written, sent, urged and taken back, and who has read and answered."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from app import clock
from app.errors import Missing, Refused, no
from app.faces.choosing import RadioField, SelectMultipleField
from app.faces.doors import Door
from app.faces.figures import day_or_none
from app.faces.inputs import as_uuid, at_most, file_words, last_page, page_number, tell, tidy
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.notices import street_notices as notes
from app.notices import street_receipts as receipts
from app.notices import street_rules as rules
from app.notices.street_models import StreetNotice
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 5000
BAD_DAY = N_("写成 2026-10-01 这样。")


class NoticeForm(FlaskForm):
    """What the halls are told, which of them, and by when they should answer."""

    title = StringField(_l("题目"), [], [tidy])
    words = TextAreaField(_l("要说的"))
    answer_due = StringField(_l("哪天前回"), [], [tidy])
    scope = RadioField(
        _l("发给谁"), choices=[("all", _l("全部社区")), ("some", _l("挑几个社区"))], default="all",
        validate_choice=False,
    )  # fmt: skip
    halls = SelectMultipleField(
        _l("哪几个社区"), coerce=str, validate_choice=False, option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )  # fmt: skip


class ReasonForm(FlaskForm):
    """Why a notice is taken back."""

    reason = StringField(_l("为什么撤"), [at_most(rules.REASON)], [tidy])


def notices() -> str:
    """What was sent and what is still being written, with how far each has got."""
    page = page_number()
    rows, total = notes.notices_page(page)
    tallies = receipts.tallies([row.id for row in rows])
    return desk(
        "street/notices.html", "notices", rows=[(row, tallies.get(row.id)) for row in rows], total=total, page=page,
        last=last_page(total, notes.PAGE), url_of=lambda number: site_url("street.notices", page=number),
    )  # fmt: skip


def notice_new() -> str:
    """The form of a new notice; what is in it is kept as a draft first."""
    return _form_page(NoticeForm(formdata=None), uuid7(), is_new=True)


def _form_page(form: NoticeForm, notice_id: UUID, *, is_new: bool) -> str:
    form.halls.choices = [(str(hall.id), hall.name) for hall in notes.open_halls()]
    return desk(
        "street/notice_form.html", "notices", form=form, notice_id=notice_id, is_new=is_new,
        back=site_url("street.notices") if is_new else site_url("street.notice", notice_id=notice_id),
    )  # fmt: skip


def notice_write() -> Any:
    """Keep a new draft; its id was made with the form, so a second click keeps the same one."""
    return _kept(as_uuid(request.form.get("once")) or uuid7(), is_new=True)


def notice_draft(notice_id: UUID) -> str:
    """A draft in the form again."""
    found = notes.find(notice_id)
    if found.sent_at or found.withdrawn_at:
        raise Missing(N_("这份通知已经不是草稿了。"))
    form = NoticeForm(
        formdata=None, title=found.title, words=found.words, scope="some" if found.halls else "all",
        answer_due=found.answer_due.isoformat() if found.answer_due else "", halls=[str(one) for one in found.halls],
    )  # fmt: skip
    return _form_page(form, notice_id, is_new=False)


def notice_rewrite(notice_id: UUID) -> Any:
    """Change a draft."""
    notes.find(notice_id)
    return _kept(notice_id, is_new=False)


def _kept(notice_id: UUID, *, is_new: bool) -> Any:
    form = NoticeForm()
    form.validate()
    fine = tell(form, "title", rules.good_title(form.title.data or ""))
    fine = tell(form, "words", rules.good_words(form.words.data or "")) and fine
    due = day_or_none(form.answer_due.data or "")
    if form.answer_due.data and due is None:
        fine = tell(form, "answer_due", no(BAD_DAY))
    else:
        fine = tell(form, "answer_due", rules.good_day(due, clock.today())) and fine
    chosen = [int(one) for one in form.halls.data or [] if one.isdigit() and len(one) < 19]
    if form.scope.data == "some" and not chosen:
        fine = tell(form, "halls", no(N_("还没有选发给哪些社区。")))
    if not fine:
        return _form_page(form, notice_id, is_new=is_new), 422
    halls = chosen if form.scope.data == "some" else []
    try:
        notes.draft(form.title.data, form.words.data, halls, due, by=actor(), now=clock.now(), id=notice_id)
    except Refused as error:
        db.session.rollback()
        form.form_errors.append(say(error.reason, error.values))
        return _form_page(form, notice_id, is_new=is_new), 422
    return redirect(site_url("street.notice", notice_id=notice_id), 303)


def notice(notice_id: UUID) -> str:
    """A draft as the halls will read it, or a sent one with what every hall did."""
    found = notes.find(notice_id)
    if found.sent_at is None:
        names = {hall.id: hall.name for hall in notes.open_halls()}
        to = [names[one] for one in found.halls if one in names] if found.halls else list(names.values())
        return desk("street/notice_draft.html", "notices", notice=found, to=to)
    view, page = _view(), page_number()
    tally = receipts.tallies([notice_id])[notice_id]
    counts = {"": tally.sent, "unread": tally.sent - tally.read, "unanswered": tally.sent - tally.answered,
              "answered": tally.answered}  # fmt: skip
    shown = [name for name in receipts.VIEWS if found.answer_due or name in ("", "unread")]
    view = view if view in shown else ""
    owed = counts["unanswered"] if found.answer_due else counts["unread"]
    return desk(
        "street/notice.html", "notices", notice=found, tally=tally, owed=owed, view=view, page=page,
        lines=receipts.hall_lines(notice_id, view=view, page=page), last=last_page(counts[view], receipts.HALLS_PAGE),
        url_of=lambda number: site_url("street.notice", notice_id=notice_id, view=view or None, page=number),
        views=[
            (f"{_(receipts.VIEWS[name])} {counts[name]}",
             site_url("street.notice", notice_id=notice_id, view=name or None), name == view)
            for name in shown
        ],
    )  # fmt: skip


def _view() -> str:
    return request.args.get("view", "")


def notice_send(notice_id: UUID) -> Any:
    """Send it."""
    number = notes.send(notice_id, by=actor(), now=clock.now())
    flash(_("发给了 %(n)s 个社区，谁看过、谁回了，这一页看得到。", n=number), "ok")
    return redirect(site_url("street.notice", notice_id=notice_id), 303)


def notice_drop(notice_id: UUID) -> Any:
    """Throw a draft away."""
    notes.drop(notice_id, now=clock.now())
    flash(_("草稿丢掉了。"), "ok")
    return redirect(site_url("street.notices"), 303)


def notice_urge(notice_id: UUID) -> Any:
    """Remind the halls that owe something."""
    number = notes.urge(notice_id, by=actor(), now=clock.now())
    flash(_("催了 %(n)s 个社区，他们的单子上写着「街道又提醒了一次」。", n=number), "ok")
    return redirect(site_url("street.notice", notice_id=notice_id), 303)


def notice_withdrawing(notice_id: UUID) -> str:
    """Ask why before it is taken back."""
    return _withdrawing(notes.find(notice_id), ReasonForm(formdata=None))


def _withdrawing(found: StreetNotice, form: ReasonForm) -> str:
    return desk("street/notice_withdrawing.html", "notices", notice=found, form=form)


def notice_withdraw(notice_id: UUID) -> Any:
    """Take it back."""
    found, form = notes.find(notice_id), ReasonForm()
    verdict = rules.fits(form.reason.data or "", rules.REASON, N_("写一句为什么撤，社区看得到。"))
    if not form.validate() or not tell(form, "reason", verdict):
        return _withdrawing(found, form), 422
    notes.withdraw(notice_id, form.reason.data, by=actor(), now=clock.now())
    flash(_("撤回了，社区看得到为什么。"), "ok")
    return redirect(site_url("street.notice", notice_id=notice_id), 303)


def notice_sheet(notice_id: UUID) -> Response:
    """Every hall of one notice as a table."""
    found = notes.find(notice_id)
    heads = [_("社区"), _("哪天看的"), _("谁看的"), _("哪天回的"), _("谁回的"), _("回了什么"), _("催过几次")]
    rows = [
        (line.community, _at(line.read_at), line.read_by, _at(line.answered_at), line.answered_by, line.answer,
         line.urged)
        for line in receipts.hall_lines(notice_id, limit=MOST)
    ]  # fmt: skip
    data = xlsx_bytes(_("看过和回复"), heads, rows, widths=[16, 18, 12, 18, 12, 60, 10], wrap=True)
    name = f"{clock.today().isoformat()}_{file_words(found.title)}.xlsx"
    answer = send_file(BytesIO(data), XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _at(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


W = Permission.STREET_NOTICE_WRITE
ONE = "/notices/<uuid:notice_id>"
DOORS: list[Door] = [
    Door("GET", "/notices", notices, W),
    Door("POST", "/notices", notice_write, W),
    Door("GET", "/notices/new", notice_new, W),
    Door("GET", ONE, notice, W),
    Door("GET", f"{ONE}/halls.xlsx", notice_sheet, W),
    Door("GET", f"{ONE}/draft", notice_draft, W),
    Door("POST", f"{ONE}/draft", notice_rewrite, W),
    Door("POST", f"{ONE}/draft/removal", notice_drop, W),
    Door("POST", f"{ONE}/sending", notice_send, W),
    Door("POST", f"{ONE}/urging", notice_urge, W),
    Door("GET", f"{ONE}/withdrawal", notice_withdrawing, W),
    Door("POST", f"{ONE}/withdrawal", notice_withdraw, W),
]
