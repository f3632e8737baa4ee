"""Doors of the hall: at the table. The register, opening, options, the call to vote, and how a sitting ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.floor_forms import ComingForm, fill_people
from app.faces.community.sitting_page import attempt, enough_words, fill_opening, read_table
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.decide import actions as deciding
from app.flow.deliberate import actions, queries
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.rules import SEAT_LABELS, TELLING, Seat, SittingState
from app.flow.implement.reporting import settle_stands
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

#: How a coming was written down, as the desk reads it.
HOW_WORDS = {"scan": N_("自己扫码"), "name": N_("点名"), "paper": N_("照签到表")}


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


def _pair(sitting_id: UUID, matter_id: UUID) -> tuple[Sitting, Matter]:
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(N_("没有这件事。"))
    return _found(sitting_id), matter


def _back(sitting_id: UUID, words: str, **more: Any) -> Any:
    flash(words, "ok")
    return redirect(site_url("community.sitting", sitting_id=sitting_id, **more), 303)


def attendance(sitting_id: UUID) -> Any:
    """The register on one screen: one row a person, arrow keys choose, one button saves all."""
    return _attendance(sitting_id)


def _attendance(sitting_id: UUID, complaint: str = "", status: int = 200) -> Any:
    table = read_table(sitting_id, whole=False)
    sitting, wanted = table.sitting, request.args.get("q", "").strip()[:40]
    choices = [Seat.PRESENT, Seat.LEFT, Seat.EXCUSED, Seat.ABSENT, Seat.EXPECTED]
    address = site_url("community.here", code=sitting.scan_code, external=True) if sitting.scan_code else ""
    return desk(
        "desk/sittings_attendance.html", "council", table=table, sitting=sitting, complaint=complaint, q=wanted,
        lines=[line for line in table.register if wanted in line.name or wanted in line.capacity],
        choices=[(str(seat), say(SEAT_LABELS[seat])) for seat in choices], enough=enough_words(table.here),
        locked=sitting.state in (SittingState.CLOSED, SittingState.CALLED_OFF), hows=HOW_WORDS,
        coming=fill_people(ComingForm(formdata=None), table.register), address=address,
        code=qr_svg(address, label=_("扫一扫，签到")) if address else "",
    ), status  # fmt: skip


def attendance_save(sitting_id: UUID) -> Any:
    """Save the whole register; ``all`` marks everybody who was expected as present."""
    found = _found(sitting_id)
    states: dict[UUID, str] = {}
    for name, value in request.form.items():
        line = forms.as_uuid(name.removeprefix("seat-")) if name.startswith("seat-") else None
        if line and value in set(Seat):
            states[line] = value
    if request.form.get("all"):
        states = {k: str(Seat.PRESENT) if v == Seat.EXPECTED else v for k, v in states.items()}
    try:
        how = request.form.get("how", "name")
        actions.register_many(found, states, how=how, by=actor(), now=clock.now())
    except Refused as refused:
        db.session.rollback()
        return _attendance(sitting_id, say(refused.reason, refused.values), 422)
    flash(_("到会登记存好了。"), "ok")
    return redirect(site_url("community.attendance", sitting_id=sitting_id), 303)


def register_sheet(sitting_id: UUID) -> str:
    """The register on paper, to be signed at the door."""
    table = read_table(sitting_id, whole=False)
    return page("desk/sittings_register.html", table=table, sitting=table.sitting)


def recusal(sitting_id: UUID) -> Any:
    """A party steps back from one matter."""
    _found(sitting_id)
    matter_id, line = forms.as_uuid(request.form.get("matter_id")), forms.as_uuid(request.form.get("attendance_id"))
    if matter_id is None or line is None:
        raise Refused(N_("谁回避、回避哪一件，两样都要选。"))
    found, matter = _pair(sitting_id, matter_id)
    actions.recuse(found, line, matter, by=actor(), now=clock.now())
    flash(_("记下了，这件事不算他的数。"), "ok")
    return redirect(site_url("community.attendance", sitting_id=sitting_id), 303)


def opening(sitting_id: UUID) -> Any:
    """Open the sitting."""
    found, form = _found(sitting_id), fill_opening(forms.OpenForm())

    def act() -> None:
        chair, recorder = forms.as_uuid(form.chair.data), forms.as_uuid(form.recorder.data)
        actions.open_sitting(found, chair=chair, recorder=recorder, by=actor(), now=clock.now())

    return attempt(sitting_id, "opening", form, act) or _back(sitting_id, _("开会了。"))


def closing(sitting_id: UUID) -> Any:
    """End it."""
    found, form = _found(sitting_id), forms.ConclusionForm()

    def act() -> None:
        if found.kind in TELLING:
            settle_stands(found, now=clock.now())
        actions.close_sitting(found, form.conclusion.data or "", by=actor(), now=clock.now())

    return attempt(sitting_id, "conclusion", form, act) or _back(sitting_id, _("散会了。两个工作日内把记录定稿。"))


def options(sitting_id: UUID, matter_id: UUID) -> Any:
    """Keep the options as they are read out: those found out before, or one a line."""
    form = forms.OptionsForm()

    def act() -> None:
        lines = [line.strip() for line in (form.words.data or "").splitlines() if line.strip()]
        put = None if form.found.data else lines
        actions.put_options(*_pair(sitting_id, matter_id), put, by=actor(), now=clock.now())

    return _on_matter(sitting_id, matter_id, "options", form, act, _("方案原文记下了。"))


def survey(sitting_id: UUID, matter_id: UUID) -> Any:
    """Send the matter back to be looked into."""
    form = forms.ReasonForm()

    def act() -> None:
        _sitting, matter = _pair(sitting_id, matter_id)
        actions.redeliberate(matter, form.reason.data or "", by=actor(), now=clock.now())

    return _on_matter(sitting_id, matter_id, "reason", form, act, _("这件事先去了解清楚，下次再议。"))


def adjournment(sitting_id: UUID, matter_id: UUID) -> Any:
    """Too few people: keep the talk, wait for a new notice."""
    actions.adjourn(*_pair(sitting_id, matter_id), "", by=actor(), now=clock.now())
    return _back(sitting_id, _("这次只谈不定，等重新发公告再议。"))


def ballot_call(sitting_id: UUID, matter_id: UUID) -> Any:
    """Put it to the vote."""
    form, made = forms.VoteForm().fill(), []

    def act() -> None:
        found, matter = _pair(sitting_id, matter_id)
        made.append(
            deciding.call_vote(
                found, matter, question=form.question.data or "", rule=form.rule.data, mode=form.mode.data, by=actor(),
                now=clock.now(), id=form.once_id,
            )
        )  # fmt: skip

    refused = attempt(sitting_id, "vote", form, act)
    if refused:
        return refused
    flash(_("开始表决了。"), "ok")
    return redirect(site_url("community.desk_ballot", ballot_id=made[0].id), 303)


def consensus(sitting_id: UUID, matter_id: UUID) -> Any:
    """Ask everybody concerned by name."""
    form = forms.NamesForm()

    def act() -> None:
        found, matter = _pair(sitting_id, matter_id)
        names = (form.names.data or "").splitlines()
        deciding.ask_consensus(found, matter, names, by=actor(), now=clock.now(), id=form.once_id)

    return _on_matter(sitting_id, matter_id, "names", form, act, _("名单列好了，一位一位问。"))


def _on_matter(sitting_id: UUID, matter_id: UUID, name: str, form: Any, act: Callable[[], None], words: str) -> Any:
    return attempt(sitting_id, name, form, act) or _back(sitting_id, words, matter=matter_id)


P = Permission
TABLE = "/desk/sittings/<uuid:sitting_id>"
ON = TABLE + "/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", TABLE + "/attendance", attendance, P.SITTING_WRITE),
    Door("POST", TABLE + "/attendance", attendance_save, P.SITTING_WRITE),
    Door("GET", TABLE + "/register-sheet", register_sheet, P.SITTING_WRITE),
    Door("POST", TABLE + "/recusals", recusal, P.SITTING_WRITE),
    Door("POST", TABLE + "/opening", opening, P.SITTING_WRITE, name="sitting_opening"),
    Door("POST", TABLE + "/closing", closing, P.SITTING_WRITE, name="sitting_closing"),
    Door("POST", ON + "/options", options, P.SITTING_WRITE, name="sitting_options"),
    Door("POST", ON + "/survey", survey, P.SITTING_WRITE, name="sitting_survey"),
    Door("POST", ON + "/adjournment", adjournment, P.SITTING_WRITE, name="sitting_adjournment"),
    Door("POST", ON + "/ballots", ballot_call, P.BALLOT_WRITE),
    Door("POST", ON + "/consensus", consensus, P.SITTING_WRITE, name="sitting_consensus"),
]
