"""How long a matter may stay in a stage: the defaults of domain.md section 2, which a hall changes within bounds.

A deadline is an amount and a unit; :mod:`app.matter.workdays` turns it into a moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.matter.situation import Power, Stage, Triage

Unit = Literal["working_days", "days", "hours"]


@dataclass(frozen=True)
class Deadline:
    """``amount`` of ``unit``; the start day is not counted, hours are exact (Civil Code sections 201, 203)."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError(f"a deadline cannot lie in the past: {self.amount}")


def working_days(amount: int) -> Deadline:
    return Deadline(amount, "working_days")


def days(amount: int) -> Deadline:
    return Deadline(amount, "days")


def hours(amount: int) -> Deadline:
    return Deadline(amount, "hours")


#: Keys are ``stage`` or ``stage.triage``; the same keys are used for a hall's own settings. A stage without a row has
#: no clock of its own: a sitting has its date, a commitment its own day, a closed matter owes nothing.
DEFAULTS: Mapping[str, Deadline] = {
    "collected": working_days(2),
    "submitted": working_days(3),
    "submitted.urgent": hours(24),
    "needs_info": days(7),
    "accepted": working_days(5),
    "accepted.urgent": hours(24),
    "topic_confirmed": working_days(10),
    "surveying": working_days(10),
    "scheduled.urgent": hours(72),
    "voting": days(7),
    "not_passed": days(30),
    "decided": working_days(3),
    "publicized": days(7),
    "suspended": days(30),
    "verifying": working_days(3),
    "reviewing": working_days(10),
    "not_accepted": working_days(5),
    "referred": working_days(2),
}
#: By when the level that was asked for help says the first word; what is urgent has hours at either level.
ANSWERS: Mapping[str, Deadline] = {
    "answer_community": working_days(2),
    "answer_street": working_days(3),
    "answer_urgent": hours(24),
}
#: An urgent matter is talked over on the spot within this time of its submission (四商量, S1).
URGENT_SITTING = hours(72)
MINUTES = working_days(2)
REWORK = working_days(15)
REPLY_TO_12345 = working_days(5)
#: The posting itself stands on its own row for at least this long (Residents' Committees Act section 34).
POSTING = days(15)
#: Surveying may be prolonged once, by its own length.
EXTENSIONS: Mapping[Stage, int] = {Stage.SURVEYING: 1}
#: Notice before a sitting, by the body that decides.
NOTICE: Mapping[Power, Deadline] = {
    Power.COUNCIL: days(3),
    Power.RESIDENTS: days(10),
    Power.OWNERS: days(15),
}


def deadline(
    stage: Stage, triage: Triage | None = None, overrides: Mapping[str, Deadline] | None = None
) -> Deadline | None:
    """Return how long a matter may stay in ``stage``, or None where the stage has no clock of its own.

    The narrower key wins over the wider one, and within each the hall's own setting wins over the default, so a hall
    that gives itself ten days for ``submitted`` does not thereby slow down its urgent matters.
    """
    own = overrides or {}
    keys = [f"{stage}.{triage}", str(stage)] if triage else [str(stage)]
    for key in keys:
        found = own.get(key) or DEFAULTS.get(key)
        if found:
            return found
    return None


def answer_deadline(to_community: bool, triage: Triage | None, own: Mapping[str, Any]) -> Deadline:
    """How long the level asked for help has for its first word; ``own`` are the hall's settings."""
    below = "answer_community" if to_community else "answer_street"
    key = "answer_urgent" if triage is Triage.URGENT else below
    default = ANSWERS[key]
    return Deadline(int(own.get(key) or default.amount), default.unit)
