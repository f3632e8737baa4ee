"""What somebody asks of the ledger as it comes from a URL, a kept view or an export: checked, and written back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.flow.collect.rules import CATEGORIES, CHANNELS
from app.matter.ledger_filter import SORTS, TABS, Wanted
from app.matter.lights import Colour
from app.matter.situation import Level, Stage, Triage
from app.matter.stages import STEPS

LONGEST = 60
#: Where the address of the page calls a thing differently.
IN_URL = {"words": "q", "colour": "light"}
_BACK = {short: name for name, short in IN_URL.items()}
_AMONG: Mapping[str, Collection[str]] = {
    "stage": [str(one) for one in Stage], "triage": [str(one) for one in Triage], "category": list(CATEGORIES),
    "level": [str(one) for one in Level], "channel": list(CHANNELS), "colour": [str(one) for one in Colour],
    "sort": list(SORTS),
}  # fmt: skip


def wanted_of(given: Mapping[str, Any], *, page: int = 1) -> Wanted:
    """What makes sense of ``given``; anything else counts as not asked for, so an old link never fails."""
    asked = {_BACK.get(name, name): value for name, value in given.items()}
    found: dict[str, Any] = {name: asked[name] for name, known in _AMONG.items() if asked.get(name) in known}
    year, tab = _number(asked.get("year"), 1980, 2100), str(asked.get("tab", ""))
    return Wanted(
        tab=tab if tab in TABS else "open", words=_line(asked.get("words")), year=year,
        month=_number(asked.get("month"), 1, 12) if year else 0,
        step=_number(asked.get("step"), 1, len(STEPS)), grid=_id(asked.get("grid")), owner=_id(asked.get("owner")),
        down=str(asked.get("down", "")) in ("1", "True"), page=page, **found,
    )  # fmt: skip


def as_args(wanted: Wanted) -> dict[str, Any]:
    """The same as arguments of a URL."""
    found = {IN_URL.get(name, name): value for name, value in wanted.as_dict().items()}
    return found | ({"down": 1} if wanted.down else {})


def _line(value: Any) -> str:
    return "".join(letter for letter in str(value or "") if letter.isprintable()).strip()[:LONGEST]


def _number(value: Any, least: int, most: int) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 and least <= int(text) <= most else 0


def _id(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
