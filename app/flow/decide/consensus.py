"""R9 at the bench: everybody the matter touches is asked by name, and one no is enough to stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.decide import rules
from app.flow.decide.counting import ballot_table, hold_ballot
from app.flow.decide.evidence import gathered
from app.flow.decide.models import Ballot, Stance
from app.flow.decide.queries import consensus_of, effect_of, stances_of
from app.flow.decide.rules import Rule
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import current_item
from app.flow.deliberate.table import in_the_chair, item_on_table
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage, Track, Triage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

MOST_NAMES = 200


def ask_consensus(
    sitting: Sitting, matter: Matter, names: Sequence[str], *, by: Actor, now: datetime, id: UUID | None = None
) -> Ballot:
    """Name everybody the matter touches; a major matter must be voted on and cannot be settled this way."""
    if id is not None and (found := db.session.get(Ballot, (current_community(), id))):
        return found
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    item_on_table(sitting, matter)
    if matter.triage == Triage.MAJOR:
        raise Refused(N_("大事必须投票表决"))
    if matter.stage != Stage.DELIBERATING:
        raise Refused(N_("这件事现在没在商量。"))
    listed = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not listed or len(listed) > MOST_NAMES or any(len(name) > 40 for name in listed):
        raise Refused(N_("要问谁，一人一行写下来，每个名字 40 个字以内，最多 200 人。"))
    standing = db.session.scalar(
        select(Ballot.id).where(
            Ballot.community_id == current_community(), Ballot.matter_id == matter.id, Ballot.state == "open"
        )
    )
    if standing:
        raise Refused(N_("已经在问大家的意见了。"))
    ballot = Ballot(
        id=id or uuid7(), matter_id=matter.id, sitting_id=sitting.id, question=matter.question or matter.title,
        rule=str(Rule.CONSENSUS), mode="consensus", eligible=len(listed), present=len(listed), called_at=now,
        called_by=by.id, legal_effect=str(effect_of(matter)),
    )  # fmt: skip
    db.session.add(ballot)
    db.session.flush()
    db.session.add_all(Stance(ballot_id=ballot.id, position=n, name=name) for n, name in enumerate(listed, start=1))
    db.session.flush()
    return ballot


def set_stance(
    ballot: Ballot, name: str, stance: str, condition: str = "", met: bool = False, *, by: Actor, now: datetime
) -> Stance:
    """Mark what one named person says; a conditional yes carries its condition in words."""
    ballot_table(ballot, by)
    hold_ballot(ballot)
    row = db.session.scalar(
        select(Stance).where(
            Stance.community_id == current_community(), Stance.ballot_id == ballot.id, Stance.name == name
        )
    )
    if row is None:
        raise Missing(N_("名单上没有这个人。"))
    said = rules.Stance(stance)
    if said is rules.Stance.CONDITIONAL and not condition.strip():
        raise Refused(N_("%(name)s 的条件是什么，要写出来。"), name=name)
    row.stance = str(said)
    row.condition = condition.strip()[:1000] if said is rules.Stance.CONDITIONAL else ""
    row.condition_met = bool(met) and said is rules.Stance.CONDITIONAL
    row.at = now
    db.session.flush()
    return row


def settle_consensus(ballot: Ballot, *, agreement: str = "", by: Actor, now: datetime) -> Ballot:
    """Everybody agreed: decided. Somebody opposes: it ends without a decision, to be voted on or escalated.

    Raises ``Refused`` with the unmet condition while people are still to be asked or a condition is open. A quarrel
    (``mediation``) also needs the words of the agreement. Read ``ballot.passed`` afterwards.
    """
    _, matter, by = ballot_table(ballot, by)
    ballot = hold_ballot(ballot)
    stances = stances_of(ballot.id)
    result = consensus_of(stances, effect_of(matter))
    opposed = [s for s in stances if s.stance == rules.Stance.OPPOSE]
    if not result.passed and not opposed:
        unmet = next(condition for condition in result.conditions if not condition.met)
        raise Refused(N_("还不能定：%(why)s。"), why=unmet.reason % unmet.values)
    if result.passed and matter.track == Track.MEDIATION and not agreement.strip():
        raise Refused(N_("双方说好的内容要写下来，才算协议。"))
    unreached = sum(s.stance == rules.Stance.UNREACHED for s in stances)
    silent = sum(s.stance == rules.Stance.NOT_ASKED for s in stances)
    ballot.state, ballot.closed_at, ballot.passed = "closed", now, result.passed
    ballot.present, ballot.no = len(stances) - unreached - silent, len(opposed)
    ballot.yes = ballot.present - ballot.no
    ballot.agreement = agreement.strip()
    db.session.flush()
    if result.passed:
        _agree(ballot, matter, unreached, by, now)
    else:
        record(
            matter, "consensus_failed", by=by, now=now, data={"ballot": str(ballot.id)},
            words=f"问了 {ballot.present} 位，有 {ballot.no} 位不同意，没有商定。接下来表决，或者请上一级来一起商量。",
        )  # fmt: skip
    return ballot


def _agree(ballot: Ballot, matter: Matter, unreached: int, by: Actor, now: datetime) -> None:
    missed = f"，未联系上 {unreached} 位" if unreached else ""
    move(
        matter, "agree", by=by, now=now, evidence=gathered(matter), data={"ballot": str(ballot.id)},
        words=f"当面商定：{ballot.yes} 位同意{missed}，没有人反对。",
    )  # fmt: skip
    found = current_item(matter.id)
    if found:
        found[0].outcome = "agreed"
        db.session.flush()
