"""A poll as its voters see it: who may, one sheet of questions, the secret ballot's two steps, receipt and result."""

from __future__ import annotations

import base64
import json
import re
import zlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.flow.decide import polls
from app.flow.decide.models import BoxPaper, RollEntry, Vote
from app.flow.decide.poll_queries import find_poll
from app.flow.decide.polls import Line, OptionPut, Question
from app.flow.decide.recount import recount
from app.flow.decide.rules import Rule
from app.flow.decide.voting import cast_poll
from tenants.database import db
from tests.cast import HOUSEHOLD_CODE
from tests.conftest import inside
from tests.rooms.people import account, person
from tests.rooms.stage_setting import matter_at

STYLES = (OptionPut("折叠壁挂椅", "不用时贴墙", 16_800), OptionPut("转角木凳", "稳当", 12_000))


@pytest.fixture
def today(app):
    """The program's own clock: pages read it, so their tests must."""
    with app.app_context():
        return clock.now()


def text(answer, status=200):
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body[-3000:]
    return body


def seq_of(page):
    return re.search(r'name="seq"[^>]*value="(\d+)"', page)[1]


def sheet(today, questions, *, lines=None, opened=True, stage="voting", matter=None, **values):
    """A poll on a matter that stands at ``stage``; inside the hall, not committed."""
    by = person("shuji", today)
    matter = matter_at(stage, now=today, **{"title": "楼梯转角装爱心椅", **(matter or {})})
    defaults = {"title": "爱心椅装哪一种？", "body": "invited", "mode": "named", "who_may": "一单元的各家各户"}
    poll = polls.draft_poll(matter, questions=questions, by=by, now=today, **(defaults | values))
    polls.make_roll(poll, lines, by=by, now=today)
    return polls.open_poll(poll, by=by, now=today) if opened else poll


def members(n):
    return [Line(f"议事员{seat}", account_id=account(f"yishi{seat}").id) for seat in range(1, n + 1)]


def count(app, poll_id, today):
    """End the voting, then count it in a transaction of its own, as the desk does."""
    with inside(app, "nanyandao"):
        by = person("shuji", today)
        polls.end_voting(find_poll(poll_id), by=by, now=today)
        db.session.commit()
        poll = find_poll(poll_id)
        polls.close_poll(poll, teller=account("zhao"), scrutineer=account("xiaoli"), by=by, now=today)
        db.session.commit()


def test_an_opinion_is_told_in_the_words_that_were_asked(app, browse, today):
    with inside(app, "nanyandao"):
        asked = (Question("先装一组试试，您怎么看？", Rule.SOLICITATION),)
        poll = sheet(today, asked, lines=members(5), stage="surveying")
        for seat in range(1, 6):
            mine = {polls.questions_of(poll.id)[0].id: "abstain"}
            cast_poll(poll.id, account(f"yishi{seat}").id, mine, 1, now=today)
        db.session.commit()
        poll_id, matter_id = poll.id, poll.matter_id
    count(app, poll_id, today)
    told = (
        browse().get(f"/matters/{matter_id}"),
        browse("nanyandao", "zhao").get(f"/desk/matters/{matter_id}?tab=sitting"),
    )
    for page in map(text, told):
        assert "说不准 5" in page
        assert "弃权 5" not in page


def test_a_second_page_is_led_to_the_vote_that_stands(app, browse, today):
    with inside(app, "nanyandao"):
        asked = (Question("楼梯转角装爱心椅，同意吗？", Rule.HOUSEHOLD_BALLOT),)
        poll = sheet(today, asked, stage="ratifying", body="households", changeable=False)
        db.session.commit()
        url = f"/polls/{poll.id}"
    me = browse()
    me.post("/join", {"name": "王桂兰", "code": HOUSEHOLD_CODE, "adult": "y", "next": url})
    assert me.post(url, {"q1": "yes", "seq": "1"}).status_code == 303
    late = me.post(url, {"q1": "no", "seq": "1"})
    assert (late.status_code, late.location) == (303, f"{url}/receipt")
    page = text(me.get(late.location))
    assert "投了就不能改" in page
    assert "<b>同意</b>" in page
    assert "已收到您家这一票" in text(me.get(url))
    with inside(app, "nanyandao"):
        assert [one.choice for one in db.session.scalars(select(Vote))] == ["yes"]


