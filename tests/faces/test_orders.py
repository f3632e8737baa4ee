"""Supervision orders through the pages: the hall's own, the street's into a hall, and who gets nowhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.notices.models import Reminder
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside
from tests.faces.test_tasks import TODAY, working

DAY = TODAY.isoformat()


def text(answer):
    return answer.get_data(as_text=True)


def order_of(app, **named):
    with inside(app, HOME):
        return db.session.scalar(select(SupervisionOrder.id).filter_by(**named))


def write(who, order, act, words="", **more):
    form = {f"{act}-{name}": value for name, value in {"words": words, "once": str(uuid4()), **more}.items()}
    return who.post(f"/desk/orders/{order}/{act}", form)


@pytest.mark.parametrize(("owner", "told"), [("zhao", "主办的人会收到"), ("", "在这里收不到：打印出来送去")])
def test_only_who_has_an_account_is_said_to_receive_it(app, browse, owner, told):
    matter, (task,) = working(app, owner=owner)
    xiaoli = browse(HOME, "xiaoli")
    asked = {"once": str(uuid4()), "kind": "supervise", "task": task, "demand": "这周装好", "due": DAY}
    assert xiaoli.post(f"/desk/matters/{matter}/orders", asked).status_code == 303
    assert told in text(xiaoli.get(f"/desk/orders/{asked['once']}"))


def test_an_order_on_a_task_from_the_grid_worker_to_its_end(app, browse, count_queries):
    matter, (task,) = working(app, owner="zhao")
    xiaoli, zhao, sun = browse(HOME, "xiaoli"), browse(HOME, "zhao"), browse(HOME, "sun")
    form = xiaoli.get(f"/desk/matters/{matter}/orders/new?task={task}")
    assert "第 0 件（物业 何师傅）" in text(form)
    asked = {"once": str(uuid4()), "kind": "supervise", "task": task, "demand": "这周装好", "due": DAY}
    refused = xiaoli.post(f"/desk/matters/{matter}/orders", asked | {"due": "2020-01-01"})
    assert refused.status_code == 422
    assert "日子不能是过去的日子" in text(refused)
    assert "这周装好" in text(refused)
    for _click in range(2):
        assert xiaoli.post(f"/desk/matters/{matter}/orders", asked).status_code == 303
    order = order_of(app)
    assert str(order) == asked["once"]
    assert write(xiaoli, order, "signatures").status_code == 409
    assert write(zhao, order, "signatures").status_code == 303
    assert write(zhao, order, "extensions", "缺料", due="2020-01-01").status_code == 422
    assert write(zhao, order, "reports", "装好了").status_code == 303
    assert write(zhao, order, "closures", "好").status_code == 409
    assert write(sun, order, "voidings", "x").status_code == 409
    assert write(xiaoli, order, "returns", "").status_code == 422
    assert write(xiaoli, order, "closures", "看过了").status_code == 303
    with count_queries() as seen:
        page = text(xiaoli.get(f"/desk/orders/{order}"))
    assert len(seen) <= 8
    assert "已销号" in page
    assert "看过了" in page
    paper = xiaoli.get(f"/desk/orders/{order}/paper.docx")
    read = Document(BytesIO(paper.data))
    assert "南盐道督〔" in read.paragraphs[1].text
    assert "看过了" in read.tables[0].cell(3, 1).text
    assert xiaoli.get(f"/desk/orders/{order}/paper").status_code == 200
    assert xiaoli.get("/desk/orders/paper?tab=all").status_code == 200
    assert "督办 1 次" in text(browse(HOME).get(f"/matters/{matter}")).replace("已督办", "督办")
    assert "南盐道督〔" in text(xiaoli.get(f"/desk/matters/{matter}?tab=orders"))
    with count_queries() as seen:
        assert "南盐道督〔" in text(xiaoli.get("/desk/orders?tab=all&level=grid"))
    assert len(seen) <= 6
    assert "这里没有督办单" in text(xiaoli.get("/desk/orders?tab=open"))
    assert browse(HOME, "jiandu").get(f"/desk/orders/{order}").status_code == 200
    sheet = load_workbook(BytesIO(browse(HOME, "jiandu").get("/desk/orders.xlsx?tab=all").data)).active
    assert [cell.value for cell in sheet[2]][:3] == [sheet["A2"].value, "网格员督办", "督办单"]
    assert "看过了" in [cell.value for cell in sheet[2]]
    assert xiaoli.get("/desk/orders.xlsx").status_code == 403
    assert browse(HOME, "jiandu").get(f"/desk/matters/{matter}/orders/new").status_code == 403
    next_door = browse(NEXT, "shuji")
    for url in (f"/desk/orders/{order}", f"/desk/orders/{order}/paper.docx", f"/desk/matters/{matter}/orders/new"):
        assert next_door.get(url).status_code == 404
    assert write(next_door, order, "notes", "x").status_code == 404
    assert next_door.post(f"/desk/matters/{matter}/orders", asked).status_code == 404


def test_the_street_urges_from_the_red_list_and_closes_what_the_hall_reports(app, browse, count_queries):
    matter, (task,) = working(app)
    with inside(app, HOME):
        promise = db.session.scalar(select(Commitment).where(Commitment.id == task))
        promise.due = promise.first_due = TODAY.replace(year=TODAY.year - 1)
        closed = Matter(
            number="NYD20260999", title="两家为墙吵架", question="怎么谈", stage="surveying", kind="individual",
            channel="web", tracking_hmac="x", visibility="parties", triage="hard", category="其他",
            stage_since=promise.created_at, collected_at=promise.created_at, accepted_at=promise.created_at,
            due_at=promise.created_at.replace(year=TODAY.year - 2),
        )  # fmt: skip
        db.session.add(closed)
        climbed = Reminder(
            kind="task", subject_id=promise.id, matter_id=promise.matter_id, due=promise.due, step="climb", day=TODAY,
            said_on=TODAY, to_label="街道", at=promise.created_at,
        )  # fmt: skip
        db.session.add(climbed)
        db.session.commit()
        closed_id = closed.id
    officer, shuji = browse("", "zhuren"), browse(HOME, "shuji")
    with count_queries() as seen:
        reds = text(officer.get("/red-lights"))
    assert len(seen) <= 8
    assert reds.index("NYD20260999") < reds.index("第 0 件")
    assert "两家为墙吵架" not in reds
    assert "2 项超期" in reds
    assert reds.count("已升到街道") == 1
    assert officer.get("/red-lights/paper?community=nanyandao").status_code == 200
    listed = load_workbook(BytesIO(officer.get("/red-lights.xlsx").data)).active
    assert [listed["B2"].value, listed["C2"].value, listed["D3"].value] == ["NYD20260999", None, "第 0 件"]
    assert "没有红灯" in text(officer.get("/red-lights?community=dianye"))
    base = f"/communities/nanyandao/matters/{matter}/orders"
    assert "第 0 件" in text(officer.get(f"{base}/new?task={task}"))
    asked = {"once": str(uuid4()), "kind": "supervise", "task": task, "demand": "三天里装好", "due": DAY}
    empty = officer.post(base, asked | {"demand": "", "due": ""})
    assert (empty.status_code, empty.text.count('href="#demand"'), empty.text.count('href="#due"')) == (422, 1, 1)
    for _click in range(2):
        assert officer.post(base, asked).status_code == 303
    order = order_of(app, level="street")
    assert "中街督〔" in text(officer.get(f"/orders/{order}"))
    assert "中街督〔" in text(officer.get(f"/communities/nanyandao/matters/{matter}"))
    assert officer.get(f"/communities/dianye/matters/{matter}/orders/new").status_code == 404
    # The hall finds it at once; the line in the timeline waits for the hall's worker.
    assert "中街督〔" in text(shuji.get("/desk/orders?level=street"))
    assert write(browse(HOME, "xiaoli"), order, "signatures").status_code == 409
    assert write(shuji, order, "signatures").status_code == 303
    assert (
        write(shuji, order, "extensions", "支架晚到", due=TODAY.replace(year=TODAY.year + 1).isoformat()).status_code
        == 422
    )
    assert write(shuji, order, "reports", "装好了").status_code == 303
    assert write(shuji, order, "closures", "好").status_code == 409
    with count_queries() as seen:
        assert "中街督〔" in text(officer.get("/orders?tab=answer"))
    assert len(seen) <= 8
    form = {"returns-words": "有一组晃", "returns-once": str(uuid4())}
    assert officer.post(f"/orders/{order}/returns", form).status_code == 303
    again = {"once": str(uuid4()), "kind": "rectify", "demand": "紧好", "due": DAY, "second_of": str(order)}
    assert "第一次是 中街督〔" in text(officer.get(f"{base}/new?second_of={order}"))
    forms = [again, again | {"once": str(uuid4())}]
    hands = [officer, browse("", "zhuren")]
    with ThreadPoolExecutor(2) as pool:
        codes = [a.status_code for a in pool.map(lambda one: one[0].post(base, one[1]), zip(hands, forms, strict=True))]
    assert sorted(codes) == [303, 422]
    second = forms[codes.index(303)]["once"]
    assert write(shuji, second, "signatures").status_code == 303
    assert write(shuji, second, "reports", "紧过了").status_code == 303
    assert officer.post(f"/orders/{second}/closures", {"closures-words": "看过了"}).status_code == 303
    assert "一起销号" in text(officer.get(f"/orders/{order}"))
    assert "整改督办单" in text(officer.get(f"/orders/{second}/paper"))
    assert officer.get(f"/orders/{second}/paper.docx").status_code == 200
    # An order on a closed matter names it by its number; what the hall orders inside one is not the street's to read.
    shut = {"once": str(uuid4()), "kind": "supervise", "demand": "谈起来", "due": DAY}
    assert officer.post(f"/communities/nanyandao/matters/{closed_id}/orders", shut).status_code == 303
    assert "两家为墙吵架" not in text(officer.get(f"/orders/{shut['once']}"))
    inner = {"once": str(uuid4()), "kind": "assign", "lead": "调解员", "demand": "先谈", "due": DAY}
    assert shuji.post(f"/desk/matters/{closed_id}/orders", inner).status_code == 303
    assert officer.get(f"/orders/{inner['once']}").status_code == 404
    listed = text(browse(HOME, "jiandu").get("/desk/orders"))
    assert "两家为墙吵架" not in listed
    assert "调解员" not in listed
    # Repeating it under another matter's form, or from the street, would show what was asked inside.
    assert shuji.get(f"/desk/matters/{matter}/orders/new?second_of={inner['once']}").status_code == 404
    assert shuji.post(f"/desk/matters/{matter}/orders", inner | {"second_of": inner["once"]}).status_code == 404
    at_street = f"/communities/nanyandao/matters/{closed_id}/orders/new"
    assert officer.get(f"{at_street}?second_of={inner['once']}").status_code == 404
    assert browse(NEXT, "shuji").get(f"/desk/orders/{order}").status_code == 404
    # The secretary signs for the street's order on a child's matter without opening the child's words.
    with inside(app, HOME):
        db.session.get(Matter, (db.session.scalar(select(Matter.community_id)), closed_id)).has_minor = True
        db.session.commit()
    asked_inside = {"once": str(uuid4()), "kind": "supervise", "demand": "早点答复", "due": DAY}
    assert officer.post(at_street.removesuffix("/new"), asked_inside).status_code == 303
    child_s = shuji.get(f"/desk/orders/{asked_inside['once']}")
    assert (child_s.status_code, "两家为墙吵架" in text(child_s), "早点答复" in text(child_s)) == (200, False, True)
    assert f"/desk/orders/{asked_inside['once']}" in text(shuji.get("/desk/orders?level=street"))
    assert write(shuji, asked_inside["once"], "signatures").status_code == 303
    assert browse(HOME, "xiaoli").get(f"/desk/orders/{asked_inside['once']}").status_code == 404
    assert officer.post(f"/orders/{asked_inside['once']}/voidings", {"voidings-words": "发错了"}).status_code == 303
    every = load_workbook(BytesIO(officer.get("/orders.xlsx?tab=all").data)).active
    assert every.max_row == 6
    assert {"先谈", "调解员"}.isdisjoint(cell.value for row in every.iter_rows() for cell in row)
    with inside(app):
        assert db.session.scalars(select(OrderEvent.side).where(OrderEvent.kind == "closed")).all() == ["street"] * 2


@pytest.mark.parametrize("url", ["/orders", "/red-lights"])
def test_no_hall_has_these_doors(browse, url):
    assert browse(HOME, "shuji").get(url).status_code == 404
