"""The owners' register from a table, written down: added, sold and corrected in bulk. Areas never become floats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from app import clock
from app.people.desk import log_change
from app.people.import_rules import Given, Judged, Kind
from app.people.owner_columns import COLUMNS
from app.people.owner_plan import Book, Entry, Head, Plan, changes_of, is_new_phone, judge
from app.people.owner_rules import address_in, natural_key
from app.people.owners import OwnedUnit, Owner
from app.people.secrets import blind, seal
from tenants.database import db, row_key, uuid7

CHUNK = 500


def write(judged: Judged, given: Given) -> None:
    """Add, sell and correct in bulk; the caller's transaction takes all of it or nothing."""
    plan: Plan = judged.plan
    owner_ids = _write_owners(plan, given)
    sold = [e for e in plan.entries.values() if e.outcome == "sold" and e.stands is not None and e.since is not None]
    ended = [_pk(e.stands) | {"until": e.since - timedelta(days=1)} for e in sold if e.stands and e.since]
    changed = [_pk(e.stands) | changes_of(e) for e in plan.entries.values() if e.outcome == "changed" and e.stands]
    if ended:
        db.session.execute(update(OwnedUnit), ended)
    for row in changed:
        db.session.execute(update(OwnedUnit), [row])
    fresh = [_row(plan.book, e, owner_ids, given) for e in plan.entries.values() if e.outcome in ("new", "sold")]
    for at in range(0, len(fresh), CHUNK):
        db.session.execute(insert(OwnedUnit), fresh[at : at + CHUNK])
        given.beat(min(at + CHUNK, len(fresh)))
    told = {name: judged.summary[name] for name in ("new", "sold", "changed", "owners", "phones")}
    if any(told.values()):
        after = "，".join(f"{name} {n}" for name, n in told.items())
        log_change("owner", "import", by=given.by, now=given.now, subject_id=given.import_id, after=after)


def _write_owners(plan: Plan, given: Given) -> dict[Head, UUID]:
    found: dict[Head, UUID] = {}
    made: list[dict[str, Any]] = []
    phones: list[dict[str, Any]] = []
    for head, person in plan.heads.items():
        sealed: dict[str, Any] = {"phone_sealed": None, "phone_index": None}
        if is_new_phone(person):
            sealed = {"phone_sealed": seal(person.phone), "phone_index": blind("phone", person.phone)}
            if person.stands is not None:
                phones.append(_pk(person.stands) | sealed)
        found[head] = person.stands.id if person.stands else uuid7()
        if person.stands is None:
            made.append(
                row_key(found[head]) | sealed | {
                    "estate_id": head[0], "kind": person.kind or "person", "name": person.name, "mark": person.mark,
                    "created_at": given.now,
                }
            )  # fmt: skip
    for at in range(0, len(made), CHUNK):
        db.session.execute(insert(Owner), made[at : at + CHUNK])
    if phones:
        db.session.execute(update(Owner), phones)
    return found


def _row(book: Book, entry: Entry, owner_ids: dict[Head, UUID], given: Given) -> dict[str, Any]:
    there = address_in(entry.label)
    old = entry.stands
    return row_key() | {
        "estate_id": entry.estate_id, "owner_id": owner_ids[entry.head],
        "household_id": book.homes.get((entry.estate_id, *there)) if there else None, "label": entry.label,
        "sort": natural_key(entry.label), "area_dm2": entry.area,
        "area_source": entry.source or (old.area_source if old else "register"),
        "since": entry.since or clock.local(given.now).date(), "import_id": given.import_id, "created_at": given.now,
    }  # fmt: skip


def _pk(row: Any) -> dict[str, Any]:
    return {"community_id": row.community_id, "id": row.id}


OWNERS = Kind("owners", COLUMNS, 20_000, judge, write)
