"""The audit of the catalogue: what no table, key, function or login of a database with several tenants may be."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

from .policies import GUEST_LOGIN, LOGIN

AUDITS = {
    "row-level security is not enabled and forced": """
        select relname from pg_class where relnamespace='public'::regnamespace and relkind in ('r','p')
        and relname <> 'alembic_version' and not (relrowsecurity and relforcerowsecurity)""",
    "table without a policy": """
        select relname from pg_class c where relnamespace='public'::regnamespace and relkind in ('r','p')
        and relname <> 'alembic_version' and not exists (select 1 from pg_policy p where p.polrelid = c.oid)""",
    "unique index of a tenant table not led by community_id": """
        select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        join pg_attribute tenant on tenant.attrelid = t.oid and tenant.attname = 'community_id'
        left join pg_attribute led on led.attrelid = t.oid and led.attnum = x.indkey[0]
        where t.relnamespace='public'::regnamespace and x.indisunique
        and led.attname is distinct from 'community_id'""",
    "foreign key between tenant tables not led by community_id": """
        select k.conname from pg_constraint k
        join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'community_id'
        join pg_attribute b on b.attrelid = k.confrelid and b.attname = 'community_id'
        join pg_attribute led on led.attrelid = k.conrelid and led.attnum = k.conkey[1]
        where k.contype = 'f' and k.connamespace='public'::regnamespace and led.attname <> 'community_id'""",
    "indexed column whose equality is not leakproof": """
        select i.relname || '.' || a.attname from pg_index x join pg_class i on i.oid = x.indexrelid
        join pg_class t on t.oid = x.indrelid join pg_attribute a on a.attrelid = t.oid and a.attnum = any(x.indkey)
        join pg_type ty on ty.oid = a.atttypid
        where t.relnamespace='public'::regnamespace
        and (ty.typtype = 'e' or ty.typname in ('numeric','jsonb','json'))""",
    "materialised view": """
        select relname from pg_class where relnamespace='public'::regnamespace and relkind = 'm'""",
    "view without security_invoker": """
        select relname from pg_class where relnamespace='public'::regnamespace and relkind = 'v'
        and not coalesce('security_invoker=true' = any(reloptions), false)""",
    "security definer function": """
        select proname from pg_proc where pronamespace='public'::regnamespace and prosecdef""",
    "policy with OR or a subquery outside joint tables": """
        select tablename || '.' || policyname from pg_policies where schemaname='public'
        and tablename not like 'joint\\_%' and (coalesce(qual,'') || coalesce(with_check,'')) ~* '\\m(OR|SELECT)\\M'""",
    "strong or inheriting login": f"""
        select rolname from pg_roles where rolname in ('{LOGIN}','{GUEST_LOGIN}')
        and (rolsuper or rolbypassrls or rolinherit or rolcreatedb or rolcreaterole)""",
    "sequence": """
        select relname from pg_class where relnamespace='public'::regnamespace and relkind = 'S'""",
    "dangerous privilege granted": """
        select table_name || ' ' || grantee || ' ' || privilege_type from information_schema.role_table_grants
        where table_schema='public' and grantee like 'cm\\_%' and grantee <> 'cm_owner'
        and privilege_type in ('TRUNCATE','REFERENCES','TRIGGER')""",
    "the login itself holds a grant": f"""
        select table_name || ' ' || grantee from information_schema.role_table_grants
        where table_schema='public' and grantee in ('{LOGIN}','{GUEST_LOGIN}')""",
}


def audit(conn: Connection) -> list[str]:
    """Catalogue checks; an empty list means that the database enforces what the metadata promises."""
    found = []
    for problem, query in AUDITS.items():
        found += [f"{problem}: {row[0]}" for row in conn.execute(text(query))]
    return found
