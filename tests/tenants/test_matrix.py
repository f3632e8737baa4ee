"""Every table × every scope × four commands: nobody sees, changes or plants a row of somebody else.

Generated from metadata (tenancy §5). Tenant 1 is bound; rows of its neighbour in the same street and of a community
in another street lie in every table.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, delete, func, insert, select, text, update
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
TABLES = sorted(kinds())
SCOPES = {
    "community": Scope("community", street=OWN[0], community=OWN[1]),
    "street": Scope("street", street=OWN[0]),
    "guest": Scope("guest", street=OWN[0], community=OWN[1], case=IDS["own"], invitation=IDS["own"], key=KEY),
    "witness": Scope("witness", street=OWN[0], community=OWN[1], case=IDS["own"], person=IDS["own"]),
    "teller": Scope("teller", street=OWN[0], community=OWN[1], case=IDS["own"]),
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
            conn.execute(text("update invitation_key set key_hash = :k where id = :i"), {"k": key, "i": IDS[tenant]})
        for name, (_table, _kind, access) in kinds().items():
            columns = {
                way.column for way in (access.guest, access.witness, access.teller) if way and way.setting != "key"
            } - {"id"}
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


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", TABLES)
def test_select(filled: dict[str, Engine], name: str, scope: str) -> None:
    table, kind, access = kinds()[name]
    letters = allowed(kind, access, scope)
    with bound(SCOPES[scope]), engine_of(filled, scope).connect() as conn:
        if "s" not in letters:
            with pytest.raises(ProgrammingError, match="permission denied"):
                conn.execute(select(func.count()).select_from(table))
            return
        everyone = {OWN[0], FAR[0], OWN[1], NEIGHBOUR[1], FAR[1], *IDS.values()}
        seen = set(conn.execute(select(table.c.id)).scalars()) & everyone
        assert seen == visible(name, kind, scope)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", TABLES)
def test_update_and_delete_touch_no_foreign_row(
    filled: dict[str, Engine], superuser: Engine, name: str, scope: str
) -> None:
    table, kind, access = kinds()[name]
    letters = allowed(kind, access, scope)
    foreign = list(
        [FAR[0]]
        if name == "street"
        else [NEIGHBOUR[1], FAR[1]]
        if name == "community"
        else [IDS["neighbour"], IDS["far"]]
    )
    if kind == "street":
        foreign = [IDS["far"]]
    foreign = [i for i in foreign if i not in visible(name, kind, scope)]
    column = next(c for c in table.columns if not c.primary_key and c.name not in ("street_id", "community_id"))
    with bound(SCOPES[scope]), engine_of(filled, scope).connect() as conn:
        for letter, statement in (
            ("u", update(table).where(table.c.id.in_(foreign)).values({column.name: column})),
            ("d", delete(table).where(table.c.id.in_(foreign))),
        ):
            try:
                with conn.begin():
                    changed = conn.execute(statement).rowcount
            except ProgrammingError as error:
                assert "permission denied" in str(error)
                assert letter not in letters
            else:
                assert changed == 0
    with superuser.connect() as conn:
        left = conn.execute(select(func.count()).select_from(table).where(table.c.id.in_(foreign))).scalar()
        assert left == len(foreign)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("tenant", ["neighbour", "far"])
@pytest.mark.parametrize("name", TABLES)
def test_insert_plants_no_foreign_row(
    filled: dict[str, Engine], superuser: Engine, name: str, tenant: str, scope: str
) -> None:
    table, kind, access = kinds()[name]
    street, community = TENANTS[tenant]
    may_write = (scope == "street" and tenant == "neighbour") or (kind == "street" and tenant == "neighbour")
    if may_write and "i" in allowed(kind, access, scope):
        pytest.skip("its own street's row: the street may write it")
    values = row(table, street=street, community=community + 50, row_id=uuid.uuid4())
    if name not in ("street", "community") and "community_id" in table.columns:
        values["community_id"] = community
    with bound(SCOPES[scope]), engine_of(filled, scope).connect() as conn:
        with pytest.raises((ProgrammingError, DBAPIError)) as refused:
            with conn.begin():
                conn.execute(insert(table).values(**values))
    assert not isinstance(refused.value, IntegrityError), "refused by a key, not by the policy: an existence oracle"
    assert any(word in str(refused.value) for word in ("row-level security", "permission denied"))


@pytest.mark.parametrize("name", TABLES)
def test_unbound_is_refused_by_the_database_itself(filled: dict[str, Engine], place: dict[str, Any], name: str) -> None:
    """An engine without the program's binding gets nothing, for reading and for writing."""
    bare = create_engine(place["login"])
    try:
        for statement in (f"select 1 from {name}", f"delete from {name}", f"update {name} set id = id"):
            with bare.connect() as conn, pytest.raises(ProgrammingError, match="permission denied"):
                conn.execute(text(statement))
        with bare.connect() as conn:
            conn.execute(text("set role cm_community"))
            _table, kind, access = kinds()[name]
            if "s" in access.community:
                with pytest.raises(DBAPIError):
                    conn.execute(text(f"select 1 from {name}"))
            assert kind
    finally:
        bare.dispose()
