"""Polls on the real database: every body, every way in, the sealed box, run-offs, and what they do to the matter."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, insert, select, text

from app.errors import NotAllowed, Refused
from app.flow.decide import papers, polls, voting
from app.flow.decide import poll_queries as queries
from app.flow.decide.choices import VOIDED
from app.flow.decide.models import Ballot, BoxPaper, Poll, RollEntry, Vote
from app.flow.decide.polls import Line, OptionPut, Question
from app.flow.decide.queries import find_ballot, result_of, tally_of
from app.flow.decide.recount import recount
from app.flow.decide.rules import Rule
from app.flow.decide.tallying import open_box
from app.flow.deliberate import actions as table
from app.flow.deliberate.queries import agenda_of, register_of
from app.flow.resolve.tally import part_of
from app.matter.actions import find_matter
from app.matter.models import TimelineEntry
from app.people.models import Account, Person
from app.people.owners import OwnedUnit, Owner
from app.people.places import Building, Estate, Household
from tenants.binding import telling
from tenants.database import db, uuid7
from tenants.scope import current_community
from tests.conftest import inside, later
from tests.rooms.people import account, person
from tests.rooms.sitting_table import opened, talked, topic
from tests.rooms.stage_setting import matter_at
from tests.rooms.test_decide import in_a_thread

STYLES = tuple(OptionPut(label) for label in ("红色", "木色", "带扶手"))
PLACES = (OptionPut("楼道口"), OptionPut("电梯厅", "每层一把", 30_000))


def people(n, now):
    """``n`` households of one resident account each; the accounts in the order of the roll."""
    building = db.session.scalar(select(Building.id))
    found = []
    for i in range(n):
        home = Household(building_id=building, unit=1, room=f"{i + 1:04d}")
        db.session.add(home)
        db.session.flush()
        one = Person(name=f"居民{i + 1}", household_id=home.id, birth_year=1970, created_at=now)
        db.session.add(one)
        db.session.flush()
        found.append(
            Account(kind="resident", login=f"r{i}", display_name=f"居民{i + 1}", person_id=one.id, created_at=now)
        )
    db.session.add_all(found)
    db.session.flush()
    return found


def put(now, questions, *, body="residents", mode="secret", n=0, matter=None, **values):
    """An opened poll on a matter before a larger body, with ``n`` residents: ``(poll, ballots, accounts)``."""
    accounts = people(n, now) if n else []
    matter = matter or matter_at("ratifying", now=now)
    by = person("zhao", now)
    words = {"who_may": "住在这里、满 18 周岁的居民", **values}
    poll = polls.draft_poll(matter, title="爱心椅", body=body, mode=mode, questions=questions, by=by, now=now, **words)
    polls.make_roll(poll, by=by, now=now)
    polls.open_poll(poll, by=by, now=now)
    return poll, queries.questions_of(poll.id), accounts


def closed(poll, now):
    """Ended, committed, counted and committed, as two clicks do it."""
    if poll.state == "open":
        polls.end_voting(poll, by=person("zhao", now), now=now)
        db.session.commit()
    polls.close_poll(poll, teller=account("xiaoli"), scrutineer=account("sun"), by=person("zhao", now), now=now)
    db.session.commit()
    return poll


def cast(poll, who, *choices, seq=1, now):
    ballots = queries.questions_of(poll.id)
    return voting.cast_poll(poll.id, who, dict(zip((b.id for b in ballots), choices, strict=True)), seq, now=now)


def test_a_sealed_box_is_read_by_nobody_and_knows_nobody(hall, now, superuser):
    poll, ballots, who = put(
        now, [Question("哪种样式", Rule.MULTI_OPTION, STYLES), Question("放在哪里", Rule.MULTI_OPTION, PLACES)], n=12
    )
    lines = len(list(db.session.scalars(select(TimelineEntry.id))))
    receipts = [cast(poll, one, "a" if i < 5 else "b", "b", now=now) for i, one in enumerate(who[:9])]
    db.session.commit()
    code = receipts[0].code
    assert (receipts[0].at, len({one.code for one in receipts}), queries.poll_of_receipt(code).id) == (None, 9, poll.id)
    assert len(code) >= 8
    assert not set(code) & set("0O1IL")
    assert db.session.scalar(select(func.count()).select_from(BoxPaper)) == 0, "a sealed box shows nothing to the hall"
    assert len(list(db.session.scalars(select(TimelineEntry.id)))) == lines, "a secret vote leaves no line"
    with superuser.connect() as conn:
        rows = conn.execute(text("select * from box_paper")).mappings().all()
        roll = conn.execute(text("select * from ballot_roll where channel <> ''")).mappings().all()
    assert len(rows) == 18
    assert set(rows[0]) == {
        "community_id", "id", "street_id", "poll_id", "ballot_id", "choice", "channel", "opened"
    }  # fmt: skip
    assert all(row["id"].version == 4 for row in rows)
    assert not any("_at" in column or column == "at" for column in roll[0])
    assert not {str(row["id"]) for row in roll} & {str(value) for row in rows for value in row.values()}
    with pytest.raises(Refused, match="不能改"):
        cast(poll, who[0], "b", "a", now=now)
    db.session.rollback()
    polls.end_voting(poll, by=person("zhao", now), now=now)
    with pytest.raises(Refused, match="先结束投票"):
        polls.close_poll(poll, teller=account("xiaoli"), scrutineer=account("sun"), by=person("zhao", now), now=now)
    db.session.commit()
    with pytest.raises(Refused, match="投票已经结束"):
        cast(poll, who[10], "a", "a", now=now)
    db.session.rollback()
    # A crash between the two transactions leaves an opened box; closing again shuffles it once more and counts once.
    open_box(poll.id)
    first = set(db.session.scalars(select(BoxPaper.id)))
    db.session.rollback()
    closed(poll, now)
    again = set(db.session.scalars(select(BoxPaper.id)))
    assert len(again) == 18
    assert not again & (first | {row["id"] for row in rows})
    style, place = ballots
    assert (style.counts, place.counts) == ({"online": {"a": 5, "b": 4}}, {"online": {"b": 9}})
    assert (style.winner, style.outcome, style.present, style.eligible) == ("a", "passed", 9, 12)
    with telling(uuid7()) as conn:
        assert conn.execute(select(func.count()).select_from(BoxPaper.__table__)).scalar() == 0


def test_a_tie_goes_to_a_run_off_of_the_tied_and_the_matter_waits(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    talked(sitting, matter, moment)
    questions = [Question("哪种样式", Rule.MULTI_OPTION, STYLES), Question("叫什么", Rule.MULTI_OPTION, PLACES)]
    who = people(7, moment)
    by = person("shuji", moment)
    poll = polls.draft_poll(
        matter, title="三项票决", body="households", mode="secret", questions=questions, who_may="每户一票",
        lot_announced=True, by=by, now=moment,
    )  # fmt: skip
    with pytest.raises(Refused, match="名单还是空的"):
        polls.open_poll(poll, by=by, now=moment)
    assert polls.make_roll(poll, by=by, now=moment) == 8, "the household of the cast besides the seven"
    polls.open_poll(poll, by=by, now=moment)
    assert (matter.stage, agenda_of(sitting.id)[0][0].outcome) == ("voting", "polled")
    for i, one in enumerate(who[:6]):
        cast(poll, one, "a", "ab"[i % 2], now=moment)
    closed(poll, moment)
    first, tied = queries.questions_of(poll.id)
    assert (first.outcome, tied.outcome, tied.run_off, matter.stage) == ("passed", "run_off", ["a", "b"], "voting")
    again = polls.open_run_off(poll, by=by, now=moment)
    with pytest.raises(Refused):
        polls.open_run_off(poll, by=by, now=moment)
    assert [b.question for b in queries.questions_of(again.id)] == ["叫什么"]
    for i, one in enumerate(who[:6]):
        cast(again, one, "ab"[i % 2], now=moment)
    db.session.commit()
    closed(again, moment)
    (last,) = queries.questions_of(again.id)
    assert (last.outcome, last.passed, matter.stage) == ("tie", False, "voting")
    assert recount(last.rule, queries.box_json(last))["outcome"] == "tie"
    polls.draw_lot(last, "b", second=account("zhao"), by=by, now=moment)
    assert (matter.stage, result_of(last).winner, agenda_of(sitting.id)[0][0].outcome) == ("decided", "b", "passed")


@pytest.mark.parametrize(
    ("choices", "stage", "outcome"),
    [("yyyyyyynnna", "decided", "passed"), ("yyyyynnnnnaa", "not_passed", "tie"), ("yyy", "not_passed", "failed")],
)
def test_a_council_poll_at_the_table(hall, now, choices, stage, outcome):
    matter = topic(now)
    sitting, moment = opened(matter, 13, now)
    talked(sitting, matter, moment)
    by = person("shuji", moment)
    table.recuse(sitting, register_of(sitting.id)[12].id, matter, by=by, now=moment)
    poll = polls.draft_poll(
        matter, title="装晾衣架", body="council", mode="named", hands=True, sitting=sitting,
        questions=[Question("装五组，同意吗？", Rule.COUNCIL_MAJORITY)], by=by, now=moment,
    )  # fmt: skip
    polls.open_poll(poll, by=by, now=moment)
    (ballot,) = queries.questions_of(poll.id)
    assert (ballot.eligible, ballot.present, queries.progress(poll).on_roll) == (16, 12, 12)
    words = {"y": "yes", "n": "no", "a": "abstain"}
    for i, choice in enumerate(choices):
        cast(poll, account(f"yishi{i + 1}"), words[choice], now=moment)
    with pytest.raises(Refused, match="回避"):
        cast(poll, account("yishi13"), "yes", now=moment)
    polls.end_voting(poll, by=by, now=moment)
    two = {"teller": account("yishi1"), "scrutineer": account("yishi2"), "by": by, "now": moment}
    with pytest.raises(Refused, match="对不上"):
        papers.count_hands_of(ballot, {"yes": 1}, 13 - len(choices), **two)
    papers.count_hands_of(ballot, {}, 12 - len(choices), **two)
    polls.close_poll(poll, **two)
    assert (matter.stage, ballot.outcome, ballot.present) == (stage, outcome, 12)
    assert recount(ballot.rule, queries.box_json(ballot))["outcome"] == outcome


def owners(now, areas):
    """Owners of a new estate with one unit each: ``{name: area}``; returns the estate's id."""
    estate = Estate(name="阳光新城")
    db.session.add(estate)
    db.session.flush()
    for name, area in areas.items():
        owner = Owner(estate_id=estate.id, name=name, created_at=now)
        db.session.add(owner)
        db.session.flush()
        db.session.add(
            OwnedUnit(
                estate_id=estate.id, owner_id=owner.id, label=name, area_dm2=area, since=now.date(), created_at=now
            )
        )
    db.session.flush()
    return estate.id


