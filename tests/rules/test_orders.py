"""Where a supervision order stands, who may issue and answer one, and its number: rules as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.flow.implement import order_rules as rules
from app.flow.implement.order_rules import Facts, State
from app.matter.numbers import order_number
from app.matter.situation import Stage
from app.matter.workdays import Calendar
from app.people.roles import Role

DAY = date(2026, 6, 8)
ISSUED = datetime(2026, 6, 1, 2, tzinfo=UTC)
ME, OTHER, LEAD = UUID(int=1), UUID(int=2), UUID(int=3)
R = Role


@dataclass(frozen=True)
class Order:
    level: str = "grid"
    due: date = DAY
    issued_at: datetime = ISSUED
    issued_by: UUID | None = ME
    lead_id: UUID | None = LEAD


@dataclass(frozen=True)
class Event:
    kind: str
    due: date | None = None
    at: datetime = field(default=ISSUED)


def after(*kinds: str, at: datetime = ISSUED) -> Facts:
    later = {"extension_asked": date(2026, 6, 12), "extension_granted": date(2026, 6, 12)}
    return rules.standing(Order(), [Event(kind, later.get(kind), at) for kind in kinds])


@pytest.mark.parametrize(
    ("kinds", "state", "due", "asked", "returned"),
    [
        ((), State.ISSUED, 8, None, False),
        (("signed", "progress"), State.SIGNED, 8, None, False),
        (("signed", "extension_asked"), State.SIGNED, 8, 12, False),
        (("signed", "extension_asked", "extension_granted"), State.SIGNED, 12, None, False),
        (("signed", "extension_asked", "extension_refused"), State.SIGNED, 8, None, False),
        (("signed", "extension_asked", "reported"), State.REPORTED, 8, None, False),
        (("signed", "reported", "returned"), State.SIGNED, 8, None, True),
        (("signed", "reported", "returned", "reported"), State.REPORTED, 8, None, False),
        (("signed", "reported", "closed"), State.CLOSED, 8, None, False),
        (("void",), State.VOID, 8, None, False),
    ],
)
def test_where_it_stands_follows_from_its_lines(kinds, state, due, asked, returned):
    facts = after(*kinds)
    assert (facts.state, facts.due.day, facts.asked.day if facts.asked else None, facts.returned) == (
        state, due, asked, returned,
    )  # fmt: skip
    assert facts.is_open is (state in rules.OPEN)


@pytest.mark.parametrize(
    ("level", "role", "stage", "lead", "task", "allowed"),
    [
        ("grid", R.GRID_WORKER, Stage.IMPLEMENTING, LEAD, True, True),
        ("steward", R.BUILDING_STEWARD, Stage.IMPLEMENTING, LEAD, True, True),
        ("grid", R.GRID_WORKER, Stage.IMPLEMENTING, LEAD, False, False),
        ("grid", R.BUILDING_STEWARD, Stage.IMPLEMENTING, LEAD, True, False),
        ("community", R.COMMUNITY_WORKER, Stage.SURVEYING, None, False, True),
        ("community", R.SECRETARY, Stage.IMPLEMENTING, ME, True, False),
        ("community", R.SECRETARY, Stage.SUBMITTED, None, False, False),
        ("community", R.AFFAIRS_SUPERVISOR, Stage.SURVEYING, None, False, False),
        ("street", R.STREET_SUPERVISOR, Stage.SUBMITTED, None, False, True),
        ("street", R.STREET_SUPERVISOR, Stage.MERGED, None, False, False),
        ("street", R.SECRETARY, Stage.SURVEYING, None, False, False),
    ],
)
def test_who_issues_at_which_level(level, role, stage, lead, task, allowed):
    verdict = rules.may_issue(level, role, stage, actor_id=ME, lead_id=lead, names_task=task)
    assert bool(verdict) is allowed
    assert not rules.may_issue(level, role, stage, actor_id=ME, lead_id=lead, names_task=True, task_open=False)


def test_the_level_is_the_widest_that_the_roles_carry():
    assert rules.level_of({R.SECRETARY, R.GRID_WORKER}) == "community"
    assert rules.level_of(R.BUILDING_STEWARD) == "steward"
    assert rules.level_of(R.COUNCIL_MEMBER) == ""


CALENDAR = Calendar()
MAY = {
    "sign": lambda o, f, r, a: rules.may_sign(o, f, r, a),
    "note": lambda o, f, r, a: rules.may_note(o, f, r, a),
    "report": lambda o, f, r, a: rules.may_report(o, f, r, a),
    "ask": lambda o, f, r, a: rules.may_ask_more_time(o, f, date(2026, 6, 12), date(2026, 6, 2), r, a),
    "decide": lambda o, f, r, a: rules.may_decide_more_time(o, f, r, a),
    "return": lambda o, f, r, a: rules.may_return(o, f, r, a),
    "close": lambda o, f, r, a: rules.may_close(o, f, r, a, doers=[LEAD]),
    "void": lambda o, f, r, a: rules.may_void(o, f, r, a),
}
OURS, STREETS, OUTSIDE = Order(), Order("street", issued_by=OTHER, lead_id=None), Order("community", lead_id=None)


@pytest.mark.parametrize(
    ("order", "lines", "who", "role", "may"),
    [
        (OURS, (), LEAD, R.COMMUNITY_WORKER, {"sign"}),
        (OURS, (), ME, R.GRID_WORKER, {"note", "void"}),
        (OURS, (), OTHER, R.GRID_WORKER, set()),
        (OURS, ("signed",), LEAD, R.COUNCIL_MEMBER, {"note", "report", "ask"}),
        (OURS, ("signed", "extension_asked"), LEAD, R.SECRETARY, {"note", "report"}),
        (OURS, ("signed", "extension_asked"), ME, R.GRID_WORKER, {"note", "decide", "void"}),
        (OURS, ("signed", "reported"), LEAD, R.SECRETARY, {"note"}),
        (OURS, ("signed", "reported"), ME, R.GRID_WORKER, {"note", "return", "close", "void"}),
        (OURS, ("signed", "reported"), OTHER, R.SECRETARY, {"note", "return", "close", "void"}),
        (OURS, ("signed", "reported", "closed"), ME, R.GRID_WORKER, set()),
        (OUTSIDE, (), OTHER, R.BUILDING_STEWARD, {"sign"}),
        (STREETS, (), ME, R.SECRETARY, {"sign"}),
        (STREETS, (), ME, R.GRID_WORKER, set()),
        (STREETS, ("signed",), ME, R.GRID_WORKER, {"note", "report", "ask"}),
        (STREETS, ("signed", "reported"), ME, R.SECRETARY, {"note"}),
        (STREETS, ("signed", "reported"), OTHER, R.STREET_ADMIN, {"note", "return", "close", "void"}),
        (OURS, ("signed", "reported"), OTHER, R.STREET_ADMIN, set()),
    ],
)  # fmt: skip
def test_who_may_do_what_next(order, lines, who, role, may):
    facts = after(*lines)
    assert {name for name, rule in MAY.items() if rule(order, facts, role, who)} == may


def test_an_order_outlives_its_matter_but_not_unclosable():
    facts = after("signed")
    assert not rules.may_close(OURS, facts, R.SECRETARY, OTHER)
    assert rules.may_close(OURS, facts, R.SECRETARY, OTHER, stage=Stage.CLOSED)


@pytest.mark.parametrize(
    ("first", "lines", "level", "today", "has_second", "allowed"),
    [
        ("grid", ("signed",), "community", 9, False, True),
        ("grid", ("signed",), "community", 8, False, False),
        ("grid", ("signed", "reported", "returned"), "grid", 3, False, True),
        ("grid", ("signed",), "grid", 9, True, False),
        ("grid", ("signed", "reported", "closed"), "grid", 9, False, False),
        ("grid", (), "street", 9, False, False),
        ("street", (), "community", 9, False, False),
        ("street", (), "street", 9, False, True),
        ("grid", ("signed", "extension_asked", "extension_granted"), "grid", 9, False, False),
    ],
)
def test_a_second_order_answers_a_first_that_failed(first, lines, level, today, has_second, allowed):
    verdict = rules.may_issue_second(first, after(*lines), level, date(2026, 6, today), has_second=has_second)
    assert bool(verdict) is allowed


def test_days_and_lights_and_numbers():
    today = date(2026, 6, 1)
    assert rules.good_due(today, today)
    assert not rules.good_due(None, today)
    assert not rules.good_due(today - timedelta(1), today)
    assert not rules.good_due(today + timedelta(rules.MOST_DAYS + 1), today)
    late = ISSUED + timedelta(days=9)
    assert rules.light_of(Order(), after("signed"), late, CALENDAR).colour == "red"
    assert rules.light_of(Order(), after("void"), late, CALENDAR).colour == "grey"
    assert rules.light_of(Order(), after("signed", "reported", "closed", at=late), late, CALENDAR).colour == "yellow"
    assert rules.light_of(Order(), after("signed", "reported", "closed"), late, CALENDAR).colour == "green"
    assert order_number("中街", 2026, 17) == "中街督〔2026〕17号"
    assert order_number("南盐道", 2026, 3) == "南盐道督〔2026〕3号"


def test_a_note_is_a_question_only_where_a_lead_can_hear_it():
    secretary = {R.SECRETARY}
    assert rules.asks(Order(), secretary, OTHER)
    assert not rules.asks(Order(lead_id=None), secretary, OTHER)
    assert not rules.asks(Order(), {R.GRID_WORKER}, LEAD)
    assert rules.asks(Order(level="street", lead_id=None), {R.STREET_SUPERVISOR}, ME)
