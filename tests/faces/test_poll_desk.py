"""The desk of polls over HTTP: draft, roll, opening, papers, two readings, hands, the result, and who may not."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.faces.community.poll_questions import choice_labels
from app.faces.community.poll_words import effect_of, label_of
from app.flow.decide.models import Ballot, BallotStub, BoxPaper, PaperSheet, Poll, Replacement, RollEntry, Vote
from app.matter.models import Matter
from app.people.owners import OwnedUnit, Owner
from app.people.places import Building, Estate, Household
from tenants.database import db
from tests.cast import PASSWORD
from tests.conftest import inside
from tests.rooms.people import account
from tests.rooms.sitting_table import topic

HALL = "nanyandao"
NAMES = "王桂兰 3 号楼 1 单元 101\n李建国 3 号楼 1 单元 102\n李建国 3 号楼 2 单元 201\n张秀英\n刘玉珍\n陈志强"
DRAFT = {
    "body": "invited", "title": "爱心椅做成什么样", "subject": "siting_or_style", "mode": "secret",
    "ways": ["online", "paper"], "who_may": "名单上请到的人，一人一票。", "day": "2099-01-01", "time": "18:00",
    "q0-words": "爱心椅做成什么样子？", "q0-rule": "multi_option", "q0o0-label": "木条长椅", "q0o0-cost": "3,200.50",
    "q0o0-words": "带靠背", "q0o1-label": "石凳",
}  # fmt: skip

BLANK = {"q0o0-label": "", "q0o0-words": "", "q0o0-cost": "", "q0o1-label": ""}


def text(answer, status=200):
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body[-3000:]
    return body


@pytest.fixture
def matter_id(app):
    """A matter that is being voted on, so that any body may be asked."""
    with inside(app, HALL):
        found = topic(clock.now(), stage="voting")
        db.session.commit()
        return found.id


def all_of(app, model, *which):
    with inside(app, HALL):
        return list(db.session.scalars(select(model).where(*which)))


def drafted(desk, matter_id, **changed):
    """The address of a new poll's page."""
    answer = desk.post(f"/desk/matters/{matter_id}/polls", DRAFT | {"once": str(uuid4())} | changed)
    text(answer, 303)
    return answer.location


def opened(desk, matter_id, names=NAMES, **changed):
    """The address of a poll that takes votes."""
    url = drafted(desk, matter_id, **changed)
    text(desk.post(f"{url}/roll", {"names": names}), 303)
    text(desk.post(f"{url}/opening"), 303)
    return url


