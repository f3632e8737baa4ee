"""From decided to the board and off it again, on the real database, as the restricted role."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.jobs.work import end_postings
from app.flow.decide.models import Poll
from app.flow.implement import queries as implementing
from app.flow.resolve import actions, queries, rules
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Commitment, Posting, Resolution
from app.matter.actions import find_matter
from app.matter.models import TimelineEntry
from app.people.actor import SYSTEM, Actor
from app.people.roles import Role
from app.people.secrets import unseal
from tenants.database import db, uuid7
from tests.conftest import inside, later
from tests.rooms.carrying_out import DAY, TASKS, ballot_on, decided, publicized, write
from tests.rooms.stage_setting import staff

NEIGHBOUR = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


def test_a_resolution_is_numbered_and_freezes_its_count(hall, now):
    matter = decided(now)
    first = write(matter, now=now)
    assert first.number == "南盐道议决〔2026〕1号"
    counted = {key: first.tally[key] for key in ("rule", "eligible", "present", "yes", "no", "abstain", "needed")}
    assert counted == {
        "rule": "council_majority",
        "eligible": 15,
        "present": 11,
        "yes": 10,
        "no": 0,
        "abstain": 1,
        "needed": 6,
    }
    assert first.legal_effect == "advisory"
    task = implementing.commitments_of(matter)[0]
    assert (task.what, task.who, task.due, task.planned_fen) == (
        "安装 5 组晾衣架",
        "物业 何师傅",
        date(2026, 7, 6),
        480_000,
    )
    assert matter.costs_money
    assert evidence_of(matter) == {"resolution_text", "resolution_number", "tasks", "commitments", "dissent_answered"}


def test_a_second_one_replaces_the_first_until_it_is_posted(hall, now):
    matter = decided(now)
    first = write(matter, now=now)
    second = write(matter, now=later(1), words="在 3 号楼前增设 6 组共享晾衣架。")
    db.session.refresh(first)
    assert first.replaced_at is not None
    assert second.number == "南盐道议决〔2026〕2号"
    assert [task.position for task in implementing.commitments_of(matter)] == [2]
    actions.publicize(matter, starts=date(2026, 6, 2), place="公开栏", by=staff(), now=later(1))
    with pytest.raises(Refused, match="走到别的一步"):
        write(matter, now=later(1))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"title": " "}, "要填"),
        ({"title": "长" * 61}, "最多"),
        ({"words": "长" * 5001}, "最多"),
        ({"tasks": []}, "至少写一项"),
        ({"tasks": [("装", "何师傅", None, date(2026, 5, 31), 0)]}, "往后定"),
        ({"tasks": [("装", "", None, date(2026, 7, 1), 0)]}, "要填"),
        ({"tasks": [("装", "何师傅", None, date(2026, 7, 1), -1)]}, "不对"),
    ],
)
def test_a_missing_part_writes_nothing(hall, now, more, reason):
    matter = decided(now)
    with pytest.raises(Refused, match=reason):
        write(matter, now=now, **more)
    assert queries.valid_resolution(matter) is None


def test_a_no_vote_needs_its_dissent_and_the_answer(hall, now):
    matter = decided(now, ballot=False)
    ballot_on(matter, now=now, yes=9, no=1)
    with pytest.raises(Refused, match="票反对"):
        write(matter, now=now)
    with pytest.raises(Refused, match="要有答复"):
        write(matter, now=now, dissent="占了停车的地方")
    kept = write(matter, now=now, dissent="占了停车的地方", dissent_answer="往东挪两米，让出一个车位。")
    assert kept.dissent_answer


def test_the_grid_does_not_write_resolutions(hall, now):
    matter = decided(now)
    with pytest.raises(Refused, match="社区书记"):
        actions.write_resolution(
            matter, title="决议", basis="议事会", words="办", tasks=TASKS, by=staff("xiaoli", Role.GRID_WORKER), now=now
        )


def test_publicizing_needs_the_resolution_first(hall, now):
    matter = decided(now)
    with pytest.raises(Refused, match="先写决议"):
        actions.publicize(matter, starts=DAY, place="公开栏", by=staff(), now=now)


def test_a_posting_hangs_fifteen_days_and_is_due_when_objections_end(hall, now):
    matter = publicized(now)
    posting = queries.posting_of(matter)
    assert posting.number == "公示-南盐道-2026-001"
    assert (posting.objections_until, posting.ends) == (date(2026, 6, 8), date(2026, 6, 16))
    assert matter.stage == "publicized"
    assert matter.due_at.isoformat() == "2026-06-08T15:59:59+00:00"


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"days": 14}, "至少挂 15 天"),
        ({"starts": date(2026, 5, 30)}, "不能早于决议"),
        ({"objections_days": 20}, "公示的日子里"),
        ({"place": ""}, "要填"),
    ],
)
def test_a_short_or_backdated_posting_is_refused(hall, now, terms, reason):
    matter = decided(now)
    write(matter, now=now)
    with pytest.raises(Refused) as refused:
        actions.publicize(matter, **({"starts": DAY, "place": "公开栏"} | terms), by=staff(), now=now)
    assert reason in refused.value.reason % refused.value.values
    assert matter.stage == "decided"


def test_the_database_itself_refuses_a_posting_of_fourteen_days(hall, now):
    matter = decided(now)
    resolution = write(matter, now=now)
    db.session.add(
        Posting(
            matter_id=matter.id, resolution_id=resolution.id, number="公示-南盐道-2026-099", starts=DAY, place="门口",
            objections_until=DAY + timedelta(7), ends=DAY + timedelta(14), how_to_object="打电话", posted_at=now,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="hangs_fifteen_days"):
        db.session.flush()


def test_the_last_day_to_object_rolls_off_a_holiday(hall, now):
    board = actions.Board(date(2026, 6, 12), "公开栏")
    assert actions.terms_of(board).objections_until == date(2026, 6, 22)


def test_objections_come_inside_the_window_only_and_the_contact_is_sealed(hall, now):
    posting = queries.posting_of(publicized(now))
    said = actions.object_to(
        posting, "离窗户太近，晒不着太阳。", contact="138 0000 0000", by=NEIGHBOUR, now=later(7, 10)
    )
    assert "138 0000 0000" not in said.contact_sealed
    assert unseal(said.contact_sealed) == "138 0000 0000"
    for moment, words, reason in ((later(8), "太晚", "期限已经过了"), (now, "  ", "要填"), (now, "长" * 5001, "最多")):
        with pytest.raises(Refused) as refused:
            actions.object_to(posting, words, by=NEIGHBOUR, now=moment)
        assert reason in refused.value.reason % refused.value.values


def test_an_objection_by_staff_stays_unnamed(hall, now):
    matter = publicized(now)
    actions.object_to(queries.posting_of(matter), "再想想。", by=staff(), now=now)
    db.session.flush()
    line = db.session.scalar(select(TimelineEntry).where(TimelineEntry.verb == "object"))
    assert (line.actor_label, line.actor_id) == ("居民", None)


def test_the_window_ends_only_when_time_is_over_and_all_is_answered(hall, now):
    matter = publicized(now)
    said = actions.object_to(queries.posting_of(matter), "离窗户太近。", by=NEIGHBOUR, now=later(1))
    with pytest.raises(Refused, match="还没过"):
        actions.end_window(matter, by=SYSTEM, now=later(7))
    with pytest.raises(Refused, match="没答复"):
        actions.end_window(matter, by=SYSTEM, now=later(8))
    actions.answer_objection(said, reply="往东挪两米。", upheld=False, by=staff(), now=later(2))
    with pytest.raises(Refused, match="已经答复过"):
        actions.answer_objection(said, reply="再答一遍。", upheld=True, by=staff(), now=later(3))
    actions.end_window(matter, by=SYSTEM, now=later(8))
    assert matter.stage == "implementing"
    assert matter.due_at.isoformat() == "2026-07-06T15:59:59+00:00"


def test_only_the_timer_ends_a_window(hall, now):
    matter = publicized(now)
    with pytest.raises(Refused) as refused:
        actions.end_window(matter, by=staff(), now=later(8))
    assert "系统" in str(refused.value.values)


def test_an_upheld_objection_sends_it_back_and_sets_the_resolution_aside(hall, now):
    matter = publicized(now)
    posting = queries.posting_of(matter)
    with pytest.raises(Refused, match="还缺"):
        actions.redeliberate(matter, reason="再看看", by=staff(), now=later(1))
    db.session.rollback()
    matter = publicized(now)
    posting = queries.posting_of(matter)
    said = actions.object_to(posting, "挡了消防通道。", by=NEIGHBOUR, now=later(1))
    actions.answer_objection(said, reply="您说得对，重新定位置。", upheld=True, by=staff(), now=later(2))
    with pytest.raises(Refused, match="意见成立"):
        actions.end_window(matter, by=SYSTEM, now=later(8))
    actions.redeliberate(matter, reason="挡了消防通道，重新定位置", by=staff(), now=later(2))
    db.session.refresh(posting)
    assert (matter.stage, matter.round, posting.state) == ("surveying", 2, "withdrawn")
    assert queries.valid_resolution(matter) is None
    assert implementing.commitments_of(matter) == []
    assert evidence_of(matter) == frozenset()


def test_a_private_settlement_starts_without_a_posting(hall, now):
    matter = decided(now, ballot=False, visibility="parties", track="mediation", level="community")
    written = write(matter, now=now)
    assert written.legal_effect == "agreement"
    with pytest.raises(Refused, match="不公示"):
        actions.publicize(matter, starts=DAY, place="公开栏", by=staff(), now=now)
    assert actions.start_work(matter, by=staff(), now=now) is None
    assert matter.stage == "implementing"


def test_a_small_grid_matter_starts_with_its_paper_alongside(hall, now):
    matter = decided(now, level="grid")
    write(matter, now=now)
    with pytest.raises(Refused, match="边办边公示"):
        actions.start_work(matter, by=staff(), now=now)
    posting = actions.start_work(matter, board=actions.Board(DAY, "单元门口"), by=staff(), now=now)
    assert (matter.stage, posting.state) == ("implementing", "up")


def test_a_community_matter_owes_its_posting_first(hall, now):
    matter = decided(now)
    write(matter, now=now)
    with pytest.raises(Refused, match="先公示"):
        actions.start_work(matter, board=actions.Board(DAY, "门口"), by=staff(), now=now)


def test_what_the_residents_meeting_decides_is_not_posted_by_the_council(hall, now):
    matter = decided(now, power="residents")
    write(matter, now=now)
    with pytest.raises(Refused, match="居民（代表）会议"):
        actions.publicize(matter, starts=DAY, place="公开栏", by=staff(), now=now)


def test_the_paper_comes_down_after_its_last_day_and_not_before(hall, now):
    matter = publicized(now)
    posting = queries.posting_of(matter)
    with pytest.raises(Refused, match="不能提前收"):
        actions.take_down(posting, by=staff(), now=later(15))
    assert queries.expired_postings(date(2026, 6, 16)) == []
    assert queries.expired_postings(date(2026, 6, 17)) == [posting]
    actions.take_down(posting, by=SYSTEM, now=later(16))
    assert posting.state == "ended"
    assert queries.ended_windows(date(2026, 6, 8)) == []
    assert queries.ended_windows(date(2026, 6, 9)) == [matter]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (0, "今天贴出，还有 7 天可以提意见"),
        (3, "公示第 3 天，还有 4 天可以提意见"),
        (7, "公示第 7 天，今天是提意见的最后一天"),
        (9, "公示第 9 天，提意见的期限已过，再挂 6 天"),
        (16, "公示期满，挂了 15 天"),
    ],
)
def test_the_clock_in_words(day, words):
    terms = rules.posting_terms(DAY, DAY + timedelta(7), 15)
    text, values = rules.clock_words(terms, DAY + timedelta(day))
    assert text % values == words


def test_the_neighbour_sees_nothing_of_it(app, now):
    with inside(app, "nanyandao"):
        matter = publicized(now)
        resolution, posting = queries.valid_resolution(matter), queries.posting_of(matter)
        ids = matter.id, resolution.id, posting.id
        db.session.commit()
    with inside(app, "dianye"):
        assert find_matter(ids[0]) is None
        assert queries.find_resolution(ids[1]) is None
        assert queries.find_posting(ids[2]) is None
        for model in (Resolution, Posting, Commitment):
            assert db.session.scalars(select(model)).all() == []


def test_the_timer_carries_on_what_is_answered_and_leaves_the_rest(app, now):
    with inside(app, "nanyandao"):
        quiet, waiting = publicized(now), publicized(now, number="NYD20260002")
        actions.object_to(queries.posting_of(waiting), "离窗户太近。", by=NEIGHBOUR, now=later(1))
        ids = quiet.id, waiting.id
        db.session.commit()
        clock.advance(app, max(timedelta(0), later(20) - clock.now()))
        end_postings()
        end_postings()
        db.session.commit()
        assert [find_matter(one).stage for one in ids] == ["implementing", "publicized"]
        # The paper has hung to its end, but the matter still waits for the answer and goes on as soon as it has one.
        assert {posting.state for posting, *_ in queries.postings(public=False)} == {"ended"}
        said = queries.objections_of(queries.posting_of(find_matter(ids[1])).id)[0]
        actions.answer_objection(said, reply="往东挪两米。", upheld=False, by=staff(), now=clock.now())
        end_postings()
        assert find_matter(ids[1]).stage == "implementing"


def mended(resolution, **more):
    """The text of a version with some of it exchanged."""
    return actions.Text(**({name: getattr(resolution, name) for name in rules.TEXT_FIELDS} | more))


def test_signed_it_is_corrected_and_never_rewritten(hall, now):
    matter = decided(now)
    first = write(matter, now=now)
    with pytest.raises(Refused, match="直接改就行"):
        actions.correct_resolution(first, mended(first, title="错字"), reason="错字", by=staff(), now=now)
    with pytest.raises(Refused, match="书记签发"):
        actions.sign_resolution(first, by=staff("zhao", Role.COMMUNITY_WORKER), now=now)
    for moment in (now, later(1)):
        assert actions.sign_resolution(first, by=staff(), now=moment).signed_at == now
    with pytest.raises(Refused, match="已经签发"):
        write(matter, now=now)
    for more, reason in (
        ({}, "一字不差"), ({"title": " "}, "要填"), ({"title": "新标题", "reason": " "}, "为什么更正"),
    ):  # fmt: skip
        why = more.pop("reason", "写错了")
        with pytest.raises(Refused) as refused:
            actions.correct_resolution(first, mended(first, **more), reason=why, by=staff(), now=now)
        assert reason in refused.value.reason % refused.value.values
    with pytest.raises(Refused, match="要重新议"):
        actions.correct_resolution(first, mended(first), tasks=[*TASKS, *TASKS], reason="加一项", by=staff(), now=now)
    second = actions.correct_resolution(
        first, mended(first, title="增设共享晾衣架五组的决议"), reason="标题漏了数", by=staff(), now=later(1)
    )
    assert (second.number, second.version, second.signed_at) == (first.number, 2, later(1))
    assert (first.title, first.replaced_at) == ("增设共享晾衣架的决议", later(1))
    assert second.tally == first.tally
    assert [task.resolution_id for task in implementing.commitments_of(matter)] == [second.id]
    assert [one.version for one in queries.versions_of(first)] == [1, 2]
    with pytest.raises(Refused, match="由新的代替"):
        actions.correct_resolution(first, mended(first, title="再改"), reason="再改", by=staff(), now=later(1))


def test_a_slip_of_the_pen_leaves_the_posting_up_with_an_old_sheet(hall, now):
    matter = publicized(now)
    first, posting = queries.valid_resolution(matter), queries.posting_of(matter)
    with pytest.raises(Refused, match="已经是最新"):
        actions.hang_new_paper(posting, by=staff(), now=now)
    made = actions.correct_resolution(
        first, mended(first, words="在 3 号楼前，增设 5 组共享晾衣架"), reason="标点", by=staff(), now=later(2)
    )
    assert (posting.state, posting.resolution_id) == ("up", first.id)
    assert {"posting_started", "objections_answered"} <= evidence_of(matter)
    actions.hang_new_paper(posting, by=staff(), now=later(3))
    assert (posting.resolution_id, posting.ends) == (made.id, date(2026, 6, 16))
    assert actions.end_window(matter, by=SYSTEM, now=later(8)).stage == "implementing"


def test_another_plan_comes_down_and_hangs_anew_for_all_its_days(hall, now):
    matter = publicized(now)
    first, posting = queries.valid_resolution(matter), queries.posting_of(matter)
    said = actions.object_to(posting, "离窗户太近。", by=NEIGHBOUR, now=later(1))
    changed = [("安装 6 组晾衣架", "物业 何师傅", None, date(2026, 7, 8), 500_000)]
    made = actions.correct_resolution(first, mended(first), tasks=changed, reason="漏了一组", by=staff(), now=later(2))
    db.session.refresh(posting)
    task = implementing.commitments_of(matter)[0]
    assert (task.what, task.due, task.first_due, task.planned_fen) == (
        "安装 6 组晾衣架", date(2026, 7, 8), date(2026, 7, 8), 500_000,
    )  # fmt: skip
    assert (posting.state, first.tasks[0]["what"]) == ("withdrawn", "安装 5 组晾衣架")
    with pytest.raises(Refused, match="没有挂着的公示"):
        actions.end_window(matter, by=SYSTEM, now=later(9))
    again = actions.post_again(matter, actions.Board(date(2026, 6, 3), "公开栏"), by=staff(), now=later(2))
    assert (again.resolution_id, again.objections_until, again.ends) == (made.id, date(2026, 6, 10), date(2026, 6, 18))
    assert (said.posting_id, matter.due_at.date()) == (again.id, date(2026, 6, 10))
    with pytest.raises(Refused, match="没有要重新贴"):
        actions.post_again(matter, actions.Board(date(2026, 6, 3), "公开栏"), by=staff(), now=later(2))
    with pytest.raises(Refused, match="没答复"):
        actions.end_window(matter, by=SYSTEM, now=later(10))
    actions.answer_objection(said, reply="您说得对。", upheld=True, by=staff(), now=later(3))
    with pytest.raises(Refused, match="要重新商量"):
        actions.correct_resolution(made, mended(made, title="改个名"), reason="改名", by=staff(), now=later(4))


def test_a_poll_of_several_questions_and_its_run_off_are_frozen_together(hall, now):
    matter = decided(now, ballot=False)
    poll, again = uuid7(), uuid7()
    values = {"matter_id": matter.id, "title": "爱心椅", "body": "invited", "mode": "secret", "state": "closed",
              "created_at": now, "opened_at": now, "ended_at": now, "closed_at": now, "teller_label": "甲",
              "scrutineer_label": "乙"}  # fmt: skip
    db.session.add(Poll(id=poll, **values))
    db.session.flush()
    db.session.add(Poll(id=again, run_off_of=poll, **{**values, "opened_at": later(1), "closed_at": later(1)}))
    db.session.flush()
    options = [{"key": key, "label": label} for key, label in (("a", "楼前"), ("b", "东门"), ("c", "凉亭"))]
    common = {"yes": 0, "abstain": 0, "rule": "multi_option", "mode": "secret", "eligible": 20, "present": 12}
    ballot_on(matter, now=now, poll_id=poll, position=1, question="放在哪里", options=options, outcome="run_off",
              passed=False, run_off=["a", "b"], spoiled=1,
              counts={"online": {"a": 5, "b": 4, "c": 1}, "paper": {"b": 1, "spoiled": 1}}, **common)  # fmt: skip
    ballot_on(matter, now=now, poll_id=poll, position=2, question="修不修路", eligible=20, present=12, yes=8, no=3)
    ballot_on(matter, now=later(1), poll_id=again, question="放在哪里", options=options[:2], outcome="passed",
              winner="b", counts={"online": {"a": 5, "b": 7}}, **common)  # fmt: skip
    with pytest.raises(Refused, match="有 %\\(n\\)s 票反对"):
        write(matter, now=later(1))
    tally = write(matter, now=later(1), dissent="没说理由", dissent_answer="听到了。").tally
    first, second, third = tally, *tally["more"]
    assert (first["question"], first["options"], first["tied"], first["channels"]) == (
        "放在哪里", [["楼前", 5], ["东门", 5], ["凉亭", 1]], ["楼前", "东门"], {"online": 10, "paper": 2},
    )  # fmt: skip
    assert (second["question"], second["no"], second["needed"]) == ("修不修路", 3, 7)
    assert (third["winner"], third["is_run_off"], third["passed"]) == ("东门", True, True)
