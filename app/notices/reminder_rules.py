"""Urging (催办): which steps a thing with a day has reached, whom each step is said to, and in which words. Pure.

Source: domain.md section 7 (K11, the light turns yellow), section 2 (each commitment's date; a suspended matter has
its review day) and 三级联动. Nothing here knows what was said before: the rows of ``reminder`` are the memory, so a
step that was missed while nobody worked is simply still to be said, and a step that was said is not said again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from app.matter.lights import warn_day
from app.matter.workdays import Calendar
from app.words import N_


class Step(StrEnum):
    """What a thing reaches, the gravest last."""

    SOON = "soon"
    DUE = "due"
    REVIEW = "review"
    LATE = "late"
    LATER = "later"
    CLIMB = "climb"


STEP_LABELS: dict[Step, str] = {
    Step.SOON: N_("快到期"),
    Step.DUE: N_("当天到期"),
    Step.REVIEW: N_("暂缓的，该再看看"),
    Step.LATE: N_("超期了"),
    Step.LATER: N_("还没办完"),
    Step.CLIMB: N_("报街道知道"),
}
KIND_LABELS: dict[str, str] = {
    "matter": N_("事项"),
    "task": N_("任务"),
    "order": N_("督办单"),
    "asset": N_("该查看的东西"),
    "ask": N_("网格报上来的"),
}
#: Working days past the day at which somebody is reminded that it is late, and reminded once more.
LATE_AFTER, LATER_AFTER = 1, 5
#: What climbs to the street. An order has its second order, a bench that nobody looked at is no matter of the street's.
CLIMBING = frozenset({"matter", "task"})
#: What the secretary hears of besides whoever owes it.
FOR_THE_SECRETARY = frozenset({Step.REVIEW, Step.LATE, Step.LATER, Step.CLIMB})
#: Nobody is urged at night: what falls due then is said after this hour (Asia/Shanghai).
FIRST_HOUR = 8
OFFICE = N_("社区（还没有责任人）")
_GRAVITY = {step: rank for rank, step in enumerate(Step)}


@dataclass(frozen=True)
class Reached:
    """A step and the day it belongs to."""

    step: Step
    day: date


@dataclass(frozen=True)
class Person:
    """Whom a step is said to: an account of the hall, or somebody without one by name. ``reads_desk``: sees 今天."""

    label: str
    id: UUID | None = None
    reads_desk: bool = False

    @property
    def key(self) -> str:
        """One digest a day for each of these."""
        return f"account:{self.id}" if self.id else f"name:{self.label}"


@dataclass(frozen=True)
class Thing:
    """Something with a day. ``start`` is None where no span runs; ``is_soft`` is late through no fault of the hall's.

    ``title`` and ``what`` are empty for what only its parties may read; its number is told alone.
    """

    kind: str
    id: UUID
    matter_id: UUID
    number: str
    start: date | None
    due: date
    to: Person | None
    title: str = ""
    what: str = ""
    is_paused: bool = False
    is_soft: bool = False


@lru_cache(maxsize=50_000)
def steps(start: date | None, due: date, calendar: Calendar, climb_after: int | None) -> tuple[Reached, ...]:
    """Every step of something begun on ``start`` and due on ``due``, in order; what is not paused.

    ``soon`` comes when the light turns yellow, which may be at once; ``climb_after`` is in working days, None where
    nothing climbs.
    """
    warns = warn_day(start or due, due, calendar)
    found = [
        Reached(Step.SOON, max(warns, start) if start else warns),
        Reached(Step.DUE, due),
        Reached(Step.LATE, calendar.add_working_days(due, LATE_AFTER)),
        Reached(Step.LATER, calendar.add_working_days(due, LATER_AFTER)),
    ]
    if climb_after:
        found.append(Reached(Step.CLIMB, calendar.add_working_days(due, climb_after)))
    return tuple(found)


def reached(thing: Thing, today: date, calendar: Calendar, climb_after: int) -> list[Reached]:
    """The steps ``thing`` has reached on ``today``. A paused one has its review day and nothing else."""
    if thing.is_paused:
        return [Reached(Step.REVIEW, thing.due)] if thing.due <= today else []
    climbs = thing.kind in CLIMBING and not thing.is_soft
    plan = steps(thing.start, thing.due, calendar, climb_after if climbs else None)
    return [one for one in plan if one.day <= today]


@dataclass(frozen=True)
class Line:
    """One line of somebody's digest: the gravest new step of one thing. ``late`` counts working days past its day.

    ``who`` is named where the reader is not the one who owes it.
    """

    thing: Thing
    step: Step
    late: int
    who: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As the digest stores it."""
        thing = self.thing
        return {
            "kind": thing.kind, "subject": str(thing.id), "matter": str(thing.matter_id), "number": thing.number,
            "title": thing.title, "what": thing.what, "due": thing.due.isoformat(), "step": str(self.step),
            "late": self.late, "who": self.who,
        }  # fmt: skip


def digests(
    fresh: Iterable[tuple[Thing, Sequence[Reached]]], secretaries: Sequence[Person], today: date, calendar: Calendar
) -> dict[Person, list[Line]]:
    """What each person is told today: one line a thing, the gravest first.

    Whoever owes it hears of every step; the secretaries hear of what is late and of what nobody owns. Where there is
    no secretary either, the office as such is told, so that nothing vanishes.
    """
    found: dict[Person, list[Line]] = {}
    for thing, new in fresh:
        gravest = max((one.step for one in new), key=_GRAVITY.__getitem__)
        late = calendar.working_days_between(thing.due, today)
        readers = [thing.to] if thing.to else list(secretaries) or [Person(OFFICE)]
        for person in readers:
            found.setdefault(person, []).append(Line(thing, gravest, late))
        if gravest in FOR_THE_SECRETARY:
            who = thing.to.label if thing.to else ""
            for person in secretaries:
                if person not in readers:
                    found.setdefault(person, []).append(Line(thing, gravest, late, who))
    for lines in found.values():
        lines.sort(key=lambda line: (-_GRAVITY[line.step], line.thing.due, line.thing.number))
    return found


def words_of(line: Mapping[str, Any], day: date) -> tuple[str, dict[str, object]]:
    """How a stored line of the digest of ``day`` is said, as a message id with its values."""
    due, step = date.fromisoformat(line["due"]), Step(line["step"])
    values: dict[str, object] = {"month": due.month, "day": due.day, "n": line["late"]}
    if step is Step.REVIEW:
        return N_("说好 %(month)s 月 %(day)s 日再看看能不能接着办"), values
    if step is Step.CLIMB:
        return N_("超期 %(n)s 个工作日，已经报街道知道"), values
    if line["late"]:
        return N_("超期 %(n)s 个工作日"), values
    if due == day:
        return N_("今天到期"), values
    return (N_("%(month)s 月 %(day)s 日到期") if due > day else N_("%(month)s 月 %(day)s 日已经到期")), values
