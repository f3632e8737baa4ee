"""Opening the letterbox: two people, one number a letter, a child's letter asks first, paper at the end."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.flow.collect import minors
from app.flow.collect.actions import register
from app.flow.collect.channels import LetterboxOpening
from app.flow.collect.models import Proposal
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.people.models import Account
from app.people.places import Venue
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME, NEXT, PASSWORD
from tests.conftest import inside

WORDS = "3 号楼楼道没有歇脚的地方，奶奶上楼要歇三回。想要一把折叠椅。"


@pytest.fixture
def box(app: Any) -> str:
    """A letterbox at the gate."""
    with inside(app, HOME):
        venue = Venue(kind="letterbox", name="话匣子信箱", place="曹家巷小区门口", hours="每周五开箱")
        db.session.add(venue)
        db.session.flush()
        found = str(venue.id)
        db.session.commit()
        return found


def account(app: Any, login: str) -> Account:
    with inside(app, HOME):
        return db.session.scalars(select(Account).where(Account.login == login)).one()


def form(app: Any, at: str, **more: Any) -> dict[str, Any]:
    with app.app_context():
        day = clock.today()
    return {
        "once": str(uuid4()), "box": at, "day": day.isoformat(), "time": "00:00", "found": "3", "blank": "1",
        "second": str(account(app, "xiaoli").id), "password": PASSWORD, **more,
    }  # fmt: skip


@pytest.fixture
def opening(app: Any, browse: Any, box: str) -> str:
    """Three letters found by 赵师傅 and 小李, one of them blank."""
    answer = browse(HOME, "zhao").post("/desk/letterbox/openings", form(app, box))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return re.search(r"openings/([0-9a-f-]+)", answer.location)[1]


def letter(no: int, **more: Any) -> dict[str, Any]:
    return {
        "once": str(uuid4()), "no": str(no), "words": WORDS, "place": "3 号楼 2 单元", "kind": "individual",
        "title_of_address": "", "become": "proposal", **more,
    }  # fmt: skip


def photo() -> tuple[BytesIO, str]:
    data = BytesIO()
    Image.new("RGB", (80, 60), "teal").save(data, "JPEG")
    data.seek(0)
    return data, "信.jpg"


def test_a_box_is_opened_by_two_and_every_letter_gets_its_number(app: Any, browse: Any, opening: str) -> None:
    zhao, at = browse(HOME, "zhao"), f"/desk/letterbox/openings/{opening}"
    first = zhao.get(f"{at}/letter").get_data(as_text=True)
    assert "第 1 封" in first
    assert "autofocus" in first
    done = zhao.post(f"{at}/letter", letter(1, photos=[photo()], name="刘奶奶", phone="13800001234"),
                     content_type="multipart/form-data")  # fmt: skip
    assert done.location.endswith("no=2")
    assert zhao.post(f"{at}/closure").status_code == 409
    assert zhao.post(f"{at}/letter", letter(2, become="lead", words="路灯不亮")).location.endswith(opening)
    with inside(app, HOME):
        said = db.session.execute(
            select(Proposal.letter_no, Matter.stage, Matter.channel, Matter.point, Proposal.entered_by, Matter.number)
            .join(Matter, Matter.id == Proposal.matter_id)
            .order_by(Proposal.letter_no)
        ).all()
        number = db.session.scalars(select(LetterboxOpening.number)).one()
        assert [(row[0], row[1], row[2], row[3], row[4]) for row in said] == [
            (1, "submitted", "box", f"{number} 第 1 封", None), (2, "collected", "box", f"{number} 第 2 封", None)
        ]  # fmt: skip
        kept = db.session.scalars(select(Attachment)).one()
        assert (kept.about, str(kept.about_id), kept.public) == ("letter", opening, False)
    assert zhao.post(f"{at}/closure").status_code == 303
    assert zhao.post(f"{at}/letter", letter(3)).status_code == 422
    sheet = zhao.get(f"{at}/sheet").get_data(as_text=True)
    assert sheet.count("开箱人：") == 2
    assert said[0][5] in sheet
    assert "空白的" in sheet
    assert "刘奶奶" not in sheet
    slips = zhao.get(f"{at}/slips").get_data(as_text=True)
    assert slips.count('class="h-receipt"') == 2
    code = re.search(r"\d{3} \d{3} \d{3} \d{3}", slips)
    assert code is not None
    assert browse().post("/track", {"code": code[0]}).status_code == 303
    assert browse(HOME, "shuji").get(f"{at}/slips").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "guessed-wrong"}, "密码不对"),
        ({"found": "2", "blank": "3"}, "空白的不能比一共的多"),
        ({"found": "501"}, "写 0 到 500"),
        ({"second": ""}, "一起开箱的是谁"),
        ({"box": ""}, "请选一个信箱"),
        ({"day": "2020-01-01"}, "过了 30 天"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    app: Any, browse: Any, box: str, wrong: dict[str, str], said: str
) -> None:
    answer = browse(HOME, "zhao").post("/desk/letterbox/openings", form(app, box, note="雨淋湿了两封", **wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "雨淋湿了两封" in page
    assert PASSWORD not in page
    with inside(app, HOME):
        assert db.session.scalars(select(LetterboxOpening)).all() == []


def test_nobody_opens_a_box_with_themselves_or_with_a_guest(app: Any, browse: Any, box: str) -> None:
    zhao = browse(HOME, "zhao")
    for login in ("zhao", "yishi1"):
        answer = zhao.post("/desk/letterbox/openings", form(app, box, second=str(account(app, login).id)))
        assert answer.status_code == 422
    assert browse(HOME, "yishi1").get("/desk/letterbox").status_code == 403
    assert browse(HOME, "jiandu").get("/desk/letterbox").status_code == 200
    assert browse(HOME, "jiandu").get("/desk/letterbox/openings/new").status_code == 403


def test_wrong_passwords_count_at_the_second_persons_account(app: Any, browse: Any, box: str) -> None:
    zhao = browse(HOME, "zhao")
    for _try in range(5):
        zhao.post("/desk/letterbox/openings", form(app, box, password="wrong-wrong"))
    assert account(app, "xiaoli").locked_until is not None
    answer = zhao.post("/desk/letterbox/openings", form(app, box))
    assert answer.status_code == 422
    assert "分钟" in answer.get_data(as_text=True)


def test_a_bad_letter_keeps_words_and_photo(app: Any, browse: Any, opening: str) -> None:
    zhao, at = browse(HOME, "zhao"), f"/desk/letterbox/openings/{opening}/letter"
    bad = letter(1, place="", phone="12345", photos=[photo()])
    answer = zhao.post(at, bad, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert WORDS in page
    assert "已经收了 1 张" in page
    again = {**bad, "place": "门口", "phone": ""}
    again.pop("photos")
    assert zhao.post(at, again).status_code == 303
    assert zhao.post(at, again).location.endswith("no=2")
    with inside(app, HOME):
        assert len(db.session.scalars(select(Proposal)).all()) == 1
        assert len(db.session.scalars(select(Attachment)).all()) == 1


def test_a_childs_letter_is_kept_as_a_lead_for_its_parties(app: Any, browse: Any, opening: str) -> None:
    at = f"/desk/letterbox/openings/{opening}"
    answer = browse(HOME, "zhao").post(f"{at}/letter", letter(1, is_child="y", age="9", name="小雨"))
    assert answer.status_code == 303
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.stage, matter.visibility) == ("collected", "parties")
        proposal = db.session.scalars(select(Proposal)).one()
        assert (proposal.guardian_consent, proposal.letter_no) == (False, 1)
    page = browse(HOME, "sun").get(at).get_data(as_text=True)
    assert matter.number in page
    assert matter.title not in page


def test_a_childs_letter_becomes_a_proposal_once_the_guardian_was_asked(app: Any, browse: Any, opening: str) -> None:
    at = f"/desk/letterbox/openings/{opening}"
    browse(HOME, "zhao").post(f"{at}/letter", letter(1, is_child="y", age="9", name="小雨", wish="每层一把折叠椅"))
    zhao = Actor("staff", "赵师傅", roles=frozenset({Role.COMMUNITY_WORKER}))
    with inside(app, HOME):
        matter, now = db.session.scalars(select(Matter)).one(), clock.now()
        with pytest.raises(Refused):
            register(matter, by=zhao, now=now)
        minors.ask_consent(matter, guardian="妈妈 王敏 13800001234", own=False, by=zhao, now=now)
        register(matter, by=zhao, now=now)
        assert (matter.stage, matter.channel, matter.visibility) == ("submitted", "box", "parties")
        proposal = db.session.scalars(select(Proposal)).one()
        assert (proposal.guardian_consent, proposal.letter_no, str(proposal.opening_id)) == (True, 1, opening)


def test_a_letter_put_aside_may_still_be_taken_up(app: Any, browse: Any, opening: str) -> None:
    zhao, at = browse(HOME, "zhao"), f"/desk/letterbox/openings/{opening}"
    assert zhao.post(f"{at}/letter/absence", {"no": "1", "reason": "nonsense"}).status_code == 409
    assert zhao.post(f"{at}/letter/absence", {"no": "1", "reason": "advert"}).location.endswith("no=2")
    assert "不登记：广告" in zhao.get(at).get_data(as_text=True)
    assert zhao.post(f"{at}/letter", letter(1)).status_code == 303
    assert zhao.post(f"{at}/count", {"found": "1"}).status_code == 409
    assert zhao.post(f"{at}/count", {"found": "4"}).status_code == 303
    with inside(app, HOME):
        kept = db.session.scalars(select(LetterboxOpening)).one()
        assert (kept.found, kept.blank, [one["no"] for one in kept.aside]) == (4, 1, [3])


def test_the_letters_photo_is_for_handlers_only(app: Any, browse: Any, opening: str) -> None:
    browse(HOME, "zhao").post(
        f"/desk/letterbox/openings/{opening}/letter", letter(1, photos=[photo()]), content_type="multipart/form-data"
    )
    with inside(app, HOME):
        kept = db.session.scalars(select(Attachment)).one()
        photo_id, matter_id = kept.id, kept.matter_id
    assert browse(HOME, "zhao").get(f"/files/{photo_id}").status_code == 200
    papers = f"/desk/matters/{matter_id}?tab=papers"
    assert f"/files/{photo_id}" in browse(HOME, "zhao").get(papers).get_data(as_text=True)
    assert browse(HOME, "xiaoli").get(f"/files/{photo_id}").status_code == 404
    assert browse(HOME, "yishi1").get(f"/files/{photo_id}").status_code == 404
    assert f"/files/{photo_id}" not in browse(HOME, "xiaoli").get(papers).get_data(as_text=True)


def test_the_neighbour_finds_no_opening(app: Any, browse: Any, opening: str) -> None:
    next_door, at = browse(NEXT, "shuji"), f"/desk/letterbox/openings/{opening}"
    for page in ("", "/letter", "/sheet", "/slips"):
        assert next_door.get(at + page).status_code == 404
    for door in ("/letter", "/letter/absence", "/count", "/closure"):
        assert next_door.post(at + door, letter(1, reason="blank", found="9")).status_code == 404
    with inside(app, HOME):
        kept = db.session.scalars(select(LetterboxOpening)).one()
        assert (kept.found, kept.done_at) == (3, None)


def test_the_pages_cost_few_statements(app: Any, browse: Any, opening: str, count_queries: Any) -> None:
    zhao = browse(HOME, "zhao")
    for page in (
        "/desk/letterbox",
        f"/desk/letterbox/openings/{opening}",
        f"/desk/letterbox/openings/{opening}/letter",
    ):
        zhao.get(page)
        with count_queries() as seen:
            assert zhao.get(page).status_code == 200
        assert len(seen) <= 7, (page, seen)
