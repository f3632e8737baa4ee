"""Doors of the hall's review by telephone: the list of whom to call, one person at a time, with the words to say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, NotAllowed, Refused
from app.faces.community import paperwork
from app.faces.community.review_forms import FACES, CallForm, sheet_of
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.collect.queries import sensitivity_of
from app.flow.collect.rules import gender_of
from app.flow.evaluate import actions, calling, raters, rules
from app.flow.evaluate.calling import Call
from app.flow.evaluate.models import Rating
from app.flow.evaluate.raters import Rater
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.sight import Part, may_see
from app.matter.situation import Stage
from app.people.door_words import household_at
from app.people.looks import look_at
from app.people.permissions import Permission
from app.people.phones import masked_phone, phone_problem, tidy_phone
from app.people.secrets import blind, unseal
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

GONE = N_("名单上没有这一位。")


def calls(matter_id: UUID) -> str:
    """Whom to call: proposers and signers, who has rated, who could not be reached."""
    matter = _reviewed(matter_id)
    rows = [_shown(call) for call in calling.calls_of(matter)]
    return desk(
        "desk/review_calls.html", "reviews", matter=matter, rows=rows,
        left=sum(not row["rated"] for row in rows), callable=[row for row in rows if row["phone"]],
        first=next((row for row in rows if not row["rated"] and row["phone"]), None),
    )  # fmt: skip


def call(matter_id: UUID, person_id: UUID) -> str:
    """One person: the number masked, the words to say, the sheet to fill in while they talk."""
    matter = _reviewed(matter_id)
    return _call_page(matter, _found(matter, person_id), CallForm(formdata=None))


def call_other(matter_id: UUID) -> str:
    """The same for somebody who is not on the list: a neighbour, by phone number or door."""
    return _call_page(_reviewed(matter_id), None, CallForm(formdata=None))


def call_number(matter_id: UUID, person_id: UUID) -> str:
    """Show the whole number to whoever handles the matter; the look is logged."""
    matter = _reviewed(matter_id)
    found = _found(matter, person_id)
    _log_look(matter)
    return _call_page(matter, found, CallForm(formdata=None), number=_number(found))


def call_rate(matter_id: UUID, person_id: UUID) -> Any:
    """Keep what they said on the phone and go on to the next."""
    matter = _reviewed(matter_id)
    found = _found(matter, person_id)
    if "missed" in request.form:
        if not paperwork.already(Rating, paperwork.once()):
            calling.missed(matter, person_id, by=actor(), now=clock.now())
        flash(_("记下了，没打通。过会儿再打。"), "")
        return _next(matter, after=person_id)
    return _keep(matter, found, lambda form: raters.contact_rater(matter, found.contact), person_id)


def call_rate_other(matter_id: UUID) -> Any:
    """Keep what somebody said who is not on the list."""
    return _keep(_reviewed(matter_id), None, _other, None)


def call_list(matter_id: UUID) -> str:
    """The list for the wall or the pocket: names and numbers masked."""
    return _list_page(_reviewed(matter_id), whole=False)


def call_list_numbers(matter_id: UUID) -> str:
    """The same with whole numbers, for those who call; the look is logged."""
    matter = _reviewed(matter_id)
    _log_look(matter)
    return _list_page(matter, whole=True)


def _keep(matter: Matter, found: Call | None, whose: Any, person_id: UUID | None) -> Any:
    form, row_id = CallForm(), paperwork.once()
    if paperwork.already(Rating, row_id):
        return _next(matter, after=person_id)

    def act() -> bool:
        voice = sheet_of(form)
        known: Rater = whose(form)
        taken = actions.rate(
            matter, grade=voice.grade, reason=voice.reason, name=voice.name, source="phone", rater=known.keys[0],
            marks=known.keys, who=known.who, sheet=voice, by=actor(), now=clock.now(), id=row_id,
        )  # fmt: skip
        if not taken:
            raise Refused(N_("这一家（这个电话）已经评过了，一件事一家评一次。"))
        return taken

    if paperwork.attempt(form, act) is None:
        return _call_page(paperwork.matter_or_404(matter.id), found, form), 422
    flash(_("记下了，谢谢。"), "ok")
    return _next(matter, after=person_id)


def _other(form: CallForm) -> Rater:
    """Whoever is not on the list is known by the number that was called, or by the door."""
    keys: list[str] = []
    phone = tidy_phone(form.phone.data or "")
    if phone:
        wrong = phone_problem(phone)
        if wrong is not None:
            raise Refused(wrong.reason, **wrong.values)
        keys += raters.phone_rater(blind("phone", phone)).keys
    if (form.door.data or "").strip():
        keys += raters.household_rater(household_at(form.door.data or "").id).keys
    if not keys:
        raise Refused(N_("写上打的哪个电话，或者是哪一家，免得同一家算两次。"))
    return Rater(tuple(keys), "neighbour")


def _next(matter: Matter, after: UUID | None) -> Any:
    """The next one on the list who has not been heard, else the list."""
    waiting = [one for one in calling.calls_of(matter) if not one.rated and one.contact.person.phone_sealed]
    ids = [one.contact.person.id for one in waiting if one.contact.person.id != after]
    if after is not None and ids:
        return redirect(site_url("community.review_call", matter_id=matter.id, person_id=ids[0]), 303)
    return redirect(site_url("community.review_calls", matter_id=matter.id), 303)


def _reviewed(matter_id: UUID) -> Matter:
    """The matter up for review, for those who may read names and numbers of it."""
    matter = paperwork.matter_or_404(matter_id)
    verdict = may_see(Part.PERSONS, viewer_of(matter), sensitivity_of(matter))
    if not verdict:
        raise NotAllowed(verdict.reason, **verdict.values)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    return matter


def _found(matter: Matter, person_id: UUID) -> Call:
    found = next((one for one in calling.calls_of(matter) if one.contact.person.id == person_id), None)
    if found is None:
        raise Missing(GONE)
    return found


def _log_look(matter: Matter) -> None:
    now = clock.now()
    look_at("phone", _("要打电话回访"), by=actor(), now=now, matter_id=matter.id)
    record(matter, "contact_shown", by=actor(), now=now, words=N_("看了回访要打的电话"), public=False)
    db.session.flush()


def _number(found: Call) -> str:
    sealed = found.contact.person.phone_sealed
    return unseal(sealed) if sealed else ""


def _shown(found: Call) -> dict[str, Any]:
    person = found.contact.person
    return {
        "id": person.id, "name": person.name, "gender": gender_of(person.title),
        "who": _(rules.WHO_LABELS[found.contact.who]), "rated": found.rated, "missed": found.missed,
        "phone": masked_phone(_number(found)) if person.phone_sealed else "",
    }  # fmt: skip


def _call_page(matter: Matter, found: Call | None, form: CallForm, number: str = "") -> str:
    return desk(
        "desk/review_call.html", "reviews", matter=matter, form=form, faces=FACES, number=number,
        contact=_shown(found) if found else None, once=request.form.get("once") or uuid7(),
        action=site_url("community.review_call_rate", matter_id=matter.id, person_id=found.contact.person.id)
        if found
        else site_url("community.review_call_rate_other", matter_id=matter.id),
    )  # fmt: skip


def _list_page(matter: Matter, *, whole: bool) -> str:
    found = calling.calls_of(matter)
    rows = [{**_shown(one), "number": _number(one) if whole else ""} for one in found]
    return page("desk/review_call_list.html", matter=matter, rows=rows, whole=whole, at=clock.now())


_CALLS = "/desk/matters/<uuid:matter_id>/review-calls"
_ONE = f"{_CALLS}/<uuid:person_id>"
_WRITE = Permission.REVIEW_WRITE
DOORS: list[Door] = [
    Door("GET", _CALLS, calls, _WRITE, name="review_calls"),
    Door("GET", f"{_CALLS}/sheet", call_list, _WRITE, name="review_call_list"),
    Door("POST", f"{_CALLS}/sheet", call_list_numbers, _WRITE, name="review_call_list_numbers"),
    Door("GET", f"{_CALLS}/other", call_other, _WRITE, name="review_call_other"),
    Door("POST", f"{_CALLS}/other", call_rate_other, _WRITE, name="review_call_rate_other"),
    Door("GET", _ONE, call, _WRITE, name="review_call"),
    Door("POST", _ONE, call_rate, _WRITE, name="review_call_rate"),
    Door("POST", f"{_ONE}/number", call_number, _WRITE, name="review_call_number"),
]
