"""Carrying a matter up a level: what must have been tried, and what the street may answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.matter.levels import Escalation, may_escalate, may_reply, missing_attempts
from app.matter.situation import Level, Situation, Stage, Triage
from app.people.roles import Role

TRIED = frozenset({"grid_attempt", "community_attempt"})
STUCK = Situation(Stage.SURVEYING, triage=Triage.HARD, evidence=TRIED)
E = Escalation


def test_a_hard_matter_goes_up_once_grid_and_community_have_tried() -> None:
    assert may_escalate(STUCK, Level.STREET, Role.SECRETARY)
    for attempt in TRIED:
        poorer = replace(STUCK, evidence=TRIED - {attempt})
        assert not may_escalate(poorer, Level.STREET, Role.SECRETARY)
        assert [need.key for need in missing_attempts(poorer)] == [attempt]


def test_an_urgent_matter_need_not_wait() -> None:
    assert may_escalate(Situation(Stage.ACCEPTED, triage=Triage.URGENT), Level.STREET, Role.SECRETARY)


@pytest.mark.parametrize(
    ("level", "to", "allowed"),
    [
        (Level.GRID, Level.STREET, True),
        (Level.COMMUNITY, Level.EXTERNAL, True),
        (Level.STREET, Level.EXTERNAL, True),
        (Level.STREET, Level.STREET, False),
        (Level.EXTERNAL, Level.STREET, False),
        (Level.GRID, Level.COMMUNITY, False),
    ],
)
def test_a_request_only_goes_up(level: Level, to: Level, allowed: bool) -> None:
    assert bool(may_escalate(replace(STUCK, level=level), to, Role.SECRETARY)) is allowed


@pytest.mark.parametrize("stage", [Stage.SUBMITTED, Stage.CLOSED, Stage.MERGED])
def test_only_a_matter_in_hand_goes_up(stage: Stage) -> None:
    assert not may_escalate(replace(STUCK, stage=stage), Level.STREET, Role.SECRETARY)


def test_only_the_secretary_asks() -> None:
    assert not may_escalate(STUCK, Level.STREET, {Role.GRID_WORKER, Role.STREET_ADMIN})


@pytest.mark.parametrize(
    ("now", "replies"),
    [
        (E.ASKED, {E.TAKEN, E.SENT_BACK, E.ANSWERED}),
        (E.TAKEN, {E.SENT_BACK, E.ANSWERED}),
        (E.SENT_BACK, set()),
        (E.ANSWERED, set()),
    ],
)
def test_what_the_street_may_answer(now: Escalation, replies: set[Escalation]) -> None:
    allowed = {reply for reply in E if may_reply(now, reply, Role.STREET_ADMIN, to=Level.STREET)}
    assert allowed == replies
    assert not any(may_reply(now, reply, Role.SECRETARY, to=Level.STREET) for reply in E)


def test_an_outside_unit_is_asked_by_a_numbered_letter() -> None:
    assert not may_reply(E.ASKED, E.TAKEN, Role.STREET_SUPERVISOR, to=Level.EXTERNAL, letter_no=" ")
    assert may_reply(E.ASKED, E.TAKEN, Role.STREET_SUPERVISOR, to=Level.EXTERNAL, letter_no="中街函〔2026〕3号")
