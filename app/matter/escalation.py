"""Carrying a matter up a level: the hall asks, the street answers with rows of its own, the hall takes the answer up.

The street never writes a row of the hall's (Residents' Committees Act section 6: it guides, it does not run). Its
answer is an ``EscalationReply``; :func:`take_up`, run by the hall's own worker, turns it into the escalation's state,
the matter's level and a line of the timeline. Running it again changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.matter import levels
from app.matter.actions import record, situation_of
from app.matter.models import Escalation, EscalationReply, Matter
from app.matter.situation import LEVEL_LABELS, Level
from app.people.actor import Actor
from app.people.roles import Role
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

OPEN = (str(levels.Escalation.ASKED), str(levels.Escalation.TAKEN))
#: What the public reads in the timeline; the street's own words stand in the reason, which is the staff's to read.
PUBLIC_WORDS = {
    "taken": N_("街道接办了这件事，和社区一起办。"),
    "sent_back": N_("街道看过以后退回社区，由社区接着办。"),
    "answered": N_("街道给了答复，社区按答复接着办。"),
}


def attempts(grid_attempt: str, community_attempt: str) -> frozenset[str]:
    """Which attempts below are on record, as evidence keys of ``matter.levels``."""
    said = {"grid_attempt": grid_attempt, "community_attempt": community_attempt}
    return frozenset(key for key, words in said.items() if words.strip())


def ask(
    matter: Matter, *, to: str, reason: str, by: Actor, now: datetime, grid_attempt: str = "",
    community_attempt: str = "", once: UUID | None = None,
) -> Escalation:  # fmt: skip
    """Ask the level ``to`` (``street`` or ``external``) for help; ``once`` makes a double click the same request.

    Raises ``Refused`` when the grid's and the community's own attempts are not on record (an urgent matter need not
    wait), when the matter is not in hand, or while an earlier request is still open.
    """
    if once and (before := find(once)):
        return before
    tried = attempts(grid_attempt, community_attempt)
    levels.may_escalate(situation_of(matter, tried), Level(to), by.roles).or_refuse()
    if not reason.strip():
        raise Refused(N_("要写明请上级帮什么忙。"))
    if open_escalation(matter.id):
        raise Refused(N_("这件事已经请过上级，正等着答复。"))
    asked = Escalation(
        id=once or uuid7(), matter_id=matter.id, to_level=to, from_level=matter.level, reason=reason.strip(),
        grid_attempt=grid_attempt.strip(), community_attempt=community_attempt.strip(), asked_at=now, asked_by=by.id,
        asked_label=by.label,
    )  # fmt: skip
    db.session.add(asked)
    matter.escalated = True
    record(
        matter, "escalate", by=by, now=now, reason=reason.strip(), words=N_("社区请街道帮忙。"),
        data={"escalation": str(asked.id), "to": to},
    )  # fmt: skip
    db.session.flush()
    return asked


def reply(
    escalation: Escalation, kind: str, *, words: str, by: Actor, now: datetime, letter_no: str = ""
) -> EscalationReply:
    """The street answers: ``taken``, ``sent_back`` or ``answered``. It inserts a row of its own and nothing else.

    Raises ``Refused`` when the request stands elsewhere, or when an outside unit is asked without a letter number.
    """
    if not words.strip():
        raise Refused(N_("要写几句话，让社区知道接下来怎么办。"))
    given = set(replies_given(escalation))
    stands = stands_at(escalation.state, given)
    levels.may_reply(
        stands, levels.Escalation(kind), by.roles, to=Level(escalation.to_level), letter_no=letter_no
    ).or_refuse()
    values = {
        "community_id": escalation.community_id, "street_id": current_street(), "id": uuid7(),
        "escalation_id": escalation.id, "kind": kind, "words": words.strip(), "letter_no": letter_no.strip(),
        "by_id": by.id, "by_label": by.label, "at": now,
    }  # fmt: skip
    table = EscalationReply.__table__
    written = db.session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        raise Refused(N_("刚才已经有人答复过这一条了，请刷新看看。"))
    return EscalationReply(**values)


def take_up(*, now: datetime) -> int:
    """Take up what the street has answered in the bound hall; returns how many answers that were. Safe to repeat."""
    pending = db.session.execute(
        select(Escalation, EscalationReply, Matter)
        .join(
            EscalationReply,
            and_(
                EscalationReply.community_id == Escalation.community_id,
                EscalationReply.escalation_id == Escalation.id,
            ),
        )
        .join(Matter, and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id))
        .where(
            Escalation.community_id == current_community(),
            or_(Escalation.state == "asked", and_(Escalation.state == "taken", EscalationReply.kind != "taken")),
        )
        .order_by(EscalationReply.at, EscalationReply.id)
    ).all()
    return sum(_take(escalation, answer, matter, now) for escalation, answer, matter in pending)


def _take(escalation: Escalation, answer: EscalationReply, matter: Matter, now: datetime) -> int:
    street = Actor("street", answer.by_label, answer.by_id, frozenset({Role.STREET_SUPERVISOR}))
    was = escalation.state
    wanted, target = levels.Escalation(answer.kind), Level(escalation.to_level)
    if not levels.may_reply(levels.Escalation(was), wanted, street.roles, to=target, letter_no=answer.letter_no):
        return 0
    swapped = db.session.execute(
        update(Escalation)
        .where(
            Escalation.community_id == escalation.community_id, Escalation.id == escalation.id,
            Escalation.state == was,
        )
        .values(state=answer.kind, taken_up_at=now)
    )  # fmt: skip
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        # Another worker was faster; it has written the line as well.
        return 0
    if answer.kind == "taken":
        matter.level = escalation.to_level
    else:
        matter.escalated = False
    if answer.kind == "sent_back":
        matter.level = escalation.from_level
    record(
        matter, f"escalation_{answer.kind}", by=street, now=now, words=PUBLIC_WORDS[answer.kind], reason=answer.words,
        data={"escalation": str(escalation.id), "letter_no": answer.letter_no, "said_at": answer.at.isoformat()},
    )  # fmt: skip
    db.session.flush()
    return 1


def find(escalation_id: UUID) -> Escalation | None:
    """The bound hall's request with this id."""
    return db.session.scalar(
        select(Escalation).where(Escalation.community_id == current_community(), Escalation.id == escalation_id)
    )


