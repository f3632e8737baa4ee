"""The verbs of supervision orders (督办单): issue, sign, note, ask and decide more time, report, return, close, void.

Hall and street each write lines of their own and nobody changes one. The caller commits; days are days in
Asia/Shanghai. A line is written after the ones that were read, so of two people at one moment one is refused.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.flow.implement import order_queries as queries
from app.flow.implement import order_rules as rules
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.implement.order_telling import tell_event, tell_issue
from app.flow.resolve.models import Commitment
from app.flow.resolve.rules import NAME_MOST, REASON_MOST, first_no, fits
from app.matter.actions import find_matter, next_number, next_of_street
from app.matter.house import house
from app.matter.lights import light
from app.matter.models import Matter
from app.matter.numbers import order_number
from app.matter.situation import Stage
from app.matter.workdays import end_of, local_day
from app.people.actor import Actor
from app.people.roles import STREET_STAFF
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Street
from tenants.scope import current_street

SERIES = "order"


def issue_order(
    matter: Matter, *, level: str, lead: str, demand: str, due: date | None, kind: str = "supervise",
    lead_id: UUID | None = None, support: str = "", commitment: Commitment | None = None,
    second_of: SupervisionOrder | None = None, by: Actor, now: datetime, id: UUID | None = None,
) -> SupervisionOrder:  # fmt: skip
    """Issue an order on a matter or one of its tasks; ``level`` is grid, steward, community or street.

    ``lead`` is in words; with a ``commitment`` its owner leads, whatever was given. The street's order goes to the
    hall, and the hall's worker writes the timeline.
    """
    if commitment is not None and level != rules.STREET:
        lead, lead_id = commitment.who, commitment.owner_id
    first_no(
        rules.may_issue(
            level, by.roles, Stage(matter.stage), actor_id=by.id, lead_id=lead_id, names_task=commitment is not None,
            task_open=commitment is None or commitment.state == "open",
        ),
        fits(N_("由谁主办"), lead, NAME_MOST), fits(N_("要求"), demand, REASON_MOST),
        fits(N_("协办"), support, REASON_MOST, required=False), rules.good_due(due, local_day(now)),
    ).or_refuse()  # fmt: skip
    if kind not in rules.KIND_LABELS:
        raise Refused(N_("选一种单子。"))
    if second_of is not None:
        _may_be_second(second_of, matter, level, now)
    order = SupervisionOrder(
        id=id or uuid7(), community_id=matter.community_id, street_id=matter.street_id, matter_id=matter.id,
        commitment_id=commitment.id if commitment else None, number=_number(level, now), level=level, kind=kind,
        resolution_number=queries.resolution_number_of(matter), lead=lead.strip(), lead_id=lead_id,
        support=support.strip(), demand=demand.strip(), due=due, light=_light(matter, commitment, now),
        second_of_id=second_of.id if second_of else None, issued_at=now, issued_by=by.id, issued_label=by.label,
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    if level != rules.STREET:
        tell_issue(matter, order, by=by, now=now)
    return order


def sign_order(
    order: SupervisionOrder, words: str = "", *, by: Actor, now: datetime, id: UUID | None = None
) -> OrderEvent:
    """Sign for it; ``words`` name who signed on paper where the lead is outside and has no account."""
    facts, events = _read(order)
    rules.may_sign(order, facts, by.roles, by.id).or_refuse()
    outside = order.level != rules.STREET and order.lead_id is None
    fits(N_("谁签收的"), words, NAME_MOST, required=outside).or_refuse()
    return _write(order, events, "signed", words, by=by, now=now, id=id)


def note_order(order: SupervisionOrder, words: str, *, by: Actor, now: datetime, id: UUID | None = None) -> OrderEvent:
    """How it goes, or, from the issuing side, the question how it goes (追问)."""
    facts, events = _read(order)
    first_no(rules.may_note(order, facts, by.roles, by.id), fits(N_("写什么"), words, REASON_MOST)).or_refuse()
    asks = rules.asks(order, by.roles, by.id)
    return _write(order, events, "progress", words, by=by, now=now, id=id, data={"asks": True} if asks else {})


def ask_more_time(
    order: SupervisionOrder, words: str, *, due: date | None, by: Actor, now: datetime, id: UUID | None = None
) -> OrderEvent:
    """Ask for a later day with the reason."""
    facts, events = _read(order)
    first_no(
        rules.may_ask_more_time(order, facts, due, local_day(now), by.roles, by.id),
        fits(N_("延期的原因"), words, REASON_MOST),
    ).or_refuse()
    return _write(order, events, "extension_asked", words, due=due, by=by, now=now, id=id)


def decide_more_time(
    order: SupervisionOrder, words: str, *, granted: bool, by: Actor, now: datetime, id: UUID | None = None
) -> OrderEvent:
    """The issuing side grants the day that was asked for, or refuses it; both with words."""
    facts, events = _read(order)
    first_no(
        rules.may_decide_more_time(order, facts, by.roles, by.id), fits(N_("答复"), words, REASON_MOST)
    ).or_refuse()
    kind = "extension_granted" if granted else "extension_refused"
    return _write(order, events, kind, words, due=facts.asked if granted else None, by=by, now=now, id=id)


def report_order(
    order: SupervisionOrder, words: str, *, by: Actor, now: datetime, id: UUID | None = None
) -> OrderEvent:
    """Report it done, in words that can be seen on the spot."""
    facts, events = _read(order)
    first_no(rules.may_report(order, facts, by.roles, by.id), fits(N_("办成什么样了"), words, REASON_MOST)).or_refuse()
    return _write(order, events, "reported", words, by=by, now=now, id=id)


def return_order(
    order: SupervisionOrder, words: str, *, by: Actor, now: datetime, id: UUID | None = None
) -> OrderEvent:
    """The issuing side looked and it is not done: send the report back, saying what is missing."""
    facts, events = _read(order)
    first_no(rules.may_return(order, facts, by.roles, by.id), fits(N_("还差什么"), words, REASON_MOST)).or_refuse()
    return _write(order, events, "returned", words, by=by, now=now, id=id)


def close_order(order: SupervisionOrder, words: str, *, by: Actor, now: datetime, id: UUID | None = None) -> OrderEvent:
    """Strike it off (销号). A second order takes the first one with it, since both ask for the same thing."""
    row = queries.find_row(order.id, now)
    if row is None:
        raise Missing(N_("没有这张督办单。"))
    facts, events = row.standing.facts, len(row.standing.events)
    first_no(
        rules.may_close(
            order, facts, by.roles, by.id, doers=[order.lead_id, row.task.owner_id if row.task else None],
            stage=Stage(row.matter.stage),
        ),
        fits(N_("审核意见"), words, REASON_MOST),
    ).or_refuse()  # fmt: skip
    first, second = queries.relatives_of(order)
    if second is not None and _read(second)[0].is_open:
        raise Refused(N_("这件事发过二次督办，先把二次督办单 %(number)s 销号。"), number=second.number)
    closed = _write(order, events, "closed", words, by=by, now=now, id=id)
    if first is not None:
        earlier, lines = _read(first)
        if earlier.is_open:
            _write(first, lines, "closed", f"随二次督办单 {order.number} 一起销号", by=by, now=now)
    return closed


def void_order(order: SupervisionOrder, words: str, *, by: Actor, now: datetime, id: UUID | None = None) -> OrderEvent:
    """Take back what should not have been issued; number and reason stay."""
    facts, events = _read(order)
    first_no(rules.may_void(order, facts, by.roles, by.id), fits(N_("作废的原因"), words, REASON_MOST)).or_refuse()
    return _write(order, events, "void", words, by=by, now=now, id=id)


def _read(order: SupervisionOrder) -> tuple[rules.Facts, int]:
    """Where it stands, and how many lines that judgement has read."""
    events = queries.events_of(order)
    return rules.standing(order, events), len(events)


def _write(
    order: SupervisionOrder, read: int, kind: str, words: str, *, by: Actor, now: datetime, due: date | None = None,
    id: UUID | None = None, data: dict[str, Any] | None = None,
) -> OrderEvent:  # fmt: skip
    side = rules.STREET if by.roles & STREET_STAFF else "community"
    values = {
        "community_id": order.community_id, "street_id": order.street_id, "id": id or uuid7(), "order_id": order.id,
        "seq": read + 1, "kind": kind, "side": side, "words": words.strip(), "due": due, "by_id": by.id,
        "by_label": by.label, "at": now, "data": data or {},
    }  # fmt: skip
    table = OrderEvent.__table__
    written = db.session.execute(insert(table).values(**values).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        raise Refused(N_("刚才已经有人在这张督办单上写过了，请刷新看看。"))
    event = OrderEvent(**values)
    matter = find_matter(order.matter_id) if side != rules.STREET else None
    if matter is not None:
        tell_event(matter, order, event, by=by, now=now)
        db.session.flush()
    return event


def _may_be_second(first: SupervisionOrder, matter: Matter, level: str, now: datetime) -> None:
    if first.matter_id != matter.id:
        raise Refused(N_("第一次的督办单不是这件事的。"))
    # Orders are never changed, so there is no row to lock; two hands at one moment wait for each other here.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(first.id), 2))))
    facts, _lines = _read(first)
    has_second = queries.relatives_of(first)[1] is not None
    rules.may_issue_second(first.level, facts, level, local_day(now), has_second=has_second).or_refuse()


def _light(matter: Matter, commitment: Commitment | None, now: datetime) -> str:
    """The light at the moment of issuing, as the paper prints it (灯色)."""
    start, due = matter.stage_since, matter.due_at
    if commitment is not None:
        start, due = commitment.created_at, end_of(commitment.due)
    suspended = matter.stage == Stage.SUSPENDED
    return str(light(start, due, now, house().calendar, suspended=suspended).colour)


def _number(level: str, now: datetime) -> str:
    year = local_day(now).year
    if level == rules.STREET:
        street = db.session.get_one(Street, current_street())
        return order_number(street.short, year, next_of_street(SERIES, year))
    return order_number(house().short, year, next_number(SERIES, year))