def test_a_draft_keeps_what_was_typed_until_it_is_right(app, browse, matter_id):
    desk = browse(HALL, "zhao")
    url = f"/desk/matters/{matter_id}/polls"
    bodies = text(desk.get(url))
    assert "民法典第 278 条" in bodies
    assert "居民委员会组织法第 26、27 条" in bodies
    page = text(desk.get(f"{url}?body=invited"))
    assert "名单上请到的人" in page
    assert not re.search(r'name="mode"[^>]*checked', page)

    page = text(desk.post(url, DRAFT | {"add": "question"}))
    assert 'name="q1-words"' in page
    assert 'value="木条长椅"' in page
    page = text(desk.post(url, DRAFT | {"add": "q0"}))
    assert 'name="q0o2-label"' in page
    page = text(desk.post(url, DRAFT | {"drop": "q0o0"}))
    assert 'value="木条长椅"' not in page
    page = text(
        desk.post(url, DRAFT | {"q0o0-label": "", "q0o0-words": "", "q0o0-cost": "", "q0o1-label": "", "found": "q0"})
    )
    assert 'value="A 装五组晾衣架"' in page
    assert 'value="3000"' in page

    wrong = {"title": "", "q0o0-cost": "很多钱", "q0o1-label": "木条长椅", "ways": [], "day": "", "time": "18:00"}
    page = text(desk.post(url, DRAFT | wrong), 422)
    for said in ("要填一下", "钱写数字", "名字一样", "至少选一样", "选一个日子", 'value="很多钱"', 'href="#q0o0-cost"'):
        assert said in page, said
    assert "选一种算法" in text(desk.post(url, DRAFT | {"q0-rule": "council_majority"}), 422)
    assert "选人要无记名投票" in text(desk.post(url, DRAFT | {"subject": "persons", "mode": "named"}), 422)
    assert text(desk.post(url, DRAFT | {"body": "nobody"}), 404)
    assert not all_of(app, Poll)

    once = {"once": str(uuid4())}
    first, second = desk.post(url, DRAFT | once), desk.post(url, DRAFT | once)
    assert text(first, 303) == text(second, 303)
    assert first.location == second.location
    assert len(all_of(app, Poll)) == 1
    (ballot,) = all_of(app, Ballot)
    assert ballot.options[0] == {
        "key": "a", "label": "木条长椅", "words": "带靠背", "cost_fen": 320_050, "attachment_id": None,
    }  # fmt: skip
    with inside(app, HALL):
        asked = Ballot(rule="solicitation", options=[], question="停一天车，行吗？")
        said = [(key, label_of(asked, key)) for key in ("yes", "no", "abstain")]
        assert choice_labels(asked) == said, "paper and phone say one thing"
        lost, won = (effect_of(Ballot(legal_effect="owners_decision", passed=one)) for one in (False, True))
        assert ("有效" in lost, "有效" in won) == (False, True), "what did not pass binds nobody"
    page = text(desk.get(f"{first.location}/draft"))
    assert 'value="3200.50"' in page
    assert re.search(r'value="siting_or_style"[^>]*checked|checked[^>]*value="siting_or_style"', page)
    text(desk.post(f"{first.location}/draft", DRAFT | {"title": "椅子"}), 303)
    page = text(desk.get(first.location))
    assert "椅子" in page
    assert "差 1 样" in page
    assert f"{first.location}/roll" in page
    assert "木条长椅" in text(desk.get(f"{first.location}/preview"))
    assert "名单还是空的" in text(desk.post(f"{first.location}/opening"), 422)
    text(desk.post(f"{first.location}/roll", {"names": NAMES + "\n张秀英"}), 303)
    assert "张秀英" in text(desk.get(f"{first.location}/roll"))
    (line,) = all_of(app, RollEntry, RollEntry.name == "张秀英")
    text(desk.post(f"{first.location}/roll/{line.id}/removal"), 303)
    assert sorted({one.name for one in all_of(app, RollEntry)}) == sorted({"王桂兰", "李建国", "刘玉珍", "陈志强"})
    assert "椅子" in text(desk.get("/desk/ballots"))
    text(desk.post(f"{first.location}/opening"), 303)
    assert "不能再改" in text(desk.post(f"{first.location}/draft", DRAFT), 409)
    text(desk.post(f"{first.location}/roll/{line.id}/removal"), 404)


def test_what_stands_in_the_way_is_said_before_the_last_click(app, browse):
    with inside(app, HALL):
        matter_id = topic(clock.now(), stage="surveying").id
        db.session.commit()
    desk = browse(HALL, "zhao")
    url = drafted(desk, matter_id)
    text(desk.post(f"{url}/roll", {"names": "王桂兰\n李建国\n刘玉珍"}), 303)
    with inside(app, HALL):
        db.session.scalar(select(Poll)).closes_at = clock.now() - timedelta(hours=1)
        db.session.commit()
    page = text(desk.get(url))
    for said in (
        "还没到表决这一步",
        "名单上不到 5 人",
        "截止时间已经过了",
        "差 3 样",
        f'href="/desk/matters/{matter_id}"',
    ):
        assert said in page, said
    assert f"{url}/opening" not in page
    # Who turns the secret sheet into a named one is not left with a vote nobody can change.
    assert re.search(r'name="changeable"[^>]*checked|checked[^>]*name="changeable"', text(desk.get(f"{url}/draft")))
    asked = {**BLANK, "q0-rule": "solicitation", "mode": "named"}
    text(desk.post(f"{url}/draft", DRAFT | asked), 303)
    assert f"{url}/opening" in text(desk.get(url)), "opinions may be asked at any step"


