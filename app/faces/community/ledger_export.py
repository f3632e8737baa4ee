"""Doors of the hall: the ledger as a workbook, small at once, large in the background with its progress.

The page of a running export asks for its progress each second with JavaScript and reloads itself without.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, flash, jsonify, redirect, request, send_file
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community.desk import reader
from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import last_page, once_id, page_number
from app.faces.community.ledger import url_of, year_start
from app.faces.doors import Door
from app.faces.jobs.ledger import EXPORT, file_name, store
from app.faces.look import say
from app.faces.pages import desk
from app.faces.phrasing import quoted
from app.faces.visitor import actor
from app.flow.collect.rules import CATEGORIES, CHANNELS
from app.matter.house import house
from app.matter.ledger import Reader
from app.matter.ledger_filter import TABS, Wanted, count_of
from app.matter.lights import COLOUR_LABELS
from app.matter.situation import LABELS, LEVEL_LABELS
from app.matter.stages import STEPS, TRIAGE_LABELS
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import ledger_export as exports
from app.records.ledger_asked import as_args, wanted_of
from app.records.ledger_book import write_book
from app.records.ledger_views import read_frame
from app.records.models import LedgerExport
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import Scope, current, current_community

STATES: dict[str, tuple[str, str, str]] = {
    "queued": (N_("排着队，等着写"), "hourglass-split", ""),
    "running": (N_("正在写"), "hourglass-split", "brand"),
    "done": (N_("写好了"), "check-circle-fill", "ok"),
    "failed": (N_("没写成"), "x-octagon-fill", "late"),
    "cancelled": (N_("停下了"), "slash-circle", ""),
    "lapsed": (N_("过了七天，删掉了"), "trash", ""),
}
EVERYTHING = Wanted(tab="all")


def takes_away() -> Reader:
    """Whoever is at the desk as the reader of a workbook: a child's matter opened today stays on the page."""
    return replace(reader(), looked=frozenset())


def ledger_exports() -> Any:
    """What can be taken away, and what was; with the filters of the ledger where somebody comes from there."""
    return _list("")


def _list(problem: str) -> Any:
    now, who, number = clock.now(), takes_away(), page_number()
    rows, total = exports.exports_page(who, number)
    frame = read_frame(who, "", now=now, year_start=year_start(now))
    given = request.values.to_dict()
    wanted = wanted_of(given) if given.keys() - {"page", "once", "csrf_token"} else None
    months = [("", _("整年，一个月一张表")), *((n, _("%(month)s月", month=n)) for n in range(1, 13))]
    return desk(
        "desk/ledger_exports.html", "ledger", rows=rows, states=STATES, total=total, page=number, problem=problem,
        last=last_page(total, exports.PAGE), url_of=lambda n: site_url("community.ledger_exports", page=n),
        years=[("", _("全部年份")), *((year, _("%(year)s 年", year=year)) for year in frame.years)], months=months,
        this_year=clock.local(now).year, once=uuid7(), chosen=as_args(wanted) if wanted else {},
        chosen_words=title_of(wanted) if wanted else "", at_once=exports.AT_ONCE,
        chosen_total=count_of(wanted, who, now) if wanted else 0,
        sheet_url=url_of(wanted, "community.ledger_sheet") if wanted else "",
    )  # fmt: skip


def ledger_export_add() -> Any:
    """Ask for a workbook; the worker writes it."""
    once, wanted = once_id(), wanted_of(request.form.to_dict())
    if "tab" not in request.form:
        wanted = replace(wanted, tab="all")
    try:
        exports.ask_export(wanted, takes_away(), title=title_of(wanted), by=actor(), now=clock.now(), id=once)
    except Refused as error:
        db.session.rollback()
        return _list(say(error.reason, error.values)), 422
    here = current()
    errand(Scope("community", street=here.street, community=here.community), EXPORT)
    return redirect(site_url("community.ledger_export", export_id=once), 303)


def ledger_export(export_id: UUID) -> str:
    """One export: how far it is, and the file."""
    row = exports.find_export(export_id, takes_away())
    return desk(
        "desk/ledger_export.html", "ledger", row=row, state=STATES[row.state], moving=row.state in exports.MOVING,
        percent_done=_percent(row),
    )  # fmt: skip


