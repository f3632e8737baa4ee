"""Telling a poll: the sheet of questions, its roll, the papers keyed in twice, hands, the count, the larger body."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat
from uuid import UUID

from app import clock
from app.faces.cli.demo.told_at_table import AtTable
from app.flow.decide import papers, polls
from app.flow.decide.models import Poll
from app.flow.decide.poll_queries import polls_of_matter, questions_of, roll_page
from app.flow.decide.polls import Line, Question
from app.flow.resolve import body_queries, ratifying
from app.flow.resolve.body_poll import draft_body_poll
from app.flow.resolve.posting import Board
from app.people.owner_register import OwnerLine
from tenants.database import db


class InPolls(AtTable):
    """The verbs of a poll. Between the end of the voting and the count lies a commit, so the count is a new chapter."""

    def poll(
        self, n: int, time: str, *, title: str, body: str, questions: Sequence[Question], who: str,
        lines: Sequence[Line], subject: str = "siting_or_style", by: str = "worker",
    ) -> Poll:  # fmt: skip
        """A secret sheet on paper at the table that is sitting: drawn up, its roll written, opened."""
        drawn = polls.draft_poll(
            self.matter, title=title, body=body, mode="secret", questions=questions, online=False, paper=True,
            who_may=who, sitting=self.sitting, subject=subject, by=self.who(by), now=self.clock.at(n, time),
        )  # fmt: skip
        polls.make_roll(drawn, lines, by=self.who(by), now=self.clock.later(1))
        return polls.open_poll(drawn, by=self.who("secretary"), now=self.clock.later(2))

    def body_poll(self, n: int, time: str, *, who: str, hands: bool = False) -> Poll:
        """The larger body's one question, by hands or on signed papers, before the roll of its own register."""
        asked, by = body_queries.asked_now(self.matter), self.who("secretary")
        if asked is None:
            raise LookupError(f"{self.name} is before no body")
        drawn = draft_body_poll(
            asked, self.matter, mode="named", paper=not hands, hands=hands, who_may=who, by=by,
            now=self.clock.at(n, time),
        )  # fmt: skip
        polls.make_roll(drawn, by=by, now=self.clock.later(1))
        return polls.open_poll(drawn, by=by, now=self.clock.later(2))

    def papers_in(self, n: int, time: str, readings: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Papers handed out, taken back, keyed in by one and keyed again by another.

        Each reading is how many papers say this, one choice per question in the order of the sheet.
        """
        poll, now = self._poll(), self.clock.at(n, time)
        asked = [question.id for question in questions_of(poll.id)]
        sheets = [dict(zip(asked, said, strict=True)) for said in chain(*(repeat(what, k) for k, what in readings))]
        first, second = self.who("worker"), self.who("grid")
        given = papers.issue_to_roll(poll, by=first, now=now)
        for stub, _voter in given[: len(sheets)]:
            papers.return_stub(poll, stub.serial, by=first, now=now)
        polls.end_voting(poll, by=self.who("secretary"), now=self.clock.later(5))
        for choices in sheets:
            papers.check_sheet(papers.enter_sheet(poll, choices, by=first, now=now), choices, by=second, now=now)

    def signed_papers(self, n: int, time: str, owners: Sequence[OwnerLine], said: dict[int, str]) -> None:
        """Named papers of owners: by place in ``owners``, what each signed for; the others' papers stay out."""
        poll, now = self._poll(), self.clock.at(n, time)
        [question] = questions_of(poll.id)
        first, second = self.who("worker"), self.who("grid")
        lines = {line.owner_id: line.id for line in roll_page(poll.id, poll.eligible)[0]}
        serials = {voter: stub.serial for stub, voter in papers.issue_to_roll(poll, by=first, now=now)}
        polls.end_voting(poll, by=self.who("secretary"), now=self.clock.later(5))
        for place, choice in said.items():
            reading = {question.id: choice}
            serial = serials[lines[owners[place].owner_id]]
            sheet = papers.enter_sheet(poll, reading, serial=serial, by=first, now=now)
            papers.check_sheet(sheet, reading, by=second, now=now)

    def hands_up(self, n: int, time: str, said: dict[str, int], *, present: int) -> None:
        """Hands on the poll's only question, counted by two."""
        poll = polls.end_voting(self._poll(), by=self.who("secretary"), now=self.clock.at(n, time))
        [question] = questions_of(poll.id)
        papers.count_hands_of(
            question, said, present, teller=self.who("supervisor").id, scrutineer=self.who("steward").id,
            by=self.who("worker"), now=self.clock.later(3),
        )  # fmt: skip

    def counted(self, n: int, time: str) -> Poll:
        """Open the box, count and declare; a chapter of its own."""
        return polls.close_poll(
            self._poll(), teller=self.who("supervisor").id, scrutineer=self.who("steward").id, by=self.who("secretary"),
            now=self.clock.at(n, time),
        )  # fmt: skip

    def run_off(self, n: int, time: str) -> Poll:
        """The tied options once more, before the same roll."""
        self.back_at_table()
        return polls.open_run_off(self._poll(), by=self.who("secretary"), now=self.clock.at(n, time))

    def study(self, n: int, time: str, words: str, *, organisation: str) -> None:
        """The party organisation talks it over first."""
        now = self.clock.at(n, time)
        ratifying.record_study(
            self.matter, organisation=organisation, studied_on=clock.local(now).date(), words=words,
            chaired_by=self.who("secretary").label, by=self.who("secretary"), now=now,
        )  # fmt: skip

    def before(
        self, n: int, time: str, *, body: str, question: str, item: int | None = None, estate_id: UUID | None = None
    ) -> None:
        """The matter goes before the larger body; ``item`` is the one of the nine of Civil Code section 278."""
        ratifying.take_to_body(
            self.matter, body=body, question=question, item=item, estate_id=estate_id, by=self.who("secretary"),
            now=self.clock.at(n, time),
        )  # fmt: skip

    def settled(self, n: int, time: str, place: str = "") -> None:
        """What the larger body decided is carried over: to the board, or to an end."""
        now = self.clock.at(n, time)
        board = Board(clock.local(now).date(), place) if place else None
        ratifying.settle_ratification(self.matter, board=board, by=self.who("secretary"), now=now)

    def _poll(self) -> Poll:
        db.session.flush()
        return polls_of_matter(self.matter.id)[0]
