"""Sittings through their doors: plan, notice, register, opening, minutes, the end; and what stays shut."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import select

from app import clock
from app.flow.deliberate.actions import plan_sitting, speak
from app.flow.deliberate.models import Attendance, MinutesEntry, Sitting, SittingSeries
from app.flow.deliberate.queries import register_of
from app.matter.models import Matter
from app.people.places import Venue
from tenants.database import db
from tests.conftest import inside
from tests.rooms.people import account, person
from tests.rooms.sitting_table import come, topic


@pytest.fixture
def today(app):
    """The program's own clock: pages read it, so their tests must."""
    with app.app_context():
        return clock.now()


def day_of(moment, days):
    return (clock.local(moment) + timedelta(days=days)).date().isoformat()


def put(app, now, **values):
    """A confirmed topic, committed; returns its id."""
    with inside(app, "nanyandao"):
        matter = topic(now, **values)
        db.session.commit()
        return matter.id


def plan_data(today, matter_id, **more):
    return {
        "kind": "council", "title": "七月例会", "day": day_of(today, 5), "time": "14:30", "venue": "",
        "place": "议事屋", "matters": str(matter_id), "expected": "何经理 物业\n吴阿姨", **more,
    }  # fmt: skip


def planned(app, browse, today, **more):
    """A council sitting planned through the page: ``(browser, sitting id, matter id)``."""
    matter_id = put(app, today)
    who = browse("nanyandao", "shuji")
    answer = who.post("/desk/sittings", plan_data(today, matter_id, **more))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return who, answer.location.rsplit("/", 1)[-1], matter_id


def on_the_day(app, browse, today, came=12):
    """The sitting with its notice given, moved to today, with people there."""
    who, sitting_id, matter_id = planned(app, browse, today)
    assert who.post(f"/desk/sittings/{sitting_id}/notice").status_code == 303
    with inside(app, "nanyandao"):
        sitting = db.session.scalars(select(Sitting)).one()
        # Time passes between notice and sitting; the clock of the program stays where the browsers are.
        sitting.noticed_at, sitting.starts_at = today.replace(year=today.year - 1), today
        come(sitting, came, today)
        db.session.commit()
    return who, sitting_id, matter_id


def opened(app, browse, today, came=12):
    who, sitting_id, matter_id = on_the_day(app, browse, today, came)
    with inside(app, "nanyandao"):
        people = {"chair": account("shuji").id, "recorder": account("zhao").id}
    assert who.post(f"/desk/sittings/{sitting_id}/opening", people).status_code == 303
    return who, sitting_id, matter_id


def text(answer, status=200):
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body[-3000:]
    return body


def test_a_sitting_is_planned_announced_and_read_by_everybody(app, browse, today):
    who, sitting_id, _ = planned(app, browse, today)
    page = text(who.get(f"/desk/sittings/{sitting_id}"))
    assert "应到 17 人，过半要 9 人，现在到了 0 人，还差 9 人" in page
    stranger = browse("nanyandao")
    assert stranger.get(f"/sittings/{sitting_id}").status_code == 404
    assert who.post(f"/desk/sittings/{sitting_id}/notice").status_code == 303
    page = text(stranger.get(f"/sittings/{sitting_id}"))
    assert "装几组公用晾衣架" in page
    assert "议事员1" not in page
    assert "何经理" not in page


def test_a_double_click_plans_one_sitting(app, browse, today):
    matter_id = put(app, today)
    who = browse("nanyandao", "shuji")
    once = re.search(r'name="once"[^>]*value="([^"]+)"', text(who.get("/desk/sittings/new")))[1]
    data = plan_data(today, matter_id, once=once)
    first, second = who.post("/desk/sittings", data), who.post("/desk/sittings", data)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    with inside(app, "nanyandao"):
        assert len(db.session.scalars(select(Sitting)).all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "长" * 61}, {"day": ""}, {"day": "2020-01-01"}, {"place": ""}, {"kind": "party"},
     {"expected": "名" * 5001}],
)  # fmt: skip
def test_a_plan_that_lacks_something_comes_back_with_what_was_typed(app, browse, today, wrong):
    matter_id = put(app, today)
    who = browse("nanyandao", "shuji")
    answer = who.post("/desk/sittings", plan_data(today, matter_id, **wrong))
    page = text(answer, 422)
    assert "还差一处" in page
    assert "何经理" in page or "expected" in wrong
    with inside(app, "nanyandao"):
        assert db.session.scalars(select(Sitting)).all() == []


