"""A voice instead of words: kept, written down by whoever triages, and readable afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.flow.collect import rules, voice_notes
from app.flow.collect.actions import Saying, say_more, submit
from app.flow.collect.models import Proposal
from app.matter.models import Attachment, Matter, TimelineEntry
from app.people.actor import Actor
from app.people.roles import Role
from tenants.database import db, uuid7
from tests.conftest import later

WU = Actor("resident", "吴奶奶")
CLERK = Actor("staff", "孙静", roles=frozenset({Role.COMMUNITY_WORKER}))


def voice() -> dict[str, Any]:
    return {"id": str(uuid7()), "media_type": "audio/amr", "size": 900, "sha256": "0" * 64}


def spoken(now: Any, voices: int = 1, words: str = voice_notes.PLACEHOLDER) -> tuple[Matter, list[Attachment]]:
    saying = Saying(words=words, place="3 号楼门口", voices=voices)
    matter = submit(saying, by=WU, now=now).matter
    voice_notes.keep_voices(matter, [voice() for _ in range(voices)], now=now)
    return matter, voice_notes.voices_of(matter.id)


def words_of(matter: Matter) -> str:
    return db.session.scalars(select(Proposal.words).where(Proposal.matter_id == matter.id)).one()


def test_the_transcript_becomes_the_words_and_the_title(hall: Any, now: Any) -> None:
    matter, (note,) = spoken(now)
    voice_notes.transcribe(note, "楼道的灯坏了，晚上看不见。我八十一了。", CLERK, later(hours=2))
    db.session.flush()
    assert words_of(matter) == "楼道的灯坏了，晚上看不见。我八十一了。"
    assert matter.title == "楼道的灯坏了，晚上看不见"
    assert (note.transcribed_label, note.transcribed_at, note.size) == ("孙静", later(hours=2), 900)
    line = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "transcribe")).one()
    assert (line.public, line.reason) == (False, "")


def test_a_correction_keeps_the_older_text_and_what_was_added_since(hall: Any, now: Any) -> None:
    matter, (first, second) = spoken(now, voices=2)
    voice_notes.transcribe(first, "楼道灯坏了", CLERK, now)
    say_more(matter, "是二单元", by=WU, now=later(hours=1))
    voice_notes.transcribe(second, "台阶也缺了一角", CLERK, later(hours=2))
    voice_notes.transcribe(first, "楼道的灯坏了三盏", CLERK, later(hours=3))
    db.session.flush()
    words = words_of(matter)
    assert words.startswith("楼道的灯坏了三盏\n\n台阶也缺了一角\n\n（2026年6月1日补充）是二单元")
    lines = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "transcribe")).all()
    assert {line.reason for line in lines} == {"", "楼道灯坏了"}


def test_typed_words_stay_as_they_were_typed(hall: Any, now: Any) -> None:
    matter, (note,) = spoken(now, words="灯坏了，请听语音")
    voice_notes.transcribe(note, "就是三号楼二单元的灯", CLERK, now)
    db.session.flush()
    assert words_of(matter) == "灯坏了，请听语音"
    assert note.transcript == "就是三号楼二单元的灯"


@pytest.mark.parametrize("words", ["", " ", "嗯", "字" * (rules.WORDS + 1)])
def test_an_empty_or_endless_transcript_is_refused(hall: Any, now: Any, words: str) -> None:
    matter, (note,) = spoken(now)
    with pytest.raises(Refused):
        voice_notes.transcribe(note, words, CLERK, now)
    assert words_of(matter) == voice_notes.PLACEHOLDER


def test_a_voice_alone_may_be_handed_in() -> None:
    assert "words" in rules.problems(Saying(words="", place="门口"), year=2026)
    assert rules.problems(Saying(words="", place="门口", voices=1), year=2026) == {}
