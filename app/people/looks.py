"""Who looked at whose data, at what, and why: the hall's own entries and the reading of all of them.

Source: domain.md section 2 (who sees what) and section 5 (PIPL sections 20, 21, 54; 未成年人网络保护条例: a child's
data is opened for a reason and each opening is logged). The street writes through its witness
(``flow.collect.witness``).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.errors import Verdict, no, yes
from app.people.actor import Actor
from app.people.privacy import Look
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

PAGE = 20
REASON_LEAST, REASON_MOST = 5, 200
SUBJECTS: dict[str, str] = {
    "identity": N_("姓名和电话"),
    "content": N_("不公开的内容"),
    "minor": N_("未成年人的事"),
    "phone": N_("电话"),
    "export": N_("整份个人信息"),
}


def good_reason(reason: str) -> Verdict:
    """Whether a reason says enough to be read later by the secretary and by the person concerned."""
    length = len(reason.strip())
    if length < REASON_LEAST:
        return no(N_("写明为什么要看，至少 %(least)s 个字；写的理由会留下来。"), least=REASON_LEAST)
    return yes() if length <= REASON_MOST else no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=REASON_MOST)


def look_at(
    subject: str, reason: str, *, by: Actor, now: datetime, matter_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Look:  # fmt: skip
    """Log that staff of the hall looked; ``Refused`` for a reason too short to be one."""
    good_reason(reason).or_refuse()
    entry = Look(
        subject=subject, reason=reason.strip(), matter_id=matter_id, person_id=person_id, viewer_kind="staff",
        viewer_id=by.id, viewer_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    return entry


def has_given_reason(matter_id: UUID, viewer_id: UUID, since: datetime) -> bool:
    """Whether this person wrote down since ``since`` why they open this child's matter."""
    return (
        db.session.scalar(
            select(Look.id)
            .where(
                Look.community_id == current_community(), Look.matter_id == matter_id, Look.viewer_id == viewer_id,
                Look.subject == "minor", Look.at >= since,
            )
            .limit(1)
        )
        is not None
    )  # fmt: skip


def looks_page(*, kind: str, page: int) -> tuple[list[Look], int]:
    """One page of the log, the newest first, and how many there are; ``kind`` is staff, street or empty for both."""
    wanted = select(Look, func.count().over()).where(Look.community_id == current_community())
    if kind in ("staff", "street"):
        wanted = wanted.where(Look.viewer_kind == kind)
    rows = db.session.execute(wanted.order_by(Look.at.desc(), Look.id.desc()).limit(PAGE).offset((page - 1) * PAGE))
    found = rows.all()
    return [row[0] for row in found], int(found[0][1]) if found else 0
