"""Doors of the old ledgers (往年台账): by year, by word, one row, and the sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_babel import gettext as _

from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import last_page, page_number, tidy, whole_number
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import visitor
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.records import old_ledger as books
from app.records.old_ledger import EXPORTED, Wanted
from tenants.hosts import site_url

LONGEST = 60


def _wanted() -> Wanted:
    return Wanted(whole_number(request.args.get("year")), tidy(request.args.get("q"))[:LONGEST], page_number())


def _url(wanted: Wanted, endpoint: str = "community.old_ledger", **more: Any) -> str:
    asked = {"year": wanted.year, "q": wanted.words} | more
    return site_url(endpoint, **{name: value for name, value in asked.items() if value})


def old_ledger() -> str:
    """One page of the hall's history from before it came here."""
    wanted, years = _wanted(), books.years()
    rows, total = books.read_page(wanted)
    me = visitor()
    return desk(
        "desk/old_ledger.html", "ledger", rows=rows, total=total, wanted=wanted, years=years,
        all_rows=sum(n for _year, n in years), last=last_page(total, books.PAGE),
        url_of=lambda number: _url(wanted, page=number), export_url=_url(wanted, "community.old_ledger_sheet"),
        tabs=[(_("全部年份"), _url(Wanted(None, wanted.words)), not wanted.year)]
        + [(_("%(year)s 年", year=year), _url(Wanted(year, wanted.words)), wanted.year == year) for year, _n in years],
        may_import=bool(me and me.can(Permission.IMPORT_WRITE)),
    )  # fmt: skip


def old_matter(old_id: UUID) -> str:
    """One row with everything that was written in it."""
    row = books.find_old(old_id)
    pairs = [(_(label), books.cell(getattr(row, name))) for name, label in EXPORTED if name != "title"]
    return desk("desk/old_ledger_one.html", "ledger", row=row, pairs=pairs)


def old_ledger_sheet() -> Response:
    """The chosen rows as XLSX; it can be brought in again and changes nothing."""
    wanted = _wanted()
    rows = books.export_rows(wanted)
    name = _("往年台账-%(year)s.xlsx", year=wanted.year) if wanted.year else _("往年台账.xlsx")
    return download(xlsx_bytes(_("往年台账"), [label for _name, label in EXPORTED], rows), XLSX, name)


R = Permission.MATTER_READ
DOORS: list[Door] = [
    Door("GET", "/desk/old-matters", old_ledger, R),
    Door("GET", "/desk/old-matters/sheet", old_ledger_sheet, R),
    Door("GET", "/desk/old-matters/<uuid:old_id>", old_matter, R),
]
