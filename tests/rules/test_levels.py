"""Carrying a matter up a level: what must have been tried, and what the street may answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.matter.bounds import climbs
from app.matter.deadlines import answer_deadline, hours, working_days
from app.matter.levels import Escalation, level_after, may_climb, may_escalate, may_reply, missing_attempts
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
        (E.CLIMBED, set()),
    ],
)
def test_what_the_street_may_answer(now: Escalation, replies: set[Escalation]) -> None:
    allowed = {reply for reply in E if may_reply(now, reply, Role.STREET_ADMIN, to=Level.STREET)}
    assert allowed == replies
    assert not any(may_reply(now, reply, Role.SECRETARY, to=Level.STREET) for reply in E)


def test_an_outside_unit_is_asked_by_a_numbered_letter() -> None:
    assert not may_reply(E.ASKED, E.TAKEN, Role.STREET_SUPERVISOR, to=Level.EXTERNAL, letter_no=" ")
    assert may_reply(E.ASKED, E.TAKEN, Role.STREET_SUPERVISOR, to=Level.EXTERNAL, letter_no="中街函〔2026〕3号")


@pytest.mark.parametrize(
    ("roles", "level", "evidence", "allowed"),
    [
        (Role.GRID_WORKER, Level.GRID, {"grid_attempt"}, True),
        (Role.BUILDING_STEWARD, Level.GRID, {"grid_attempt"}, True),
        (Role.GRID_LEADER, Level.GRID, set(), False),
        (Role.GRID_WORKER, Level.COMMUNITY, {"grid_attempt"}, False),
        (Role.COMMUNITY_WORKER, Level.GRID, {"grid_attempt"}, False),
        (Role.RESIDENT, Level.GRID, {"grid_attempt"}, False),
    ],
)
def test_the_grid_hands_up_what_it_has_tried(roles: Role, level: Level, evidence: set[str], allowed: bool) -> None:
    found = replace(STUCK, level=level, evidence=frozenset(evidence))
    assert bool(may_escalate(found, Level.COMMUNITY, roles)) is allowed
    assert not may_escalate(found, Level.GRID, roles)


def test_the_community_answers_its_grid_and_nobody_else_does() -> None:
    for role, may in ((Role.SECRETARY, True), (Role.COMMUNITY_WORKER, True), (Role.GRID_WORKER, False),
                      (Role.STREET_ADMIN, False)):  # fmt: skip
        assert bool(may_reply(E.ASKED, E.TAKEN, role, to=Level.COMMUNITY)) is may
    assert not may_reply(E.CLIMBED, E.TAKEN, Role.SECRETARY, to=Level.COMMUNITY)


NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "to", "stage", "due", "rule", "climbs"),
    [
        (E.ASKED, Level.COMMUNITY, Stage.SURVEYING, -1, True, True),
        (E.ASKED, Level.COMMUNITY, Stage.SURVEYING, 1, True, False),
        (E.ASKED, Level.COMMUNITY, Stage.SURVEYING, None, True, False),
        (E.ASKED, Level.COMMUNITY, Stage.SURVEYING, -1, False, False),
        (E.TAKEN, Level.COMMUNITY, Stage.SURVEYING, -1, True, False),
        (E.ASKED, Level.STREET, Stage.SURVEYING, -1, True, False),
        (E.ASKED, Level.COMMUNITY, Stage.CLOSED, -1, True, False),
    ],
)
def test_what_climbs_by_itself(
    state: Escalation, to: Level, stage: Stage, due: int | None, rule: bool, climbs: bool
) -> None:
    limit = None if due is None else NOON + timedelta(hours=due)
    assert may_climb(state, to, stage, limit, NOON, rule=rule) is climbs


@pytest.mark.parametrize(
    ("reply", "stands", "to", "came_from", "then"),
    [
        (E.TAKEN, Level.GRID, Level.COMMUNITY, Level.GRID, Level.COMMUNITY),
        (E.TAKEN, Level.COMMUNITY, Level.STREET, Level.COMMUNITY, Level.STREET),
        (E.TAKEN, Level.EXTERNAL, Level.STREET, Level.COMMUNITY, Level.EXTERNAL),
        (E.SENT_BACK, Level.STREET, Level.STREET, Level.GRID, Level.GRID),
        (E.SENT_BACK, Level.EXTERNAL, Level.STREET, Level.COMMUNITY, Level.COMMUNITY),
        (E.ANSWERED, Level.STREET, Level.STREET, Level.GRID, Level.STREET),
        (E.ANSWERED, Level.GRID, Level.COMMUNITY, Level.GRID, Level.GRID),
    ],
)
def test_the_level_after_an_answer(reply: Escalation, stands: Level, to: Level, came_from: Level, then: Level) -> None:
    assert level_after(reply, stands, to=to, came_from=came_from) is then


def test_the_clocks_of_an_answer_and_the_rule_of_climbing() -> None:
    assert answer_deadline(True, Triage.HARD, {}) == working_days(2)
    assert answer_deadline(False, None, {}) == working_days(3)
    assert answer_deadline(False, Triage.URGENT, {"answer_street": 9}) == hours(24)
    assert answer_deadline(True, Triage.MINOR, {"answer_community": 4}) == working_days(4)
    assert climbs({}, {})
    assert not climbs({"climb_asks": "stay"}, {})
    # Where the street leaves one way only, an older choice of the hall's does not count.
    assert climbs({"climb_asks": "stay"}, {"climb_asks": ["climb"]})
    assert not climbs({}, {"climb_asks": ["stay"]})
