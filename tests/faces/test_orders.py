"""Supervision orders through the pages: the hall's own, the street's into a hall, and who gets nowhere."""

from __future__ import annotations

from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from sqlalchemy import select

from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
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
    page = text(xiaoli.get(f"/desk/orders/{order}"))
    assert "已销号" in page
    assert "看过了" in page
    paper = xiaoli.get(f"/desk/orders/{order}/paper.docx")
    read = Document(BytesIO(paper.data))
    assert "南盐道督〔" in read.paragraphs[1].text
    assert "看过了" in read.tables[0].cell(3, 1).text
    assert xiaoli.get(f"/desk/orders/{order}/paper").status_code == 200
    assert xiaoli.get("/desk/orders/paper?tab=all").status_code == 200
    assert "督办 1 次" in text(browse(HOME).get(f"/matters/{matter}")).replace("已督办", "督办")
    assert "南盐道督〔" in text(xiaoli.get(f"/desk/matters/{matter}?tab=tasks"))
    with count_queries() as seen:
        assert "南盐道督〔" in text(xiaoli.get("/desk/orders?tab=all&level=grid"))
    assert len(seen) <= 6
    assert "这里没有督办单" in text(xiaoli.get("/desk/orders?tab=open"))
    assert browse(HOME, "jiandu").get(f"/desk/orders/{order}").status_code == 200
    assert browse(HOME, "jiandu").get(f"/desk/matters/{matter}/orders/new").status_code == 403
    next_door = browse(NEXT, "shuji")
    for url in (f"/desk/orders/{order}", f"/desk/orders/{order}/paper.docx", f"/desk/matters/{matter}/orders/new"):
        assert next_door.get(url).status_code == 404
    assert write(next_door, order, "notes", "x").status_code == 404
    assert next_door.post(f"/desk/matters/{matter}/orders", asked).status_code == 404
