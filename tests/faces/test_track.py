"""Following a matter: by code, by the phone that handed it in, and not at all."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app.faces.community.drafts import files
from app.flow.collect import actions
from app.flow.collect.evidence import evidence_of
from app.flow.collect.rules import Saying
from app.matter.actions import move
from app.matter.models import Attachment, Matter
from app.people.actor import Actor
from app.people.roles import Role
from tenants.database import db, uuid7
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT
from tests.conftest import Neighbour, inside, later

OFFICE = Actor("staff", "赵师傅", roles=frozenset({Role.COMMUNITY_WORKER}))
WORDS = "百货商店门口的灯不亮，王阿姨昨晚摔了一跤"


def jpeg() -> bytes:
    data = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(data, "JPEG")
    return data.getvalue()


def said(
    app: Any, now: Any, *, accepted: bool = False, slug: str = HOME, photo: bool = False, **more: Any
) -> tuple[str, str]:
    """A matter in the hall: its id and its tracking code."""
    by = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))
    with inside(app, slug) as site:
        photos = []
        if photo:
            photos = [actions.Picture(uuid7(), 8, 8, 10, "ab" * 32)]
            for variant in ("", "small"):
                files().put(site.community_id, photos[0].id, jpeg(), variant=variant)
        saying = Saying(
            **(
                {"words": WORDS, "title": "门口的灯", "place": "百货商店门口", "wish": "换灯", "category": "repair"}
                | more
            )
        )
        done = actions.submit(saying, by=by, now=now, photos=photos)
        db.session.commit()
        if accepted:
            move(
                done.matter,
                "accept",
                by=OFFICE,
                now=now,
                evidence=evidence_of(done.matter),
                triage="minor",
                words="社区受理了",
            )
            db.session.commit()
        return str(done.matter.id), done.code


def handed_in_by(app: Any, browse: Any) -> tuple[Neighbour, str]:
    wang = browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    wang.post("/say/where", {"building": "none", "place": "百货商店门口", "who": "self"})
    location = wang.post("/say/check", {"truth": "y"}).location
    return wang, location.rsplit("/", 1)[-1]


def test_a_code_shows_how_far_it_is_and_never_the_words(app: Any, browse: Any, now: Any) -> None:
    matter_id, code = said(app, now)
    wang = browse()
    answer = wang.post("/track", {"code": f"{code[:3]} {code[3:6]} {code[6:9]} {code[9:]}"})
    assert answer.location == f"/matters/{matter_id}"
    assert code not in answer.location
    page = wang.get(answer.location).get_data(as_text=True)
    assert "待初审" in page
    assert "登记成提案" in page
    assert WORDS not in page
    assert "门口的灯" not in page


def test_without_the_code_only_number_and_stage_stand_there(app: Any, browse: Any, now: Any) -> None:
    matter_id, _ = said(app, now)
    page = browse().get(f"/matters/{matter_id}").get_data(as_text=True)
    assert "待初审" in page
    assert "登记成提案" not in page
    assert "门口的灯" not in page


def test_once_taken_up_the_title_is_public_and_the_words_are_not(app: Any, browse: Any, now: Any) -> None:
    matter_id, _ = said(app, now, accepted=True, name="王阿姨", phone="13800001234")
    page = browse().get(f"/matters/{matter_id}").get_data(as_text=True)
    assert "门口的灯" in page
    assert "社区受理了" in page
    assert "一位居民" in page
    for secret in (WORDS, "王阿姨", "13800001234"):
        assert secret not in page


def test_a_name_stands_in_public_only_where_asked_for(app: Any, browse: Any, now: Any) -> None:
    matter_id, _ = said(app, now, accepted=True, name="王淑芬", title_of_address="女士", name_public=True)
    page = browse().get(f"/matters/{matter_id}").get_data(as_text=True)
    assert "王女士" in page
    assert "王淑芬" not in page


def test_the_phone_that_handed_it_in_reads_its_own_words(app: Any, browse: Any) -> None:
    wang, matter_id = handed_in_by(app, browse)
    page = wang.get(f"/matters/{matter_id}").get_data(as_text=True)
    assert WORDS in page
    assert "补充几句" in page


def test_staff_read_the_words(app: Any, browse: Any, now: Any) -> None:
    matter_id, _ = said(app, now)
    assert WORDS in browse(HOME, "zhao").get(f"/matters/{matter_id}").get_data(as_text=True)


def test_a_quarrel_shows_number_and_stage_only(app: Any, browse: Any, now: Any) -> None:
    matter_id, code = said(app, now, accepted=True, track="mediation")
    wang = browse()
    for person in (browse(), browse(HOME, "yishi1"), wang):
        if person is wang:
            wang.post("/track", {"code": code})
        page = person.get(f"/matters/{matter_id}").get_data(as_text=True)
        assert "已受理" in page
        for secret in (WORDS, "门口的灯", "百货商店门口", "社区受理了"):
            assert secret not in page
    listed = browse().get("/matters").get_data(as_text=True)
    for secret in ("这件事的内容不公开", "门口的灯", str(matter_id)):
        assert secret not in listed
    assert WORDS in browse(HOME, "shuji").get(f"/matters/{matter_id}").get_data(as_text=True)
    assert WORDS not in browse(HOME, "xiaoli").get(f"/matters/{matter_id}").get_data(as_text=True)


def test_a_child_s_matter_shows_number_and_stage_only(app: Any, browse: Any, now: Any) -> None:
    matter_id, _ = said(app, now, accepted=True, birth_year=2014, guardian_consent=True, guardian="妈妈 13800001234")
    page = browse().get(f"/matters/{matter_id}").get_data(as_text=True)
    assert "已受理" in page
    assert "门口的灯" not in page


def test_the_neighbour_finds_nothing(app: Any, browse: Any, now: Any) -> None:
    matter_id, code = said(app, now, accepted=True)
    for person in (browse(NEXT), browse(NEXT, "shuji")):
        assert person.get(f"/matters/{matter_id}").status_code == 404
        assert person.post("/track", {"code": code}).status_code == 422
        for door in ("withdrawal", "additions"):
            assert person.get(f"/matters/{matter_id}/{door}").status_code == 404
            assert person.post(f"/matters/{matter_id}/{door}", {"words": "隔壁来的"}).status_code == 404
    with inside(app, HOME):
        assert db.session.scalars(select(Matter.stage)).one() == "accepted"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("000000000000", "没找到这个码"),
        ("12345", "现在是 5 位"),
        ("", "请输上 12 位查询码"),
        ("十二位", "现在是 0 位"),
        ("1" * 100_000, "查询码是 12 位数字"),
    ],
)
def test_a_wrong_code_is_told_kindly(browse: Any, code: str, told: str) -> None:
    answer = browse().post("/track", {"code": code})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)


def test_guessing_codes_is_slowed_down(app: Any, browse: Any, now: Any) -> None:
    _, code = said(app, now)
    app.extensions["slow_down"].enabled = True
    try:
        answers = [browse().post("/track", {"code": f"{n:012d}"}).status_code for n in range(10)]
        last = browse().post("/track", {"code": code})
    finally:
        app.extensions["slow_down"].enabled = False
    assert answers == [422] * 10
    assert last.status_code == 429
    assert "请过十分钟再试" in last.get_data(as_text=True)


def test_taking_a_matter_back_asks_first_and_wants_a_reason(app: Any, browse: Any) -> None:
    wang, matter_id = handed_in_by(app, browse)
    assert "不提这件事了" in wang.get(f"/matters/{matter_id}/withdrawal").get_data(as_text=True)
    for words in ("", "灯" * 100_000):
        assert wang.post(f"/matters/{matter_id}/withdrawal", {"words": words}).status_code == 422
    assert browse().post(f"/matters/{matter_id}/withdrawal", {"words": "不是我的"}).status_code == 404
    assert wang.post(f"/matters/{matter_id}/withdrawal", {"words": "灯自己亮了"}).status_code == 303
    assert wang.post(f"/matters/{matter_id}/withdrawal", {"words": "灯自己亮了"}).status_code == 409
    with inside(app, HOME):
        assert db.session.scalars(select(Matter.stage)).one() == "withdrawn"


def test_what_was_asked_for_is_handed_in_on_the_same_phone(app: Any, browse: Any) -> None:
    wang, matter_id = handed_in_by(app, browse)
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        move(matter, "ask_for_more", by=OFFICE, now=later(), evidence={"missing_said"}, reason="是哪一盏灯？")
        matter.asked_for_more = True
        db.session.commit()
    assert "是哪一盏灯？" in wang.get(f"/matters/{matter_id}").get_data(as_text=True)
    assert "是哪一盏灯？" in wang.get(f"/matters/{matter_id}/additions").get_data(as_text=True)
    assert wang.post(f"/matters/{matter_id}/additions", {"words": ""}).status_code == 422
    assert wang.post(f"/matters/{matter_id}/additions", {"words": "灯" * 100_000}).status_code == 422
    assert wang.post(f"/matters/{matter_id}/additions", {"words": "东边那盏"}).status_code == 303
    assert "东边那盏" in wang.get(f"/matters/{matter_id}").get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(Matter.stage)).one() == "submitted"


def test_a_picture_is_for_those_who_may_read(app: Any, browse: Any, now: Any) -> None:
    said(app, now, accepted=True, photo=True)
    with inside(app, HOME):
        picture = str(db.session.scalars(select(Attachment.id)).one())
    staff = browse(HOME, "zhao")
    for url in (f"/files/{picture}", f"/files/{picture}/small"):
        shown = staff.get(url)
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert browse().get(url).status_code == 404
        assert browse(NEXT, "shuji").get(url).status_code == 404
    with inside(app, HOME):
        db.session.scalars(select(Attachment)).one().public = True
        db.session.commit()
    assert browse().get(f"/files/{picture}/small").status_code == 200
    assert browse(NEXT).get(f"/files/{picture}/small").status_code == 404


def test_a_hidden_picture_is_gone_for_everybody_but_staff(app: Any, browse: Any, now: Any) -> None:
    said(app, now, accepted=True, photo=True)
    with inside(app, HOME):
        row = db.session.scalars(select(Attachment)).one()
        row.public, row.hidden_at, row.hidden_reason = True, now, "看得见脸"
        picture = str(row.id)
        db.session.commit()
    assert browse().get(f"/files/{picture}").status_code == 404
    assert browse(HOME, "zhao").get(f"/files/{picture}").status_code == 200


def test_a_matter_page_with_fifty_lines_costs_few_statements(
    app: Any, browse: Any, now: Any, count_queries: Any
) -> None:
    matter_id, _ = said(app, now, accepted=True, photo=True, name="王阿姨")
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        for number in range(50):
            actions.record(matter, "progress", by=OFFICE, now=later(hours=number), words=f"第 {number} 条进展")
        db.session.commit()
    for person in (browse(), browse(HOME, "yishi1"), browse(HOME, "zhao")):
        person.get(f"/matters/{matter_id}")
        with count_queries() as seen:
            page = person.get(f"/matters/{matter_id}").get_data(as_text=True)
        assert "第 49 条进展" in page
        assert len(seen) <= 8, seen


@pytest.mark.parametrize("tab", ["story", "talk"])
def test_a_finished_matter_s_page_costs_no_more(app: Any, browse: Any, now: Any, count_queries: Any, tab: str) -> None:
    matter_id, _ = said(app, now, accepted=True)
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        matter.stage, matter.closed_at = "closed", now
        db.session.commit()
    person = browse(HOME, "yishi1")
    person.get("/matters")
    with count_queries() as seen:
        assert person.get(f"/matters/{matter_id}?tab={tab}").status_code == 200
    assert len(seen) <= 8, seen


def test_the_account_knows_its_own_matter_on_another_phone(app: Any, browse: Any, count_queries: Any) -> None:
    wang, phone = browse(), browse()
    wang.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"})
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    wang.post("/say/where", {"building": "none", "place": "门口", "who": "self"})
    matter_id = wang.post("/say/check", {"truth": "y"}).location.rsplit("/", 1)[-1]
    phone.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE})
    assert WORDS in phone.get(f"/matters/{matter_id}").get_data(as_text=True)
    assert phone.get(f"/matters/{matter_id}/additions").status_code == 200
    other = browse()
    other.post("/join", {"name": "李叔", "code": HOUSEHOLD_CODE, "adult": "y"})
    assert WORDS not in other.get(f"/matters/{matter_id}").get_data(as_text=True)
    assert other.get(f"/matters/{matter_id}/additions").status_code == 404
