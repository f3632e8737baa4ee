"""Doors of the hall: what was said and what came of it (成果), the list and one result with its story."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app.errors import Missing
from app.faces.community import result_words as words
from app.faces.community.inputs import last_page, page_number, whole_number
from app.faces.doors import Door
from app.faces.pages import page
from app.flow.collect.rules import CATEGORIES
from app.people.permissions import Permission
from app.records import result_queries as queries
from app.records.result_facts import Result
from app.records.result_queries import PAGE, Story
from app.records.results import DEFINITION
from app.words import N_
from tenants.hosts import site_url

NO_RESULT = N_("这里没有这件事的成果。还没办结的，在「查进度」里看。")


def results() -> str:
    """Ten to a page, the newest first, by year and theme."""
    shelves = queries.shelves()
    year, theme = _asked(shelves)
    counted = [n for on, category, n in shelves if year in (None, on) and theme in (None, category)]
    last = last_page(sum(counted), PAGE)
    number = min(page_number(), last)
    found = queries.results(year=year, category=theme, page=number) if counted else []

    def url_of(n: int) -> str:
        return site_url("community.results", year=year, theme=theme, page=n if n > 1 else None)

    years = [(str(on), site_url("community.results", year=on, theme=theme), on == year) for on in _years(shelves)]
    return page(
        "hall/results.html", results=[card(one) for one in found], total=sum(counted), year=year, theme=theme or "",
        tabs=[(_("全部年份"), site_url("community.results", theme=theme), year is None), *years], number=number,
        last=last, url_of=url_of, themes=_themes(shelves), definition=[_(line) for line in DEFINITION],
        is_filtered=year is not None or theme is not None,
    )  # fmt: skip


def result(matter_id: UUID) -> str:
    """One result: figures, pictures, five lines, and how to pass it on."""
    story = story_or_404(matter_id)
    one = {"matter_id": matter_id}
    picture = story.result.after or story.result.before
    share = (
        site_url("community.file", file_id=picture, external=True)
        if picture
        else site_url("community.result_card_svg", external=True, **one)
    )
    return page(
        "hall/result.html", one=card(story.result), story=story, lines=words.lines(story),
        ways=words.ways(story.result.heads), definition=[_(line) for line in DEFINITION],
        pictures=[row for row in story.pictures if row[0] not in (story.result.before, story.result.after)],
        share_picture=share, address=site_url("community.result", external=True, **one),
    )  # fmt: skip


def story_or_404(matter_id: UUID) -> Story:
    """The story of a result that is told in public; everything else is unknown here."""
    story = queries.story(matter_id)
    if story is None:
        raise Missing(NO_RESULT)
    return story


def card(one: Result) -> dict[str, Any]:
    """A result as lists, pages and papers show it."""
    category = CATEGORIES.get(one.category, "")
    return {
        "result": one, "figures": words.figures(one), "short": words.in_short(one),
        "money": words.money_words(one.spent), "category": _(category) if category else "",
        "satisfaction": words.satisfaction_words(one),
    }  # fmt: skip


def _asked(shelves: list[tuple[int, str, int]]) -> tuple[int | None, str | None]:
    """``?year=`` and ``?theme=`` as far as they are ones of ours; a year without results stays chosen and is empty."""
    year, theme = whole_number(request.args.get("year")), request.args.get("theme") or None
    known = theme in CATEGORIES or theme in {category for _year, category, _n in shelves}
    return (year if year and 1900 <= year <= 2999 else None), (theme if known else None)


def _years(shelves: list[tuple[int, str, int]]) -> list[int]:
    return sorted({year for year, _category, _n in shelves}, reverse=True)


def _themes(shelves: list[tuple[int, str, int]]) -> list[tuple[str, str]]:
    there = {category for _year, category, _n in shelves if category}
    named = [(key, _(label)) for key, label in CATEGORIES.items() if key in there]
    return [("", _("全部")), *named, *((key, key) for key in sorted(there - set(CATEGORIES)))]


DOORS: list[Door] = [
    Door("GET", "/results", results, Permission.ANYONE_ENTER),
    Door("GET", "/results/<uuid:matter_id>", result, Permission.ANYONE_ENTER),
]
