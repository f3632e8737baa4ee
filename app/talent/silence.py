"""The clock of the invitations: one reminder before a link ends, one for an opinion that is overdue, and silence.

Nothing here can open the link again: of the secret only a fingerprint is kept, so a reminder speaks of the link that
was sent, and the hall makes a fresh one where it is lost. Runs in the hall's scope, as often as it likes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select

from app import clock
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import SYSTEM
from app.talent import rules
from app.talent.models import Invitation
from app.talent.telling import tell_inside
from tenants.database import db
from tenants.scope import current_community


def tend(*, now: datetime) -> int:
    """Remind and mark what stayed silent in the bound hall; returns how many invitations that were."""
    done = 0
    for invitation, matter in _open_ones():
        if rules.is_over(Stage(matter.stage)):
            # Nobody waits for it any more: it is not looked at again, and the street counts it off.
            invitation.silent_at = now
            done += 1
        elif invitation.state == "sent" and now > invitation.expires_at:
            done += _mark_silent(invitation, matter, now)
        elif rules.reminder_due(
            invitation.state, expires_at=invitation.expires_at, sent_at=invitation.sent_at,
            answered_at=invitation.answered_at, reminded_at=invitation.reminded_at, now=now,
        ):  # fmt: skip
            _remind(invitation, matter, now)
            done += 1
    db.session.flush()
    return done


def _open_ones() -> list[tuple[Invitation, Matter]]:
    rows = db.session.execute(
        select(Invitation, Matter)
        .join(Matter, and_(Matter.community_id == Invitation.community_id, Matter.id == Invitation.matter_id))
        .where(
            Invitation.community_id == current_community(), Invitation.state.in_(("sent", "accepted")),
            Invitation.silent_at.is_(None),
        )
        .order_by(Invitation.sent_at)
        .with_for_update(of=Invitation.__table__, skip_locked=True)
    ).all()  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def _remind(invitation: Invitation, matter: Matter, now: datetime) -> None:
    invitation.reminded_at = now
    name = f"{invitation.expert_name}老师（{invitation.profession}）"
    if invitation.state == "sent":
        until = f"{clock.local(invitation.expires_at):%-m 月 %-d 日 %H:%M}"
        words = f"请提醒{name}：邀请 {invitation.number} 还没答复，原来的链接或邀请码到 {until} 失效。"
    else:
        words = f"请提醒{name}：答应看的事（邀请 {invitation.number}）过了 7 天还没交意见，打开原来那一页就能写。"
    tell_inside(matter, "expert_reminder", invitation, SYSTEM, now, words=words)


def _mark_silent(invitation: Invitation, matter: Matter, now: datetime) -> int:
    invitation.silent_at = now
    tell_inside(
        matter, "expert_silent", invitation, SYSTEM, now,
        words=f"邀请 {invitation.number} 到期没有回音，请在邀请页上另请一位。",
    )  # fmt: skip
    return 1
