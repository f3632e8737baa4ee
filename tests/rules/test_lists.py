"""What a version of a list must hold, what a hall may leave out, and the words of a template. Tables, no database."""

from __future__ import annotations

from typing import Any

import pytest

from app.flow.triage import replies
from app.flow.triage.list_actions import default_items
from app.flow.triage.list_rules import difference, may_narrow, may_write, next_code, signs_of
from app.flow.triage.lists import DEFAULTS, ENCOURAGED, NEGATIVE
from app.flow.triage.rules import may_retriage, may_unmerge
from app.matter.situation import Power, Stage, Triage

E, N = list(ENCOURAGED), list(NEGATIVE)
NEW = {"code": "N14", "label": "无人机扰民", "way": "refer", "door": "打 110。", "urgent": False, "signs": ["无人机"]}


def negative(*more: dict[str, Any], without: str = "", **changes: Any) -> list[dict[str, Any]]:
    kept = [item for item in default_items("negative") if item["code"] != without]
    return [item | changes if item["code"] == "N08" else item for item in kept] + list(more)


@pytest.mark.parametrize(
    ("items", "fine"),
    [
        (negative(), True),
        (negative(NEW), True),
        (negative(without="N12"), True),
        ([], False),
        (negative(without="N09"), False),
        (negative(NEW | {"code": "N15"}), False),
        (negative(NEW | {"code": "N01"}), False),
        (negative(label=" "), False),
        (negative(label="长" * 31), False),
        (negative(door="长" * 201), False),
        (negative(way="burn"), False),
        (negative(signs=["违"]), False),
        (negative(signs=["违建"] * 41), False),
    ],
)
def test_a_version_is_whole(items: list[dict[str, Any]], fine: bool) -> None:
    assert bool(may_write("negative", items, N, N)) is fine


def test_a_code_is_never_given_twice() -> None:
    without = negative(without="N13")
    assert next_code("negative", N) == "N14"
    assert may_write("negative", without, N, N)
    again = [*without, NEW | {"code": "N13"}]
    assert not may_write("negative", again, [code for code in N if code != "N13"], N)
    assert next_code("encouraged", [f"E{n}" for n in range(1, 10)]) is None
    assert next_code("encouraged", []) == "E1"


@pytest.mark.parametrize(
    ("kind", "dropped", "notes", "fine"),
    [
        ("encouraged", ["E5"], {}, True),
        ("encouraged", E, {}, False),
        ("encouraged", ["E9"], {}, False),
        ("encouraged", [], {"E1": "x"}, False),
        ("negative", [], {"N08": "执法中队 8555 0199"}, True),
        ("negative", ["N08"], {}, False),
        ("negative", [], {"N77": "x"}, False),
        ("negative", [], {"N08": "长" * 201}, False),
    ],
)
def test_a_hall_only_narrows(kind: str, dropped: list[str], notes: dict[str, str], fine: bool) -> None:
    assert bool(may_narrow(kind, dropped, notes, E, N)) is fine


def test_what_a_version_changed() -> None:
    old = default_items("negative")
    rows = difference(old, negative(NEW, without="N12", door="打 12345。"))
    assert [(row[0], row[1]) for row in rows] == [("N08", "door"), ("N12", "-"), ("N14", "+")]
    assert difference(old, old) == []


def test_signs_are_read_as_people_type_them() -> None:
    assert signs_of("违建、打人，偷东西 赌博\n违建") == ["违建", "打人", "偷东西", "赌博"]


def test_the_most_urgent_hint_comes_first() -> None:
    hinted = DEFAULTS.hint("楼上违建还着火了")
    assert hinted
    assert hinted.code == "N09"
    assert DEFAULTS.hint("晾衣架") is None
    welcome = DEFAULTS.welcome("想装晾衣架和长椅")
    assert welcome
    assert welcome.code == "E1"
    assert "着火" in DEFAULTS.urgent_signs


def test_templates_fill_only_what_they_know() -> None:
    values = {"称呼": "王女士", "编号": "盐议 2026-001"}
    assert replies.fill("{称呼}您好，{编号}{事项}{别的}", values) == "王女士您好，盐议 2026-001{别的}"
    assert replies.fill("{称呼}", {"称呼": "{编号}", "编号": "x"}) == "{编号}"
    assert replies.may_keep("answered", "名", "话 {称呼}")
    for use, title, words in (("nope", "名", "话"), ("answered", "", "话"), ("answered", "名", " "),
                              ("answered", "长" * 31, "话"), ("answered", "名", "{电话}")):  # fmt: skip
        assert not replies.may_keep(use, title, words)
    assert {seed.use for seed in replies.SEEDS} == set(replies.USES)
    assert all(replies.may_keep(seed.use, seed.title, seed.words) for seed in replies.SEEDS)


@pytest.mark.parametrize(
    ("stage", "was", "wanted", "fine"),
    [
        (Stage.ACCEPTED, (Triage.URGENT, Power.COUNCIL), (Triage.MINOR, Power.COUNCIL), True),
        (Stage.SURVEYING, (Triage.MINOR, Power.COUNCIL), (Triage.HARD, Power.RESIDENTS), True),
        (Stage.NOT_PASSED, (Triage.MINOR, Power.COUNCIL), (Triage.MAJOR, Power.OWNERS), True),
        (Stage.SCHEDULED, (Triage.HARD, Power.COUNCIL), (Triage.MINOR, Power.COUNCIL), True),
        (Stage.SCHEDULED, (Triage.MINOR, Power.COUNCIL), (Triage.HARD, Power.COUNCIL), False),
        (Stage.SCHEDULED, (Triage.MINOR, Power.COUNCIL), (Triage.MINOR, Power.RESIDENTS), False),
        (Stage.DELIBERATING, (Triage.MAJOR, Power.COUNCIL), (Triage.MINOR, Power.COUNCIL), False),
        (Stage.VOTING, (Triage.MAJOR, Power.COUNCIL), (Triage.MINOR, Power.COUNCIL), False),
        (Stage.SUSPENDED, (Triage.MAJOR, Power.COUNCIL), (Triage.MINOR, Power.COUNCIL), False),
        (Stage.SUBMITTED, (None, None), (Triage.MINOR, Power.COUNCIL), False),
        (Stage.DECIDED, (Triage.MAJOR, Power.COUNCIL), (Triage.MINOR, Power.COUNCIL), False),
    ],
)
def test_the_way_is_put_right_before_anybody_sits_down(stage: Stage, was: Any, wanted: Any, fine: bool) -> None:
    assert bool(may_retriage(stage, was, wanted)) is fine


@pytest.mark.parametrize(
    ("end", "fine"),
    [(Stage.ACCEPTED, True), (Stage.VOTING, True), (Stage.IMPLEMENTING, True), (Stage.CLOSED, False),
     (Stage.WITHDRAWN, False), (None, False)],
)  # fmt: skip
def test_taken_apart_only_while_the_other_is_in_hand(end: Stage | None, fine: bool) -> None:
    assert bool(may_unmerge(end)) is fine
