"""The database falls under open pages: people are told to try again, keep what they typed, and enter nothing twice.

The supervisor is held still meanwhile, as a service manager that takes its time, so that people meet the gap.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from app.flow.collect.models import Proposal
from app.flow.collect.voices import Comment
from app.flow.decide.models import RollEntry, Vote
from app.flow.decide.queries import find_ballot
from app.flow.deliberate.models import MinutesEntry
from app.people.models import Account
from tenants.database import db
from tests import browser as browsers
from tests.journeys.person import Person
from tests.journeys.program import Program
from tests.prove.faults import strikes
from tests.prove.prove_restart import HALL, open_ballot

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VOTER, NEIGHBOUR, RECORDER = "yishi3", "yishi4", "shegong"
SAID = "四号楼二单元的声控灯坏了半个月，晚上老人下楼看不见台阶，请快点修。"
COMMENT = "灯一换，我家老人晚上就敢下楼了，赞成，希望开春前能换好。"
NOTED, MORE = "灯要换亮的，", "六盏一起换，省得年年修。"
AGAIN, LOOK = "再交一次", "再试一次"
#: Seconds after which nobody believes any more that a page mends itself.
PATIENCE = 40_000


@contextlib.contextmanager
def away(program: Program) -> Iterator[None]:
    """PostgreSQL is killed and stays away until the block ends."""
    assert program.process is not None
    os.kill(program.process.pid, signal.SIGSTOP)
    try:
        assert strikes.kill_database(program)
        yield
    finally:
        os.kill(program.process.pid, signal.SIGCONT)


class Pages:
    """Five open pages: a vote chosen, words half written twice, minutes being taken, the screen on the wall."""

    def __init__(self, program: Program, browser: Browser, ballot: UUID, sitting: UUID, matter: UUID) -> None:
        voter = Person(program, browser, HALL).sign_in(VOTER).go(f"/ballots/{ballot}").tick("同意")
        resident = Person(program, browser, HALL).go("/say").fill("什么事", SAID)
        neighbour = Person(program, browser, HALL).sign_in(NEIGHBOUR).go(f"/matters/{matter}")
        neighbour.fill("我也说两句", COMMENT)
        recorder = Person(program, browser, HALL, width=1280).sign_in(RECORDER)
        recorder.go(f"/desk/sittings/{sitting}").fill("谁说的", "靳大爷").fill("说了什么", NOTED)
        self.resident, self.voter, self.neighbour = resident, voter.page, neighbour.page
        self.minutes, self.matter = recorder.page, matter
        self.screen = recorder.context.new_page()
        self.screen.goto(recorder.url(f"/sittings/{sitting}/screen"), wait_until="load")
        for page in (self.minutes, self.screen):
            page.evaluate("window.sameAsBefore = true")
        self.minutes.wait_for_function("document.querySelector('[data-autosave] [name=version]').value !== '0'")

    def meet_the_gap(self) -> None:
        """Two forms are sent in vain, twice; a page is asked for; the open pages say that they lost the house."""
        for page, button in ((self.voter, "投"), (self.neighbour, "发出去")):
            for name in (button, AGAIN):
                told = _press(page, name)
                assert "请过一会儿再试" in told, told
                assert "没有丢" in told, told
        assert self.neighbour.locator("textarea").input_value() == COMMENT
        # What was typed lies in the draft, which needs no database; the page after it does.
        assert "请过一会儿再试" in _press(self.resident.page, "下一步：在哪儿")
        words = self.minutes.get_by_label("说了什么")
        words.focus()
        words.press("End")
        words.press_sequentially(MORE)
        self.minutes.get_by_text("没存上，正在重试").wait_for(timeout=PATIENCE)
        for page in (self.minutes, self.screen):
            page.locator("[data-live-lost]:visible", has_text="网断了，正在重连").wait_for(timeout=PATIENCE)

    def mend(self) -> None:
        """What follows by itself does, without being loaded anew; what was sent in vain is sent once more."""
        for page in (self.minutes, self.screen):
            page.locator("[data-live-lost]").wait_for(state="hidden", timeout=PATIENCE)
        self.minutes.wait_for_function(
            "document.querySelector('[data-autosave-status]').textContent.indexOf('没存上') < 0", timeout=PATIENCE
        )
        assert "投好了" in _press(self.voter, AGAIN)
        self.screen.get_by_text("已投 1 人").wait_for(timeout=PATIENCE)
        _press(self.neighbour, AGAIN, twice=True)
        assert f"/matters/{self.matter}" in self.neighbour.url, self.neighbour.url
        for page in (self.minutes, self.screen):
            assert page.evaluate("window.sameAsBefore"), "somebody had to load the page anew"

    def finish(self) -> None:
        """The resident goes on with the words that were typed before the database fell."""
        resident = self.resident
        resident.broken.clear()
        resident.press(LOOK).fill("具体位置", "单元门口").tick("我自己提").press("下一步：看一遍").sees(SAID)
        resident.tick("我说的是实情").press("提交")
        assert "/say/receipts/" in resident.page.url, resident.text()[:600]


def _press(page: Page, name: str, *, twice: bool = False) -> str:
    """Press, wait for the next page and read it."""
    button = page.get_by_role("button", name=name).last
    with page.expect_navigation(wait_until="load"):
        (button.dblclick if twice else button.click)()
    return str(page.locator("main").inner_text())


def test_open_pages_live_through_the_database(demo: Program, figure: Callable[[str], None]) -> None:
    """A browser holds a vote, a form, the minutes and the screen open while PostgreSQL is killed and comes back."""
    ballot = open_ballot(demo)
    with demo.inside(HALL):
        found = find_ballot(ballot)
        assert found is not None
        sitting, matter = found.sitting_id, found.matter_id
    assert sitting is not None
    with browsers.launched() as browser:
        pages = Pages(demo, browser, ballot, sitting, matter)
        begun = time.monotonic()
        with away(demo):
            pages.meet_the_gap()
            gap = time.monotonic() - begun
        pages.mend()
        mended = time.monotonic() - begun - gap
        pages.finish()
    assert entered(demo, ballot) == (1, 1, 1, 1)
    figure(
        f"database away for {gap:.0f} s under 5 open pages: told to try again, words kept, mended by themselves after "
        f"{mended:.0f} s; 1 vote, 1 matter, 1 comment, 1 entry of the minutes"
    )


def entered(program: Program, ballot: UUID) -> tuple[int, ...]:
    """How often the vote, the words handed in, the comment and the entry of the minutes stand there."""
    with program.inside(HALL) as site:
        vote = (
            select(func.count())
            .select_from(Vote)
            .join(RollEntry, (RollEntry.community_id == Vote.community_id) & (RollEntry.id == Vote.voter_id))
            .join(Account, (Account.community_id == RollEntry.community_id) & (Account.id == RollEntry.account_id))
            .where(Vote.community_id == site.community_id, Vote.ballot_id == ballot, Account.login == VOTER)
        )
        said = select(func.count()).select_from(Proposal).where(Proposal.words == SAID)
        comment = select(func.count()).select_from(Comment).where(Comment.words == COMMENT)
        noted = select(func.count()).select_from(MinutesEntry).where(MinutesEntry.words == NOTED + MORE)
        begun = select(func.count()).select_from(MinutesEntry).where(MinutesEntry.words.startswith(NOTED))
        found = [int(db.session.scalar(wanted) or 0) for wanted in (vote, said, comment, noted, begun)]
    assert found[3] == found[4], "the minutes hold an older text beside the newer one"
    return tuple(found[:4])
