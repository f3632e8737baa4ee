"""The living sitting over HTTP: the screen follows, a poll that finds nothing new costs nothing, hands, the scan."""

from __future__ import annotations

import re
import time

import pytest
from redis.exceptions import RedisError
from sqlalchemy import select

from app import clock
from app.flow.deliberate.models import Attendance, MinutesEntry, RaisedHand, Sitting, Turn
from app.flow.deliberate.queries import register_of
from app.matter.models import Matter
from tenants import live as numbers
from tenants.database import db
from tests.conftest import inside
from tests.faces.test_sittings import on_the_day, opened, text
from tests.rooms.people import account


@pytest.fixture
def today(app):
    with app.app_context():
        return clock.now()


class Page:
    """An open page that follows: it holds a tag and asks with it."""

    def __init__(self, who, url):
        body = text(who.get(url))
        self.who = who
        self.url = re.search(r'data-live="([^"]+)"', body)[1].replace("&amp;", "&")
        self.tag = '"' + re.search(r'data-tag="([^"]+)"', body)[1] + '"'
        self.body = body

    def ask(self):
        """The status and the text of the next poll."""
        answer = self.who.get(self.url, headers={"If-None-Match": self.tag})
        self.tag = answer.headers["ETag"]
        assert int(answer.headers["X-Hall-Clock"]) > 1_600_000_000_000
        return answer.status_code, answer.get_data(as_text=True)


def lines(app, sitting_id):
    with inside(app, "nanyandao"):
        return [(line.id, line.account_id, line.name) for line in register_of(db.session.scalar(select(Sitting.id)))]


def test_the_screen_follows_the_desk_and_asking_in_vain_costs_nothing(app, browse, today, count_queries):
    who, sitting_id, matter_id = opened(app, browse, today)
    first, second = lines(app, sitting_id)[:2]
    desk = f"/desk/sittings/{sitting_id}"
    screen, wall = (Page(who, f"/sittings/{sitting_id}/screen") for _ in range(2))
    street = Page(browse("nanyandao"), f"/sittings/{sitting_id}")
    assert first[2] not in screen.body
    assert "院里装五组晾衣架，同意吗？" in screen.body
    assert screen.ask()[0] == 304
    with count_queries() as seen:
        before = time.process_time()
        assert {page.ask()[0] for _ in range(50) for page in (screen, street)} == {304}
        spent = (time.process_time() - before) / 100
    assert seen == []
    print(spent)
    assert spent < 0.02, f"{spent * 1000:.2f} ms of processor time for one poll that found nothing"

    assert who.post(f"{desk}/hands", {"attendance_id": str(second[0])}).status_code == 303
    assert who.post(f"{desk}/floor", {"attendance_id": str(first[0])}).status_code == 303
    status, body = screen.ask()
    assert status == 200
    assert first[2] in body
    assert 'role="timer"' in body
    assert second[2] in body
    with count_queries() as seen:
        assert wall.ask() == (200, body)
    assert seen == [], "what one screen drew the other gets from memory"
    status, body = street.ask()
    assert status == 200
    assert "有一位正在说" in body
    assert "1 位举着手" in body
    assert first[2] not in body
    assert second[2] not in body
    ends = int(re.search(r'data-ends="(\d+)"', screen.who.get(screen.url).get_data(as_text=True))[1])
    assert 0 < ends / 1000 - clock_of(app) <= 180

    with inside(app, "nanyandao"):
        matter = db.session.scalars(select(Matter).where(Matter.id == matter_id)).one()
        matter.hidden_at, matter.hidden_reason = today, "先不公开"
        db.session.commit()
    status, body = screen.ask()
    assert status == 200
    assert "晾衣架" not in body
    assert "只给当事人看" in body


def clock_of(app):
    with app.app_context():
        return clock.now().timestamp()


def test_without_redis_the_database_answers(app, browse, today, monkeypatch, count_queries):
    who, sitting_id, _ = opened(app, browse, today)
    screen = Page(who, f"/sittings/{sitting_id}/screen")

    def away():
        raise RedisError("away")

    monkeypatch.setattr(numbers, "redis", away)
    with count_queries() as seen:
        assert screen.ask()[0] == 304
    assert len(seen) == 2
    line = lines(app, sitting_id)[0]
    assert who.post(f"/desk/sittings/{sitting_id}/floor", {"attendance_id": str(line[0])}).status_code == 303
    assert line[2] in screen.ask()[1]


def test_a_key_of_another_page_opens_nothing(app, browse, today):
    who, sitting_id, _ = opened(app, browse, today)
    screen = Page(who, f"/sittings/{sitting_id}/screen")
    stranger = browse("nanyandao")
    assert stranger.get(f"/sittings/{sitting_id}/live?look=screen").status_code == 404
    assert stranger.get(screen.url.replace("look=screen", "look=room")).status_code == 404
    assert stranger.get(f"/sittings/{sitting_id}/live?look=x").status_code == 404
    assert browse("dianye").get(screen.url).status_code == 404
    assert browse("dianye").get(f"/sittings/{sitting_id}/live").status_code == 404
