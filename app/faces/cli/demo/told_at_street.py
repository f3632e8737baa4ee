"""What the street itself does in a story: letters to units outside, and the joint matters it leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.book import Book, story_id
from app.faces.cli.demo.stage import StoryClock
from app.matter import escalation, joint, joint_inviting, joint_queries, joint_tasks, outside
from app.matter.joint_models import JointMatter
from app.matter.models import Escalation, Matter
from app.matter.outside_models import LetterEvent, OutsideUnit, RequestLetter
from app.people.actor import Actor
from tenants.database import db
from tenants.registry import Community
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

    def reply(self, n: int, time: str, kind: str, words: str) -> None:
        """Answer the request of this story's hall."""
        now = self.clock.at(n, time)
        asked = db.session.scalars(
            select(Escalation)
            .where(Escalation.street_id == current_street(), Escalation.matter_id == self.matter.id)
            .order_by(Escalation.asked_at.desc())
            .limit(1)
        ).one()
        if kind not in escalation.replies_given(asked):
            escalation.reply(asked, kind, words=words, by=self.officer, now=now)

    def lead(self, n: int, time: str, *, due_day: int, sources: Sequence[str], **words: str) -> None:
        """Begin a matter that crosses halls, out of matters of theirs; a second start finds it."""
        now = self.clock.at(n, time)
        joint.draft(
            **words, due=clock.local(now).date() + timedelta(days=due_day - n),
            sources=[self.matter_of(story) for story in sources], by=self.officer, now=now, once=self._lead_id,
        )  # fmt: skip

    def ask_halls(self, n: int, time: str, slugs: Sequence[str], *, words: str, answer_day: int) -> None:
        """Invite halls by the rule the lead matter names."""
        now, led = self.clock.at(n, time), self._led
        halls = db.session.execute(
            select(Community.id, Community.slug).where(
                Community.street_id == current_street(), Community.slug.in_(slugs)
            )
        ).all()
        joint_inviting.invite(
            led, {hall_id: led.ballot_rule for hall_id, _slug in halls}, words=words,
            answer_due=clock.local(now).date() + timedelta(days=answer_day - n), by=self.officer, now=now,
        )  # fmt: skip

    def open_halls(self, n: int, time: str) -> None:
        """The halls may begin."""
        if self._led.stage == "inviting":
            joint_inviting.open_halls(self._led, by=self.officer, now=self.clock.at(n, time))

    def gather(self, n: int, time: str) -> None:
        """Gather by the rule chosen beforehand."""
        if self._led.stage == "deliberating":
            joint.gather_result(self._led, by=self.officer, now=self.clock.at(n, time))

    def task(self, n: int, time: str, what: str, who: str, day: int) -> None:
        """What the street promises."""
        now = self.clock.at(n, time)
        joint_tasks.add_task(
            self._led, what=what, who=who, due=clock.local(now).date() + timedelta(days=day - n), by=self.officer,
            now=now, once=story_id(f"{self.name} task {what}"),
        )  # fmt: skip

    @property
    def _lead_id(self) -> UUID:
        return story_id(f"leads {self.name}")

    @property
    def _led(self) -> JointMatter:
        found = joint_queries.find_joint(self._lead_id)
        if found is None:
            raise LookupError(f"{self.name} leads nothing")
        return found

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
