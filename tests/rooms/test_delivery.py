"""Messages that leave the house: through a real SMTP server and a real gateway, once, and never a claim too many."""

from __future__ import annotations

import json
import os
import signal
import socketserver
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_string
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, update

from app import clock
from app.errors import Refused
from app.faces.jobs import delivery as jobs
from app.faces.jobs import work
from app.matter.actions import record
from app.notices import delivery, preferences
from app.notices.actions import spread_news
from app.notices.channels import Letter, channel_of
from app.notices.models import Delivery, Digest, Message, Preference
from app.notices.preferences import Wish
from app.people import phone_codes
from app.people.actor import Actor
from app.people.consents import take_back
from app.people.models import Account, Person
from app.people.residents import join_by_phone
from app.people.roles import Role
from app.people.secrets import blind, unseal
from tenants.database import db, uuid7
from tenants.queue import queue, redis
from tests import cast
from tests.conftest import inside, later
from tests.rooms.stage_setting import matter_at, staff

SIGN = "中华大街街道"


class Post(socketserver.StreamRequestHandler):
    """An SMTP server of thirty lines: it keeps what it is given and does what ``moods`` say, one a letter."""

    def handle(self):
        self.answer("220 yard")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.answer("354 go on")
                if not self.take():
                    return
            elif verb == b"RCPT" and self.server.moods[:1] == ["no such box"]:
                self.answer(f"550 {self.server.moods.pop(0)}")
            else:
                self.answer("221 bye" if verb == b"QUIT" else "250 fine")

    def answer(self, words):
        self.wfile.write(words.encode() + b"\r\n")

    def take(self):
        text = b""
        while not text.endswith(b"\r\n.\r\n"):
            text += self.rfile.readline()
        mood = self.server.moods.pop(0) if self.server.moods else ""
        if mood == "busy":
            self.answer("451 later")
            return True
        self.server.letters.append(text.decode())
        if mood == "hang up":
            return False
        if mood == "hold":
            self.server.held.set()
            time.sleep(30)
            return False
        self.answer("250 taken as 7")
        return True


class Gateway(BaseHTTPRequestHandler):
    """Somebody's HTTP API: keeps every request, answers with the next of ``answers``."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
        status, data = self.server.answers.pop(0) if self.server.answers else (200, {"code": 0, "id": "G7"})
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, *_args):
        pass


@contextmanager
def serving(server):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def post(app, monkeypatch):
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post)) as server:
        server.letters, server.moods, server.held = [], [], threading.Event()
        for name, value in {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": server.server_address[1], "SMTP_TLS": "",
                            "SMTP_FROM": "hall@yard.test"}.items():  # fmt: skip
            monkeypatch.setitem(app.config, name, value)
        yield server


@pytest.fixture
def gateway(app, monkeypatch):
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Gateway)) as server:
        server.asked, server.answers = [], []
        url = f"http://127.0.0.1:{server.server_address[1]}"
        for name, value in {"SMS_URL": f"{url}/send", "SMS_KEY": "k", "SMS_SIGN": SIGN, "SMS_TEMPLATE": "T1",
                            "SMS_APP": "A1", "WECOM_WEBHOOKS": {cast.HOME: f"{url}/bot?key=x"}}.items():  # fmt: skip
            monkeypatch.setitem(app.config, name, value)
        yield server


@pytest.fixture
def noon(monkeypatch):
    """Noon in Shijiazhuang, whatever the clock on the wall says."""
    moment = later(hours=3)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def wants(login="xiaoli", way="mail", contact="li@example.org", **more):
    """Somebody of the staff asked for their news by ``way``."""
    account = db.session.scalar(select(Account).where(Account.login == login))
    wish = Wish(way, contact, quiet_from=0, quiet_to=0, agrees=True, **{"digest_only": False, **more})
    by = Actor("staff", account.display_name, account.id)
    return preferences.prefer(wish, account, by=by, now=clock.now() - timedelta(hours=2))


def news(now, **more):
    """A matter of 小李's moved on."""
    matter = matter_at("accepted", now=now, owner_id=staff("xiaoli", Role.GRID_WORKER).id, **more)
    record(matter, "accept", by=staff(), now=now, words="社区受理了。", moved=("submitted", "accepted"))
    db.session.flush()
    spread_news(now=now)
    return matter


def queued(app, now):
    """One letter that waits; returns its id."""
    with inside(app, cast.HOME):
        wants()
        news(now)
        jobs.tend()
        return db.session.scalar(select(Delivery.id))


def state(app):
    with inside(app, cast.HOME):
        return db.session.execute(select(Delivery.state, Delivery.attempts, Delivery.problem)).one()


def send(app):
    with inside(app, cast.HOME):
        jobs.send()


