"""Signatures by hand: a signed sheet is entered at the desk, and whoever asks there is taken off the list again.

Source: domain.md section 6 (a paper path beside every page). The sheet's photo is kept for those who may read names.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app.errors import Missing, Refused
from app.flow.collect import joint_rules as rules
from app.flow.collect.joint import count, locked, seen, take_off
from app.flow.collect.queries import SIGNED_PAPER
from app.flow.collect.signing import Signature
from app.flow.collect.taking import Picture, picture_row
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.people.models import Person
from app.people.roles import COMMUNITY_STAFF, Role
from app.people.secrets import blind
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street


def enter_paper(
    matter_id: UUID, households: int, names: Sequence[str], *, by: Actor, now: datetime, once: UUID,
    photo: Picture | None = None,
) -> int:  # fmt: skip
    """Enter a signed sheet of paper: so many households, some of them by name; returns how many were new.

    ``photo`` of the sheet lies in the file store already. ``once`` is the form's: the same form
    twice breaks on the marks. A name that already stands on paper for this matter is refused, because it is far more
    often the same sheet than a namesake.
    """
    _staff(by)
    for verdict in rules.paper_problems(households, names).values():
        verdict.or_refuse()
    matter, sheet = locked(matter_id)
    rules.may_enter_paper(seen(matter, sheet)).or_refuse()
    marks = [f"name:{matter.id}:{name.casefold()}" for name in names]
    marks += [f"paper:{matter.id}:{once}:{n}" for n in range(households - len(names))]
    blinded = [blind("signer", mark) for mark in marks]
    _are_new(matter, blinded, names)
    db.session.flush()
    people = [_person(name, now) for name in names]
    if people:
        db.session.execute(insert(Person), people)
    if photo:
        kept = picture_row(matter.id, photo, now) | {"about": SIGNED_PAPER, "about_id": sheet.id, "kind": "paper"}
        db.session.execute(insert(Attachment).values(kept))
    ids: list[UUID | None] = [person["id"] for person in people] + [None] * (households - len(people))
    db.session.execute(
        insert(Signature), [_paper(matter, mark, who, by, now) for mark, who in zip(blinded, ids, strict=True)]
    )
    record(matter, "paper_signed", by=by, now=now, words=N_("补录了纸上的联名 %(n)s 个") % {"n": households},
           public=False)  # fmt: skip
    count(matter, sheet, by=by, now=now)
    return households


def strike(matter_id: UUID, signature_id: UUID, reason: str, *, by: Actor, now: datetime) -> Signature:
    """Staff take a signature off: the signer asked at the desk, or it was entered by mistake."""
    _staff(by)
    rules.may_strike(reason).or_refuse()
    matter, sheet = locked(matter_id)
    rules.may_unsign(seen(matter, sheet)).or_refuse()
    signature = db.session.scalar(
        select(Signature).where(
            Signature.community_id == current_community(), Signature.matter_id == matter.id,
            Signature.id == signature_id,
        )
    )  # fmt: skip
    if signature is None:
        raise Missing(N_("没有这个签名。"))
    if signature.is_proposer:
        raise Refused(N_("提出人的名字不能划掉，他不想提了可以撤回。"))
    return signature if signature.withdrawn_at else take_off(matter, sheet, signature, reason.strip(), by=by, now=now)


def _are_new(matter: Matter, marks: Sequence[str], names: Sequence[str]) -> None:
    named = dict(zip(marks, names, strict=False))
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    taken = db.session.scalar(
        select(Signature.mark)
        .where(
            Signature.community_id == current_community(), Signature.matter_id == matter.id,
            Signature.mark.in_(list(named)),
        )
        .limit(1)
    )  # fmt: skip
    double = named.get(taken or "") or twice
    if double:
        raise Refused(N_("「%(name)s」已经在名单上了。真是同名的，后面加上门牌号。"), name=double)


def _person(name: str, now: datetime) -> dict[str, Any]:
    return {"community_id": current_community(), "street_id": current_street(), "id": uuid7(), "name": name,
            "created_at": now}  # fmt: skip


def _paper(matter: Matter, mark: str, person_id: UUID | None, by: Actor, now: datetime) -> dict[str, Any]:
    return {
        "community_id": current_community(), "street_id": current_street(), "id": uuid7(), "matter_id": matter.id,
        "mark": mark, "person_id": person_id, "household_id": None, "channel": "paper", "proof": "vouched",
        "is_proposer": False, "entered_label": by.label, "signed_at": now, "withdrawn_at": None,
        "withdrawn_reason": "",
    }  # fmt: skip


def _staff(by: Actor) -> None:
    if not by.roles & (COMMUNITY_STAFF | {Role.BUILDING_STEWARD}):
        raise Refused(N_("纸上的联名由社区工作人员、网格员、楼长来录。"))
