"""The owners' register in a browser: the list, one owner, one unit, the table, and who may not come in."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.people.import_files import read_grids
from app.people.models import ChangeLog
from app.people.owners import OwnedUnit, Owner
from app.people.places import Estate
from tenants.database import db
from tests.conftest import inside

HALL = "nanyandao"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def estate_of(app: Any, slug: str = HALL) -> Any:
    with inside(app, slug):
        return db.session.scalars(select(Estate.id)).one()


def unit_form(estate: Any, **changed: str) -> dict[str, Any]:
    return {
        "estate": str(estate), "once": str(uuid4()), "label": "3-3-301", "area": "88.50", "source": "register",
        "since": "2026-01-05", "name": "王芳", "mark": "甲", "kind": "person", "phone": "138 0000 1234", **changed,
    }  # fmt: skip


def last_id(answer: Any) -> str:
    assert answer.status_code == 303, text(answer)[:3000]
    return re.search(r"[0-9a-f-]{36}", answer.headers["Location"])[0]


def test_the_register_by_hand(app: Any, browse: Any, count_queries: Any) -> None:
    desk, estate = browse(HALL, "zhao"), estate_of(app)
    assert "还没有业主名册" in text(desk.get("/desk/owners"))
    form = unit_form(estate)
    wang = last_id(desk.post("/desk/owned-units", form))
    assert last_id(desk.post("/desk/owned-units", form)) == wang, "a second click makes nothing"
    for bad, told in (
        ({}, "已经登记在王芳名下"), ({"label": "9-1-1", "area": "88.505"}, "最多两位小数"),
        ({"label": "", "since": "明天"}, "日期看不懂"), ({"label": "9-1-1", "kind": "company"}, "登记成了"),
        ({"label": "9-1-1", "phone": "123"}, "手机号是 11 位"), ({"label": "长" * 41}, "最多写 40 个字"),
        ({"label": "9-1-1", "since": "2099-01-01"}, "晚于今天"),
    ):  # fmt: skip
        answer = desk.post("/desk/owned-units", unit_form(estate, **bad))
        assert answer.status_code == 422, bad
        assert told in text(answer)
        assert 'value="甲"' in text(answer), "what was typed is kept"
    two = last_id(desk.post("/desk/owned-units", unit_form(estate, label="3-3-302", mark="乙", phone="")))
    with count_queries() as seen:
        page = text(desk.get("/desk/owners"))
    assert len(seen) <= 7, seen
    assert "177.00" in page
    assert "13800001234" not in page
    one = text(desk.get(f"/desk/owners/{wang}"))
    assert "13800001234" in one
    assert "王芳（乙）" in one, "the namesake is offered"
    unit = re.search(r"/desk/owned-units/([0-9a-f-]{36})/sale", one)[1]
    sale = {"name": "李强", "kind": "person", "since": "2026-03-01", "once": str(uuid4())}
    assert desk.post(f"/desk/owned-units/{unit}/sale", sale | {"since": "2020-01-01"}).status_code == 422
    li = last_id(desk.post(f"/desk/owned-units/{unit}/sale", sale))
    assert last_id(desk.post(f"/desk/owned-units/{unit}/sale", sale)) == li
    sold = re.search(r"/desk/owned-units/([0-9a-f-]{36})/sale", text(desk.get(f"/desk/owners/{li}")))[1]
    assert "王芳（甲）" in text(desk.get(f"/desk/owned-units/{sold}")), "who held it before"
    wrong = unit_form(estate, name="李强", mark="", area="0", phone="")
    assert desk.post(f"/desk/owned-units/{sold}", wrong).status_code == 422
    assert desk.post(f"/desk/owned-units/{sold}", wrong | {"area": "88.60"}).status_code == 303
    assert desk.post(f"/desk/owners/{li}", {"name": "王芳", "mark": "乙", "kind": "person"}).status_code == 422
    assert desk.post(f"/desk/owners/{li}", {"name": "李强", "mark": "丙", "kind": "person"}).status_code == 303
    assert "同一位业主？" in text(desk.get(f"/desk/owners/{li}/merging?into={two}"))
    assert last_id(desk.post(f"/desk/owners/{li}/merging", {"into": two})) == two
    assert desk.get(f"/desk/owners/{li}").status_code == 302
    sheet = read_grids(desk.get(f"/desk/owners/sheet?estate={estate}").data)[0].rows
    assert [row[1][1:5] for row in sheet[1:]] == [
        ["3 号楼 3 单元 301", "88.60", "产权登记", "王芳"], ["3 号楼 3 单元 302", "88.50", "产权登记", "王芳"]
    ]  # fmt: skip
    assert "177.10" in text(desk.get(f"/desk/owners/print?estate={estate}"))
    for typed, told in (("177.1", "一分不差"), ("177", "多 0.10"), ("177.20", "少 0.10"), ("x", "最多两位小数")):
        assert told in text(desk.get(f"/desk/owners?sum={typed}"))
    assert desk.post(f"/desk/owned-units/{sold}/removal", {"reason": ""}).status_code == 422
    assert desk.post(f"/desk/owned-units/{sold}/removal", {"reason": "登记了两遍"}).status_code == 303
    with inside(app, HALL):
        kinds = db.session.scalars(select(ChangeLog.what).where(ChangeLog.subject == "owner")).all()
        assert sorted(kinds) == ["add", "add", "change", "correct", "drop", "merge", "sell"]
        logged = " ".join(db.session.scalars(select(ChangeLog.after)).all())
        assert "1380000" not in logged


@pytest.mark.parametrize("login", ["xiaoli", "yishi1", "jiandu"])
def test_who_does_not_keep_the_register_stays_out(app: Any, browse: Any, login: str) -> None:
    assert browse(HALL, login).get("/desk/owners").status_code == 403


def test_the_neighbour_finds_nothing(app: Any, browse: Any) -> None:
    desk, estate = browse(HALL, "shuji"), estate_of(app)
    owner = last_id(desk.post("/desk/owned-units", unit_form(estate)))
    unit = re.search(r"/desk/owned-units/([0-9a-f-]{36})/sale", text(desk.get(f"/desk/owners/{owner}")))[1]
    next_door = browse("dianye", "shuji")
    form = unit_form(estate, label="9-9-9")
    for url in (f"/desk/owners?estate={estate}", f"/desk/owners/{owner}", f"/desk/owned-units/{unit}",
                f"/desk/owned-units/{unit}/sale", f"/desk/owned-units/{unit}/removal",
                f"/desk/owners/sheet?estate={estate}", f"/desk/owners/print?estate={estate}",
                f"/desk/owned-units/new?estate={estate}", f"/desk/owners/{owner}/merging?into={owner}"):  # fmt: skip
        assert next_door.get(url).status_code == 404, url
    for url, data in (("/desk/owned-units", form), (f"/desk/owned-units/{unit}", form),
                      (f"/desk/owned-units/{unit}/sale", form), (f"/desk/owned-units/{unit}/removal", {"reason": "x"}),
                      (f"/desk/owners/{owner}", form), (f"/desk/owners/{owner}/merging", {"into": owner})):  # fmt: skip
        assert next_door.post(url, data).status_code == 404, url
    with inside(app, HALL):
        assert db.session.scalar(select(func.count()).select_from(OwnedUnit).where(OwnedUnit.until.is_(None))) == 1
        assert db.session.scalars(select(Owner.name)).one() == "王芳"
