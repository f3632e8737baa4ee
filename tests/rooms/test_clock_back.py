"""A clock that was ahead and comes back hurts nobody: what was written meanwhile neither shuts out nor stands still."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import clock
from app.faces import limits
from app.faces.jobs import audit as checking
from app.faces.jobs import periodic
from app.notices import delivery
from app.notices.models import Delivery
from app.people import import_runs, rules
from app.people.actor import SYSTEM
from app.people.desk import log_change
from app.records import audit, audit_verify, ledger_export
from app.records.ledger_export import LedgerExport
from tenants import live
from tenants.database import db, row_key, uuid7
from tenants.queue import key, redis
from tests.cast import HOME
from tests.conftest import inside, later
from tests.rooms.stage_setting import staff

AHEAD = timedelta(days=40)
DAY = 24 * 3600.0
WORDS = "百货商店门口的灯又不亮了，老人晚上不敢出门。"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``machine(40)``: the machine's own clock is so many days ahead."""
    ahead, real = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead[0])
    return lambda days: ahead.__setitem__(0, days * DAY)


def test_a_clock_that_is_just_being_written_stands(app: Any, browse: Any) -> None:
    path = Path(app.config["DATA_DIR"]) / "clock-offset"
    path.write_text(str(AHEAD.total_seconds()))
    assert clock.offset(app) == AHEAD
    path.write_text("")
    assert clock.offset(app) == AHEAD
    assert browse().get("/").status_code == 200
    path.unlink()
    assert clock.offset(app) == timedelta(0)


def test_nobody_rests_or_is_locked_out_until_it_is_that_late(now: Any) -> None:
    """A rest after wrong passwords, a code that was used; staff whose session says nothing true sign in anew."""
    _failed, until = rules.after_failure(4, now + AHEAD)
    assert rules.may_try(until, now)
    assert not rules.may_try(until, now + AHEAD)
    codes = {step: str(step) for step in rules.steps_around(now)}
    step = rules.step_of(now)
    assert rules.fitting_step(codes, str(step), rules.step_of(now + AHEAD)) == step
    assert rules.fitting_step(codes, str(step), step + 1) is None
    assert rules.is_worn_out(now + AHEAD, now)
    assert rules.is_idle(now + AHEAD, now, timedelta(hours=1))


def test_the_browser_s_session_and_draft_are_kept(app: Any, browse: Any, machine: Any) -> None:
    person = browse()
    machine(40)
    assert person.post("/say", {"words": WORDS}).status_code == 303
    machine(0)
    assert person.get("/say/where").status_code == 200, "the draft belongs to a cookie that was signed while ahead"


def test_limits_that_filled_up_are_empty_again(app: Any, browse: Any, machine: Any) -> None:
    app.extensions["slow_down"].enabled = True
    try:
        person = browse()
        machine(40)
        seen = [person.post("/say", {"words": WORDS}).status_code for _ in range(60)]
        assert seen[-1] == 429
        machine(0)
        assert person.post("/say", {"words": WORDS}).status_code == 303
        with person.client.session_transaction(base_url=f"http://{person.host}") as kept:
            assert kept["since"] - time.time() > DAY, "met while ahead"
    finally:
        app.extensions["slow_down"].enabled = False
    with app.test_request_context("/", base_url=f"http://{person.host}"):
        limits.session.update(visitor="x", since=int(time.time() + AHEAD.total_seconds()))
        assert limits._is_known()


def test_rounds_go_on_and_neither_lock_nor_turn_outlives_its_time(app: Any) -> None:
    """The store keeps the moment at which a key ends; after the jump back that is forty days away."""
    rounds = periodic.Rounds()
    with app.app_context():
        assert rounds.run_due(app, 1e6 + AHEAD.total_seconds()) > 0
        app.extensions["redis"].flushdb()
        assert rounds.run_due(app, 1e6) == len(periodic.PERIODICS)
        redis().set(periodic.LOCK, "whoever died meanwhile", ex=AHEAD)
        assert not periodic._hold("me")
        assert redis().ttl(periodic.LOCK) <= periodic.LOCK_SECONDS
    with inside(app, HOME):
        redis().set(key("live", "x", "turn"), 1, px=AHEAD)
        assert live.draw_again("x", 60_000)
        assert not live.draw_again("x", 60_000)


def test_what_was_claimed_meanwhile_is_taken_up_again(app: Any, now: Any) -> None:
    with inside(app, HOME):
        for state in ("sending", "queued"):
            db.session.add(Delivery(**row_key(), source="message", source_id=row_key()["id"], channel="mail",
                                    subject="x", words="x", carries=[], to_masked="", state=state, attempts=1,
                                    next_at=now + AHEAD, claimed_at=now + AHEAD, created_at=now))  # fmt: skip
        db.session.flush()
        assert delivery.doubt_the_dead(now=now) == 1
        assert len(delivery.due(now=now)) == 1
        for row in db.session.scalars(select(Delivery)):
            assert row.state in ("unsure", "queued")
        db.session.execute(update(Delivery).values(state="sending", claimed_at=now + timedelta(seconds=1)))
        assert delivery.doubt_the_dead(now=now) == 0, "two machines' clocks differ by a second"
        by = staff("xiaoli")
        export = LedgerExport(**row_key(), title="全部", state="running", asked_label="小李", asked_at=now)
        table = import_runs.hand_in(
            "households", file_name="户.csv", file_id=uuid7(), sha256="x", by=by, now=now, id=uuid7()
        )
        db.session.add(export)
        for beat, free in ((now + AHEAD, True), (now + timedelta(seconds=1), False)):
            export.beat_at, export.attempts, table.state, table.beat_at = beat, 1, "running", beat
            db.session.flush()
            assert ledger_export.waits(now=now) is free
            assert (import_runs.claim(now=now) is table) is free
            assert (ledger_export.claim(now=now) is export) is free


def test_a_seal_after_the_clock_came_back_accuses_nobody(app: Any, now: Any) -> None:
    with inside(app, HOME):
        for days in (0, 40, 1):
            log_change("hall", "hours", by=SYSTEM, now=later(days=days), after=str(days))
            db.session.commit()
            assert audit.seal_some(now=later(days=days, hours=1))
            db.session.commit()
        assert audit_verify.verify().findings == []
        log_change("hall", "hours", by=SYSTEM, now=later(days=-5), after="forged")
        db.session.commit()
        assert audit.seal_some(now=later(days=2))
        db.session.commit()
        assert [one.kind for one in audit_verify.verify().findings] == ["late"]


def test_a_check_of_the_logs_that_died_meanwhile_is_lost(app: Any, machine: Any) -> None:
    with inside(app, HOME):
        machine(40)
        checking._keep({"state": "running", "done": 0, "total": 0})
        machine(0)
        found = checking.last_check()
        assert found is not None
        assert found["state"] == "lost"