def ledger_export_progress(export_id: UUID) -> Response:
    """The same in a few numbers, asked for each second."""
    row = exports.find_export(export_id, takes_away())
    words = _(STATES[row.state][0])
    if row.state == "running" and row.total:
        words = _("%(state)s：%(done)s / %(total)s 行", state=words, done=row.done, total=row.total)
    # The script of the imports takes "uploaded" for waiting in the queue.
    state = "uploaded" if row.state == "queued" else "checking" if row.state == "running" else row.state
    return jsonify(state=state, done=row.done, total=row.total, percent=_percent(row), words=words)


def ledger_export_cancel(export_id: UUID) -> Any:
    """Stop; nothing of it is kept."""
    row = exports.find_export(export_id, takes_away())
    if exports.cancel_export(row, now=clock.now()):
        flash(_("停下了，没有留下半份表。"), "ok")
    else:
        flash(_("已经写完了，停不下来了。"), "warning")
    return redirect(site_url("community.ledger_export", export_id=export_id), 303)


def ledger_export_file(export_id: UUID) -> Any:
    """Hand the workbook over, and count that it was taken. A POST, because counting is writing."""
    row = exports.find_export(export_id, takes_away())
    name, file_id = row.file_name, row.id
    exports.count_download(row, now=clock.now())
    answer = send_file(store().open(current_community(), file_id), XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def ledger_sheet() -> Any:
    """What the ledger's page shows, as one sheet with every column, at once; more than 2,000 rows go the long way."""
    now, who, wanted = clock.now(), takes_away(), wanted_of(request.args.to_dict())
    total = count_of(wanted, who, now)
    if not total:
        raise Missing(N_("照这些条件一件都没有，没什么可导的。"))
    if total > exports.AT_ONCE:
        return redirect(url_of(wanted, "community.ledger_exports"), 303)
    out = BytesIO()
    write_book(out, wanted, who, now=now, calendar=house().calendar, say=say, beat=lambda _done: None, months=False)
    return download(out.getvalue(), XLSX, file_name(wanted, now))


def title_of(wanted: Wanted) -> str:
    """What was asked for, in words: 2026 年 6月 · 已办结 · 设施修缮."""
    when = [_("%(year)s 年", year=wanted.year)] if wanted.year else [_("全部年份")]
    if wanted.month:
        when.append(_("%(month)s月", month=wanted.month))
    parts = [" ".join(when)] + ([_(TABS[wanted.tab])] if wanted.tab != "all" else [])
    named = (
        (CATEGORIES, wanted.category), (LABELS, wanted.stage), (TRIAGE_LABELS, wanted.triage),
        (LEVEL_LABELS, wanted.level), (CHANNELS, wanted.channel), (COLOUR_LABELS, wanted.colour),
    )  # fmt: skip
    parts += [_(labels[value]) for labels, value in named if value]  # type: ignore[index]
    if wanted.step:
        parts.append(_(STEPS[wanted.step - 1].label))
    if wanted.grid:
        parts.append(_("一个网格"))
    if wanted.owner:
        parts.append(_("一个牵头人"))
    return " · ".join([*parts, quoted(wanted.words)] if wanted.words else parts)


def _percent(row: LedgerExport) -> int:
    return min(100, 100 * row.done // row.total) if row.total else 0


E = Permission.LEDGER_EXPORT
ONE = "/desk/ledger-exports/<uuid:export_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/matters/sheet", ledger_sheet, E),
    Door("GET", "/desk/ledger-exports", ledger_exports, E),
    Door("POST", "/desk/ledger-exports", ledger_export_add, E, limit="20 per minute"),
    Door("GET", ONE, ledger_export, E),
    Door("GET", f"{ONE}/progress", ledger_export_progress, E),
    Door("POST", f"{ONE}/cancellation", ledger_export_cancel, E),
    Door("POST", f"{ONE}/download", ledger_export_file, E, limit="30 per minute"),
]
