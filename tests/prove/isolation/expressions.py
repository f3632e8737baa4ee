"""Random expressions and sources of rows from the catalogue; valid SQL far more often than not."""

from __future__ import annotations

from random import Random

from tests.prove.isolation.catalogue import Field, Relation

Source = tuple[str, list[Field]]
BAD_CASTS = ("int", "bigint", "uuid", "date", "numeric", "json", "boolean", "inet", "point", "interval", "xml")
TEXTS = (
    "upper({0})", "lower({0})", "({0} || {1})", "substr({0}, 1, 9)", "md5({0})", "reverse({0})", "coalesce({0}, '-')",
    "replace({0}, 'a', 'b')", "left({0}, 12)", "format('%s/%s', {0}, {1})", "initcap({0})", "quote_literal({0})",
    "concat_ws(',', {0}, {1})", "translate({0}, 'abc', 'xyz')", "encode(convert_to({0}, 'UTF8'), 'base64')",
    "json_build_object('a', {0}, 'b', {1})::text", "xmlelement(name x, {0}, {1})::text", "xmlforest({0} as a)::text",
    "to_json({0})::text", "repeat({0}, 2)", "lpad({0}, 30, '.')", "split_part({0}, ' ', 1)", "nullif({0}, {1})",
    "regexp_replace({0}, '[0-9]', '#', 'g')", "greatest({0}, {1})", "case when {0} > {1} then {0} else {1} end",
    "array_to_string(array[{0}, {1}], '+')", "encode(sha256(convert_to({0}, 'UTF8')), 'hex')",
)  # fmt: skip
WHOLE_ROWS = (
    "row_to_json({0})::text", "to_jsonb({0})::text", "{0}::text", "xmlforest({0})::text", "md5({0}::text)",
    "(select string_agg(k || v, ',' order by k) from jsonb_each_text(to_jsonb({0})) as e(k, v))",
    "jsonb_pretty(to_jsonb({0}))", "hashtextextended({0}::text, 0)::text",
    "jsonb_path_query_array(to_jsonb({0}), '$.*')::text",
)  # fmt: skip
AGGREGATES = (
    "count(*)", "count(distinct {0})", "string_agg({0}, ',' order by {0} collate \"C\")", "min({0})", "max({0})",
    "array_agg({0} order by {0} collate \"C\")::text", "json_agg({0} order by {0} collate \"C\")::text",
    "jsonb_object_agg({0}, {1} order by {0} collate \"C\", {1} collate \"C\")::text", "bool_or({0} is null)",
    "xmlagg(xmlelement(name v, {0}) order by {0} collate \"C\")::text", "count(*) filter (where {0} like '%a%')",
    "mode() within group (order by {0} collate \"C\")",
    "percentile_disc(0.5) within group (order by {0} collate \"C\")",
    "sum(length({0}))", "every({0} <> '')", "max(length({0}))", "avg(length({0}))::numeric(12, 4)",
)  # fmt: skip
WINDOWS = (
    "rank() over (order by {0} collate \"C\")", "dense_rank() over (order by {0} collate \"C\")",
    "count(*) over (partition by {1})", "max({0}) over ()", "min({0}) over (partition by {1})",
    "sum(length({0})) over (order by {0} collate \"C\" range unbounded preceding)",
    "first_value({0}) over (order by {0} collate \"C\")",
    "lag({0}) over (order by {0} collate \"C\", {1} collate \"C\")",
    "string_agg({0}, '|') over (order by {0} collate \"C\" range between unbounded preceding and current row)",
    "ntile(1) over (order by {0})", "cume_dist() over (order by {0} collate \"C\")",
)  # fmt: skip


