"""The verbs of the last step: visit, rate, evaluate, close; rework or talk again; archive, reopen.

The caller commits. One voice a round; the matter's own counts follow its ratings in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.flow.evaluate import queries, rules
from app.flow.evaluate.evidence import evidence_of
from app.flow.evaluate.models import Evaluation, Rating, ReturnVisit
from app.flow.evaluate.rules import Voice
from app.flow.implement import actions as implementing
from app.flow.resolve import actions as resolving
from app.flow.resolve.rules import NAME_MOST, REASON_MOST, WORDS_MOST, first_no, fits
from app.matter.actions import move, record
from app.matter.deadlines import REWORK
from app.matter.house import house
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage
from app.matter.workdays import due, local_day
from app.people.actor import Actor
from app.people.secrets import blind
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


def rater_key(kind: str, value: object) -> str:
    """The opaque key of one voice: of an account, a browser or a numbered slip. It cannot be turned back."""
    return blind("rater", f"{kind}:{value}")[:40]


def visit(matter: Matter, words: str, *, reached: int, by: Actor, now: datetime, id: UUID | None = None) -> ReturnVisit:
    """Somebody went back and asked: what was heard, and how many were reached."""
    _must_review(matter)
    first_no(rules.may_visit(by.roles), fits(N_("回访记下来的话"), words, WORDS_MOST)).or_refuse()
    if not 1 <= reached <= 100_000:
        raise Refused(N_("问到几位，写个数。"))
    went = ReturnVisit(
        id=id or uuid7(), matter_id=matter.id, round=matter.round, words=words.strip(), reached=reached, by_id=by.id,
        by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(went)
    # What was heard at somebody's door may name people, so only the fact is public.
    record(matter, "visit", by=by, now=now, words=f"回访了 {reached} 位", data={"visit": str(went.id)})
    return went


def rate(
    matter: Matter, *, grade: int, reason: str = "", source: str = "web", rater: str, name: str = "", by: Actor,
    now: datetime,
) -> bool:  # fmt: skip
    """One voice's grade from 1 to 5; ``rater`` comes from :func:`rater_key`. False when it has already spoken."""
    _must_review(matter)
    rules.good_rating(grade, reason, source).or_refuse()
    taken = _store(matter, [Voice(grade, reason, name, rater)], source, now)
    if taken:
        unnamed = Actor("resident", "居民", channel=by.channel)
        record(matter, "rate", by=unnamed, now=now, words="收到 1 份评价", public=False, data={"source": source})
    return bool(taken)


def enter_ratings(
    matter: Matter, voices: Sequence[Voice | tuple[Any, ...]], *, source: str, by: Actor, now: datetime,
    batch: UUID | None = None,
) -> int:  # fmt: skip
    """A round of visits or papers at once; lines without a mark of their own are counted one voice each.

    ``batch`` is the id of the form, so that a second click enters nothing again. Returns how many were new.
    """
    lines = [Voice(*voice) for voice in voices]
    _must_review(matter)
    first_no(rules.may_visit(by.roles), rules.good_batch(lines, source)).or_refuse()
    batch = batch or uuid7()
    marked = [
        voice._replace(rater=rater_key("slip", voice.rater) if voice.rater else rater_key("batch", f"{batch}:{n}"))
        for n, voice in enumerate(lines)
    ]
    taken = _store(matter, marked, source, now)
    if taken:
        record(matter, "rate", by=by, now=now, words=f"回访收到 {taken} 份评价", data={"source": source, "n": taken})
    return taken


def evaluate(matter: Matter, words: str, *, by: Actor, now: datetime) -> Evaluation:
    """The hall judges the effect; one judgement a round, a later one replaces the words."""
    _must_review(matter)
    first_no(rules.may_visit(by.roles), fits(N_("议事厅评估"), words, WORDS_MOST)).or_refuse()
    found = queries.evaluation_of(matter)
    if found is None:
        found = Evaluation(
            matter_id=matter.id, round=matter.round, words=words.strip(), by_id=by.id, by_label=by.label, at=now
        )
        db.session.add(found)
    else:
        found.words, found.by_id, found.by_label, found.at = words.strip(), by.id, by.label, now
    db.session.flush()
    record(matter, "evaluate", by=by, now=now, words=f"议事厅评估：{words.strip()}")
    return found


def close(matter: Matter, note: str, *, by: Actor, now: datetime) -> Matter:
    """Close with a note to the proposer. Below seven in ten, or with a low rating nobody followed up, it is refused.

    A matter that did not pass is closed here too; its note is the reason.
    """
    fits(N_("办结告知"), note, WORDS_MOST).or_refuse()
    if Stage(matter.stage) is Stage.NOT_PASSED:
        told = {"closing_note"}
        return move(matter, "close", by=by, now=now, evidence=told, reason=note.strip(), words=note.strip())
    _must_review(matter)
    heard = queries.satisfaction_of(matter)
    rules.may_close(heard.figure, matter.reworks, heard.unheard).or_refuse()
    evidence = evidence_of(matter) | {"closing_note"}
    return move(matter, "close", by=by, now=now, evidence=evidence, words=note.strip())


def rework(matter: Matter, reason: str, *, tasks: Collection[UUID] = (), by: Actor, now: datetime) -> Matter:
    """Send it back to be done again within fifteen working days; a new round of ratings begins after it."""
    _must_review(matter)
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
    _must_review(matter)
    fits(N_("重新商量的原因"), reason, REASON_MOST).or_refuse()
    evidence = evidence_of(matter)
    matter.round += 1
    matter.rating_count = matter.rating_satisfied = 0
    move(
        matter, "redeliberate", by=by, now=now, evidence=evidence, reason=reason.strip(),
        words=f"大家不满意，重新商量：{reason.strip()}",
    )  # fmt: skip
    resolving.set_aside(matter, now=now)
    return matter


def archive(matter: Matter, *, retention: str = "permanent", by: Actor, now: datetime) -> Matter:
    """Close the file with its retention class: permanent, 30 or 10 (years)."""
    if retention not in rules.RETENTION_LABELS:
        raise Refused(N_("选一个保管期限。"))
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
        .order_by(TimelineEntry.at.desc())
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


def _store(matter: Matter, voices: Iterable[Voice], source: str, now: datetime) -> int:
    """Insert whoever has not spoken this round, and keep the matter's counts in step; returns how many were new."""
    rows = [
        {
            "community_id": current_community(), "street_id": current_street(), "id": uuid7(), "matter_id": matter.id,
            "round": matter.round, "grade": voice.grade, "reason": voice.reason.strip(), "source": source,
            "rater": voice.rater, "name": voice.name.strip()[:NAME_MOST], "at": now,
        }
        for voice in voices
    ]  # fmt: skip
    statement = (
        insert(Rating)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["community_id", "matter_id", "round", "rater"])
        .returning(Rating.grade)
    )
    grades = db.session.execute(statement).scalars().all()
    if grades:
        # The counts are raised in the database, so two voices at the same moment both count.
        db.session.execute(
            update(Matter)
            .where(Matter.community_id == matter.community_id, Matter.id == matter.id)
            .values(
                rating_count=Matter.rating_count + len(grades),
                rating_satisfied=Matter.rating_satisfied + sum(g >= rules.SATISFIED_FROM for g in grades),
            )
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(matter, ["rating_count", "rating_satisfied"])
    return len(grades)


def _must_review(matter: Matter) -> None:
    if Stage(matter.stage) is not Stage.REVIEWING:
        raise Refused(N_("这件事还没到评议这一步，或者已经办结了。"))
