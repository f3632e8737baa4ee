"""How long a hall keeps what it need not keep, and the clearing of it day by day.

Source: Personal Information Protection Law section 19 (the shortest time); domain.md section 5 (removed text stays six
months for those who supervise content; what was agreed to stays three years). The hall may shorten or lengthen within
``BOUNDS``. Each rule is one UPDATE or DELETE; the change log keeps only how many rows it touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, Update, and_, delete, exists, func, or_, select, update

from app.errors import Refused, Verdict, no, yes
from app.matter.models import Matter
from app.matter.situation import END_STAGES, Stage
from app.people.actor import SYSTEM, Actor
from app.people.desk import log_change
from app.people.models import Account, Person
from app.people.privacy import PhoneCode, PrivacyRequest
from app.people.settings import hall_row
from app.words import N_
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_community

MONTH = timedelta(days=30)
#: Rule → (least, most, default) months.
BOUNDS: Mapping[str, tuple[int, int, int]] = {"phones": (1, 36, 12), "contacts": (1, 36, 12)}
#: A code is good for ten minutes; a day later nobody needs to know that it was asked for.
CODES = timedelta(days=1)
LABELS: dict[str, str] = {
    "phones": N_("办结的事，提出人和家长的电话"),
    "contacts": N_("提意见、提要求时留的联系办法"),
    "codes": N_("过期的手机验证码"),
}
#: What no rule touches, and why.
KEPT: tuple[tuple[str, str], ...] = (
    (N_("议定的事：原话、会议记录、决议、公示"), N_("进档案，一直留（居民委员会组织法第三十九条）")),
    (N_("同意和收回的记录、谁看过的记录"), N_("留三年以上备查，里面没有电话")),
    (
        N_("谁做了什么的记录：事项的经过、改动记录、督办和来往"),
        N_("一行一行封存，谁也删不掉；服务器自己的日志至少留一百八十天（网络安全法第二十一条）"),
    ),
    (N_("没交上来的照片和语音"), N_("三天，机器每天清")),
    (N_("被隐藏的、本人撤回的留言"), N_("六个月，满了由机器清掉")),
)
_RESTING = [str(stage) for stage in END_STAGES | {Stage.CLOSED}]


@dataclass(frozen=True)
class Rule:
    """One line of the retention table: how many rows it would clear now, and within the next thirty days."""

    key: str
    months: int | None
    now: int
    soon: int


def months_of(community: Community) -> dict[str, int]:
    """The months that hold in this hall, defaults included."""
    own = community.settings.get("retention", {})
    return {key: own.get(key, default) for key, (_least, _most, default) in BOUNDS.items()}


def within(key: str, months: int | None) -> Verdict:
    """Whether a hall may keep something so long."""
    least, most, _default = BOUNDS[key]
    if months is None or not least <= months <= most:
        return no(N_("写 %(least)s 到 %(most)s 之间的数，单位是月。"), least=least, most=most)
    return yes()


def set_months(wanted: Mapping[str, int], *, by: Actor, now: datetime) -> list[str]:
    """Change how long the hall keeps; returns what changed. ``Refused`` outside the bounds, and nothing changes."""
    for key, months in wanted.items():
        within(key, months).or_refuse()
    if not wanted:
        raise Refused(N_("没有要改的。"))
    community = hall_row(lock=True)
    old = months_of(community)
    changed = [key for key, months in wanted.items() if old[key] != months]
    for key in changed:
        log_change("retention", f"set_{key}", by=by, now=now, before=str(old[key]), after=str(wanted[key]))
    if changed:
        community.settings = {**community.settings, "retention": {**old, **wanted}}
    return changed


def rules_now(now: datetime) -> list[Rule]:
    """The hall's table with what each rule would clear; two counts a rule."""
    months = months_of(hall_row())
    return [
        Rule(key, months.get(key), _count(key, months, now), _count(key, months, now + MONTH)) for key in LABELS
    ]  # fmt: skip


