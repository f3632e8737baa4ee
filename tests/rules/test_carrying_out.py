"""Promises and their carrying out as pure tables: measures, counts, finishing, asking for time, and who answers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from app.flow.implement import rules
from app.flow.resolve.promises import as_tasks, as_written
from app.flow.resolve.rules import Task, good_tasks
from app.people.roles import Role

TODAY, DUE = date(2026, 6, 1), date(2026, 7, 6)
ME, HER = UUID(int=1), UUID(int=2)
GAS = "市燃气公司"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"unit": "把", "target": 300}, ""),
        ({"unit": "把"}, "还要写数量"),
        ({"target": 300}, "还要写单位"),
        ({"unit": "把", "target": 0}, "数量要在"),
        ({"unit": "把", "target": 1_000_001}, "数量要在"),
        ({"unit": "一二三四五六七八九", "target": 8}, "最多"),
        ({"owner_kind": "external", "letter_no": "南盐道函〔2026〕3号"}, ""),
        ({"owner_kind": "external"}, ""),
        ({"letter_no": "南盐道函〔2026〕3号"}, "外单位"),
        ({"owner_kind": "street"}, "重新选"),
        ({"contact": "1" * 61}, "最多"),
        ({"owner_kind": "property", "contact": "8555 0123"}, ""),
        ({"due": date(9999, 12, 31)}, "太远了"),
    ],
)
def test_a_promise_says_who_and_how_much(more, says):
    verdict = good_tasks([Task("摆椅子", GAS, None, **({"due": DUE} | more))], TODAY)
    assert (says in verdict.reason) if says else verdict


def test_a_paper_keeps_the_measure_and_the_letter_and_never_the_phone():
    full = Task("改管道", GAS, ME, DUE, 600, "external", "处", 8, "8555 0123", "函 3 号")
    plain = Task("通知各户", "小李", ME, DUE)
    written = as_written([full, plain])
    assert written[1] == {"what": "通知各户", "who": "小李", "due": "2026-07-06", "planned_fen": 0}
    assert "8555" not in str(written)
    assert as_tasks(written) == [full._replace(owner_id=None, contact=""), plain._replace(owner_id=None)]


@pytest.mark.parametrize(
    ("count", "target", "says"),
    [
        (None, None, ""), (None, 120, ""), (0, 120, ""), (60, 120, ""), (130, 120, ""), (1200, 120, ""),
        (1201, 120, "再看一眼"), (-1, 120, "再看一眼"), (5, None, "没有定数量"),
    ],
)  # fmt: skip
def test_a_count_stays_within_sense(count, target, says):
    verdict = rules.good_count(count, target, "把")
    assert (says in verdict.reason) if says else verdict


@pytest.mark.parametrize(
    ("words", "count", "before", "says"),
    [
        ("支架到货了", None, 0, ""), ("", None, 0, "要填"), ("", 60, 0, ""), ("", 60, 60, "要填"),
        ("", 50, 60, "怎么回事"), ("多数了 10 把", 50, 60, ""), ("长" * 11, 60, 0, "最多"),
    ],
)  # fmt: skip
def test_a_note_says_something(words, count, before, says):
    verdict = rules.note_has_words(words, count, before, 10)
    assert (says in verdict.reason) if says else verdict


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, ""),
        ({"state": "done"}, "报过完工"),
        ({"planned_fen": 100}, "实际花了"),
        ({"planned_fen": 100, "actual_fen": 0}, ""),
        ({"actual_fen": -1}, "写得不对"),
        ({"count": 282, "target": 300, "unit": "把"}, "没做够"),
        ({"count": 282, "target": 300, "unit": "把", "shortfall": "厂家只剩这些"}, ""),
        ({"count": 300, "target": 300, "unit": "把"}, ""),
    ],
)
def test_done_is_shown_counted_and_paid(values, says):
    values = {"state": "open", "actual_fen": None, "planned_fen": 0} | values
    verdict = rules.may_finish(**values)
    assert (says in verdict.reason) if says else verdict


@pytest.mark.parametrize(
    ("state", "new_due", "says"),
    [
        ("open", date(2026, 7, 7), ""), ("open", DUE, "比原来的晚"), ("done", date(2026, 7, 7), "不用延期"),
        ("open", date(2029, 1, 1), "两年"),
    ],
)  # fmt: skip
def test_an_owner_asks_for_a_day_that_makes_sense(state, new_due, says):
    verdict = rules.may_ask_extension(state, DUE, new_due, TODAY)
    assert (says in verdict.reason) if says else verdict


@pytest.mark.parametrize(
    ("roles", "actor", "request_state", "state", "says"),
    [
        ({Role.SECRETARY}, ME, "asked", "open", ""),
        ({Role.COMMUNITY_WORKER}, ME, "asked", "open", ""),
        ({Role.GRID_WORKER}, ME, "asked", "open", "来批"),
        ({Role.BUILDING_STEWARD}, ME, "asked", "open", "来批"),
        ({Role.SECRETARY}, HER, "asked", "open", "由别人批"),
        ({Role.SECRETARY}, ME, "granted", "open", "已经有答复"),
        ({Role.SECRETARY}, ME, "asked", "done", "报完工"),
    ],
)
def test_somebody_else_of_the_office_answers(roles, actor, request_state, state, says):
    verdict = rules.may_decide_extension(roles, actor, (None, HER), request_state, state)
    assert (says in verdict.reason) if says else verdict


def test_whoever_holds_the_link_of_a_task_reports_on_it():
    assert rules.may_report({Role.TASK_OWNER}, None, None)
    assert not rules.may_report({Role.BUILDING_STEWARD}, ME, HER)
    assert not rules.may_report(frozenset(), None, None)


@pytest.mark.parametrize(
    ("day", "may"), [(date(2026, 8, 1), True), (date(2028, 5, 31), True), (date(9999, 12, 31), False)]
)
def test_no_day_lies_beyond_anybody_s_sight(day, may):
    """A year typed wrongly would keep a light green for ever, and every page would reckon its working days."""
    assert rules.may_extend({Role.SECRETARY}, "open", DUE, day, TODAY, approves_own=False).ok is may
    assert rules.good_new_day(day, TODAY).ok is may
    assert not rules.good_new_day(date(2026, 5, 31), TODAY)
