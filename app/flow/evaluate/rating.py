"""Taking voices in: one by one from the web or the phone, in rounds from doors and papers; and taking back a mistake.

The caller commits. One voice a round by whatever way; the matter's own counts follow in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.flow.evaluate import queries, rules
from app.flow.evaluate.models import Rating
from app.flow.evaluate.raters import rater_key, slip_rater
from app.flow.evaluate.rules import Voice
from app.flow.resolve.rules import NAME_MOST, first_no
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


def rate(
    matter: Matter, *, grade: int, reason: str = "", source: str = "web", rater: str, name: str = "",
    marks: Sequence[str] = (), who: str = "", sheet: Voice | None = None, by: Actor, now: datetime,
    id: UUID | None = None,
) -> bool:  # fmt: skip
    """One voice's grade from 1 to 5; ``rater`` comes from :func:`raters.rater_key`. False when it has already spoken.

    ``marks`` are all keys the voice is known by, ``sheet`` the rest of what it answered.
    """
    must_review(matter)
    voice = (sheet or Voice(grade))._replace(
        grade=grade, reason=reason, name=name, rater=rater, marks=tuple(dict.fromkeys((rater, *marks))), who=who
    )
    rules.good_sheet(voice, source).or_refuse()
    if source != "web":
        rules.may_visit(by.roles).or_refuse()
    taken = _store(matter, [voice], source, now, by=by if source != "web" else None, ids=[id or uuid7()])
    if taken:
        unnamed = Actor("resident", "居民", channel=by.channel) if source == "web" else by
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
    must_review(matter)
    first_no(rules.may_visit(by.roles), rules.good_batch(lines, source)).or_refuse()
    batch = batch or uuid7()
    marked = [
        voice._replace(rater=rater_key("slip", voice.rater) if voice.rater else rater_key("batch", f"{batch}:{n}"))
        for n, voice in enumerate(lines)
    ]
    taken = _store(matter, marked, source, now, by=by, batch=batch)
    if taken:
        record(matter, "rate", by=by, now=now, words=f"回访收到 {taken} 份评价", data=_told(source, taken, batch))
    return taken


def enter_papers(matter: Matter, papers: Sequence[Voice], *, by: Actor, now: datetime, batch: UUID) -> int:
    """Survey sheets out of the tray, each by the number printed on it; nothing is entered where one of them cannot be.

    Raises ``Refused`` naming the number that was entered before, or whose household has spoken another way; a second
    click of the same form (``batch``) returns 0.
    """
    must_review(matter)
    first_no(rules.may_visit(by.roles), rules.good_batch(papers, "paper")).or_refuse()
    _hold(matter)
    if queries.has_batch(matter, batch):
        return 0
    if any(paper.slip is None for paper in papers):
        raise Refused(N_("每一张都写上纸上的号，免得录两回。"))
    _each_once(matter, papers)
    marked = []
    for paper in papers:
        key = slip_rater(matter, paper.slip or 0).keys[0]
        marked.append(paper._replace(rater=paper.marks[0] if paper.marks else key, marks=(*paper.marks, key)))
    taken = _store(matter, marked, "paper", now, by=by, batch=batch)
    if taken != len(papers):
        raise Refused(N_("有两张是同一家的，一家录一张。"))
    record(matter, "rate", by=by, now=now, words=f"收到 {taken} 张满意度调查表", data=_told("paper", taken, batch))
    return taken


def strike_batch(matter: Matter, batch: UUID, reason: str, *, by: Actor, now: datetime) -> int:
    """Take back a batch that was typed wrongly; the counts follow at once. Returns how many were struck."""
    must_review(matter)
    rules.may_visit(by.roles).or_refuse()
    _hold(matter)
    lines = db.session.scalars(
        select(Rating).where(
            Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.batch_id == batch
        )
    ).all()
    if not lines:
        raise Missing(N_("没有这一批评价。"))
    first = lines[0]
    if first.round != matter.round:
        raise Refused(N_("那一轮评议已经过去了，不再改。"))
    rules.may_strike(reason, first.entered_by, by.id, local_day(first.at), local_day(now)).or_refuse()
    standing = [line for line in lines if line.struck_at is None]
    if any(line.wish_matter_id for line in standing):
        raise Refused(N_("这一批里有心愿已经另立了一件，不能整批划掉。"))
    for line in standing:
        line.struck_at, line.struck_by, line.struck_label, line.struck_reason = now, by.id, by.label, reason.strip()
    if standing:
        satisfied = sum(line.grade >= rules.SATISFIED_FROM for line in standing)
        _count(matter, -len(standing), -satisfied)
        words = f"划掉录错的 {len(standing)} 份评价"
        record(matter, "strike_ratings", by=by, now=now, words=words, reason=reason.strip(), data={"batch": str(batch)})
    return len(standing)


def must_review(matter: Matter) -> None:
    """Refuse what belongs to the review where the matter does not stand there."""
    if Stage(matter.stage) is not Stage.REVIEWING:
        raise Refused(N_("这件事还没到评议这一步，或者已经办结了。"))


def _told(source: str, n: int, batch: UUID) -> dict[str, Any]:
    return {"source": source, "n": n, "batch": str(batch)}


def _each_once(matter: Matter, papers: Sequence[Voice]) -> None:
    """Raise for the first paper whose number is on record, in whatever round, or whose household has spoken."""
    here = (Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.struck_at.is_(None))
    entered = set(
        db.session.scalars(select(Rating.slip).where(*here, Rating.slip.in_([paper.slip for paper in papers])))
    )
    for paper in papers:
        if paper.slip in entered:
            raise Refused(N_("%(slip)s 号已经录过了，一张纸录一次。"), slip=paper.slip)
    heard = heard_of(matter, [mark for paper in papers for mark in paper.marks])
    for paper in papers:
        if heard & set(paper.marks):
            raise Refused(N_("%(slip)s 号这一家已经评过了（网上、电话或者别的纸），不再算一次。"), slip=paper.slip)


def heard_of(matter: Matter, keys: Sequence[str]) -> set[str]:
    """Which of these keys have spoken in the current round; one statement, none without keys."""
    if not keys:
        return set()
    rows = db.session.execute(
        select(Rating.rater, Rating.marks).where(
            Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.round == matter.round,
            Rating.struck_at.is_(None), or_(Rating.rater.in_(keys), Rating.marks.overlap(list(keys))),
        )
    ).all()  # fmt: skip
    return {key for rater, marks in rows for key in (rater, *marks)} & set(keys)


def _hold(matter: Matter) -> None:
    """Keep other voices on this matter waiting until the commit: two keys of one household must not pass together.

    Raises ``Refused`` where the matter moved on meanwhile.
    """
    stands = db.session.execute(
        select(Matter.stage, Matter.round)
        .where(Matter.community_id == matter.community_id, Matter.id == matter.id)
        .with_for_update()
    ).one()
    if (stands.stage, stands.round) != (str(Stage.REVIEWING), matter.round):
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))


def _store(
    matter: Matter, voices: Sequence[Voice], source: str, now: datetime, *, by: Actor | None,
    batch: UUID | None = None, ids: Sequence[UUID] = (),
) -> int:  # fmt: skip
    """Insert whoever has not spoken this round, and keep the matter's counts in step; returns how many were new."""
    _hold(matter)
    heard = heard_of(matter, [mark for voice in voices for mark in voice.marks])
    fresh: list[Voice] = []
    for voice in voices:
        if not heard & set(voice.marks):
            heard |= set(voice.marks)
            fresh.append(voice)
    if not fresh:
        return 0
    common = {
        "community_id": current_community(), "street_id": current_street(), "matter_id": matter.id,
        "round": matter.round, "source": source, "batch_id": batch, "entered_by": by.id if by else None,
        "entered_label": by.label if by else "", "at": now,
    }  # fmt: skip
    rows = [
        common | {
            "id": ids[n] if n < len(ids) else uuid7(), "grade": voice.grade, "reason": voice.reason.strip(),
            "rater": voice.rater, "marks": list(voice.marks), "slip": voice.slip, "who": voice.who,
            "name": voice.name.strip()[:NAME_MOST], "result": voice.result, "speed": voice.speed,
            "attitude": voice.attitude, "knows": voice.knows, "wish": voice.wish.strip(),
        }
        for n, voice in enumerate(fresh)
    ]  # fmt: skip
    statement = (
        insert(Rating)
        .values(rows)
        .on_conflict_do_nothing(
            index_elements=["community_id", "matter_id", "round", "rater"], index_where=text("struck_at is null")
        )
        .returning(Rating.grade)
    )
    grades = db.session.execute(statement).scalars().all()
    if grades:
        _count(matter, len(grades), sum(grade >= rules.SATISFIED_FROM for grade in grades))
    return len(grades)


def _count(matter: Matter, n: int, satisfied: int) -> None:
    """Raise or lower the matter's counts in the database, so that two voices at the same moment both count."""
    db.session.flush()
    db.session.execute(
        update(Matter)
        .where(Matter.community_id == matter.community_id, Matter.id == matter.id)
        .values(
            rating_count=func.greatest(Matter.rating_count + n, 0),
            rating_satisfied=func.greatest(Matter.rating_satisfied + satisfied, 0),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(matter, ["rating_count", "rating_satisfied"])
