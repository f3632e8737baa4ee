"""Doors of the hall: the owners' register by estate, one owner's page, the table and the printed list.

Names and phones of owners are personal: only whoever keeps the register comes in, and a phone stands on the owner's
own page and nowhere else.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Missing, Refused
from app.faces.community import owner_units
from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import as_uuid, last_page, page_number, take_back, tidy
from app.faces.community.owner_forms import WhoForm
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk as desk_page
from app.faces.pages import page as plain_page
from app.faces.visitor import actor
from app.flow.decide.rules import at_least
from app.people import owner_actions as actions
from app.people import owner_pages as pages
from app.people.import_owners import COLUMNS
from app.people.owner_pages import EstateTotals
from app.people.owner_register import roll_of
from app.people.owner_rules import KINDS, SOURCES, area_in, square_metres
from app.people.owners import Owner
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

#: The columns of the import, without the phone: a table that is handed around holds none.
EXPORTED = ("estate", "label", "area", "source", "owner", "mark", "kind", "since")


def owners() -> str:
    """The register of one estate, twenty owners a page, with its heads and its area."""
    listed = pages.estates()
    here = _estate(listed, request.args.get("estate"))
    chosen = {"kind": request.args.get("kind", ""), "words": tidy(request.args.get("q"))[:40]}
    chosen["kind"] = chosen["kind"] if chosen["kind"] in KINDS else ""
    page = page_number()
    rows, total = pages.owners_page(here.id, page=page, **chosen) if here else ([], 0)
    kept = {"estate": here.id if here else None, "kind": chosen["kind"], "q": chosen["words"]}
    return desk_page(
        "desk/owners.html", "owners", estates=listed, estate=here, rows=rows, total=total, chosen=chosen, kinds=KINDS,
        kind_choices=[(key, say(label)) for key, label in KINDS.items()], metres=square_metres, page=page,
        needed=_needed(here), checked=_checked(here), last=last_page(total, pages.PAGE),
        url_of=lambda number: site_url("community.owners", page=number, **{k: v for k, v in kept.items() if v}),
    )  # fmt: skip


def _estate(listed: list[EstateTotals], asked: str | None) -> EstateTotals | None:
    if asked:
        found = next((one for one in listed if str(one.id) == asked), None)
        if found is None:
            raise Missing(actions.NO_ESTATE)
        return found
    return next((one for one in listed if one.units), listed[0] if listed else None)


def _needed(here: EstateTotals | None) -> tuple[int, str]:
    """Two thirds of heads and of area, which every owners' decision needs to take part (Civil Code 278)."""
    if here is None or not here.heads:
        return 0, ""
    return at_least(2, 3, here.heads), square_metres(at_least(2, 3, here.area_dm2))


def _checked(here: EstateTotals | None) -> dict[str, Any] | None:
    """How the register compares with the whole area that somebody typed."""
    typed = tidy(request.args.get("sum"))[:20]
    if here is None or not typed:
        return None
    area = area_in(typed)
    gap = None if area is None else here.area_dm2 - area
    return {"typed": typed, "gap": gap, "words": "" if gap is None else square_metres(abs(gap))}


def owner_shown(owner_id: UUID) -> Any:
    """One owner: who, which units, which were sold, and whom they may be the same as."""
    owner = actions.find_owner(owner_id)
    if owner.merged_into_id is not None:
        return redirect(site_url("community.desk_owner", owner_id=owner.merged_into_id), 302)
    return _owner_page(owner)


def _owner_page(owner: Owner, form: WhoForm | None = None) -> str:
    held, sold = pages.units_of(owner.id)
    words = tidy(request.args.get("q"))[:40]
    alike = pages.owners_named(owner.estate_id, words, owner.id) if words else pages.namesakes(owner)
    data = {"name": owner.name, "mark": owner.mark, "kind": owner.kind, "phone": actions.phone_of(owner)}
    return desk_page(
        "desk/owner.html", "owners", owner=owner, title=pages.line_of(owner), form=form or WhoForm(None, data=data),
        held=held, sold=sold, alike=alike, places=pages.owner_places(alike), line_of=pages.line_of, words=words,
        estate=actions.find_estate(owner.estate_id), metres=square_metres, kinds=KINDS, sources=SOURCES,
        area=square_metres(sum(unit.area_dm2 for unit in held)),
    )  # fmt: skip


