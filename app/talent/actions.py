"""Inviting one expert to one matter, and what the expert does with it.

The first half runs in the hall's scope, the second in a guest's: there the database shows exactly the rows the key
opens, so nothing of it reads the hall's settings or its people.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from app import clock
from app.errors import Missing, Refused
from app.matter.actions import next_number, record
from app.matter.models import Matter
from app.matter.numbers import invitation_number
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import Role
from app.people.secrets import blind, new_code, tidy_code
from app.talent import rules
from app.talent.models import Expert, Invitation, InvitationKey, InvitationOpening, Opinion
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

CODE_LENGTH = 8


class Secret(str):
    """A token as it is shown once; only its fingerprint is stored."""

    code: str = ""


def fingerprint(secret: str) -> str:
    """What is stored of a token or a typed code.

    A token is long enough for a bare SHA-256. A code of eight characters is not: it is keyed with the server's key, so
    a stolen table does not open anything.
    """
    plain = secret.strip()
    if len(plain) <= CODE_LENGTH + 2:
        return blind("invitation", tidy_code(plain))
    return hashlib.sha256(plain.encode()).hexdigest()


def invite(
    matter: Matter, expert_id: UUID, *, brief: str, questions: str, by: Actor, now: datetime,
    hours: int = rules.DEFAULT_HOURS, once: UUID | None = None,
) -> tuple[Invitation, Secret | None]:  # fmt: skip
    """Ask an expert of the street's pool to this one matter.

    Returns the invitation and its secret (``secret.code`` is the eight characters that may be read aloud); the secret
    is never shown again, and is None where ``once`` names an invitation that exists already (a double click).
    Raises ``Missing`` for an expert who is not in the pool and ``Refused`` for one who may not be asked.
    """
    if once and (before := find(once)):
        return before, None
    expert = db.session.scalar(
        select(Expert).where(Expert.street_id == current_street(), Expert.id == expert_id, Expert.shared)
    )
    if expert is None:
        raise Missing(N_("人才库里没有这位专家。"))
    today = clock.local(now).date()
    rules.may_invite(Stage(matter.stage), expert.suspended_at, expert.valid_until, today).or_refuse()
    rules.good_letter(brief, questions, hours).or_refuse()
    if _is_asked(matter.id, expert.id):
        raise Refused(N_("已经请过这位专家看这件事了。"))
    invitation = Invitation(
        id=once or uuid7(), number=invitation_number(today.year, next_number("invitation", today.year)),
        matter_id=matter.id, expert_id=expert.id, expert_name=expert.name, profession=expert.profession,
        brief=brief.strip(), questions=questions.strip(), by_id=by.id, by_label=by.label, sent_at=now,
        expires_at=now + timedelta(hours=hours),
    )  # fmt: skip
    db.session.add(invitation)
    db.session.flush()
    secret = _new_keys(invitation)
    _tell(matter, "invite", invitation, by, now, "请了一位%(profession)s方面的专家帮忙看。")
    return invitation, secret


def renew(
    invitation: Invitation, matter: Matter, *, by: Actor, now: datetime, hours: int = rules.DEFAULT_HOURS
) -> Secret:
    """Make a fresh link; every earlier link and cookie of the invitation ends."""
    rules.may_renew(invitation.state, Stage(matter.stage)).or_refuse()
    rules.good_letter(invitation.brief, invitation.questions, hours).or_refuse()
    _end_keys(invitation.id, now)
    invitation.state = "sent"
    invitation.expires_at = now + timedelta(hours=hours)
    invitation.answered_at = None
    secret = _new_keys(invitation)
    record(matter, "renew_invitation", by=by, now=now, public=False, data={"invitation": str(invitation.id)})
    return secret


def revoke(invitation: Invitation, matter: Matter, *, by: Actor, now: datetime) -> Invitation:
    """Take an invitation back; its links and cookies open nothing from now on. What was handed in stays."""
    if invitation.state == "handed_in":
        raise Refused(N_("意见已经交了，收不回来；意见留在记录里。"))
    if invitation.state == "revoked":
        return invitation
    invitation.state = "revoked"
    _end_keys(invitation.id, now)
    record(matter, "revoke_invitation", by=by, now=now, public=False, data={"invitation": str(invitation.id)})
    return invitation


def find(invitation_id: UUID) -> Invitation | None:
    """The bound hall's invitation with this id."""
    return db.session.scalar(
        select(Invitation).where(Invitation.community_id == current_community(), Invitation.id == invitation_id)
    )


def expert_actor(invitation: Invitation, *, named: bool = False) -> Actor:
    """The invited expert as somebody who acts; the record names the expert only where the expert wished it."""
    profession = invitation.profession
    label = f"{invitation.expert_name}（{profession}专家）" if named else f"一位{profession}专家"
    return Actor("expert", label, None, frozenset({Role.EXPERT}), channel="link")


