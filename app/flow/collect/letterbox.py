"""The letterbox: openings by two people, letters that become leads or proposals under their numbers.

A letter is the writer's own hand, so it is nobody's typing for somebody else (代录) and nothing can be read back: the
photo of the letter stands for that. Who opened the box stands on the opening, who typed in the timeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import joinedload

from app import clock
from app.errors import Missing, Refused
from app.flow.collect import actions, letters
from app.flow.collect.actions import Picture, Submitted
from app.flow.collect.channels import LetterboxOpening
from app.flow.collect.models import Proposal
from app.flow.collect.queries import LETTER
from app.flow.collect.rules import Saying, Source, is_child
from app.matter.actions import next_number
from app.matter.house import house
from app.matter.models import Attachment, Matter
from app.matter.numbers import opening_number
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.models import Account, Membership
from app.people.places import Venue
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

PAGE = 20
DONE = N_("这次开箱已经收尾了，不能再改。")


@dataclass(frozen=True)
class Letter:
    """What became of one number: a matter, or a reason why nothing did."""

    no: int
    matter: Matter | None = None
    reason: str = ""
    by: str = ""


def boxes() -> list[tuple[Venue, int, datetime | None]]:
    """Every open letterbox, how often it was opened, and when last; one statement."""
    rows = db.session.execute(
        select(Venue, func.count(LetterboxOpening.id), func.max(LetterboxOpening.opened_at))
        .outerjoin(
            LetterboxOpening,
            and_(LetterboxOpening.community_id == Venue.community_id, LetterboxOpening.venue_id == Venue.id),
        )
        .where(Venue.community_id == current_community(), Venue.kind == "letterbox", Venue.closed_at.is_(None))
        .group_by(Venue.community_id, Venue.id)
        .order_by(Venue.sort, Venue.name)
    )
    return [(venue, count, last) for venue, count, last in rows]


def openings(number: int) -> tuple[list[tuple[LetterboxOpening, int]], int]:
    """One page of openings, the newest first, each with how many letters became matters; and how many there are."""
    written = (
        select(func.count())
        .where(
            Proposal.community_id == LetterboxOpening.community_id, Proposal.opening_id == LetterboxOpening.id
        )
        .correlate(LetterboxOpening)
        .scalar_subquery()
    )  # fmt: skip
    rows = db.session.execute(
        select(LetterboxOpening, written, func.count().over())
        .options(joinedload(LetterboxOpening.venue))
        .where(LetterboxOpening.community_id == current_community())
        .order_by(LetterboxOpening.opened_at.desc(), LetterboxOpening.number.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def find_opening(opening_id: UUID, *, hold: bool = False) -> LetterboxOpening:
    """The opening with its box; ``hold`` locks it until the commit, so that two desks never give one number twice."""
    wanted = select(LetterboxOpening).where(
        LetterboxOpening.community_id == current_community(), LetterboxOpening.id == opening_id
    )
    if hold:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    else:
        wanted = wanted.options(joinedload(LetterboxOpening.venue))
    found = db.session.scalar(wanted)
    if found is None:
        raise Missing(N_("没有这次开箱。"))
    return found


def letters_of(opening: LetterboxOpening) -> dict[int, Letter]:
    """What became of each number so far, in the order of the numbers; one statement."""
    rows = db.session.execute(
        select(Proposal.letter_no, Matter)
        .join(Matter, and_(Matter.community_id == Proposal.community_id, Matter.id == Proposal.matter_id))
        .where(Proposal.community_id == current_community(), Proposal.opening_id == opening.id)
    )
    found = {no: Letter(no, matter) for no, matter in rows}
    for one in opening.aside:
        found.setdefault(one["no"], Letter(one["no"], reason=one["reason"], by=one["by"]))
    return dict(sorted(found.items()))


def openers(today: Any) -> list[Account]:
    """Everybody who may open a box today, in the order of their names; one statement."""
    return list(
        db.session.scalars(
            select(Account)
            .join(
                Membership,
                and_(Membership.community_id == Account.community_id, Membership.account_id == Account.id),
            )
            .where(
                Account.community_id == current_community(), Account.disabled_at.is_(None), Account.kind == "staff",
                Membership.role.in_([str(role) for role in letters.OPENERS]), Membership.since <= today,
                (Membership.until.is_(None)) | (Membership.until >= today),
            )
            .group_by(Account.community_id, Account.id)
            .order_by(Account.name_key, Account.display_name)
        )
    )  # fmt: skip


def start(
    box: Venue, second: Account, *, opened_at: datetime, found: int, blank: int, note: str = "", by: Actor,
    second_roles: frozenset[Role], now: datetime, id: UUID | None = None,
) -> LetterboxOpening:  # fmt: skip
    """Write down that a box was opened by ``by`` and ``second``, who has shown that it is them.

    The blank letters take the last numbers, so that the ones to be written are 1, 2, 3 … Raises ``Refused``.
    """
    letters.may_open(by.id, second.id, by.roles, second_roles).or_refuse()
    letters.good_moment(opened_at, now).or_refuse()
    letters.good_count(found, blank).or_refuse()
    if box.kind != "letterbox" or box.closed_at is not None:
        raise Refused(N_("「%(name)s」不是开着的信箱。"), name=box.name)
    if by.id is None:
        raise Refused(N_("开信箱的要是社区的人、楼长或者居务监督委员。"))
    if len(note.strip()) > letters.NOTE:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=letters.NOTE)
    year = clock.local(opened_at).year
    opening = LetterboxOpening(
        id=id or uuid7(), number=opening_number(house().code, year, next_number("opening", year)), venue_id=box.id,
        opened_at=opened_at, first_id=by.id, first_label=by.label, second_id=second.id,
        second_label=second.display_name, found=found, blank=blank, note=note.strip(),
        aside=[_aside(found - n, "blank", by) for n in range(blank)],
    )  # fmt: skip
    db.session.add(opening)
    db.session.flush()
    log_change("letterbox", "open", by=by, now=now, subject_id=opening.id, after=f"{opening.number} {box.name} {found}")
    return opening


def write_letter(
    opening: LetterboxOpening, no: int, saying: Saying, *, as_lead: bool, by: Actor, now: datetime,
    matter_id: UUID | None = None, photos: Sequence[Picture] = (), code: str = "",
) -> Submitted:  # fmt: skip
    """Make letter ``no`` a lead or a proposal that remembers opening and number. A child's letter is always a lead."""
    opening = _open_one(opening.id)
    letters.good_letter(no, opening.found).or_refuse()
    said = letters_of(opening)
    if no in said and said[no].matter is not None:
        raise Refused(N_("第 %(no)s 封已经登记过了。"), no=no)
    saying = replace(
        saying, channel="box", point=point_of(opening, no), source=Source(opening_id=opening.id, letter_no=no),
        consent_later=needs_asking(saying, clock.local(now).year),
    )  # fmt: skip
    take_in = actions.collect if as_lead or saying.consent_later else actions.submit
    done = take_in(saying, by=replace(by, channel="box"), now=now, matter_id=matter_id, photos=photos, code=code)
    opening.aside = [one for one in opening.aside if one["no"] != no]
    opening.blank = len(opening.aside)
    db.session.flush()
    if photos:
        db.session.execute(
            update(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.matter_id == done.matter.id,
                Attachment.kind == "photo",
            )
            .values(about=LETTER, about_id=opening.id)
        )  # fmt: skip
    return done


