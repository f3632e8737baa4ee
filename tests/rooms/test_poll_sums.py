"""No order of casts, changes, papers, voids, hands and closings breaks the sums or counts anybody twice."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.errors import Missing, Refused
from app.flow.decide import papers, polls, voting
from app.flow.decide import poll_queries as queries
from app.flow.decide.polls import Question
from app.flow.decide.recount import recount
from app.flow.decide.rules import Rule
from tenants.database import db
from tests.conftest import inside
from tests.rooms.people import account, person
from tests.rooms.test_polls import put

VOTERS = 5
ACTS = ("online", "stale", "issue", "bring", "void", "replace", "end", "enter", "check", "misread", "hands")
CHOICES = ("yes", "no", "abstain", "spoiled")
steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, VOTERS - 1), st.sampled_from(CHOICES)), min_size=8, max_size=22
)


class Room:
    """One open poll and what the test itself knows of it: whose ballot counts, and as what."""

    def __init__(self, poll, ballot, who, lines, now):
        self.poll, self.ballot, self.who, self.lines, self.now = poll, ballot, who, lines, now
        self.by, self.other = person("zhao", now), person("xiaoli", now)
        self.counts: dict[int, tuple[str, str]] = {}
        self.stubs: dict[int, int] = {}
        self.sheets: dict[int, object] = {}
        self.serial = 0
        self.raised: Counter[str] = Counter()
        self.in_room = 0

    def attempt(self, act, voter, choice):
        try:
            with db.session.begin_nested():
                getattr(self, act)(voter, choice)
        except (Refused, Missing):
            db.session.expire_all()

    def online(self, voter, choice):
        seq = queries.last_seq(self.poll, self.lines[voter]) + 1
        voting.cast_poll(self.poll.id, self.who[voter], {self.ballot.id: choice}, seq, now=self.now)
        assert self.counts.get(voter, ("online",))[0] == "online"
        self.counts[voter] = ("online", choice)

    def stale(self, voter, choice):
        seq = max(queries.last_seq(self.poll, self.lines[voter]), 1)
        voting.cast_vote(self.ballot.id, self.who[voter], choice, seq, now=self.now)
        assert self.counts.setdefault(voter, ("online", choice)) == ("online", choice)

    def issue(self, voter, choice):
        self.serial += 1
        serial = self.serial
        papers.issue_stub(self.poll, serial, self.lines[voter].id, by=self.by, now=self.now)
        self.stubs[voter] = serial

    def bring(self, voter, choice):
        papers.return_stub(self.poll, self.stubs.get(voter, 999), by=self.by, now=self.now)
        assert voter not in self.counts
        self.counts[voter] = ("paper", "")

    def void(self, voter, choice):
        papers.void_stub(self.poll, self.stubs.get(voter, 999), "写坏", second=self.other, by=self.by, now=self.now)

    def replace(self, voter, choice):
        papers.replace_vote(self.poll, self.lines[voter].id, "弄错", second=self.other, by=self.by, now=self.now)
        self.counts.pop(voter)
        self.sheets.pop(voter, None)

    def end(self, voter, choice):
        polls.end_voting(self.poll, by=self.by, now=self.now)

    def enter(self, voter, choice):
        sheet = papers.enter_sheet(
            self.poll, {self.ballot.id: choice}, serial=self.stubs.get(voter, 999), by=self.by, now=self.now
        )
        self.sheets[voter] = (sheet, choice)

    def check(self, voter, choice):
        if voter not in self.sheets:
            raise Refused("nothing to check")
        sheet, read = self.sheets[voter]
        papers.check_sheet(sheet, {self.ballot.id: read}, by=self.other, now=self.now)
        assert self.counts.get(voter, ("paper", ""))[0] == "paper"
        self.counts[voter] = ("paper", read)

    def misread(self, voter, choice):
        if voter not in self.sheets or self.sheets[voter][1] == choice:
            raise Refused("nothing to misread")
        done = papers.check_sheet(self.sheets[voter][0], {self.ballot.id: choice}, by=self.other, now=self.now)
        assert done.state == "differs"

    def hands(self, voter, choice):
        raised, room = {choice: voter}, voter + 1
        papers.count_hands_of(self.ballot, raised, room, teller=self.other, scrutineer=account("sun"), by=self.by,
                              now=self.now)  # fmt: skip
        self.raised, self.in_room = Counter(raised), room

    def finish(self):
        """End it, read every paper that came back, count the hands anew and declare."""
        self.attempt("end", 0, "")
        for voter, (channel, _) in list(self.counts.items()):
            if channel == "paper":
                self.attempt("enter", voter, "yes")
                self.attempt("check", voter, "")
        free = VOTERS - len(self.counts)
        self.attempt("hands", max(free - 1, 0), "no") if free else self._no_hands()
        polls.close_poll(self.poll, teller=self.other, scrutineer=account("sun"), by=self.by, now=self.now)

    def _no_hands(self):
        papers.count_hands_of(
            self.ballot, {}, 0, teller=self.other, scrutineer=account("sun"), by=self.by, now=self.now
        )
        self.raised, self.in_room = Counter(), 0


def check_sums(room):
    ballot = room.ballot
    expected = Counter(choice for _, choice in room.counts.values()) + +room.raised
    assert Counter({c: getattr(ballot, c) for c in CHOICES}) - Counter() == expected
    assert ballot.issued >= ballot.returned == sum(expected.values())
    assert ballot.returned - ballot.spoiled == ballot.yes + ballot.no + ballot.abstain
    assert ballot.present == len(room.counts) + room.in_room <= ballot.eligible == VOTERS
    again = recount(ballot.rule, queries.box_json(ballot))
    assert (again["outcome"], again["returned"], again["out"]) == (
        ballot.outcome, ballot.returned, ballot.issued - ballot.returned,
    )  # fmt: skip


def test_no_order_of_anything_breaks_the_sums(app, now):
    with inside(app, "nanyandao"):
        poll, _, who = put(
            now, [Question("装门禁", Rule.RESIDENTS_MEETING)], mode="named", n=VOTERS, paper=True, hands=True
        )
        papers.print_stubs(poll, 40, by=person("zhao", now), now=now)
        db.session.commit()

        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(steps)
        def in_any_order(acts):
            found = queries.find_poll(poll.id)
            (question,) = queries.questions_of(found.id)
            voters = [db.session.merge(one) for one in who]
            room = Room(found, question, voters, [queries.my_line(found, one) for one in voters], now)
            try:
                for act, voter, choice in acts:
                    room.attempt(act, voter, choice)
                room.finish()
                check_sums(room)
            finally:
                db.session.rollback()

        in_any_order()
