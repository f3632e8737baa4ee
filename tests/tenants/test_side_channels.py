"""What a policy does not cover: the rows of tenancy §5 that no other test holds. docs/isolation.md lists them all."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.errors import Missing
from app.matter.files import FileStore
from tenants import live, queue
from tenants.database import db
from tenants.hosts import find_site
from tenants.policies import _points_into_the_street, kinds
from tenants.scope import Scope, Unbound, bound
from tests import cast, harness
from tests.conftest import inside
from tests.tenants.rows import row


@pytest.fixture
def conn(app: Any) -> Iterator[Connection]:
    """A transaction of 电业, undone at the end."""
    with app.app_context():
        with bound(find_site(app, harness.BASE, cast.NEXT).scope), db.engines[None].connect() as conn:
            with conn.begin() as transaction:
                yield conn
                transaction.rollback()


@pytest.fixture
def both(app: Any) -> tuple[Any, Any]:
    """The two halls' sites: 电业, which asks, and 南盐道, which must not be told of."""
    with app.app_context():
        return find_site(app, harness.BASE, cast.NEXT), find_site(app, harness.BASE, cast.HOME)


def refusal(conn: Connection, statement: Any, values: Any = None) -> str:
    """The text of the error, without the statement and its parameters."""
    with pytest.raises(DBAPIError) as told, conn.begin_nested():
        conn.execute(statement, values or {})
    return str(told.value.orig)


def test_a_reference_to_a_foreign_row_fails_as_one_to_a_missing_row(conn, both, superuser):
    mine, theirs = both
    with superuser.connect() as eyes:
        grid = eyes.execute(text("select id from grid where community_id = :c"), {"c": theirs.community_id}).scalar()
        estate = eyes.execute(text("select id from estate where community_id = :c"), {"c": mine.community_id}).scalar()
    table = kinds()["building"][0]
    plain = row(table, street=mine.street_id, community=mine.community_id, row_id=uuid.uuid4()) | {"estate_id": estate}
    told = {refusal(conn, insert(table).values(**(plain | {"grid_id": one}))).replace(str(one), "") for one in
            (grid, uuid.uuid4())}  # fmt: skip
    assert len(told) == 1
    assert "foreign key" in told.pop()


def test_a_row_cannot_ask_for_a_row_of_a_foreign_street(conn, both):
    """A key led by the street would answer differently for what is there and what is not; the policy speaks first."""
    mine, _theirs = both
    pointing = [
        table for table, kind, access in kinds().values()
        if kind == "tenant" and _points_into_the_street(table) and "i" in access.community
    ]  # fmt: skip
    assert pointing
    for table in pointing:
        values = row(table, street=mine.street_id + 77, community=mine.community_id, row_id=uuid.uuid4())
        assert "row-level security" in refusal(conn, insert(table).values(**values))


def test_the_same_natural_key_is_free_in_every_hall(conn, both, superuser):
    mine, theirs = both
    table = kinds()["account"][0]
    with superuser.begin() as eyes:
        there = row(table, street=theirs.street_id, community=theirs.community_id, row_id=uuid.uuid4())
        eyes.execute(insert(table).values(**(there | {"login": "gleich", "person_id": None})))
    here = row(table, street=mine.street_id, community=mine.community_id, row_id=uuid.uuid4())
    conn.execute(insert(table).values(**(here | {"login": "gleich", "person_id": None})))
    assert conn.execute(text("select count(*) from account where login = 'gleich'")).scalar() == 1


def test_error_texts_hold_no_foreign_value(conn, superuser, both):
    _mine, theirs = both
    with superuser.connect() as eyes:
        query = text("select name, id from building where community_id = :c")
        names = eyes.execute(query, {"c": theirs.community_id}).one()
    for statement in (
        "select name::int from building", "select 1 / (length(name) - length(name)) from building where id = :i",
        "update building set name = null where id = :i or true", "insert into building select * from building",
        "delete from building where name::uuid is not null",
    ):  # fmt: skip
        try:
            with conn.begin_nested():
                conn.execute(text(statement), {"i": names.id} if ":i" in statement else {})
        except DBAPIError as error:
            assert str(names.id) not in str(error.orig), statement


def test_copy_shows_ones_own_rows_and_takes_none(conn, both):
    cursor = conn.connection.cursor()
    with cursor.copy("copy (select community_id from account) to stdout") as copy:
        seen = {int(line[0]) for line in copy.rows()}
    assert seen == {both[0].community_id}
    assert "row-level security" in refusal(conn, text("copy account from stdin"))


def test_statistics_and_other_sessions_show_no_value(conn):
    assert conn.execute(text("select count(*) from pg_stats where schemaname = 'public'")).scalar() == 0
    others = "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and query <> ''"
    assert conn.execute(text(f"{others} and query not like '<insufficient%'")).scalar() == 0
    assert "permission denied" in refusal(conn, text("select * from pg_statistic"))


