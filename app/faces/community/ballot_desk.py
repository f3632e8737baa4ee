"""Doors of the hall: counting a ballot at the desk, settling what concerns a few, taking a lost matter up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.ballots import PAGE, ballot_and_matter, labels, needed_for
from app.faces.community.inputs import page_number
from app.faces.community.poll_forms import BODY_WORDS
from app.faces.community.poll_page import STATES
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.decide import actions, queries
from app.flow.decide.casting import Mode
from app.flow.decide.desk_list import desk_votes, sheet_of
from app.flow.decide.models import Ballot
from app.flow.decide.rules import (
    STANCE_LABELS,
    LegalEffect,
)
from app.flow.deliberate.queries import find_sitting, hall_people
from app.matter.actions import find_matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def votes() -> str:
    """Sheets and ballots that are being worked on, and those that are done."""
    done = request.args.get("when") == "past"
    number = page_number()
    rows = desk_votes(done=done, n=PAGE + 1, offset=(number - 1) * PAGE)
    return desk(
        "desk/ballots.html", "votes", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, done=done,
        bodies=BODY_WORDS, states=STATES, **labels(),
    )  # fmt: skip


def desk_ballot(ballot_id: UUID) -> Any:
    """One ballot at the desk: who has voted (never what), hands, stances, and closing it."""
    found = queries.find_ballot(ballot_id)
    sheet = sheet_of(found) if found else None
    if sheet is not None:
        return redirect(site_url("community.desk_poll", poll_id=sheet.id))
    return _desk_ballot(ballot_id)


def _desk_ballot(ballot_id: UUID, status: int = 200, **errors: Any) -> Any:
    found, matter = ballot_and_matter(ballot_id)
    consensus = found.mode == Mode.CONSENSUS
    stances = queries.stances_of(ballot_id) if consensus else []
    is_open = found.state == "open"
    return desk(
        "desk/ballot.html", "votes", ballot=found, matter=matter, needed=needed_for(found), stances=stances,
        sitting=find_sitting(found.sitting_id) if found.sitting_id else None,
        progress=queries.progress_of(ballot_id) if found.mode == Mode.NAMED else [],
        result=queries.result_of(found, stances) if found.state == "closed" or consensus else None,
        f=_forms(found, errors) if is_open and not consensus else errors, is_quarrel=matter.track == "mediation",
        settle=errors.get("settle") or forms.SettleForm(formdata=None),
        stance_labels={str(k): say(v) for k, v in STANCE_LABELS.items()}, LegalEffect=LegalEffect, **labels(),
    ), status  # fmt: skip


def _forms(found: Ballot, errors: dict[str, Any]) -> dict[str, Any]:
    accounts = hall_people()
    known = {"teller": str(found.teller_id or ""), "scrutineer": str(found.scrutineer_id or "")}
    figures = {name: getattr(found, name) for name in ("yes", "no", "abstain", "spoiled")} if found.counted_at else {}
    made = {
        "hands": errors.get("hands") or forms.HandsForm(formdata=None, **known, **figures),
        "closing": errors.get("closing") or forms.CountersForm(formdata=None, **known),
    }
    for form in made.values():
        forms.people(form.teller, accounts)
        forms.people(form.scrutineer, accounts)
    return made


def _attempt(ballot_id: UUID, name: str, form: Any, act: Callable[[Ballot], Any], words: str) -> Any:
    found, _matter = ballot_and_matter(ballot_id)
    complaint = ""
    if form.validate():
        try:
            act(found)
        except Refused as refused:
            complaint = say(refused.reason, refused.values)
        else:
            flash(words, "ok")
            return redirect(site_url("community.desk_ballot", ballot_id=ballot_id), 303)
    # Whatever the refused act had begun must not be committed with the page that explains it.
    db.session.rollback()
    if complaint:
        form.form_errors = [*form.form_errors, complaint]
    return _desk_ballot(ballot_id, 422, **{name: form})


def _counters(form: Any) -> dict[str, UUID]:
    found = {name: forms.as_uuid(form[name].data) for name in ("teller", "scrutineer")}
    if None in found.values():
        raise Refused(N_("计票和监票要两个人"))
    return {name: value for name, value in found.items() if value}


def hands(ballot_id: UUID) -> Any:
    """Write down the hands."""
    form = forms.HandsForm()

    def act(found: Ballot) -> None:
        figures = (form.yes.data, form.no.data, form.abstain.data, form.spoiled.data or 0)
        actions.count_hands(found, *figures, **_counters(form), by=actor(), now=clock.now())

    return _attempt(ballot_id, "hands", form, act, _("人数记下了，核对一遍再宣布。"))


def closing(ballot_id: UUID) -> Any:
    """Close and count."""
    form = forms.CountersForm()

    def act(found: Ballot) -> None:
        actions.close_ballot(found, **_counters(form), by=actor(), now=clock.now())

    return _attempt(ballot_id, "closing", form, act, _("计票完成，结果已经公布。"))


def stances(ballot_id: UUID) -> Any:
    """Save what each of those concerned says."""
    form = forms.FlaskForm()

    def act(found: Ballot) -> None:
        for row in queries.stances_of(found.id):
            said = request.form.get(f"stance-{row.position}", row.stance)
            condition = request.form.get(f"condition-{row.position}", "")[:1_000]
            met = bool(request.form.get(f"met-{row.position}"))
            if said not in STANCE_LABELS:
                raise Refused(N_("选一个：同意、有条件、反对，或者未联系上。"))
            if (said, condition, met) != (row.stance, row.condition, row.condition_met):
                actions.set_stance(found, row.name, said, condition, met, by=actor(), now=clock.now())

    return _attempt(ballot_id, "stances", form, act, _("大家的意见记下了。"))


def settlement(ballot_id: UUID) -> Any:
    """Settle it: everybody agreed, or it ends without a decision."""
    form = forms.SettleForm()

    def act(found: Ballot) -> None:
        actions.settle_consensus(found, agreement=form.agreement.data or "", by=actor(), now=clock.now())

    return _attempt(ballot_id, "settle", form, act, _("记下了。"))


def bring_back(matter_id: UUID) -> Any:
    """The form to take a lost matter up again."""
    return _bring_back(matter_id, None)


def _bring_back(matter_id: UUID, form: Any, status: int = 200) -> Any:
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(N_("没有这件事。"))
    form = form or forms.BringBackForm(formdata=None, question=matter.question)
    return desk("desk/ballot_bring_back.html", "votes", matter=matter, form=form), status


def bring_back_save(matter_id: UUID) -> Any:
    """Take it up again."""
    form, matter = forms.BringBackForm(), find_matter(matter_id)
    if matter is None:
        raise Missing(N_("没有这件事。"))
    if form.validate():
        try:
            facts, text = form.new_facts.data or "", form.question.data or ""
            actions.bring_back(matter, new_facts=facts, question=text, by=actor(), now=clock.now())
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("这件事重新立题了。"), "ok")
            return redirect(site_url("community.plan_sitting", matter=matter_id), 303)
    db.session.rollback()
    return _bring_back(matter_id, form, 422)


P = Permission
ONE = "/desk/ballots/<uuid:ballot_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/ballots", votes, P.SITTING_WRITE),
    Door("GET", ONE, desk_ballot, P.SITTING_WRITE),
    Door("POST", ONE + "/hands", hands, P.BALLOT_WRITE, name="ballot_hands"),
    Door("POST", ONE + "/closing", closing, P.BALLOT_WRITE, name="ballot_closing"),
    Door("POST", ONE + "/stances", stances, P.SITTING_WRITE, name="ballot_stances"),
    Door("POST", ONE + "/settlement", settlement, P.SITTING_WRITE, name="ballot_settlement"),
    Door("GET", "/desk/matters/<uuid:matter_id>/return", bring_back, P.BALLOT_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/return", bring_back_save, P.BALLOT_WRITE),
]