def test_a_household_signs_in_reads_the_rules_votes_changes_and_sees_the_result(app, browse, today, count_queries):
    with inside(app, "nanyandao"):
        asked = (
            Question("楼梯转角装爱心椅，同意吗？", Rule.HOUSEHOLD_BALLOT),
            Question("装哪一种？", Rule.MULTI_OPTION, STYLES),
        )
        ends = today + timedelta(days=1, hours=9, minutes=5)
        poll = sheet(today, asked, stage="ratifying", body="households", paper=True, closes_at=ends)
        db.session.commit()
        poll_id, matter_id = poll.id, poll.matter_id
        one, two = (ballot.id for ballot in polls.questions_of(poll_id))
    url = f"/polls/{poll_id}"
    stranger = browse()
    page = text(stranger.get(url))
    assert "先登录，才知道名单上有没有您" in page
    assert f"/join?next=/polls/{poll_id}" in page.replace("%2F", "/")
    assert 'type="radio"' not in page
    assert "1 户里有 1 户以上投票才有效" in page
    assert "得票最多的当选" in page
    assert "168 元" in page
    assert "还剩 1 天 9 小时" in page
    assert "不用手机，也能投纸票" in page
    joined = {"name": "王桂兰", "code": HOUSEHOLD_CODE, "adult": "y", "next": url}
    assert stranger.post("/join", joined).location == url
    me = stranger
    with count_queries() as seen:
        page = text(me.get(url))
    assert len(seen) <= 8, seen
    assert "您可以投。</b>曹家巷小区 3 号楼 3 单元 301" in page
    assert page.index("您可以投") < page.index("怎么算数") < page.index("投之前先说清楚")
    assert 'type="radio"' in page
    assert "checked" not in page
    assert "等您投票的" in text(me.get("/me"))
    kept = text(me.post(url, {"q2": "b", "seq": seq_of(page)}), 422)
    assert "这一问还没选" in kept
    assert re.search(r'name="q2"[^>]*value="b"[^>]* checked', kept)
    with count_queries() as seen:
        answer = me.post(url, {"q1": "yes", "q2": "b", "seq": "1"})
    assert len(seen) <= 8, seen
    assert (answer.status_code, answer.location) == (303, f"{url}/receipt")
    receipt = text(me.get(f"{url}/receipt"))
    assert "转角木凳" in receipt
    assert re.search(r'<b class="h-score">1</b> 户，共 1 户', receipt)
    page = text(me.get(url))
    assert "您投的是「转角木凳」" in page
    assert me.post(url, {"q1": "no", "q2": "a", "seq": seq_of(page)}).status_code == 303
    older = text(me.post(url, {"q1": "yes", "q2": "a", "seq": seq_of(page)}), 409)
    assert "另一个页面" in older
    assert "您投的是「折叠壁挂椅」" in older
    assert "您投的是「不同意」" in older
    assert re.search(r'name="q1"[^>]*value="yes"[^>]* checked', older), "what was chosen here is kept"
    assert seq_of(older) != seq_of(page), "once more, and it counts"
    # Nobody learns a count before the count, and the neighbour learns nothing at all.
    assert text(browse().get("/ballots")).count('<b class="h-score">1</b>') == 1
    assert "去投票" in text(browse().get("/ballots"))
    assert "爱心椅装哪一种？" in text(browse().get("/"))
    assert url in text(browse().get(f"/matters/{matter_id}"))
    early = (f"{url}/result", f"/ballots/{one}/box.json", f"/ballots/{one}/result")
    assert [browse().get(path).status_code for path in early] == [404] * 3
    count(app, poll_id, today)
    assert me.get(url).location == f"{url}/result"
    with count_queries() as seen:
        page = text(me.get(f"{url}/result"))
    assert len(seen) <= 6, seen
    assert "没通过" in page
    assert "选「折叠壁挂椅」" in page
    assert "发出 1 张，收回 1 张，没收回 0 张" in page
    assert "计票 赵师傅，监票 小李" in page
    assert "王桂兰" not in page
    assert f"{url}/result" in text(browse().get("/ballots"))
    assert browse().get(f"/ballots/{two}/result").location == f"{url}/result"
    box = browse().get(f"/ballots/{two}/box.json")
    assert "attachment" in box.headers["Content-Disposition"]
    assert recount("multi_option", json.loads(text(box)))["counts"]["a"] == 1
    assert "王桂兰" not in text(box)
    neighbour = browse("dianye", "yishi1")
    doors = (url, f"{url}/receipt", f"{url}/result", f"/ballots/{two}/box.json")
    assert [neighbour.get(path).status_code for path in doors] == [404] * 4


