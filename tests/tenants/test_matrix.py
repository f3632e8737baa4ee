"""Every table × every scope × four commands: nobody sees, changes or plants a row of somebody else.

One test asks all tables of one scope, and its failure names every table at fault. Generated from metadata (tenancy
§5). Tenant 1 is bound; rows of its neighbour in the same street and of a community in another street lie in every
table.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from app import models  # noqa: F401
from tenants.database import watch
from tenants.policies import kinds
from tenants.scope import Scope, bound
from tests import harness
from tests.tenants.rows import row

#: (street, community) of the bound tenant, its neighbour, and a community of another street.
OWN, NEIGHBOUR, FAR = (901, 911), (901, 912), (902, 921)
TENANTS = {"own": OWN, "neighbour": NEIGHBOUR, "far": FAR}
IDS = {name: uuid.UUID(int=1000 + number) for number, name in enumerate(TENANTS)}
KEY = "0" * 64
EVERYONE = {OWN[0], FAR[0], OWN[1], NEIGHBOUR[1], FAR[1], *IDS.values()}
TABLES = sorted(kinds())
SCOPES = {
    "community": Scope("community", street=OWN[0], community=OWN[1]),
    "street": Scope("street", street=OWN[0]),
    "guest": Scope("guest", street=OWN[0], community=OWN[1], case=IDS["own"], invitation=IDS["own"], key=KEY),
    "witness": Scope("witness", street=OWN[0], community=OWN[1], case=IDS["own"], person=IDS["own"]),
    "teller": Scope("teller", street=OWN[0], community=OWN[1], case=IDS["own"]),
    "opener": Scope("opener", street=OWN[0], community=OWN[1]),
    "door": Scope("door", street=OWN[0], slug=f"s{OWN[1]}", host=f"street{OWN[0]}.test"),
}


@pytest.fixture(scope="module")
def filled(place: dict[str, Any], superuser: Engine) -> Iterator[dict[str, Engine]]:
    """One row per tenant in every table; and the program's two logins, bound like the program binds them."""
    harness.reset(superuser)
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        for name, (table, kind, _access) in sorted(kinds().items()):
            for tenant, (street, community) in TENANTS.items():
                if tenant == "neighbour" and (name == "street" or kind == "street"):
                    continue  # both live in the same street, so there is one row of the street for both
                conn.execute(insert(table).values(**row(table, street=street, community=community, row_id=IDS[tenant])))
        for tenant, key in (("own", KEY), ("neighbour", KEY), ("far", "f" * 64)):
            for keys in ("invitation_key", "task_link"):
                conn.execute(text(f"update {keys} set key_hash = :k where id = :i"), {"k": key, "i": IDS[tenant]})
        for name, (_table, _kind, access) in kinds().items():
            columns = {
                way.column for way in (access.guest, access.witness, access.teller) if way and way.setting != "key"
            } - {"id", ""}
            for column in sorted(columns):
                for row_id in IDS.values():
                    conn.execute(text(f"update {name} set {column} = :i where id = :i"), {"i": row_id})
    engines = {"program": create_engine(place["login"]), "guest": create_engine(place["guest"])}
    for engine in engines.values():
        watch(engine)
    yield engines
    for engine in engines.values():
        engine.dispose()
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
    harness.reset(superuser)


def test_every_table_has_a_row_of_each_tenant(filled: dict[str, Engine], superuser: Engine) -> None:
    with superuser.connect() as conn:
        for name in TABLES:
            two = name == "street" or kinds()[name][1] == "street"
            wanted = {OWN[0], FAR[0]} if name == "street" else {IDS["own"], IDS["far"]} if two else set(IDS.values())
            if name == "community":
                wanted = {OWN[1], NEIGHBOUR[1], FAR[1]}
            found = set(conn.execute(text(f"select id from {name}")).scalars()) & wanted
            assert found == wanted, f"{name}: give tests/tenants/rows.py a valid row for this table"


def allowed(kind: str, access: Any, scope: str) -> str:
    """The letters that metadata grants a scope on a table."""
    if scope == "door":
        return "s" if kind == "registry" else ""
    if scope == "guest":
        return "s" if kind == "registry" else (access.guest.commands if access.guest else "")
    if scope in ("witness", "teller"):
        narrow = getattr(access, scope)
        return str(narrow.commands) if narrow else ""
    return str(getattr(access, scope))


def visible(name: str, kind: str, scope: str) -> set[Any]:
    """Which of the three rows a scope may see where it holds SELECT."""
    if name == "street":
        return {OWN[0]}
    if name == "community":
        return {OWN[1], NEIGHBOUR[1]} if scope == "street" else {OWN[1]}
    if kind == "tenant" and scope == "street":
        return {IDS["own"], IDS["neighbour"]}
    return {IDS["own"]}


def engine_of(filled: dict[str, Engine], scope: str) -> Engine:
    return filled["guest" if scope == "guest" else "program"]


def report(scope: str, problems: dict[str, str]) -> None:
    """Fail with every table at fault, not only the first."""
    assert not problems, "\n".join(f"{name} as {scope}: {problem}" for name, problem in problems.items())


@pytest.mark.parametrize("scope", SCOPES)
def test_select(filled: dict[str, Engine], scope: str) -> None:
    problems = {}
    with bound(SCOPES[scope]), engine_of(filled, scope).connect() as conn:
        for name in TABLES:
            if problem := reads_wrongly(conn, name, scope):
                problems[name] = problem
    report(scope, problems)


