"""Doors of the hall: a sitting on paper, from a topic, from a series, or after one that fell short of its quorum."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.planning_forms import PlanForm
from app.faces.community.sitting_agenda import waiting
from app.faces.doors import Door
from app.faces.figures import day_or_none
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.deliberate import actions, inviting, planning, queries, series
from app.flow.deliberate.bench import bench_title
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.rules import QUORUM_LABELS, TELLING, Quorum
from app.matter.actions import find_matter
from app.matter.house import house
from app.people.permissions import Permission
from app.people.places import Estate, Venue
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community


def places_to_sit() -> list[Venue]:
    """Where people can sit down: not the shop that keeps a box."""
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


def _estates() -> list[Estate]:
    return list(
        db.session.scalars(
            select(Estate)
            .where(Estate.community_id == current_community(), Estate.closed_at.is_(None))
            .order_by(Estate.name)
        )
    )


def plan_sitting() -> Any:
    """The form of a new sitting; ``?series=``, ``?matter=`` (several) and ``?follows=`` fill in what is known."""
    form = PlanForm(formdata=None, once=str(uuid7()), kind="council")
    found = forms.as_uuid(request.args.get("series"))
    if found:
        regular = series.find_running(found, clock.now())
        if regular.series.kind in TELLING:
            return redirect(site_url("community.report_plan", series=found))
        _from_series(form, regular)
    wanted = [one for text in request.args.getlist("matter") if (one := forms.as_uuid(text))]
    form.matters.data = [str(one) for one in wanted]
    if len(wanted) == 1:
        _suit(form, wanted[0])
    follows = forms.as_uuid(request.args.get("follows"))
    if follows:
        _from_short(form, follows)
    return _plan_page(form)


def _from_series(form: PlanForm, found: series.Running) -> None:
    one = found.next_free
    form.series.data, form.kind.data = str(found.series.id), found.series.kind
    form.venue.data = str(found.series.venue_id or "")
    if one is not None and one.day.at is not None:
        form.day.data, form.time.data = one.day.at.date(), one.day.at.time()
        form.series_on.data = one.day.on.isoformat()
        form.title.data = series.title_of(found.series, one.day.at)


def _suit(form: PlanForm, matter_id: UUID) -> None:
    """A small or urgent matter is talked over where it happens: a bench sitting under the matter's own name."""
    matter = find_matter(matter_id)
    if matter is not None and matter.triage in ("minor", "urgent"):
        form.kind.data = form.kind.data if form.series.data else "bench"
        form.title.data = form.title.data or bench_title(matter)
    if matter is not None and matter.stage == "ratifying":
        form.kind.data = {"owners": "owners"}.get(matter.power or "", "reps")


def _from_short(form: PlanForm, sitting_id: UUID) -> None:
    """The second try of a sitting that fell short: everything but the day is taken over, the quorum among it."""
    short = _found(sitting_id)
    again = planning.taken_over(short)
    form.follows.data, form.kind.data, form.title.data = str(short.id), short.kind, planning.again(again.title)
    form.place.data, form.venue.data = short.place, str(short.venue_id or "")
    form.matters.data = [str(one) for one in again.matters]
    form.expected.data = "\n".join(f"{one.name} {one.capacity}".strip() for one in again.expected)
    form.base.data, form.estate.data = short.base or None, str(short.estate_id or "")
    form.convener.data = str(short.convener_id or "")


def _plan_page(form: PlanForm) -> str:
    form.fill(
        places_to_sit(), waiting(), inviting.may_convene_today(clock.today()), _estates()
    )  # fmt: skip
    quorum = Quorum(house().settings.get("quorum") or Quorum.HALF)
    told = form.matters.data[0] if form.kind.data == "bench" and len(form.matters.data or ()) == 1 else ""
    return desk("desk/sittings_plan.html", "council", form=form, quorum=say(QUORUM_LABELS[quorum]), told=told)


def plan() -> Any:
    """Put the sitting on paper."""
    form = PlanForm().fill()
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


def _plan(form: PlanForm) -> Sitting:
    wanted = [forms.as_uuid(text) for text in form.matters.data or []]
    if None in wanted or any(find_matter(one) is None for one in wanted if one):
        raise Missing(N_("没有这件事。"))
    series_id, short = forms.as_uuid(form.series.data), forms.as_uuid(form.follows.data)
    follows = _found(short) if short else None
    return actions.plan_sitting(
        kind=form.kind.data, title=form.title.data, starts_at=forms.moment(form), place=form.place.data or "",
        matters=[one for one in wanted if one], series=queries.find_series(series_id) if series_id else None,
        series_on=day_or_none(form.series_on.data), venue_id=forms.as_uuid(form.venue.data),
        expected=_guests(form, follows),
        base=form.base.data or 0, estate_id=_own_estate(form.estate.data), convener=forms.as_uuid(form.convener.data),
        follows=follows, by=actor(), now=clock.now(), id=form.once_id,
    )  # fmt: skip


def _guests(form: PlanForm, follows: Sitting | None) -> list[inviting.Expected]:
    """Whoever was asked to the first try by their account is asked to the second one by it again."""
    before = planning.taken_over(follows).expected if follows else []
    known = {(one.name, one.capacity): one for one in before}
    return [known.get((one.name, one.capacity), one) for one in form.guests()]


def _own_estate(text: str | None) -> UUID | None:
    wanted = forms.as_uuid(text)
    if wanted is not None and all(estate.id != wanted for estate in _estates()):
        raise Missing(N_("没有这个小区。"))
    return wanted


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


def matter_sitting(matter_id: UUID) -> Any:
    """From a matter to the table it lies on, or to the plan of a new one."""
    if find_matter(matter_id) is None:
        raise Missing(N_("没有这件事。"))
    found = queries.current_item(matter_id)
    if found is None or found[1].state not in queries.STANDING:
        return redirect(site_url("community.plan_sitting", matter=matter_id))
    return redirect(site_url("community.sitting", sitting_id=found[1].id, matter=matter_id))


W = Permission.SITTING_WRITE
DOORS: list[Door] = [
    Door("POST", "/desk/sittings", plan, W, name="sitting_plan_save"),
    Door("GET", "/desk/sittings/new", plan_sitting, W),
    Door("GET", "/desk/matters/<uuid:matter_id>/sitting", matter_sitting, W),
]
