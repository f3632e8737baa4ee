"""Who is bound: one immutable scope per transaction, carried in a context variable.

A scope names a database role and the settings its policies read. It is set by the edge (request, job, shell) and
never changed inside an open transaction; the engine's guard raises :class:`ScopeChanged` when someone tries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from uuid import UUID


class Unbound(RuntimeError):
    """Database work, a job, a cache key or a file was asked for while nobody was bound."""


class ScopeChanged(RuntimeError):
    """The scope was switched inside an open transaction, which would silently keep the old tenant."""


#: Which database role each kind of scope becomes.
ROLES = {
    "door": "cm_door",
    "community": "cm_community",
    "street": "cm_street",
    "guest": "cm_guest",
    "witness": "cm_witness",
    "teller": "cm_teller",
    "opener": "cm_opener",
    "keeper": "cm_keeper",
}

#: The settings a policy may read, in the order in which they are bound.
SETTINGS = ("community", "street", "case", "invitation", "key", "host", "slug", "actor", "person")

BIND = ", ".join(["select set_config('role', %s, true)", *(f"set_config('app.{name}', %s, true)" for name in SETTINGS)])


@dataclass(frozen=True)
class Scope:
    """One binding. ``case``, ``invitation``, ``key`` narrow a guest, ``case`` and ``person`` the street's witness,
    ``case`` the teller's poll; the opener sets up the one ``community`` of its street; ``host`` and ``slug`` let the
    door find one.
    """

    kind: str
    street: int | None = None
    community: int | None = None
    case: UUID | None = None
    invitation: UUID | None = None
    key: str = ""
    host: str = ""
    slug: str = ""
    actor: str = ""
    person: UUID | None = None

    def as_settings(self) -> tuple[str, ...]:
        """The parameters of :data:`BIND`; what is not set is empty, and a policy that reads it fails loudly."""
        values = {name: getattr(self, name) for name in SETTINGS}
        return (ROLES[self.kind], *("" if value is None else str(value) for value in values.values()))

    def as_dict(self) -> dict[str, object]:
        """A JSON-safe copy for a job."""
        return {
            "kind": self.kind,
            "street": self.street,
            "community": self.community,
            "case": str(self.case) if self.case else None,
            "invitation": str(self.invitation) if self.invitation else None,
            "key": self.key,
            "actor": self.actor,
        }

    @classmethod
    def from_dict(cls, data: dict[str, object]) -> Scope:
        """Rebuild what :meth:`as_dict` wrote."""
        case, invitation = data.get("case"), data.get("invitation")
        return cls(
            kind=str(data["kind"]),
            street=data["street"],  # type: ignore[arg-type]
            community=data["community"],  # type: ignore[arg-type]
            case=UUID(str(case)) if case else None,
            invitation=UUID(str(invitation)) if invitation else None,
            key=str(data.get("key") or ""),
            actor=str(data.get("actor") or ""),
        )


SCOPE: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope:
    """The bound scope, or :class:`Unbound`."""
    scope = SCOPE.get()
    if scope is None:
        raise Unbound("no tenant is bound: wrap the work in tenants.scope.bound(...)")
    return scope


def current_community() -> int:
    """The bound community's id; a street or an unbound caller has none and raises."""
    community = current().community
    if community is None:
        raise Unbound("the bound scope has no community")
    return community


def current_street() -> int:
    """The bound street's id."""
    street = current().street
    if street is None:
        raise Unbound("the bound scope has no street")
    return street


def bind(scope: Scope) -> Token[Scope | None]:
    """Set the scope; the caller hands the token back to :func:`unbind`."""
    return SCOPE.set(scope)


def unbind(token: Token[Scope | None]) -> None:
    """Return to what was bound before."""
    SCOPE.reset(token)


@contextmanager
def bound(scope: Scope) -> Iterator[Scope]:
    """Bind for the length of a block. The block must begin and end its own transactions."""
    token = bind(scope)
    try:
        yield scope
    finally:
        unbind(token)
