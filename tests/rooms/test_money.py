"""The account of a matter and money from door to door, on the real database: M02's twelve homes, to the fen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, true

from app.errors import Refused
from app.flow.evaluate.closing import archive
from app.flow.implement import actions, collecting, money, money_queries
from app.flow.implement import collection_queries as reading
from app.flow.implement.collection_rules import Home
from app.flow.implement.evidence import evidence_of
from app.flow.implement.money_list import Wanted, money_page, shut_to
from app.flow.implement.money_models import Collection, MoneyEntry
from app.flow.implement.money_queries import totals
from app.matter.ledger import Reader
from app.matter.models import TimelineEntry
from app.people.actor import Actor
from app.people.places import Building
from app.people.roles import Role
from tenants.database import db
from tests.conftest import later
from tests.rooms.carrying_out import only_task, working
from tests.rooms.stage_setting import matter_at, staff

DAY = date(2026, 6, 1)
PIPE = {"title": "3 单元下水主管", "purpose": "开挖换管，工料费", "basis": "equal", "total_fen": 480_000}


def booked(matter: Any, now: Any, **more: Any) -> MoneyEntry:
    values = {"side": "out", "source": "property", "amount_fen": 465_000, "words": "工料费", "on": DAY}
    return money.add_entry(matter, **(values | more), by=staff(), now=now)


def twelve(matter: Any, now: Any, **more: Any) -> Collection:
    homes = [Home(f"3 单元 {n}") for n in range(101, 113)]
    return collecting.draft_collection(matter, **(PIPE | {"homes": homes} | more), by=staff("xiaoli", Role.GRID_WORKER),
                                       now=now)  # fmt: skip


def test_m01_budget_and_actual(hall: Any, now: Any, count_queries: Any) -> None:
    """M01: planned 4,800.00, spent 4,650.00; the task's figure and the bill that names it are the same money."""
    matter = working(now)
    task = only_task(matter)
    assert (totals(matter).planned, totals(matter).spent) == (480_000, 0)
    assert "money_recorded" not in evidence_of(matter)
    first = booked(matter, now, amount_fen=460_000, commitment=task, voucher="00123456")
    assert "money_recorded" in evidence_of(matter)
    actions.finish(task, evidence="5 组都装好了", actual_fen=465_000, by=staff(), now=now)
    (row,) = totals(matter).tasks
    assert (row.entered_actual, row.actual_fen, row.actuals_differ) == (460_000, 465_000, True)
    money.strike(first, "少写了 50 元", by=staff(), now=now)
    with pytest.raises(Refused):
        money.strike(first, "再划一次", by=staff(), now=now)
    assert totals(matter).spent == 465_000
    booked(matter, now, commitment=task)
    db.session.flush()
    with count_queries() as seen:
        sums = totals(matter)
    assert len(seen) == 1
    assert (sums.planned, sums.spent, sums.over, sums.tasks[0].actuals_differ) == (480_000, 465_000, 0, False)
    assert [(line.entry.amount_fen, bool(line.entry.struck_at)) for line in money_queries.entries_of(matter)] == [
        (465_000, False), (460_000, True)
    ]  # fmt: skip
    assert [line.amount_fen for line in money_queries.public_lines(matter)] == [465_000]
    with pytest.raises(Refused):
        money.add_entry(matter, side="in", source="street", amount_fen=1, words="x", on=DAY,
                        by=staff("xiaoli", Role.GRID_WORKER), now=now)  # fmt: skip


