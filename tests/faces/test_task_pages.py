"""One measured task through its pages: promised, counted, shown, put off, sifted, printed; and next door nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from app import clock
from app.flow.implement.models import ExtensionRequest
from app.flow.resolve.models import Commitment
from app.matter.models import Attachment
from app.people.privacy import Look
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.faces.test_photos import picture
from tests.faces.test_resolutions import decided, the_text
from tests.faces.test_tasks import working
from tests.rooms.stage_setting import matter_at, staff

TODAY = datetime.now(clock.SHANGHAI).date()


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def in_days(n: int) -> str:
    return (TODAY + timedelta(n)).isoformat()


def chairs(app: Any, browse: Any, owner: str = "sun") -> tuple[str, str]:
    """A plain duty with one task of three hundred chairs, given out through the form; its matter and it."""
    with inside(app, HOME):
        matter = matter_at(
            "accepted", now=clock.now(), triage="minor", power="council", owner_id=staff().id, is_plain_duty=True
        )
        found, owner_id = str(matter.id), str(staff(owner).id)
        db.session.commit()
    row = {
        "what": "摆爱心椅", "who": "银行 志愿队", "owner": owner_id, "due": in_days(20), "planned": "",
        "kind": "partner", "target": "３００", "unit": "把", "contact": "8555 0123", "letter": "",
    }  # fmt: skip
    shuji, url = browse(HOME, "shuji"), f"/desk/matters/{found}/promises"
    kept = shuji.post(url, row | {"unit": ""})
    assert kept.status_code == 422
    assert "还要写单位" in text(kept)
    assert 'value="8555 0123"' in text(kept)
    assert shuji.post(url, row | {"more": "1"}).status_code == 200
    assert shuji.post(url, row).status_code == 303
    with inside(app, HOME):
        return found, str(db.session.scalar(select(Commitment.id)))


def test_a_measured_task_from_its_form_to_the_public_page(app, browse):
    matter, task = chairs(app, browse)
    at, sun, xiaoli = f"/desk/tasks/{task}", browse(HOME, "sun"), browse(HOME, "xiaoli")
    assert sun.post(f"{at}/progress-notes", {"words": "", "done": "很多"}).status_code == 422
    wrong = sun.post(f"{at}/progress-notes", {"words": "摆了一些", "done": "9999"})
    assert wrong.status_code == 422
    assert "摆了一些" in text(wrong)
    assert "再看一眼" in text(wrong)
    sent = {"words": "", "done": "60", "once": str(uuid4()), "checked": "y"}
    for who, side in ((sun, "before"), (xiaoli, "after")):
        upload = sent | {"once": str(uuid4()), side: [(BytesIO(picture()), "a.jpg", "image/jpeg")], "words": "拍了"}
        assert who.post(f"{at}/progress-notes", upload, content_type="multipart/form-data").status_code == 303
    public = text(browse(HOME).get(f"/matters/{matter}"))
    assert "60</b>/300" in public
    assert ("办之后：摆爱心椅" in public, "办之前：摆爱心椅" in public) == (True, False)
    with inside(app, HOME):
        owners = db.session.scalar(select(Attachment.id).where(Attachment.about == "task_before"))
    photo = f"/desk/task-photos/{owners}"
    assert sun.post(f"{photo}/publications", {"checked": "y"}).status_code == 409
    assert xiaoli.post(f"{photo}/publications", {}).status_code == 409
    assert xiaoli.post(f"{photo}/publications", {"checked": "y"}).status_code == 303
    assert "办之前：摆爱心椅" in text(browse(HOME).get(f"/matters/{matter}"))
    assert xiaoli.post(f"{photo}/retractions").status_code == 303
    page = text(xiaoli.get(at))
    assert "8555 0123" not in page
    assert "60</b>/300" in text(xiaoli.get(f"/desk/matters/{matter}?tab=tasks"))
    assert "8555 0123" in text(xiaoli.post(f"{at}/contact"))
    assert xiaoli.post(f"{at}/address", {"letter": "函 3 号", "contact": ""}).status_code == 422
    assert xiaoli.post(f"{at}/address", {"letter": "", "contact": "8555 0999"}).status_code == 303
    with inside(app, HOME):
        assert db.session.scalar(select(Look.subject)) == "phone"
    short = sun.post(f"{at}/completions", {"evidence": "摆好了", "done": "282"})
    assert short.status_code == 422
    assert "没做够" in text(short)
    assert sun.post(f"{at}/completions", {"evidence": "摆好", "done": "282", "shortfall": "停产"}).status_code == 303
    assert "282</b>/300" in text(browse(HOME).get(f"/matters/{matter}"))


def test_an_owner_asks_for_time_through_the_page(app, browse):
    _matter, task = chairs(app, browse)
    at, sun, shuji = f"/desk/tasks/{task}", browse(HOME, "sun"), browse(HOME, "shuji")
    wrong = sun.post(f"{at}/extension-requests", {"until": in_days(10), "why": "厂家缺货"})
    assert wrong.status_code == 422
    assert "厂家缺货" in text(wrong)
    asked = {"until": in_days(40), "why": "厂家缺货", "once": str(uuid4())}
    for _click in range(2):
        assert sun.post(f"{at}/extension-requests", asked).status_code == 303
    listed = text(shuji.get("/desk/tasks?asked=1"))
    assert "摆爱心椅" in listed
    assert "请延期" in listed
    with inside(app, HOME):
        (request,) = db.session.scalars(select(ExtensionRequest.id)).all()
    door = f"/desk/extension-requests/{request}"
    assert sun.post(f"{door}/answers", {"granted": "yes", "answer": "好"}).status_code == 403
    assert "厂家缺货" in text(shuji.get(at))
    assert shuji.post(f"{door}/answers", {"granted": "", "answer": "好"}).status_code == 422
    assert shuji.post(f"{door}/answers", {"granted": "yes", "answer": "就到这天"}).status_code == 303
    assert shuji.post(f"{door}/answers", {"granted": "no", "answer": "不"}).status_code == 409
    assert sun.post(f"{door}/withdrawals").status_code == 409
    assert "厂家缺货（张书记批）" in text(sun.get(at))
    assert "没有这样的任务" in text(shuji.get("/desk/tasks?asked=1"))
    again = asked | {"until": in_days(50), "once": str(uuid4())}
    assert sun.post(f"{at}/extension-requests", again).status_code == 303
    with inside(app, HOME):
        second = db.session.scalar(select(ExtensionRequest.id).where(ExtensionRequest.state == "asked"))
    assert sun.post(f"/desk/extension-requests/{second}/withdrawals").status_code == 303


def test_the_list_is_sifted_printed_and_costs_no_more_for_twenty(app, browse, count_queries):
    chairs(app, browse)
    working(app, 20, owner="xiaoli")
    xiaoli = browse(HOME, "xiaoli")
    page = text(xiaoli.get("/desk/tasks?kind=partner&light=green"))
    assert ("摆爱心椅" in page, "第 0 件" in page) == (True, False)
    assert "/desk/tasks/paper?light=green&amp;kind=partner" in page
    assert "摆爱心椅" not in text(xiaoli.get("/desk/tasks?light=red"))
    assert "摆爱心椅" not in text(xiaoli.get("/desk/tasks?mine=1"))
    assert "mine=1&amp;page=2" not in text(xiaoli.get("/desk/tasks?mine=1&light=green"))
    assert "page=2" in text(xiaoli.get("/desk/tasks?light=green"))
    paper = text(xiaoli.get("/desk/tasks/paper"))
    assert "共 21 项" in paper
    assert "0/300 把" in paper
    zhao = browse(HOME, "zhao")
    sheet = load_workbook(BytesIO(zhao.get("/desk/tasks.xlsx?kind=partner").get_data())).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [line[7:10] for line in lines if line[0] == "摆爱心椅"] == [[300, 0, "把"]]
    assert xiaoli.get("/desk/tasks.xlsx").status_code == 403
    with count_queries() as listed:
        xiaoli.get("/desk/tasks")
    with inside(app, HOME):
        task = db.session.scalar(select(Commitment.id).where(Commitment.target.is_(None)))
    for n in range(3):
        xiaoli.post(f"/desk/tasks/{task}/progress-notes", {"words": f"第 {n} 句", "once": str(uuid4())})
    with count_queries() as shown:
        assert xiaoli.get(f"/desk/tasks/{task}").status_code == 200
    assert (len(listed) <= 6, len(shown) <= 8) == (True, True), (len(listed), len(shown))


def test_a_resolution_prints_the_measure_and_the_check_keeps_it(app, browse):
    matter, shuji = decided(app), browse(HOME, "shuji")
    more = {"kind": ["external", ""], "target": ["8", ""], "unit": ["处", ""], "contact": ["8555 0123", ""],
            "letter": ["函〔2026〕3号", ""]}  # fmt: skip
    check = text(shuji.post(f"/desk/matters/{matter}/resolution-draft", the_text(**more)))
    assert "安装 5 组晾衣架（8 处），物业 何师傅（函〔2026〕3号）" in check
    assert 'name="contact" value="8555 0123"' in check
    written = shuji.post(f"/desk/matters/{matter}/resolutions", the_text(**more))
    assert written.status_code == 303
    page = text(browse(HOME).get(written.location))
    assert "（8 处）" in page
    assert "8555 0123" not in page
    paper = Document(BytesIO(browse(HOME).get(f"{written.location}/paper.docx").get_data()))
    assert any("（8 处）" in cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    at = f"/desk/resolutions/{written.location.rsplit('/', 1)[1]}"
    assert shuji.post(f"{at}/signature").status_code == 303
    form = shuji.get(f"{at}/correction")
    assert 'name="target" value="8"' in text(form)
    kept = dict.fromkeys(("dissent", "dissent_answer"), "") | {"once": str(uuid4()), "reason": "少写了一处"}
    mended = the_text(**more) | {"target": ["9"], "what": ["安装 5 组晾衣架"], "who": ["物业 何师傅"]} | kept
    assert shuji.post(f"{at}/correction", {**mended, "unit": [""]}).status_code == 422
    assert shuji.post(f"{at}/correction", mended).status_code == 303
    with inside(app, HOME):
        task = db.session.scalars(select(Commitment)).one()
        assert (task.target, task.unit, task.letter_no, task.owner_kind) == (9, "处", "函〔2026〕3号", "external")
        assert task.contact_sealed


def test_what_is_on_hold_is_looked_at_again_on_a_day_everybody_knows(app, browse):
    matter, _task = chairs(app, browse)
    shuji = browse(HOME, "shuji")
    wait = {"reason": "等燃气改造", "review_on": in_days(20), "outside": "y"}
    assert shuji.post(f"/desk/matters/{matter}/suspension-reviews", wait).status_code == 409
    assert shuji.post(f"/desk/matters/{matter}/suspensions", wait).status_code == 303
    assert "先放着的（挂账）" in text(shuji.get("/desk/tasks"))
    assert "还要放一放" in text(shuji.get(f"/desk/matters/{matter}/suspension"))
    door = f"/desk/matters/{matter}/suspension-reviews"
    kept = shuji.post(door, {"reason": "管道还没到", "review_on": in_days(31)})
    assert kept.status_code == 422
    assert "管道还没到" in text(kept)
    assert browse(HOME, "zhao").post(door, {"reason": "没到", "review_on": in_days(25)}).status_code == 422
    assert shuji.post(door, {"reason": "管道还没到", "review_on": in_days(25)}).status_code == 303
    assert browse(NEXT, "shuji").post(door, {"reason": "没到", "review_on": in_days(26)}).status_code == 404
    assert "还要放一放：管道还没到" in text(browse(HOME).get(f"/matters/{matter}"))
    assert "再定一个日子看" in text(shuji.get(f"/desk/matters/{matter}?tab=tasks"))
    assert shuji.post(f"/desk/matters/{matter}/resumptions", {"reason": "到了"}).status_code == 303


def test_next_door_finds_no_task_no_request_and_no_picture(app, browse):
    _matter, task = chairs(app, browse)
    sun = browse(HOME, "sun")
    sun.post(f"/desk/tasks/{task}/extension-requests", {"until": in_days(40), "why": "缺货"})
    upload = {"words": "拍了", "before": [(BytesIO(picture()), "a.jpg", "image/jpeg")]}
    sun.post(f"/desk/tasks/{task}/progress-notes", upload, content_type="multipart/form-data")
    with inside(app, HOME):
        request, photo = db.session.scalar(select(ExtensionRequest.id)), db.session.scalar(select(Attachment.id))
    next_door = browse(NEXT, "shuji")
    for door in (
        f"/desk/tasks/{task}/extension-requests", f"/desk/tasks/{task}/address", f"/desk/tasks/{task}/contact",
        f"/desk/extension-requests/{request}/answers", f"/desk/extension-requests/{request}/withdrawals",
        f"/desk/task-photos/{photo}/publications", f"/desk/task-photos/{photo}/retractions",
    ):  # fmt: skip
        assert next_door.post(door, {"granted": "yes", "answer": "好", "checked": "y"}).status_code == 404
    assert "摆爱心椅" not in text(next_door.get("/desk/tasks/paper"))
    with inside(app, HOME):
        assert db.session.scalar(select(ExtensionRequest.state)) == "asked"