def test_a_late_notice_is_refused_with_its_reason(app, browse, today):
    who, sitting_id, matter_id = planned(app, browse, today, day=day_of(today, 1))
    page = text(who.get(f"/desk/sittings/{sitting_id}"))
    assert "要提前 3 天发公告" in page
    before = {"Referer": f"http://{who.host}/desk/sittings/{sitting_id}?matter=1"}
    refused = text(who.post(f"/desk/sittings/{sitting_id}/notice", headers=before), 409)
    assert "要提前 3 天发公告" in refused
    # The way back is a page of ours that can be asked for, never another house and never a door that only takes.
    assert f'href="/desk/sittings/{sitting_id}?matter=1"' in refused
    for foreign in (
        "https://elsewhere.example/desk/sittings",
        f"http://{who.host}/desk/sittings/{sitting_id}/notice",
    ):
        assert "退回上一页" not in text(
            who.post(f"/desk/sittings/{sitting_id}/notice", headers={"Referer": foreign}), 409
        )
    with inside(app, "nanyandao"):
        matter = db.session.scalar(select(Matter).where(Matter.id == matter_id))
        matter.triage = "hard"
        db.session.commit()
    assert "专家意见" in text(who.get(f"/desk/sittings/{sitting_id}"))
    said = text(who.post(f"/desk/sittings/{sitting_id}/postponement", {"day": day_of(today, 5), "time": "19:00"}), 303)
    assert "公告还没发" in text(who.get(f"/desk/sittings/{sitting_id}")), said
    with inside(app, "nanyandao"):
        assert (
            db.session.get(Matter, (db.session.scalar(select(Matter.community_id)), matter_id)).stage
            == "topic_confirmed"
        )


def test_a_regular_sitting_shows_its_next_days_and_starts_a_plan(app, browse, today):
    who = browse("nanyandao", "shuji")
    with inside(app, "nanyandao"):
        venue = db.session.scalars(select(Venue.id).where(Venue.kind == "room")).one()
    data = {
        "name": "例会",
        "rhythm": "monthly",
        "month_day": "5",
        "weekday": "MO",
        "time": "14:30",
        "venue": str(venue),
    }
    assert who.post("/desk/sitting-series", data).status_code == 303
    assert "14:30" in text(who.get("/desk/sittings"))
    text(who.post("/desk/sitting-series", data), 422)
    text(who.post("/desk/sitting-series", data | {"name": "别的", "month_day": "31"}), 422)
    with inside(app, "nanyandao"):
        series = db.session.scalars(select(SittingSeries)).one()
        assert series.rrule == "FREQ=MONTHLY;BYMONTHDAY=5"
    page = text(who.get(f"/desk/sittings/new?series={series.id}"))
    assert "月例会" in page
    assert 'value="14:30"' in page
    log = text(who.get("/desk/changes?subject=series"))
    assert "例会 · 每月 5 日 14:30" in log
    assert "FREQ" not in log


def test_the_whole_register_in_one_post(app, browse, today):
    who, sitting_id, _ = on_the_day(app, browse, today, came=0)
    with inside(app, "nanyandao"):
        lines = [line.id for line in db.session.scalars(select(Attendance).where(Attendance.counts))]
    data = {f"seat-{line}": "present" if n < 11 else "excused" for n, line in enumerate(lines)}
    assert who.post(f"/desk/sittings/{sitting_id}/attendance", data).status_code == 303
    page = text(who.get(f"/desk/sittings/{sitting_id}/attendance"))
    assert "应到 17 人，过半要 9 人，现在到了 11 人，够了" in page
    everybody = {f"seat-{line}": "expected" for line in lines} | {"all": "1"}
    assert who.post(f"/desk/sittings/{sitting_id}/attendance", everybody).status_code == 303
    assert "现在到了 17 人" in text(who.get(f"/desk/sittings/{sitting_id}/attendance"))
    text(who.post(f"/desk/sittings/{sitting_id}/attendance", {f"seat-{lines[0]}": "left"}), 422)
    assert "议事员1" in text(who.get(f"/desk/sittings/{sitting_id}/register-sheet"))


def test_minutes_are_written_read_on_paper_and_as_a_document(app, browse, today):
    who, sitting_id, matter_id = opened(app, browse, today)
    word = {"matter": str(matter_id), "speaker": "祝阿姨", "words": "早该装了，𬱖㛃䶮三位也这么说。"}
    assert who.post(f"/desk/sittings/{sitting_id}/words", word).status_code == 303
    text(who.post(f"/desk/sittings/{sitting_id}/words", word | {"words": ""}), 422)
    page = text(who.post(f"/desk/sittings/{sitting_id}/words", word | {"words": "长" * 5001}), 422)
    assert "5000 个字以内" in page
    with inside(app, "nanyandao"):
        entry = db.session.scalars(select(MinutesEntry)).one()
    assert "早该装了" in text(who.get(f"/desk/sittings/{sitting_id}/words/{entry.id}"))
    edit = {"speaker": "祝阿姨", "words": "早该装了。"}
    assert who.post(f"/desk/sittings/{sitting_id}/words/{entry.id}", edit).status_code == 303
    paper = text(who.get(f"/desk/sittings/{sitting_id}/minutes"))
    assert "早该装了。" in paper
    assert "NYD-HY-" in paper
    answer = who.get(f"/desk/sittings/{sitting_id}/minutes.docx")
    assert "filename" in answer.headers["Content-Disposition"]
    found = "\n".join(p.text for p in Document(BytesIO(answer.data)).paragraphs)
    assert "早该装了。" in found
    assert "议事员1" in found


