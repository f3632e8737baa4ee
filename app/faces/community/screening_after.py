"""Doors that follow an answer of the desk: the topic, and the news of what was passed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community.matter import readable
from app.faces.community.screening_forms import NewsForm, TopicForm, again, moves_now
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.triage import actions, queries
from app.matter.house import house
from app.matter.ledger import light_of
from app.matter.models import Matter
from app.matter.situation import Power, Stage
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def topic(matter_id: UUID) -> str:
    """The form of the topic."""
    matter = readable(matter_id)
    return _topic_page(matter, TopicForm(formdata=None, question=matter.question or matter.title))


def topic_set(matter_id: UUID) -> Any:
    """Confirm the topic."""
    matter, form = readable(matter_id), TopicForm()
    if "confirm_topic" not in moves_now(matter):
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    try:
        actions.confirm_topic(matter, form.question.data or "", form.party_prestudy.data, by=actor(), now=clock.now())
    except Refused as error:
        return again(error, form, lambda: _topic_page(matter, form))
    flash(_("立题了，接下来列出和谁有关。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def referral_news(matter_id: UUID) -> Any:
    """The receipt of the other unit, or what became of it; ``?final=1`` means the proposer was called back."""
    return _news_page(readable(matter_id), NewsForm(formdata=None))


def receipt(matter_id: UUID) -> Any:
    """Keep the other unit's receipt."""
    return _news(matter_id, lambda matter, words: actions.note_receipt(matter, words, by=actor(), now=clock.now()))


def call_back(matter_id: UUID) -> Any:
    """Keep that the proposer was called back, and with what."""
    return _news(matter_id, lambda matter, words: actions.call_back(matter, words, by=actor(), now=clock.now()))


def _news(matter_id: UUID, act: Callable[[Matter, str], Any]) -> Any:
    matter, form = readable(matter_id), NewsForm()
    try:
        act(matter, form.words.data or "")
    except Refused as error:
        return again(error, form, lambda: _news_page(matter, form))
    flash(_("记下了。"), "success")
    return redirect(site_url("community.desk_matter", matter_id=matter_id), 303)


def _topic_page(matter: Matter, form: TopicForm) -> str:
    return desk(
        "desk/screening_topic.html", "ledger", matter=matter, form=form, asks_party=matter.power == Power.RESIDENTS
    )


def _news_page(matter: Matter, form: NewsForm) -> str:
    found = queries.last_screening(matter.id, "referred")
    if found is None:
        raise Missing(N_("这件事没有转出去。"))
    return desk(
        "desk/screening_referral.html", "ledger", matter=matter, form=form, screening=found,
        is_owed=matter.stage == Stage.REFERRED and matter.due_at is not None,
        light=light_of(matter, clock.now(), house().calendar),
    )  # fmt: skip


_AT = "/desk/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_AT}/referral", referral_news, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/referral/receipt", receipt, Permission.SCREENING_WRITE, name="referral_receipt"),
    Door("POST", f"{_AT}/referral/call-back", call_back, Permission.SCREENING_WRITE, name="referral_call_back"),
    Door("GET", f"{_AT}/topic", topic, Permission.SCREENING_WRITE),
    Door("POST", f"{_AT}/topic", topic_set, Permission.SCREENING_WRITE, name="topic_set"),
]
