"""``kill -9`` of the whole street in mid-work: whatever was acknowledged is there when it stands again, and whole."""

from __future__ import annotations

import http.client
import re
import threading
import time
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.faces.cli.demo.book import Book
from app.faces.cli.demo.stage import Stage, StoryClock
from app.faces.cli.demo.told_after import Teller
from app.flow.collect.models import Proposal
from app.flow.decide import actions as deciding
from app.flow.decide.models import RollEntry, Vote
from app.flow.decide.queries import find_ballot
from app.matter.models import Matter, TimelineEntry
from app.notices.models import Message
from app.people.models import Account
from tenants.database import db
from tests.journeys.program import Program
from tests.journeys.wire import Wire

HALL, WRITERS, VOTERS = "kangle", 3, 9
LOST = (OSError, http.client.HTTPException)
CODE = re.compile(r"(\d{3}) (\d{3}) (\d{3}) (\d{3})")


class Crowd:
    """Threads that go on handing in and voting until the street dies, and remember every answer they were given."""

    def __init__(self, program: Program, ballot: UUID) -> None:
        self.program, self.ballot = program, ballot
        self.matters: dict[str, str] = {}
        self.votes: dict[str, str] = {}
        self.dying = threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(n,), daemon=True) for n in range(WRITERS)]
        self.voters = [(f"yishi{seat}", Wire(program, HALL).sign_in(f"yishi{seat}")) for seat in range(1, VOTERS + 1)]
        self.threads.append(threading.Thread(target=self._vote, daemon=True))

    def run_until_killed(self) -> None:
        """Start, let a few through, kill everything in the middle of it."""
        for thread in self.threads:
            thread.start()
        deadline = time.monotonic() + 60
        while (len(self.matters) < 6 or len(self.votes) < 3) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.program.kill() >= 8, "the supervisor, two servers, three parts and their children"
        self.dying.set()
        for thread in self.threads:
            thread.join(20)

    def _write(self, number: int) -> None:
        turn = 0
        while not self.dying.is_set():
            turn += 1
            try:
                wire = Wire(self.program, HALL)
                answer = wire.say(f"第 {number} 个人说的第 {turn} 件事：路灯不亮。")
                if answer.status != 303:
                    continue
                matter = answer.location.rsplit("/", 1)[1]
                self.matters[matter] = ""
                if found := CODE.search(wire.get(answer.location).text):
                    self.matters[matter] = "".join(found.groups())
            except LOST:
                return

    def _vote(self) -> None:
        for turn, (login, wire) in enumerate(self.voters * 50):
            choice = ("yes", "no", "abstain")[turn % 3]
            try:
                seen = wire.get(f"/ballots/{self.ballot}")
                answer = wire.post(f"/ballots/{self.ballot}", {"choice": choice}, seen=seen)
            except LOST:
                # The street died over this one: whether it was taken is open, and both are right.
                self.votes.pop(login, None)
                return
            if answer.status == 303:
                self.votes[login] = choice
            if self.dying.is_set():
                return


def open_ballot(program: Program) -> UUID:
    """A matter on the table with its vote called, played through the real actions and dated back."""
    with program.inside(HALL):
        today = clock.today()
        book = Book.open(program.folder / "restart-book.json")
        tale = Teller("R01", StoryClock(today - timedelta(days=12)), Stage.set(), book)
        tale.said(0, "9:00", words="活动室的灯太暗，看报费眼。", title="活动室换灯", wish="换亮一点的灯",
                  category="repair", where=("康乐小区", "1 号楼"))  # fmt: skip
        tale.accept(1, "9:00", "major")
        tale.topic(1, "10:00", "活动室换六盏灯，花 900 元，同意吗？")
        tale.touches(2, "9:00", [("活动室常来的人", 40)])
        tale.notice(3, "9:00", sits=(11, "9:00"), title="换灯议事会")
        tale.sit(11, "9:00", here=VOTERS)
        tale.talk([("seat 1", "该换了，年年说。")])
        tale.put(["换六盏灯，900 元"])
        ballot = deciding.call_vote(
            tale.sitting,
            tale.matter,
            question="换六盏灯，同意吗？",
            mode="named",
            by=tale.chair,
            now=tale.clock.later(4),
        )
        db.session.commit()
        return ballot.id


