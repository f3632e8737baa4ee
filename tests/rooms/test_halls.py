"""Opening, pausing and closing halls: one transaction each, by the street alone, and the database says the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from app.errors import Missing, NotAllowed, Refused
from app.faces.jobs.periodic import scopes
from app.people import hall_rules as rules
from app.people import halls, street_desk
from app.people.actor import Actor
from app.people.models import Account, ChangeLog, Membership, StreetAccount, StreetLog
from app.people.roles import Role
from tenants import queue
from tenants.brand import load_pack
from tenants.database import db
from tenants.hosts import Archived, find_site, forget_sites
from tenants.registry import Community
from tenants.scope import Scope, bound
from tests.conftest import harness, inside

ADMIN = Actor("street", "钱管理员", roles=frozenset({Role.STREET_ADMIN}))
WANTED = halls.Wanted(
    "xingfuli", "XFL", "幸福里社区", load_pack("xingfuli"), phone="8555 0101", secretary="孙书记", login="shuji"
)


def everything(superuser, slug: str) -> list[int]:
    """How many rows of each kind speak of a hall, whoever may see them."""
    with superuser.begin() as conn:
        found = conn.execute(text("select id from community where slug = :s"), {"s": slug}).scalars().all()
        tables = ("account", "membership", "change_log")
        return [len(found)] + [
            conn.execute(text(f"select count(*) from {name} where community_id <> all(:ids)"),
                         {"ids": known(conn)}).scalar() for name in tables
        ] + [conn.execute(text("select count(*) from street_log")).scalar()]  # fmt: skip


def known(conn) -> list[int]:
    """The cast's own halls."""
    return list(conn.execute(text("select id from community where slug in ('nanyandao', 'dianye')")).scalars())


@pytest.mark.parametrize(
    ("slug", "said"),
    [("xingfuli", ""), ("api", "留给平台"), ("Xing", "小写字母"), ("-a", "小写字母"), ("xn--fiq", "小写字母"),
     ("fuyuan", "比如 %(other)s")],
)  # fmt: skip
def test_a_slug_is_a_label_of_its_own(slug: str, said: str) -> None:
    verdict = rules.good_slug(slug, {"fuyuan", "fuyuan2"})
    assert (said in verdict.reason) if said else verdict.ok
    if slug == "fuyuan":
        assert verdict.values["other"] == "fuyuan3"


@pytest.mark.parametrize(
    ("code", "ok"), [("NY", True), ("NYDABC", True), ("N", False), ("NYDABCD", False), ("nyd", False), ("AB", False)]
)
def test_a_code_is_two_to_six_capitals_that_nobody_has(code: str, ok: bool) -> None:
    assert rules.good_code(code, {"AB"}).ok is ok


def test_a_hall_opens_whole_or_not_at_all(app, superuser, now, monkeypatch) -> None:
    """Killed at its last step, nothing of it stands; opened for good, its secretary can begin."""
    with inside(app):
        before = everything(superuser, "xingfuli")
        with monkeypatch.context() as broken:
            broken.setattr(halls.desk, "good_standing", lambda *_a, **_k: (_ for _ in ()).throw(RuntimeError("cut")))
            with pytest.raises(RuntimeError):
                halls.open_hall(WANTED, by=ADMIN, now=now)
        assert everything(superuser, "xingfuli") == before
        with pytest.raises(Refused):
            halls.open_hall(replace(WANTED, secretary=""), by=ADMIN, now=now)
        key = halls.open_hall(WANTED, by=ADMIN, now=now)
        assert everything(superuser, "xingfuli") == [1, 1, 1, 3, before[4] + 1]
        log = db.session.scalars(select(StreetLog).where(StreetLog.subject == "hall")).one()
        assert (log.what, log.by_label, log.after) == ("open", "钱管理员", "幸福里社区 xingfuli XFL")
        for taken, why in ((WANTED, "xingfuli2"), (replace(WANTED, slug="xingfuli2"), "XFL")):
            with pytest.raises(Refused) as error:
                halls.open_hall(taken, by=ADMIN, now=now)
            assert why in error.value.values.values()
        # The street opens halls and reads none of their accounts.
        with pytest.raises(ProgrammingError):
            db.session.scalars(select(Account)).all()
        db.session.rollback()
        newest = db.session.scalars(select(Community.id).order_by(Community.id.desc())).first()
        assert newest == key.community_id
    with inside(app, "xingfuli") as site:
        assert (site.hall, site.code, site.settings) == (load_pack("xingfuli").hall, "XFL", {})
        account, role = db.session.execute(select(Account, Membership.role).join(
            Membership, Membership.account_id == Account.id)).one()  # fmt: skip
        assert (account.login, account.must_change, role) == ("shuji", True, Role.SECRETARY)


