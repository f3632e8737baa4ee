"""Doors of the hall: the council member's ballot on a phone, and the result for everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, NotAllowed
from app.faces.community import sitting_forms as forms
from app.faces.community.inputs import page_number
from app.faces.community.poll_cards import card_of, card_of_single, is_table_vote, line_of, result_url
from app.faces.community.poll_mine import votes_of, votes_of_member, waiting
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import visitor
from app.flow.collect.queries import is_told
from app.flow.decide import actions, queries, showing
from app.flow.decide.casting import MODE_LABELS, Mode, Voter, may_cast
from app.flow.decide.models import Ballot
from app.flow.decide.rules import (
    EFFECT_LABELS,
    RULE_LABELS,
    Rule,
    at_least,
    strictly_over_half,
)
from app.flow.decide.voting import CHOICE_LABELS
from app.flow.deliberate.queries import current_item, sittings_of_account
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.matter.sight import Part, Sensitivity, may_see
from app.matter.situation import Visibility
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

PAGE = 20


def needed_for(ballot: Ballot) -> int:
    """The smallest number of yes votes that passes."""
    if ballot.rule == Rule.COUNCIL_TWO_THIRDS:
        return at_least(2, 3, ballot.present)
    return strictly_over_half(ballot.present)


def labels() -> dict[str, dict[str, str]]:
    """The vocabularies of the ballot's pages, translated."""
    return {
        "rules": {str(k): say(v) for k, v in RULE_LABELS.items()},
        "modes": {str(k): say(v) for k, v in MODE_LABELS.items()},
        "choices": {k: say(v) for k, v in CHOICE_LABELS.items()},
        "effects": {str(k): say(v) for k, v in EFFECT_LABELS.items()},
    }


def council() -> str:
    """A council member's first page: what waits for my vote, and when we sit next."""
    me = visitor()
    if me is None:
        raise NotAllowed(N_("请先登录。"))
    mine = votes_of_member(me.id)
    return page(
        "hall/ballot_mine.html", open=[one for one in mine if one["is_open"]],
        past=[one for one in mine if one["is_counted"]], sittings=sittings_of_account(me.id, clock.now()),
        me_name=me.name,
    )  # fmt: skip


def ballots() -> str:
    """What is being voted on and what came out; public matters only. First of all what waits for me."""
    me, now, number = visitor(), clock.now(), page_number()
    cards = [*(card_of(one, now) for one in showing.running_polls())] if number == 1 else []
    if number == 1:
        cards += [card_of_single(*one) for one in showing.single_ballots()]
    rows = showing.counted(PAGE + 1, (number - 1) * PAGE)
    mine = votes_of(me.id) if me and me.can(Permission.POLL_CAST) and number == 1 else []
    return page(
        "hall/ballots.html", open=cards, rows=[line_of(*row) for row in rows[:PAGE]], more=len(rows) > PAGE,
        number=number, waits=waiting(mine),
    )  # fmt: skip


def _standing(ballot_id: UUID) -> Any:
    me = visitor()
    row = queries.standing_of(ballot_id, me.id) if me else None
    if row is None or row.Ballot.mode != Mode.NAMED or row.Ballot.state == "void":
        raise Missing(N_("没有这次表决。"))
    return row


def ballot(ballot_id: UUID) -> Any:
    """The ballot: whether I may vote, the rule in words, three choices."""
    return _ballot(ballot_id, None)


def _ballot(ballot_id: UUID, form: Any, status: int = 200) -> Any:
    row = _standing(ballot_id)
    found: Ballot = row.Ballot
    if found.state == "closed":
        return redirect(site_url("community.ballot_result", ballot_id=ballot_id), 303)
    mine = row.recused_from == found.matter_id
    voter = Voter(on_roll=row.on_roll or mine, recused=mine, present=row.seat == "present")
    may = may_cast(voter, Mode.NAMED, found.state == "open")
    form = form or forms.ChoiceForm(formdata=None, seq=str((row.seq or 0) + 1)).fill(CHOICE_LABELS)
    item = current_item(found.matter_id)
    return page(
        "hall/ballot.html", ballot=found, title=row.title, number=row.number, may=may, choice=row.choice, form=form,
        needed=needed_for(found), options=item[0].options if item else [], **labels(),
    ), status  # fmt: skip


def cast(ballot_id: UUID) -> Any:
    """Cast or change my vote."""
    me = visitor()
    form = forms.ChoiceForm().fill(CHOICE_LABELS)
    if form.choice.data not in CHOICE_LABELS:
        form.choice.errors = [_("选一个：同意、不同意，或者弃权。")]
        return _ballot(ballot_id, form, 422)
    sequence = form.seq.data or ""
    seq = int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 10 else 0
    actions.cast_vote(ballot_id, me.id if me else ballot_id, form.choice.data, seq, now=clock.now())
    return redirect(site_url("community.ballot_receipt", ballot_id=ballot_id), 303)


def ballot_receipt(ballot_id: UUID) -> Any:
    """What stands on record for me; it may be changed until the ballot closes."""
    row = _standing(ballot_id)
    if row.choice is None:
        return redirect(site_url("community.ballot", ballot_id=ballot_id))
    return page(
        "hall/ballot_receipt.html", ballot=row.Ballot, title=row.title, number=row.number, choice=row.choice, at=row.at,
        turnout=queries.turnout_of(ballot_id), **labels(),
    )  # fmt: skip


def ballot_result(ballot_id: UUID) -> Any:
    """What came out and why, each condition with its numbers. No names, nothing per person."""
    found, matter = ballot_and_matter(ballot_id)
    sensitive = Sensitivity(
        Visibility(matter.visibility), is_dispute=matter.track == "mediation", is_hidden=matter.hidden_at is not None
    )
    if found.state != "closed" or not may_see(Part.RESULT, viewer_of(matter), sensitive):
        raise Missing(N_("没有这次表决的结果，或者还没有计票。"))
    if found.poll_id and not is_table_vote(found):
        return redirect(result_url(found), 303)
    stances = queries.stances_of(ballot_id) if found.mode == Mode.CONSENSUS else ()
    counted = found.yes + found.no + found.abstain + found.spoiled
    return page(
        "hall/ballot_result.html", ballot=found, matter=matter, result=queries.result_of(found, stances),
        silent=found.present - counted, needed=needed_for(found), is_open_matter=is_told(matter), **labels(),
    )  # fmt: skip


def ballot_and_matter(ballot_id: UUID) -> tuple[Ballot, Matter]:
    """The ballot with what it is about; raises ``Missing``."""
    found = queries.find_ballot(ballot_id)
    matter = find_matter(found.matter_id) if found else None
    if found is None or matter is None:
        raise Missing(N_("没有这次表决。"))
    return found, matter


P = Permission
DOORS: list[Door] = [
    Door("GET", "/council", council, P.VOTE_CAST),
    Door("GET", "/ballots", ballots, P.ANYONE_ENTER),
    Door("GET", "/ballots/<uuid:ballot_id>", ballot, P.VOTE_CAST),
    Door("POST", "/ballots/<uuid:ballot_id>", cast, P.VOTE_CAST),
    Door("GET", "/ballots/<uuid:ballot_id>/receipt", ballot_receipt, P.VOTE_CAST),
    Door("GET", "/ballots/<uuid:ballot_id>/result", ballot_result, P.ANYONE_ENTER),
]
