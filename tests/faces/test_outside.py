"""W5 through the pages: a grid hands a matter up, it climbs, the street writes to the railway, and what comes back."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select, update

from app import clock
from app.faces.jobs import work
from app.matter import escalation
from app.matter.models import Escalation, Matter
from app.matter.outside_models import LetterEvent, OutsideUnit, RequestLetter
from app.notices.models import Message
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.faces.test_tasks import TODAY
from tests.rooms.stage_setting import matter_at

HERE = "/communities/nanyandao/matters"


def text(answer):
    return answer.get_data(as_text=True)


def on_grid(app, **more):
    with inside(app, HOME):
        matter = matter_at("surveying", now=clock.now(), level="grid", **more)
        db.session.commit()
        return matter.id


def worked(app):
    """What the queue would run in the hall."""
    with inside(app, HOME):
        work.climb()
        work.take_up()
        db.session.commit()


def level_of(app, matter_id):
    with inside(app, HOME):
        return db.session.scalar(select(Matter.level).where(Matter.id == matter_id))


def unit_of(officer, name, kind):
    form = {"kind": kind, "name": name, "duty": "排水", "phone": "8555 0900", "once": str(uuid4())}
    assert officer.post("/units", form).status_code == 303
    assert officer.post("/units", form).status_code == 303
    return form["once"]


def note(officer, letter, key, words="", **more):
    day = TODAY.isoformat()
    form = {
        f"{key}-{name}": value for name, value in {"words": words, "day": day, "once": str(uuid4()), **more}.items()
    }
    return officer.post(f"/letters/{letter}/{key}", form)


def test_the_grid_hands_up_and_the_community_answers(app, browse, count_queries):
    matter = on_grid(app)
    xiaoli, shuji, sun = browse(HOME, "xiaoli"), browse(HOME, "shuji"), browse(HOME, "sun")
    assert "报到社区" in text(xiaoli.get(f"/desk/matters/{matter}?tab=help"))
    assert "最晚" not in text(sun.get(f"/desk/matters/{matter}/asks/new"))
    asked = {"once": str(uuid4()), "grid_attempt": "", "reason": "请社区找铁路"}
    refused = xiaoli.post(f"/desk/matters/{matter}/asks", asked)
    assert refused.status_code == 422
    assert "请社区找铁路" in text(refused)
    assert "网格办过什么，办到哪儿：还缺" in text(refused)
    assert browse(HOME, "zhao").post(f"/desk/matters/{matter}/asks", asked).status_code == 422
    for _click in range(2):
        assert xiaoli.post(f"/desk/matters/{matter}/asks", asked | {"grid_attempt": "清过淤泥"}).status_code == 303
    url = f"/desk/asks/{asked['once']}"
    with count_queries() as seen:
        listed = text(shuji.get("/desk/asks"))
    assert len(seen) <= 8
    assert "请社区找铁路" in listed
    assert "等社区答的 1" in listed
    assert xiaoli.post(f"{url}/replies", {"kind": "taken", "words": "好"}).status_code == 403
    assert shuji.post(f"{url}/replies", {"kind": "taken", "words": ""}).status_code == 422
    assert shuji.post(f"{url}/replies", {"kind": "sent_back", "words": "先量一量水深"}).status_code == 303
    assert level_of(app, matter) == "grid"
    assert "先量一量水深" in text(xiaoli.get("/desk/asks?tab=done"))
    next_door = browse(NEXT, "shuji")
    assert next_door.get(url).status_code == 404
    assert next_door.post(f"{url}/replies", {"kind": "taken", "words": "好"}).status_code == 404
    assert next_door.get(f"/desk/matters/{matter}/asks/new").status_code == 404
    assert "请社区找铁路" not in text(next_door.get("/desk/asks?tab=done"))


def climbed(app, xiaoli, matter):
    """Handed up by the grid, unanswered past its day, and sent on by the scheduler."""
    asked = {"once": str(uuid4()), "grid_attempt": "清过淤泥", "reason": "请社区找铁路"}
    assert xiaoli.post(f"/desk/matters/{matter}/asks", asked).status_code == 303
    with inside(app, HOME):
        db.session.execute(update(Escalation).values(answer_due=clock.now() - timedelta(hours=1)))
        db.session.commit()
    worked(app)
    worked(app)
    with inside(app, HOME):
        return escalation.open_escalation(matter).id


def test_it_climbs_and_the_railway_answers_a_letter(app, browse, count_queries):
    matter = on_grid(app)
    officer, shuji, anyone = browse("", "zhuren"), browse(HOME, "shuji"), browse(HOME)
    request_ = climbed(app, browse(HOME, "xiaoli"), matter)
    unit, office = unit_of(officer, "铁路工务段", "external"), unit_of(officer, "城管科", "department")
    assert officer.post("/units", {"kind": "external", "name": "铁路工务段"}).status_code == 422
    with count_queries() as seen:
        listed = text(officer.get("/escalations"))
    assert len(seen) <= 8
    assert "自动升上来的" in listed
    assert "清过淤泥" in listed
    assert "发商请函" in text(officer.get(f"/escalations/{request_}?kind=taken"))
    form = text(officer.get(f"{HERE}/{matter}/letters/new?kind=letter"))
    assert "铁路工务段" in form
    assert "城管科" not in form
    today, due = TODAY, (TODAY + timedelta(days=20)).isoformat()
    sent = {"once": str(uuid4()), "kind": "letter", "unit": unit, "subject": "整治涵洞积水", "words": "请派人来看。",
            "sent_on": today.isoformat(), "reply_due": due}  # fmt: skip
    bad = officer.post(f"{HERE}/{matter}/letters", sent | {"reply_due": "2020-01-01"})
    assert bad.status_code == 422
    assert "请派人来看。" in text(bad)
    assert officer.post(f"{HERE}/{matter}/letters", sent | {"unit": office}).status_code == 422
    assert shuji.post(f"{HERE}/{matter}/letters", sent).status_code == 404
    for _click in range(2):
        assert officer.post(f"{HERE}/{matter}/letters", sent).status_code == 303
    letter = sent["once"]
    worked(app)
    # The letter took the request, and what it asks for lies outside the street's command.
    assert level_of(app, matter) == "external"
    number = f"中街函〔{today.year}〕1号"
    assert note(officer, letter, "receipts").status_code == 303
    assert note(officer, letter, "receipts").status_code == 422
    assert note(officer, letter, "reminders", "打了电话").status_code == 303
    assert note(officer, letter, "visits", "").status_code == 422
    assert note(officer, letter, "visits", "量了管径").status_code == 303
    assert note(officer, letter, "answers", "同意重做排水", reply_no="石铁工函〔2026〕18号").status_code == 303
    worked(app)
    worked(app)
    for page in (text(anyone.get(f"/matters/{matter}")), text(shuji.get(f"/desk/matters/{matter}?tab=help"))):
        assert number in page
        assert "同意重做排水" in page
    assert "铁路工务段回话了（石铁工函〔2026〕18号）：同意重做排水。" in text(anyone.get(f"/matters/{matter}"))
    assert "请派人来看。" not in text(anyone.get(f"/matters/{matter}"))
    with inside(app, HOME):
        told = [m.words for m in db.session.scalars(select(Message).where(Message.to_kind == "proposer"))]
    assert sum("同意重做排水" in words for words in told) == 1
    assert note(officer, letter, "closures", "排水重做了，大雨后去看过").status_code == 303
    assert note(officer, letter, "voidings", "x").status_code == 422
    answered = {"kind": "answered", "words": "照铁路的办法做"}
    assert officer.post(f"/escalations/{request_}/replies", answered).status_code == 303
    worked(app)
    assert level_of(app, matter) == "external"
    paper = Document(BytesIO(officer.get(f"/letters/{letter}/paper.docx").data))
    assert paper.sections[0].first_page_header.paragraphs[1].text == number
    assert "铁路工务段：" in [p.text for p in paper.paragraphs]
    with count_queries() as seen:
        assert number in text(officer.get("/letters?tab=closed&kind=letter&community=nanyandao"))
    assert len(seen) <= 9
    # The filter stays until another choice.
    assert number in text(officer.get("/letters"))
    assert number in text(officer.get("/letters/paper"))
    rows = load_workbook(BytesIO(officer.get("/letters.xlsx").data)).active
    assert [rows["A2"].value, rows["D2"].value, rows["K2"].value] == [number, "铁路工务段", "办结"]
    assert "这里没有函和交办" in text(officer.get("/letters?tab=late"))
    assert "看正文" in text(shuji.get(f"/desk/matters/{matter}?tab=help"))
    for where in (f"/letters/{letter}", f"/units/{unit}", "/letters", f"{HERE}/{matter}/letters/new"):
        assert shuji.get(where).status_code == 404
    assert browse("").get(f"/letters/{letter}").status_code in (302, 303, 401, 403)
    assert officer.get(f"/communities/dianye/matters/{matter}/letters/new").status_code == 404
    assert number not in text(browse(NEXT, "shuji").get("/desk/asks?tab=done"))


def test_a_task_overdue_is_sent_again_and_a_void_letter_takes_its_level_back(app, browse):
    matter = on_grid(app)
    officer = browse("", "zhuren")
    climbed(app, browse(HOME, "xiaoli"), matter)
    office, unit = unit_of(officer, "城管科", "department"), unit_of(officer, "铁路工务段", "external")
    today = TODAY
    month_ago, last_week = (today - timedelta(days=30)).isoformat(), (today - timedelta(days=7)).isoformat()
    task = {"once": str(uuid4()), "kind": "task", "unit": office, "subject": "清理涵洞", "words": "请清淤。",
            "sent_on": month_ago, "reply_due": last_week}  # fmt: skip
    assert officer.post(f"{HERE}/{matter}/letters", task).status_code == 303
    worked(app)
    assert level_of(app, matter) == "street"
    assert "城管科" in text(officer.get("/letters?tab=late"))
    again = f"{HERE}/{matter}/letters/new?second_of={task['once']}"
    assert "再发一次" in text(officer.get(again))
    second = task | {"once": str(uuid4()), "second_of": task["once"], "reply_due": (today + timedelta(5)).isoformat()}
    assert officer.post(f"{HERE}/{matter}/letters", second | {"unit": unit}).status_code == 422
    assert officer.post(f"{HERE}/{matter}/letters", second).status_code == 303
    assert officer.post(f"{HERE}/{matter}/letters", second | {"once": str(uuid4())}).status_code == 422
    assert note(officer, task["once"], "answers", "晚了").status_code == 422
    assert "这里没有函和交办" in text(officer.get("/letters?tab=late"))
    letter = {"once": str(uuid4()), "kind": "letter", "unit": unit, "subject": "整治涵洞", "words": "请来看。",
              "sent_on": today.isoformat(), "reply_due": today.isoformat()}  # fmt: skip
    assert officer.post(f"{HERE}/{matter}/letters", letter).status_code == 303
    worked(app)
    assert level_of(app, matter) == "external"
    assert note(officer, letter["once"], "voidings", "发错单位了").status_code == 303
    worked(app)
    assert level_of(app, matter) == "street"
    assert officer.post(f"/units/{unit}/retirement").status_code == 303
    assert f'value="{unit}"' not in text(officer.get(f"{HERE}/{matter}/letters/new?kind=letter"))
    assert officer.post(f"/units/{unit}/restoration").status_code == 303
    assert officer.post(f"/units/{unit}", {"name": "铁路局", "phone": "1" * 41}).status_code == 422
    assert officer.post(f"/units/{unit}", {"name": "铁路局"}).status_code == 303
    with inside(app):
        assert db.session.scalar(select(OutsideUnit.name).where(OutsideUnit.kind == "external")) == "铁路局"
        assert set(db.session.scalars(select(RequestLetter.unit_name))) == {"城管科", "铁路工务段"}
        assert db.session.scalars(select(LetterEvent.kind)).all() == ["void"]
