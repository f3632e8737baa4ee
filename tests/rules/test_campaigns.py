"""When a call runs, what it must say, and which code somebody meant."""

from __future__ import annotations

from datetime import date

import pytest

from app.flow.collect.campaign_rules import Call, Phase, closing_problem, days_left, phase, problems
from app.people.short_codes import LENGTH, free_code, look_alike, meant, tidy

START, END = date(2026, 6, 1), date(2026, 6, 30)


@pytest.mark.parametrize(
    ("today", "ended", "found", "left"),
    [
        (date(2026, 5, 31), False, Phase.COMING, 31),
        (START, False, Phase.OPEN, 30),
        (END, False, Phase.OPEN, 1),
        (date(2026, 7, 1), False, Phase.ENDED, 0),
        (date(2026, 6, 10), True, Phase.ENDED, 21),
        (date(2026, 5, 31), True, Phase.ENDED, 31),
    ],
)
def test_where_a_call_stands(today: date, ended: bool, found: Phase, left: int) -> None:
    assert phase(START, END, ended, today) is found
    assert days_left(END, today) == left


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, set()),
        ({"title": "  "}, {"title"}),
        ({"title": "字" * 41}, {"title"}),
        ({"theme": ""}, {"theme"}),
        ({"words": "字" * 2001}, {"words"}),
        ({"starts": None}, {"starts"}),
        ({"ends": date(2026, 5, 31)}, {"ends"}),
        ({"ends": START}, set()),
        ({"ends": date(2027, 6, 3)}, {"ends"}),
        ({"title": "", "theme": "", "ends": None}, {"title", "theme", "ends"}),
    ],
)
def test_what_a_call_must_say(changed: dict, wrong: set) -> None:
    call = Call(**{"title": "金点子", "theme": "空地做什么", "words": "", "starts": START, "ends": END, **changed})
    assert set(problems(call)) == wrong


@pytest.mark.parametrize(("result", "fine"), [("", False), (" 好 ", False), ("谢谢大家", True), ("字" * 2001, False)])
def test_a_call_ends_with_an_answer(result: str, fine: bool) -> None:
    assert (closing_problem(result) is None) is fine


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("QZ8KM", "QZ8KM"),
        ("qz8km", "QZ8KM"),
        (" qz-8 km ", "QZ8KM"),
        ("ＱＺ８ＫＭ", "QZ8KM"),
        ("0Z8KM", "QZ8KM"),
        ("o28bm".replace("b", "k"), "QZ8KM"),
        ("O2BKM", "QZ8KM"),
        ("DZ8KM", "QZ8KM"),
        ("7WXYT", "7WXYT"),
        ("IWXYT", "7WXYT"),
        ("lwxyt", "7WXYT"),
        ("QZ8K", None),
        ("QZ8KMM", None),
        ("AAAAA", None),
        ("", None),
        ("点" * 5, None),
    ],
)
def test_which_code_was_meant(typed: str, found: str | None) -> None:
    assert meant(typed, ["QZ8KM", "7WXYT"]) == found


def test_codes_of_a_hall_never_look_alike() -> None:
    drawn = iter(["QZ8KM", "DZBKM", "ABCDE"])
    assert look_alike("DZBKM") == look_alike("QZ8KM")
    assert free_code(lambda length: next(drawn), ["QZ8KM"]) == "ABCDE"
    with pytest.raises(RuntimeError):
        free_code(lambda length: "Q" * length, ["Q" * LENGTH])


def test_a_flood_of_letters_is_cut() -> None:
    assert len(tidy("A" * 100_000)) == 40
