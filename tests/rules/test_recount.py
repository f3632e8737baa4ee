"""Every rule counted again from a box anybody downloads: the worked numbers of domain.md section 3 and section 8."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from app.faces.cli.ballot import recount_box
from app.flow.decide.recount import BadBox, recount
from app.flow.decide.rules import Body, Outcome, Rule

YES, NO, TIE, NONE, AGAIN = Outcome.PASSED, Outcome.FAILED, Outcome.TIE, Outcome.NO_QUORUM, Outcome.RUN_OFF


def box(heads, present=None, *, body="council", areas=None, reps=None, area=0, **choices):
    """A box with ``yes=7`` as seven ballots; ``areas`` gives the whole area of a choice to its first ballot."""
    ballots = []
    for choice, n in choices.items():
        first = (areas or {}).get(choice, 0)
        ballots += [{"choice": choice, "heads": 1, "area_dm2": first if i == 0 else 0} for i in range(n)]
    found = {"body": body, "eligible": {"heads": heads, "area_dm2": area, "reps": reps}, "ballots": ballots}
    return found if present is None else found | {"present": present, "issued": present}


def owned(present, area_present, yes, area_yes, *, heads=120, area=960_000):
    """An owners' box: who did not agree said no."""
    return box(
        heads,
        body="owners",
        area=area,
        yes=yes,
        no=present - yes,
        areas={"yes": area_yes, "no": area_present - area_yes},
    )


