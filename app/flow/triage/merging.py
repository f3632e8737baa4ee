"""Taking apart what was put together by mistake, and putting right how an accepted matter is gone about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.errors import Refused
from app.flow.triage import rules
from app.flow.triage.policy import Merger
from app.matter import needs
from app.matter.actions import move, record
from app.matter.deadlines import deadline
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import LEVEL_LABELS, POWER_LABELS, TRIAGE_LABELS, Level, Power, Stage, Track, Triage
from app.matter.workdays import due
from app.people.actor import Actor
from app.people.roles import OFFICE_STAFF
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def end_of_chain(matter: Matter) -> Matter | None:
    """The matter at which a chain of mergers ends, or None where this one was not merged; one statement."""
    here = current_community()
    chain = (
        select(Matter.id, Matter.merged_into_id)
        .where(Matter.community_id == here, Matter.id == matter.merged_into_id)
        .cte("chain", recursive=True)
    )
    chain = chain.union(
        select(Matter.id, Matter.merged_into_id)
        .join(chain, Matter.id == chain.c.merged_into_id)
        .where(Matter.community_id == here)
    )
    return db.session.scalar(
        select(Matter)
        .where(Matter.community_id == here, Matter.id.in_(select(chain.c.id)), Matter.stage != str(Stage.MERGED))
        .with_for_update()
    )


def unmerge(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Let a merged matter stand on its own again, with its own proposers and those merged into it before.

    Raises ``Refused`` once the matter it went into is no longer in hand. Back at ``submitted``, it is decided anew.
    """
    rules.fits(reason, rules.REASON, N_("原因")).or_refuse()
    if matter.stage != Stage.MERGED:
        raise Refused(N_("这件事没有并到别的事里。"))
    if not reason.strip():
        raise Refused(N_("为什么不是一回事，要写一句。"))
    end = end_of_chain(matter)
    rules.may_unmerge(Stage(end.stage) if end else None).or_refuse()
    into = _first_target(matter)
    found = {needs.TARGET_LIVES.key}
    move(matter, "unmerge", by=by, now=now, evidence=found, reason=reason.strip(), merged_into_id=None,
         words=N_("和 %(number)s 不是一回事，分出来单独办") % {"number": into.number})  # fmt: skip
    record(into, "merged_out", by=by, now=now, words=N_("%(number)s 分出去单独办") % {"number": matter.number},
           data={"matter": str(matter.id)})  # fmt: skip
    db.session.execute(
        update(Merger)
        .where(
            Merger.community_id == current_community(), Merger.matter_id == matter.id, Merger.undone_at.is_(None)
        )
        .values(undone_at=now, undone_label=by.label, undone_reason=reason.strip())
    )  # fmt: skip
    return matter


def retriage(
    matter: Matter, reason: str, *, by: Actor, now: datetime, triage: str, level: str, power: str, category: str
) -> Matter:
    """Put right which way an accepted matter goes, with a reason; its deadline is counted anew where that changes it.

    A level the street has taken over (``street``, ``external``) stays with the street.
    """
    if not by.roles & OFFICE_STAFF:
        raise Refused(N_("要由社区书记或社区工作者来改。"))
    rules.fits(reason, rules.REASON, N_("原因")).or_refuse()
    if not reason.strip():
        raise Refused(N_("为什么改，要写一句，提出人看得到。"))
    _hold(matter)
    level = matter.level if matter.level in (Level.STREET, Level.EXTERNAL) else level
    was = (Triage(matter.triage) if matter.triage else None, Power(matter.power) if matter.power else None)
    wanted = (Triage(triage), Power(power))
    rules.may_retriage(Stage(matter.stage), was, wanted).or_refuse()
    just_do = matter.is_secretary_project or matter.is_plain_duty
    allowed = Level.COMMUNITY if level in (Level.STREET, Level.EXTERNAL) else Level(level)
    rules.may_take_on(*_ways(wanted, allowed), Track(matter.track), category, just_do=just_do).or_refuse()
    changed = _changes(matter, triage, level, power, category)
    if not changed:
        raise Refused(N_("和原来一样，没有要改的。"))
    before = deadline(Stage(matter.stage), was[0], house().deadlines)
    matter.triage, matter.level, matter.power, matter.category = triage, level, power, category
    matter.version += 1
    _count_anew(matter, before, now)
    record(matter, "retriage", by=by, now=now, reason=reason.strip(), words="；".join(changed),
           data={"triage": triage, "level": level, "power": power, "category": category})  # fmt: skip
    return matter


def _ways(wanted: tuple[Triage, Power], level: Level) -> tuple[Triage, Level, Power]:
    return wanted[0], level, wanted[1]


def _changes(matter: Matter, triage: str, level: str, power: str, category: str) -> list[str]:
    """What the public reads of the change, one piece for each thing that is different."""
    found: list[str] = []
    pieces: tuple[tuple[str, str | None, dict[Any, str]], ...] = (
        (triage, matter.triage, TRIAGE_LABELS), (level, matter.level, LEVEL_LABELS), (power, matter.power, POWER_LABELS)
    )  # fmt: skip
    sentences = (N_("改按「%(new)s」办"), N_("改由%(new)s来办"), N_("改成%(new)s"))
    for (new, old, labels), sentence in zip(pieces, sentences, strict=True):
        if new != old:
            found.append(sentence % {"new": labels[new]})
    if category != matter.category:
        found.append(N_("换了类别"))
    return found


def _count_anew(matter: Matter, before: Any, now: datetime) -> None:
    # A sitting's day and a prolonged survey are not the table's dates; they stay where the table's own did not change.
    after = deadline(Stage(matter.stage), Triage(str(matter.triage)), house().deadlines)
    if after is None or after == before:
        return
    # Somebody who finds out today that it is urgent has the urgent hours from today, not from a day long past.
    begins = now if matter.triage == Triage.URGENT else matter.stage_since
    matter.due_at = due(begins, after, house().calendar)


def _first_target(matter: Matter) -> Matter:
    return db.session.scalars(
        select(Matter).where(Matter.community_id == current_community(), Matter.id == matter.merged_into_id)
    ).one()


def _hold(matter: Matter) -> None:
    # Two desks at once: the second waits and then judges by what the first has written.
    db.session.flush()
    db.session.refresh(matter, with_for_update=True)
