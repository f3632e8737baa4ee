"""The log of what people agreed to, and under which notice. Entries are only added: taking back is an entry too."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.people.actor import Actor
from app.people.privacy import Consent, PrivacyNotice
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


def give_consent(
    about: str, *, by: Actor, now: datetime, given: bool = True, person_id: UUID | None = None,
    matter_id: UUID | None = None, channel: str = "web",
) -> Consent:  # fmt: skip
    """Log one consent given (or taken back) under the notice that stands today.

    ``about``: notice, read_back, guardian, own_minor, name_public, photo_public or sign. The entry is added to the
    session and written with the caller's next flush.
    """
    entry = Consent(
        about=about, given=given, person_id=person_id, matter_id=matter_id, channel=channel, by_label=by.label, at=now,
        notice_version=_version(),
    )  # fmt: skip
    db.session.add(entry)
    return entry


def consent_values(
    about: str, *, by: Actor, now: datetime, person_id: UUID | None, matter_id: UUID | None, channel: str
) -> dict[str, Any]:
    """The same entry as plain values, for a caller that writes several rows in one statement."""
    return {
        "community_id": current_community(), "street_id": current_street(), "id": uuid7(), "about": about,
        "given": True, "person_id": person_id, "matter_id": matter_id, "channel": channel, "by_label": by.label,
        "at": now, "notice_version": _version(),
    }  # fmt: skip


def _version() -> Any:
    """The notice that stands today; 0 before there is one."""
    return (
        select(func.coalesce(func.max(PrivacyNotice.version), 0))
        .where(PrivacyNotice.community_id == current_community())
        .scalar_subquery()
    )
