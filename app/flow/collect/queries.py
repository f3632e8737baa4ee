"""Reading what was said: by tracking code, by phone cookie, by account.

A matter's title is public once the hall has taken it up (先审后发); before, and for whatever concerns only its
parties, the public sees number and stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import BigInteger, Select, Uuid, and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from app.flow.collect.models import Proposal
from app.matter.models import Attachment, Matter, TimelineEntry
from app.matter.sight import Sensitivity
from app.matter.situation import Track, Visibility
from app.people.models import Account, Person
from app.people.places import Building, Estate, Venue
from app.people.secrets import blind, tidy_code
from tenants.database import HERE, db
from tenants.scope import current_community

#: What a picture of a letter is marked with: name and hand stand on it.
LETTER = "letter"
#: The same of a sheet on which people signed by hand.
SIGNED_PAPER = "signing_sheet"
#: A picture of a bill or receipt: names and accounts stand on it, so only those who keep or check the account see it.
VOUCHER = "voucher"


@dataclass(frozen=True)
class Said:
    """A matter with the words and pictures it began with; who may read them is not asked here."""

    matter: Matter
    proposals: list[Proposal]
    photos: list[Attachment]


def sensitivity_of(matter: Matter) -> Sensitivity:
    """What makes this matter restricted. A child's matter is set to its parties when it is taken in, and stands in
    public only after :func:`app.flow.collect.minors.open_matter` wrote down why."""
    visibility = Visibility(matter.visibility)
    return Sensitivity(
        visibility=visibility, is_dispute=matter.track == Track.MEDIATION, has_minor=matter.has_minor,
        is_opened=visibility is Visibility.PUBLIC and bool(matter.opened_reason),
        is_hidden=matter.hidden_at is not None,
    )  # fmt: skip


def is_told(matter: Matter) -> bool:
    """Whether title and story stand in public: taken up by the hall, nobody's private affair, and not hidden."""
    return matter.accepted_at is not None and matter.hidden_at is None and not sensitivity_of(matter).is_restricted


def find_by_code(code: str) -> Matter | None:
    """The bound hall's matter behind a tracking code as people type it."""
    tidy = tidy_code(code)
    if len(tidy) != 12 or not tidy.isdigit():
        return None
    return db.session.scalar(
        select(Matter).where(Matter.community_id == current_community(), Matter.tracking_hmac == blind("track", tidy))
    )


def proposals_of(matter: Matter) -> list[Proposal]:
    """Every proposal of a matter with its speaker, the first one first."""
    return list(
        db.session.scalars(
            select(Proposal)
            .options(joinedload(Proposal.person))
            .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id)
            .order_by(Proposal.said_at)
        )
    )


def lock_first_proposal(matter: Matter) -> Proposal | None:
    """The words a matter began with, locked: of two clicks on one button the second sees what the first wrote."""
    return db.session.scalar(
        select(Proposal)
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id)
        .order_by(Proposal.said_at)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def photos_of(matter: Matter, *, public_only: bool) -> list[Attachment]:
    """The pictures that are not hidden, the oldest first; those of letters are only in :func:`for_handlers`."""
    wanted = select(Attachment).where(
        Attachment.community_id == current_community(), Attachment.matter_id == matter.id, Attachment.kind == "photo",
        Attachment.hidden_at.is_(None), Attachment.about != LETTER,
    )  # fmt: skip
    if public_only:
        wanted = wanted.where(Attachment.public)
    return list(db.session.scalars(wanted.order_by(Attachment.created_at, Attachment.id)))


def for_handlers(matter_id: UUID) -> list[Attachment]:
    """Voice notes and pictures of letters: what tells who somebody is. The oldest first; one statement."""
    return list(
        db.session.scalars(
            select(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.matter_id == matter_id,
                or_(Attachment.kind == "voice", Attachment.about == LETTER), Attachment.hidden_at.is_(None),
            )
            .order_by(Attachment.created_at, Attachment.id)
        )
    )  # fmt: skip


def find_file(file_id: UUID) -> tuple[Attachment, Matter] | None:
    """A stored file with its matter, in one statement."""
    row = db.session.execute(
        select(Attachment, Matter)
        .join(Matter, and_(Matter.community_id == Attachment.community_id, Matter.id == Attachment.matter_id))
        .where(Attachment.community_id == current_community(), Attachment.id == file_id)
    ).first()
    return (row[0], row[1]) if row else None


