"""The hall's own worker writes into the hall's own matter what the lead said since: the result, a pause, the end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select, update

from app.matter.actions import record
from app.matter.joint_models import JointMatter, JointPart
from app.matter.joint_rules import same_words
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community, current_street

#: Stages the hall's residents are told of, and in which words; ``%(said)s`` is the lead's own sentence.
TOLD: dict[str, str] = {
    "deliberating": N_("街道牵头的几个社区各自开议了。"),
    "decided": N_("街道%(said)s"),
    "not_passed": N_("街道%(said)s"),
    "suspended": N_("街道把这件跨社区的事先停一停。"),
    "closed": N_("街道那边办结了：%(said)s"),
    "terminated": N_("街道终止了这件跨社区的事：%(said)s"),
}
#: A hall votes on the question it was given; it is changed under its hands only before it is put to a sitting.
BEFORE_VOTE = frozenset({"topic_confirmed", "surveying", "scheduled"})


def take_up(*, now: datetime) -> int:
    """Write the lead's news into the matters of the bound hall; returns how many lines. Safe to repeat."""
    rows = db.session.execute(
        select(JointPart, JointMatter, Matter)
        .join(JointMatter, and_(JointMatter.street_id == JointPart.street_id, JointMatter.id == JointPart.joint_id))
        .join(Matter, and_(Matter.community_id == JointPart.community_id, Matter.id == JointPart.matter_id))
        .where(
            JointPart.community_id == current_community(), JointMatter.street_id == current_street(),
            JointPart.state.in_(("joined", "voted")),
        )
    ).all()  # fmt: skip
    return sum(_hear(part, joint, matter, now) + _ask_anew(part, joint, matter, now) for part, joint, matter in rows)


def _hear(part: JointPart, joint: JointMatter, matter: Matter, now: datetime) -> int:
    told = TOLD.get(joint.stage)
    if told is None or joint.stage in part.heard.split():
        return 0
    swapped = db.session.execute(
        update(JointPart)
        .where(JointPart.community_id == part.community_id, JointPart.id == part.id, JointPart.heard == part.heard)
        .values(heard=f"{part.heard} {joint.stage}".strip())
    )
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        # Another worker was faster; it has written the line as well.
        return 0
    said = joint.outcome_words if joint.stage in ("decided", "not_passed") else joint.end_reason
    record(
        matter, f"joint_{joint.stage}", by=_lead(joint), now=now, words=told % {"said": said},
        data={"joint": joint.number, "stage": joint.stage},
    )  # fmt: skip
    return 1


def _ask_anew(part: JointPart, joint: JointMatter, matter: Matter, now: datetime) -> int:
    if part.state != "joined" or matter.stage not in BEFORE_VOTE:
        return 0
    if same_words(matter.question) == same_words(joint.question):
        return 0
    matter.question = joint.question
    record(
        matter, "joint_question", by=_lead(joint), now=now,
        words=N_("街道把题目改成：%(question)s") % {"question": joint.question}, data={"joint": joint.number},
    )  # fmt: skip
    return 1


def _lead(joint: JointMatter) -> Actor:
    return Actor("street", joint.lead_label, joint.lead_id, frozenset({Role.STREET_SUPERVISOR}))
