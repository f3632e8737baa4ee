"""The demo street's histories (domain.md section 8) as the evidence each step had, written out by hand.

A step lists exactly what stood on record for it: with one piece less it must be refused, so the tales pin the table
from both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from app.matter.situation import Kind, Level, Power, Situation, Stage, Triage
from app.people.roles import Role

SPOKEN = "channel words place"
PROPOSED = "kind category place wish"
TRIAGED = "triage level responsible decision_power"
TOPIC = "question stakeholders"
FOUND = "site_note two_options canvass"
ANNOUNCED = "agenda time_and_place invitees rule_and_base materials notice_given"
SAT = "attendance quorum minutes options_as_put"
AGREED = "attendance minutes options_as_put consensus"
COUNTED = "tally counted_by_two"
RESOLVED = "resolution_text resolution_number tasks dissent_answered"
WINDOW = "window_ended objections_answered"
DONE = "commitments all_done progress_note"
CHECKED = "all_verified resident_witness"
VISITED = "ratings low_followed satisfied_enough evaluation closing_note"
REFERRAL = "receiver call_back_date"


@dataclass(frozen=True)
class Act:
    verb: str
    role: Role
    evidence: str
    then: Stage
    changed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tale:
    start: Situation
    acts: tuple[Act, ...]


def submitted(role: Role = Role.PROPOSER) -> Act:
    return Act("submit", role, SPOKEN, Stage.SUBMITTED)


def accepted(joint: bool = False) -> Act:
    return Act("accept", Role.SECRETARY, f"{PROPOSED} signers" if joint else PROPOSED, Stage.ACCEPTED)


def confirmed() -> Act:
    return Act("confirm_topic", Role.SECRETARY, TRIAGED, Stage.TOPIC_CONFIRMED)


def surveyed_by_expert() -> tuple[Act, ...]:
    return (
        Act("survey", Role.COMMUNITY_WORKER, TOPIC, Stage.SURVEYING),
        Act("schedule", Role.GRID_WORKER, f"{FOUND} expert_opinion", Stage.SCHEDULED),
    )


def scheduled() -> Act:
    return Act("schedule", Role.COMMUNITY_WORKER, TOPIC, Stage.SCHEDULED)


def opened() -> Act:
    return Act("open_sitting", Role.CONVENER, ANNOUNCED, Stage.DELIBERATING)


def voted() -> tuple[Act, ...]:
    return (
        opened(),
        Act("call_vote", Role.CHAIR, SAT, Stage.VOTING),
        Act("adopt", Role.TELLER, f"{COUNTED} passed", Stage.DECIDED),
    )


def on_the_bench() -> tuple[Act, ...]:
    return (
        Act("open_sitting", Role.CONVENER, TRIAGED, Stage.DELIBERATING),
        Act("agree", Role.CHAIR, AGREED, Stage.DECIDED),
    )


def posted() -> Act:
    return Act("publicize", Role.SECRETARY, RESOLVED, Stage.PUBLICIZED)


def posted_then_done() -> tuple[Act, ...]:
    return posted(), Act("implement", Role.SYSTEM, WINDOW, Stage.IMPLEMENTING)


def done_alongside() -> Act:
    return Act("implement", Role.SECRETARY, f"{RESOLVED} posting_started", Stage.IMPLEMENTING)


def finished(money: bool = False) -> tuple[Act, ...]:
    return (
        Act("hand_over", Role.TASK_OWNER, f"{DONE} money_recorded" if money else DONE, Stage.VERIFYING),
        Act("verify", Role.GRID_WORKER, f"{CHECKED} cost_compared" if money else CHECKED, Stage.REVIEWING),
    )


def closed() -> Act:
    return Act("close", Role.COMMUNITY_WORKER, VISITED, Stage.CLOSED)


COLLECTED = Situation(Stage.COLLECTED, decision_power=Power.COUNCIL)
GRID_FINDS = submitted(Role.GRID_WORKER)


def case(triage: Triage, **facts: Any) -> Situation:
    return replace(COLLECTED, triage=triage, **facts)


JOINT = {"kind": Kind.JOINT, "signers": 12}
ORGANISATION = {"kind": Kind.ORGANISATION}

TALES: dict[str, Tale] = {
    "W4": Tale(
        case(Triage.MAJOR, costs_money=True, **ORGANISATION),
        (
            submitted(), accepted(), confirmed(), scheduled(), *voted(), *posted_then_done(), *finished(money=True),
            closed(), Act("archive", Role.SYSTEM, "closing_note retention", Stage.ARCHIVED),
        ),
    ),
    "M01": Tale(
        case(Triage.MINOR),
        (
            submitted(), accepted(), confirmed(), scheduled(), *voted(), *posted_then_done(), *finished(), closed(),
        ),
    ),
    "M04": Tale(
        case(Triage.MAJOR, **ORGANISATION),
        (submitted(), accepted(), confirmed(), scheduled(), *voted(), *posted_then_done()),
    ),
    "M06": Tale(
        case(Triage.HARD, kind=Kind.JOINT, signers=31, decision_power=Power.RESIDENTS),
        (submitted(), accepted(joint=True), confirmed()),
    ),
    "M10": Tale(
        case(Triage.MINOR),
        (
            submitted(Role.COMMUNITY_WORKER), accepted(), confirmed(), scheduled(), *voted(), *posted_then_done(),
            *finished(), closed(),
        ),
    ),
    "M14": Tale(
        case(Triage.HARD, **ORGANISATION),
        (
            submitted(), accepted(), confirmed(), *surveyed_by_expert(), *voted(), *posted_then_done(), *finished(),
            closed(),
        ),
    ),
    "M15": Tale(
        case(Triage.MINOR, level=Level.GRID),
        (submitted(), accepted(), *on_the_bench(), done_alongside(), *finished(), closed()),
    ),
    "M18": Tale(
        case(Triage.URGENT, level=Level.GRID, low_rating=True, **ORGANISATION),
        (
            GRID_FINDS, accepted(), *on_the_bench(), done_alongside(), *finished(),
            Act("rework", Role.GRID_WORKER, "ratings low_rating_reason", Stage.IMPLEMENTING, {"reworks": 1}),
            *finished(),
            Act("close", Role.GRID_WORKER, f"{VISITED} low_rating_reason", Stage.CLOSED),
        ),
    ),
    "M20": Tale(
        case(Triage.HARD, costs_money=True, **JOINT),
        (
            submitted(), accepted(joint=True), confirmed(), *surveyed_by_expert(), *voted(), *posted_then_done(),
            *finished(money=True), closed(),
        ),
    ),
    "M21": Tale(
        case(Triage.URGENT, costs_money=True, **JOINT),
        (
            submitted(), accepted(joint=True), *on_the_bench(), *posted_then_done(), *finished(money=True), closed(),
        ),
    ),
    "M22": Tale(COLLECTED, (submitted(), Act("refer", Role.COMMUNITY_WORKER, REFERRAL, Stage.REFERRED))),
    "M23": Tale(
        COLLECTED,
        (
            submitted(),
            Act("refuse", Role.SECRETARY, "negative_item right_door", Stage.NOT_ACCEPTED),
            Act("ask_review", Role.PROPOSER, "", Stage.NOT_ACCEPTED, {"review_asked": True}),
        ),
    ),
    "M24": Tale(
        case(Triage.HARD, **JOINT),
        (
            submitted(), accepted(joint=True), confirmed(), *surveyed_by_expert(), opened(),
            Act("adjourn", Role.CHAIR, "attendance minutes quorum_lost", Stage.SCHEDULED),
            *voted(), posted(),
        ),
    ),
    "M25": Tale(
        case(Triage.MAJOR, **ORGANISATION),
        (
            submitted(), accepted(), confirmed(), scheduled(), opened(),
            Act("call_vote", Role.CHAIR, SAT, Stage.VOTING),
            Act("reject", Role.SCRUTINEER, f"{COUNTED} failed", Stage.NOT_PASSED),
        ),
    ),
    "M26": Tale(COLLECTED, (submitted(), Act("withdraw", Role.PROPOSER, "", Stage.WITHDRAWN))),
    "M27": Tale(
        COLLECTED, (submitted(), Act("merge", Role.SECRETARY, "merged_into proposers_kept", Stage.MERGED))
    ),
    "M30": Tale(
        case(Triage.MINOR, **ORGANISATION),
        (submitted(), accepted(), confirmed(), Act("terminate", Role.SECRETARY, "end_notice", Stage.TERMINATED)),
    ),
}  # fmt: skip
