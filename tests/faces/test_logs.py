"""What the program writes down about itself names nobody, is one line a request, and carries one number through all."""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
from datetime import datetime
from typing import Any

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.faces import logs, metrics, standing
from app.faces.probes import head_revision
from app.flow.collect import queries
from app.matter import retention
from app.people import holdings
from app.people.privacy import PhoneCode
from deploy.lines import Lines
from deploy.supervise import logs as files
from tenants import policies
from tenants.database import db
from tenants.queue import enqueue, queue
from tenants.scope import current
from tests import cast
from tests.conftest import inside, later
from tests.faces.test_expert_link import made

WORDS = "三楼李奶奶家的水管漏了半个月没人管"
NAME, PHONE, CODE = "王桂兰芬", "13933334444", "402618375012"


@pytest.fixture
def written(app: Any) -> Any:
    """Everything that is logged, in an office, by somebody who asks for every detail."""
    out = io.StringIO()
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("serve", "DEBUG", out)
    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        engine.hide_parameters = True
    yield out
    for engine in engines:
        engine.hide_parameters = False
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


def break_with_values() -> None:
    """A job that fails as the database does: with the whole row in the error's words."""
    for _twice in range(2):
        db.session.add(PhoneCode(phone_index=PHONE, phone_sealed=NAME, code_hmac="x", asked_at=later(),
                                 expires_at=later(), receipt="no such receipt"))  # fmt: skip
        db.session.flush()


def fail(*_given: object, **_named: object) -> None:
    raise RuntimeError(f"{NAME} {PHONE}")


def work_the_queue() -> None:
    worker = SimpleWorker([queue()], connection=queue().connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="DEBUG")