def test_owners_sign_on_paper_read_twice_by_heads_and_by_area(hall, now):
    estate = owners(now, {f"业主{n}": 10_000 for n in range(1, 6)} | {"大业主": 40_000})
    ask = [Question("换 2 部电梯，同意吗？", Rule.OWNERS_ORDINARY)]
    base = {"body": "owners", "mode": "named", "estate_id": estate, "questions": ask, "title": "换电梯"}
    matter, by, other = matter_at("ratifying", now=now), person("zhao", now), person("xiaoli", now)
    with pytest.raises(Refused, match="纸票上签字"):
        polls.draft_poll(matter, **base, online=True, paper=True, by=by, now=now)
    with pytest.raises(Refused, match="记名签字"):
        polls.draft_poll(matter, **base | {"mode": "secret"}, online=False, paper=True, by=by, now=now)
    poll = polls.draft_poll(
        matter, **base, online=False, paper=True, who_may="本小区业主，一户一票，按面积计", by=by, now=now
    )
    polls.make_roll(poll, by=by, now=now)
    printed = papers.print_stubs(poll, 7, by=by, now=now)
    polls.open_poll(poll, by=by, now=now)
    assert (poll.eligible, poll.eligible_area_dm2, matter.stage) == (6, 90_000, "ratifying")
    rows, _ = queries.roll_page(poll.id, 20)
    lines = {row.name: row.id for row in rows}
    proxy = {"name": "老王", "scope": "换电梯这一件", "until": later(9), "seen_by": "小李", "by": by, "now": now}
    papers.give_proxy(poll, lines["业主1"], **proxy)
    with pytest.raises(Refused, match="写明"):
        papers.give_proxy(poll, lines["业主1"], **proxy | {"seen_by": ""})
    assert papers.find_stub(poll, printed[0].code.lower()).serial == 1
    for serial, name in enumerate(["业主1", "业主2", "业主3", "业主4", "大业主"], start=1):
        papers.issue_stub(poll, serial, lines[name], by=by, now=now)
    with pytest.raises(Refused, match="已经有一张票"):
        papers.issue_stub(poll, 6, lines["业主1"], by=by, now=now)
    with pytest.raises(Refused, match="另一位"):
        papers.void_stub(poll, 1, "写坏了", second=account("zhao"), by=by, now=now)
    papers.void_stub(poll, 1, "写坏了", second=account("xiaoli"), by=by, now=now)
    papers.issue_stub(poll, 6, lines["业主1"], by=by, now=now)
    (ballot,) = queries.questions_of(poll.id)
    with pytest.raises(Refused, match="先结束网上投票"):
        papers.enter_sheet(poll, {ballot.id: "yes"}, serial=6, by=by, now=now)
    for serial in (6, 2, 3, 5):
        papers.return_stub(poll, serial, by=by, now=now)
    polls.end_voting(poll, by=by, now=now)
    said = {6: "yes", 2: "yes", 3: "yes", 5: "no"}
    with pytest.raises(Refused, match="作废"):
        papers.enter_sheet(poll, {ballot.id: "yes"}, serial=1, by=by, now=now)
    sheets = {s: papers.enter_sheet(poll, {ballot.id: c}, serial=s, by=by, now=now) for s, c in said.items()}
    two = {"teller": account("xiaoli"), "scrutineer": account("sun"), "by": by, "now": now}
    with pytest.raises(Refused, match="没核对好"):
        polls.close_poll(poll, **two)
    with pytest.raises(Refused, match="换一位"):
        papers.check_sheet(sheets[2], {ballot.id: "yes"}, by=by, now=now)
    assert papers.check_sheet(sheets[2], {ballot.id: "no"}, by=other, now=now).state == "differs"
    assert papers.check_sheet(sheets[2], {ballot.id: "yes"}, by=other, now=now).state == "checked"
    for serial in (6, 3, 5):
        papers.check_sheet(sheets[serial], {ballot.id: said[serial]}, by=other, now=now)
    papers.replace_vote(poll, lines["业主3"], "不是本人签的", second=account("xiaoli"), by=by, now=now)
    assert db.session.scalars(select(Vote.choice).where(Vote.choice == VOIDED)).all() == [VOIDED]
    papers_left = queries.progress(poll)
    assert (papers_left.issued, papers_left.returned, papers_left.out) == (4, 3, 1)
    db.session.commit()
    polls.close_poll(poll, **two)
    assert (ballot.present, ballot.yes, ballot.no, ballot.yes_area_dm2) == (3, 2, 1, 20_000)
    assert (ballot.issued, ballot.returned, ballot.outcome) == (4, 3, "no_quorum")
    box = queries.box_json(ballot)
    assert box["ballots"] == [
        {"choice": "no", "heads": 1, "area_dm2": 40_000},
        {"choice": "yes", "heads": 2, "area_dm2": 20_000},
    ]
    assert recount(ballot.rule, box)["outcome"] == "no_quorum"
    assert tally_of(ballot)["present_area_dm2"] == 60_000


