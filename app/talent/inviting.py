"""The hall asks one expert to one matter, gives a fresh link, takes the invitation back, grades the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.matter.actions import next_number
from app.matter.models import Matter
from app.matter.numbers import invitation_number
from app.matter.situation import Stage
from app.people.actor import Actor
from app.talent import rules
from app.talent.models import Expert, ExpertRating, Invitation
from app.talent.telling import tell, tell_inside
from app.talent.tokens import Secret, end_keys, new_keys
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

WAYS = ("link", "sms", "letter")


@dataclass(frozen=True)
class At:
    """The sitting the expert is asked to, in words a guest may read."""

    sitting_id: UUID
    words: str
    starts_at: datetime


def invite(
    matter: Matter, expert_id: UUID, *, brief: str, questions: str, by: Actor, now: datetime,
    hours: int = rules.DEFAULT_HOURS, once: UUID | None = None, by_way: str = "link", sitting: At | None = None,
    replaces: UUID | None = None,
) -> tuple[Invitation, Secret | None]:  # fmt: skip
    """Ask an expert of the street's pool to this one matter.

    Returns the invitation and its secret (``secret.code`` is the eight characters that may be read aloud); the secret
    is never shown again, and is None where ``once`` names an invitation that exists already (a double click).
    ``replaces`` names an invitation to the same matter that stayed without an answer: its links end.
    Raises ``Missing`` for an expert who is not in the pool and ``Refused`` for one who may not be asked.
    """
    if once and (before := find(once)):
        return before, None
    today = clock.local(now).date()
    expert = _who_may_come(expert_id, Stage(matter.stage), today)
    rules.good_letter(brief, questions, hours).or_refuse()
    if by_way not in WAYS:
        raise Refused(N_("怎么交给专家，选一样。"))
    if _is_asked(matter.id, expert):
        raise Refused(N_("已经请过这位专家看这件事了。"))
    instead_of = _silent_one(replaces, matter, now)
    invitation = Invitation(
        id=once or uuid7(), number=invitation_number(today.year, next_number("invitation", today.year)),
        matter_id=matter.id, expert_id=expert.id, expert_name=expert.name, profession=expert.profession,
        brief=brief.strip(), questions=questions.strip(), by_id=by.id, by_label=by.label, sent_at=now,
        expires_at=now + timedelta(hours=hours), by_way=by_way, replaces_id=instead_of.id if instead_of else None,
    )  # fmt: skip
    ask_to_sitting(invitation, sitting)
    db.session.add(invitation)
    db.session.flush()
    secret = new_keys(invitation)
    if instead_of is not None:
        revoke(instead_of, matter, by=by, now=now)
    tell(matter, "invite", invitation, by, now, "请了一位%(profession)s方面的专家帮忙看。")
    return invitation, secret


def _who_may_come(expert_id: UUID, stage: Stage, today: date) -> Expert:
    expert = db.session.scalar(
        select(Expert).where(Expert.street_id == current_street(), Expert.id == expert_id, Expert.shared)
    )
    if expert is None:
        raise Missing(N_("人才库里没有这位专家。"))
    rules.may_invite(
        stage, expert.suspended_at, expert.valid_until, today, open_now=expert.open_now,
        most_open=expert.most_open, barred=current_community() in expert.barred_in,
    ).or_refuse()  # fmt: skip
    return expert


def renew(
    invitation: Invitation, matter: Matter, *, by: Actor, now: datetime, hours: int = rules.DEFAULT_HOURS
) -> Secret:
    """Make a fresh link; every earlier link and cookie of the invitation ends. Whoever answered stays answered: the
    day of the first answer is kept, because it is what the response is measured by (domain.md section 7, K15)."""
    rules.may_renew(invitation.state, Stage(matter.stage)).or_refuse()
    rules.good_letter(invitation.brief, invitation.questions, hours).or_refuse()
    end_keys(invitation.id, now)
    invitation.state = "sent"
    invitation.expires_at = now + timedelta(hours=hours)
    invitation.reminded_at = invitation.silent_at = invitation.asked_again_at = None
    secret = new_keys(invitation)
    tell_inside(matter, "renew_invitation", invitation, by, now)
    return secret


def revoke(invitation: Invitation, matter: Matter, *, by: Actor, now: datetime) -> Invitation:
    """Take an invitation back; its links and cookies open nothing from now on. What was handed in stays."""
    if invitation.state == "handed_in":
        raise Refused(N_("意见已经交了，收不回来；意见留在记录里。"))
    if invitation.state == "revoked":
        return invitation
    invitation.state = "revoked"
    end_keys(invitation.id, now)
    tell_inside(matter, "revoke_invitation", invitation, by, now)
    return invitation


def ask_to_sitting(invitation: Invitation, sitting: At | None) -> None:
    """Name the sitting the expert is asked to, or none any more."""
    if sitting is not None and len(sitting.words) > 200:
        raise Refused(N_("会的时间和地点最多写 200 字。"))
    invitation.sitting_id = sitting.sitting_id if sitting else None
    invitation.sitting_words = sitting.words.strip() if sitting else ""
    invitation.sitting_at = sitting.starts_at if sitting else None


def rate(
    invitation: Invitation, *, grade: int, words: str, by: Actor, now: datetime, once: UUID | None = None
) -> ExpertRating:
    """How the hall found the expert's service; written once, read by the street as the record of service."""
    rules.good_rating(invitation.state, grade, words).or_refuse()
    known = rating_of(invitation.id)
    if known is not None:
        if once is not None and known.id == once:
            return known
        raise Refused(N_("这次已经评过了，评了不能改。"))
    rating = ExpertRating(
        id=once or uuid7(), invitation_id=invitation.id, expert_id=invitation.expert_id, grade=grade,
        words=words.strip(), by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(rating)
    db.session.flush()
    return rating


def rating_of(invitation_id: UUID) -> ExpertRating | None:
    """The grade given for one invitation."""
    return db.session.scalar(
        select(ExpertRating).where(
            ExpertRating.community_id == current_community(), ExpertRating.invitation_id == invitation_id
        )
    )


def find(invitation_id: UUID) -> Invitation | None:
    """The bound hall's invitation with this id."""
    return db.session.scalar(
        select(Invitation).where(Invitation.community_id == current_community(), Invitation.id == invitation_id)
    )


def _silent_one(replaces: UUID | None, matter: Matter, now: datetime) -> Invitation | None:
    if replaces is None:
        return None
    found = find(replaces)
    if found is None or found.matter_id != matter.id:
        raise Missing(N_("没有这份邀请。"))
    if found.state == "handed_in":
        raise Refused(N_("那一位已经交了意见，不用换人。"))
    return found if found.state in ("sent", "accepted") else None


def _is_asked(matter_id: UUID, expert: Expert) -> bool:
    # Somebody once entered twice in the pool stands for both entries.
    known = [expert.id, *(UUID(other) for other in expert.also_ids)]
    found = select(Invitation.id).where(
        Invitation.community_id == current_community(), Invitation.matter_id == matter_id,
        Invitation.expert_id.in_(known), Invitation.state.in_(("sent", "accepted")),
    )  # fmt: skip
    return db.session.scalar(found) is not None
