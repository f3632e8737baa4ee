"""What people read: days, money, percentages, names and codes, and drawings put into a page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask_babel import Babel

from app import clock
from app.faces import look


@pytest.fixture
def words(monkeypatch):
    """A bare program in Chinese whose clock stands at 18 November 2026, 00:30 in Shanghai (still the 17th in UTC)."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 17, 16, 30, tzinfo=UTC))
    program = Flask(__name__)
    Babel(program, default_locale="zh_Hans")
    with program.test_request_context("/"):
        yield


def test_days_are_those_of_shanghai(words):
    assert look.ago(datetime(2026, 11, 17, 16, 10, tzinfo=UTC)) == "今天 00:10"
    assert look.ago(datetime(2026, 11, 17, 15, 50, tzinfo=UTC)) == "昨天 23:50"
    assert look.ago(date(2026, 11, 19)) == "明天"
    assert look.ago(datetime(2026, 11, 13, 2, 0, tzinfo=UTC)) == "11月13日"
    assert look.daytime(datetime(2026, 11, 20, 6, 30, tzinfo=UTC)) == "11月20日 周五 14:30"
    assert look.day(date(2025, 9, 16), week=False) == "2025年9月16日"


@pytest.mark.parametrize(
    ("fen", "text"),
    [(320000, "3,200 元"), (1250, "12.50 元"), (5, "0.05 元"), (0, "0 元"), (-1250, "−12.50 元"), (None, "—")],
)
def test_money_is_said_in_yuan(words, fen, text):
    assert look.money(fen) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (11, 17, "64.7%"),
        (1, 16, "6.3%"),
        (1, 2000, "0.1%"),
        (1, 2001, "0%"),
        (94, 100, "94%"),
        (3, 0, "—"),
        (0, 9, "0%"),
    ],
)
def test_percentages_round_half_up(part, whole, text):
    assert look.percent(part, whole) == text


def test_bars_stay_inside_their_frame():
    assert (look.share(3, 2), look.share(-1, 2), look.share(1, 0)) == ("100.0%", "0.0%", "0%")


@pytest.mark.parametrize(
    ("name", "gender", "shown"),
    [
        ("张美兰", "female", "张女士"),
        ("张伟", "male", "张先生"),
        ("欧阳娜娜", None, "欧阳某"),
        ("𬱖伟", None, "𬱖某"),
        ("", None, "一位居民"),
    ],
)
def test_a_given_name_never_leaves_the_page(words, name, gender, shown):
    assert look.masked_name(name, gender) == shown


def test_codes_are_read_in_threes():
    assert look.code3("402618375012") == "402 618 375 012"


def test_a_drawing_becomes_a_symbol_or_nothing():
    made = look.symbol('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path d="M0 0"/></svg>', "mark")
    assert made == '<symbol id="mark" viewBox="0 0 48 48"><path d="M0 0"/></symbol>'
    assert look.symbol("<p>no drawing</p>", "mark") == ""


def test_an_unknown_icon_is_an_error():
    assert "<path" in look.icon("chat-dots")
    with pytest.raises(LookupError):
        look.icon("../hall")