def test_one_line_one_ballot_whichever_way_it_comes(hall, now):
    poll, (ballot,), who = put(
        now, [Question("装门禁，同意吗？", Rule.RESIDENTS_MEETING)], mode="named", n=6, paper=True, hands=True
    )
    by, other = person("zhao", now), person("xiaoli", now)
    lines = [queries.my_line(poll, one) for one in who]
    assert [line.name for line in lines][:2] == ["居民1", "居民2"]
    papers.print_stubs(poll, 3, by=by, now=now)
    papers.issue_stub(poll, 1, lines[0].id, by=by, now=now)
    assert cast(poll, who[0], "yes", now=now).seq == 1
    with pytest.raises(Refused, match="先投的那张算数"):
        papers.return_stub(poll, 1, by=by, now=now)
    papers.issue_stub(poll, 2, lines[1].id, by=by, now=now)
    papers.return_stub(poll, 2, by=by, now=now)
    for act in (
        lambda: cast(poll, who[1], "yes", now=now),
        lambda: voting.cast_vote(ballot.id, who[1], "no", 1, now=now),
    ):
        with pytest.raises(Refused, match="别的方式"):
            act()
    assert cast(poll, who[0], "no", seq=2, now=now).seq == 2
    assert cast(poll, who[0], "no", seq=2, now=later(1)).at == now
    with pytest.raises(Refused, match="另一个页面"):
        cast(poll, who[0], "yes", seq=2, now=now)
    papers.replace_vote(poll, lines[0].id, "投错了账号", second=account("xiaoli"), by=by, now=now)
    assert queries.my_choices(poll, lines[0]) == {}
    with pytest.raises(Refused):
        papers.replace_vote(poll, lines[0].id, "再来", second=account("xiaoli"), by=by, now=now)
    voting.cast_vote(ballot.id, who[0], "yes", queries.last_seq(poll, lines[0]) + 1, now=now)
    papers.void_stub(poll, 1, "网上投过了", second=account("xiaoli"), by=by, now=now)
    with pytest.raises(NotAllowed):
        polls.end_voting(poll, by=person("yishi1", now), now=now)
    polls.end_voting(poll, by=by, now=now)
    two = {"teller": account("xiaoli"), "scrutineer": account("sun"), "by": by, "now": now}
    for present, raised in ((5, 4), (4, 5)):
        with pytest.raises(Refused, match="对不上"):
            papers.count_hands_of(ballot, {"yes": raised}, present, **two)
    papers.count_hands_of(ballot, {"yes": 2}, 3, **two)
    with pytest.raises(Refused, match="收回纸票"):
        polls.close_poll(poll, **two)
    sheet = papers.enter_sheet(poll, {ballot.id: "spoiled"}, serial=2, by=by, now=now)
    papers.check_sheet(sheet, {ballot.id: "spoiled"}, by=other, now=now)
    polls.close_poll(poll, **two)
    assert ballot.counts == {"online": {"yes": 1}, "paper": {"spoiled": 1}, "hands": {"yes": 2}}
    assert (ballot.present, ballot.yes, ballot.spoiled, ballot.issued, ballot.returned) == (5, 3, 1, 5, 4)
    assert [row[1] for row in queries.tally_by_channel(ballot)] == [None] * 3
    assert "channel" not in queries.box_json(ballot)["ballots"][0]
    # The roll takes in nobody else: N is the six and the two of the cast without an account stay out.
    assert (ballot.eligible, ballot.outcome, ballot.legal_effect) == (6, "passed", "residents_decision")
    assert recount(ballot.rule, queries.box_json(ballot))["outcome"] == "passed"
    with pytest.raises(Refused):
        papers.give_proxy(poll, lines[2].id, name="a", scope="b", until=None, seen_by="c", by=by, now=now)


