"""Pages of honest triage: similar matters, search, lists, templates, the one review, mergers undone, the work list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from app.faces.jobs import work
from app.flow.collect.actions import Saying, collect, submit, supply
from app.flow.triage import actions, review
from app.flow.triage.effective import lists
from app.flow.triage.policy import HallList, HallReply, Merger, ReviewOpinion, StreetList, StreetReply
from app.matter.models import Matter, TimelineEntry
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.faces.test_desk import accept_form, matter, text
from tests.rooms.people import RESIDENT, account, person, said


def rows(app, model, slug=HOME):
    with inside(app, slug):
        return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def stock(app):
    """An accepted matter about drying racks, one waiting with the same words, a merged one and a refused one."""
    with inside(app, HOME):
        now = clock.now()
        zhao = person("zhao", now)
        racks, again, waiting = (said(now, title=title) for title in ("增设共享晾衣架", "再装晾衣架", "想要晾衣架"))
        words = "商户占道，投票停他们的水电"
        saying = Saying(words=words, title="停占道商户水电", wish="停水电", place="商街", name="王桂兰")
        taken = submit(saying, by=RESIDENT, now=now)
        refused = taken.matter
        db.session.flush()
        values = {"triage": "urgent", "level": "grid", "power": "council", "category": "addition",
                  "owner_id": account("xiaoli").id}  # fmt: skip
        actions.accept(racks, by=zhao, now=now, **values)
        actions.merge(again, racks, "一回事", by=zhao, now=now)
        actions.refuse(refused, "N06", "不能投票停别人的水电", "12348", by=zhao, now=now)
        found = {"racks": racks.id, "again": again.id, "waiting": waiting.id, "refused": refused.id, "code": taken.code}
        db.session.commit()
    return found


def test_while_typing_the_same_thing_is_found(browse, stock, count_queries):
    guest = browse()
    guest.get("/say/similar?part=1&words=晾衣架")
    with count_queries() as seen:
        part = text(guest.get("/say/similar?part=1&words=晾衣"))
    assert len(seen) <= 2, seen
    assert "增设共享晾衣架" in part
    assert "想要晾衣架" not in part
    assert "<html" not in part
    whole = text(guest.get("/say/similar?words=楼顶违建"))
    assert "12345" in whole
    assert "<html" in whole
    danger = text(guest.get("/say/similar?part=1&words=楼道着火了"))
    assert "tel:119" in danger
    assert "别等回复" in danger
    assert text(guest.get("/say/similar?part=1&words=晾")).strip() == ""
    assert guest.get(f"/say/similar?part=1&words={'晾衣' * 3000}").status_code == 200
    assert "增设共享晾衣架" not in text(browse(NEXT).get("/say/similar?part=1&words=晾衣架"))


def test_without_a_script_the_words_are_kept(browse, stock):
    guest = browse()
    answer = guest.post("/say/similar", {"words": "想装几个晾衣架，" * 3, "wish": "快点"})
    assert answer.status_code == 303
    page = text(guest.get(answer.location))
    assert "增设共享晾衣架" in page
    step_one = text(guest.get("/say"))
    assert "想装几个晾衣架" in step_one
    assert "快点" in step_one
    assert guest.post("/say/similar", {"words": "长" * 6000}).status_code == 303


def test_public_search_finds_two_characters(app, browse, stock):
    guest = browse()
    found = text(guest.get("/matters?q=晾衣"))
    assert "增设共享晾衣架" in found
    assert "有「晾衣」的 2 件" in found or "有「晾衣」的 1 件" in found
    assert "想要晾衣架" not in found
    assert "没有找到" in text(guest.get("/matters?q=%25"))
    assert "增设共享晾衣架" in text(guest.get("/matters?q=晾衣+共享&stage=talking"))
    with inside(app, HOME):
        row = db.session.scalar(select(Matter).where(Matter.id == stock["racks"]))
        row.visibility = "parties"
        db.session.commit()
    assert "没有找到" in text(guest.get("/matters?q=共享"))


def test_the_street_writes_a_version_and_halls_go_by_it(app, browse, stock):
    admin = browse("", "guanli")
    page = text(admin.get("/lists?kind=encouraged"))
    assert "E1" in page
    assert "E7" in page
    form = {"base": "0", "note": "加一条", "code": ["E1", "E7"], "E1.given": "y", "E1.label": "建设",
            "E1.examples": "添设施", "E1.signs": "加装、晾衣", "E7.label": "", "E7.examples": ""}  # fmt: skip
    assert admin.post("/lists/encouraged", form | {"note": ""}).status_code == 422
    bad = admin.post("/lists/encouraged", form | {"E7.label": "治安"})
    assert bad.status_code == 422
    assert 'value="治安"' in text(bad)
    assert rows(app, StreetList) == 0
    assert admin.post("/lists/encouraged", form).status_code == 303
    assert admin.post("/lists/encouraged", form).status_code == 422
    version = text(admin.get("/lists/encouraged/versions/1"))
    assert "加一条" in version
    assert "去掉" in version
    assert admin.get("/lists/encouraged/versions/9").status_code == 404
    assert admin.post("/lists/nothing", form).status_code == 404
    charter = text(browse().get("/charter"))
    assert "添设施" in charter
    assert "文体公益" not in charter
    assert "N13" in charter
    assert browse("", "zhuren").get("/lists").status_code == 403
    assert browse("", "zhuren").post("/lists/encouraged", form).status_code == 403


def test_a_hall_adds_its_own_phone_and_leaves_classes_out(app, browse, stock):
    shuji = browse(HOME, "shuji")
    assert "负面清单" in text(shuji.get("/desk/lists"))
    answer = shuji.post("/desk/lists/negative", {"base": "0", "note.N08": "执法中队 8555 0199"})
    assert answer.status_code == 303
    assert shuji.post("/desk/lists/negative", {"base": "0", "note.N08": "x"}).status_code == 422
    bad = shuji.post("/desk/lists/negative", {"base": "1", "note.N08": "长" * 300})
    assert bad.status_code == 422
    assert "长" * 300 in text(bad)
    codes = [f"E{n}" for n in range(1, 7)]
    assert shuji.post("/desk/lists/encouraged", {"base": "0", "shown": codes, "kept": codes[:5]}).status_code == 303
    assert shuji.post("/desk/lists/encouraged", {"base": "1", "shown": codes}).status_code == 422
    charter = text(browse().get("/charter"))
    assert "8555 0199" in charter
    assert "邻里公约" not in charter
    assert "8555 0199" in text(browse().get("/say/similar?words=楼顶违建"))
    assert "8555 0199" not in text(browse(NEXT).get("/charter"))
    assert browse(HOME, "zhao").get("/desk/lists").status_code == 403
    assert rows(app, HallList) == 2
    zhao = browse(HOME, "zhao")
    zhao.post(f"/desk/matters/{stock['waiting']}/refusal", {"code": "N08", "reason": "归执法队", "door": ""})
    assert "8555 0199" in text(zhao.get(f"/desk/matters/{stock['waiting']}"))


def test_a_template_fills_the_field_with_and_without_a_script(app, browse, stock):
    shuji, zhao, at = browse(HOME, "shuji"), browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    form = {"use": "needs_info", "title": "问单元", "words": "{称呼}好，{编号}是几单元？{社区电话}"}
    assert shuji.post("/desk/replies", form).status_code == 303
    assert shuji.post("/desk/replies", form).status_code == 422
    wrong = shuji.post("/desk/replies", form | {"title": "别的", "words": "{电话}"})
    assert wrong.status_code == 422
    assert "{电话}" in text(wrong)
    with inside(app, HOME):
        kept = db.session.scalars(select(HallReply)).one().id
    page = text(zhao.get(f"{at}/screening?way=ask_for_more"))
    assert "问单元" in page
    assert "data-words" in page
    filled = text(zhao.get(f"{at}/screening?way=ask_for_more&reply={kept}"))
    assert "王某好，" in filled, filled[filled.find("<textarea") :][:300]
    assert "8555 0118</textarea>" in filled
    assert zhao.get(f"{at}/screening?way=ask_for_more&reply=nonsense").status_code == 200
    assert shuji.post(f"/desk/replies/{kept}", form | {"words": "改了"}).status_code == 303
    assert shuji.post(f"/desk/replies/{kept}/retirement").status_code == 303
    assert "问单元" not in text(zhao.get(f"{at}/screening?way=ask_for_more"))
    assert shuji.post(f"/desk/replies/{kept}/restoration").status_code == 303
    assert browse(NEXT, "shuji").post(f"/desk/replies/{kept}/retirement").status_code == 404
    assert zhao.get("/desk/replies").status_code == 403
    admin = browse("", "guanli")
    assert admin.post("/replies", {"use": "referred", "title": "街道的", "words": "{事项}转了"}).status_code == 303
    assert "想要晾衣架转了" in text(zhao.get(f"{at}/screening?way=refer"))
    assert rows(app, StreetReply, "") == 1


def test_the_proposer_doubts_the_street_looks_and_the_hall_takes_it_up(app, browse, stock):
    owner, stranger = browse(), browse()
    assert owner.post("/track", {"code": stock["code"]}).status_code == 303
    at = f"/matters/{stock['refused']}"
    page = text(owner.get(at))
    for words in ("为什么没受理", "不能投票停别人的水电", "12348", "N06", "请街道看一次"):
        assert words in page
    assert "不能投票停别人的水电" not in text(stranger.get(at))
    assert stranger.get(f"{at}/review-request").status_code == 404
    assert stranger.post(f"{at}/review-request", {"reason": "x"}).status_code == 404
    assert owner.get(f"{at}/review-request").status_code == 200
    assert owner.post(f"{at}/review-request", {"reason": " "}).status_code == 422
    assert "长长" in text(owner.post(f"{at}/review-request", {"reason": "长" * 1001}))
    assert owner.post(f"{at}/review-request", {"reason": "我只想停占道的"}).status_code == 303
    assert owner.post(f"{at}/review-request", {"reason": "再来一次"}).status_code == 409
    assert "已经请街道看了" in text(owner.get(at))

    officer = browse("", "zhuren")
    listed = text(officer.get("/reviews"))
    assert "我只想停占道的" in listed
    assert 'class="cnt"' in text(officer.get("/overview"))
    with inside(app):
        request_id = review.cases(waiting=True)[0].request.id
    one = text(officer.get(f"/reviews/{request_id}"))
    for words in ("不能投票停别人的水电", "12348", "我只想停占道的", "N06"):
        assert words in one
    assert "王桂兰" not in one + listed
    assert officer.post(f"/reviews/{request_id}/opinion", {"words": "看过"}).status_code == 422
    good = {"upheld": "no", "words": "投票不能停别人的水电"}
    assert officer.post(f"/reviews/{request_id}/opinion", good).status_code == 303
    assert officer.post(f"/reviews/{request_id}/opinion", good).status_code == 409
    assert rows(app, ReviewOpinion) == 1
    assert browse(HOME, "shuji").get(f"/reviews/{request_id}").status_code == 404
    with inside(app, HOME):
        work.take_up()
        db.session.commit()
    assert "维持不予受理" in text(owner.get(at))
    assert "投票不能停别人的水电" in text(owner.get(at))
    assert matter(app, stock["refused"]).stage == "not_accepted"


def test_a_merger_is_undone_on_its_page(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['again']}"
    assert f"{at}/unmerger" in text(zhao.get(at))
    assert "增设共享晾衣架" in text(zhao.get(f"{at}/unmerger"))
    assert zhao.post(f"{at}/unmerger", {"reason": ""}).status_code == 422
    for other in (browse(NEXT, "zhao"), browse(HOME, "xiaoli")):
        assert other.post(f"{at}/unmerger", {"reason": "不是"}).status_code in (403, 404)
    assert matter(app, stock["again"]).stage == "merged"
    assert zhao.post(f"{at}/unmerger", {"reason": "不在一栋楼"}).status_code == 303
    assert zhao.post(f"{at}/unmerger", {"reason": "不在一栋楼"}).status_code == 409
    found = matter(app, stock["again"])
    assert (found.stage, found.merged_into_id) == ("submitted", None)
    with inside(app, HOME):
        assert db.session.scalars(select(Merger)).one().undone_label == "赵师傅"


def test_the_way_is_put_right_on_its_page(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['racks']}"
    assert f"{at}/retriage" in text(zhao.get(at))
    form = {"triage": "minor", "level": "grid", "power": "council", "category": "addition", "reason": "不急"}
    assert "checked" in text(zhao.get(f"{at}/retriage"))
    bad = zhao.post(f"{at}/retriage", form | {"reason": "", "triage": "hard"})
    assert bad.status_code == 422
    assert zhao.post(f"{at}/retriage", form | {"power": "king"}).status_code == 422
    for other in (browse(NEXT, "zhao"), browse(HOME, "xiaoli")):
        assert other.post(f"{at}/retriage", form).status_code in (403, 404)
    assert zhao.post(f"{at}/retriage", form).status_code == 303
    assert matter(app, stock["racks"]).triage == "minor"
    assert zhao.get(f"/desk/matters/{stock['waiting']}/retriage").status_code == 409
    assert "改按「小事好商量」办" in text(browse().get(f"/matters/{stock['racks']}"))


def test_the_desk_sees_what_is_alike_and_merges_it(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    page = text(zhao.get(f"{at}/screening"))
    assert "增设共享晾衣架" in page
    assert f"into={stock['racks']}" in page
    chosen = text(zhao.get(f"{at}/screening?way=merge&into={stock['racks']}&q=没有这样的词"))
    assert "checked" in chosen
    form = {"into": str(stock["racks"]), "reason": "一回事"}
    assert zhao.post(f"{at}/merger", form).status_code == 303
    assert rows(app, Merger) == 2


def test_accepting_tells_the_proposer_something(app, browse, stock):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{stock['waiting']}"
    zhao.post(f"{at}/acceptance", accept_form(app, title="想要晾衣架", note="收下了，下周三上门看。"))
    with inside(app, HOME):
        line = db.session.scalars(
            select(TimelineEntry).where(TimelineEntry.matter_id == stock["waiting"], TimelineEntry.verb == "accept")
        ).one()
    assert line.reason == "收下了，下周三上门看。"


@pytest.fixture
def owed(app, stock):
    """A referral without a receipt, one whose proposer must be called, a lead, and one supplied again."""
    with inside(app, HOME):
        now = clock.now()
        zhao, proposer = person("zhao", now), RESIDENT.as_capacity(Role.PROPOSER)
        first, second, third = (said(now, title=title) for title in ("转出去的", "要回话的", "补好了的"))
        for one in (first, second):
            actions.refer(one, "城管中队", "归他们管", now + timedelta(days=9), by=zhao, now=now)
        actions.note_receipt(second, "城管 15 号", by=zhao, now=now)
        actions.ask_for_more(third, "几单元", by=zhao, now=now)
        supply(third, "3 单元", by=proposer, now=now)
        lead = collect(Saying(words="垃圾车几点来", place="3 号楼"), by=RESIDENT, now=now).matter
        found = {"receipt": first.id, "call_back": second.id, "supplied": third.id, "lead": lead.id}
        db.session.commit()
    return found


def test_everything_owed_stands_in_one_list_by_the_clock(app, browse, stock, owed, count_queries):
    zhao = browse(HOME, "zhao")
    zhao.get("/desk/inbox")
    with count_queries() as seen:
        page = text(zhao.get("/desk/inbox"))
    assert len(seen) <= 6, seen
    for words in ("等对方回执", "该给提出人回话", "提出人补好了", "等着登记", "想要晾衣架", "到期"):
        assert words in page
    only = text(zhao.get("/desk/inbox?kind=receipt"))
    assert "转出去的" in only
    assert "想要晾衣架" not in only
    assert "想要晾衣架" not in text(zhao.get("/desk/inbox"))
    assert "想要晾衣架" in text(zhao.get("/desk/inbox?kind=&light="))
    assert "这样选没有" in text(zhao.get("/desk/inbox?light=grey"))
    assert zhao.get("/desk/inbox?kind=%27&light=blue&page=99999").status_code == 200
    zhao.get("/desk/inbox?kind=&light=")
    clock.advance(app, timedelta(days=40))
    late = text(zhao.get("/desk/inbox?light=yellow"))
    assert "转出去的" in late
    assert "想要晾衣架" in text(zhao.get("/desk/inbox?light=red&kind="))
    assert "想要晾衣架" not in text(browse(NEXT, "zhao").get("/desk/inbox"))


def test_the_grid_sees_and_does_its_own_part(app, browse, stock, owed):
    grid, lead = browse(HOME, "xiaoli"), f"/desk/matters/{owed['lead']}"
    today = text(grid.get("/desk"))
    assert "垃圾车几点来" in today
    assert "等着登记的" in today
    assert "想要晾衣架" not in today
    page = text(grid.get(f"{lead}/screening"))
    assert "当场答复" in page
    assert "不予受理" not in page
    assert grid.post(f"{lead}/reply", {"reply": "早上六点半"}).status_code == 303
    assert matter(app, owed["lead"]).stage == "answered"
    assert grid.post(f"/desk/matters/{stock['waiting']}/refusal", {"code": "N08"}).status_code == 403
    other = text(grid.get(f"/desk/matters/{stock['waiting']}/screening"))
    assert "王桂兰" not in other


def test_receipt_and_call_back_show_their_clock(app, browse, stock, owed):
    zhao, at = browse(HOME, "zhao"), f"/desk/matters/{owed['receipt']}/referral"
    page = text(zhao.get(at))
    assert "城管中队" in page
    assert "h-light" in page
    assert zhao.post(f"{at}/receipt", {"words": ""}).status_code == 422
    assert zhao.post(f"{at}/receipt", {"words": "城管〔2026〕15 号"}).status_code == 303
    again = text(zhao.get(at))
    assert "城管〔2026〕15 号" in again
    assert zhao.post(f"{at}/call-back", {"words": "已经拆了"}).status_code == 303
    assert matter(app, owed["receipt"]).due_at is None
    assert ">转出去的<" not in text(zhao.get("/desk/inbox"))


def test_lists_are_read_once(app):
    with inside(app, HOME):
        assert lists() is lists()