def test_a_sitting_ends_when_every_matter_has_its_word(app, browse, today):
    who, sitting_id, matter_id = opened(app, browse, today)
    page = text(who.post(f"/desk/sittings/{sitting_id}/closing", {"conclusion": "先到这里"}), 422)
    assert "还没个说法" in page
    assert "先到这里" in page
    word = {"matter": str(matter_id), "speaker": "祝阿姨", "words": "费用没说清。"}
    who.post(f"/desk/sittings/{sitting_id}/words", word)
    on = f"/desk/sittings/{sitting_id}/matters/{matter_id}"
    text(who.post(f"{on}/survey", {"reason": ""}), 422)
    assert who.post(f"{on}/survey", {"reason": "问清费用"}).status_code == 303
    assert who.post(f"/desk/sittings/{sitting_id}/closing", {"conclusion": "先到这里"}).status_code == 303
    assert who.post(f"/desk/sittings/{sitting_id}/minutes").status_code == 303
    text(who.post(f"/desk/sittings/{sitting_id}/words", word), 422)
    assert "再去了解" in text(who.get(f"/sittings/{sitting_id}"))


def test_too_few_people_talk_and_come_again(app, browse, today):
    who, sitting_id, matter_id = opened(app, browse, today, came=8)
    page = text(who.get(f"/desk/sittings/{sitting_id}"))
    assert "人数不够，只能恳谈" in page
    assert "付诸表决" not in page
    who.post(f"/desk/sittings/{sitting_id}/words", {"matter": str(matter_id), "speaker": "甲", "words": "先听听。"})
    assert who.post(f"/desk/sittings/{sitting_id}/matters/{matter_id}/adjournment").status_code == 303
    assert who.post(f"/desk/sittings/{sitting_id}/closing", {}).status_code == 303
    assert "不够数，只谈不定" in text(browse("nanyandao").get(f"/sittings/{sitting_id}"))


def test_the_screen_shows_the_table_and_no_choice(app, browse, today):
    who, sitting_id, _ = opened(app, browse, today)
    page = text(who.get(f"/sittings/{sitting_id}/screen"))
    assert "应到 17 人，实到 12 人" in page
    assert "议事员1" not in page


def test_from_a_matter_to_its_table(app, browse, today):
    who, sitting_id, matter_id = planned(app, browse, today)
    assert who.get(f"/desk/matters/{matter_id}/sitting").location.startswith(f"/desk/sittings/{sitting_id}")
    other = put(app, today, title="别的事")
    assert who.get(f"/desk/matters/{other}/sitting").location == f"/desk/sittings/new?matter={other}"


def test_a_private_matter_stays_private_on_public_and_council_pages(app, browse, today):
    who, sitting_id, matter_id = opened(app, browse, today)
    who.post(f"/desk/sittings/{sitting_id}/words", {"matter": str(matter_id), "speaker": "甲", "words": "悄悄话"})
    with inside(app, "nanyandao"):
        db.session.scalars(select(Matter)).one().visibility = "parties"
        db.session.commit()
    assert "装几组公用晾衣架" not in text(browse("nanyandao").get(f"/sittings/{sitting_id}"))
    seen = text(browse("nanyandao", "yishi1").get(f"/desk/sittings/{sitting_id}/minutes"))
    assert "悄悄话" not in seen
    assert "悄悄话" in text(who.get(f"/desk/sittings/{sitting_id}/minutes"))


