"""Doors of the street: the list of letters and tasks over all halls, its table and its print."""

from __future__ import annotations

from typing import Any

from flask import request, session
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.inputs import as_uuid, page_number
from app.faces.pages import desk, page
from app.faces.street.letter_sheets import letters_xlsx
from app.matter import outside_queries as queries
from app.matter import outside_rules as rules
from app.matter.outside_units import units
from app.people.permissions import Permission
from app.records import street
from app.words import N_
from tenants.hosts import site_url

TABS = {
    "open": N_("等回话的"), "late": N_("超期的"), "replied": N_("回了话的"), "closed": N_("了结的"), "all": N_("全部"),
}  # fmt: skip
KEPT = ("tab", "kind", "community", "unit")
MOST, PRINTED = 2000, 300


def letters() -> str:
    """Everything the street wrote, the overdue first; the filter stays until it is taken off."""
    halls, found = street.communities(), _chosen()
    number = page_number()
    rows, total = _rows(found, halls, page=number)
    kept = {name: value for name, value in found.items() if value}

    def url_of(n: int) -> str:
        return site_url("street.letters", **kept, page=n)

    return desk(
        "street/letters.html", "letters", rows=[_line(row) for row in rows], total=total, number=number, chosen=found,
        last=max(1, -(-total // queries.PAGE)), url_of=url_of,
        kinds=[("", _("全部")), *((kind, _(label)) for kind, label in rules.KIND_LABELS.items())],
        halls=[("", _("全部社区")), *((hall.slug, hall.name) for hall in halls)],
        units=[("", _("全部单位")), *((str(unit.id), unit.name) for unit in units(retired=True))],
        tabs=[
            (_(label), site_url("street.letters", **{**kept, "tab": name}), name == found["tab"])
            for name, label in TABS.items()
        ],
    )  # fmt: skip


def letters_print() -> str:
    """The same list on paper."""
    halls, found = street.communities(), _chosen()
    rows, total = _rows(found, halls, limit=PRINTED)
    return page(
        "street/letters_print.html", rows=[_line(row) for row in rows], total=total, printed=clock.today(),
        tab=_(TABS[found["tab"]]),
    )  # fmt: skip


def letters_sheet() -> Any:
    """The same list as a table."""
    rows, _total = _rows(_chosen(), street.communities(), limit=MOST)
    return letters_xlsx(rows)


def _rows(found: dict[str, str], halls: Any, *, page: int = 1, limit: int = queries.PAGE) -> Any:
    hall = next((hall for hall in halls if hall.slug == found["community"]), None)
    return queries.letters_page(
        found["tab"], today=clock.today(), page=page, kind=found["kind"], unit_id=as_uuid(found["unit"]),
        community_id=hall.id if hall else None, limit=limit,
    )  # fmt: skip


def _chosen() -> dict[str, str]:
    """What the officer last chose on this browser, until another choice; nothing of it reaches the database."""
    if any(name in request.args for name in KEPT):
        session["letters"] = [request.args.get(name, "") for name in KEPT]
    tab, kind, community, unit = session.get("letters", ("open", "", "", ""))
    return {
        "tab": tab if tab in TABS else "open", "kind": kind if kind in rules.KIND_LABELS else "",
        "community": community, "unit": unit if as_uuid(unit) else "",
    }  # fmt: skip


def _line(row: queries.Row) -> dict[str, Any]:
    letter = row.standing.letter
    return {
        "letter": letter, "matter": row.matter, "community": row.community, "facts": row.standing.facts,
        "light": row.standing.light, "kind": _(rules.KIND_LABELS[letter.kind]),
        "state": _("已再次发") if row.standing.facts.followed else _(rules.STATE_LABELS[row.standing.facts.state]),
        "title": row.matter.title if row.matter.visibility == "public" else "",
        "url": site_url("street.letter", letter_id=letter.id),
    }  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/letters", letters, P.STREET_LETTER_WRITE),
    Door("GET", "/letters/paper", letters_print, P.STREET_LETTER_WRITE),
    Door("GET", "/letters.xlsx", letters_sheet, P.STREET_LETTER_WRITE),
]
