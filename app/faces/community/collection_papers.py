"""Papers of a collection: receipt, list to take from door to door, sheet for the stairwell, workbook."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community.collection_doors import NO_HOME
from app.faces.community.collections import found
from app.faces.community.downloads import XLSX, download
from app.faces.doors import Door
from app.faces.look import day
from app.faces.pages import page
from app.faces.visitor import actor
from app.flow.implement import collecting
from app.flow.implement import collection_rules as rules
from app.flow.implement.collection_rules import yuan
from app.flow.implement.money_models import CollectionShare
from app.flow.implement.money_queries import bills_of
from app.matter.actions import record
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.records.documents.wording import full_date
from app.words import N_


def collection_receipt(collection_id: UUID, share_id: UUID) -> str:
    """The receipt of one home, twice on one sheet: one goes to the home, one stays."""
    whole = found(collection_id)
    share = next((one for one in whole.shares if one.id == share_id and one.state == "paid"), None)
    if share is None:
        raise Missing(NO_HOME)
    return page(
        "desk/collection_receipt.html", one=whole.collection, matter=whole.matter, share=share,
        capitals=rules.capitals(share.paid_fen), how=rules.PAID_HOW.get(share.paid_how, ""),
        paid_on=full_date(clock.local(share.paid_at).date()) if share.paid_at else "",
    )  # fmt: skip


def collection_door_list(collection_id: UUID) -> str:
    """The sheet with boxes for those who go without a phone. It says nothing of who paid."""
    whole = found(collection_id)
    return page(
        "desk/collection_door_list.html", whole=whole, one=whole.collection, matter=whole.matter, bases=rules.BASES,
        voluntary=whole.collection.voluntary_words or rules.VOLUNTARY,
    )  # fmt: skip


def collection_sheet(collection_id: UUID) -> str:
    """The account for the stairwell: totals and bills, no home and no name."""
    whole = found(collection_id)
    if whole.collection.posted_at is None:
        raise Refused(N_("账还没公开，先公开再印。"))
    return page(
        "desk/collection_sheet.html", whole=whole, one=whole.collection, matter=whole.matter, count=whole.count,
        summary=collecting.summary(whole), bills=bills_of(whole.collection.id), bases=rules.BASES,
        posted_on=full_date(clock.local(whole.collection.posted_at).date()),
    )  # fmt: skip


def collection_workbook(collection_id: UUID) -> Response:
    """The doors as a workbook; it tells who paid, so taking it away is written down."""
    whole = found(collection_id)
    heads = [
        _("门牌"), _("人口"), _("面积（平方米）"), _("份额（元）"), _("怎么说"), _("怎么说的"), _("交了（元）"),
        _("哪天交的"), _("收据号"), _("谁收的"), _("应退（元）"), _("退了（元）"),
    ]  # fmt: skip
    data = xlsx_bytes(
        whole.collection.title, heads, [_row(share) for share in whole.shares],
        widths=(30, 6, 12, 12, 10, 10, 12, 12, 24, 10, 12, 12),
    )  # fmt: skip
    record(
        whole.matter, "collection_export", by=actor(), now=clock.now(), public=False,
        words=f"下载了收费的表：{whole.collection.number}",
    )  # fmt: skip
    return download(data, XLSX, _("%(number)s收费.xlsx", number=whole.collection.number))


SAID = {"asked": N_("还没答"), "agreed": N_("同意"), "paid": N_("同意"), "declined": N_("不交")}


def _row(share: CollectionShare) -> list[str | int | None]:
    return [
        share.label, share.heads, yuan(share.area_dm2) if share.area_dm2 else "", yuan(share.share_fen),
        _(SAID[share.state]), _(rules.AGREED_HOW.get(share.agreed_how, "")) if share.agreed_how else "",
        yuan(share.paid_fen) if share.paid_fen else "", day(share.paid_at, week=False), share.receipt_no,
        share.taken_label, yuan(share.refund_fen) if share.refund_fen else "",
        yuan(share.refunded_fen) if share.refunded_fen else "",
    ]  # fmt: skip


P = Permission.COLLECTION_WRITE
_ONE = "/desk/collections/<uuid:collection_id>"
DOORS: list[Door] = [
    Door("GET", f"{_ONE}/homes/<uuid:share_id>/receipt", collection_receipt, P),
    Door("GET", f"{_ONE}/door-list", collection_door_list, P),
    Door("GET", f"{_ONE}/sheet", collection_sheet, P),
    Door("POST", f"{_ONE}/workbook", collection_workbook, P),
]