def test_only_the_homes_of_the_buildings_concerned_are_asked(app, browse, matter_id):
    desk = browse(HALL, "zhao")
    with inside(app, HALL):
        three = db.session.scalar(select(Building))
        eight = Building(name="8 号楼", sort=8, estate_id=three.estate_id, grid_id=three.grid_id, units=1)
        db.session.add(eight)
        db.session.flush()
        db.session.add_all(Household(building_id=eight.id, unit=1, room=room) for room in ("101", "102"))
        db.session.commit()
        wanted, gone = str(eight.id), str(uuid4())
    homes = {**BLANK, "body": "households", "q0-rule": "household_ballot", "subject": "other"}
    url = drafted(desk, matter_id, **homes)
    assert "曹家巷小区 8 号楼" in text(desk.get(f"{url}/roll"))
    text(desk.post(f"{url}/roll", {"buildings": gone}), 422)
    text(desk.post(f"{url}/roll", {"buildings": wanted}), 303)
    assert [one.name[-3:] for one in all_of(app, RollEntry)] == ["101", "102"]
    page = text(desk.get(f"{url}/roll"))
    assert re.search(rf'value="{wanted}"[^>]* checked', page), "the next drawing up stays with them"
    text(desk.post(f"{url}/roll"), 303)
    assert " checked" not in text(desk.get(f"{url}/roll"))
    assert len(all_of(app, RollEntry)) == 3, "no building ticked asks every home"
    assert "3 户" in text(desk.get(f"{url}/roll")), "homes are counted, not heads"
    # A meeting of residents is a meeting of all: no building is offered, and none is taken.
    text(desk.post(f"{url}/draft", DRAFT | homes | {"q0-rule": "residents_meeting"}), 303)
    assert 'name="buildings"' not in text(desk.get(f"{url}/roll"))
    text(desk.post(f"{url}/roll", {"buildings": wanted}), 422)
    assert len(all_of(app, RollEntry)) == 3


def test_an_empty_register_is_said_and_found(app, browse, matter_id):
    with inside(app, HALL):
        estate = str(db.session.scalar(select(Estate.id)))
    desk = browse(HALL, "zhao")
    owners = {
        **BLANK,
        "body": "owners",
        "estate": estate,
        "q0-rule": "owners_ordinary",
        "mode": "named",
        "ways": ["paper"],
    }
    url = drafted(desk, matter_id, **owners, subject="money_shares")
    text(desk.post(f"{url}/roll"), 303)
    page = text(desk.get(f"{url}/roll"))
    assert "名册列好了" not in page
    assert "先把册子补齐" in page
    assert 'href="/desk/owners"' in page[page.index("<main") :]


