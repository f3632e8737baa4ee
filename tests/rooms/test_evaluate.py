"""Did it help: five grades, seven in ten, rework, closing and what follows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.flow.evaluate import actions, queries, review_lists, rules
from app.flow.evaluate.evidence import evidence_of
from app.flow.evaluate.models import Rating
from app.flow.evaluate.rules import Figure, Voice
from app.flow.implement import actions as implementing
from app.flow.resolve.queries import valid_resolution
from app.matter.models import TimelineEntry
from app.people.actor import SYSTEM, Actor
from app.people.roles import Role
from tenants.database import db
from tests.conftest import inside, later
from tests.rooms.carrying_out import only_task, reviewing
from tests.rooms.stage_setting import matter_at, staff

NEIGHBOUR = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


def grid():
    """小李 goes back and asks."""
    return staff("xiaoli", Role.GRID_WORKER)


def voices(satisfied: int, low: int) -> list[Voice]:
    """So many content, so many not."""
    return [Voice(4)] * satisfied + [Voice(2, "还是堆着东西")] * low


def rated(matter, satisfied: int, low: int, *, day: int = 11):
    """A round of visits entered at once, then the low ones followed up and the hall's own judgement."""
    actions.enter_ratings(matter, voices(satisfied, low), source="visit", by=grid(), now=later(day))
    actions.visit(matter, "问过不满意的几户", reached=max(low, 1), by=grid(), now=later(day, 1))
    actions.evaluate(matter, "方便了大家晾晒。", by=staff(), now=later(day, 2))


def test_nineteen_households_and_the_matter_is_closed(hall, now):
    matter = reviewing(now)
    rated(matter, 18, 1)
    assert (matter.rating_satisfied, matter.rating_count) == (18, 19)
    actions.close(matter, "5 组晾衣架装好了，谢谢大家。", by=staff(), now=later(12))
    assert (matter.stage, matter.closed_at) == ("closed", later(12))
    assert matter.due_at is None


def test_sixty_five_per_cent_is_never_closed_but_reworked_and_rated_again(hall, now):
    """M18: 13/20 = 65 %, fifteen working days of rework, then 18/20 = 90 %."""
    matter = reviewing(now)
    rated(matter, 13, 7)
    with pytest.raises(Refused) as refused:
        actions.close(matter, "办好了。", by=staff(), now=later(13))
    assert "13 人满意（65%）" in refused.value.reason % refused.value.values
    actions.rework(matter, "楼道又堆上了", by=staff(), now=later(14))
    assert (matter.stage, matter.reworks, matter.round, matter.rating_count) == ("implementing", 1, 2, 0)
    task = only_task(matter)
    # Fifteen working days after Monday 15 June, with the Dragon Boat holiday on the nineteenth.
    assert (task.state, task.due) == ("open", date(2026, 7, 7))
    implementing.finish(task, evidence="清走了", actual_fen=470_000, by=staff(), now=later(15))
    implementing.hand_over(matter, by=staff(), now=later(15))
    with pytest.raises(Refused, match="还没到评议"):
        actions.close(matter, "办好了。", by=staff(), now=later(15))
    implementing.verify(matter, passed=True, words="干净了", resident_name="楼阿姨", by=grid(), now=later(16))
    assert "ratings" not in evidence_of(matter)
    rated(matter, 18, 2, day=17)
    actions.close(matter, "楼道清好了。", by=staff(), now=later(18))
    assert (matter.stage, matter.rating_satisfied, matter.rating_count) == ("closed", 18, 20)
    assert db.session.scalar(select(func.count()).select_from(Rating)) == 40


def test_after_two_reworks_the_hall_may_close_with_its_evaluation(hall, now):
    matter = reviewing(now, reworks=2)
    rated(matter, 1, 3)
    actions.close(matter, "做了三遍，情况都写在评估里。", by=staff(), now=later(13))
    assert matter.stage == "closed"


def test_closing_asks_for_ratings_evaluation_and_a_note(hall, now):
    matter = reviewing(now)
    with pytest.raises(Refused) as refused:
        actions.close(matter, "办好了。", by=staff(), now=later(11))
    assert {"回访评分", "议事厅评估"} <= set(str(refused.value.values["missing"]).split("、"))
    with pytest.raises(Refused, match="要填"):
        actions.close(matter, " ", by=staff(), now=later(11))


def test_a_low_rating_is_followed_up_before_closing(hall, now):
    matter = reviewing(now)
    actions.enter_ratings(matter, voices(9, 1), source="paper", by=grid(), now=later(11))
    actions.evaluate(matter, "好。", by=staff(), now=later(11))
    with pytest.raises(Refused, match="先回访"):
        actions.close(matter, "办好了。", by=staff(), now=later(12))
    actions.visit(matter, "上门问了，绳子太高，已经放低", reached=1, by=grid(), now=later(12))
    actions.close(matter, "办好了。", by=staff(), now=later(12, 1))
    assert matter.stage == "closed"