def test_a_login_waits_neither_long_for_a_lock_nor_for_an_answer(place):
    for login in ("login", "guest"):
        engine = create_engine(place[login])
        with engine.connect() as conn:
            assert conn.execute(text("show statement_timeout")).scalar() == "15s"
            assert conn.execute(text("show lock_timeout")).scalar() == "5s"
            assert conn.execute(text("show is_superuser")).scalar() == "off"
        engine.dispose()


def test_a_scope_cannot_empty_a_table(conn):
    for statement in ("truncate building", "lock table street in access exclusive mode"):
        assert "permission denied" in refusal(conn, text(statement))


def test_a_merge_that_reads_no_column_fails_and_shows_nothing(conn):
    """PostgreSQL then asks only the policy of the change and stops at the first foreign row (docs/isolation.md)."""
    statement = "merge into building b using (select 1) s on true when matched then update set name = 'x'"
    assert refusal(conn, text(statement)).startswith("target row violates row-level security policy")


def test_who_may_only_write_reads_nothing_back(app, both):
    mine, _theirs = both
    scope = Scope("witness", street=mine.street_id, community=mine.community_id, case=uuid.uuid4(), person=uuid.uuid4())
    table = kinds()["look"][0]
    values = row(table, street=mine.street_id, community=mine.community_id, row_id=uuid.uuid4())
    with app.app_context(), bound(scope), db.engines[None].connect() as conn, conn.begin():
        assert "permission denied" in refusal(conn, text("select * from look"))
        wanted = insert(table).values(**(values | {"matter_id": scope.case})).returning(table.c.id)
        assert "permission denied" in refusal(conn, wanted)


def test_the_program_refuses_a_login_that_sees_everything(place):
    settings = harness.settings(place["owner"], place["database"], place["redis"], Path(place["data_dir"]))
    strong = create_app(settings | {"SQLALCHEMY_DATABASE_URI": place["owner"]})
    with strong.app_context(), bound(Scope("street", street=1)), pytest.raises(RuntimeError, match="sees through"):
        db.session.execute(text("select 1"))


def test_nothing_kept_for_one_hall_is_found_by_the_next(app):
    with inside(app, cast.HOME):
        live.publish({"poll": 7})
        live.keep("poll", "7", "wall", "南盐道")
    with inside(app, cast.NEXT):
        assert live.standing("poll") == (None, "")
        assert live.kept("poll", "7", "wall") is None
    with app.app_context(), pytest.raises(Unbound):
        live.publish({"poll": 1})


def test_a_job_without_its_binding_does_not_run(app):
    with app.app_context():
        with pytest.raises(RuntimeError, match="KeyError"):
            queue.run_bound({}, "app.faces.jobs.work:urge", {})
        with pytest.raises(Unbound):
            queue._run({"kind": "community", "street": None, "community": None}, "app.faces.jobs.work:sweep_files", {})
        db.session.rollback()
        db.session.remove()


def test_a_file_is_not_found_in_the_next_halls_folder(tmp_path):
    store, name = FileStore(tmp_path), uuid.uuid4()
    store.put(1, name, b"x")
    with pytest.raises(Missing):
        store.open(2, name)
    assert store.forget_unreferenced(2, [], older_than=datetime.now(UTC)) == []
    assert store.open(1, name).read() == b"x"


def test_two_halls_at_once_sign_their_sessions_each_with_its_own_salt(app, monkeypatch):
    """One object signs for all threads: while a request of one hall stands at the signing, the other's goes through."""
    interface, plain = app.session_interface, SecureCookieSessionInterface.get_signing_serializer
    arrived, passed, kept = threading.Event(), threading.Event(), {}

    def signing(hall: str, base: str) -> None:
        with app.test_request_context("/", base_url=f"http://{base}.{harness.BASE}"):
            kept[hall] = interface.get_signing_serializer(app)

    def held(self: Any, app: Any) -> Any:
        if threading.current_thread().name == "first" and here_at_last():
            arrived.set()
            assert passed.wait(10)
        return plain(self, app)

    def here_at_last(times: Iterator[int] = iter(range(9))) -> bool:
        # The first serializer of a request opens its session; the second is the one that signs here.
        return next(times) == 1

    monkeypatch.setattr(SecureCookieSessionInterface, "get_signing_serializer", held)
    first = threading.Thread(target=signing, args=("first", cast.HOME), name="first")
    first.start()
    assert arrived.wait(10)
    signing("second", cast.NEXT)
    passed.set()
    first.join(10)
    assert kept["first"].salt != kept["second"].salt
