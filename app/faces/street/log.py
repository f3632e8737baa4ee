"""Doors of the street: the log of what its desk changed."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from app.faces.doors import Door
from app.faces.inputs import last_page, page_number
from app.faces.pages import desk
from app.people import street_log
from app.people.permissions import Permission
from tenants.hosts import site_url


def log() -> str:
    """What the street's desk changed, the newest first; the filter stays."""
    subject, page = request.args.get("subject", ""), page_number()
    rows, total = street_log.log_page(subject=subject, page=page)
    lines = [
        {
            "at": row.at, "by": row.by_label, "subject": _(street_log.SUBJECTS.get(row.subject, row.subject)),
            "what": _(street_log.WORDS.get((row.subject, row.what), row.what)), "before": row.before,
            "after": row.after,
        }
        for row in rows
    ]  # fmt: skip
    kept = {"subject": subject} if subject in street_log.SUBJECTS else {}
    return desk(
        "street/log.html", "log", rows=lines, total=total, page=page, last=last_page(total, street_log.PAGE),
        subject=subject, subjects=[("", _("全部")), *((key, _(label)) for key, label in street_log.SUBJECTS.items())],
        url_of=lambda number: site_url("street.log", page=number, **kept),
    )  # fmt: skip


DOORS: list[Door] = [Door("GET", "/log", log, Permission.STREET_LOG_READ)]