def test_one_voice_a_round_and_a_low_one_says_why(hall, now):
    matter = reviewing(now)
    key = actions.rater_key("browser", "abc")
    with pytest.raises(Refused, match="哪里不满意"):
        actions.rate(matter, grade=1, rater=key, by=NEIGHBOUR, now=later(11))
    with pytest.raises(Refused, match="请选一个"):
        actions.rate(matter, grade=6, rater=key, by=NEIGHBOUR, now=later(11))
    assert actions.rate(matter, grade=5, rater=key, by=NEIGHBOUR, now=later(11))
    assert not actions.rate(matter, grade=2, reason="又改主意了", rater=key, by=NEIGHBOUR, now=later(11))
    assert (matter.rating_satisfied, matter.rating_count) == (1, 1)
    assert queries.own_rating(matter, key).grade == 5


def test_a_batch_sent_twice_counts_once_and_a_silent_low_one_is_named(hall, now):
    matter = reviewing(now)
    batch = matter.id
    assert actions.enter_ratings(matter, voices(3, 1), source="paper", batch=batch, by=grid(), now=later(11)) == 4
    assert actions.enter_ratings(matter, voices(3, 1), source="paper", batch=batch, by=grid(), now=later(11)) == 0
    with pytest.raises(Refused) as refused:
        actions.enter_ratings(matter, [Voice(5), Voice(1)], source="paper", by=grid(), now=later(11))
    assert refused.value.values["line"] == 2
    assert matter.rating_count == 4


def test_ratings_are_taken_in_review_only(hall, now):
    matter = matter_at("implementing", now=now)
    with pytest.raises(Refused, match="还没到评议"):
        actions.rate(matter, grade=5, rater="x", by=NEIGHBOUR, now=now)


def test_talked_over_again_when_the_result_does_not_help(hall, now):
    matter = reviewing(now)
    rated(matter, 1, 4)
    actions.redeliberate(matter, "位置不对，要重新商量", by=staff(), now=later(13))
    assert (matter.stage, matter.round, valid_resolution(matter)) == ("surveying", 2, None)


def test_what_did_not_pass_is_closed_with_its_reason(hall, now):
    matter = matter_at("not_passed", now=now)
    actions.close(matter, "票数不够，三十天后可以再提。", by=staff(), now=now)
    assert matter.stage == "closed"
    assert queries.done_matters(5) == []


def test_archived_with_a_retention_class(hall, now):
    matter = reviewing(now)
    rated(matter, 5, 0)
    actions.close(matter, "办好了。", by=staff(), now=later(12))
    with pytest.raises(Refused, match="保管期限"):
        actions.archive(matter, retention="7", by=staff(), now=later(20))
    actions.archive(matter, by=SYSTEM, now=later(20))
    assert matter.stage == "archived"


def test_new_facts_reopen_it_with_a_link_to_its_closing(hall, now):
    matter = reviewing(now)
    rated(matter, 5, 0)
    actions.close(matter, "办好了。", by=staff(), now=later(12))
    with pytest.raises(Refused, match="要填"):
        actions.reopen(matter, "", by=staff(), now=later(40))
    actions.reopen(matter, "架子又松了", by=NEIGHBOUR.as_capacity(Role.PROPOSER), now=later(40))
    db.session.flush()
    lines = dict(db.session.execute(select(TimelineEntry.verb, TimelineEntry.id)).all())
    data = db.session.scalar(select(TimelineEntry.data).where(TimelineEntry.verb == "reopen"))
    assert data["reopens"]["closing"] == str(lines["close"])
    assert (matter.stage, matter.closed_at, matter.round, matter.rating_count) == ("submitted", None, 2, 0)


def test_the_front_page_tells_what_was_done(hall, now):
    matter = reviewing(now)
    rated(matter, 18, 1)
    actions.close(matter, "5 组都装好了。", by=staff(), now=later(12))
    (done,) = queries.done_matters(3)
    assert (done.title, done.note, done.resolution_number) == (
        "增设共享晾衣架",
        "5 组都装好了。",
        "南盐道议决〔2026〕1号",
    )
    assert (done.figure.satisfied, done.figure.count, done.figure.percent) == (18, 19, "94.7%")


@pytest.mark.parametrize(
    ("satisfied", "count", "percent", "enough", "shown"),
    [
        (0, 0, "—", False, False),
        (4, 4, "100%", True, False),
        (13, 20, "65%", False, True),
        (14, 20, "70%", True, True),
        (18, 19, "94.7%", True, True),
        (1, 2000, "0.1%", False, True),
    ],
)
def test_a_share_in_integers(satisfied, count, percent, enough, shown):
    figure = Figure(satisfied, count)
    assert (figure.percent, figure.enough, figure.shown) == (percent, enough, shown)


def test_a_grade_of_three_is_satisfied():
    assert rules.figure({5: 1, 4: 1, 3: 1, 2: 1, 1: 1}) == Figure(3, 5)


def test_the_neighbour_reads_no_rating(app, now):
    with inside(app, "nanyandao"):
        matter = reviewing(now)
        rated(matter, 5, 0)
        db.session.commit()
    with inside(app, "dianye"):
        assert db.session.scalars(select(Rating)).all() == []
        assert review_lists.lines("visit") == []
