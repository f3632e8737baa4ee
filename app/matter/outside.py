"""The verbs of the street towards departments and outside units: send a letter or a task, note what came of it.

The street writes rows of its own and nobody changes one; the hall's worker takes them up (``matter.outside_telling``).
The caller commits; days are days in Asia/Shanghai.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.matter import escalation, levels
from app.matter import outside_queries as queries
from app.matter import outside_rules as rules
from app.matter.actions import next_of_street
from app.matter.models import Escalation, Matter
from app.matter.numbers import letter_number, task_number
from app.matter.outside_models import LetterEvent, OutsideUnit, RequestLetter
from app.matter.situation import Level, Stage
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Street
from tenants.scope import current_street


def send(
    matter: Matter, unit: OutsideUnit, *, kind: str, subject: str, words: str, sent_on: date | None,
    reply_due: date | None, by: Actor, now: datetime, second_of: RequestLetter | None = None, id: UUID | None = None,
) -> RequestLetter:  # fmt: skip
    """Send a letter of request to an outside unit, or hand a task to a department, about one matter of a hall.

    Sent on a request that nobody has taken, it takes the request: whoever writes to others has taken the thing up.
    """
    asked, today = queries.open_request(matter), local_day(now)
    stands = _stands(asked)
    rules.may_send(
        kind, unit.kind, stage=Stage(matter.stage), level=Level(matter.level), request=stands,
        retired=unit.retired_at is not None, roles=by.roles,
    ).or_refuse()  # fmt: skip
    for verdict in (
        rules.fits(N_("事由"), subject, rules.SUBJECT_MOST), rules.fits(N_("正文"), words, rules.WORDS_MOST),
        rules.good_days(sent_on, reply_due, today),
    ):  # fmt: skip
        verdict.or_refuse()
    if second_of is not None:
        _may_be_second(second_of, matter, unit, today)
    letter = RequestLetter(
        id=id or uuid7(), community_id=matter.community_id, street_id=matter.street_id, matter_id=matter.id,
        escalation_id=asked.id if asked else None, unit_id=unit.id, unit_name=unit.name, kind=kind,
        number=_number(kind, sent_on or today), subject=subject.strip(), words=words.strip(), sent_on=sent_on,
        reply_due=reply_due, second_of_id=second_of.id if second_of else None, by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(letter)
    db.session.flush()
    if asked is not None and stands is levels.Escalation.ASKED:
        verb = f"向{unit.name}发了商请函" if kind == rules.LETTER else f"交给{unit.name}去办"
        said = f"街道{verb}，请{_day(letter.reply_due)}前回话。"
        escalation.reply(asked, "taken", words=said, by=by, now=now, letter_no=letter.number)
    return letter


def note(
    letter: RequestLetter, kind: str, *, words: str = "", day: date | None, by: Actor, now: datetime,
    reply_no: str = "", id: UUID | None = None,
) -> LetterEvent:  # fmt: skip
    """Write what became of it: ``received``, ``reminded``, ``visited``, ``replied``, ``closed`` or ``void``.

    Written after the lines that were read, so of two people at one moment one is refused.
    """
    events = queries.events_of(letter)
    facts = rules.standing(letter, events, followed=queries.is_followed(letter))
    rules.may_note(
        facts, kind, by.roles, day=day, words=words, sent_on=letter.sent_on, today=local_day(now)
    ).or_refuse()
    rules.fits(N_("复函编号"), reply_no, rules.NAME_MOST, required=False).or_refuse()
    values = {
        "community_id": letter.community_id, "street_id": letter.street_id, "id": id or uuid7(),
        "letter_id": letter.id, "seq": len(events) + 1, "kind": kind, "day": day, "words": words.strip(),
        "reply_no": reply_no.strip() if kind == "replied" else "", "by_id": by.id, "by_label": by.label, "at": now,
        "data": {},
    }  # fmt: skip
    table = LetterEvent.__table__
    written = db.session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        raise Refused(N_("刚才已经有人在这张函上记过了，请刷新看看。"))
    return LetterEvent(**values)


def request_stands(matter: Matter) -> levels.Escalation | None:
    """Where the hall's request of this matter stands, answers not taken up yet included; None where there is none."""
    return _stands(queries.open_request(matter))


def _stands(asked: Escalation | None) -> levels.Escalation | None:
    if asked is None:
        return None
    return escalation.stands_at(asked.state, set(escalation.replies_given(asked)))


def _may_be_second(first: RequestLetter, matter: Matter, unit: OutsideUnit, today: date) -> None:
    if first.matter_id != matter.id or first.community_id != matter.community_id:
        raise Refused(N_("第一次的不是这件事的。"))
    # Letters are never changed, so there is no row to lock; two hands at one moment wait for each other here.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(first.id), 3))))
    facts = rules.standing(first, queries.events_of(first), followed=queries.is_followed(first))
    rules.may_follow(facts, today, same_unit=first.unit_id == unit.id).or_refuse()


def _number(kind: str, day: date) -> str:
    short = db.session.get_one(Street, current_street()).short
    number_of = letter_number if kind == rules.LETTER else task_number
    return number_of(short, day.year, next_of_street(kind, day.year))


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
