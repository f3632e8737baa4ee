"""Which visitor knocks at which door: in every round somebody at every door, by turns and the same at every run.

A visitor whom the program turns away at the door never reaches a row, so a few of those tell what all would; of those
who may use it, a round takes all or a few, beginning with another one at every door.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.people.permissions import ANYONE, Permission, holds
from app.people.roles import Role
from tests.prove.isolation.quarter import Quarter

GUESTS = {"expert": Permission.GUEST_ANSWER, "task": Permission.GUEST_TASK}
#: Doors that end or change the visit itself.
LEAVES = re.compile(r"/(sign-outs?|sign-in|elder|language|password|sessions|second-step|two-step[a-z-]*|totp|join)\b")


def name_of(door: Any) -> str:
    """How a door is counted and told of."""
    return f"{door.method} {door.url}"


def doors_of(quarter: Quarter, site: str) -> list[Any]:
    """The doors of a hall (its guests' too) or of the street, but for those that end the visit itself."""
    return [
        door
        for at, door in quarter.app.extensions["doors"].values()
        if at == site and ("<uuid:" in door.url or not LEAVES.search(door.url))
    ]


def may_enter(roles: frozenset[Role], door: Any) -> bool:
    """Whether the door opens to these roles."""
    return door.permission in ANYONE or holds(roles, door.permission)


def deal(doors: list[Any], visitors: Sequence[tuple[str | None, frozenset[Role]]], most: int) -> list[list[Any]]:
    """The doors of each of these visitors of one hall or street: at every door ``most`` of those who may use it, and
    a third as many of those who may not."""
    dealt: list[list[Any]] = [[] for _visitor in visitors]
    for number, door in enumerate(doors):
        entering = [
            at for at, (who, roles) in enumerate(visitors)
            if may_enter(roles, door) or GUESTS.get(str(who)) is door.permission
        ]  # fmt: skip
        refused = [at for at in range(len(visitors)) if at not in entering]
        for chosen, some in ((entering, most), (refused, -(-most // 3))):
            turn = number % len(chosen) if chosen else 0
            for at in (chosen[turn:] + chosen[:turn])[:some]:
                dealt[at].append(door)
    return dealt
