"""A bench sitting (板凳会) held on the spot and written down afterwards: the same steps, with their own times.

Nothing is skipped: the register is counted, the sitting opened with the time it began, words and options are kept as
they were said, and what was agreed is settled by the same rule as at a table with a secretary (section 3, R9).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.collect.actions import Picture
from app.flow.collect.pictures import add_photos
from app.flow.collect.queries import is_told
from app.flow.deliberate import rules
from app.flow.deliberate.agenda import add_to_agenda
from app.flow.deliberate.ground import day_words
from app.flow.deliberate.inviting import Expected, settle_convener, write_register
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.opening import open_sitting
from app.flow.deliberate.planning import new_sitting
from app.flow.deliberate.queries import register_of
from app.flow.deliberate.register import register_many
from app.flow.deliberate.rules import Seat, SittingKind
from app.flow.deliberate.speaking import speak
from app.flow.deliberate.table import put_options
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: What a photo of a sitting is about, so that it is shown with it.
ABOUT = "sitting"


def tell_afterwards(
    matter: Matter, *, begun: datetime, ended: datetime, place: str, venue_id: UUID | None = None,
    present: Sequence[Expected], said: Sequence[tuple[str, str]], options: Sequence[str],
    pictures: Sequence[Picture] = (), caption: str = "", title: str = "", by: Actor, now: datetime,
    id: UUID | None = None,
) -> Sitting:  # fmt: skip
    """Write down who sat where and what was said; the sitting is open as it was at its end, its matter talked over.

    What was agreed is asked and settled next (``flow.decide.consensus``), then ``close_sitting`` with ``ended``.
    ``said`` are speaker and words in order. Refuses a time before the matter was accepted, and one that is not over.
    """
    if id is not None and (found := db.session.get(Sitting, (current_community(), id))):
        return found
    rules.may_tell_afterwards(begun, ended, now, matter.accepted_at).or_refuse()
    if by.id is None:
        raise Refused(N_("补记要由当时主持的工作人员来写。"))
    if not said:
        raise Refused(N_("说了什么，至少写一句。"))
    sitting = new_sitting(
        SittingKind.BENCH, title or bench_title(matter), begun, place, venue_id, by=by, now=now, id=id,
        told_afterwards=True,
    )  # fmt: skip
    sitting.convener_id, sitting.convener_label = settle_convener(None, by, now)
    write_register(sitting, SittingKind.BENCH, present, now)
    add_to_agenda(sitting, matter, by=by, now=now)
    lines = register_of(sitting.id)
    register_many(sitting, {line.id: str(Seat.PRESENT) for line in lines}, by=by, now=begun)
    sitting = open_sitting(sitting, chair=by.id, recorder=by.id, by=by, now=begun)
    for speaker, words in said:
        speak(sitting, matter.id, speaker, words, by=by, now=begun)
    put_options(sitting, matter, list(options), by=by, now=ended)
    _keep_pictures(sitting, matter, pictures, caption, by, now)
    record(
        matter, "told_afterwards", by=by, now=now,
        words=f"{day_words(begun)} 在{sitting.place}开了板凳会，来了 {len(lines)} 位，今天补记。",
    )  # fmt: skip
    return sitting


def bench_title(matter: Matter) -> str:
    """The name of a bench sitting stands in public, so a matter that is nobody's business is named by its number."""
    return f"{matter.title[:50] if is_told(matter) else matter.number} 板凳会"


def _keep_pictures(
    sitting: Sitting, matter: Matter, pictures: Sequence[Picture], caption: str, by: Actor, now: datetime
) -> None:
    if not pictures:
        return
    add_photos(matter, pictures, caption, by=by, now=now)
    db.session.execute(
        update(Attachment)
        .where(Attachment.community_id == current_community(), Attachment.id.in_([one.id for one in pictures]))
        .values(about=ABOUT, about_id=sitting.id)
    )
