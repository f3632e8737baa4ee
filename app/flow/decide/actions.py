"""The verbs of this room: vote, count, agree, and bring a lost matter back."""

from __future__ import annotations

from datetime import datetime

from app.errors import Refused
from app.flow.decide import rules
from app.flow.decide.consensus import ask_consensus, set_stance, settle_consensus
from app.flow.decide.counting import close_ballot, count_hands
from app.flow.decide.queries import movers_of
from app.flow.decide.voting import Receipt, call_vote, cast_vote
from app.flow.deliberate.evidence import gathered
from app.matter import needs
from app.matter.actions import move
from app.matter.deadlines import deadline
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_

__all__ = [
    "Receipt",
    "ask_consensus",
    "bring_back",
    "call_vote",
    "cast_vote",
    "close_ballot",
    "count_hands",
    "set_stance",
    "settle_consensus",
]


def bring_back(matter: Matter, *, new_facts: str, question: str = "", by: Actor, now: datetime) -> Matter:
    """Take a matter that did not pass up again: new facts are owed, the same text rests thirty days or as the hall set.

    ``question`` is the new text; empty means the old one.
    """
    if not new_facts.strip() or len(new_facts) > 1_000:
        raise Refused(N_("有什么新情况要写上，1000 个字以内。"))
    text = question.strip() or matter.question
    same = "".join(text.split()) == "".join(matter.question.split())
    limit = deadline(Stage.NOT_PASSED, None, house().deadlines)
    days = limit.amount if limit else rules.COOLING_DAYS
    rules.may_bring_back(same, matter.stage_since, now, days).or_refuse()
    actor = by.as_capacity(Role.PROPOSER) if by.id in movers_of(matter.id) else by
    return move(
        matter, "bring_back", by=actor, now=now, reason=new_facts.strip(), question=text, round=matter.round + 1,
        evidence=gathered(matter) | {needs.NEW_FACTS.key, needs.COOLING_OVER.key},
    )  # fmt: skip
