"""What somebody tries who may write SQL: the catalogue's views, leaky functions, error texts, forbidden commands.

``set_config`` and ``SET ROLE`` to another scope are left out for the program's login: injected SQL can rebind it, which
``docs/isolation.md`` says. That the guests' login cannot is asserted beside the fuzzer.
"""

from __future__ import annotations

from random import Random

from tests.prove.isolation.catalogue import Relation
from tests.prove.isolation.reads import Step, Unit
from tests.prove.isolation.writes import Writes

CATALOGUES = (
    "select * from pg_stats where tablename = '{t}'", "select * from pg_stat_user_tables where relname = '{t}'",
    "select reltuples, relpages from pg_class where relname = '{t}'", "select * from pg_stat_activity",
    "select query from pg_stat_activity", "select * from pg_locks", "select * from pg_prepared_statements",
    "select pg_relation_size('{t}'), pg_total_relation_size('{t}')", "select * from pg_statistic limit 50",
    "select * from pg_stats_ext", "select * from pg_policies where tablename = '{t}'",
    "select pg_get_constraintdef(oid) from pg_constraint where conrelid = '{t}'::regclass",
    "select pg_get_expr(polqual, polrelid) from pg_policy",
    "select * from information_schema.columns where table_name = '{t}'",
    "select pg_stat_get_live_tuples('{t}'::regclass), pg_stat_get_tuples_inserted('{t}'::regclass)",
    "select * from pg_stat_user_indexes where relname = '{t}'", "select * from pg_settings where name like 'app.%'",
    "select current_setting('app.community', true), current_user, session_user", "select * from pg_roles",
    "select has_table_privilege('{t}', 'select'), row_security_active('{t}')", "select pg_column_size(x.*) from {t} x",
    "select obj_description('{t}'::regclass)", "select * from pg_stat_statements", "select pg_read_file('PG_VERSION')",
    "select pg_ls_dir('.')", "select lo_import('/etc/hostname')", "select * from pg_largeobject",
    "select * from pg_authid",
    "select pg_export_snapshot()", "select pg_current_xact_id()", "select * from pg_cursors", "select pg_sleep(0)",
    "select pg_relation_filepath('{t}')", "select * from pg_stat_io",
    "select table_to_xmlschema('{t}', true, false, '')",
    "select * from pg_buffercache", "select get_raw_page('{t}', 0)", "select * from pgstattuple('{t}')",
)  # fmt: skip
COMMANDS = (
    "truncate {t}", "lock table {t} in access share mode nowait", "lock table {t} in access exclusive mode nowait",
    "alter table {t} disable row level security", "alter table {t} no force row level security", "analyze {t}",
    "drop policy community_select on {t}", "create policy planted on {t} using (true)", "drop table {t}",
    "grant select on {t} to public", "create index planted on {t} (id)",
    "set local row_security = off; select * from {t}",
    "set local session_replication_role = replica", "comment on table {t} is 'x'", "alter table {t} add planted int",
    "create trigger planted before update on {t} for each row execute function suppress_redundant_updates_trigger()",
    "create view public.planted as select * from {t}", "create table public.planted as select * from {t}",
    "create rule planted as on select to {t} do instead select 1", "reindex table {t}", "vacuum {t}", "cluster {t}",
    "copy {t} to '/tmp/planted'", "copy {t} to program 'cat'", "set local role cm_owner", "set local role cm_keeper",
    "set local session authorization postgres", "create role planted", "alter role cm_login bypassrls",
    "create extension dblink", "create materialized view planted as select * from {t}", "create schema planted",
    "select * from {t} as of system time '-1s'", "refresh materialized view {t}",
    "create publication planted for table {t}",
    "alter table {t} owner to current_user", "reassign owned by cm_owner to current_user", "notify planted, 'x'",
    "select pg_notify('planted', (select x::text from {t} x limit 1))",
    "create statistics planted on id, street_id from {t}",
    "select lo_from_bytea(0, 'x')", "select dblink('x', 'select 1')",
)  # fmt: skip


