"""Doors of the hall: sittings before they begin, what the public reads of them, and the projected screen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community import sitting_table as at_table
from app.faces.community.ballots import needed_for
from app.faces.community.inputs import page_number
from app.faces.community.live import on_page
from app.faces.community.sitting_page import OUTCOME_LABELS, attempt, enough_words, read_table, show
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.decide import queries as ballots
from app.flow.deliberate import actions, queries
from app.flow.deliberate.rules import KIND_LABELS, QUORUM_LABELS, STATE_LABELS, Quorum, SittingKind, SittingState
from app.matter.actions import find_matter
from app.matter.house import house
from app.people.permissions import Permission
from app.people.places import Venue
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

PAGE = 20


def _labels() -> dict[str, dict[str, str]]:
    return {
        "kinds": {str(k): say(v) for k, v in KIND_LABELS.items()},
        "states": {str(k): say(v) for k, v in STATE_LABELS.items()},
    }


def sittings() -> str:
    """Sittings to come and past, and the next days of the regular ones."""
    return _list(forms.SeriesForm(formdata=None, month_day=5))


def _list(form: forms.SeriesForm) -> str:
    now, past = clock.now(), request.args.get("when") == "past"
    number = page_number()
    rows = queries.list_sittings(now, past=past, n=PAGE + 1, offset=(number - 1) * PAGE)
    series = [] if past else queries.running_series()
    venues = [] if past else _venues()
    form.venue.choices = [("", _("以后再定")), *((str(v.id), v.name) for v in venues)]
    return desk(
        "desk/sittings.html", "council", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, past=past, form=form,
        series=[(one, actions.next_dates(one, now, 3)) for one in series], **_labels(),
    )  # fmt: skip


def _venues() -> list[Venue]:
    return list(
        db.session.scalars(
            select(Venue)
            .where(
                Venue.community_id == current_community(),
                Venue.closed_at.is_(None),
                Venue.kind.not_in(("collection_point", "letterbox")),
            )
            .order_by(Venue.sort, Venue.name)
        )
    )


def add_series() -> Any:
    """Settle a regular sitting."""
    form = forms.SeriesForm()
    form.venue.choices = []
    if form.validate():
        try:
            actions.add_series(
                form.name.data, form.rrule, f"{form.time.data:%H:%M}", forms.as_uuid(form.venue.data), "council",
                by=actor(), now=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("例会定下来了。"), "ok")
            return redirect(site_url("community.sittings"), 303)
    db.session.rollback()
    return _list(form), 422


def plan_sitting() -> str:
    """The form of a new sitting; ``?series=`` and ``?matter=`` fill in what is known."""
    form = forms.PlanForm(formdata=None, once=str(uuid7()), kind="council")
    found = forms.as_uuid(request.args.get("series"))
    series = queries.find_series(found) if found else None
    if series is not None:
        starts = clock.local(actions.next_dates(series, clock.now(), 1)[0])
        form.series.data, form.kind.data, form.venue.data = str(series.id), series.kind, str(series.venue_id or "")
        form.day.data, form.time.data = starts.date(), starts.time()
        form.title.data = _("%(month)s 月%(name)s", month=starts.month, name=series.name.removeprefix("每月"))
    if wanted := request.args.get("matter"):
        form.matters.data = [wanted]
        _suit(form, forms.as_uuid(wanted))
    return _plan_page(form)


def _suit(form: forms.PlanForm, matter_id: UUID | None) -> None:
    """A small or urgent matter is talked over where it happens: a bench sitting under the matter's own name."""
    matter = find_matter(matter_id) if matter_id else None
    if matter is not None and matter.triage in ("minor", "urgent"):
        form.kind.data = form.kind.data if form.series.data else "bench"
        form.title.data = form.title.data or _("%(title)s 板凳会", title=matter.title)[:60]


def _plan_page(form: forms.PlanForm) -> str:
    form.fill(_venues(), queries.ready_for_agenda())
    quorum = Quorum(house().settings.get("quorum") or Quorum.HALF)
    return desk("desk/sittings_plan.html", "council", form=form, quorum=say(QUORUM_LABELS[quorum]))


