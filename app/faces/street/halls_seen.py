"""Doors of the street: its communities, one of them with its figures and matters, and what several talk about.

Public and masked data alone. A restricted matter is a number and a stage; who is behind one costs a reason
(:mod:`app.faces.street.unmask`).
"""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.pages import desk
from app.faces.street import period
from app.faces.street.board_lines import line_of, month_label, satisfaction_rows
from app.flow.collect.rules import CATEGORIES
from app.matter.situation import LABELS
from app.matter.workdays import end_of, start_of
from app.people.permissions import Permission
from app.records import indicators, street
from app.records import street_board as boards
from app.records.charts import bars
from app.records.counts import HallCounts
from app.records.street_matters import theme as matters_of_theme
from app.records.street_strip import CHOICES, flow, key_of, month_keys, overdue, tiles
from app.words import N_
from tenants.hosts import site_url

VIEWS = {"late": N_("超期的"), "open": N_("在办的"), "all": N_("全部")}
NOWHERE = N_("街道里没有这个社区。")


def communities() -> Any:
    """The plain list of halls with their figures, in the order in which they were opened."""
    choice, words, number = period.chosen(), _text("q", 40), _number()
    now = clock.now()
    found = boards.board(key_of(choice, clock.today()), page=number, words=words, by_weight=False)

    def url_of(n: int) -> str:
        return site_url("street.communities", q=words or None, page=n)

    return desk(
        "street/communities.html", "communities", board=found, rows=[line_of(line) for line in found.lines],
        choice=choice, choices=CHOICES, words=words, number=number, last=max(1, -(-found.found // boards.PAGE)),
        url_of=url_of, ages=period.ages(found, now), counting=False, figures=indicators.hall_figures,
    )  # fmt: skip


def community(community_slug: str) -> Any:
    """One community: its strip and trend, its requests and orders, and its matters with filters, twenty a page."""
    now, choice = clock.now(), period.chosen()
    day = clock.local(now).date()
    here = boards.community_and_moderation(community_slug, f"{day:%Y-%m}")
    if here is None:
        raise Missing(NOWHERE)
    found, moderated = here
    rows = boards.counts_of_hall(found.id, {key_of(choice, day), *month_keys(day)})
    row = rows.get(key_of(choice, day))
    counts = HallCounts.from_dict(row.counts) if row else HallCounts()
    months = {key: HallCounts.from_dict(rows[key].counts) for key in month_keys(day) if key in rows}
    kept, number = _filters(), _number()
    view = kept.get("view", "open")
    cards, total = street.matters_of(
        found.id, now, number, view, words=kept.get("q", ""), category=kept.get("category", ""),
        stage=kept.get("stage", ""),
    )  # fmt: skip
    waiting = street.requests(now, limit=5, community_id=found.id)
    monthly = overdue(day, months)

    def url_of(n: int) -> str:
        return site_url("street.community", community_slug=found.slug, **kept, page=n) + "#matters"

    return desk(
        "street/community.html", "communities", community=found, moderated=moderated, choice=choice, choices=CHOICES,
        row=row, counts=counts, tiles=tiles(counts, day, choice, months), age=_age(row, now), why=_why(row, counts),
        months=monthly, chart=bars([(month_label(key), n) for key, n in monthly]), flow=flow(day, months),
        grades=satisfaction_rows(counts), waiting=waiting, patient=indicators.PATIENT_DAYS, cards=cards, total=total,
        number=number, last=max(1, -(-total // street.PAGE)), url_of=url_of, kept=kept, view=view,
        tabs=_tabs(found, kept),
        categories=[("", _("全部类别")), *((key, _(label)) for key, label in CATEGORIES.items())],
        stages=[("", _("每一步")), *((str(key), _(label)) for key, label in LABELS.items())],
    )  # fmt: skip


def theme(category: str) -> Any:
    """The public matters behind one line of 「几个社区都在说的事」."""
    if category not in CATEGORIES:
        raise Missing(N_("没有这一类事。"))
    now, choice, number = clock.now(), period.chosen(), _number()
    day = clock.local(now).date()
    span = period.span_of(choice, day)
    halls = street.communities()
    chosen = next((hall for hall in halls if hall.slug == request.args.get("community")), None)
    found, total = matters_of_theme(
        category, start_of(span.first), end_of(span.last), now, number, community_id=chosen.id if chosen else None
    )
    slug = chosen.slug if chosen else None

    def url_of(n: int) -> str:
        return site_url("street.theme", category=category, community=slug, page=n)

    return desk(
        "street/theme.html", "overview", label=_(CATEGORIES[category]), category=category, rows=found, total=total,
        number=number, last=max(1, -(-total // street.PAGE)), url_of=url_of, choice=choice, choices=CHOICES,
        halls=[("", _("全部社区")), *((hall.slug, hall.name) for hall in halls)], chosen=slug or "", span=span,
    )  # fmt: skip


def _filters() -> dict[str, str]:
    """What the address asks of a community's matters; unknown values fall away, the rest stays in every link."""
    args = request.args
    asked = {
        "view": args.get("view", "") if args.get("view") in VIEWS else "",
        "category": args.get("category", "") if args.get("category") in CATEGORIES else "",
        "stage": args.get("stage", "") if args.get("stage") in set(LABELS) else "",
        "q": _text("q", 60),
    }
    return {name: value for name, value in asked.items() if value}


def _tabs(found: Any, kept: dict[str, str]) -> list[tuple[str, str, bool]]:
    view = kept.get("view", "open")
    return [
        (_(label), site_url("street.community", community_slug=found.slug, **{**kept, "view": key}) + "#matters",
         key == view)
        for key, label in VIEWS.items()
    ]  # fmt: skip


def _why(row: Any, counts: HallCounts) -> list[indicators.Reason]:
    return indicators.reasons(counts) if row else []


def _age(row: Any, now: Any) -> str:
    return period.since_words(row.counted_at, now) if row else ""


def _text(name: str, most: int) -> str:
    return request.args.get(name, "").strip()[:most]


def _number() -> int:
    return page_number()


P = Permission
DOORS: list[Door] = [
    Door("GET", "/communities", communities, P.STREET_OVERVIEW_READ),
    Door("GET", "/communities/<string:community_slug>", community, P.STREET_OVERVIEW_READ),
    Door("GET", "/themes/<string:category>", theme, P.STREET_OVERVIEW_READ),
]
