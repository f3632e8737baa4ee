"""The register of able residents: listed by the staff or by themselves, trained, put forward, let go; nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from app import clock
from app.people import core_rules as rules
from app.people import holdings
from app.people.core_models import CoreResident, CoreTraining
from app.people.models import ChangeLog, Person
from app.people.secrets import blind, seal, unseal
from tenants.database import db, uuid7
from tests import cast
from tests.conftest import inside

ABLE = {
    "name": "周师傅", "phone": "138 0013 8000", "roles": ["手艺人"], "own_role": "水电、手艺人", "skills": "电工三十年",
    "hours": "周二晚上", "found_by": "visit", "consent_how": "spoken", "consent": "y", "title": "",
}  # fmt: skip


def text(answer, status=200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[:1500]
    return answer.get_data(as_text=True)


def test_what_is_asked_for():
    fine = rules.Draft("周师傅", skills="电工", consent_how="paper")
    assert rules.problems(fine, agreed=True) == {}
    for change, field in (({"name": " "}, "name"), ({"name": "周" * 21}, "name"), ({"skills": ""}, "skills"),
                          ({"phone": "12"}, "phone"), ({"found_by": "x"}, "found_by"), ({"hours": "x" * 61}, "hours"),
                          ({"consent_how": ""}, "consent")):  # fmt: skip
        assert set(rules.problems(rules.Draft(**{**vars(fine), **change}), agreed=True)) == {field}
    assert set(rules.problems(fine, agreed=False)) == {"consent"}
    assert rules.roles_of(["志愿者"], "水电、志愿者，劝架") == ["志愿者", "水电", "劝架"]
    assert set(rules.training_problems(rules.Training("", 5), is_future=True)) == {"topic", "minutes", "day"}


def test_a_life_on_the_register(app, browse, count_queries):
    zhao, next_door = browse(cast.HOME, "zhao"), browse(cast.NEXT, "shuji")
    for change, words in (({"consent": ""}, "先问过本人"), ({"name": ""}, "请写上姓名"), ({"phone": "1"}, "11 位")):
        page = text(zhao.post("/desk/core-residents", {**ABLE, **change}), 422)
        assert words in page
        assert "电工三十年" in page
    once = str(uuid7())
    for _ in range(2):
        made = zhao.post("/desk/core-residents", {**ABLE, "once": once})
        assert made.headers["Location"].endswith(f"/desk/core-residents/{once}")
    assert "已经在名册上" in text(zhao.post("/desk/core-residents", ABLE), 422)
    one = f"/desk/core-residents/{once}"
    assert "138 0013 8000" not in text(zhao.get(one))
    assert "13800138000" in text(zhao.get(f"{one}/edit"))
    assert zhao.post(one, {**ABLE, "hours": "周四晚上"}).status_code == 303
    assert zhao.post(f"{one}/suggestions", {"role": "council"}).status_code == 303
    assert zhao.post(f"{one}/suggestions", {"role": "king"}).status_code == 409
    training = {"topic": "怎么主持板凳会", "day": clock_day(app), "minutes": "90", "came": [once], "teacher": "何老师"}
    assert "10 到 600" in text(zhao.post("/desk/core-trainings", {**training, "minutes": "5"}), 422)
    assert "办过了再记" in text(zhao.post("/desk/core-trainings", {**training, "day": clock_day(app, 2)}), 422)
    assert zhao.post("/desk/core-trainings", training).status_code == 303
    assert "已经记过" in text(zhao.post("/desk/core-trainings", training), 422)
    zhao.get("/desk/core-residents")
    with count_queries() as seen:
        page = text(zhao.get("/desk/core-residents?q=电工&role=水电"))
    assert len(seen) <= 6, seen
    assert "周师傅" in page
    assert "1 次" in page
    assert "周师傅" not in text(zhao.get("/desk/core-residents?role=单元长"))
    sheet = load_workbook(BytesIO(zhao.post("/desk/core-residents/table", {"q": "水电"}).data)).active
    assert [cell.value for cell in sheet[2]][:2] == ["周师傅", "手艺人、水电"]
    assert "周师傅" in text(zhao.get("/desk/core-residents/print"))
    with inside(app, cast.HOME):
        training_id = db.session.scalar(select(CoreTraining.id))
    for url in (one, f"{one}/edit", f"{one}/leaving", f"/desk/core-trainings/{training_id}"):
        assert next_door.get(url).status_code == 404
    for url in (
        one,
        f"{one}/confirmation",
        f"{one}/suggestions",
        f"{one}/leaving",
        f"/desk/core-trainings/{training_id}",
    ):
        assert next_door.post(url, ABLE).status_code == 404
    assert browse(cast.HOME, "xiaoli").get("/desk/core-residents").status_code == 403
    assert "写一句" in text(zhao.post(f"{one}/leaving", {"reason": " "}), 422)
    assert zhao.post(f"{one}/leaving", {"reason": "本人不愿意了"}).status_code == 303
    assert zhao.get(one).status_code == 404
    assert zhao.post(f"/desk/core-trainings/{training_id}", {}).status_code == 303
    with inside(app, cast.HOME):
        row = db.session.scalars(select(CoreResident)).one()
        assert (row.name, row.phone_sealed, row.skills, row.roles, row.suggested) == ("", None, "", [], [])
        assert db.session.scalars(select(CoreTraining.attended)).one() == [once]
        logged = db.session.scalars(select(ChangeLog).where(ChangeLog.subject == "core")).all()
        assert {one.what for one in logged} == {"list", "change", "suggest", "training", "export", "leave"}
        assert not any("周师傅" in one.before + one.after for one in logged)
    assert "1 次" in text(zhao.get("/desk/core-residents?view=left"))
    assert "能人名册" in text(browse(cast.HOME, "shuji").get("/desk/changes"))
    with inside(app), pytest.raises(ProgrammingError):
        db.session.scalar(select(func.count()).select_from(CoreResident))


def test_whoever_puts_themselves_down(app, browse):
    neighbour, zhao = browse(cast.HOME), browse(cast.HOME, "zhao")
    page = text(neighbour.get("/able"))
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)[1]
    sent = {"name": "孙阿姨", "phone": "13900139000", "skills": "会算账", "consent": "y", "once": once}
    for change, words in (({"phone": ""}, "写上电话"), ({"consent": ""}, "您同意了"), ({"skills": ""}, "会什么")):
        page = text(neighbour.post("/able", {**sent, **change}), 422)
        assert words in page
        assert "孙阿姨" in page
    answers = [neighbour.post("/able", sent), neighbour.post("/able", {**sent, "once": str(uuid7()), "name": "别人"})]
    assert [one.status_code for one in answers] == [303, 303]
    assert "孙阿姨" not in text(zhao.get("/desk/core-residents"))
    assert '能人名册<span class="cnt">1<' in text(zhao.get("/desk"))
    assert "孙阿姨" in text(zhao.get("/desk/core-residents?view=waiting"))
    one = f"/desk/core-residents/{once}"
    assert zhao.post(f"{one}/suggestions", {"role": "expert"}).status_code == 409
    assert zhao.post(f"{one}/confirmation").status_code == 303
    assert "孙阿姨" in text(zhao.get("/desk/core-residents"))
    assert "别人" not in text(zhao.get("/desk/core-residents?view=waiting"))
    with inside(app, cast.HOME):
        row = db.session.scalars(select(CoreResident)).one()
        assert (row.found_by, row.consent_how, row.confirmed_label, unseal(row.phone_sealed)) == (
            "self", "online", "赵师傅", "13900139000",
        )  # fmt: skip
        phone, now = "13900139000", clock.now()
        person = Person(
            name="孙阿姨", phone_sealed=seal(phone), phone_index=blind("phone", phone), created_at=clock.now()
        )
        db.session.add(person)
        db.session.flush()
        [section] = [one for one in holdings.sections_of(person) if one.key == "core_resident"]
        assert section.rows[0][:3] == ["孙阿姨", phone, "会算账"]
        holdings.take_out(person, now=now)
        row = db.session.scalars(select(CoreResident)).one()
        assert (row.name, row.phone_index, row.skills, row.left_at is not None) == ("", None, "", True)


def clock_day(app, days: int = 0) -> str:
    with app.app_context():
        return (clock.today() + timedelta(days=days)).isoformat()