def test_papers_go_out_come_back_and_are_read_twice(app, browse, matter_id):
    desk, other = browse(HALL, "zhao"), browse(HALL, "shuji")
    url = opened(desk, matter_id)
    assert "6 人" in text(desk.get(f"{url}/roll"))
    assert "第 1 页，共 1 页" in text(desk.get(f"{url}/roll?q=王桂兰"))

    page = text(desk.post(f"{url}/papers", {"n": "6", "after": "0"}))
    codes = re.findall(r"<b>([A-Z2-9]{4}) ([A-Z2-9]{4})</b>", page)
    assert len(codes) == 6
    assert "刚才已经印过" in text(desk.post(f"{url}/papers", {"n": "5", "after": "0"}), 422)
    seen = text(desk.get(f"{url}/papers")) + text(desk.get(url)) + text(desk.get(f"{url}/papers/register"))
    assert not any("".join(code) in seen.replace(" ", "") for code in codes)

    issue = f"{url}/papers/issues"
    text(desk.post(issue, {"stub": "1", "who": "王桂兰"}), 303)
    page = text(desk.post(issue, {"stub": "2", "who": "李建国"}), 422)
    assert "有 2 位对得上" in page
    voter = re.findall(r'name="voter"[^>]*value="([^"]+)"', page)[1]
    text(desk.post(issue, {"stub": "".join(codes[1]).lower(), "who": "李建国", "voter": voter}), 303)
    for n, name in ((3, "张秀英"), (4, "刘玉珍")):
        text(desk.post(issue, {"stub": str(n), "who": name}), 303)
    assert "没有这一位" in text(desk.post(issue, {"stub": "5", "who": "赵六"}), 422)
    assert "没有这张票条" in text(desk.post(issue, {"stub": "77", "who": "陈志强"}), 422)
    text(desk.post(issue, {"stub": "1", "who": "陈志强"}), 422)

    void = f"{url}/papers/4/voiding"
    second = {"reason": "写坏了", "second": "", "password": "x"}
    assert "选一个" in text(desk.post(void, second), 422)
    with inside(app, HALL):
        second["second"] = str(account("shuji").id)
    assert "密码不对" in text(desk.post(void, second), 422)
    text(desk.post(void, second | {"password": PASSWORD}), 303)
    assert "写坏了" in text(desk.get(f"{url}/papers?state=void"))
    # Five come back: a secret box with fewer stays sealed. Who had the void one is handed another.
    for n, name in ((5, "刘玉珍"), (6, "陈志强")):
        text(desk.post(issue, {"stub": str(n), "who": name}), 303)
    for n in (1, 2, 3, 5, 6):
        text(desk.post(f"{url}/papers/returns", {"stub": str(n)}), 303)
        assert ("不能开箱" in text(desk.get(f"{url}/ending"))) is (n < 6), "said before the voting is ended for good"

    assert "先停网上投票" in text(desk.get(f"{url}/sheets"))
    assert "先停网上投票，再数纸票" in text(desk.get(f"{url}/ending"))
    text(desk.post(f"{url}/ending"), 303)
    for number, mark in enumerate(("a", "a", "spoiled", "a", "b"), start=1):
        page = text(desk.post(f"{url}/sheets", {"number": str(number)}), 422)
        assert "第 1 题还没选" in page
        text(desk.post(f"{url}/sheets", {"number": str(number), "c-1": mark}), 303)
        text(desk.post(f"{url}/sheets", {"number": str(number), "c-1": mark}), 303)
    sheets = all_of(app, PaperSheet)
    assert [next(iter(s.choices.values())) for s in sorted(sheets, key=lambda s: s.number)] == [
        "a", "a", "spoiled", "a", "b",
    ]  # fmt: skip
    first = next(sheet for sheet in sheets if sheet.number == 1)
    text(desk.post(f"{url}/sheets/{first.id}/check", {"c-1": "a"}), 422)
    assert desk.get(f"{url}/sheets/check").location.endswith("/sheets")
    for mark in ("b", "a", "spoiled", "a", "b"):
        page = text(other.get(f"{url}/sheets/check"))
        assert not re.search(r'name="c-1"[^>]*checked', page)
        action = re.search(r'action="(/desk/polls/[^"#]+/check)', page)[1]
        text(other.post(action, {"c-1": mark}), 303)
    page = text(other.get(f"{url}/sheets"))
    assert "录了 5 张，核了 4 张" in page
    assert "两遍对不上的" in page
    assert "差 1 样" in text(desk.get(url))
    page = text(other.get(f"{url}/sheets/check?sheet=1"))
    text(other.post(re.search(r'action="(/desk/polls/[^"#]+/check)', page)[1], {"c-1": "a"}), 303)

    with inside(app, HALL):
        two = {"teller": str(account("zhao").id), "scrutineer": str(account("xiaoli").id)}
    assert "两个人" in text(desk.post(f"{url}/closing", two | {"scrutineer": two["teller"]}), 422)
    text(desk.post(f"{url}/closing", two), 303)
    page = text(desk.get(url))
    for said in ("木条长椅", "发出 5，收回 5", "废票 1", "赵师傅", "小李"):
        assert said in page, said
    # What was read off each paper lies in the box alone; beside the roll a few papers would tell whose they were.
    assert {(len(s.choices), len(s.checked_choices)) for s in all_of(app, PaperSheet)} == {(0, 0)}
    assert "爱心椅做成什么样" in text(desk.get("/desk/ballots?when=past"))


