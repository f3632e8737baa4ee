"""The survey's clock, prolonged once with a reason, and the record that the party organisation talked it over first.

Source: domain.md section 2 (row ``surveying``: extendable once), section 5 (Residents' Committees Act section 30: the
party organisation discusses important items before the residents' or representatives' meeting).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from app import clock
from app.errors import Refused, Verdict, no, yes
from app.flow.research import rules
from app.flow.research.actions import may_write
from app.matter.actions import record
from app.matter.clocks import warn_of
from app.matter.deadlines import EXTENSIONS
from app.matter.house import house
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Power, Stage, Triage
from app.matter.stages import deadline
from app.matter.workdays import due
from app.people.actor import Actor
from app.people.roles import OFFICE_STAFF, Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

EXTENDED, STUDIED = "extend_survey", "party_study"


def may_extend(matter: Matter, by: Actor) -> Verdict:
    """Whether the survey's day may be put off: once a round, by the secretary."""
    if Stage(matter.stage) is not Stage.SURVEYING or matter.due_at is None:
        return no(N_("正在调查研究的事才能延长。"))
    if Role.SECRETARY not in by.roles:
        return no(N_("延长调查由社区书记来定。"))
    lines = db.session.scalars(
        select(TimelineEntry).where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == matter.id,
            TimelineEntry.verb == EXTENDED,
        )
    ).all()  # fmt: skip
    used = sum(line.data.get("round") == matter.round for line in lines)
    return yes() if used < EXTENSIONS[Stage.SURVEYING] else no(N_("调查已经延长过一次，不能再延。"))


def extend_survey(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Put the survey's day off by its own length, counted from the day that stood there; everybody reads why."""
    may_extend(matter, by).or_refuse()
    rules.good_reason(reason).or_refuse()
    home = house()
    length = deadline(Stage.SURVEYING, Triage(matter.triage) if matter.triage else None, home.deadlines)
    before = matter.due_at
    if length is None or before is None:
        raise Refused(N_("这一步没有期限，不用延长。"))
    after = due(before, length, home.calendar)
    _set_due(matter, after)
    record(
        matter, EXTENDED, by=by, now=now, reason=reason.strip(),
        words=N_("调查延长到 %(day)s，因为%(reason)s") % {"day": _day(after), "reason": reason.strip()},
        data={"round": matter.round, "from": before.isoformat(), "to": after.isoformat()},
    )  # fmt: skip
    return matter


def record_party_study(matter: Matter, *, on: date, who: str, note: str, by: Actor, now: datetime) -> Matter:
    """Keep on which day which party organisation talked the matter over, and what came of it. The note stays inside."""
    may_write(by)
    if not by.roles & OFFICE_STAFF:
        raise Refused(N_("党组织先议由社区书记或社区工作者来记。"))
    if matter.power != Power.RESIDENTS:
        raise Refused(N_("要提请居民（代表）会议的事，才记党组织先议。"))
    if Stage(matter.stage) not in rules.OPEN_TO_PARTY_STUDY:
        raise Refused(N_("受理以后、大会表决以前才能记。"))
    rules.good_party_study(on, clock.local(now).date(), who, note).or_refuse()
    if not matter.party_prestudy:
        matter.party_prestudy = True
    record(
        matter, STUDIED, by=by, now=now,
        words=N_("%(day)s，%(who)s先议过了") % {"day": f"{on.month}月{on.day}日", "who": who.strip()},
        data={"on": on.isoformat(), "who": who.strip(), "note": note.strip()},
    )  # fmt: skip
    return matter


def _set_due(matter: Matter, after: datetime) -> None:
    warns = warn_of(matter.stage_since, after)
    swapped = db.session.execute(
        update(Matter)
        .where(
            Matter.community_id == matter.community_id, Matter.id == matter.id, Matter.version == matter.version,
            Matter.stage == matter.stage,
        )
        .values(due_at=after, warn_at=warns, version=matter.version + 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    set_committed_value(matter, "due_at", after)
    set_committed_value(matter, "warn_at", warns)
    set_committed_value(matter, "version", matter.version + 1)


def _day(moment: datetime) -> str:
    there = clock.local(moment)
    return f"{there.month}月{there.day}日"
