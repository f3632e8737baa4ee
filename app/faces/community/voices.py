"""Doors of the hall: what neighbours say to a public matter, who stands behind it, and what should not stand there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.community.inputs import once_id, page_number, take_back
from app.faces.doors import Door
from app.faces.look import masked_name
from app.faces.pages import page
from app.faces.visitor import Visitor, actor, visitor, visitor_key
from app.flow.collect import voices_actions as actions
from app.flow.collect import voices_queries as queries
from app.flow.collect import voices_rules as rules
from app.flow.collect.queries import is_told, person_of
from app.flow.collect.rules import gender_of
from app.flow.collect.voices import Comment
from app.flow.collect.voices_actions import Author, voice_mark
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

NOT_HERE = N_("没有这件事，或者它的内容不公开。")
JOIN_FIRST = N_("留言要先知道是住在这儿的人：凭户码、手机验证码登录，或者找网格员当面核实。")


class CommentForm(FlaskForm):
    """A few words and the name they stand under."""

    words = TextAreaField(_l("我也说两句"))
    name = RadioField(
        _l("落款写什么"),
        choices=[("surname", _l("写姓，像「张女士」")), ("none", _l("写「一位邻居」")), ("whole", _l("写全名"))],
        default="surname", validate_choice=False,
    )  # fmt: skip


def load_voices(matter: Matter, form: CommentForm | None = None, number: int = 0) -> dict[str, Any]:
    """Everything ``hall/_voices.html`` shows: the first few comments, or one page of them (``number`` from 1).

    One statement; on a page of their own two.
    """
    marks, me = _marks(), visitor()
    size = queries.PAGE if number else queries.FIRST
    found = queries.voices_of(matter, marks, limit=size + 1, offset=(number - 1) * size if number else 0)
    return {
        "matter_id": matter.id, "supports": matter.supports, "supported": found.supported, "count": matter.comments,
        "comments": [_shown(comment, marks) for comment in found.comments[:size]],
        "more": len(found.comments) > size, "may": actions.may_speak(matter, clock.now()),
        "form": form or CommentForm(formdata=None), "me": me, "is_staff": bool(me and me.kind == "staff"),
        "once": request.form.get("once") or uuid7(), "limit": rules.WORDS,
    }  # fmt: skip


def comments(matter_id: UUID) -> str:
    """All that was said, twenty to a page."""
    return _page(told_or_404(matter_id), CommentForm(formdata=None))


def comment_write(matter_id: UUID) -> Any:
    """Write one; it waits for a person of the hall."""
    matter, form, me = told_or_404(matter_id), CommentForm(), visitor()
    form.validate()
    if me is None:
        form.words.errors = [_(JOIN_FIRST)]
        return _page(matter, form), 403
    row_id = once_id()
    if not queries.comments_by_id([row_id]):
        try:
            said = actions.write_comment(
                matter, form.words.data or "", author=_author(me, form.name.data or ""), by=actor(), now=clock.now(),
                id=row_id,
            )  # fmt: skip
        except Refused as error:
            take_back(form, "words", error)
            return _page(told_or_404(matter_id), form), 422
        flash(_("留言显示出来了。") if said.state == "shown" else _("收到了，等社区看过再显示。"), "ok")
    return _back(matter_id, "voices")


def comment_withdraw(comment_id: UUID) -> Any:
    """Take an own comment back."""
    found = queries.find_comment(comment_id)
    if found is None or found[0].mark not in _marks():
        raise Missing(N_("没有这条留言，或者它不是您写的。"))
    actions.withdraw_comment(found[0], now=clock.now())
    flash(_("留言撤回了。"), "ok")
    return _back(found[1].id, "voices")


def support(matter_id: UUID) -> Any:
    """我也关心: one voice, once."""
    matter, me = told_or_404(matter_id), visitor()
    actions.support(matter, account_id=me.id if me else None, browser=visitor_key(), now=clock.now())
    return _back(matter_id, "support")


def support_withdraw(matter_id: UUID) -> Any:
    """Take it back."""
    matter, me = told_or_404(matter_id), visitor()
    actions.unsupport(matter, account_id=me.id if me else None, browser=visitor_key(), now=clock.now())
    return _back(matter_id, "support")


def own_mark() -> str:
    """The mark under which this visitor's next voice is kept."""
    me = visitor()
    return voice_mark("account", me.id) if me else voice_mark("browser", visitor_key())


def told_or_404(matter_id: UUID) -> Matter:
    """The hall's matter, where it stands in public."""
    matter = find_matter(matter_id)
    if matter is None or not is_told(matter):
        raise Missing(NOT_HERE)
    return matter


def _marks() -> list[str]:
    """This visitor's marks so far, without giving the browser a new one: a GET leaves no trace."""
    me, browser = visitor(), session.get("visitor")
    return [
        *([voice_mark("account", me.id)] if me else []), *([voice_mark("browser", browser)] if browser else []),
    ]  # fmt: skip


def _author(me: Visitor, name: str) -> Author:
    reads = me.can(Permission.MODERATION_WRITE)
    if me.kind == "staff":
        return Author(me.id, shown_name=me.name, is_staff=True, reads_for_the_hall=reads)
    person = person_of(me.id)
    whole = person.name if person else me.name
    shown = {"none": "", "whole": whole}.get(name)
    if shown is None:
        shown = masked_name(whole, gender_of(person.title if person else ""))
    return Author(
        me.id, person_id=person.id if person else None, shown_name=shown, opted_in=name == "whole",
        reads_for_the_hall=reads,
    )  # fmt: skip


def _shown(comment: Comment, marks: Sequence[str]) -> dict[str, Any]:
    own = comment.mark in marks
    readable = comment.state == "shown" or own
    return {
        "id": comment.id, "state": comment.state, "label": rules.STATE_LABELS[comment.state], "own": own,
        "who": comment.shown_name if readable else "", "by_staff": comment.by_staff,
        "words": comment.words if readable else "", "reason": comment.reason, "at": comment.written_at,
    }  # fmt: skip


def _page(matter: Matter, form: CommentForm) -> str:
    number = page_number()
    total = queries.count_of(matter, _marks())
    last = max(1, -(-total // queries.PAGE))

    def url_of(n: int) -> str:
        return site_url("community.comments", matter_id=matter.id, page=n)

    return page(
        "hall/comments.html", matter=matter, voices=load_voices(matter, form, min(number, last)), number=number,
        last=last, url_of=url_of,
    )  # fmt: skip


def _back(matter_id: UUID, anchor: str) -> Any:
    return redirect(site_url("community.public_matter", matter_id=matter_id, _anchor=anchor), 303)


P = Permission
MATTER = "/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{MATTER}/comments", comments, P.ANYONE_TRACK),
    Door("POST", f"{MATTER}/comments", comment_write, P.ANYONE_COMMENT, limit="10 per 10 minutes"),
    Door("POST", "/comments/<uuid:comment_id>/withdrawals", comment_withdraw, P.ANYONE_COMMENT,
         limit="30 per 10 minutes"),
    Door("POST", f"{MATTER}/supports", support, P.ANYONE_COMMENT, limit="30 per 10 minutes"),
    Door("POST", f"{MATTER}/support-withdrawals", support_withdraw, P.ANYONE_COMMENT, limit="30 per 10 minutes"),
]  # fmt: skip
