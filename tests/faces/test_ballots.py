"""The ballot on a phone and at the desk: eligibility, one vote, the receipt, the result, and what stays secret."""

from __future__ import annotations

import json
import re
import threading

import pytest
from sqlalchemy import select

from app import clock
from app.flow.decide import actions as box
from app.flow.decide.models import Ballot, RollEntry, Stance, Vote
from app.flow.decide.recount import recount
from app.flow.deliberate import actions as table
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.queries import register_of
from app.matter.models import Matter
from tenants.database import db
from tests.conftest import inside
from tests.rooms.people import account, person
from tests.rooms.sitting_table import come, talked, topic


@pytest.fixture
def today(app):
    """The program's own clock: pages read it, so their tests must."""
    with app.app_context():
        return clock.now()


def open_table(today, came=12, **values):
    """A sitting that is open on one matter, with minutes and options; inside the hall, not committed."""
    matter = topic(today, **values)
    by = person("shuji", today)
    sitting = table.plan_sitting(
        kind="council", title="例会", starts_at=today.replace(year=today.year + 1), place="议事屋", matters=[matter],
        by=by, now=today,
    )  # fmt: skip
    table.give_notice(sitting, by=by, now=today)
    sitting.noticed_at, sitting.starts_at = today.replace(year=today.year - 1), today
    come(sitting, came, today)
    table.open_sitting(sitting, chair=account("shuji"), recorder=account("zhao"), by=by, now=today)
    talked(sitting, matter, today)
    return sitting, matter


def called(app, today, came=12, mode="named", **values):
    """The id of a ballot that is open, committed."""
    with inside(app, "nanyandao"):
        sitting, matter = open_table(today, came, **values)
        ballot = box.call_vote(
            sitting, matter, question="装五组公用晾衣架", mode=mode, by=person("shuji", today), now=today
        )
        db.session.commit()
        return ballot.id


def counters(app):
    with inside(app, "nanyandao"):
        return {"teller": str(account("yishi1").id), "scrutineer": str(account("yishi2").id)}


def text(answer, status=200):
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body[-3000:]
    return body


def seq_of(page):
    return re.search(r'name="seq"[^>]*value="(\d+)"', page)[1]


def votes_of(app, ballot_id):
    with inside(app, "nanyandao"):
        return sorted(db.session.scalars(select(Vote.choice).where(Vote.ballot_id == ballot_id)))


def test_a_member_lands_on_what_waits_for_the_vote_and_casts_it(app, browse, today):
    ballot_id = called(app, today)
    me = browse("nanyandao", "yishi1")
    assert me.get("/sign-in").location == "/council"
    assert f"/ballots/{ballot_id}" in text(me.get("/council"))
    page = text(me.get(f"/ballots/{ballot_id}"))
    assert "您可以投" in page
    assert "到会的人过半同意才通过，就是 7 票" in page
    assert not re.search(r'type="radio"[^>]*checked|checked[^>]*type="radio"', page)
    answer = me.post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": seq_of(page)})
    assert (answer.status_code, answer.location) == (303, f"/ballots/{ballot_id}/receipt")
    receipt = text(me.get(answer.location))
    assert "投好了" in receipt
    assert "同意" in receipt
    page = text(me.get(f"/ballots/{ballot_id}"))
    assert "您已经投了「同意」" in page
    assert me.post(f"/ballots/{ballot_id}", {"choice": "no", "seq": seq_of(page)}).status_code == 303
    assert votes_of(app, ballot_id) == ["no"]


def test_a_double_click_counts_once_and_a_stale_tab_says_so(app, browse, today):
    ballot_id = called(app, today)
    me = browse("nanyandao", "yishi1")
    form = {"choice": "yes", "seq": "1"}
    assert [me.post(f"/ballots/{ballot_id}", form).status_code for _ in range(3)] == [303, 303, 303]
    assert "另一个页面" in text(me.post(f"/ballots/{ballot_id}", {"choice": "no", "seq": "1"}), 409)
    assert votes_of(app, ballot_id) == ["yes"]


