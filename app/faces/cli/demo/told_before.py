"""Telling the first half of a story: what was said, how the desk took it, what was found out, who was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app import clock
from app.faces.cli.demo.book import Book, story_id
from app.faces.cli.demo.stage import Stage, StoryClock, building
from app.flow.collect import actions as collecting
from app.flow.collect import minors
from app.flow.collect.actions import Picture, Saying
from app.flow.research import actions as researching
from app.flow.triage import actions as triaging
from app.flow.triage import review
from app.matter.actions import find_matter
from app.matter.files import FileStore
from app.matter.models import Attachment, Matter
from app.matter.photos import reencode
from app.people.actor import Actor
from app.people.roles import Role
from app.talent import actions as talents
from app.talent.models import Expert
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


class Before:
    """The verbs of collect, triage, research and talent, each with its day and time."""

    def __init__(self, name: str, days: StoryClock, stage: Stage, book: Book) -> None:
        self.name, self.clock, self.stage, self.book = name, days, stage, book
        self._matter: Matter | None = find_matter(story_id(name))

    @property
    def matter(self) -> Matter:
        """The story's matter."""
        if self._matter is None:
            raise LookupError(f"{self.name} has not been said yet")
        return self._matter

    def who(self, name: str) -> Actor:
        """``secretary``, ``worker``, ``seat 3`` …"""
        return self.stage.actor(name)

    def said(
        self, n: int, time: str, *, words: str, title: str, wish: str, category: str,
        where: tuple[str, str] | None = None, by: str = "resident", photos: Sequence[Picture] = (),
        channel: str = "web", **more: Any,
    ) -> Matter:  # fmt: skip
        """The first words. ``where`` is estate and building; staff who type for somebody read it back to them."""
        return self._take_in(self.clock.at(n, time), words, title, wish, category, where, by, photos, channel, more)

    def said_ago(self, minutes: int, *, by: str = "resident", channel: str = "web", **more: Any) -> Matter:
        """The first words, so many minutes before the street is played."""
        texts = [more.pop(name) for name in ("words", "title", "wish", "category", "where")]
        return self._take_in(clock.now() - timedelta(minutes=minutes), *texts, by, (), channel, more)

    def _take_in(
        self, now: datetime, words: str, title: str, wish: str, category: str, where: tuple[str, str] | None, by: str,
        photos: Sequence[Picture], channel: str, more: dict[str, Any],
    ) -> Matter:  # fmt: skip
        actor = self.who(by)
        if more.pop("for_speaker", True) and by != "resident":
            more |= {"entered_by": actor.id, "read_back": True}
        saying = Saying(
            words=words, title=title, wish=wish, category=category, channel=channel,
            building_id=building(*where).id if where else None, **more,
        )  # fmt: skip
        taken = collecting.submit(
            saying, by=actor, now=self.clock.told(now), matter_id=story_id(self.name), photos=photos
        )
        self._matter = taken.matter
        self.book.remember(self.name, tracking=taken.code)
        return taken.matter

    def accept(
        self, n: int, time: str, triage: str, level: str = "community", *, power: str = "council",
        owner: str = "worker", by: str = "secretary", **more: Any,
    ) -> None:  # fmt: skip
        """The desk takes it on."""
        owner_id = self.who(owner).id
        if owner_id is None:
            raise LookupError(f"{owner} has no account")
        triaging.accept(
            self.matter, by=self.who(by), now=self.clock.at(n, time), triage=triage, level=level, owner_id=owner_id,
            power=power, category=self.matter.category, **more,
        )  # fmt: skip

    def refer(self, n: int, time: str, receiver: str, reason: str, *, call_back: int, by: str = "worker") -> None:
        """The desk passes it to whoever is in charge and calls back on day ``call_back``."""
        triaging.refer(
            self.matter, receiver, reason, self._evening(call_back), by=self.who(by), now=self.clock.at(n, time)
        )

    def receipt(self, n: int, time: str, words: str, *, by: str = "worker") -> None:
        """The other unit took it."""
        triaging.note_receipt(self.matter, words, by=self.who(by), now=self.clock.at(n, time))

    def merge(self, n: int, time: str, into: str, reason: str, *, by: str = "secretary") -> None:
        """Put it together with another story's matter."""
        other = find_matter(story_id(into))
        if other is None:
            raise LookupError(f"{into} has not been played")
        triaging.merge(self.matter, other, reason, by=self.who(by), now=self.clock.at(n, time))

    def refuse(self, n: int, time: str, code: str, reason: str, door: str, *, by: str = "worker") -> None:
        """The desk does not take it on and shows the right door."""
        triaging.refuse(self.matter, code, reason, door, by=self.who(by), now=self.clock.at(n, time))

    def ask_review(self, n: int, time: str, reason: str) -> None:
        """The proposer asks the street to look at the refusal."""
        speaker = self.who("resident").as_capacity(Role.PROPOSER)
        triaging.ask_review(self.matter, reason, by=speaker, now=self.clock.at(n, time))

    def review_taken_up(self, n: int, time: str) -> None:
        """The hall takes up what the street found; its own worker may have been faster."""
        review.take_up(now=self.clock.at(n, time))

    def open_child_s(self, n: int, time: str, *, title: str, question: str, place: str, reason: str) -> None:
        """The secretary puts a child's matter in words that name nobody and opens it."""
        minors.open_matter(
            self.matter, title=title, question=question, place=place, reason=reason, names_nobody=True,
            by=self.who("secretary"), now=self.clock.at(n, time),
        )  # fmt: skip

    def withdraw(self, n: int, time: str, reason: str) -> None:
        """The proposer takes it back."""
        collecting.withdraw(self.matter, reason, by=self.who("resident"), now=self.clock.at(n, time))

    def topic(self, n: int, time: str, question: str, *, party: bool = False) -> None:
        """The secretary makes it a topic."""
        triaging.confirm_topic(self.matter, question, party, by=self.who("secretary"), now=self.clock.at(n, time))

    def touches(self, n: int, time: str, names: Sequence[tuple[str, int | None]], *, by: str = "worker") -> None:
        """Whom it touches."""
        researching.name_stakeholders(self.matter, names, by=self.who(by), now=self.clock.at(n, time))

    def survey(self, n: int, time: str, *, by: str = "worker") -> None:
        """Begin to find out."""
        researching.start_survey(self.matter, by=self.who(by), now=self.clock.at(n, time))

    def look(self, n: int, time: str, words: str, *, by: str = "grid") -> None:
        """What was seen on the spot."""
        researching.note_site(self.matter, words, by=self.who(by), now=self.clock.at(n, time))

    def option(self, n: int, time: str, words: str, yuan: int, payer: str, *, by: str = "worker", **more: Any) -> None:
        """One way to do it."""
        researching.add_option(
            self.matter, words=words, cost_fen=yuan * 100, payer=payer, by=self.who(by),
            now=self.clock.at(n, time), **more,
        )  # fmt: skip

    def canvass(
        self, n: int, time: str, question: str, *, target: int, reached: int, yes: int, no: int, tries: int = 3,
        by: str = "grid",
    ) -> None:  # fmt: skip
        """From door to door."""
        researching.record_canvass(
            self.matter, question=question, target=target, reached=reached, in_favour=yes, against=no, tries=tries,
            by=self.who(by), now=self.clock.at(n, time),
        )  # fmt: skip

    def invite(
        self, n: int, time: str, code: str, *, brief: str, questions: str, hours: int = 72, by: str = "worker"
    ) -> None:
        """Ask an expert of the pool; the link is kept for the chapter in which the expert opens it."""
        expert = db.session.scalars(
            select(Expert).where(Expert.street_id == current_street(), Expert.code == code)
        ).one()
        invitation, secret = talents.invite(
            self.matter, expert.id, brief=brief, questions=questions, hours=hours, by=self.who(by),
            now=self.clock.at(n, time),
        )  # fmt: skip
        self.book.remember(self.name, link=str(secret), invitation=str(invitation.id))

    def _evening(self, n: int) -> datetime:
        last = self.clock.last
        moment = self.clock.at(n, "17:00")
        self.clock.last = last
        return moment

    def account(self, owner: str | None) -> UUID | None:
        """The account behind a task's owner, where there is one."""
        return self.who(owner).id if owner else None

    def photographs(self, *pictures: bytes) -> list[Picture]:
        """Pictures through the hall's own pipeline, lying in its file store before a row speaks of them."""
        store, kept = FileStore(Path(current_app.config["DATA_DIR"])), []
        for data in pictures:
            photo = reencode(BytesIO(data))
            picture = Picture(uuid7(), photo.width, photo.height, len(photo.full), photo.sha256)
            store.put(current_community(), picture.id, photo.full)
            store.put(current_community(), picture.id, photo.small, variant="small")
            kept.append(picture)
        return kept

    def show(self, n: int, time: str, data: bytes, caption: str) -> None:
        """A picture staff took on the spot, open to everybody."""
        now = self.clock.at(n, time)
        for one in self.photographs(data):
            db.session.add(
                Attachment(
                    id=one.id, matter_id=self.matter.id, kind="photo", media_type="image/jpeg", caption=caption,
                    width=one.width, height=one.height, size=one.size, sha256=one.sha256, public=True, created_at=now,
                )
            )  # fmt: skip
