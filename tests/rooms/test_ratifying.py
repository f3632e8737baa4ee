"""Before the larger body, on the real database: the party's study, the asking, the body's own vote, and its result."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.flow.decide import papers, polls
from app.flow.decide import poll_queries as voted
from app.flow.decide.polls import Line
from app.flow.resolve import actions, body_queries, queries
from app.flow.resolve.body_poll import draft_body_poll
from app.flow.resolve.body_rules import ITEMS, Asking, Body, Standing, may_ask, rule_of
from app.flow.resolve.evidence import evidence_of
from app.flow.resolve.models import Ratification
from app.matter.models import TimelineEntry
from app.matter.situation import Power
from app.people.places import Estate
from app.people.roles import Role
from tenants.database import db
from tests.conftest import inside, later
from tests.rooms.carrying_out import DAY, decided, write
from tests.rooms.people import account
from tests.rooms.stage_setting import staff

BOARD = actions.Board(DAY, "3 号楼公开栏")


def study(matter, now):
    return actions.record_study(
        matter,
        organisation="中共南盐道社区委员会",
        studied_on=DAY,
        words="同意提请大会。",
        chaired_by="张书记",
        by=staff(),
        now=now,
    )


def asked(now, body="residents", power="residents", **more):
    """A resolution before a body: ``(matter, ratification)``."""
    matter = decided(now, power=power)
    write(matter, now=now)
    study(matter, now)
    return matter, actions.take_to_body(matter, body=body, question="是否同意增设？", by=staff(), now=now, **more)


def vote(matter, ratification, now, *, yes, no=0, present=None, of=10):
    """The body raises its hands: ``of`` stand on the roll."""
    by = staff()
    poll = draft_body_poll(ratification, matter, mode="named", paper=False, hands=True, by=by, now=now)
    polls.make_roll(poll, [Line(f"居民{n}") for n in range(of)], by=by, now=now)
    polls.open_poll(poll, by=by, now=now)
    polls.end_voting(poll, by=by, now=now)
    (ballot,) = voted.questions_of(poll.id)
    teller, scrutineer = account("xiaoli"), account("sun")
    papers.count_hands_of(
        ballot, {"yes": yes, "no": no}, present or yes + no, teller=teller, scrutineer=scrutineer, by=by, now=now
    )
    polls.close_poll(poll, teller=teller, scrutineer=scrutineer, by=by, now=now)
    return poll


def test_the_body_passes_it_and_the_resolution_says_so(hall, now):
    matter = decided(now, power="residents")
    with pytest.raises(Refused, match="党组织"):
        write(matter, now=now)
        actions.take_to_body(matter, body="residents", question="是否同意？", by=staff(), now=now)
    first = queries.valid_resolution(matter)
    study(matter, now)
    for wrong, reason in (
        ({"body": "owners"}, "不归这个大会"),
        ({"question": " "}, "一句话"),
        ({"body": "x"}, "选一个"),
    ):
        with pytest.raises(Refused, match=reason):
            actions.take_to_body(matter, **({"body": "residents", "question": "好？"} | wrong), by=staff(), now=now)
    ratification = actions.take_to_body(matter, body="residents", question="是否同意？", by=staff(), now=now)
    assert (matter.stage, ratification.rule, first.signed_at) == ("ratifying", "residents_meeting", now)
    with pytest.raises(Refused, match="已经提请"):
        actions.take_to_body(matter, body="reps", question="是否同意？", by=staff(), now=now)
    with pytest.raises(Refused, match="还没有大会"):
        actions.settle_ratification(matter, board=BOARD, by=staff(), now=now)
    poll = vote(matter, ratification, now, yes=5, no=2, present=8)
    assert {"party_study", "body_quorum", "body_tally", "passed"} <= evidence_of(matter)
    with pytest.raises(Refused, match="不能更正"):
        actions.correct_resolution(
            first, actions.Text(first.title, first.basis, "换一句。"), reason="错字", by=staff(), now=now
        )
    with pytest.raises(Refused, match="书记"):
        worker = staff("zhao", Role.COMMUNITY_WORKER)
        actions.settle_ratification(matter, board=BOARD, by=worker, now=now)
    actions.settle_ratification(matter, board=BOARD, by=staff(), now=now)
    valid = queries.valid_resolution(matter)
    assert (matter.stage, ratification.state, ratification.poll_id) == ("publicized", "passed", poll.id)
    assert (valid.number, valid.version, valid.corrects_id) == (first.number, 2, first.id)
    assert (first.legal_effect, valid.legal_effect) == ("advisory", "residents_decision")
    body = valid.tally["ratified"]
    figures = {key: body[key] for key in ("rule", "eligible", "present", "yes", "no", "needed", "body")}
    assert figures == {
        "rule": "residents_meeting", "eligible": 10, "present": 8, "yes": 5, "no": 2, "needed": 5, "body": "residents",
    }  # fmt: skip
    assert body["study"] == {"organisation": "中共南盐道社区委员会", "on": "2026-06-01"}
    assert valid.tally["yes"] == first.tally["yes"] == 10
    assert queries.posting_of(matter).resolution_id == valid.id
    assert [task.what for task in queries.tasks_of(valid.id)] == ["安装 5 组晾衣架"]
    with pytest.raises(Refused, match="走到别的一步"):
        actions.settle_ratification(matter, board=BOARD, by=staff(), now=now)


def test_the_body_refuses_it_and_the_resolution_falls(hall, now):
    matter, ratification = asked(now)
    vote(matter, ratification, now, yes=4, no=4)
    with pytest.raises(Refused, match="开始投票"):
        actions.drop_ratification(ratification, reason="换一个", by=staff(), now=now)
    actions.settle_ratification(matter, by=staff(), now=later(1))
    assert (matter.stage, ratification.state) == ("not_passed", "failed")
    assert queries.valid_resolution(matter) is None
    line = db.session.scalar(select(TimelineEntry).where(TimelineEntry.verb == "reject"))
    assert line.reason == "居民会议没有通过：应到 10 人，参加 8 人，赞成 4，反对 4，弃权 0"


def test_without_a_quorum_nothing_is_decided_and_it_may_be_asked_again(hall, now):
    matter, ratification = asked(now)
    vote(matter, ratification, now, yes=5)
    assert not {"passed", "failed", "body_quorum"} & evidence_of(matter)
    actions.settle_ratification(matter, board=BOARD, by=staff(), now=now)
    assert (matter.stage, ratification.state) == ("ratifying", "dropped")
    assert "人数不够" in ratification.reason
    again = actions.take_to_body(matter, body="households", question="是否同意？", by=staff(), now=later(1))
    assert evidence_of(matter) & {"body_tally", "party_study"} == {"party_study"}
    actions.drop_ratification(again, reason="还是请居民代表会议", by=staff(), now=later(1))
    assert len(body_queries.askings_of(matter)) == 2
    assert body_queries.asked_now(matter) is None


def test_owners_are_asked_under_one_of_nine_items(hall, now):
    estate = db.session.scalar(select(Estate.id))
    matter, ratification = asked(now, "owners", "owners", item=8, estate_id=estate)
    assert (ratification.rule, ratification.item, ratification.estate_id) == ("owners_special", 8, estate)
    poll = draft_body_poll(ratification, matter, mode="named", by=staff(), now=now)
    (question,) = voted.questions_of(poll.id)
    assert (poll.estate_id, poll.online, question.rule) == (estate, False, "owners_special")
    with pytest.raises(Refused, match="已经备好"):
        draft_body_poll(ratification, matter, mode="named", by=staff(), now=now)


def test_the_neighbour_sees_no_asking(app, now):
    with inside(app, "nanyandao"):
        _matter, ratification = asked(now)
        key = ratification.id
        db.session.commit()
    with inside(app, "dianye"):
        assert body_queries.find_ratification(key) is None
        assert db.session.scalars(select(Ratification)).all() == []


@pytest.mark.parametrize(
    ("item", "rule"), [(n, "owners_special" if n in (6, 7, 8) else "owners_ordinary") for n in ITEMS]
)
def test_the_item_decides_the_rule(item, rule):
    assert rule_of(Body.OWNERS, item) == rule


@pytest.mark.parametrize(
    ("asking", "power", "studied", "reason"),
    [
        (Asking(Body.REPS, "同意？"), Power.COUNCIL, True, "自己能定"),
        (Asking(Body.REPS, "同意？"), None, True, "自己能定"),
        (Asking(Body.REPS, "同意？"), Power.RESIDENTS, False, "党组织"),
        (Asking(Body.REPS, "同意？"), Power.OWNERS, True, "不归这个大会"),
        (Asking(Body.OWNERS, "同意？", None, True), Power.OWNERS, True, "哪一项"),
        (Asking(Body.OWNERS, "同意？", 10, True), Power.OWNERS, True, "哪一项"),
        (Asking(Body.OWNERS, "同意？", 5, False), Power.OWNERS, True, "哪个小区"),
        (Asking(Body.REPS, "长" * 201), Power.RESIDENTS, True, "最多"),
        (Asking(Body.REPS, "同意？"), Power.RESIDENTS, True, ""),
        (Asking(Body.OWNERS, "同意？", 5, True), Power.OWNERS, True, ""),
    ],
)
def test_who_may_be_asked_what(asking, power, studied, reason):
    verdict = may_ask(asking, power, studied=studied)
    assert bool(verdict) is (reason == "")
    assert reason in (verdict.reason % verdict.values if not verdict else "")


@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (Standing(), "waiting"),
        (Standing(2, 1, 0, 1), "waiting"),
        (Standing(1, 0, 1, 0), "no_quorum"),
        (Standing(2, 2, 0, 0), "passed"),
        (Standing(2, 1, 0, 0), "failed"),
    ],
)
def test_what_the_body_s_poll_means(standing, outcome):
    assert standing.outcome == outcome
