"""Carrying a matter up a level: the grid asks its community, the hall asks the street, the answer is taken up.

The street never writes a row of the hall's (Residents' Committees Act section 6: it guides, it does not run). Its
answer is an ``EscalationReply``; :func:`take_up`, run by the hall's own worker, turns it into the escalation's state,
the matter's level and a line of the timeline. Running it again changes nothing. What the community answers its own
grid is written and taken up in one go.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.matter import levels
from app.matter.actions import record, situation_of
from app.matter.deadlines import answer_deadline
from app.matter.escalation_queries import OF_MATTER, OF_REQUEST, find, open_escalation, replies_given, stands_at
from app.matter.escalation_queries import OPEN as OPEN
from app.matter.escalation_queries import describe as describe
from app.matter.escalation_queries import find_for_street as find_for_street
from app.matter.escalation_queries import history as history
from app.matter.house import house
from app.matter.models import Escalation, EscalationReply, Matter
from app.matter.situation import Level, Triage
from app.matter.workdays import due
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

#: What the public reads in the timeline; the words between the levels stand in the reason, which only staff reads.
PUBLIC_WORDS = {
    "taken": N_("街道接办了这件事，和社区一起办。"),
    "sent_back": N_("街道看过以后退回社区，由社区接着办。"),
    "answered": N_("街道给了答复，社区按答复接着办。"),
}
COMMUNITY_WORDS = {
    "taken": N_("社区接办了这件事，和网格一起办。"),
    "sent_back": N_("社区看过以后退回网格，由网格接着办。"),
    "answered": N_("社区给了答复，网格按答复接着办。"),
}
ASKED_WORDS = {
    Level.COMMUNITY: N_("网格把这件事报到社区，请社区一起办。"),
    Level.STREET: N_("社区请街道帮忙。"),
    Level.EXTERNAL: N_("社区请街道帮忙。"),
}
PASSED_ON = N_("社区已经请街道帮忙。")


def attempts(grid_attempt: str, community_attempt: str) -> frozenset[str]:
    """Which attempts below are on record, as evidence keys of ``matter.levels``."""
    said = {"grid_attempt": grid_attempt, "community_attempt": community_attempt}
    return frozenset(key for key, words in said.items() if words.strip())


def answer_due(matter: Matter, to: str, now: datetime) -> datetime:
    """By when the level asked says the first word, by the bound hall's settings."""
    triage = Triage(matter.triage) if matter.triage else None
    home = house()
    return due(now, answer_deadline(to == Level.COMMUNITY, triage, home.settings), home.calendar)


def ask(
    matter: Matter, *, to: str, reason: str, by: Actor, now: datetime, grid_attempt: str = "",
    community_attempt: str = "", once: UUID | None = None,
) -> Escalation:  # fmt: skip
    """Ask the level ``to`` (``community``, ``street`` or ``external``); ``once`` makes a double click one request.

    Raises ``Refused`` when the attempts below are not on record (an urgent matter need not wait), when the matter is
    not in hand, or while an earlier request to the same side is still open. A request of the grid's that the
    community passes on to the street is thereby answered.
    """
    if once and (before := find(once)):
        return before
    tried = attempts(grid_attempt, community_attempt)
    levels.may_escalate(situation_of(matter, tried), Level(to), by.roles).or_refuse()
    if not reason.strip():
        raise Refused(N_("要写明请上级帮什么忙。"))
    standing = open_escalation(matter.id)
    if standing is not None:
        if to == Level.COMMUNITY or standing.to_level != Level.COMMUNITY:
            raise Refused(N_("这件事已经请过上级，正等着答复。"))
        answer(standing, matter, "answered", words=PASSED_ON, by=by, now=now)
    asked = Escalation(
        id=once or uuid7(), matter_id=matter.id, to_level=to, from_level=matter.level, reason=reason.strip(),
        grid_attempt=grid_attempt.strip(), community_attempt=community_attempt.strip(), asked_at=now, asked_by=by.id,
        asked_label=by.label, answer_due=answer_due(matter, to, now),
    )  # fmt: skip
    db.session.add(asked)
    # The flag says that the matter waits for the street; what the grid hands up stays in the house.
    matter.escalated = to != Level.COMMUNITY
    record(
        matter, "hand_up" if to == Level.COMMUNITY else "escalate", by=by, now=now, reason=reason.strip(),
        words=ASKED_WORDS[Level(to)], data={"escalation": str(asked.id), "to": to},
    )  # fmt: skip
    db.session.flush()
    return asked


