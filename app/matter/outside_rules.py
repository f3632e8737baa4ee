"""Letters of request (商请函) and departmental tasks (部门交办): who may send one, where it stands, what may follow.

Source: domain.md section 1 (铁路部门 is outside the district's command: escalation ends in a letter of request, not an
order), section 2 (三级联动: 难事部门联解决), W5. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from app.errors import Verdict, no, yes
from app.matter.levels import Escalation
from app.matter.lights import Light, light
from app.matter.situation import OPEN_STAGES, Level, Stage
from app.matter.workdays import Calendar, end_of, start_of
from app.people.roles import STREET_STAFF, Roles, as_roles
from app.words import N_

LETTER, TASK = "letter", "task"
DEPARTMENT, EXTERNAL = "department", "external"
UNIT_LABELS: dict[str, str] = {DEPARTMENT: N_("部门、科室"), EXTERNAL: N_("外单位")}
KIND_LABELS: dict[str, str] = {LETTER: N_("商请函"), TASK: N_("部门交办")}
#: To whom each kind goes: an order binds what stands under the district, whoever stands outside it is asked.
GOES_TO: dict[str, str] = {LETTER: EXTERNAL, TASK: DEPARTMENT}
#: Working days that a form proposes for the reply.
REPLY_IN: dict[str, int] = {LETTER: 15, TASK: 10}
NAME_MOST, LINE_MOST, SUBJECT_MOST, WORDS_MOST, REASON_MOST = 40, 100, 60, 3000, 1000
#: A reply asked for later than this is no request but a plan; a paper older than this was not just forgotten.
MOST_DAYS, OLDEST_DAYS = 366, 366


class State(StrEnum):
    """Where a letter stands."""

    SENT = "sent"
    RECEIVED = "received"
    REPLIED = "replied"
    CLOSED = "closed"
    VOID = "void"


STATE_LABELS: dict[State, str] = {
    State.SENT: N_("发出了，等签收"),
    State.RECEIVED: N_("签收了，等回话"),
    State.REPLIED: N_("回话了"),
    State.CLOSED: N_("办结"),
    State.VOID: N_("作废"),
}
EVENT_LABELS: dict[str, str] = {
    "received": N_("签收"),
    "reminded": N_("催了一次"),
    "visited": N_("现场踏勘"),
    "replied": N_("回话"),
    "closed": N_("办结"),
    "void": N_("作废"),
}
#: Somebody else's turn: the unit has the letter and owes the reply.
WAITING = frozenset({State.SENT, State.RECEIVED})
OPEN = WAITING | {State.REPLIED}
_ALLOWED: dict[State, frozenset[str]] = {
    State.SENT: frozenset({"received", "reminded", "visited", "replied", "closed", "void"}),
    State.RECEIVED: frozenset({"reminded", "visited", "replied", "closed", "void"}),
    State.REPLIED: frozenset({"visited", "closed"}),
    State.CLOSED: frozenset(),
    State.VOID: frozenset(),
}
#: What cannot be written down without saying anything.
_SPEAKS = frozenset({"visited", "replied", "closed", "void"})


class LetterLike(Protocol):
    """What the rules read of a letter."""

    @property
    def sent_on(self) -> date: ...
    @property
    def reply_due(self) -> date: ...


class EventLike(Protocol):
    """What the rules read of one line of a letter's life."""

    @property
    def kind(self) -> str: ...
    @property
    def day(self) -> date: ...


@dataclass(frozen=True)
class Facts:
    """A letter as its events leave it. ``followed`` says that a second letter was sent after it."""

    state: State
    due: date
    reminders: int = 0
    visits: int = 0
    received_on: date | None = None
    replied_on: date | None = None
    ended_on: date | None = None
    followed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the street still has something to do about it."""
        return self.state in OPEN and not self.followed

    @property
    def waits(self) -> bool:
        """Whether it is the unit's turn."""
        return self.state in WAITING and not self.followed

    def is_late(self, today: date) -> bool:
        """Whether the reply's day is over without one."""
        return self.waits and self.due < today


def standing(letter: LetterLike, events: Sequence[EventLike], *, followed: bool = False) -> Facts:
    """Where a letter stands after ``events``, in the order in which they were written."""
    state = State.SENT
    days: dict[str, date] = {}
    for event in events:
        days[event.kind] = event.day
        if event.kind in set(State):
            state = State(event.kind)
    kinds = [event.kind for event in events]
    return Facts(
        state, letter.reply_due, kinds.count("reminded"), kinds.count("visited"), days.get("received"),
        days.get("replied"), days.get("closed") or days.get("void"), followed,
    )  # fmt: skip


