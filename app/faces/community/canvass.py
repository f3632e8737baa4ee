"""Doors of a round of asking from door to door: opening it, its totals, its papers, its end.

The list shows only whether a door has answered; what it said stands on its own page, because neighbours look on.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import SelectMultipleField
from app.faces.community.inputs import as_uuid, take_back, whole_number
from app.faces.community.matter import readable
from app.faces.community.stairwells import stair_choices, units_chosen
from app.faces.doors import Door
from app.faces.look import day, hour, say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.research import canvass, rules
from app.flow.research import canvass_queries as reading
from app.flow.research.canvass_queries import DoorLine, Round
from app.flow.research.models import Canvass
from app.matter.actions import record
from app.matter.models import Matter
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.words import N_
from tenants.hosts import site_url

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GONE = N_("没有这一轮挨家问。")


class OpenForm(FlaskForm):
    """The question and the doors."""

    once = HiddenField()
    question = StringField(_l("到每家照着念的一句话"))
    units = SelectMultipleField(_l("问哪几个单元"), validate_choice=False)
    labels = TextAreaField(_l("别的门牌，一行写一个"))


class ReasonForm(FlaskForm):
    """Why a round is given up."""

    reason = StringField(_l("为什么作废"))


def canvass_new(matter_id: UUID) -> Any:
    """The form of a new round; where one is being asked, that one."""
    matter = readable(matter_id)
    going_on = reading.open_canvass_of(matter.id)
    if going_on is not None:
        return redirect(site_url("community.canvass_round", canvass_id=going_on.id), 303)
    here = f"{matter.building_id}:{matter.unit}" if matter.building_id and matter.unit else ""
    return _new(matter, OpenForm(formdata=None, once=str(uuid4()), question=matter.question, units=[here]))


def canvass_open(matter_id: UUID) -> Any:
    """Begin a round."""
    matter, form = readable(matter_id), OpenForm()
    form.validate()
    try:
        made = canvass.open_canvass(
            matter, form.question.data or "", units=units_chosen(form.units.data or []),
            labels=(form.labels.data or "").splitlines(), by=actor(), now=clock.now(),
            canvass_id=as_uuid(form.once.data),
        )  # fmt: skip
    except Refused as error:
        take_back(form, "question" if "哪一句" in error.reason or "问的话" in str(error.values) else "units", error)
        return _new(readable(matter_id), form), 422
    if made.matter_id != matter_id:
        raise Missing(GONE)
    return redirect(site_url("community.canvass_round", canvass_id=made.id), 303)


def canvass_round(canvass_id: UUID) -> str:
    """The round: its totals now, its stairwells, and the doors of the one that was chosen."""
    asked, matter = found(canvass_id)
    return desk("desk/canvass.html", "ledger", matter=matter, **shown(reading.round_of(asked)))


def canvass_closing(canvass_id: UUID) -> str:
    """The totals before they are written, and what is still owed."""
    asked, matter = found(canvass_id)
    totals = shown(reading.round_of(asked))
    owing = [
        {"door": door, "text": say(owed.reason, owed.values)}
        for door in totals["asked"].doors
        if not door.is_done
        for owed in (rules.owed(door.vain),)
    ]
    return desk("desk/canvass_closing.html", "ledger", matter=matter, owing=owing, **totals)


def canvass_close(canvass_id: UUID) -> Any:
    """Write the totals."""
    asked, matter = found(canvass_id)
    canvass.close_canvass(asked, matter, by=actor(), now=clock.now())
    flash(_("这一轮问完了，数目记下了。只作参考，不算表决。"), "success")
    return redirect(site_url("community.research", matter_id=matter.id, _anchor="canvass"), 303)


def canvass_dropping(canvass_id: UUID) -> str:
    """Ask why a round is given up."""
    asked, matter = found(canvass_id)
    return desk("desk/canvass_drop.html", "ledger", matter=matter, canvass=asked, form=ReasonForm(formdata=None))


def canvass_drop(canvass_id: UUID) -> Any:
    """Give a round up."""
    asked, matter = found(canvass_id)
    form = ReasonForm()
    form.validate()
    try:
        canvass.drop_canvass(asked, matter, form.reason.data or "", by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "reason", error)
        asked, matter = found(canvass_id)
        return desk("desk/canvass_drop.html", "ledger", matter=matter, canvass=asked, form=form), 422
    flash(_("这一轮作废了，可以另开一轮。"), "success")
    return redirect(site_url("community.research", matter_id=matter.id, _anchor="canvass"), 303)


def canvass_paper(canvass_id: UUID) -> str:
    """The sheet to take along where nobody wants to hold a phone."""
    asked, matter = found(canvass_id)
    return page("desk/canvass_paper.html", matter=matter, **shown(reading.round_of(asked)))


def canvass_workbook(canvass_id: UUID) -> Response:
    """The doors as a spreadsheet; it holds what people said at home, so taking it away is written down."""
    asked, matter = found(canvass_id)
    heads = [_("门牌"), _("意见"), _("说了什么"), _("怎么问的"), _("记了几次"), _("没人的时间"), _("答的时间")]
    data = xlsx_bytes(
        _("挨家问"), heads, [_row(door) for door in reading.round_of(asked).doors], widths=(30, 10, 40, 10, 10, 36, 18)
    )
    record(matter, "canvass_export", by=actor(), now=clock.now(), words=N_("下载了挨家问的表"), public=False)
    answer = Response(data, mimetype=XLSX)
    name = quote(_("%(number)s挨家问.xlsx", number=matter.number))
    answer.headers["Content-Disposition"] = f"attachment; filename=\"canvass.xlsx\"; filename*=UTF-8''{name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def found(canvass_id: UUID) -> tuple[Canvass, Matter]:
    """The round, for somebody who may work with its matter."""
    asked = reading.find_canvass(canvass_id)
    if asked is None:
        raise Missing(GONE)
    return asked, readable(asked.matter_id)


def _new(matter: Matter, form: OpenForm) -> str:
    return desk(
        "desk/canvass_new.html", "ledger", matter=matter, form=form, blocks=stair_choices(form.units),
        own_building=str(matter.building_id), most=rules.MOST_DOORS,
    )  # fmt: skip


def stair_asked() -> int:
    """Which stairwell the page is about, from 1; 0 where none was chosen."""
    return whole_number(request.values.get("at")) or 0


def shown(asked: Round, *, with_one: bool = False) -> dict[str, Any]:
    """What the pages of a round show; ``with_one`` takes the first stairwell where none was chosen."""
    stairs = asked.stairs
    at = stair_asked() if stair_asked() <= len(stairs) else 0
    if not at and stairs and (len(stairs) == 1 or with_one):
        at = 1
    return {
        "asked": asked, "count": asked.count, "stairs": stairs, "at": at, "stair": stairs[at - 1] if at else None,
        "answers": rules.ANSWERS, "channels": rules.CHANNELS, "is_open": asked.canvass.state == "open",
    }  # fmt: skip


def _row(door: DoorLine) -> list[str | int | None]:
    said = _(rules.ANSWERS[door.answer]) if door.answer else _("没问到")
    vain = "；".join(f"{day(moment, week=False)} {hour(moment)}" for moment in door.vain)
    answered = f"{day(door.answered_at, week=False)} {hour(door.answered_at)}" if door.answered_at else ""
    channel = _(rules.CHANNELS[door.channel]) if door.channel else ""
    return [door.label, said, door.words, channel, door.tries, vain, answered]


P = Permission.RESEARCH_WRITE
_AT = "/desk/matters/<uuid:matter_id>/canvass-rounds"
ONE = "/desk/canvass-rounds/<uuid:canvass_id>"
DOORS: list[Door] = [
    Door("GET", f"{_AT}/new", canvass_new, P),
    Door("POST", _AT, canvass_open, P),
    Door("GET", ONE, canvass_round, P),
    Door("GET", f"{ONE}/closure", canvass_closing, P),
    Door("POST", f"{ONE}/closure", canvass_close, P),
    Door("GET", f"{ONE}/cancellation", canvass_dropping, P),
    Door("POST", f"{ONE}/cancellation", canvass_drop, P),
    Door("GET", f"{ONE}/paper", canvass_paper, P),
    Door("POST", f"{ONE}/workbook", canvass_workbook, P),
]
