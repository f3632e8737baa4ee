"""Everything before people sit down, through its doors: series, queue, agenda, invitations, notice, bench, calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from app import clock
from app.faces.community.drafts import files
from app.flow.deliberate import actions as table
from app.flow.deliberate.models import AgendaItem, Attendance, MinutesEntry, Sitting, SittingSeries
from app.flow.deliberate.queries import agenda_of, register_of
from app.matter.models import Attachment, Matter
from app.matter.situation import Stage
from app.records import ical
from tenants.database import db, uuid7
from tenants.scope import current_community
from tests.conftest import inside
from tests.faces.test_track import jpeg
from tests.rooms.people import account, person
from tests.rooms.sitting_table import topic


@pytest.fixture
def today(app):
    """The program's own clock: pages read it, so their tests must."""
    with app.app_context():
        return clock.now()


def text(answer, status=200):
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body[-3000:]
    return body


def on(moment, days):
    return (clock.local(moment) + timedelta(days=days)).date().isoformat()


def ahead(app, today, *titles, days=20, **more):
    """A council sitting with its notice given: ``(sitting id, matter ids)``."""
    with inside(app, "nanyandao"):
        matters = [topic(today, title=title, **more) for title in titles or ("装几组公用晾衣架",)]
        sitting = table.plan_sitting(
            kind="council", title="下月例会", starts_at=today + timedelta(days=days), place="议事屋", matters=matters,
            expected=["何经理 物业"], by=person("shuji", today), now=today,
        )  # fmt: skip
        table.give_notice(sitting, by=person("shuji", today), now=today)
        db.session.commit()
        return sitting.id, [matter.id for matter in matters]


def test_a_series_is_settled_shown_with_its_moved_days_changed_planned_and_ended(app, browse, today):
    who = browse("nanyandao", "shuji")
    data = {"name": "每月例会", "kind": "council", "rhythm": "monthly", "month_day": "5", "weekday": "MO",
            "time": "14:30", "venue": "", "on_holiday": "before"}  # fmt: skip
    assert "碰上放假" in text(who.get("/desk/sitting-series/new"))
    assert "28" in text(who.post("/desk/sitting-series", data | {"month_day": "31"}), 422)
    assert who.post("/desk/sitting-series", data).status_code == 303
    with inside(app, "nanyandao"):
        series = db.session.scalars(select(SittingSeries)).one()
    page = text(who.get("/desk/sittings"))
    assert "逢周末，提前" in page
    assert page.count('class="h-chip') >= 6
    one = f"/desk/sitting-series/{series.id}"
    assert 'value="14:30"' in text(who.get(one))
    assert "碰上放假" in text(who.post(one, data | {"name": ""}), 422)
    assert who.post(one, data | {"name": "例会", "on_holiday": "skip"}).status_code == 303
    # Without a place of its own one click cannot plan it: the form asks, with everything else filled in.
    answer = who.post(f"{one}/sittings")
    assert "/desk/sittings/new?series=" in answer.location
    form = text(who.get(answer.location))
    assert "月例会" in form
    venue = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>小板凳议事屋', form)[1]
    assert who.post(one, data | {"venue": venue}).status_code == 303
    answer = who.post(f"{one}/sittings")
    assert re.search(r"/desk/sittings/[0-9a-f-]{36}", answer.location)
    with inside(app, "nanyandao"):
        sitting = db.session.scalars(select(Sitting)).one()
        assert (sitting.series_id, sitting.series_on.day, sitting.place) == (series.id, 5, "小板凳议事屋")
    assert "已排" in text(who.get("/desk/sittings"))
    assert who.post(f"{one}/end").status_code == 303
    assert who.get(one).status_code == 404


