"""Which door is reached from where: a seat is one real way to a door, and every form that a page showed is kept.

A seat is a hall, a login, an address with real ids, and for a POST the fields of the form that a page really showed. A
door that no page led to gets seats from the database's own ids and from the fields of its module (:mod:`guess`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from app.people.permissions import ANYONE, Permission, holds
from app.people.roles import Role
from tests.prove.inputs.forms import Field
from tests.prove.inputs.furnish import BROWSERS, MINE, WRITING
from tests.prove.inputs.world import RESIDENT

GUESTS = (Permission.GUEST_ANSWER, Permission.GUEST_TASK)
ROLES = {
    "": frozenset[Role](), "shuji": frozenset({Role.SECRETARY}), "shegong": frozenset({Role.COMMUNITY_WORKER}),
    "wangge": frozenset({Role.GRID_WORKER}), "wanggezhang": frozenset({Role.GRID_LEADER}),
    "louzhang": frozenset({Role.BUILDING_STEWARD}), "jiandu": frozenset({Role.AFFAIRS_SUPERVISOR}),
    "yishi1": frozenset({Role.COUNCIL_MEMBER}), RESIDENT: frozenset({Role.RESIDENT}),
    "guanli": frozenset({Role.STREET_ADMIN}), "zhuren": frozenset({Role.STREET_SUPERVISOR}),
    **{browser: frozenset[Role]() for browser in BROWSERS},
}  # fmt: skip


#: Who is asked besides the first who may: whose own affairs they are, who looks on, who sits at the table.
BESIDES = (MINE, WRITING, RESIDENT, "yishi1", "jiandu")


@dataclass(frozen=True)
class Seat:
    """One way to a door; ``page`` is the address that showed the form, empty where none did.

    ``world`` says in which of the two worlds it is open.
    """

    slug: str
    login: str
    path: str
    fields: tuple[Field, ...] = ()
    page: str = ""
    world: int = 0


@dataclass
class Atlas:
    """Seats by door, names seen in queries by door, and every id that pages showed."""

    seats: dict[str, list[Seat]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: list[str] = field(default_factory=list)
    looks: int = 0
    problems: list[str] = field(default_factory=list)


def may_enter(login: str, permission: Permission) -> bool:
    """Whether this login holds the permission of a door."""
    return permission in ANYONE or permission in GUESTS or holds(ROLES.get(login, frozenset()), permission)
