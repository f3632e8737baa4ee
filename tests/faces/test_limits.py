"""A flood from one address is slowed, kindly, and nobody who shares the address is shut out by it."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from flask import session

from app import clock
from app.faces import limits
from app.faces.too_fast import SECRET
from app.people.permissions import ANYONE
from tenants.database import db
from tests.cast import HOME, HOUSEHOLD_CODE, NEXT
from tests.conftest import inside
from tests.harness import BASE
from tests.rooms.stage_setting import matter_at

WORDS = "百货商店门口的灯又不亮了，老人晚上不敢出门。"


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def limited(app: Any) -> Any:
    """Limits counted, as outside the tests."""
    app.extensions["slow_down"].enabled = True
    yield app
    app.extensions["slow_down"].enabled = False


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``wait(60)`` lets a minute pass for the counters and for the cookies' age."""
    passed, real = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: real() + passed[0])
    return lambda seconds: passed.__setitem__(0, passed[0] + seconds)


def flood(app: Any, n: int = 200, *, cookies: bool = False, slug: str = HOME) -> list[Any]:
    """So many submissions at once from one address, by a script that forgets its cookies or by one that keeps them."""
    script = app.test_client(use_cookies=cookies)
    return [script.post("/say", data={"words": WORDS}, base_url=f"http://{slug}.{BASE}") for _ in range(n)]


