"""Posters and the short address on them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app import clock, create_app
from app.people import venues
from app.people.actor import SYSTEM
from app.people.places import Venue
from app.records.poster_svg import width_of, wrapped
from app.records.qr import qr_svg
from tenants.database import db
from tests import harness
from tests.cast import HOME, NEXT, PASSWORD
from tests.conftest import inside


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


def place(app: Any, name: str = "百货商店门口", *, slug: str = HOME, code: bool = True, close: bool = False) -> Any:
    """A place of the cast, with its code (and closed); its id and code."""
    with inside(app, slug):
        venue = db.session.scalars(select(Venue).where(Venue.name == name)).one()
        if code:
            venues.give_code(venue, by=SYSTEM, now=clock.now())
        if close:
            venues.close_venue(venue, by=SYSTEM, now=clock.now())
        found = (venue.id, venue.code)
        db.session.commit()
        return found


def rows(app: Any) -> list[Any]:
    with inside(app, HOME):
        return list(db.session.execute(select(Venue.name, Venue.code, Venue.closed_at).order_by(Venue.name)).all())


# --- the short address


def test_a_poster_opens_the_place_it_hangs_at_in_large_letters(app: Any, browse: Any) -> None:
    _id, code = place(app)
    person = browse()
    answer = person.get(f"/p/{code.lower()}")
    page = text(answer)
    assert answer.status_code == 200
    for words in ("百货商店门口", "在这儿说一件事", f'href="/say?at={code}"', "周二 9:00–11:00", "8555 0118"):
        assert words in page
    assert 'data-elder="on"' in page
    assert not any(cookie.startswith("elder") for cookie in answer.headers.getlist("Set-Cookie"))
    assert 'data-elder="on"' not in text(person.get("/"))


def test_whoever_chose_the_usual_letters_keeps_them(app: Any, browse: Any) -> None:
    _id, code = place(app)
    person = browse()
    person.post("/preferences/elder", {"elder": "off", "next": f"/p/{code}"})
    assert 'data-elder="on"' not in text(person.get(f"/p/{code}"))


def test_a_closed_place_still_answers(app: Any, browse: Any) -> None:
    _id, code = place(app, close=True)
    answer = browse().get(f"/p/{code}")
    assert answer.status_code == 200
    assert "这个地方现在不用了" in text(answer)
    assert "小板凳议事屋" in text(answer)
    assert f'href="/say?at={code}"' in text(answer)


@pytest.mark.parametrize("typed", ["AAAAA", "x", "%E7%82%B9", "A" * 300, "..%20", "<b>"])
def test_an_unknown_code_is_answered_with_the_hall_s_places(browse: Any, typed: str) -> None:
    answer = browse().get(f"/p/{typed}")
    assert answer.status_code == 404
    assert "小板凳议事屋" in text(answer)
    assert "<b></b>" not in text(answer)


def test_the_neighbour_does_not_know_our_codes(app: Any, browse: Any) -> None:
    _id, code = place(app)
    answer = browse(NEXT).get(f"/p/{code}")
    assert answer.status_code == 404
    assert f"/say?at={code}" not in text(answer)
    assert "在这儿说一件事" not in text(answer)


def test_the_short_address_costs_little(app: Any, browse: Any, count_queries: Any) -> None:
    _id, code = place(app)
    person = browse()
    person.get(f"/p/{code}")
    with count_queries() as seen:
        person.get(f"/p/{code}")
    assert len(seen) <= 3, seen


# --- posters


def test_a_new_place_comes_with_its_code(app: Any, browse: Any) -> None:
    form = {"kind": "letterbox", "name": "话匣子信箱", "place": "大门东侧", "hours": "周一开箱", "note": ""}
    assert browse(HOME, "shuji").post("/desk/venues", form).status_code == 303
    code = {row.name: row.code for row in rows(app)}["话匣子信箱"]
    assert re.fullmatch("[2-9A-HJKMNP-Z]{5}", code)


def test_an_old_place_is_given_its_code_by_a_post_and_only_once(app: Any, browse: Any) -> None:
    venue_id, _none = place(app, code=False)
    worker, before = browse(HOME, "zhao"), rows(app)
    page = text(worker.get(f"/desk/venues/{venue_id}/poster"))
    assert "编上码" in page
    assert "h-poster" not in page
    assert worker.get(f"/desk/venues/{venue_id}/poster.svg").status_code == 409
    assert rows(app) == before
    assert worker.post(f"/desk/venues/{venue_id}/code").status_code == 303
    given = rows(app)
    worker.post(f"/desk/venues/{venue_id}/code")
    assert rows(app) == given
    assert worker.post("/desk/venue-posters/codes").status_code == 303
    assert all(row.code for row in rows(app))
    assert {row.name: row.code for row in given if row.code}.items() <= {r.name: r.code for r in rows(app)}.items()


@pytest.mark.parametrize("size", ["a4", "a3", "nonsense"])
def test_a_poster_carries_everything_for_every_hand(app: Any, browse: Any, size: str) -> None:
    venue_id, code = place(app)
    page = text(browse(HOME, "zhao").get(f"/desk/venues/{venue_id}/poster?size={size}"))
    address = f"http://{HOME}.yard.test/p/{code}"
    drawn = re.search(r'd="([^"]+)"', str(qr_svg(address, label="x")))[1]
    assert f'd="{drawn}"' in page
    for words in (
        f"{HOME}.yard.test/p/{code}",
        "小板凳议事屋",
        "百货商店门口",
        "8555 0118",
        "不用手机也一样",
        "街道督办",
    ):
        assert words in page
    assert f"is-{size if size in ('a4', 'a3') else 'a4'}" in page
    assert page.count("<h1") == 1
    assert not re.search(r"\sstyle=", page)


def test_a_hall_by_path_prints_its_own_address(app: Any, request: Any) -> None:
    venue_id, code = place(app)
    found = request.getfixturevalue("place")
    own = harness.settings(found["owner"], found["database"], found["redis"], found["data_dir"], TENANT_BY="path")
    program = create_app(own)
    person = program.test_client()
    base = f"http://{harness.BASE}"
    person.post(f"/c/{HOME}/sign-in", data={"login": "zhao", "password": PASSWORD}, base_url=base)
    page = text(person.get(f"/c/{HOME}/desk/venues/{venue_id}/poster", base_url=base))
    address = f"{base}/c/{HOME}/p/{code}"
    assert address.removeprefix("http://") in page
    assert re.search(r'd="([^"]+)"', str(qr_svg(address, label="x")))[1] in page
    assert person.get(f"/c/{HOME}/p/{code}", base_url=base).status_code == 200
    with program.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_all_posters_print_one_to_a_sheet(app: Any, browse: Any, count_queries: Any) -> None:
    place(app)
    place(app, "小板凳议事屋")
    worker = browse(HOME, "zhao")
    worker.get("/desk/venue-posters")
    with count_queries() as seen:
        page = text(worker.get("/desk/venue-posters"))
    assert len(seen) <= 3, seen
    assert page.count('class="h-sheet h-poster') == 2
    assert 'href="/desk/campaigns"' in page
    assert 'href="/desk/venues"' in text(browse(HOME, "shuji").get("/desk/venue-posters"))
    assert page.count("<h1") == 1


@pytest.mark.parametrize("what", ["poster.svg", "poster.svg?size=a3", "code.svg"])
def test_drawings_are_files_never_pages(app: Any, browse: Any, what: str) -> None:
    venue_id, code = place(app)
    answer = browse(HOME, "zhao").get(f"/desk/venues/{venue_id}/{what}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "百货商店门口" in unquote(answer.headers["Content-Disposition"])
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    drawing = text(answer)
    assert "<script" not in drawing
    assert "var(--" not in drawing
    if "poster" in what:
        assert f"{HOME}.yard.test/p/{code}" in drawing
        assert ('width="297mm"' in drawing) is ("a3" in what)


def test_words_of_a_place_are_words_in_its_drawing(app: Any, browse: Any) -> None:
    venue_id, _code = place(app)
    with inside(app, HOME):
        venue = venues.find_venue(venue_id)
        values = {"kind": "tree", "name": "<script>树</script>", "place": "a&b", "hours": "", "note": ""}
        venues.change_venue(venue, values, by=SYSTEM, now=clock.now())
        db.session.commit()
    drawing = text(browse(HOME, "zhao").get(f"/desk/venues/{venue_id}/poster.svg"))
    assert "<script>" not in drawing
    assert "a&amp;b" in drawing


def test_lines_of_a_drawing_fit(app: Any) -> None:
    lines = wrapped("周一至周五 9:00–17:00，曹家巷小区 3 号楼一层共享空间有人听", 5.0, 60)
    assert len(lines) > 1
    assert all(width_of(line, 5.0) <= 61 for line in lines)
    assert any("9:00" in line for line in lines)


ONE = ("poster", "poster.svg", "code.svg")


@pytest.mark.parametrize("login", [None, "xiaoli", "jiandu", "yishi1"])
def test_posters_are_made_by_the_office(app: Any, browse: Any, login: str | None) -> None:
    venue_id, _none = place(app, code=False)
    person, before = browse(HOME, login), rows(app)
    for what in ONE:
        assert person.get(f"/desk/venues/{venue_id}/{what}").status_code in (302, 303, 403)
    assert person.get("/desk/venue-posters").status_code in (302, 303, 403)
    assert person.post(f"/desk/venues/{venue_id}/code").status_code in (302, 303, 403)
    assert person.post("/desk/venue-posters/codes").status_code in (302, 303, 403)
    assert rows(app) == before


def test_the_neighbour_finds_no_place_of_ours(app: Any, browse: Any) -> None:
    venue_id, _none = place(app, code=False)
    neighbour, before = browse(NEXT, "shuji"), rows(app)
    for what in ONE:
        assert neighbour.get(f"/desk/venues/{venue_id}/{what}").status_code == 404
    assert neighbour.post(f"/desk/venues/{venue_id}/code").status_code == 404
    neighbour.post("/desk/venue-posters/codes")
    assert rows(app) == before