def test_m07_a_budget_by_its_sources(hall: Any, now: Any) -> None:
    """M07: 58.6万 = 住建 30 + 产权 22 + 街道 6.6; a plan without any cost told holds the hand-over back."""
    matter = working(now)
    assert not matter.costs_money or only_task(matter).planned_fen
    for source, name, fen in (("department", "住建局", 30_000_000), ("title_holder", "机床厂", 22_000_000),
                              ("street", "", 6_600_000)):  # fmt: skip
        booked(matter, now, side="budget", source=source, source_name=name, amount_fen=fen)
    sums = totals(matter)
    assert (sums.planned, sums.spent) == (58_600_000, 0)
    assert {row.source: row.planned for row in sums.sources} == {
        "department": 30_000_000, "title_holder": 22_000_000, "street": 6_600_000
    }  # fmt: skip
    assert "money_recorded" not in evidence_of(matter)
    booked(matter, now, source="title_holder", amount_fen=22_000_000)
    assert "money_recorded" in evidence_of(matter)
    quiet = matter_at("suspended", now=now, suspended_from="implementing", visibility="parties", number="NYD20260099")
    booked(quiet, now, side="budget", source="other", source_name="各家", amount_fen=60_000_000, approx=True)
    rows, sums_shown = money_page(Wanted(), ~true())
    assert {row.number: (row.planned, row.spent) for row in rows} == {
        matter.number: (58_600_000, 22_000_000), "NYD20260099": (60_000_000, 0)
    }  # fmt: skip
    assert dict(sums_shown) == {
        "n": 2,
        "planned": 118_600_000,
        "came": 0,
        "spent": 22_000_000,
        "refunded": 0,
        "rest": 0,
    }
    for asked, n in (({"state": "unspent"}, 1), ({"source": "street"}, 1), ({"state": "over"}, 0), ({"year": 2026}, 2),
                     ({"words": "涵洞"}, 0), ({"words": "0099"}, 1), ({"state": "left"}, 0)):  # fmt: skip
        secret = shut_to(Reader(None, is_office=False))
        assert money_page(Wanted(**asked), secret)[1]["n"] == n, asked


def test_m02_twelve_homes_agree_pay_and_get_the_rest_back(hall: Any, now: Any) -> None:
    """M02: 4,800.00 = 400.00 × 12, spent 4,750.00, 50.00 back; each payment stands in the account once."""
    matter, grid = working(now), staff("xiaoli", Role.GRID_WORKER)
    made = twelve(matter, now)
    assert made.number == "NYD-SF-2026-001"
    doors = list(reading.shares_of(made.id))
    with pytest.raises(Refused, match="现在不收"):
        collecting.agree(doors[0], how="signature", by=grid, now=now)
    collecting.open_collection(made, matter, by=grid, now=now)
    assert "自己定" in made.voluntary_words
    with pytest.raises(Refused, match="还没同意"):
        collecting.pay(doors[0], made, matter, how="cash", by=grid, now=now)
    with pytest.raises(Refused, match="份额变了"):
        collecting.agree(doors[0], how="signature", seen_fen=1, by=grid, now=now)
    for door in doors:
        collecting.agree(door, how="signature", by=grid, now=now)
        collecting.pay(door, made, matter, how="cash", by=grid, now=now)
    with pytest.raises(Refused):
        collecting.pay(doors[0], made, matter, how="cash", by=grid, now=now)
    collecting.undo_payment(doors[3], made, matter, "记错门牌了", by=grid, now=now)
    assert totals(matter).came == 440_000
    with pytest.raises(Refused, match="同意了没交"):
        collecting.close_collection(made, matter, by=grid, now=now)
    collecting.pay(doors[3], made, matter, how="transfer", by=grid, now=now)
    assert doors[3].receipt_no == "NYD-SF-2026-001-013"
    assert len({door.receipt_no for door in doors}) == 12
    assert totals(matter).came == 480_000
    with pytest.raises(Refused, match="挨家收的"):
        booked(matter, now, source="residents", amount_fen=475_000)
    bill = booked(matter, now, source="residents", collection=made, amount_fen=475_000)
    with pytest.raises(Refused, match="已经花了"):
        collecting.void_collection(made, matter, "不收了", by=grid, now=now)
    collecting.close_collection(made, matter, by=grid, now=now)
    with pytest.raises(Refused, match="还余"):
        collecting.post_collection(made, matter, by=grid, now=now)
    assert collecting.settle_surplus(made, matter, by=grid, now=now) == 5_000
    with pytest.raises(Refused, match="没退到"):
        collecting.post_collection(made, matter, by=grid, now=now)
    for door in reading.shares_of(made.id):
        collecting.give_back(door, made, matter, by=grid, now=now)
    collecting.undo_give_back(doors[0], made, matter, "没碰到人", by=grid, now=now)
    assert totals(matter).left == 417
    collecting.give_back(doors[0], made, matter, by=grid, now=now)
    collecting.post_collection(made, matter, by=grid, now=now)
    sums = totals(matter)
    assert (sums.came, sums.spent, sums.refunded, sums.left) == (480_000, 475_000, 5_000, 0)
    told = "12 户中 12 户同意，收 4,800.00 元，支 4,750.00 元，余 50.00 元退回"
    assert collecting.summary(reading.whole(made.id)) == told
    assert collecting.summary(reading.collections_of(matter)[0]) == told
    with pytest.raises(Refused, match="已经贴出来"):
        booked(matter, now, source="residents", collection=made, amount_fen=1)
    with pytest.raises(Refused, match="不能再划"):
        money.strike(bill, "改一改", by=staff(), now=now)
    said = db.session.scalars(select(TimelineEntry.words).where(TimelineEntry.public)).all()
    assert any(told in words for words in said)
    assert not [words for words in said if "101" in words]
    seen = {(line.side, line.amount_fen, line.is_refund) for line in money_queries.public_lines(matter)}
    assert seen == {("in", 480_000, False), ("out", 475_000, False), ("out", 5_000, True)}


