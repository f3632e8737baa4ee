"""A child's matter: its title stands in no list, and whoever handles it says why before it opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import clock
from app.matter.models import Matter
from app.people.privacy import Look
from tenants.database import db
from tests import cast
from tests.conftest import inside
from tests.rooms.people import said

REASON = "要受理，先看原话"
TITLE, WORDS = "楼道里想要几把椅子", "奶奶上楼累了没有地方坐，我想要几把椅子。"


@pytest.fixture
def child(app: Any) -> Any:
    """The id of a child's matter that waits for the desk."""
    with inside(app, cast.HOME):
        matter = said(clock.now(), title=TITLE, words=WORDS, name="陈小雨")
        db.session.execute(update(Matter).where(Matter.id == matter.id).values(visibility="parties", has_minor=True))
        db.session.commit()
        return matter.id


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def looks(app: Any) -> list[tuple[str, str, str]]:
    with inside(app, cast.HOME):
        return [(one.subject, one.viewer_label, one.reason) for one in db.session.scalars(select(Look))]


def test_no_list_shows_the_title_before_a_reason(app, browse, child):
    worker = browse(cast.HOME, "zhao")
    for url in ("/desk", "/desk/inbox", "/desk/matters", "/desk/matters/paper", "/desk/matters?q=椅子"):
        page = text(worker.get(url))
        assert TITLE not in page, url
        assert "小雨" not in page, url
    assert "未成年人的事" in text(worker.get("/desk/matters"))
    assert "未成年人的事" in text(worker.get("/desk/inbox"))
    assert looks(app) == []


def test_the_matter_opens_for_a_reason_until_midnight(app, browse, child):
    worker, url = browse(cast.HOME, "zhao"), f"/desk/matters/{child}"
    shut = text(worker.get(url))
    assert "写明" in shut or "为什么要看" in shut
    assert WORDS not in shut
    assert TITLE not in shut
    answer = worker.get(f"{url}/screening")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{url}/looks?next=")
    form = worker.get(answer.headers["Location"])
    assert form.status_code == 200
    assert worker.post(f"{url}/looks", {"reason": "看看"}).status_code == 422
    assert looks(app) == []
    opened = worker.post(f"{url}/looks", {"reason": REASON, "next": f"{url}/screening"})
    assert opened.headers["Location"] == f"{url}/screening"
    assert WORDS in text(worker.get(url))
    assert WORDS in text(worker.get(f"{url}/screening"))
    assert TITLE in text(worker.get("/desk/matters"))
    assert looks(app) == [("minor", "赵师傅", REASON)]
    assert REASON in text(browse(cast.HOME, "shuji").get("/desk/looks"))
    assert REASON in text(browse(cast.HOME, "jiandu").get("/desk/looks?kind=staff"))
    assert REASON not in text(browse(cast.HOME, "shuji").get("/desk/looks?kind=street"))


def test_yesterday_s_reason_does_not_open_today(app, browse, child):
    worker, url = browse(cast.HOME, "zhao"), f"/desk/matters/{child}"
    worker.post(f"{url}/looks", {"reason": REASON})
    assert WORDS in text(worker.get(url))
    clock.advance(app, timedelta(days=1))
    assert WORDS not in text(worker.get(url))
    assert TITLE not in text(worker.get("/desk/matters"))


def test_each_reads_for_an_own_reason(app, browse, child):
    url = f"/desk/matters/{child}"
    browse(cast.HOME, "zhao").post(f"{url}/looks", {"reason": REASON})
    assert WORDS not in text(browse(cast.HOME, "shuji").get(url))


@pytest.mark.parametrize("login", ["xiaoli", "sun", "jiandu"])
def test_who_does_not_handle_it_has_no_reason_to_give(app, browse, child, login):
    browser, url = browse(cast.HOME, login), f"/desk/matters/{child}"
    assert WORDS not in text(browser.get(url))
    assert browser.get(f"{url}/looks").status_code == 403
    assert browser.post(f"{url}/looks", {"reason": REASON}).status_code == 403
    assert looks(app) == []


def test_an_ordinary_matter_asks_nothing_and_the_neighbour_finds_nothing(app, browse, child):
    with inside(app, cast.HOME):
        ordinary = said(clock.now()).id
        db.session.commit()
    assert browse(cast.HOME, "zhao").get(f"/desk/matters/{ordinary}/looks").status_code == 404
    next_door = browse(cast.NEXT, "shuji")
    assert next_door.get(f"/desk/matters/{child}/looks").status_code == 404
    assert next_door.post(f"/desk/matters/{child}/looks", {"reason": REASON}).status_code == 404
    assert looks(app) == []


def test_the_phones_of_a_matter_leave_a_row_too(app, browse):
    with inside(app, cast.HOME):
        matter = said(clock.now()).id
        db.session.commit()
    assert "13800001234" in text(browse(cast.HOME, "zhao").post(f"/desk/matters/{matter}/contact"))
    assert [(subject, who) for subject, who, _reason in looks(app)] == [("phone", "赵师傅")]


def test_the_log_is_read_in_few_statements(app, browse, child, count_queries):
    secretary = browse(cast.HOME, "shuji")
    for _ in range(22):
        secretary.post(f"/desk/matters/{child}/looks", {"reason": REASON})
    with count_queries() as seen:
        assert secretary.get("/desk/looks").status_code == 200
    assert len(seen) <= 6, seen
