"""A new wish (新的心愿) out of a review becomes a matter of its own, linked both ways to the one that is finished."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.collect.actions import Saying, Submitted, collect
from app.flow.evaluate import rules
from app.flow.evaluate.models import Rating
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: Where a wish may grow out of a matter: somebody is being asked about it, or it was closed.
GROWS_AT = (Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED)


def take_wish(
    origin: Matter, saying: Saying, *, rating_id: UUID | None = None, by: Actor, now: datetime,
    matter_id: UUID | None = None, code: str = "",
) -> Submitted:  # fmt: skip
    """Keep a wish as a lead by the same way as everything that is said (number, tracking code, consent), and link it.

    Where the speaker named no place it is the finished matter's. ``matter_id`` is the form's ``once``.
    """
    may_grow(origin, rating_id)
    taken = collect(placed(saying, origin), by=by, now=now, matter_id=matter_id, code=code)
    link_wish(origin, taken.matter, rating_id=rating_id, by=by, now=now)
    return taken


def placed(saying: Saying, origin: Matter) -> Saying:
    """The saying with the finished matter's place, where it has none of its own."""
    if saying.building_id is not None or saying.place.strip():
        return saying
    return replace(saying, building_id=origin.building_id, unit=origin.unit, place=origin.place or origin.number)


def may_grow(origin: Matter, rating_id: UUID | None = None) -> Rating | None:
    """Refuse a wish of a matter that is still under way, and one that has become a matter already."""
    if Stage(origin.stage) not in GROWS_AT:
        raise Refused(N_("事情办完、回访的时候，才从这里另立心愿。"))
    if rating_id is None:
        return None
    rating = db.session.scalar(
        select(Rating)
        .where(Rating.community_id == current_community(), Rating.matter_id == origin.id, Rating.id == rating_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if rating is None:
        raise Missing(N_("没有这条评价。"))
    rules.may_grow_wish(rating.struck_at is not None, rating.wish_matter_id is not None).or_refuse()
    return rating


def link_wish(origin: Matter, grown: Matter, *, rating_id: UUID | None = None, by: Actor, now: datetime) -> Matter:
    """Link a matter that was just taken in with the finished one it grew out of; each page tells of the other."""
    rating = may_grow(origin, rating_id)
    grown.follows_id = origin.id
    if rating is not None:
        rating.wish_matter_id = grown.id
    told = f"「{origin.title}」" if origin.visibility == "public" and origin.hidden_at is None else ""
    record(grown, "follows", by=by, now=now, words=f"这是 {origin.number}{told}办完以后提出的新心愿",
           data={"follows": str(origin.id)})  # fmt: skip
    record(origin, "wish", by=by, now=now, words=f"有人提出新的心愿，另立一件：{grown.number}",
           data={"grown": str(grown.id)})  # fmt: skip
    return grown