def clear_expired(*, now: datetime) -> dict[str, int]:
    """Clear what is past its time in the bound hall; counts by rule, each logged. Running it again clears nothing."""
    months = months_of(hall_row())
    cleared: dict[str, int] = {}
    for key in LABELS:
        touched = sum(
            int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
            for statement in _statements(key, _before(key, months, now))
        )
        if touched:
            cleared[key] = touched
            log_change("retention", key, by=SYSTEM, now=now, after=str(touched))
    db.session.flush()
    db.session.expire_all()
    return cleared


def _before(key: str, months: Mapping[str, int], now: datetime) -> datetime:
    return now - (CODES if key == "codes" else months[key] * MONTH)


def _count(key: str, months: Mapping[str, int], now: datetime) -> int:
    before = _before(key, months, now)
    conditions: Callable[[datetime], list[tuple[Any, Any]]] = _CONDITIONS[key]
    return sum(
        int(db.session.scalar(select(func.count()).select_from(table).where(condition)) or 0)
        for table, condition in conditions(before)
    )


def _statements(key: str, before: datetime) -> list[Update | Delete]:
    made: list[Update | Delete] = []
    for table, condition in _CONDITIONS[key](before):
        if key == "codes":
            made.append(delete(table).where(condition))
        else:
            made.append(update(table).where(condition).values(**_CLEARED[table.name]))
    return made


#: What a rule leaves of a row, by table.
_CLEARED: Mapping[str, Mapping[str, Any]] = {
    "person": {"phone_sealed": None, "phone_index": None},
    "proposal": {"guardian_sealed": None},
    "work_order": {"phone_sealed": None},
    "privacy_request": {"contact_sealed": None},
    "objection": {"contact_sealed": None},
}


def _t(name: str) -> Any:
    # Later rooms hold these tables; this floor knows them by name alone.
    return db.metadata.tables[name]


def _rests(matter_id: Any, before: datetime) -> Any:
    """The matter has come to rest, and did so before ``before``."""
    ended = func.coalesce(Matter.closed_at, Matter.stage_since)
    return exists().where(
        Matter.community_id == current_community(), Matter.id == matter_id, Matter.stage.in_(_RESTING), ended < before
    )


def _phones(before: datetime) -> list[tuple[Any, Any]]:
    here, person = current_community(), Person.__table__.c
    own = [
        exists().where(_t(name).c.community_id == here, _t(name).c.person_id == person.id,
                       ~_rests(_t(name).c.matter_id, before))
        for name in ("proposal", "signature", "comment", "objection")
    ]  # fmt: skip
    account = exists().where(
        Account.community_id == here, Account.person_id == person.id, Account.disabled_at.is_(None)
    )
    asked = exists().where(
        PrivacyRequest.community_id == here, PrivacyRequest.person_id == person.id, PrivacyRequest.state == "open"
    )
    idle = and_(person.phone_sealed.is_not(None), person.created_at < before, ~or_(*own, account, asked))
    proposal, order = _t("proposal").c, _t("work_order").c
    guardian = and_(proposal.guardian_sealed.is_not(None), _rests(proposal.matter_id, before))
    replied = or_(and_(order.matter_id.is_(None), order.replied_at < before), _rests(order.matter_id, before))
    return [
        (Person.__table__, and_(person.community_id == here, idle)),
        (_t("proposal"), and_(proposal.community_id == here, guardian)),
        (_t("work_order"), and_(order.community_id == here, order.phone_sealed.is_not(None), replied)),
    ]


def _contacts(before: datetime) -> list[tuple[Any, Any]]:
    here, asked, objection = current_community(), PrivacyRequest.__table__.c, _t("objection").c
    return [
        (PrivacyRequest.__table__, and_(
            asked.community_id == here, asked.contact_sealed.is_not(None), asked.handled_at < before)),
        (_t("objection"), and_(
            objection.community_id == here, objection.contact_sealed.is_not(None), objection.replied_at < before)),
    ]  # fmt: skip


def _codes(before: datetime) -> list[tuple[Any, Any]]:
    code = PhoneCode.__table__.c
    return [(PhoneCode.__table__, and_(code.community_id == current_community(), code.expires_at < before))]


_CONDITIONS: Mapping[str, Callable[[datetime], list[tuple[Any, Any]]]] = {
    "phones": _phones, "contacts": _contacts, "codes": _codes,
}  # fmt: skip
