"""W4 headless (domain.md section 2): the annual plan of a council of seventeen, from a slip of paper to closed.

Only actions, with the clock as an argument: every stage, number, tally, quorum and deadline of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app import clock
from app.errors import Refused
from app.flow.collect.actions import Saying, submit
from app.flow.decide import actions as deciding
from app.flow.decide.models import Ballot
from app.flow.deliberate import actions as table
from app.flow.deliberate.models import Sitting, SittingSeries
from app.flow.deliberate.queries import register_of
from app.flow.evaluate import actions as evaluating
from app.flow.evaluate.queries import satisfaction_of
from app.flow.implement import actions as carrying
from app.flow.implement.queries import commitments_of
from app.flow.research import actions as researching
from app.flow.resolve import actions as resolving
from app.flow.resolve.models import Posting, Resolution
from app.flow.triage import actions as triaging
from app.matter.models import Matter, TimelineEntry
from app.people.actor import SYSTEM
from app.people.models import Membership
from tenants.database import db
from tests.rooms.people import RESIDENT, account, person

#: Monday 18 May 2026, nine in the morning; the sitting falls on Friday the fifth of June.
BEGIN = datetime(2026, 5, 18, 1, 0, tzinfo=UTC)
FIFTH = datetime(2026, 6, 5, 6, 30, tzinfo=UTC)
TASKS = (
    ("5 月组织坐大巴看跨河大桥", date(2026, 7, 10), 640_000),
    ("6 月请区医院来义诊", date(2026, 7, 20), 50_000),
    ("9 月办运动会和读书会", date(2026, 7, 31), 360_000),
)


def on(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of 2026 on the hall's wall clock."""
    return clock.at(date(2026, month, day), hour, minute)


def end(month: int, day: int) -> datetime:
    """The last second of a day."""
    return datetime(2026, month, day, 15, 59, 59, tzinfo=UTC)


@contextmanager
def refused(words: str) -> Iterator[None]:
    """The rule says no in a sentence that contains ``words``; the edge then takes everything back."""
    savepoint = db.session.begin_nested()
    with pytest.raises(Refused) as caught:
        yield
    savepoint.rollback()
    assert words in caught.value.reason % caught.value.values


@pytest.fixture
def seated(hall, app):
    """The hall on 18 May, with its series on every fifth. The cast joined on 1 June, so they move in earlier."""
    db.session.execute(update(Membership).values(since=date(2026, 1, 1)))
    shuji = person("shuji", BEGIN)
    return table.add_series("每月例会", "FREQ=MONTHLY;BYMONTHDAY=5", "14:30", by=shuji, now=BEGIN)


def stands(matter: Matter, stage: str, due: datetime | None) -> None:
    """The stage and the deadline, as the database has them."""
    db.session.flush()
    row = db.session.execute(select(Matter.stage, Matter.due_at).where(Matter.id == matter.id)).one()
    assert (row.stage, row.due_at) == (stage, due)


def said_and_confirmed() -> Matter:
    taken = submit(
        Saying(
            words="一年的活动和党群经费该定了，想一次排好，花多少写在前头。", title="年度活动计划与党群经费",
            wish="把全年的活动和经费一次议定", kind="organisation", organisation="文体组", category="plan",
            channel="organisation", place="党群服务中心", name="文体组",
        ),
        by=RESIDENT, now=BEGIN,
    )  # fmt: skip
    matter, shuji = taken.matter, person("shuji", BEGIN)
    assert matter.number == "NYD20260001"
    assert re.fullmatch(r"\d{12}", taken.code)
    stands(matter, "submitted", end(5, 21))
    with refused("待初审"):
        triaging.confirm_topic(matter, "全年办哪几件？", False, by=shuji, now=on(5, 19))
    triaging.accept(
        matter, by=shuji, now=on(5, 19), triage="major", level="community", power="council", category="plan",
        owner_id=account("zhao").id,
    )  # fmt: skip
    stands(matter, "accepted", end(5, 26))
    triaging.confirm_topic(matter, "今后一年办哪几件活动，党群经费怎么花？", False, by=shuji, now=on(5, 20))
    stands(matter, "topic_confirmed", end(6, 3))
    clerk = person("zhao", BEGIN)
    researching.name_stakeholders(matter, [("全体居民", 1680)], by=clerk, now=on(5, 20, 11))
    for words, fen in (("每月一件，合计 26,000 元", 2_600_000), ("只办六件大的，合计 24,000 元", 2_400_000)):
        researching.add_option(matter, words=words, cost_fen=fen, payer="党群服务经费", by=clerk, now=on(5, 21))
    return matter