@pytest.mark.parametrize("form", [{}, {"choice": "maybe", "seq": "1"}, {"choice": "", "seq": "1"}])
def test_without_a_choice_the_ballot_comes_back(app, browse, today, form):
    ballot_id = called(app, today)
    page = text(browse("nanyandao", "yishi1").post(f"/ballots/{ballot_id}", form), 422)
    assert "选一个" in page
    assert votes_of(app, ballot_id) == []


@pytest.mark.parametrize("seq", ["0", "-1", "x", "9" * 40, ""])
def test_a_sequence_that_cannot_be_is_refused(app, browse, today, seq):
    ballot_id = called(app, today)
    text(browse("nanyandao", "yishi1").post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": seq}), 409)
    assert votes_of(app, ballot_id) == []


def test_a_vote_takes_at_most_six_statements(app, browse, today, count_queries):
    ballot_id = called(app, today)
    me = browse("nanyandao", "yishi1")
    me.get("/council")
    with count_queries() as seen:
        assert me.post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": "1"}).status_code == 303
    assert len(seen) <= 6, seen
    with count_queries() as seen:
        text(me.get("/council"))
    assert len(seen) <= 6, seen


def test_who_did_not_come_is_told_so_kindly(app, browse, today):
    ballot_id = called(app, today)
    late = browse("nanyandao", "yishi17")
    page = text(late.get(f"/ballots/{ballot_id}"))
    assert "这次您不能投" in page
    assert 'name="choice"' not in page
    assert "名单上没有您" in text(late.post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": "1"}), 409)


def test_the_desk_sees_who_voted_and_never_what(app, browse, today):
    ballot_id = called(app, today)
    browse("nanyandao", "yishi1").post(f"/ballots/{ballot_id}", {"choice": "no", "seq": "1"})
    page = text(browse("nanyandao", "shuji").get(f"/desk/ballots/{ballot_id}"))
    assert re.search(r'<b class="num">1</b> 人，共 12 人', page)
    assert page.count("不同意") == 1  # only in the sentence of the rule
    assert "/desk/ballots/" in text(browse("nanyandao", "shuji").get("/desk/ballots"))


def test_closing_publishes_the_numbers_with_their_reasons_and_no_name(app, browse, today):
    ballot_id = called(app, today)
    with inside(app, "nanyandao"):
        for voter in db.session.scalars(select(RollEntry.account_id).limit(7)).all():
            box.cast_vote(ballot_id, voter, "yes", 1, now=today)
        db.session.commit()
    desk, two = browse("nanyandao", "shuji"), counters(app)
    assert browse("nanyandao").get(f"/ballots/{ballot_id}/result").status_code == 404
    one = two | {"scrutineer": two["teller"]}
    assert "两个人" in text(desk.post(f"/desk/ballots/{ballot_id}/closing", one), 422)
    text(desk.post(f"/desk/ballots/{ballot_id}/closing", {"teller": "x"}), 422)
    assert desk.post(f"/desk/ballots/{ballot_id}/closing", two).status_code == 303
    page = text(browse("nanyandao").get(f"/ballots/{ballot_id}/result"))
    assert "应到 17 人，超过一半要 9 人，到会 12 人" in page
    assert "到会 12 人，过半要 7 人，赞成 7 人" in page
    assert "没表态" in page
    assert "议事员" not in page
    assert f"/ballots/{ballot_id}/result" in text(browse("nanyandao").get("/ballots"))
    papers = text(browse("nanyandao").get(f"/ballots/{ballot_id}/box.json"))
    assert recount("council_majority", json.loads(papers))["passed"] is True
    assert "议事员" not in papers
    late = browse("nanyandao", "yishi12")
    assert "投票已经结束" in text(late.post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": "1"}), 409)
    assert late.get(f"/ballots/{ballot_id}").location == f"/ballots/{ballot_id}/result"
    text(desk.post(f"/desk/ballots/{ballot_id}/closing", two), 422)


def test_hands_are_written_down_checked_and_declared(app, browse, today):
    ballot_id = called(app, today, mode="hands")
    desk, two = browse("nanyandao", "shuji"), counters(app)
    figures = {"yes": "6", "no": "5", "abstain": "1"}
    text(desk.post(f"/desk/ballots/{ballot_id}/hands", two | {"yes": "-1", "no": "x"}), 422)
    page = text(desk.post(f"/desk/ballots/{ballot_id}/hands", two | figures | {"yes": "8"}), 422)
    assert "对不上" in page
    assert 'value="8"' in page
    assert desk.post(f"/desk/ballots/{ballot_id}/hands", two | figures).status_code == 303
    assert "同意 6，不同意 5，弃权 1" in text(desk.get(f"/desk/ballots/{ballot_id}"))
    assert desk.post(f"/desk/ballots/{ballot_id}/closing", two).status_code == 303
    assert "没有通过" in text(browse("nanyandao").get(f"/ballots/{ballot_id}/result"))


def test_a_vote_is_called_from_the_table(app, browse, today):
    with inside(app, "nanyandao"):
        sitting, matter = open_table(today)
        db.session.commit()
        sitting_id, matter_id = sitting.id, matter.id
    desk = browse("nanyandao", "shuji")
    url = f"/desk/sittings/{sitting_id}/matters/{matter_id}/ballots"
    text(desk.post(url, {"question": "", "rule": "council_majority", "mode": "named"}), 422)
    text(desk.post(url, {"question": "装", "rule": "owners_special", "mode": "named"}), 422)
    text(desk.post(url, {"question": "长" * 501, "rule": "council_majority", "mode": "named"}), 422)
    page = text(desk.get(f"/desk/sittings/{sitting_id}"))
    forms = page.split("<form")
    once = next(re.search(r'name="once"[^>]*value="([^"]+)"', f)[1] for f in forms if f'action="{url}"' in f)
    form = {"question": "装五组", "rule": "council_majority", "mode": "named", "once": once}
    first, second = desk.post(url, form), desk.post(url, form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert browse("nanyandao", "xiaoli").post(url, form).status_code == 403


def test_everybody_is_asked_and_it_is_settled(app, browse, today):
    with inside(app, "nanyandao"):
        sitting, matter = open_table(today)
        db.session.commit()
        sitting_id, matter_id = sitting.id, matter.id
    desk = browse("nanyandao", "shuji")
    on = f"/desk/sittings/{sitting_id}/matters/{matter_id}"
    text(desk.post(f"{on}/consensus", {"names": ""}), 422)
    assert desk.post(f"{on}/consensus", {"names": "王阿姨\n老刘\n王阿姨"}).status_code == 303
    with inside(app, "nanyandao"):
        one = f"/desk/ballots/{db.session.scalars(select(Ballot.id)).one()}"
    assert "还不能定" in text(desk.post(f"{one}/settlement", {}), 422)
    page = text(desk.post(f"{one}/stances", {"stance-1": "conditional", "stance-2": "agree"}), 422)
    assert "条件是什么" in page
    with inside(app, "nanyandao"):
        assert set(db.session.scalars(select(Stance.stance))) == {"not_asked"}
    said = {"stance-1": "conditional", "condition-1": "九点关灯", "met-1": "1", "stance-2": "agree"}
    assert desk.post(f"{one}/stances", said).status_code == 303
    assert desk.post(f"{one}/settlement", {}).status_code == 303
    with inside(app, "nanyandao"):
        assert db.session.scalars(select(Matter.stage)).one() == "decided"
        result = db.session.scalars(select(Ballot.id)).one()
    page = text(browse("nanyandao").get(f"/ballots/{result}/result"))
    assert "大家都同意" in page
    assert "王阿姨" not in page


def test_a_lost_matter_is_brought_back_by_its_page(app, browse, today):
    ballot_id = called(app, today)
    desk = browse("nanyandao", "shuji")
    desk.post(f"/desk/ballots/{ballot_id}/closing", counters(app))
    with inside(app, "nanyandao"):
        matter_id = db.session.scalars(select(Matter.id)).one()
    url = f"/desk/matters/{matter_id}/return"
    assert "新情况" in text(desk.get(url))
    text(desk.post(url, {"new_facts": ""}), 422)
    assert "同样的内容要过 30 天再提" in text(desk.post(url, {"new_facts": "有钱了"}), 422)
    assert desk.post(url, {"new_facts": "有钱了", "question": "装三组，同意吗？"}).status_code == 303


def test_a_private_matters_result_is_not_public(app, browse, today):
    ballot_id = called(app, today, visibility="parties")
    browse("nanyandao", "shuji").post(f"/desk/ballots/{ballot_id}/closing", counters(app))
    assert browse("nanyandao").get(f"/ballots/{ballot_id}/result").status_code == 404
    assert "装五组" not in text(browse("nanyandao").get("/ballots"))


DOORS = [
    ("GET", "/ballots/{b}"), ("POST", "/ballots/{b}"), ("GET", "/ballots/{b}/receipt"), ("GET", "/ballots/{b}/result"),
    ("GET", "/ballots/{b}/box.json"),
    ("GET", "/desk/ballots/{b}"), ("POST", "/desk/ballots/{b}/hands"), ("POST", "/desk/ballots/{b}/closing"),
    ("POST", "/desk/ballots/{b}/stances"), ("POST", "/desk/ballots/{b}/settlement"),
    ("GET", "/desk/matters/{m}/return"), ("POST", "/desk/matters/{m}/return"),
]  # fmt: skip


def test_the_neighbour_finds_no_ballot_behind_any_door(app, browse, today):
    ballot_id = called(app, today)
    browse("nanyandao", "yishi1").post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": "1"})
    with inside(app, "nanyandao"):
        matter_id = db.session.scalars(select(Matter.id)).one()
        before = _everything()
    data = counters(app) | {
        "choice": "no", "seq": "5", "yes": "1", "no": "1", "abstain": "1", "new_facts": "x", "stance-1": "oppose",
    }  # fmt: skip
    for method, url in DOORS:
        url = url.format(b=ballot_id, m=matter_id)
        thief = browse("dianye", "yishi1" if url.startswith("/ballots") else "shuji")
        answer = thief.get(url) if method == "GET" else thief.post(url, data)
        assert answer.status_code == 404, (method, url)
    with inside(app, "nanyandao"):
        assert _everything() == before


def _everything():
    tables = (Ballot, RollEntry, Vote, Stance, Matter, Sitting, Attendance)
    return [sorted(map(str, db.session.execute(select(found.__table__)).all())) for found in tables]


@pytest.mark.parametrize(
    ("login", "url", "status"),
    [(None, "/council", 302), ("shuji", "/council", 403), ("yishi1", "/desk/ballots", 403), (None, "/ballots", 200)],
)
def test_who_may_knock(app, browse, today, login, url, status):
    assert browse("nanyandao", login).get(url).status_code == status


def test_votes_over_http_that_race_the_close_are_counted_or_refused(app, browse, today):
    ballot_id = called(app, today)
    desk, two = browse("nanyandao", "shuji"), counters(app)
    voters = [browse("nanyandao", f"yishi{n}") for n in range(1, 7)]
    codes = []

    def cast(who):
        codes.append(who.post(f"/ballots/{ballot_id}", {"choice": "yes", "seq": "1"}).status_code)

    threads = [threading.Thread(target=cast, args=(who,)) for who in voters]
    closing = threading.Thread(target=desk.post, args=(f"/desk/ballots/{ballot_id}/closing", two))
    for thread in [*threads[:3], closing, *threads[3:]]:
        thread.start()
    for thread in [*threads, closing]:
        thread.join()
    assert set(codes) <= {303, 409}
    with inside(app, "nanyandao"):
        kept = db.session.scalars(select(Ballot)).one()
        assert kept.state == "closed"
        assert kept.yes == codes.count(303)
        assert register_of(kept.sitting_id)
