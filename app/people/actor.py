"""Who acts: what an action needs to know of a person, without the account behind it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from app.people.roles import Role


@dataclass(frozen=True)
class Actor:
    """``kind``: resident, staff, council, street, expert or system. ``label`` is what the timeline may show."""

    kind: str
    label: str
    id: UUID | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    channel: str = "web"

    def as_capacity(self, *capacities: Role) -> Actor:
        """The same person in a capacity held for this one occasion (chair, teller, proposer …)."""
        return replace(self, roles=self.roles | set(capacities))


SYSTEM = Actor("system", "系统", roles=frozenset({Role.SYSTEM}), channel="timer")