def test_secret_paper_falls_into_the_box_and_small_groups_are_laid_together(hall, now):
    poll, (ballot,), who = put(
        now, [Question("选谁当楼长", Rule.MULTI_OPTION, STYLES)], n=10, paper=True, subject="persons"
    )
    by, other = person("zhao", now), person("xiaoli", now)
    for one in who[:6]:
        cast(poll, one, "a", now=now)
    papers.print_stubs(poll, 2, by=by, now=now)
    line = queries.my_line(poll, who[7])
    papers.issue_stub(poll, 1, line.id, by=by, now=now)
    assert papers.return_stub(poll, 1, by=by, now=now).returned_at is None
    with pytest.raises(Refused, match="分不出"):
        papers.replace_vote(poll, line.id, "换一张", second=account("xiaoli"), by=by, now=now)
    polls.end_voting(poll, by=by, now=now)
    sheet = papers.enter_sheet(poll, {ballot.id: "b"}, by=by, now=now)
    with pytest.raises(Refused, match="都录过了"):
        papers.enter_sheet(poll, {ballot.id: "b"}, by=by, now=now)
    papers.check_sheet(sheet, {ballot.id: "b"}, by=other, now=now)
    db.session.commit()
    closed(poll, now)
    assert (ballot.counts, ballot.outcome) == ({"": {"a": 6, "b": 1}}, "passed")
    assert queries.tally_by_channel(ballot) == [("online", None, 6), ("paper", None, 1)]
    assert set(db.session.scalars(select(BoxPaper.channel))) == {""}
    assert part_of(ballot, poll)["channels"] == {}, "a resolution names no way that nobody may know"
    assert recount(ballot.rule, queries.box_json(ballot))["outcome"] == "passed"


