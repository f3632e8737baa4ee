"""The survey through its pages: telephone, paper, the unhappy one by one, a batch taken back, a wish of its own."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.flow.collect.models import Proposal
from app.flow.collect.signing import Signature
from app.flow.evaluate.models import Rating
from app.matter.models import Matter, TimelineEntry
from app.people.models import Person
from app.people.places import Building, Household
from app.people.privacy import Look
from app.people.secrets import blind, seal
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import NOW, inside
from tests.faces.test_reviews import a_round, found, ratings, reviewing
from tests.rooms import carrying_out

PHONE, OTHER = "13800138000", "13900139000"


def a_person(name: str, phone: str, household: Any = None) -> Person:
    person = Person(
        id=uuid7(), name=name, title="女士", phone_sealed=seal(phone), phone_index=blind("phone", phone),
        household_id=household, created_at=NOW,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def with_people(app: Any) -> dict[str, str]:
    """A matter up for rating whose proposer and one signer left their phones; the signer's door is on the register."""
    with inside(app, HOME):
        matter = carrying_out.reviewing(NOW, place="3 号楼前")
        building = db.session.scalars(select(Building)).first()
        home = Household(id=uuid7(), building_id=building.id, unit=1, room="901")
        db.session.add(home)
        db.session.flush()
        aunt, uncle = a_person("王淑芬", PHONE), a_person("李建国", OTHER, home.id)
        db.session.add(Proposal(id=uuid7(), matter_id=matter.id, kind="individual", words="晾衣服没地方",
                                person_id=aunt.id, said_at=NOW))  # fmt: skip
        db.session.add(Signature(id=uuid7(), matter_id=matter.id, mark="m", person_id=uncle.id, household_id=home.id,
                                 channel="link", proof="phone", signed_at=NOW))  # fmt: skip
        db.session.commit()
        door = "".join(letter for letter in building.name if letter.isdigit()) + "-1-901"
        return {"matter": str(matter.id), "aunt": str(aunt.id), "uncle": str(uncle.id), "door": door}


@pytest.fixture
def xiaoli(browse: Any) -> Any:
    return browse(HOME, "xiaoli")


@pytest.fixture
def shuji(browse: Any) -> Any:
    return browse(HOME, "shuji")


def remembers(app: Any, browser: Any, kept: dict[str, Any]) -> None:
    """What earlier pages have left in this browser's cookie, signed as the hall signs it."""
    with app.test_request_context("/", base_url=f"http://{browser.host}/") as here:
        app.session_interface.open_session(app, here.request)
        signed = app.session_interface.get_signing_serializer(app).dumps(kept)
    browser.client.set_cookie("yiqilai", signed, domain=browser.host)


def rows(*lines: dict[str, str], **more: str) -> dict[str, Any]:
    """The entry page's lists of columns."""
    columns = ("slip", "grade", "result", "speed", "attitude", "knows", "reason", "wish", "name", "door")
    return {name: [line.get(name, "") for line in lines] for name in columns} | {"once": str(uuid4()), **more}


def test_telephone_one_person_at_a_time(app, shuji, browse):
    """Masked until asked for, the look logged; what was said counts once, also against the same door on paper."""
    facts = with_people(app)
    base = f"/desk/matters/{facts['matter']}"
    page = shuji.get(f"{base}/review-calls").get_data(as_text=True)
    assert "138****8000" in page
    assert PHONE not in page
    assert page.index("王淑芬") < page.index("李建国")
    one = f"{base}/review-calls/{facts['aunt']}"
    assert "照着念" in shuji.get(one).get_data(as_text=True)
    assert PHONE in shuji.post(f"{one}/number", {}).get_data(as_text=True)
    sheet = shuji.get(f"{base}/review-calls/sheet").get_data(as_text=True)
    assert "王" in sheet
    assert "淑芬" not in sheet
    assert PHONE not in sheet
    assert OTHER in shuji.post(f"{base}/review-calls/sheet", {}).get_data(as_text=True)
    missed = shuji.post(one, {"missed": "1", "once": str(uuid4())})
    assert missed.headers["Location"].endswith(facts["uncle"])
    assert "1 次没打通" in shuji.get(f"{base}/review-calls").get_data(as_text=True)
    silent = shuji.post(f"{base}/review-calls/{facts['uncle']}", {"grade": "2", "reason": "", "wish": "添一组"})
    assert silent.status_code == 422
    assert "添一组" in silent.get_data(as_text=True)
    said = {"grade": "4", "result": "5", "knows": "no", "wish": "再添一组", "once": str(uuid4())}
    for _click in range(2):
        assert shuji.post(f"{base}/review-calls/{facts['uncle']}", said).status_code == 303
    other = {"grade": "5", "once": str(uuid4())}
    assert shuji.post(f"{base}/review-calls/other", other).status_code == 422
    assert "评过了" in shuji.post(f"{base}/review-calls/other", other | {"phone": OTHER}).get_data(as_text=True)
    assert shuji.post(f"{base}/review-calls/other", other | {"phone": "13700137000"}).status_code == 303
    paper = shuji.post(f"{base}/survey-entries", rows({"slip": "1", "grade": "5", "door": facts["door"]}))
    assert paper.status_code == 422
    assert "这一家已经评过了" in paper.get_data(as_text=True)
    with inside(app, HOME):
        kept = db.session.execute(select(Rating.who, Rating.source, Rating.result, Rating.knows).order_by(Rating.at))
        assert kept.all() == [("signer", "phone", 5, False), ("neighbour", "phone", None, None)]
        assert db.session.scalar(select(func.count()).select_from(Look).where(Look.subject == "phone")) == 2


