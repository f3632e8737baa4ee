"""What the desk's pages of a poll share: finding it, its words, and how a refusal comes back to its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from flask import flash, redirect

from app import clock
from app.errors import Missing, Refused
from app.faces.community import poll_forms as forms
from app.faces.community import poll_questions
from app.faces.community.inputs import as_uuid
from app.faces.community.matter import readable
from app.faces.community.poll_words import unit_of
from app.faces.community.second import shown_to_be
from app.faces.look import say
from app.faces.visitor import actor, visitor
from app.flow.collect.letterbox import openers
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.poll_queries import find_poll
from app.flow.decide.rules import EFFECT_LABELS, RULE_LABELS
from app.matter.models import Matter
from app.people.models import Account
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

T = TypeVar("T")
GONE = N_("没有这次投票。")
STATES = {
    "draft": (N_("草稿"), "pencil-square", ""), "open": (N_("正在投"), "check2-square", "solid"),
    "counting": (N_("停投了，在数票"), "hourglass-split", "soon"), "closed": (N_("有结果了"), "check-circle", "ok"),
    "void": (N_("作废了"), "slash-circle", "late"),
}  # fmt: skip
CHANNELS = {"online": N_("网上"), "paper": N_("纸票"), "hands": N_("举手")}
MODES = {"named": N_("记名投票"), "secret": N_("无记名投票")}


def found_poll(poll_id: UUID) -> tuple[Poll, Matter]:
    """The bound hall's poll and its matter, for whoever may read the matter; raises ``Missing``."""
    poll = find_poll(poll_id)
    if poll is None:
        raise Missing(GONE)
    return poll, readable(poll.matter_id)


def words(poll: Poll) -> dict[str, Any]:
    """The vocabularies of the pages, translated."""
    body = forms.BODY_WORDS[poll.body]
    state, icon, tone = STATES[poll.state]
    ways = [say(text) for key, text in CHANNELS.items() if getattr(poll, key)]
    return {
        "body_name": say(body.name), "body_law": say(body.law), "state": (say(state), icon, tone),
        "mode": say(MODES[poll.mode]), "ways": ways, "channels": {key: say(text) for key, text in CHANNELS.items()},
        "rules": {str(k): say(v) for k, v in RULE_LABELS.items()},
        "effects": {str(k): say(v) for k, v in EFFECT_LABELS.items()}, "may_write": may_write(),
        "unit": unit_of(poll),
    }  # fmt: skip


def may_write() -> bool:
    """Whether this person runs polls, or only hands out papers and keys them in."""
    me = visitor()
    return me is not None and me.can(Permission.BALLOT_WRITE)


def asked(questions: Iterable[Ballot]) -> list[dict[str, Any]]:
    """The questions as a paper or a form shows them; a spoiled mark is no choice of the voter."""
    return [
        {"id": q.id, "position": q.position, "words": q.question, "rule": q.rule, "options": q.options,
         "choices": poll_questions.choice_labels(q)}
        for q in questions
    ]  # fmt: skip


def attempt(form: Any, act: Callable[[], T]) -> T | None:
    """Validate and act. None when the form or the rule says no; then nothing of the act is left and the reason stands
    at the form."""
    if not form.validate():
        db.session.rollback()
        return None
    try:
        return act()
    except Refused as refused:
        db.session.rollback()
        form.form_errors = [*form.form_errors, say(refused.reason, refused.values)]
        return None


def back_to(poll_id: UUID, said: str, endpoint: str = "community.desk_poll", **more: Any) -> Any:
    """303 to a page of the poll with one sentence about what was done."""
    if said:
        flash(said, "ok")
    return redirect(site_url(endpoint, poll_id=poll_id, **more), 303)


def seconds() -> list[Account]:
    """Who may be the second person today."""
    me = visitor()
    return [account for account in openers(clock.today()) if me is None or account.id != me.id]


def fill_second(form: forms.SecondForm, accounts: Iterable[Account]) -> forms.SecondForm:
    """Give the choices; needed before validating."""
    form.second.choices = [("", say(N_("请选"))), *((str(a.id), a.display_name) for a in accounts)]
    return form


def with_second(form: forms.SecondForm, act: Callable[[Account], Any]) -> bool:
    """Validate, let the second person show who they are, and act. False leaves the reasons at the form."""
    accounts = seconds()
    fill_second(form, accounts)
    second = next((a for a in accounts if a.id == as_uuid(form.second.data)), None)
    if not form.validate():
        return False
    if second is None or second.id == actor().id:
        form.second.errors = [say(N_("选另一位一起办的人。"))]
        return False
    if not shown_to_be(form, second):
        return False
    try:
        act(second)
    except Refused as refused:
        db.session.rollback()
        form.form_errors = [*form.form_errors, say(refused.reason, refused.values)]
        return False
    return True
