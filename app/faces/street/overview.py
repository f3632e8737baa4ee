"""Doors of the street's overview: six figures, all communities by how much they need looking at, requests and themes.

Every figure comes from prepared rows, with its age; live are only the requests and the late matters of the one
community that is opened. So a page costs the same however many matters the halls have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, request
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.pages import desk, page
from app.faces.street import period
from app.faces.street.board_lines import board_sheet, line_of, month_label, satisfaction_rows
from app.flow.collect.rules import CATEGORIES
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import indicators, street
from app.records import street_board as boards
from app.records.charts import bars
from app.records.counts import HallCounts
from app.records.street_requests import standing
from app.records.street_strip import CHOICES, flow, key_of, month_keys, overdue, tiles
from app.words import N_
from tenants.hosts import site_url
from tenants.scope import Scope, current_street

DRILLED, REQUESTS, THEMES = 5, 4, 6
RECOUNT = "app.faces.jobs.figures:recount_street"
#: Rows on paper; a street with more communities prints them filtered.
PRINTED = 300
NARROWED = {
    "": N_("全部社区"), boards.LOOK: N_("要看一看的"), boards.LATE: N_("有红灯的"), boards.MISSING: N_("还没数出来的"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address asks of the list of communities."""

    words: str
    only: str
    number: int
    opened: str

    @property
    def kept(self) -> dict[str, str]:
        """The filters, for links that keep them."""
        return {name: value for name, value in (("q", self.words), ("only", self.only)) if value}


def asked() -> Asked:
    """What the address asks, bounded."""
    only = request.args.get("only", "")
    return Asked(
        request.args.get("q", "").strip()[:40], only if only in NARROWED else "",
        page_number(), request.args.get("open", "")[:63],
    )  # fmt: skip


def overview() -> Any:
    """One page over all communities: what needs looking at comes first, one row opened."""
    now, choice, wanted = clock.now(), period.chosen(), asked()
    day, since = clock.local(now).date(), period.recount_since(now)
    found = boards.board(key_of(choice, day), page=wanted.number, words=wanted.words, only=wanted.only, since=since)
    sums = boards.sums({key_of(choice, day), *month_keys(day)})
    here = sums.get(key_of(choice, day))
    counts = HallCounts.from_dict(here.counts) if here else HallCounts()
    months = {key: HallCounts.from_dict(sums[key].counts) for key in month_keys(day) if key in sums}
    opened = _opened(found.lines, wanted)
    late = street.matters_of(opened.id, now, view="late", limit=DRILLED)[0] if opened else []
    waits = standing(now - timedelta(days=indicators.PATIENT_DAYS), now)
    g.waiting, g.waiting_reviews, g.waiting_letters = waits.asked, waits.reviews, waits.letters

    def url_of(number: int) -> str:
        return site_url("street.overview", **wanted.kept, page=number) + "#heat"

    return desk(
        "street/overview.html", "overview", board=found, rows=[line_of(line) for line in found.lines], opened=opened,
        late=late, summed=here, counts=counts, tiles=tiles(counts, day, choice, months), choice=choice, wanted=wanted,
        narrowed=[(key, _(label)) for key, label in NARROWED.items()], url_of=url_of, last=_last(found),
        waiting=street.requests(now, limit=REQUESTS), waits=waits, patient=indicators.PATIENT_DAYS,
        chart=bars(_monthly(overdue(day, months))), months=overdue(day, months), flow=flow(day, months),
        grades=satisfaction_rows(counts), themes=themes_of(here)[:THEMES], choices=CHOICES,
        ages=period.ages(found, now), counting=period.is_counting(found, since),
    )  # fmt: skip


def overview_print() -> Any:
    """The table of communities on paper, as filtered."""
    now, choice, wanted = clock.now(), period.chosen(), asked()
    found = _whole(choice, wanted, PRINTED)
    return page(
        "street/overview_print.html", board=found, rows=[line_of(line) for line in found.lines], choice=choice,
        printed=clock.local(now).date(), ages=period.ages(found, now), choices=CHOICES,
    )  # fmt: skip


def overview_sheet() -> Any:
    """The same communities as a table for an office program."""
    choice = period.chosen()
    return board_sheet(_whole(choice, asked(), 5000), _(CHOICES[choice]))


def recount() -> Any:
    """Ask the worker to count every hall of the street anew; asking again while it counts changes nothing."""
    now = clock.now()
    since = period.recount_since(now)
    if since is None or not period.is_counting(
        boards.board(key_of(period.chosen(), clock.today()), since=since), since
    ):
        errand(Scope("street", street=current_street()), RECOUNT)
        period.begin_recount(now)
    flash(_("正在一个社区一个社区地数，数完的马上换成新的。"))
    return redirect(site_url("street.overview") + "#age", 303)


def _whole(choice: str, wanted: Asked, limit: int) -> boards.Board:
    key = key_of(choice, clock.today())
    return boards.board(key, words=wanted.words, only=wanted.only, limit=limit)


def _opened(lines: list[boards.Line], wanted: Asked) -> boards.Line | None:
    """The community whose late matters are shown: the one asked for, else the first when something is late there."""
    late = [line for line in lines if line.counts is not None and line.counts.red]
    chosen = next((line for line in late if line.slug == wanted.opened), None)
    return chosen or (late[0] if late and late[0] is lines[0] else None)


def _last(found: boards.Board) -> int:
    return max(1, -(-found.found // boards.PAGE))


def _monthly(rows: list[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    return [(month_label(key), value) for key, value in rows]


def themes_of(row: Any) -> list[dict[str, Any]]:
    """What several communities talk about; a theme of one community is its own affair."""
    return [
        {**theme, "label": _(CATEGORIES[theme["key"]])}
        for theme in (row.themes if row else [])
        if theme["communities"] > 1 and theme["key"] in CATEGORIES
    ]


P = Permission
DOORS: list[Door] = [
    Door("GET", "/overview", overview, P.STREET_OVERVIEW_READ),
    Door("GET", "/overview/paper", overview_print, P.STREET_OVERVIEW_READ),
    Door("GET", "/overview.xlsx", overview_sheet, P.STREET_OVERVIEW_READ),
    Door("POST", "/recounts", recount, P.STREET_OVERVIEW_READ, limit="12 per hour"),
]