def announced(matter: Matter, series: SittingSeries) -> Sitting:
    clerk = person("zhao", BEGIN)
    assert table.next_dates(series, on(5, 22), 1) == [FIFTH]
    sitting = table.plan_sitting(
        kind="council", title="六月例会", starts_at=FIFTH, place="党群服务中心二楼", matters=[matter],
        series=series, by=clerk, now=on(5, 22),
    )  # fmt: skip
    assert sitting.number == "NYD-HY-2026-001"
    with refused("要提前"):
        table.give_notice(sitting, by=clerk, now=on(6, 3))
    sitting = table.give_notice(sitting, by=clerk, now=on(6, 2))
    assert (sitting.base, sitting.state) == (17, "noticed")
    stands(matter, "scheduled", FIFTH)
    return sitting


def sat(sitting: Sitting, matter: Matter) -> Ballot:
    clerk, shuji = person("zhao", FIFTH), person("shuji", FIFTH)
    lines = register_of(sitting.id)
    table.register_many(sitting, {line.id: "present" for line in lines[:13]}, by=clerk, now=FIFTH)
    sitting = table.open_sitting(sitting, chair=account("shuji"), recorder=account("zhao"), by=shuji, now=FIFTH)
    assert (sitting.present_at_opening, sitting.quorate) == (13, True)
    stands(matter, "deliberating", None)
    with refused("会议记录"):
        deciding.call_vote(sitting, matter, question="每月一件，合计 26,000 元", by=shuji, now=FIFTH)
    for speaker, words in (("文体组", "每月一件，让大家有盼头。"), ("议事员11", "看桥花钱多，省下来给独居老人。")):
        table.speak(sitting, matter.id, speaker, words, by=clerk, now=FIFTH + timedelta(minutes=10))
    table.put_options(sitting, matter, by=shuji, now=FIFTH + timedelta(minutes=30))
    # 大事必须投票表决: nobody may settle it by asking round.
    with refused("投票"):
        deciding.ask_consensus(sitting, matter, ["文体组"], by=shuji, now=FIFTH + timedelta(minutes=31))
    moment = FIFTH + timedelta(minutes=40)
    ballot = deciding.call_vote(sitting, matter, question="每月一件，合计 26,000 元", by=shuji, now=moment)
    assert (ballot.eligible, ballot.present, ballot.rule) == (17, 13, "council_majority")
    stands(matter, "voting", end(6, 12))
    return ballot


def voted(ballot: Ballot, matter: Matter) -> None:
    """P = 13 needs 7: seven yes, four no, two abstentions. A vote is changed once; an absent member's is refused."""
    moment = FIFTH + timedelta(minutes=45)
    for seat, choice in enumerate(["yes"] * 7 + ["no"] * 4 + ["abstain"] * 2, start=1):
        voter = account(f"yishi{seat}")
        if seat == 1:
            deciding.cast_vote(ballot.id, voter, "no", 1, now=moment)
        deciding.cast_vote(ballot.id, voter, choice, 2, now=moment)
    with refused("名单上没有您"):
        deciding.cast_vote(ballot.id, account("yishi14"), "yes", 1, now=moment)
    clerk, seat_two = person("zhao", FIFTH), account("yishi2")
    with refused("两个人"):
        deciding.close_ballot(ballot, teller=seat_two, scrutineer=seat_two, by=clerk, now=moment)
    done = deciding.close_ballot(
        ballot, teller=account("jiandu"), scrutineer=seat_two, by=clerk, now=FIFTH + timedelta(minutes=50)
    )
    assert (done.yes, done.no, done.abstain, done.passed) == (7, 4, 2, True)
    assert (done.legal_effect, done.state) == ("advisory", "closed")
    stands(matter, "decided", end(6, 10))
    with refused("投票已经结束"):
        deciding.cast_vote(ballot.id, account("yishi1"), "no", 3, now=moment)


