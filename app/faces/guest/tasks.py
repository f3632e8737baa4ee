"""The doors of an owner outside the hall: one task, 收到, progress with photos, a later day, done. No other page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import MultipleFileField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.figures import count, day, fen
from app.faces.guest.entry import quiet
from app.faces.guest.task_entry import Entry, closed_door, enter
from app.faces.look import say
from app.faces.pictures import forget_pictures, picture_answer, pictures_sent
from app.flow.collect.actions import Picture
from app.flow.implement import actions, links
from app.flow.implement.link_rules import Way
from app.notices.bell import errand
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import Scope, current

MEND = "app.faces.jobs.work:mend_promises"


class NoteForm(FlaskForm):
    """How far it is."""

    words = TextAreaField(_l("做到哪儿了"))
    done = StringField(_l("一共做到多少"))
    before = MultipleFileField(_l("办之前的照片"))
    after = MultipleFileField(_l("办之后的照片"))


class LaterForm(FlaskForm):
    """A later day, and why."""

    due = StringField(_l("想延到哪天"))
    reason = TextAreaField(_l("为什么来不及"))


class DoneForm(FlaskForm):
    """What was done, how much of it, what it cost."""

    evidence = TextAreaField(_l("办成什么样了"))
    reached = StringField(_l("一共做了多少"))
    shortfall = TextAreaField(_l("没做够的，是为什么"))
    actual = StringField(_l("实际花了多少钱（元）"))
    shown = MultipleFileField(_l("办好的照片"))


def task(token: str) -> Any:
    """The one task. Each opening is counted, because chat apps and people both open links."""
    now = clock.now()
    found = enter(token, now)
    if found.opened is None or found.way not in (Way.OPEN, Way.WAITING):
        return closed_door(found.way)
    answer = _page(found, token)
    links.count_opening(found.opened.link, now=now)
    return answer


def receipt(token: str) -> Any:
    """收到."""
    opened = _open(token)
    if not isinstance(opened, links.Opened):
        return opened
    links.receive(opened, now=clock.now(), id=_once())
    return _back(token, _("社区知道您收到了。"))


def note(token: str) -> Any:
    """A line of progress, how many are done, photos."""
    opened = _open(token)
    if not isinstance(opened, links.Opened):
        return opened
    form, sent = NoteForm(), _Sent()

    def act() -> None:
        known = links.note_again(opened, _once())
        if known:
            return
        sent.take(opened, before="before", after="after")
        words = form.words.data or (_("传了 %(n)s 张照片。", n=len(sent.kept)) if sent.kept else "")
        actions.note_progress(
            opened.matter, words, commitment=opened.task, public=True, done_count=count(form.done.data),
            by=links.owner_by_link(opened.link), now=clock.now(), id=_once(),
        )  # fmt: skip

    return _answer(token, form, "note", act, sent, _("记下了，社区看得到。"))


def later(token: str) -> Any:
    """Ask for a later day; somebody of the hall answers."""
    opened = _open(token)
    if not isinstance(opened, links.Opened):
        return opened
    form = LaterForm()

    def act() -> None:
        due = day(form.due.data)
        if due is None:
            raise Refused(N_("写上想延到哪天。"))
        actions.ask_extension(
            opened.task, due=due, reason=form.reason.data or "", by=links.owner_by_link(opened.link), now=clock.now(),
            id=_once(),
        )  # fmt: skip

    return _answer(token, form, "later", act, _Sent(), _("问过社区了，批没批，回到这一页看。"))


def done(token: str) -> Any:
    """Report the task done; the hall's own binding brings the matter in step afterwards."""
    found = enter(token, clock.now())
    if found.way is Way.WAITING:
        # The second tab, or a second click: it is reported already.
        return _back(token, _("这一项已经报过完工了。"))
    if found.way is not Way.OPEN or found.opened is None:
        return closed_door(found.way)
    opened, form, sent = found.opened, DoneForm(), _Sent()

    def act() -> None:
        sent.take(opened, shown="after")
        actions.finish(
            opened.task, evidence=form.evidence.data or "", actual_fen=fen(form.actual.data),
            done_count=count(form.reached.data), shortfall=form.shortfall.data or "",
            by=links.owner_by_link(opened.link), now=clock.now(),
        )  # fmt: skip
        here = current()
        errand(Scope("community", street=here.street, community=here.community), MEND)

    return _answer(token, form, "done", act, sent, _("报完工了，社区会来看。"))


