"""When a joint proposal may be signed, registered, handed in alone; and what a child's matter may say in public."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.flow.collect import joint_rules as rules
from app.flow.collect.joint_rules import Sheet
from app.flow.collect.minor_rules import Child, may_agree, may_open
from app.matter.situation import Stage, Visibility

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OPEN = Sheet(Stage.COLLECTED, Visibility.PUBLIC, False, 3, 1, NOW + timedelta(days=30), False)


@pytest.mark.parametrize(
    ("change", "signs", "enters", "unsigns"),
    [
        ({}, True, True, True),
        ({"stage": Stage.SUBMITTED}, True, True, True),
        ({"stage": Stage.DELIBERATING}, True, True, True),
        ({"stage": Stage.VOTING}, False, False, False),
        ({"stage": Stage.CLOSED}, False, False, False),
        ({"stage": Stage.WITHDRAWN}, False, False, False),
        ({"is_closed": True}, False, True, True),
        ({"closes_at": NOW}, False, True, True),
        ({"visibility": Visibility.PARTIES}, False, True, True),
        ({"visibility": Visibility.MEMBERS}, False, True, True),
        ({"is_hidden": True}, False, True, True),
    ],
)
def test_the_windows_of_a_sheet(change: dict, signs: bool, enters: bool, unsigns: bool) -> None:
    sheet = replace(OPEN, **change)
    verdicts = (rules.may_sign(sheet, NOW), rules.may_enter_paper(sheet), rules.may_unsign(sheet))
    assert tuple(map(bool, verdicts)) == (signs, enters, unsigns)
    assert all(verdict or verdict.reason for verdict in verdicts)


@pytest.mark.parametrize(("signers", "stage", "registers"), [(2, Stage.COLLECTED, False), (3, Stage.COLLECTED, True),
                                                             (9, Stage.SUBMITTED, False)])  # fmt: skip
def test_enough_signers_register_a_lead(signers: int, stage: Stage, registers: bool) -> None:
    sheet = replace(OPEN, signers=signers, stage=stage)
    assert rules.registers(sheet) is registers
    assert sheet.lacking == max(0, 3 - signers)


@pytest.mark.parametrize(
    ("change", "others", "may"),
    [({}, 1, False), ({}, 0, True), ({"is_closed": True}, 5, True), ({"closes_at": NOW}, 5, True),
     ({"stage": Stage.SUBMITTED, "is_closed": True}, 0, False)],
)  # fmt: skip
def test_going_alone(change: dict, others: int, may: bool) -> None:
    assert bool(rules.may_go_alone(replace(OPEN, **change), NOW, others)) is may


@pytest.mark.parametrize(
    ("households", "names", "field"),
    [(12, ["王淑兰"], None), (1, [], None), (5000, [], None), (0, [], "households"), (None, [], "households"),
     (5001, [], "households"), (1, ["王", "李"], "names"), (3, ["王" * 41], "names")],
)  # fmt: skip
def test_a_sheet_of_paper(households: int | None, names: list[str], field: str | None) -> None:
    assert list(rules.paper_problems(households, names)) == ([field] if field else [])


@pytest.mark.parametrize(("reason", "fine"), [("", False), ("错", False), ("录重了", True), ("错" * 201, False)])
def test_striking_out_says_why(reason: str, fine: bool) -> None:
    assert bool(rules.may_strike(reason)) is fine


@pytest.mark.parametrize(
    ("born", "guardian", "own", "may"),
    [(2017, "妈妈 13800001234", False, True), (2017, "", True, False), (2017, "", False, False),
     (2011, "", True, True), (2011, "", False, False), (None, "", True, False), (None, "爸爸 13800001234", False, True),
     (2017, "妈" * 81, False, False)],
)  # fmt: skip
def test_who_agrees_for_a_child(born: int | None, guardian: str, own: bool, may: bool) -> None:
    assert bool(may_agree(born, 2026, guardian=guardian, own=own)) is may


CHILD = Child(("小诺",), "楼梯太高了，奶奶每次爬到三楼都要坐在台阶上歇半天，能不能放个椅子。")
ANEW = {
    "title": "楼梯歇脚椅", "question": "歇脚椅放在哪几层、用什么样式？", "place": "电业小区各楼道",
    "reason": "全楼的事，要大家票决", "names_nobody": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"question": ""}, True),
        ({"title": ""}, False),
        ({"place": ""}, False),
        ({"reason": "公开"}, False),
        ({"names_nobody": False}, False),
        ({"title": "小诺想要歇脚椅"}, False),
        ({"title": "9岁孩子想要歇脚椅"}, False),
        ({"question": "小学生提的歇脚椅要不要放"}, False),
        ({"question": "奶奶每次爬到三楼都要坐在台阶上歇半天，怎么办"}, False),
        ({"title": "椅" * 61}, False),
    ],
)
def test_what_may_stand_in_public_of_a_child_s_matter(change: dict, fine: bool) -> None:
    assert bool(may_open(**{**ANEW, **change}, child=CHILD)) is fine