class Fuzzer(Writes):
    """One stream of units for one scope."""

    def __init__(self, rng: Random, scope: str, tables: list[Relation]) -> None:
        super().__init__(rng, scope, tables)
        self.ways = (
            (self.read, 46), (self.picked, 4), (self.cursor, 3), (self.prepared, 3), (self.copied, 6),
            (self.explained, 3), (self.locked, 4), (self.insert, 9), (self.update, 9), (self.delete, 3),
            (self.merge, 2), (self.chained, 3), (self.fed, 1), (self.catalogue, 2), (self.command, 1),
            (self.noisy, 3), (self.temporary, 2), (self.loud_error, 3),
        )  # fmt: skip

    def unit(self) -> Unit:
        """The next transaction."""
        self.foreign, self.aliases = True, 0
        make = self.rng.choices([way for way, _ in self.ways], [weight for _, weight in self.ways])[0]
        return make()

    def catalogue(self) -> Unit:
        """What the server tells of tables, sessions and statistics."""
        return Unit("catalogue", [Step(self.rng.choice(CATALOGUES).format(t=self.table().name))], same=False)

    def command(self) -> Unit:
        """What no scope may do."""
        steps = self.rng.choice(COMMANDS).format(t=self.table().name).split("; ")
        return Unit("command", [Step(step) for step in steps], same=False)

    def noisy(self) -> Unit:
        """A cheap function of one's own that shouts whatever row it is shown, before a policy could hide it."""
        table, name, alias = self.table(), self.alias(), self.alias()
        body = self.rng.choice(
            ("begin raise notice 'seen %', $1; return true; end", "begin raise exception 'seen %', $1; end",
             "begin perform $1::int; return true; exception when others then raise notice '%', sqlerrm; "
             "return true; end")
        )  # fmt: skip
        make = (
            f"create function pg_temp.{name}(text) returns boolean language plpgsql cost 0.0000001 "
            f"immutable parallel safe as $body$ {body} $body$"
        )
        call = f"pg_temp.{name}({self.text([(alias, table.fields)], 1)})"
        use = self.rng.choice(
            (f"select * from {table.name} {alias} where {call}",
             f"select count(*) from {table.name} {alias} where {call}",
             f"select 1 from {table.name} {alias} where {self.condition([(alias, table.fields)], 1)} and {call}",
             f"select {call} from {table.name} {alias} order by {call}")
        )  # fmt: skip
        return Unit("noisy function", [Step(make), Step(use)])

    def temporary(self) -> Unit:
        """Tables, views and blocks of one's own."""
        table, name, alias = self.table(), self.alias(), self.alias()
        query, text = self.query(), self.text([(alias, table.fields)], 1)
        pairs = (
            (f"create temp table {name} as select {text} as made from {table.name} {alias}",
             f"select made from {name}"),
            (f"create temp view {name} as select {text} as made from {table.name} {alias}", f"select made from {name}"),
            (f"create temp view {name} with (security_barrier) as select * from {table.name}",
             f"select {name}::text from {name}"),
            (f"do $do$ declare r record; begin for r in select {text} as made from {table.name} {alias} loop "
             "raise notice '%', r.made; end loop; end $do$", "select 1"),
            (f"do $do$ begin execute $in$ {query} $in$; end $do$", "select 2"),
            (f"create function pg_temp.{name}() returns setof text language sql security definer as "
             f"$body$ select {text} from {table.name} {alias} $body$", f"select * from pg_temp.{name}()"),
        )  # fmt: skip
        make, use = self.rng.choice(pairs)
        return Unit("temporary", [Step(make), Step(use)])

    def loud_error(self) -> Unit:
        """A statement made to fail with a value in its error text."""
        table, alias = self.table(), self.alias()
        sources = [(alias, table.fields)]
        first, second = self.risky(sources), self.condition(sources, 1)
        if self.chance(0.5):
            first, second = second, first
        return Unit("loud error", [Step(f"select 1 from {table.name} {alias} where {first} and {second}")])
