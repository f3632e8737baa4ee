"""Lists in versions, templates, the street's one review, mergers undone, ways put right: on the real database."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.errors import Missing, NotAllowed, Refused
from app.flow.triage import actions, list_actions, merging, queries, reply_actions, review
from app.flow.triage.effective import lists
from app.flow.triage.policy import Merger, ReviewOpinion, ReviewRequest, StreetList
from app.matter.models import Matter, TimelineEntry
from app.notices.actions import spread_news
from app.notices.models import Message
from app.people.actor import Actor
from app.people.roles import Role
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside, later
from tests.rooms.people import RESIDENT, person, said
from tests.rooms.test_triage import lines, taken

OFFICER = Actor("street", "赵主任", uuid7(), frozenset({Role.STREET_SUPERVISOR}))
ADMIN = Actor("street", "钱管理员", uuid7(), frozenset({Role.STREET_ADMIN}))


def new_version(app, now, base=0, **changes):
    with inside(app):
        items = [item | changes if item["code"] == "N08" else item for item in list_actions.default_items("negative")]
        list_actions.write_street_list("negative", items, "写明电话", base, by=ADMIN, now=now)
        db.session.commit()


def test_a_refusal_names_the_version_it_went_by(app, now):
    with inside(app, HOME):
        assert lists().version == 0
    new_version(app, now, door="打 8555 0199。")
    with inside(app, HOME):
        matter = said(now)
        assert (lists().version, lists().negative["N08"].door) == (1, "打 8555 0199。")
        actions.refuse(matter, "N08", "归执法队管", "8555 0199", by=person("zhao", now), now=now)
        assert queries.last_screening(matter.id, "not_accepted").list_version == 1


def test_a_version_is_written_once_and_never_changed(app, now):
    new_version(app, now, label="违建")
    with pytest.raises(Refused, match="刚才"):
        new_version(app, now, label="治安")
    with inside(app):
        row = db.session.scalars(select(StreetList)).one()
        row.note = "改历史"
        with pytest.raises(DBAPIError):
            db.session.flush()


def test_a_hall_narrows_what_the_street_wrote(app, now):
    with inside(app, HOME):
        shuji = person("shuji", now)
        list_actions.narrow("encouraged", ["E5"], {}, 0, by=shuji, now=now)
        list_actions.narrow("negative", [], {"N08": "执法中队 8555 0199", "N02": "  "}, 0, by=shuji, now=now)
        assert "E5" not in lists().encouraged
        assert lists().negative["N08"].note == "执法中队 8555 0199"
        with pytest.raises(Refused):
            list_actions.narrow("negative", ["N08"], {}, 1, by=shuji, now=now)
        db.session.commit()
    with inside(app, NEXT):
        assert "E5" in lists().encouraged
        assert not lists().negative["N08"].note


def test_templates_of_hall_street_and_seed(app, now):
    with inside(app):
        reply_actions.keep(None, "needs_info", "街道的话", "请补 {事项}")
        db.session.commit()
    with inside(app, HOME):
        once = uuid7()
        mine = reply_actions.keep(None, "needs_info", "说清地点和时间", "自己的话", once=once)
        assert reply_actions.keep(None, "needs_info", "说清地点和时间", "再点一次", once=once).id == mine.id
        titles = {(reply.source, reply.title) for reply in reply_actions.offered("needs_info")}
        assert titles == {("hall", "说清地点和时间"), ("street", "街道的话"), ("seed", "补一张照片")}
        with pytest.raises(Refused):
            reply_actions.keep(None, "needs_info", "说清地点和时间", "又一条")
        reply_actions.retire(mine.id, now=now)
        db.session.flush()
        assert "说清地点和时间" not in {reply.title for reply in reply_actions.offered("needs_info")}
        db.session.commit()
        kept = mine.id
    with inside(app, NEXT), pytest.raises(Missing):
        reply_actions.find(kept)


@pytest.fixture
def doubted(app, now):
    with inside(app, HOME):
        matter = said(now)
        actions.refuse(matter, "N06", "不能投票停别人的水电", "12348", by=person("shuji", now), now=now)
        actions.ask_review(matter, "我只想停占道的", by=RESIDENT.as_capacity(Role.PROPOSER), now=later(days=2))
        db.session.commit()
        return matter.id


def opined(app, upheld):
    with inside(app):
        case = review.cases(waiting=True)[0]
        review.give_opinion(case, upheld, "看过材料", by=OFFICER, now=later(days=3))
        with pytest.raises(Refused):
            review.give_opinion(case, not upheld, "再写一次", by=OFFICER, now=later(days=3))
        waits = review.waiting_in_street(later(days=3).date())
        assert waits == {"escalations": 0, "reviews": 0, "letters": 0}
        db.session.commit()


def test_upheld_the_hall_decides_anew_in_three_working_days(app, now, doubted):
    with inside(app):
        case = review.cases(waiting=True)[0]
        assert (case.refusal.code, case.request.reason, case.community.slug) == ("N06", "我只想停占道的", HOME)
        with pytest.raises(NotAllowed):
            review.give_opinion(case, True, "x", by=RESIDENT, now=now)
    opined(app, True)
    with inside(app, HOME):
        assert [review.take_up(now=later(days=4)), review.take_up(now=later(days=4))] == [1, 0]
        matter = db.session.get(Matter, (db.session.scalars(select(Matter.community_id)).first(), doubted))
        assert matter.stage == "submitted"
        # 1 June 2026 is a Monday: four days on it is Friday, three working days later Wednesday the 10th.
        assert (matter.due_at.day, matter.due_at.month) == (10, 6)
        assert lines(matter)[-1].reason == "看过材料"
        assert db.session.scalars(select(ReviewRequest)).one().taken_up_at == later(days=4)


def test_kept_the_refusal_stands_and_the_proposer_is_told(app, now, doubted):
    opined(app, False)
    with inside(app, HOME):
        assert review.take_up(now=later(days=4)) == 1
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.stage, matter.due_at) == ("not_accepted", None)
        assert lines(matter)[-1].verb == "review_kept"
        spread_news(now=later(days=4))
        told = db.session.scalars(select(Message.words).where(Message.to_kind == "proposer")).all()
        assert any("维持不予受理" in words for words in told)
        found = review.refusal_of(matter.id)
        assert found.opinion.words == "看过材料"


def test_a_hall_cannot_write_the_street_s_opinion(app, now, doubted):
    with inside(app, HOME):
        request = db.session.scalars(select(ReviewRequest)).one()
        db.session.add(
            ReviewOpinion(request_id=request.id, upheld=True, words="自己批", by_id=uuid7(), by_label="x", at=now)
        )
        with pytest.raises(DBAPIError):
            db.session.flush()


def chain(now):
    zhao, matters = person("zhao", now), [said(now, name=name, title=name) for name in ("甲", "乙", "丙")]
    first, second, third = matters
    actions.merge(first, second, "一回事", by=zhao, now=now)
    actions.merge(second, third, "一回事", by=zhao, now=now)
    return zhao, first, second, third


def names(matter):
    return {speaker.name for _, speaker, _ in queries.proposals_of(matter.id)}


@pytest.mark.usefixtures("hall")
def test_a_merger_is_undone_with_its_own_people(now):
    zhao, _first, second, third = chain(now)
    assert names(third) == {"甲", "乙", "丙"}
    with pytest.raises(Refused):
        merging.unmerge(second, "  ", by=zhao, now=now)
    merging.unmerge(second, "不在一栋楼", by=zhao, now=later(days=1))
    assert (second.stage, second.merged_into_id, second.due_at > later(days=1)) == ("submitted", None, True)
    # What was merged into it before goes with it.
    assert (names(second), names(third)) == ({"甲", "乙"}, {"丙"})
    db.session.flush()
    kept = db.session.scalars(select(Merger).where(Merger.matter_id == second.id)).one()
    db.session.refresh(kept)
    assert (kept.undone_label, kept.undone_reason) == ("赵师傅", "不在一栋楼")
    assert lines(third)[-1].verb == "merged_out"
    actions.merge(second, third, "还是一回事", by=zhao, now=later(days=2))
    db.session.flush()
    standing = select(Merger.matter_id).where(Merger.into_id == third.id, Merger.undone_at.is_(None))
    assert db.session.scalars(standing).all() == [second.id]


@pytest.mark.usefixtures("hall")
def test_one_in_the_middle_of_a_chain_is_taken_out_alone(now):
    zhao, first, second, third = chain(now)
    assert merging.end_of_chain(first).id == third.id
    merging.unmerge(first, "另一件", by=zhao, now=now)
    assert (first.stage, second.stage) == ("submitted", "merged")
    assert (names(first), names(third)) == ({"甲"}, {"乙", "丙"})


@pytest.mark.usefixtures("hall")
def test_nothing_is_taken_out_of_what_has_ended(now):
    zhao, first, second, _third = chain(now)
    actions.refuse(_third, "N05", "违法", "12348", by=zhao, now=now)
    for matter in (first, second):
        with pytest.raises(Refused, match="分不出来"):
            merging.unmerge(matter, "另一件", by=zhao, now=now)
    with pytest.raises(Refused):
        merging.unmerge(said(now), "没并过", by=zhao, now=now)


VALUES = {"triage": "minor", "level": "grid", "power": "council", "category": "addition"}


@pytest.mark.usefixtures("hall")
def test_what_looked_urgent_turns_out_small(now):
    matter, zhao = taken(said(now), now, triage="urgent"), person("zhao", now)
    urgent = matter.due_at
    with pytest.raises(Refused, match="为什么"):
        merging.retriage(matter, " ", by=zhao, now=now, **VALUES)
    with pytest.raises(Refused, match="一样"):
        merging.retriage(matter, "没变", by=zhao, now=now, **(VALUES | {"triage": "urgent"}))
    merging.retriage(matter, "只坏了一盏灯", by=zhao, now=later(hours=3), **VALUES)
    assert matter.triage == "minor"
    assert matter.due_at > urgent
    last = lines(matter)[-1]
    assert (last.verb, last.public, last.reason) == ("retriage", True, "只坏了一盏灯")
    assert "小事好商量" in last.words
    merging.retriage(matter, "又漏了", by=zhao, now=later(days=4), **(VALUES | {"triage": "urgent"}))
    assert matter.due_at == later(days=5)


@pytest.mark.usefixtures("hall")
def test_who_and_when_may_put_it_right(now):
    matter = taken(said(now), now)
    with pytest.raises(Refused):
        merging.retriage(matter, "改", by=person("xiaoli", now), now=now, **(VALUES | {"triage": "hard"}))
    matter.level = "street"
    db.session.flush()
    merging.retriage(matter, "难", by=person("zhao", now), now=now, **(VALUES | {"triage": "hard"}))
    assert (matter.triage, matter.level) == ("hard", "street")
    with pytest.raises(Refused):
        merging.retriage(said(now), "没受理", by=person("zhao", now), now=now, **VALUES)
    quarrel = taken(said(now), now, track="mediation")
    with pytest.raises(Refused, match="纠纷"):
        merging.retriage(quarrel, "大", by=person("zhao", now), now=now, **(VALUES | {"triage": "major"}))
    assert db.session.scalars(select(TimelineEntry.verb)).all().count("retriage") == 1
