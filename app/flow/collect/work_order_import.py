"""Bringing work orders in from a sheet: row by row what would happen, then all of them or none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from app.flow.collect import actions
from app.flow.collect import work_order_rules as rules
from app.flow.collect.channels import WorkOrder
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying, Source, tidy_words
from app.flow.collect.work_orders import find_order, matter_of
from app.matter.actions import record
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES
from app.people.actor import Actor
from app.people.import_rules import Given, Judged, Kind, Line, Sheet, Wrong
from app.people.secrets import seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: Each order becomes a matter with everything that belongs to it, and while they are written nobody else in the hall is
#: given a number; so a file holds at most what takes a few seconds. A hotline sends a community some dozens a day.
MOST = 500
#: How far back a matter may lie to be called alike.
LOOK_BACK = timedelta(days=180)
#: So many rows of the dry run are shown one by one.
SHOWN = 300
TWICE = N_("和第 %(row)s 行是同一张工单。")
NO_PLACE = N_("工单没写地址，见内容")


def judge(sheet: Sheet, lines: list[Line], given: Given) -> Judged:
    """Row by row what would happen: a new matter, an order that stands, a change; with hints for whoever confirms."""
    source = given.options.get("source", "12345")
    standing, likeness, calendar = _standing(source), rules.Likeness(_known(given.now)), house().calendar
    new: list[dict[str, Any]] = []
    changed: list[tuple[UUID, dict[str, Any]]] = []
    told: list[dict[str, Any]] = []
    for line in lines:
        row = dict(line.values) | {"content": tidy_words(line.values["content"])}
        limit = rules.due_of(row.get("due_at"), row.get("dispatch_at") or row["received_at"], calendar)
        found = standing.get(row["external_no"])
        fields = rules.changed_fields(found, row) if found else []
        outcome = "new" if found is None else "changed" if fields else "same"
        if found is None:
            new.append(row | {"due_at": limit})
        elif fields:
            changed.append((found["id"], {name: row[name] for name in fields}))
        told.append(
            {"row": line.number, "no": row["external_no"], "title": row["content"][:40], "outcome": outcome,
             "late": outcome == "new" and limit < given.now,
             "like": likeness.best(row["content"]) if outcome == "new" else ""}
        )  # fmt: skip
    summary = {
        "new": len(new), "same": len(lines) - len(new) - len(changed), "changed": len(changed),
        "late": sum(1 for line in told if line["late"]), "like": sum(1 for line in told if line["like"]),
        "lines": told[:SHOWN],
    }  # fmt: skip
    return Judged(_twice(sheet, lines), summary, (source, new, changed))


def _twice(sheet: Sheet, lines: list[Line]) -> list[Wrong]:
    wrong: list[Wrong] = []
    first: dict[str, int] = {}
    for line in lines:
        number = line.values["external_no"]
        if number in first:
            wrong.append(Wrong(line.number, sheet.at("external_no"), TWICE, {"row": first[number]}))
        first.setdefault(number, line.number)
    return wrong


def _standing(source: str) -> dict[str, dict[str, Any]]:
    names = ("id", "external_no", *rules.CHANGEABLE)
    rows = db.session.execute(
        select(*(getattr(WorkOrder, name) for name in names)).where(
            WorkOrder.community_id == current_community(), WorkOrder.source == source
        )
    )
    return {row.external_no: dict(row._mapping) for row in rows}


def _known(now: datetime) -> list[rules.Known]:
    """What an order may be about already: open matters, and what was said here lately."""
    rows = db.session.execute(
        select(Matter.number, Matter.title, func.min(Proposal.words).label("words"))
        .join(Proposal, and_(Proposal.community_id == Matter.community_id, Proposal.matter_id == Matter.id))
        .where(
            Matter.community_id == current_community(),
            or_(Matter.stage.in_([str(stage) for stage in OPEN_STAGES]), Matter.collected_at > now - LOOK_BACK),
        )
        .group_by(Matter.number, Matter.title)
    ).all()
    return [rules.Known(row.number, f"{row.title} {row.words}") for row in rows]


def write(judged: Judged, given: Given) -> None:
    """Each new order becomes an order and a matter; changed ones are brought up to the sheet."""
    source, new, changed = judged.plan
    for done, row in enumerate(new, 1):
        take_in(row, source=source, import_id=given.import_id, by=given.by, now=given.now)
        if done % 10 == 0:
            # Every flush looks at every object of the session, so what is written is let go of.
            db.session.flush()
            db.session.expunge_all()
            given.beat(done)
    for order_id, values in changed:
        _bring_up(order_id, values, by=given.by, now=given.now)


def take_in(
    row: dict[str, Any], *, by: Actor, now: datetime, source: str = "12345", import_id: UUID | None = None,
    matter_id: UUID | None = None,
) -> WorkOrder:  # fmt: skip
    """One order and the matter it becomes, due when the hotline wants its answer or by the hall's own clock, whichever
    is earlier. ``row`` holds the fields of domain section 6 as :data:`rules.COLUMNS` reads them, ``due_at`` set.
    """
    caller = row.get("caller_masked", "")
    order = WorkOrder(
        id=uuid7(), source=source, external_no=row["external_no"], received_at=row["received_at"], caller_masked=caller,
        phone_sealed=seal(row["phone"]) if row.get("phone") else None, type=row["type"], content=row["content"],
        address=row.get("address", ""), dispatch_at=row.get("dispatch_at"), due_at=row["due_at"],
        visit_rating=row.get("visit_rating", ""), import_id=import_id, created_at=now,
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    title = next((end for end in ("先生", "女士") if caller.endswith(end)), "")
    saying = Saying(
        words=order.content, place=order.address or NO_PLACE, channel="12345", point=f"{source} {order.external_no}",
        name=caller.removesuffix(title), title_of_address=title, phone=row.get("phone", ""),
        source=Source(work_order_id=order.id),
    )  # fmt: skip
    matter = actions.submit(saying, by=by, now=now, matter_id=matter_id).matter
    if matter.due_at is None or order.due_at < matter.due_at:
        matter.due_at = matter.first_due_at = order.due_at
    order.matter_id = matter.id
    db.session.flush()
    return order


def _bring_up(order_id: UUID, values: dict[str, Any], *, by: Actor, now: datetime) -> None:
    order = find_order(order_id)
    for name, value in values.items():
        setattr(order, name, value)
    matter = matter_of(order)
    if matter is not None:
        record(matter, "order_changed", by=by, now=now, words=N_("12345 补充了工单"), public=False)


ORDERS = Kind("work_orders", rules.COLUMNS, MOST, judge, write)
