"""Decided matters and what follows, for the tests of resolve, implement and evaluate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.flow.decide.models import Ballot
from app.flow.implement import actions as implementing
from app.flow.implement.queries import commitments_of
from app.flow.resolve import actions as resolving
from app.flow.resolve.models import Resolution
from app.matter.models import Matter
from app.people.roles import Role
from tenants.database import db
from tests.conftest import later
from tests.rooms.stage_setting import matter_at, staff

DAY = date(2026, 6, 1)
TASKS: list[tuple[Any, ...]] = [("安装 5 组晾衣架", "物业 何师傅", None, date(2026, 7, 6), 480_000)]


def ballot_on(matter: Matter, *, now: datetime, yes: int = 10, no: int = 0, abstain: int = 1, **more: Any) -> Ballot:
    """A closed and passed ballot: 11 of 15 present unless told otherwise."""
    values = {
        "question": matter.question, "rule": "council_majority", "mode": "named", "eligible": 15, "present": 11,
        "yes": yes, "no": no, "abstain": abstain, "state": "closed", "passed": True, "called_at": now, "closed_at": now,
    }  # fmt: skip
    ballot = Ballot(matter_id=matter.id, **(values | more))
    db.session.add(ballot)
    db.session.flush()
    return ballot


def decided(now: datetime, *, ballot: bool = True, **values: Any) -> Matter:
    """A matter the council has just decided (M01: ten yes, one abstention)."""
    shuji = staff()
    defaults = {
        "title": "增设共享晾衣架",
        "triage": "minor",
        "kind": "individual",
        "power": "council",
        "owner_id": shuji.id,
    }
    matter = matter_at("decided", now=now, **(defaults | values))
    if ballot:
        ballot_on(matter, now=now)
    return matter


def write(matter: Matter, *, now: datetime, **more: Any) -> Resolution:
    """The secretary writes it down."""
    values = {
        "title": "增设共享晾衣架的决议", "basis": "6 月 1 日议事会表决", "words": "在 3 号楼前增设 5 组共享晾衣架。",
        "tasks": TASKS, "signed_by": "小板凳议事屋",
    }  # fmt: skip
    return resolving.write_resolution(matter, **(values | more), by=staff(), now=now)


def publicized(now: datetime, **values: Any) -> Matter:
    """Written and on the board since the first of June: objections until the eighth, hanging until the sixteenth."""
    matter = decided(now, **values)
    write(matter, now=now)
    resolving.publicize(matter, starts=DAY, place="3 号楼公开栏", by=staff(), now=now)
    return matter


def working(now: datetime, **values: Any) -> Matter:
    """A small grid matter that is carried out at once, its paper alongside."""
    matter = decided(now, level="grid", **values)
    write(matter, now=now)
    resolving.start_work(matter, board=resolving.Board(DAY, "单元门口"), by=staff(), now=now)
    return matter


def only_task(matter: Matter) -> Any:
    """The one promise of the matter."""
    return commitments_of(matter)[0]


def reviewing(now: datetime, **values: Any) -> Matter:
    """Done, seen by 小李 and one resident, and now up for rating."""
    matter = working(now, **values)
    implementing.finish(only_task(matter), evidence="5 组都装好了", actual_fen=470_000, by=staff(), now=later(9))
    implementing.hand_over(matter, by=staff(), now=later(9))
    grid = staff("xiaoli", Role.GRID_WORKER)
    implementing.verify(matter, passed=True, words="晾了一床被子，稳当", resident_name="楼阿姨", by=grid, now=later(10))
    return matter