def written_and_posted(matter: Matter) -> Resolution:
    shuji = person("shuji", FIFTH)
    tasks = [(what, "文体组", None, due, fen) for what, due, fen in TASKS]
    paper = {
        "title": "年度活动计划与党群经费的决议", "basis": "文体组提案，例会表决通过。",
        "words": "全年按计划办，账目每季公布。", "tasks": tasks,
    }  # fmt: skip
    with refused("4 票反对"):
        resolving.write_resolution(matter, **paper, by=shuji, now=on(6, 8))
    resolution = resolving.write_resolution(
        matter, **paper, dissent="看桥花钱多。", dissent_answer="改成自愿交餐费。", by=shuji, now=on(6, 8)
    )
    assert resolution.number == "南盐道议决〔2026〕1号"
    assert {key: resolution.tally[key] for key in ("eligible", "present", "yes", "no", "abstain", "needed")} == {
        "eligible": 17, "present": 13, "yes": 7, "no": 4, "abstain": 2, "needed": 7,
    }  # fmt: skip
    with refused("公示至少挂 15 天"):
        resolving.publicize(matter, starts=date(2026, 6, 9), place="公开栏", days=14, by=shuji, now=on(6, 9))
    posting = resolving.publicize(matter, starts=date(2026, 6, 9), place="公开栏", by=shuji, now=on(6, 9))
    assert posting.number == "公示-南盐道-2026-001"
    assert (posting.objections_until, posting.ends) == (date(2026, 6, 16), date(2026, 6, 24))
    stands(matter, "publicized", end(6, 16))
    return resolution


def window_closed(matter: Matter) -> None:
    posting = db.session.scalars(select(Posting)).one()
    objection = resolving.object_to(posting, "运动会别放在工作日。", by=RESIDENT, now=on(6, 15))
    db.session.flush()
    with refused("期限还没过"):
        resolving.end_window(matter, by=SYSTEM, now=on(6, 16, 23))
    with refused("没答复"):
        resolving.end_window(matter, by=SYSTEM, now=on(6, 17, 0, 5))
    shuji = person("shuji", FIFTH)
    resolving.answer_objection(objection, reply="放在周六办。", upheld=False, by=shuji, now=on(6, 17))
    resolving.end_window(matter, by=SYSTEM, now=on(6, 17, 11))
    stands(matter, "implementing", end(7, 10))
    with refused("不能提前收"):
        resolving.take_down(posting, by=shuji, now=on(6, 24))
    resolving.take_down(posting, by=shuji, now=on(6, 25))
    assert (posting.state, posting.taken_down_at) == ("ended", on(6, 25))


def carried_out(matter: Matter) -> None:
    clerk, grid = person("zhao", FIFTH), person("xiaoli", FIFTH)
    for number, actual in enumerate((628_000, 42_000, 348_000)):
        tasks = commitments_of(matter)
        assert tasks[number].due == TASKS[number][1]
        stands(matter, "implementing", end(tasks[number].due.month, tasks[number].due.day))
        with refused("每一项都报完工"):
            carrying.hand_over(matter, by=clerk, now=on(7, 5 + number))
        done = on(7, (8, 18, 30)[number])
        carrying.finish(tasks[number], evidence="办完了，签到和发票都在", actual_fen=actual, by=clerk, now=done)
    carrying.hand_over(matter, by=clerk, now=on(7, 30, 15))
    stands(matter, "verifying", end(8, 4))
    with refused("网格员"):
        carrying.verify(matter, passed=True, words="看过了", resident_name="楼阿姨", by=clerk, now=on(7, 31))
    carrying.verify(matter, passed=True, words="三件都办了，账对得上", resident_name="楼阿姨", by=grid, now=on(7, 31))
    stands(matter, "reviewing", end(8, 14))