def reply(
    escalation: Escalation, kind: str, *, words: str, by: Actor, now: datetime, letter_no: str = ""
) -> EscalationReply:
    """The level asked answers: ``taken``, ``sent_back`` or ``answered``. It inserts a row of its own, nothing else.

    Raises ``Refused`` when the request stands elsewhere, or when an outside unit is asked without a letter number.
    """
    if not words.strip():
        raise Refused(N_("要写几句话，让对方知道接下来怎么办。"))
    given = set(replies_given(escalation))
    stands = stands_at(escalation.state, given)
    to = Level(escalation.to_level)
    levels.may_reply(stands, levels.Escalation(kind), by.roles, to=to, letter_no=letter_no).or_refuse()
    values = {
        "community_id": escalation.community_id, "street_id": current_street(), "id": uuid7(),
        "escalation_id": escalation.id, "kind": kind, "words": words.strip(), "letter_no": letter_no.strip(),
        "side": "community" if to is Level.COMMUNITY else "street", "by_id": by.id, "by_label": by.label, "at": now,
    }  # fmt: skip
    table = EscalationReply.__table__
    written = db.session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        raise Refused(N_("刚才已经有人答复过这一条了，请刷新看看。"))
    return EscalationReply(**values)


def answer(
    escalation: Escalation, matter: Matter, kind: str, *, words: str, by: Actor, now: datetime
) -> EscalationReply:
    """The community answers its grid; state, level and timeline follow at once, for both are the hall's own."""
    said = reply(escalation, kind, words=words, by=by, now=now)
    if not _take(escalation, said, matter, by, now):
        raise Refused(N_("刚才已经有人答复过这一条了，请刷新看看。"))
    return said


def take_up(*, now: datetime) -> int:
    """Take up what the street has answered in the bound hall; returns how many answers that were. Safe to repeat."""
    pending = db.session.execute(
        select(Escalation, EscalationReply, Matter)
        .join(EscalationReply, OF_REQUEST)
        .join(Matter, OF_MATTER)
        .where(
            Escalation.community_id == current_community(), EscalationReply.side == "street",
            or_(Escalation.state == "asked", (Escalation.state == "taken") & (EscalationReply.kind != "taken")),
        )
        .order_by(EscalationReply.at, EscalationReply.id)
    ).all()  # fmt: skip
    return sum(_take(escalation, said, matter, _officer(said), now) for escalation, said, matter in pending)


def _officer(said: EscalationReply) -> Actor:
    return Actor("street", said.by_label, said.by_id, frozenset({Role.STREET_SUPERVISOR}))


def _take(escalation: Escalation, said: EscalationReply, matter: Matter, by: Actor, now: datetime) -> int:
    was, to = escalation.state, Level(escalation.to_level)
    wanted = levels.Escalation(said.kind)
    if not levels.may_reply(levels.Escalation(was), wanted, by.roles, to=to, letter_no=said.letter_no):
        return 0
    if not change_state(escalation, was, said.kind, now):
        # Another worker was faster; it has written the line as well.
        return 0
    below = to is Level.COMMUNITY
    matter.escalated = wanted is levels.Escalation.TAKEN and not below
    matter.level = levels.level_after(wanted, Level(matter.level), to=to, came_from=Level(escalation.from_level))
    data: dict[str, Any] = {
        "escalation": str(escalation.id), "letter_no": said.letter_no, "said_at": said.at.isoformat(),
    }  # fmt: skip
    if below and escalation.asked_by:
        data["told"] = [[str(escalation.asked_by), escalation.asked_label]]
    words = (COMMUNITY_WORDS if below else PUBLIC_WORDS)[said.kind]
    record(
        matter, f"{'hand_up' if below else 'escalation'}_{said.kind}", by=by, now=now, words=words, reason=said.words,
        data=data,
    )  # fmt: skip
    db.session.flush()
    return 1


def change_state(escalation: Escalation, was: str, state: str, now: datetime) -> bool:
    """Compare and swap the state of a request; False where somebody else was faster."""
    swapped = db.session.execute(
        update(Escalation)
        .where(
            Escalation.community_id == escalation.community_id, Escalation.id == escalation.id,
            Escalation.state == was,
        )
        .values(state=state, taken_up_at=now)
    )  # fmt: skip
    return bool(swapped.rowcount == 1)  # type: ignore[attr-defined]
