"""A hall's own part in a matter the street leads: it joins with a matter of its own, or declines; it hands its vote in.

Everything is done by the hall in its own rows. What is handed in comes out of the row of a counted ballot of the hall's
own matter and is never typed.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Refused, Verdict
from app.flow.collect.actions import submit
from app.flow.collect.rules import CATEGORIES, Saying
from app.flow.decide.models import Ballot
from app.flow.decide.queries import ballots_of_matter, result_of
from app.flow.triage.actions import accept, confirm_topic
from app.matter import joint_rules as rules
from app.matter.actions import find_matter, record
from app.matter.joint_models import JointMatter, JointPart
from app.matter.joint_queries import Hall
from app.matter.models import Matter
from app.matter.situation import Level, Power, Stage, Triage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: Where a matter of the hall's own may still take the lead's question as its topic: nothing was put to a vote yet.
TAKES_A_TOPIC = (Stage.ACCEPTED, Stage.TOPIC_CONFIRMED, Stage.SURVEYING, Stage.SCHEDULED)
#: Whose decision it is, by the ballot rule that was agreed.
POWER_OF = {"reps_meeting": Power.RESIDENTS, "residents_meeting": Power.RESIDENTS}


def join_new(
    joint: JointMatter, hall: Hall, *, owner_id: UUID, street: str, party_prestudy: bool, by: Actor, now: datetime,
    once: UUID | None = None,
) -> JointPart:  # fmt: skip
    """Take part with a new matter of the hall's own: collected from the street, accepted as 难事, its topic confirmed.

    ``street`` is the name of the street office, which stands as the organisation that brought it.
    """
    rules.may_answer(joint.stage, hall.state).or_refuse()
    if once and (before := find_matter(once)):
        return _part_with(joint, before, hall, by, now)
    saying = Saying(
        words=joint.brief or joint.question, title=joint.title, wish=joint.question, kind="organisation",
        category=_category(joint), place=joint.place, channel="organisation", organisation=street,
        organisation_role=N_("牵头"),
        point=N_("街道牵头的跨社区事项 %(number)s") % {"number": joint.number},
    )  # fmt: skip
    matter = submit(saying, by=by, now=now, matter_id=once).matter
    accept(
        matter, by=by, now=now, triage=str(Triage.HARD), level=str(Level.STREET), owner_id=owner_id,
        power=str(POWER_OF.get(hall.invite.ballot_rule, Power.COUNCIL)), category=_category(joint),
        note=N_("这是街道牵头的跨社区的事，几个社区各自议、各自表决。"),
    )  # fmt: skip
    matter.brief = joint.brief
    confirm_topic(matter, joint.question, party_prestudy, by=by, now=now)
    return _part_with(joint, matter, hall, by, now)


def join_with(
    joint: JointMatter, hall: Hall, matter: Matter, *, party_prestudy: bool, by: Actor, now: datetime
) -> JointPart:
    """Take part with an open matter the hall has already; the lead's question becomes its topic."""
    rules.may_answer(joint.stage, hall.state).or_refuse()
    may_take_topic(matter).or_refuse()
    if matter.stage == Stage.ACCEPTED:
        confirm_topic(matter, joint.question, party_prestudy or matter.party_prestudy, by=by, now=now)
    else:
        matter.question = joint.question
    matter.level = str(Level.STREET)
    return _part_with(joint, matter, hall, by, now)


def may_take_topic(matter: Matter) -> Verdict:
    """Whether this matter can be the hall's part: public, accepted, and not yet at the table."""
    if matter.visibility != "public":
        return Verdict(False, N_("只给当事人看的事，不能拿来和别的社区一起办。"))
    if matter.stage not in TAKES_A_TOPIC:
        return Verdict(False, N_("这件事已经开会议过或者办完了，请另选一件，或者新立一件。"))
    return Verdict(True)


def candidates(named: UUID | None = None, *, limit: int = 12) -> list[Matter]:
    """The bound hall's own matters that could be its part: the one the invitation named, then the newest."""
    return list(
        db.session.scalars(
            select(Matter)
            .where(
                Matter.community_id == current_community(), Matter.visibility == "public",
                Matter.stage.in_([str(stage) for stage in TAKES_A_TOPIC]), Matter.track == "ordinary",
            )
            .order_by((Matter.id == named).desc() if named else Matter.collected_at.desc(), Matter.collected_at.desc())
            .limit(limit)
        )
    )  # fmt: skip


