"""Step 2 of saying something: where is it, and who brings it?"""

from __future__ import annotations

from typing import Any

from flask import redirect

from app import clock
from app.errors import Verdict, no
from app.faces.community import drafts
from app.faces.community.drafts import Draft
from app.faces.community.inputs import whole_number
from app.faces.community.say_draft import is_staff, start_again, writing
from app.faces.community.say_forms import KIND_OF, WhereForm, told
from app.faces.pages import page
from app.flow.collect import queries, rules
from app.flow.collect.rules import Saying
from app.flow.collect.taking import threshold_now
from app.people.places import Building
from app.words import N_
from tenants.hosts import site_url


def say_where() -> Any:
    """Step 2."""
    draft = writing()
    if draft is None:
        return redirect(site_url("community.say"))
    form = WhereForm(
        formdata=None, building=draft.building_id or ("none" if draft.place else None),
        unit=str(draft.unit or ""), place=draft.place, who=draft.who or ("another" if is_staff() else "self"),
        signers=draft.signers if draft.signers > 1 else None, organisation=draft.organisation,
        organisation_kind=draft.organisation_kind, organisation_role=draft.organisation_role,
        channel=draft.channel, point=draft.point, category=draft.category,
    )  # fmt: skip
    return _page(form, draft)


def say_place() -> Any:
    """Take in step 2."""
    draft = writing()
    if draft is None:
        return start_again()
    form, buildings = WhereForm(), queries.buildings()
    fine = form.validate()
    chosen = next((b for b in buildings if str(b.id) == form.building.data), None)
    fine = told(form, _problems(form, chosen)) and fine
    if not fine:
        return _page(form, draft, buildings), 422
    draft.building_id, draft.building = (str(chosen.id), f"{chosen.estate.name} {chosen.name}") if chosen else ("", "")
    draft.unit = whole_number(form.unit.data) if chosen else None
    draft.place = rules.tidy_words(form.place.data or "")
    _who(draft, form)
    if is_staff():
        draft.channel, draft.point, draft.category = form.channel.data, form.point.data or "", form.category.data or ""
    drafts.keep(draft)
    return redirect(site_url("community.say_check"), 303)


def _who(draft: Draft, form: WhereForm) -> None:
    draft.who = form.who.data
    # A resident invites by link and counts as one; staff type the number on a list that was signed on paper.
    draft.signers = (form.signers.data or 1) if draft.who == "joint" and is_staff() else 1
    is_body = draft.who == "organisation"
    draft.organisation = (form.organisation.data or "").strip() if is_body else ""
    draft.organisation_kind = form.organisation_kind.data or "" if is_body else ""
    draft.organisation_role = (form.organisation_role.data or "").strip() if is_body else ""


def _problems(form: WhereForm, chosen: Building | None) -> dict[str, Verdict]:
    staff = is_staff()
    found = rules.problems(
        Saying(
            words="--", place=form.place.data or "", building_id=chosen.id if chosen else None,
            kind=KIND_OF.get(form.who.data or "", ""), signers=form.signers.data or 1 if staff else 1,
            invites=not staff or not form.signers.data, organisation=form.organisation.data or "",
            organisation_kind=form.organisation_kind.data or "", organisation_role=form.organisation_role.data or "",
            channel=(form.channel.data or "web") if staff else "web", point=form.point.data or "",
            category=form.category.data or "",
        ),
        year=clock.today().year,
    )  # fmt: skip
    if form.who.data == "organisation" and not form.organisation_kind.data:
        found["organisation_kind"] = no(N_("是哪一种单位，请从列出来的里选一个。"))
    if form.who.data == "organisation" and not (form.organisation_role.data or "").strip():
        found["organisation_role"] = no(N_("请写上您在单位里是做什么的，像「项目经理」。"))
    unit = form.unit.data or ""
    if chosen and unit and not 1 <= (whole_number(unit) or 0) <= chosen.units:
        found["unit"] = Verdict(False, rules.NO_SUCH_UNIT, {"building": chosen.name, "n": chosen.units})
    return found


def _page(form: WhereForm, draft: Draft, buildings: list[Building] | None = None) -> str:
    buildings = queries.buildings() if buildings is None else buildings
    estates: dict[str, list[Building]] = {}
    for building in buildings:
        estates.setdefault(building.estate.name, []).append(building)
    units = max((building.units for building in buildings), default=0)
    return page(
        "hall/say_where.html", form=form, estates=estates, units=units, staff=is_staff(), draft=draft,
        threshold=threshold_now(),
    )  # fmt: skip
