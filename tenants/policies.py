"""Row-level security from metadata: roles, grants, one policy per table and role.

``sync`` drops and recreates all policies and grants inside the migration's transaction. Every policy is a plain AND
of equalities on bare ``current_setting`` (tenancy §3.2: a wrapped setting or an OR costs an order of magnitude).
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.engine import Connection

from .database import Access, Base
from .scope import ROLES

OWNER = "cm_owner"
LOGIN = "cm_login"
GUEST_LOGIN = "cm_guest_login"
COMMANDS = {"s": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}

C = "community_id = current_setting('app.community')::bigint"
S = "street_id = current_setting('app.street')::bigint"

REGISTRY = {
    "street": {
        "cm_door": "host = current_setting('app.host')",
        "cm_community": "id = current_setting('app.street')::bigint",
        "cm_street": "id = current_setting('app.street')::bigint",
        "cm_guest": "id = current_setting('app.street')::bigint",
        "cm_keeper": "true",
    },
    "community": {
        "cm_door": f"{S} AND slug = current_setting('app.slug')",
        "cm_community": f"{S} AND id = current_setting('app.community')::bigint",
        "cm_street": S,
        "cm_guest": f"{S} AND id = current_setting('app.community')::bigint",
        "cm_opener": f"{S} AND id = current_setting('app.community')::bigint",
        "cm_keeper": "true",
    },
}


def kinds() -> dict[str, tuple[Table, str, Access]]:
    """Every mapped table by name with its kind and its access."""
    found = {}
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        if isinstance(table, Table):
            found[table.name] = (table, mapper.class_.__kind__, mapper.class_.__access__)
    return found


def statements() -> list[str]:
    """The whole protection as SQL, in a stable order."""
    lines: list[str] = []
    for name, (table, kind, access) in sorted(kinds().items()):
        lines += [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"]
        for role, commands, condition in _rules(name, kind, access):
            columns = access.columns if role == "cm_community" else ()
            side = f" AND side = '{role.removeprefix('cm_')}'" if access.sided else ""
            side += f" AND {S}" if kind == "tenant" and _points_into_the_street(table) else ""
            lines += _policy(name, role, commands, condition, columns, side)
    return lines + _triggers()


def append_only(access: Access) -> bool:
    """Whether nobody may change or delete a row of such a table."""
    narrow = (access.guest, access.witness, access.teller)
    letters = access.community + access.street + access.opener + "".join(way.commands for way in narrow if way)
    return not set("ud") & set(letters)


def sealed() -> dict[str, str]:
    """Each table whose rows are sealed → whose chain it belongs to, ``community`` or ``street``.

    That is every append-only table; one may be left out only by a reason in its class (``__unsealed__``).
    """
    found = {}
    for mapper in Base.registry.mappers:
        cls, table = mapper.class_, mapper.local_table
        if cls.__kind__ == "registry" or not append_only(cls.__access__) or getattr(cls, "__unsealed__", ""):
            continue
        own = "street" if cls.__kind__ == "street" else "community"
        found[str(getattr(table, "name", ""))] = str(getattr(cls, "__sealed_by__", own))
    return found


#: Chain → its queue and the columns that say whose the row is.
QUEUES = {
    "community": ("seal_queue", "community_id, street_id"),
    "street": ("street_seal_queue", "street_id"),
}


def _triggers() -> list[str]:
    """New rows of the sealed tables go into the queue with the statement that writes them, whoever writes."""
    lines = []
    for chain, (queue, owner) in QUEUES.items():
        lines.append(
            f"CREATE OR REPLACE FUNCTION queue_for_{chain}_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO public.{queue} ({owner}, id, source, row_id, queued_at) "
            f"SELECT {owner}, gen_random_uuid(), TG_TABLE_NAME, id, now() FROM fresh; RETURN NULL; END $$"
        )
    for name, chain in sorted(sealed().items()):
        lines.append(
            f"CREATE TRIGGER queue_for_seal AFTER INSERT ON {name} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION queue_for_{chain}_seal()"
        )
    return lines


def _points_into_the_street(table: Table) -> bool:
    """Whether a tenant's row names a row of its street. A foreign street's must be refused before the key looks for it,
    for the key's two errors would tell whether that row is there.
    """
    return any(
        "street_id" in key.column_keys and key.referred_table.name != "community"
        for key in table.foreign_key_constraints
    )


def _rules(name: str, kind: str, access: Access) -> list[tuple[str, str, str]]:
    if kind == "registry":
        letters = {"cm_door": "s", "cm_guest": "s", "cm_keeper": "siu"}
        letters |= {"cm_community": access.community, "cm_street": access.street, "cm_opener": access.opener}
        return [(role, letters[role], condition) for role, condition in REGISTRY[name].items() if letters[role]]
    rules = []
    if kind == "tenant":
        rules += _of_the_hall(access)
        rules.append(("cm_street", access.street, S))
        rules.append(("cm_opener", access.opener, C))
    if kind == "street":
        rules.append(("cm_community", access.community, f"{S} AND shared" if access.shared_only else S))
        rules.append(("cm_street", access.street, S))
        rules.append(("cm_opener", access.opener, S))
    for role, narrow in (("cm_guest", access.guest), ("cm_witness", access.witness), ("cm_teller", access.teller)):
        if narrow:
            cast = "" if narrow.setting == "key" else "::uuid"
            more = f" AND {narrow.column} = current_setting('app.{narrow.setting}'){cast}" if narrow.column else ""
            rules.append((role, narrow.commands, C + more))
    return [rule for rule in rules if rule[1]]


def _of_the_hall(access: Access) -> list[tuple[str, str, str]]:
    if not access.read_when:
        return [("cm_community", access.community, C)]
    rest = access.community.replace("s", "")
    return [("cm_community", "s", f"{C} AND {access.read_when}"), ("cm_community", rest, C)]


def _policy(
    name: str, role: str, letters: str, condition: str, columns: tuple[str, ...] = (), side: str = ""
) -> list[str]:
    """One policy when the role holds a single verb or reads and writes alike; SELECT and INSERT apart otherwise."""
    only = f" ({', '.join(columns)})" if columns else ""
    granted = ", ".join(COMMANDS[letter] + (only if letter == "u" else "") for letter in letters)
    lines = [f"GRANT {granted} ON {name} TO {role}"]
    for letter in letters:
        using = f" USING ({condition})" if letter != "i" else ""
        check = f" WITH CHECK ({condition}{side})" if letter in "iu" else ""
        lines.append(
            f"CREATE POLICY {role.removeprefix('cm_')}_{COMMANDS[letter].lower()} ON {name} "
            f"FOR {COMMANDS[letter]} TO {role}{using}{check}"
        )
    return lines


def _mark(conn: Connection) -> str:
    """What the source wants and what the catalogue holds, as one hash; either one changed makes another."""
    columns = text(
        "select attrelid::regclass::text, attname, attacl::text from pg_attribute where attacl is not null "
        "and attrelid in (select oid from pg_class where relnamespace='public'::regnamespace) order by 1, 2"
    )
    version = text("select relacl::text from pg_class where oid = to_regclass('public.alembic_version')")
    held = (statements(), snapshot(conn), [tuple(row) for row in conn.execute(columns)], conn.execute(version).scalar())
    return "policies " + hashlib.sha256(repr(held).encode()).hexdigest()


def sync(conn: Connection) -> None:
    """Drop and recreate all policies and grants; call it in the migration's transaction, as the owner.

    Where nothing changed nothing is touched: every table would be locked against the people who are using it.
    """
    noted = text("select obj_description('public'::regnamespace, 'pg_namespace')")
    if conn.execute(noted).scalar() == _mark(conn):
        return
    _recreate(conn)
    conn.exec_driver_sql(f"COMMENT ON SCHEMA public IS '{_mark(conn)}'")


def _recreate(conn: Connection) -> None:
    existing = conn.execute(text("select tablename, policyname from pg_policies where schemaname = 'public'")).all()
    for table, policy in existing:
        conn.exec_driver_sql(f'DROP POLICY "{policy}" ON "{table}"')
    for (table,) in conn.execute(text("select tgrelid::regclass::text from pg_trigger where tgname='queue_for_seal'")):
        conn.exec_driver_sql(f"DROP TRIGGER queue_for_seal ON {table}")
    scoped = ", ".join(sorted(ROLES.values()))
    conn.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {scoped}, {LOGIN}, {GUEST_LOGIN}")
    conn.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {scoped}")
    for line in statements():
        conn.exec_driver_sql(line)
    # The version of the schema is no secret and the readiness page must compare it.
    if conn.execute(text("select to_regclass('alembic_version')")).scalar():
        conn.exec_driver_sql("GRANT SELECT ON alembic_version TO cm_door")


def snapshot(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Policies, flags and grants as the catalogue holds them, for the drift test."""
    queries = {
        "policies": "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies "
        "where schemaname='public' order by 1, 2",
        "flags": "select relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) from pg_class "
        "where relnamespace='public'::regnamespace and relkind='r' and relname <> 'alembic_version' order by 1",
        "grants": "select table_name, grantee, privilege_type from information_schema.role_table_grants "
        "where table_schema='public' and grantee like 'cm\\_%' and grantee <> 'cm_owner' "
        "and table_name <> 'alembic_version' order by 1, 2, 3",
        "triggers": "select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) from pg_trigger "
        "where not tgisinternal order by 1, 2",
    }
    return {name: [tuple(row) for row in conn.execute(text(query))] for name, query in queries.items()}
