"""Gathering the votes of several halls: each, sum, both; ties, quorum, who is missing, and going on without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.matter import joint_rules as rules
from app.matter.joint_gather_rules import Part, gather
from app.matter.joint_words import outcome_words

DAY = date(2026, 6, 20)


def voted(name, n, p, y, x=0, a=0, *, quorate=True):
    return Part(name, "voted", DAY, n, p, y, x, a, 0, quorate, quorate and 2 * y > p)


M28 = [voted("棉纺东", 10, 8, 8), voted("柳荫", 10, 8, 8)]


@pytest.mark.parametrize(
    ("rule", "parts", "passed", "why"),
    [
        ("each", M28, True, ""),
        ("sum", M28, True, ""),
        ("both", M28, True, ""),
        # One hall says no: a sum may still pass, each hall for itself may not.
        ("each", [voted("甲", 20, 20, 18, 2), voted("乙", 10, 8, 3, 5)], False, "乙没有通过。"),
        ("sum", [voted("甲", 20, 20, 18, 2), voted("乙", 10, 8, 3, 5)], True, ""),
        ("both", [voted("甲", 20, 20, 18, 2), voted("乙", 10, 8, 3, 5)], False, "乙没有通过。"),
        # Both pass at home means that the sum passes too, so "both" is stricter only where a quorum fails.
        ("both", [voted("甲", 9, 5, 3, 2), voted("乙", 9, 5, 3, 2)], True, ""),
        ("sum", [voted("甲", 10, 8, 5, 3), voted("乙", 10, 8, 3, 5)], False, "合起来同意 8 票，正好一半，不算通过。"),
        ("sum", [voted("甲", 10, 9, 5, 4), voted("乙", 10, 8, 3, 0, 5)], False,
         "合起来实到 17，同意 8 票，没有过半。"),
        ("sum", [voted("甲", 10, 9, 5, 4), voted("乙", 10, 8, 4, 0, 4)], True, ""),
        # Without its quorum a hall has only talked: its votes are not added, its N stays in the base.
        ("each", [voted("甲", 10, 8, 8), voted("乙", 10, 4, 4, quorate=False)], False,
         "乙到会的人不够，没有形成决定。"),
        ("sum", [voted("甲", 10, 8, 8), voted("乙", 10, 4, 4, quorate=False)], False,
         "合起来应到 20，形成决定的只到了 8，没有过半。"),
        ("sum", [voted("甲", 30, 28, 20), voted("乙", 10, 4, 0, 4, quorate=False)], True, ""),
        ("each", [Part("甲", "silent"), Part("乙", "declined")], False, "还没有一个社区交结果。"),
    ],
)  # fmt: skip
def test_the_rule_chosen_beforehand(rule, parts, passed, why):
    found = gather(rule, parts)
    assert (found.passed, found.reason % found.values) == (passed, why)
    assert all(isinstance(value, int) for value in (found.eligible, found.present, found.yes))


def test_m28_is_sixteen_of_twenty_and_the_missing_are_named():
    found = gather("each", M28)
    assert (found.present, found.eligible, found.yes, found.passed_halls, found.halls) == (16, 20, 16, 2, 2)
    assert outcome_words("each", found).startswith("汇总通过：2 个社区表决，2 个通过；合起来应到 20，实到 16")
    rest = [Part("站前", "silent"), Part("东风", "declined"), Part("北站", "joined"), Part("西里", "withdrawn")]
    found = gather("each", [*M28, *rest])
    assert found.left_out == ("站前", "东风", "北站")
    assert outcome_words("each", found).endswith("没有算进来的：站前、东风、北站。")
    assert outcome_words("sum", gather("sum", [voted("甲", 9, 6, 3, 3)])).startswith("汇总没通过，合起来同意 3 票")


@pytest.mark.parametrize(
    ("stage", "owing", "days", "words", "says"),
    [
        ("deliberating", (), 0, "", ""),
        ("inviting", (), 0, "", "要在各社区议着的时候"),
        ("deliberating", ("joined",), 0, "不等了", "日子还没到"),
        ("deliberating", ("silent",), 0, "不等了", "日子还没到"),
        ("deliberating", ("joined",), 1, "", "不等了，要写一句为什么"),
        ("deliberating", ("silent", "joined"), 1, "电话催过三次", ""),
        ("deliberating", ("declined", "withdrawn"), 0, "", ""),
    ],
)
def test_an_open_hall_blocks_until_its_day_and_then_only_words_go_on(stage, owing, days, words, says):
    parts = [*M28, *(Part(f"丙{n}", state, DAY) for n, state in enumerate(owing))]
    verdict = rules.may_gather(stage, parts, DAY + timedelta(days=days), words)
    assert bool(verdict) == (says == "")
    assert says in verdict.reason
    assert len(rules.late_halls(parts, DAY + timedelta(days=days))) == (len(owing) if days else 0)


def test_one_result_is_no_gathering_and_the_lead_opens_with_two():
    assert not rules.may_gather("deliberating", [M28[0], Part("乙", "declined")], DAY)
    joined = [Part("甲", "joined", DAY), Part("乙", "joined", DAY)]
    assert rules.may_open("inviting", joined, DAY)
    assert not rules.may_open("inviting", joined[:1], DAY)
    assert not rules.may_open("inviting", [*joined, Part("丙", "silent", DAY)], DAY)
    assert rules.may_open("inviting", [*joined, Part("丙", "silent", DAY)], DAY + timedelta(days=1))
    assert not rules.may_open("deliberating", joined, DAY)


@pytest.mark.parametrize(
    ("stage", "rule", "asked", "before", "was_voted", "ok"),
    [
        ("drafting", "each", ["council_majority", "reps_meeting"], 0, 0, True),
        ("drafting", "each", ["council_majority"], 0, 0, False),
        ("inviting", "each", ["council_majority"], 2, 0, True),
        ("drafting", "sum", ["council_majority", "reps_meeting"], 0, 0, False),
        ("drafting", "both", ["council_majority", "council_majority"], 0, 0, True),
        ("deliberating", "each", ["council_majority"], 2, 1, False),
        ("decided", "each", ["council_majority"], 2, 0, False),
        ("drafting", "each", [], 0, 0, False),
    ],
)
def test_who_may_be_invited(stage, rule, asked, before, was_voted, ok):
    assert bool(rules.may_invite(stage, rule, "council_majority", asked, before=before, voted=was_voted)) is ok


def test_a_ballot_answers_exactly_the_question_by_the_agreed_rule():
    moment = datetime(2026, 6, 5, tzinfo=UTC)
    paper = rules.Paper("交界路装 12 盏路灯", "council_majority", moment, is_counted=True)

    def may(one, stage="deliberating", state="joined", before=None):
        return rules.may_hand_in(
            stage, state, question="交界路 装12盏路灯？", rule="council_majority", paper=one, quorate_before=before
        )  # fmt: skip

    assert may(paper)
    assert "不是一回事" in may(replace(paper, question="交界路装 6 盏路灯")).reason
    assert "办法和约好的不一样" in may(replace(paper, rule="reps_meeting")).reason
    assert not may(replace(paper, is_counted=False))
    assert not may(paper, stage="inviting")
    assert not may(paper, state="declined")
    assert not may(paper, state="voted", before=True)
    # A sitting without its quorum has decided nothing, so the second one may still be handed in.
    assert may(paper, state="voted", before=False)
    assert not rules.may_change("deliberating", vote_begun=True)
    assert rules.may_change("deliberating", vote_begun=False)
    assert not rules.may_change_rule("inviting")
    assert not rules.may_terminate("decided", " ")
    assert not rules.may_close("implementing", 1, "办成了")
