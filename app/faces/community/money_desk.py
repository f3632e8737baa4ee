"""Doors of the list of matters with money: budget against actual, sums over the filter, on paper and as a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from app import clock
from app.faces.community.desk import hidden_title, reader
from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import last_page, page_number, whole_number
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.flow.implement.collection_rules import yuan
from app.flow.implement.money_list import PAGE, PAPER, STATES, Wanted, money_page, shut_to
from app.flow.implement.money_rules import SOURCES, Totals
from app.matter.situation import LABELS, Stage
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.words import N_
from tenants.hosts import site_url

LONGEST = 60
STATE_LABELS = {
    "unspent": N_("还没写花了多少"), "over": N_("花超了"), "left": N_("收的还有余"),
}  # fmt: skip
FIRST_YEAR = 2015


def money_desk() -> str:
    """Twenty matters with money, the newest first; what is asked for stays in the URL."""
    wanted = _wanted()
    rows, sums = money_page(wanted, shut_to(reader()))
    return desk(
        "desk/money.html", "money", rows=[_line(row) for row in rows], sums=_whole(sums), n=sums["n"], wanted=wanted,
        last=last_page(sums["n"], PAGE), url_of=lambda number: _url(wanted, page=number), options=_options(),
        paper_url=_url(wanted, "community.money_paper"), workbook_url=_url(wanted, "community.money_workbook"),
        is_filtered=bool(wanted.words or wanted.source or wanted.state or wanted.year),
    )  # fmt: skip


def money_paper() -> str:
    """The same list for paper."""
    rows, sums, asked = _all()
    return page(
        "desk/money_paper.html", rows=rows, sums=sums, asked=asked, printed=clock.now(), back=_url(_wanted()),
        most=PAPER,
    )  # fmt: skip


def money_workbook() -> Response:
    """The same list as a workbook, in yuan to the fen."""
    rows, sums, _asked = _all()
    heads = [
        _("编号"),
        _("事项"),
        _("走到哪步"),
        _("打算（元）"),
        _("收（元）"),
        _("支（元）"),
        _("退（元）"),
        _("余（元）"),
    ]
    table: list[list[str | int | None]] = [[row["number"], row["title"], row["stage"], *_cells(row)] for row in rows]
    table.append([_("合计"), "", "", *_cells(sums)])
    data = xlsx_bytes(_("收支"), heads, table, widths=(18, 40, 12, 16, 16, 16, 14, 14))
    return download(data, XLSX, _("收支%(day)s.xlsx", day=clock.today().isoformat()))


def _all() -> tuple[list[dict[str, Any]], dict[str, int | None], list[str]]:
    wanted = _wanted()
    asked = Wanted(wanted.words, wanted.source, wanted.state, wanted.year)
    rows, sums = money_page(asked, shut_to(reader()), limit=PAPER)
    said = [
        wanted.words, _(SOURCES[wanted.source]) if wanted.source else "",
        _(STATE_LABELS[wanted.state]) if wanted.state else "",
        _("%(year)s 年提的", year=wanted.year) if wanted.year else "",
    ]  # fmt: skip
    return [_line(row) for row in rows], _whole(sums), [part for part in said if part]


def _cells(row: Any) -> list[str]:
    told = [yuan(row[key]) for key in ("planned", "came", "spent", "refunded")]
    return [*told, "" if row["rest"] is None else yuan(row["rest"])]


def _whole(sums: Mapping[str, int]) -> dict[str, int | None]:
    return {**sums, "rest": sums["rest"] if sums["came"] else None}


def _line(row: Any) -> dict[str, Any]:
    is_child_s = row.is_secret and row.has_minor
    found = {key: int(getattr(row, key)) for key in ("planned", "came", "spent", "refunded")}
    return {
        **found, "id": row.id, "number": row.number, "stage": _(LABELS[Stage(row.stage)]), "approx": row.approx,
        "title": hidden_title(is_child_s) if row.is_secret else row.title, "is_shut": row.is_secret,
        "rest": Totals(**found, approx=row.approx).rest,
        "over": max(0, found["spent"] - found["planned"]) if found["planned"] else 0,
    }  # fmt: skip


def _wanted() -> Wanted:
    given = request.args
    source, state = given.get("source", ""), given.get("state", "")
    year = whole_number(given.get("year")) or 0
    return Wanted(
        words=" ".join(given.get("q", "").split())[:LONGEST], source=source if source in SOURCES else "",
        state=state if state in STATES else "", year=year if FIRST_YEAR <= year <= clock.today().year else 0,
        page=page_number(),
    )  # fmt: skip


def _url(wanted: Wanted, endpoint: str = "community.money_desk", **more: Any) -> str:
    asked = {"q": wanted.words, "source": wanted.source, "state": wanted.state, "year": wanted.year} | more
    return site_url(endpoint, **{name: value for name, value in asked.items() if value})


def _options() -> dict[str, list[tuple[str, str]]]:
    return {
        "source": [("", _("全部来源")), *((key, _(label)) for key, label in SOURCES.items())],
        "state": [("", _("全部")), *((key, _(label)) for key, label in STATE_LABELS.items())],
        "year": [("", _("全部年份")), *((str(year), str(year)) for year in range(clock.today().year, FIRST_YEAR, -1))],
    }


DOORS: list[Door] = [
    Door("GET", "/desk/money", money_desk, Permission.MATTER_READ),
    Door("GET", "/desk/money/paper", money_paper, Permission.MATTER_READ),
    Door("GET", "/desk/money/workbook", money_workbook, Permission.LEDGER_EXPORT),
]
