"""Keeping and offering reply templates: the hall's own, the street's, and the seeds, in this order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.exc import IntegrityError

from app.errors import Missing, Refused
from app.flow.triage import replies
from app.flow.triage.policy import HallReply, StreetReply
from app.flow.triage.replies import SEEDS, Reply
from app.words import N_
from tenants.database import db
from tenants.scope import current, current_community, current_street

GONE = N_("没有这个模板。")


def offered(use: str = "") -> list[Reply]:
    """What a form of this use offers (all uses without it), in one statement.

    A title the hall or the street has written takes the place of a seed's; retired, it takes the seed away too.
    """
    rows = db.session.execute(_rows()).all()
    taken = {(row.use, row.title) for row in rows}
    written = [Reply(str(row.id), row.use, row.title, row.words, row.source) for row in rows if row.retired_at is None]
    found = [*written, *(seed for seed in SEEDS if (seed.use, seed.title) not in taken)]
    return [reply for reply in found if use in ("", reply.use)]


def own() -> list[Any]:
    """The bound hall's or street's own templates, retired ones last."""
    model = _model()
    return list(
        db.session.scalars(
            select(model)
            .where(_mine(model))
            .order_by(model.retired_at.nulls_first(), model.use, model.sort, model.title)
        )
    )


def keep(reply_id: UUID | None, use: str, title: str, words: str, *, once: UUID | None = None) -> Any:
    """Write a template, new or changed, for the bound hall or street. A second click of ``once`` changes nothing."""
    replies.may_keep(use, title, words).or_refuse()
    model = _model()
    if reply_id is not None:
        found = find(reply_id)
    elif once is not None and (before := db.session.scalar(select(model).where(_mine(model), model.id == once))):
        return before
    else:
        sort = int(db.session.scalar(select(func.count()).select_from(model).where(_mine(model))) or 0)
        found = model(sort=sort, **({"id": once} if once else {}))
    try:
        # Within the savepoint, or a title that is taken would undo whatever else this act has written.
        with db.session.begin_nested():
            found.use, found.title, found.words = use, title.strip(), words.strip()
            db.session.add(found)
    except IntegrityError as error:
        raise Refused(N_("这一步已经有叫这个名字的模板了，换个名字。")) from error
    return found


def retire(reply_id: UUID, *, now: datetime) -> Any:
    """Offer it no longer; what was answered with it stays as it was said."""
    found = find(reply_id)
    found.retired_at = found.retired_at or now
    return found


def restore(reply_id: UUID) -> Any:
    """Offer it again."""
    found = find(reply_id)
    found.retired_at = None
    return found


def find(reply_id: UUID) -> Any:
    """The bound hall's or street's own template; raises ``Missing``."""
    model = _model()
    found = db.session.scalar(select(model).where(_mine(model), model.id == reply_id))
    if found is None:
        raise Missing(GONE)
    return found


def _model() -> Any:
    return StreetReply if current().community is None else HallReply


def _mine(model: Any) -> Any:
    if model is StreetReply:
        return StreetReply.street_id == current_street()
    return HallReply.community_id == current_community()


def _rows() -> Any:
    parts: list[Any] = []
    kinds: Iterable[tuple[Any, str]] = [(StreetReply, "street")]
    if current().community is not None:
        kinds = [(HallReply, "hall"), *kinds]
    for model, source in kinds:
        parts.append(
            select(
                model.id, model.use, model.title, model.words, model.sort, model.retired_at,
                literal(source).label("source"),
            ).where(model.street_id == current_street() if model is StreetReply else _mine(model))
        )  # fmt: skip
    every = union_all(*parts).subquery()
    return select(every).order_by(every.c.source, every.c.sort, every.c.title)
