"""Urging as a table: which day belongs to which step, and what each person is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.matter.workdays import Calendar
from app.notices import reminder_rules as rules
from app.notices.reminder_rules import Person, Reached, Step, Thing

#: 端午 on Friday 19 June 2026; Sunday 28 June is worked for it.
JUNE = Calendar(frozenset({date(2026, 6, 19)}), frozenset({date(2026, 6, 28)}))
LI, ZHANG, CREW = Person("小李", uuid4(), True), Person("张书记", uuid4(), True), Person("顺达施工队")


def june(day: int) -> date:
    return date(2026, 6, 1) + timedelta(days=day - 1)


def thing(due: date, **more: object) -> Thing:
    values = {
        "kind": "task", "id": uuid4(), "matter_id": uuid4(), "number": "NYD1", "start": june(1), "due": due, "to": LI,
        "title": "晾衣架", "what": "焊架子",
    } | more  # fmt: skip
    return Thing(**values)  # type: ignore[arg-type]


def test_each_step_has_its_day() -> None:
    """Due on Thursday the 18th: Friday is a day off, so the first working day after it is the Monday."""
    assert rules.steps(june(1), june(18), JUNE, 6) == (
        Reached(Step.SOON, june(15)),
        Reached(Step.DUE, june(18)),
        Reached(Step.LATE, june(22)),
        Reached(Step.LATER, june(26)),
        Reached(Step.CLIMB, june(28)),
    )


@pytest.mark.parametrize(
    ("more", "today", "steps"),
    [
        ({}, june(14), []),
        ({}, june(15), ["soon"]),
        ({}, june(21), ["soon", "due"]),
        ({}, june(22), ["soon", "due", "late"]),
        ({}, june(28), ["soon", "due", "late", "later", "climb"]),
        # What began yesterday with two days to go is yellow at once, and not before it began.
        ({"start": june(17)}, june(16), []),
        ({"start": june(17)}, june(17), ["soon"]),
        # Nothing but the review day while it is paused.
        ({"is_paused": True}, june(17), []),
        ({"is_paused": True}, june(30), ["review"]),
        # A referral is another unit's delay, an order and a check never climb.
        ({"is_soft": True}, june(30), ["soon", "due", "late", "later"]),
        ({"kind": "order"}, june(30), ["soon", "due", "late", "later"]),
        ({"kind": "asset", "start": None}, june(14), []),
        ({"kind": "asset", "start": None}, june(15), ["soon"]),
    ],
)
def test_what_is_reached_on_a_day(more: dict[str, object], today: date, steps: list[str]) -> None:
    found = rules.reached(thing(june(18), **more), today, JUNE, 6)
    assert [str(one.step) for one in found] == steps


def test_one_line_a_thing_and_the_gravest_first() -> None:
    calm, late = thing(june(18)), thing(june(11), number="NYD2", to=CREW)
    nobody_s = thing(june(17), kind="matter", number="NYD3", to=None)
    own = thing(june(10), number="NYD4", to=ZHANG)
    fresh = [(one, rules.reached(one, june(17), JUNE, 6)) for one in (calm, late, nobody_s, own)]
    told = rules.digests(fresh, [ZHANG], june(17), JUNE)
    seen = {
        person.label: [(line.thing.number, str(line.step), line.late, line.who) for line in lines]
        for person, lines in told.items()
    }
    assert seen == {
        "小李": [("NYD1", "soon", 0, "")],
        "顺达施工队": [("NYD2", "late", 4, "")],
        "张书记": [("NYD4", "later", 5, ""), ("NYD2", "late", 4, "顺达施工队"), ("NYD3", "due", 0, "")],
    }
    alone = rules.digests([(nobody_s, [Reached(Step.DUE, june(17))])], [], june(17), JUNE)
    assert [person.key for person in alone] == [f"name:{rules.OFFICE}"]


@pytest.mark.parametrize(
    ("due", "step", "late", "words"),
    [
        (18, Step.SOON, 0, "6 月 18 日到期"),
        (17, Step.DUE, 0, "今天到期"),
        (16, Step.DUE, 0, "6 月 16 日已经到期"),
        (10, Step.LATER, 5, "超期 5 个工作日"),
        (3, Step.CLIMB, 10, "超期 10 个工作日，已经报街道知道"),
        (17, Step.REVIEW, 0, "说好 6 月 17 日再看看能不能接着办"),
    ],
)
def test_in_words(due: int, step: Step, late: int, words: str) -> None:
    line = rules.Line(replace(thing(june(due))), step, late).as_dict()
    said, values = rules.words_of(line, june(17))
    assert said % values == words
