"""Notices of the street to its halls, and the handbook: what the street sends, what a hall reads, says and may not."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

from openpyxl import load_workbook
from sqlalchemy import select

from app import clock
from app.faces.inputs import file_words
from app.flow.triage import handbook_rules
from app.notices import street_notices as notes
from app.notices.street_models import HallNotice, NoticeReceipt, StreetNotice
from app.people.models import StreetLog
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside

WORDS = "各社区请在本周查一遍充电棚。\n\n查完回一句话。"


def rows(app, model, slug: str = "") -> list:
    with inside(app, slug):
        return list(db.session.scalars(select(model)))


def unread(page: str) -> bool:
    """Whether the menu counts something behind 街道通知."""
    return bool(re.search(r"街道通知<span class=\"cnt\">1<", page))


def test_a_notice_goes_out_is_read_answered_urged_and_taken_back(app, browse, count_queries) -> None:
    """To chosen halls first; opening it writes nothing; each hall reads only its own copy."""
    desk, home, neighbour = browse("", "guanli"), browse(HOME, "shuji"), browse(NEXT, "shuji")
    with inside(app):
        due = (clock.today() + timedelta(days=9)).isoformat()
        ids = {hall.slug: str(hall.id) for hall in notes.open_halls()}
    form = {"title": "查一遍充电棚", "words": WORDS, "answer_due": due, "scope": "some", "once": str(uuid7())}
    for bad in ({"title": ""}, {"answer_due": "1999-01-01"}, {"answer_due": "明天"}, {"halls": []}, {"halls": ["7"]}):
        answer = desk.post("/notices", {**form, "halls": [ids[HOME]], **bad})
        assert (answer.status_code, "查完回一句话" in answer.text) == (422, True)
    assert rows(app, StreetNotice) == []
    draft = desk.post("/notices", {**form, "halls": [ids[HOME]]}).headers["Location"]
    desk.post("/notices", {**form, "halls": [ids[HOME]]})
    assert "发给 1 个社区" in desk.get(draft).text
    assert home.get("/desk/street-notices").text.count("查一遍充电棚") == 0
    assert desk.post(f"{draft}/sending").status_code == 303
    assert desk.post(f"{draft}/sending").status_code == 409
    assert desk.get(f"{draft}/draft").status_code == 404
    (copy,) = rows(app, HallNotice, HOME)
    assert (rows(app, HallNotice, NEXT), copy.words) == ([], WORDS)
    ours = f"/desk/street-notices/{copy.id}"
    today = home.get("/desk").text
    assert unread(today)
    assert "查一遍充电棚" in today
    with count_queries() as seen:
        assert "我看过了吗" in home.get(ours).text
    assert len(seen) <= 8
    assert rows(app, NoticeReceipt, HOME) == []
    assert home.post(f"{ours}/answer", {"answer": " "}).status_code == 422
    for knock in (
        neighbour.get(ours),
        neighbour.post(f"{ours}/reading"),
        neighbour.post(f"{ours}/answer", {"answer": "好"}),
    ):
        assert knock.status_code == 404
    assert browse(HOME, "yishi1").get(ours).status_code == 403
    steward = browse(HOME, "sun")
    assert [steward.post(f"{ours}/reading").status_code for _click in (1, 2)] == [303, 303]
    assert not unread(steward.get(ours).text)
    assert unread(home.get(ours).text)
    assert steward.post(f"{ours}/answer", {"answer": "查了"}).status_code == 403
    assert "1 个社区没回" in desk.get(draft).text
    desk.post(f"{draft}/urging")
    assert "街道又提醒了一次" in home.get("/desk/street-notices").text
    assert "街道又提醒了一次" in home.get("/desk").text
    home.post(f"{ours}/reading")
    assert unread(home.get(ours).text)
    assert home.post(f"{ours}/answer", {"answer": "=查了 3 个棚，都好。"}).status_code == 303
    assert not unread(home.get(ours).text)
    assert desk.post(f"{draft}/urging").status_code == 409
    with count_queries() as seen:
        page = desk.get(draft).text
    assert len(seen) <= 8
    for said in ("查了 3 个棚", "张书记", "孙楼长"):
        assert said in page
    assert desk.get(f"{draft}?view=unread").text.count("没有这样的社区") == 1
    sheet = load_workbook(BytesIO(desk.get(f"{draft}/halls.xlsx").data)).active
    assert [cell.value for cell in sheet[2]][5] == "=查了 3 个棚，都好。"
    assert sheet.cell(2, 6).data_type == "s"
    assert desk.post(f"{draft}/withdrawal", {"reason": ""}).status_code == 422
    assert desk.post(f"{draft}/withdrawal", {"reason": "日子写错了"}).status_code == 303
    assert "日子写错了" in home.get(ours).text
    assert home.post(f"{ours}/answer", {"answer": "再回"}).status_code == 422
    logged = [row.what for row in rows(app, StreetLog)]
    assert sorted(logged) == ["send", "urge", "withdraw"]
    for url in ("/notices", draft, f"{draft}/halls.xlsx"):
        assert home.get(url).status_code == 404
    dropped = desk.post("/notices", {**form, "once": str(uuid7()), "scope": "all", "answer_due": ""}).headers[
        "Location"
    ]
    desk.post(f"{dropped}/draft", {**form, "scope": "all", "answer_due": ""})
    assert "全部社区" in desk.get(dropped).text
    desk.post(f"{dropped}/draft/removal")
    assert desk.post(f"{dropped}/sending").status_code == 409
    with count_queries() as seen:
        assert desk.get("/notices").text.count("查一遍充电棚") == 1
    assert len(seen) <= 6


def test_the_handbook_is_written_compared_and_published(app, browse) -> None:
    """Version 0 comes with the program; a draft is nobody's but the street's; what was published stays."""
    desk, guest = browse("", "guanli"), browse(HOME)
    first = guest.get("/handbook")
    assert first.status_code == 200
    assert "三种提法" in first.text
    assert "/handbook" in guest.get("/").text
    assert browse("").get("/handbook").status_code == 200
    assert "h-sheet" in guest.get("/handbook/print").text
    page = desk.get("/handbook/versions").text
    form = {"title": "提案手册", "seen": "", "section": ["s1", "s2"], "s1.title": "怎么提", "s1.order": "2",
            "s1.words": "当面说。\r\n- 一条\r\n- 两条",
            "s2.title": "提什么", "s2.words": "大家的事。", "s2.order": "1"}  # fmt: skip
    assert 'name="seen" value=""' in page
    assert desk.post("/handbook/versions", {**form, "s1.words": ""}).status_code == 422
    assert desk.post("/handbook/versions", form).status_code == 303
    stale = desk.post("/handbook/versions", form)
    assert (stale.status_code, "怎么提" in stale.text) == (422, True)
    assert guest.get("/handbook/1").status_code == 404
    draft = desk.get("/handbook/draft").text
    assert "新加的" in draft
    seen = re.search(r'name="seen" value="([^"]+)"', draft)[1].replace("&#43;", "+")
    assert desk.post("/handbook/publication", {"version": "1", "seen": "x"}).status_code == 409
    assert desk.post("/handbook/publication", {"version": "1", "seen": seen}).status_code == 303
    shown = guest.get("/handbook").text
    assert shown.index("1. 提什么") < shown.index("2. 怎么提")
    assert "<li>两条</li>" in shown
    assert "三种提法" in guest.get("/handbook/0").text
    assert desk.get("/handbook/versions/1").status_code == 200
    again = {**form, "seen": ""}
    assert desk.post("/handbook/versions", again).status_code == 303
    same = desk.get("/handbook/draft").text
    assert re.search(r"<button[^>]* disabled[^>]*>(<svg.*?</svg>)?公布", same), "the same is not published again"
    assert desk.post("/handbook/publication", {"version": "2", "seen": seen}).status_code == 409
    assert browse("", "zhuren").get("/handbook/versions").status_code == 403
    assert browse(HOME, "shuji").post("/handbook/publication", {"version": "1"}).status_code == 404
    said = {(row.subject, row.what) for row in rows(app, StreetLog)}
    assert said == {("handbook", "save"), ("handbook", "publish")}


def test_a_title_names_a_file_on_every_system() -> None:
    assert file_words('../查 "车棚"|<b>:\r\n?*\\.') == "查 车棚 b"
    assert file_words("///") == "-"


def test_words_become_paragraphs_and_lists() -> None:
    block = handbook_rules.Block
    assert handbook_rules.blocks("一句\n两句\n\n- 甲\n- 乙\n尾巴\n\n") == [
        block(False, ("一句", "两句")), block(True, ("甲", "乙")), block(False, ("尾巴",)),
    ]  # fmt: skip
    one = [{"title": "甲", "words": "1"}, {"title": "乙", "words": "2"}]
    change = handbook_rules.Change
    assert handbook_rules.difference(one, [{"title": "丙", "words": "3"}, {"title": "乙", "words": "2x"}]) == [
        change("丙", "", "3"), change("乙", "2", "2x"), change("甲", "1", ""),
    ]  # fmt: skip
