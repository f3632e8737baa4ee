"""Sound for those who cannot type: the recording is kept, and whoever triages writes down what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app.errors import Refused
from app.flow.collect import rules
from app.flow.collect.queries import lock_first_proposal
from app.matter.actions import find_matter, record
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community, current_street

KIND = "voice"
#: How many voice notes a proposal may carry.
VOICES = rules.VOICES
#: Stands where the words will stand, until somebody has listened.
PLACEHOLDER = rules.VOICE_ONLY


def keep_voices(matter: Matter, voices: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Write a row for each voice note that already lies in the file store; ``voices`` as a draft keeps them."""
    if voices:
        db.session.flush()
        db.session.execute(insert(Attachment).values([_row(matter, voice, now) for voice in voices[:VOICES]]))


def voices_of(matter_id: UUID) -> list[Attachment]:
    """The voice notes of a matter that are not hidden, the oldest first; one statement."""
    return list(
        db.session.scalars(
            select(Attachment)
            .where(
                Attachment.community_id == current_community(), Attachment.matter_id == matter_id,
                Attachment.kind == KIND, Attachment.hidden_at.is_(None),
            )
            .order_by(Attachment.created_at, Attachment.id)
        )
    )  # fmt: skip


def transcribe(attachment: Attachment, words: str, by: Actor, now: datetime) -> Attachment:
    """Write down what a voice note says. The recording stays; a correction leaves the older text in the timeline.

    Where the proposal had no words of its own, the transcripts become what everybody reads, and the matter's title is
    made of them as it would have been of typed words. Raises ``Refused`` for an empty or over-long text.
    """
    words = rules.tidy_words(words)
    if len(words) < 2:
        raise Refused(N_("请把听到的写下来，听不清的地方写「听不清」。"))
    if len(words) > rules.WORDS:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=rules.WORDS)
    matter = find_matter(attachment.matter_id)
    if matter is None or attachment.kind != KIND:
        raise Refused(N_("这不是一段语音。"))
    if attachment.transcript == words:
        return attachment
    voices = voices_of(matter.id)
    before, old = _all_said(voices), attachment.transcript
    attachment.transcript, attachment.transcribed_label, attachment.transcribed_at = words, by.label, now
    _show_in_proposal(matter, before, _all_said(voices))
    told = N_("改了语音的听写") if old else N_("把语音听写成了文字")
    record(matter, "transcribe", by=by, now=now, words=told, reason=old[: rules.REASON], public=False)
    return attachment


def _all_said(voices: Sequence[Attachment]) -> str:
    return "\n\n".join(voice.transcript for voice in voices if voice.transcript) or PLACEHOLDER


def _show_in_proposal(matter: Matter, before: str, after: str) -> None:
    """Put the transcripts where the placeholder stood; what the proposer added since stays behind them."""
    proposal = lock_first_proposal(matter)
    if proposal is None:
        return
    added = proposal.words.removeprefix(before)
    if not proposal.words.startswith(before) or (added and not added.startswith("\n\n（")):
        # The speaker typed words too; the transcript stands beside the recording and changes nothing they wrote.
        return
    proposal.words = after + added
    if matter.title == rules.short_title(before):
        matter.title = rules.short_title(after)


def _row(matter: Matter, voice: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "community_id": current_community(), "street_id": current_street(), "id": UUID(str(voice["id"])),
        "matter_id": matter.id, "kind": KIND, "media_type": voice["media_type"], "caption": "", "width": None,
        "height": None, "size": voice["size"], "sha256": voice["sha256"], "small_id": None, "about": "",
        "about_id": None, "transcript": "", "transcribed_label": "", "transcribed_at": None, "public": False,
        "hidden_at": None, "hidden_reason": "", "created_at": now,
    }  # fmt: skip
