"""The log of what people agreed to, and under which notice. Entries are only added: taking back is an entry too."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.errors import Refused
from app.people.actor import Actor
from app.people.models import Person
from app.people.privacy import Consent, PrivacyNotice
from app.words import N_
from tenants.database import HERE, db, uuid7
from tenants.scope import current_community, current_street

PAGE = 20
LABELS: dict[str, str] = {
    "notice": N_("看过隐私说明"),
    "read_back": N_("念给本人听过，同意这样记"),
    "guardian": N_("家长同意"),
    "own_minor": N_("14 到 17 岁本人同意"),
    "name_public": N_("公开姓名"),
    "photo_public": N_("公开照片"),
    "sign": N_("联名"),
    "contact": N_("用留的电话、邮箱发消息"),
}
#: What may be taken back at any time without touching what was lawfully done before (PIPL section 15).
REVOCABLE = ("name_public", "photo_public", "contact")


def give_consent(
    about: str, *, by: Actor, now: datetime, given: bool = True, person_id: UUID | None = None,
    matter_id: UUID | None = None, channel: str = "web",
) -> Consent:  # fmt: skip
    """Log one consent given (or taken back) under the notice that stands today.

    ``about``: notice, read_back, guardian, own_minor, name_public, photo_public, sign or contact. The entry is added to
    the session and written with the caller's next flush.
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


@cache
def _version() -> Any:
    """The notice that stands today; 0 before there is one."""
    return (
        select(func.coalesce(func.max(PrivacyNotice.version), 0))
        .where(PrivacyNotice.community_id == HERE)
        .scalar_subquery()
    )


def take_back(person: Person, about: str, *, by: Actor, now: datetime) -> bool:
    """Take a consent back; the name is masked from this moment on. False where nothing was given any more.

    Raises ``Refused`` for a consent that is a fact and not a standing permission (a child's guardian agreed).
    """
    if about not in REVOCABLE:
        raise Refused(N_("这一样是当时的事实，不能收回；要删信息请另提要求。"))
    if not stands(person, about):
        return False
    if about == "name_public":
        person.name_public = False
    give_consent(about, by=by, now=now, given=False, person_id=person.id)
    db.session.flush()
    return True


def stands(person: Person, about: str) -> bool:
    """Whether the newest word on ``about`` is yes; the name's flag counts also where it is older than the log."""
    newest = db.session.scalar(
        select(Consent.given)
        .where(Consent.community_id == current_community(), Consent.person_id == person.id, Consent.about == about)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    return person.name_public if about == "name_public" else bool(newest)


def own_consents(person_id: UUID, limit: int = 100) -> list[Consent]:
    """What one person agreed to and took back, the newest first."""
    return list(
        db.session.scalars(
            select(Consent)
            .where(Consent.community_id == current_community(), Consent.person_id == person_id)
            .order_by(Consent.at.desc(), Consent.id.desc())
            .limit(limit)
        )
    )


def consents_page(*, about: str, page: int) -> tuple[list[tuple[Consent, str, str]], int]:
    """One page of the log with the person's name and title (to be masked), the newest first, and how many there are."""
    wanted = (
        select(Consent, Person.name, Person.title, func.count().over())
        .outerjoin(Person, (Person.community_id == Consent.community_id) & (Person.id == Consent.person_id))
        .where(Consent.community_id == current_community())
    )
    if about in LABELS:
        wanted = wanted.where(Consent.about == about)
    newest = wanted.order_by(Consent.at.desc(), Consent.id.desc())
    rows = db.session.execute(newest.limit(PAGE).offset((page - 1) * PAGE)).all()
    return [(row[0], row[1] or "", row[2] or "") for row in rows], int(rows[0][3]) if rows else 0