def test_two_workers_send_one_letter_once(app, post, noon):
    queued(app, noon)
    with inside(app, cast.HOME):
        jobs.tend()
        assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1
    workers = [threading.Thread(target=send, args=(app,)) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(post.letters) == 1
    assert state(app)[:2] == ("sent", 1)
    with inside(app, cast.HOME):
        sent = db.session.scalars(select(Delivery)).one()
        assert f"Message-ID: <{sent.id}@yard.test>" in post.letters[0]
        assert post.letters[0].count("\n") == post.letters[0].count("\r\n")
        body = message_from_string(post.letters[0], policy=SMTP)
        assert "社区受理了" in body.get_content()
        assert body["Subject"].endswith("有新进展")
        assert (sent.to_masked, sent.reference) == ("l***@example.org", "taken as 7")
        told = db.session.scalars(select(Message).where(Message.to_label == "小李")).one()
        assert (told.receipt, told.channel) == ("sent", "mail")
        assert db.session.scalar(select(Message.receipt).where(Message.to_kind == "proposer")) == "not_configured"
    # A job that rq starts again finds nothing to do.
    send(app)
    assert len(post.letters) == 1


def test_the_queue_carries_it_out_after_the_commit(app, post, noon):
    """From the timeline to the mailbox through the real queue: spread, make ready, send."""
    with inside(app, cast.HOME):
        wants()
        matter = matter_at("accepted", now=noon, owner_id=staff("xiaoli", Role.GRID_WORKER).id)
        record(matter, "accept", by=staff(), now=noon, words="社区受理了。", moved=("submitted", "accepted"))
        db.session.commit()
        work.spread()
        db.session.rollback()
        worker = SimpleWorker([queue()], connection=redis(), serializer=JSONSerializer)
    with app.app_context():
        assert worker.work(burst=True, logging_level="ERROR")
    assert len(post.letters) == 1
    assert state(app)[:2] == ("sent", 1)


def test_what_failed_comes_again_and_what_is_unsure_does_not(app, post, noon, monkeypatch):
    delivery_id = queued(app, noon)
    post.moods = ["busy", "hang up"]
    send(app)
    assert state(app)[:2] == ("queued", 1)
    send(app)
    assert state(app)[:2] == ("queued", 1)
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(minutes=2))
    send(app)
    assert state(app)[:2] == ("unsure", 2)
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(days=1))
    send(app)
    assert len(post.letters) == 1
    with inside(app, cast.HOME):
        delivery.send_again(delivery_id, by=staff(), now=clock.now())
        db.session.commit()
    send(app)
    assert state(app)[0] == "sent"
    # Whoever got both can tell by the id that it is one letter.
    ids = [next(line for line in one.splitlines() if line.startswith("Message-ID")) for one in post.letters]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    with inside(app, cast.HOME), pytest.raises(Refused):
        delivery.send_again(delivery_id, by=staff(), now=clock.now())


def test_a_worker_killed_on_the_way_sends_nothing_twice(app, post, noon, monkeypatch):
    delivery_id = queued(app, noon)
    post.moods = ["hold"]
    child = os.fork()
    if child == 0:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)
        send(app)
        os._exit(0)
    assert post.held.wait(10)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert state(app)[:2] == ("sending", 1)
    send(app)
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(minutes=11))
    with inside(app, cast.HOME):
        jobs.tend()
    send(app)
    assert state(app) == ("unsure", 1, delivery.CUT_SHORT)
    assert len(post.letters) == 1
    with inside(app, cast.HOME):
        delivery.mark_arrived(delivery_id, by=staff(), now=clock.now())
        db.session.commit()
    assert state(app)[0] == "sent"


def test_no_box_no_server_and_no_keys(app, post, noon, monkeypatch):
    queued(app, noon)
    post.moods = ["no such box"]
    send(app)
    assert state(app)[0] == "failed"
    monkeypatch.setitem(app.config, "SMTP_PORT", 1)
    with inside(app, cast.HOME):
        outcome = channel_of("mail").send(Letter(uuid7(), "li@example.org", "x", "y", noon))
        assert (outcome.receipt, outcome.again) == ("failed", True)
        outcome = channel_of("mail").send(Letter(uuid7(), "li@example.org", "x\nBcc: y@z.org", "y", noon))
        assert (outcome.receipt, outcome.again) == ("failed", False)
        monkeypatch.setitem(app.config, "SMTP_HOST", "")
        for way in ("mail", "sms", "wecom", "outbox"):
            assert channel_of(way).send(Letter(uuid7(), cast.HOME, "x", "y", noon)).receipt == "not_configured"
        news(noon)
        jobs.tend()
        assert set(db.session.scalars(select(Delivery.state))) == {"failed", "not_configured"}