DOORS = [
    ("GET", "/desk/sittings/{s}"), ("POST", "/desk/sittings/{s}/notice"), ("POST", "/desk/sittings/{s}/postponement"),
    ("POST", "/desk/sittings/{s}/cancellation"), ("POST", "/desk/sittings/{s}/agenda"),
    ("GET", "/desk/matters/{m}/sitting"),
    ("GET", "/sittings/{s}"), ("GET", "/sittings/{s}/screen"), ("GET", "/desk/sittings/{s}/attendance"),
    ("POST", "/desk/sittings/{s}/attendance"), ("GET", "/desk/sittings/{s}/register-sheet"),
    ("POST", "/desk/sittings/{s}/recusals"), ("POST", "/desk/sittings/{s}/opening"),
    ("POST", "/desk/sittings/{s}/closing"),
    ("POST", "/desk/sittings/{s}/matters/{m}/options"), ("POST", "/desk/sittings/{s}/matters/{m}/survey"),
    ("POST", "/desk/sittings/{s}/matters/{m}/adjournment"), ("POST", "/desk/sittings/{s}/matters/{m}/ballots"),
    ("POST", "/desk/sittings/{s}/matters/{m}/consensus"), ("POST", "/desk/sittings/{s}/words"),
    ("GET", "/desk/sittings/{s}/words/{s}"), ("POST", "/desk/sittings/{s}/words/{s}"),
    ("POST", "/desk/sittings/{s}/minutes"), ("GET", "/desk/sittings/{s}/minutes"),
    ("GET", "/desk/sittings/{s}/minutes.docx"),
]  # fmt: skip


def test_the_neighbour_finds_nothing_behind_any_door(app, browse, today):
    who, sitting_id, matter_id = opened(app, browse, today)
    who.post(f"/desk/sittings/{sitting_id}/words", {"matter": str(matter_id), "speaker": "甲", "words": "一句"})
    with inside(app, "nanyandao"):
        line = register_of(db.session.scalars(select(Sitting)).one().id)[0].id
        before = _everything()
    thief = browse("dianye", "shuji")
    data = {
        "attendance_id": str(line), "matter_id": str(matter_id), "matter": str(matter_id), "reason": "x", "words": "x",
        "speaker": "x", "names": "x", "question": "x", "rule": "council_majority", "mode": "hands", "found": "y",
        f"seat-{line}": "left", "conclusion": "x", "day": day_of(today, 9), "time": "10:00", "chair": str(line),
        "recorder": str(line),
    }  # fmt: skip
    for method, url in DOORS:
        url = url.format(s=sitting_id, m=matter_id)
        answer = thief.get(url) if method == "GET" else thief.post(url, data)
        assert answer.status_code == 404, (method, url)
    with inside(app, "nanyandao"):
        assert _everything() == before


def _everything():
    tables = (Sitting, Attendance, MinutesEntry, Matter)
    return [sorted(map(str, db.session.execute(select(table.__table__)).all())) for table in tables]


@pytest.mark.parametrize(("login", "status"), [(None, 302), ("yishi1", 403), ("jiandu", 403), ("sun", 403)])
def test_who_may_not_run_a_sitting(app, browse, today, login, status):
    assert browse("nanyandao", login).get("/desk/sittings").status_code == status


def test_a_list_of_twenty_takes_six_statements(app, browse, today, count_queries):
    with inside(app, "nanyandao"):
        by = person("shuji", today)

        for n in range(22):
            plan_sitting(kind="talk", title=f"恳谈{n}", starts_at=today.replace(year=today.year + 1), place="亭子",
                         expected=["甲"], by=by, now=today)  # fmt: skip
        db.session.commit()
    who = browse("nanyandao", "shuji")
    with count_queries() as seen:
        page = text(who.get("/desk/sittings?when=past"))
    with count_queries() as seen_coming:
        page = text(who.get("/desk/sittings"))
    assert page.count("恳谈") >= 20
    assert len(seen) <= 6, seen
    assert len(seen_coming) <= 6, seen_coming


def test_the_sitting_page_takes_as_many_statements_for_fifty_voices(app, browse, today, count_queries):
    who, sitting_id, matter_id = opened(app, browse, today)
    url, counted = f"/desk/sittings/{sitting_id}", []
    for more in (1, 50):
        with inside(app, "nanyandao"):
            found = db.session.scalars(select(Sitting)).one()
            for n in range(more):
                speak(found, matter_id, f"{n}号", "我同意。", by=person("zhao", today), now=today)
            db.session.commit()
        with count_queries() as seen:
            text(who.get(url))
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 10, counted


def test_a_party_steps_back_by_the_form(app, browse, today):
    who, sitting_id, matter_id = opened(app, browse, today)
    with inside(app, "nanyandao"):
        line = register_of(db.session.scalars(select(Sitting)).one().id)[0].id
    url = f"/desk/sittings/{sitting_id}/recusals"
    assert "两样都要选" in text(who.post(url, {"attendance_id": str(line)}), 409)
    assert who.post(url, {"attendance_id": str(line), "matter_id": str(matter_id)}).status_code == 303
    assert "应到 16 人，过半要 9 人，现在到了 11 人" in text(who.get(f"/desk/sittings/{sitting_id}"))