def reads_wrongly(conn: Connection, name: str, scope: str) -> str:
    """What is wrong with what a scope reads of a table; empty when it is exactly its own rows, or nothing at all."""
    table, kind, access = kinds()[name]
    may_read = "s" in allowed(kind, access, scope)
    columns = [table.c.id] if may_read else [func.count()]
    try:
        with conn.begin():
            seen = set(conn.execute(select(*columns).select_from(table)).scalars()) & EVERYONE
    except ProgrammingError as error:
        return "" if not may_read and "permission denied" in str(error) else str(error)
    if not may_read:
        return "reads a table that it was not granted"
    expected = visible(name, kind, scope)
    return "" if seen == expected else f"sees {seen}, not {expected}"


@pytest.mark.parametrize("scope", SCOPES)
def test_update_and_delete_touch_no_foreign_row(filled: dict[str, Engine], superuser: Engine, scope: str) -> None:
    problems = {}
    with bound(SCOPES[scope]), engine_of(filled, scope).connect() as conn:
        for name in TABLES:
            if problem := changes_foreign_rows(conn, name, scope):
                problems[name] = problem
    with superuser.connect() as conn:
        for name in TABLES:
            table, wanted = kinds()[name][0], foreign_rows(name, scope)
            left = conn.execute(select(func.count()).select_from(table).where(table.c.id.in_(wanted))).scalar()
            if left != len(wanted):
                problems[name] = f"{left} of {len(wanted)} foreign rows are left"
    report(scope, problems)


def foreign_rows(name: str, scope: str) -> list[Any]:
    """Ids of the rows of a table that are none of this scope's business."""
    kind = kinds()[name][1]
    if name == "street":
        there: list[Any] = [FAR[0]]
    elif name == "community":
        there = [NEIGHBOUR[1], FAR[1]]
    else:
        there = [IDS["far"]] if kind == "street" else [IDS["neighbour"], IDS["far"]]
    return [i for i in there if i not in visible(name, kind, scope)]


def changes_foreign_rows(conn: Connection, name: str, scope: str) -> str:
    """Try to update and to delete them; what is wrong with the outcome, or nothing."""
    table, kind, access = kinds()[name]
    letters, foreign = allowed(kind, access, scope), foreign_rows(name, scope)
    granted = access.columns if scope == "community" else ()
    column = next(
        c
        for c in table.columns
        if not c.primary_key and c.name not in ("street_id", "community_id") and (not granted or c.name in granted)
    )
    for letter, statement in (
        ("u", update(table).where(table.c.id.in_(foreign)).values({column.name: column})),
        ("d", delete(table).where(table.c.id.in_(foreign))),
    ):
        try:
            with conn.begin():
                changed = conn.execute(statement).rowcount
        except ProgrammingError as error:
            if "permission denied" not in str(error) or letter in letters:
                return f"{letter}: {error}"
        else:
            if changed:
                return f"{letter}: changed {changed} foreign rows"
    return ""


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("tenant", ["neighbour", "far"])
def test_insert_plants_no_foreign_row(filled: dict[str, Engine], tenant: str, scope: str) -> None:
    problems, asked = {}, 0
    with bound(SCOPES[scope]), engine_of(filled, scope).connect() as conn:
        for name in TABLES:
            _table, kind, access = kinds()[name]
            of_its_street = tenant == "neighbour" and (scope == "street" or kind == "street")
            if of_its_street and "i" in allowed(kind, access, scope):
                continue  # A row of its own street: the street may write it.
            asked += 1
            if problem := plants(conn, name, tenant):
                problems[name] = problem
    assert asked > 0.75 * len(TABLES)
    report(f"{scope} for {tenant}", problems)


def plants(conn: Connection, name: str, tenant: str) -> str:
    """Try to insert a row of another tenant; empty when a policy or a missing grant refused it."""
    table = kinds()[name][0]
    street, community = TENANTS[tenant]
    values = row(table, street=street, community=community + 50, row_id=uuid.uuid4())
    if name not in ("street", "community") and "community_id" in table.columns:
        values["community_id"] = community
    try:
        with conn.begin():
            conn.execute(insert(table).values(**values))
    except IntegrityError as error:
        return f"refused by a key, not by the policy: an existence oracle: {error}"
    except DBAPIError as error:
        refused = any(word in str(error) for word in ("row-level security", "permission denied"))
        return "" if refused else str(error)
    return "planted a row"


def test_unbound_is_refused_by_the_database_itself(filled: dict[str, Engine], place: dict[str, Any]) -> None:
    """A connection without the program's binding gets nothing, for reading and for writing."""
    bare, problems = create_engine(place["login"]), {}
    try:
        with bare.connect() as conn:
            for name in TABLES:
                if problem := answers_unbound(conn, name):
                    problems[name] = problem
    finally:
        bare.dispose()
    report("nobody", problems)


def answers_unbound(conn: Connection, name: str) -> str:
    """The login alone holds no grant; the hall's role without its settings makes every policy fail loudly."""
    for statement in (f"select 1 from {name}", f"delete from {name}", f"update {name} set id = id"):
        try:
            with conn.begin():
                conn.execute(text(statement))
        except ProgrammingError as error:
            if "permission denied" not in str(error):
                return f"{statement}: {error}"
        else:
            return f"{statement} was not refused"
    if "s" not in kinds()[name][2].community:
        return ""
    try:
        with conn.begin():
            conn.execute(text("set local role cm_community"))
            conn.execute(text(f"select 1 from {name}"))
    except DBAPIError:
        return ""
    return "the hall's role reads it unbound"
