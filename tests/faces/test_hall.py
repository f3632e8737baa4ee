"""The hall's front page and its plain pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.flow.collect import actions
from app.flow.collect.evidence import evidence_of
from app.flow.collect.rules import Saying
from app.flow.deliberate.models import AgendaItem, Sitting
from app.matter.actions import move
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.places import Venue
from app.people.roles import Role
from tenants.database import db
from tests.cast import HOME, NEXT
from tests.conftest import inside

OFFICE = Actor("staff", "赵师傅", roles=frozenset({Role.COMMUNITY_WORKER}))
WANG = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


def taken_up(n: int, now: Any, **more: Any) -> list[Matter]:
    rows = []
    for number in range(n):
        saying = Saying(
            **({"words": f"第 {number} 件事：灯坏了", "title": f"第 {number} 件事", "place": "门口", "wish": "换灯",
                "category": "repair"} | more)
        )  # fmt: skip
        matter = actions.submit(saying, by=WANG, now=now).matter
        move(matter, "accept", by=OFFICE, now=now, evidence=evidence_of(matter), triage="minor", words="社区受理了")
        rows.append(matter)
    db.session.commit()
    return rows


def test_an_empty_hall_keeps_a_stool_for_you(browse: Any) -> None:
    page = browse().get("/").get_data(as_text=True)
    for words in ("小板凳议事屋", "眼下没有正议着的事", "还没定下次会", "还没有办结的事", "百货商店门口", "说一说"):
        assert words in page


def test_the_front_page_shows_what_is_there(app: Any, browse: Any, now: Any) -> None:
    with inside(app, HOME):
        first, second, quarrel = [*taken_up(2, now), *taken_up(1, now, title="楼上楼下", track="mediation")]
        sitting = Sitting(
            number="NYD-HY-2026-001", kind="council", title="第 23 次板凳会", starts_at=clock.now() + timedelta(days=3),
            place="百货商店门口", base=17, state="noticed", noticed_at=now, created_at=now,
        )  # fmt: skip
        db.session.add(sitting)
        db.session.flush()
        for position, matter in enumerate((first, quarrel), 1):
            db.session.add(AgendaItem(sitting_id=sitting.id, matter_id=matter.id, position=position))
        db.session.commit()
        numbers = {first.number, second.number}
    page = browse().get("/").get_data(as_text=True)
    assert "第 23 次板凳会" in page
    assert "一件当事人之间的事" in page
    assert "楼上楼下" not in page
    assert all(number in page for number in numbers)
    assert "楼上楼下" not in browse(NEXT).get("/").get_data(as_text=True)
    assert "第 23 次板凳会" not in browse(NEXT).get("/").get_data(as_text=True)


@pytest.mark.parametrize("login", [None, "shuji"])
def test_the_front_page_costs_seven_statements_at_most(
    app: Any, browse: Any, now: Any, count_queries: Any, login: str | None
) -> None:
    with inside(app, HOME):
        taken_up(12, now)
    person = browse(HOME, login)
    person.get("/")
    with count_queries() as seen:
        assert person.get("/").status_code == 200
    # Six, and one for the vote that is running now: what waits for everybody's voice leads the page.
    assert len(seen) <= 7, seen


def test_the_list_turns_its_pages(app: Any, browse: Any, now: Any, count_queries: Any) -> None:
    with inside(app, HOME):
        taken_up(23, now)
    person = browse(HOME, "shuji")
    person.get("/matters")
    with count_queries() as seen:
        first = person.get("/matters").get_data(as_text=True)
    assert len(seen) <= 6, seen
    assert first.count('class="h-plate"') == 20
    assert person.get("/matters?page=2").get_data(as_text=True).count('class="h-plate"') == 3
    assert person.get("/matters?stage=done").get_data(as_text=True).count('class="h-plate"') == 0
    assert person.get("/matters?stage=talking&page=2").get_data(as_text=True).count('class="h-plate"') == 3


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=-3", "?page=abc", "?page=99999999999", "?stage=nonsense", "?page=٣"]
)
def test_odd_questions_get_a_page(browse: Any, query: str) -> None:
    assert browse().get(f"/matters{query}").status_code == 200


@pytest.mark.parametrize(
    "url", ["/places", "/charter", "/privacy", "/feedback", "/done", "/track", "/me", "/join", "/sign-in"]
)
def test_plain_pages_stand_without_an_account(browse: Any, url: str) -> None:
    for slug in (HOME, NEXT):
        answer = browse(slug).get(url)
        assert answer.status_code == 200
        assert answer.get_data(as_text=True).count("<h1") == 1


def test_the_street_has_no_such_doors(browse: Any) -> None:
    for url in ("/say", "/track", "/me", "/join"):
        assert browse("").get(url).status_code == 404


def test_a_closed_venue_is_no_longer_named(app: Any, browse: Any, now: Any) -> None:
    with inside(app, HOME):
        db.session.scalars(select(Venue).where(Venue.kind == "collection_point")).one().closed_at = now
        db.session.commit()
    assert "百货商店门口" not in browse().get("/places").get_data(as_text=True)


def test_the_mark_is_the_hall_s_own(browse: Any) -> None:
    one, two = browse(HOME).get("/mark.svg"), browse(NEXT).get("/mark.svg")
    assert one.mimetype == "image/svg+xml"
    assert one.data != two.data


def test_no_page_carries_inline_style_or_handlers(browse: Any) -> None:
    for url in ("/", "/say", "/track", "/matters", "/me", "/join", "/sign-in", "/privacy"):
        page = browse().get(url).get_data(as_text=True)
        assert ' style="' not in page
        assert " onclick=" not in page
