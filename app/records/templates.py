"""The street's own Word files (模板), one kind each, in versions; papers are written on the newest one not withdrawn.

The street's administrator sends a file, all halls of the street write on it from then on. The caller commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from app.errors import Refused
from app.people.actor import Actor
from app.people.roles import Role
from app.people.street_log import log_street
from app.records.documents.filename import paper_filename
from app.records.documents.upload import NAME_MOST, check_template
from app.records.models import PaperTemplate
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_street

KIND_LABELS: dict[str, str] = {
    "minutes": N_("会议记录"),
    "summary": N_("会议纪要"),
    "resolution": N_("决议书"),
    "notice": N_("公示"),
    "order": N_("督办单"),
    "report": N_("汇报和月报"),
}


@dataclass(frozen=True)
class Version:
    """One version without its content; ``size`` in bytes."""

    id: UUID
    kind: str
    version: int
    file_name: str
    size: int
    added_at: datetime
    added_label: str
    withdrawn_at: datetime | None
    is_used: bool


def add_template(
    kind: str, file_name: str, data: bytes, *, by: Actor, now: datetime, id: UUID | None = None
) -> PaperTemplate:
    """The next version of this kind; from now on papers are written on it.

    :raises Refused: when somebody else sends it, it is not fit to be one (``documents.upload``), or it is the same file
        as the one in use.
    """
    _must_be_admin(by)
    if kind not in KIND_LABELS:
        raise Refused(N_("选一种：这是哪种文书的模板。"))
    check_template(file_name, data).or_refuse()
    digest = hashlib.sha256(data).hexdigest()
    used = next((one for one in list_templates() if one.kind == kind and one.is_used), None)
    if used is not None and _digest_of(used.id) == digest:
        raise Refused(N_("和正在用的第 %(n)s 版是同一个文件。"), n=used.version)
    last = db.session.scalar(
        select(func.coalesce(func.max(PaperTemplate.version), 0)).where(
            PaperTemplate.street_id == current_street(), PaperTemplate.kind == kind
        )
    )
    added = PaperTemplate(
        id=id or uuid7(), kind=kind, version=(last or 0) + 1, file_name=_short(file_name), content=data, sha256=digest,
        added_at=now, added_label=by.label,
    )  # fmt: skip
    db.session.add(added)
    db.session.flush()
    log_street("template", "add", by=by, now=now, after=f"{KIND_LABELS[kind]} V{added.version} {added.file_name}")
    return added


def withdraw_template(template_id: UUID, *, by: Actor, now: datetime) -> None:
    """Papers go back to the version before it, or to the standard page. A second click changes nothing."""
    _must_be_admin(by)
    gone = db.session.execute(
        update(PaperTemplate)
        .where(
            PaperTemplate.street_id == current_street(), PaperTemplate.id == template_id,
            PaperTemplate.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
        .returning(PaperTemplate.kind, PaperTemplate.version)
    ).one_or_none()  # fmt: skip
    if gone is not None:
        log_street("template", "withdraw", by=by, now=now, before=f"{KIND_LABELS[gone.kind]} V{gone.version}")


def list_templates() -> Sequence[Version]:
    """Every version of every kind, newest first within its kind; the contents stay in the database."""
    rows = db.session.execute(
        select(
            PaperTemplate.id, PaperTemplate.kind, PaperTemplate.version, PaperTemplate.file_name,
            func.length(PaperTemplate.content).label("size"), PaperTemplate.added_at, PaperTemplate.added_label,
            PaperTemplate.withdrawn_at,
        )
        .where(PaperTemplate.street_id == current_street())
        .order_by(PaperTemplate.kind, PaperTemplate.version.desc())
    ).all()  # fmt: skip
    used: dict[str, UUID] = {}
    for row in rows:
        if row.withdrawn_at is None:
            used.setdefault(row.kind, row.id)
    return [Version(*row, is_used=used.get(row.kind) == row.id) for row in rows]


def find_template(template_id: UUID) -> PaperTemplate | None:
    """The street's template with this id, content and all."""
    return db.session.scalar(
        select(PaperTemplate).where(PaperTemplate.street_id == current_street(), PaperTemplate.id == template_id)
    )


def current_template(kind: str) -> bytes | None:
    """What papers of this kind are written on in the bound street, or None: the standard page. One statement."""
    return db.session.scalar(
        select(PaperTemplate.content)
        .where(
            PaperTemplate.street_id == current_street(), PaperTemplate.kind == kind,
            PaperTemplate.withdrawn_at.is_(None),
        )
        .order_by(PaperTemplate.version.desc())
        .limit(1)
    )  # fmt: skip


def download_name(found: PaperTemplate) -> str:
    """How a kept file is called when it is sent back."""
    return paper_filename(found.added_at.date(), "街道", f"{KIND_LABELS[found.kind]}模板", found.version, found.version)


def _digest_of(template_id: UUID) -> str:
    return db.session.scalar(
        select(PaperTemplate.sha256).where(
            PaperTemplate.street_id == current_street(), PaperTemplate.id == template_id
        )
    ) or ""  # fmt: skip


def _short(file_name: str) -> str:
    stem = file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0].strip()
    return f"{stem[: NAME_MOST - 5] or '模板'}.docx"


def _must_be_admin(by: Actor) -> None:
    if Role.STREET_ADMIN not in by.roles:
        raise Refused(N_("模板由街道管理员来管。"))
