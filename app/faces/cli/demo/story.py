"""What a story is made of, and how its chapters are played: each one transaction in the scope of whoever acts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.faces.cli.demo.book import Book, story_id
from app.faces.cli.demo.stage import Stage, StoryClock, begin_on
from app.faces.cli.demo.told_after import Teller
from app.faces.cli.demo.told_at_street import StreetTeller
from app.flow.triage import review
from app.matter import escalation
from app.matter.actions import find_matter
from app.matter.models import TimelineEntry
from app.people.actor import Actor
from app.people.models import StreetAccount
from app.people.roles import Role
from app.talent import actions as talents
from app.talent import queries
from tenants.database import db
from tenants.hosts import Site, bases, find_site
from tenants.scope import Scope, bound, current_community


@dataclass(frozen=True)
class ExpertAnswers:
    """The invited expert opens the link, accepts, and on day ``n`` hands the opinion in."""

    accepts: tuple[int, str]
    answers: tuple[int, str]
    words: str
    named: bool = True


@dataclass(frozen=True)
class StreetReplies:
    """The street writes one answer to the story's request."""

    n: int
    time: str
    kind: str
    words: str


@dataclass(frozen=True)
class Elsewhere:
    """A chapter in another hall, about that hall's own matter; its ``story`` names both and has no chapters itself."""

    story: Story
    telling: Telling


@dataclass(frozen=True)
class AtStreet:
    """The street acts of its own accord: a letter to somebody outside, a step of a joint matter it leads."""

    telling: Callable[[StreetTeller], None]


@dataclass(frozen=True)
class StreetReviews:
    """The street looks at the story's refusal and writes one opinion."""

    n: int
    time: str
    upheld: bool
    words: str


@dataclass(frozen=True)
class Meanwhile:
    """Another story of the same hall happens in between, whole."""

    story: Story


Telling = Callable[[Teller], None]
Chapter = Telling | ExpertAnswers | StreetReplies | StreetReviews | AtStreet | Elsewhere | Meanwhile


@dataclass(frozen=True)
class Story:
    """``ago``: least and most days before today on which it began, on ``weekday`` (0 Monday) where that matters.

    ``begins`` settles the first day from today where it hangs on something else (a sitting on the 5th).
    """

    name: str
    slug: str
    ago: tuple[int, int]
    chapters: tuple[Chapter, ...]
    weekday: int | None = None
    begins: Callable[[date], date] | None = None

    def first_day(self, today: date) -> date:
        """The day of the first words."""
        return self.begins(today) if self.begins else begin_on(today, self.ago, self.weekday)


def with_neighbours(stories: Iterable[Story]) -> list[Story]:
    """The stories, each followed by those whose matters its chapters elsewhere tell of."""
    found: dict[str, Story] = {}
    for story in stories:
        found[story.name] = story
        found |= {one.story.name: one.story for one in story.chapters if isinstance(one, Elsewhere)}
    return list(found.values())


def play(app: Flask, story: Story, book: Book) -> None:
    """Play the chapters that are still to be played."""
    base = bases(app)[0].rsplit(":", 1)[0]
    for number, chapter in enumerate(story.chapters):
        if number < book.chapters.get(story.name, 0):
            continue
        told = chapter.story if isinstance(chapter, Elsewhere) else story
        there = find_site(app, base, told.slug)
        if not (number == book.intent.get("chapter") and _was_taken(told, book, there)):
            _PLAYERS.get(type(chapter), _tell)(app, told, number, chapter, book, there)
        book.done(story.name, number)


@contextmanager
def inside(scope: Scope) -> Iterator[None]:
    """Bound to ``scope`` with a session that ends with the block; what was not committed is rolled back."""
    with bound(scope):
        try:
            yield
        finally:
            db.session.remove()


def _was_taken(story: Story, book: Book, hall: Site) -> bool:
    """Whether the chapter a kill interrupted had been committed."""
    if book.intent.get("story") != story.name:
        return False
    with inside(hall.scope):
        return _lines(story) == book.intent["lines"]


def _lines(story: Story) -> int:
    """How many lines the timeline of the story's matter has; every chapter of a hall writes some."""
    counted = select(func.count()).where(
        TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == story_id(story.name)
    )
    return int(db.session.scalar(counted) or 0)


def _clock(story: Story, book: Book) -> StoryClock:
    """The story's clock; in a later chapter time goes on after the last line told. Needs the hall's scope."""
    last = db.session.scalar(
        select(func.max(TimelineEntry.at)).where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == story_id(story.name)
        )
    )
    return StoryClock(story.first_day(book.today), last=last)


