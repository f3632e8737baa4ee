"""The ideas of a call as a spreadsheet (XLSX). It leaves the program, so it names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from flask import Response
from flask_babel import gettext as _

from app import clock
from app.faces.community.downloads import XLSX
from app.faces.look import say
from app.flow.collect.channels import Campaign
from app.flow.collect.ideas import Idea
from app.flow.collect.rules import CATEGORIES, CHANNELS
from app.matter.house import house
from app.people.sheets import xlsx_bytes

WIDTHS = (18, 12, 32, 60, 32, 20, 14, 14, 14, 18)


def answer(campaign: Campaign, ideas: Iterable[Idea], today: date) -> Response:
    """The file as a download with a Chinese name (RFC 5987)."""
    name = re.sub(r'[\\/:*?"<>|\s]+', "", f"{today.isoformat()}_{house().short}_{campaign.title}")[:70]
    found = Response(xlsx_bytes(campaign.title, _heads(), map(_row, ideas), widths=WIDTHS, wrap=True), mimetype=XLSX)
    found.headers["Content-Disposition"] = (
        f"attachment; filename=\"ideas-{campaign.code}.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    )
    found.headers["Cache-Control"] = "private, no-cache"
    return found


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
