"""Reading letters and tasks to units outside the hall: of one matter, of the bound hall, of all halls of the street."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import aliased

from app.matter import outside_rules as rules
from app.matter.escalation_queries import OF_MATTER as ASKED_OF
from app.matter.escalation_queries import OF_REQUEST
from app.matter.house import house
from app.matter.lights import Light
from app.matter.models import Escalation, EscalationReply, Matter
from app.matter.outside_models import LetterEvent, RequestLetter
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current, current_community, current_street

PAGE = 20
OF_MATTER = and_(Matter.community_id == RequestLetter.community_id, Matter.id == RequestLetter.matter_id)
OF_LETTER = and_(LetterEvent.community_id == RequestLetter.community_id, LetterEvent.letter_id == RequestLetter.id)
TABS = ("open", "late", "replied", "closed", "all")


@dataclass(frozen=True)
class Standing:
    """A letter as it stands; ``light`` is None where nobody outside owes anything."""

    letter: RequestLetter
    events: Sequence[LetterEvent]
    facts: rules.Facts
    light: Light | None


@dataclass(frozen=True)
class Row:
    """One letter with its matter and its hall."""

    standing: Standing
    matter: Matter
    community: Community


def here(model: Any) -> Any:
    """The rows of the bound hall, or of every hall of the bound street."""
    if current().community is not None:
        return model.community_id == current_community()
    return model.street_id == current_street()


def find_row(letter_id: UUID, today: date) -> Row | None:
    """One letter with its life, its matter and its hall; three statements."""
    found = db.session.execute(
        select(RequestLetter, Matter, Community, _followed().label("followed"))
        .join(Matter, OF_MATTER)
        .join(Community, Community.id == RequestLetter.community_id)
        .where(here(RequestLetter), RequestLetter.id == letter_id)
    ).one_or_none()
    if found is None:
        return None
    return Row(stands(found[0], events_of(found[0]), bool(found[3]), today), found[1], found[2])


def events_of(letter: RequestLetter) -> Sequence[LetterEvent]:
    """What was written on one letter, in order."""
    return _events([letter.id]).get(letter.id, [])


def is_followed(letter: RequestLetter) -> bool:
    """Whether a second letter that holds names this one."""
    return bool(
        db.session.scalar(
            select(_followed()).select_from(RequestLetter).where(here(RequestLetter), RequestLetter.id == letter.id)
        )
    )


def relatives_of(letter: RequestLetter) -> tuple[RequestLetter | None, RequestLetter | None]:
    """``(the letter it repeats, the letter that repeats it)``; one statement."""
    second = (RequestLetter.second_of_id == letter.id) & ~_has("void")
    wanted = (second | (RequestLetter.id == letter.second_of_id)) if letter.second_of_id else second
    found = db.session.scalars(
        select(RequestLetter).where(here(RequestLetter), RequestLetter.community_id == letter.community_id, wanted)
    ).all()
    first = next((one for one in found if one.id == letter.second_of_id), None)
    return first, next((one for one in found if one.second_of_id == letter.id), None)


def letters_of(matter: Matter, today: date) -> list[Standing]:
    """All letters of one matter, the newest first; one statement."""
    rows = db.session.execute(
        select(RequestLetter, LetterEvent)
        .outerjoin(LetterEvent, OF_LETTER)
        .where(
            here(RequestLetter), RequestLetter.community_id == matter.community_id,
            RequestLetter.matter_id == matter.id,
        )
        .order_by(RequestLetter.sent_on.desc(), RequestLetter.at.desc(), LetterEvent.seq)
    ).all()  # fmt: skip
    lives: dict[UUID, list[LetterEvent]] = {letter.id: [] for letter, _event in rows}
    for letter, event in rows:
        if event is not None:
            lives[letter.id].append(event)
    return _all_of_one(dict.fromkeys(letter for letter, _event in rows), lives, today)


def upward(matter: Matter, today: date) -> tuple[list[tuple[Escalation, list[EscalationReply]]], list[Standing]]:
    """All requests of one matter with their answers and all letters with their life, newest first; one statement."""
    mine = (RequestLetter.community_id == Matter.community_id) & (RequestLetter.matter_id == Matter.id)
    # Few requests times few letters: one statement costs less than two.
    rows = db.session.execute(
        select(Escalation, EscalationReply, RequestLetter, LetterEvent)
        .select_from(Matter)
        .outerjoin(Escalation, ASKED_OF)
        .outerjoin(EscalationReply, OF_REQUEST)
        .outerjoin(RequestLetter, mine)
        .outerjoin(LetterEvent, OF_LETTER)
        .where(here(Matter), Matter.community_id == matter.community_id, Matter.id == matter.id)
    ).all()
    asked = {row[0].id: row[0] for row in rows if row[0]}
    answers = sorted({row[1].id: row[1] for row in rows if row[1]}.values(), key=lambda one: one.at)
    sent = {row[2].id: row[2] for row in rows if row[2]}
    events = sorted({row[3].id: row[3] for row in rows if row[3]}.values(), key=lambda one: one.seq)
    told = [(one, [said for said in answers if said.escalation_id == one.id]) for one in asked.values()]
    told.sort(key=lambda pair: pair[0].asked_at, reverse=True)
    lives = {letter.id: [event for event in events if event.letter_id == letter.id] for letter in sent.values()}
    newest = sorted(sent.values(), key=lambda one: (one.sent_on, one.at), reverse=True)
    return told, _all_of_one(newest, lives, today)


def letters_page(
    tab: str, *, today: date, page: int = 1, kind: str = "", community_id: int | None = None,
    unit_id: UUID | None = None, limit: int = PAGE,
) -> tuple[list[Row], int]:  # fmt: skip
    """One page of a list and how many there are: what waits by its day, the overdue first; the rest newest first.

    Two statements, whatever the number of halls.
    """
    wanted = [here(RequestLetter), *_of_tab(tab, today)]
    if kind:
        wanted.append(RequestLetter.kind == kind)
    if community_id is not None:
        wanted.append(RequestLetter.community_id == community_id)
    if unit_id is not None:
        wanted.append(RequestLetter.unit_id == unit_id)
    newest = (RequestLetter.sent_on.desc(), RequestLetter.at.desc())
    followed = _followed().label("followed")
    rows = db.session.execute(
        select(RequestLetter, Matter, Community, followed, func.count().over())
        .join(Matter, OF_MATTER)
        .join(Community, Community.id == RequestLetter.community_id)
        .where(*wanted)
        .order_by(*((RequestLetter.reply_due, *newest) if tab in ("open", "late") else newest), RequestLetter.number)
        .limit(limit)
        .offset((max(1, page) - 1) * limit)
    ).all()
    lives = _events(row[0].id for row in rows)
    found = [Row(stands(row[0], lives.get(row[0].id, []), bool(row[3]), today), row[1], row[2]) for row in rows]
    return found, int(rows[0][4]) if rows else 0


def late_count(today: date) -> Any:
    """How many letters of the bound street nobody answered in time, as a subquery for its menu."""
    return (
        select(func.count())
        .select_from(RequestLetter)
        .where(RequestLetter.street_id == current_street(), WAITS, RequestLetter.reply_due < today)
        .scalar_subquery()
    )


def stands(letter: RequestLetter, events: Sequence[LetterEvent], followed: bool, today: date) -> Standing:
    """``letter`` with its light on ``today``."""
    facts = rules.standing(letter, events, followed=followed)
    return Standing(letter, events, facts, rules.light_of(letter, facts, today, house().calendar))


def open_request(matter: Matter) -> Escalation | None:
    """The hall's request to the street that a letter of this matter belongs to: the newest that still stands."""
    return db.session.scalar(
        select(Escalation)
        .where(
            here(Escalation), Escalation.community_id == matter.community_id, Escalation.matter_id == matter.id,
            Escalation.to_level != "community", Escalation.state.in_(("asked", "taken")),
        )
        .order_by(Escalation.asked_at.desc())
        .limit(1)
    )  # fmt: skip