def light_of(letter: LetterLike, facts: Facts, today: date, calendar: Calendar) -> Light | None:
    """The light of the reply's clock; None where nobody outside owes anything."""
    if not facts.waits:
        return None
    return light(start_of(letter.sent_on), end_of(letter.reply_due), start_of(today), calendar)


def may_send(
    kind: str, unit_kind: str, *, stage: Stage, level: Level, request: Escalation | None, retired: bool, roles: Roles
) -> Verdict:
    """Whether the street may write: to whom it fits, of a matter that came up to the street and is in hand.

    ``request`` is where the hall's request stands, None where the matter has none.
    """
    if not as_roles(roles) & STREET_STAFF:
        return no(N_("函和交办要由街道来发。"))
    if kind not in GOES_TO:
        return no(N_("选一种：商请函，还是部门交办。"))
    if retired:
        return no(N_("这个单位已经停用了，换一个。"))
    if unit_kind != GOES_TO[kind]:
        wanted = UNIT_LABELS[GOES_TO[kind]]
        return no(N_("%(kind)s发给%(unit)s，换一个单位。"), kind=KIND_LABELS[kind], unit=wanted)
    if stage not in OPEN_STAGES:
        return no(N_("这件事已经了结，不用发函。"))
    if request not in (Escalation.ASKED, Escalation.TAKEN) and level not in (Level.STREET, Level.EXTERNAL):
        return no(N_("社区还没有请街道，这件事还在社区手里。"))
    return yes()


def good_days(sent_on: date | None, reply_due: date | None, today: date) -> Verdict:
    """The day it went out and the day by which it asks for the reply."""
    if sent_on is None or reply_due is None:
        return no(N_("写上哪天发、请哪天前回话。"))
    if sent_on > today:
        return no(N_("发出的日子不能在今天以后。"))
    if sent_on < today - timedelta(days=OLDEST_DAYS):
        return no(N_("发出的日子太早了，最多补一年里的。"))
    if reply_due < sent_on:
        return no(N_("回话的日子不能比发出的日子早。"))
    if reply_due > sent_on + timedelta(days=MOST_DAYS):
        return no(N_("回话的日子太远了，最多一年。"))
    return yes()


def may_follow(facts: Facts, today: date, *, same_unit: bool) -> Verdict:
    """Whether a second letter may name this one: the unit let its day pass, or its reply did not settle the thing."""
    if facts.followed:
        return no(N_("已经再发过一次了。"))
    if not facts.is_open:
        return no(N_("第一次的已经了结，不用再发。"))
    if facts.waits and not facts.is_late(today):
        return no(N_("还没到回话的日子，可以先催一次。"))
    return yes() if same_unit else no(N_("再发一次，要发给同一个单位。"))


def may_note(
    facts: Facts, kind: str, roles: Roles, *, day: date | None, words: str, sent_on: date, today: date
) -> Verdict:
    """Whether this line may be written now."""
    if not as_roles(roles) & STREET_STAFF:
        return no(N_("函的经过由街道来记。"))
    if facts.followed:
        return no(N_("已经再发过一次，往下记在第二次那一张上。"))
    if kind not in _ALLOWED[facts.state]:
        return no(N_("「%(now)s」以后不能再记「%(event)s」。"), now=STATE_LABELS[facts.state],
                  event=EVENT_LABELS.get(kind, kind))  # fmt: skip
    if day is None or not sent_on <= day <= today:
        return no(N_("写上是哪天的事：发出以后，今天以前。"))
    if kind in _SPEAKS and not words.strip():
        return no(N_("写几句，说清楚。"))
    return fits(N_("写的话"), words, REASON_MOST, required=False)


def allowed(facts: Facts) -> frozenset[str]:
    """Which lines may follow."""
    return frozenset() if facts.followed else _ALLOWED[facts.state]


def fits(label: str, text: str, most: int, *, required: bool = True) -> Verdict:
    """Whether a text is there and no longer than the most."""
    if required and not text.strip():
        return no(N_("「%(field)s」还没写。"), field=label)
    if len(text.strip()) > most:
        return no(N_("「%(field)s」写得太长了，最多 %(n)s 字。"), field=label, n=most)
    return yes()