class Expressions:
    """Expressions over sources of rows. ``foreign`` says whether literals may name rows of somebody else."""

    def __init__(self, rng: Random, scope: str, tables: list[Relation]) -> None:
        self.rng, self.scope, self.tables = rng, scope, tables
        self.readable = [t for t in tables if "s" in t.letters[scope]]
        self.aliases = 0
        self.foreign = True

    def chance(self, share: float) -> bool:
        """True with this probability."""
        return self.rng.random() < share

    def alias(self) -> str:
        """A fresh name."""
        self.aliases += 1
        return f"a{self.aliases}"

    def table(self) -> Relation:
        """A table, mostly one that the scope may read."""
        if self.readable and not self.chance(0.02 if self.scope in ("community", "street") else 0.05):
            return self.rng.choice(self.readable)
        return self.rng.choice(self.tables)

    def column(self, sources: list[Source], *kinds: str) -> tuple[str, Field] | None:
        """A column of one of these kinds as ``alias.name``."""
        found = [(f"{a}.{f.name}", f) for a, fields in sources for f in fields if not kinds or f.kind in kinds]
        return self.rng.choice(found) if found else None

    def value(self, field: Field) -> str:
        """A literal for a column: mostly what really stands there, of whatever tenant."""
        if field.values and self.foreign:
            return self.rng.choice(field.values)
        simple = {
            "int": str(self.rng.choice((0, 1, -1, 7, 901, 911))), "text": "'x'", "bool": "true", "json": "'{}'::json",
            "uuid": "'00000000-0000-7000-8000-000000000abc'::uuid", "day": "'2026-06-01'::date",
            "time": "'2026-06-01'::timestamptz", "bytes": "''::bytea", "array": "'{}'::text[]",
        }  # fmt: skip
        return simple[field.kind]

    def text(self, sources: list[Source], depth: int = 0) -> str:
        """An expression of type text."""
        chosen = self.rng.random()
        if chosen < 0.15 and sources:
            return self.rng.choice(WHOLE_ROWS).format(self.rng.choice(sources)[0])
        if chosen < 0.4 and depth < 2:
            form = self.rng.choice(TEXTS)
            return form.format(self.text(sources, depth + 1), self.text(sources, depth + 1))
        found = self.column(sources, "text") if chosen < 0.7 else self.column(sources)
        return f"{found[0]}::text" if found else "'x'"

    def number(self, sources: list[Source]) -> str:
        """An expression of type bigint."""
        found = self.column(sources, "int")
        inner = found[0] if found else "1"
        form = self.rng.choice(
            ("{0}", "abs({0})", "mod({0}, 7)", "length({1})", "({0} + 1)", "coalesce({0}, 0)", "hashtext({1})")
        )
        return form.format(inner, self.text(sources, 2))

    def risky(self, sources: list[Source]) -> str:
        """A condition that fails with a value in its error text wherever it is asked of a row."""
        text = self.text(sources, 2)
        return self.rng.choice(
            (f"{text}::{self.rng.choice(BAD_CASTS)} is not null", f"1 / (length({text}) - length({text})) > 0",
             f"to_date({text}, 'YYYY') > now()", f"{text} ~ ('[' || {text})", f"pg_input_is_valid({text}, 'int')",
             f"to_number({text}, '999') > 0", f"decode({text}, 'hex') is not null", f"({text})::regclass is not null",
             f"get_byte({text}::bytea, 999) > 0", f"jsonb_path_exists('{{}}', ({text})::jsonpath)")
        )  # fmt: skip

    def condition(self, sources: list[Source], depth: int = 0) -> str:
        """A boolean expression."""
        if depth < 2 and self.chance(0.3):
            parts = [self.condition(sources, depth + 1) for _ in range(2)]
            return f"({parts[0]} {self.rng.choice(('and', 'or'))} {parts[1]})"
        if depth < 1 and self.chance(0.15):
            return self.with_subquery(sources)
        if self.chance(0.04):
            return self.risky(sources)
        found = self.column(sources)
        if found is None:
            return "true"
        name, field = found
        if field.kind in ("json", "array", "bytes"):
            return f"{name} is not null"
        form = self.rng.choice(
            ("{0} = {1}", "{0} <> {1}", "{0} > {1}", "{0} <= {1}", "{0} is not null", "{0} in ({1}, {2})",
             "not ({0} = {1})", "{0} between {1} and {2}", "{0}::text like '%' || left({1}::text, 5) || '%'",
             "{0} is distinct from {1}", "{0}::text ~ '^[a-z0-9]'", "coalesce({0} = {1}, true)", "true",
             "{0} = any(array[{1}, {2}])")
        )  # fmt: skip
        return form.format(name, self.value(field), self.value(field))

    def with_subquery(self, sources: list[Source]) -> str:
        """A condition that asks another table."""
        table, alias = self.table(), self.alias()
        inner: list[Source] = [(alias, table.fields)]
        mine, theirs = self.column(sources, "uuid"), self.column(inner, "uuid")
        if mine is None or theirs is None:
            return f"exists (select 1 from {table.name} {alias} where {self.condition(inner, 2)})"
        form = self.rng.choice(
            ("{0} in (select {1} from {2} {3})", "{0} = any (select {1} from {2} {3} where {4})",
             "exists (select 1 from {2} {3} where {1} = {0})",
             "not exists (select 1 from {2} {3} where {1} = {0} and {4})",
             "{0} <> all (select {1} from {2} {3})", "(select count(*) from {2} {3} where {4}) > 1",
             "{0} not in (select {1} from {2} {3} where {4})", "(select max({1}::text) from {2} {3}) > {0}::text")
        )  # fmt: skip
        return form.format(mine[0], theirs[0], table.name, alias, self.condition(inner, 2))
