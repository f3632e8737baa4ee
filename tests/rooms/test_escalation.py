"""Up and back: the hall asks, the street answers by rows of its own, the hall's worker takes the answer up."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from app import clock
from app.errors import Refused
from app.faces.jobs import work
from app.matter import climbing, escalation, street_asks
from app.matter.house import forget_houses
from app.matter.models import EscalationReply, Matter, TimelineEntry
from app.notices import reminders
from app.notices.actions import spread_news
from app.notices.models import Digest, Message, Reminder
from app.people.roles import Role
from tenants.database import db, uuid7
from tenants.registry import Community
from tests import cast
from tests.conftest import inside, later
from tests.rooms.stage_setting import matter_at, officer, staff

TRIED = {"grid_attempt": "网格员清过两次淤泥", "community_attempt": "社区和铁路部门谈过一次"}


def ask(now, **more):
    matter = matter_at("surveying", now=now, **more)
    asked = escalation.ask(matter, to="street", reason="要铁路部门一起看", by=staff(), now=now, **TRIED)
    db.session.commit()
    return matter.id, asked.id


def answer(app, asked_id, kind, now, words="我们来牵头"):
    with inside(app):
        found = escalation.find_for_street(asked_id)
        escalation.reply(found[0], kind, words=words, by=officer(), now=now)
        db.session.commit()


def test_the_street_takes_it_and_answers(app, now):
    with inside(app, cast.HOME):
        matter_id, asked_id = ask(now)
        assert _matter(matter_id).escalated
    answer(app, asked_id, "taken", later(1))
    with inside(app, cast.HOME):
        assert escalation.take_up(now=later(1, 1)) == 1
        db.session.commit()
        assert escalation.take_up(now=later(1, 2)) == 0
        matter = _matter(matter_id)
        assert (matter.level, matter.escalated, matter.stage) == ("street", True, "surveying")
        assert escalation.find(asked_id).state == "taken"
    answer(app, asked_id, "answered", later(5), "铁路部门同意重做排水")
    with inside(app, cast.HOME):
        assert escalation.take_up(now=later(5)) == 1
        db.session.commit()
        matter = _matter(matter_id)
        assert (matter.level, matter.escalated) == ("street", False)
        lines = [(e.verb, e.actor_label) for e in _timeline(matter_id)]
        assert lines == [("escalate", "张书记"), ("escalation_taken", "赵主任"), ("escalation_answered", "赵主任")]
        assert len(escalation.history(matter_id)[0][1]) == 2


def test_sent_back_returns_the_level_and_a_new_request_may_follow(app, now):
    with inside(app, cast.HOME):
        matter_id, asked_id = ask(now, level="grid")
    answer(app, asked_id, "sent_back", later(1), "社区先把现场记录补齐")
    with inside(app, cast.HOME):
        escalation.take_up(now=later(1))
        db.session.commit()
        matter = _matter(matter_id)
        assert (matter.level, matter.escalated) == ("grid", False)
        escalation.ask(matter, to="street", reason="补齐了", by=staff(), now=later(2), **TRIED)


def test_attempts_below_come_first_except_for_what_is_urgent(hall, now):
    matter = matter_at("surveying", now=now)
    with pytest.raises(Refused) as refused:
        escalation.ask(matter, to="street", reason="帮忙", by=staff(), now=now, grid_attempt="清过")
    assert "社区商量过" in str(refused.value.values)
    urgent = matter_at("accepted", now=now, triage="urgent")
    assert escalation.ask(urgent, to="street", reason="塌了", by=staff(), now=now).state == "asked"


def test_one_open_request_a_matter_and_a_double_click_is_one(hall, now):
    matter, once = matter_at("surveying", now=now), uuid7()
    first = escalation.ask(matter, to="street", reason="一", by=staff(), now=now, once=once, **TRIED)
    assert escalation.ask(matter, to="street", reason="一", by=staff(), now=now, once=once, **TRIED) is first
    with pytest.raises(Refused):
        escalation.ask(matter, to="street", reason="二", by=staff(), now=now, **TRIED)


def test_two_officers_cannot_answer_differently(app, now):
    with inside(app, cast.HOME):
        _, asked_id = ask(now)
    answer(app, asked_id, "sent_back", later(1))
    with pytest.raises(Refused):
        answer(app, asked_id, "answered", later(1))


def test_the_street_writes_nothing_but_its_own_rows(app, now):
    with inside(app, cast.HOME):
        ask(now)
    lines = (
        "update matter set level='street'", "update escalation set state='taken'", "delete from escalation_reply",
    )  # fmt: skip
    for line in lines:
        with inside(app), pytest.raises(ProgrammingError):
            db.session.execute(text(line))


def test_the_neighbour_takes_up_nothing(app, now):
    with inside(app, cast.HOME):
        _, asked_id = ask(now)
    answer(app, asked_id, "taken", later(1))
    with inside(app, cast.NEXT):
        assert escalation.find(asked_id) is None
        assert escalation.take_up(now=later(1)) == 0


def test_the_worker_takes_up_and_tells(app, now):
    with inside(app, cast.HOME):
        matter_id, asked_id = ask(now, owner_id=staff().id)
    answer(app, asked_id, "answered", later(1))
    with inside(app, cast.HOME):
        work.take_up()
        db.session.commit()
        work.take_up()
        db.session.commit()
        assert [line.verb for line in _timeline(matter_id)].count("escalation_answered") == 1
        assert {m.to_label for m in db.session.scalars(select(Message))} == {"提出人", "张书记"}
        assert _matter(matter_id).escalated is False


def _matter(matter_id):
    return db.session.scalar(select(Matter).where(Matter.id == matter_id).execution_options(populate_existing=True))


def _timeline(matter_id):
    return db.session.scalars(
        select(TimelineEntry).where(TimelineEntry.matter_id == matter_id).order_by(TimelineEntry.at, TimelineEntry.seq)
    ).all()


def test_replies_are_read_only_for_the_hall(hall):
    with pytest.raises(ProgrammingError):
        db.session.execute(
            EscalationReply.__table__.insert().values(
                escalation_id=staff().id, kind="taken", words="x", by_id=staff().id, by_label="x", at=later(0)
            )
        )


def hand_up(now, **more):
    matter = matter_at("surveying", now=now, level="grid", **more)
    asked = escalation.ask(
        matter, to="community", reason="请社区找物业", by=staff("xiaoli", Role.GRID_WORKER), now=now,
        grid_attempt="网格员找过物业两次",
    )  # fmt: skip
    return matter, asked


def test_a_grid_hands_up_and_its_community_answers_at_once(hall, now):
    matter, asked = hand_up(now)
    # Two working days: asked on Monday, answered by the end of Wednesday.
    assert clock.local(asked.answer_due).date().isoformat() == "2026-06-03"
    office = staff("zhao", Role.COMMUNITY_WORKER)
    with pytest.raises(Refused):
        escalation.answer(asked, matter, "taken", words="好", by=staff("xiaoli", Role.GRID_WORKER), now=now)
    escalation.answer(asked, matter, "taken", words="明天去", by=office, now=now)
    assert (matter.level, matter.escalated) == ("community", False)
    # The community passes it on to the street, which answers the grid; only one request stands open.
    up = escalation.ask(matter, to="street", reason="要部门来", by=staff(), now=later(1), **TRIED)
    assert (up.from_level, escalation.open_escalation(matter.id).id) == ("community", up.id)
    assert [one.state for one, _said in escalation.history(matter.id)] == ["asked", "answered"]
    assert [line.verb for line in _timeline(matter.id)] == ["hand_up", "hand_up_taken", "hand_up_answered", "escalate"]
    spread_news(now=later(1))
    told = db.session.scalars(select(Message).where(Message.to_kind == "order")).all()
    assert {message.to_label for message in told} == {"小李"}
    other, back = hand_up(now, number="NYD20260002")
    escalation.answer(back, other, "sent_back", words="先把照片补上", by=office, now=now)
    assert (other.level, other.escalated) == ("grid", False)


def test_what_nobody_answered_climbs_once_however_long_the_scheduler_was_down(app, now):
    with inside(app, cast.HOME):
        matter, asked = hand_up(now)
        urgent, _hot = hand_up(now, triage="urgent")
        db.session.commit()
        ids = matter.id, asked.id, urgent.id
        reminders.urge(now=later(1))
        assert {one.kind for one in db.session.scalars(select(Reminder))} == {"ask"}
        assert [d.to_label for d in db.session.scalars(select(Digest))] == ["张书记"]
        # Twenty-four hours are over for the urgent one alone.
        assert climbing.climb(now=later(1, 1)) == 1
        db.session.commit()
        # Nine days without a scheduler: once, and the street's own days begin now.
        assert climbing.climb(now=later(9)) == 1
        db.session.commit()
        assert climbing.climb(now=later(9, 1)) == climbing.climb(now=later(20)) == 0
        found = escalation.open_escalation(ids[0])
        assert (found.to_level, found.climbed_from_id, found.from_level) == ("street", ids[1], "community")
        assert clock.local(found.answer_due).date().isoformat() == "2026-06-15"
        assert found.grid_attempt == "网格员找过物业两次"
        assert "6月3日前答复，到期没有答复" in found.community_attempt
        assert escalation.find(ids[1]).state == "climbed"
        assert [line.verb for line in _timeline(ids[0])] == ["hand_up", "escalation_climbed"]
        spread_news(now=later(9))
        assert {"提出人", "张书记", "小李"} <= {message.to_label for message in db.session.scalars(select(Message))}
    with inside(app):
        rows, total = street_asks.page_of("late", now=later(16))
        assert (total, [row.light.colour for row in rows]) == (2, ["red", "red"])
        # What a grid asks of its own community is no affair of the street's.
        assert escalation.find_for_street(ids[1]) is None
    with inside(app, cast.HOME):
        third, _asked = hand_up(later(20), number="NYD20260003")
        community = db.session.scalar(select(Community).where(Community.id == third.community_id))
        community.settings = {**community.settings, "climb_asks": "stay"}
        db.session.flush()
        forget_houses()
        assert climbing.climb(now=later(40)) == 0
        forget_houses()
