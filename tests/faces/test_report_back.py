"""A report-back sitting: put together from open promises, announced, held, and told in each matter's timeline."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.flow.deliberate import rules
from app.flow.deliberate.models import AgendaItem, Attendance, ReportLine, Sitting, SittingSeries
from app.flow.deliberate.rules import SittingKind
from app.flow.implement import actions as implementing
from app.flow.implement.report_rules import Promise, stands
from app.flow.resolve import actions as resolving
from app.flow.resolve.models import Commitment
from app.flow.resolve.rules import Task
from app.matter.models import Matter, TimelineEntry
from app.matter.situation import Stage, Track
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms import carrying_out
from tests.rooms.stage_setting import matter_at, staff

DAY, FIRST = date(2026, 6, 10), date(2026, 6, 8)


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        (Promise("修路", "open", DAY, DAY), "修路：说好6月10日前办完"),
        (Promise("装架", "open", DAY, DAY, 3, 5, "组"), "装架：做了 3/5 组，说好6月10日前办完"),
        (Promise("修路", "open", DAY, FIRST, reason="下雨"), "修路：原定6月8日，延到6月10日，因为下雨"),
        (Promise("修路", "open", FIRST, FIRST), "修路：说好6月8日前办完，已经过了 1 天"),
        (Promise("修路", "done", DAY, DAY), "修路：报完工了，等人去看"),
        (Promise("修路", "verified", DAY, DAY), "修路：办完了，也核验过了"),
        (Promise("修路", "dropped", DAY, DAY), "修路：不办了"),
    ],
)
def test_how_a_promise_stands(promise, words):
    assert stands(promise, date(2026, 6, 9)) == words


def test_nothing_is_owed_where_nothing_is_decided():
    report = SittingKind.REPORT
    assert rules.notice_days(report, [None], 5) == 0
    assert rules.no_quorum(17, 1).met
    assert rules.may_be_tabled(report, Stage.IMPLEMENTING, None, Track.ORDINARY)
    assert not rules.may_be_tabled(report, Stage.SURVEYING, None, Track.ORDINARY)
    assert not rules.may_be_tabled(SittingKind.COUNCIL, Stage.IMPLEMENTING, None, Track.ORDINARY)


@pytest.fixture
def promises(app):
    """Two public matters at work with three promises, and a private one: ids of the promises."""
    with inside(app, HOME):
        now = clock.now()
        today = clock.local(now).date()
        found = []
        for title, tasks in (("晾衣架", ["装架", "刷漆"]), ("涵洞", ["清淤"])):
            matter = carrying_out.decided(now, level="grid", title=title)
            owed = [
                (what, "物业 何师傅", None, today + timedelta(20 + n), 0, "property", "处", 4)
                for n, what in enumerate(tasks)
            ]
            carrying_out.write(matter, now=now, tasks=owed)
            resolving.start_work(matter, board=resolving.Board(today, "门口"), by=staff(), now=now)
            found += db.session.scalars(
                select(Commitment.id).where(Commitment.matter_id == matter.id).order_by(Commitment.position)
            ).all()
        hidden = matter_at("implementing", now=now, visibility="parties", title="张三李四")
        resolving.add_commitments(hidden, [Task("道歉", "张三", None, today)], now=now)
        db.session.commit()
        return found


def test_the_whole_evening(app, browse, promises, count_queries):
    shuji = browse(HOME, "shuji")
    page = shuji.get("/desk/report-sittings/new").get_data(as_text=True)
    assert page.count('name="promise"') == 3
    assert "张三" not in page
    soon = datetime.now(clock.SHANGHAI) + timedelta(hours=1)
    if soon.date() != datetime.now(clock.SHANGHAI).date():
        soon = datetime.now(clock.SHANGHAI) + timedelta(minutes=1)
    form = {"title": "夏天报告会", "day": soon.date().isoformat(), "time": f"{soon:%H:%M}", "venue": "",
            "place": "议事屋", "expected": "王阿姨 居民", "once": str(uuid4()),
            "promise": [str(one) for one in promises]}  # fmt: skip
    bad = shuji.post("/desk/report-sittings", form | {"promise": []})
    assert bad.status_code == 422
    assert "夏天报告会" in bad.get_data(as_text=True)
    for _click in range(2):
        made = shuji.post("/desk/report-sittings", form)
        assert made.status_code == 303
    at, one = made.headers["Location"], form["once"]
    assert at == f"/desk/sittings/{one}"
    before = shuji.get(at).get_data(as_text=True)
    assert "做了 0/4 处" in before
    assert "还能放到议程里的事" not in before
    assert browse().get(f"/sittings/{one}/report").status_code == 404
    assert shuji.post(f"{at}/notice").status_code == 303
    with inside(app, HOME):
        task = db.session.scalar(select(Commitment).where(Commitment.id == promises[0]))
        matter = db.session.scalar(select(Matter).where(Matter.id == task.matter_id))
        implementing.note_progress(matter, "装了三处", commitment=task, done_count=3, by=staff(), now=clock.now())
        lines = db.session.scalars(select(Attendance).where(Attendance.sitting_id == one)).all()
        assert {"报告人", "居民"} <= {line.capacity for line in lines}
        came = next(line.id for line in lines if line.name == "王阿姨")
        chair = str(staff().id)
        db.session.commit()
    with inside(app, HOME):
        stages = dict(db.session.execute(select(Matter.id, Matter.stage)).all())
        db.session.scalar(select(Sitting).where(Sitting.id == one)).starts_at = clock.now()
        db.session.commit()
    with inside(app, HOME):
        line = db.session.scalar(select(Attendance).where(Attendance.id == came))
        line.state, line.arrived_at = "present", clock.now()
        db.session.commit()
    assert shuji.post(f"{at}/opening", {"chair": chair, "recorder": chair}).status_code == 303
    shuji.get(at)
    with count_queries() as seen:
        page = shuji.get(at).get_data(as_text=True)
    assert len(seen) <= 16, seen
    assert "做了 3/4 处" in page
    assert "到了 1 人，报告会不作决定" in page
    assert "付诸表决" not in page
    with inside(app, HOME):
        first = db.session.scalar(select(ReportLine).where(ReportLine.commitment_id == promises[0]))
        url, read_at = f"{at}/report-lines/{first.id}", first.at.isoformat()
    said = {"heard": "下周装完", "asked": "刷什么颜色？绿的。", "read_at": read_at}
    assert shuji.post(url, {"heard": "", "asked": "", "read_at": read_at}).status_code == 422
    assert shuji.post(url, said).status_code == 303
    stale = shuji.post(url, said | {"heard": "抢着写"})
    assert stale.status_code == 422
    assert "抢着写" in stale.get_data(as_text=True)
    stranger = browse(NEXT, "shuji")
    assert stranger.post(url, said).status_code == stranger.get(f"/sittings/{one}/report").status_code == 404
    assert browse(HOME, "yishi1").post(url, said).status_code == 403
    assert shuji.post(f"{at}/closing", {"conclusion": "下月再报告"}).status_code == 303
    public = browse().get(f"/sittings/{one}").get_data(as_text=True)
    for words in ("做了 3/4 处", "下周装完", "刷什么颜色", "不作决定", "清淤"):
        assert words in public
    assert "应到" not in public
    for door in ("minutes", "invitees", "screen"):
        place = f"/sittings/{one}/screen" if door == "screen" else f"{at}/{door}"
        assert shuji.get(place).status_code == 200, door
    paper = browse().get(f"/sittings/{one}/report").get_data(as_text=True)
    assert re.search(r"一、.*（", paper)
    with inside(app, HOME):
        assert dict(db.session.execute(select(Matter.id, Matter.stage)).all()) == stages
        told = db.session.scalars(select(TimelineEntry.words).where(TimelineEntry.verb == "report_back")).all()
        assert len(told) == 1
        assert told[0].startswith("报告会上说：装架：做了 3/4 处")
        assert told[0].endswith("下周装完（有人问：刷什么颜色？绿的。）")
        outcomes = db.session.scalars(select(AgendaItem.outcome)).all()
        assert sorted(outcomes) == ["left", "reported"]


def test_a_regular_report_is_planned_on_its_own_page(app, browse, promises):
    shuji = browse(HOME, "shuji")
    form = {"name": "月末报告会", "kind": "report", "rhythm": "monthly", "month_day": "28", "time": "19:00",
            "weekday": "MO", "venue": "", "on_holiday": "keep"}  # fmt: skip
    assert shuji.post("/desk/sitting-series", form).status_code == 303
    with inside(app, HOME):
        series = db.session.scalar(select(SittingSeries.id).where(SittingSeries.name == "月末报告会"))
    sent = shuji.get(f"/desk/sittings/new?series={series}")
    assert sent.headers["Location"] == f"/desk/report-sittings/new?series={series}"
    assert "月末报告会" in shuji.get(sent.headers["Location"]).get_data(as_text=True)
    assert 'value="report"' not in shuji.get("/desk/sittings/new").get_data(as_text=True)
