"""The street asks halls to take part in what it leads, takes an invitation back, and lets all begin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.clock import local
from app.errors import Refused
from app.matter import joint_queries as queries
from app.matter import joint_rules as rules
from app.matter.joint import check_reason, note, swap
from app.matter.joint_models import JointInvite, JointMatter
from app.matter.joint_queries import Hall
from app.matter.joint_sources import names_of
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street


def invite(
    joint: JointMatter, asked: Mapping[int, str], *, words: str, answer_due: date | None, by: Actor, now: datetime,
    own_matters: Mapping[int, UUID] | None = None,
) -> int:  # fmt: skip
    """Invite halls: ``asked`` is community id → ballot rule. The first invitation opens the matter to the public.

    From here on the rules stand. Returns how many invitations were written; a second click writes none.
    """
    rules.may_lead(by.roles).or_refuse()
    halls = queries.halls_of(joint.id)
    known = {hall.community_id for hall in halls}
    new = {community: rule for community, rule in asked.items() if community not in known}
    if asked and not new:
        return 0
    voted = sum(hall.state == "voted" for hall in halls)
    before = sum(not hall.is_withdrawn for hall in halls)
    rules.may_invite(
        joint.stage, joint.rule, joint.ballot_rule, list(new.values()), before=before, voted=voted
    ).or_refuse()
    today = local(now).date()
    if answer_due is None or answer_due < today:
        raise Refused(N_("哪天前回话，要选今天或者以后的日子。"))
    if len(words) > rules.REASON:
        raise Refused(N_("写得太长了，最多 %(n)s 字。"), n=rules.REASON)
    if joint.stage == "drafting":
        swap(joint, "inviting", now=now, shared=True, opened_at=now)
        note(joint, "opened", by=by, now=now, words=N_("街道牵头立题：%(q)s") % {"q": joint.question})
    _insert_invites(joint, new, words=words.strip(), answer_due=answer_due, by=by, now=now, own=own_matters or {})
    names = "、".join(names_of(new))
    note(joint, "invited", by=by, now=now, words=N_("请%(names)s一起议。") % {"names": names})
    return len(new)


def withdraw(joint: JointMatter, hall: Hall, reason: str, *, by: Actor, now: datetime) -> None:
    """Take an invitation back, in words; the hall's own matter goes on as its own."""
    rules.may_lead(by.roles).or_refuse()
    rules.may_withdraw(hall.state).or_refuse()
    check_reason(reason)
    values = _invite_row(joint, hall.community_id, "withdrawn", by, now) | {
        "words": reason.strip(), "ballot_rule": hall.invite.ballot_rule,
    }  # fmt: skip
    db.session.execute(insert(JointInvite.__table__).values(**values).on_conflict_do_nothing())
    note(joint, "invite_withdrawn", by=by, now=now,
         words=N_("收回了给%(name)s的邀请：%(reason)s") % {"name": hall.name, "reason": reason.strip()})  # fmt: skip


def open_halls(joint: JointMatter, *, by: Actor, now: datetime) -> JointMatter:
    """All halls that take part begin to deliberate; from now on they hand in their results."""
    rules.may_lead(by.roles).or_refuse()
    halls = queries.halls_of(joint.id)
    today = local(now).date()
    rules.may_open(joint.stage, [hall.as_part(joint.due) for hall in halls], today).or_refuse()
    swap(joint, "deliberating", now=now)
    names = "、".join(hall.name for hall in halls if hall.state in ("joined", "voted"))
    note(joint, "deliberating", by=by, now=now, words=N_("%(names)s各自开议。") % {"names": names})
    return joint


def _invite_row(joint: JointMatter, community: int, kind: str, by: Actor, now: datetime) -> dict[str, Any]:
    return {
        "community_id": community, "street_id": current_street(), "id": uuid7(), "joint_id": joint.id, "kind": kind,
        "answer_due": None, "matter_id": None, "by_id": by.id, "by_label": by.label, "at": now,
    }  # fmt: skip


def _insert_invites(
    joint: JointMatter, new: Mapping[int, str], *, words: str, answer_due: date, by: Actor, now: datetime,
    own: Mapping[int, UUID],
) -> None:  # fmt: skip
    rows = [
        _invite_row(joint, community, "invited", by, now)
        | {"words": words, "answer_due": answer_due, "ballot_rule": rule, "matter_id": own.get(community)}
        for community, rule in new.items()
    ]
    db.session.execute(insert(JointInvite.__table__).values(rows).on_conflict_do_nothing())
