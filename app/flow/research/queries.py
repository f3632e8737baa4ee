"""Reading what was found out: all four kinds in one statement, because a page shows them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, literal_column, select, union_all

from app.flow.research.models import Canvass, Option, SiteNote, Stakeholder
from app.flow.research.rules import Count
from tenants.database import db
from tenants.scope import current_community


@dataclass
class Findings:
    """Plain data for a page; options keep their letters, dropped ones are marked."""

    options: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    stakeholders: list[dict[str, Any]] = field(default_factory=list)
    canvasses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def households(self) -> int:
        """How many households are touched, as far as known."""
        return sum(who["households"] or 0 for who in self.stakeholders)


def findings_of(matter_id: UUID) -> Findings:
    """Options, notes, people touched and canvasses of one matter, in one statement."""
    rows = db.session.execute(_everything(matter_id).order_by("at")).all()
    found = Findings()
    for kind, row_id, words, at, more in rows:
        _keep(found, kind, {"id": row_id, "words": words, "at": at, **more})
    found.options.sort(key=lambda option: option["label"])
    found.stakeholders.sort(key=lambda who: who["position"])
    return found


def find_option(option_id: UUID) -> Option | None:
    """The bound hall's option with this id."""
    return db.session.scalar(select(Option).where(Option.community_id == current_community(), Option.id == option_id))


def _keep(found: Findings, kind: str, row: dict[str, Any]) -> None:
    if kind == "option":
        found.options.append(row)
    elif kind == "note":
        found.notes.append(row)
    elif kind == "stakeholder":
        found.stakeholders.append(row)
    else:
        row["count"] = Count(row["target"], row["reached"], row["in_favour"], row["against"], row["tries"])
        found.canvasses.append(row)


def _everything(matter_id: UUID) -> Any:
    def rows(kind: str, table: Any, words: Any, at: Any, **more: Any) -> Any:
        pairs = [part for name, column in more.items() for part in (literal_column(f"'{name}'"), column)]
        return select(
            literal_column(f"'{kind}'").label("kind"), table.id.label("id"), cast(words, Text).label("words"),
            at.label("at"), func.json_build_object(*pairs).label("more"),
        ).where(table.community_id == current_community(), table.matter_id == matter_id)  # fmt: skip

    return union_all(
        rows(
            "option", Option, Option.words, Option.created_at, label=Option.label, cost_fen=Option.cost_fen,
            cost_approx=Option.cost_approx, payer=Option.payer, days=Option.days, worry=Option.worry,
            dropped=Option.dropped_at.is_not(None),
        ),
        rows("note", SiteNote, SiteNote.words, SiteNote.at, by_label=SiteNote.by_label),
        rows(
            "stakeholder", Stakeholder, Stakeholder.name, Stakeholder.created_at, households=Stakeholder.households,
            position=Stakeholder.position,
        ),
        rows(
            "canvass", Canvass, Canvass.question, Canvass.at, target=Canvass.target, reached=Canvass.reached,
            in_favour=Canvass.in_favour, against=Canvass.against, tries=Canvass.tries, by_label=Canvass.by_label,
        ),
    )  # fmt: skip


def last_look(notes: list[dict[str, Any]]) -> datetime | None:
    """When somebody last looked on the spot."""
    return max((note["at"] for note in notes), default=None)
