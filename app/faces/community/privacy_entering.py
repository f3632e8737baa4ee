"""Doors of the privacy desk: writing down a request that somebody makes at the counter, on the phone or on paper."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.choosing import RadioField
from app.faces.community.inputs import as_uuid, once_id, take_back, tell
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.triage.queries import proposals_of
from app.matter import privacy_requests as requests
from app.matter.looks import find_by_number
from app.people.models import Person
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

CHANNELS = {"counter": N_("来社区说的"), "phone": N_("打电话说的"), "slip": N_("写的纸条")}


class EnterForm(FlaskForm):
    """A request made at the counter, on the phone or on paper."""

    kind = RadioField(_l("本人想怎么办"), validate_choice=False)
    channel = RadioField(_l("怎么提的"), validate_choice=False, default="counter")
    number = StringField(_l("哪件事（编号）"))
    phone = StringField(_l("本人留过的电话"))
    person = RadioField(_l("是哪一位"), validate_choice=False)
    words = TextAreaField(_l("本人的话"))
    once = HiddenField()


def entering() -> str:
    """The form for a request made without the web."""
    return _enter_page(EnterForm(formdata=None, once=str(uuid7())), [])


def enter() -> Any:
    """Write a request down for somebody; a phone shared by a family asks which of them it is."""
    form, once = EnterForm(), once_id()
    form.validate()
    people = _people(form)
    for name, verdict in requests.problems(form.kind.data or "", form.words.data or "", "").items():
        tell(form, name, verdict)
    if (form.channel.data or "") not in CHANNELS:
        form.channel.errors = [_("请选一样。")]
    chosen = as_uuid(form.person.data)
    if not people:
        form.number.errors = [_("写上事情的编号，或者本人留过的电话；两样都对不上就没有他的信息。")]
    elif chosen not in {person.id for person in people} and len(people) > 1:
        form.person.errors = [_("有几位，请选是哪一位。")]
    if form.errors:
        return _enter_page(form, people), 422
    person = next((one for one in people if one.id == chosen), people[0])
    try:
        asked = requests.ask(
            form.kind.data or "", by=actor(), now=clock.now(), person_id=person.id, words=form.words.data or "",
            channel=form.channel.data or "", id=once,
        )  # fmt: skip
    except Refused as error:
        take_back(form, "kind", error)
        return _enter_page(form, _people(form)), 422
    flash(_("记下了，编号 %(number)s，请告诉本人。", number=asked.number), "ok")
    return redirect(site_url("community.desk_request", request_id=asked.id), 303)


def _people(form: EnterForm) -> list[Person]:
    """Whom the number or the phone may mean."""
    if (form.phone.data or "").strip():
        return requests.find_person((form.phone.data or "")[:40])
    matter = find_by_number((form.number.data or "")[:40])
    found = {said[1].id: said[1] for said in proposals_of(matter.id) if said[1] is not None} if matter else {}
    return list(found.values())


def _enter_page(form: EnterForm, people: list[Person]) -> str:
    form.kind.choices = [(key, _(label)) for key, label in requests.KINDS.items()]
    form.channel.choices = [(key, _(label)) for key, label in CHANNELS.items()]
    form.person.choices = [(str(one.id), f"{one.name or _('没留名字')}{one.title}") for one in people]
    return desk("desk/privacy_entering.html", "privacy_desk", form=form, several=len(people) > 1)


W = Permission.PRIVACY_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/privacy-requests", entering, W, name="privacy_entering"),
    Door("POST", "/desk/privacy-requests", enter, W, name="privacy_enter"),
]