def test_of_fewer_than_five_secret_ballots_not_even_the_total_is_shown(hall, now):
    question = [Question("选谁当楼长", Rule.MULTI_OPTION, STYLES)]
    poll, _ballots, who = put(now, question, n=7, subject="persons")
    matter, by = find_matter(poll.matter_id), person("zhao", now)
    for one in who[:4]:
        cast(poll, one, "a", now=now)
    with pytest.raises(Refused, match="不开箱"):
        closed(poll, now)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(BoxPaper)) == 0, "the box was not opened"
    polls.void_poll(poll, "来的票太少", by=by, now=now)
    few = polls.draft_poll(
        matter, title="再选", body="invited", mode="secret", questions=question, who_may="几位", by=by, now=now
    )
    polls.make_roll(few, [Line(f"客人{i}") for i in range(4)], by=by, now=now)
    with pytest.raises(Refused, match="不到 5 人"):
        polls.open_poll(few, by=by, now=now)


def test_nobody_stands_twice_nor_counts_twice(hall, now):
    """As an account and as the person behind it; by a hand and by a paper that comes later; by a yes to "which"."""
    poll, (ballot,), who = put(
        now, [Question("哪种样式", Rule.MULTI_OPTION, STYLES)], mode="named", n=6, paper=True, hands=True
    )
    by = person("zhao", now)
    again = polls.draft_poll(
        find_matter(poll.matter_id), title="请人", body="invited", mode="named", who_may="几位", by=by, now=now,
        questions=[Question("哪种样式", Rule.MULTI_OPTION, STYLES)],
    )  # fmt: skip
    me, other = Line("我", account_id=who[0].id), Line("我", person_id=who[0].person_id)
    with pytest.raises(Refused, match="写了两遍"):
        polls.make_roll(again, [me, other], by=by, now=now)
    assert polls.make_roll(again, [me, Line("她", person_id=who[1].person_id)], by=by, now=now) == 2
    with pytest.raises(Refused, match="选一个"):
        voting.cast_vote(ballot.id, who[0], "yes", 1, now=now)
    assert voting.cast_vote(ballot.id, who[0], "abstain", 1, now=now).choice == "abstain"
    papers.print_stubs(poll, 1, by=by, now=now)
    papers.issue_stub(poll, 1, queries.my_line(poll, who[1]).id, by=by, now=now)
    polls.end_voting(poll, by=by, now=now)
    two = {"teller": account("xiaoli"), "scrutineer": account("sun"), "by": by, "now": now}
    papers.count_hands_of(ballot, {"a": 3}, 3, **two)
    papers.return_stub(poll, 1, by=by, now=later(1))
    sheet = papers.enter_sheet(poll, {ballot.id: "b"}, serial=1, by=by, now=later(1))
    papers.check_sheet(sheet, {ballot.id: "b"}, by=person("xiaoli", now), now=later(1))
    with pytest.raises(Refused, match="又收回了纸票"):
        polls.close_poll(poll, **two)
    papers.count_hands_of(ballot, {"a": 2}, 2, **two | {"now": later(2)})
    polls.close_poll(poll, **two)
    assert ballot.counts == {"online": {"abstain": 1}, "paper": {"b": 1}, "hands": {"a": 2}}