def test_from_the_queue_to_a_notice_with_papers_invitations_and_answers(app, browse, today):
    with inside(app, "nanyandao"):
        first, second = topic(today), topic(today, title="门口装一盏灯", stage_since=today - timedelta(days=3))
        shown, inner = (
            Attachment(matter_id=first.id, kind="photo", media_type="image/jpeg", caption=caption, size=1, sha256="x",
                       public=public, created_at=today)
            for caption, public in (("院里的树", True), ("图纸", False))
        )  # fmt: skip
        db.session.add_all([shown, inner])
        db.session.commit()
        ids, papers = [str(first.id), str(second.id)], [str(shown.id), str(inner.id)]
        put_file(shown.id, inner.id)
    who, member, stranger = browse("nanyandao", "shuji"), browse("nanyandao", "yishi1"), browse("nanyandao")
    queue = text(who.get("/desk/sittings/queue"))
    assert "等了 3 天" in queue
    assert who.post("/desk/sittings/queue", {}).status_code == 409
    answer = who.post("/desk/sittings/queue", {"matter_id": ids})
    assert text(who.get(answer.location)).count(" checked") >= 2
    plan = {"kind": "council", "title": "下月例会", "day": on(today, 9), "time": "14:30", "place": "议事屋",
            "matters": ids, "expected": "何经理 物业"}  # fmt: skip
    desk = who.post("/desk/sittings", plan).location
    sitting_id = desk.rsplit("/", 1)[-1]
    assert who.post(f"{desk}/matters/{ids[1]}/order", {"way": "up"}).status_code == 303
    assert who.post(f"{desk}/matters/{ids[1]}/removal").status_code == 303
    assert who.post(f"{desk}/agenda", {"matter_id": ids[1]}).status_code == 303
    laid = {"words": "先看看图纸。", "paper": papers}
    assert who.post(f"{desk}/matters/{ids[0]}/materials", laid).status_code == 303
    assert who.post(f"{desk}/matters/{ids[1]}/materials", laid).status_code == 404
    assert who.post(f"{desk}/invitees", {"names": "", "standing": "observer"}).status_code == 422
    assert who.post(f"{desk}/invitees", {"names": "吴阿姨", "standing": "observer"}).status_code == 303
    page = text(who.get(desk))
    assert page.index("门口装一盏灯") > page.index("装几组公用晾衣架")
    assert "名单上 17 位，列席 2 位" in page
    assert who.post(f"{desk}/notice").status_code == 303
    # In public: who, what, when, where, rule and base, and only the papers that are public anyway; nobody's name.
    public = text(stranger.get(f"/sittings/{sitting_id}"))
    assert "应到" in public
    assert "9 人起" in public
    assert "院里的树" in public
    assert "图纸。" in public
    assert ">图纸<" not in public
    assert "吴阿姨" not in public
    assert "请您来" not in public
    sheet = text(stranger.get(f"/sittings/{sitting_id}/notice"))
    assert "议事会公告" in sheet
    assert "<svg" in sheet
    # The invited member reads everything and answers with one tap.
    mine = text(member.get(f"/sittings/{sitting_id}"))
    assert ">图纸<" in mine
    assert "请您来" in mine
    file = f"/sittings/{sitting_id}/papers/{papers[1]}"
    assert (member.get(file).status_code, who.get(file).status_code) == (200, 200)
    assert stranger.get(file).status_code == 404
    assert stranger.get(f"/sittings/{sitting_id}/papers/{papers[0]}").status_code == 200
    assert "下月例会" in text(member.get("/me/sittings"))
    assert member.post(f"/sittings/{sitting_id}/reply", {"answer": "perhaps"}).status_code == 409
    answer = member.post(f"/sittings/{sitting_id}/reply", {"answer": "not_coming", "words": "出差"})
    assert answer.location == "/me/sittings"
    assert "您说不来" in text(member.get("/me/sittings"))
    assert browse("nanyandao", "sun").post(f"/sittings/{sitting_id}/reply", {"answer": "coming"}).status_code == 404
    with inside(app, "nanyandao"):
        line = next(x for x in register_of(sitting_id) if x.account_id == account("yishi2").id)
    reply = f"{desk}/invitees/{line.id}/reply"
    assert "谁回的话" in text(who.post(reply, {"answer": "coming", "said_by": "", "words": "会来"}), 422)
    assert who.post(reply, {"answer": "coming", "said_by": "他爱人电话里"}).status_code == 303
    page = text(who.get(f"{desk}/invitees"))
    assert "来 1 · 不来 1 · 没回 15" in page
    assert "他爱人电话里说的，张书记记" in page
    assert "说来的还差 8 人才够 9 人" in page
    assert who.post(f"{desk}/excuses").status_code == 303


