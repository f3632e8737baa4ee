"""The Proposal Handbook as everybody reads it; a hall and the street hang the same doors."""

from __future__ import annotations

from typing import Any

from app.faces.doors import Door
from app.faces.pages import page
from app.flow.triage import handbook
from app.flow.triage.handbook_rules import blocks
from app.people.permissions import Permission


def shown(edition: handbook.Edition) -> dict[str, Any]:
    """One version with its words as paragraphs and lists."""
    return {
        "version": edition.version, "title": edition.title, "at": edition.published_at,
        "sections": [{"title": one["title"], "blocks": blocks(one["words"])} for one in edition.sections],
    }  # fmt: skip


def reading_doors(face: str) -> list[Door]:
    """The doors of one face (``hall`` or ``street``, the folder of its templates)."""

    def handbook_page(version: int | None = None) -> str:
        """The version in force, or an earlier one."""
        every = handbook.published()
        found = handbook.edition(version) if version is not None else every[0]
        return page(
            f"{face}/handbook.html", book=shown(found), is_current=found.version == every[0].version,
            versions=[(one.version, one.published_at) for one in every] if len(every) > 1 else [],
        )  # fmt: skip

    def handbook_paper() -> str:
        """The version in force on paper."""
        return page("handbook_paper.html", book=shown(handbook.edition()))

    here = Permission.ANYONE_ENTER
    return [
        Door("GET", "/handbook", handbook_page, here, name="handbook_page"),
        Door("GET", "/handbook/<int:version>", handbook_page, here, name="handbook_version"),
        Door("GET", "/handbook/print", handbook_paper, here, name="handbook_print"),
    ]