def test_one_letter_a_day_after_the_quiet_hours(app, post, noon):
    with inside(app, cast.HOME):
        wants(digest_only=True)
        news(noon)
        matter = news(noon, title="老赵家吵架", visibility="parties", track="mediation")
        db.session.execute(update(Preference).values(quiet_from=0, quiet_to=23))
        jobs.tend()
        row = db.session.scalars(select(Delivery)).one()
        assert (row.source, clock.local(row.next_at).hour) == ("digest", 23)
        assert "铁路涵洞" in row.words
        assert matter.number in row.words
        assert "吵架" not in row.words + row.subject
        news(noon)
        jobs.tend()
        assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1
    send(app)
    assert post.letters == []


def test_a_text_to_a_resident_who_agreed(app, gateway, noon):
    phone = "13800138000"
    with inside(app, cast.HOME):
        account, _new = join_by_phone(phone, blind("phone", phone), "王桂兰", now=noon)
        by = Actor("resident", "居民", account.id)
        with pytest.raises(Refused):
            preferences.prefer(Wish("sms", "13900139000", agrees=True), account, by=by, now=noon)
        with pytest.raises(Refused):
            preferences.prefer(Wish("sms", phone), account, by=by, now=noon)
        wish = Wish("sms", phone, digest_only=False, quiet_from=0, quiet_to=0, agrees=True)
        preferences.prefer(wish, account, by=by, now=noon - timedelta(hours=1))
        person = db.session.scalars(select(Person).where(Person.id == account.person_id)).one()
        from app.flow.collect.models import Proposal

        matter = news(noon, visibility="parties", title="老赵家吵架")
        db.session.add(Proposal(matter_id=matter.id, kind="individual", words="x", person_id=person.id, said_at=noon))
        db.session.flush()
        jobs.tend()
    gateway.answers = [(503, {}), (200, {"code": "OK", "id": "G7"})]
    send(app)
    assert state(app)[:2] == ("queued", 1)
    with inside(app, cast.HOME):
        db.session.execute(update(Delivery).values(next_at=noon))
        db.session.commit()
    send(app)
    assert state(app)[0] == "sent"
    (_path, headers, first), (_path, _headers, second) = gateway.asked
    assert first == second
    assert (first["phone"], first["sign"], first["template"]) == (phone, SIGN, "T1")
    assert len(f"【{SIGN}】{first['params'][0]}") <= 70
    assert "吵架" not in json.dumps(first, ensure_ascii=False)
    assert len(headers["X-Signature"]) == 64
    with inside(app, cast.HOME):
        told = db.session.scalars(select(Message).where(Message.to_kind == "proposer")).one()
        assert (told.receipt, told.channel) == ("sent", "sms")
        person = db.session.scalars(select(Person).where(Person.phone_index == blind("phone", phone))).one()
        assert take_back(person, "contact", by=Actor("resident", "居民"), now=clock.now())
        db.session.execute(update(Delivery).values(state="queued", next_at=noon))
        db.session.commit()
    send(app)
    assert state(app) == ("failed", 3, delivery.CHANGED_MIND)
    assert len(gateway.asked) == 2


def test_a_code_by_text_or_by_the_staff(app, gateway, noon):
    gateway.answers = [(200, {"code": 0}), (502, {})]
    with inside(app, cast.HOME):
        sent, failed = (phone_codes.ask_code(f"1380013800{n}", now=noon) for n in range(2))
        assert (sent.receipt, sent.code_sealed, failed.receipt) == ("sent", None, "failed")
        assert "短信没有发成" in phone_codes.told_how(failed)
        assert unseal(failed.code_sealed) in gateway.asked[1][2]["params"][0]


def test_the_hall_s_group_reads_once_a_day(app, gateway, noon):
    line = {"kind": "task", "subject": str(uuid7()), "matter": str(uuid7()), "number": "NYD20260001", "title": "路灯",
            "what": "换灯", "due": clock.today().isoformat(), "step": "due", "late": 0, "who": ""}  # fmt: skip
    with inside(app, cast.HOME):
        for key in ("name:甲", "name:乙"):
            db.session.add(Digest(day=clock.today(), to_key=key, to_label=key, lines=[line], created_at=noon))
        db.session.flush()
        for _ in range(2):
            jobs.tend()
    gateway.answers = [(200, {"errcode": 45009}), (200, {"errcode": 0})]
    send(app)
    assert state(app)[0] == "queued"
    with inside(app, cast.HOME):
        db.session.execute(update(Delivery).values(next_at=noon))
        db.session.commit()
    send(app)
    send(app)
    assert state(app)[0] == "sent"
    assert len(gateway.asked) == 2
    path, _headers, body = gateway.asked[1]
    assert path == "/bot?key=x"
    assert body["msgtype"] == "text"
    assert body["text"]["content"].count("换灯") == 1
    assert "mentioned_list" not in body["text"]
    with inside(app, cast.NEXT):
        db.session.add(Digest(day=clock.today(), to_key="name:丙", to_label="丙", lines=[line], created_at=noon))
        jobs.tend()
        assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0
