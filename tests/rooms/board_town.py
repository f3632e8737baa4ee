"""Streets with many halls, put into the database in a few statements; their figures counted, by the hall or by SQL.

A hall's own recount takes a good second for a year of matters, too long for thousands of halls. ``count_by_sql`` then
counts the same rows of what such a town holds, matters alone; whoever uses it compares it with halls that counted
themselves (:func:`differences`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from app.matter.models import Matter
from app.matter.situation import OPEN_STAGES
from app.matter.workdays import local_day
from app.records import prepared
from app.records.counts import HallCounts
from app.records.periods import Period, periods
from tenants.database import db
from tenants.scope import Scope, bound
from tests.rooms.ledger_town import MATTER, defaults

#: Ids of streets and halls made here begin after this, which is later than those the program gives.
FIRST = 4_000_000_000_000
#: Column of a hall's counts → what of a matter ``m`` is counted, for a period from ``since`` until before ``until``.
COUNTED = {
    "received": "m.collected_at >= since and m.collected_at < until",
    "leads": "m.collected_at >= since and m.collected_at < until",
    "individual": "m.collected_at >= since and m.collected_at < until and m.kind = 'individual'",
    "joint": "m.collected_at >= since and m.collected_at < until and m.kind = 'joint'",
    "organisation": "m.collected_at >= since and m.collected_at < until and m.kind = 'organisation'",
    "accepted": "m.accepted_at >= since and m.accepted_at < until",
    "refused": "m.stage = 'not_accepted' and m.stage_since >= since and m.stage_since < until",
    "closed": "m.stage in ('closed', 'archived') and m.closed_at >= since and m.closed_at < until",
    "cohort_closed": "m.stage in ('closed', 'archived') and m.accepted_at >= since and m.accepted_at < until",
    "closed_near": "m.stage in ('closed', 'archived') and m.closed_at >= since and m.closed_at < until"
                   " and m.level in ('grid', 'community')",
}  # fmt: skip
LIGHTS = {
    "grey": "m.stage = any(:open) and m.stage = 'suspended'",
    "red": "m.stage = any(:open) and m.stage <> 'suspended' and m.due_at < :now",
    "yellow": "m.stage = any(:open) and m.stage <> 'suspended' and m.due_at >= :now and m.warn_at <= :now",
    "green": "m.stage = any(:open) and m.stage <> 'suspended'"
             " and (m.due_at is null or m.due_at >= :now and m.warn_at > :now)",
}  # fmt: skip
OPEN = sorted(str(stage) for stage in OPEN_STAGES)


def open_halls(conn: Connection, street: int, n: int, first: int = FIRST, letter: str = "Q") -> None:
    """``n`` halls more in a street, with ids from ``first`` on and codes that begin with ``letter``."""
    conn.execute(text("""
        insert into community (id, street_id, slug, code, name, hall, motto, phone, address, hours, brand, settings,
                               suspended_reason, opened_at)
        select :first + n, :street, 'h' || :first + n,
               :letter || chr(65 + (n / 676) % 26) || chr(65 + (n / 26) % 26) || chr(65 + n % 26), '第' || n || '社区',
               '小板凳' || n, '', '', '', '', '{}', '{}', '', now() from generate_series(0, :n - 1) n
    """), {"first": first, "street": street, "n": n, "letter": letter})  # fmt: skip


def open_streets(conn: Connection, n: int, halls: int, first: int) -> None:
    """``n`` streets beside the one that is measured, each with so many halls."""
    conn.execute(text("""
        insert into street (id, host, name, short, phone, brand, settings, opened_at)
        select :first + n, 's' || n || '.elsewhere.test', '第' || n || '街道', 'S' || n, '', '{}', '{}', now()
        from generate_series(0, :n - 1) n
    """), {"first": first, "n": n})  # fmt: skip
    for street in range(n):
        open_halls(conn, first + street, halls, first + 10_000 + street * halls)


def fill_halls(superuser: Engine, halls: Iterable[int], n: int, *, days: int = 400) -> None:
    """``n`` matters in each of these halls over so many days, every twelfth open."""
    columns = {**defaults(Matter.__table__), **MATTER, "building_id": "null", "unit": "null", "owner_id": "null"}
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        conn.execute(text(f"""
            insert into matter (community_id, street_id, id, {', '.join(columns)})
            select community, street, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                   {', '.join(columns.values())}
            from (select c.id as community, c.street_id as street, c.code, n, n % 12 = 0 as is_open, now() as now_,
                         now() - (:n - n) * (:days * interval '1 day' / :n) as at,
                         ('01900000-0000-7000-8000-' || lpad(to_hex(1), 12, '0'))::uuid as first_id
                  from community c cross join generate_series(1, :n) n where c.id = any(:halls)) source
        """), {"n": n, "days": days, "halls": list(halls)})  # fmt: skip
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze matter, community"))


def recount(app: Any, street: int, halls: Iterable[int], *, now: datetime) -> None:
    """Let these halls count themselves, and the street sum up."""
    with app.app_context():
        for hall in halls:
            with bound(Scope("community", street=street, community=hall)):
                prepared.recount_hall(now=now, anew=True)
                db.session.commit()
                db.session.remove()
        with bound(Scope("street", street=street)):
            prepared.sum_street(now=now)
            db.session.commit()
            db.session.remove()


def count_by_sql(superuser: Engine, halls: Iterable[int], *, now: datetime) -> None:
    """The rows these halls would write of their matters, one statement for each period."""
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        for period in periods(local_day(now)):
            _count(conn, list(halls), period, now)
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze hall_count"))


def _count(conn: Connection, halls: list[int], period: Period, now: datetime) -> None:
    lit = period.has(local_day(now))
    wanted = COUNTED | (LIGHTS if lit else {})
    made = ", ".join(f"'{name}', count(*) filter (where {what})" for name, what in wanted.items())
    empty = HallCounts(halls=1, lit=int(lit)).as_dict()
    empty.pop("themes")
    weight = f"100 * count(*) filter (where {LIGHTS['red']}) + 5 * count(*) filter (where {LIGHTS['yellow']})"
    conn.execute(text(f"""
        insert into hall_count (community_id, street_id, id, period, first, last, counts, themes, weight, counted_at)
        select c.id, c.street_id, gen_random_uuid(), :period, :first, :last,
               (cast(:empty as jsonb) || jsonb_build_object({made}))::json, '{{"repair": 3, "pets": 2}}', {weight}, :now
        from community c
        left join matter m on m.community_id = c.id and m.stage not in ('merged', 'withdrawn'),
        lateral (select (cast(:first as date))::timestamp at time zone 'Asia/Shanghai' as since,
                        (cast(:last as date) + 1)::timestamp at time zone 'Asia/Shanghai' as until) span
        where c.id = any(:halls) group by c.id, c.street_id
        on conflict (community_id, period) do nothing
    """), {
        "period": period.key, "first": period.first, "last": period.last, "empty": json.dumps(empty), "open": OPEN,
        "now": now, "halls": halls,
    })  # fmt: skip


def differences(superuser: Engine, one: int, other: int) -> dict[str, Any]:
    """Where two halls with the same matters were counted differently; empty when they agree in all that SQL counts."""
    with superuser.connect() as conn:
        rows = conn.execute(
            text("select community_id, period, counts from hall_count where community_id in (:one, :other)"),
            {"one": one, "other": other},
        ).all()
    found: dict[str, dict[int, Any]] = {}
    for community, period, counts in rows:
        found.setdefault(period, {})[community] = {name: counts[name] for name in (*COUNTED, *LIGHTS)}
    return {period: pair for period, pair in found.items() if pair.get(one) != pair.get(other)}