def put_aside(opening: LetterboxOpening, no: int, reason: str, *, by: Actor, now: datetime) -> LetterboxOpening:
    """Leave letter ``no`` with a reason; it keeps its number and may still be written until the opening is finished."""
    opening = _open_one(opening.id)
    letters.good_letter(no, opening.found).or_refuse()
    if reason not in letters.ASIDE:
        raise Refused(N_("为什么不登记，要选一样。"))
    said = letters_of(opening)
    if no in said and said[no].matter is not None:
        raise Refused(N_("第 %(no)s 封已经登记过了。"), no=no)
    kept = [one for one in opening.aside if one["no"] != no]
    opening.aside = [*kept, _aside(no, reason, by)]
    opening.blank = len(opening.aside)
    log_change("letterbox", "aside", by=by, now=now, subject_id=opening.id, after=f"{opening.number} {no} {reason}")
    db.session.flush()
    return opening


def recount(opening: LetterboxOpening, found: int | None, *, by: Actor, now: datetime) -> LetterboxOpening:
    """Put the number of letters right before the opening is finished."""
    opening = _open_one(opening.id)
    letters.good_recount(found, letters_of(opening)).or_refuse()
    if found is not None and found != opening.found:
        log_change(
            "letterbox", "count", by=by, now=now, subject_id=opening.id, before=str(opening.found), after=str(found)
        )
        opening.found = found
        db.session.flush()
    return opening


def finish(opening: LetterboxOpening, *, by: Actor, now: datetime) -> LetterboxOpening:
    """Close the opening once every letter has its number; a second click finds it closed."""
    opening = find_opening(opening.id, hold=True)
    if opening.done_at is None:
        letters.may_finish(opening.found, letters_of(opening)).or_refuse()
        opening.done_at = now
        log_change("letterbox", "finish", by=by, now=now, subject_id=opening.id, after=opening.number)
        db.session.flush()
    return opening


def needs_asking(saying: Saying, year: int) -> bool:
    """Whether the writer is a child whose guardian, or who itself, was not asked yet."""
    if not is_child(saying.birth_year, year):
        return False
    return not (saying.own_consent or (saying.guardian_consent and saying.guardian.strip()))


def point_of(opening: LetterboxOpening, no: int) -> str:
    """How the letter came, in a few words that stay on the matter: ``NYD-KX-2026-003 第 4 封``."""
    return f"{opening.number} 第 {no} 封"


def _open_one(opening_id: UUID) -> LetterboxOpening:
    opening = find_opening(opening_id, hold=True)
    if opening.done_at is not None:
        raise Refused(DONE)
    return opening


def _aside(no: int, reason: str, by: Actor) -> dict[str, Any]:
    return {"no": no, "reason": reason, "by": by.label}
