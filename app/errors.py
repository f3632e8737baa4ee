"""How a rule answers and the three ways an action can fail.

Reasons are Chinese message ids with named placeholders (``%(name)s``). They are translated once, where the page
is made, so a rule never needs to know who is reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """A rule's answer: truthy when allowed, otherwise it carries a human reason."""

    ok: bool
    reason: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.ok

    def or_refuse(self) -> None:
        """Raise :class:`Refused` with the same reason when the answer is no."""
        if not self.ok:
            raise Refused(self.reason, **self.values)


def yes() -> Verdict:
    """Allow."""
    return Verdict(True)


def no(reason: str, **values: object) -> Verdict:
    """Refuse with ``reason``, a message id marked by ``N_``."""
    return Verdict(False, reason, values)


class DomainError(Exception):
    """Base of the errors that become a page with a reason."""

    def __init__(self, reason: str = "", **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


class Refused(DomainError):
    """The rules of the field say no; the page shows why and nothing was changed (409)."""


class NotAllowed(DomainError):
    """The person may not do this (403)."""


class Missing(DomainError):
    """There is no such thing here; another community's thing answers the same (404)."""
