"""The larger body's sheet: one poll with the question it was asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.errors import Refused
from app.flow.decide.models import Poll
from app.flow.decide.polls import Question, draft_poll
from app.flow.decide.rules import Rule
from app.flow.resolve import body_queries, rules
from app.flow.resolve.body_rules import BODY_NAMES, WHO_MAY, Body
from app.flow.resolve.models import Ratification
from app.matter.models import Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db


def draft_body_poll(
    asked: Ratification, matter: Matter, *, mode: str, online: bool = False, paper: bool = True, hands: bool = False,
    closes_at: datetime | None = None, who_may: str = "", by: Actor, now: datetime, id: UUID | None = None,
) -> Poll:  # fmt: skip
    """The body's sheet with its one question, at the sitting on whose agenda the matter stands, if there is one."""
    rules.may_sign(by.roles).or_refuse()
    if asked.state != "preparing":
        raise Refused(N_("这一次提请已经有了结果。"))
    if asked.poll_id is not None and not body_queries.poll_is_void(asked.poll_id):
        raise Refused(N_("表决票已经备好了。"))
    sitting = body_queries.sitting_for(asked)
    poll = draft_poll(
        matter, title=f"{BODY_NAMES[Body(asked.body)]}表决：{matter.title}"[:60], body=asked.body, mode=mode,
        questions=[Question(words=asked.question, rule=Rule(asked.rule))], online=online, paper=paper, hands=hands,
        who_may=who_may or WHO_MAY[Body(asked.body)], sitting=sitting, estate_id=asked.estate_id, closes_at=closes_at,
        subject="owners" if asked.body == Body.OWNERS else "other", by=by, now=now, id=id,
    )  # fmt: skip
    asked.poll_id, asked.sitting_id = poll.id, sitting.id if sitting else None
    db.session.flush()
    return poll
