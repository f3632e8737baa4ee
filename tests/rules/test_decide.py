"""Rules R1 to R11 against every worked number of domain.md section 3 and every count of the demo street (section 8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.flow.decide.casting import (
    Mode,
    Papers,
    Subject,
    Voter,
    adds_up,
    counted_by,
    may_cast,
    may_count_paper,
    may_replace,
    may_show_breakdown,
    may_use,
    without_recused,
)
from app.flow.decide.rules import (
    Condition,
    Count,
    LegalEffect,
    OwnedUnit,
    OwnersCount,
    Quorum,
    Result,
    Rule,
    Stance,
    Voice,
    consensus,
    council_majority,
    council_two_thirds,
    heads_and_area,
    household_ballot,
    is_quorate,
    judge,
    may_convene_reps,
    may_convene_residents,
    multi_option,
    owners_ordinary,
    owners_special,
    quorum_condition,
    quorum_needed,
    reps_meeting,
    residents_meeting,
    solicitation,
    square_metres,
    unanimous,
)


def words(condition: Condition) -> str:
    return condition.reason % condition.values


# Quorum and R1, R2.


@pytest.mark.parametrize(
    ("eligible", "quorum", "needed"),
    [
        (17, Quorum.HALF, 9),
        (17, Quorum.TWO_THIRDS, 12),
        (15, Quorum.HALF, 8),
        (10, Quorum.HALF, 6),
        (50, Quorum.TWO_THIRDS, 34),
        (48, Quorum.TWO_THIRDS, 32),
        (16, Quorum.HALF, 9),
        (0, Quorum.HALF, 1),
        (0, Quorum.TWO_THIRDS, 1),
    ],
)
def test_quorum(eligible: int, quorum: Quorum, needed: int) -> None:
    assert quorum_needed(eligible, quorum) == needed
    assert is_quorate(eligible, needed, quorum)
    assert not is_quorate(eligible, needed - 1, quorum)


@pytest.mark.parametrize(
    ("case", "eligible", "present", "yes", "no", "abstain", "passed"),
    [
        ("P=13 needs 7", 17, 13, 7, 6, 0, True),
        ("P=13, 6 is not enough", 17, 13, 6, 7, 0, False),
        ("a tie", 17, 14, 7, 7, 0, False),
        ("the base is those present", 17, 12, 6, 5, 1, False),
        ("no quorum", 17, 8, 8, 0, 0, False),
        ("the least quorum", 17, 9, 5, 4, 0, True),
        ("M01", 15, 11, 10, 0, 1, True),
        ("M04", 17, 14, 12, 1, 1, True),
        ("M10", 15, 13, 11, 2, 0, True),
        ("M14", 17, 15, 13, 1, 1, True),
        ("M17", 15, 12, 12, 0, 0, True),
        ("M20", 15, 9, 9, 0, 0, True),
        ("M24 first sitting", 17, 8, 8, 0, 0, False),
        ("M24 second sitting", 17, 12, 7, 4, 1, True),
        ("M25", 17, 14, 7, 7, 0, False),
        ("M28 棉纺东", 10, 8, 8, 0, 0, True),
    ],
)
def test_council_majority(
    case: str, eligible: int, present: int, yes: int, no: int, abstain: int, passed: bool
) -> None:
    result = council_majority(Count(eligible, present, yes, no, abstain))
    assert result.passed is passed, case


def test_the_page_reads_the_numbers() -> None:
    result = council_majority(Count(17, 13, 12, 1))
    assert [words(condition) for condition in result.conditions] == [
        "应到 17 人，超过一半要 9 人，到会 13 人",
        "到会 13 人，过半要 7 人，赞成 12 人",
    ]
    assert words(quorum_condition(17, 11, Quorum.TWO_THIRDS)) == "应到 17 人，三分之二要 12 人，到会 11 人"


def test_a_charter_may_ask_for_two_thirds_present() -> None:
    count = Count(17, 11, 11, 0)
    assert council_majority(count).passed
    result = council_majority(count, Quorum.TWO_THIRDS)
    assert (result.passed, result.quorate) == (False, False)
    assert council_majority(replace(count, present=12), Quorum.TWO_THIRDS).passed


def test_without_a_quorum_people_have_only_talked() -> None:
    assert council_majority(Count(17, 8, 8, 0)).legal_effect is LegalEffect.CONSULTATION_ONLY
    assert council_majority(Count(17, 9, 0, 9)).legal_effect is LegalEffect.ADVISORY


@pytest.mark.parametrize(("present", "yes", "passed"), [(12, 8, True), (12, 7, False), (13, 9, True), (13, 8, False)])
def test_council_two_thirds(present: int, yes: int, passed: bool) -> None:
    result = council_two_thirds(Count(17, present, yes, 0))
    assert result.passed is passed
    assert result.rule is Rule.COUNCIL_TWO_THIRDS


def test_a_spoiled_paper_is_present_and_not_a_yes() -> None:
    assert not council_majority(Count(17, 12, 6, 5, 0, 1)).passed
    assert council_majority(Count(17, 11, 6, 5)).passed


# R3, R4, R5.


def test_residents_meeting_counts_those_present() -> None:
    assert residents_meeting(Count(100, 51, 26, 25)).passed
    assert not residents_meeting(Count(100, 50, 50, 0)).passed
    assert not residents_meeting(Count(100, 52, 26, 26)).passed
    assert residents_meeting(Count(100, 51, 26, 25)).legal_effect is LegalEffect.RESIDENTS_DECISION


@pytest.mark.parametrize(
    ("case", "eligible", "reps", "present", "yes", "passed"),
    [
        ("33 of 50 is not two thirds", 50, 43, 33, 33, False),
        ("34 of 50 is", 50, 43, 34, 18, True),
        ("M06", 50, 43, 36, 25, True),
        ("M06 with 18 of 36", 50, 43, 36, 18, False),
        ("M16", 48, 41, 35, 29, True),
        ("fewer than four fifths are representatives", 50, 39, 50, 50, False),
        ("exactly four fifths", 50, 40, 50, 50, True),
    ],
)
def test_reps_meeting(case: str, eligible: int, reps: int, present: int, yes: int, passed: bool) -> None:
    result = reps_meeting(Count(eligible, present, yes, present - yes), reps)
    assert result.passed is passed, case


@pytest.mark.parametrize(
    ("eligible", "signers", "reps", "reps_signing", "allowed"),
    [(1000, 100, 0, 0, True), (1000, 99, 0, 0, False), (1000, 0, 42, 14, True), (1000, 0, 42, 13, False)],
)
def test_convening_the_residents(eligible: int, signers: int, reps: int, reps_signing: int, allowed: bool) -> None:
    assert bool(may_convene_residents(eligible, signers, reps, reps_signing)) is allowed


def test_convening_the_representatives() -> None:
    assert may_convene_reps(42, 9)
    verdict = may_convene_reps(42, 8)
    assert verdict.reason % verdict.values == "要 9 位居民代表提议"
    assert not may_convene_residents(0, 0, 0, 0)
    assert not may_convene_reps(0, 0)


# R6, R7.

QUORATE = OwnersCount(120, 9600_00, 80, 6400_00, 0, 0)


@pytest.mark.parametrize(
    ("case", "rule", "count", "passed", "quorate"),
    [
        ("ordinary, 41 heads", owners_ordinary, replace(QUORATE, heads_yes=41, area_yes=3200_01), True, True),
        ("ordinary, 40 heads", owners_ordinary, replace(QUORATE, heads_yes=40, area_yes=3200_01), False, True),
        ("ordinary, half the area", owners_ordinary, replace(QUORATE, heads_yes=41, area_yes=3200_00), False, True),
        ("special, 60 heads", owners_special, replace(QUORATE, heads_yes=60, area_yes=4800_00), True, True),
        ("special, 59 heads", owners_special, replace(QUORATE, heads_yes=59, area_yes=4800_00), False, True),
        ("special, area", owners_special, replace(QUORATE, heads_yes=60, area_yes=4799_99), False, True),
        ("79 heads", owners_ordinary, OwnersCount(120, 9600_00, 79, 9600_00, 79, 9600_00), False, False),
        ("area short", owners_ordinary, OwnersCount(120, 9600_00, 120, 6399_99, 120, 6399_99), False, False),
        ("M11", owners_ordinary, OwnersCount(120, 9600_00, 88, 6912_00, 46, 3400_00), False, True),
        ("M12", owners_ordinary, OwnersCount(540, 51300_00, 372, 34960_00, 251, 23900_00), True, True),
        ("M13", owners_special, OwnersCount(540, 51300_00, 395, 37100_00, 298, 27600_00), False, True),
    ],
)
def test_owners(case: str, rule, count: OwnersCount, passed: bool, quorate: bool) -> None:  # type: ignore[no-untyped-def]
    result: Result = rule(count)
    assert (result.passed, result.quorate) == (passed, quorate), case


def test_owners_see_which_half_failed() -> None:
    heads, area = owners_ordinary(OwnersCount(120, 9600_00, 88, 6912_00, 46, 3400_00)).conditions[2:]
    assert heads.met
    assert words(heads) == "参与 88 户，要 45 户，赞成 46 户"
    assert not area.met
    assert words(area) == "参与 6,912.00 平方米，要 3,456.01 平方米，赞成 3,400.00 平方米"
    heads, area = owners_special(OwnersCount(540, 51300_00, 395, 37100_00, 298, 27600_00)).conditions[2:]
    assert (heads.met, heads.values["needed"]) == (True, 297)
    assert (area.met, area.values["needed"]) == (False, "27,825.00")


def test_an_empty_register_decides_nothing() -> None:
    assert not owners_ordinary(OwnersCount(0, 0, 0, 0, 0, 0)).passed
    assert not owners_special(OwnersCount(0, 0, 0, 0, 0, 0)).passed


def test_several_units_of_one_owner_are_one_head_with_all_their_area() -> None:
    units = [
        OwnedUnit("王", 80_00),
        OwnedUnit("王", 90_50),
        OwnedUnit("李", 60_00),
        OwnedUnit("开发商", 100_00, unsold=True),
        OwnedUnit("开发商", 100_00, unsold=True),
    ]
    assert heads_and_area(units) == (3, 430_50)
    assert square_metres(430_05) == "430.05"


@pytest.mark.parametrize(
    ("interested", "agreed", "refused", "passed"),
    [(12, 12, 0, True), (12, 11, 1, False), (12, 11, 0, False), (0, 0, 0, False)],
)
def test_unanimous(interested: int, agreed: int, refused: int, passed: bool) -> None:
    assert unanimous(interested, agreed, refused).passed is passed


# R8.


@pytest.mark.parametrize(
    ("case", "votes", "winner"),
    [
        ("M03 样式", {"折叠": 47, "长椅": 28, "壁挂": 11}, "折叠"),
        ("M03 位置", {"每层拐角": 61, "单元门口": 25}, "每层拐角"),
        ("M03 名称复投", {"爱心椅": 49, "歇脚椅": 37}, "爱心椅"),
        ("M05", {"老照片": 58, "家风": 46, "节气": 31}, "老照片"),
    ],
)
def test_most_votes_win(case: str, votes: dict[str, int], winner: str) -> None:
    result = multi_option(votes)
    assert (result.passed, result.winner, result.run_off) == (True, winner, ()), case


def test_a_tie_for_first_is_run_off_between_the_tied() -> None:
    result = multi_option({"爱心椅": 43, "歇脚椅": 43, "暖心椅": 3})
    assert (result.passed, result.winner, result.run_off, result.lot) == (False, None, ("爱心椅", "歇脚椅"), False)


def test_a_second_tie_goes_to_a_lot_only_if_announced() -> None:
    tied = {"爱心椅": 43, "歇脚椅": 43}
    assert multi_option(tied, is_run_off=True, lot_announced=True).lot
    assert not multi_option(tied, is_run_off=True).lot
    assert not multi_option(tied, lot_announced=True).lot


def test_an_empty_box_and_a_missing_quorum_choose_nothing() -> None:
    assert multi_option({"甲": 0, "乙": 0}).winner is None
    result = multi_option({"甲": 5, "乙": 1}, quorum=quorum_condition(17, 6))
    assert (result.passed, result.winner, result.quorate) == (False, None, False)
    assert result.legal_effect is LegalEffect.CONSULTATION_ONLY


# R9, R10, R11.


def voices(**counted: int) -> list[Voice]:
    return [Voice(f"{stance}{i}", Stance(stance)) for stance, n in counted.items() for i in range(n)]


@pytest.mark.parametrize(
    ("case", "asked", "passed"),
    [
        ("M02 12/12", voices(agree=12), True),
        ("M15 9/9", voices(agree=9), True),
        ("one was out of reach", voices(agree=8, unreached=1), True),
        ("one opposes", voices(agree=11, oppose=1), False),
        ("one was not asked", voices(agree=11, not_asked=1), False),
        ("a condition is open", voices(agree=11, conditional=1), False),
        ("a condition is met", [*voices(agree=11), Voice("张", Stance.CONDITIONAL, True)], True),
        ("nobody was reached", voices(unreached=3), False),
        ("nobody was named", [], False),
    ],
)
def test_consensus(case: str, asked: list[Voice], passed: bool) -> None:
    assert consensus(asked).passed is passed, case


def test_soliciting_never_passes_anything() -> None:
    result = solicitation(12, 9, 2, 1)
    assert not result.passed
    assert result.legal_effect is LegalEffect.CONSULTATION_ONLY
    assert words(result.conditions[0]).startswith("共 12 户，问到 12 户，赞成 9 户，反对 2 户")
    assert not solicitation(12, 12, 0).passed


@pytest.mark.parametrize(
    ("households", "returned", "yes", "passed"),
    [(96, 49, 25, True), (96, 48, 48, False), (96, 50, 25, False), (12, 12, 12, True)],
)
def test_household_ballot(households: int, returned: int, yes: int, passed: bool) -> None:
    assert household_ballot(Count(households, returned, yes, returned - yes)).passed is passed


def test_a_stored_rule_is_judged_by_its_own_function() -> None:
    count = Count(17, 12, 7, 5)
    assert judge(Rule.COUNCIL_MAJORITY, count) == council_majority(count)
    assert judge(Rule.COUNCIL_TWO_THIRDS, count) == council_two_thirds(count)
    assert judge(Rule.REPS_MEETING, count, reps=14) == reps_meeting(count, 14)
    with pytest.raises(ValueError, match="not counted"):
        judge(Rule.OWNERS_SPECIAL, count)
    with pytest.raises(ValueError, match="not counted"):
        judge(Rule.REPS_MEETING, count)


@pytest.mark.parametrize(
    "figures", [(10, 11, 0, 0), (10, 5, 3, 3), (10, 5, -1, 0), (10, 5, 4, 1, 1), (10, 5, 4, 1, 0, 1)]
)
def test_a_count_that_cannot_have_happened_is_refused(figures: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cannot have happened"):
        Count(*figures)


def test_owner_counts_that_cannot_have_happened_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot have happened"):
        OwnersCount(10, 100, 11, 50, 5, 20)
    with pytest.raises(ValueError, match="more answers"):
        unanimous(3, 3, 1)
    with pytest.raises(ValueError, match="more answers"):
        solicitation(3, 3, 1)


# Properties.


@st.composite
def counts(draw: st.DrawFn) -> Count:
    eligible = draw(st.integers(1, 3000))
    present = draw(st.integers(0, eligible))
    yes = draw(st.integers(0, present))
    against = draw(st.integers(0, present - yes))
    abstain = draw(st.integers(0, present - yes - against))
    return Count(eligible, present, yes, against, abstain)


RULES = [
    council_majority,
    council_two_thirds,
    residents_meeting,
    household_ballot,
    lambda c: reps_meeting(c, c.eligible),
]


@pytest.mark.parametrize("rule", RULES)
@given(count=counts())
def test_one_yes_more_never_fails_what_had_passed(rule, count: Count) -> None:  # type: ignore[no-untyped-def]
    assume(count.no + count.abstain > 0)
    moved = replace(count, yes=count.yes + 1, **({"no": count.no - 1} if count.no else {"abstain": count.abstain - 1}))
    assert rule(moved).passed >= rule(count).passed


@pytest.mark.parametrize("rule", RULES)
@given(count=counts())
def test_an_abstention_works_like_a_no(rule, count: Count) -> None:  # type: ignore[no-untyped-def]
    as_no = replace(count, no=count.no + count.abstain, abstain=0)
    assert rule(as_no).passed == rule(count).passed


@given(count=counts())
def test_the_words_agree_with_the_fractions(count: Count) -> None:
    result = council_majority(count)
    assert result.quorate == (2 * count.present > count.eligible)
    assert result.passed == (2 * count.present > count.eligible and 2 * count.yes > count.present)
    strict = council_two_thirds(count, Quorum.TWO_THIRDS)
    assert strict.quorate == (3 * count.present >= 2 * count.eligible)
    assert strict.passed == (strict.quorate and 3 * count.yes >= 2 * count.present)


@given(count=counts())
def test_a_mirrored_vote_never_passes_too(count: Count) -> None:
    mirrored = replace(count, yes=count.no, no=count.yes)
    assert not (council_majority(count).passed and council_majority(mirrored).passed)


@st.composite
def owner_counts(draw: st.DrawFn) -> OwnersCount:
    heads, area = draw(st.integers(1, 500)), draw(st.integers(1, 5_000_000))
    heads_present, area_present = draw(st.integers(0, heads)), draw(st.integers(0, area))
    return OwnersCount(
        heads,
        area,
        heads_present,
        area_present,
        draw(st.integers(0, heads_present)),
        draw(st.integers(0, area_present)),
    )


@given(count=owner_counts())
def test_owners_words_agree_with_the_fractions(count: OwnersCount) -> None:
    quorate = 3 * count.heads_present >= 2 * count.heads and 3 * count.area_present >= 2 * count.area_dm2
    ordinary = 2 * count.heads_yes > count.heads_present and 2 * count.area_yes > count.area_present
    special = 4 * count.heads_yes >= 3 * count.heads_present and 4 * count.area_yes >= 3 * count.area_present
    assert owners_ordinary(count).passed == (quorate and ordinary)
    assert owners_special(count).passed == (quorate and special)
    assert owners_ordinary(count).passed >= owners_special(count).passed


@given(
    votes=st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 50), min_size=1, max_size=6), data=st.data()
)
def test_the_order_on_the_paper_does_not_matter(votes: dict[str, int], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(votes.items()))))
    one, other = multi_option(votes), multi_option(shuffled)
    assert one.winner == other.winner
    assert set(one.run_off) == set(other.run_off)


@given(said=st.lists(st.builds(Voice, st.text(max_size=3), st.sampled_from(Stance), st.booleans())), data=st.data())
def test_one_opposing_voice_ends_a_consensus_in_any_order(said: list[Voice], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(said))
    assert consensus(said) == consensus(shuffled)
    assert not consensus([*shuffled, Voice("反对的人", Stance.OPPOSE)]).passed


# Casting.

AUNT = Voter(on_roll=True)


@pytest.mark.parametrize(
    ("case", "voter", "mode", "is_open", "allowed"),
    [
        ("a member", AUNT, Mode.NAMED, True, True),
        ("closed", AUNT, Mode.NAMED, False, False),
        ("not on the roll", replace(AUNT, on_roll=False), Mode.NAMED, True, False),
        ("recused", replace(AUNT, recused=True), Mode.NAMED, True, False),
        ("left", replace(AUNT, present=False), Mode.HANDS, True, False),
        ("seventeen", replace(AUNT, age=17), Mode.NAMED, True, False),
        ("eighteen", replace(AUNT, age=18), Mode.NAMED, True, True),
        ("changes a named vote", replace(AUNT, has_cast=True), Mode.NAMED, True, True),
        ("changes a secret vote", replace(AUNT, has_cast=True), Mode.SECRET, True, False),
    ],
)
def test_casting(case: str, voter: Voter, mode: Mode, is_open: bool, allowed: bool) -> None:
    assert bool(may_cast(voter, mode, is_open)) is allowed, case


@pytest.mark.parametrize(
    ("mode", "subject", "objections", "allowed"),
    [
        (Mode.SECRET, Subject.PERSONS, 0, True),
        (Mode.HANDS, Subject.PERSONS, 0, False),
        (Mode.NAMED, Subject.OWNERS, 0, True),
        (Mode.SECRET, Subject.MONEY_SHARES, 0, False),
        (Mode.HANDS, Subject.SITING_OR_STYLE, 0, True),
        (Mode.HANDS, Subject.SITING_OR_STYLE, 1, False),
        (Mode.SECRET, Subject.SITING_OR_STYLE, 1, True),
        (Mode.HANDS, Subject.OTHER, 3, True),
    ],
)
def test_modes(mode: Mode, subject: Subject, objections: int, allowed: bool) -> None:
    assert bool(may_use(mode, subject, objections)) is allowed


def test_who_is_recused_drops_out_of_both_numbers() -> None:
    assert without_recused(17, 13, 2, 1) == (15, 12)
    # With the party in the room 6 of 12 would be a tie; after recusal the same six are a majority of eleven.
    assert not council_majority(Count(17, 12, 6, 5)).passed
    assert council_majority(Count(*without_recused(17, 12, 1, 1), 6, 5)).passed
    with pytest.raises(ValueError, match="recused"):
        without_recused(17, 13, 1, 2)


def test_the_tally_sheet_adds_up() -> None:
    right = Papers(issued=14, returned=13, out=1, valid=12, spoiled=1, yes=7, no=4, abstain=1)
    assert adds_up(right)
    for wrong in ({"out": 0}, {"valid": 13}, {"yes": 8}):
        assert not adds_up(replace(right, **wrong))
    verdict = adds_up(replace(right, yes=8))
    assert verdict.reason % verdict.values == "有效 12 张，赞成 8、反对 4、弃权 1，对不上"


def test_two_people_count_and_never_the_mover() -> None:
    assert counted_by("小李", "王阿姨", "张书记")
    assert not counted_by("小李", "小李", "张书记")
    assert not counted_by("小李", "", "张书记")
    assert not counted_by("小李", "张书记", "张书记")


def test_small_edges_of_paper_and_secrecy() -> None:
    assert may_replace("填错了", 2)
    assert not may_replace("填错了", 1)
    assert not may_replace(" ", 2)
    assert may_count_paper(online_is_open=False)
    assert not may_count_paper(online_is_open=True)
    assert may_show_breakdown(5)
    assert not may_show_breakdown(4)
