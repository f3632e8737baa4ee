"""Saying something, through the real pages, as a neighbour without an account."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app import clock
from app.faces.jobs.work import sweep_files
from app.flow.collect.channels import Campaign
from app.flow.collect.models import Proposal
from app.matter.models import Attachment, Matter, TimelineEntry
from app.people.models import Person
from app.people.places import Building, Venue
from app.people.privacy import Consent
from app.people.secrets import unseal
from tenants.database import db
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT
from tests.conftest import Neighbour, inside

WORDS = "3 号楼门口的灯不亮，晚上看不见台阶，老人总怕摔着。"


def photo(colour: str = "teal", side: int = 64) -> BytesIO:
    data = BytesIO()
    Image.new("RGB", (side, side), colour).save(data, "JPEG")
    data.seek(0)
    return data


def building_id(app: Any, slug: str = HOME) -> str:
    with inside(app, slug):
        return str(db.session.scalars(select(Building.id)).one())


def steps(
    person: Neighbour, where: dict[str, Any] | None = None, check: dict[str, Any] | None = None, **what: Any
) -> Any:
    """All three steps; the answer to the last one."""
    first = person.post("/say", {"words": WORDS, **what}, content_type="multipart/form-data")
    assert first.status_code == 303, first.get_data(as_text=True)
    second = person.post("/say/where", {"building": "none", "place": "百货商店门口", "who": "self", **(where or {})})
    assert second.status_code == 303, second.get_data(as_text=True)
    return person.post("/say/check", {"truth": "y", "name_public": "", "title_of_address": "", **(check or {})})


def matters(app: Any, slug: str = HOME) -> list[Matter]:
    with inside(app, slug):
        return list(db.session.scalars(select(Matter)))


def test_three_steps_and_a_code(app: Any, browse: Any) -> None:
    wang = browse()
    assert "您遇到什么事了" in wang.get("/say").get_data(as_text=True)
    answer = steps(
        wang, {"building": building_id(app), "unit": "3", "place": "单元门口"},
        {"name": "王阿姨", "title_of_address": "女士", "phone": "138 0000 1234", "name_public": "y"},
        photos=[(photo(), "门口.jpg")],
    )  # fmt: skip
    assert answer.status_code == 303
    receipt = wang.get(answer.location).get_data(as_text=True)
    code = re.search(r"\d{3} \d{3} \d{3} \d{3}", receipt)
    assert code is not None
    assert code[0].replace(" ", "") not in answer.location
    with inside(app, HOME):
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.stage, matter.unit, matter.place) == ("submitted", 3, "单元门口")
        assert re.fullmatch(r"NYD\d{4}0001", matter.number)
        assert db.session.scalars(select(Proposal.words)).one() == WORDS
        assert db.session.scalars(select(Person.name)).one() == "王阿姨"
        assert len(db.session.scalars(select(Attachment)).all()) == 1
        lines = db.session.scalars(select(TimelineEntry).order_by(TimelineEntry.seq))
        assert [line.verb for line in lines] == ["collect", "submit"]
    found = browse().post("/track", {"code": code[0]})
    assert found.status_code == 303
    assert found.location.endswith(str(matter.id))


def test_going_back_keeps_what_was_typed(app: Any, browse: Any) -> None:
    wang = browse()
    wang.post(
        "/say", {"words": WORDS, "wish": "换个亮的", "photos": (photo(), "a.jpg")}, content_type="multipart/form-data"
    )
    wang.post("/say/where", {"building": building_id(app), "unit": "2", "place": "往东三步", "who": "joint"})
    first, second = wang.get("/say").get_data(as_text=True), wang.get("/say/where").get_data(as_text=True)
    assert WORDS in first
    assert "换个亮的" in first
    assert first.count("/say/photos/") == 1
    assert "往东三步" in second
    assert re.search(r'value="joint"\s+checked', second)
    assert re.search(rf'value="{building_id(app)}"\s+checked', second)
    assert "交了再请人来签" in wang.get("/say/check").get_data(as_text=True)


def test_a_photo_waits_for_its_own_browser_only(browse: Any) -> None:
    wang, other = browse(), browse()
    wang.post("/say", {"words": WORDS, "photos": (photo(), "a.jpg")}, content_type="multipart/form-data")
    address = re.search(r"/say/photos/[0-9a-f-]+", wang.get("/say").get_data(as_text=True))
    assert address is not None
    mine = wang.get(address[0])
    assert (mine.status_code, mine.mimetype, mine.headers["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    other.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    assert other.get(address[0]).status_code == 404


def test_a_photo_can_be_taken_away_again(browse: Any) -> None:
    wang = browse()
    wang.post("/say", {"words": WORDS, "photos": (photo(), "a.jpg")}, content_type="multipart/form-data")
    address = re.search(r"/say/photos/([0-9a-f-]+)", wang.get("/say").get_data(as_text=True))
    assert address is not None
    assert (
        wang.post("/say", {"words": WORDS, "drop": address[1]}, content_type="multipart/form-data").status_code == 303
    )
    page = wang.get("/say").get_data(as_text=True)
    assert "/say/photos/" not in page
    assert WORDS in page
    assert wang.get(address[0]).status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"this is a text, not a picture", "photo.jpg", "这个文件不是照片"),
        (b"<html><script>alert(1)</script>", "photo.jpg", "这个文件不是照片"),
        (b"%PDF-1.7 minutes", "scan.pdf", "这种格式打不开"),
        (b"\xff\xd8\xff" + b"\0" * (20 * 1024 * 1024), "big.jpg", "不能超过 10 MB"),
        (b"", "empty.jpg", "这个文件是空的"),
    ],
)
def test_a_bad_photo_is_refused_and_the_good_one_stays(
    app: Any, browse: Any, data: bytes, name: str, said: str
) -> None:
    wang = browse()
    answer = wang.post(
        "/say", {"words": WORDS, "photos": [(photo(), "good.jpg"), (BytesIO(data), name)]},
        content_type="multipart/form-data",
    )  # fmt: skip
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert WORDS in page
    assert page.count("/say/photos/") == 1
    assert matters(app) == []


def test_seven_photos_are_one_too_many(browse: Any) -> None:
    shades = ["red", "green", "blue", "white", "black", "teal", "navy"]
    files = [(photo(shade), f"{shade}.jpg") for shade in shades]
    answer = browse().post("/say", {"words": WORDS, "photos": files}, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "最多 6 张照片" in page
    assert page.count("/say/photos/") == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "请写一写是什么事"),
        ("   ", "请写一写是什么事"),
        ("灯" * 100_000, "最多写 5000 个字，现在有 100000 个"),
    ],
)
def test_empty_and_endless_words_are_refused_kindly(app: Any, browse: Any, words: str, said: str) -> None:
    answer = browse().post("/say", {"words": words}, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert words.strip() in page
    assert matters(app) == []


def test_rare_characters_come_through(app: Any, browse: Any) -> None:
    wang = browse()
    answer = steps(wang, {"place": "䶮园门口"}, {"name": "𬱖㛃"}, words="𬱖大爷说：㛃园的灯坏了")
    assert "𬱖㛃" in wang.get(answer.location).get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(Proposal.words)).one() == "𬱖大爷说：㛃园的灯坏了"
        assert db.session.scalars(select(Matter.place)).one() == "䶮园门口"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"place": ""}, "请选一栋楼，或者写上在什么地方"),
        ({"who": ""}, "请选是谁提的"),
        ({"who": "organisation"}, "请写上单位名称"),
        ({"who": "organisation", "organisation": "曹家巷物业"}, "是哪一种单位"),
        ({"who": "organisation", "organisation": "曹家巷物业", "organisation_kind": "bank"}, "是哪一种单位"),
        ({"who": "organisation", "organisation": "曹家巷物业", "organisation_kind": "property"}, "在单位里是做什么的"),
        ({"place": "门" * 201}, "最多写 200 个字"),
        ({"building": "00000000-0000-0000-0000-000000000000", "place": ""}, "请选一栋楼"),
    ],
)
def test_where_must_be_said(browse: Any, where: dict[str, str], said: str) -> None:
    wang = browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    answer = wang.post("/say/where", {"building": "none", "place": "门口", "who": "self", **where})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_a_building_has_only_its_own_units(app: Any, browse: Any) -> None:
    wang = browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    answer = wang.post("/say/where", {"building": building_id(app), "unit": "9", "who": "self"})
    assert answer.status_code == 422
    assert "3 号楼 只有 4 个单元" in answer.get_data(as_text=True)


def test_the_neighbour_s_building_is_no_building_here(app: Any, browse: Any) -> None:
    wang = browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    answer = wang.post("/say/where", {"building": building_id(app, NEXT), "unit": "1", "who": "self"})
    assert answer.status_code == 422


def test_a_short_phone_number_is_said_back(app: Any, browse: Any) -> None:
    wang = browse()
    answer = steps(wang, check={"name": "邢阿姨", "phone": "138 0000 123"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "手机号是 11 位，现在只有 10 位，请补上" in page
    assert 'href="#phone"' in page
    assert "邢阿姨" in page
    assert "138 0000 123" in page
    assert matters(app) == []


def test_without_the_tick_nothing_is_handed_in(app: Any, browse: Any) -> None:
    assert steps(browse(), check={"truth": ""}).status_code == 422
    assert matters(app) == []


def test_a_double_click_makes_one_matter_and_one_receipt(app: Any, browse: Any) -> None:
    wang = browse()
    first = steps(wang)
    again = wang.post("/say/check", {"truth": "y"})
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert len(matters(app)) == 1


def test_the_second_click_without_the_first_answer_shows_the_same_code(app: Any, browse: Any) -> None:
    wang, twin = browse(), browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    wang.post("/say/where", {"building": "none", "place": "门口", "who": "self"})
    # The browser sends both clicks with the cookie it had before either answer came.
    cookie = wang.client.get_cookie("yiqilai", domain=wang.host)
    twin.client.set_cookie("yiqilai", cookie.value, domain=wang.host)
    codes = []
    for person in (wang, twin):
        answer = person.post("/say/check", {"truth": "y"})
        found = re.search(r"\d{3} \d{3} \d{3} \d{3}", person.get(answer.location).get_data(as_text=True))
        codes.append(found and found[0])
    assert codes[0] is not None
    assert codes[0] == codes[1]
    assert len(matters(app)) == 1


def test_two_clicks_at_the_same_moment_make_one_matter(app: Any, browse: Any) -> None:
    wang = browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    wang.post("/say/where", {"building": "none", "place": "门口", "who": "self"})
    cookie = wang.client.get_cookie("yiqilai", domain=wang.host).value
    people = [browse() for _ in range(4)]
    for person in people:
        person.client.set_cookie("yiqilai", cookie, domain=person.host)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: person.post("/say/check", {"truth": "y"}), people))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({answer.location for answer in answers}) == 1
    assert len(matters(app)) == 1


def test_after_handing_in_the_form_is_empty_again(browse: Any) -> None:
    wang = browse()
    steps(wang)
    assert WORDS not in wang.get("/say").get_data(as_text=True)
    steps(wang, words="另一件事：楼道的灯")
    assert wang.get("/me").get_data(as_text=True).count("/withdrawal") == 2


def test_steps_cannot_be_skipped(app: Any, browse: Any) -> None:
    wang = browse()
    assert wang.get("/say/check").location == "/say"
    assert wang.post("/say/check", {"truth": "y"}).location == "/say"
    assert wang.post("/say/where", {"who": "self"}).location == "/say"
    assert matters(app) == []


def test_for_an_elder_the_words_are_read_back(app: Any, browse: Any) -> None:
    liu = browse()
    assert steps(liu, {"who": "another"}).status_code == 422
    assert liu.post("/say/check", {"truth": "y", "read_back": "y", "name": "刘奶奶"}).status_code == 303
    with inside(app, HOME):
        proposal = db.session.scalars(select(Proposal)).one()
        assert (proposal.read_back, proposal.entered_label, proposal.entered_by) == (True, "家里人或邻居", None)


def test_the_grid_worker_writes_down_what_she_hears(app: Any, browse: Any) -> None:
    li = browse(HOME, "xiaoli")
    where = {"who": "another", "channel": "door", "point": "3 号楼 301", "category": "repair"}
    answer = steps(li, where, {"read_back": "y", "name": "刘奶奶", "phone": "85550101"})
    assert answer.status_code == 303
    assert re.search(r"\d{3} \d{3} \d{3} \d{3}", li.get(answer.location).get_data(as_text=True))
    with inside(app, HOME):
        proposal, matter = db.session.scalars(select(Proposal)).one(), db.session.scalars(select(Matter)).one()
        assert (proposal.entered_label, matter.channel, matter.category) == ("小李", "door", "repair")
    assert "/withdrawal" not in li.get("/me").get_data(as_text=True)


GUARDIAN = {"guardian_consent": "y", "guardian_name": "妈妈 王敏", "guardian_phone": "138 0000 1234"}


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"is_child": "y"}, "请写上哪年出生"),
        ({"birth_year": "2016", **GUARDIAN, "guardian_consent": ""}, "先有家长同意"),
        ({"birth_year": "2016", **GUARDIAN, "guardian_phone": ""}, "请写上家长的电话"),
        ({"birth_year": "2016", **GUARDIAN, "guardian_phone": "138 0000"}, "手机号是 11 位"),
        ({"birth_year": "2016", **GUARDIAN, "guardian_name": ""}, "同意的家长"),
        ({"is_child": "y", "birth_year": "2010"}, "要你自己同意"),
    ],
)
def test_a_child_needs_somebody_s_consent(app: Any, browse: Any, check: dict[str, str], said: str) -> None:
    answer = steps(browse(), check={"name": "小诺", **check})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "小诺" in page
    assert matters(app) == []


@pytest.mark.parametrize(
    ("check", "consent"),
    [({"birth_year": "2016", **GUARDIAN}, "guardian"), ({"birth_year": "2010", "own_consent": "y"}, "own_minor")],
)
def test_a_child_s_matter_is_shut_and_its_name_never_public(
    app: Any, browse: Any, check: dict[str, str], consent: str
) -> None:
    child = browse()
    answer = steps(child, check={"name": "小诺", "name_public": "y", **check})
    assert answer.status_code == 303
    with inside(app, HOME):
        matter, proposal = db.session.scalars(select(Matter)).one(), db.session.scalars(select(Proposal)).one()
        assert (matter.visibility, matter.has_minor) == ("parties", True)
        assert db.session.scalars(select(Person.name_public)).one() is False
        assert {one.about for one in db.session.scalars(select(Consent))} == {"notice", consent}
        if consent == "guardian":
            assert "13800001234" not in (proposal.guardian_sealed or "")
            assert unseal(proposal.guardian_sealed or "") == "妈妈 王敏 138 0000 1234"
        matter_id = matter.id
    for person in (browse(), browse(HOME, "yishi1"), browse(HOME, "shuji")):
        assert "小诺" not in person.get(f"/matters/{matter_id}").get_data(as_text=True)


def poster_and_call(app: Any, now: Any) -> None:
    with inside(app, HOME):
        venue = db.session.scalars(select(Venue).where(Venue.kind == "collection_point")).one()
        venue.code = "ABCDE"
        day = clock.local(now).date()
        for title, code, start in (("金点子", "FGHJK", day), ("老征集", "MNPQR", day - timedelta(days=60))):
            db.session.add(
                Campaign(title=title, theme="社区治理我来说", code=code, starts=start, ends=start + timedelta(days=30),
                         created_at=now)
            )  # fmt: skip
        db.session.commit()


def test_the_poster_fills_in_the_place_and_stays_on_the_matter(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        poster_and_call(app, clock.now())
    wang = browse()
    assert "在 百货商店门口 说" in wang.get("/say?at=abcde").get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(Matter)).all() == []
    wang.post("/say", {"words": WORDS, "at": "abcde"}, content_type="multipart/form-data")
    assert 'value="百货商店门口"' in wang.get("/say/where").get_data(as_text=True)
    assert "在 百货商店门口 说" in wang.get("/say").get_data(as_text=True)
    wang.post("/say/where", {"building": "none", "place": "百货商店门口", "who": "self"})
    assert wang.post("/say/check", {"truth": "y"}).status_code == 303
    with inside(app, HOME):
        matter, proposal = db.session.scalars(select(Matter)).one(), db.session.scalars(select(Proposal)).one()
        venue = db.session.scalars(select(Venue).where(Venue.code == "ABCDE")).one()
        assert (matter.channel, matter.point, matter.place) == ("point", "百货商店门口", "百货商店门口")
        assert (proposal.venue_id, proposal.campaign_id) == (venue.id, None)


def test_a_call_for_ideas_is_remembered_while_it_runs(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        poster_and_call(app, clock.now())
    wang, late = browse(), browse()
    assert "回应征集「金点子」" in wang.get("/say?call=FGHJK").get_data(as_text=True)
    steps(wang, call="FGHJK")
    assert "没在征集了" in late.get("/say?call=MNPQR").get_data(as_text=True)
    steps(late, call="MNPQR")
    assert "没有" not in browse().get("/say?at=ZZZZZ&call=%00").get_data(as_text=True)[:300]
    with inside(app, HOME):
        open_call = db.session.scalars(select(Campaign.id).where(Campaign.code == "FGHJK")).one()
        found = db.session.scalars(select(Proposal.campaign_id).order_by(Proposal.said_at))
        assert set(found) == {open_call, None}


def test_a_voice_note_alone_is_enough(app: Any, browse: Any, count_queries: Any) -> None:
    wang = browse()
    sound = BytesIO(b"ID3\x03\x00\x00\x00\x00\x00\x21" + b"\x00" * 33 + b"\xff\xfb\x90\x64" + b"\x00" * 4000)
    answer = wang.post("/say", {"words": "", "voices": (sound, "a.mp3")}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    wang.post("/say/where", {"building": "none", "place": "门口", "who": "self"})
    assert "1 段" in wang.get("/say/check").get_data(as_text=True)
    with count_queries() as seen:
        done = wang.post("/say/check", {"truth": "y", "name": "王阿姨", "name_public": "y"})
    assert done.status_code == 303
    assert len(seen) <= 8, seen
    with inside(app, HOME):
        assert db.session.scalars(select(Attachment.kind)).one() == "voice"
        assert "听写" in db.session.scalars(select(Proposal.words)).one()
        assert {one.about for one in db.session.scalars(select(Consent))} == {"notice", "name_public"}


def test_a_company_says_what_it_is_and_who_speaks(app: Any, browse: Any) -> None:
    where = {"who": "organisation", "organisation": "曹家巷物业", "organisation_kind": "property",
             "organisation_role": "项目经理"}  # fmt: skip
    manager = browse()
    manager.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    manager.post("/say/where", {"building": "none", "place": "门口", **where})
    assert "曹家巷物业（物业）" in manager.get("/say/check").get_data(as_text=True)
    answer = manager.post("/say/check", {"truth": "y", "name": "老秦", "title_of_address": "先生"})
    assert answer.status_code == 303
    with inside(app, HOME):
        proposal = db.session.scalars(select(Proposal)).one()
        assert (proposal.organisation_kind, proposal.organisation_role) == ("property", "项目经理")
        matter_id = proposal.matter_id
    assert "曹家巷物业（物业）" in manager.get(f"/matters/{matter_id}").get_data(as_text=True)


def test_staff_type_the_number_on_a_signed_list(app: Any, browse: Any) -> None:
    li = browse(HOME, "xiaoli")
    li.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    where = {"building": "none", "place": "门口", "who": "joint", "channel": "slip"}
    assert li.post("/say/where", {**where, "signers": "5001"}).status_code == 422
    assert li.post("/say/where", {**where, "signers": "24"}).status_code == 303
    assert li.post("/say/check", {"truth": "y"}).status_code == 422
    assert li.post("/say/check", {"truth": "y", "read_back": "y", "name": "老何"}).status_code == 303
    assert (matters(app)[0].stage, matters(app)[0].signers) == ("submitted", 24)


def test_with_an_account_the_matter_is_the_person_s(app: Any, browse: Any) -> None:
    wang = browse()
    wang.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y", "title": "女士"})
    steps(wang)
    phone = browse()
    phone.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE})
    assert str(matters(app)[0].id) in phone.get("/me").get_data(as_text=True)


def test_handing_in_costs_at_most_eight_statements(app: Any, browse: Any, count_queries: Any) -> None:
    wang = browse()
    wang.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"})
    files = [(photo(shade), f"{shade}.jpg") for shade in ("red", "green", "blue", "white", "black", "teal")]
    wang.post("/say", {"words": WORDS, "photos": files}, content_type="multipart/form-data")
    wang.post("/say/where", {"building": building_id(app), "unit": "1", "who": "another"})
    app.extensions.pop("matter.houses", None)
    with count_queries() as seen:
        answer = wang.post("/say/check", {"truth": "y", "read_back": "y", "name": "刘奶奶", "phone": "13800001234"})
    assert answer.status_code == 303
    assert len(seen) <= 8, seen


def test_the_receipt_is_for_the_browser_that_handed_in(browse: Any) -> None:
    wang = browse()
    location = steps(wang).location
    assert browse().get(location).status_code == 404
    assert browse(NEXT).get(location).status_code == 404


def test_an_opinion_on_the_hall_gets_a_number_too(app: Any, browse: Any) -> None:
    wang = browse()
    wang.get("/feedback")
    assert wang.post("/feedback", {"words": ""}).status_code == 422
    first, second = (wang.post("/feedback", {"words": "字太小了，看不清"}) for _ in range(2))
    assert first.status_code == 303
    assert first.location == second.location
    assert [(m.category, m.stage) for m in matters(app)] == [("feedback", "submitted")]


def test_what_was_typed_survives_signing_in(browse: Any) -> None:
    wang = browse()
    wang.post("/say", {"words": WORDS}, content_type="multipart/form-data")
    wang.post("/join", {"name": "王阿姨", "code": HOUSEHOLD_CODE, "adult": "y"})
    assert WORDS in wang.get("/say").get_data(as_text=True)


def test_the_sweep_takes_forgotten_photos_and_leaves_the_rest(app: Any, browse: Any) -> None:
    steps(browse(), photos=[(photo("red"), "handed-in.jpg")])
    forgotten, fresh = browse(), browse()
    for person, colour in ((forgotten, "green"), (fresh, "blue")):
        person.post("/say", {"words": WORDS, "photos": (photo(colour), "a.jpg")}, content_type="multipart/form-data")
    with inside(app, HOME) as site:
        folder = Path(app.config["DATA_DIR"]) / "files" / str(site.community_id)
        handed_in = str(db.session.scalars(select(Attachment.id)).one())
        newest = re.search(r"/say/photos/([0-9a-f-]+)", fresh.get("/say").get_data(as_text=True))
        assert newest is not None
        for entry in folder.iterdir():
            if not entry.name.startswith(newest[1]):
                os.utime(entry, (1_700_000_000, 1_700_000_000))
        sweep_files()
        left = {entry.name.partition(".")[0] for entry in folder.iterdir()}
    assert left == {handed_in, newest[1]}
