"""The pure rules of comments, reports and the street's list of words, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.flow.collect import voices_rules as rules
from app.matter.situation import END_STAGES, Stage

NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("days", [0, 29, 30, 31])
def test_neighbours_talk_while_it_is_open_and_thirty_days_after(stage: Stage, days: int) -> None:
    spoken = rules.may_speak(stage, told=True, hidden=False, rested_at=NOW - timedelta(days=days), now=NOW)
    ended = stage in END_STAGES or stage is Stage.CLOSED
    expected = stage not in (Stage.MERGED, Stage.WITHDRAWN) and (not ended or days < 30)
    assert bool(spoken) is expected
    for shut in ({"told": False, "hidden": False}, {"told": True, "hidden": True}):
        assert not rules.may_speak(stage, rested_at=NOW, now=NOW, **shut)


@pytest.mark.parametrize(
    ("words", "fine"), [("", False), (" \n", False), ("好", True), ("好" * 500, True), ("好" * 501, False)]
)
def test_one_to_five_hundred_letters(words: str, fine: bool) -> None:
    assert bool(rules.good_words(words)) is fine


@pytest.mark.parametrize("old", list(rules.MOVES))
@pytest.mark.parametrize("new", list(rules.MOVES))
def test_what_a_comment_may_become(old: str, new: str) -> None:
    allowed = {
        ("waiting", "shown"), ("waiting", "hidden"), ("waiting", "withdrawn"), ("shown", "hidden"),
        ("shown", "withdrawn"), ("hidden", "shown"), ("hidden", "withdrawn"),
    }  # fmt: skip
    assert bool(rules.may_become(old, new)) is ((old, new) in allowed)
    assert not rules.may_become(old, "shown", purged=True)


@pytest.mark.parametrize(
    ("code", "more", "fine", "spoken"),
    [
        ("abuse", "", True, "骂人、攻击人"),
        ("abuse", "第二句", True, "骂人、攻击人，第二句"),
        ("other", "", False, None),
        ("other", "和涵洞没关系", True, "和涵洞没关系"),
        ("", "随便", False, None),
        ("made-up", "随便", False, None),
        ("advert", "广" * 301, False, None),
    ],
)
def test_a_reason_is_one_the_public_can_read(code: str, more: str, fine: bool, spoken: str | None) -> None:
    assert bool(rules.reason_words(code, more)) is fine
    if fine:
        assert rules.spoken_reason(code, more) == spoken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("加微信领红包", ["加微信", "红包"]),
        ("加 微.信", ["加微信"]),
        ("ＡＢＣ贷款", ["abc贷"]),
        ("加一张微笑的照片", []),
        ("", []),
    ],
)
def test_a_word_is_found_whatever_was_put_between_its_letters(text: str, found: list[str]) -> None:
    assert rules.signs_in(text, ["加微信", "红包", "abc贷"]) == found


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("来，加 微.信 吧", ["加 微.信"]),
        ("红包红包", ["红包红包"]),
        ("没有", []),
        ("𬱖加微信㛃", ["加微信"]),
        ("½加微信", ["加微信"]),
    ],
)
def test_the_words_are_marked_where_they_stand(text: str, marks: list[str]) -> None:
    pieces = rules.marked(text, ["加微信", "红包"])
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, hot in pieces if hot] == marks


@pytest.mark.parametrize(
    ("lines", "fine"),
    [
        (["加微信", "红包"], True),
        ([], True),
        (["红"], False),
        (["长" * 21], False),
        ([f"词{n:04d}" for n in range(2000)], True),
        ([f"词{n:04d}" for n in range(2001)], False),
    ],
)
def test_a_list_a_person_can_read(lines: list[str], fine: bool) -> None:
    assert bool(rules.good_list(rules.tidy_list(lines))) is fine


def test_a_list_holds_each_word_once() -> None:
    assert rules.tidy_list([" 加微信 ", "", "。。", "加 微 信", "红包"]) == ["加微信", "红包"]


def test_five_waiting_are_enough() -> None:
    assert rules.may_write_more(4)
    assert not rules.may_write_more(5)