def test_a_paused_hall_is_left_alone_and_loses_nothing(app, superuser, now) -> None:
    """The hall cannot pause or open itself: neither its desk nor its database role may touch that."""
    with inside(app, "nanyandao") as home:
        for change in ({"suspended_at": None}, {"closed_at": now}, {"code": "XX"}):
            with pytest.raises(ProgrammingError):
                db.session.execute(update(Community).values(**change))
            db.session.rollback()
    with inside(app):
        hall = halls.find_hall("nanyandao")
        with pytest.raises(Refused):
            halls.suspend(hall, " ", by=ADMIN, now=now)
        halls.suspend(halls.find_hall("nanyandao"), "换届", by=ADMIN, now=now)
        with pytest.raises(Refused):
            halls.suspend(halls.find_hall("nanyandao"), "换届", by=ADMIN, now=now)
        forget_sites(app)
        assert find_site(app, harness.BASE, "nanyandao").suspended_reason == "换届"
    with app.app_context():
        open_now = [scope.community for scope in scopes(app)]
        assert len(open_now) == 1
        assert home.community_id not in open_now
        with bound(home.scope):
            assert not queue.is_open(home.scope)
        queue.run_bound(home.scope.as_dict(), "no.such.module:work", {})
    with inside(app):
        halls.resume(halls.find_hall("nanyandao"), by=ADMIN, now=now)
        key = halls.add_secretary(halls.find_hall("nanyandao"), "新书记", "shuji2", by=ADMIN, now=now)
        with pytest.raises(Refused):
            halls.add_secretary(halls.find_hall("nanyandao"), "新书记", "shuji", by=ADMIN, now=now)
        halls.rebrand(halls.find_hall("nanyandao"), load_pack("fuyuan"), by=ADMIN, now=now)
        with pytest.raises(Refused):
            halls.archive(halls.find_hall("nanyandao"), "nanyan", by=ADMIN, now=now)
        halls.archive(halls.find_hall("nanyandao"), "nanyandao", by=ADMIN, now=now)
        forget_sites(app)
        with pytest.raises(Archived):
            find_site(app, harness.BASE, "nanyandao")
        with pytest.raises(Refused):
            halls.resume(halls.find_hall("nanyandao"), by=ADMIN, now=now)
        halls.restore(halls.find_hall("nanyandao"), by=ADMIN, now=now)
        forget_sites(app)
        said = db.session.scalars(select(StreetLog.what)).all()
        assert sorted(said) == sorted(["suspend", "resume", "secretary", "brand", "archive", "restore"])
    with inside(app, "nanyandao") as site:
        assert (site.suspended_at, site.hall, site.brand["brand"]) == (
            None, home.hall, load_pack("fuyuan").brand,
        )  # fmt: skip
        logged = db.session.scalars(select(ChangeLog.what).where(ChangeLog.subject.in_(("hall", "brand"))))
        assert sorted(logged) == sorted(["suspend", "resume", "brand", "archive", "restore"])
        assert key.login == "shuji2"


def test_only_the_street_opens_and_only_its_own(app, now) -> None:
    """A hall may not bind as the opener; an opener of one hall sees no other hall and none of another street."""
    with inside(app, "nanyandao"), pytest.raises((PermissionError, NotAllowed, Refused)):
        halls.open_hall(WANTED, by=ADMIN, now=now)
    with app.app_context():
        site = find_site(app, harness.BASE, "dianye")
        for scope in (Scope("opener", street=999, community=site.community_id),
                      Scope("opener", street=site.street_id, community=1)):  # fmt: skip
            with bound(scope):
                assert db.session.scalars(select(Community)).all() == []
                db.session.remove()
        with bound(Scope("street", street=site.street_id)):
            hall = halls.find_hall("dianye")
            db.session.expunge_all()
            db.session.remove()
        with bound(Scope("street", street=999)):
            for act in (halls.suspend, halls.archive):
                with pytest.raises(Refused):
                    act(hall, "dianye", by=ADMIN, now=now)
            with pytest.raises(Missing):
                halls.find_hall("dianye")
            db.session.remove()
    forget_sites(app)
    with inside(app, "dianye") as after:
        assert after.suspended_at is None


def test_the_street_keeps_an_administrator(app, now) -> None:
    """First passwords are changed, closed logins end their sessions, and the last administrator stays."""
    with inside(app):
        admin = db.session.scalars(select(StreetAccount).where(StreetAccount.login == "guanli")).one()
        with pytest.raises(Refused):
            street_desk.disable_account(admin, by=ADMIN, now=now)
        me = Actor("street", admin.display_name, admin.id, ADMIN.roles)
        with pytest.raises(Refused):
            street_desk.disable_account(admin, by=me, now=now)
        with pytest.raises(Refused):
            street_desk.add_account("guanli", "又一位", Role.STREET_ADMIN, "abcd-1234-efgh", by=me, now=now)
        with pytest.raises(Refused):
            street_desk.add_account("bad", "社区的", Role.SECRETARY, "abcd-1234-efgh", by=me, now=now)
        other = street_desk.add_account("sun", "孙主任", Role.STREET_ADMIN, "abcd-1234-efgh", by=me, now=now)
        street_desk.disable_account(other, by=me, now=now)
        epoch = other.epoch
        street_desk.enable_account(other, by=me, now=now)
        street_desk.reset_password(other, "wxyz-1234-efgh", by=me, now=now)
        assert (other.must_change, other.epoch) == (True, epoch + 1)
        street_desk.disable_account(admin, by=Actor("street", "孙主任", other.id, ADMIN.roles), now=now)
        said = db.session.scalars(select(StreetLog.what)).all()
        assert sorted(said) == sorted(["add", "disable", "enable", "password", "disable"])
