"""The register of mediations (调解登记簿) as a table for the office; no party's name stands in it."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _

from app import clock
from app.faces.community.desk import hidden_title, reader
from app.faces.community.downloads import XLSX, download
from app.faces.community.mediation_page import STANDINGS
from app.faces.doors import Door
from app.flow.resolve import mediation_lists
from app.flow.resolve import mediation_rules as rules
from app.matter.ledger import is_child_s, may_read
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes

MOST = 2000


def mediations_sheet() -> Response:
    """The list with its filters as XLSX; a child's quarrel stands there without its title."""
    today, who = clock.today(), reader()
    tab, applied = request.args.get("tab", ""), request.args.get("applied", "")
    found, _total = mediation_lists.page(
        tab if tab in STANDINGS else "", today=today, applied=applied if applied in rules.APPLIED else "", limit=MOST
    )
    heads = [_("编号"), _("什么纠纷"), _("谁申请的"), _("哪天登记"), _("谁来调"), _("谈过几次"), _("到哪一步"),
             _("哪天结束"), _("下一个日子")]  # fmt: skip
    rows = [
        [
            row.matter.number, row.matter.title if may_read(row.matter, who) else hidden_title(is_child_s(row.matter)),
            _(rules.APPLIED[row.mediation.applied_by]), clock.local(row.mediation.opened_at).date().isoformat(),
            row.mediation.mediator_label, row.talks, _(STANDINGS[row.standing][0]),
            clock.local(row.mediation.ended_at).date().isoformat() if row.mediation.ended_at else "",
            row.next_due.isoformat() if row.next_due else "",
        ]
        for row in found
    ]  # fmt: skip
    data = xlsx_bytes(_("调解登记簿"), heads, rows, widths=(16, 28, 24, 12, 14, 10, 16, 12, 12))
    return download(data, XLSX, _("调解登记簿-%(day)s.xlsx", day=today.isoformat()))


DOORS: list[Door] = [Door("GET", "/desk/mediations.xlsx", mediations_sheet, Permission.MEDIATION_WRITE)]
