"""The ideas of a call as a spreadsheet (XLSX). It leaves the program, so it names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import Response
from flask_babel import gettext as _

from app import clock
from app.faces.look import say
from app.flow.collect.channels import Campaign
from app.flow.collect.ideas import Idea
from app.flow.collect.rules import CATEGORIES, CHANNELS
from app.matter.house import house

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (18, 12, 32, 60, 32, 20, 14, 14, 14, 18)
#: Letters that no XML may hold.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def answer(campaign: Campaign, ideas: Iterable[Idea], today: date) -> Response:
    """The file as a download with a Chinese name (RFC 5987)."""
    name = re.sub(r'[\\/:*?"<>|\s]+', "", f"{today.isoformat()}_{house().short}_{campaign.title}")[:70]
    found = Response(_book(campaign, ideas), mimetype=XLSX)
    found.headers["Content-Disposition"] = (
        f"attachment; filename=\"ideas-{campaign.code}.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    )
    found.headers["Cache-Control"] = "private, no-cache"
    return found


def _book(campaign: Campaign, ideas: Iterable[Idea]) -> bytes:
    # The library takes a quarter of a second to load, and most processes never write a sheet.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "", campaign.title)[:30] or "1")
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJ", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width

    def cell(text: str, *, bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=_UNFIT.sub("", text))
        # Words that begin with = are still words: a spreadsheet must never run what a stranger wrote.
        made.data_type = "s"
        made.font, made.alignment = Font(bold=bold), Alignment(wrap_text=True, vertical="top")
        return made

    sheet.append([cell(head, bold=True) for head in _heads()])
    for idea in ideas:
        sheet.append([cell(text) for text in _row(idea)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _heads() -> tuple[str, ...]:
    return (
        _("编号"), _("哪天说的"), _("什么事"), _("原话"), _("盼着怎么办"), _("在哪儿"), _("类别"), _("从哪儿来"),
        _("走到哪一步"), _("并到"),
    )  # fmt: skip


def _row(idea: Idea) -> tuple[str, ...]:
    hidden = _("（只给当事人看）")
    title, words = (hidden, hidden) if idea.is_restricted else (idea.title, idea.words or hidden)
    return (
        idea.number, clock.local(idea.said_at).date().isoformat(), title, words, idea.wish,
        "" if idea.is_restricted else idea.place, say(CATEGORIES.get(idea.category, "")),
        say(CHANNELS.get(idea.channel, idea.channel)), say(idea.stage_label), idea.merged_number,
    )  # fmt: skip