def test_named_votes_hands_and_a_replacement(app, browse, matter_id):
    desk = browse(HALL, "zhao")
    named = {"mode": "named", "subject": "other", "ways": ["paper", "hands"], "q0o1-label": "石凳"}
    url = opened(desk, matter_id, **named)
    text(desk.post(f"{url}/papers", {"n": "2", "after": "0"}))
    text(desk.post(f"{url}/papers/issues", {"stub": "1", "who": "王桂兰"}), 303)
    text(desk.post(f"{url}/papers/returns", {"stub": "1"}), 303)
    (line,) = all_of(app, RollEntry, RollEntry.name == "王桂兰")
    page = text(desk.get(f"{url}/roll/{line.id}"))
    assert "作废这一票" in page
    assert "不能委托别人" in page
    with inside(app, HALL):
        two = {"teller": str(account("zhao").id), "scrutineer": str(account("xiaoli").id)}
        second = str(account("shuji").id)
    form = {"reason": "本人说不是自己填的", "second": second, "password": PASSWORD}
    text(desk.post(f"{url}/roll/{line.id}/replacements", form | {"reason": ""}), 422)
    text(desk.post(f"{url}/roll/{line.id}/replacements", form), 303)
    assert [one.reason for one in all_of(app, Replacement)] == ["本人说不是自己填的"]
    assert "本人说不是自己填的" in text(desk.get(f"{url}/roll/{line.id}"))
    text(desk.post(f"{url}/ending"), 303)
    (ballot,) = all_of(app, Ballot)
    hands = {"present": "3", "n-a": "2", "n-b": "1"}
    assert "两个人" in text(desk.post(f"{url}/hands/{ballot.id}", hands), 422)
    page = text(desk.post(f"{url}/hands/{ballot.id}", two | hands | {"n-b": "x"}), 422)
    assert "没有写 0" in page
    text(desk.post(f"{url}/hands/{ballot.id}", two | hands), 303)
    text(desk.post(f"{url}/voiding", {"reason": ""}), 422)
    text(desk.post(f"{url}/voiding", {"reason": "名单漏了人"}), 303)
    assert "名单漏了人" in text(desk.get(url))


def test_owners_are_asked_on_paper_with_their_areas(app, browse, matter_id):
    with inside(app, HALL):
        now = clock.now()
        estate = db.session.scalars(select(Estate)).one()
        for n in range(3):
            owner = Owner(estate_id=estate.id, name=f"业主{n}", created_at=now)
            db.session.add(owner)
            db.session.flush()
            db.session.add(
                OwnedUnit(
                    estate_id=estate.id, owner_id=owner.id, label=f"3-{n}", area_dm2=8_950 + n, since=clock.today(),
                    created_at=now,
                )
            )  # fmt: skip
        db.session.commit()
        estate_id = estate.id
    desk = browse(HALL, "zhao")
    owners = {
        "body": "owners", "estate": str(estate_id), "mode": "named", "subject": "money_shares",
        "q0-rule": "owners_special",
    } | BLANK  # fmt: skip
    page = text(desk.post(f"/desk/matters/{matter_id}/polls", DRAFT | owners), 422)
    assert "网上只能征求意见" in page
    url = drafted(desk, matter_id, **owners, ways=["paper"])
    text(desk.post(f"{url}/roll"), 303)
    page = text(desk.get(f"{url}/roll"))
    assert "89.50 平方米" in page
    text(desk.post(f"{url}/opening"), 303)
    assert "268.53 平方米" in text(desk.get(url))
    (line,) = all_of(app, RollEntry, RollEntry.name == "业主0")
    proxy = {"name": "李强", "scope": "加装电梯", "until": "2099-01-01", "seen_by": "赵师傅"}
    text(desk.post(f"{url}/roll/{line.id}/proxy", proxy | {"until": "2001-01-01"}), 422)
    text(desk.post(f"{url}/roll/{line.id}/proxy", proxy), 303)
    assert "委托 李强" in text(desk.get(f"{url}/roll"))


