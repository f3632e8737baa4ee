"""The street's pages: everybody finds a hall, staff sees all halls at once, and nothing there moves a hall's matter."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from app import clock
from app.faces.jobs import work
from app.matter import bounds as known
from app.matter import escalation
from app.matter.actions import record
from app.matter.models import EscalationReply, Holiday, Matter, StreetBounds
from app.people.models import StreetAccount
from app.talent.models import Expert, ExpertContact
from tenants.database import db, uuid7
from tests import cast
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at, staff

TRIED = {"grid_attempt": "网格清过", "community_attempt": "社区谈过"}


def settle(app, slug=cast.HOME, n=1, late=0, **more):
    """``n`` matters in a hall, ``late`` of them overdue; returns the id of the first."""
    with inside(app, slug):
        now = clock.now()
        made = [
            matter_at("surveying", now=now.replace(year=now.year - 1) if i < late else now,
                      due_at=now.replace(year=now.year - 1) if i < late else None, **more)
            for i in range(n)
        ]  # fmt: skip
        for matter in made:
            record(matter, "survey", by=staff(), now=now, words="到现场看过了", moved=("topic_confirmed", "surveying"))
        ids = [matter.id for matter in made]
        db.session.commit()
        return ids[0]


def ask(app):
    with inside(app, cast.HOME):
        matter = matter_at("surveying", now=clock.now())
        asked = escalation.ask(matter, to="street", reason="请铁路部门一起看", by=staff(), now=clock.now(), **TRIED)
        db.session.commit()
        return asked.id, matter.id


def page(answer):
    return answer.get_data(as_text=True)


def test_residents_find_their_hall_without_an_account(app, browse):
    answer = browse("").get("/")
    assert answer.status_code == 200
    text_ = page(answer)
    assert "http://nanyandao.yard.test/" in text_
    assert "http://dianye.yard.test/" in text_
    assert '[data-brand="nanyandao"]' in text_
    assert "style=" not in text_.replace("<style", "")


def test_the_landing_is_cheap(app, browse, count_queries):
    browse("").get("/")
    with count_queries() as seen:
        browse("").get("/")
    assert len(seen) <= 3


def test_signing_in_and_out(app, browse):
    officer = browse("")
    assert officer.post("/sign-in", {"login": "zhuren", "password": "wrong"}).status_code == 422
    with inside(app):
        assert db.session.scalar(select(StreetAccount.failed).where(StreetAccount.login == "zhuren")) == 1
    officer.sign_in("zhuren")
    assert officer.get("/").headers["Location"] == "/overview"
    assert officer.get("/overview").status_code == 200
    assert officer.post("/sign-out").status_code == 303
    assert officer.get("/overview").status_code == 302


def test_changing_the_own_password(app, browse):
    officer = browse("", "zhuren")
    good = {"old": cast.PASSWORD, "new": "new-pass-2026-a", "again": "new-pass-2026-a"}
    assert officer.post("/password", {**good, "again": "other"}).status_code == 422
    assert officer.post("/password", {**good, "old": "wrong"}).status_code == 422
    assert officer.post("/password", good).status_code == 303
    assert officer.get("/overview").status_code == 200
    assert browse("").post("/sign-in", {"login": "zhuren", "password": cast.PASSWORD}).status_code == 422


def test_one_matter_is_cheap(app, browse, count_queries):
    matter_id = settle(app, cast.HOME, 25)
    officer = browse("", "zhuren")
    app.extensions.pop("matter.houses", None)
    with count_queries() as seen:
        assert officer.get(f"/communities/nanyandao/matters/{matter_id}").status_code == 200
    # Who spoke is asked by the street's witness, in a transaction of its own: its binding and one statement.
    assert len(seen) <= 8 + 2, seen


def test_the_drill_down_is_read_only_and_names_nobody(app, browse):
    matter_id = settle(app, category="addition")
    officer = browse("", "zhuren")
    found = page(officer.get(f"/communities/nanyandao/matters/{matter_id}"))
    assert "铁路涵洞一下雨就积水" in found
    assert "到现场看过了" in found
    assert "添个设施" in found
    main = found.split('<main id="main"')[1].replace("/preferences/elder", "")
    assert main.count('method="post"') == 1  # The switch to large print, and nothing else.


def test_a_private_matter_shows_number_and_stage_alone(app, browse):
    with inside(app, cast.HOME):
        matter = matter_at(
            "deliberating", now=clock.now(), title="楼上漏水的纠纷", visibility="parties", question="谁赔"
        )
        record(
            matter,
            "open_sitting",
            by=staff(),
            now=clock.now(),
            words="两家坐下来谈",
            moved=("accepted", "deliberating"),
        )
        db.session.commit()
        number, matter_id = matter.number, matter.id
    officer = browse("", "zhuren")
    for url in (f"/communities/nanyandao/matters/{matter_id}", "/communities/nanyandao"):
        found = page(officer.get(url))
        assert number in found
        assert "协商中" in found
        assert "漏水" not in found
        assert "两家坐下来谈" not in found


def test_a_matter_is_found_only_in_its_own_community(app, browse):
    matter_id = settle(app)
    officer = browse("", "zhuren")
    assert officer.get(f"/communities/dianye/matters/{matter_id}").status_code == 404
    assert officer.get(f"/communities/nanyandao/matters/{uuid7()}").status_code == 404
    assert officer.get("/communities/nowhere").status_code == 404


def test_taking_and_answering_what_a_hall_asks(app, browse):
    asked_id, matter_id = ask(app)
    officer = browse("", "zhuren")
    assert "请铁路部门一起看" in page(officer.get("/escalations"))
    url = f"/escalations/{asked_id}"
    assert "网格清过" in page(officer.get(url))
    bad = officer.post(f"{url}/replies", {"kind": "taken", "words": ""})
    assert bad.status_code == 422
    assert officer.post(f"{url}/replies", {"kind": "else", "words": "好"}).status_code == 422
    assert officer.post(f"{url}/replies", {"kind": "taken", "words": "长" * 1001}).status_code == 422
    assert officer.post(f"{url}/replies", {"kind": "taken", "words": "我们牵头"}).status_code == 303
    # A second click finds that the answer has been given.
    assert officer.post(f"{url}/replies", {"kind": "taken", "words": "我们牵头"}).status_code == 422
    with inside(app, cast.HOME):
        assert db.session.scalar(select(Matter.level).where(Matter.id == matter_id)) == "community"
        work.take_up()
        db.session.commit()
        assert db.session.scalar(select(Matter.level).where(Matter.id == matter_id)) == "street"
    assert app.extensions["redis"].zcard("rq:scheduled:yiqilai") or app.extensions["redis"].llen("rq:queue:yiqilai")


def test_an_outside_unit_needs_the_letters_number(app, browse):
    with inside(app, cast.HOME):
        matter = matter_at("surveying", now=clock.now())
        asked = escalation.ask(matter, to="external", reason="请铁路", by=staff(), now=clock.now(), **TRIED)
        db.session.commit()
        asked_id = asked.id
    officer = browse("", "zhuren")
    url = f"/escalations/{asked_id}/replies"
    assert officer.post(url, {"kind": "taken", "words": "发函"}).status_code == 409
    with inside(app):
        assert db.session.scalar(select(EscalationReply.id)) is None
    assert officer.post(url, {"kind": "taken", "words": "发函", "letter_no": "中街函〔2026〕3号"}).status_code == 303


def test_the_table_of_holidays(app, browse):
    admin, officer = browse("", "guanli"), browse("", "zhuren")
    day = {"day": "2027-02-08", "name": "春节", "kind": "off"}
    assert officer.post("/holidays", day).status_code == 403
    assert admin.post("/holidays", {**day, "day": "not a day"}).status_code == 422
    assert admin.post("/holidays", {**day, "kind": "on"}).status_code == 422
    assert admin.post("/holidays", day).status_code == 303
    assert admin.post("/holidays", day).status_code == 422
    assert "春节" in page(officer.get("/holidays?year=2027"))
    assert admin.post("/holidays", {"day": "2027-02-14", "name": "调休", "kind": "on"}).status_code == 303
    with inside(app):
        spring = db.session.scalar(select(Holiday.id).where(Holiday.day == date(2027, 2, 8)))
    assert officer.post(f"/holidays/{spring}/removal").status_code == 403
    assert admin.post(f"/holidays/{spring}/removal").status_code == 303
    assert admin.post(f"/holidays/{spring}/removal").status_code == 404
    with inside(app):
        assert set(db.session.scalars(select(Holiday.day).where(Holiday.day >= date(2027, 1, 1)))) == {
            date(2027, 2, 14)
        }


def test_the_bounds_of_the_halls(app, browse):
    admin = browse("", "guanli")
    found = page(admin.get("/bounds"))
    assert 'name="deadlines.submitted.least"' in found
    typed = {
        f"{key}.{side}": str(n)
        for key, pair in known.BOUNDS.items()
        for side, n in zip(("least", "most"), pair, strict=True)
    }
    typed |= {key: list(options) for key, options in known.CHOICES.items()}
    assert browse("", "zhuren").post("/bounds", typed).status_code == 403
    for bad in (
        {"deadlines.submitted.least": "9"},
        {"deadlines.submitted.most": "x"},
        {"deadlines.submitted.most": "2"},
        {"quorum": []},
    ):
        assert admin.post("/bounds", {**typed, **bad}).status_code == 422
    assert (
        admin.post("/bounds", {**typed, "deadlines.submitted.most": "4", "quorum": ["two_thirds"]}).status_code == 303
    )
    with inside(app):
        kept = db.session.scalar(select(StreetBounds))
        assert kept.bounds["deadlines.submitted"] == [1, 4]
        assert kept.bounds["quorum"] == ["two_thirds"]
        assert kept.changed_by == "钱管理员"


def test_the_pool(app, browse, count_queries):
    admin, officer = browse("", "guanli"), browse("", "zhuren")
    new = {"code": "X25", "name": "郑师傅", "profession": "律师", "skill": "物业与相邻权", "phone": "138 0000 0001",
           "once": str(uuid7())}  # fmt: skip
    assert officer.post("/pool", new).status_code == 403
    assert admin.post("/pool", {**new, "code": "25"}).status_code == 422
    assert admin.post("/pool", {**new, "valid_until": "soon"}).status_code == 422
    assert admin.post("/pool", new).status_code == 303
    assert admin.post("/pool", new).status_code == 303
    with inside(app):
        added = db.session.scalars(select(Expert).where(Expert.code == "X25")).all()
        assert len(added) == 1
        sealed = db.session.scalar(select(ExpertContact.phone_sealed))
        assert "138 0000 0001" not in sealed
        expert = added[0].id
    assert "138 0000 0001" in page(admin.get(f"/pool/{expert}"))
    assert "138 0000 0001" not in page(officer.get(f"/pool/{expert}"))
    assert admin.post(f"/pool/{expert}", {**new, "phone": "", "name": "郑律师", "shared": "y"}).status_code == 303
    assert "138 0000 0001" in page(admin.get(f"/pool/{expert}"))
    assert admin.post(f"/pool/{expert}/suspension").status_code == 303
    assert "先不派请" in page(officer.get("/pool?profession=律师"))
    assert admin.post(f"/pool/{expert}/restoration").status_code == 303
    with count_queries() as seen:
        assert officer.get("/pool").status_code == 200
    assert len(seen) <= 6


@pytest.mark.parametrize(
    "url",
    [
        "/overview",
        "/communities",
        "/communities/nanyandao",
        "/escalations",
        "/holidays",
        "/bounds",
        "/pool",
        "/pool/new",
    ],
)
def test_no_hall_has_the_streets_doors_and_nobody_enters_without_an_account(app, browse, url):
    assert browse(cast.HOME).get(url).status_code == 404
    assert browse("").get(url).status_code == 302


def test_no_page_of_the_street_breaks(app, browse):
    asked_id, _ = ask(app)
    admin = browse("", "guanli")
    for url in ("/overview?period=month", "/communities", "/communities/nanyandao?view=late&page=3", "/escalations",
                f"/escalations/{asked_id}", "/holidays?year=2031", "/bounds", "/pool/new",
                "/password", "/mark.svg"):  # fmt: skip
        assert admin.get(url).status_code == 200, url
    with inside(app):
        assert db.session.execute(text("select count(*) from matter")).scalar() == 1