def test_paper_by_its_number_and_a_batch_taken_back(app, xiaoli, browse):
    matter = reviewing(app)
    base = f"/desk/matters/{matter}"
    assert xiaoli.post(f"{base}/survey-sheets", {"n": "0"}).status_code == 422
    for first in (1, 5):
        printed = xiaoli.post(f"{base}/survey-sheets", {"n": "4"})
        assert printed.headers["Location"].endswith(f"/survey-sheets/{first}/{first + 3}")
    sheets = xiaoli.get(f"{base}/survey-sheets/5/8").get_data(as_text=True)
    assert sheets.count('class="h-survey"') == 4
    assert "0008" in sheets
    assert xiaoli.get(f"{base}/survey-sheets/9/12").status_code == 409
    wrong = xiaoli.post(f"{base}/survey-entries", rows({"slip": "3", "grade": "1", "wish": "装个灯"}))
    assert wrong.status_code == 422
    assert "装个灯" in wrong.get_data(as_text=True)
    for bad in ({"slip": "x", "grade": "5"}, {"slip": "3", "grade": "9"}, {"slip": "3", "grade": "5", "door": "我家"}):
        assert xiaoli.post(f"{base}/survey-entries", rows(bad)).status_code == 422
    assert ratings(app) == 0
    tray = rows({"slip": "3", "grade": "5", "wish": "装个灯"}, {}, {"slip": "4", "grade": "2", "reason": "太高"})
    for _click in range(2):
        assert xiaoli.post(f"{base}/survey-entries", tray).status_code == 303
    assert "4 号已经录过" in xiaoli.post(
        f"{base}/survey-entries", rows({"slip": "4", "grade": "5"})
    ).get_data(as_text=True)  # fmt: skip
    page = xiaoli.get(f"{base}/review").get_data(as_text=True)
    striking = re.search(r"/desk/matters/[\w-]+/rating-rounds/[\w-]+/striking", page)[0]
    assert "这 2 份不算了" in xiaoli.get(striking).get_data(as_text=True)
    assert xiaoli.post(striking, {"words": ""}).status_code == 422
    assert browse(NEXT, "shuji").post(striking, {"words": "不"}).status_code == 404
    assert xiaoli.post(striking, {"words": "看错了一栏"}).status_code == 303
    assert found(app, matter, Matter.rating_satisfied, Matter.rating_count) == (0, 0)
    assert "看错了一栏" in xiaoli.get(f"{base}/review").get_data(as_text=True)


def test_the_unhappy_one_by_one_and_a_public_answer(app, shuji, browse):
    matter = reviewing(app)
    base = f"/desk/matters/{matter}"
    shuji.post(f"{base}/rating-rounds", a_round(low_2="太高", low_1="没人来"))
    went = {"words": "问了两家", "reached": "2", "how": "door", "names_low": "1"}
    assert shuji.post(f"{base}/visits", went).status_code == 303
    listed = shuji.get("/desk/reviews?tab=low").get_data(as_text=True)
    assert "没人来" in listed
    assert "太高" in shuji.get("/desk/reviews").get_data(as_text=True)
    first, second = list(dict.fromkeys(re.findall(r"/desk/matters/[\w-]+/ratings/[\w-]+/follow-up", listed)))
    assert shuji.post(first, {"how": "", "words": "放低了"}).status_code == 422
    assert browse(NEXT, "shuji").post(first, {"how": "phone", "words": "不"}).status_code == 404
    assert browse(HOME, "yishi1").post(first, {"how": "phone", "words": "不"}).status_code == 403
    assert shuji.post(first, {"how": "phone", "words": "打过了，放低了"}).headers["Location"].endswith(second)
    assert shuji.post(first, {"how": "phone", "words": "再说"}).status_code == 422
    assert "放低了" not in browse(HOME).get(f"/matters/{matter}").get_data(as_text=True)
    assert shuji.post(second, {"how": "public", "words": "以后每月去看一次。"}).headers["Location"].endswith("/review")
    public = browse(HOME).get(f"/matters/{matter}").get_data(as_text=True)
    assert "对不满意的意见的答复" in public
    assert "以后每月去看一次。" in public
    assert "没人来" not in public
    judged = {"words": "方便了大家。", "effect": "partly", "sitting": str(uuid4())}
    assert shuji.post(f"{base}/evaluations", judged).status_code == 404
    assert shuji.post(f"{base}/evaluations", judged | {"sitting": ""}).status_code == 303
    assert "增设共享晾衣架" in shuji.get("/desk/reviews?tab=ready").get_data(as_text=True)
    assert "达到一部分" in browse(HOME).get(f"/matters/{matter}").get_data(as_text=True)


