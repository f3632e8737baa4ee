"""Doors of the hall: the list of sittings, one sitting, its notice and another day, and what the public reads of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import (
    bench,
    invitees,
    report_back,
    sitting_agenda,
    sitting_notice,
    sitting_plan,
    sitting_series,
)
from app.faces.community import sitting_forms as forms
from app.faces.community import sitting_table as at_table
from app.faces.community.inputs import page_number
from app.faces.community.live import on_page
from app.faces.community.sitting_page import OUTCOME_LABELS, attempt, enough_words, read_table, show
from app.faces.community.sitting_series import told
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.deliberate import actions, queries
from app.flow.deliberate.rules import KIND_LABELS, STATE_LABELS, TELLING
from app.flow.deliberate.series import running
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

PAGE = 20


def _labels() -> dict[str, dict[str, str]]:
    return {
        "kinds": {str(k): say(v) for k, v in KIND_LABELS.items()},
        "states": {str(k): say(v) for k, v in STATE_LABELS.items()},
    }


def sittings() -> str:
    """Sittings to come and past, and the next days of the regular ones."""
    now, past = clock.now(), request.args.get("when") == "past"
    number = page_number()
    rows = queries.list_sittings(now, past=past, n=PAGE + 1, offset=(number - 1) * PAGE)
    return desk(
        "desk/sittings.html", "council", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, past=past,
        series=[] if past else [told(one) for one in running(now)], **_labels(),
    )  # fmt: skip


def sitting(sitting_id: UUID) -> Any:
    """One sitting, for those who run it."""
    return show(sitting_id)


def _back(sitting_id: UUID, words: str) -> Any:
    flash(words, "ok")
    return redirect(site_url("community.sitting", sitting_id=sitting_id), 303)


def notice(sitting_id: UUID) -> Any:
    """Give the notice."""
    actions.give_notice(_found(sitting_id), by=actor(), now=clock.now())
    return _back(sitting_id, _("公告发出去了。"))


def postponement(sitting_id: UUID) -> Any:
    """Move it to another time."""
    found, form = _found(sitting_id), forms.PostponeForm()

    def act() -> None:
        actions.postpone(found, forms.moment(form), form.reason.data or "", by=actor(), now=clock.now())

    told = found.noticed_at is not None
    return attempt(sitting_id, "postpone", form, act) or _back(
        sitting_id, _("改期了，公告也跟着改了。") if told else _("改好了，公告还没发。")
    )


def cancellation(sitting_id: UUID) -> Any:
    """Call it off."""
    found, form = _found(sitting_id), forms.ReasonForm()

    def act() -> None:
        actions.call_off(found, form.reason.data or "", by=actor(), now=clock.now())

    return attempt(sitting_id, "reason", form, act) or _back(sitting_id, _("会取消了。"))


def _found(sitting_id: UUID) -> Any:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


def public_sitting(sitting_id: UUID) -> str:
    """What everybody may read: who is called, when, where, what about, by which rule, and what came out; no name."""
    table = read_table(sitting_id, whole=False)
    if table.sitting.noticed_at is None and table.sitting.opened_at is None:
        raise Missing(N_("没有这个会。"))
    return page(
        "hall/sitting.html", sitting=table.sitting, items=sitting_notice.told_items(table), table=table,
        outcomes=OUTCOME_LABELS, enough=enough_words(table.here), live=on_page(sitting_id),
        report=report_back.told_groups(table.sitting) if table.sitting.kind in TELLING else [],
        notice=sitting_notice.facts(table), mine=sitting_notice.mine(table), **_labels(),
    )  # fmt: skip


P = Permission
ONE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/sittings", sittings, P.SITTING_WRITE),
    *sitting_plan.DOORS,
    *sitting_series.DOORS,
    *sitting_agenda.DOORS,
    *invitees.DOORS,
    *sitting_notice.DOORS,
    *bench.DOORS,
    *report_back.DOORS,
    Door("GET", ONE, sitting, P.SITTING_WRITE),
    Door("POST", ONE + "/notice", notice, P.SITTING_WRITE, name="sitting_notice"),
    Door(
        "POST",
        "/desk/sittings/<uuid:sitting_id>/postponement",
        postponement,
        P.SITTING_WRITE,
        name="sitting_postponement",
    ),
    Door(
        "POST",
        "/desk/sittings/<uuid:sitting_id>/cancellation",
        cancellation,
        P.SITTING_WRITE,
        name="sitting_cancellation",
    ),
    Door("GET", "/sittings/<uuid:sitting_id>", public_sitting, P.ANYONE_ENTER),
    *at_table.DOORS,
]
