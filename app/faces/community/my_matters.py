"""Doors of the hall: one's own matters, adding to one and taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from app import clock
from app.errors import Missing
from app.faces import visitor
from app.faces.community.poll_mine import votes_of, waiting
from app.faces.community.sight import is_own
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.flow.collect import actions, queries, rules
from app.matter.actions import find_matter, situation_of
from app.matter.models import Matter
from app.matter.situation import LABELS
from app.matter.stages import may
from app.people.permissions import Permission
from app.people.roles import Role
from tenants.hosts import site_url


class MoreForm(FlaskForm):
    """More words, or the reason of taking a matter back."""

    words = TextAreaField(_l("补充的内容"))


def me() -> Any:
    """One's own matters, from this phone's cookie and from the account."""
    found = visitor.visitor()
    ids = [UUID(kept) for kept in session.get("mine", [])]
    account_id = found.id if found is not None and found.kind == "resident" else None
    matters = queries.mine(ids, account_id) if ids or account_id else []
    votes = waiting(votes_of(found.id)) if found is not None and found.can(Permission.POLL_CAST) else []
    return page(
        "hall/me.html", labels=LABELS, visitor=found, votes=votes,
        matters=[(matter, *_what_next(matter)) for matter in matters],
    )  # fmt: skip


def withdrawal(matter_id: UUID) -> str:
    """Ask before taking a matter back."""
    matter = _own(matter_id)
    may("withdraw", situation_of(matter), Role.PROPOSER).or_refuse()
    return page("hall/withdrawal.html", matter=matter, form=MoreForm(formdata=None))


def withdraw(matter_id: UUID) -> Any:
    """Take it back, with the reason in the proposer's words."""
    matter, form = _own(matter_id), MoreForm()
    form.validate()
    problem = _bounded(form.words.data or "", rules.REASON) or (
        "" if (form.words.data or "").strip() else _("请写一句为什么不提了。")
    )
    if problem:
        form.words.errors = [problem]
        return page("hall/withdrawal.html", matter=matter, form=form), 422
    actions.withdraw(matter, form.words.data or "", by=visitor.actor(), now=clock.now())
    flash(_("撤回了。以后想提，再来说一说就行。"), "ok")
    return redirect(site_url("community.me"), 303)


def addition(matter_id: UUID) -> str:
    """The form for what was asked for, or for a few more words."""
    return page(
        "hall/addition.html", matter=(matter := _own(matter_id)), form=MoreForm(formdata=None), asked=_asked(matter)
    )


def add(matter_id: UUID) -> Any:
    """Hand in what was asked for, or a few more words."""
    matter, form = _own(matter_id), MoreForm()
    form.validate()
    asked = _asked(matter)
    problem = rules.may_add_words("", form.words.data or "")
    if problem is not None:
        form.words.errors = [say(problem.reason, problem.values)]
        return page("hall/addition.html", matter=matter, form=form, asked=asked), 422
    verb = actions.supply if matter.stage == "needs_info" or matter.lapsed else actions.say_more
    verb(matter, form.words.data or "", by=visitor.actor(), now=clock.now())
    flash(_("补充的话已经记下。"), "ok")
    return redirect(site_url("community.public_matter", matter_id=matter.id), 303)


def _own(matter_id: UUID) -> Matter:
    """The matter, if it is this browser's or this account's; anybody else's answers as if it were not there."""
    matter = find_matter(matter_id)
    if matter is None or not is_own(matter):
        raise Missing(_("没有这件事，或者它不是从这部手机交的。"))
    return matter


def _asked(matter: Matter) -> str:
    """What the hall asked for, in its own words."""
    if matter.stage != "needs_info":
        return ""
    lines = queries.lines_of(matter, public_only=False, limit=20)
    return next((line.reason for line in lines if line.verb == "ask_for_more"), "")


def _what_next(matter: Matter) -> tuple[bool, bool]:
    """Whether the proposer owes an answer, and whether the matter may still be taken back."""
    owes = matter.stage == "needs_info" or (matter.stage == "withdrawn" and matter.lapsed)
    return owes, bool(may("withdraw", situation_of(matter), Role.PROPOSER))


def _bounded(text: str, limit: int) -> str:
    if len(text.strip()) <= limit:
        return ""
    return _("最多写 %(limit)s 个字，现在有 %(n)s 个，请写短一点。", limit=limit, n=len(text.strip()))


DOORS: list[Door] = [
    Door("GET", "/me", me, Permission.ANYONE_TRACK),
    Door("GET", "/matters/<uuid:matter_id>/withdrawal", withdrawal, Permission.ANYONE_TRACK),
    Door("POST", "/matters/<uuid:matter_id>/withdrawal", withdraw, Permission.ANYONE_TRACK, limit="20 per 10 minutes"),
    Door("GET", "/matters/<uuid:matter_id>/additions", addition, Permission.ANYONE_TRACK),
    Door("POST", "/matters/<uuid:matter_id>/additions", add, Permission.ANYONE_TRACK, limit="30 per 10 minutes"),
]