def plan() -> Any:
    """Put the sitting on paper."""
    form = forms.PlanForm()
    form.fill((), ())
    if form.validate():
        try:
            sitting = _plan(form)
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("会定好了，名单也列好了。看一遍，再发公告。"), "ok")
            return redirect(site_url("community.sitting", sitting_id=sitting.id), 303)
    db.session.rollback()
    return _plan_page(form), 422


def _plan(form: forms.PlanForm) -> Any:
    wanted = [forms.as_uuid(text) for text in form.matters.data or []]
    if None in wanted or any(find_matter(one) is None for one in wanted if one):
        raise Missing(N_("没有这件事。"))
    series_id = forms.as_uuid(form.series.data)
    return actions.plan_sitting(
        kind=form.kind.data, title=form.title.data, starts_at=forms.moment(form), place=form.place.data or "",
        matters=[one for one in wanted if one], series=queries.find_series(series_id) if series_id else None,
        venue_id=forms.as_uuid(form.venue.data),
        expected=_guests(form.expected.data), by=actor(), now=clock.now(), id=form.once_id,
    )  # fmt: skip


def _guests(text: str | None) -> list[actions.Expected]:
    """One person a line; what stands after a space is whom they speak for."""
    lines = [line.strip().partition(" ") for line in (text or "").replace("　", " ").splitlines() if line.strip()]
    return [actions.Expected(name[:40], capacity.strip()[:40]) for name, _space, capacity in lines[:200]]


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

    return attempt(sitting_id, "postpone", form, act) or _back(sitting_id, _("改期了，公告也跟着改了。"))


def cancellation(sitting_id: UUID) -> Any:
    """Call it off."""
    found, form = _found(sitting_id), forms.ReasonForm()

    def act() -> None:
        actions.call_off(found, form.reason.data or "", by=actor(), now=clock.now())

    return attempt(sitting_id, "reason", form, act) or _back(sitting_id, _("会取消了。"))


def agenda(sitting_id: UUID) -> Any:
    """Put one more matter on the agenda."""
    found, wanted = _found(sitting_id), forms.as_uuid(request.form.get("matter_id"))
    if wanted is None:
        raise Missing(N_("没有这件事。"))
    actions.add_to_agenda(found, wanted, by=actor(), now=clock.now())
    return _back(sitting_id, _("加到议程里了。"))


def matter_sitting(matter_id: UUID) -> Any:
    """From a matter to the table it lies on, or to the plan of a new one."""
    if find_matter(matter_id) is None:
        raise Missing(N_("没有这件事。"))
    found = queries.current_item(matter_id)
    if found is None or found[1].state not in queries.STANDING:
        return redirect(site_url("community.plan_sitting", matter=matter_id))
    return redirect(site_url("community.sitting", sitting_id=found[1].id, matter=matter_id))


def _found(sitting_id: UUID) -> Any:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


def public_sitting(sitting_id: UUID) -> str:
    """What everybody may read: when, where, what about, and what came out; no name."""
    table = read_table(sitting_id, whole=False)
    if table.sitting.state == SittingState.PLANNED:
        raise Missing(N_("没有这个会。"))
    found = [
        (item, matter)
        if matter.visibility == "public" and matter.track != "mediation" and matter.hidden_at is None
        else (item, None)
        for item, matter in table.items
    ]
    return page(
        "hall/sitting.html", sitting=table.sitting, items=found, table=table, outcomes=OUTCOME_LABELS,
        enough=enough_words(table.here), live=on_page(sitting_id), **_labels(),
    )  # fmt: skip


P = Permission
ONE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/sittings", sittings, P.SITTING_WRITE),
    Door("POST", "/desk/sittings", plan, P.SITTING_WRITE, name="sitting_plan_save"),
    Door("GET", "/desk/sittings/new", plan_sitting, P.SITTING_WRITE),
    Door("POST", "/desk/sitting-series", add_series, P.SITTING_WRITE),
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
    Door("POST", ONE + "/agenda", agenda, P.SITTING_WRITE, name="sitting_agenda"),
    Door("GET", "/desk/matters/<uuid:matter_id>/sitting", matter_sitting, P.SITTING_WRITE),
    Door("GET", "/sittings/<uuid:sitting_id>", public_sitting, P.ANYONE_ENTER),
    *at_table.DOORS,
]
