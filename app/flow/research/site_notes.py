"""What somebody saw on the spot: the note with its photos, put right within a day, hidden with a reason afterwards.

The photos are for those who handle the matter; whoever wants one public publishes it by itself, with the consent noted
(``flow.collect.pictures``). Taken before the work begins, they are the state before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.collect.actions import Picture
from app.flow.research import rules
from app.flow.research.actions import may_write, note_site
from app.flow.research.models import SiteNote
from app.flow.triage.rules import fits
from app.matter.actions import record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

ABOUT = "site_note"
SEEN = N_("现场")


def note_site_with_photos(
    matter: Matter, words: str, pictures: Sequence[Picture], *, by: Actor, now: datetime, note_id: UUID | None = None
) -> SiteNote:
    """A note with pictures that already lie in the file store."""
    note = note_site(matter, words, by=by, now=now, note_id=note_id)
    db.session.flush()
    known = select(Attachment.id).where(
        Attachment.community_id == current_community(), Attachment.about == ABOUT, Attachment.about_id == note.id
    )
    if db.session.scalars(known).first() is None:
        db.session.add_all(_attachment(matter, note, picture, now) for picture in pictures)
    return note


def find_note(matter: Matter, note_id: UUID) -> SiteNote:
    """A note of this matter; raises ``Missing``."""
    note = db.session.scalar(
        select(SiteNote).where(
            SiteNote.community_id == current_community(), SiteNote.id == note_id, SiteNote.matter_id == matter.id
        )
    )
    if note is None:
        raise Missing(N_("没有这条现场记录。"))
    return note


def change_note(note: SiteNote, matter: Matter, words: str, *, by: Actor, now: datetime) -> SiteNote:
    """Put the own words right within a day; the timeline keeps that it was done."""
    may_write(by)
    if note.hidden_at is not None:
        raise Refused(N_("这条现在不显示，先恢复再改。"))
    rules.may_correct(note.at, note.by_id is not None and note.by_id == by.id, now).or_refuse()
    words = words.strip()
    if not words:
        raise Refused(N_("看见了什么，要写一句。"))
    fits(words, rules.WORDS, N_("现场记录")).or_refuse()
    if words != note.words:
        record(matter, "change_site_note", by=by, now=now, words=N_("改了现场记录"), public=False,
               data={"note": str(note.id), "before": note.words})  # fmt: skip
        note.words, note.changed_at = words, now
    return note


def hide_note(note: SiteNote, matter: Matter, reason: str, *, by: Actor, now: datetime) -> SiteNote:
    """A wrong note is no longer shown and no longer counts; it stays with the reason, its photos are hidden with it."""
    may_write(by)
    if note.hidden_at is not None:
        return note
    rules.good_reason(reason).or_refuse()
    note.hidden_at, note.hidden_reason, note.hidden_label = now, reason.strip(), by.label
    _photos(note, Attachment.hidden_at.is_(None), hidden_at=now, hidden_reason=reason.strip())
    record(matter, "hide_site_note", by=by, now=now, reason=reason.strip(), words=N_("有一条现场记录不再显示"),
           public=False, data={"note": str(note.id)})  # fmt: skip
    return note


def show_note(note: SiteNote, matter: Matter, *, by: Actor, now: datetime) -> SiteNote:
    """Undo the hiding."""
    may_write(by)
    if note.hidden_at is None:
        return note
    _photos(note, Attachment.hidden_at == note.hidden_at, hidden_at=None, hidden_reason="")
    note.hidden_at, note.hidden_reason, note.hidden_label = None, "", ""
    record(matter, "show_site_note", by=by, now=now, words=N_("恢复了一条现场记录"), public=False,
           data={"note": str(note.id)})  # fmt: skip
    return note


def _photos(note: SiteNote, which: object, **values: object) -> None:
    db.session.execute(
        update(Attachment)
        .where(
            Attachment.community_id == current_community(), Attachment.about == ABOUT, Attachment.about_id == note.id,
            which,  # type: ignore[arg-type]
        )
        .values(**values)
    )  # fmt: skip


def _attachment(matter: Matter, note: SiteNote, picture: Picture, now: datetime) -> Attachment:
    return Attachment(
        id=picture.id, matter_id=matter.id, kind="photo", media_type="image/jpeg", caption=picture.caption or SEEN,
        width=picture.width, height=picture.height, size=picture.size, sha256=picture.sha256, about=ABOUT,
        about_id=note.id, created_at=now,
    )  # fmt: skip