def picture(token: str, picture_id: UUID) -> Any:
    """A photo of this very task, small."""
    found = enter(token, clock.now())
    if found.opened is None or found.way not in (Way.OPEN, Way.WAITING):
        return closed_door(found.way)
    if picture_id not in {one.id for one in links.pictures_for_owner(found.opened.task)}:
        raise Missing(N_("没有这张照片。"))
    return quiet(picture_answer(picture_id, "small"))


class _Sent:
    """The photos of one form: kept with the task, or taken out of the store again where the form was refused."""

    def __init__(self) -> None:
        self.kept: list[Picture] = []

    def take(self, opened: links.Opened, **fields: str) -> None:
        """Store what came in each field and hang it on the task under its meaning."""
        for name, which in fields.items():
            pictures = pictures_sent(name)
            self.kept += pictures
            if pictures:
                owner = links.owner_by_link(opened.link)
                actions.attach_picture(opened.task, pictures, which=which, by=owner, now=clock.now())

    def forget(self) -> None:
        """Nothing of it is kept."""
        forget_pictures(self.kept)


def _open(token: str) -> links.Opened | Any:
    found = enter(token, clock.now())
    if found.way is Way.WAITING:
        return _back(token, _("这一项已经报过完工了。"))
    return found.opened if found.way is Way.OPEN and found.opened else closed_door(found.way)


def _answer(token: str, form: FlaskForm, name: str, act: Callable[[], None], sent: _Sent, told: str) -> Any:
    """Run one act; where it is refused, show the page again with what was typed."""
    if form.validate():
        try:
            with db.session.begin_nested():
                act()
            return _back(token, told)
        except Refused as refused:
            sent.forget()
            form.form_errors = [*form.form_errors, say(refused.reason, refused.values)]
    db.session.rollback()
    found = enter(token, clock.now())
    if found.opened is None:
        return closed_door(found.way)
    return make_response(_page(found, token, **{name: form}), 422)


def _back(token: str, told: str) -> Any:
    flash(told, "ok")
    return quiet(redirect(site_url("guest.task", token=token), 303))


def _once() -> UUID:
    try:
        return UUID(request.form.get("once", ""))
    except ValueError:
        return uuid7()


def _page(found: Entry, token: str, **forms: FlaskForm) -> Any:
    opened = found.opened
    assert opened is not None
    task, matter = opened.task, opened.matter
    notes, pictures = links.notes_for_owner(task), links.pictures_for_owner(task)
    public = matter.visibility == "public" and matter.hidden_at is None
    return quiet(
        render_template(
            "guest/task.html", token=token, given=opened.link, task=task, is_open=found.way is Way.OPEN,
            number=matter.number, title=matter.title if public else "", notes=notes,
            before=[one for one in pictures if one.about == "task_before"],
            after=[one for one in pictures if one.about == "task_after"],
            received=any(one.by_id is None for one in notes), asked=links.asked_of(task), once=uuid7(),
            late=task.state == "open" and task.due < clock.local(clock.now()).date(), forms=_forms(forms, task),
            hall_name=g.site.name, sent_back=links.sent_back(opened),
            open_form=next(iter(forms), ""),
        )
    )  # fmt: skip


def _forms(given: dict[str, FlaskForm], task: Any) -> dict[str, FlaskForm]:
    reached = str(task.done_count) if task.target is not None else ""
    return {
        "note": given.get("note") or NoteForm(formdata=None, done=""),
        "later": given.get("later") or LaterForm(formdata=None),
        "done": given.get("done") or DoneForm(formdata=None, reached=reached),
    }


GUEST = Permission.GUEST_TASK
LINK = "/t/<string:token>"
DOORS: list[Door] = [
    Door("GET", LINK, task, GUEST, writes_on_get=True),
    Door("POST", f"{LINK}/receipts", receipt, GUEST, name="task_receipt", limit="20 per hour"),
    Door("POST", f"{LINK}/progress-notes", note, GUEST, name="task_note", limit="30 per hour"),
    Door("POST", f"{LINK}/extension-requests", later, GUEST, name="task_later", limit="20 per hour"),
    Door("POST", f"{LINK}/completions", done, GUEST, name="task_done", limit="20 per hour"),
    Door("GET", f"{LINK}/pictures/<uuid:picture_id>", picture, GUEST, name="task_picture"),
]
