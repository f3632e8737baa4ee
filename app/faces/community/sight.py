"""Who looks at a matter in this request: its proposer, its handlers, the council, or a neighbour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import session

from app import clock
from app.faces.visitor import owns, visitor
from app.flow.collect import queries
from app.flow.collect.models import Proposal
from app.matter.models import Matter
from app.matter.sight import Viewer
from app.people.looks import has_given_reason
from app.people.roles import GRID_STAFF, OFFICE_STAFF, Role

#: How many matters this browser may follow by their codes at a time.
FOLLOWED = 10


def is_own(matter: Matter) -> bool:
    """Whether the phone's cookie or the signed-in resident's account says that it is theirs."""
    if owns(matter.id):
        return True
    me = visitor()
    return me is not None and me.kind == "resident" and queries.is_account_s(matter, me.id)


def said_by_me(matter: Matter, proposals: Iterable[Proposal]) -> bool:
    """The same as :func:`is_own`, told from proposals that were read already."""
    me = visitor()
    person = me.account.person_id if me is not None and me.kind == "resident" else None  # type: ignore[union-attr]
    return owns(matter.id) or (person is not None and any(said.person_id == person for said in proposals))


def viewer_of(matter: Matter, own: bool | None = None) -> Viewer:
    """The person at the door, for :func:`app.matter.sight.may_see`; ``own`` where the caller knows it already.

    The hall's office handles every matter; on the grid only whoever carries this one does.
    """
    me = visitor()
    roles: frozenset[Role] = me.roles if me else frozenset()
    carries = bool(roles & GRID_STAFF) and me is not None and matter.owner_id == me.id
    handles = bool(roles & OFFICE_STAFF) or carries
    return Viewer(
        roles=roles, is_own=is_own(matter) if own is None else own, is_handler=handles,
        # Only a child's matter asks for a reason, so only there the log is read.
        reason_logged=bool(handles and me and matter.has_minor and has_given_reason(matter.id, me.id, day_began())),
    )  # fmt: skip


def day_began() -> datetime:
    """The start of today in Shijiazhuang: a reason written down holds until midnight."""
    return clock.at(clock.today(), 0)


def looked_today() -> frozenset[UUID]:
    """The children's matters this browser opened for a reason today. Lists go by it; the page itself asks the log."""
    kept = session.get("looked", {})
    return frozenset(UUID(one) for one in kept.get("ids", ())) if kept.get("day") == str(clock.today()) else frozenset()


def remember_look(matter_id: UUID) -> None:
    """Let today's lists show this title on this browser; the newest twenty are kept."""
    ids = [str(one) for one in looked_today() if one != matter_id]
    session["looked"] = {"day": str(clock.today()), "ids": [str(matter_id), *ids][:20]}


def follows(matter_id: UUID) -> bool:
    """Whether this browser has shown the matter's tracking code."""
    return str(matter_id) in session.get("followed", [])


def follow(matter_id: UUID) -> None:
    """Remember that this browser has shown the code; the newest ten are kept."""
    kept = [str(matter_id), *(m for m in session.get("followed", []) if m != str(matter_id))]
    session["followed"] = kept[:FOLLOWED]
    session.permanent = True
