"""A community proposes somebody for the street's pool; the street takes them in or says why not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.secrets import seal, unseal
from app.talent import rules
from app.talent.models import Expert, ExpertSuggestion, SuggestionReply
from app.talent.pool import PHONE, add_expert
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current_community, current_street


def suggest(
    *, name: str, profession: str, skill: str, why: str, consent: bool, phone: str = "", organisation: str = "",
    by: Actor, now: datetime, once: UUID | None = None,
) -> ExpertSuggestion:  # fmt: skip
    """Propose somebody, in the hall's scope; the person's own consent is asked for, the phone is sealed."""
    rules.good_suggestion(name, profession, skill, why, consent=consent).or_refuse()
    if phone.strip() and not PHONE.match(phone.strip()):
        raise Refused(N_("电话只写数字、空格和横线。"))
    if len(organisation) > 200:
        raise Refused(N_("单位最多 200 字。"))
    if once and (known := _suggestion(once)):
        return known
    made = ExpertSuggestion(
        id=once or uuid7(), name=name.strip(), profession=profession.strip(), organisation=organisation.strip(),
        skill=skill.strip(), phone_sealed=seal(phone.strip()) if phone.strip() else "", why=why.strip(), consent=True,
        by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def suggestions() -> list[tuple[ExpertSuggestion, SuggestionReply | None]]:
    """What the bound hall proposed, newest first, with the street's answers; one statement."""
    rows = db.session.execute(
        select(ExpertSuggestion, SuggestionReply)
        .outerjoin(SuggestionReply, _answers())
        .where(ExpertSuggestion.community_id == current_community())
        .order_by(ExpertSuggestion.at.desc())
        .limit(50)
    ).all()
    return [(row[0], row[1]) for row in rows]


def street_suggestions() -> list[tuple[ExpertSuggestion, SuggestionReply | None, str]]:
    """What all halls of the bound street proposed, with the hall's name; those without an answer first."""
    rows = db.session.execute(
        select(ExpertSuggestion, SuggestionReply, Community.name)
        .join(Community, Community.id == ExpertSuggestion.community_id)
        .outerjoin(SuggestionReply, _answers())
        .where(ExpertSuggestion.street_id == current_street())
        .order_by(SuggestionReply.at.desc().nulls_first(), ExpertSuggestion.at.desc())
        .limit(100)
    ).all()
    return [(row[0], row[1], row[2]) for row in rows]


def find_for_street(suggestion_id: UUID) -> tuple[ExpertSuggestion, SuggestionReply | None, str]:
    """One proposal for the street; raises ``Missing``."""
    row = db.session.execute(
        select(ExpertSuggestion, SuggestionReply, Community.name)
        .join(Community, Community.id == ExpertSuggestion.community_id)
        .outerjoin(SuggestionReply, _answers())
        .where(ExpertSuggestion.street_id == current_street(), ExpertSuggestion.id == suggestion_id)
    ).one_or_none()
    if row is None:
        raise Missing(N_("没有这条推荐。"))
    return row[0], row[1], row[2]


def approve(
    suggestion: ExpertSuggestion, reply: SuggestionReply | None, *, code: str, valid_until: date | None, by: Actor,
    now: datetime, words: str = "", **fields: Any,
) -> Expert:  # fmt: skip
    """Take the proposed person into the pool, with the phone the community handed over; ``fields`` as the pool's."""
    _open(reply)
    phone = unseal(suggestion.phone_sealed) if suggestion.phone_sealed else ""
    given = {"name": suggestion.name, "profession": suggestion.profession, "skill": suggestion.skill,
             "organisation": suggestion.organisation, **fields}  # fmt: skip
    expert = add_expert(code=code, phone=phone, valid_until=valid_until, **given)
    _reply(suggestion, approved=True, words=words, expert_id=expert.id, by=by, now=now)
    return expert


def refuse(
    suggestion: ExpertSuggestion, reply: SuggestionReply | None, *, words: str, by: Actor, now: datetime
) -> SuggestionReply:
    """Say why not."""
    _open(reply)
    if not words.strip():
        raise Refused(N_("不收的原因写一句，社区要跟本人说。"))
    return _reply(suggestion, approved=False, words=words, expert_id=None, by=by, now=now)


def _reply(
    suggestion: ExpertSuggestion, *, approved: bool, words: str, expert_id: UUID | None, by: Actor, now: datetime
) -> SuggestionReply:
    if len(words) > 500:
        raise Refused(N_("写得太长了，最多 500 字。"))
    if by.id is None:
        raise Refused(N_("请先登录。"))
    made = SuggestionReply(
        community_id=suggestion.community_id, suggestion_id=suggestion.id, approved=approved, words=words.strip(),
        expert_id=expert_id, by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _open(reply: SuggestionReply | None) -> None:
    if reply is not None:
        raise Refused(N_("这条推荐已经答复过了。"))


def _answers() -> Any:
    return and_(
        SuggestionReply.community_id == ExpertSuggestion.community_id,
        SuggestionReply.suggestion_id == ExpertSuggestion.id,
    )


def _suggestion(suggestion_id: UUID) -> ExpertSuggestion | None:
    return db.session.scalar(
        select(ExpertSuggestion).where(
            ExpertSuggestion.community_id == current_community(), ExpertSuggestion.id == suggestion_id
        )
    )
