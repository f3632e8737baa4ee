"""The database: engines that bind every transaction, and what a tenant, street or joint table is.

Flask-SQLAlchemy is kept as a thin layer. The scope decides the engine (guests have a login of their own), and the
engine's ``begin`` event sets the role and the settings, so Session, Core, jobs and the shell are all covered.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, MetaData, Text, Uuid, bindparam, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry, relationship
from sqlalchemy.sql.elements import BindParameter

from .driver import make_lean
from .scope import BIND, SCOPE, ScopeChanged, Unbound, current, current_community, current_street

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base: aware datetimes, unlimited text, named constraints."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: DateTime(timezone=True), str: Text(), int: BigInteger()},
    )


class ScopedSession(FlaskSession):
    """A session whose engine follows the bound scope, never the model."""

    def get_bind(self, *args: Any, **kw: Any) -> Engine | Connection:
        """Guests and the keeper use logins of their own; everybody else uses the program's login."""
        scope = current()
        return db.engines[scope.kind if scope.kind in ("guest", "keeper") else None]


db = SQLAlchemy(model_class=Base, session_options={"class_": ScopedSession, "autoflush": True})


def uuid7() -> UUID:
    """A time-ordered id (RFC 9562 version 7) made by the application, so a retry can keep it."""
    milliseconds = time.time_ns() // 1_000_000
    value = int.from_bytes(milliseconds.to_bytes(6, "big") + os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))


@dataclass(frozen=True)
class Narrow:
    """What a narrow scope may do with a table: ``commands`` of s, i, u, d where ``column`` equals ``app.<setting>``.

    Without a column it may write any row of its hall: what a trigger notes down beside the row itself.
    """

    commands: str
    column: str
    setting: str


#: The expert's rows are named by what opened them, the street's witness's by the matter and the person looked at, the
#: teller's by the poll whose box is opened.
Guest: TypeAlias = Narrow
Witness: TypeAlias = Narrow
Teller: TypeAlias = Narrow


@dataclass(frozen=True)
class Access:
    """Grants per role as letters of s(elect) i(nsert) u(pdate) d(elete); the policies follow the table's kind.

    ``opener`` is what the street's admin may do while it opens, pauses or closes the one hall named. ``columns`` are
    the only ones the hall itself may change. In a ``sided`` table hall and street both write, each only rows whose
    ``side`` is its own. ``read_when`` names a boolean column: the hall itself reads a row only once it is true (a
    ballot box once opened).
    """

    community: str = "siu"
    street: str = "s"
    guest: Guest | None = None
    witness: Witness | None = None
    teller: Teller | None = None
    read_when: str = ""
    shared_only: bool = False
    opener: str = ""
    columns: tuple[str, ...] = ()
    sided: bool = False


class Tenant:
    """A row of one community: key ``(community_id, id)``, and the street it belongs to beside it."""

    __kind__: ClassVar[str] = "tenant"
    __access__: ClassVar[Access] = Access()

    community_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, default=current_community)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    street_id: Mapped[int] = mapped_column(BigInteger, default=current_street)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (*cls.extra_args(), community_key())

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        """Constraints and indexes of the table itself; override this, not ``__table_args__``."""
        return ()


class StreetRow:
    """A row of one street office: key ``(street_id, id)``. A community may read it where its access says so."""

    __kind__: ClassVar[str] = "street"
    __access__: ClassVar[Access] = Access(community="s", street="siu")

    street_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, default=current_street)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (*cls.extra_args(), ForeignKeyConstraint(["street_id"], ["street.id"]))

    @classmethod
    def extra_args(cls) -> tuple[Any, ...]:
        """Constraints and indexes of the table itself."""
        return ()


#: The bound community as a value of a statement that is built once and asked by every hall: putting the statements of a
#: page together costs more than answering them.
HERE: BindParameter[int] = bindparam("here", callable_=current_community, type_=BigInteger())


def row_key(row_id: UUID | None = None) -> dict[str, Any]:
    """The key of a new tenant row as plain values, for inserts that bypass the mapper's defaults."""
    return {"community_id": current_community(), "street_id": current_street(), "id": row_id or uuid7()}


def community_key() -> ForeignKeyConstraint:
    """A tenant row names its community together with its street, so the pair can never disagree."""
    return ForeignKeyConstraint(["street_id", "community_id"], ["community.street_id", "community.id"])


def tfk(column: str, to: str, **kw: Any) -> ForeignKeyConstraint:
    """A foreign key inside one tenant: led by ``community_id``, so no row can point into another community."""
    return ForeignKeyConstraint(["community_id", column], [f"{to}.community_id", f"{to}.id"], **kw)


def sfk(column: str, to: str, **kw: Any) -> ForeignKeyConstraint:
    """A foreign key inside one street: led by ``street_id``."""
    return ForeignKeyConstraint(["street_id", column], [f"{to}.street_id", f"{to}.id"], **kw)


def to_one(mine: str, column: str, other: str, **kw: Any) -> Any:
    """Many-to-one inside a tenant; the ORM writes only the id half of the key."""
    on = f"and_(foreign({mine}.{column})==remote({other}.id), {mine}.community_id==remote({other}.community_id))"
    return relationship(other, primaryjoin=on, **kw)


def to_many(mine: str, other: str, column: str, **kw: Any) -> Any:
    """One-to-many inside a tenant."""
    on = f"and_(foreign(remote({other}.{column}))=={mine}.id, remote({other}.community_id)=={mine}.community_id)"
    return relationship(other, primaryjoin=on, **kw)


def _bind(conn: Connection) -> None:
    conn.info.pop("scope", None)
    scope = SCOPE.get()
    if scope is None:
        raise Unbound("a transaction was begun while no tenant was bound")
    conn.info["scope"] = scope
    conn.exec_driver_sql(BIND, scope.as_settings())


def _guard(conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    if statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
        return
    if conn.info.get("scope") != SCOPE.get():
        raise ScopeChanged("the scope changed inside an open transaction: commit or roll back first")


def _make_lean(dbapi_connection: Any, _record: Any) -> None:
    make_lean(dbapi_connection)


def watch(engine: Engine) -> None:
    """Bind each transaction of ``engine`` and refuse a scope that changes inside one."""
    if not event.contains(engine, "begin", _bind):
        event.listen(engine, "begin", _bind)
        event.listen(engine, "before_cursor_execute", _guard)


def init_database(app: Flask) -> None:
    """Open the engines named in the configuration; a superuser or BYPASSRLS login is refused at the first connect."""
    db.init_app(app)
    with app.app_context():
        for name, engine in db.engines.items():
            watch(engine)
            if name != "keeper":
                event.listen(engine, "connect", _make_lean)
                event.listen(engine, "first_connect", _refuse_strong_login)


def _refuse_strong_login(dbapi_connection: Any, _record: Any) -> None:
    with dbapi_connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        row = cursor.fetchone()
    dbapi_connection.rollback()
    if row and row[0]:
        raise RuntimeError("DATABASE_URL names a login that sees through row-level security; use cm_login")
