"""What every act on an invitation writes into the matter's timeline, and in whose name."""

from __future__ import annotations

from datetime import datetime

from app.matter.actions import record
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.roles import Role
from app.talent.models import Invitation


def expert_actor(invitation: Invitation, *, named: bool = False) -> Actor:
    """The invited expert as somebody who acts; the record names the expert only where the expert wished it."""
    profession = invitation.profession
    label = f"{invitation.expert_name}（{profession}专家）" if named else f"一位{profession}专家"
    return Actor("expert", label, None, frozenset({Role.EXPERT}), channel="link")


def tell(matter: Matter, verb: str, invitation: Invitation, by: Actor, now: datetime, words: str) -> None:
    """A line that everybody may read; ``words`` may name the profession, never the person."""
    data = {"invitation": str(invitation.id), "number": invitation.number}
    record(matter, verb, by=by, now=now, words=words % {"profession": invitation.profession}, data=data)


def tell_inside(
    matter: Matter, verb: str, invitation: Invitation, by: Actor, now: datetime, reason: str = "", words: str = ""
) -> None:
    """A line for the hall alone."""
    record(
        matter, verb, by=by, now=now, reason=reason, words=words, public=False,
        data={"invitation": str(invitation.id), "number": invitation.number},
    )  # fmt: skip