def every_file() -> set[UUID]:
    """The id of every file that a row of the bound hall speaks of."""
    return set(db.session.scalars(select(Attachment.id).where(Attachment.community_id == current_community())))


def lines_of(matter: Matter, *, public_only: bool, limit: int = 60) -> list[TimelineEntry]:
    """The newest lines of a matter's life, the newest first."""
    return list(db.session.scalars(_lines(public_only), {"matter": matter.id, "limit": limit}))


@cache
def _lines(public_only: bool) -> Select[tuple[TimelineEntry]]:
    wanted = select(TimelineEntry).where(
        TimelineEntry.community_id == HERE, TimelineEntry.matter_id == bindparam("matter", type_=Uuid())
    )
    if public_only:
        wanted = wanted.where(TimelineEntry.public)
    newest = wanted.order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
    return newest.limit(bindparam("limit", type_=BigInteger()))


def everything_said(matter_id: UUID) -> Said | None:
    """The bound hall's matter with its place, every proposal with its speaker, and its pictures, in one statement."""
    rows = db.session.execute(_everything(), {"matter": matter_id}).all()
    if not rows:
        return None
    proposals = {row[1].id: row[1] for row in rows if row[1] is not None}
    photos = {row[2].id: row[2] for row in rows if row[2] is not None}
    return Said(rows[0][0], list(proposals.values()), list(photos.values()))


@cache
def _everything() -> Select[tuple[Matter, Proposal, Attachment]]:
    return (
        select(Matter, Proposal, Attachment)
        .options(joinedload(Matter.building).joinedload(Building.estate), joinedload(Proposal.person))
        .outerjoin(
            Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id)
        )
        .outerjoin(
            Attachment,
            and_(
                Attachment.community_id == Matter.community_id, Attachment.matter_id == Matter.id,
                Attachment.kind == "photo", Attachment.hidden_at.is_(None), Attachment.about != LETTER,
            ),
        )
        .where(Matter.community_id == HERE, Matter.id == bindparam("matter", type_=Uuid()))
        .order_by(Proposal.said_at, Attachment.created_at, Attachment.id)
    )  # fmt: skip


def mine(matter_ids: Sequence[UUID], account_id: UUID | None) -> list[Matter]:
    """The matters of this browser and of this account, the newest first."""
    own = [Matter.id.in_(matter_ids)]
    if account_id is not None:
        by_account = (
            select(Proposal.matter_id)
            .join(
                Account,
                and_(Account.community_id == Proposal.community_id, Account.person_id == Proposal.person_id),
            )
            .where(Proposal.community_id == current_community(), Account.id == account_id)
        )
        own.append(Matter.id.in_(by_account))
    return list(
        db.session.scalars(
            select(Matter)
            .where(Matter.community_id == current_community(), or_(*own))
            .order_by(Matter.collected_at.desc())
            .limit(50)
        )
    )


def is_account_s(matter: Matter, account_id: UUID) -> bool:
    """Whether the account's own person spoke in this matter."""
    wanted = (
        select(Proposal.id)
        .join(Account, and_(Account.community_id == Proposal.community_id, Account.person_id == Proposal.person_id))
        .where(Proposal.community_id == current_community(), Proposal.matter_id == matter.id, Account.id == account_id)
    )
    return db.session.scalar(wanted.limit(1)) is not None


def buildings() -> list[Building]:
    """Every building with its estate, estate by estate, in the order people count them."""
    return list(
        db.session.scalars(
            select(Building)
            .options(joinedload(Building.estate))
            .join(Estate, and_(Estate.community_id == Building.community_id, Estate.id == Building.estate_id))
            .where(Building.community_id == current_community(), Building.closed_at.is_(None))
            .order_by(Estate.name, Building.sort, Building.name)
        )
    )


def venues() -> list[Venue]:
    """The places where somebody listens, in the hall's own order."""
    return list(
        db.session.scalars(
            select(Venue)
            .where(Venue.community_id == current_community(), Venue.closed_at.is_(None))
            .order_by(Venue.sort, Venue.name)
        )
    )


def person_of(account_id: UUID) -> Person | None:
    """The person behind a resident's account."""
    return db.session.scalar(
        select(Person)
        .join(Account, and_(Account.community_id == Person.community_id, Account.person_id == Person.id))
        .where(Person.community_id == current_community(), Account.id == account_id)
    )