def rated_and_closed(matter: Matter) -> None:
    clerk = person("zhao", FIFTH)
    voices = [(5,)] * 6 + [(4,)] * 3 + [(3,)] * 2 + [(2, "去晚了没抢到座位")]
    assert evaluating.enter_ratings(matter, voices, source="visit", by=clerk, now=on(8, 5)) == 12
    heard = satisfaction_of(matter)
    assert (heard.figure.satisfied, heard.figure.count, heard.figure.percent) == (11, 12, "91.7%")
    evaluating.evaluate(matter, "三件都办成了，账目清楚。", by=clerk, now=on(8, 6))
    with refused("先回访"):
        evaluating.close(matter, "办完了，谢谢大家。", by=clerk, now=on(8, 6, 11))
    evaluating.visit(matter, "给没抢到座位的那位留了下回的名额。", reached=1, by=clerk, now=on(8, 7))
    evaluating.close(matter, "办完了，账目贴在公开栏。", by=clerk, now=on(8, 7, 11))
    stands(matter, "closed", None)
    assert (matter.closed_at, matter.rating_satisfied, matter.rating_count) == (on(8, 7, 11), 11, 12)


def test_the_annual_plan_from_the_first_word_to_closed(seated):
    matter = said_and_confirmed()
    sitting = announced(matter, seated)
    ballot = sat(sitting, matter)
    voted(ballot, matter)
    table.close_sitting(sitting, "通过", by=person("shuji", FIFTH), now=FIFTH + timedelta(hours=1))
    table.finish_minutes(sitting, confirmed_by="周书记", by=person("zhao", FIFTH), now=on(6, 5, 17))
    written_and_posted(matter)
    window_closed(matter)
    carried_out(matter)
    rated_and_closed(matter)
    lines = db.session.scalars(
        select(TimelineEntry).where(TimelineEntry.matter_id == matter.id).order_by(TimelineEntry.at, TimelineEntry.seq)
    ).all()
    stages = [line.new_stage for line in lines if line.new_stage]
    assert stages == [
        "collected", "submitted", "accepted", "topic_confirmed", "scheduled", "deliberating", "voting", "decided",
        "publicized", "implementing", "verifying", "reviewing", "closed",
    ]  # fmt: skip
    assert [line.old_stage for line in lines if line.new_stage][1:] == stages[:-1]
    assert all(line.actor_label and line.channel for line in lines)


def test_eight_of_seventeen_may_talk_but_not_decide(seated):
    matter = said_and_confirmed()
    sitting = announced(matter, seated)
    clerk, shuji = person("zhao", FIFTH), person("shuji", FIFTH)
    lines = register_of(sitting.id)
    table.register_many(sitting, {line.id: "present" for line in lines[:8]}, by=clerk, now=FIFTH)
    sitting = table.open_sitting(sitting, chair=account("shuji"), recorder=account("zhao"), by=shuji, now=FIFTH)
    assert sitting.quorate is False
    table.speak(sitting, matter.id, "书记", "人不够，先听大家说。", by=clerk, now=FIFTH)
    table.put_options(sitting, matter, by=shuji, now=FIFTH)
    with refused("人数不够"):
        deciding.call_vote(sitting, matter, question="每月一件", by=shuji, now=FIFTH)
    table.close_sitting(sitting, "另行公告", by=shuji, now=FIFTH + timedelta(hours=1))
    db.session.flush()
    assert db.session.scalar(select(Matter.stage)) == "scheduled"
    assert db.session.scalar(select(Ballot.id)) is None


def test_the_tie_and_the_abstainers_do_not_carry_it(seated):
    """P = 12 with 6:5:1 fails, because the base is who came and not who voted."""
    matter = said_and_confirmed()
    sitting = announced(matter, seated)
    clerk, shuji = person("zhao", FIFTH), person("shuji", FIFTH)
    table.register_many(sitting, {line.id: "present" for line in register_of(sitting.id)[:12]}, by=clerk, now=FIFTH)
    sitting = table.open_sitting(sitting, chair=account("shuji"), recorder=account("zhao"), by=shuji, now=FIFTH)
    table.speak(sitting, matter.id, "文体组", "请表决。", by=clerk, now=FIFTH)
    table.put_options(sitting, matter, by=shuji, now=FIFTH)
    ballot = deciding.call_vote(sitting, matter, question="每月一件", mode="hands", by=shuji, now=FIFTH)
    teller, other = account("jiandu"), account("yishi2")
    deciding.count_hands(ballot, 6, 5, 1, teller=teller, scrutineer=other, by=clerk, now=FIFTH)
    done = deciding.close_ballot(ballot, teller=teller, scrutineer=other, by=clerk, now=FIFTH)
    assert done.passed is False
    stands(matter, "not_passed", end(7, 6))
