"""Telling the second half of a story: resolution, posting, work, the look at it, ratings, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.book import story_id
from app.faces.cli.demo.told_in_mediation import InMediation
from app.faces.cli.demo.told_in_work import InWork
from app.flow.decide import joint as joining
from app.flow.evaluate import actions as evaluating
from app.flow.evaluate.rules import Voice
from app.flow.implement import actions as carrying
from app.flow.implement.queries import commitments_of
from app.flow.resolve import actions as resolving
from app.flow.resolve.actions import Board
from app.flow.resolve.models import Posting
from app.flow.resolve.rules import Task
from app.matter import escalation, joint_hall, outside_telling
from app.matter import joint_asked as joints
from app.people.actor import SYSTEM
from tenants.database import db
from tenants.scope import current_community


class Job(NamedTuple):
    """One task of a story: what, who, by which day of the story, how many yuan, whose account, and how measured."""

    what: str
    who: str
    day: int
    yuan: int = 0
    owner: str | None = None
    kind: str = "person"
    unit: str = ""
    target: int | None = None


class Teller(InWork, InMediation):
    """The whole life of one matter, day by day."""

    def tasks(self, jobs: Sequence[Job]) -> list[Task]:
        """The story's tasks on the calendar."""
        return [
            Task(
                job.what,
                job.who,
                self.account(job.owner),
                self.clock.day(job.day),
                job.yuan * 100,
                owner_kind=job.kind,
                unit=job.unit,
                target=job.target,
            )
            for job in jobs
        ]

    def resolve(
        self, n: int, time: str, *, title: str, basis: str, words: str, jobs: Sequence[Job], dissent: str = "",
        answer: str = "", by: str = "secretary",
    ) -> None:  # fmt: skip
        """Write the resolution with its tasks."""
        resolving.write_resolution(
            self.matter, title=title, basis=basis, words=words, tasks=self.tasks(jobs), dissent=dissent,
            dissent_answer=answer, by=self.who(by), now=self.clock.at(n, time),
        )  # fmt: skip

    def post(self, n: int, time: str, place: str) -> None:
        """Put it on the board for fifteen days."""
        now = self.clock.at(n, time)
        resolving.publicize(self.matter, starts=clock.local(now).date(), place=place, by=self.who("secretary"), now=now)

    def go(self, n: int, time: str, place: str = "") -> None:
        """Start at once, with the posting alongside where the matter is public."""
        now = self.clock.at(n, time)
        board = Board(clock.local(now).date(), place) if place else None
        resolving.start_work(self.matter, board=board, by=self.who("secretary"), now=now)

    def window(self) -> None:
        """The objection window ends in the first hour after its last day."""
        until = self._posting().objections_until
        moment = self.clock.told(clock.at(until + timedelta(days=1), 0, 20))
        resolving.end_window(self.matter, by=SYSTEM, now=moment)

    def take_down(self) -> None:
        """The paper comes off the board the morning after its last day."""
        posting = self._posting()
        moment = self.clock.told(clock.at(posting.ends + timedelta(days=1), 9, 15))
        resolving.take_down(posting, by=self.who("worker"), now=moment)

    def promise(self, n: int, time: str, jobs: Sequence[Job]) -> None:
        """The short cut of plain duty and 书记项目."""
        now = self.clock.at(n, time)
        carrying.promise(self.matter, self.tasks(jobs), by=self.who("secretary"), now=now)

    def progress(
        self, n: int, time: str, words: str, *, by: str = "worker", task: int | None = None, done: int | None = None
    ) -> None:
        """One line of progress; ``done`` is how much of a measured task is done by then."""
        carrying.note_progress(
            self.matter, words, commitment=self.task(task), done_count=done, by=self.who(by),
            now=self.clock.at(n, time),
        )  # fmt: skip

    def finish(
        self,
        n: int,
        time: str,
        task: int,
        evidence: str,
        *,
        yuan: int | None = None,
        by: str = "worker",
        done: int | None = None,
    ) -> None:
        """One task is reported done."""
        carrying.finish(
            commitments_of(self.matter)[task - 1], evidence=evidence, actual_fen=None if yuan is None else yuan * 100,
            done_count=done, by=self.who(by), now=self.clock.at(n, time),
        )  # fmt: skip

    def hand_over(self, n: int, time: str, *, by: str = "worker") -> None:
        """All done: please look."""
        carrying.hand_over(self.matter, by=self.who(by), now=self.clock.at(n, time))

    def verify(self, n: int, time: str, words: str, resident: str, *, by: str = "grid") -> None:
        """A grid worker and a resident look at it."""
        carrying.verify(
            self.matter, passed=True, words=words, resident_name=resident, by=self.who(by), now=self.clock.at(n, time)
        )

    def visit(self, n: int, time: str, words: str, reached: int, *, by: str = "worker") -> None:
        """Go back and ask."""
        evaluating.visit(self.matter, words, reached=reached, by=self.who(by), now=self.clock.at(n, time))

    def ratings(
        self, n: int, time: str, grades: Mapping[int, int], *, why: Sequence[str] = (), source: str = "visit",
        by: str = "worker",
    ) -> None:  # fmt: skip
        """How many gave which grade; ``why`` are the reasons of the low ones, in turn."""
        reasons = iter(why)
        voices = [
            Voice(grade, next(reasons) if grade <= 2 else "")
            for grade, count in sorted(grades.items(), reverse=True)
            for _ in range(count)
        ]
        evaluating.enter_ratings(self.matter, voices, source=source, by=self.who(by), now=self.clock.at(n, time))

    def evaluate(self, n: int, time: str, words: str, *, by: str = "worker") -> None:
        """The hall's own judgement."""
        evaluating.evaluate(self.matter, words, by=self.who(by), now=self.clock.at(n, time))

    def rework(self, n: int, time: str, reason: str, *, by: str = "grid") -> None:
        """Too few are satisfied: again."""
        evaluating.rework(self.matter, reason, by=self.who(by), now=self.clock.at(n, time))

    def close(self, n: int, time: str, note: str, *, by: str = "worker") -> None:
        """Closed, with a note to the proposer."""
        evaluating.close(self.matter, note, by=self.who(by), now=self.clock.at(n, time))

    def terminate(self, n: int, time: str, *, cause: str, notice: str, routes: str = "") -> None:
        """Ended before its result."""
        carrying.terminate(
            self.matter, cause=cause, notice=notice, other_routes=routes, by=self.who("secretary"),
            now=self.clock.at(n, time),
        )  # fmt: skip

    def escalate(self, n: int, time: str, *, reason: str, grid: str, community: str, to: str = "street") -> None:
        """Ask the street."""
        escalation.ask(
            self.matter, to=to, reason=reason, grid_attempt=grid, community_attempt=community,
            by=self.who("secretary"), now=self.clock.at(n, time),
        )  # fmt: skip

    def take_up(self, n: int, time: str) -> None:
        """The hall's worker takes up what the street answered, and what came of its letters."""
        now = self.clock.at(n, time)
        escalation.take_up(now=now)
        outside_telling.take_up(now=now)
        joint_hall.take_up(now=now)

    def join_lead(self, n: int, time: str, lead: str) -> None:
        """The hall takes part in what the street leads, with this matter of its own."""
        asked = joints.invitation_of(story_id(lead))
        if asked is None:
            raise LookupError(f"{lead} never asked this hall")
        joining.join_with(
            *asked, self.matter, party_prestudy=False, by=self.who("secretary"), now=self.clock.at(n, time)
        )

    def hand_in(self, n: int, time: str, lead: str) -> None:
        """The hall hands in what its own ballot counted."""
        asked = joints.invitation_of(story_id(lead))
        if asked is None:
            raise LookupError(f"{lead} never asked this hall")
        [ballot] = [one for one, may in joining.papers_of(*asked) if may]
        joining.hand_in(*asked, ballot, by=self.who("secretary"), now=self.clock.at(n, time))

    def _posting(self) -> Posting:
        return db.session.scalars(
            select(Posting)
            .where(Posting.community_id == current_community(), Posting.matter_id == self.matter.id)
            .order_by(Posting.posted_at.desc())
            .limit(1)
        ).one()
