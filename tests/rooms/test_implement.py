"""Carrying out: promises kept, put off, looked at, suspended and ended."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.flow.implement import actions, queries
from app.flow.resolve.actions import Board, start_work
from app.flow.resolve.queries import posting_of
from app.matter.models import TimelineEntry
from app.people.roles import Role
from tenants.database import db
from tests.conftest import inside, later
from tests.rooms.carrying_out import decided, only_task, publicized, working, write
from tests.rooms.stage_setting import matter_at, staff


def grid():
    """小李 walks the grid."""
    return staff("xiaoli", Role.GRID_WORKER)


def steward():
    """孙楼长, who is no staff but carries things out."""
    return staff("sun", Role.BUILDING_STEWARD)


def done(matter, **more):
    """The one task reported done by the secretary on the fifth of June."""
    values = {"evidence": "5 组都装好了", "actual_fen": 470_000, "by": staff(), "now": later(4)}
    return actions.finish(only_task(matter), **(values | more))


def test_plain_duty_goes_straight_to_work(hall, now):
    matter = matter_at(
        "accepted", now=now, triage="minor", level="community", power="council", owner_id=staff().id,
        is_secretary_project=True,
    )  # fmt: skip
    made = actions.promise(matter, [("装 5 组晾衣架", "物业", None, date(2026, 6, 20), 0)], by=staff(), now=now)
    assert (matter.stage, len(made), matter.costs_money) == ("implementing", 1, False)
    assert matter.due_at.isoformat() == "2026-06-20T15:59:59+00:00"


def test_an_ordinary_matter_has_no_short_cut(hall, now):
    matter = matter_at("accepted", now=now, triage="minor", power="council", owner_id=staff().id)
    with pytest.raises(Refused, match="只有书记项目"):
        actions.promise(matter, [("装", "物业", None, date(2026, 6, 20), 0)], by=staff(), now=now)


def test_progress_reaches_the_timeline_and_comes_from_whoever_does_it(hall, now):
    matter = working(now)
    actions.note_progress(matter, "支架到货了", by=grid(), now=later(1))
    actions.note_progress(matter, "价钱还在谈", public=False, by=grid(), now=later(2))
    with pytest.raises(Refused, match="经办人自己"):
        actions.note_progress(matter, "我也说一句", by=steward(), now=later(2))
    db.session.flush()
    lines = db.session.execute(
        select(TimelineEntry.words, TimelineEntry.public)
        .where(TimelineEntry.verb == "note_progress")
        .order_by(TimelineEntry.at, TimelineEntry.seq)
    ).all()
    assert [tuple(line) for line in lines] == [("支架到货了", True), ("价钱还在谈", False)]
    assert [note.words for note in queries.progress_of(matter)] == ["价钱还在谈", "支架到货了"]


def test_an_owner_without_a_staff_role_reports_the_own_task_only(hall, now):
    sun = steward()
    matter = decided(now, level="grid")
    tasks = [("通知各户", "孙楼长", sun.id, date(2026, 6, 10), 0), ("装", "物业", None, date(2026, 6, 20), 0)]
    write(matter, now=now, tasks=tasks)
    start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
    own, other = queries.commitments_of(matter)
    actions.finish(own, evidence="36 户都告诉了", by=sun, now=later(2))
    with pytest.raises(Refused, match="经办人自己"):
        actions.finish(other, evidence="装好了", by=sun, now=later(2))
    assert matter.due_at.isoformat() == "2026-06-20T15:59:59+00:00"


def test_a_task_with_a_budget_says_what_it_cost(hall, now):
    matter = working(now)
    with pytest.raises(Refused, match="实际花了多少钱"):
        done(matter, actual_fen=None)
    with pytest.raises(Refused, match="要填"):
        done(matter, evidence=" ")
    done(matter)
    with pytest.raises(Refused, match="已经报过完工"):
        done(matter)


def test_an_extension_needs_a_reason_and_another_persons_approval(hall, now):
    matter = working(now)
    task = only_task(matter)
    for more, reason in (
        ({"reason": ""}, "要填"),
        ({"due": date(2026, 7, 6)}, "比原来的晚"),
        ({"approver": ""}, "要填"),
        ({"approver": "物业 何师傅"}, "由别人批"),
    ):
        values = {"due": date(2026, 7, 20), "reason": "配件缺货", "approver": "张书记"}
        with pytest.raises(Refused, match=reason):
            actions.extend(task, **(values | more), by=grid(), now=later(1))
    actions.extend(task, due=date(2026, 7, 20), reason="配件缺货", by=staff(), now=later(1))
    assert (task.due, task.first_due, task.extension_by) == (date(2026, 7, 20), date(2026, 7, 6), "张书记")
    assert matter.due_at.date() == date(2026, 7, 20)
    assert matter.first_due_at.date() == date(2026, 7, 6)


def test_the_owner_does_not_approve_the_own_extension(hall, now):
    shuji = staff()
    matter = decided(now, level="grid")
    write(matter, now=now, tasks=[("联系物业", "书记", shuji.id, date(2026, 6, 10), 0)])
    start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=shuji, now=now)
    with pytest.raises(Refused, match="由别人批"):
        actions.extend(only_task(matter), due=date(2026, 7, 1), reason="忙", by=shuji, now=later(1))


def test_handing_over_asks_for_every_task_and_the_account(hall, now):
    matter = working(now)
    with pytest.raises(Refused) as refused:
        actions.hand_over(matter, by=staff(), now=later(1))
    assert "每一项都报完工" in str(refused.value.values["missing"])
    done(matter)
    actions.hand_over(matter, by=staff(), now=later(4))
    assert matter.stage == "verifying"


def test_the_doer_does_not_verify(hall, now):
    xiaoli = grid()
    matter = decided(now, level="grid")
    write(matter, now=now, tasks=[("清理楼道", "小李", xiaoli.id, date(2026, 6, 10), 0)])
    start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
    actions.finish(only_task(matter), evidence="清干净了", by=xiaoli, now=later(2))
    actions.hand_over(matter, by=xiaoli, now=later(2))
    with pytest.raises(Refused, match="自己办的"):
        actions.verify(matter, passed=True, words="干净", resident_name="楼阿姨", by=xiaoli, now=later(3))


def test_verifying_takes_a_grid_worker_and_one_resident(hall, now):
    matter = working(now)
    done(matter)
    actions.hand_over(matter, by=staff(), now=later(4))
    with pytest.raises(Refused, match="要填"):
        actions.verify(matter, passed=True, words="好", resident_name=" ", by=grid(), now=later(5))
    with pytest.raises(Refused) as refused:
        actions.verify(matter, passed=True, words="好", resident_name="楼阿姨", by=staff(), now=later(5))
    assert "网格员" in str(refused.value.values)
    db.session.rollback()


def test_a_passed_look_opens_the_review_and_keeps_the_resident_out_of_the_timeline(hall, now):
    matter = working(now)
    done(matter)
    actions.hand_over(matter, by=staff(), now=later(4))
    actions.verify(matter, passed=True, words="稳当", resident_name="楼阿姨", by=grid(), now=later(5))
    db.session.flush()
    line = db.session.scalar(select(TimelineEntry).where(TimelineEntry.verb == "verify"))
    assert (matter.stage, only_task(matter).state) == ("reviewing", "verified")
    assert "楼阿姨" not in line.words + line.reason


def test_a_failed_look_reopens_the_named_task(hall, now):
    matter = decided(now, level="grid")
    write(matter, now=now, tasks=[(what, "物业", None, date(2026, 6, 20), 0) for what in ("装架子", "刷漆")])
    start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
    racks, paint = queries.commitments_of(matter)
    for task in (racks, paint):
        actions.finish(task, evidence="好了", by=staff(), now=later(2))
    actions.hand_over(matter, by=staff(), now=later(2))
    actions.verify(
        matter, passed=False, words="漆没干就掉", resident_name="楼阿姨", faults=[paint.id], new_due=date(2026, 6, 25),
        by=grid(), now=later(3),
    )  # fmt: skip
    assert (matter.stage, racks.state, paint.state) == ("implementing", "done", "open")
    assert (paint.due, paint.first_due, paint.extension_by) == (date(2026, 6, 25), date(2026, 6, 20), "小李")
    actions.finish(paint, evidence="重刷了", by=staff(), now=later(6))
    actions.hand_over(matter, by=staff(), now=later(6))
    actions.verify(matter, passed=True, words="好了", resident_name="楼阿姨", by=grid(), now=later(7))
    assert matter.stage == "reviewing"


def test_on_hold_for_an_outside_cause_with_a_day_told(hall, now):
    matter = working(now)
    for more, reason in (
        ({"review_on": date(2026, 7, 30)}, "天以内"),
        ({"reason": ""}, "要填"),
        ({"outside": False}, "还缺"),
    ):
        values = {"reason": "燃气改造要先做", "review_on": date(2026, 6, 30), "outside": True}
        with pytest.raises(Refused, match=reason):
            actions.suspend(matter, **(values | more), by=staff(), now=later(1))
    actions.suspend(
        matter, reason="燃气改造要先做", review_on=date(2026, 6, 30), outside=True, by=staff(), now=later(1)
    )
    assert (matter.stage, matter.suspended_from) == ("suspended", "implementing")
    assert matter.due_at.date() == date(2026, 6, 30)
    actions.resume(matter, reason="燃气改完了", by=staff(), now=later(20))
    assert (matter.stage, matter.suspended_from) == ("implementing", None)
    assert matter.due_at.date() == date(2026, 7, 6)


def test_ending_a_matter_tells_why_and_takes_the_paper_down(hall, now):
    matter = publicized(now)
    with pytest.raises(Refused, match="要填"):
        actions.terminate(matter, cause="纳入征收范围", notice="", by=staff(), now=later(1))
    actions.terminate(matter, cause="纳入征收范围", notice="旧亭要拆，不再翻修。", by=staff(), now=later(1))
    assert matter.stage == "terminated"
    assert posting_of(matter) is None
    assert queries.commitments_of(matter) == []


def test_a_failed_mediation_names_the_other_roads(hall, now):
    matter = matter_at("deliberating", now=now, track="mediation", visibility="parties", triage="minor")
    with pytest.raises(Refused, match="还缺"):
        actions.terminate(matter, cause="谈不拢", notice="这次没谈成。", by=staff(), now=later(1))
    actions.terminate(
        matter, cause="谈不拢", notice="这次没谈成。", other_routes="可以起诉。", by=staff(), now=later(1)
    )
    assert matter.stage == "terminated"


def test_the_list_of_tasks_is_by_due_day_and_the_neighbours_is_empty(app, now):
    with inside(app, "nanyandao"):
        matter = decided(now, level="grid")
        days = (date(2026, 6, 20), date(2026, 6, 10))
        write(matter, now=now, tasks=[(f"到 {day.day} 号", "物业", None, day, 0) for day in days])
        start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
        assert [task.due.day for task, _ in queries.open_tasks()] == [10, 20]
        task_id = queries.open_tasks()[0][0].id
        db.session.commit()
    with inside(app, "dianye"):
        assert queries.open_tasks() == []
        assert queries.count_open_tasks() == 0
        assert queries.find_commitment(task_id) is None