def put_file(*ids):
    for one in ids:
        files().put(current_community(), one, jpeg())


def test_a_second_try_is_planned_from_the_first_one(app, browse, today):
    sitting_id, _ = ahead(app, today)
    who = browse("nanyandao", "shuji")
    assert who.get(f"/desk/sittings/new?follows={sitting_id}").status_code == 409
    with inside(app, "nanyandao"):
        sitting = db.session.scalars(select(Sitting)).one()
        sitting.state, sitting.opened_at, sitting.quorate = "closed", today, False
        sitting.present_at_opening = 8
        item, _matter = agenda_of(sitting_id)[0]
        item.outcome = "adjourned"
        db.session.commit()
    assert f"follows={sitting_id}" in text(who.get("/desk/sittings?when=past"))
    form = text(who.get(f"/desk/sittings/new?follows={sitting_id}"))
    assert "下月例会（再次召集）" in form
    fields = dict(re.findall(r'name="(follows|once)"[^>]*value="([^"]+)"', form))
    matter = re.search(
        r'name="matters"[^>]*checked[^>]*value="([^"]+)"|checked[^>]*name="matters"[^>]*value="([^"]+)"', form
    )
    plan = {**fields, "kind": "council", "title": "再议", "day": on(today, 30), "time": "9:00", "place": "议事屋",
            "matters": matter[1] or matter[2], "expected": "何经理 物业"}  # fmt: skip
    assert who.post("/desk/sittings", plan).status_code == 303
    with inside(app, "nanyandao"):
        again = db.session.scalar(select(Sitting).where(Sitting.title == "再议"))
        assert (again.follows_id, len(agenda_of(again.id))) == (sitting_id, 1)


def test_a_bench_is_told_afterwards_in_one_go(app, browse, today):
    with inside(app, "nanyandao"):
        matter = topic(today, stage="accepted", question="", accepted_at=today - timedelta(days=2))
        other = topic(today, stage="accepted", question="", accepted_at=today - timedelta(days=2), title="另一件")
        db.session.commit()
        ids = [matter.id, other.id]
    who, url = browse("nanyandao", "xiaoli"), f"/desk/matters/{ids[0]}/bench"
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text(who.get(url)))[1]
    data = {
        "once": once, "day": on(today, -1), "begun": "10:00", "ended": "10:40", "place": "3 号楼门口",
        "present": "王阿姨 3-301\n老刘 小卖部", "said": "王阿姨：装吧。\n越快越好。\n老刘：我赞成",
        "options": "装两组晾衣架", "others": "张家", "outcome": "agreed", "caption": "大家坐在门口",
    }  # fmt: skip
    page = text(who.post(url, data | {"day": on(today, 1)}), 422)
    assert "还没散的会不能补记" in page
    assert "越快越好" in page
    assert "在哪儿开要写明白" in text(who.post(url, data | {"place": "", "venue": ""}), 422)
    photo = {"photos": (BytesIO(jpeg()), "a.jpg")}
    answer = who.post(url, data | photo, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)[-2000:]
    assert who.post(url, data).status_code == 303
    with inside(app, "nanyandao"):
        sitting = db.session.scalars(select(Sitting)).one()
        assert (sitting.told_afterwards, sitting.state, sitting.base) == (True, "closed", 2)
        assert clock.local(sitting.closed_at).strftime("%H:%M") == "10:40"
        assert db.session.get(Matter, (sitting.community_id, ids[0])).stage == Stage.DECIDED
        kept = db.session.scalars(select(Attachment)).one()
        assert (kept.about, kept.about_id, kept.caption) == ("sitting", sitting.id, "大家坐在门口")
        said = [(x.speaker, x.words) for x in db.session.scalars(select(MinutesEntry).order_by(MinutesEntry.position))]
        assert said == [("王阿姨", "装吧。\n越快越好。"), ("老刘", "我赞成")]
    draft = text(browse("nanyandao", "shuji").get(f"/desk/matters/{ids[0]}/resolution-draft"))
    assert re.search(r"<textarea[^>]*name=\"words\"[^>]*>\s*装两组晾衣架。</textarea>", draft), draft[
        draft.find("决议内容") :
    ][:600]
    assert "当面商定：" in draft
    assert "表决：" not in draft
    # Where not everybody agreed, the next page asks one by one.
    answer = who.post(f"/desk/matters/{ids[1]}/bench", data | {"once": str(uuid7()), "outcome": "ask"})
    assert "/ballots/" in answer.location


