"""What has been played, kept beside the data so that a start after a kill goes on where the last one stopped.

A chapter is one transaction. Its intent (how many lines the matter's timeline will have) is written before the commit
and the deed after it, so whatever the moment of a kill, the next start knows whether the transaction was taken.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from app.people.secrets import blind


@dataclass
class Book:
    """``anchor`` is the day the street was first played, from which every story counts back (ISO)."""

    path: Path
    anchor: str = ""
    chapters: dict[str, int] = field(default_factory=dict)
    intent: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    finished: str = ""

    @classmethod
    def open(cls, path: Path) -> Book:
        """The book of this data folder, or an empty one."""
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return cls(path, **kept)

    @property
    def today(self) -> date:
        """The anchor as a day."""
        return date.fromisoformat(self.anchor)

    def keep(self) -> None:
        """Write the book whole."""
        facts = asdict(self)
        facts.pop("path")
        write_private(self.path, facts)

    def secret(self, story: str, name: str) -> str:
        """A secret kept under a story, or an empty text."""
        return self.secrets.get(story, {}).get(name, "")

    def remember(self, story: str, **secrets: str) -> None:
        """Keep secrets of a story before its chapter is committed; only the demo ever writes one down."""
        self.secrets.setdefault(story, {}).update(secrets)
        self.keep()

    def intend(self, story: str, chapter: int, lines: int) -> None:
        """About to commit; ``lines`` is how long the timeline will be."""
        self.intent = {"story": story, "chapter": chapter, "lines": lines}
        self.keep()

    def done(self, story: str, chapter: int) -> None:
        """Committed."""
        self.chapters[story] = chapter + 1
        self.intent = {}
        self.keep()


def write_private(path: Path, data: Any) -> None:
    """Write JSON that only the owner reads, whole or not at all."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
    os.replace(draft, path)


def story_id(name: str) -> UUID:
    """The id of a story's matter: the same at every start of this folder, and not to be guessed from outside."""
    raw = bytearray(hashlib.sha256(blind("demo", name).encode()).digest()[:16])
    raw[6], raw[8] = (raw[6] & 0x0F) | 0x70, (raw[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(raw))
