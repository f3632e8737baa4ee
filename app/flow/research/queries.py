"""Reading what was found out: all four kinds in one statement, because a page shows them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, literal_column, select, union_all

from app.flow.research.models import Canvass, Option, SiteNote, Stakeholder
from app.flow.research.rules import Count
from app.flow.research.survey import EXTENDED, STUDIED
from app.matter.models import Attachment, TimelineEntry
from tenants.database import db
from tenants.scope import current_community


@dataclass
class Findings:
    """Plain data for a page; options keep their letters, dropped ones are marked. ``notes`` hold their photos and leave
    hidden ones out unless asked for; ``canvasses`` are the closed ones."""

    options: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    stakeholders: list[dict[str, Any]] = field(default_factory=list)
    canvasses: list[dict[str, Any]] = field(default_factory=list)
    open_canvass: dict[str, Any] | None = None
    party_studies: list[dict[str, Any]] = field(default_factory=list)
    extensions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def households(self) -> int:
        """How many households are touched, as far as known."""
        return sum(who["households"] or 0 for who in self.stakeholders)


def findings_of(matter_id: UUID, *, with_hidden: bool = False) -> Findings:
    """Everything found out about one matter, in one statement. ``with_hidden`` keeps hidden site notes, marked."""
    rows = db.session.execute(_everything(matter_id).order_by("at")).all()
    found, photos = Findings(), []
    for kind, row_id, words, at, more in rows:
        row = {"id": row_id, "words": words, "at": at, **more}
        if kind == "photo":
            photos.append(row)
        else:
            _keep(found, kind, row)
    found.options.sort(key=lambda option: option["label"])
    found.stakeholders.sort(key=lambda who: who["position"])
    for note in found.notes:
        note["photos"] = [photo for photo in photos if photo["note"] == str(note["id"])]
    found.notes = [note for note in found.notes if with_hidden or not note["hidden_reason"]]
    return found


def find_option(option_id: UUID) -> Option | None:
    """The bound hall's option with this id."""
    return db.session.scalar(select(Option).where(Option.community_id == current_community(), Option.id == option_id))


def standing_options(*matter_ids: UUID) -> list[Option]:
    """The options of these matters that nobody has dropped, by their letter."""
    return list(
        db.session.scalars(
            select(Option)
            .where(
                Option.community_id == current_community(), Option.matter_id.in_(matter_ids),
                Option.dropped_at.is_(None),
            )
            .order_by(Option.label)
        )
    )  # fmt: skip


def _keep(found: Findings, kind: str, row: dict[str, Any]) -> None:
    lists = {
        "option": found.options, "note": found.notes, "stakeholder": found.stakeholders,
        STUDIED: found.party_studies, EXTENDED: found.extensions,
    }  # fmt: skip
    if kind in lists:
        lists[kind].append(row)
    elif row["state"] == "open":
        found.open_canvass = row
    else:
        row["count"] = Count(row["target"], row["reached"], row["in_favour"], row["against"], row["tries"])
        found.canvasses.append(row)


def _everything(matter_id: UUID) -> Any:
    def rows(kind: Any, table: Any, words: Any, at: Any, *which: Any, **more: Any) -> Any:
        pairs = [part for name, column in more.items() for part in (literal_column(f"'{name}'"), column)]
        return select(
            (literal_column(f"'{kind}'") if isinstance(kind, str) else kind).label("kind"), table.id.label("id"),
            cast(words, Text).label("words"), at.label("at"), func.json_build_object(*pairs).label("more"),
        ).where(table.community_id == current_community(), table.matter_id == matter_id, *which)  # fmt: skip

    return union_all(
        rows(
            "option", Option, Option.words, Option.created_at, label=Option.label, cost_fen=Option.cost_fen,
            cost_approx=Option.cost_approx, payer=Option.payer, days=Option.days, worry=Option.worry,
            dropped=Option.dropped_at.is_not(None),
        ),
        rows(
            "note", SiteNote, SiteNote.words, SiteNote.at, by_label=SiteNote.by_label, by_id=SiteNote.by_id,
            changed=SiteNote.changed_at.is_not(None), hidden_reason=SiteNote.hidden_reason,
            hidden_label=SiteNote.hidden_label,
        ),
        rows(
            "photo", Attachment, Attachment.caption, Attachment.created_at, Attachment.about == "site_note",
            note=Attachment.about_id, public=Attachment.public,
        ),
        rows(
            "stakeholder", Stakeholder, Stakeholder.name, Stakeholder.created_at, Stakeholder.removed_at.is_(None),
            households=Stakeholder.households, position=Stakeholder.position,
        ),
        rows(
            "canvass", Canvass, Canvass.question, Canvass.at, Canvass.state != "dropped", state=Canvass.state,
            target=Canvass.target, reached=Canvass.reached, in_favour=Canvass.in_favour, against=Canvass.against,
            tries=Canvass.tries, by_label=Canvass.by_label,
        ),
        rows(
            TimelineEntry.verb, TimelineEntry, TimelineEntry.words, TimelineEntry.at,
            TimelineEntry.verb.in_((STUDIED, EXTENDED)), by_label=TimelineEntry.actor_label,
            reason=TimelineEntry.reason, data=TimelineEntry.data,
        ),
    )  # fmt: skip


def last_look(notes: list[dict[str, Any]]) -> datetime | None:
    """When somebody last looked on the spot."""
    return max((note["at"] for note in notes), default=None)