def read(feed):
    """The feed by the letter of RFC 5545: CRLF, 75 octets, unfolded, each event as a dict of its lines."""
    raw = feed.split(b"\r\n")
    assert raw.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in raw)
    lines = re.sub(rb"\r\n[ \t]", b"", feed).decode().split("\r\n")[:-1]
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    events, now = [], None
    for line in lines:
        key, value = line.split(":", 1)
        if line == "BEGIN:VEVENT":
            now = {}
        elif line == "END:VEVENT":
            events.append(now)
            now = None
        elif now is not None:
            assert key not in now
            now[key] = value
    assert all({"UID", "DTSTAMP", "SEQUENCE", "STATUS"} <= set(event) for event in events)
    return events


def test_a_feed_is_folded_and_escaped_as_the_standard_says():
    event = ical.Event(
        uid="a", starts=datetime(2026, 6, 5, 6, 30, tzinfo=UTC), summary="议事，会;\\一,二\r\n三\x00" + "长" * 60,
        stamp=datetime(2026, 6, 1, tzinfo=UTC), location="亭子",
    )  # fmt: skip
    (found,) = read(ical.calendar("小板凳议事屋", [event]))
    assert found["SUMMARY"] == "议事，会\\;\\\\一\\,二\\n三" + "长" * 60
    assert found["DTSTART;TZID=Asia/Shanghai"] == "20260605T143000"
    assert found["DTSTAMP"] == "20260601T000000Z"