def decline(joint: JointMatter, hall: Hall, reason: str, *, by: Actor, now: datetime) -> JointPart:
    """Say no, in words everybody reads on the lead's page; a hall may change its mind while the others still talk."""
    rules.may_answer(joint.stage, hall.state).or_refuse()
    if not reason.strip():
        raise Refused(N_("为什么不参加，要写一句，街道和居民都看得到。"))
    if len(reason) > rules.REASON:
        raise Refused(N_("写得太长了，最多 %(n)s 字。"), n=rules.REASON)
    part = hall.part or JointPart(joint_id=joint.id)
    part.state, part.reason, part.answered_at, part.answered_label = "declined", reason.strip(), now, by.label
    db.session.add(part)
    db.session.flush()
    return part


def papers_of(joint: JointMatter, hall: Hall) -> list[tuple[Ballot, Verdict]]:
    """Every ballot of the hall's own matter since it joined, each with whether it may be handed in and why not."""
    if hall.part is None or hall.part.matter_id is None:
        return []
    return [
        (ballot, _may_hand_in(joint, hall, ballot))
        for ballot in ballots_of_matter(hall.part.matter_id)
        if ballot.called_at >= hall.part.answered_at
    ]


def hand_in(joint: JointMatter, hall: Hall, ballot: Ballot, *, by: Actor, now: datetime) -> JointPart:
    """Hand the result of the hall's own ballot to the lead: N, P, yes, no, abstained, spoiled, quorum, passed."""
    part = hall.part
    if part is None or ballot.matter_id != part.matter_id:
        raise Refused(N_("要先回话参加，才能交结果。"))
    _may_hand_in(joint, hall, ballot).or_refuse()
    swapped = db.session.execute(
        update(JointPart)
        .where(
            JointPart.community_id == part.community_id, JointPart.id == part.id, JointPart.state == part.state,
            JointPart.ballot_id.is_not_distinct_from(part.ballot_id),
        )
        .values(
            state="voted", ballot_id=ballot.id, eligible=ballot.eligible, present=ballot.present, yes=ballot.yes,
            no=ballot.no, abstain=ballot.abstain, spoiled=ballot.spoiled, quorate=bool(result_of(ballot).quorate),
            passed=bool(ballot.passed), voted_at=ballot.closed_at, handed_in_at=now, handed_in_label=by.label,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人交过了，请刷新看看。"))
    db.session.refresh(part)
    matter = find_matter(ballot.matter_id)
    if matter is not None:
        record(
            matter, "joint_handed_in", by=by, now=now, words=N_("本社区的表决结果交给街道汇总了。"),
            data={"joint": joint.number, "ballot": str(ballot.id)},
        )  # fmt: skip
    return part


def _may_hand_in(joint: JointMatter, hall: Hall, ballot: Ballot) -> Verdict:
    paper = rules.Paper(ballot.question, ballot.rule, ballot.called_at, ballot.state == "closed")
    handed = hall.part.quorate if hall.part and hall.state == "voted" else None
    if hall.part and handed is False and ballot.id == hall.part.ballot_id:
        return Verdict(False, N_("这一票的结果已经交过了。"))
    return rules.may_hand_in(
        joint.stage, hall.state, question=joint.question, rule=hall.invite.ballot_rule, paper=paper,
        quorate_before=handed,
    )  # fmt: skip


def _part_with(joint: JointMatter, matter: Matter, hall: Hall, by: Actor, now: datetime) -> JointPart:
    part = hall.part or JointPart(id=uuid7(), joint_id=joint.id)
    part.state, part.matter_id, part.reason = "joined", matter.id, ""
    part.answered_at, part.answered_label = now, by.label
    part.heard = joint.stage
    db.session.add(part)
    record(
        matter, "joint_joined", by=by, now=now, words=N_("这是跨社区的事，街道牵头，本社区参加：%(q)s")
        % {"q": joint.question}, data={"joint": joint.number},
    )  # fmt: skip
    db.session.flush()
    return part


def _category(joint: JointMatter) -> str:
    return joint.category if joint.category in CATEGORIES else "other"
