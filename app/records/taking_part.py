"""Who took part in some matters, read from the rooms' own rows in one statement and counted by ``records.results``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, Text, Uuid, and_, case, cast, func, literal, null, or_, select, union_all

from app.flow.collect.models import Proposal
from app.flow.collect.signing import Signature
from app.flow.decide.models import Poll, RollEntry
from app.flow.deliberate.models import AgendaItem, Attendance
from app.flow.deliberate.queries import ON_AGENDA
from app.flow.evaluate.actions import rater_key
from app.flow.evaluate.models import Rating
from app.flow.research.models import Canvass, CanvassDoor
from app.matter.models import Matter
from app.people.models import Account, Membership, Person
from app.people.owners import Owner
from app.people.roles import COMMUNITY_STAFF
from app.records.results import Heads, Presence, heads
from tenants.database import db
from tenants.scope import current_community

_NOBODY: Any = cast(null(), Uuid)


def heads_of(matters: Iterable[UUID]) -> dict[UUID, Heads]:
    """How many people took part in each of these matters; one statement."""
    wanted = list(matters)
    traces: dict[UUID, list[Presence]] = defaultdict(list)
    ways = (_said, _signed, _attended, _voted, _asked, _rated)
    for row in db.session.execute(union_all(*(way(wanted) for way in ways))):
        traces[row[0]].append(Presence(row[1], row[2], row[3], row[4], row[5], row[6]))
    return {matter: heads(found, _key_of) for matter, found in traces.items()}


def _key_of(account: UUID) -> str:
    return rater_key("account", account)


def _trace(
    matter: Any, way: str, *, person: Any = _NOBODY, account: Any = _NOBODY, home: Any = _NOBODY, mark: Any = None,
    who: Any = None,
) -> Select[Any]:  # fmt: skip
    empty = cast(literal(""), Text)
    return select(
        matter.label("matter_id"), cast(literal(way), Text).label("way"), person.label("person"),
        account.label("account"), home.label("home"), cast(empty if mark is None else mark, Text).label("mark"),
        cast(empty if who is None else who, Text).label("who"),
    )  # fmt: skip


def _said(matters: list[UUID]) -> Select[Any]:
    nameless = and_(Proposal.person_id.is_(None), Proposal.entered_by.is_(None), Proposal.organisation == "")
    mark = literal("said:") + cast(Proposal.id, String)
    return (
        _trace(Proposal.matter_id, "said", person=Proposal.person_id, home=Person.household_id, mark=mark)
        .outerjoin(Person, and_(Person.community_id == Proposal.community_id, Person.id == Proposal.person_id))
        .where(
            Proposal.community_id == current_community(), Proposal.matter_id.in_(matters),
            or_(Proposal.person_id.is_not(None), nameless),
        )
    )  # fmt: skip


def _signed(matters: list[UUID]) -> Select[Any]:
    home = func.coalesce(Signature.household_id, Person.household_id)
    mark = literal("signed:") + Signature.mark
    return (
        _trace(Signature.matter_id, "signed", person=Signature.person_id, home=home, mark=mark)
        .outerjoin(Person, and_(Person.community_id == Signature.community_id, Person.id == Signature.person_id))
        .where(
            Signature.community_id == current_community(), Signature.matter_id.in_(matters),
            Signature.withdrawn_at.is_(None),
        )
    )  # fmt: skip


def _attended(matters: list[UUID]) -> Select[Any]:
    return (
        _trace(
            AgendaItem.matter_id, "attended", person=Account.person_id, account=Account.id, home=Person.household_id,
            mark=literal("name:") + func.btrim(Attendance.name),
        )
        .join(
            Attendance,
            and_(
                Attendance.community_id == AgendaItem.community_id, Attendance.sitting_id == AgendaItem.sitting_id,
                Attendance.state.in_(("present", "left")),
            ),
        )
        .outerjoin(Account, and_(Account.community_id == Attendance.community_id, Account.id == Attendance.account_id))
        .outerjoin(Person, and_(Person.community_id == Account.community_id, Person.id == Account.person_id))
        .where(
            AgendaItem.community_id == current_community(), AgendaItem.matter_id.in_(matters), ON_AGENDA,
            or_(Attendance.account_id.is_(None), ~_works_here(Attendance.account_id)),
            # Whoever stood back from this matter was in the room for another one.
            Attendance.recused_matter_id.is_distinct_from(AgendaItem.matter_id),
        )
    )  # fmt: skip


def _voted(matters: list[UUID]) -> Select[Any]:
    """Whoever the roll says has voted; a secret roll says that a ballot came and nothing else, which is enough here."""
    account = func.coalesce(RollEntry.account_id, Attendance.account_id)
    person = func.coalesce(RollEntry.person_id, Owner.person_id, Account.person_id)
    mark = case(
        (RollEntry.owner_id.is_not(None), literal("owner:") + cast(RollEntry.owner_id, String)),
        # A home that votes as a home has no name of its own here.
        (RollEntry.household_id.is_not(None), literal("")),
        else_=literal("name:") + func.btrim(RollEntry.name),
    )
    home = func.coalesce(RollEntry.household_id, Person.household_id)
    here = RollEntry.community_id
    return (
        _trace(Poll.matter_id, "voted", person=person, account=Account.id, home=home, mark=mark)
        .join(RollEntry, and_(here == Poll.community_id, RollEntry.poll_id == Poll.id, RollEntry.channel != ""))
        .outerjoin(Owner, and_(Owner.community_id == here, Owner.id == RollEntry.owner_id))
        .outerjoin(Attendance, and_(Attendance.community_id == here, Attendance.id == RollEntry.attendance_id))
        .outerjoin(Account, and_(Account.community_id == here, Account.id == account))
        .outerjoin(Person, and_(Person.community_id == here, Person.id == person))
        .where(
            Poll.community_id == current_community(), Poll.matter_id.in_(matters), Poll.state == "closed",
            or_(account.is_(None), ~_works_here(account)),
        )
    )  # fmt: skip


def _asked(matters: list[UUID]) -> Select[Any]:
    mark = case((CanvassDoor.household_id.is_(None), literal("door:") + CanvassDoor.label), else_=literal(""))
    return (
        _trace(Canvass.matter_id, "asked", home=CanvassDoor.household_id, mark=mark)
        .join(
            CanvassDoor,
            and_(CanvassDoor.community_id == Canvass.community_id, CanvassDoor.canvass_id == Canvass.id),
        )
        .where(
            Canvass.community_id == current_community(), Canvass.matter_id.in_(matters), Canvass.state == "closed",
            CanvassDoor.answer != "",
        )
    )  # fmt: skip


def _rated(matters: list[UUID]) -> Select[Any]:
    """The voices of the last round only: after a rework the same neighbours are asked again."""
    return (
        _trace(Rating.matter_id, "rated", mark=Rating.rater, who=Rating.who)
        .join(
            Matter,
            and_(
                Matter.community_id == Rating.community_id, Matter.id == Rating.matter_id,
                Matter.round == Rating.round,
            ),
        )
        .where(
            Rating.community_id == current_community(), Rating.matter_id.in_(matters), Rating.struck_at.is_(None)
        )
    )  # fmt: skip


def _works_here(account: Any) -> Any:
    """Whether an account belongs to the community's staff, now or before."""
    return (
        select(literal(1))
        .where(
            Membership.community_id == current_community(), Membership.account_id == account,
            Membership.role.in_(sorted(COMMUNITY_STAFF)),
        )
        .exists()
    )  # fmt: skip