def test_the_calendar_names_public_matters_only_and_the_feed_follows_every_change(app, browse, today, count_queries):
    with inside(app, "nanyandao"):
        by = person("shuji", today)
        series = table.add_series("周会", "FREQ=WEEKLY;BYDAY=WE", "19:00", None, "council", by=by, now=today)
        day = table.next_dates(series, today + timedelta(days=9), 1)[0]
        public, private = topic(today), topic(today, title="楼上漏水", visibility="parties")
        sitting = table.plan_sitting(kind="council", title="特别会", starts_at=day, place="亭子, 东边", series=series,
                                     matters=[public, private], by=by, now=today)  # fmt: skip
        db.session.commit()
        sitting_id, month, open_title = sitting.id, clock.local(day).strftime("%Y-%m"), public.title
    stranger, who = browse("nanyandao"), browse("nanyandao", "shuji")
    before = read(stranger.get("/calendar.ics").data)
    assert {event["STATUS"] for event in before} == {"TENTATIVE"}
    assert "特别会" not in text(stranger.get(f"/calendar?month={month}"))
    assert "特别会" in text(who.get(f"/desk/calendar?month={month}"))
    assert who.post(f"/desk/sittings/{sitting_id}/notice").status_code == 303
    page = text(stranger.get(f"/calendar?month={month}"))
    assert "特别会" in page
    assert open_title in page
    assert "楼上漏水" not in page
    assert "webcal://" in page
    answer = stranger.get("/calendar.ics")
    assert answer.mimetype == "text/calendar"
    (event,) = [one for one in read(answer.data) if one["STATUS"] == "CONFIRMED"]
    # The entry takes the place of the tentative one: same mark, higher number.
    assert event["UID"] in {one["UID"] for one in before}
    assert (event["SEQUENCE"], event["LOCATION"]) == ("1", "亭子\\, 东边")
    assert "楼上漏水" not in answer.get_data(as_text=True)
    assert stranger.get("/calendar.ics", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    move = {"day": on(day, 7), "time": "19:00", "reason": "停电"}
    assert who.post(f"/desk/sittings/{sitting_id}/postponement", move).status_code == 303
    (moved,) = [one for one in read(stranger.get("/calendar.ics").data) if one["UID"] == event["UID"]]
    assert (moved["SEQUENCE"], moved["STATUS"]) == ("2", "CONFIRMED")
    assert who.post(f"/desk/sittings/{sitting_id}/cancellation", {"reason": "并到下次"}).status_code == 303
    (gone,) = [one for one in read(stranger.get("/calendar.ics").data) if one["UID"] == event["UID"]]
    assert (gone["SEQUENCE"], gone["STATUS"]) == ("3", "CANCELLED")
    assert "并到下次" in text(stranger.get(f"/sittings/{sitting_id}"))
    counted = {}
    for name, browser, url in (("public", stranger, "/calendar"), ("desk", who, "/desk/calendar"),
                               ("feed", stranger, "/calendar.ics"), ("list", who, "/desk/sittings")):  # fmt: skip
        with count_queries() as seen:
            text(browser.get(url))
        counted[name] = len(seen)
    assert counted["public"] <= 5, counted
    assert counted["desk"] <= 5, counted
    assert counted["feed"] <= 5, counted
    assert counted["list"] <= 6, counted


def test_the_supervisor_reads_the_calendar_and_sits_in(app, browse, today):
    sitting_id, _ = ahead(app, today, days=3)
    watcher = browse("nanyandao", "jiandu")
    with inside(app, "nanyandao"):
        month = clock.local(db.session.scalars(select(Sitting.starts_at)).one()).strftime("%Y-%m")
    assert "我来列席" in text(watcher.get(f"/desk/calendar?month={month}"))
    assert watcher.post(f"/desk/sittings/{sitting_id}/observing").status_code == 303
    assert "您是列席" in text(watcher.get("/me/sittings"))
    assert browse("nanyandao", "zhao").post(f"/desk/sittings/{sitting_id}/observing").status_code == 403
    assert browse("nanyandao", "yishi1").get("/desk/sittings/queue").status_code == 403


DOORS = [
    ("GET", "/desk/sittings/{s}/invitees"), ("POST", "/desk/sittings/{s}/invitees"),
    ("POST", "/desk/sittings/{s}/invitees/{l}/removal"), ("POST", "/desk/sittings/{s}/invitees/{l}/reply"),
    ("POST", "/desk/sittings/{s}/excuses"), ("POST", "/desk/sittings/{s}/observing"),
    ("POST", "/sittings/{s}/reply"), ("GET", "/sittings/{s}/notice"), ("GET", "/sittings/{s}/papers/{l}"),
    ("POST", "/desk/sittings/{s}/agenda"), ("POST", "/desk/sittings/{s}/matters/{m}/order"),
    ("POST", "/desk/sittings/{s}/matters/{m}/removal"), ("POST", "/desk/sittings/{s}/matters/{m}/materials"),
    ("GET", "/desk/matters/{m}/bench"), ("POST", "/desk/matters/{m}/bench"), ("GET", "/desk/sittings/new?follows={s}"),
    ("GET", "/desk/sitting-series/{r}"), ("POST", "/desk/sitting-series/{r}"),
    ("POST", "/desk/sitting-series/{r}/end"), ("POST", "/desk/sitting-series/{r}/sittings"),
]  # fmt: skip


def test_the_neighbour_finds_nothing_before_a_sitting_either(app, browse, today):
    sitting_id, (matter_id,) = ahead(app, today)
    with inside(app, "nanyandao"):
        series = table.add_series(
            "例会", "FREQ=MONTHLY;BYMONTHDAY=5", "9:00", None, by=person("shuji", today), now=today
        )
        line = register_of(sitting_id)[0].id
        db.session.commit()
        series_id, before = series.id, everything()
    thief = browse("dianye", "shuji")
    data = {"matter_id": str(matter_id), "names": "x", "standing": "observer", "answer": "coming", "said_by": "x",
            "way": "up", "name": "x", "rhythm": "weekly", "weekday": "MO", "time": "9:00"}  # fmt: skip
    for method, url in DOORS:
        url = url.format(s=sitting_id, m=matter_id, l=line, r=series_id)
        answer = thief.get(url) if method == "GET" else thief.post(url, data)
        assert answer.status_code == 404, (method, url)
    assert b"\xe4\xb8\x8b\xe6\x9c\x88" not in thief.get("/calendar.ics").data
    with inside(app, "nanyandao"):
        assert everything() == before


def everything():
    tables = (Sitting, Attendance, AgendaItem, SittingSeries, Matter)
    return [sorted(map(str, db.session.execute(select(one.__table__)).all())) for one in tables]
