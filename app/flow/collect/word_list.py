"""The street's list of words that hold a text back for a second look: read by halls, written by the street alone.

A found word decides nothing. It is underlined for whoever reads the text, and keeps it out of a batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from app.errors import Refused
from app.flow.collect import voices_rules as rules
from app.flow.collect.voices import WordList
from app.people.actor import Actor
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db
from tenants.scope import current_street


def words_now() -> list[str]:
    """The newest version's words; none where the street has not written any."""
    found = db.session.scalar(
        select(WordList.words).where(WordList.street_id == current_street()).order_by(WordList.version.desc()).limit(1)
    )
    return [str(word) for word in found or []]


def versions(limit: int = 20) -> list[WordList]:
    """The newest versions, the newest first."""
    return list(
        db.session.scalars(
            select(WordList)
            .where(WordList.street_id == current_street())
            .order_by(WordList.version.desc())
            .limit(limit)
        )
    )


def publish(lines: Iterable[str], note: str, *, seen: int, by: Actor, now: datetime) -> WordList:
    """A new version of the list; halls go by it from the next comment on.

    ``seen`` is the version the editor had before them: whoever was overtaken is told so instead of undoing another's
    work. Raises ``Refused`` for words no list may hold.
    """
    words = rules.tidy_list(lines)
    rules.good_list(words).or_refuse()
    rules.fits(note, rules.NOTE).or_refuse()
    last = db.session.scalar(
        select(func.coalesce(func.max(WordList.version), 0)).where(WordList.street_id == current_street())
    )
    if last != seen:
        raise Refused(N_("刚才有人改过词表，请刷新看看再改。"))
    listed = WordList(version=seen + 1, words=words, note=note.strip(), by_label=by.label, at=now)
    db.session.add(listed)
    db.session.flush()
    log_street("word_list", "publish", by=by, now=now, before=f"V{seen}", after=f"V{seen + 1} {note.strip()}".strip())
    return listed
