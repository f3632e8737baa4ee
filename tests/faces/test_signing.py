"""Joint proposals through the real pages: the link, the proofs, the paper, the proposer's list, the neighbour."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from app import clock
from app.faces.jobs.work import end_sheets
from app.flow.collect.signing import Signature, SigningSheet
from app.matter.models import Attachment, Matter
from app.people.models import Account
from app.people.phone_codes import waiting_codes
from app.people.secrets import unseal
from tenants.database import db
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT
from tests.conftest import Neighbour, inside

WORDS = "涵洞一下雨就积水，车过不去，孩子上学要绕一里地。"
SIGN = {"name": "张姐", "code": HOUSEHOLD_CODE, "adult": "y", "agree": "y"}


def invited(app: Any, person: Neighbour, **check: str) -> tuple[str, UUID]:
    """A joint proposal that waits for signers: the code in its link, and the matter."""
    person.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    person.post("/say/where", {"building": "none", "place": "铁路涵洞", "who": "joint"})
    answer = person.post("/say/check", {"truth": "y", "name": "林师傅", **check})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    receipt = person.get(answer.location).get_data(as_text=True)
    with inside(app, HOME):
        sheet = db.session.scalars(select(SigningSheet)).one()
        assert f"/sign/{sheet.code}" in receipt
        assert "<svg" in receipt
        return sheet.code, sheet.matter_id


def state(app: Any) -> tuple[str, int, int]:
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        valid = db.session.scalars(select(Signature).where(Signature.withdrawn_at.is_(None))).all()
        return matter.stage, matter.signers, len(valid)


def test_a_neighbour_signs_by_the_household_s_code_and_it_is_registered(app: Any, browse: Any) -> None:
    lin = browse()
    code, matter_id = invited(app, lin)
    page = browse().get(f"/sign/{code.lower()}?via=qr").get_data(as_text=True)
    assert WORDS in page
    assert "还没经社区审核" in page
    assert 'content="noindex, nofollow"' in page
    assert "林师傅" not in page
    assert state(app) == ("collected", 1, 1)
    zhang = browse()
    assert zhang.post(f"/sign/{code}", {**SIGN, "via": "qr"}).status_code == 303
    assert state(app) == ("submitted", 2, 2)
    assert zhang.post(f"/sign/{code}", SIGN).status_code == 409
    assert state(app) == ("submitted", 2, 2)
    with inside(app, HOME):
        row = db.session.scalars(select(Signature).where(Signature.is_proposer.is_(False))).one()
        assert (row.channel, row.proof, row.household_id is not None) == ("qr", "household_code", True)
    mine = lin.get(f"/matters/{matter_id}/signatures").get_data(as_text=True)
    assert "张姐" not in mine
    assert "张" in mine
    assert browse().get(f"/matters/{matter_id}/signatures").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agree": ""}, "请勾上这一条再签"),
        ({"adult": ""}, "签名要满 18 岁"),
        ({"code": ""}, "两样有一样就行"),
        ({"code": "ZZZZZ99999"}, "户码不对"),
        ({"name": ""}, "请写上您的姓名"),
        ({"name": "张" * 41}, "最多写 40 个字"),
        ({"code": "", "phone": "13800002222", "phone_code": "000000"}, "验证码"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_signed(app: Any, browse: Any, change: dict[str, str], said: str) -> None:
    code, _ = invited(app, browse())
    answer = browse().post(f"/sign/{code}", {**SIGN, **change})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert change.get("name", "张姐")[:40] in page
    assert state(app) == ("collected", 1, 1)


def test_a_phone_signs_with_a_code_and_takes_it_back_with_another(app: Any, browse: Any) -> None:
    code, _ = invited(app, browse())
    zhou, form = browse(), {"name": "老周", "phone": "138 0000 2222", "adult": "y", "agree": "y"}
    assert zhou.post(f"/sign/{code}", {**form, "step": "ask_code"}).status_code == 200
    assert state(app) == ("collected", 1, 1)
    assert zhou.post(f"/sign/{code}", {**form, "phone_code": read_out(app)}).status_code == 303
    assert state(app) == ("submitted", 2, 2)
    back = f"/sign/{code}/withdrawal"
    assert zhou.post(back, {"name": "老周", "phone": "13800002222", "phone_code": "999999"}).status_code == 422
    assert state(app) == ("submitted", 2, 2)


def read_out(app: Any) -> str:
    """What the staff reads out on the phone."""
    with inside(app, HOME):
        return unseal(waiting_codes(now=clock.now())[-1].code_sealed or "")


def test_a_signature_is_taken_back_by_the_same_proof(app: Any, browse: Any) -> None:
    code, _ = invited(app, browse())
    browse().post(f"/sign/{code}", SIGN)
    other = browse()
    assert other.post(f"/sign/{code}/withdrawal", {"name": "别人", "code": HOUSEHOLD_CODE}).status_code == 409
    assert other.post(f"/sign/{code}/withdrawal", {"name": "张姐", "code": HOUSEHOLD_CODE}).status_code == 303
    assert state(app) == ("submitted", 1, 1)
    with inside(app, HOME):
        # Whoever tried with another name has left no account behind.
        assert db.session.scalars(select(Account).where(Account.display_name == "别人")).all() == []


def test_somebody_signed_in_only_ticks(app: Any, browse: Any) -> None:
    code, _ = invited(app, browse())
    zhang = browse()
    zhang.post("/join", {"name": "张姐", "code": HOUSEHOLD_CODE, "adult": "y", "title": "女士"})
    assert 'name="code"' not in zhang.get(f"/sign/{code}").get_data(as_text=True)
    assert zhang.post(f"/sign/{code}", {"agree": "y"}).status_code == 303
    # The same person with name and code, from another phone, is the same person.
    assert browse().post(f"/sign/{code}", SIGN).status_code == 409
    assert state(app) == ("submitted", 2, 2)
    assert zhang.post(f"/sign/{code}/withdrawal", {}).status_code == 303
    assert state(app) == ("submitted", 1, 1)


def test_the_pages_of_a_sheet_are_cheap(app: Any, browse: Any, count_queries: Any) -> None:
    lin = browse()
    code, matter_id = invited(app, lin)
    for n in range(6):
        browse().post(f"/sign/{code}", {**SIGN, "name": f"邻居{n}"})
    secretary = browse(HOME, "shuji")
    for person, url in ((browse(), f"/sign/{code}"), (browse(), f"/sign/{code}/sheet"),
                        (lin, f"/matters/{matter_id}/signatures"),
                        (secretary, f"/desk/matters/{matter_id}/signatures")):  # fmt: skip
        person.get(url)
        with count_queries() as seen:
            assert person.get(url).status_code == 200
        assert len(seen) <= 8, (url, seen)


def test_the_desk_enters_a_signed_sheet_with_its_photo(app: Any, browse: Any) -> None:
    _, matter_id = invited(app, browse())
    li, url = browse(HOME, "xiaoli"), f"/desk/matters/{matter_id}/signatures"
    assert li.get(url).status_code == 200
    for form, said in (({"households": ""}, "请写一个数"), ({"households": "1", "names": "王\n李"}, "比签名还多")):
        answer = li.post(url, form)
        assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)
    once, picture = str(uuid4()), BytesIO()
    Image.new("RGB", (60, 80), "white").save(picture, "JPEG")
    form = {"once": once, "households": "110", "names": "王淑兰\n周建国\n"}
    answer = li.post(
        url, {**form, "photo": (BytesIO(picture.getvalue()), "纸.jpg")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    assert state(app) == ("submitted", 111, 111)
    assert li.post(url, {**form, "names": ""}).status_code in (409, 422)
    assert li.post(url, {**form, "once": str(uuid4())}).status_code == 422
    assert state(app) == ("submitted", 111, 111)
    with inside(app, HOME):
        paper = db.session.scalars(select(Attachment)).one().id
        named = db.session.scalars(
            select(Signature).where(Signature.person_id.is_not(None), Signature.channel == "paper")
        )
        one = named.first()
    assert browse(HOME, "shuji").get(f"/files/{paper}").status_code == 200
    assert browse().get(f"/files/{paper}").status_code == 404
    assert browse(HOME, "yishi1").get(f"/files/{paper}").status_code == 404
    assert "王淑兰" in browse(HOME, "shuji").get(url).get_data(as_text=True)
    strike = f"{url}/{one.id}"
    assert li.get(strike).status_code == 200
    assert li.post(strike, {"reason": ""}).status_code == 422
    assert li.post(strike, {"reason": "录重了"}).status_code == 303
    assert state(app) == ("submitted", 110, 110)


def test_who_may_not_touch_the_list(app: Any, browse: Any) -> None:
    code, matter_id = invited(app, browse())
    url = f"/desk/matters/{matter_id}/signatures"
    assert browse().get(url).status_code == 302
    for login in ("yishi1", "jiandu"):
        assert browse(HOME, login).post(url, {"households": "3"}).status_code == 403
    for person in (browse(NEXT), browse(NEXT, "shuji")):
        assert person.get(f"/sign/{code}").status_code == 404
        assert person.post(f"/sign/{code}", SIGN).status_code == 404
        assert person.post(f"/sign/{code}/withdrawal", SIGN).status_code == 404
        assert person.get(f"/sign/{code}/sheet").status_code == 404
        assert person.post(f"/matters/{matter_id}/signatures").status_code == 404
    assert browse(NEXT, "shuji").get(url).status_code == 404
    assert browse(NEXT, "shuji").post(url, {"households": "3"}).status_code == 404
    assert state(app) == ("collected", 1, 1)


def test_a_private_or_hidden_matter_has_no_sheet_any_more(app: Any, browse: Any) -> None:
    code, _ = invited(app, browse())
    with inside(app, HOME):
        db.session.scalars(select(Matter)).one().visibility = "parties"
        db.session.commit()
    assert browse().get(f"/sign/{code}").status_code == 404
    assert browse().post(f"/sign/{code}", SIGN).status_code == 404


def test_a_thin_sheet_ends_and_goes_on_alone(app: Any, browse: Any) -> None:
    lin = browse()
    code, matter_id = invited(app, lin)
    with inside(app, HOME):
        sheet = db.session.scalars(select(SigningSheet)).one()
        sheet.closes_at = clock.now()
        db.session.commit()
        end_sheets()
        db.session.commit()
    assert "已经截止" in browse().get(f"/sign/{code}").get_data(as_text=True)
    assert browse().post(f"/sign/{code}", SIGN).status_code == 409
    assert "改成自己一个人提" in lin.get(f"/matters/{matter_id}/signatures").get_data(as_text=True)
    assert browse().post(f"/matters/{matter_id}/signatures").status_code == 404
    assert lin.post(f"/matters/{matter_id}/signatures").status_code == 303
    assert lin.post(f"/matters/{matter_id}/signatures").status_code == 303
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.stage, matter.kind) == ("submitted", "individual")


def test_the_paper_to_sign_on_has_lines_and_says_what_it_is(app: Any, browse: Any) -> None:
    code, _ = invited(app, browse())
    paper = browse().get(f"/sign/{code}/sheet").get_data(as_text=True)
    assert "联名签名纸" in paper
    assert len(re.findall(r"<tr><td>\d+</td>", paper)) == 12
    assert "社区还没有审核" in paper
