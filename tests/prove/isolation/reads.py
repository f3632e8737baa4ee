"""Random reads: joins, subqueries, CTEs, laterals, aggregates, windows, set operations, cursors, COPY, EXPLAIN."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.prove.isolation.expressions import AGGREGATES, WINDOWS, Expressions, Source


@dataclass
class Step:
    """One statement, and what a COPY FROM STDIN is fed."""

    sql: str
    feed: bytes | None = None


@dataclass
class Unit:
    """The statements of one transaction. ``same``: a database without foreign rows must answer word for word alike."""

    kind: str
    steps: list[Step] = field(default_factory=list)
    same: bool = True


class Reads(Expressions):
    """Random queries."""

    def source(self, *, sample: bool = False) -> tuple[str, Source]:
        """One table in FROM, at times wrapped."""
        table, alias = self.table(), self.alias()
        fields = table.fields
        if sample:
            method = self.rng.choice(("system", "bernoulli"))
            return f"{table.name} {alias} tablesample {method} (80) repeatable (7)", (alias, fields)
        if self.chance(0.1):
            inner = self.alias()
            where = self.condition([(inner, fields)], 1)
            hint = self.rng.choice(("", " offset 0"))
            return f"(select * from {table.name} {inner} where {where}{hint}) {alias}", (alias, fields)
        return f"{'only ' if self.chance(0.05) else ''}{table.name} {alias}", (alias, fields)

    def joined(self) -> tuple[str, list[Source]]:
        """One to three tables."""
        text, first = self.source()
        sources = [first]
        for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
            if self.chance(0.15):
                more, source = self.lateral(sources)
                text, sources = f"{text} cross join lateral {more}", [*sources, source]
                continue
            other, source = self.source()
            kind = self.rng.choice(("join", "join", "left join", "right join", "full join", "cross join"))
            on = "" if kind == "cross join" else f" on {self.link(sources, source, kind)}"
            text, sources = f"{text} {kind} {other}{on}", [*sources, source]
        return text, sources

    def link(self, sources: list[Source], source: Source, kind: str) -> str:
        """What two tables are joined on; a full join takes only equalities."""
        mine, theirs = self.column(sources, "uuid", "int"), None
        if mine is not None:
            theirs = self.column([source], mine[1].kind)
        if mine is None or theirs is None:
            return "true" if kind != "full join" else "1 = 1"
        if kind == "full join":
            return f"{mine[0]} = {theirs[0]}"
        more = f" and {self.condition([*sources, source], 2)}" if self.chance(0.3) else ""
        return f"{mine[0]} {self.rng.choice(('=', '=', '=', '<>', '>='))} {theirs[0]}{more}"

    def lateral(self, sources: list[Source]) -> tuple[str, Source]:
        """A subquery that sees what stands left of it."""
        table, alias, inner = self.table(), self.alias(), self.alias()
        text = self.text([*sources, (inner, table.fields)])
        where = self.condition([(inner, table.fields)], 2)
        made = [f for f in table.fields if f.name == "id"]
        return f"(select {inner}.*, {text} as made from {table.name} {inner} where {where}) {alias}", (alias, made)

    def plain(self) -> str:
        """SELECT … FROM … WHERE …"""
        text, sources = self.joined()
        outs = [self.text(sources) if self.chance(0.7) else self.number(sources) for _ in range(self.rng.randint(1, 4))]
        distinct = "distinct " if self.chance(0.1) else ""
        return f"select {distinct}{', '.join(outs)} from {text} where {self.condition(sources)}"

    def grouped(self) -> str:
        """Aggregates, with grouping sets at times."""
        text, sources = self.joined()
        one, two = self.text(sources, 2), self.text(sources, 2)
        outs = [self.rng.choice(AGGREGATES).format(one, two) for _ in range(self.rng.randint(1, 3))]
        query = f"from {text} where {self.condition(sources)}"
        if self.chance(0.5):
            return f"select {', '.join(outs)} {query}"
        by = self.text(sources, 2)
        how = self.rng.choice(("{0}", "rollup ({0})", "cube ({0}, {1})", "grouping sets (({0}), ())")).format(by, one)
        having = f" having count(*) >= {self.rng.choice((0, 1, 2))}" if self.chance(0.3) else ""
        return f"select {by}, {', '.join(outs)} {query} group by {how}{having}" if "{" not in by else self.plain()

    def windowed(self) -> str:
        """Window functions whose answer does not depend on the order of equals."""
        text, sources = self.joined()
        outs = [
            self.rng.choice(WINDOWS).format(self.text(sources, 2), self.text(sources, 2))
            for _ in range(self.rng.randint(1, 2))
        ]
        return f"select {', '.join(outs)} from {text} where {self.condition(sources)}"

    def combined(self) -> str:
        """UNION, INTERSECT, EXCEPT."""
        parts = []
        for _ in range(self.rng.choice((2, 2, 3))):
            text, sources = self.joined()
            parts.append(f"select {self.text(sources)} from {text} where {self.condition(sources)}")
        words = ("union", "union all", "intersect", "except", "intersect all", "except all")
        return f" {self.rng.choice(words)} ".join(f"({part})" for part in parts)

    def with_ctes(self) -> str:
        """Common table expressions, also recursive ones."""
        if self.chance(0.3):
            return self.recursive()
        text, sources = self.joined()
        materialised = self.rng.choice(("", "materialized ", "not materialized "))
        name = self.alias()
        inner = (
            f"select {self.text(sources)} as a, {self.number(sources)} as b from {text} where {self.condition(sources)}"
        )
        use = self.rng.choice(
            ("select * from {0}", "select max(a), sum(b) from {0}",
             "select x.a, y.b from {0} x join {0} y on x.b = y.b",
             "select count(*) from {0} where a > 'a'", "select a from {0} union select b::text from {0}")
        )  # fmt: skip
        return f"with {name} as {materialised}({inner}) {use.format(name)}"

    def recursive(self) -> str:
        """A walk along references, five steps at most."""
        table, alias, name = self.table(), self.alias(), self.alias()
        along = self.column([(alias, table.fields)], "uuid")
        start = self.text([(alias, table.fields)], 2)
        step = f"{along[0]} is not null" if along else "true"
        return (
            f"with recursive {name}(word, depth) as (select {start}, 1 from {table.name} {alias} union "
            f"select {start} || {name}.word, depth + 1 from {table.name} {alias}, {name} where depth < 3 and {step} "
            f"and length({name}.word) < 200) select word, depth from {name}"
        )

    def query(self) -> str:
        """Any query whose answer is a set of rows that nothing but the rows decides."""
        chosen = self.rng.choices(
            (self.plain, self.grouped, self.windowed, self.combined, self.with_ctes, self.row_source),
            (34, 20, 12, 12, 14, 8),
        )[0]
        return chosen()

    def row_source(self) -> str:
        """A row taken apart by a function in FROM, or a query that is itself text."""
        table, alias = self.table(), self.alias()
        text = self.text([(alias, table.fields)], 2)
        inner = f"select {text} as made from {table.name} {alias}"
        quoted, doubled = inner.replace("'", "''"), text.replace("'", "''")
        forms = (
            f"select e.key, e.value from {table.name} {alias}, json_each_text(row_to_json({alias})) e",
            f"select u from {table.name} {alias}, unnest(array[{text}, {text}]) u",
            f"select r from {table.name} {alias}, regexp_split_to_table({text}, ' ') r",
            f"select n, {text} from generate_series(1, 2) n, {table.name} {alias}",
            f"select query_to_xml('{quoted}', true, false, '')",
            f"select table_to_xml('{table.name}', true, false, '')",
            f"select query_to_xml_and_xmlschema('{quoted}', false, true, '')",
            f"select word from ts_stat('select to_tsvector(''simple'', {doubled}) from {table.name} {alias}')",
            f"select * from (table {table.name}) {alias}",
            f"select * from xmltable('/*/*' passing xmlelement(name r, xmlforest({text} as v)) columns v text path '.')"
            f" v, {table.name} {alias}",
            f'select jsonb_agg(to_jsonb({alias}) order by {alias}::text collate "C") from {table.name} {alias}',
            f"select ({alias}).* from {table.name} {alias}",
        )
        return self.rng.choice(forms)

    def read(self) -> Unit:
        """One query."""
        return Unit("select", [Step(self.query())])

    def picked(self) -> Unit:
        """Queries of which the answer may be any part: LIMIT, DISTINCT ON, TABLESAMPLE, system columns."""
        self.foreign = False
        text, source = self.source(sample=self.chance(0.5))
        out = self.text([source])
        more = self.rng.choice(
            (f"select {out} from {text} limit 3", f"select distinct on ({out}) {source[0]}.* from {text}",
             f"select {source[0]}.ctid, {source[0]}.tableoid, {out} from {text}",
             f"select * from {text} fetch first 2 rows only",
             f"select {source[0]}.xmin, {source[0]}.xmax, {out} from {text} order by random()",
             f"select row_number() over (), {out} from {text} offset 1")
        )  # fmt: skip
        return Unit("picked", [Step(more)], same=False)

    def cursor(self) -> Unit:
        """DECLARE, FETCH, MOVE, CLOSE."""
        name, hold = self.alias(), self.rng.choice(("", "scroll ", "no scroll "))
        steps = [Step(f"declare {name} {hold}cursor for {self.query()}"), Step(f"fetch all from {name}")]
        if hold == "scroll ":
            steps.append(Step(f"move absolute 1 in {name}"))
        return Unit("cursor", [*steps, Step(f"close {name}")])

    def prepared(self) -> Unit:
        """PREPARE, EXECUTE, DEALLOCATE; the plan once custom, once generic."""
        name = self.alias()
        mode = self.rng.choice(("force_generic_plan", "force_custom_plan", "auto"))
        steps = [Step(f"set local plan_cache_mode = {mode}"), Step(f"prepare {name} as {self.query()}")]
        return Unit("prepared", [*steps, Step(f"execute {name}"), Step(f"deallocate {name}")])

    def copied(self) -> Unit:
        """COPY … TO STDOUT of a table or a query."""
        table = self.table()
        what = table.name if self.chance(0.4) else f"({self.query()})"
        options = self.rng.choice(
            ("", " with (format csv, header)", " with (format csv, force_quote *)", " (delimiter '|')")
        )
        return Unit("copy to", [Step(f"copy {what} to stdout{options}")])

    def explained(self) -> Unit:
        """EXPLAIN in its forms; what a plan says of foreign rows it must not quote."""
        self.foreign = False
        options = self.rng.choice(
            ("verbose", "analyze, timing off", "analyze, verbose, format json", "costs off, format xml")
        )
        return Unit("explain", [Step(f"explain ({options}) {self.query()}")], same=False)

    def locked(self) -> Unit:
        """SELECT … FOR UPDATE and its kin."""
        text, source = self.source()
        how = self.rng.choice(("update", "no key update", "share", "key share", "update nowait", "share skip locked"))
        where = self.condition([source], 1)
        return Unit("for update", [Step(f"select {self.text([source])} from {text} where {where} for {how}")])
