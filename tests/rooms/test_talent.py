"""One expert, one matter, one link: what each key opens and what it never opens."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from app.errors import Missing, Refused
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage
from app.talent import actions, pool, queries, rules
from app.talent.evidence import evidence_of
from app.talent.models import Expert, Invitation, InvitationKey, Opinion
from app.talent.rules import Way
from tenants.database import db, uuid7
from tenants.hosts import find_site
from tenants.scope import Scope, bound
from tests import cast, harness
from tests.conftest import inside, later
from tests.rooms.stage_setting import expert_id, matter_at, staff

LETTER = {"brief": "涵洞积水二十多年，一下雨就断路。", "questions": "排水该怎么改？"}


def invited(app, now, **more):
    """A matter with an invitation on its way: (matter id, invitation id, secret)."""
    with inside(app, cast.HOME):
        matter = matter_at("surveying", now=now)
        invitation, secret = actions.invite(matter, expert_id(), by=staff(), now=now, **LETTER, **more)
        db.session.commit()
        return matter.id, invitation.id, secret


@contextmanager
def guest(app, secret, case=None, invitation=None, slug=cast.HOME):
    """Bound as whoever holds the secret."""
    with app.app_context():
        site = find_site(app, harness.BASE, slug)
        scope = Scope("guest", street=site.street_id, community=site.community_id, case=case, invitation=invitation,
                      key=actions.fingerprint(secret))  # fmt: skip
        with bound(scope):
            try:
                yield
            finally:
                db.session.remove()


def test_the_expert_answers_and_the_opinion_stands_in_the_record(app, now):
    case, invitation, secret = invited(app, now)
    cookie = "c" * 43
    with guest(app, cookie, case, invitation):
        actions.keep_cookie(invitation, case, actions.fingerprint(cookie), now=later(0, 1))
        db.session.commit()
    with guest(app, secret, case, invitation):
        key = queries.key_behind(actions.fingerprint(secret))
        actions.accept(key, *queries.opened_by(key), now=later(0, 1))
        db.session.commit()
        assert actions.way_now(key, *queries.opened_by(key), later(0, 2)) is Way.SPENT
    with guest(app, cookie, case, invitation):
        key = queries.key_behind(actions.fingerprint(cookie))
        actions.hand_in(key, *queries.opened_by(key), words="先清淤，再做泵站。", now=later(1))
        db.session.commit()
        with pytest.raises(Refused):
            actions.hand_in(key, *queries.opened_by(key), words="改主意了", now=later(1))
    with inside(app, cast.HOME):
        matter = db.session.scalar(select(Matter).where(Matter.id == case))
        assert evidence_of(matter) == {"expert_opinion"}
        assert [o.words for o in queries.opinions_of(case)] == ["先清淤，再做泵站。"]
        verbs = db.session.scalars(select(TimelineEntry.verb).order_by(TimelineEntry.at, TimelineEntry.seq)).all()
        assert verbs == ["invite", "expert_accepts", "expert_opinion"]


def test_a_guest_sees_one_matter_and_nothing_else(app, now):
    case, invitation, secret = invited(app, now)
    other, *_ = invited(app, now)
    with guest(app, secret, case, invitation):
        assert db.session.scalars(select(Matter.id)).all() == [case]
        assert db.session.scalars(select(Invitation.id)).all() == [invitation]
        assert db.session.scalar(select(func.count()).select_from(InvitationKey)) == 1
        assert db.session.scalar(select(TimelineEntry.id).where(TimelineEntry.matter_id == other)) is None
    for line in (
        "select * from proposal",
        "select * from person",
        "update matter set title='x'",
        "select * from account",
    ):
        with guest(app, secret, case, invitation), pytest.raises(ProgrammingError):
            db.session.execute(text(line))


def test_a_key_of_another_hall_or_of_nobody_finds_nothing(app, now):
    _, _, secret = invited(app, now)
    with guest(app, secret, slug=cast.NEXT):
        assert queries.key_behind(actions.fingerprint(secret)) is None
    with guest(app, "nonsense-" * 4):
        assert queries.key_behind(actions.fingerprint("nonsense-" * 4)) is None


def test_the_code_read_aloud_opens_the_same_door(app, now):
    case, invitation, secret = invited(app, now)
    typed = f" {secret.code[:4].lower()} {secret.code[4:].lower()} "
    assert len(secret.code) == 8
    with guest(app, typed, case, invitation):
        key = queries.key_behind(actions.fingerprint(typed))
        assert actions.way_now(key, *queries.opened_by(key), later(0, 1)) is Way.OPEN


def test_the_secret_is_stored_only_as_a_fingerprint(app, now, superuser):
    _, _, secret = invited(app, now)
    with superuser.connect() as conn:
        rows = conn.execute(text("select key_hash, kind from invitation_key")).all()
    assert len(rows) == 2
    assert all(
        len(row.key_hash) == 64 and secret not in row.key_hash and secret.code not in row.key_hash for row in rows
    )


@pytest.mark.parametrize(
    ("kind", "state", "stage", "hours", "spent", "revoked", "way"),
    [
        ("link", "sent", "surveying", 71, False, False, Way.OPEN),
        ("link", "sent", "surveying", 73, False, False, Way.EXPIRED),
        ("link", "accepted", "surveying", 1, True, False, Way.SPENT),
        ("link", "accepted", "surveying", 1, False, False, Way.SPENT),
        ("link", "handed_in", "closed", 1, True, False, Way.SPENT),
        ("link", "sent", "surveying", 1, False, True, Way.REVOKED),
        ("link", "revoked", "surveying", 1, False, False, Way.REVOKED),
        ("link", "declined", "surveying", 1, True, False, Way.DECLINED),
        ("link", "sent", "terminated", 1, False, False, Way.CLOSED),
        ("cookie", "accepted", "voting", 71, False, False, Way.WORKING),
        ("cookie", "accepted", "closed", 1, False, False, Way.CLOSED),
        ("cookie", "handed_in", "surveying", 1, False, False, Way.DONE),
        ("cookie", "revoked", "surveying", 1, False, True, Way.REVOKED),
    ],
)
def test_what_a_key_opens(now, kind, state, stage, hours, spent, revoked, way):
    moment = later(0, hours)
    found = rules.way_of(kind, state, Stage(stage), expires_at=later(0, 72), spent_at=now if spent else None,
                         revoked_at=now if revoked else None, now=moment)  # fmt: skip
    assert found is way


def test_who_may_be_asked(hall, now):
    today = date(2026, 6, 1)
    assert rules.may_invite(Stage.SURVEYING, None, today, today)
    assert not rules.may_invite(Stage.SURVEYING, now, None, today)
    assert not rules.may_invite(Stage.SURVEYING, None, today - timedelta(days=1), today)
    assert not rules.may_invite(Stage.CLOSED, None, None, today)
    assert not rules.may_invite(Stage.SUBMITTED, None, None, today)
    matter = matter_at("surveying", now=now)
    with pytest.raises(Missing):
        actions.invite(matter, uuid7(), by=staff(), now=now, **LETTER)
    with pytest.raises(Refused):
        actions.invite(matter, expert_id(), by=staff(), now=now, brief=" ", questions="?")


def test_inviting_twice_is_refused_but_a_double_click_is_one(hall, now):
    matter, once = matter_at("surveying", now=now), uuid7()
    first, secret = actions.invite(matter, expert_id(), by=staff(), now=now, once=once, **LETTER)
    again, nothing = actions.invite(matter, expert_id(), by=staff(), now=now, once=once, **LETTER)
    assert (again, nothing) == (first, None)
    assert secret
    assert first.number == "邀-2026-001"
    with pytest.raises(Refused):
        actions.invite(matter, expert_id(), by=staff(), now=now, **LETTER)


def test_renewing_ends_the_old_link_and_revoking_ends_all(app, now):
    case, invitation, old = invited(app, now)
    with inside(app, cast.HOME):
        found, matter = actions.find(invitation), db.session.scalar(select(Matter))
        fresh = actions.renew(found, matter, by=staff(), now=later(4))
        db.session.commit()
    assert _way(app, old, case, invitation, later(4)) is Way.REVOKED
    assert _way(app, fresh, case, invitation, later(4)) is Way.OPEN
    with inside(app, cast.HOME):
        actions.revoke(actions.find(invitation), db.session.scalar(select(Matter)), by=staff(), now=later(5))
        db.session.commit()
    assert _way(app, fresh, case, invitation, later(5)) is Way.REVOKED


def test_declining_needs_a_reason_and_ends_the_link(app, now):
    case, invitation, secret = invited(app, now)
    with guest(app, secret, case, invitation):
        key = queries.key_behind(actions.fingerprint(secret))
        with pytest.raises(Refused):
            actions.decline(key, *queries.opened_by(key), reason=" ", now=now)
        actions.decline(key, *queries.opened_by(key), reason="认识其中一方", now=now)
        db.session.commit()
    assert _way(app, secret, case, invitation, now) is Way.DECLINED
    with inside(app, cast.HOME):
        line = db.session.scalar(select(TimelineEntry).where(TimelineEntry.verb == "expert_declines"))
        assert (line.public, line.reason) == (False, "认识其中一方")
        assert db.session.scalar(select(func.count()).select_from(Opinion)) == 0


def test_every_opening_is_logged(app, now):
    case, invitation, secret = invited(app, now)
    with guest(app, secret, case, invitation):
        actions.log_opening(invitation, "open", now=now)
        db.session.commit()
    with inside(app, cast.HOME):
        assert [row[2] for row in queries.invitations_of(case)] == [1]


def test_the_street_keeps_its_pool_and_sees_the_load(app, now):
    invited(app, now)
    with inside(app):
        pool.add_expert(code="x25", phone="138 0000 0001", name="郑师傅", profession="律师", skill="物业与相邻权")
        db.session.commit()
        rows = {expert.code: (load, phone) for expert, load, phone in queries.pool()}
        assert rows["X12"][0].asked == rows["X12"][0].waiting == 1
        assert rows["X25"][1]
        assert "13800000001" not in rows["X25"][1].replace(" ", "")
        with pytest.raises(Refused):
            pool.add_expert(code="X25", name="另一位", profession="律师", skill="合同")
        pool.suspend_expert(expert_id("X25"), now=now)
        db.session.commit()
    with inside(app, cast.HOME):
        assert "X25" not in {expert.code for expert in queries.invitable(now)}
        with pytest.raises(ProgrammingError):
            db.session.execute(text("select * from expert_contact"))


def test_an_expert_kept_from_the_halls_cannot_be_asked(app, now):
    with inside(app):
        expert = db.session.scalar(select(Expert).where(Expert.code == "X08"))
        expert.shared = False
        db.session.commit()
        hidden = expert.id
    with inside(app, cast.HOME), pytest.raises(Missing):
        actions.invite(matter_at("surveying", now=now), hidden, by=staff(), now=now, **LETTER)


def _way(app, secret, case, invitation, moment):
    with guest(app, secret, case, invitation):
        key = queries.key_behind(actions.fingerprint(secret))
        return actions.way_now(key, *queries.opened_by(key), moment)