def log_opening(invitation_id: UUID, outcome: str, *, now: datetime) -> None:
    """Log that somebody opened a link or a cookie's page: the one thing a GET may write."""
    db.session.add(InvitationOpening(invitation_id=invitation_id, at=now, outcome=outcome))


def keep_cookie(invitation_id: UUID, matter_id: UUID, key_hash: str, *, now: datetime) -> None:
    """Store the fingerprint of the cookie an accepted link is exchanged for. The guest must be bound to that key."""
    db.session.add(
        InvitationKey(
            invitation_id=invitation_id, matter_id=matter_id, kind="cookie", key_hash=key_hash,
            expires_at=now + rules.COOKIE_LIFE,
        )
    )  # fmt: skip
    db.session.flush()


def accept(key: InvitationKey, invitation: Invitation, matter: Matter, *, now: datetime) -> Invitation:
    """Accept: the link is spent and the invitation answered, once; a second click raises ``Refused``."""
    _must_be(key, invitation, matter, rules.Way.OPEN, now)
    key.spent_at = now
    _swap(invitation, "sent", state="accepted", answered_at=now)
    _tell(matter, "expert_accepts", invitation, expert_actor(invitation), now, "专家答应帮忙看。")
    return invitation


def decline(key: InvitationKey, invitation: Invitation, matter: Matter, *, reason: str, now: datetime) -> Invitation:
    """Decline with a reason; the link ends and the hall asks somebody else."""
    if not reason.strip():
        raise Refused(N_("不方便的原因写一句，社区好另请一位。"))
    _must_be(key, invitation, matter, rules.Way.OPEN, now)
    key.spent_at = now
    _swap(invitation, "sent", state="declined", answered_at=now, decline_reason=reason.strip()[:1000])
    record(
        matter, "expert_declines", by=expert_actor(invitation), now=now, reason=reason.strip()[:1000], public=False,
        data={"invitation": str(invitation.id)},
    )  # fmt: skip
    return invitation


def hand_in(
    key: InvitationKey, invitation: Invitation, matter: Matter, *, words: str, now: datetime, named: bool = True
) -> Opinion:
    """Hand the opinion in, once, signed with the name or with the profession only. It is never changed afterwards."""
    rules.good_opinion(words).or_refuse()
    _must_be(key, invitation, matter, rules.Way.WORKING, now)
    actor = expert_actor(invitation, named=named)
    _swap(invitation, "accepted", state="handed_in", handed_in_at=now)
    opinion = Opinion(
        invitation_id=invitation.id, matter_id=matter.id, words=words.strip(), expert_label=actor.label, at=now
    )
    db.session.add(opinion)
    _tell(matter, "expert_opinion", invitation, actor, now, "专家交来了意见。")
    db.session.flush()
    return opinion


def _must_be(key: InvitationKey, invitation: Invitation, matter: Matter, way: rules.Way, now: datetime) -> None:
    if way_now(key, invitation, matter, now) is not way:
        raise Refused(N_("这个链接现在用不了了，请给社区打个电话。"))


def way_now(key: InvitationKey, invitation: Invitation, matter: Matter, now: datetime) -> rules.Way:
    """What this key opens now."""
    return rules.way_of(
        key.kind, invitation.state, Stage(matter.stage), expires_at=key.expires_at, spent_at=key.spent_at,
        revoked_at=key.revoked_at, now=now,
    )  # fmt: skip


def _swap(invitation: Invitation, was: str, **values: object) -> None:
    db.session.flush()
    swapped = db.session.execute(
        update(Invitation)
        .where(
            Invitation.community_id == invitation.community_id, Invitation.id == invitation.id,
            Invitation.state == was,
        )
        .values(**values)
    )  # fmt: skip
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经答复过这份邀请了，请刷新看看。"))


def _new_keys(invitation: Invitation) -> Secret:
    secret = Secret(secrets.token_urlsafe(24))
    secret.code = new_code(CODE_LENGTH)
    for text in (secret, secret.code):
        db.session.add(
            InvitationKey(
                invitation_id=invitation.id, matter_id=invitation.matter_id, kind="link",
                key_hash=fingerprint(text), expires_at=invitation.expires_at,
            )
        )  # fmt: skip
    return secret


def _end_keys(invitation_id: UUID, now: datetime) -> None:
    db.session.execute(
        update(InvitationKey)
        .where(
            InvitationKey.community_id == current_community(), InvitationKey.invitation_id == invitation_id,
            InvitationKey.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )  # fmt: skip


def _is_asked(matter_id: UUID, expert_id: UUID) -> bool:
    found = select(Invitation.id).where(
        Invitation.community_id == current_community(), Invitation.matter_id == matter_id,
        Invitation.expert_id == expert_id, Invitation.state.in_(("sent", "accepted")),
    )  # fmt: skip
    return db.session.scalar(found) is not None


def _tell(matter: Matter, verb: str, invitation: Invitation, by: Actor, now: datetime, words: str) -> None:
    data = {"invitation": str(invitation.id), "number": invitation.number}
    record(matter, verb, by=by, now=now, words=words % {"profession": invitation.profession}, data=data)