def find_for_street(escalation_id: UUID) -> tuple[Escalation, Matter] | None:
    """A request of any hall of the bound street, with its matter."""
    row = db.session.execute(
        select(Escalation, Matter)
        .join(Matter, and_(Matter.community_id == Escalation.community_id, Matter.id == Escalation.matter_id))
        .where(Escalation.street_id == current_street(), Escalation.id == escalation_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def open_escalation(matter_id: UUID) -> Escalation | None:
    """The request of this matter that still waits for the street, or None."""
    return db.session.scalar(
        select(Escalation).where(
            Escalation.community_id == current_community(), Escalation.matter_id == matter_id,
            Escalation.state.in_(OPEN),
        )
    )  # fmt: skip


def replies_given(escalation: Escalation) -> list[str]:
    """The kinds of answer the street has already written, taken up or not."""
    return list(
        db.session.scalars(
            select(EscalationReply.kind).where(
                EscalationReply.street_id == current_street(), EscalationReply.community_id == escalation.community_id,
                EscalationReply.escalation_id == escalation.id,
            )
        )
    )  # fmt: skip


def history(matter_id: UUID) -> list[tuple[Escalation, list[EscalationReply]]]:
    """All requests of one matter with their answers, newest first, in one statement."""
    rows = db.session.execute(
        select(Escalation, EscalationReply)
        .outerjoin(
            EscalationReply,
            and_(
                EscalationReply.community_id == Escalation.community_id,
                EscalationReply.escalation_id == Escalation.id,
            ),
        )
        .where(Escalation.community_id == current_community(), Escalation.matter_id == matter_id)
        .order_by(Escalation.asked_at.desc(), EscalationReply.at)
    ).all()
    found: dict[UUID, tuple[Escalation, list[EscalationReply]]] = {}
    for escalation, answer in rows:
        kept = found.setdefault(escalation.id, (escalation, []))
        if answer is not None:
            kept[1].append(answer)
    return list(found.values())


def stands_at(state: str, given: set[str]) -> levels.Escalation:
    """Where a request stands, answers that nobody has taken up yet included."""
    # An answer that the hall's worker has not taken up yet counts already, or two officers could answer differently.
    for kind in ("answered", "sent_back", "taken"):
        if kind in given:
            return levels.Escalation(kind)
    return levels.Escalation(state)


def describe(escalation: Escalation) -> dict[str, object]:
    """What a page shows of a request: labels as message ids."""
    return {
        "state": escalation.state,
        "state_label": levels.ESCALATION_LABELS[levels.Escalation(escalation.state)],
        "to_label": LEVEL_LABELS[Level(escalation.to_level)],
    }
