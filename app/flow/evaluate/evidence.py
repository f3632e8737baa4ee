"""What this room finds on record for a matter's current round, as keys of ``app.matter.needs``, in one statement."""

from __future__ import annotations

from sqlalchemy import case, exists, func, select

from app.flow.evaluate import rules
from app.flow.evaluate.models import Evaluation, Rating
from app.flow.evaluate.queries import standing
from app.matter.models import Matter
from app.matter.situation import Stage
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter) -> frozenset[str]:
    """Keys for ratings, their reasons and follow-ups, the seven in ten and the hall's own evaluation."""
    here = current_community()
    judged = exists().where(
        Evaluation.community_id == here, Evaluation.matter_id == matter.id, Evaluation.round == matter.round
    )
    unheard = exists().where(*standing(matter), Rating.grade <= rules.LOW_TO, Rating.followed_at.is_(None))
    row = db.session.execute(
        select(
            func.count().label("count"),
            func.count(case((Rating.grade >= rules.SATISFIED_FROM, 1))).label("satisfied"),
            func.count(case(((Rating.grade <= rules.LOW_TO) & (Rating.reason == ""), 1))).label("silent"),
            judged.label("judged"),
            unheard.label("unheard"),
        ).where(
            Rating.community_id == here, Rating.matter_id == matter.id, Rating.round == matter.round,
            Rating.struck_at.is_(None),
        )
    ).one()  # fmt: skip
    found = {"evaluation"} if row.judged else set()
    # A low rating of an earlier round waits as well.
    found |= set() if row.unheard else {"low_followed"}
    if row.count:
        found.add("ratings")
        found |= {"low_rating_reason"} if not row.silent else set()
        found |= {"satisfied_enough"} if rules.Figure(row.satisfied, row.count).enough else set()
    if matter.stage in (Stage.CLOSED, Stage.ARCHIVED):
        # A matter cannot be closed without its note, so a closed one has it.
        found.add("closing_note")
    return frozenset(found)
