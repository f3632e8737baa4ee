"""What makes a plan, how its tasks stand, and when the public may read it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from app.faces.community.plan_sheet import letters_for
from app.flow.implement.plan_rules import Draft, Standing, good_plan, may_be_read, may_withdraw, months, standing
from app.people.roles import Role

YEAR = Draft("annual", "2026 年计划", "", date(2026, 1, 1), date(2026, 12, 31))
DUES = [date(2026, 5, 20), date(2026, 6, 10), date(2026, 9, 15)]
TODAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("changes", "stage", "dues", "reason"),
    [
        ({}, "implementing", DUES, ""),
        ({"starts": date(2026, 3, 1), "ends": date(2027, 2, 28)}, "decided", DUES, ""),
        ({"kind": "thematic", "theme": "助餐", "ends": date(2027, 12, 31)}, "publicized", DUES, ""),
        ({"kind": "weekly"}, "implementing", DUES, "选一种"),
        ({"title": "  "}, "implementing", DUES, "要填"),
        ({"title": "长" * 61}, "implementing", DUES, "最多"),
        ({"kind": "thematic"}, "implementing", DUES, "要填"),
        ({"ends": date(2026, 1, 1)}, "implementing", DUES, "后面"),
        ({"ends": date(2026, 12, 30)}, "implementing", DUES, "十二个月"),
        ({"starts": date(2026, 1, 2), "ends": date(2027, 1, 1)}, "implementing", DUES, "十二个月"),
        ({"kind": "thematic", "theme": "助餐", "ends": date(2028, 1, 1)}, "implementing", DUES, "最长"),
        ({"starts": date(9999, 1, 1), "ends": date(9999, 12, 31)}, "implementing", DUES, "年份写得不对"),
        ({}, "implementing", [], "先有决议和任务"),
        ({}, "surveying", DUES, "先有决议和任务"),
        ({}, "implementing", [*DUES, date(2027, 1, 1)], "不在这段时间里"),
    ],
)
def test_a_plan_has_a_name_a_span_and_tasks_in_it(changes, stage, dues, reason):
    verdict = good_plan(Draft(**{**vars(YEAR), **changes}), stage, dues)
    assert verdict.ok is (not reason)
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("state", "due", "done", "found"),
    [
        ("done", date(2026, 5, 1), 0, Standing.DONE),
        ("verified", date(2026, 12, 1), 0, Standing.DONE),
        ("open", date(2026, 6, 14), 5, Standing.LATE),
        ("open", TODAY, 0, Standing.DOING),
        ("open", date(2026, 6, 30), 0, Standing.DOING),
        ("open", date(2026, 7, 1), 0, Standing.TO_COME),
        ("open", date(2026, 9, 1), 60, Standing.DOING),
    ],
)
def test_how_a_task_stands(state, due, done, found):
    assert standing(state, due, done, TODAY) is found


def test_months_of_a_span():
    assert len(months(YEAR.starts, YEAR.ends)) == 12
    assert months(date(2026, 11, 20), date(2027, 1, 5)) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("public", "told", "resolution", "posted", "open_"),
    [
        (True, True, True, TODAY, True),
        (True, True, False, None, True),
        (True, True, True, None, False),
        (True, True, True, date(2026, 6, 16), False),
        (False, True, True, TODAY, False),
        (True, False, True, TODAY, False),
    ],
)
def test_who_reads_it(public, told, resolution, posted, open_):
    assert bool(may_be_read(public, told, resolution, posted, TODAY)) is open_


def test_it_comes_down_with_a_reason():
    assert may_withdraw(Role.SECRETARY, "重新排", False)
    assert "要填" in may_withdraw(Role.SECRETARY, " ", False).reason
    assert "已经收下来" in may_withdraw(Role.SECRETARY, "再收", True).reason
    assert not may_withdraw(Role.GRID_WORKER, "不要了", False)


@pytest.mark.parametrize(
    ("per_month", "letters"),
    [
        ([1] * 12, "is-xl"),
        ([2] * 12, "is-m"),
        ([3] * 12, "is-s"),
        ([40] + [0] * 11, "is-line is-tiny"),
        ([0] * 12, "is-xl"),
    ],
)
def test_the_largest_letters_with_which_a_year_stands_on_one_sheet(per_month, letters):
    task = {"task": SimpleNamespace(what="换楼道灯", who="物业"), "measure": "", "spent": "", "planned": "",
            "standing": "还没到"}  # fmt: skip
    months = [{"before": [], "after": [task] * n, "is_now": number == 5} for number, n in enumerate(per_month)]
    assert letters_for(months) == letters