def test_a_no_is_no_debt_and_the_rest_agree_anew(hall: Any, now: Any) -> None:
    matter, grid = matter_at("implementing", now=now), staff("xiaoli", Role.GRID_WORKER)
    made = twelve(matter, now)
    doors = list(reading.shares_of(made.id))
    collecting.open_collection(made, matter, by=grid, now=now)
    for door in doors[1:]:
        collecting.agree(door, how="in_person", by=grid, now=now)
    collecting.decline(doors[0], reason="房子空着", by=grid, now=now)
    assert reading.whole(made.id).missing == 40_000
    assert collecting.share_anew(made, matter, total_fen=480_000, homes={}, reason="一户不交", by=grid, now=now) == 11
    again = list(reading.shares_of(made.id))
    assert [(one.state, one.share_fen) for one in again[:2]] == [("declined", 0), ("asked", 43_637)]
    assert sum(one.share_fen for one in again) == 480_000
    with pytest.raises(Refused, match="还没同意"):
        collecting.pay(again[1], made, matter, how="cash", by=grid, now=now)
    collecting.agree(again[1], how="phone", by=grid, now=now)
    collecting.pay(again[1], made, matter, how="cash", by=grid, now=now)
    with pytest.raises(Refused, match="份额不能再变"):
        collecting.share_anew(made, matter, total_fen=400_000, homes={}, reason="再摊", by=grid, now=now)
    assert reading.not_settled(matter) == made.title
    collecting.void_collection(made, matter, "大家商量改走维修资金", by=grid, now=later(1))
    assert reading.not_settled(matter) == made.title
    with pytest.raises(Refused, match="还没贴出来"):
        archive(matter, by=staff(), now=later(1))
    with pytest.raises(Refused, match="没退到"):
        collecting.post_collection(made, matter, by=grid, now=later(1))
    collecting.give_back(again[1], made, matter, by=grid, now=later(1))
    assert reading.not_settled(matter) == ""
    collecting.post_collection(made, matter, by=grid, now=later(1))
    assert (totals(matter).came, totals(matter).left) == (43_637, 0)
    assert "全部退回" in collecting.summary(reading.whole(made.id))
    steward = Actor("staff", "孙楼长", roles=frozenset({Role.BUILDING_STEWARD}))
    with pytest.raises(Refused, match="社区工作人员"):
        twelve_by(steward, matter, now)
    with pytest.raises(Refused, match="至少一户"):
        twelve(matter, now, homes=[])


def twelve_by(who: Actor, matter: Any, now: Any) -> None:
    collecting.draft_collection(matter, **PIPE, homes=[Home("101")], by=who, now=now)


def test_by_area_and_as_agreed(hall: Any, now: Any) -> None:
    matter, grid = matter_at("implementing", now=now), staff("xiaoli", Role.GRID_WORKER)
    building = db.session.scalars(select(Building)).one()
    homes = reading.homes_of_units([(building.id, 3)])
    assert [home.label[-3:] for home in homes] == ["301"]
    made = twelve(matter, now, basis="area", homes=[*homes, Home("302")])
    with pytest.raises(Refused, match="没写面积"):
        collecting.open_collection(made, matter, by=grid, now=now)
    first, second = reading.shares_of(made.id)
    areas = {first.id: Home("", None, 1, 8_850), second.id: Home("", None, 1, 11_150)}
    assert collecting.share_anew(made, matter, total_fen=200_000, homes=areas, by=grid, now=now) == 0
    collecting.open_collection(made, matter, by=grid, now=now)
    assert "二百八十三" in made.voluntary_words
    assert [one.share_fen for one in reading.shares_of(made.id)] == [88_500, 111_500]
    agreed = twelve(matter, now, basis="agreed", homes=[Home("301", share_fen=300_000), Home("302", share_fen=100_000)])
    assert agreed.number == "NYD-SF-2026-002"
    with pytest.raises(Refused, match="差"):
        collecting.open_collection(agreed, matter, by=grid, now=now)