READS = ["", "/preview", "/roll", "/papers", "/papers/register", "/sheets", "/sheets/check", "/hands"]
WRITES = [
    ("/opening", {}), ("/ending", {}), ("/closing", {}), ("/voiding", {"reason": "x"}), ("/run-off", {}),
    ("/roll", {"names": "甲"}), ("/papers", {"n": "1"}), ("/papers/issues", {"stub": "1"}),
    ("/papers/returns", {"stub": "1"}), ("/papers/1/voiding", {"reason": "x"}), ("/sheets", {"c-1": "a"}),
    ("/draft", DRAFT),
]  # fmt: skip


def test_the_neighbour_the_wrong_role_and_the_number_of_statements(app, browse, matter_id, count_queries):
    desk = browse(HALL, "zhao")
    url = opened(desk, matter_id)
    text(desk.post(f"{url}/papers", {"n": "3", "after": "0"}))
    tables = (Poll, Ballot, RollEntry, BallotStub, PaperSheet, Vote, BoxPaper, Matter)

    def everything():
        with inside(app, HALL):
            return [sorted(map(str, db.session.execute(select(found.__table__)).all())) for found in tables]

    before, thief = everything(), browse("dianye", "shuji")
    (line,) = all_of(app, RollEntry, RollEntry.name == "张秀英")
    for path in [*READS, "/opening", "/ending", "/voiding", "/draft", "/papers/1/voiding", f"/roll/{line.id}"]:
        assert thief.get(url + path).status_code == 404, path
    assert thief.get(f"/desk/matters/{matter_id}/polls").status_code == 404
    for path, data in [*WRITES, (f"/roll/{line.id}/proxy", {}), (f"/roll/{line.id}/replacements", {"reason": "x"})]:
        assert thief.post(url + path, data).status_code == 404, path
    assert thief.post(f"/desk/matters/{matter_id}/polls", DRAFT).status_code == 404

    grid, resident = browse(HALL, "xiaoli"), browse(HALL, "yishi1")
    for path in ("/opening", "/ending", "/closing", "/voiding", "/papers", "/run-off"):
        assert grid.post(url + path, {}).status_code == 403, path
    assert resident.get(f"{url}/roll").status_code == 403
    assert grid.get(f"{url}/papers").status_code == 200
    assert everything() == before

    def statements():
        figures = {}
        for path in READS:
            with count_queries() as seen:
                desk.get(url + path)
            figures[path] = len(seen)
        return figures

    few = statements()
    with inside(app, HALL):
        poll = db.session.scalars(select(Poll)).one()
        db.session.add_all(
            RollEntry(poll_id=poll.id, name=f"邻居{n}", place="3 号楼", position=n) for n in range(10, 210)
        )
        db.session.add_all(BallotStub(poll_id=poll.id, serial=n, state="printed") for n in range(10, 210))
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(RollEntry)) == 206
    assert statements() == few
    assert max(few.values()) <= 8, few


def test_a_tie_is_voted_on_once_more(app, browse, matter_id):
    desk = browse(HALL, "zhao")
    url = opened(desk, matter_id, mode="named", subject="other", ways=["hands"], lot_announced="y")
    with inside(app, HALL):
        two = {"teller": str(account("zhao").id), "scrutineer": str(account("xiaoli").id)}
    (ballot,) = all_of(app, Ballot)
    text(desk.post(f"{url}/ending"), 303)
    text(desk.post(f"{url}/hands/{ballot.id}", two | {"present": "4", "n-a": "2", "n-b": "2"}), 303)
    text(desk.post(f"{url}/closing", two), 303)
    page = text(desk.get(url))
    assert "并列的再投一次" in page
    once = {"once": str(uuid4())}
    first, second = desk.post(f"{url}/run-off", once), desk.post(f"{url}/run-off", once)
    assert text(first, 303) == text(second, 303)
    assert first.location == second.location != url
    assert "石凳" in text(desk.get(first.location))
