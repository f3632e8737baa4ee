"""Telling what happens at the table: notice, register, words, options as put, the vote or the consensus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.told_before import Before
from app.flow.decide import actions as deciding
from app.flow.deliberate import actions as deliberating
from app.flow.deliberate.actions import Expected
from app.flow.deliberate.models import Sitting, SittingSeries
from app.flow.deliberate.queries import current_item, register_of, sittings_of_matter
from app.flow.deliberate.rules import SittingKind, notice_days
from app.matter.house import house
from app.matter.situation import Triage
from tenants.database import db
from tenants.scope import current_community

#: Minutes between two speakers, and between the last words and the vote.
TURN = 6


class AtTable(Before):
    """The verbs of deliberate and decide."""

    sitting: Sitting

    def notice(
        self, n: int, time: str, *, sits: tuple[int, str], title: str, kind: str = "council", place: str = "",
        expected: Sequence[Expected | str] | None = None, regular: bool = False, by: str = "worker", **more: Any,
    ) -> None:  # fmt: skip
        """Plan the sitting and announce it. A day too early for the notice is shifted, and the story with it."""
        now = self.clock.at(n, time)
        triage = Triage(self.matter.triage) if self.matter.triage else None
        owed = notice_days(SittingKind(kind), [triage], house().settings.get("notice_days"))
        day = self.clock.day(sits[0])
        short = owed - (day - clock.local(now).date()).days
        if short > 0:
            self.clock.drift += short
            day += timedelta(days=short)
        hour, minute = sits[1].split(":")
        self.sitting = deliberating.plan_sitting(
            kind=kind, title=title, starts_at=clock.at(day, int(hour), int(minute)), place=place,
            venue_id=None if place else self.stage.venue.id, matters=[self.matter], expected=expected,
            series=self._series() if regular else None, by=self.who(by), now=now, **more,
        )  # fmt: skip
        deliberating.give_notice(self.sitting, by=self.who(by), now=self.clock.later(2))

    def sit(
        self, n: int, time: str, *, here: int, chair: str = "secretary", recorder: str = "worker", excused: int = 0
    ) -> None:
        """Mark the register (the first ``here`` lines present, the last ``excused`` excused) and open the sitting."""
        now = self.clock.at(n, time)
        lines = register_of(self.sitting.id)
        counted = [line for line in lines if line.counts]
        states = {line.id: "present" for line in lines if not line.counts}
        for place, line in enumerate(counted):
            absent = "excused" if place >= len(counted) - excused else "absent"
            states[line.id] = "present" if place < here else absent
        deliberating.register_many(self.sitting, states, by=self.who(recorder), now=now)
        self.sitting = deliberating.open_sitting(
            self.sitting, chair=self.who(chair).id, recorder=self.who(recorder).id, by=self.who(chair),
            now=self.clock.later(2),
        )  # fmt: skip
        self.chair, self.recorder = self.who(chair), self.who(recorder)

    def talk(self, words: Sequence[tuple[str, str]]) -> None:
        """Minutes: who said what; ``seat 3`` becomes the member's own name."""
        for speaker, said in words:
            name = self.who(speaker).label if speaker.startswith("seat ") else speaker
            deliberating.speak(self.sitting, self.matter.id, name, said, by=self.recorder, now=self.clock.later(TURN))

    def put(self, options: Sequence[str] | None = None) -> None:
        """Read the options out; None puts those that were found out."""
        deliberating.put_options(self.sitting, self.matter, options, by=self.chair, now=self.clock.later(3))

    def vote(
        self, question: str, yes: int, no: int, abstain: int, *, mode: str = "named", teller: str = "supervisor",
        scrutineer: str = "seat 1", against: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Call the vote, cast it and count it. ``against`` lists the seats that say no; by default the last ones do."""
        ballot = deciding.call_vote(
            self.sitting, self.matter, question=question, mode=mode, by=self.chair, now=self.clock.later(4)
        )
        first, second = self.who(teller), self.who(scrutineer)
        if mode == "hands":
            deciding.count_hands(
                ballot, yes, no, abstain, teller=first, scrutineer=second, by=self.recorder, now=self.clock.later(3)
            )
        else:
            for seat, choice in enumerate(_choices(yes, no, abstain, against)):
                member = self.stage.seats[seat]
                deciding.cast_vote(ballot.id, member, choice, 1, by=member, now=self.clock.later(0))
        deciding.close_ballot(ballot, teller=first, scrutineer=second, by=self.recorder, now=self.clock.later(2))

    def agree(
        self, names: Sequence[str], *, conditions: Mapping[str, str] | None = None, unreached: Sequence[str] = ()
    ) -> None:
        """Ask everybody by name; a conditional yes has its condition met on the spot."""
        ballot = deciding.ask_consensus(self.sitting, self.matter, names, by=self.chair, now=self.clock.later(4))
        wishes = conditions or {}
        for name in names:
            said: dict[str, Any] = {"stance": "unreached" if name in unreached else "agree"}
            if name in wishes:
                said = {"stance": "conditional", "condition": wishes[name], "met": True}
            deciding.set_stance(ballot, name, **said, by=self.recorder, now=self.clock.later(1))
        deciding.settle_consensus(ballot, by=self.chair, now=self.clock.later(2))

    def again(self, n: int, time: str, reason: str) -> None:
        """Back to be looked into."""
        deliberating.redeliberate(self.matter, reason, by=self.chair, now=self.clock.at(n, time))

    def rise(self, conclusion: str) -> None:
        """End the sitting; the chair reads the minutes and signs them off the same day."""
        self.back_at_table()
        self.sitting = deliberating.close_sitting(self.sitting, conclusion, by=self.chair, now=self.clock.later(3))
        deliberating.finish_minutes(self.sitting, by=self.chair, now=self.clock.later(40))

    def back_at_table(self) -> None:
        """In a later chapter of the same evening: the sitting that is still open, its chair and its recorder."""
        if hasattr(self, "chair"):
            return
        found = current_item(self.matter.id) or sittings_of_matter(self.matter.id)[0]
        self.sitting = found[1]
        known = {actor.id: actor for actor in (*self.stage.people.values(), *self.stage.seats)}
        self.chair, self.recorder = known[self.sitting.chair_id], known[self.sitting.recorder_id]

    def _series(self) -> SittingSeries:
        return db.session.scalars(select(SittingSeries).where(SittingSeries.community_id == current_community())).one()


def _choices(yes: int, no: int, abstain: int, against: Sequence[int]) -> list[str]:
    """One choice per seat in seat order."""
    total = yes + no + abstain
    chosen = {seat - 1: "no" for seat in against}
    rest = iter(["yes"] * yes + ["abstain"] * abstain + ["no"] * (no - len(chosen)))
    return [chosen.get(seat) or next(rest) for seat in range(total)]
