"""What a matter's timeline says of the street's letters and tasks, so that notices spread and the level follows.

The street cannot write into a hall, so the hall's worker takes its letters and events up (as ``matter.escalation``
does). A line carries the id of the letter or event it speaks of: that key is the memory, and running it again changes
nothing. What everybody reads is one plain sentence each; who signed and what the offices wrote stays inside.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from app.matter import outside_rules as rules
from app.matter.actions import record
from app.matter.models import Matter, TimelineEntry
from app.matter.outside_models import LetterEvent, RequestLetter
from app.matter.outside_queries import OF_LETTER, OF_MATTER
from app.matter.situation import Level
from app.matter.workdays import local_day
from app.matter.writing import write_once
from app.people.actor import Actor
from app.people.roles import Role
from tenants.database import db
from tenants.scope import current_community

BATCH = 200


def sent_words(letter: RequestLetter) -> str:
    """What everybody reads of a letter that went out."""
    again = "再次" if letter.second_of_id else ""
    by_then = f"请{_day(letter.reply_due)}前回话"
    if letter.kind == rules.LETTER:
        return f"街道{again}向{letter.unit_name}发商请函（{letter.number}），{by_then}。"
    return f"街道{again}把这件事交给{letter.unit_name}去办（{letter.number}），{by_then}。"


def event_words(letter: RequestLetter, event: LetterEvent) -> str:
    """What everybody reads of one line of its life."""
    unit, said = letter.unit_name, event.words.strip().rstrip("。")
    paper = "商请函" if letter.kind == rules.LETTER else "交办单"
    if event.kind == "received":
        return f"{unit}签收了街道的{paper}。"
    if event.kind == "reminded":
        return f"街道催了{unit}一次，还在等回话。"
    if event.kind == "visited":
        return f"{unit}到现场看了：{said}。"
    if event.kind == "replied":
        number = f"（{event.reply_no}）" if event.reply_no else ""
        return f"{unit}回话了{number}：{said}。"
    if event.kind == "closed":
        return f"街道和{unit}的这件事办结：{said}。"
    return f"街道收回了给{unit}的{paper}。"


def take_up(*, now: datetime) -> int:
    """Write what the street sent and noted into the bound hall's timelines; returns how many lines were new."""
    here = current_community()
    told = exists().where(TimelineEntry.community_id == here, TimelineEntry.id == RequestLetter.id)
    sent = db.session.execute(
        select(RequestLetter, Matter)
        .join(Matter, OF_MATTER)
        .where(RequestLetter.community_id == here, ~told)
        .order_by(RequestLetter.at)
        .limit(BATCH)
    ).all()
    heard = exists().where(TimelineEntry.community_id == here, TimelineEntry.id == LetterEvent.id)
    said = db.session.execute(
        select(LetterEvent, RequestLetter, Matter)
        .join(RequestLetter, OF_LETTER)
        .join(Matter, OF_MATTER)
        .where(LetterEvent.community_id == here, ~heard)
        .order_by(LetterEvent.at, LetterEvent.seq)
        .limit(BATCH)
    ).all()
    taken = sum(write_once(lambda one=letter, of=matter: _tell_sent(of, one, now)) for letter, matter in sent)
    return taken + sum(
        write_once(lambda one=event, of=letter, at=matter: _tell_event(at, of, one, now))
        for event, letter, matter in said
    )


def _tell_sent(matter: Matter, letter: RequestLetter, now: datetime) -> None:
    was = matter.level
    if letter.kind == rules.LETTER:
        # The next word is a unit's that nobody here commands (S1): from now on the matter stands outside.
        matter.level = str(Level.EXTERNAL)
    words = _dated(sent_words(letter), letter.sent_on, letter.at)
    _write(matter, letter, "letter_sent", letter.id, words, now,
           by=_officer(letter.by_label, letter.by_id), inside=letter.subject, level_before=was)  # fmt: skip


def _tell_event(matter: Matter, letter: RequestLetter, event: LetterEvent, now: datetime) -> None:
    if event.kind == "void" and letter.kind == rules.LETTER:
        _take_back_level(matter, letter)
    words = _dated(event_words(letter, event), event.day, event.at)
    _write(matter, letter, f"letter_{event.kind}", event.id, words, now,
           by=_officer(event.by_label, event.by_id), inside=event.words)  # fmt: skip


def _take_back_level(matter: Matter, letter: RequestLetter) -> None:
    """A letter sent by mistake carried the matter nowhere, unless another one stands."""
    void = exists().where(OF_LETTER, LetterEvent.kind == "void")
    stands = db.session.scalar(
        select(RequestLetter.id)
        .where(
            RequestLetter.community_id == matter.community_id, RequestLetter.matter_id == matter.id,
            RequestLetter.kind == rules.LETTER, RequestLetter.id != letter.id, ~void,
        )
        .limit(1)
    )  # fmt: skip
    sent = db.session.scalar(
        select(TimelineEntry).where(
            TimelineEntry.community_id == matter.community_id, TimelineEntry.id == letter.id
        )
    )  # fmt: skip
    before = sent.data.get("level_before") if sent is not None else None
    if stands is None and before and matter.level == Level.EXTERNAL:
        matter.level = before


def _write(
    matter: Matter, letter: RequestLetter, verb: str, line_id: UUID, words: str, now: datetime, *, by: Actor,
    inside: str, **more: Any,
) -> None:  # fmt: skip
    data = {"letter": str(letter.id), "number": letter.number, "unit": letter.unit_name, "inside": inside, **more}
    entry = record(matter, verb, by=by, now=now, words=words, data=data)
    entry.id = line_id


def _officer(label: str, officer_id: UUID | None) -> Actor:
    return Actor("street", label, officer_id, frozenset({Role.STREET_SUPERVISOR}))


def _dated(words: str, day: date, at: datetime) -> str:
    """What was written down later than it happened says its own day."""
    return words if day == local_day(at) else f"{_day(day)}，{words}"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
