"""The desk: today, inbox, ledger, the answers, the findings, and writing down for somebody."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.faces.jobs import work
from app.faces.jobs.periodic import PERIODICS
from app.flow.collect.actions import Saying, collect
from app.flow.research.models import Option
from app.flow.triage import actions
from app.flow.triage.models import Screening
from app.matter.models import Matter, TimelineEntry
from app.people.places import Building
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.rooms.people import RESIDENT, account, person, said


@pytest.fixture
def stock(app):
    """Four matters: waiting, waiting with a dangerous word, taken on, and a quarrel."""
    with inside(app, HOME):
        now = clock.now()
        zhao = person("zhao", now)
        waiting, danger = said(now), said(now, words="三单元楼道起火冒烟", title="楼道冒烟")
        taken, quarrel = said(now, title="装晾衣架"), said(now, title="楼上漏水", words="楼上漏水不认账")
        values = {
            "triage": "minor",
            "level": "grid",
            "power": "council",
            "category": "addition",
            "owner_id": account("shuji").id,
        }
        actions.accept(taken, by=zhao, now=now, **values)
        actions.accept(quarrel, by=zhao, now=now, **(values | {"track": "mediation", "owner_id": zhao.id}))
        found = {"waiting": waiting.id, "danger": danger.id, "taken": taken.id, "quarrel": quarrel.id}
        db.session.commit()
    return found


def text(answer) -> str:
    return answer.get_data(as_text=True)


def matter(app, matter_id) -> Matter:
    with inside(app, HOME):
        found = db.session.scalar(select(Matter).where(Matter.id == matter_id))
        db.session.expunge(found)
        return found


def accept_form(app, **more):
    with inside(app, HOME):
        owner = str(account("xiaoli").id)
    return {
        "triage": "major", "title": "装五组晾衣架", "category": "addition", "owner": owner, "level": "community",
        "power": "council", "track": "ordinary",
    } | more  # fmt: skip


def test_what_is_missing_to_accept_is_told_at_its_field(app, browse):
    with inside(app, HOME):
        matter_id = collect(Saying(words="楼道灯坏了", place="3 号楼"), by=RESIDENT, now=clock.now()).matter.id
        db.session.commit()
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{matter_id}"
    zhao.post(f"{at}/registration")
    page = text(zhao.post(f"{at}/acceptance", accept_form(app)))
    assert "还缺：希望怎么办" in page
    assert "提出人盼着怎么办：这一格要填。" in page
    page = text(zhao.post(f"{at}/acceptance", accept_form(app, triage="", wish="换灯")))
    assert "这是哪一种事：请选一个。" in page
    assert "哪一级来办：请选一个。" not in page


def test_today_says_what_waits(app, browse, stock):
    page = text(browse(HOME, "zhao").get("/desk"))
    assert "赵师傅，" in page
    assert "<b>2</b> 件新来的等着受理" in page
    assert "楼道冒烟" in page
    assert "N09" in page
    assert page.count('aria-current="page"') == 1


def test_the_menu_shows_only_what_opens(app, browse, stock):
    grid = text(browse(HOME, "xiaoli").get("/desk"))
    assert 'href="/desk/matters"' in grid
    assert 'href="/desk/inbox"' not in grid
    assert browse(HOME, "xiaoli").get("/desk/inbox").status_code == 403
    assert 'href="/desk/inbox"' in text(browse(HOME, "shuji").get("/desk"))


def test_a_council_member_has_no_desk(browse, stock):
    assert browse(HOME, "yishi1").get("/desk").status_code == 403
    assert browse(HOME, "yishi1").get("/desk/matters").status_code == 403


def test_the_ledger_filters_and_keeps_its_filters(browse, stock):
    zhao = browse(HOME, "zhao")
    assert "4 件" in text(zhao.get("/desk/matters"))
    found = text(zhao.get("/desk/matters?q=晾衣架&triage=minor&category=addition&step=3"))
    assert "装晾衣架" in found
    assert "楼道冒烟" not in found
    assert "triage=minor" in found
    assert "%E6%99%BE" in found
    assert "没有找到" in text(zhao.get("/desk/matters?stage=voting"))
    assert "楼道冒烟" in text(zhao.get("/desk/matters?light=yellow"))
    assert "没有找到" in text(zhao.get("/desk/matters?light=red"))
    assert zhao.get("/desk/matters?owner=x&step=99&light=blue&tab=%27&page=999999").status_code == 200
    assert zhao.get("/desk/matters?q=%25").status_code == 200
    assert "没有找到" in text(zhao.get("/desk/matters?q=%25"))


def test_my_own_and_the_paper(browse, stock):
    assert "装晾衣架" in text(browse(HOME, "shuji").get("/desk/matters?tab=mine"))
    assert "装晾衣架" not in text(browse(HOME, "zhao").get("/desk/matters?tab=mine"))
    paper = text(browse(HOME, "zhao").get("/desk/matters/paper?tab=open"))
    assert "南盐道社区议事台账" in paper
    assert "装晾衣架" in paper


def test_a_quarrel_is_hidden_from_who_does_not_handle_it(browse, stock):
    grid = browse(HOME, "xiaoli")
    listed = text(grid.get("/desk/matters"))
    assert "楼上漏水" not in listed
    assert "只给当事人看" in listed
    assert "楼上漏水" not in text(grid.get("/desk/matters?q=漏水"))
    assert "楼上漏水" not in text(grid.get(f"/desk/matters/{stock['quarrel']}"))
    assert "楼上漏水" in text(browse(HOME, "zhao").get(f"/desk/matters/{stock['quarrel']}"))
    assert grid.get(f"/desk/matters/{stock['quarrel']}/research").status_code == 403


def test_accepting_through_the_page(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    page = text(zhao.get(f"{at}/screening?way=accept"))
    for words in ("小事好商量", "急事快商量", "难事多商量", "大事必商量", "王桂兰"):
        assert words in page
    answer = zhao.post(f"{at}/acceptance", accept_form(app))
    assert answer.status_code == 303
    assert answer.location.endswith(at)
    found = matter(app, stock["waiting"])
    assert (found.stage, found.triage, found.title) == ("accepted", "major", "装五组晾衣架")
    assert zhao.post(f"{at}/acceptance", accept_form(app)).status_code == 409


@pytest.mark.parametrize(
    "more", [{"owner": ""}, {"triage": ""}, {"category": ""}, {"title": "长" * 61}, {"level": "street"}]
)
def test_a_bad_acceptance_keeps_what_was_typed(app, browse, stock, more):
    answer = browse(HOME, "zhao").post(
        f"/desk/matters/{stock['waiting']}/acceptance", accept_form(app, title="我写的标题") | more
    )
    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert more.get("title", "我写的标题") in text(answer)
    assert matter(app, stock["waiting"]).stage == "submitted"


@pytest.mark.parametrize(
    ("door", "way", "form", "stage"),
    [
        ("supplement-request", "ask_for_more", {"missing": "几单元"}, "needs_info"),
        ("refusal", "refuse", {"code": "N12", "reason": "这是广告", "door": ""}, "not_accepted"),
        ("referral", "refer", {"receiver": "城管中队", "reason": "归他们管", "call_back": "2099-01-05"}, "referred"),
    ],
)
def test_the_other_answers(app, browse, stock, door, way, form, stage):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    assert zhao.get(f"{at}/screening?way={way}").status_code == 200
    empty = zhao.post(f"{at}/{door}", {})
    assert empty.status_code == 422
    assert matter(app, stock["waiting"]).stage == "submitted"
    long = zhao.post(f"{at}/{door}", form | {name: "长" * 100_000 for name in form if name in ("missing", "reason")})
    assert long.status_code == 422
    assert matter(app, stock["waiting"]).stage == "submitted"
    assert zhao.post(f"{at}/{door}", form).status_code == 303
    assert matter(app, stock["waiting"]).stage == stage
    assert zhao.post(f"{at}/{door}", form).status_code == 409
    with inside(app, HOME):
        kept = db.session.scalars(select(Screening).where(Screening.matter_id == stock["waiting"])).all()
        assert len(kept) == 1
        assert kept[0].door or door == "supplement-request"


def test_merging_searches_and_keeps_both(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    page = text(zhao.get(f"{at}/screening?way=merge&q=晾衣"))
    assert str(stock["taken"]) in page
    assert str(stock["danger"]) not in page
    assert str(stock["quarrel"]) not in page
    assert zhao.post(f"{at}/merger", {"into": str(stock["quarrel"]), "reason": "一样"}).status_code == 422
    assert zhao.post(f"{at}/merger", {"into": str(uuid.uuid4()), "reason": "一样"}).status_code == 404
    assert zhao.post(f"{at}/merger", {"into": str(stock["taken"]), "reason": "是一回事"}).status_code == 303
    assert matter(app, stock["waiting"]).merged_into_id == stock["taken"]
    page = text(zhao.get(f"/desk/matters/{stock['taken']}"))
    assert page.count("王桂兰") == 2
    assert "并来" in page


def test_a_receipt_and_a_call_back(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    assert zhao.get(f"{at}/referral").status_code == 404
    zhao.post(f"{at}/referral", {"receiver": "城管中队", "reason": "归他们管", "call_back": "2099-01-05"})
    assert "回执" in text(zhao.get(at))
    assert zhao.post(f"{at}/referral/receipt", {"words": ""}).status_code == 422
    assert zhao.post(f"{at}/referral/receipt", {"words": "收文 15 号"}).status_code == 303
    assert zhao.post(f"{at}/referral/call-back", {"words": "拆了"}).status_code == 303
    assert matter(app, stock["waiting"]).due_at is None


def test_topic_then_survey_then_findings(app, browse, stock):
    shuji, at = browse(HOME, "shuji"), f"/desk/matters/{stock['taken']}"
    assert shuji.post(f"{at}/topic", {"question": ""}).status_code == 422
    assert browse(HOME, "zhao").post(f"{at}/topic", {"question": "装不装"}).status_code == 422
    assert shuji.post(f"{at}/topic", {"question": "3 号楼前装不装晾衣架"}).status_code == 303
    grid = browse(HOME, "xiaoli")
    assert grid.post(f"{at}/survey").status_code == 409
    assert grid.post(f"{at}/stakeholders", {"touched": "3 号楼 36 户\n物业"}).status_code == 303
    page = text(shuji.get(at))
    assert "开始调查" in page
    assert f'href="{at}/research"' in page
    assert shuji.post(f"{at}/survey").status_code == 303
    once = str(uuid.uuid4())
    option = {"once": once, "option": "外墙 4 盏壁灯", "cost": "3,200", "payer": "社区", "cost_approx": "y"}
    for _again in range(2):
        assert grid.post(f"{at}/options", option).status_code == 303
    with inside(app, HOME):
        kept = db.session.scalars(select(Option)).all()
        assert [(o.label, o.cost_fen, o.cost_approx) for o in kept] == [("A", 320_000, True)]
    assert grid.post(f"{at}/options", {"option": "太阳能灯", "cost": "很贵", "payer": "社区"}).status_code == 422
    assert grid.post(f"{at}/site-notes", {"seen": "夜里全黑"}).status_code == 303
    figures = {"question": "装不装", "target": "36", "reached": "30", "in_favour": "28", "against": "1"}
    assert grid.post(f"{at}/canvasses", figures | {"tries": "2"}).status_code == 422
    assert grid.post(f"{at}/canvasses", figures | {"tries": "3"}).status_code == 303
    assert grid.post(f"{at}/canvasses", {"question": "装不装", "target": "x"}).status_code == 422
    page = text(shuji.get(at))
    assert "约 3,200 元" in page
    assert "28" in page
    assert "至少两个方案" in page
    assert grid.post(f"{at}/options/{kept[0].id}/withdrawal").status_code == 303
    assert "不再议" in text(shuji.get(at))


def test_changing_who_leads(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['taken']}/owner"
    assert "小李" in text(zhao.get(at))
    assert zhao.post(at, {"owner": "nobody"}).status_code == 422
    with inside(app, HOME):
        grid, council = account("xiaoli").id, account("yishi1").id
    assert zhao.post(at, {"owner": str(council)}).status_code == 422
    assert zhao.post(at, {"owner": str(grid)}).status_code == 303
    assert matter(app, stock["taken"]).owner_id == grid


def behalf(app, **more):
    with inside(app, HOME):
        building = db.session.scalar(select(Building.id))
    return {
        "once": str(uuid.uuid4()), "words": "楼道灯坏了半个月，晚上摸黑", "wish": "换成声控的", "channel": "door",
        "kind": "individual", "building": str(building), "unit": "3", "name": "何奶奶", "read_back": "y",
    } | more  # fmt: skip


def test_writing_down_for_somebody_prints_the_slip(app, browse):
    grid = browse(HOME, "xiaoli")
    assert "念给本人听过" in text(grid.get("/desk/behalf"))
    form = behalf(app)
    answer = grid.post("/desk/behalf", form)
    assert answer.status_code == 303
    slip = text(grid.get(answer.location))
    assert re.search(r"\d{3} \d{3} \d{3} \d{3}", slip)
    assert "NYD" in slip
    assert 'class="qr"' in slip
    assert grid.post("/desk/behalf", form).location == answer.location
    found = matter(app, uuid.UUID(form["once"]))
    assert found.stage == "submitted"
    assert found.entered_for_another
    assert found.channel == "door"
    other = text(browse(HOME, "zhao").get(answer.location))
    assert not re.search(r"\d{3} \d{3} \d{3} \d{3}", other)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"read_back": ""}, "念给本人"),
        ({"words": ""}, "什么事"),
        ({"building": "", "place": ""}, "什么地方"),
        ({"words": "长" * 100_000}, "最多"),
        ({"kind": "joint", "signers": "1"}, "两户"),
        ({"phone": "1380"}, "11 位"),
    ],
)
def test_a_bad_entry_writes_nothing(app, browse, more, words):
    answer = browse(HOME, "xiaoli").post("/desk/behalf", behalf(app, **more))
    assert answer.status_code == 422
    assert words in text(answer)
    with inside(app, HOME):
        assert db.session.scalar(select(Matter.id)) is None


def test_the_neighbour_finds_none_of_it(app, browse, stock):
    next_door = browse(NEXT, "shuji")
    with inside(app, HOME):
        before = db.session.scalars(select(TimelineEntry.id)).all()
    for at in (stock["waiting"], stock["taken"]):
        for door in ("", "/screening", "/topic", "/owner", "/research", "/referral"):
            assert next_door.get(f"/desk/matters/{at}{door}").status_code == 404
        for door in ("acceptance", "refusal", "merger", "topic", "owner", "contact", "options", "survey", "canvasses"):
            assert next_door.post(f"/desk/matters/{at}/{door}", accept_form(app)).status_code == 404
    assert "装晾衣架" not in text(next_door.get("/desk/matters"))
    with inside(app, HOME):
        assert db.session.scalars(select(TimelineEntry.id)).all() == before


def test_lists_cost_the_same_however_long(app, browse, stock, count_queries):
    zhao = browse(HOME, "zhao")
    figures = {}
    for many in (0, 30):
        with inside(app, HOME):
            for _n in range(many):
                said(clock.now() - timedelta(days=9))
            db.session.commit()
        for url in ("/desk", "/desk/inbox", "/desk/matters", "/desk/matters?light=red&page=2"):
            zhao.get(url)
            with count_queries() as seen:
                assert zhao.get(url).status_code == 200
            figures.setdefault(url, []).append(len(seen))
    assert max(figures["/desk"]) <= 8, figures
    assert max(figures["/desk/inbox"]) <= 6, figures
    assert max(figures["/desk/matters"]) <= 6, figures
    assert figures["/desk"][0] == figures["/desk"][1], figures
    assert figures["/desk/matters"][0] == figures["/desk/matters"][1], figures


def test_the_clock_withdraws_what_nobody_supplied(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    zhao.post(f"{at}/supplement-request", {"missing": "几单元"})
    clock.advance(app, timedelta(days=20))
    assert any(periodic.work == "app.faces.jobs.work:lapse" for periodic in PERIODICS)
    for _again in range(2):
        with inside(app, HOME):
            work.lapse()
            db.session.commit()
    found = matter(app, stock["waiting"])
    assert (found.stage, found.lapsed) == ("withdrawn", True)
    assert "撤回" in text(browse(HOME, "zhao").get(at))


def test_a_lead_is_registered_or_answered(app, browse):
    with inside(app, HOME):
        now = clock.now()
        leads = [
            collect(Saying(words="垃圾车几点来", place="3 号楼"), by=RESIDENT, now=now).matter.id for _n in range(2)
        ]
        db.session.commit()
    zhao = browse(HOME, "zhao")
    assert "当场答复" in text(zhao.get("/desk/inbox"))
    assert zhao.post(f"/desk/matters/{leads[0]}/reply", {"reply": ""}).status_code == 422
    assert zhao.post(f"/desk/matters/{leads[0]}/reply", {"reply": "早上六点半"}).status_code == 303
    assert zhao.post(f"/desk/matters/{leads[1]}/registration").status_code == 303
    assert [matter(app, lead).stage for lead in leads] == ["answered", "submitted"]
