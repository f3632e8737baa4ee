"""The result of a joint matter on paper and as a table."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import send_file
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.joint_view import halls_view, head_of, tasks_view
from app.faces.order_sheets import XLSX
from app.faces.pages import page
from app.faces.street.joint_page import outcome_of
from app.faces.street.joints import joint_of
from app.matter import joint_queries as queries
from app.people.permissions import Permission
from app.people.sheets import Cell, Table, book_bytes
from app.records.documents.wording import full_date


def joint_paper(joint_id: UUID) -> str:
    """Question, rules, every hall's figures, the result and the promises on one sheet."""
    found = joint_of(joint_id)
    return page(
        "street/joint_paper.html", joint=found, head=head_of(found), outcome=outcome_of(found), printed=clock.today(),
        full_date=full_date,
        halls=halls_view(found, queries.halls_of(found.id)),
        tasks=tasks_view(queries.tasks_of(found.id), clock.today()),
    )  # fmt: skip


def joint_sheet(joint_id: UUID) -> Any:
    """One sheet of the halls' figures with the sum, one of the promises."""
    found = joint_of(joint_id)
    data = book_bytes([_votes(found), _promises(found)])
    name = f"{found.number}_{found.title}.xlsx"
    answer = send_file(BytesIO(data), XLSX, as_attachment=True, download_name=name)
    # What only staff may read is kept by no browser.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _votes(found: Any) -> Table:
    heads = [_("社区"), _("回话"), _("怎么表决"), _("应到"), _("实到"), _("同意"), _("反对"), _("弃权"), _("废票"),
             _("结果"), _("事项编号"), _("原因")]  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in halls_view(found, queries.halls_of(found.id)):
        vote = one["vote"] or {}
        figures = [vote.get(key) for key in ("eligible", "present", "yes", "no", "abstain", "spoiled", "outcome")]
        rows.append((one["name"], one["state_label"], one["ballot"], *figures, one["number"], one["reason"]))
    outcome = outcome_of(found)
    if outcome:
        sums = [outcome[key] for key in ("eligible", "present", "yes", "no", "abstain", "spoiled")]
        said = _("通过") if outcome["passed"] else _("没通过")
        rows.append((_("合起来"), "", head_of(found)["gather"], *sums, said, "", found.outcome_words))
    return Table(_("各社区的票"), heads, rows, [16, 14, 18, 8, 8, 8, 8, 8, 8, 20, 18, 60], wrap=True)


def _promises(found: Any) -> Table:
    heads = [_("办什么"), _("谁来办"), _("哪天前"), _("怎样了"), _("办得怎样"), _("谁看过")]
    rows = [
        (task["what"], task["who"], task["due"].isoformat(), task["label"], task["done_words"], task["checked_by"])
        for task in tasks_view(queries.tasks_of(found.id), clock.today())
    ]
    return Table(_("街道答应办的事"), heads, rows, [30, 18, 12, 16, 40, 12], wrap=True)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/joints/<uuid:joint_id>/paper", joint_paper, P.STREET_JOINT_WRITE),
    Door("GET", "/joints/<uuid:joint_id>/result.xlsx", joint_sheet, P.STREET_JOINT_WRITE),
]
