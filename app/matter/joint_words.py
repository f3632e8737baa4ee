"""The result of a joint matter in one sentence, and its figures as they are frozen with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.matter.joint_gather_rules import Gather, Gathered, Part
from app.words import N_


def outcome_words(rule: str, found: Gathered) -> str:
    """The result in one sentence, with the figures behind it."""
    said = N_("%(n)s 个社区表决，%(k)s 个通过；合起来应到 %(N)s，实到 %(P)s，同意 %(Y)s，反对 %(X)s，弃权 %(A)s")
    votes = said % {
        "n": found.halls, "k": found.passed_halls, "N": found.eligible, "P": found.present, "Y": found.yes,
        "X": found.no, "A": found.abstain,
    }  # fmt: skip
    missing = N_("。没有算进来的：%(names)s") % {"names": "、".join(found.left_out)} if found.left_out else ""
    if found.passed:
        return N_("汇总通过：%(votes)s%(missing)s。") % {"votes": votes, "missing": missing}
    why = (found.reason % found.values).rstrip("。")
    return N_("汇总没通过，%(why)s。%(votes)s%(missing)s。") % {"why": why, "votes": votes, "missing": missing}


def outcome_of(rule: str, parts: Sequence[Part], found: Gathered, why_without: str = "") -> dict[str, Any]:
    """The frozen figures, JSON-safe: one line a hall, and the sum over those that came to a decision."""
    return {
        "rule": str(Gather(rule)), "passed": found.passed, "halls": found.halls, "passed_halls": found.passed_halls,
        "eligible": found.eligible, "present": found.present, "yes": found.yes, "no": found.no,
        "abstain": found.abstain, "spoiled": found.spoiled, "left_out": list(found.left_out),
        "why_without": why_without,
        "lines": [
            {
                "name": part.name, "state": part.state, "eligible": part.eligible, "present": part.present,
                "yes": part.yes, "no": part.no, "abstain": part.abstain, "spoiled": part.spoiled,
                "quorate": part.quorate, "passed": part.passed,
            }
            for part in parts if part.state != "withdrawn"
        ],
    }  # fmt: skip