def owner_change(owner_id: UUID) -> Any:
    """Correct name, mark, kind or phone."""
    owner, form = actions.find_owner(owner_id), WhoForm()
    if not form.validate():
        return _owner_page(owner, form), 422
    try:
        actions.change_owner(owner, form.who(), by=actor(), now=clock.now())
        db.session.flush()
    except (Refused, IntegrityError) as error:
        told = error if isinstance(error, Refused) else Refused(N_("名册上刚才有人加了同样的业主，请再看看。"))
        take_back(form, "mark" if "kind" not in told.values else "kind", told)
        return _owner_page(actions.find_owner(owner_id), form), 422
    flash(_("存好了。"), "ok")
    return redirect(site_url("community.desk_owner", owner_id=owner_id), 303)


def owner_merging(owner_id: UUID) -> str:
    """Ask before two names become one head."""
    owner = actions.find_owner(owner_id)
    into = actions.find_owner(as_uuid(request.args.get("into")) or owner_id)
    if into.id == owner.id or into.estate_id != owner.estate_id:
        raise Missing(N_("业主名册上没有这一位。"))
    return desk_page(
        "desk/owner_confirm.html", "owners", back=site_url("community.desk_owner", owner_id=owner_id),
        title=_("「%(old)s」和「%(new)s」是同一位业主？", old=pages.line_of(owner), new=pages.line_of(into)),
        text=_(
            "并起来以后，「%(old)s」的房子都归到「%(new)s」名下，只算一个人头，面积全算。从前的表决不变。并了不能拆回来。",
            old=pages.line_of(owner), new=pages.line_of(into),
        ),
        button=_("是同一位，并起来"), action=site_url("community.owner_merge", owner_id=owner_id),
        fields={"into": into.id}, who=pages.line_of(owner),
    )  # fmt: skip


def owner_merge(owner_id: UUID) -> Any:
    """Make two names one head."""
    actions.find_owner(owner_id)
    into_id = as_uuid(request.form.get("into"))
    if into_id is None:
        raise Missing(N_("业主名册上没有这一位。"))
    into = actions.merge_owners(owner_id, into_id, by=actor(), now=clock.now())
    flash(_("并好了，现在算一位业主。"), "ok")
    return redirect(site_url("community.desk_owner", owner_id=into.id), 303)


def owners_sheet() -> Response:
    """The estate's register as XLSX, in the columns of the import; brought in again it changes nothing."""
    estate = actions.find_estate(as_uuid(request.args.get("estate")) or UUID(int=0))
    heads = [say(next(column.label for column in COLUMNS if column.key == name)) for name in EXPORTED]
    data = xlsx_bytes(_("业主名册"), heads, pages.table_rows(estate.id), widths=(16, 26, 12, 12, 20, 14, 12, 14))
    return download(data, XLSX, _("业主名册-%(name)s.xlsx", name=estate.name))


def owners_print() -> str:
    """Every head of the estate on paper, with room for a signature."""
    estate = actions.find_estate(as_uuid(request.args.get("estate")) or UUID(int=0))
    lines = roll_of(estate.id)
    return plain_page(
        "desk/owners_print.html", estate=estate, lines=lines, metres=square_metres, today=clock.today(),
        area=square_metres(sum(line.area_dm2 for line in lines)),
    )  # fmt: skip


W = Permission.OWNER_WRITE
ONE = "/desk/owners/<uuid:owner_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/owners", owners, W),
    Door("GET", "/desk/owners/sheet", owners_sheet, W),
    Door("GET", "/desk/owners/print", owners_print, W),
    Door("GET", ONE, owner_shown, W, name="desk_owner"),
    Door("POST", ONE, owner_change, W),
    Door("GET", f"{ONE}/merging", owner_merging, W),
    Door("POST", f"{ONE}/merging", owner_merge, W),
    *owner_units.DOORS,
]