def codes(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def resident(browse: Any) -> Any:
    person = browse()
    assert person.post("/join", {"name": "张桂兰", "code": HOUSEHOLD_CODE, "adult": "y"}).status_code == 303
    return person


def hands_in(person: Any) -> bool:
    """Through all three steps, as a person does."""
    steps = (
        ("/say", {"words": WORDS}), ("/say/where", {"building": "none", "place": "南门", "who": "self"}),
    )  # fmt: skip
    return all(person.post(url, data).status_code == 303 for url, data in steps)


@pytest.mark.parametrize("cookies", [False, True], ids=["forgets-its-cookies", "keeps-them"])
def test_two_hundred_a_minute_are_slowed_and_real_people_are_not(
    limited: Any, browse: Any, wait: Any, cookies: bool
) -> None:
    old_hand, account = browse(), resident(browse)
    old_hand.post("/say", {"words": "先说一句"})
    wait(limits.KNOWN_AFTER + 1)
    answers = flood(limited, 60 if cookies else 200, cookies=cookies)
    seen = codes(answers)
    assert set(seen) == {303, 429}
    # One browser's own thirty; for a script that is new each time what all newcomers of an address share.
    assert seen[303] == (30 if cookies else 90 - 1)
    # The same address: an account, and a browser the hall has known for a minute, are let in.
    assert hands_in(account)
    assert hands_in(old_hand)
    # Somebody who has never been here waits a minute, once, while the flood goes on.
    newcomer = browse()
    first = newcomer.post("/say", {"words": WORDS})
    assert first.status_code == (303 if cookies else 429)
    wait(limits.KNOWN_AFTER + 1)
    flood(limited, 40, cookies=cookies)
    assert hands_in(newcomer)
    # Another hall behind the same address knows nothing of it.
    assert codes(flood(limited, 5, slug=NEXT)) == {303: 5}


def test_after_the_window_the_same_browser_goes_on(limited: Any, browse: Any, wait: Any) -> None:
    eager = browse()
    answers = [eager.post("/say", {"words": WORDS}) for _ in range(32)]
    assert codes(answers) == {303: 30, 429: 2}
    seconds = int(answers[-1].headers["Retry-After"])
    assert 500 < seconds <= 601
    wait(seconds)
    assert eager.post("/say", {"words": WORDS}).status_code == 303


def test_the_page_is_kind_and_gives_the_words_back(limited: Any, browse: Any) -> None:
    person = browse()
    for _ in range(30):
        person.post("/say", {"words": WORDS})
    answer = person.post("/say", {"words": WORDS + "<b>", "wish": "换灯", "csrf_token": "x"})
    page = text(answer)
    assert answer.status_code == 429
    for kind in ("慢一点", "请等 10 分钟再交", "打社区电话", "纸条", "用户码登录", 'href="tel:85550118"'):
        assert kind in page, kind
    assert f'name="words" rows="5">{WORDS}&lt;b&gt;</textarea>' in page
    assert '<input type="hidden" name="wish" value="换灯">' in page
    assert 'action="/say"' in page
    assert 'value="x"' not in page


def test_no_secret_comes_back_on_a_page(limited: Any, browse: Any) -> None:
    person = browse()
    for _ in range(30):
        person.post("/sign-in", {"login": "nobody", "password": "wrong-wrong-1"})
    page = text(person.post("/sign-in", {"login": "nobody", "password": "wrong-wrong-2"}))
    assert "慢一点" in page
    assert "wrong-wrong-2" not in page
    assert "再交一次" not in page
    assert all(SECRET.search(name) for name in ("code", "phone_code", "csrf_token"))


def test_a_kept_cookie_cannot_pass_for_many(limited: Any, browse: Any, wait: Any) -> None:
    """A copy of a cookie is one browser, whatever became of the answers to it."""
    known = browse()
    known.post("/say", {"words": "先说一句"})
    wait(limits.KNOWN_AFTER + 1)
    cookie = next(iter(known.client._cookies.values()))
    thief = limited.test_client(use_cookies=False)
    answers = [
        thief.post("/say", data={"words": WORDS}, base_url=f"http://{HOME}.{BASE}",
                   headers={"Cookie": f"{cookie.key}={cookie.value}"})
        for _ in range(40)
    ]  # fmt: skip
    assert codes(answers) == {303: 29, 429: 11}


def test_wrong_codes_of_one_browser_do_not_stop_its_neighbour(limited: Any, browse: Any, wait: Any) -> None:
    """One cannot keep others from their own code by guessing without end."""
    neighbour, guesser = browse(), browse()
    for person in (neighbour, guesser):
        person.post("/track", {"code": "1"})
    wait(limits.KNOWN_AFTER + 1)
    guesses = [guesser.post("/track", {"code": f"{n:012d}"}).status_code for n in range(12)]
    assert guesses == [422] * 9 + [429] * 3
    assert neighbour.post("/track", {"code": "402618375012"}).status_code == 422


def test_one_source_cannot_use_up_the_hall_s_one_time_codes(limited: Any, browse: Any, wait: Any) -> None:
    """The hall reads out 120 an hour; a script behind one address gets fifteen, and a neighbour still gets theirs."""

    def ask(person: Any, n: int) -> Any:
        return person.post("/join/phone", {"step": "ask_code", "phone": f"138000{n:05d}", "name": "甲"})

    neighbour = browse()
    neighbour.get("/join/phone")
    neighbour.post("/track", {"code": "1"})
    wait(limits.KNOWN_AFTER + 1)
    answers = [ask(browse(), n) for n in range(40)]
    assert codes(answers) == {200: 15, 422: 25}
    assert "请等" in text(answers[-1])
    assert ask(neighbour, 99).status_code == 200


def test_every_other_door_of_a_matter_is_slowed_too(limited: Any, browse: Any) -> None:
    with inside(limited, HOME):
        topic: UUID = matter_at("surveying", now=clock.now()).id
        db.session.commit()
    author = resident(browse)
    url = f"/matters/{topic}"
    comments = [author.post(f"{url}/comments", {"words": f"第 {n} 句", "name": "none"}) for n in range(11)]
    assert comments[10].status_code == 429
    assert "第 10 句" in text(comments[10])
    for door, data, allowed in (
        ("supports", {}, 30), ("support-withdrawals", {}, 30), ("reports", {"about": "matter", "reason": "false"}, 10)
    ):  # fmt: skip
        person = browse()
        assert codes([person.post(f"{url}/{door}", data) for _ in range(allowed + 1)]) == {303: allowed, 429: 1}


def test_whatever_anybody_may_send_has_a_limit(app: Any) -> None:
    """A door that writes for people without an account names how often; signing out and comforts need none."""
    free = {"sign_out", "elder", "language"}
    bare = [
        endpoint for endpoint, (_site, door) in app.extensions["doors"].items()
        if door.method == "POST" and door.permission in ANYONE and not door.limit and door.endpoint not in free
    ]  # fmt: skip
    assert not bare, f"give these a limit, as in Door(…, limit='30 per 10 minutes'): {bare}"


def test_the_counters_survive_the_loss_of_their_store(limited: Any, browse: Any, monkeypatch: Any) -> None:
    class Gone:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError

    monkeypatch.setattr(limited.extensions["slow_down"], "shared", Gone())
    person = browse()
    answers = codes([person.post("/feedback", {"words": ""}) for _ in range(11)])
    assert answers == {422: 10, 429: 1}


def test_a_page_with_a_form_makes_a_browser_known(limited: Any, wait: Any) -> None:
    """Reading the page before writing counts: the wait has passed by the time the form is sent."""
    limited.config["WTF_CSRF_ENABLED"] = True
    try:
        client = limited.test_client()
        with client:
            client.get("/say", base_url=f"http://{HOME}.{BASE}")
            assert "visitor" in session
            assert not session.permanent
            assert time.time() - session["since"] < 10
    finally:
        limited.config["WTF_CSRF_ENABLED"] = False
