"""The street keeps its pool: add, change, suspend, restore. The phone is sealed and read by the street alone."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused
from app.people.secrets import seal
from app.talent.models import Expert, ExpertContact
from app.talent.queries import find_expert
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

CODE = re.compile(r"[A-Z][0-9]{2,4}\Z")
PHONE = re.compile(r"[0-9+\- ]{5,20}\Z")
FIELDS = ("name", "profession", "organisation", "skill", "hours", "conflicts")


def add_expert(
    *, code: str, phone: str = "", valid_until: date | None = None, once: UUID | None = None, **fields: str
) -> Expert:
    """Put an expert into the pool; ``fields`` are those of :data:`FIELDS`. A bad or taken code is ``Refused``."""
    if once and (before := find_expert(once)):
        return before[0]
    code = code.strip().upper()
    if not CODE.match(code):
        raise Refused(N_("编号用一个大写字母加两到四位数字，比如 X25。"))
    taken = select(Expert.id).where(Expert.street_id == current_street(), Expert.code == code)
    if db.session.scalar(taken):
        raise Refused(N_("编号 %(code)s 已经有人用了，换一个。"), code=code)
    expert = Expert(id=once or uuid7(), code=code, valid_until=valid_until, **_checked(fields))
    db.session.add(expert)
    db.session.flush()
    _keep_phone(expert.id, None, phone)
    return expert


def change_expert(
    expert_id: UUID, *, phone: str = "", valid_until: date | None = None, shared: bool = True, **fields: str
) -> Expert:
    """Change an expert's data; an empty ``phone`` keeps the one on record."""
    found = find_expert(expert_id)
    if found is None:
        raise Missing(N_("人才库里没有这位专家。"))
    expert, contact = found
    for name, value in _checked(fields).items():
        setattr(expert, name, value)
    expert.valid_until, expert.shared = valid_until, shared
    _keep_phone(expert.id, contact, phone)
    return expert


def suspend_expert(expert_id: UUID, *, now: datetime) -> Expert:
    """No hall may ask this expert from now on; invitations on their way go on."""
    expert = _found(expert_id)
    expert.suspended_at = expert.suspended_at or now
    return expert


def restore_expert(expert_id: UUID) -> Expert:
    """Halls may ask this expert again."""
    expert = _found(expert_id)
    expert.suspended_at = None
    return expert


def _found(expert_id: UUID) -> Expert:
    found = find_expert(expert_id)
    if found is None:
        raise Missing(N_("人才库里没有这位专家。"))
    return found[0]


def _checked(fields: dict[str, str]) -> dict[str, str]:
    tidy = {name: fields.get(name, "").strip() for name in FIELDS}
    if not tidy["name"] or not tidy["profession"] or not tidy["skill"]:
        raise Refused(N_("姓名、行当和专长都要填。"))
    if any(len(value) > (40 if name in ("name", "profession") else 200) for name, value in tidy.items()):
        raise Refused(N_("写得太长了：姓名和行当最多 40 字，其他最多 200 字。"))
    return tidy


def _keep_phone(expert_id: UUID, contact: ExpertContact | None, phone: str) -> None:
    plain = phone.strip()
    if not plain:
        return
    if not PHONE.match(plain):
        raise Refused(N_("电话只写数字、空格和横线。"))
    if contact is None:
        db.session.add(ExpertContact(expert_id=expert_id, phone_sealed=seal(plain)))
    else:
        contact.phone_sealed = seal(plain)
