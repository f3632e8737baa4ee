"""The street keeps its pool: add, change, suspend, restore, merge. The phone is sealed and read by the street alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.people.phones import masked_phone
from app.people.secrets import seal, unseal
from app.talent.matching import specialties_in
from app.talent.models import Expert, ExpertContact
from app.talent.queries import find_expert
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

CODE = re.compile(r"[A-Z][0-9]{2,4}\Z")
PHONE = re.compile(r"[0-9+\- ]{5,20}\Z")
#: Plain texts of an expert, each with the longest it may be; the first three must be filled.
FIELDS = {
    "name": 40, "profession": 40, "skill": 200, "organisation": 200, "level": 60, "languages": 60, "hours": 200,
    "fee": 60, "conflicts": 200,
}  # fmt: skip
NEEDED = ("name", "profession", "skill")
MOST_OPEN = 20


def add_expert(
    *, code: str, phone: str = "", valid_until: date | None = None, once: UUID | None = None, **fields: Any
) -> Expert:
    """Put an expert into the pool. A bad or taken code is ``Refused``.

    ``fields`` are those of :data:`FIELDS` (texts), ``specialties`` (a line or a list), ``weekdays`` (digits 1 to 7),
    ``most_open`` and ``barred_in`` (ids of communities).
    """
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
    _keep_phone(expert, None, phone)
    return expert


def change_expert(
    expert_id: UUID, *, phone: str = "", valid_until: date | None = None, shared: bool = True, **fields: Any
) -> Expert:
    """Change an expert's data; an empty ``phone`` keeps the one on record. ``fields`` as for :func:`add_expert`."""
    found = find_expert(expert_id)
    if found is None:
        raise Missing(N_("人才库里没有这位专家。"))
    expert, contact = found
    for name, value in _checked(fields).items():
        setattr(expert, name, value)
    expert.valid_until, expert.shared = valid_until, shared and expert.merged_into_id is None
    _keep_phone(expert, contact, phone)
    return expert


def suspend_expert(expert_id: UUID, *, now: datetime) -> Expert:
    """No hall may ask this expert from now on; invitations on their way go on."""
    expert = _found(expert_id)
    expert.suspended_at = expert.suspended_at or now
    return expert


def restore_expert(expert_id: UUID) -> Expert:
    """Halls may ask this expert again."""
    expert = _found(expert_id)
    if expert.merged_into_id is not None:
        raise Refused(N_("这一条已经并到另一条里了，请用那一条。"))
    expert.suspended_at = None
    return expert


def merge_experts(kept_id: UUID, other_id: UUID, *, now: datetime) -> Expert:
    """Somebody stands in the pool twice: keep one row and let it stand for the other.

    The halls' invitations stay as they are, because the street changes no row of a hall: the kept row names the other
    in ``also_ids``, and every count of service follows that name. Specialities, barred communities and a phone that
    the kept row lacks are taken over.
    """
    if kept_id == other_id:
        raise Refused(N_("同一条不用并。"))
    kept, other = _found(kept_id), _found(other_id)
    if kept.merged_into_id is not None:
        raise Refused(N_("这一条已经并到另一条里了，请用那一条。"))
    if other.merged_into_id == kept.id:
        return kept
    if other.merged_into_id is not None:
        raise Refused(N_("那一条已经并到另一条里了，请用那一条。"))
    kept.also_ids = [*kept.also_ids, str(other.id), *other.also_ids]
    kept.specialties = list(dict.fromkeys([*kept.specialties, *other.specialties]))
    kept.barred_in = sorted({*kept.barred_in, *other.barred_in})
    kept.conflicts = "；".join(dict.fromkeys(text for text in (kept.conflicts, other.conflicts) if text))[:200]
    _take_over_phone(kept, other)
    other.merged_into_id, other.shared, other.suspended_at = kept.id, False, other.suspended_at or now
    # A row that was merged into the other one follows it to the one that is kept.
    db.session.execute(
        update(Expert)
        .where(Expert.street_id == current_street(), Expert.merged_into_id == other.id)
        .values(merged_into_id=kept.id)
    )
    db.session.flush()
    return kept


def _take_over_phone(kept: Expert, other: Expert) -> None:
    own, theirs = (_contact(one.id) for one in (kept, other))
    if own is None and theirs is not None:
        _keep_phone(kept, None, unseal(theirs.phone_sealed))


def _contact(expert_id: UUID) -> ExpertContact | None:
    found = find_expert(expert_id)
    return found[1] if found else None


def _found(expert_id: UUID) -> Expert:
    found = find_expert(expert_id)
    if found is None:
        raise Missing(N_("人才库里没有这位专家。"))
    return found[0]


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    tidy: dict[str, Any] = {name: str(fields.get(name) or "").strip() for name in FIELDS}
    if any(not tidy[name] for name in NEEDED):
        raise Refused(N_("姓名、行当和专长都要填。"))
    if any(len(tidy[name]) > most for name, most in FIELDS.items()):
        raise Refused(N_("写得太长了：姓名和行当最多 40 字，级别、语言和酬劳最多 60 字，其他最多 200 字。"))
    tidy["specialties"] = _specialties(fields.get("specialties", ()))
    if "weekdays" in fields:
        tidy["weekdays"] = "".join(sorted({day for day in fields["weekdays"] if day in "1234567"}))
        if not tidy["weekdays"]:
            raise Refused(N_("哪几天方便，至少选一天。"))
    if "most_open" in fields:
        tidy["most_open"] = int(fields["most_open"] or 0)
        if not 1 <= tidy["most_open"] <= MOST_OPEN:
            raise Refused(N_("同时最多看几件，写 1 到 %(most)s。"), most=MOST_OPEN)
    if "barred_in" in fields:
        tidy["barred_in"] = sorted({int(one) for one in fields["barred_in"]})
    return tidy


def _specialties(given: str | Sequence[str]) -> list[str]:
    words = specialties_in(given) if isinstance(given, str) else list(given)
    if len(words) > 12 or any(len(word) > 20 for word in words):
        raise Refused(N_("专长的词最多 12 个，一个最多 20 字，用顿号隔开。"))
    return words


def _keep_phone(expert: Expert, contact: ExpertContact | None, phone: str) -> None:
    plain = phone.strip()
    if not plain:
        return
    if not PHONE.match(plain):
        raise Refused(N_("电话只写数字、空格和横线。"))
    expert.phone_hint = masked_phone(re.sub(r"[^0-9]", "", plain))
    if contact is None:
        db.session.add(ExpertContact(expert_id=expert.id, phone_sealed=seal(plain)))
    else:
        contact.phone_sealed = seal(plain)
    db.session.flush()