def _all_of_one(
    letters: Iterable[RequestLetter], lives: Mapping[UUID, Sequence[LetterEvent]], today: date
) -> list[Standing]:
    """Every letter of one matter as it stands; which of them was sent again shows from among themselves."""
    mine = list(letters)
    again = {one.second_of_id for one in mine if not any(event.kind == "void" for event in lives[one.id])}
    return [stands(one, lives[one.id], one.id in again, today) for one in mine]


def _has(*kinds: str) -> Any:
    return exists().where(OF_LETTER, LetterEvent.kind.in_(kinds))


def _followed() -> Any:
    second, event = aliased(RequestLetter), aliased(LetterEvent)
    void = exists().where(event.community_id == second.community_id, event.letter_id == second.id, event.kind == "void")
    return exists().where(
        second.community_id == RequestLetter.community_id, second.second_of_id == RequestLetter.id, ~void
    )


WAITS = and_(~_has("replied", "closed", "void"), ~_followed())


def _of_tab(tab: str, today: date) -> list[Any]:
    if tab == "open":
        return [WAITS]
    if tab == "late":
        return [WAITS, RequestLetter.reply_due < today]
    if tab == "replied":
        return [_has("replied"), ~_has("closed", "void"), ~_followed()]
    return [_has("closed", "void") | _followed()] if tab == "closed" else []


def _events(letter_ids: Iterable[UUID]) -> dict[UUID, list[LetterEvent]]:
    ids = list(letter_ids)
    found: dict[UUID, list[LetterEvent]] = {}
    if ids:
        lines = select(LetterEvent).where(here(LetterEvent), LetterEvent.letter_id.in_(ids)).order_by(LetterEvent.seq)
        for line in db.session.scalars(lines):
            found.setdefault(line.letter_id, []).append(line)
    return found
