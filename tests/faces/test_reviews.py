"""Return visits, ratings and closing through the real pages; and a neighbour's own rating without an account."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.flow.evaluate.models import Rating, ReturnVisit
from app.matter.models import Matter
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import NOW, inside
from tests.rooms import carrying_out


def reviewing(app: Any, **values: Any) -> str:
    """A matter up for rating; its id."""
    with inside(app, HOME):
        matter = carrying_out.reviewing(NOW, **values)
        db.session.commit()
        return str(matter.id)


def found(app: Any, matter: str, *columns: Any) -> Any:
    with inside(app, HOME):
        return tuple(db.session.execute(select(*columns).where(Matter.id == matter)).one())


def ratings(app: Any) -> int:
    with inside(app, HOME):
        return int(db.session.scalar(select(func.count()).select_from(Rating)) or 0)


@pytest.fixture
def xiaoli(browse: Any) -> Any:
    return browse(HOME, "xiaoli")


def a_round(**more: Any) -> dict[str, str]:
    return {"source": "visit", "grade_5": "8", "grade_4": "3", "grade_3": "2", "low_2": "\n".join(["还堆着东西"] * 5),
            "low_1": "没人来过\n味道大", "once": str(uuid4()), **more}  # fmt: skip


def test_sixty_five_per_cent_is_shown_refused_and_sent_back(app, xiaoli):
    matter = reviewing(app)
    entered = a_round()
    for _click in range(2):
        assert xiaoli.post(f"/desk/matters/{matter}/rating-rounds", entered).status_code == 303
    assert ratings(app) == 20
    page = xiaoli.get(f"/desk/matters/{matter}/review").get_data(as_text=True)
    assert "20 人评过，13 人满意（65%）。" in page
    assert "不到七成，不能办结" in page
    assert "还有 7 位" in page
    assert "没人来过" in page
    refused = xiaoli.post(f"/desk/matters/{matter}/closings", {"words": "办好了。"})
    assert refused.status_code == 422
    assert xiaoli.post(f"/desk/matters/{matter}/reworks", {"words": ""}).status_code == 422
    assert xiaoli.post(f"/desk/matters/{matter}/reworks", {"words": "楼道又堆上了"}).status_code == 303
    state = found(app, matter, Matter.stage, Matter.reworks, Matter.rating_count)
    assert state == ("implementing", 1, 0)


def test_visited_judged_and_closed(app, xiaoli, browse):
    matter = reviewing(app)
    page = xiaoli.get(f"/desk/matters/{matter}/review").get_data(as_text=True)
    assert "还没有人评" in page
    assert "差 3 样，齐了就能点" in page
    xiaoli.post(f"/desk/matters/{matter}/rating-rounds", a_round(low_2="绳子太高", low_1=""))
    assert xiaoli.post(f"/desk/matters/{matter}/visits", {"words": "", "reached": "1"}).status_code == 422
    assert xiaoli.post(f"/desk/matters/{matter}/visits", {"words": "已经放低", "reached": "几位"}).status_code == 422
    went = {"words": "已经放低", "reached": "1", "once": str(uuid4())}
    for _click in range(2):
        assert xiaoli.post(f"/desk/matters/{matter}/visits", went).status_code == 303
    with inside(app, HOME):
        assert db.session.scalar(select(func.count()).select_from(ReturnVisit)) == 1
    assert xiaoli.post(f"/desk/matters/{matter}/evaluations", {"words": "方便了大家。"}).status_code == 303
    assert xiaoli.post(f"/desk/matters/{matter}/closings", {"words": ""}).status_code == 422
    assert xiaoli.post(f"/desk/matters/{matter}/closings", {"words": "5 组都装好了。"}).status_code == 303
    assert found(app, matter, Matter.stage) == ("closed",)
    assert "增设共享晾衣架" in xiaoli.get("/desk/reviews").get_data(as_text=True)
    assert xiaoli.post(f"/desk/matters/{matter}/closings", {"words": "再办一遍。"}).status_code == 409
    shuji = browse(HOME, "shuji")
    assert shuji.post(f"/desk/matters/{matter}/archivings", {"retention": "permanent"}).status_code == 303
    assert found(app, matter, Matter.stage) == ("archived",)


def test_the_matter_s_own_page_asks_for_the_follow_up_too(app, xiaoli):
    """It said that all was there, and only the page of closing knew better."""
    matter = reviewing(app)
    xiaoli.post(f"/desk/matters/{matter}/rating-rounds", a_round(low_2="绳子太高", low_1=""))
    page = xiaoli.get(f"/desk/matters/{matter}").get_data(as_text=True)
    assert "不满意的都回访过" in page
    assert f"/desk/matters/{matter}/review#low" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"grade_5": "很多"},
        {"grade_5": "99999999999999999999"},
        {"source": "heard"},
        {"grade_5": "", "grade_4": "", "grade_3": "", "low_2": "", "low_1": ""},
        {"low_1": "长" * 100_000},
    ],
)
def test_a_wrong_batch_enters_nothing(app, xiaoli, wrong):
    matter = reviewing(app)
    assert xiaoli.post(f"/desk/matters/{matter}/rating-rounds", a_round(**wrong)).status_code == 422
    assert ratings(app) == 0


def test_a_neighbour_rates_once_without_an_account_or_javascript(app, browse):
    matter = reviewing(app)
    someone = browse(HOME)
    page = someone.get(f"/matters/{matter}/rating").get_data(as_text=True)
    assert all(words in page for words in ("非常满意", "满意", "基本满意", "不满意", "非常不满意"))
    assert page.count('type="radio"') == 5
    silent = someone.post(f"/matters/{matter}/ratings", {"grade": "1", "reason": ""})
    assert silent.status_code == 422
    assert '<a href="#reason">' in silent.get_data(as_text=True)
    assert "哪里不满意，请写一句" in silent.get_data(as_text=True)
    assert someone.post(f"/matters/{matter}/ratings", {"grade": "9"}).status_code == 422
    for grade in ("5", "1"):
        assert someone.post(f"/matters/{matter}/ratings", {"grade": grade, "reason": "改主意"}).status_code == 303
    assert "您评的是“非常满意”" in someone.get(f"/matters/{matter}/rating").get_data(as_text=True)
    assert browse(HOME).post(f"/matters/{matter}/ratings", {"grade": "4"}).status_code == 303
    assert found(app, matter, Matter.rating_satisfied, Matter.rating_count) == (2, 2)


def test_who_is_not_satisfied_is_told_that_the_hall_comes_back(app, browse):
    for grade, comes in (("2", True), ("3", False)):
        matter, someone = reviewing(app), browse(HOME)
        someone.post(f"/matters/{matter}/ratings", {"grade": grade, "reason": "坡还是陡"})
        page = someone.get(f"/matters/{matter}/rating").get_data(as_text=True)
        assert ("没办好的地方，社区要来回访" in page) is comes


def test_few_answers_are_no_share_in_public(app, browse, xiaoli):
    matter = reviewing(app)
    xiaoli.post(
        f"/desk/matters/{matter}/rating-rounds", a_round(grade_5="4", grade_4="", grade_3="", low_2="", low_1="")
    )
    assert "还不到 5 位" in browse(HOME).get(f"/matters/{matter}/rating").get_data(as_text=True)
    browse(HOME).post(f"/matters/{matter}/ratings", {"grade": "5"})
    assert "5 人评过，5 人满意（100%）" in browse(HOME).get(f"/matters/{matter}/rating").get_data(as_text=True)


def test_looking_at_the_rating_page_writes_nothing(app, browse):
    someone = browse(HOME)
    answer = someone.get(f"/matters/{reviewing(app)}/rating")
    assert "Set-Cookie" not in answer.headers or "visitor" not in answer.headers["Set-Cookie"]
    assert ratings(app) == 0


def test_rating_what_is_not_up_for_it(app, browse, xiaoli):
    with inside(app, HOME):
        matter = str(carrying_out.working(NOW).id)
        db.session.commit()
    assert "还没到评议" in browse(HOME).get(f"/matters/{matter}/rating").get_data(as_text=True)
    assert browse(HOME).post(f"/matters/{matter}/ratings", {"grade": "5"}).status_code == 409
    assert xiaoli.get(f"/desk/matters/{matter}/review").status_code == 409


def test_a_quarrel_is_rated_by_its_parties_only(app, browse):
    matter = reviewing(app, visibility="parties")
    assert browse(HOME).get(f"/matters/{matter}/rating").status_code == 404
    assert browse(HOME).post(f"/matters/{matter}/ratings", {"grade": "5"}).status_code == 404
    assert ratings(app) == 0


def test_new_facts_come_from_staff_or_the_proposer(app, browse, xiaoli):
    matter = reviewing(app)
    xiaoli.post(f"/desk/matters/{matter}/rating-rounds", a_round(low_2="", low_1=""))
    xiaoli.post(f"/desk/matters/{matter}/evaluations", {"words": "好。"})
    xiaoli.post(f"/desk/matters/{matter}/closings", {"words": "办好了。"})
    assert found(app, matter, Matter.stage) == ("closed",)
    assert browse(HOME).post(f"/matters/{matter}/reopenings", {"words": "又松了"}).status_code == 409
    shuji = browse(HOME, "shuji")
    assert shuji.post(f"/desk/matters/{matter}/reopenings", {"words": ""}).status_code == 422
    assert shuji.post(f"/desk/matters/{matter}/reopenings", {"words": "架子又松了"}).status_code == 303
    assert found(app, matter, Matter.stage) == ("submitted",)


def test_talked_over_again(app, browse, xiaoli):
    matter = reviewing(app)
    xiaoli.post(f"/desk/matters/{matter}/rating-rounds", a_round())
    assert xiaoli.post(f"/desk/matters/{matter}/fresh-talks", {"words": "位置不对"}).status_code == 303
    assert found(app, matter, Matter.stage, Matter.round) == ("surveying", 2)


def test_who_may_not(app, browse):
    matter = reviewing(app)
    for login in ("yishi1", "sun"):
        assert browse(HOME, login).post(f"/desk/matters/{matter}/closings", {"words": "好"}).status_code == 403
    assert found(app, matter, Matter.stage) == ("reviewing",)


def test_the_neighbour_knocks_in_vain(app, browse):
    matter = reviewing(app)
    next_door = browse(NEXT, "shuji")
    for url in (f"/desk/matters/{matter}/review", f"/matters/{matter}/rating"):
        assert next_door.get(url).status_code == 404
    doors = ("visits", "rating-rounds", "evaluations", "closings", "reworks", "fresh-talks", "archivings", "reopenings")
    for door in doors:
        assert next_door.post(f"/desk/matters/{matter}/{door}", a_round(words="不")).status_code == 404, door
    assert next_door.post(f"/matters/{matter}/ratings", {"grade": "5"}).status_code == 404
    assert next_door.post(f"/matters/{matter}/reopenings", {"words": "不"}).status_code == 404
    assert (found(app, matter, Matter.stage), ratings(app)) == (("reviewing",), 0)


def test_the_list_of_reviews_costs_the_same_for_twenty(app, xiaoli, count_queries):
    reviewing(app)
    xiaoli.get("/desk/reviews")
    with count_queries() as few:
        xiaoli.get("/desk/reviews")
    for _one in range(5):
        reviewing(app)
    with count_queries() as many:
        assert xiaoli.get("/desk/reviews").status_code == 200
    assert len(many) == len(few) <= 6
