"""Doors of the street: all figures K1 to K17 with what they mean, of the whole street or of one community."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.street import period
from app.faces.street.board_lines import figure_cells, sheet
from app.people.permissions import Permission
from app.people.sheets import Table
from app.records import street
from app.records import street_board as boards
from app.records.charts import Spark, spark
from app.records.counts import HallCounts
from app.records.definitions import DEFINITIONS
from app.records.indicators import BETTER, Figure, hall_figures
from app.records.street_strip import CHOICES, key_of, month_keys
from app.words import N_
from tenants.registry import Community


@dataclass(frozen=True)
class Told:
    """One figure as the page tells it: ``months`` are (key, figure of that month or None), the oldest first."""

    figure: Figure
    words: str
    months: list[tuple[str, Figure | None]]
    line: Spark | None


@dataclass(frozen=True)
class Shown:
    """All figures of the street or of one community for one period, and what the page says about their age."""

    community: Community | None
    choice: str
    first: date
    last: date
    told: list[Told]
    counted_at: datetime | None
    oldest_at: datetime | None
    halls: int
    is_counted: bool


def figures() -> Any:
    """The page every number of the street's desk leads to."""
    shown, now = _shown(), clock.now()
    kept = {"community": shown.community.slug} if shown.community else {}
    return desk(
        "street/figures.html", "overview", shown=shown, choices=CHOICES, kept=kept, better=BETTER,
        halls=[("", _("全街")), *((hall.slug, hall.name) for hall in street.communities())],
        age=period.since_words(shown.counted_at, now), oldest=period.since_words(shown.oldest_at, now),
        chosen=kept.get("community", ""),
    )  # fmt: skip


def figures_print() -> Any:
    """The same on paper."""
    shown = _shown()
    return page(
        "street/figures_print.html", shown=shown, printed=clock.today(), choices=CHOICES,
        age=period.since_words(shown.counted_at, clock.now()),
    )  # fmt: skip


def figures_sheet() -> Any:
    """The same as a workbook: the period, and month by month."""
    shown = _shown()
    heads = [_("编号"), _("指标"), _("数"), _("单位"), _("分子"), _("分母"), _("怎么算的"), _("说的是什么")]
    rows = [(*figure_cells(one.figure), _(one.words)) for one in shown.told]
    keys = [key for key, _figure in shown.told[0].months] if shown.told else []
    monthly = [
        (one.figure.key, _(one.figure.label), *("" if found is None else found.number for _key, found in one.months))
        for one in shown.told
    ]
    name = shown.community.name if shown.community else _("全街")
    return sheet(_("%(name)s议事指标", name=name), [
        Table(_("%(name)s%(choice)s", name=name, choice=_(CHOICES[shown.choice])), heads, rows,
              [8, 18, 10, 8, 10, 10, 50, 50], True),
        Table(_("近 12 个月"), [_("编号"), _("指标"), *keys], monthly, [8, 18, *[9] * len(keys)]),
    ])  # fmt: skip


def _shown() -> Shown:
    choice, day, slug = period.chosen(), clock.today(), request.args.get("community", "")
    key, keys = key_of(choice, day), month_keys(day)
    if not slug:
        sums = boards.sums({key, *keys})
        here, counted = sums.get(key), {one: HallCounts.from_dict(row.counts) for one, row in sums.items()}
        halls, community = (here.halls if here else 0), None
        moment, oldest = (here.newest_at, here.oldest_at) if here else (None, None)
    else:
        community = boards.community(slug)
        if community is None:
            raise Missing(N_("街道里没有这个社区。"))
        rows = boards.counts_of_hall(community.id, {key, *keys})
        here = rows.get(key)
        counted = {one: HallCounts.from_dict(row.counts) for one, row in rows.items()}
        halls, moment, oldest = 1, here.counted_at if here else None, None
    told = _told(counted.get(key, HallCounts()), [(one, counted.get(one)) for one in keys])
    first, last = (here.first, here.last) if here else (day, day)
    return Shown(community, choice, first, last, told, moment, oldest, halls, here is not None)


def _told(counts: HallCounts, months: list[tuple[str, HallCounts | None]]) -> list[Told]:
    series = [(key, hall_figures(one) if one else None) for key, one in months]
    found = []
    for n, figure in enumerate(hall_figures(counts)):
        mine = [(key, row[n] if row else None) for key, row in series]
        line = spark([_height(one) for _key, one in mine])
        found.append(Told(figure, DEFINITIONS[figure.key], mine, line))
    return found


def _height(figure: Figure | None) -> float | None:
    """The number a trend draws; None where there is nothing to show."""
    try:
        return float(figure.number) if figure is not None else None
    except ValueError:
        return None


P = Permission
DOORS: list[Door] = [
    Door("GET", "/figures", figures, P.STREET_OVERVIEW_READ),
    Door("GET", "/figures/paper", figures_print, P.STREET_OVERVIEW_READ),
    Door("GET", "/figures.xlsx", figures_sheet, P.STREET_OVERVIEW_READ),
]
