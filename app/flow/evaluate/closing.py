"""The ways out of the review: close, rework or talk again; then archive, or reopen for new facts.

The caller commits. Rework is counted once a round: the round begins anew with it, and a second click finds the matter
moved on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Refused
from app.flow.evaluate import queries, rules
from app.flow.evaluate.evidence import evidence_of
from app.flow.evaluate.rating import must_review
from app.flow.implement import actions as implementing
from app.flow.implement.collection_queries import not_settled
from app.flow.resolve import actions as resolving
from app.flow.resolve.rules import REASON_MOST, WORDS_MOST, fits
from app.matter.actions import move
from app.matter.deadlines import REWORK
from app.matter.house import house
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage
from app.matter.workdays import due, local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


def close(matter: Matter, note: str, *, by: Actor, now: datetime) -> Matter:
    """Close with a note to the proposer. Below seven in ten, or with a low rating nobody followed up, it is refused.

    A matter that did not pass is closed here too; its note is the reason.
    """
    fits(N_("办结告知"), note, WORDS_MOST).or_refuse()
    if Stage(matter.stage) is Stage.NOT_PASSED:
        told = {"closing_note"}
        return move(matter, "close", by=by, now=now, evidence=told, reason=note.strip(), words=note.strip())
    must_review(matter)
    heard = queries.satisfaction_of(matter)
    rules.may_close(heard.figure, matter.reworks, heard.unheard).or_refuse()
    evidence = evidence_of(matter) | {"closing_note"}
    return move(matter, "close", by=by, now=now, evidence=evidence, words=note.strip())


def rework(matter: Matter, reason: str, *, tasks: Collection[UUID] = (), by: Actor, now: datetime) -> Matter:
    """Send it back to be done again within fifteen working days; a new round of ratings begins after it."""
    must_review(matter)
    fits(N_("返工的原因"), reason, REASON_MOST).or_refuse()
    evidence = evidence_of(matter)
    limit = due(now, REWORK, house().calendar)
    matter.round += 1
    matter.reworks += 1
    matter.rating_count = matter.rating_satisfied = 0
    move(
        matter, "rework", by=by, now=now, evidence=evidence, reason=reason.strip(), due_at=limit,
        words=f"大家不满意，返工：{reason.strip()}",
    )  # fmt: skip
    implementing.reopen_tasks(
        matter, tasks, due=local_day(limit), reason=f"返工：{reason.strip()}"[:REASON_MOST], approver=by.label, now=now
    )
    return matter


def redeliberate(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """The result does not help: look into it and talk it over again (重新协商)."""
    must_review(matter)
    fits(N_("重新商量的原因"), reason, REASON_MOST).or_refuse()
    evidence = evidence_of(matter)
    matter.round += 1
    matter.rating_count = matter.rating_satisfied = 0
    # What went straight to work was never put as a topic; now that it is to be talked over, its title is the question.
    move(
        matter, "redeliberate", by=by, now=now, evidence=evidence, reason=reason.strip(),
        words=f"大家不满意，重新商量：{reason.strip()}", question=matter.question or matter.title,
    )  # fmt: skip
    resolving.set_aside(matter, now=now)
    return matter


def archive(matter: Matter, *, retention: str = "permanent", by: Actor, now: datetime) -> Matter:
    """Close the file with its retention class: permanent, 30 or 10 (years).

    The account is shut with it, so money of the homes that is to go back, or an account that is to hang, comes first.
    """
    if retention not in rules.RETENTION_LABELS:
        raise Refused(N_("选一个保管期限。"))
    if title := not_settled(matter):
        raise Refused(N_("挨家收费「%(title)s」的账还没贴出来，退完、贴完再归档。"), title=title)
    evidence = evidence_of(matter) | {"retention"}
    words = f"归档，保管期限：{rules.RETENTION_LABELS[retention]}"
    return move(matter, "archive", by=by, now=now, evidence=evidence, words=words, data={"retention": retention})


def reopen(matter: Matter, new_facts: str, *, by: Actor, now: datetime) -> Matter:
    """New facts bring a closed matter back to screening; the entry links to the closing it reopens."""
    fits(N_("有什么新情况"), new_facts, REASON_MOST).or_refuse()
    closing = db.session.execute(
        select(TimelineEntry.id, TimelineEntry.at)
        .where(
            TimelineEntry.community_id == current_community(), TimelineEntry.matter_id == matter.id,
            TimelineEntry.verb == "close",
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.seq.desc())
        .limit(1)
    ).first()  # fmt: skip
    link = {"closing": str(closing.id), "closed_at": closing.at.isoformat(), "round": matter.round} if closing else {}
    before = matter.round
    move(
        matter, "reopen", by=by, now=now, evidence={"new_facts"}, reason=new_facts.strip(), data={"reopens": link},
        words=f"有新情况，重新打开：{new_facts.strip()}", round=before + 1, reworks=0, rating_count=0,
        rating_satisfied=0, closed_at=None,
    )  # fmt: skip
    resolving.set_aside(matter, now=now)
    return matter
