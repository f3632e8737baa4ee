"""Tasks through the real pages: the list, reporting, putting off, looking, holding, ending."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.flow.implement.models import ProgressNote, Verification
from app.flow.resolve import actions
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms import carrying_out
from tests.rooms.stage_setting import matter_at, staff

TODAY = datetime.now(clock.SHANGHAI).date()


def working(app: Any, n: int = 1, owner: str = "", planned: int = 480_000) -> tuple[str, list[str]]:
    """A grid matter being carried out with ``n`` tasks; its id and theirs."""
    with inside(app, HOME):
        now = clock.now()
        matter = carrying_out.decided(now, level="grid")
        owner_id = staff(owner).id if owner else None
        tasks = [(f"第 {k} 件", "物业 何师傅", owner_id, TODAY + timedelta(30 + k), planned) for k in range(n)]
        carrying_out.write(matter, now=now, tasks=tasks)
        actions.start_work(matter, board=actions.Board(TODAY, "门口"), by=staff(), now=now)
        ids = db.session.scalars(
            select(Commitment.id).where(Commitment.matter_id == matter.id).order_by(Commitment.due)
        )
        found = str(matter.id), [str(one) for one in ids]
        db.session.commit()
        return found


def stage(app: Any, matter: str) -> str:
    with inside(app, HOME):
        return str(db.session.scalar(select(Matter.stage).where(Matter.id == matter)))


@pytest.fixture
def xiaoli(browse: Any) -> Any:
    return browse(HOME, "xiaoli")


def test_from_the_first_word_of_progress_to_the_review(app, browse, xiaoli):
    matter, (task,) = working(app)
    assert "第 0 件" in xiaoli.get("/desk/tasks").get_data(as_text=True)
    note = {"words": "支架到货了", "once": str(uuid4())}
    for _click in range(2):
        assert xiaoli.post(f"/desk/tasks/{task}/progress-notes", note).status_code == 303
    with inside(app, HOME):
        assert db.session.scalar(select(func.count()).select_from(ProgressNote)) == 1
    page = xiaoli.get(f"/desk/tasks/{task}").get_data(as_text=True)
    assert "支架到货了" in page
    assert "每一项都报完工" in page
    assert xiaoli.post(f"/desk/matters/{matter}/handovers").status_code == 409
    assert xiaoli.post(f"/desk/tasks/{task}/completions", {"evidence": "装好了", "actual": ""}).status_code == 422
    done = {"evidence": "5 组都装好了", "actual": "4,700.50 元"}
    assert xiaoli.post(f"/desk/tasks/{task}/completions", done).status_code == 303
    assert xiaoli.post(f"/desk/tasks/{task}/completions", done).status_code == 409
    assert xiaoli.post(f"/desk/matters/{matter}/handovers").status_code == 303
    page = xiaoli.get(f"/desk/matters/{matter}/verification").get_data(as_text=True)
    assert "合起来预算 4,800 元，实际 4,700.50 元。" in page
    look = {"passed": "yes", "words": "稳当", "resident_name": ""}
    refused = xiaoli.post(f"/desk/matters/{matter}/verifications", look)
    assert refused.status_code == 422
    assert "一起看的居民" in refused.get_data(as_text=True)
    assert xiaoli.post(f"/desk/matters/{matter}/verifications", look | {"resident_name": "楼阿姨"}).status_code == 303
    assert stage(app, matter) == "reviewing"
    assert xiaoli.get(f"/desk/tasks/{task}").status_code == 200


def test_a_failed_look_names_the_task_and_gives_it_a_new_day(app, xiaoli):
    matter, tasks = working(app, 2, planned=0)
    for task in tasks:
        xiaoli.post(f"/desk/tasks/{task}/completions", {"evidence": "好了", "actual": ""})
    xiaoli.post(f"/desk/matters/{matter}/handovers")
    look = {
        "passed": "no",
        "words": "漆一碰就掉",
        "resident_name": "楼阿姨",
        "new_due": (TODAY + timedelta(60)).isoformat(),
    }
    nameless = xiaoli.post(f"/desk/matters/{matter}/verifications", look)
    assert nameless.status_code == 422
    assert "点出哪一项没达到" in nameless.get_data(as_text=True)
    assert xiaoli.post(f"/desk/matters/{matter}/verifications", look | {"faults": [tasks[1]]}).status_code == 303
    with inside(app, HOME):
        states = db.session.scalars(select(Commitment.state).order_by(Commitment.position)).all()
    assert (stage(app, matter), states) == ("implementing", ["done", "open"])


def test_of_a_single_task_nothing_has_to_be_pointed_out(app, xiaoli):
    matter, (task,) = working(app, planned=0)
    xiaoli.post(f"/desk/tasks/{task}/completions", {"evidence": "好了", "actual": ""})
    xiaoli.post(f"/desk/matters/{matter}/handovers")
    look = {"passed": "no", "words": "漆一碰就掉", "resident_name": "楼阿姨"}
    assert xiaoli.post(f"/desk/matters/{matter}/verifications", look).status_code == 303
    with inside(app, HOME):
        assert db.session.scalars(select(Commitment.state)).all() == ["open"]
    assert stage(app, matter) == "implementing"


def test_the_doer_is_told_that_somebody_else_looks(app, xiaoli):
    matter, (task,) = working(app, owner="xiaoli", planned=0)
    assert "第 0 件" in xiaoli.get("/desk/tasks?mine=1").get_data(as_text=True)
    xiaoli.post(f"/desk/tasks/{task}/completions", {"evidence": "好了"})
    xiaoli.post(f"/desk/matters/{matter}/handovers")
    assert "要换一位网格员" in xiaoli.get(f"/desk/matters/{matter}/verification").get_data(as_text=True)
    answer = xiaoli.post(
        f"/desk/matters/{matter}/verifications", {"passed": "yes", "words": "好", "resident_name": "楼阿姨"}
    )
    assert answer.status_code == 422
    with inside(app, HOME):
        assert db.session.scalar(select(func.count()).select_from(Verification)) == 0


def test_an_extension_is_reasoned_and_approved(app, browse, xiaoli):
    _matter, (task,) = working(app)
    later = (TODAY + timedelta(90)).isoformat()
    url = f"/desk/tasks/{task}/extensions"
    for wrong in ({}, {"due": "那天"}, {"due": later}, {"due": later, "reason": "缺货"}):
        assert xiaoli.post(url, wrong).status_code == 422
    assert browse(HOME, "shuji").post(url, {"due": later, "reason": "配件缺货"}).status_code == 303
    page = xiaoli.get(f"/desk/tasks/{task}").get_data(as_text=True)
    assert "配件缺货（张书记批）" in page


def test_plain_duty_is_done_without_a_sitting(app, browse):
    with inside(app, HOME):
        matter = matter_at(
            "accepted", now=clock.now(), triage="minor", power="council", owner_id=staff().id, is_plain_duty=True
        )
        matter_id = str(matter.id)
        db.session.commit()
    shuji = browse(HOME, "shuji")
    assert "谁来办，哪天办完" in shuji.get(f"/desk/matters/{matter_id}/promise").get_data(as_text=True)
    rows = {"what": "换灯泡", "who": "物业", "owner": "", "due": (TODAY + timedelta(5)).isoformat(), "planned": ""}
    assert shuji.post(f"/desk/matters/{matter_id}/promises", rows | {"due": ""}).status_code == 422
    assert shuji.post(f"/desk/matters/{matter_id}/promises", rows).status_code == 303
    assert stage(app, matter_id) == "implementing"


def test_on_hold_and_on_again(app, browse):
    matter, _tasks = working(app)
    shuji = browse(HOME, "shuji")
    assert shuji.get(f"/desk/matters/{matter}/suspension").status_code == 200
    wait = {"reason": "等燃气改造", "review_on": (TODAY + timedelta(20)).isoformat(), "outside": "y"}
    for wrong in (
        {"reason": ""},
        {"review_on": ""},
        {"review_on": (TODAY + timedelta(40)).isoformat()},
        {"outside": ""},
    ):
        assert shuji.post(f"/desk/matters/{matter}/suspensions", wait | wrong).status_code == 422
    assert shuji.post(f"/desk/matters/{matter}/suspensions", wait).status_code == 303
    assert stage(app, matter) == "suspended"
    assert shuji.get("/desk/tasks").status_code == 200
    assert shuji.post(f"/desk/matters/{matter}/resumptions", {"reason": ""}).status_code == 409
    assert shuji.post(f"/desk/matters/{matter}/resumptions", {"reason": "燃气改完了"}).status_code == 303
    assert stage(app, matter) == "implementing"


def test_an_end_is_told(app, browse):
    matter, _tasks = working(app)
    shuji = browse(HOME, "shuji")
    assert shuji.get(f"/desk/matters/{matter}/termination").status_code == 200
    assert shuji.post(f"/desk/matters/{matter}/terminations", {"cause": "要征收", "notice": ""}).status_code == 422
    told = {"cause": "纳入征收范围", "notice": "旧亭要拆，不再翻修。"}
    assert shuji.post(f"/desk/matters/{matter}/terminations", told).status_code == 303
    assert stage(app, matter) == "terminated"
    assert shuji.get(f"/desk/matters/{matter}/termination").status_code == 409


def test_who_may_not(app, browse):
    matter, (task,) = working(app)
    member, steward = browse(HOME, "yishi1"), browse(HOME, "sun")
    assert member.get("/desk/tasks").status_code == 403
    assert member.post(f"/desk/tasks/{task}/completions", {"evidence": "好了"}).status_code == 403
    assert steward.get("/desk/tasks").status_code == 200
    assert steward.post(f"/desk/tasks/{task}/completions", {"evidence": "好了", "actual": "1"}).status_code == 422
    assert steward.post(f"/desk/matters/{matter}/terminations", {}).status_code == 403


def test_the_neighbour_knocks_in_vain(app, browse):
    matter, (task,) = working(app)
    next_door = browse(NEXT, "shuji")
    for door in ("verification", "promise", "suspension", "termination", "tasks", "way-to-work", "way-back"):
        assert next_door.get(f"/desk/matters/{matter}/{door}").status_code == 404
    for door in ("handovers", "verifications", "promises", "suspensions", "resumptions", "terminations"):
        assert next_door.post(f"/desk/matters/{matter}/{door}", {"reason": "不"}).status_code == 404
    assert next_door.get(f"/desk/tasks/{task}").status_code == 404
    for door in ("progress-notes", "completions", "extensions"):
        assert next_door.post(f"/desk/tasks/{task}/{door}", {"words": "不", "evidence": "不"}).status_code == 404
    assert stage(app, matter) == "implementing"
    assert "第 0 件" not in next_door.get("/desk/tasks").get_data(as_text=True)


def test_the_list_of_tasks_costs_the_same_for_twenty(app, xiaoli, count_queries):
    working(app, 1)
    xiaoli.get("/desk/tasks")
    with count_queries() as few:
        xiaoli.get("/desk/tasks")
    working(app, 19)
    with count_queries() as many:
        page = xiaoli.get("/desk/tasks").get_data(as_text=True)
    assert page.count("<tr>") == 21
    assert len(many) == len(few) <= 6
