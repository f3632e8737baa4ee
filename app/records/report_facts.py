"""What a report is written from: the figures of its days counted hall by hall, and matters that make good examples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select

from app.flow.collect.rules import CATEGORIES
from app.flow.resolve.models import Commitment, Resolution
from app.matter.models import Matter
from app.matter.workdays import end_of, start_of
from app.records import kpis
from app.records.indicators import Figure, hall_figures
from tenants.database import db
from tenants.registry import Community
from tenants.scope import current_street

#: Matters offered as examples; the officer chooses among them.
OFFERED = 12


def counted(first: date, last: date, *, now: datetime) -> dict[str, Any]:
    """All figures of the bound street over these days, as the report keeps them: JSON, numbers and shown values.

    Counted by the halls themselves (``kpis.count_street``), so that ``flask report kpis`` over the same days finds
    every number again.
    """
    by_hall = kpis.count_street(first, last, now=now)
    total = kpis.total_of(by_hall.values())
    return {
        "first": first.isoformat(), "last": last.isoformat(), "counted_at": now.isoformat(),
        "street": [_as_row(figure) for figure in hall_figures(total)],
        "counts": total.as_dict(), "themes": themes(first, last),
        "communities": [
            {"slug": hall.slug, "name": hall.name, "hall": hall.hall, "counts": counts.as_dict()}
            for hall, counts in by_hall.items()
        ],
    }  # fmt: skip


def _as_row(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key, "label": figure.label, "numerator": figure.numerator, "denominator": figure.denominator,
        "value": kpis.shown(figure), "means": figure.means,
    }  # fmt: skip


def themes(first: date, last: date) -> list[str]:
    """What was talked of most in these days, as labels without numbers: categories of matters the street may count."""
    rows = db.session.execute(
        select(Matter.category)
        .where(
            Matter.street_id == current_street(), Matter.collected_at.between(start_of(first), end_of(last)),
            Matter.stage.not_in(("merged", "withdrawn")), Matter.category != "",
        )
        .group_by(Matter.category)
        .order_by(func.count().desc(), Matter.category)
        .limit(3)
    )  # fmt: skip
    return [str(CATEGORIES.get(category, category)) for (category,) in rows]


def examples(first: date, last: date) -> Sequence[Any]:
    """Public matters closed in these days, the best rated first: rows of community, matter, resolution, promises."""
    promises = (
        select(func.count())
        .where(
            Commitment.community_id == Matter.community_id, Commitment.matter_id == Matter.id,
            Commitment.state == "verified",
        )
        .correlate(Matter)
        .scalar_subquery()
    )  # fmt: skip
    valid = and_(
        Resolution.community_id == Matter.community_id, Resolution.matter_id == Matter.id,
        Resolution.replaced_at.is_(None),
    )  # fmt: skip
    return db.session.execute(
        select(Community.slug, Community.name, Matter, Resolution.number, Resolution.words, promises)
        .join(Community, Community.id == Matter.community_id)
        .outerjoin(Resolution, valid)
        .where(
            Matter.street_id == current_street(), Matter.stage.in_(("closed", "archived")),
            Matter.closed_at.between(start_of(first), end_of(last)), Matter.visibility == "public",
            Matter.hidden_at.is_(None), ~Matter.has_minor, Matter.track == "ordinary",
        )
        .order_by(Matter.rating_satisfied.desc(), Matter.closed_at.desc(), Matter.number)
        .limit(OFFERED)
    ).all()  # fmt: skip


def as_case(row: Any, words: str = "") -> dict[str, str]:
    """One example as a report keeps it, with where it comes from."""
    slug, name, matter = row[:3]
    return {
        "matter": str(matter.id), "slug": slug, "community": name, "number": matter.number, "title": matter.title,
        "words": (words or example_words(row)).strip()[:1000],
    }  # fmt: skip


def example_words(row: Any) -> str:
    """One example in a few sentences, from what the public may read: what, how it was decided, how it was found."""
    _slug, name, matter, number, words, kept = row
    told = [f"{name}：{matter.title}。"]
    if matter.question and matter.question != matter.title:
        told.append(f"议的是：{matter.question.rstrip('。？?')}。")
    if number:
        # The numbers of a case stand in its own resolution, which is named; the report's figures are the table's.
        told.append(f"形成{number}：{words.splitlines()[0].rstrip('。')}。" if words else f"形成{number}。")
    if kept:
        told.append("答应的事都经网格员和居民核验。")
    return "".join(told)
