"""A hall with years of matters, put into the database in a few statements, spread as a real one would be."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from app.matter.models import Matter
from tenants.database import db

#: Column of the matter → SQL over ``n`` (1 … how many), ``at`` (when it was collected) and ``is_open``.
MATTER = {
    "number": "code || to_char(at, 'YYYY') || lpad(n::text, 5, '0')",
    "title": "(array['楼道灯不亮','晾衣服没地方','电动车进楼充电','下水道反味','树枝压电线','停车没处停'])[1 + n % 6]"
             " || '，第' || n || '回说'",
    "question": "'怎么办才好'", "brief": "repeat('住户反映了好几回，网格员去看过。', 8)",
    "stage": "case when is_open then (array['submitted','accepted','surveying','scheduled','publicized','implementing',"
             "'suspended','reviewing'])[1 + (n / 12) % 8] else (array['closed','archived','closed','answered',"
             "'not_accepted','closed','archived','referred','closed','merged','closed','archived'])"
             "[1 + (n / 7) % 12] end",
    "stage_since": "at + interval '3 days'",
    "due_at": "case when is_open then now_ + (n % 40 - 15) * interval '1 day' end",
    "warn_at": "case when is_open then now_ + (n % 40 - 20) * interval '1 day' end",
    "first_due_at": "null", "suspended_from": "'implementing'",
    "level": "(array['community','grid','community','street'])[1 + n % 4]",
    "visibility": "case when n % 20 = 0 then 'parties' else 'public' end",
    "track": "case when n % 20 = 0 then 'mediation' else 'ordinary' end",
    "triage": "(array['minor','urgent','hard','major','minor','hard'])[1 + n % 6]",
    "category": "(array['repair','addition','hygiene','parking','safety','pets','greening','events'])[1 + (n / 3) % 8]",
    "kind": "(array['individual','individual','joint','organisation'])[1 + n % 4]",
    "channel": "(array['web','point','visit','door','phone','box','12345','wechat'])[1 + (n / 2) % 8]",
    "signers": "1 + n % 5", "building_id": "building", "unit": "1 + n % 4", "place": "''", "owner_id": "lead",
    "tracking_hmac": "md5(code || n)", "collected_at": "at", "accepted_at": "at + interval '1 day'",
    "closed_at": "case when not is_open then at + interval '30 days' end", "merged_into_id": "first_id",
    "rating_count": "n % 7", "rating_satisfied": "(n % 7) * 4 / 5", "power": "'council'",
}  # fmt: skip


def fill(superuser: Engine, community: int, code: str, n: int, *, days: int, open_share: int = 12) -> None:
    """``n`` matters over ``days`` days, every ``open_share``-th of them open, with proposals, promises and sittings."""
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        _matters(conn, community, code, n, days, open_share)
        _insert(conn, "proposal", community, "true", matter_id="m.id", kind="m.kind", words="'灯不亮，说了好几回'",
                said_at="m.collected_at", person_id="null", entered_by="null", guardian_sealed="null",
                own_consent="true", organisation="'物业'", entered_label="'小李'", signers="m.signers")  # fmt: skip
        _insert(conn, "commitment", community, "right(m.number, 1) in ('1','4','7')", matter_id="m.id", position="1",
                what="'换声控灯'", who="'物业 何师傅'", due="(m.collected_at + interval '30 days')::date", unit="'盏'",
                first_due="(m.collected_at + interval '30 days')::date", target="6", done_count="3", state="'open'",
                created_at="m.collected_at")  # fmt: skip
        _insert(conn, "progress_note", community, "right(m.number, 1) in ('1','4')", matter_id="m.id",
                words="'=装了三盏，夜里亮堂多了'", by_label="'何师傅'",
                at="m.collected_at + interval '9 days'")  # fmt: skip
    with superuser.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        # What is not on the disk yet is not marked as seen by everybody, and then an index alone will not do.
        conn.execute(text("checkpoint"))
        conn.execute(text("vacuum analyze matter, proposal, commitment, progress_note"))


def _matters(conn: Connection, community: int, code: str, n: int, days: int, open_share: int) -> None:
    columns = {**defaults(Matter.__table__), **MATTER}
    conn.execute(text(f"""
        insert into matter (community_id, street_id, id, {', '.join(columns)})
        select :community, street, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
               {', '.join(columns.values())}
        from (select n, now() - (:n - n) * (:days * interval '1 day' / :n) as at, n % :share = 0 as is_open,
                     now() as now_, cast(:code as text) as code,
                     (select street_id from community where id = :community) as street,
                     (select id from building where community_id = :community limit 1) as building,
                     ('01900000-0000-7000-8000-' || lpad(to_hex(1), 12, '0'))::uuid as first_id,
                     (select id from account where community_id = :community and login
                      = (array['shuji','zhao','xiaoli'])[1 + n % 3]) as lead
              from generate_series(1, :n) n) source
    """), {"community": community, "code": code, "n": n, "days": days, "share": open_share})  # fmt: skip


def _insert(conn: Connection, table: str, community: int, which: str, **columns: str) -> None:
    known = {**defaults(db.metadata.tables[table]), **columns}
    conn.execute(text(f"""
        insert into {table} (community_id, street_id, id, {', '.join(known)})
        select m.community_id, m.street_id, m.id, {', '.join(known.values())}
        from matter m where m.community_id = :community and {which}
    """), {"community": community})  # fmt: skip


def defaults(table: Any) -> dict[str, str]:
    """What the mapper would fill in, as SQL literals; what may be empty stays empty."""
    found = {}
    for column in table.columns:
        if column.name in ("community_id", "street_id", "id"):
            continue
        default = column.default.arg if column.default is not None and column.default.is_scalar else None
        if isinstance(default, bool | int):
            found[column.name] = str(default).lower()
        elif isinstance(default, str):
            found[column.name] = f"'{default}'"
        elif default is None and not column.nullable and str(column.type) == "TEXT":
            found[column.name] = "''"
    return found
