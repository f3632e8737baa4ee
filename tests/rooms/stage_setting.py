"""Matters for the room tests, made through the spine's own verbs where that is short, and as rows where it is not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.matter.models import Matter
from app.people.actor import Actor
from app.people.models import Account, StreetAccount
from app.people.roles import Role
from app.talent.models import Expert
from tenants.database import db, uuid7


def matter_at(stage: str, *, now: datetime, **values: Any) -> Matter:
    """A matter of the bound hall standing at ``stage``."""
    number = values.pop("number", f"NYD2026{uuid7().int % 10**8:08d}")
    defaults: dict[str, Any] = {
        "number": number, "title": "铁路涵洞一下雨就积水", "question": "涵洞怎么排水", "stage": stage,
        "stage_since": now, "kind": "joint", "channel": "web", "tracking_hmac": uuid7().hex,
        "collected_at": now, "accepted_at": now, "triage": "hard", "category": "整治",
    }  # fmt: skip
    matter = Matter(**{**defaults, **values})
    db.session.add(matter)
    db.session.flush()
    return matter


def staff(login: str = "shuji", *roles: Role) -> Actor:
    """A member of the bound hall's staff as somebody who acts."""
    account = db.session.scalar(select(Account).where(Account.login == login))
    return Actor("staff", account.display_name, account.id, frozenset(roles or {Role.SECRETARY}))


def officer() -> Actor:
    """赵主任 of the street."""
    account = db.session.scalar(select(StreetAccount).where(StreetAccount.login == "zhuren"))
    return Actor("street", account.display_name, account.id, frozenset({Role.STREET_SUPERVISOR}))


def expert_id(code: str = "X12") -> UUID:
    """An expert of the pool."""
    return db.session.scalar(select(Expert.id).where(Expert.code == code))
