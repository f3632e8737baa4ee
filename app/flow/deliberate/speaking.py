"""The minutes: what was said, by whom, in order; two who write never overwrite each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.errors import Missing, Refused
from app.flow.deliberate.models import MinutesEntry, Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import agenda_of
from app.flow.deliberate.rules import SittingState
from app.flow.deliberate.table import LONGEST_WORDS, said
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

WHO, WHAT = N_("谁说的要写上，40 个字以内。"), N_("说了什么要写上，5000 个字以内。")


class Overtaken(Refused):
    """Somebody else saved the same entry meanwhile: ``theirs`` is what stands there now. Nothing was changed."""

    def __init__(self, theirs: MinutesEntry) -> None:
        super().__init__(N_("这一段刚才被%(name)s改过了，两边的话都在下面，选一边，或者合到一起。"),
                         name=theirs.written_label or "—")  # fmt: skip
        self.theirs = theirs


def speak(
    sitting: Sitting, matter_id: UUID | None, speaker: str, words: str, *, by: Actor, now: datetime,
    id: UUID | None = None,
) -> MinutesEntry:  # fmt: skip
    """Write down what one speaker said. ``id`` makes a double click harmless."""
    if id is not None and (found := db.session.get(MinutesEntry, (current_community(), id))):
        return found
    sitting = _writable(hold(sitting))
    if matter_id is not None and all(matter.id != matter_id for _, matter in agenda_of(sitting.id)):
        raise Missing(N_("议程里没有这件事。"))
    last = db.session.scalar(
        select(func.max(MinutesEntry.position)).where(
            MinutesEntry.community_id == current_community(), MinutesEntry.sitting_id == sitting.id
        )
    )
    entry = MinutesEntry(
        id=id or uuid7(), sitting_id=sitting.id, matter_id=matter_id, position=(last or 0) + 1, at=now,
        speaker=said(speaker, 40, WHO), words=said(words, LONGEST_WORDS, WHAT), version=1,
        written_by=by.id, written_label=by.label,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    return entry


def edit_words(
    entry_id: UUID, speaker: str, words: str, *, version: int | None = None, by: Actor, now: datetime
) -> MinutesEntry:
    """Correct an entry until the minutes are signed off.

    ``version`` is the one that was read: when another has saved since, ``Overtaken`` is raised with what stands there
    now. The same words saved twice are one save.
    """
    entry, _ = _entry(entry_id)
    speaker, words = said(speaker, 40, WHO), said(words, LONGEST_WORDS, WHAT)
    if (entry.speaker, entry.words) == (speaker, words):
        return entry
    if version is not None and version != entry.version:
        raise Overtaken(entry)
    entry.speaker, entry.words, entry.version = speaker, words, entry.version + 1
    entry.written_by, entry.written_label, entry.edited_at = by.id, by.label, now
    db.session.flush()
    return entry


def move_entry(entry_id: UUID, up: bool, *, by: Actor, now: datetime) -> MinutesEntry:
    """Change places with the neighbour on the same matter; at the edge nothing happens. Until the sign-off."""
    entry, sitting = _entry(entry_id)
    side = MinutesEntry.position < entry.position if up else MinutesEntry.position > entry.position
    other = db.session.scalar(
        select(MinutesEntry)
        .where(
            MinutesEntry.community_id == current_community(), MinutesEntry.sitting_id == sitting.id,
            MinutesEntry.matter_id.is_not_distinct_from(entry.matter_id), side,
        )
        .order_by(MinutesEntry.position.desc() if up else MinutesEntry.position)
        .limit(1)
    )  # fmt: skip
    if other is None:
        return entry
    mine, theirs = entry.position, other.position
    # No two entries ever hold one place, so the first steps aside until the other has moved.
    for row, place in ((entry, -mine), (other, mine), (entry, theirs)):
        row.position = place
        db.session.flush()
    return entry


def sum_up(sitting: Sitting, conclusions: Mapping[UUID, str], *, by: Actor, now: datetime) -> Sitting:
    """Keep what was agreed on each matter, in the chair's own words: ``{matter id: words}``. Until the sign-off."""
    sitting = _writable(hold(sitting))
    items = {matter.id: item for item, matter in agenda_of(sitting.id)}
    for matter_id, words in conclusions.items():
        if matter_id not in items:
            raise Missing(N_("议程里没有这件事。"))
        if len(words) > LONGEST_WORDS:
            raise Refused(N_("结论太长了，5000 个字以内。"))
        items[matter_id].conclusion = words.strip()
    db.session.flush()
    return sitting


def _entry(entry_id: UUID) -> tuple[MinutesEntry, Sitting]:
    """The entry, read anew under the sitting's lock."""
    one = select(MinutesEntry).where(MinutesEntry.community_id == current_community(), MinutesEntry.id == entry_id)
    entry = db.session.scalar(one)
    if entry is None:
        raise Missing(N_("没有这条记录。"))
    sitting = db.session.get(Sitting, (current_community(), entry.sitting_id))
    sitting = _writable(hold(sitting))  # type: ignore[arg-type]
    db.session.refresh(entry)
    return entry, sitting


def _writable(sitting: Sitting) -> Sitting:
    if sitting.state not in (SittingState.OPEN, SittingState.CLOSED):
        raise Refused(N_("会还没开，没有什么可记的。"))
    if sitting.minutes_done_at:
        raise Refused(N_("会议记录已经定稿，不能再改。"))
    return sitting


def finish_minutes(sitting: Sitting, *, confirmed_by: str = "", by: Actor, now: datetime) -> Sitting:
    """Sign the minutes off: the recorder asks, the chair confirms. From here on they are a record and nothing changes.

    The chair confirms with their own account; anybody else at the desk names who confirmed (``confirmed_by``).
    """
    sitting = hold(sitting)
    if sitting.state != SittingState.CLOSED:
        raise Refused(N_("散会以后才能定稿。"))
    if sitting.minutes_done_at:
        return sitting
    own = by.id is not None and by.id == sitting.chair_id
    name = sitting.chair_label if own else confirmed_by.strip()
    if not name or len(name) > 40:
        raise Refused(N_("记录要主持人看过才能定稿，写上是谁看过、同意了的。"))
    sitting.minutes_done_at, sitting.minutes_confirmed_by = now, name
    db.session.flush()
    return sitting