def test_a_secret_ballot_is_asked_twice_and_its_receipt_shows_a_code_once(app, browse, today):
    with inside(app, "nanyandao"):
        poll = sheet(
            today, (Question("装哪一种？", Rule.MULTI_OPTION, STYLES),), mode="secret", lines=members(6), opened=False
        )
        db.session.commit()
        poll_id = poll.id
    url, me = f"/polls/{poll_id}", browse("nanyandao", "yishi1")
    page = text(me.get(url))
    assert "还没开始投" in page
    assert "您在名单上" in page
    with inside(app, "nanyandao"):
        polls.open_poll(find_poll(poll_id), by=person("shuji", today), now=today)
        db.session.commit()
        question = polls.questions_of(poll_id)[0].id
    page = text(me.get(url))
    assert f'action="{url}/check"' in page
    text(me.post(f"{url}/check", {"seq": "1"}), 422)
    asked = me.post(f"{url}/check", {"q1": "b", "seq": "1"})
    page = text(asked)
    assert "您选的是「转角木凳」" in page
    assert "投了不能改" in page
    assert asked.headers["Cache-Control"] == "no-store"
    assert not chosen_in_cookie(me)
    assert re.search(r'value="b"[^>]* checked', text(me.post(f"{url}/check", {"q1": "b", "seq": "1", "back": "1"})))
    with inside(app, "nanyandao"):
        assert not db.session.scalars(select(RollEntry.channel).where(RollEntry.channel != "")).all()
    answer = me.post(url, {"q1": "b", "seq": "1"})
    assert (answer.status_code, answer.location) == (303, f"{url}/receipt")
    assert not chosen_in_cookie(me)
    first, again = text(me.get(f"{url}/receipt")), text(me.get(f"{url}/receipt"))
    code = re.search(r'h-plate is-big">([A-Z2-9 ]+)<', first)[1]
    assert re.fullmatch(r"\w{4} \w{4} \w{2}", code)
    assert "转角木凳" not in first + again
    assert code not in again
    assert "不再显示" in again
    # The same sheet sent once more changes nothing, and a wrong code finds nothing.
    assert me.post(url, {"q1": "a", "seq": "2"}).location == f"{url}/receipt"
    assert "这张票在票箱里" in text(browse().post("/receipts", {"code": code.lower()}))
    assert "没有这个码的票" in text(browse().post("/receipts", {"code": "ABCD2345EF"}), 422)
    assert "没有这个码的票" in text(browse("dianye").post("/receipts", {"code": code}), 422)
    assert "名单上没有您" in text(browse("nanyandao", "yishi9").get(url))
    assert "名单上没有您" in text(browse("nanyandao", "yishi9").post(url, {"q1": "a", "seq": "1"}), 409)
    with inside(app, "nanyandao"):
        assert not db.session.scalars(select(Vote)).all()
        assert not db.session.scalars(select(BoxPaper)).all()
        for seat, choice in zip(range(2, 7), "abaab", strict=True):
            cast_poll(poll_id, account(f"yishi{seat}"), {question: choice}, 1, now=today)
        db.session.commit()
    count(app, poll_id, today)
    page = text(browse().get(f"{url}/result"))
    assert "折叠壁挂椅、转角木凳 3:3 打平" in page
    assert "复投" in page
    assert "recount --rule multi_option" in page
    assert (
        recount("multi_option", json.loads(text(browse().get(f"/ballots/{question}/box.json"))))["outcome"] == "run_off"
    )


def chosen_in_cookie(me):
    """Answers of the sheet (q1, q2 …) this browser carries in its session, read as anybody who holds the cookie could.

    Whole names are looked for: a random token in the cookie may hold the two letters by chance.
    """
    value = me.client.get_cookie("yiqilai", domain=me.host).value
    payload = value.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    kept = (zlib.decompress(raw) if value.startswith(".") else raw).decode()
    return re.findall(r'"q\d+"', kept)


def test_a_private_matters_poll_is_for_those_asked_and_nobody_else(app, browse, today):
    with inside(app, "nanyandao"):
        poll = sheet(
            today, (Question("装吗？", Rule.SOLICITATION),), lines=members(2), matter={"visibility": "parties"}
        )
        db.session.commit()
        url, question = f"/polls/{poll.id}", polls.questions_of(poll.id)[0].id
    outsiders = [browse(), browse("nanyandao", "yishi9")]
    assert [one.get(url).status_code for one in outsiders] == [404, 404]
    assert outsiders[1].post(url, {"q1": "yes", "seq": "1"}).status_code == 404
    me = browse("nanyandao", "yishi2")
    assert "只听大家的意见，不作决定" in text(me.get(url))
    assert me.post(url, {"q1": "yes", "seq": "1"}).status_code == 303
    assert "装吗" not in text(browse().get("/ballots")) + text(browse().get("/"))
    count(app, poll.id, today)
    assert [browse().get(path).status_code for path in (f"{url}/result", f"/ballots/{question}/box.json")] == [404, 404]
    assert "只当意见听" in text(me.get(f"{url}/result"))