def test_what_is_only_asked_decides_nothing_and_moves_nothing(hall, now):
    matter = matter_at("surveying", now=now)
    ask = [Question("想不想要充电棚", Rule.SOLICITATION)]
    with pytest.raises(Refused, match="还没到表决"):
        put(now, [Question("装吗", Rule.HOUSEHOLD_BALLOT)], body="households", mode="named", matter=matter)
    db.session.rollback()
    matter = matter_at("surveying", now=now)
    poll, (ballot,), who = put(now, ask, body="households", mode="named", n=3, matter=matter, changeable=False)
    cast(poll, who[0], "yes", now=now)
    with pytest.raises(Refused, match="不能改"):
        cast(poll, who[0], "no", seq=2, now=now)
    with pytest.raises(Refused, match="名单上没有"):
        cast(poll, account("yishi1"), "no", now=now)
    assert [(one["waits"], one["line"].channel) for one in queries.polls_for(who[0])] == [(False, "online")]
    assert [one["waits"] for one in queries.polls_for(who[1])] == [True]
    closed(poll, now)
    assert (ballot.outcome, ballot.passed, ballot.legal_effect, matter.stage) == (
        "failed", False, "consultation_only", "surveying",
    )  # fmt: skip


def test_a_draft_is_changed_and_a_running_poll_is_voided(hall, now):
    matter, by = matter_at("ratifying", now=now), person("zhao", now)
    base = {"title": "三件事", "body": "residents", "mode": "named", "who_may": "居民"}
    asked = [Question(words, Rule.RESIDENTS_MEETING) for words in ("一", "二", "三")]
    key = uuid7()
    poll = polls.draft_poll(matter, **base, questions=asked, by=by, now=now, id=key)
    assert polls.draft_poll(matter, **base, questions=asked, by=by, now=now, id=key) is poll
    people(2, now)
    polls.make_roll(poll, by=by, now=now)
    polls.change_poll(poll, **base, questions=asked[:1], by=by, now=now)
    assert [b.question for b in queries.questions_of(poll.id)] == ["一"]
    for wrong in (
        base | {"body": "council"}, base | {"body": "reps"}, base | {"mode": "secret", "hands": True},
        base | {"title": ""}, base | {"subject": "persons"}, base | {"online": False},
    ):  # fmt: skip
        with pytest.raises(Refused):
            polls.change_poll(poll, **wrong, questions=asked, by=by, now=now)
    db.session.rollback()


