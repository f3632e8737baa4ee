"""The desk's answers on the real database, as the restricted role."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.flow.collect.actions import Saying, collect, supply
from app.flow.triage import actions, queries
from app.flow.triage.lists import ENCOURAGED, NEGATIVE, Way, encouraged_class
from app.flow.triage.models import Screening
from app.matter.models import Matter, TimelineEntry
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside, later
from tests.rooms.people import RESIDENT, account, person, said

pytestmark = pytest.mark.usefixtures("hall")


def taken(matter, now, **more):
    values = {
        "triage": "minor", "level": "grid", "owner_id": account("xiaoli").id, "power": "council",
        "category": "addition",
    } | more  # fmt: skip
    return actions.accept(matter, by=person("zhao", now), now=now, **values)


def lines(matter):
    db.session.flush()
    return db.session.scalars(
        select(TimelineEntry).where(TimelineEntry.matter_id == matter.id).order_by(TimelineEntry.at, TimelineEntry.seq)
    ).all()


def test_accepting_settles_way_level_and_owner(now):
    matter = taken(said(now), later(hours=2), title="装五组晾衣架")
    assert (matter.stage, matter.triage, matter.level, matter.power) == ("accepted", "minor", "grid", "council")
    assert matter.title == "装五组晾衣架"
    assert matter.accepted_at == later(hours=2)
    assert queries.last_screening(matter.id, "accepted").by_label == "赵师傅"
    assert lines(matter)[-1].verb == "accept"
    assert lines(matter)[-1].public


def test_a_missing_wish_is_asked_for_before_accepting(now):
    matter = said(now, wish="")
    with pytest.raises(Refused) as refused:
        taken(matter, now)
    assert "希望怎么办" in refused.value.values["missing"]
    db.session.rollback()
    matter = said(now, wish="")
    assert taken(matter, now, wish="装几组架子").stage == "accepted"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"category": "nonsense"}, "类"),
        ({"track": "mediation", "triage": "major"}, "纠纷"),
        ({"power": "residents", "level": "grid"}, "网格"),
        ({"power": "owners", "level": "community", "is_plain_duty": True}, "直接"),
        ({"title": "长" * 61}, "最多"),
    ],
)
def test_ways_that_do_not_go_together_are_refused(now, more, words):
    matter = said(now)
    with pytest.raises(Refused) as refused:
        taken(matter, now, **more)
    assert words in refused.value.reason
    assert matter.stage == "submitted"


def test_a_council_member_cannot_carry_a_matter(now):
    with pytest.raises(Refused):
        taken(said(now), now, owner_id=account("yishi1").id)


def test_a_grid_worker_does_not_accept(now):
    matter = said(now)
    with pytest.raises(Refused):
        actions.accept(
            matter, by=person("xiaoli", now), now=now, triage="minor", level="grid", owner_id=account("xiaoli").id,
            power="council", category="addition",
        )  # fmt: skip


def test_a_quarrel_is_for_its_parties_only_from_accepting_on(now):
    matter = taken(said(now), now, track="mediation")
    assert matter.visibility == "parties"
    assert not lines(matter)[-1].public


def test_asked_for_more_only_once(now):
    matter, zhao = said(now), person("zhao", now)
    actions.ask_for_more(matter, "请说清是几单元门口", by=zhao, now=now)
    assert matter.stage == "needs_info"
    assert matter.asked_for_more
    assert matter.due_at > later(days=6)
    supply(matter, "3 单元门口", by=RESIDENT, now=later(days=1))
    assert matter.stage == "submitted"
    with pytest.raises(Refused):
        actions.ask_for_more(matter, "再说一遍", by=zhao, now=later(days=1))


def test_silence_lapses_and_may_be_opened_again(now):
    matter = said(now)
    actions.ask_for_more(matter, "请说清在哪儿", by=person("zhao", now), now=now)
    db.session.flush()
    assert actions.lapse_overdue(now=later(days=6)) == 0
    assert actions.lapse_overdue(now=later(days=9)) == 1
    assert matter.stage == "withdrawn"
    assert matter.lapsed
    assert matter.due_at is None
    assert actions.lapse_overdue(now=later(days=9)) == 0
    supply(matter, "在 3 单元门口", by=RESIDENT, now=later(days=10))
    assert matter.stage == "submitted"
    assert not matter.lapsed


def test_refusing_names_item_reason_and_door(now):
    matter, shuji = said(now), person("shuji", now)
    for code, reason, door in (("N14", "不行", "法院"), ("N06", " ", "法院"), ("N06", "不行", "")):
        with pytest.raises(Refused):
            actions.refuse(matter, code, reason, door, by=shuji, now=now)
    assert matter.stage == "submitted"
    actions.refuse(matter, "N06", "不能投票停别人的水电", NEGATIVE["N06"].door, by=shuji, now=now)
    assert (matter.stage == "not_accepted" and matter.due_at is None) or matter.due_at
    kept = queries.last_screening(matter.id, "not_accepted")
    assert (kept.code, kept.reason) == ("N06", "不能投票停别人的水电")
    assert kept.door


def test_the_database_keeps_a_refusal_from_being_bare(now):
    matter = said(now)
    db.session.add(Screening(matter_id=matter.id, outcome="not_accepted", reason="不行", by_label="赵师傅", at=now))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_review_is_asked_once(now):
    matter, shuji, proposer = said(now), person("shuji", now), RESIDENT.as_capacity(Role.PROPOSER)
    actions.refuse(matter, "N05", "违反规定", "12348", by=shuji, now=now)
    asked = actions.ask_review(matter, "我觉得不违法", by=proposer, now=later(days=1))
    assert (matter.stage, matter.review_asked) == ("not_accepted", True)
    assert asked.due_at == matter.due_at > later(days=5)
    with pytest.raises(Refused):
        actions.ask_review(matter, "再看看", by=proposer, now=later(days=1))


def test_referring_names_the_taker_and_the_day(now):
    matter, zhao = said(now), person("zhao", now)
    with pytest.raises(Refused):
        actions.refer(matter, "城管中队", "楼顶违建归他们管", now - timedelta(days=1), by=zhao, now=now)
    actions.refer(matter, "城管中队", "楼顶违建归他们管", later(days=10), by=zhao, now=now)
    assert matter.stage == "referred"
    assert later(days=1) < matter.due_at < later(days=3)
    actions.note_receipt(matter, "城管〔2026〕15 号", by=zhao, now=later(days=2))
    assert matter.due_at == later(days=10)
    actions.call_back(matter, "已经拆了", by=zhao, now=later(days=9))
    assert matter.due_at is None
    assert [line.verb for line in lines(matter)][-3:] == ["refer", "receipt", "call_back"]


def test_merging_keeps_every_proposer(now):
    first, second, third = (said(now, name=name) for name in ("王桂兰", "李大勇", "赵小妹"))
    zhao = person("zhao", now)
    actions.merge(third, second, "说的是一回事", by=zhao, now=now)
    actions.merge(second, first, "说的是一回事", by=zhao, now=now)
    db.session.flush()
    names = {speaker.name for _, speaker, _ in queries.proposals_of(first.id)}
    assert names == {"王桂兰", "李大勇", "赵小妹"}
    assert {number for _, _, number in queries.proposals_of(first.id)} == {first.number, second.number, third.number}
    assert lines(first)[-1].verb == "merged_in"


def test_what_may_not_be_merged(now):
    matter, zhao = said(now), person("zhao", now)
    quarrel = taken(said(now), now, track="mediation")
    gone = said(now)
    actions.merge(gone, matter, "一回事", by=zhao, now=now)
    for into in (matter, quarrel, gone):
        with pytest.raises(Refused):
            actions.merge(matter, into, "一回事", by=zhao, now=now)
    assert matter.stage == "submitted"


def test_two_desks_cannot_close_a_circle(app, now):
    with inside(app, HOME):
        zhao, first, second = person("zhao", now), said(now), said(now)
        one, two = first.id, second.id
        db.session.commit()
    with inside(app, HOME):
        mine = {matter.id: matter for matter in db.session.scalars(select(Matter))}
        with inside(app, HOME):
            theirs = {matter.id: matter for matter in db.session.scalars(select(Matter))}
            actions.merge(theirs[two], theirs[one], "一回事", by=zhao, now=now)
            db.session.commit()
        with pytest.raises(Refused):
            actions.merge(mine[one], mine[two], "一回事", by=zhao, now=now)


def test_a_lead_is_answered_on_the_spot(now):
    lead = collect(Saying(words="垃圾车几点来", place="3 号楼"), by=RESIDENT, now=now).matter
    with pytest.raises(Refused):
        actions.answer(lead, "  ", by=person("xiaoli", now), now=now)
    actions.answer(lead, "早上六点半和晚上七点", by=person("xiaoli", now), now=now)
    assert lead.stage == "answered"


def test_the_topic_is_put_in_one_sentence(now):
    matter, shuji = taken(said(now), now), person("shuji", now)
    with pytest.raises(Refused):
        actions.confirm_topic(matter, "  ", False, by=shuji, now=now)
    with pytest.raises(Refused):
        actions.confirm_topic(matter, "装不装", False, by=person("zhao", now), now=now)
    db.session.refresh(matter)
    actions.confirm_topic(matter, "3 号楼前装不装五组晾衣架", False, by=shuji, now=now)
    assert matter.stage == "topic_confirmed"


def test_a_second_click_changes_nothing(app, now):
    with inside(app, HOME):
        matter_id = said(now).id
        db.session.commit()
    with inside(app, HOME):
        slow = db.session.scalar(select(Matter).where(Matter.id == matter_id))
        with inside(app, HOME):
            fast = db.session.scalar(select(Matter).where(Matter.id == matter_id))
            taken(fast, now)
            db.session.commit()
        with pytest.raises(Refused):
            taken(slow, now)
        db.session.rollback()
        verbs = [line.verb for line in lines(db.session.get_one(Matter, (slow.community_id, matter_id)))]
        assert verbs.count("accept") == 1


def test_the_owner_is_changed_and_the_change_is_told_inside(now):
    matter = taken(said(now), now)
    with pytest.raises(Refused):
        actions.change_owner(matter, account("sun").id, by=person("xiaoli", now), now=now)
    actions.change_owner(matter, account("sun").id, by=person("zhao", now), now=now)
    assert matter.owner_id == account("sun").id
    assert not lines(matter)[-1].public


def test_the_lists_are_whole():
    assert list(NEGATIVE) == [f"N{n:02d}" for n in range(1, 14)]
    assert list(ENCOURAGED) == [f"E{n}" for n in range(1, 7)]
    assert all(item.door for item in NEGATIVE.values())
    for number in ("110", "119", "120", "122"):
        assert number in NEGATIVE["N09"].door
    assert NEGATIVE["N09"].way is Way.CALL_NOW
    assert NEGATIVE["N13"].way is Way.MERGE
    assert encouraged_class("addition").code == "E1"
    assert encouraged_class("other") is None
