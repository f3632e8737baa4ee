"""Parts done, pictures, a shortfall, and asking for a later day, on the real database."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.flow.collect.actions import Picture
from app.flow.implement import actions, queries
from app.flow.resolve.actions import Board, start_work
from app.flow.resolve.rules import Task
from app.matter.models import TimelineEntry
from app.people.roles import Role
from app.people.secrets import unseal
from tenants.database import db, uuid7
from tests.conftest import later
from tests.rooms.carrying_out import decided, only_task, write
from tests.rooms.stage_setting import staff

CHAIRS = Task("摆爱心椅", "共建单位 银行", None, date(2026, 7, 6), 0, "partner", "把", 300, "8555 0123")


def chairs(now, **more):
    """A matter whose one task is three hundred chairs."""
    matter = decided(now, level="grid")
    write(matter, now=now, tasks=[CHAIRS._replace(**more)])
    start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
    return matter


def grid():
    """小李 walks the grid."""
    return staff("xiaoli", Role.GRID_WORKER)


def told(matter, *verbs):
    """What the public timeline says under these verbs, in order."""
    db.session.flush()
    return db.session.scalars(
        select(TimelineEntry.words)
        .where(TimelineEntry.matter_id == matter.id, TimelineEntry.verb.in_(verbs), TimelineEntry.public)
        .order_by(TimelineEntry.at, TimelineEntry.seq)
    ).all()


def test_three_hundred_chairs_are_counted_up_corrected_and_finished_short(hall, now):
    matter = chairs(now)
    task = only_task(matter)
    assert (task.owner_kind, task.target, task.unit, unseal(task.contact_sealed)) == ("partner", 300, "把", "8555 0123")
    actions.note_progress(matter, "", commitment=task, done_count=120, by=grid(), now=later(1))
    actions.note_progress(matter, "数重了", commitment=task, done_count=60, by=grid(), now=later(2))
    for count, words, reason in ((50, "", "怎么回事"), (3001, "好多", "再看一眼")):
        with pytest.raises(Refused, match=reason):
            actions.note_progress(matter, words, commitment=task, done_count=count, by=grid(), now=later(2))
    actions.note_progress(matter, "谈价钱", commitment=task, public=False, by=grid(), now=later(3))
    assert task.done_count == 60
    assert told(matter, "note_progress") == ["摆爱心椅：做到 120/300 把", "更正，摆爱心椅：做到 60/300 把。数重了"]
    assert [one.done_count for one in queries.progress_of(matter, task, public_only=True)] == [60, 120]
    with pytest.raises(Refused, match="没做够"):
        actions.finish(task, evidence="都摆好了", done_count=282, by=grid(), now=later(4))
    actions.finish(task, evidence="都摆好了", done_count=282, shortfall="厂家停产", by=grid(), now=later(4))
    assert (task.state, task.done_count) == ("done", 282)
    assert told(matter, "finish") == ["办完一项：摆爱心椅，282/300 把，厂家停产"]


def test_an_owner_asks_and_somebody_else_answers(hall, now):
    shuji = staff()
    matter = chairs(now, owner_id=shuji.id)
    task, zhao = only_task(matter), staff("zhao", Role.COMMUNITY_WORKER)
    asked = actions.ask_extension(task, due=date(2026, 7, 20), reason="厂家缺货", by=shuji, now=later(1))
    with pytest.raises(Refused, match="已经请过"):
        actions.ask_extension(task, due=date(2026, 7, 21), reason="又缺", by=shuji, now=later(1))
    assert [found[0].id for found in queries.extension_requests_open()] == [asked.id]
    for by, reason in ((shuji, "由别人批"), (grid(), "来批")):
        with pytest.raises(Refused, match=reason):
            actions.decide_extension(asked, granted=True, answer="好", by=by, now=later(2))
    with pytest.raises(Refused, match="要填"):
        actions.decide_extension(asked, granted=False, answer=" ", by=zhao, now=later(2))
    actions.decide_extension(asked, granted=False, answer="换一家买", by=zhao, now=later(2))
    assert (task.due, asked.state) == (date(2026, 7, 6), "refused")
    again = actions.ask_extension(task, due=date(2026, 7, 20), reason="换的也缺", by=shuji, now=later(3))
    actions.decide_extension(again, granted=True, answer="就到这天", by=zhao, now=later(4))
    assert (task.due, task.first_due, task.extension_by) == (date(2026, 7, 20), date(2026, 7, 6), "赵师傅")
    assert matter.due_at.date() == date(2026, 7, 20)
    with pytest.raises(Refused, match="已经有答复"):
        actions.decide_extension(again, granted=False, answer="不", by=zhao, now=later(4))
    third = actions.ask_extension(task, due=date(2026, 7, 25), reason="还差几把", by=shuji, now=later(5))
    actions.finish(task, evidence="摆好了", done_count=300, by=grid(), now=later(6))
    db.session.refresh(third)
    assert (third.state, queries.extension_requests_open()) == ("withdrawn", [])
    assert len(told(matter, "ask_extension", "refuse_extension", "extend")) == 5


def test_pictures_hang_on_the_task_and_staff_decide_what_is_public(hall, now):
    sun = staff("sun", Role.BUILDING_STEWARD)
    matter = chairs(now, owner_id=sun.id)
    task = only_task(matter)

    def shot():
        return [Picture(uuid7(), 4, 3, 10, "a" * 64)]

    (before,) = actions.attach_picture(task, shot(), which="before", checked=True, by=sun, now=later(1))
    (after,) = actions.attach_picture(task, shot(), which="after", checked=True, by=grid(), now=later(2))
    assert (before.public, after.public) == (False, True)
    assert queries.pictures_of(task) == ([before], [after])
    assert queries.pictures_of(task, public_only=True) == ([], [after])
    with pytest.raises(Refused, match="没有拍到"):
        actions.show_picture(before, matter, checked=False, by=grid(), now=later(3))
    with pytest.raises(Refused, match="工作人员"):
        actions.show_picture(before, matter, checked=True, by=sun, now=later(3))
    actions.show_picture(before, matter, checked=True, by=grid(), now=later(3))
    actions.take_picture_back(after, matter, by=grid(), now=later(3))
    assert queries.promises_shown(matter, public_only=True) == [(task, [before], [])]
    with pytest.raises(Refused, match="最多留"):
        actions.attach_picture(task, shot() * 23, which="after", by=grid(), now=later(4))


def test_days_on_hold_may_be_given_back_to_the_tasks(hall, now):
    matter = chairs(now)
    task = only_task(matter)
    for put_off, due in ((False, date(2026, 7, 6)), (True, date(2026, 7, 16))):
        actions.suspend(
            matter, reason="等燃气改造", review_on=date(2026, 6, 25), outside=True, by=staff(), now=later(1)
        )
        with pytest.raises(Refused, match="书记来定"):
            actions.keep_on_hold(matter, reason="没到", review_on=date(2026, 6, 28), by=grid(), now=later(2))
        actions.keep_on_hold(matter, reason="管道没到", review_on=date(2026, 6, 28), by=staff(), now=later(2))
        assert matter.due_at.date() == date(2026, 6, 28)
        actions.resume(matter, reason="改完了", put_off=put_off, by=staff(), now=later(11))
        assert (task.due, matter.due_at.date()) == (due, due)
    assert (task.first_due, task.extension_by) == (date(2026, 7, 6), "张书记")
    assert told(matter, "put_off") == ["放着的 10 天不算，1 项任务的日子往后顺延 10 天"]


def test_a_failed_look_tells_which_tasks_and_the_doer_is_no_witness(hall, now):
    matter = decided(now, level="grid")
    write(matter, now=now, tasks=[(what, "物业 何师傅", None, date(2026, 6, 20), 0) for what in ("装架子", "刷漆")])
    start_work(matter, board=Board(date(2026, 6, 1), "门口"), by=staff(), now=now)
    racks, paint = queries.commitments_of(matter)
    for task in (racks, paint):
        actions.finish(task, evidence="好了", by=staff(), now=later(2))
    actions.hand_over(matter, by=staff(), now=later(2))
    values = {"passed": False, "words": "漆没干", "faults": [paint.id], "by": grid(), "now": later(3)}
    with pytest.raises(Refused, match="办这件事的人"):
        actions.verify(matter, resident_name="何师傅", **values)
    actions.verify(matter, resident_name="楼阿姨", **values)
    assert told(matter, "send_back") == ["网格员和居民一起看过，还没办好：漆没干（要重办：刷漆）"]
    assert queries.progress_of(matter, paint)[0].words == "核验没过，退回重办：漆没干"
    assert "退回" not in queries.progress_of(matter, racks)[0].words
