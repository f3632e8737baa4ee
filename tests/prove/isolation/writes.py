"""Random writes: INSERT, UPDATE, DELETE, MERGE and COPY FROM, aimed at foreign rows as often as at one's own."""

from __future__ import annotations

from typing import Any

from tests.prove.isolation.catalogue import FAR, NEIGHBOUR, OWN, Relation, literal
from tests.prove.isolation.expressions import Source
from tests.prove.isolation.reads import Reads, Step, Unit


class Writes(Reads):
    """Random changes, every one of them rolled back; both databases must answer alike."""

    def target(self, letter: str) -> Relation:
        """A table, mostly one on which the scope holds this letter."""
        granted = [t for t in self.tables if letter in t.letters[self.scope]]
        return self.rng.choice(granted) if granted and self.chance(0.85) else self.rng.choice(self.tables)

    def returning(self, table: Relation) -> str:
        """RETURNING, at times."""
        sources: list[Source] = [(table.name, table.fields)]
        return f" returning {self.rng.choice(('*', self.text(sources, 1)))}" if self.chance(0.5) else ""

    def planted(self, table: Relation) -> dict[str, str]:
        """A row to insert: one that stands there, of whatever tenant, under a new id and mostly as one's own."""
        row: dict[str, Any] = dict(self.rng.choice(table.rows)) if table.rows else {}
        values = {name: literal(value) for name, value in row.items()}
        if self.chance(0.6):
            values["id"] = f"'{self.rng.getrandbits(128):032x}'::uuid"
        place = OWN if self.chance(0.75) else self.rng.choice((NEIGHBOUR, FAR))
        values |= {"street_id": str(place[0])} if "street_id" in values else {}
        values |= {"community_id": str(place[1])} if "community_id" in values else {}
        for field in self.rng.sample(table.fields, min(2, len(table.fields))):
            if field.name not in ("street_id", "community_id") and self.chance(0.3):
                values[field.name] = self.value(field)
        return values

    def insert(self) -> Unit:
        """INSERT … VALUES or SELECT, ON CONFLICT, RETURNING."""
        table = self.target("i")
        values = self.planted(table)
        if not values:
            return self.read()
        names = ", ".join(values)
        if self.chance(0.25):
            alias = self.alias()
            taken = [f"{alias}.{n}" if self.chance(0.6) else v for n, v in values.items()]
            what = (
                f"select {', '.join(taken)} from {table.name} {alias} where {self.condition([(alias, table.fields)])}"
            )
        else:
            what = f"values ({', '.join(values.values())})"
        field = self.rng.choice(table.fields)
        key = ", ".join(
            c
            for c in ("community_id", "street_id", "id")
            if c in values and not (c == "street_id" and "community_id" in values)
        )
        update = f" on conflict ({key}) do update set {field.name} ="
        own = f"{table.name}.{field.name} where {self.condition([(table.name, table.fields)], 1)}"
        conflict = self.rng.choice(
            ("", "", " on conflict do nothing", f"{update} excluded.{field.name}", f"{update} {own}")
        )
        return Unit("insert", [Step(f"insert into {table.name} ({names}) {what}{conflict}{self.returning(table)}")])

    def update(self) -> Unit:
        """UPDATE … SET … FROM … RETURNING; at times it tries to move a row into another hall."""
        table, alias = self.target("u"), self.alias()
        sources: list[Source] = [(alias, table.fields)]
        field = self.rng.choice(table.fields)
        if self.scope == "street" and table.name == "street":
            return self.read()  # Hosts are unique over all streets, and public: told in docs/isolation.md.
        new = self.value(field) if self.chance(0.6) else f"{alias}.{field.name}"
        more = ""
        if self.chance(0.25):
            other, source = self.source()
            more, sources = f" from {other}", [*sources, source]
        where = self.condition(sources)
        tail = f" returning {self.text(sources, 1)}" if self.chance(0.5) else ""
        return Unit("update", [Step(f"update {table.name} {alias} set {field.name} = {new}{more} where {where}{tail}")])

    def delete(self) -> Unit:
        """DELETE … USING … RETURNING."""
        table, alias = self.target("d"), self.alias()
        sources: list[Source] = [(alias, table.fields)]
        more = ""
        if self.chance(0.25):
            other, source = self.source()
            more, sources = f" using {other}", [*sources, source]
        tail = f" returning {self.text(sources, 1)}" if self.chance(0.5) else ""
        where = f" where {self.condition(sources)}" if self.chance(0.8) else ""
        return Unit("delete", [Step(f"delete from {table.name} {alias}{more}{where}{tail}")])

    def merge(self) -> Unit:
        """MERGE with its three arms."""
        table, alias = self.target("u"), self.alias()
        other, source = self.source()
        field = self.rng.choice(table.fields)
        on = self.link([(alias, table.fields)], source, "full join")
        if on == "1 = 1":
            return self.read()  # A MERGE that reads no column of its target is a limit of its own: docs/isolation.md.
        arm = self.rng.choice(
            ("when matched then delete", f"when matched then update set {field.name} = {alias}.{field.name}",
             "when matched then do nothing", "when not matched then do nothing")
        )  # fmt: skip
        return Unit("merge", [Step(f"merge into {table.name} {alias} using {other} on {on} {arm}")])

    def chained(self) -> Unit:
        """A change inside a CTE, read by the query around it."""
        name = self.alias()
        change = self.rng.choice((self.insert, self.update, self.delete))().steps[0].sql
        if " returning " not in change:
            change += " returning 1 as one"
        return Unit("changing cte", [Step(f"with {name} as ({change}) select * from {name}")])

    def fed(self) -> Unit:
        """COPY … FROM STDIN of a row that belongs to somebody else."""
        table = self.target("i")
        row = self.rng.choice(table.rows) if table.rows else {}
        line = "\t".join("\\N" if value is None else str(value) for value in row.values())
        names = f" ({', '.join(row)})" if row else ""
        return Unit("copy from", [Step(f"copy {table.name}{names} from stdin", f"{line}\n".encode())])