def test_a_wish_from_the_web_and_one_from_a_door(app, browse, shuji):
    """On the web the speaker gets the number and the code; at the desk it is read back like everything typed."""
    matter = reviewing(app, place="3 号楼前")
    someone = browse(HOME)
    rated = {"grade": "5", "result": "4", "wish": "再添一组晾衣架", "once": str(uuid4())}
    for _click in range(2):
        assert someone.post(f"/matters/{matter}/ratings", rated).status_code == 303
    thanks = someone.get(f"/matters/{matter}/rating").get_data(as_text=True)
    receipt = re.search(r"/say/[\w-]+/receipt|/[\w/-]*receipt[\w/-]*", thanks)[0]
    assert re.search(r"\d{3} \d{3} \d{3} \d{3}", someone.get(receipt).get_data(as_text=True))
    base = f"/desk/matters/{matter}"
    assert 'name="read_back"' in shuji.get(f"{base}/wishes").get_data(as_text=True)
    typed = {"words": "装个灯", "channel": "visit", "kind": "individual", "become": "lead", "once": str(uuid4()),
             "place": "3 号楼前"}  # fmt: skip
    assert shuji.post(f"{base}/wishes", typed).status_code == 422
    for _click in range(2):
        assert shuji.post(f"{base}/wishes", typed | {"read_back": "y"}).status_code == 303
    with inside(app, HOME):
        grown = db.session.execute(
            select(Matter.stage, Matter.channel, Matter.place, Matter.number).where(Matter.follows_id == matter)
            .order_by(Matter.number)
        ).all()  # fmt: skip
        told = db.session.scalar(select(func.count()).where(TimelineEntry.verb == "follows"))
    assert [row[:3] for row in grown] == [("collected", "web", "3 号楼前"), ("collected", "visit", "3 号楼前")]
    assert told == 2
    for page in (shuji.get(f"{base}/review"), browse(HOME).get(f"/matters/{matter}")):
        assert all(row.number in page.get_data(as_text=True) for row in grown)
    assert browse(NEXT, "shuji").get(f"{base}/wishes").status_code == 404


def test_signer_and_proposer_are_known_by_their_browser(app, browse):
    """The same person is one voice by cookie, by code and on another browser without them a neighbour."""
    facts = with_people(app)
    signer, proposer, again = browse(HOME), browse(HOME), browse(HOME)
    remembers(app, signer, {"signed_by": {facts["matter"]: facts["uncle"]}})
    for browser in (proposer, again):
        remembers(app, browser, {"followed": [facts["matter"]]})
    assert "您是联名人" in signer.get(f"/matters/{facts['matter']}/rating").get_data(as_text=True)
    for browser in (signer, proposer, again, browse(HOME)):
        assert browser.post(f"/matters/{facts['matter']}/ratings", {"grade": "5"}).status_code == 303
    assert "您评的是" in again.get(f"/matters/{facts['matter']}/rating").get_data(as_text=True)
    with inside(app, HOME):
        assert db.session.scalars(select(Rating.who).order_by(Rating.at)).all() == ["signer", "proposer", "neighbour"]


def test_the_neighbour_hall_knocks_in_vain(app, browse):
    facts = with_people(app)
    next_door, base = browse(NEXT, "shuji"), f"/desk/matters/{facts['matter']}"
    for path in ("review-calls", "review-calls/sheet", "review-calls/other", f"review-calls/{facts['aunt']}",
                 "survey-sheets", "survey-sheets/1/4", "wishes"):  # fmt: skip
        assert next_door.get(f"{base}/{path}").status_code == 404, path
    for path in (f"review-calls/{facts['aunt']}", f"review-calls/{facts['aunt']}/number", "review-calls/sheet",
                 "review-calls/other", "survey-sheets", "survey-entries", "wishes"):  # fmt: skip
        assert next_door.post(f"{base}/{path}", {"n": "4", "grade": "5"}).status_code == 404, path
    assert ratings(app) == 0


def test_lists_and_pages_cost_the_same_for_many(app, shuji, browse, count_queries):
    matter = reviewing(app)
    shuji.post(f"/desk/matters/{matter}/rating-rounds", a_round())
    shuji.get("/desk/reviews")
    for path, most in (("/desk/reviews?tab=low", 6), ("/desk/reviews?tab=visit", 6), ("/desk/reviews?tab=ready", 6)):
        with count_queries() as asked:
            assert shuji.get(path).status_code == 200
        assert len(asked) <= most, path
    someone = browse(HOME)
    someone.get(f"/matters/{matter}/rating")
    with count_queries() as asked:
        someone.get(f"/matters/{matter}/rating")
    assert len(asked) <= 8