def test_reps_at_their_table_need_two_thirds_and_four_fifths(hall, now):
    matter, by = matter_at("ratifying", now=now), person("zhao", now)
    poll = polls.draft_poll(
        matter, title="公约", body="reps", mode="named", questions=[Question("改公约", Rule.REPS_MEETING)],
        who_may="居民代表和居委会成员", online=False, hands=True, by=by, now=now,
    )  # fmt: skip
    polls.make_roll(poll, [Line(f"代表{n}", is_rep=n < 43) for n in range(50)], by=by, now=now)
    polls.open_poll(poll, by=by, now=now)
    (ballot,) = queries.questions_of(poll.id)
    assert (poll.eligible, poll.reps, ballot.quorum) == (50, 43, "two_thirds")
    polls.end_voting(poll, by=by, now=now)
    two = {"teller": account("xiaoli"), "scrutineer": account("sun"), "by": by, "now": now}
    papers.count_hands_of(ballot, {"yes": 25, "no": 7, "abstain": 3}, 36, **two)
    polls.close_poll(poll, **two)
    assert (ballot.present, ballot.yes, ballot.outcome, ballot.legal_effect) == (36, 25, "passed", "residents_decision")
    assert recount(ballot.rule, queries.box_json(ballot))["passed"]


def test_a_sheet_is_cast_in_few_statements_whatever_the_roll(hall, now, count_queries):
    poll, _, who = put(now, [Question("一", Rule.MULTI_OPTION, STYLES), Question("二", Rule.MULTI_OPTION, PLACES)], n=5)
    extra = [{"community_id": current_community(), "street_id": hall.street_id, "id": uuid7(), "poll_id": poll.id,
              "name": f"居民{n}"} for n in range(300)]  # fmt: skip
    db.session.execute(insert(RollEntry), extra)
    db.session.commit()
    one, two = (ballot.id for ballot in queries.questions_of(poll.id))
    with count_queries() as seen:
        voting.cast_poll(poll.id, who[0].id, {one: "a", two: "abstain"}, 1, now=now)
    assert len(seen) <= 4, seen


