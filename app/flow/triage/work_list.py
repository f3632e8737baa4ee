"""What waits for the desk, from every side, ordered by the clock: one statement, whatever there is.

A row is plain data; the page adds the light (working days are not known to SQL) and the words of its kind.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, case, cast, false, func, literal, not_, null, or_, select, union_all

from app.flow.collect.channels import LetterboxOpening, WorkOrder
from app.flow.collect.models import Proposal
from app.flow.collect.signing import SigningSheet
from app.flow.triage.models import Screening
from app.matter.models import Attachment, Matter
from app.matter.situation import Stage
from app.people.models import Person
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: More than any desk can look through; the earliest due come first.
MOST = 500
KINDS: dict[str, str] = {
    "accept": N_("新来的，等着受理"),
    "joint": N_("联名够数了，等着受理"),
    "supplied": N_("提出人补好了，接着审"),
    "reviewed": N_("街道认为该受理，重新审"),
    "register": N_("听来的，等着登记"),
    "receipt": N_("转出去了，等对方回执"),
    "call_back": N_("转出去的，该给提出人回话"),
    "work_order": N_("工单，到日子要答复"),
    "letters": N_("信箱开了，信还没登完"),
}
#: Whose work a kind is: the office screens; leads and letters may be written down by anybody of the staff.
ANYBODYS = frozenset({"register", "letters"})
#: Not answered yet, in the sense of the desk's first duty.
UNANSWERED = frozenset({"accept", "joint", "supplied", "reviewed", "register"})


@dataclass(frozen=True)
class Waiting:
    """One thing that waits. ``id`` is the matter's, the order's or the opening's; ``speaker`` is the full name, to be
    masked by the page; ``start`` and ``due_at`` make the light."""

    kind: str
    id: UUID
    matter_id: UUID | None
    number: str
    title: str
    stage: str
    start: datetime
    due_at: datetime | None
    at: datetime
    words: str
    speaker: str
    photos: int
    signers: int
    visibility: str
    track: str
    has_minor: bool
    owner_id: UUID | None
    is_urgent: bool


def work_list(
    kinds: Collection[str], urgent_signs: Collection[str], *, now: datetime, most: int = MOST
) -> list[Waiting]:
    """What waits, of the given kinds: danger to life before all else, then the earliest due, then the oldest."""
    parts = [
        part
        for part, its in (
            (_unanswered(now), UNANSWERED), (_referred(), {"receipt", "call_back"}), (_orders(), {"work_order"}),
            (_openings(), {"letters"}),
        )
        if its & set(kinds)
    ]  # fmt: skip
    if not parts:
        return []
    every = union_all(*parts).subquery()
    urgent = or_(false(), *(every.c.words.contains(sign, autoescape=True) for sign in urgent_signs))
    is_urgent = and_(every.c.kind.in_(UNANSWERED), urgent)
    rows = db.session.execute(
        select(every, is_urgent.label("is_urgent"))
        .where(every.c.kind.in_(list(kinds)))
        .order_by(not_(is_urgent), every.c.due_at.nulls_last(), every.c.at, every.c.number)
        .limit(most)
    ).all()
    return [Waiting(**row._mapping) for row in rows]


def _unanswered(now: datetime) -> Any:
    """Proposals and leads; a joint lead whose sheet is still open gathers signatures and waits for nobody here."""
    here, first = current_community(), _first_words()
    photos = (
        select(func.count())
        .where(Attachment.community_id == here, Attachment.matter_id == Matter.id, Attachment.kind == "photo")
        .correlate(Matter)
        .scalar_subquery()
    )
    sheet = (
        select(SigningSheet.closed_at, SigningSheet.closes_at)
        .where(SigningSheet.community_id == here, SigningSheet.matter_id == Matter.id)
        .correlate(Matter)
    )
    gathers = sheet.where(SigningSheet.closed_at.is_(None), SigningSheet.closes_at > now).exists()
    kind = case(
        (Matter.stage == str(Stage.COLLECTED), "register"),
        (Matter.review_asked, "reviewed"),
        (Matter.asked_for_more, "supplied"),
        (sheet.exists(), "joint"),
        else_="accept",
    )
    return (
        select(
            kind.label("kind"), Matter.id, Matter.id.label("matter_id"), Matter.number, Matter.title, Matter.stage,
            Matter.stage_since.label("start"), Matter.due_at, Matter.collected_at.label("at"),
            func.coalesce(first.c.words, "").label("words"), func.coalesce(Person.name, "").label("speaker"),
            photos.label("photos"), Matter.signers, *_secrecy(),
        )
        .outerjoin(first, first.c.matter_id == Matter.id)
        .outerjoin(Person, and_(Person.community_id == here, Person.id == first.c.person_id))
        .where(
            Matter.community_id == here, Matter.stage.in_((str(Stage.COLLECTED), str(Stage.SUBMITTED))),
            not_(and_(Matter.stage == str(Stage.COLLECTED), gathers)),
        )
    )  # fmt: skip


def _first_words() -> Any:
    """What was said first about each matter, and by whom."""
    return (
        select(Proposal.matter_id, Proposal.words, Proposal.person_id)
        .distinct(Proposal.matter_id)
        .where(Proposal.community_id == current_community())
        .order_by(Proposal.matter_id, Proposal.said_at)
        .subquery()
    )


def _referred() -> Any:
    """Referrals that still owe a receipt or a call; the words are the unit it was passed to."""
    here = current_community()
    last = (
        select(Screening.matter_id, Screening.receipt, Screening.door)
        .distinct(Screening.matter_id)
        .where(Screening.community_id == here, Screening.outcome == "referred")
        .order_by(Screening.matter_id, Screening.at.desc())
        .subquery()
    )
    kind = case((last.c.receipt == "", "receipt"), else_="call_back")
    return (
        select(
            kind.label("kind"), Matter.id, Matter.id.label("matter_id"), Matter.number, Matter.title, Matter.stage,
            Matter.stage_since.label("start"), Matter.due_at, Matter.stage_since.label("at"),
            last.c.door.label("words"), literal("").label("speaker"), literal(0).label("photos"), Matter.signers,
            *_secrecy(),
        )
        .join(last, last.c.matter_id == Matter.id)
        .where(Matter.community_id == here, Matter.stage == str(Stage.REFERRED), Matter.due_at.is_not(None))
    )  # fmt: skip


def _orders() -> Any:
    order, here = WorkOrder, current_community()
    return select(
        literal("work_order").label("kind"), order.id, order.matter_id, order.external_no.label("number"),
        func.left(order.content, 60).label("title"), literal("").label("stage"), order.received_at.label("start"),
        order.due_at, order.received_at.label("at"), literal("").label("words"), literal("").label("speaker"),
        literal(0).label("photos"), literal(1).label("signers"), *_plain(order),
    ).where(order.community_id == here, order.replied_at.is_(None), order.returned_at.is_(None))  # fmt: skip


def _openings() -> Any:
    opening = LetterboxOpening
    return select(
        literal("letters").label("kind"), opening.id, cast(null(), opening.id.type).label("matter_id"), opening.number,
        literal("").label("title"), literal("").label("stage"), opening.opened_at.label("start"),
        cast(null(), opening.opened_at.type).label("due_at"), opening.opened_at.label("at"),
        literal("").label("words"), literal("").label("speaker"), literal(0).label("photos"),
        opening.found.label("signers"), *_plain(opening),
    ).where(opening.community_id == current_community(), opening.done_at.is_(None))  # fmt: skip


def _secrecy() -> list[Any]:
    return [Matter.visibility, Matter.track, Matter.has_minor, Matter.owner_id]


def _plain(table: Any) -> list[Any]:
    """An order and an opening are the desk's own papers: nobody outside reads them."""
    return [
        cast(literal("members"), String).label("visibility"), cast(literal("ordinary"), String).label("track"),
        false().label("has_minor"), cast(null(), table.id.type).label("owner_id"),
    ]  # fmt: skip
