"""What an invited expert does behind the link: answer, keep a draft, hand the opinion in, sign in, ask for a new link.

All of it runs in a guest's scope: the database shows exactly the rows the key opens, so nothing here reads the hall's
settings or its people.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.matter.models import Matter
from app.matter.situation import Stage
from app.talent import rules
from app.talent.models import ExpertSignIn, Invitation, InvitationKey, InvitationOpening, Opinion, OpinionDraft
from app.talent.telling import expert_actor, tell, tell_inside
from app.words import N_
from tenants.database import db, row_key
from tenants.scope import current_community


class Overtaken(Refused):
    """Another window saved something else meanwhile; ``other`` is what stands there now."""

    def __init__(self, other: OpinionDraft) -> None:
        super().__init__(N_("另一个窗口刚存过不一样的。两份都在下面，看看留哪一份。"))
        self.other = other


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
    return say_yes(invitation, matter, now=now)


def say_yes(invitation: Invitation, matter: Matter, *, now: datetime) -> Invitation:
    """Answer the invitation with yes, once; from then on its links are spent, whether that is marked on them or not."""
    # A link renewed for another device is accepted again; the answer stays the first one.
    first = invitation.answered_at
    _swap(invitation, "sent", state="accepted", answered_at=first or now)
    if first is None:
        tell(matter, "expert_accepts", invitation, expert_actor(invitation), now, "专家答应帮忙看。")
    return invitation


def decline(key: InvitationKey, invitation: Invitation, matter: Matter, *, reason: str, now: datetime) -> Invitation:
    """Decline with a reason; the link ends and the hall asks somebody else."""
    if not reason.strip():
        raise Refused(N_("不方便的原因写一句，社区好另请一位。"))
    _must_be(key, invitation, matter, rules.Way.OPEN, now)
    key.spent_at = now
    _swap(invitation, "sent", state="declined", answered_at=now, decline_reason=reason.strip()[:1000])
    tell_inside(matter, "expert_declines", invitation, expert_actor(invitation), now, reason=reason.strip()[:1000])
    return invitation


def draft_of(invitation_id: UUID) -> OpinionDraft | None:
    """What was written so far."""
    return db.session.scalar(
        select(OpinionDraft).where(
            OpinionDraft.community_id == current_community(), OpinionDraft.invitation_id == invitation_id
        )
    )


def keep_draft(
    key: InvitationKey, invitation: Invitation, matter: Matter, *, words: str, named: bool, seen: datetime | None,
    now: datetime,
) -> OpinionDraft:  # fmt: skip
    """Keep what is written so far. ``seen`` is the moment of the draft the writer began from (None: there was none).

    Raises :class:`Overtaken` with the other text when another window saved something else since.
    """
    rules.good_draft(words).or_refuse()
    _must_be(key, invitation, matter, rules.Way.WORKING, now)
    values = {"words": words, "named": named, "saved_at": now}
    if seen is None:
        done = db.session.execute(
            insert(OpinionDraft.__table__)
            .values(**row_key(), invitation_id=invitation.id, **values)
            .on_conflict_do_nothing()
        )
    else:
        done = db.session.execute(
            update(OpinionDraft)
            .where(
                OpinionDraft.community_id == current_community(), OpinionDraft.invitation_id == invitation.id,
                OpinionDraft.saved_at == seen,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    db.session.expire_all()
    standing = draft_of(invitation.id)
    if done.rowcount == 1 and standing is not None:  # type: ignore[attr-defined]
        return standing
    if standing is None:
        raise Refused(N_("这份草稿已经不在了，请刷新看看。"))
    if standing.words == words and standing.named == named:
        return standing
    raise Overtaken(standing)


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
    db.session.execute(
        delete(OpinionDraft).where(
            OpinionDraft.community_id == current_community(), OpinionDraft.invitation_id == invitation.id
        )
    )
    tell(matter, "expert_opinion", invitation, actor, now, "专家交来了意见。")
    db.session.flush()
    return opinion


def sign_in(key: InvitationKey, invitation: Invitation, matter: Matter, *, now: datetime) -> ExpertSignIn:
    """The expert signs the register of the sitting they were asked to; signing twice is signing once.

    Who has already handed the opinion in comes to the sitting all the same.
    """
    way = way_now(key, invitation, matter, now)
    if way not in (rules.Way.WORKING, rules.Way.DONE):
        raise Refused(N_("这个链接现在用不了了，请给社区打个电话。"))
    known = signed_in(invitation)
    if known is not None:
        return known
    rules.may_sign_in(invitation.sitting_at, now).or_refuse()
    line = ExpertSignIn(invitation_id=invitation.id, sitting_id=invitation.sitting_id, at=now)
    db.session.add(line)
    tell_inside(matter, "expert_comes", invitation, expert_actor(invitation), now, words="专家到会签到了。")
    db.session.flush()
    return line


def signed_in(invitation: Invitation) -> ExpertSignIn | None:
    """The expert's own sign-in to the sitting this invitation names."""
    if invitation.sitting_id is None:
        return None
    return db.session.scalar(
        select(ExpertSignIn).where(
            ExpertSignIn.community_id == current_community(), ExpertSignIn.invitation_id == invitation.id,
            ExpertSignIn.sitting_id == invitation.sitting_id,
        )
    )  # fmt: skip


def ask_again(way: rules.Way, invitation: Invitation, matter: Matter, *, now: datetime) -> None:
    """Leave the note that somebody wants a fresh link; the hall sends it to the expert it knows, not to who asks."""
    rules.may_ask_again(way, invitation.state, Stage(matter.stage), invitation.asked_again_at, now).or_refuse()
    invitation.asked_again_at = now
    tell_inside(
        matter, "expert_asks_again", invitation, expert_actor(invitation), now,
        words=f"邀请 {invitation.number}：专家请社区再给一个链接。",
    )  # fmt: skip


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
