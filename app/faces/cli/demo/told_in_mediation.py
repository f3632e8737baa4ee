"""Telling a quarrel that is mediated: who sits there, what was agreed, whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from app import clock
from app.faces.cli.demo.told_before import Before
from app.flow.implement import performing
from app.flow.resolve import agreements, mediating
from app.flow.resolve import mediation_queries as queries
from app.flow.resolve.mediation_rules import MEDIATOR, Term


class Owed(NamedTuple):
    """One thing side ``a`` or ``b`` owes: what, how many yuan, where, within how many days of signing."""

    side: str
    what: str
    yuan: int
    place: str
    days: int


class InMediation(Before):
    """The verbs of the mediation track."""

    def quarrel(self, n: int, time: str, dispute: str, *, applied_by: str = "party", by: str = "worker") -> None:
        """Open the file."""
        mediating.open_mediation(
            self.matter, dispute=dispute, applied_by=applied_by, by=self.who(by), now=self.clock.at(n, time)
        )

    def seats(self, n: int, time: str, people: Sequence[tuple[str, str, str]], *, by: str = "worker") -> None:
        """Seat side, name and phone; a supporter comes with both sides' consent."""
        now = self.clock.at(n, time)
        for side, name, phone in people:
            consent = "双方都当面说好" if side == "supporter" else ""
            mediating.add_person(
                self._whole, side=side, name=name, contact=phone, relation="邻居" if consent else "",
                agreed_how=consent, by=self.who(by), now=now,
            )  # fmt: skip

    def mediator(self, n: int, time: str, who: str, *, by: str = "worker") -> None:
        """Somebody of the hall mediates and says to be neutral; the parties are told their rights."""
        mediating.name_mediator(
            self._whole, account_id=self.who(who).id, neutral=True, by=self.who(by), now=self.clock.at(n, time)
        )
        mediating.tell_rights(self._whole, by=self.who(by), now=self.clock.later(10))

    def talked(
        self, n: int, time: str, words: str, *, place: str, present: Sequence[str], outcome: str, by: str = "worker"
    ) -> None:
        """One talk, written down half an hour after it began."""
        began = self.clock.at(n, time)
        mediating.record_talk(
            self._whole, held_at=began, place=place, present=present, words=words, outcome=outcome, by=self.who(by),
            now=self.clock.later(30),
        )  # fmt: skip

    def agreed(
        self, n: int, time: str, *, facts: str, responsibility: str, owed: Sequence[Owed], by: str = "worker",
        way: str = "一次付清",
    ) -> None:  # fmt: skip
        """Written, signed by all, sealed by the secretary, all on one day."""
        now = self.clock.at(n, time)
        today, whole = clock.local(now).date(), self._whole
        person = {seat.side: seat.id for seat in whole.seats}
        made = agreements.draft(
            whole, agreements.Text("written", facts, responsibility, way),
            [Term(person[one.side], one.what, one.yuan * 100, one.place, today + timedelta(days=one.days))
             for one in owed],
            by=self.who(by), now=now,
        )  # fmt: skip
        signed = {str(seat.id): "pen" for seat in whole.seats if seat.side != "supporter"} | {MEDIATOR: "pen"}
        agreements.sign(self._whole, made.id, signed, on=today, by=self.who(by), now=self.clock.later(20))
        agreements.put_in_force(self._whole, made.id, by=self.who("secretary"), now=self.clock.later(5))

    def performed(self, n: int, time: str, position: int, words: str, *, by: str = "worker") -> None:
        """A term of the agreement in force was checked."""
        now, whole = self.clock.at(n, time), self._whole
        term = whole.sealed[-1].terms[position - 1]
        performing.check_term(whole, term.id, on=clock.local(now).date(), words=words, by=self.who(by), now=now)

    @property
    def _whole(self) -> queries.Whole:
        whole = queries.of_matter(self.matter)
        if whole is None:
            raise LookupError(f"{self.name} is no mediation")
        return whole
