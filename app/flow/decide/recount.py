"""Counting a box again from what anybody can download: no database, no queue, no clock, only the rules. Pure.

The box is a mapping ``{"body", "quorum", "eligible": {"heads", "area_dm2", "reps"}, "issued", "present", "ballots":
[{"choice", "heads", "area_dm2", "channel"}]}``. Besides these, ``options`` lists the options in order, ``run_off``
tells that the box is of a run-off, ``lot_announced`` that a lot was announced, ``agreement`` that all have signed (R9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import Verdict
from app.flow.decide.rules import (
    Areas,
    Body,
    Count,
    LegalEffect,
    Outcome,
    Quorum,
    Result,
    Rule,
    Stance,
    Voice,
    consensus,
    judge,
    may_convene_reps,
    may_convene_residents,
    outcome,
)

QUORUMS = {"majority": Quorum.HALF, "half": Quorum.HALF, "two_thirds": Quorum.TWO_THIRDS}
CHANNELS = ("online", "paper", "hands")
#: No hall has more people, nor more land: a greater figure is a slip of the hand, and would only burn time and memory.
MOST, MOST_AT_A_BENCH = 10**12, 10_000
YES_NO = ("yes", "no", "abstain", "spoiled")
STANCES = {
    "agree": (Stance.AGREE, False), "conditional_met": (Stance.CONDITIONAL, True),
    "conditional_open": (Stance.CONDITIONAL, False), "against": (Stance.OPPOSE, False),
    "unreached": (Stance.UNREACHED, False),
}  # fmt: skip
#: What may stand on a paper, rule by rule; choosing among several takes any word as an option.
CHOICES: dict[Rule, tuple[str, ...]] = {
    Rule.UNANIMOUS: ("yes", "no", "unreached"),
    Rule.CONSENSUS: tuple(STANCES),
    Rule.SOLICITATION: (*YES_NO, "unreached"),
    Rule.CONVENE: ("yes",),
}
#: The body a rule belongs to, where the box does not say.
BODIES: dict[Rule, Body] = {
    Rule.RESIDENTS_MEETING: Body.RESIDENTS, Rule.REPS_MEETING: Body.REPS, Rule.CONVENE: Body.RESIDENTS,
    Rule.OWNERS_ORDINARY: Body.OWNERS, Rule.OWNERS_SPECIAL: Body.OWNERS, Rule.UNANIMOUS: Body.OWNERS,
    Rule.SOLICITATION: Body.HOUSEHOLDS, Rule.HOUSEHOLD_BALLOT: Body.HOUSEHOLDS,
}  # fmt: skip
#: Rules whose base is the ballots that came back, not the people in a room.
BY_RETURN = frozenset({
    Rule.OWNERS_ORDINARY, Rule.OWNERS_SPECIAL, Rule.HOUSEHOLD_BALLOT, Rule.UNANIMOUS, Rule.SOLICITATION,
})  # fmt: skip


class BadBox(ValueError):
    """The box cannot be counted; the message says in one line what is wrong with it."""


@dataclass
class Box:
    """A box that was read and adds up: heads and areas by choice, heads by channel."""

    rule: Rule
    body: Body
    quorum: Quorum
    heads: int
    area_dm2: int
    reps: int | None
    issued: int = 0
    present: int = 0
    choices: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)

    @property
    def returned(self) -> int:
        """Ballots that came back, spoiled ones among them."""
        return sum(self.choices.values())


def recount(rule: str, data: Any) -> dict[str, Any]:
    """Count a box by a rule of domain.md section 3; raises :class:`BadBox` when it cannot be counted.

    Returns ``quorum_met``, ``passed``, ``outcome``, ``counts`` by choice, ``reason`` in words and ``legal_effect``,
    and beside them the sums: issued, returned, out, valid, spoiled.
    """
    box = read_box(rule, data)
    if box.rule is Rule.CONVENE:
        return _convened(box)
    votes = _votes(box, data)
    is_run_off = data.get("run_off") is True
    count = _count(box)
    if box.rule is Rule.CONSENSUS:
        result = _bench(box, data.get("agreement") is True)
        quorate = box.returned == box.heads
    else:
        try:
            result = judge(
                box.rule, count, quorum=box.quorum, reps=box.reps, areas=_areas(box), votes=votes, body=box.body,
                is_run_off=is_run_off, lot_announced=data.get("lot_announced") is True,
            )  # fmt: skip
        except ValueError as error:
            raise BadBox(str(error)) from error
        quorate = result.quorate is not False
    return _answer(box, votes, result, quorate, outcome(result, count, is_run_off=is_run_off))


def read_box(rule: str, data: Any) -> Box:
    """Read and check a box; every figure is a whole number from 0 up and the sums add up."""
    try:
        wanted = Rule(rule)
    except ValueError:
        raise BadBox(f"unknown rule {rule!r}; known: {', '.join(Rule)}") from None
    if not isinstance(data, Mapping):
        raise BadBox("the box is not a JSON object")
    eligible = data.get("eligible")
    if not isinstance(eligible, Mapping):
        raise BadBox('"eligible" must be an object with "heads"')
    body = _one_of(data, "body", {str(body): body for body in Body}, BODIES.get(wanted, Body.COUNCIL))
    own = Quorum.TWO_THIRDS if wanted is Rule.REPS_MEETING else Quorum.HALF
    box = Box(
        wanted, body, _one_of(data, "quorum", QUORUMS, own), _whole(eligible, "heads"),
        _whole(eligible, "area_dm2", 0), _whole(eligible, "reps") if eligible.get("reps") is not None else None,
    )  # fmt: skip
    if wanted is Rule.CONSENSUS and box.heads > MOST_AT_A_BENCH:
        raise BadBox(f"a bench asks people by name, at most {MOST_AT_A_BENCH}")
    _take_ballots(box, data.get("ballots"))
    box.issued = _whole(data, "issued", box.returned)
    box.present = box.returned if wanted in BY_RETURN else _whole(data, "present", box.returned)
    _adds_up(box)
    return box


def _take_ballots(box: Box, ballots: Any) -> None:
    if not isinstance(ballots, list):
        raise BadBox('"ballots" must be a list')
    allowed = None if box.rule is Rule.MULTI_OPTION else CHOICES.get(box.rule, YES_NO)
    for number, ballot in enumerate(ballots, start=1):
        if not isinstance(ballot, Mapping):
            raise BadBox(f"ballot {number} is not an object")
        choice = ballot.get("choice")
        if not _word(choice) or (allowed is not None and choice not in allowed):
            known = "an option's name" if allowed is None else ", ".join(allowed)
            raise BadBox(f'ballot {number}: "choice" must be {known}')
        if ballot.get("channel", "online") not in CHANNELS:
            raise BadBox(f'ballot {number}: "channel" must be {", ".join(CHANNELS)}')
        heads = _whole(ballot, "heads", 1, f"ballot {number}: ")
        box.choices[choice] += heads
        box.areas[choice] += _whole(ballot, "area_dm2", 0, f"ballot {number}: ")
        box.channels[ballot.get("channel", "")] += heads


def _adds_up(box: Box) -> None:
    if box.returned > box.issued:
        raise BadBox(f"{box.returned} ballots came back but only {box.issued} were issued")
    if box.returned > box.present:
        raise BadBox(f"{box.returned} ballots came back but only {box.present} were present")
    if box.present > box.heads:
        raise BadBox(f"{box.present} took part but only {box.heads} are eligible")
    if sum(box.areas.values()) > box.area_dm2 and box.body is Body.OWNERS:
        raise BadBox(f"the ballots hold {sum(box.areas.values())} area_dm2 but only {box.area_dm2} are eligible")
    if box.rule is Rule.REPS_MEETING and box.reps is None:
        raise BadBox('"eligible" needs "reps" for reps_meeting')
    if box.reps is not None and box.reps > box.heads:
        raise BadBox(f"{box.reps} representatives among {box.heads} eligible")


def _votes(box: Box, data: Mapping[str, Any]) -> dict[str, int] | None:
    if box.rule is not Rule.MULTI_OPTION:
        return None
    listed = data.get("options", [])
    if not isinstance(listed, list) or not all(_word(option) for option in listed) or len(set(listed)) < len(listed):
        raise BadBox('"options" must be a list of different names')
    strange = sorted(set(box.choices) - {*listed, "abstain", "spoiled"}) if listed else []
    if strange:
        raise BadBox(f'{len(strange)} of the choices are not among the "options", the first is {strange[0]!r}')
    # Where no order is given the alphabet's is taken: the order of the papers must not show in the answer.
    named = dict.fromkeys([*listed, *sorted(set(box.choices) - {"abstain", "spoiled"})])
    return {option: box.choices[option] for option in named} or {"": 0}


def _count(box: Box) -> Count:
    if box.rule is Rule.CONSENSUS:
        return Count(box.heads, box.present, 0, box.choices["against"])
    plain = box.rule is not Rule.MULTI_OPTION
    yes, no = (box.choices["yes"], box.choices["no"]) if plain else (0, 0)
    return Count(box.heads, box.present, yes, no, box.choices["abstain"], box.choices["spoiled"])


def _areas(box: Box) -> Areas:
    return Areas(box.area_dm2, sum(box.areas.values()), box.areas["yes"])


def _bench(box: Box, signed: bool) -> Result:
    voices = [Voice("", *STANCES[choice]) for choice, n in box.choices.items() for _ in range(n)]
    voices += [Voice("")] * (box.heads - box.returned)
    return consensus(voices, LegalEffect.AGREEMENT if signed else LegalEffect.ADVISORY)


def _convened(box: Box) -> dict[str, Any]:
    signers = box.choices["yes"]
    found: Verdict = (
        may_convene_reps(box.reps or 0, signers)
        if box.body is Body.REPS
        else may_convene_residents(box.heads, signers, 0, 0)
    )
    word = Outcome.PASSED if found else Outcome.FAILED
    return {
        "quorum_met": True, "passed": bool(found), "outcome": str(word), "counts": dict(box.choices),
        "reason": found.reason % found.values, "legal_effect": str(LegalEffect.ADVISORY),
    }  # fmt: skip


def _answer(
    box: Box, votes: dict[str, int] | None, result: Result, quorate: bool, word: Outcome
) -> dict[str, Any]:  # fmt: skip
    known = (*votes, "abstain", "spoiled") if votes is not None else CHOICES.get(box.rule, YES_NO)
    spoiled = box.choices["spoiled"]
    answer: dict[str, Any] = {
        "quorum_met": quorate, "passed": result.passed, "outcome": str(word),
        "counts": {choice: box.choices[choice] for choice in known if choice},
        "reason": "；".join(c.reason % c.values for c in result.conditions), "legal_effect": str(result.legal_effect),
        "issued": box.issued, "returned": box.returned, "out": box.issued - box.returned,
        "valid": box.returned - spoiled, "spoiled": spoiled, "present": box.present,
    }  # fmt: skip
    if box.body is Body.OWNERS:
        answer["area_dm2"] = {choice: box.areas[choice] for choice in known if choice}
    if votes is not None:
        answer |= {"winner": result.winner, "run_off": list(result.run_off)}
    return answer


def _whole(source: Mapping[str, Any], key: str, default: int | None = None, where: str = "") -> int:
    value = source.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise BadBox(f'{where}"{key}" must be a whole number from 0 up to {MOST}')
    return value


def _word(value: Any) -> bool:
    """Whether this is a name that can be written down again: half a character cannot (JSON allows one)."""
    return isinstance(value, str) and bool(value) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _one_of(source: Mapping[str, Any], key: str, known: Mapping[str, Any], default: Any) -> Any:
    value = source.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or value not in known:
        raise BadBox(f'"{key}" must be one of {", ".join(known)}')
    return known[value]