@pytest.mark.parametrize(
    ("rule", "data", "outcome", "effect"),
    [
        # R1, R2: N=17 asks for 9; P=13 asks for 7; 7:7 and 6:5:1 fail, because the base is who is there.
        ("council_majority", box(17, 8, yes=8), NONE, "consultation_only"),
        ("council_majority", box(17, 9, yes=5), YES, "advisory"),
        ("council_majority", box(17, 13, yes=7), YES, "advisory"),
        ("council_majority", box(17, 13, yes=6, no=5, abstain=2), NO, "advisory"),
        ("council_majority", box(17, 14, yes=7, no=7), TIE, "advisory"),
        ("council_majority", box(17, 12, yes=6, no=5, abstain=1), NO, "advisory"),
        ("council_majority", box(17, 12, yes=7, no=4, abstain=1), YES, "advisory"),
        ("council_majority", box(17, 11, yes=11) | {"quorum": "two_thirds"}, NONE, "consultation_only"),
        ("council_majority", box(17, 12, yes=7) | {"quorum": "two_thirds"}, YES, "advisory"),
        ("council_two_thirds", box(17, 12, yes=8, no=4), YES, "advisory"),
        ("council_two_thirds", box(17, 12, yes=7, no=5), NO, "advisory"),
        # R3, R4: 33 of 50 are too few, 34 enough; 43 of 50 are four fifths, 39 are not.
        ("residents_meeting", box(100, 51, yes=26, spoiled=1), YES, "residents_decision"),
        ("residents_meeting", box(100, 50, yes=50), NONE, "consultation_only"),
        ("reps_meeting", box(50, 33, body="reps", reps=43, yes=33), NONE, "consultation_only"),
        ("reps_meeting", box(50, 34, body="reps", reps=43, yes=18), YES, "residents_decision"),
        ("reps_meeting", box(50, 36, body="reps", reps=43, yes=25), YES, "residents_decision"),
        ("reps_meeting", box(50, 36, body="reps", reps=39, yes=25), NO, "consultation_only"),
        # R5: a tenth of the residents, a fifth of the representatives.
        ("convene", box(100, yes=10), YES, "advisory"),
        ("convene", box(100, yes=9), NO, "advisory"),
        ("convene", box(50, body="reps", reps=43, yes=9), YES, "advisory"),
        # R6: exactly two thirds of both; 41 heads and over 3,200.00; 60 and 4,800.00; 79 heads fail whatever the area.
        ("owners_ordinary", owned(80, 640_000, 41, 320_001), YES, "owners_decision"),
        ("owners_ordinary", owned(80, 640_000, 41, 320_000), NO, "owners_decision"),
        ("owners_ordinary", owned(80, 640_000, 40, 400_000), TIE, "owners_decision"),
        ("owners_ordinary", owned(79, 960_000, 79, 960_000), NONE, "consultation_only"),
        ("owners_special", owned(80, 640_000, 60, 480_000), YES, "owners_decision"),
        ("owners_special", owned(80, 640_000, 59, 480_000), NO, "owners_decision"),
        ("owners_special", owned(80, 640_000, 60, 479_999), NO, "owners_decision"),
        # M11, M12, M13.
        ("owners_ordinary", owned(88, 691_200, 46, 340_000), NO, "owners_decision"),
        ("owners_ordinary", owned(372, 3_496_000, 251, 2_390_000, heads=540, area=5_130_000), YES, "owners_decision"),
        ("owners_special", owned(395, 3_710_000, 298, 2_760_000, heads=540, area=5_130_000), NO, "owners_decision"),
        # R7: all answer, nobody refuses; a majority is no defence.
        ("unanimous", box(12, body="owners", yes=12), YES, "agreement"),
        ("unanimous", box(12, body="owners", yes=11, no=1), NO, "agreement"),
        ("unanimous", box(12, body="owners", yes=10, unreached=2), NONE, "agreement"),
        # R8, the three votes of M03: 47/28/11, 61/25, 43:43 and 49:37.
        ("multi_option", box(100, body="households", yang=47, mu=28, hong=11), YES, "advisory"),
        ("multi_option", box(100, body="households", a=43, b=43), AGAIN, "advisory"),
        ("multi_option", box(100, body="households", a=43, b=43) | {"run_off": True}, TIE, "advisory"),
        ("multi_option", box(100, body="households", a=49, b=37) | {"run_off": True}, YES, "advisory"),
        ("multi_option", box(100, body="households", a=30, b=20), NONE, "consultation_only"),
        ("multi_option", box(100, body="invited", a=3, b=2), YES, "advisory"),
        ("multi_option", box(100, body="invited", abstain=3), NO, "advisory"),
        ("multi_option", box(50, 33, body="reps", a=33), NONE, "consultation_only"),
        # R9, R10, R11.
        ("consensus", box(3, agree=1, conditional_met=1, unreached=1), YES, "advisory"),
        ("consensus", box(3, agree=2, conditional_open=1), NO, "advisory"),
        ("consensus", box(3, agree=2, against=1), NO, "advisory"),
        ("consensus", box(3, agree=2) | {"agreement": True}, NO, "agreement"),
        ("solicitation", box(40, body="households", yes=40), NO, "consultation_only"),
        ("household_ballot", box(86, body="households", yes=23, no=21), YES, "advisory"),
        ("household_ballot", box(86, body="households", yes=43), NONE, "consultation_only"),
        ("household_ballot", box(86, body="households", yes=22, no=22), TIE, "advisory"),
    ],
)  # fmt: skip
def test_every_rule_from_its_box(rule, data, outcome, effect):
    found = recount(rule, data)
    assert (found["outcome"], found["legal_effect"], found["passed"]) == (outcome, effect, outcome == YES)
    assert found["quorum_met"] is (outcome != NONE) or rule == "consensus"
    assert found["reason"] or rule == "convene"
    if rule != "convene":
        assert found["returned"] == sum(found["counts"].values())


