"""Doors of the hall: its own register of able residents (能人). The street reads none of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import core_forms as forms
from app.faces.community.able import DOORS as ABLE
from app.faces.community.core_trainings import DOORS as TRAININGS
from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import as_uuid, last_page, once_id, page_number, take_back, tidy
from app.faces.doors import Door
from app.faces.look import link
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.people import core, core_queries, households
from app.people.core_models import CoreResident
from app.people.core_rules import CONSENT_HOW, FOUND_BY, ROLES, SUGGESTIONS, problems
from app.people.desk import log_change
from app.people.permissions import Permission
from app.people.secrets import unseal
from app.people.sheets import xlsx_bytes
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

MENU = "core"
TABS = {"listed": N_("在册的"), "waiting": N_("自己报的，等确认"), "suggested": N_("推荐过的"), "left": N_("不再列的")}


def core_residents() -> str:
    """The register, the newest first; filters stay in the URL."""
    wanted, number = _wanted(), page_number()
    rows, total = core_queries.register(wanted, number)
    counts, kept = core_queries.counts(), _kept(wanted)
    return desk(
        "desk/core_residents.html", MENU, rows=[_row(one) for one in rows], total=total, number=number,
        last=last_page(total, core_queries.PAGE), view=wanted.view, chosen=kept, kept=kept,
        tabs=[(key, _(label), counts[key]) for key, label in TABS.items()],
        roles=[("", _("全部")), *((role, _(role)) for role in ROLES)],
        url_of=lambda n: site_url("community.core_residents", page=n, view=wanted.view, **kept),
    )  # fmt: skip


def core_print() -> str:
    """The same list on paper for the office; phones are on it, so it says to whom it belongs."""
    wanted = _wanted()
    rows, total = core_queries.register(wanted, size=core_queries.PRINTED)
    return page(
        "desk/core_print.html", rows=[_row(one) for one in rows], total=total, tab=_(TABS[wanted.view]),
        printed=clock.now(),
    )  # fmt: skip


def core_xlsx() -> Response:
    """The same list as a table; taking it away is logged. A POST, because it leaves a line in the log."""
    wanted = _wanted()
    rows, _total = core_queries.register(wanted, size=core_queries.PRINTED)
    log_change("core", "export", by=actor(), now=clock.now(), after=str(len(rows)))
    heads = [
        _("姓名"), _("常做的事"), _("会什么"), _("什么时候有空"), _("住哪栋"), _("电话"), _("怎么找到的"),
        _("怎么同意的"), _("哪天列的"), _("来过几次培训"),
    ]  # fmt: skip
    table = [
        [
            row["name"], "、".join(row["roles"]), row["skills"], row["hours"], row["building"], row["phone"],
            row["found"], row["consent"], clock.local(row["at"]).date().isoformat(), row["trainings"],
        ]
        for row in map(_row, rows)
    ]  # fmt: skip
    data = xlsx_bytes(_("能人名册"), heads, table, widths=(12, 24, 36, 18, 14, 14, 14, 18, 12, 10))
    return download(data, XLSX, _("能人名册.xlsx"))


def core_new() -> str:
    """The form for somebody who was asked and agreed."""
    form = _with_buildings(forms.CoreForm(formdata=None, once=str(uuid7())))
    return desk("desk/core_form.html", MENU, form=form, row=None)


def core_add() -> Any:
    """List them."""
    form, once = _with_buildings(forms.CoreForm()), once_id()
    form.validate()
    if core.find_resident(once) is not None:
        return redirect(site_url("community.core_resident", resident_id=once), 303)
    draft, agreed = forms.draft_of(form), bool(form.consent.data)
    if forms.show(form, problems(draft, agreed=agreed)):
        try:
            row = core.enlist(
                draft, agreed=agreed, by=actor(), now=clock.now(), building_id=as_uuid(form.building.data), id=once
            )
            flash(_("列进名册了。"), "ok")
            return redirect(site_url("community.core_resident", resident_id=row.id), 303)
        except Refused as error:
            take_back(form, "phone", error)
    return desk("desk/core_form.html", MENU, form=form, row=None), 422


def core_resident(resident_id: UUID) -> str:
    """One person: what they do, how they agreed, what they were trained in, what they were put forward for."""
    row = _found(resident_id)
    put = [
        {**one, "label": _(SUGGESTIONS[one["role"]]), "at": datetime.fromisoformat(one["at"])} for one in row.suggested
    ]
    open_still = {key: _(label) for key, label in SUGGESTIONS.items() if key not in {one["role"] for one in put}}
    return desk(
        "desk/core_resident.html", MENU, row=_row(core_queries.Row(row, "", 0)), resident=row, suggested=put,
        may_suggest=open_still, trainings=core_queries.trainings_of(row.id), pool=link("community.experts"),
        seat=link("community.seat_new"),
    )  # fmt: skip


def core_edit(resident_id: UUID) -> str:
    """The form as the entry stands."""
    row = _found(resident_id)
    return desk("desk/core_form.html", MENU, form=_with_buildings(forms.filled_with(row)), row=row)


def core_change(resident_id: UUID) -> Any:
    """Write it anew; the consent stays as it was given."""
    row, form = _found(resident_id, lock=True), _with_buildings(forms.CoreForm())
    form.validate()
    draft = forms.draft_of(form, consent_how=row.consent_how)
    if forms.show(form, problems(draft, agreed=True)):
        try:
            core.change(row, draft, by=actor(), now=clock.now(), building_id=as_uuid(form.building.data))
            flash(_("改好了。"), "ok")
            return redirect(site_url("community.core_resident", resident_id=row.id), 303)
        except Refused as error:
            take_back(form, "phone", error)
    return desk("desk/core_form.html", MENU, form=form, row=_found(resident_id)), 422


def core_confirm(resident_id: UUID) -> Any:
    """Somebody met the person who had registered themselves."""
    core.confirm(_found(resident_id, lock=True), by=actor(), now=clock.now())
    flash(_("确认了，列进名册了。"), "ok")
    return redirect(site_url("community.core_resident", resident_id=resident_id), 303)


def core_suggest(resident_id: UUID) -> Any:
    """Put somebody forward; the seat, the pen and the pool are given elsewhere."""
    core.suggest(_found(resident_id, lock=True), request.form.get("role", ""), by=actor(), now=clock.now())
    flash(_("记下了：推荐了。"), "ok")
    return redirect(site_url("community.core_resident", resident_id=resident_id), 303)


def core_leaving(resident_id: UUID) -> str:
    """Ask why, and say what goes."""
    return desk("desk/core_leaving.html", MENU, row=_found(resident_id), form=forms.LeavingForm(formdata=None))


def core_leave(resident_id: UUID) -> Any:
    """Everything about the person goes."""
    row, form = _found(resident_id, lock=True), forms.LeavingForm()
    form.validate()
    try:
        core.let_go(row, (form.reason.data or "")[:1000], by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "reason", error)
        return desk("desk/core_leaving.html", MENU, row=_found(resident_id), form=form), 422
    flash(_("本人的信息都清掉了，名册上只留一行空的。"), "ok")
    return redirect(site_url("community.core_residents"), 303)


def _row(row: core_queries.Row) -> dict[str, Any]:
    one = row.resident
    return {
        "id": one.id, "name": one.name, "title": one.title, "skills": one.skills, "hours": one.hours,
        "roles": [_(role) for role in one.roles], "building": row.building,
        "phone": unseal(one.phone_sealed) if one.phone_sealed else "",
        "found": _(FOUND_BY[one.found_by]), "consent": _(CONSENT_HOW[one.consent_how]), "consent_at": one.consent_at,
        "consent_by": _(one.consent_label) if one.consent_label else "", "at": one.listed_at,
        "trainings": row.trainings, "left_at": one.left_at, "left_reason": one.left_reason,
        "name_public": one.name_public, "waits": one.confirmed_at is None and one.left_at is None,
    }  # fmt: skip


def _wanted() -> core_queries.Wanted:
    view = request.values.get("view", "")
    return core_queries.Wanted(
        view=view if view in TABS else "listed", words=tidy(request.values.get("q", ""))[:40],
        role=tidy(request.values.get("role", ""))[:12],
    )  # fmt: skip


def _kept(wanted: core_queries.Wanted) -> dict[str, str]:
    return {key: value for key, value in (("q", wanted.words), ("role", wanted.role)) if value}


def _with_buildings(form: forms.CoreForm) -> forms.CoreForm:
    known = [(str(one.id), f"{one.estate.name} {one.name}") for one in households.buildings()]
    form.building.choices = [("", _("不写")), *known]
    return form


def _found(resident_id: UUID, *, lock: bool = False) -> CoreResident:
    row = core.find_resident(resident_id, lock=lock)
    if row is None or row.left_at is not None:
        raise Missing(core.NOT_THERE)
    return row


W = Permission.CORE_WRITE
ONE = "/desk/core-residents/<uuid:resident_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/core-residents", core_residents, W),
    Door("POST", "/desk/core-residents", core_add, W),
    Door("GET", "/desk/core-residents/new", core_new, W),
    Door("GET", "/desk/core-residents/print", core_print, W),
    Door("POST", "/desk/core-residents/table", core_xlsx, W),
    Door("GET", ONE, core_resident, W),
    Door("POST", ONE, core_change, W),
    Door("GET", f"{ONE}/edit", core_edit, W),
    Door("POST", f"{ONE}/confirmation", core_confirm, W),
    Door("POST", f"{ONE}/suggestions", core_suggest, W),
    Door("GET", f"{ONE}/leaving", core_leaving, W),
    Door("POST", f"{ONE}/leaving", core_leave, W),
    *ABLE,
    *TRAININGS,
]
