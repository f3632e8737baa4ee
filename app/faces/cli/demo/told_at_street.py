"""What the street itself does in a story: letters to units outside, and the joint matters it leads."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.book import Book, story_id
from app.faces.cli.demo.stage import StoryClock
from app.matter import outside
from app.matter.models import Matter
from app.matter.outside_models import LetterEvent, OutsideUnit, RequestLetter
from app.people.actor import Actor
from tenants.database import db
from tenants.scope import current_street


class StreetTeller:
    """The verbs of the street, each with its day and time; bound to the street, reading the story's matter.

    Each names its row after the story and the day, so a second start after a kill finds it and does nothing twice.
    """

    def __init__(self, name: str, days: StoryClock, officer: Actor, book: Book) -> None:
        self.name, self.clock, self.officer, self.book = name, days, officer, book

    @property
    def matter(self) -> Matter:
        """The story's matter, wherever in the street it stands."""
        return self.matter_of(self.name)

    @staticmethod
    def matter_of(story: str) -> Matter:
        """Another story's matter."""
        return db.session.scalars(
            select(Matter).where(Matter.street_id == current_street(), Matter.id == story_id(story))
        ).one()

    def letter(
        self, n: int, time: str, *, unit: str, subject: str, words: str, reply_day: int, kind: str = "letter"
    ) -> None:  # fmt: skip
        """Write to a unit of the register; an answer is asked for by day ``reply_day``."""
        now, row_id = self.clock.at(n, time), story_id(f"{self.name} letter {n}")
        if db.session.scalar(select(RequestLetter.id).where(RequestLetter.id == row_id)):
            return
        addressed = db.session.scalars(
            select(OutsideUnit).where(OutsideUnit.street_id == current_street(), OutsideUnit.name == unit)
        ).one()
        outside.send(
            self.matter, addressed, kind=kind, subject=subject, words=words, sent_on=clock.local(now).date(),
            reply_due=clock.local(now).date() + timedelta(days=reply_day - n), by=self.officer, now=now,
            id=row_id,
        )  # fmt: skip

    def letter_event(self, n: int, time: str, kind: str, words: str, *, reply_no: str = "") -> None:
        """What became of the last letter of this story."""
        now, row_id = self.clock.at(n, time), story_id(f"{self.name} {kind} {n}")
        if db.session.scalar(select(LetterEvent.id).where(LetterEvent.id == row_id)):
            return
        letter = db.session.scalars(
            select(RequestLetter)
            .where(RequestLetter.street_id == current_street(), RequestLetter.matter_id == self.matter.id)
            .order_by(RequestLetter.at.desc())
            .limit(1)
        ).one()
        outside.note(
            letter,
            kind,
            words=words,
            day=clock.local(now).date(),
            by=self.officer,
            now=now,
            reply_no=reply_no,
            id=row_id,
        )
