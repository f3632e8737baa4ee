"""Doors of going from door to door with a phone in the hand: building, unit, door, one tap; or from the group chat."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.community.canvass import ONE, P, found, shown, stair_asked
from app.faces.community.inputs import as_uuid, take_back, whole_number
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.phrasing import listed
from app.faces.visitor import actor
from app.flow.research import canvass, rules
from app.flow.research import canvass_queries as reading
from app.flow.research.canvass_queries import DoorLine, Round
from app.flow.research.models import Canvass
from app.matter.models import Matter
from tenants.database import db
from tenants.hosts import site_url

NOBODY = "nobody"


class AnswerForm(FlaskForm):
    """What happened at one door; the answer is the button."""

    once = HiddenField()
    seen = HiddenField()
    channel = RadioField(_l("怎么问的"), choices=list(rules.CHANNELS.items()), validate_choice=False, default="door")
    words = StringField(_l("说了什么"))


def canvass_door(canvass_id: UUID, door_id: UUID) -> str:
    """One door, fit for a phone held in front of it."""
    asked, matter = found(canvass_id)
    return _door_page(asked, matter, door_id)


def canvass_answer(canvass_id: UUID, door_id: UUID) -> Any:
    """Keep what was said, or that nobody was there."""
    asked, matter = found(canvass_id)
    form = AnswerForm()
    form.validate()
    pressed = request.form.get("answer", "?")
    said = canvass.Knock(
        "" if pressed == NOBODY else pressed or "?", whole_number(form.seen.data) or 0, form.words.data or "",
        form.channel.data or "",
    )  # fmt: skip
    try:
        canvass.knock(asked, matter, door_id, said, by=actor(), now=clock.now(), try_id=as_uuid(form.once.data))
    except Refused as error:
        take_back(form, "words", error)
        return _door_page(*found(canvass_id), door_id, form), 409 if error.reason == canvass.TAKEN else 422
    flash(_("记下了。"), "success")
    url = site_url("community.canvass_round", canvass_id=canvass_id, at=stair_asked() or None, _anchor=f"d-{door_id}")
    return redirect(url, 303)


def canvass_taking_back(canvass_id: UUID, door_id: UUID) -> Any:
    """Undo the newest entry of a door."""
    asked, matter = found(canvass_id)
    seen = whole_number(request.form.get("seen")) or 0
    canvass.take_back(asked, matter, door_id, seen, by=actor(), now=clock.now())
    flash(_("刚才那一笔撤回了。"), "success")
    return redirect(site_url("community.canvass_door", canvass_id=canvass_id, door_id=door_id), 303)


def canvass_chain(canvass_id: UUID) -> str:
    """The doors of one stairwell that have not answered, to be filled in from the group chat."""
    asked, matter = found(canvass_id)
    return desk("desk/canvass_chain.html", "ledger", matter=matter, **shown(reading.round_of(asked), with_one=True))


def canvass_chain_add(canvass_id: UUID) -> Any:
    """Keep the answers of a chain; a door somebody else wrote down meanwhile is left alone and named."""
    asked, matter = found(canvass_id)
    labels = {str(door.id): door.label for door in reading.round_of(asked).doors}
    kept, taken = 0, []
    for name, answer in request.form.items():
        door_id = as_uuid(name.removeprefix("door-"))
        if not name.startswith("door-") or door_id is None or not answer or str(door_id) not in labels:
            continue
        said = canvass.Knock(answer, whole_number(request.form.get(f"seen-{door_id}")) or 0, channel="chain")
        try:
            with db.session.begin_nested():
                canvass.knock(asked, matter, door_id, said, by=actor(), now=clock.now())
            kept += 1
        except Refused as error:
            if error.reason != canvass.TAKEN:
                raise
            taken.append(labels[str(door_id)])
    flash(_("从接龙里记下 %(n)s 户。", n=kept), "success")
    if taken:
        flash(_("这几户刚才别人记过，没动：%(doors)s", doors=listed(taken)), "warning")
    return redirect(site_url("community.canvass_round", canvass_id=canvass_id, at=stair_asked() or None), 303)


def _door_page(asked: Canvass, matter: Matter, door_id: UUID, typed: AnswerForm | None = None) -> str:
    whole = reading.round_of(asked)
    door = next((one for one in whole.doors if one.id == door_id), None)
    if door is None:
        raise Missing(canvass.NO_DOOR)
    form = typed or AnswerForm(formdata=None)
    form.once.data, form.seen.data = str(uuid4()), str(door.version)
    owed = rules.owed(door.vain)
    return desk(
        "desk/canvass_door.html", "ledger", matter=matter, canvass=asked, door=door, form=form, nobody=NOBODY,
        at=_place(whole, door), answers=rules.ANSWERS, channels=rules.CHANNELS, is_open=asked.state == "open",
        tries=canvass.standing_tries(asked.id, door_id), owed="" if door.answer else say(owed.reason, owed.values),
        next_door=_next(whole, door),
    )  # fmt: skip


def _place(whole: Round, door: DoorLine) -> int:
    return next(n for n, (block, unit, _doors) in enumerate(whole.stairs, 1) if (block, unit) == door.stairs)


def _next(whole: Round, door: DoorLine) -> DoorLine | None:
    """The next door of the same stairwell where somebody must still be asked."""
    neighbours = [one for one in whole.doors if one.stairs == door.stairs]
    at = neighbours.index(door)
    return next((one for one in neighbours[at + 1 :] + neighbours[:at] if not one.is_done), None)


_DOOR = f"{ONE}/doors/<uuid:door_id>"
DOORS: list[Door] = [
    Door("GET", _DOOR, canvass_door, P),
    Door("POST", f"{_DOOR}/answers", canvass_answer, P),
    Door("POST", f"{_DOOR}/retractions", canvass_taking_back, P),
    Door("GET", f"{ONE}/chain", canvass_chain, P),
    Door("POST", f"{ONE}/chain", canvass_chain_add, P),
]
