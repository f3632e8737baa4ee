"""Binding: one transaction, one tenant; unbound is an error; nothing survives into the pool's next borrower."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tenants.catalogue import audit
from tenants.database import db
from tenants.hosts import find_site
from tenants.queue import key
from tenants.scope import Scope, ScopeChanged, Unbound, bound
from tests import cast, harness


def who(conn) -> tuple[str, str]:
    return tuple(conn.execute(text("select current_user, current_setting('app.community', true)")).one())


def test_unbound_work_is_an_error(app):
    with app.app_context():
        with pytest.raises(Unbound):
            db.session.execute(text("select 1"))
        with pytest.raises(Unbound), db.engines[None].begin():
            pass
        with pytest.raises(Unbound):
            key("x")


def test_every_transaction_is_bound_again_after_a_commit(app):
    with app.app_context():
        site = find_site(app, harness.BASE, cast.HOME)
        with bound(site.scope):
            first = who(db.session.connection())
            db.session.commit()
            assert who(db.session.connection()) == first == ("cm_community", str(site.community_id))
            db.session.remove()


def test_the_scope_may_not_change_inside_a_transaction(app):
    with app.app_context():
        home, neighbour = (find_site(app, harness.BASE, slug).scope for slug in (cast.HOME, cast.NEXT))
        with bound(home):
            db.session.execute(text("select 1"))
            with bound(neighbour), pytest.raises(ScopeChanged):
                db.session.execute(text("select 1"))
            db.session.remove()


def test_a_savepoint_keeps_the_binding(app):
    with app.app_context():
        site = find_site(app, harness.BASE, cast.HOME)
        with bound(site.scope):
            before = who(db.session.connection())
            with db.session.begin_nested() as savepoint:
                savepoint.rollback()
            assert who(db.session.connection()) == before
            db.session.remove()


def test_nothing_is_left_on_the_connection_for_the_next_borrower(app):
    with app.app_context():
        site = find_site(app, harness.BASE, cast.HOME)
        engine = db.engines[None]
        with bound(site.scope), engine.begin() as conn:
            conn.execute(text("select 1"))
        raw = engine.raw_connection()
        try:
            with raw.cursor() as cursor:
                cursor.execute("select current_user, current_setting('app.community', true)")
                assert tuple(cursor.fetchone()) == ("cm_login", "")
        finally:
            raw.rollback()
            raw.close()


def test_threads_do_not_share_a_binding(app):
    def ask(slug: str) -> str:
        with app.app_context():
            site = find_site(app, harness.BASE, slug)
            with bound(site.scope), db.engines[None].begin() as conn:
                return who(conn)[1] + slug

    with ThreadPoolExecutor(4) as pool:
        seen = set(pool.map(ask, [cast.HOME, cast.NEXT] * 20))
    assert len(seen) == 2


def test_a_guest_cannot_become_somebody_else(app, place):
    with app.app_context():
        with bound(Scope("guest", street=1, community=1)), db.engines["guest"].begin() as conn:
            with pytest.raises(ProgrammingError, match="permission denied"):
                conn.execute(text("set role cm_community"))


def test_the_catalogue_audit_finds_nothing(superuser):
    with superuser.connect() as conn:
        assert audit(conn) == []


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("alter table matter no force row level security", "not enabled and forced"),
        ("drop policy community_select on matter; drop policy community_insert on matter; drop policy "
         "community_update on matter; drop policy street_select on matter; drop policy guest_select on matter",
         "without a policy"),
        ("create unique index planted on matter (number)", "not led by community_id"),
        ("create view planted as select * from matter", "security_invoker"),
        ("create materialized view planted as select 1 as one", "materialised"),
        ("create sequence planted", "sequence"),
        ("grant truncate on matter to cm_community", "dangerous privilege"),
        ("grant select on matter to cm_login", "the login itself"),
        ("alter role cm_login inherit", "strong or inheriting"),
        ("create policy planted on matter for select to cm_street using (street_id = 1 or true)", "policy with OR"),
        ("create function planted() returns int language sql security definer as 'select 1'", "security definer"),
    ],
)  # fmt: skip
def test_the_audit_finds_a_planted_fault(superuser, damage, finding):
    with superuser.connect() as conn:
        with conn.begin() as transaction:
            conn.exec_driver_sql(damage)
            found = audit(conn)
            transaction.rollback()
    assert any(finding in line for line in found), found
