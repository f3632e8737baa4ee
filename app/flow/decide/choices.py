"""What may be answered to a question, and what may be written on a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.errors import Refused
from app.flow.decide.rules import Rule
from app.words import N_

CHOICES = ("yes", "no", "abstain")
#: A paper that says nothing, or two things at once: it came, and it is no yes.
SPOILED = "spoiled"
#: What stands in the place of a named vote that two people declared void.
VOIDED = "voided"
CHOICE_LABELS = {"yes": N_("同意"), "no": N_("不同意"), "abstain": N_("弃权"), SPOILED: N_("废票")}


def choices_of(ballot: Any, *, paper: bool = False) -> dict[str, str]:
    """The answers to one question as ``{choice: label}``; ``paper`` adds the spoiled one.

    ``ballot`` has ``rule`` and ``options``. Every interested owner must answer yes or no (R7): leaving it open is not
    answering, so that paper offers no abstention.
    """
    found = {option["key"]: option["label"] for option in ballot.options}
    if not found:
        found = {"yes": CHOICE_LABELS["yes"], "no": CHOICE_LABELS["no"]}
    if ballot.rule != Rule.UNANIMOUS:
        found["abstain"] = CHOICE_LABELS["abstain"]
    return found | {SPOILED: CHOICE_LABELS[SPOILED]} if paper else found


def check_sheet_of(asked: Sequence[Any], choices: Mapping[UUID, str], *, paper: bool = False) -> None:
    """Refuse a sheet on which a question is left out or answered with something that was not asked."""
    if set(choices) != {ballot.id for ballot in asked}:
        raise Refused(N_("每个问题都要选一个，不想选的可以弃权。"))
    for ballot in asked:
        if choices[ballot.id] not in choices_of(ballot, paper=paper):
            raise Refused(N_("选的不在票上，请重新选。"))