def _tell(app: Flask, story: Story, number: int, chapter: Any, book: Book, hall: Site) -> None:
    with inside(hall.scope):
        teller = Teller(story.name, _clock(story, book), Stage.set(), book)
        telling = chapter.telling if isinstance(chapter, Elsewhere) else chapter
        telling(teller)
        db.session.flush()
        book.intend(story.name, number, _lines(story))
        db.session.commit()


def _expert(app: Flask, story: Story, number: int, chapter: ExpertAnswers, book: Book, hall: Site) -> None:
    """Three short transactions, as in a browser: the link is accepted, its cookie kept, and later the opinion comes."""
    case, invitation = story_id(story.name), UUID(book.secret(story.name, "invitation"))
    link = book.secret(story.name, "link")
    cookie = book.secret(story.name, "cookie") or secrets.token_urlsafe(32)
    book.remember(story.name, cookie=cookie)
    with inside(hall.scope):
        days = _clock(story, book)
        accepts, answers = days.at(*chapter.accepts), days.at(*chapter.answers)
    with _as_guest(hall, cookie, case, invitation) as (key, _letter, _matter):
        if key is None:
            talents.keep_cookie(invitation, case, talents.fingerprint(cookie), now=accepts)
            db.session.commit()
    with _as_guest(hall, link, case, invitation) as (key, letter, matter):
        if key is not None and letter.state == "sent":
            talents.log_opening(letter.id, "open", now=accepts)
            talents.accept(key, letter, matter, now=accepts)
            db.session.commit()
    with _as_guest(hall, cookie, case, invitation) as (key, letter, matter):
        if key is not None and letter.state == "accepted":
            talents.hand_in(key, letter, matter, words=chapter.words, named=chapter.named, now=answers)
            db.session.commit()


@contextmanager
def _as_guest(hall: Site, secret: str, case: UUID, invitation: UUID) -> Iterator[tuple[Any, Any, Any]]:
    """Bound as whoever holds the secret: ``(key or None, invitation, matter)``."""
    mark = talents.fingerprint(secret)
    with inside(Scope("guest", hall.street_id, hall.community_id, case=case, invitation=invitation, key=mark)):
        yield queries.key_behind(mark), talents.find(invitation), find_matter(case)


def _street(app: Flask, story: Story, number: int, chapter: StreetReplies, book: Book, hall: Site) -> None:
    with inside(hall.scope):
        moment = _clock(story, book).at(chapter.n, chapter.time)
        asked = escalation.open_escalation(story_id(story.name))
    if asked is None:
        return
    with inside(find_site(app, hall.host).scope):
        found = escalation.find_for_street(asked.id)
        if found is None or chapter.kind in escalation.replies_given(found[0]):
            return
        escalation.reply(found[0], chapter.kind, words=chapter.words, by=_officer(), now=moment)
        db.session.commit()


def _review(app: Flask, story: Story, number: int, chapter: StreetReviews, book: Book, hall: Site) -> None:
    with inside(hall.scope):
        moment = _clock(story, book).at(chapter.n, chapter.time)
        refusal = review.refusal_of(story_id(story.name))
    if refusal is None or refusal.request is None:
        return
    with inside(find_site(app, hall.host).scope):
        case = review.find_case(refusal.request.id)
        if case is None or case.opinion is not None:
            return
        review.give_opinion(case, chapter.upheld, chapter.words, by=_officer(), now=moment)
        db.session.commit()


def _at_street(app: Flask, story: Story, number: int, chapter: AtStreet, book: Book, hall: Site) -> None:
    """One transaction in the street's scope; each of its verbs finds out itself whether it was told before."""
    with inside(hall.scope):
        days = _clock(story, book)
    with inside(find_site(app, hall.host).scope):
        chapter.telling(StreetTeller(story.name, days, _officer(), book))
        db.session.commit()


def _meanwhile(app: Flask, story: Story, number: int, chapter: Meanwhile, book: Book, hall: Site) -> None:
    play(app, chapter.story, book)


def _officer() -> Actor:
    account = db.session.scalars(select(StreetAccount).where(StreetAccount.role == "street_supervisor")).one()
    return Actor("street", account.display_name, account.id, frozenset({Role.STREET_SUPERVISOR}))


_PLAYERS: dict[type, Callable[..., None]] = {
    ExpertAnswers: _expert, StreetReplies: _street, StreetReviews: _review, AtStreet: _at_street,
    Meanwhile: _meanwhile,
}  # fmt: skip
