"""The living sitting over HTTP: the screen follows, a poll that finds nothing new costs nothing, hands, the scan."""

from __future__ import annotations

import re
import time

import pytest
from redis.exceptions import RedisError
from sqlalchemy import select

from app import clock
from app.flow.decide import actions as box
from app.flow.decide.models import Ballot
from app.flow.deliberate.models import Attendance, MinutesEntry, RaisedHand, Sitting, Turn
from app.flow.deliberate.queries import register_of
from app.matter.models import Matter
from tenants import live as numbers
from tenants.database import db
from tenants.queue import key
from tests.conftest import inside
from tests.faces.test_ballots import called
from tests.faces.test_sittings import on_the_day, opened, text
from tests.rooms.people import account, person


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


def test_the_screen_counts_heads_while_a_vote_runs_and_shows_the_result_only_afterwards(app, browse, today):
    ballot_id = called(app, today)
    with inside(app, "nanyandao"):
        sitting_id = db.session.scalar(select(Sitting.id))
    who = browse("nanyandao", "shuji")
    screen = Page(who, f"/sittings/{sitting_id}/screen")
    assert "已投 0 人，共 12 人" in screen.body
    assert "手机也能投" in screen.body
    assert screen.ask()[0] == 304
    with inside(app, "nanyandao"):
        for n in range(1, 13):
            box.cast_vote(ballot_id, account(f"yishi{n}").id, "yes" if n < 10 else "no", 1, now=clock.now())
        db.session.commit()
    # Votes raise no number: they are counted for all watchers together, at most this often.
    numbers_turn(app, sitting_id)
    status, body = screen.ask()
    assert status == 200
    assert "已投 12 人，共 12 人" in body
    assert "同意</dt>" not in body
    assert screen.ask()[0] == 304
    with inside(app, "nanyandao"):
        ballot = db.session.scalars(select(Ballot)).one()
        two = {"teller": account("yishi1").id, "scrutineer": account("yishi2").id}
        box.close_ballot(ballot, **two, by=person("shuji", clock.now()), now=clock.now())
        db.session.commit()
    body = screen.ask()[1]
    assert "通过了" in body
    assert '<span class="num">9</span>' in body


def numbers_turn(app, sitting_id):
    """Let the pause between two counts pass."""
    with inside(app, "nanyandao"):
        numbers.redis().delete(key("live", sitting_id, "turn"))


JSON = {"Accept": "application/json"}


def test_two_who_write_never_overwrite_each_other(app, browse, today):
    zhao, sitting_id, matter_id = opened(app, browse, today)
    other = browse("nanyandao", "zhao")
    desk = f"/desk/sittings/{sitting_id}"
    page = text(zhao.get(f"{desk}?matter={matter_id}"))
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)[1]
    typed = {"matter": str(matter_id), "once": once, "version": "0", "speaker": "祝阿姨", "words": "早该"}
    tail = Page(other, desk)

    first = zhao.post(f"{desk}/words", typed, headers=JSON).get_json()
    assert first["version"] == 1
    assert tail.ask()[0] == 200, "the other desk hears of it"
    assert "早该" in text(other.get(desk))
    again = zhao.post(first["url"], typed | {"version": "1", "words": "早该装了"}, headers=JSON).get_json()
    assert again["version"] == 2
    assert (
        zhao.post(first["url"], typed | {"version": "1", "words": "早该装了"}, headers=JSON).get_json()["version"] == 2
    )

    clash = other.post(first["url"], typed | {"version": "1", "words": "我听到的是：早该修了"}, headers=JSON)
    assert clash.status_code == 409
    assert clash.get_json()["theirs"] == "早该装了"
    plain = text(other.post(first["url"], typed | {"version": "1", "words": "我听到的是：早该修了"}), 409)
    assert "早该装了" in plain
    assert "我听到的是：早该修了" in plain
    settled = re.search(r'name="version"[^>]*value="(\d+)"', plain)[1]
    assert other.post(first["url"], typed | {"version": settled, "words": "早该装了，也该修"}).status_code == 303
    # The row that was typed comes again as a plain form: the newer words of the other writer are not lost either.
    assert "早该装了，也该修" in text(zhao.post(f"{desk}/words", typed | {"version": "2", "words": "早"}), 409)

    zhao.post(f"{desk}/words", {"matter": str(matter_id), "speaker": "何师傅", "words": "先看看地方"})
    with inside(app, "nanyandao"):
        last = db.session.scalars(select(MinutesEntry).where(MinutesEntry.speaker == "何师傅")).one().id
    assert zhao.post(f"{desk}/words/{last}/place", {"way": "up"}).status_code == 303
    page = text(zhao.get(desk))
    assert page.index("先看看地方") < page.index("也该修")
    assert zhao.post(f"{desk}/words", typed | {"words": ""}, headers=JSON).status_code == 422

    # The recorder asks, the chair confirms; then nothing changes any more.
    zhao.post(f"{desk}/matters/{matter_id}/survey", {"reason": "问清费用"})
    assert zhao.post(f"{desk}/closing", {}).status_code == 303
    summary = {f"on-{matter_id}": "先量一量地方，下次再议。"}
    assert zhao.post(f"{desk}/summary", summary).status_code == 303
    assert "先量一量地方" in text(other.get(f"{desk}/summary"))
    text(zhao.post(f"{desk}/summary", {f"on-{matter_id}": "长" * 5001}), 422)
    assert other.get(f"{desk}/summary.docx").status_code == 200
    assert "主持人看过才能定稿" in text(other.post(f"{desk}/minutes"), 409)
    assert other.post(f"{desk}/minutes", {"confirmed_by": "周书记"}).status_code == 303
    assert "已经定稿" in text(zhao.post(f"{desk}/words/{last}/place", {"way": "down"}), 409)
    text(zhao.post(f"{desk}/summary", summary), 422)
    assert zhao.post(first["url"], typed | {"version": "3"}, headers=JSON).status_code == 422
    assert "周书记" in text(zhao.get(desk))


