"""W1, W2, W6, W7 and M01, M02, M07, M18, M20, M21, M30, told through the pages to their listed end (domain.md §2, §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.faces.cli.demo.histories import STORIES
from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job
from app.flow.decide.models import Ballot
from app.flow.implement.queries import commitments_of
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside
from tests.faces.paged import MONDAY, Paged, furnish, tell

FOUND: dict[str, Story] = {story.name: story for story in STORIES}
TUESDAY, THURSDAY = date(2026, 7, 7), date(2026, 7, 9)


def told(app: Any, name: str, begins: date = MONDAY, members: int = 15, places: Any = ()) -> Paged:
    """One story of the demo through the pages of 南盐道."""
    furnish(app, members, places)
    t = Paged(app, begins)
    tell(t, FOUND[name])
    return t


def w1(t: Any) -> None:
    """曹家巷晾衣架: lines on wires and poles; the secretary's own project, nobody votes, five racks."""
    t.said(
        0, "9:00", by="secretary", channel="secretary", where=("曹家巷小区", "3 号楼"), for_speaker=False,
        words="曹家巷老院里晾衣绳拉在电线杆上，风一刮就断，趁老院改造一起装上共享晾衣架。", title="曹家巷共享晾衣架",
        wish="装几组大家轮着用的晾衣架", category="addition", name="张书记",
    )  # fmt: skip
    t.accept(0, "10:00", "minor", is_secretary_project=True)
    t.promise(1, "9:00", [Job("装共享晾衣架", "老院改造施工队", 20, 6000, kind="partner", unit="组", target=5)])
    t.progress(10, "15:00", "立柱栽好了，先装三组。", task=1, done=3)
    t.finish(18, "16:00", 1, "5 组都装好了，绳子收走了。", yuan=5800, done=5)
    t.hand_over(18, "17:00")
    t.verify(19, "9:00", "5 组都结实。", "楼阿姨")
    t.visit(22, "18:00", "问了 12 户，都说方便。", 12)
    t.ratings(22, "18:30", {5: 9, 4: 3})
    t.evaluate(23, "9:00", "办成了，电线上没有再挂东西。")
    t.close(23, "9:30", "5 组晾衣架装好了。")


def test_w1_five_racks_and_no_vote(app: Any) -> None:
    furnish(app, 15, [("曹家巷小区", "3 号楼")])
    t = Paged(app)
    w1(t)
    assert t.stage == "closed"
    task = t.seen(commitments_of)[0]
    assert (task.done_count, task.target, task.unit, task.actual_fen) == (5, 5, "组", 580_000)
    with inside(app, HOME):
        assert db.session.scalars(select(Ballot)).all() == []


def test_m01_racks(app: Any) -> None:
    t = told(app, "M01", THURSDAY, 15, [("曹家巷小区", "3 号楼")])
    assert t.stage == "closed"
    assert t.seen(lambda m: (m.rating_satisfied, m.rating_count, m.reworks)) == (18, 19, 0)


def test_m18_cleared_twice(app: Any) -> None:
    t = told(app, "M18", TUESDAY, 15, [("向阳小区", "7 号楼")])
    assert t.stage == "closed"
    assert t.seen(lambda m: (m.rating_satisfied, m.rating_count, m.reworks)) == (18, 20, 1)


def test_m20_eight_leaks(app: Any) -> None:
    t = told(app, "M20", MONDAY, 15, [("建工小区", "4 号楼")])
    assert t.stage == "closed"


def test_m21_four_collapses(app: Any) -> None:
    t = told(app, "M21", TUESDAY, 15, [("粮库街小区", "1 号楼")])
    assert t.stage == "closed"


def test_m30_ended(app: Any) -> None:
    t = told(app, "M30", MONDAY, 15, [("盐业宿舍", "1 号楼")])
    assert t.stage == "terminated"
