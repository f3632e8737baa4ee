"""The outbox: once each, to the right readers, and never a claim that something was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Missing, Refused
from app.matter.actions import record
from app.notices import actions, queries
from app.notices.models import Message
from app.notices.queries import Wanted
from app.notices.rules import Entry, readers, words_for
from app.people.roles import Role
from tenants.database import db, uuid7
from tests import cast
from tests.conftest import inside, later
from tests.rooms.stage_setting import matter_at, staff

ENTRY = Entry("accept", "accepted", "社区接下来办了。", True, False, uuid7(), "NYD20260001", "路灯不亮")
MEMBERS = [(uuid7(), "议事员1"), (uuid7(), "议事员2")]


def kinds(entry):
    return [reader.kind for reader in readers(entry, MEMBERS)]


def test_who_must_hear():
    owner = uuid7()
    assert kinds(ENTRY) == ["proposer"]
    assert kinds(replace(ENTRY, owner_id=owner, owner_name="小李")) == ["proposer", "owner"]
    assert kinds(replace(ENTRY, owner_id=ENTRY.actor_id, owner_name="小李")) == ["proposer"]
    assert kinds(replace(ENTRY, verb="schedule", new_stage="scheduled")) == ["proposer", "council", "council"]
    assert kinds(replace(ENTRY, verb="site_note", new_stage=None)) == []
    assert kinds(replace(ENTRY, verb="renew_invitation", new_stage=None, public=False)) == []
    assert kinds(replace(ENTRY, public=False)) == []
    rated = replace(ENTRY, verb="verify", new_stage="reviewing", signers=12)
    assert kinds(rated) == ["proposer", "signers"]
    assert kinds(replace(rated, signers=1)) == ["proposer"]
    assert all("请您评一评" in words_for(rated, reader) for reader in readers(rated, []))


def test_a_private_matter_is_named_by_its_number_alone():
    private = replace(ENTRY, public=False, is_private=True)
    (reader,) = readers(private, [])
    assert words_for(private, reader) == "NYD20260001：现在到了「已受理」。"
    assert words_for(ENTRY, reader) == "NYD20260001「路灯不亮」：社区接下来办了。"


def told(hall, now, **more):
    matter = matter_at("accepted", now=now, **more)
    record(matter, "accept", by=staff(), now=now, words="社区接下来办了。", moved=("submitted", "accepted"))
    db.session.flush()
    return matter


def test_news_is_spread_once(hall, now):
    matter = told(hall, now, owner_id=staff("xiaoli", Role.GRID_WORKER).id)
    assert actions.spread_news(now=now) == 2
    assert actions.spread_news(now=later(1)) == 0
    found = queries.for_proposer(matter.id)
    assert [(m.to_label, m.receipt) for m in found] == [("提出人", "not_configured")]
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.to_label == "小李")) == 1


def test_two_sweeps_at_once_tell_once(app, now):
    with inside(app, cast.HOME) as hall:
        told(hall, now)
        db.session.commit()
        rows = actions._untold(now)
        assert actions.spread_news(now=now) == 1
        # A second worker had read the same entries before the first one wrote.
        late = [message for row in rows for message in actions._messages(row, [], now)]
        again = insert(Message.__table__).values(late).on_conflict_do_nothing().returning(Message.__table__.c.id)
        assert db.session.execute(again).all() == []


def test_a_sitting_notice_reaches_the_council(hall, now):
    matter = matter_at("scheduled", now=now)
    record(matter, "schedule", by=staff(), now=now, words="6 月 5 日晚上开会。", moved=("surveying", "scheduled"))
    db.session.flush()
    assert actions.spread_news(now=now) == cast.COUNCIL + 1


def test_old_entries_are_left_alone(hall, now):
    told(hall, now)
    assert actions.spread_news(now=later(30)) == 0


def test_one_slip_a_reader_and_matter(hall, now, count_queries):
    """Everything untold is on the slip, earlier steps left out; printing and telling mark the whole of it."""
    matter = told(hall, now)
    actions.spread_news(now=now)
    record(matter, "note_progress", by=staff(), now=later(hours=1), words="量过亮度了。")
    db.session.flush()
    actions.spread_news(now=later(hours=1))
    stages = ("accepted", "topic_confirmed")
    record(matter, "confirm_topic", by=staff(), now=later(hours=2), words="定成议题了。", moved=stages)
    db.session.flush()
    actions.spread_news(now=later(hours=2))
    told(hall, now, title="别的事")
    actions.spread_news(now=later(hours=2))
    with count_queries() as seen:
        blocks, counts = queries.outbox(Wanted(), now=later(1))
    assert len(seen) == 1, seen
    assert (len(blocks), counts["waiting"], counts["printed"]) == (2, 2, 0)
    block = next(one for one in blocks if one.matter_id == matter.id)
    assert [(line.words[-7:], line.is_past) for line in block.lines] == [
        ("：定成议题了。", False), ("：量过亮度了。", False), ("社区接下来办了。"[-7:], True),
    ]  # fmt: skip
    assert [one.title for one in queries.outbox(Wanted(words="别的"), now=later(1))[0]] == ["别的事"]
    assert queries.outbox(Wanted(to=queries.DESK), now=later(1))[0] == []
    newest = block.lines[0].id
    assert [one.words[-7:] for one in queries.slip_of(newest)[2]] == ["：量过亮度了。", "：定成议题了。"]
    first = actions.mark_printed(newest, by=staff(), now=later(1))
    assert (first.receipt, first.handled_by) == ("printed", "张书记")
    assert queries.outbox(Wanted("printed"), now=later(1))[1] == {"waiting": 1, "printed": 1, "told": 0}
    actions.mark_told(block.lines[1].id, by=staff(), now=later(2))
    assert first.receipt == "printed"
    actions.mark_told(newest, by=staff(), now=later(2))
    db.session.refresh(first)
    assert first.receipt == "delivered"
    with pytest.raises(Refused):
        actions.mark_printed(newest, by=staff(), now=later(3))
    blocks, counts = queries.outbox(Wanted("told"), now=later(3))
    assert [len(one.lines) for one in blocks] == [3]
    assert counts["told"] == 1


def test_the_neighbour_finds_no_message(app, now):
    with inside(app, cast.HOME) as hall:
        told(hall, now)
        actions.spread_news(now=now)
        db.session.commit()
        message_id = queries.outbox(Wanted(), now=now)[0][0].lines[0].id
    with inside(app, cast.NEXT):
        with pytest.raises(Missing):
            actions.mark_printed(message_id, by=staff(), now=now)
        assert actions.spread_news(now=now) == 0


def test_reading_on_the_tracking_page_is_noted(hall, now):
    matter = told(hall, now)
    actions.spread_news(now=now)
    assert actions.mark_read(matter.id, now=later(1)) == 1
    assert actions.mark_read(matter.id, now=later(2)) == 0