def test_the_neighbour_finds_no_poll(app, now):
    with inside(app, "nanyandao"):
        poll, (ballot,), who = put(now, [Question("一", Rule.MULTI_OPTION, STYLES)], n=5)
        key, question, voter = poll.id, ballot.id, who[0].id
        db.session.commit()
    with inside(app, "dianye"):
        assert (queries.find_poll(key), find_ballot(question), queries.questions_of(key)) == (None, None, [])
        with pytest.raises(Exception, match="没有"):
            voting.cast_poll(key, voter, {question: "a"}, 1, now=now)
        assert db.session.scalar(select(func.count()).select_from(Poll)) == 0
        assert db.session.scalar(select(func.count()).select_from(Ballot)) == 0


def test_a_home_votes_once_whoever_of_it_is_first(app, now):
    """Two adults on two phones and their paper at the desk, at the same second: one is taken, and it counts once."""
    with inside(app, "nanyandao"):
        who = people(6, now)
        home = db.session.scalar(select(Person.household_id).where(Person.id == who[0].person_id))
        wife = Person(name="家里人", household_id=home, birth_year=1971, created_at=now)
        db.session.add(wife)
        db.session.flush()
        hers = Account(kind="resident", login="wife", display_name="家里人", person_id=wife.id, created_at=now)
        db.session.add(hers)
        poll, (ballot,), _ = put(now, [Question("哪种样式", Rule.MULTI_OPTION, STYLES)], body="households", paper=True)
        by = person("zhao", now)
        papers.print_stubs(poll, 1, by=by, now=now)
        papers.issue_stub(poll, 1, queries.my_line(poll, hers).id, by=by, now=now)
        key, question, two = poll.id, ballot.id, (who[0].id, hers.id)
        db.session.commit()
    start = threading.Barrier(3)

    def online(voter):
        start.wait(10)
        voting.cast_poll(key, voter, {question: "a"}, 1, now=now)

    def at_the_desk():
        start.wait(10)
        papers.return_stub(queries.find_poll(key), 1, by=by, now=now)

    runs = [in_a_thread(app, online, voter) for voter in two] + [in_a_thread(app, at_the_desk)]
    for thread, _answer in runs:
        thread.start()
    for thread, _answer in runs:
        thread.join()
    assert sorted("ok" in answer for _thread, answer in runs) == [False, False, True]
    with inside(app, "nanyandao"), telling(key) as conn:
        laid = conn.execute(select(func.count()).select_from(BoxPaper.__table__)).scalar()
        assert laid == sum("ok" in answer for _thread, answer in runs[:2])


def test_the_roll_runs_door_by_door(hall, now):
    three = db.session.scalar(select(Building))
    later_estate = Estate(name="杨树里")
    db.session.add(later_estate)
    db.session.flush()
    for estate, name, sort in (
        (later_estate.id, "1 号楼", 1),
        (three.estate_id, "10 号楼", 10),
        (three.estate_id, "2 号楼", 2),
    ):
        building = Building(name=name, sort=sort, estate_id=estate, grid_id=three.grid_id, units=1)
        db.session.add(building)
        db.session.flush()
        db.session.add_all(Household(building_id=building.id, unit=1, room=room) for room in ("1001", "901"))
    db.session.flush()
    poll, _asked, _people = put(now, [Question("装灯吗？", Rule.HOUSEHOLD_BALLOT)], body="households")
    names = [row.name.split(" ", 1) for row in queries.roll_page(poll.id, 50, 0)[0]]
    assert [place for estate, place in names if estate == "曹家巷小区"] == [
        "2 号楼 1 单元 901", "2 号楼 1 单元 1001", "3 号楼 3 单元 301", "10 号楼 1 单元 901", "10 号楼 1 单元 1001",
    ]  # fmt: skip
    assert [estate for estate, _place in names] == sorted(estate for estate, _place in names)
