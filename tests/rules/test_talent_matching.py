"""Who fits a matter and why, said in words; when to remind; what a message carries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.matter.situation import Stage
from app.talent import rules, texts
from app.talent.matching import Candidate, Wanted, best, match, rank, specialties_in
from app.talent.rules import Way

TODAY, NOW = date(2026, 6, 2), datetime(2026, 6, 2, 4, tzinfo=UTC)
STALL = Wanted(12, TODAY, "商户外摆时段", "晚上占道外摆到几点", weekday=2)


def one(name="甲", **values):
    data = {"profession": "城管", "skill": "占道外摆", **values}
    return Candidate(UUID(int=sum(map(ord, name))), name, **data)


def words(found):
    return [reason.text % {**reason.values, **reason.named} for reason in found.reasons]


def test_the_better_fit_stands_first_and_says_why():
    cleaner, lawyer, engineer = one("高"), one("程", profession="律师", skill="婚姻"), one("石", skill="电梯")
    ranked = rank(STALL, [lawyer, engineer, cleaner])
    assert [m.candidate.name for m in ranked] == ["高", "石", "程"]
    assert words(ranked[0]) == ["对口：占道外摆", "手上没有别的事", "周二能来"]
    assert words(ranked[1])[0] == "同行：城管（外摆）"
    busier = rank(STALL, [one("忙", open_now=2), one("闲")])
    assert [m.candidate.name for m in busier] == ["闲", "忙"]
    assert "手上 2 件" in words(busier[1])


def test_in_somebodys_place_comes_who_fits_or_else_the_same_profession():
    cleaner, lawyer = one("高"), one("程", profession="律师", skill="婚姻")
    assert best(rank(STALL, [lawyer, cleaner]), "律师").candidate.name == "高"
    ramps = Wanted(12, TODAY, "三处坡道")
    idle = [one("和", profession="调解", skill="家事"), one("阎", profession="工程", skill="结构", open_now=1)]
    assert best(rank(ramps, idle), "工程").candidate.name == "阎"
    assert best(rank(ramps, idle), "医疗").candidate.name == "和"
    assert best(rank(STALL, [one(is_suspended=True)])) is None


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"is_suspended": True}, "街道先不派请"),
        ({"valid_until": TODAY - timedelta(days=1)}, "聘期满了"),
        ({"barred_in": [12], "conflicts": "住在金桥"}, "在本社区要回避：住在金桥"),
        ({"before": "sent"}, "这件事已经请过"),
        ({"before": "declined"}, "这件事回绝过"),
        ({"open_now": 3}, "手上已经有 3 件，先让人歇歇"),
        ({"barred_in": [13], "before": "revoked", "open_now": 2, "valid_until": TODAY}, None),
    ],
)
def test_whoever_cannot_be_asked_stands_last_with_the_reason(values, why):
    found = match(STALL, one(**values))
    assert (found.barred and found.barred.text % found.barred.values) == why
    last = rank(STALL, [one("乙", **values), one("丙", skill="没有关系的事", profession="医疗")])
    assert [m.candidate.name for m in last] == (["丙", "乙"] if why else ["乙", "丙"])


def test_days_and_appointments_are_said():
    found = match(STALL, one(weekdays="134", valid_until=TODAY + timedelta(days=20)))
    assert words(found)[2:] == ["周二不方便", "聘期到 2026-06-22"]
    assert specialties_in("占道外摆、养犬（噪声）") == ["占道外摆", "养犬", "噪声"]


@pytest.mark.parametrize(
    ("state", "hours", "answered", "reminded", "due"),
    [
        ("sent", 47, None, None, False),
        ("sent", 49, None, None, True),
        ("sent", 49, None, 48, False),
        ("sent", 73, None, None, False),
        ("accepted", 24 * 6, 0, None, False),
        ("accepted", 24 * 8, 0, 48, True),
        ("accepted", 24 * 9, 0, 24 * 8, False),
        ("handed_in", 24 * 9, 0, None, False),
    ],
)
def test_one_reminder_before_the_end_and_one_after_seven_days(state, hours, answered, reminded, due):
    at = lambda n: None if n is None else NOW + timedelta(hours=n)  # noqa: E731
    assert due is rules.reminder_due(
        state, expires_at=at(72), sent_at=NOW, answered_at=at(answered), reminded_at=at(reminded), now=at(hours)
    )


def test_a_fresh_link_may_be_asked_for_only_where_the_hall_can_help():
    yes = {(Way.SPENT, "accepted"), (Way.EXPIRED, "sent"), (Way.REVOKED, "sent"), (Way.REVOKED, "accepted")}
    for way in Way:
        for state in ("sent", "accepted", "declined", "handed_in", "revoked"):
            verdict = rules.may_ask_again(way, state, Stage.SURVEYING, None, NOW)
            expected = way in (Way.SPENT, Way.EXPIRED, Way.REVOKED) and state in ("sent", "accepted")
            assert bool(verdict) is expected, (way, state)
            assert not rules.may_ask_again(way, state, Stage.CLOSED, None, NOW)
    assert all(rules.may_ask_again(*pair, Stage.VOTING, NOW - timedelta(days=1), NOW) for pair in yes)
    assert not rules.may_ask_again(Way.SPENT, "accepted", Stage.VOTING, NOW - timedelta(hours=1), NOW)


def test_signing_in_grading_and_proposing():
    assert not rules.may_sign_in(None, NOW)
    for hours, ok in ((-4, False), (-2, True), (7, True), (9, False)):
        assert bool(rules.may_sign_in(NOW, NOW + timedelta(hours=hours))) is ok
    assert rules.good_rating("handed_in", 3, "")
    for state, grade, said in (("accepted", 5, ""), ("handed_in", 2, " "), ("handed_in", 6, "x"), ("handed_in", 0, "")):
        assert not rules.good_rating(state, grade, said)
    assert rules.good_suggestion("甲", "律师", "物业", "常帮忙", consent=True)
    assert not rules.good_suggestion("甲", "律师", "物业", "常帮忙", consent=False)
    assert not rules.good_suggestion("甲", "律师", "物业", "", consent=True)


def test_a_message_fits_one_part_where_it_can():
    assert texts.parts("字" * 70) == 1
    assert texts.parts("字" * 71) == 2
    assert texts.shortest_fit(["长" * 90, "中" * 70, "短"]) == "中" * 70
    assert texts.shortest_fit(["长" * 90, "中" * 80]) == "中" * 80
    assert texts.bare_address("http://nanyandao.hall.example/x") == "nanyandao.hall.example/x"
