"""The door of the wall: the street's figures in letters one reads from five metres, anew every minute.

No person is named and nothing can be pressed. A page that has nothing new answers 304 to its own script.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from flask import make_response, request
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.look import asset
from app.faces.pages import page
from app.faces.street import period
from app.faces.street.overview import themes_of
from app.people.permissions import Permission
from app.records import street_board as boards
from app.records.counts import HallCounts
from app.records.indicators import hall_figures
from app.records.street_matters import Told, solved_lately
from app.records.street_requests import standing
from app.records.street_strip import CHOICES, key_of, month_keys, tiles

#: How far back something counts as solved lately, and how many lines there is room for.
LATELY, SOLVED, THEMES = timedelta(days=30), 5, 5
SECONDS = 60


def wall() -> Any:
    """The whole screen; five statements beyond those every page has."""
    now, choice = clock.now(), period.chosen()
    day = clock.local(now).date()
    sums = boards.sums({key_of(choice, day), *month_keys(day)})
    here = sums.get(key_of(choice, day))
    counts = HallCounts.from_dict(here.counts) if here else HallCounts()
    months = {key: HallCounts.from_dict(sums[key].counts) for key in month_keys(day) if key in sums}
    solved, waits = solved_lately(now - LATELY, now, SOLVED), standing(now)
    tag = _tag(here, solved, waits, day.isoformat(), choice)
    if request.headers.get("If-None-Match") == f'"{tag}"':
        answer = make_response("", 304)
    else:
        answer = make_response(page(
            "street/wall.html", counts=counts, summed=here, tiles=tiles(counts, day, choice, months), solved=solved,
            themes=themes_of(here)[:THEMES], waits=waits, choice=_(CHOICES[choice]), tag=tag, seconds=SECONDS,
            lights=_lights(counts), near=next(one for one in hall_figures(counts) if one.key == "K8b"),
        ))  # fmt: skip
    answer.headers["ETag"] = f'"{tag}"'
    # Nothing is kept: a page out of a browser's store would carry the marks of an older answer.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lights(counts: HallCounts) -> list[dict[str, Any]]:
    return [
        {"label": _("按时"), "n": counts.green, "tone": "ok"},
        {"label": _("快到期"), "n": counts.yellow, "tone": "soon"},
        {"label": _("超期"), "n": counts.red, "tone": "late"},
        {"label": _("暂停"), "n": counts.grey, "tone": "3"},
    ]


def _tag(here: Any, solved: list[Told], *more: object) -> str:
    parts = [
        here.summed_at if here else None, *((one.card.id, one.closed_at, one.card.title) for one in solved), *more,
        # A new version of the program may show the same figures in another way.
        asset("street.css"), asset("wall.js"),
    ]  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


DOORS: list[Door] = [Door("GET", "/wall", wall, Permission.STREET_OVERVIEW_READ)]
