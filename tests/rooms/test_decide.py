"""Voting and settling on the real database: N and P, the box and its lock, two people who count, R9 at the bench."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import delete, select, update

from app.errors import Missing, NotAllowed, Refused
from app.flow.collect.models import Proposal
from app.flow.decide import actions as box
from app.flow.decide.models import Ballot, Poll, RollEntry, Vote
from app.flow.decide.queries import (
    ballots_for,
    find_ballot,
    progress_of,
    result_of,
    stances_of,
    tally_of,
    turnout_of,
)
from app.flow.deliberate import actions as table
from app.flow.deliberate.queries import agenda_of, find_sitting, register_of
from app.matter.actions import find_matter
from app.matter.house import forget_houses
from app.matter.models import Matter, TimelineEntry
from app.people.models import Account, Person
from tenants.database import db, uuid7
from tenants.registry import Community
from tenants.scope import current_community
from tests.conftest import inside, later
from tests.rooms.people import account, person
from tests.rooms.sitting_table import announced, come, opened, talked, topic

WORDS = "装五组公用晾衣架"


def called(now, came=12, mode="named", rule="council_majority", **values):
    """A vote that was just called with ``came`` people: ``(ballot, sitting, matter, moment)``."""
    matter = topic(now, **values)
    sitting, moment = opened(matter, came, now)
    talked(sitting, matter, moment)
    ballot = box.call_vote(
        sitting, matter, question=WORDS, rule=rule, mode=mode, by=person("shuji", moment), now=moment
    )
    return ballot, sitting, matter, moment


def vote(ballot, moment, choices):
    """Cast for the first seats: ``{"yes": 7, "no": 6}``."""
    voters = iter(db.session.scalars(select(RollEntry.account_id).order_by(RollEntry.position)).all())
    for choice, n in choices.items():
        for _ in range(n):
            box.cast_vote(ballot.id, next(voters), choice, 1, now=moment)


def closed(ballot, moment):
    return box.close_ballot(
        ballot, teller=account("yishi1"), scrutineer=account("yishi2"), by=person("shuji", moment), now=moment
    )


@pytest.mark.parametrize(
    ("came", "choices", "stage"),
    [
        (12, {"yes": 10, "no": 1, "abstain": 1}, "decided"),
        (14, {"yes": 12, "no": 1, "abstain": 1}, "decided"),
        (14, {"yes": 7, "no": 7}, "not_passed"),
        (12, {"yes": 6, "no": 5, "abstain": 1}, "not_passed"),
        (13, {"yes": 7}, "decided"),
        (13, {"yes": 6}, "not_passed"),
    ],
)
def test_r1_counts_those_present_and_not_the_votes_cast(hall, now, came, choices, stage):
    ballot, _, matter, moment = called(now, came)
    assert (ballot.eligible, ballot.present, matter.stage) == (17, came, "voting")
    vote(ballot, moment, choices)
    closed(ballot, moment)
    assert matter.stage == stage
    assert (ballot.yes, ballot.no, ballot.abstain) == tuple(choices.get(c, 0) for c in ("yes", "no", "abstain"))
    assert ballot.passed is (stage == "decided")
    last = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb.in_(("adopt", "reject")))).one()
    assert last.words.startswith(f"赞成 {ballot.yes}，反对 {ballot.no}")
    assert bool(last.reason) is (stage == "not_passed")


def test_r2_needs_two_thirds_of_those_present(hall, now):
    ballot, _, matter, moment = called(now, 12, rule="council_two_thirds")
    vote(ballot, moment, {"yes": 7, "no": 5})
    closed(ballot, moment)
    assert matter.stage == "not_passed"
    assert result_of(ballot).conditions[1].values["needed"] == 8


def test_n_and_p_are_fixed_when_the_vote_is_called_without_the_recused(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    talked(sitting, matter, moment)
    lines = register_of(sitting.id)
    table.recuse(sitting, lines[0].id, matter, by=person("shuji", moment), now=moment)
    table.register(sitting, lines[1].id, "left", by=person("zhao", moment), now=moment)
    ballot = box.call_vote(sitting, matter, question=WORDS, by=person("shuji", moment), now=moment)
    assert (ballot.eligible, ballot.present) == (16, 10)
    assert turnout_of(ballot.id) == (10, 0)
    table.register(sitting, lines[16].id, "present", by=person("zhao", moment), now=moment)
    assert (ballot.eligible, ballot.present) == (16, 10)
    for line, reason in ((lines[0], "回避"), (lines[1], "名单"), (lines[16], "名单")):
        with pytest.raises(Refused, match=reason):
            box.cast_vote(ballot.id, line.account_id, "yes", 1, now=moment)


def test_no_vote_without_a_quorum_minutes_or_options(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    call = {"question": WORDS, "by": person("shuji", moment), "now": moment}
    with pytest.raises(Refused, match="还缺"):
        box.call_vote(sitting, matter, **call)
    db.session.rollback()


def test_the_quorum_is_asked_again_at_the_vote(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 9, now)
    talked(sitting, matter, moment)
    table.register(sitting, register_of(sitting.id)[0].id, "left", by=person("zhao", moment), now=moment)
    with pytest.raises(Refused) as caught:
        box.call_vote(sitting, matter, question=WORDS, by=person("shuji", moment), now=moment)
    assert caught.value.values == {"eligible": 17, "present": 8, "needed": 9}
    table.adjourn(sitting, matter, "走了一位", by=person("shuji", moment), now=moment)
    assert matter.stage == "scheduled"


def test_one_voter_one_vote_that_may_be_changed_until_the_close(hall, now):
    ballot, _, _, moment = called(now)
    me = account("yishi1").id
    first = box.cast_vote(ballot.id, me, "yes", 1, now=moment)
    again = box.cast_vote(ballot.id, me, "yes", 1, now=later(4.1))
    assert (first, again.at) == (again, moment)
    assert box.cast_vote(ballot.id, me, "no", 2, now=moment).choice == "no"
    with pytest.raises(Refused) as stale:
        box.cast_vote(ballot.id, me, "yes", 1, now=moment)
    assert stale.value.values == {"choice": "不同意"}
    assert turnout_of(ballot.id) == (12, 1)
    assert progress_of(ballot.id)[0] == ("议事员1", True)
    assert [mine["choice"] for mine in ballots_for(me)] == ["no"]


@pytest.mark.parametrize(("choice", "seq"), [("maybe", 1), ("yes", 0)])
def test_a_vote_that_cannot_be_is_refused(hall, now, choice, seq):
    ballot, _, _, moment = called(now)
    with pytest.raises(Refused):
        box.cast_vote(ballot.id, account("yishi1"), choice, seq, now=moment)
    assert turnout_of(ballot.id) == (12, 0)


def test_a_closed_ballot_takes_no_more_votes_and_is_closed_once(hall, now):
    ballot, _, _, moment = called(now)
    vote(ballot, moment, {"yes": 9})
    closed(ballot, moment)
    with pytest.raises(Refused, match="投票已经结束"):
        box.cast_vote(ballot.id, account("yishi12"), "yes", 1, now=moment)
    with pytest.raises(Refused, match="已经结束"):
        closed(ballot, moment)
    assert (ballot.yes, ballot.present) == (9, 12)


def test_nobody_votes_for_another_nor_on_a_ballot_that_is_not_there(hall, now):
    ballot, _, _, moment = called(now)
    with pytest.raises(NotAllowed):
        box.cast_vote(ballot.id, account("yishi1"), "yes", 1, by=person("yishi2", moment), now=moment)
    with pytest.raises(Missing):
        box.cast_vote(uuid7(), account("yishi1"), "yes", 1, now=moment)


def test_who_left_cannot_vote_and_enough_leaving_ends_without_a_decision(hall, now):
    ballot, sitting, matter, moment = called(now, came=9)
    vote(ballot, moment, {"yes": 7})
    lines = register_of(sitting.id)
    table.register_many(sitting, {lines[n].id: "left" for n in (0, 7)}, by=person("zhao", moment), now=moment)
    with pytest.raises(Refused, match="到会的人"):
        box.cast_vote(ballot.id, lines[7].account_id, "yes", 1, now=moment)
    closed(ballot, moment)
    assert (ballot.state, matter.stage) == ("void", "scheduled")
    assert agenda_of(sitting.id)[0][0].outcome == "adjourned"


def test_hands_are_counted_by_two_people_who_did_not_move_it(hall, now):
    ballot, _, matter, moment = called(now, 12, mode="hands")
    by = person("shuji", moment)
    one, two = account("yishi1"), account("yishi2")
    with pytest.raises(Refused, match="两个人"):
        box.count_hands(ballot, 10, 1, 1, 0, teller=one, scrutineer=one, by=by, now=moment)
    with pytest.raises(Refused, match="对不上"):
        box.count_hands(ballot, 10, 2, 1, 0, teller=one, scrutineer=two, by=by, now=moment)
    with pytest.raises(Refused, match="还没数手"):
        box.close_ballot(ballot, by=by, now=moment)
    box.count_hands(ballot, 10, 1, 1, 0, teller=one, scrutineer=two, by=by, now=moment)
    box.close_ballot(ballot, by=by, now=moment)
    assert (matter.stage, ballot.teller_label, ballot.scrutineer_label) == ("decided", "议事员1", "议事员2")
    assert tally_of(ballot) | {"question": ""} == {
        "rule": "council_majority", "quorum": "half", "mode": "hands", "eligible": 17, "present": 12, "yes": 10,
        "no": 1, "abstain": 1, "spoiled": 0, "passed": True, "legal_effect": "advisory", "teller": "议事员1",
        "scrutineer": "议事员2", "question": "",
    }  # fmt: skip


def test_the_mover_does_not_count(hall, now):
    ballot, _, matter, moment = called(now, 12, mode="hands")
    mover = Person(name="议事员1", created_at=now)
    db.session.add(mover)
    db.session.flush()
    account("yishi1").person_id = mover.id
    db.session.add(Proposal(matter_id=matter.id, kind="individual", words="装吧", person_id=mover.id, said_at=now))
    db.session.flush()
    with pytest.raises(Refused, match="提出人不能计票"):
        box.count_hands(
            ballot, 10, 1, 1, 0, teller=account("yishi1"), scrutineer=account("yishi2"),
            by=person("shuji", moment), now=moment,
        )  # fmt: skip


def test_persons_are_never_chosen_by_show_of_hands(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    talked(sitting, matter, moment)
    with pytest.raises(Refused, match="无记名"):
        box.call_vote(
            sitting,
            matter,
            question="推选楼长",
            mode="hands",
            subject="persons",
            by=person("shuji", moment),
            now=moment,
        )


def bench(now, *, track="ordinary", names=("王阿姨", "孙楼长", "老刘"), **values):
    """A bench sitting on a small matter with everybody asked for: ``(ballot, sitting, matter, by)``."""
    matter = topic(now, stage="accepted", track=track, **values)
    by = person("xiaoli", now)
    sitting = table.plan_sitting(
        kind="bench", title="板凳会", starts_at=later(hours=2), place="3 号楼门口", matters=[matter],
        expected=list(names), by=by, now=now,
    )  # fmt: skip
    come(sitting, len(names), now)
    table.open_sitting(sitting, chair=account("xiaoli"), recorder=account("xiaoli"), by=by, now=later(hours=2))
    table.speak(sitting, matter.id, "王阿姨", "晚一小时关门就行。", by=by, now=now)
    table.put_options(sitting, matter, ["自习角延到九点"], by=by, now=now)
    return box.ask_consensus(sitting, matter, names, by=by, now=now), sitting, matter, by


def test_r9_everybody_asked_and_nobody_against_decides(hall, now):
    ballot, sitting, matter, by = bench(now)
    with pytest.raises(Refused, match="还不能定"):
        box.settle_consensus(ballot, by=by, now=now)
    box.set_stance(ballot, "王阿姨", "agree", by=by, now=now)
    box.set_stance(ballot, "孙楼长", "conditional", "九点以后关灯", by=by, now=now)
    box.set_stance(ballot, "老刘", "unreached", by=by, now=now)
    with pytest.raises(Refused) as caught:
        box.settle_consensus(ballot, by=by, now=now)
    assert caught.value.values["why"] == "还有 1 个条件没满足"
    box.set_stance(ballot, "孙楼长", "conditional", "九点以后关灯", met=True, by=by, now=now)
    box.settle_consensus(ballot, by=by, now=now)
    assert (matter.stage, ballot.passed, ballot.yes, ballot.no) == ("decided", True, 2, 0)
    table.close_sitting(sitting, "商定了", by=by, now=now)
    assert agenda_of(sitting.id)[0][0].outcome == "agreed"


def test_r9_one_no_stops_it_and_a_vote_may_follow(hall, now):
    ballot, sitting, matter, by = bench(now)
    box.set_stance(ballot, "王阿姨", "oppose", by=by, now=now)
    box.settle_consensus(ballot, by=by, now=now)
    assert (matter.stage, ballot.state, ballot.passed) == ("deliberating", "closed", False)
    follow = box.call_vote(sitting, matter, question="延到九点", mode="hands", by=by, now=now)
    assert (follow.eligible, follow.present, matter.stage) == (3, 3, "voting")


def test_r9_a_condition_has_words_and_a_name_is_on_the_list(hall, now):
    ballot, _, _, by = bench(now)
    with pytest.raises(Refused):
        box.set_stance(ballot, "王阿姨", "conditional", " ", by=by, now=now)
    with pytest.raises(Missing):
        box.set_stance(ballot, "过路人", "agree", by=by, now=now)
    assert [s.stance for s in stances_of(ballot.id)] == ["not_asked"] * 3


def test_a_quarrel_ends_in_the_words_of_an_agreement(hall, now):
    ballot, _, matter, by = bench(now, track="mediation", names=("楼上", "楼下"), triage="hard", visibility="parties")
    for name in ("楼上", "楼下"):
        box.set_stance(ballot, name, "agree", by=by, now=now)
    with pytest.raises(Refused, match="写下来"):
        box.settle_consensus(ballot, by=by, now=now)
    box.settle_consensus(ballot, agreement="楼上修好，楼下自己粉刷。", by=by, now=now)
    assert (matter.stage, ballot.legal_effect) == ("decided", "agreement")


def test_a_major_matter_is_not_settled_without_a_vote(hall, now):
    matter = topic(now, triage="major")
    sitting, moment = opened(matter, 12, now)
    talked(sitting, matter, moment)
    with pytest.raises(Refused, match="大事必须投票表决"):
        box.ask_consensus(sitting, matter, ["甲"], by=person("shuji", moment), now=moment)


def test_a_lost_matter_comes_back_with_new_facts_and_the_same_text_after_thirty_days(hall, now):
    ballot, sitting, matter, moment = called(now, 14)
    vote(ballot, moment, {"yes": 7, "no": 7})
    closed(ballot, moment)
    table.close_sitting(sitting, "没通过", by=person("shuji", moment), now=moment)
    by = person("shuji", moment)
    with pytest.raises(Refused):
        box.bring_back(matter, new_facts=" ", by=by, now=later(40))
    with pytest.raises(Refused) as early:
        box.bring_back(matter, new_facts="街道愿意出一半钱", by=by, now=later(20))
    assert (early.value.values["month"], early.value.values["day"]) == (7, 5)
    box.bring_back(matter, new_facts="街道愿意出一半钱", by=by, now=later(34))
    assert (matter.stage, matter.round) == ("topic_confirmed", 2)
    again = announced(later(34), matter, days=40)
    assert again.state == "noticed"


def test_a_new_text_may_come_at_once(hall, now):
    ballot, _, matter, moment = called(now, 14)
    closed(ballot, moment)
    box.bring_back(
        matter, new_facts="改成三组", question="院里装三组晾衣架，同意吗？", by=person("shuji", moment), now=moment
    )
    assert (matter.stage, matter.question) == ("topic_confirmed", "院里装三组晾衣架，同意吗？")


def in_a_thread(app, work, *args):
    """Run ``work`` in a connection of its own, committed; returns the thread and where its answer will be."""
    answer = {}

    def go():
        with inside(app, "nanyandao"):
            try:
                work(*args)
                db.session.commit()
                answer["ok"] = True
            except Refused as refused:
                db.session.rollback()
                answer["refused"] = refused.reason

    thread = threading.Thread(target=go)
    return thread, answer


def test_votes_that_race_the_close_are_counted_or_refused_and_never_lost(app, superuser, now):
    """Six voters and one who counts run at once, five times over: what was accepted is exactly what was counted."""
    with inside(app, "nanyandao"):
        ballot, _, _, moment = called(now)
        vote(ballot, moment, {"yes": 6})
        db.session.commit()
        key, late = (
            ballot.id,
            db.session.scalars(
                select(RollEntry.account_id).where(RollEntry.poll_id == ballot.poll_id).order_by(RollEntry.position)
            ).all()[6:],
        )

    def cast(voter):
        box.cast_vote(key, voter, "yes", 1, now=moment)

    def count():
        closed(find_ballot(key), moment)

    for _ in range(5):
        runs = [in_a_thread(app, cast, voter) for voter in late]
        runs.insert(3, in_a_thread(app, count))
        for thread, _answer in runs:
            thread.start()
        for thread, _answer in runs:
            thread.join()
        answers = [answer for _, answer in runs]
        counting = answers.pop(3)
        with inside(app, "nanyandao"):
            kept = find_ballot(key)
            stored = len(db.session.scalars(select(Vote).where(Vote.ballot_id == key)).all())
            accepted = sum("ok" in answer for answer in answers)
            assert counting == {"ok": True}
            assert all(answer in ({"ok": True}, {"refused": "投票已经结束"}) for answer in answers)
            assert kept.yes == stored == 6 + accepted
        reopen(app, superuser, key, late)


def reopen(app, superuser, key, late):
    """Back to the moment before the close, for the next round of the race."""
    with inside(app, "nanyandao"):
        ballot = find_ballot(key)
        ballot.state, ballot.passed, ballot.closed_at = "open", None, None
        ballot.yes = ballot.no = ballot.abstain = ballot.returned = 0
        poll = db.session.get(Poll, (current_community(), ballot.poll_id))
        poll.state, poll.ended_at, poll.closed_at = "open", None, None
        lines = select(RollEntry.id).where(RollEntry.poll_id == poll.id, RollEntry.account_id.in_(late))
        voters = db.session.scalars(lines).all()
        db.session.execute(update(RollEntry).where(RollEntry.id.in_(voters)).values(channel=""))
        matter = find_matter(ballot.matter_id)
        matter.stage = "voting"
        for item, _ in agenda_of(ballot.sitting_id):
            item.outcome = ""
        db.session.commit()
    # The program itself can never take a vote back, so the harness does it.
    with superuser.begin() as conn:
        conn.execute(delete(Vote.__table__).where(Vote.__table__.c.voter_id.in_(voters)))


def test_a_double_click_on_vote_counts_once(app, now):
    with inside(app, "nanyandao"):
        ballot, *_ = called(now)
        db.session.commit()
        key, me = ballot.id, account("yishi1").id
    runs = [in_a_thread(app, lambda: box.cast_vote(key, me, "yes", 1, now=later(4))) for _ in range(4)]
    for thread, _ in runs:
        thread.start()
    for thread, _ in runs:
        thread.join()
    assert [answer for _, answer in runs] == [{"ok": True}] * 4
    with inside(app, "nanyandao"):
        assert turnout_of(key) == (12, 1)


def test_counting_waits_for_a_vote_that_was_let_in(app, now):
    """The voter holds the box while writing; the count begins only after that vote is committed, and has it."""
    with inside(app, "nanyandao"):
        ballot, *_ = called(now)
        vote(ballot, later(4), {"yes": 6})
        db.session.commit()
        key = ballot.id
        last = account("yishi12").id
    voted, let_go = threading.Event(), threading.Event()

    def slow():
        box.cast_vote(key, last, "yes", 1, now=later(4))
        voted.set()
        assert let_go.wait(10)

    voter, first = in_a_thread(app, slow)
    voter.start()
    assert voted.wait(10)
    counter, second = in_a_thread(app, lambda: closed(find_ballot(key), later(4)))
    counter.start()
    time.sleep(0.3)
    assert second == {}
    let_go.set()
    voter.join()
    counter.join()
    assert (first, second) == ({"ok": True}, {"ok": True})
    with inside(app, "nanyandao"):
        kept = find_ballot(key)
        assert (kept.yes, kept.passed) == (7, True)


def test_the_neighbour_cannot_reach_a_ballot(app, now):
    with inside(app, "nanyandao"):
        ballot, sitting, *_ = called(now)
        db.session.commit()
        key, table_key = ballot.id, sitting.id
    with inside(app, "dianye"):
        assert find_ballot(key) is None
        assert find_sitting(table_key) is None
        mine = db.session.scalar(select(Account.id).where(Account.login == "yishi1"))
        with pytest.raises(Missing):
            box.cast_vote(key, mine, "yes", 1, now=later(4))
        db.session.execute(update(Ballot).where(Ballot.id == key).values(yes=99))
        assert db.session.scalars(select(Matter)).all() == []


def test_a_charter_that_asks_for_two_thirds_is_not_lowered(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    talked(sitting, matter, moment)
    community = db.session.get(Community, current_community())
    community.settings = {**community.settings, "council_rule": "council_two_thirds", "quorum": "two_thirds"}
    db.session.flush()
    forget_houses()
    by = person("shuji", moment)
    with pytest.raises(Refused, match="不能降低"):
        box.call_vote(sitting, matter, question=WORDS, rule="council_majority", by=by, now=moment)
    with pytest.raises(Refused, match="不能降低"):
        announced(moment, topic(now, title="另一件"), days=9, quorum_rule="half")
    assert box.call_vote(sitting, matter, question=WORDS, by=by, now=moment).rule == "council_two_thirds"
    forget_houses()
