"""An account counts each fen once; a sum shared out adds up to the fen; nothing turns a vote into a debt."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flow.implement import collection_rules as doors
from app.flow.implement import money_rules as money
from app.flow.implement.collection_rules import Home, capitals, shares_of, split
from app.flow.implement.money_rules import Line, Promise, reckon
from app.matter.situation import Stage
from app.people.roles import Role

A, B = UUID(int=1), UUID(int=2)
DAY = date(2026, 6, 1)


@given(st.integers(0, 10**10), st.lists(st.integers(0, 10**7), max_size=60))
@settings(max_examples=150, deadline=None)
def test_shares_add_up_to_the_fen(total: int, weights: list[int]) -> None:
    shares, whole = split(total, weights), sum(weights)
    assert sum(shares) == (total if whole else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < max(whole, 1)
        assert weight or not share
    ordered = sorted(zip(weights, shares, strict=True))
    assert [share for _weight, share in ordered] == sorted(shares)


@pytest.mark.parametrize(
    ("basis", "homes", "total", "shares"),
    [
        ("equal", [Home(str(n)) for n in range(12)], 480_000, [40_000] * 12),
        ("equal", [Home(str(n)) for n in range(12)], 5_000, [417] * 8 + [416] * 4),
        ("heads", [Home("a", heads=1), Home("b", heads=2)], 100, [33, 67]),
        ("area", [Home("a", area_dm2=8_850), Home("b", area_dm2=11_150)], 200_000, [88_500, 111_500]),
        ("agreed", [Home("a", share_fen=7), Home("b", share_fen=0)], 7, [7, 0]),
    ],
)
def test_each_basis(basis: str, homes: list[Home], total: int, shares: list[int]) -> None:
    assert shares_of(total, basis, homes) == shares


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (40_000, "肆佰元整"), (480_000, "肆仟捌佰元整"), (480_005, "肆仟捌佰元零伍分"), (41_67, "肆拾壹元陆角柒分"),
        (50, "伍角整"), (3, "叁分"), (1_005_003, "壹万零伍拾元零叁分"), (10_000_100_000, "壹亿零壹仟元整"),
        (12_000_000_00, "壹仟贰佰万元整"), (20_100_000, "贰拾万壹仟元整"), (100_050_000_00, "壹亿零伍万元整"),
        (0, "零元整"),
    ],
)  # fmt: skip
def test_an_amount_on_a_receipt(fen: int, said: str) -> None:
    assert capitals(fen) == said


def test_each_fen_counts_once() -> None:
    by_source = [
        Line("budget", "department", 30_000_000, "住建局"), Line("budget", "title_holder", 22_000_000),
        Line("budget", "street", 6_600_000),
    ]  # fmt: skip
    task = Promise(A, "翻新", 58_600_000, None)
    seen = reckon(by_source, [task])
    assert (seen.planned, seen.spent, seen.came, seen.left) == (58_600_000, 0, 0, 0)
    assert [row.planned for row in seen.sources] == [6_600_000, 30_000_000, 22_000_000]

    told = [Promise(A, "架子", 480_000, 465_000), Promise(B, "刷漆", 0, 10_000)]
    assert (reckon([], told).planned, reckon([], told).spent) == (480_000, 475_000)
    named = reckon([Line("out", "street", 400_000, commitment_id=A)], told)
    assert named.spent == 410_000
    assert [(row.entered_actual, row.actuals_differ) for row in named.tasks] == [(400_000, True), (None, False)]
    loose = reckon([Line("out", "street", 475_000)], told)
    assert (loose.spent, loose.over) == (475_000, 0)
    assert not any(row.left_out for row in loose.tasks)
    few = reckon([Line("out", "residents", 6_000)], told)
    assert (few.spent, [row.left_out for row in few.tasks]) == (6_000, [True, True])

    paid = [Line("in", "residents", 480_000), Line("out", "residents", 475_000),
            Line("out", "residents", 5_000, is_refund=True)]  # fmt: skip
    collected = reckon(paid, [Promise(A, "管子", 480_000, None, is_dropped=True)])
    assert (collected.planned, collected.came, collected.spent, collected.refunded, collected.left) == (
        0, 480_000, 475_000, 5_000, 0
    )  # fmt: skip
    assert (collected.rest, loose.rest, seen.rest) == (0, None, None)
    partly = reckon([Line("in", "residents", 100_000), Line("out", "property", 475_000)], [])
    assert (partly.left, partly.rest) == (-375_000, None)
    assert [(row.came, row.spent) for row in collected.sources] == [(475_000, 475_000)]
    assert reckon([Line("budget", "other", 60_000_000, "各家", approx=True)], []).approx


GOOD: dict[str, Any] = {
    "side": "out", "source": "street", "source_name": "", "amount_fen": 1, "words": "买料", "on": DAY, "voucher": "",
    "approx": False, "today": DAY,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "ok"),
    [
        ({}, True),
        ({"side": "loan"}, False),
        ({"source": "bank"}, False),
        ({"source": "other"}, False),
        ({"source": "other", "source_name": "爱心人士"}, True),
        ({"amount_fen": 0}, False),
        ({"amount_fen": 10**10 + 1}, False),
        ({"approx": True}, False),
        ({"approx": True, "side": "budget"}, True),
        ({"on": date(2026, 6, 2)}, False),
        ({"on": date(1, 1, 1)}, False),
        ({"on": date(9999, 12, 31), "side": "budget"}, False),
        ({"on": date(2026, 6, 2), "side": "budget"}, True),
        ({"words": " "}, False),
        ({"words": "长" * 201}, False),
        ({"voucher": "1" * 41}, False),
    ],
)
def test_what_an_entry_holds(changed: dict[str, Any], ok: bool) -> None:
    assert money.good_entry(**(GOOD | changed)).ok is ok


def test_who_writes_and_when() -> None:
    assert [role for role in Role if money.may_write(role)] == [Role.SECRETARY, Role.COMMUNITY_WORKER]
    assert {role for role in Role if doors.may_collect(role)} == {
        Role.SECRETARY, Role.COMMUNITY_WORKER, Role.GRID_LEADER, Role.GRID_WORKER
    }  # fmt: skip
    assert money.may_enter(Stage.CLOSED, taken_on=True)
    assert not money.may_enter(Stage.ARCHIVED, taken_on=True)
    assert not money.may_enter(Stage.SUBMITTED, taken_on=False)
    assert not money.may_strike(struck=False, of_a_share=True, reason="错了")
    assert not money.good_booking(side="in", source="residents", names_task=True, collection="", posted=False)
    assert not money.good_booking(side="out", source="street", names_task=False, collection="open", posted=False)
    beside = {"source": "residents", "names_task": False, "collection": "", "posted": False}
    assert [bool(money.good_booking(side=side, collects=True, **beside)) for side in ("in", "out", "budget")] == [
        False, False, True,
    ]  # fmt: skip
    assert money.good_booking(side="out", collects=False, **beside)
    assert not money.good_booking(side="out", source="residents", names_task=False, collection="closed", posted=True)


@pytest.mark.parametrize(
    ("collection", "state", "may"),
    [("open", "asked", False), ("open", "declined", False), ("open", "agreed", True), ("open", "paid", False),
     ("closed", "agreed", False), ("draft", "agreed", False), ("void", "agreed", False)],
)  # fmt: skip
def test_only_who_agreed_pays(collection: str, state: str, may: bool) -> None:
    assert doors.may_pay(collection=collection, state=state, share_fen=1, how="cash").ok is may
    assert not doors.may_pay(collection=collection, state=state, share_fen=0, how="cash")


def test_a_yes_is_said_to_one_sum() -> None:
    assert doors.after_sharing("agreed", 400, 436) == "asked"
    assert doors.after_sharing("agreed", 400, 400) == "agreed"
    assert doors.after_sharing("declined", 400, 436) == "declined"
    assert not doors.may_share_anew(state="open", paid=1)
    assert not doors.may_close(state="open", unpaid=1)
    assert not doors.may_void(state="open", spent_fen=1, reason="不收了")
    assert not doors.may_post(state="closed", owing=1)
    assert not doors.nothing_left(state="closed", left=1)
    assert not doors.may_open(state="draft", total_fen=7, basis="area", homes=[Home("a", share_fen=7)])
    assert "3.00" in str(
        doors.may_open(state="draft", total_fen=700, basis="agreed", homes=[Home("a", share_fen=400)]).values
    )


def test_no_vote_makes_a_debt() -> None:
    """Nothing that collects knows of ballots, polls or resolutions: a majority has no way in."""
    folder = Path(doors.__file__).parent
    for path in folder.glob("collect*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            )  # fmt: skip
            assert not [name for name in names if ".decide" in name or name.endswith(("resolve.models", "ratifying"))]
