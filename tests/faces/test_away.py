"""While database, store or disk are away people read words that help, and what they typed is still there."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text

from app import create_app
from tenants.database import db
from tenants.scope import SCOPE
from tests import harness

NOBODY = "postgresql+psycopg://postgres@/postgres?host=/nonexistent/socket"
SILENT = "unix:///nonexistent/valkey.sock"
WORDS = "三号楼的灯坏了半个月，晚上老人下楼看不见台阶，请快点修。"


def _knock(app: Flask, method: str, path: str, **more: Any) -> Any:
    client = app.test_client()
    return client.open(path, method=method, base_url=f"http://nanyandao.{harness.BASE}", **more)


def _is_kind(answer: Any) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.mimetype == "text/html"
    assert "再试" in answer.text
    assert "Traceback" not in answer.text


def test_without_a_database_the_words_come_back_to_be_handed_in_again(app: Flask, tmp_path: Path) -> None:
    lost = create_app(harness.settings(NOBODY, "x", app.config["REDIS_URL"], tmp_path))
    _is_kind(_knock(lost, "GET", "/"))
    asked = _knock(lost, "GET", "/matters?stage=open&page=2")
    assert 'href="/matters?stage=open&amp;page=2"' in asked.text, "the page that was asked for is one step away"
    assert 'href="/evil.test/"' in _knock(lost, "GET", "/%5Cevil.test/").text
    answer = _knock(lost, "POST", "/say", data={"words": WORDS, "once": "0192aaaa-0000-7000-8000-000000000001"})
    _is_kind(answer)
    assert WORDS in answer.text
    assert "0192aaaa-0000-7000-8000-000000000001" in answer.text
    refused = _knock(lost, "POST", "/sign-in", data={"login": "shuji", "password": "geheim-123"})
    _is_kind(refused)
    assert "geheim-123" not in refused.text


def test_a_hall_that_was_known_keeps_its_looks(app: Flask, tmp_path: Path) -> None:
    assert _knock(app, "GET", "/").status_code == 200
    lost = create_app(harness.settings(NOBODY, "x", app.config["REDIS_URL"], tmp_path))
    # What was looked up long ago is asked for again, and stands in only because nobody answers.
    known = app.extensions["tenants.sites"].items()
    lost.extensions["tenants.sites"] = {name: (-1e9, site) for name, (_moment, site) in known}
    answer = _knock(lost, "GET", "/")
    _is_kind(answer)
    assert "南盐道" in answer.text


def test_without_the_store_reading_goes_on_and_a_draft_is_not_lost(app: Flask) -> None:
    deaf = create_app({**app.config, "REDIS_URL": SILENT, "RATELIMIT_ENABLED": True})
    assert _knock(deaf, "GET", "/").status_code == 200
    answer = _knock(deaf, "POST", "/say", data={"words": WORDS, "wish": "早点修好"})
    _is_kind(answer)
    assert WORDS in answer.text


def test_a_full_disk_is_told_as_such_and_other_faults_of_the_disk_are_ours(app: Flask) -> None:
    def full() -> None:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")

    def odd() -> None:
        raise PermissionError(errno.EPERM, "not permitted")

    said = {}
    for work in (full, odd):
        with app.test_request_context("/", base_url=f"http://nanyandao.{harness.BASE}"):
            app.preprocess_request()
            try:
                work()
            except OSError as error:
                said[work.__name__] = app.make_response(app.handle_user_exception(error))
    assert said["full"].status_code == 503
    assert "现在只能看" in said["full"].get_data(as_text=True)
    assert said["odd"].status_code == 500


def test_a_connection_that_dies_at_the_very_end_costs_neither_answer_nor_binding(app: Flask, superuser: Engine) -> None:
    """Found under kill -9: the session could not be put away, and the thread kept the hall of that request."""

    def cut(response: Any) -> Any:
        with superuser.connect() as conn:
            mine = db.session.scalar(text("select pg_backend_pid()"))
            conn.execute(text("select pg_terminate_backend(:pid, 2000)"), {"pid": mine})
        return response

    with app.test_client() as client:
        found = app.after_request_funcs.setdefault(None, [])
        found.append(cut)
        try:
            answer = client.get("/", base_url=f"http://nanyandao.{harness.BASE}")
        finally:
            found.remove(cut)
    assert answer.status_code == 200
    assert SCOPE.get() is None
    assert _knock(app, "GET", "/").status_code == 200