def test_nothing_acknowledged_is_lost(demo: Program) -> None:
    """Numbers, codes and votes that people were shown are there; every matter is whole; the queue's work is done."""
    ballot = open_ballot(demo)
    crowd = Crowd(demo, ballot)
    crowd.run_until_killed()
    assert demo.start() < 120
    assert len(crowd.matters) >= 6
    _everything_said_is_there(demo, crowd)
    _every_matter_is_whole(demo)
    _every_vote_is_there(demo, crowd)
    _the_news_was_spread(demo, crowd)


def _everything_said_is_there(program: Program, crowd: Crowd) -> None:
    with program.inside(HALL) as site:
        rows = db.session.execute(
            select(Matter.id, Matter.number).where(Matter.community_id == site.community_id)
        ).all()
    kept = {str(key) for key, _number in rows}
    assert crowd.matters.keys() <= kept
    assert len({number for _key, number in rows}) == len(rows), "no number was given twice"
    for matter, code in crowd.matters.items():
        if code:
            assert Wire(program, HALL).post("/track", {"code": code}).location == f"/matters/{matter}"


def _every_matter_is_whole(program: Program) -> None:
    """Handed in is all or nothing: a proposal, both first lines of the timeline, and no gap in the numbers."""
    with program.inside(HALL) as site:
        matters = db.session.scalars(select(Matter).where(Matter.community_id == site.community_id)).all()
        said = _count_by_matter(Proposal, site.community_id)
        lines = _count_by_matter(TimelineEntry, site.community_id)
        numbers = sorted(int(matter.number[-4:]) for matter in matters)
    assert all(said.get(matter.id) == 1 and lines.get(matter.id, 0) >= 2 for matter in matters)
    assert numbers == list(range(1, len(numbers) + 1)), "a number that nobody was given would be a hole in the ledger"


def _count_by_matter(kind: type[Proposal] | type[TimelineEntry], community: int | None) -> dict[UUID, int]:
    wanted = select(kind.matter_id, func.count()).where(kind.community_id == community).group_by(kind.matter_id)
    return dict(db.session.execute(wanted).tuples().all())


def _every_vote_is_there(program: Program, crowd: Crowd) -> None:
    with program.inside(HALL) as site:
        found = find_ballot(crowd.ballot)
        assert found is not None
        assert found.state == "open"
        rows = db.session.execute(
            select(Account.login, Vote.choice, Vote.seq)
            .join(RollEntry, (RollEntry.community_id == Account.community_id) & (RollEntry.account_id == Account.id))
            .join(Vote, (Vote.community_id == RollEntry.community_id) & (Vote.voter_id == RollEntry.id))
            .where(Vote.community_id == site.community_id, Vote.ballot_id == crowd.ballot)
            .order_by(Vote.seq)
        ).all()
    last = {login: choice for login, choice, _seq in rows}
    assert {login: last.get(login) for login in crowd.votes} == crowd.votes


def _the_news_was_spread(program: Program, crowd: Crowd) -> None:
    """The bells of the last moments died with the queue's worker; the sweep finds their matters."""
    wanted = {UUID(matter) for matter in crowd.matters}
    deadline = time.monotonic() + 60
    while True:
        with program.inside(HALL) as site:
            told = set(db.session.scalars(select(Message.matter_id).where(Message.community_id == site.community_id)))
        if wanted <= told:
            return
        assert time.monotonic() < deadline, f"nobody was told of {len(wanted - told)} of {len(wanted)} matters"
        time.sleep(0.5)