def test_nothing_personal_is_ever_written(app, browse, written, monkeypatch):
    anybody = browse(cast.HOME)
    said = anybody.post("/say", {"words": WORDS})
    anybody.post("/say/where", {"building": "none", "place": "李奶奶家门口", "who": "self"})
    assert anybody.post("/say/check", {"truth": "y", "name": NAME, "phone": PHONE}).status_code == 303
    cookie = anybody.client.get_cookie("yiqilai", domain=f"{cast.HOME}.yard.test")
    browse(cast.HOME).post("/sign-in", {"login": "shuji", "password": "wrong-小板凳"})
    browse(cast.HOME).post("/join", {"code": cast.HOUSEHOLD_CODE, "name": NAME})
    browse(cast.HOME).post("/track", {"code": CODE})
    browse(cast.HOME).get(f"/matters?q={PHONE}", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    _matter, _invitation, secret = made(app)
    assert anybody.get(f"/x/{secret}").status_code in (200, 404)
    monkeypatch.setattr(queries, "find_by_code", fail)
    assert browse(cast.HOME).post("/track", {"code": CODE}).status_code == 500
    with inside(app, cast.HOME):
        enqueue(current(), "tests.faces.test_logs:break_with_values")
        work_the_queue()
        # What the queue keeps of the job has neither the row nor the form in it.
        for name in app.extensions["redis"].scan_iter(match="rq:*"):
            kept = app.extensions["redis"].dump(name) or b""
            assert PHONE.encode() not in kept
            assert NAME.encode() not in kept
    logging.getLogger("sqlalchemy.engine").info("row %s", PHONE)
    logging.getLogger("anything").warning("GET /e/x?code=%s from %s by %s", CODE, "203.0.113.77", PHONE)
    text = written.getvalue()
    assert text.count('"event": "request"') >= 8
    assert '"event": "job failed"' in text
    private = (WORDS, NAME, PHONE, CODE, secret, cast.HOUSEHOLD_CODE, "李奶奶", "203.0.113.77", "小板凳", "shuji")
    assert said.status_code == 303
    for value in (*private, cookie.value if cookie else NAME):
        assert value not in text, f"{value} stands in a log"
        assert json.dumps(value).strip('"') not in text


def test_one_number_goes_through_page_line_and_job(app, browse, written):
    answer = browse(cast.HOME).get("/matters/00000000-0000-7000-8000-000000000000")
    number = answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{12}", number)
    assert number in answer.get_data(as_text=True)
    line = next(one for one in map(json.loads, written.getvalue().splitlines()) if one["event"] == "request")
    assert (line["request"], line["hall"], line["status"], line["level"]) == (number, cast.HOME, 404, "info")
    assert line["door"] == "community.public_matter"
    assert {"time", "ms", "sql", "method"} <= set(line)
    given = browse(cast.HOME).get("/", headers={"X-Request-Id": "0123456789abcdef"})
    assert given.headers["X-Request-Id"] == "0123456789abcdef"
    assert browse(cast.HOME).get("/", headers={"X-Request-Id": "<b>"}).headers["X-Request-Id"] != "<b>"
    with inside(app, cast.HOME), structlog.contextvars.bound_contextvars(request="feedfacecafe"):
        enqueue(current(), "app.faces.jobs.audit:seal")
    with app.app_context():
        work_the_queue()
    done = next(one for one in map(json.loads, written.getvalue().splitlines()) if one["event"] == "job done")
    assert (done["request"], done["work"]) == ("feedfacecafe", "app.faces.jobs.audit:seal")


def test_metrics_are_for_the_machine_and_for_who_has_the_token(app, browse):
    browse(cast.HOME).get("/")
    with app.app_context():
        standing.beat(standing.HEARTBEAT)
    near = app.test_client().get("/metrics", base_url="http://127.0.0.1:9")
    found = {one.name: one for one in text_string_to_metric_families(near.get_data(as_text=True))}
    assert near.status_code == 200
    assert any(s.labels == {"door": "community.home", "method": "GET", "status": "2xx"} for s in
               found["yql_requests"].samples)  # fmt: skip
    assert found["yql_worker_heartbeat_age_seconds"].samples[0].value < 60
    assert {"yql_jobs_waiting", "yql_seals_lag_seconds", "yql_outbox_waiting", "yql_statements"} <= set(found)
    assert cast.HOME not in near.get_data(as_text=True)
    environ = {"REMOTE_ADDR": "203.0.113.5"}
    assert app.test_client().get("/metrics", environ_base=environ).status_code == 404
    assert app.test_client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 404
    assert not metrics.may_ask(environ | {"HTTP_AUTHORIZATION": "Bearer "}, "")
    assert metrics.may_ask(environ | {"HTTP_AUTHORIZATION": "Bearer s3cret"}, "s3cret")
    assert not metrics.may_ask(environ | {"HTTP_AUTHORIZATION": "Bearer s3creT"}, "s3cret")


def test_the_probes_speak_in_words(app, monkeypatch, superuser):
    street = {"base_url": "http://yard.test"}
    assert app.test_client().get("/healthz", headers={"Accept": "application/json"}, **street).json == {"status": "ok"}
    assert "开着" in app.test_client().get("/healthz", **street).get_data(as_text=True)
    with superuser.begin() as conn:
        conn.exec_driver_sql("create table if not exists alembic_version (version_num text)")
        conn.exec_driver_sql("grant select on alembic_version to cm_door")
        conn.exec_driver_sql("delete from alembic_version")
        conn.exec_driver_sql(f"insert into alembic_version values ('{head_revision_of(app)}')")
    try:
        words = app.test_client().get("/readyz", **street)
        assert words.status_code == 503
        assert "✗ 后台任务" in words.get_data(as_text=True)
        assert "./run flask jobs worker" in words.get_data(as_text=True)
        with app.app_context():
            standing.beat(standing.HEARTBEAT)
        told = app.test_client().get("/readyz", headers={"Accept": "application/json"}, **street)
        assert (told.status_code, told.json["status"], told.json["database"]) == (200, "ready", "ok")
        assert {"scheduler", "backup"} <= set(told.json["warnings"])
    finally:
        with superuser.begin() as conn:
            conn.exec_driver_sql("drop table alembic_version")


def head_revision_of(app: Any) -> str:
    with app.app_context():
        head = head_revision()
    assert head, "the migrations have more than one head"
    return head


def test_logs_are_kept_for_half_a_year_and_packed(tmp_path, monkeypatch):
    web, noon = tmp_path / "web.log", datetime(2026, 6, 1, 12).timestamp()
    with files.open_log(tmp_path, "web") as writer:
        writer.write(b"monday\n")
        writer.flush()
        assert files.tend(tmp_path, noon) == ""
        assert files.tend(tmp_path, noon + 86400) == ""
        writer.write(b"tuesday\n")
        writer.flush()
        assert web.read_bytes() == b"tuesday\n"
        [kept] = tmp_path.glob("web.*.gz")
        assert gzip.decompress(kept.read_bytes()) == b"monday\n"
        monkeypatch.setattr(files, "LIMIT", 3)
        files.tend(tmp_path, noon + 86460)
        assert len(list(tmp_path.glob("web.*.gz"))) == 2
        monkeypatch.setattr(files, "BOUND", 3)
        assert "six months" in files.tend(tmp_path, noon + 180 * 86400)
        assert kept.exists()
        files.tend(tmp_path, noon + 195 * 86400)
        assert not kept.exists()
    assert files.KEEP >= 180


@pytest.mark.usefixtures("app")
def test_nothing_clears_a_log_table():
    """No role may delete a line of a log, no rule of keeping touches one, and no erasure removes one."""
    sealed = set(policies.sealed())
    assert not [line for line in policies.statements() for name in sealed
                if line.startswith("GRANT") and "DELETE" in line and f" ON {name} " in line]  # fmt: skip
    assert not sealed & set(retention._CLEARED)
    assert not {one.table for one in holdings.HOLDINGS if one.on_erasure == holdings.REMOVE} & sealed


def test_the_web_server_s_own_lines_quote_nobody():
    def record(level: int, words: str, failed: Any = None) -> logging.LogRecord:
        return logging.LogRecord("gunicorn.error", level, "", 0, words, (), failed)

    assert "203.0.113.9" not in Lines().format(record(logging.WARNING, "Invalid request from ip=203.0.113.9: x"))
    try:
        raise ValueError(PHONE)
    except ValueError as error:
        failed = (ValueError, error, error.__traceback__)
    line = json.loads(Lines().format(record(logging.ERROR, "Error handling request /e/key?code=1", failed)))
    assert line["kind"] == "ValueError"
    assert "key" not in line["event"]
    assert PHONE not in json.dumps(line)
