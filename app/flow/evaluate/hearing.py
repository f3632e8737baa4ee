"""Going back to ask (回访), following up each low grade, and the hall's own judgement of the effect (评估成效)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.deliberate.queries import find_sitting
from app.flow.evaluate import queries, rules
from app.flow.evaluate.models import Evaluation, Rating, ReturnVisit
from app.flow.evaluate.rating import must_review
from app.flow.resolve.rules import WORDS_MOST, first_no, fits
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import END_STAGES, Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

GONE = N_("没有这条评价。")


def visit(
    matter: Matter, words: str, *, reached: int, how: str = "door", follows: Collection[UUID] | None = None,
    by: Actor, now: datetime, id: UUID | None = None,
) -> ReturnVisit:  # fmt: skip
    """Somebody went back and asked: what was heard, and how many were reached.

    ``follows`` names the low ratings that were heard on this way; they are followed up by it. None leaves them to the
    count: a visit that reached exactly as many people as are still unhappy was made to them. Any other follows nobody.
    """
    must_review(matter)
    first_no(rules.may_visit(by.roles), fits(N_("回访记下来的话"), words, WORDS_MOST)).or_refuse()
    if not 1 <= reached <= 100_000:
        raise Refused(N_("问到几位，写个数。"))
    if how not in rules.VISITS:
        raise Refused(N_("请选是怎么回访的。"))
    went = ReturnVisit(
        id=id or uuid7(), matter_id=matter.id, round=matter.round, how=how, words=words.strip(), reached=reached,
        by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(went)
    waiting = queries.low_open(matter)
    if follows is not None:
        known = {one.id: one for one in waiting}
        if set(follows) - set(known):
            raise Refused(N_("有一位已经回访过了，请刷新看看。"))
        met = [known[one] for one in follows]
        if len(met) > reached:
            raise Refused(N_("点了 %(n)s 位不满意的，问到的人数不能比这个少。"), n=len(met))
    else:
        met = list(waiting) if len(waiting) == reached else []
    for rating in met:
        _followed(rating, words, how, by, now)
    # What was heard at somebody's door may name people, so only the fact is public.
    data = {"visit": str(went.id), "followed": len(met)}
    record(matter, "visit", by=by, now=now, words=f"回访了 {reached} 位", data=data)
    return went


def follow_up(matter: Matter, rating_id: UUID, words: str, *, how: str, by: Actor, now: datetime) -> Rating:
    """One low grade is followed up: who called, when, what was said and done. ``public`` words are read by everybody.

    Raises ``Missing`` for another matter's rating, ``Refused`` for one that was followed up already.
    """
    if Stage(matter.stage) in END_STAGES:
        raise Refused(N_("这件事已经结束了。"))
    first_no(rules.may_visit(by.roles), fits(N_("问了什么、怎么办的"), words, WORDS_MOST)).or_refuse()
    rating = db.session.scalar(
        select(Rating)
        .where(Rating.community_id == current_community(), Rating.matter_id == matter.id, Rating.id == rating_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if rating is None:
        raise Missing(GONE)
    rules.may_follow_up(rating.grade, rating.followed_at is not None, rating.struck_at is not None, how).or_refuse()
    _followed(rating, words, how, by, now)
    said = f"对不满意的意见的答复：{words.strip()}" if how == "public" else "给一位不满意的回了话"
    record(matter, "follow_up", by=by, now=now, words=said, data={"rating": str(rating.id), "how": how})
    return rating


def evaluate(
    matter: Matter, words: str, *, effect: str = "", sitting_id: UUID | None = None, by: Actor, now: datetime
) -> Evaluation:
    """The hall judges the effect, by itself or in a sitting; one judgement a round, a later one replaces the words."""
    must_review(matter)
    first_no(rules.may_visit(by.roles), fits(N_("议事厅评估"), words, WORDS_MOST)).or_refuse()
    if effect and effect not in rules.EFFECTS:
        raise Refused(N_("请选达到了没有。"))
    where = _at_sitting(sitting_id, now)
    found = queries.evaluation_of(matter)
    if found is None:
        found = Evaluation(matter_id=matter.id, round=matter.round)
        db.session.add(found)
    found.words, found.effect, found.sitting_id = words.strip(), effect, sitting_id
    found.by_id, found.by_label, found.at = by.id, by.label, now
    db.session.flush()
    result = f"（{rules.EFFECTS[effect]}）" if effect else ""
    record(matter, "evaluate", by=by, now=now, words=f"{where or '议事厅'}评估{result}：{words.strip()}")
    return found


def _at_sitting(sitting_id: UUID | None, now: datetime) -> str:
    if sitting_id is None:
        return ""
    sitting = find_sitting(sitting_id)
    if sitting is None:
        raise Missing(N_("没有这次会。"))
    if sitting.starts_at > now:
        raise Refused(N_("这次会还没开，开了再记评估。"))
    return f"「{sitting.title}」上"


def _followed(rating: Rating, words: str, how: str, by: Actor, now: datetime) -> None:
    rating.followed_at, rating.followed_by, rating.followed_label = now, by.id, by.label
    rating.followed_words, rating.followed_how = words.strip(), how