@pytest.mark.parametrize(
    ("rule", "data", "said"),
    [
        ("majority", box(3), "unknown rule"),
        ("council_majority", [], "not a JSON object"),
        ("council_majority", {"ballots": []}, "eligible"),
        ("council_majority", {"eligible": {"heads": "3"}, "ballots": []}, "heads"),
        ("council_majority", {"eligible": {"heads": True}, "ballots": []}, "heads"),
        ("council_majority", {"eligible": {"heads": 3}}, "ballots"),
        ("council_majority", box(3, maybe=1), "choice"),
        ("council_majority", box(3) | {"ballots": [{"choice": "yes", "channel": "post"}]}, "channel"),
        ("council_majority", box(3) | {"ballots": [{"choice": "yes", "heads": -1}]}, "ballot 1"),
        ("council_majority", box(3) | {"ballots": ["yes"]}, "ballot 1"),
        ("council_majority", box(3, 2, yes=3), "issued"),
        ("council_majority", box(3, 2, yes=3) | {"issued": 3}, "present"),
        ("council_majority", box(3, 4, yes=3), "eligible"),
        ("council_majority", box(3) | {"body": "street"}, "body"),
        ("council_majority", box(3) | {"quorum": 2}, "quorum"),
        ("reps_meeting", box(3, body="reps", yes=3), "reps"),
        ("owners_ordinary", owned(2, 20, 1, 10, heads=3, area=5), "area_dm2"),
        ("multi_option", box(3, a=1) | {"options": "ab"}, "options"),
        ("unanimous", box(3, abstain=1), "choice"),
        # What would burn memory, say two things at once, or break the answer's own writing.
        ("consensus", box(10**9), "at most"),
        ("council_majority", box(10**13), "heads"),
        ("multi_option", box(3, a=1) | {"options": ["a", "a"]}, "different"),
        ("multi_option", box(3, c=1) | {"options": ["a", "b"]}, "among"),
        ("multi_option", box(3) | {"ballots": [{"choice": "\ud800"}]}, "choice"),
    ],
)  # fmt: skip
def test_a_bad_box_is_named_in_one_line(rule, data, said):
    with pytest.raises(BadBox, match=said) as caught:
        recount(rule, data)
    assert "\n" not in str(caught.value)


def _run(arguments, stdin):
    return CliRunner().invoke(recount_box, arguments, input=stdin)


def test_the_command_reads_the_box_from_standard_input():
    """The command needs no application at all, so nothing of it can reach a database or a queue."""
    assert recount_box.callback.__module__ == "app.faces.cli.ballot"
    done = _run(["--rule", "council_majority"], json.dumps(box(17, 14, yes=7, no=7)))
    assert (done.exit_code, json.loads(done.stdout)["outcome"]) == (0, "tie")
    for stdin in (b"[1", b"\xff\xfe", b"[]", b"{}", b"[" * 100_000, b""):
        bad = _run(["--rule", "council_majority"], stdin)
        assert (bad.exit_code, bad.stdout, bad.stderr.count("\n")) == (2, "", 1), stdin[:10]
        assert bad.stderr.startswith("recount: ")
    assert _run(["--rule", "nonsense"], b"{}").exit_code == 2


choices = st.dictionaries(st.sampled_from(["yes", "no", "abstain", "spoiled"]), st.integers(0, 30))


@settings(max_examples=150)
@given(st.sampled_from(list(Rule)), st.sampled_from(list(Body)), choices, st.integers(0, 40), st.randoms())
def test_a_box_adds_up_in_any_order_under_every_rule(rule, body, counts, absent, random):
    """Whatever lies in it and in whatever order: counted the same, the sums hold, nothing passes without a quorum."""
    heads = sum(counts.values()) + absent
    data = box(heads, body=str(body), area=heads, reps=heads, **counts)
    try:
        found = recount(str(rule), data)
    except BadBox:
        assert rule in (Rule.UNANIMOUS, Rule.CONSENSUS, Rule.CONVENE)
        return
    random.shuffle(data["ballots"])
    assert recount(str(rule), data) == found
    assert not found["passed"] or (found["quorum_met"] and found["outcome"] == "passed")
    if rule is not Rule.CONVENE:
        assert found["issued"] == found["returned"] + found["out"]
        assert found["returned"] == found["valid"] + found["spoiled"] == sum(found["counts"].values())
