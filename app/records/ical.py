"""A calendar feed as RFC 5545 asks for it. Pure.

Written by hand: we only ever write one kind of component, so a library would bring a parser, a time zone database and a
dependency to follow for these few lines; the test reads them back by the letter of the standard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

#: Section 3.1: no line is longer than 75 octets without its end; the rest goes on after a line end and a blank.
LINE = 75
ZONE = "Asia/Shanghai"
_PLUS_8 = timezone(timedelta(hours=8))
#: A sitting has no end until it ends; without a length calendars draw a line instead of an afternoon.
LENGTH = "PT2H"
_HEAD = (
    "VERSION:2.0", "PRODID:-//yiqilai//sittings 1.0//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H", f"X-WR-TIMEZONE:{ZONE}",
)  # fmt: skip
#: China has kept +08:00 without summer time since 1991.
_TIMEZONE = (
    "BEGIN:VTIMEZONE", f"TZID:{ZONE}", "BEGIN:STANDARD", "DTSTART:19910915T000000", "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800", "TZNAME:CST", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


class Status(StrEnum):
    """Section 3.8.1.11, for events."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """One event. ``uid`` never changes, ``sequence`` grows when day or fate do, ``stamp`` is when they last did."""

    uid: str
    starts: datetime
    summary: str
    stamp: datetime
    location: str = ""
    description: str = ""
    url: str = ""
    sequence: int = 0
    status: Status = Status.CONFIRMED


def calendar(name: str, events: Iterable[Event]) -> bytes:
    """The whole feed as UTF-8, every line ended with CRLF and folded."""
    lines = ["BEGIN:VCALENDAR", *_HEAD, f"NAME:{escape(name)}", f"X-WR-CALNAME:{escape(name)}", *_TIMEZONE]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event(event: Event) -> list[str]:
    stamp = event.stamp.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    texts = (("SUMMARY", event.summary), ("LOCATION", event.location), ("DESCRIPTION", event.description))
    return [
        "BEGIN:VEVENT", f"UID:{event.uid}@yiqilai", f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}",
        f"DTSTART;TZID={ZONE}:{event.starts.astimezone(_PLUS_8):%Y%m%dT%H%M%S}", f"DURATION:{LENGTH}",
        f"SEQUENCE:{event.sequence}", f"STATUS:{event.status}",
        *(f"{key}:{escape(text)}" for key, text in texts if text), *([f"URL:{event.url}"] if event.url else []),
        "END:VEVENT",
    ]  # fmt: skip


def escape(text: str) -> str:
    """A TEXT value (section 3.3.11): backslash, semicolon, comma and line ends; letters without shape are dropped."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(letter for letter in plain if letter == "\n" or (letter >= " " and letter != "\x7f"))
    for letter, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(letter, written)
    return plain


def fold(line: str) -> bytes:
    """One content line in pieces of at most 75 octets, never through a letter."""
    found, piece, room = b"", b"", LINE
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > room:
            found += piece + b"\r\n "
            piece, room = b"", LINE - 1
        piece += octets
    return found + piece + b"\r\n"
