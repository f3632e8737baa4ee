"""W4 as a plan on the wall, and the secretary's own items: actions, doors, the neighbour, statements."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.flow.implement import plan_queries as queries
from app.flow.implement import plans
from app.flow.implement.models import WorkPlan
from app.flow.implement.plan_rules import Standing
from app.flow.resolve import actions as resolving
from app.flow.resolve.models import Commitment
from app.matter.models import TimelineEntry
from app.people.roles import Role
from tenants.database import db, uuid7
from tests.cast import HOME
from tests.conftest import inside, later
from tests.rooms.carrying_out import decided, write
from tests.rooms.results_stage import closed
from tests.rooms.stage_setting import matter_at, staff

YEAR = {"kind": "annual", "title": "林景 2026 年计划", "starts": date(2026, 1, 1), "ends": date(2026, 12, 31)}
TASKS = [
    ("坐车看大桥", "张书记", None, date(2026, 6, 20), 300_000), ("请医院来义诊", "卫生站", None, date(2026, 7, 10), 0),
    ("运动会和读书节", "文体队", None, date(2026, 9, 26), 120_050),
]  # fmt: skip


def w4(now, **values):
    """The council's year: one resolution, three dated tasks."""
    matter = decided(now, title="2026 年活动和党群经费", category="plan", level="grid", **values)
    write(matter, now=now, tasks=TASKS)
    return matter


