"""W1, W2, W6, W7 and M01, M02, M07, M18, M20, M21, M30 through the pages to their listed end (domain.md §2, §8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.faces.cli.demo.histories import STORIES
from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job
from app.flow.decide.models import Ballot
from app.flow.evaluate.models import Rating
from app.flow.implement.money_models import CollectionShare
from app.flow.implement.money_queries import totals
from app.flow.implement.queries import commitments_of
from app.matter.models import Matter
from app.records.hall_figures import count_hall
from tenants.database import db
from tests.cast import HOME, NEXT
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


def measures(t: Paged) -> list[tuple[int, int | None, str]]:
    """How far each task is: done, promised, in what."""
    return [(one.done_count, one.target, one.unit) for one in t.seen(commitments_of)]


def neighbour_finds_nothing(browse: Any, t: Paged) -> None:
    """The hall next door, knocking with this hall's ids."""
    thief = browse(NEXT, "shuji")
    for url in (t.desk, f"{t.desk}/money", f"/desk/tasks/{t.task_ids()[0]}", f"{t.desk}/review"):
        assert thief.get(url).status_code == 404, url


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


def test_m01_racks(app: Any, browse: Any) -> None:
    t = told(app, "M01", THURSDAY, 15, [("曹家巷小区", "3 号楼")])
    assert t.stage == "closed"
    assert t.seen(lambda m: (m.rating_satisfied, m.rating_count, m.reworks)) == (18, 19, 0)
    money = t.seen(totals)
    assert (money.planned, money.spent) == (480_000, 465_000)
    assert measures(t) == [(5, 5, "组"), (0, None, "")]
    page = browse().get(f"/matters/{t.matter_id}").get_data(as_text=True)
    for words in ("4,650", "5 组", "何师傅"):
        assert words in page
    neighbour_finds_nothing(browse, t)


def test_m18_cleared_twice(app: Any) -> None:
    t = told(app, "M18", TUESDAY, 15, [("向阳小区", "7 号楼")])
    assert t.stage == "closed"
    assert t.seen(lambda m: (m.rating_satisfied, m.rating_count, m.reworks)) == (18, 20, 1)
    with inside(app, HOME):
        rounds = db.session.execute(select(Rating.round, func.count()).group_by(Rating.round)).all()
        counted = count_hall(date(2026, 7, 1), date(2026, 9, 30), now=clock.now())
        assert (counted.sent_back, counted.entered_review) == (1, 1), "sent back once, counted once (K9)"
        assert sorted(map(tuple, rounds)) == [(1, 20), (2, 20)]


def test_m20_eight_leaks(app: Any) -> None:
    t = told(app, "M20", MONDAY, 15, [("建工小区", "4 号楼")])
    assert t.stage == "closed"
    assert measures(t)[0] == (8, 8, "处")
    money = t.seen(totals)
    assert [(row.source, row.planned, row.spent) for row in money.sources] == [("title_holder", 3_600_000, 3_600_000)]


def test_m21_four_collapses(app: Any) -> None:
    t = told(app, "M21", TUESDAY, 15, [("粮库街小区", "1 号楼")])
    assert t.stage == "closed"
    assert measures(t)[0] == (4, 4, "处")
    money = t.seen(totals)
    assert (money.planned, money.spent) == (5_200_000, 5_200_000)
    assert {row.source: row.spent for row in money.sources} == {"partner": 3_000_000, "property": 2_200_000}
    with inside(app, HOME):
        assert db.session.scalar(select(func.count()).select_from(Matter)) == 1, "places are not matters"


def test_m30_ended(app: Any) -> None:
    t = told(app, "M30", MONDAY, 15, [("盐业宿舍", "1 号楼")])
    assert t.stage == "terminated"


def test_m02_twelve_homes_pay_for_their_pipe(app: Any, browse: Any) -> None:
    """W2 too: told at the door, the bench, a sheet from door to door; 12 of 12, 4,800.00 = 400.00 × 12."""
    t = told(app, "M02", MONDAY, 15, [("锡麟街小区", "2 号楼")])
    assert t.stage == "closed"
    money = t.seen(totals)
    assert (money.came, money.spent, money.refunded) == (480_000, 480_000, 0)
    with inside(app, HOME):
        shares = db.session.scalars(select(CollectionShare)).all()
    assert [(one.state, one.paid_fen) for one in shares] == [("paid", 40_000)] * 12
    assert len({one.receipt_no for one in shares}) == 12
    page = browse().get(f"/matters/{t.matter_id}").get_data(as_text=True)
    assert "4,800" in page
    assert "3 单元 602" not in page, "no home is named in public"


def test_m07_three_sides_pay(app: Any, browse: Any) -> None:
    """W6 too: asked of the street, one table, 586,000.00 = 300,000.00 + 220,000.00 + 66,000.00."""
    t = told(app, "M07", MONDAY, 15, [("机床厂一宿舍", "1 号楼")])
    assert t.stage == "implementing"
    money = t.seen(totals)
    assert (money.planned, money.came) == (58_600_000, 30_000_000)
    assert {row.source: row.planned for row in money.sources} == {
        "department": 30_000_000, "title_holder": 22_000_000, "street": 6_600_000,
    }  # fmt: skip
    assert "586,000" in browse().get(f"/matters/{t.matter_id}").get_data(as_text=True)
    assert t.seen(lambda m: m.level) == "street"
    # W6 knew no more than 「近60万元」: an upper bound that nobody counted to the fen, and it says so.
    t.book("budget", "other", 600_000, "翻新的估算", "合计", approx=True)
    assert t.seen(totals).approx
    assert "不超过" in browse().get(f"/matters/{t.matter_id}").get_data(as_text=True)


def test_m14_tables_on_the_street(app: Any, browse: Any) -> None:
    """A hard matter: the expert answers from a browser that knows only the link, before anybody sits down."""
    t = told(app, "M14", TUESDAY, 17, [("金桥小区", "1 号楼")])
    assert t.stage == "closed"
    assert t.seen(lambda m: (m.rating_satisfied, m.rating_count)) == (21, 24)
    with inside(app, HOME):
        ballot = db.session.scalars(select(Ballot)).one()
        assert (ballot.present, ballot.eligible) == (15, 17)
        assert (ballot.yes, ballot.no, ballot.abstain) == (13, 1, 1)
    page = browse().get(f"/matters/{t.matter_id}").get_data(as_text=True)
    assert "退盲道 30 厘米" in page, "the opinion stands in the record"
    neighbour_finds_nothing(browse, t)