def one_of_register(line):
    """The line of the bound hall's register with this id."""
    return db.session.scalars(select(Attendance).where(Attendance.id == line)).one()


def test_a_member_scans_raises_a_hand_and_is_heard(app, browse, today):
    who, sitting_id, _ = on_the_day(app, browse, today, came=9)
    member = browse("nanyandao", "yishi12")
    with inside(app, "nanyandao"):
        sitting = db.session.scalars(select(Sitting)).one()
        code, me = sitting.scan_code, account("yishi12").id
        people = {"chair": account("shuji").id, "recorder": account("zhao").id}
        mine = next(line for line in register_of(sitting.id) if line.account_id == me)
        line, name = mine.id, mine.name
        away = register_of(sitting.id)[-1].id
    assert "先登录" in text(browse("nanyandao").get(f"/here/{code}"))
    assert member.get("/here/XXXXXXXX").status_code == 404
    assert "我到了" in text(member.get(f"/here/{code.lower()}"))
    with inside(app, "nanyandao"):
        assert one_of_register(line).state == "expected", "opening the address changes nothing"
    assert {member.post(f"/here/{code}").status_code for _ in range(2)} == {303}
    assert "已经登记到会了" in text(member.get(f"/here/{code}"))
    assert "名单上没有您" in text(browse("nanyandao", "sun").post(f"/here/{code}"), 422)
    assert who.post(f"/desk/sittings/{sitting_id}/opening", people).status_code == 303

    phone = f"/sittings/{sitting_id}"
    page = text(member.get(phone))
    assert "举手，我要说" in page
    assert "看不见" not in page
    assert {member.post(f"{phone}/hands", {"view": "against"}).status_code for _ in range(2)} == {303}
    assert "您举着手" in text(member.get(phone))
    desk = f"/desk/sittings/{sitting_id}"
    assert f"请{name}说" in text(who.get(desk))
    for _ in range(2):
        assert who.post(f"{desk}/floor", {"attendance_id": str(line)}).status_code == 303
    again = text(who.post(f"{desk}/floor", {"attendance_id": str(line)}), 422)
    assert "已经说过 2 回了" in again
    assert who.post(f"{desk}/floor", {"attendance_id": str(line), "reason": "回答大家问的"}).status_code == 303
    assert who.post(f"{desk}/floor", {"speaker": "旁听的老李"}).status_code == 303
    assert "旁听的老李" in text(who.get(desk))
    assert who.post(f"{desk}/floor/ending").status_code == 303
    assert member.post(f"{phone}/hands").status_code == 303
    assert member.post(f"{phone}/hands/lowering").status_code == 303
    assert browse("nanyandao", "sun").post(f"{phone}/hands").status_code == 404
    text(who.post(f"{desk}/hands", {"attendance_id": str(away)}), 409)
    gone = {"attendance_id": str(line), "state": "left", "at": clock.local(today).strftime("%H:%M")}
    text(who.post(f"{desk}/comings", gone | {"at": ""}), 409)
    with inside(app, "nanyandao"):
        found = one_of_register(line)
        assert (found.state, found.how) == ("present", "scan")
        assert [turn.reason for turn in db.session.scalars(select(Turn).order_by(Turn.began_at))][2] == "回答大家问的"
        assert db.session.scalars(select(RaisedHand).where(RaisedHand.lowered_at.is_(None))).all() == []
        found.arrived_at = today.replace(hour=0)
        db.session.commit()
    assert who.post(f"{desk}/comings", gone).status_code in (303, 409)
    assert "自己扫码" in text(who.get(f"{desk}/attendance?q={name}"))


def test_the_neighbour_reaches_no_living_door(app, browse, today):
    _, sitting_id, matter_id = opened(app, browse, today)
    with inside(app, "nanyandao"):
        code, line = (
            db.session.scalar(select(Sitting.scan_code)),
            register_of(db.session.scalar(select(Sitting.id)))[0].id,
        )
    thief, data = browse("dianye", "shuji"), {"attendance_id": str(line), "matter_id": str(matter_id), "way": "up"}
    desk = f"/desk/sittings/{sitting_id}"
    for url in (f"{desk}/current", f"{desk}/hands", f"{desk}/hands/lowering", f"{desk}/floor", f"{desk}/floor/ending",
                f"{desk}/words/{line}/place", f"{desk}/summary", f"/here/{code}", f"/sittings/{sitting_id}/hands",
                f"/sittings/{sitting_id}/hands/lowering"):  # fmt: skip
        assert thief.post(url, data).status_code == 404, url
    for url in (f"{desk}/summary", f"{desk}/summary.docx", f"/here/{code}", f"/sittings/{sitting_id}/screen"):
        assert thief.get(url).status_code == 404, url
    with inside(app, "nanyandao"):
        assert db.session.scalars(select(RaisedHand)).all() == db.session.scalars(select(Turn)).all() == []