def test_one_resolution_laid_over_a_year(hall, now):
    matter = w4(now)
    with pytest.raises(Refused, match="社区书记和社区工作者"):
        plans.make_plan(matter, **YEAR, by=staff("xiaoli", Role.GRID_WORKER), now=now)
    plan = plans.make_plan(matter, **YEAR, by=staff(), now=now)
    with pytest.raises(Refused, match="已经有一份计划"):
        plans.make_plan(matter, **YEAR, by=staff(), now=now)
    today = date(2026, 7, 1)
    # The resolution is not on the board yet, so the plan is the desk's own.
    assert not queries.find_plan(plan.id, today).is_open
    resolving.start_work(matter, board=resolving.Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
    first = db.session.scalars(select(Commitment).order_by(Commitment.position)).first()
    first.state, first.done_at, first.evidence, first.actual_fen = "done", later(18), "去了 42 位", 299_999
    db.session.flush()
    found = queries.find_plan(plan.id, today)
    assert (found.is_open, found.n, found.done) == (True, 3, 1)
    year = queries.year_of(found, today)
    assert [len(tasks) for _month, tasks in year.months] == [0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0]
    assert (year.planned_fen, year.spent_fen) == (420_050, 299_999)
    assert {k: n for k, n in year.counts.items() if n} == {Standing.DONE: 1, Standing.DOING: 1, Standing.TO_COME: 1}
    late = queries.year_of(found, date(2026, 7, 11))
    assert late.counts[Standing.LATE] == 1
    with pytest.raises(Refused, match="不在这段时间里"):
        plans.change_plan(
            plan, matter, kind="thematic", title="半年", theme="活动", starts=date(2026, 1, 1), ends=date(2026, 7, 31),
            by=staff(), now=now,
        )  # fmt: skip
    plans.change_plan(plan, matter, **YEAR, public=False, by=staff(), now=now)
    assert not queries.find_plan(plan.id, today).is_open
    plans.withdraw_plan(plan, matter, reason="重新排", by=staff(), now=now)
    with pytest.raises(Refused, match="已经收下来"):
        plans.withdraw_plan(plan, matter, reason="再收", by=staff(), now=now)
    assert plans.make_plan(matter, **YEAR, by=staff(), now=now).id != plan.id
    # What was promised stands as it stood.
    assert len(db.session.scalars(select(Commitment).where(Commitment.state != "dropped")).all()) == 3
    verbs = select(TimelineEntry.verb).where(TimelineEntry.verb.like("%plan"))
    assert sorted(db.session.scalars(verbs)) == ["change_plan", "make_plan", "make_plan", "withdraw_plan"]
    twin = WorkPlan(id=uuid7(), matter_id=matter.id, **YEAR, made_at=now, made_label="张书记")
    db.session.add(twin)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_plan_through_the_pages(app, browse, count_queries):
    with inside(app, HOME):
        today = clock.today()
        start = today.replace(day=1)
        tasks = [(f"第 {n} 件事", "何师傅", None, today + timedelta(days=20 * n), 100_050) for n in range(1, 13)]
        now = clock.now()
        matter, quiet = decided(now, level="grid", title="一年的事"), decided(now, visibility="parties", title="悄悄话")
        for one in (matter, quiet):
            write(one, now=now, tasks=tasks)
            if one is matter:
                resolving.start_work(one, board=resolving.Board(today, "门口"), by=staff(), now=now)
        ids = str(matter.id), str(quiet.id)
        db.session.commit()
    shuji, xiaoli, anybody = browse(HOME, "shuji"), browse(HOME, "xiaoli"), browse(HOME)
    desk = shuji.get("/desk/plans").get_data(as_text=True)
    assert "一年的事" in desk
    assert "12 项任务" in desk
    assert shuji.get(f"/desk/plan-form?matter={ids[0]}").status_code == 200
    assert shuji.get(f"/desk/plan-form?matter={uuid4()}").status_code == 404
    once = str(uuid4())
    form = {"once": once, "matter": ids[0], "kind": "annual", "title": "我们的一年", "starts": f"{start:%Y-%m-%d}"}
    assert xiaoli.post("/desk/plans", form).status_code == 403
    wrong = shuji.post("/desk/plans", form | {"title": "改".ljust(70, "长"), "starts": "那天"})
    assert (wrong.status_code, "那天" in wrong.get_data(as_text=True)) == (422, True)
    for _click in range(2):
        assert shuji.post("/desk/plans", form).status_code == 303
    assert shuji.get(f"/desk/plan-form?matter={ids[0]}").headers["Location"].endswith(f"/plans/{once}")
    assert "排成一年一页" in shuji.get(f"/desk/matters/{ids[0]}?tab=tasks").get_data(as_text=True)
    with count_queries() as seen:
        page = anybody.get(f"/plans/{once}").get_data(as_text=True)
    assert len(seen) <= 6
    assert all(
        words in page for words in ("我们的一年", "第 12 件事", "今天", "还没到", "预算 12,006 元", "1,000.50 元")
    )
    for url in ("/plans", "/plans?year=1999", f"/plans/{once}/wall", f"/plans/{once}/wall?size=a4"):
        assert anybody.get(url).status_code == 200
    assert "我们的一年" in anybody.get("/plans").get_data(as_text=True)
    one = f"/desk/plans/{once}"
    assert shuji.get(one).status_code == 200
    assert shuji.post(one, form | {"title": ""}).status_code == 422
    assert shuji.post(one, form | {"inside": "y"}).status_code == 303
    assert anybody.get(f"/plans/{once}").status_code == 404
    assert "只有工作台看得到" in shuji.get(f"/plans/{once}").get_data(as_text=True)
    assert "我们的一年" not in anybody.get("/plans").get_data(as_text=True)
    neighbour = browse("dianye", "shuji")
    for url in (f"/plans/{once}", f"/plans/{once}/wall", one, f"/desk/plan-form?matter={ids[0]}"):
        assert neighbour.get(url).status_code == 404
    assert neighbour.post(one, form).status_code == 404
    assert neighbour.post(f"{one}/withdrawal", {"reason": "偷偷收"}).status_code == 404
    assert neighbour.post("/desk/plans", form | {"once": str(uuid4())}).status_code == 404
    assert shuji.post(f"{one}/withdrawal", {"reason": " "}).status_code == 422
    assert shuji.post(f"{one}/withdrawal", {"reason": "重新排"}).status_code == 303
    assert shuji.post(f"{one}/withdrawal", {"reason": "重新排"}).status_code == 409
    assert "重新排" in shuji.get("/desk/plans").get_data(as_text=True)
    hidden = form | {"once": str(uuid4()), "matter": ids[1], "title": "不外传"}
    assert shuji.post("/desk/plans", hidden).status_code == 303
    assert anybody.get(f"/plans/{hidden['once']}").status_code == 404


def test_the_secretary_s_own_items(app, browse, count_queries, now):
    with inside(app, HOME):
        mine = {"is_secretary_project": True, "triage": "minor"}
        doing = matter_at("implementing", now=now, title="做 300 把爱心椅", due_at=later(30), **mine)
        matter_at("implementing", now=now, title="书记调解的事", visibility="parties", **mine)
        matter_at("implementing", now=now, title="不是书记的事")
        done = closed(now, title="晾衣架", **mine)
        for n in (2, 1):
            db.session.add(
                Commitment(
                    matter_id=doing.id, position=n, what=f"第 {n} 批椅子", who="木匠", due=date(2026, 6, 10 * n),
                    first_due=date(2026, 6, 10 * n), unit="把", target=150, done_count=60 if n == 1 else 0,
                    created_at=now,
                )
            )  # fmt: skip
        result = str(done.id)
        db.session.commit()
    anybody, xiaoli = browse(HOME), browse(HOME, "xiaoli")
    with count_queries() as seen:
        page = anybody.get("/projects").get_data(as_text=True)
    assert len(seen) <= 6
    assert all(words in page for words in ("做 300 把爱心椅", "第 1 批椅子", "60/150 把", "94.7", f"/results/{result}"))
    assert not [words for words in ("书记调解的事", "不是书记的事", "第 2 批椅子") if words in page]
    assert "晾衣架" not in anybody.get("/projects?group=open").get_data(as_text=True)
    assert "60/150 把" in anybody.get("/projects/wall").get_data(as_text=True)
    assert "书记调解的事" in browse(HOME, "shuji").get("/desk/projects").get_data(as_text=True)
    page = xiaoli.get("/desk/projects").get_data(as_text=True)
    assert "做 300 把爱心椅" in page
    assert "书记调解的事" not in page
    assert anybody.get("/desk/projects").status_code in (302, 303, 403)
    assert "爱心椅" not in browse("dianye").get("/projects").get_data(as_text=True)
