"""Doors of the hall: bringing tables in (households, owners, old ledgers …), with progress that can be watched.

A file is checked by the worker first; only a file without one error can be written, and then all of it. The page polls
the progress door each second with JavaScript and reloads itself without.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Response, current_app, flash, jsonify, redirect, request, send_file
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import StringField

from app import clock
from app.errors import Missing, Refused, no
from app.faces.choosing import SelectField
from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import last_page, once_id, page_number, take_back, tell, tidy, whole_number
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor, visitor
from app.matter.files import FileStore
from app.notices.bell import errand
from app.people import import_files
from app.people import import_runs as runs
from app.people.import_rules import SHOWN
from app.people.imports import ImportRun
from app.people.owner_rules import NO_AREA, area_in
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.records.import_kinds import KINDS, LABELS, NEEDS
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import Scope, current, current_community

WORK = "app.faces.jobs.imports:work"
NO_KIND = N_("没有这一种表。")
STATES: dict[str, tuple[str, str, str]] = {
    "uploaded": (N_("排着队，等着查"), "hourglass-split", ""),
    "checking": (N_("正在一行一行查"), "hourglass-split", "brand"),
    "refused": (N_("有要改的地方，没写进去"), "x-octagon-fill", "late"),
    "checked": (N_("查好了，等您点头"), "check2-circle", "soon"),
    "running": (N_("正在写"), "hourglass-split", "brand"),
    "done": (N_("写好了"), "check-circle-fill", "ok"),
    "cancelled": (N_("停下了，什么都没写"), "slash-circle", ""),
    "failed": (N_("没办成，什么都没写"), "x-octagon-fill", "late"),
}
MOVING = ("uploaded", "checking", "running")


class UploadForm(FlaskForm):
    """One file; the year belongs to old ledgers, the source to work orders, the area to owners' registers."""

    file = FileField(_l("表格文件"))
    year = StringField(_l("这份台账是哪一年的"), [], [tidy])
    area = StringField(_l("这份表的总面积（平方米）"), [], [tidy])
    source = SelectField(
        _l("从哪儿来的"), choices=[("12345", "12345"), ("other", _l("别的系统"))], validate_choice=False
    )


def my_kinds() -> list[str]:
    """The kinds this person may bring in."""
    me = visitor()
    return [key for key in KINDS if me is not None and me.can(NEEDS[key])]


def _kind(name: str | None) -> str:
    if name not in my_kinds():
        raise Missing(NO_KIND)
    return str(name)


def imports() -> str:
    """What can be brought in, and what was."""
    page, kinds = page_number(), my_kinds()
    rows, total = runs.runs_page(kinds, page)
    return desk_page(
        "desk/imports.html", "imports", kinds=kinds, labels=LABELS, rows=rows, states=STATES, total=total, page=page,
        last=last_page(total, runs.PAGE), url_of=lambda number: site_url("community.imports", page=number),
    )  # fmt: skip


def import_new() -> str:
    """The form of one kind: what columns it wants, and the file."""
    return _new_page(_kind(request.args.get("kind")), UploadForm(formdata=None), uuid7())


def _new_page(kind: str, form: UploadForm, once: UUID) -> str:
    return desk_page(
        "desk/imports_new.html", "imports", kind=kind, label=LABELS[kind], columns=KINDS[kind].columns, form=form,
        once=once, most=KINDS[kind].most,
    )  # fmt: skip


def import_template() -> Response:
    """An empty table of one kind with one row of example."""
    kind = _kind(request.args.get("kind"))
    columns = KINDS[kind].columns
    data = xlsx_bytes(
        _(LABELS[kind]), [column.label for column in columns], [[column.sample for column in columns]],
        widths=[max(10, 2 * len(column.label) + 2, len(column.sample) + 4) for column in columns],
    )  # fmt: skip
    return download(data, XLSX, _("%(kind)s模板.xlsx", kind=_(LABELS[kind])))


def import_add() -> Any:
    """Keep the file and let the worker check it."""
    kind, form, once = _kind(request.form.get("kind")), UploadForm(), once_id()
    if db.session.get(ImportRun, (current_community(), once)):
        return redirect(site_url("community.import_run", run_id=once), 303)
    try:
        data = _read_file(form)
        import_files.kind_of(data)
    except Refused as error:
        take_back(form, "file", error)
        return _new_page(kind, form, once), 422
    year = whole_number(form.year.data)
    if form.year.data and (year is None or not 1980 <= year <= 2100):
        tell(form, "year", no(N_("年份写四位数，比如 2019；表里有年份就空着。")))
        return _new_page(kind, form, once), 422
    if kind == "owners" and form.area.data and area_in(form.area.data) is None:
        tell(form, "area", no(NO_AREA, text=form.area.data[:20]))
        return _new_page(kind, form, once), 422
    file_id = uuid4()
    FileStore(Path(current_app.config["DATA_DIR"])).put(current_community(), file_id, data)
    name = Path((form.file.data.filename or "").replace("\\", "/")).name
    runs.hand_in(
        kind, file_name=tidy(name) or "—", file_id=file_id, sha256=hashlib.sha256(data).hexdigest(), by=actor(),
        now=clock.now(), id=once, options=_options(kind, form, year),
    )  # fmt: skip
    call_worker()
    return redirect(site_url("community.import_run", run_id=once), 303)


def _options(kind: str, form: UploadForm, year: int | None) -> dict[str, Any]:
    if kind == "ledger" and year:
        return {"year": year}
    if kind == "owners" and form.area.data:
        return {"area_dm2": area_in(form.area.data)}
    return {"source": "other" if form.source.data == "other" else "12345"} if kind == "work_orders" else {}


def _read_file(form: UploadForm) -> bytes:
    upload = form.file.data
    if not upload or not upload.filename:
        raise Refused(N_("请选一个表格文件。"))
    return bytes(upload.stream.read(import_files.BYTES + 1))


def call_worker() -> None:
    """After the commit; when the queue is down the clock finds the run within a minute."""
    here = current()
    errand(Scope("community", street=here.street, community=here.community), WORK)


def _run(run_id: UUID) -> ImportRun:
    run = runs.find_run(run_id)
    if run.kind not in my_kinds():
        raise Missing(N_("没有这次导入。"))
    return run


def import_run(run_id: UUID) -> str:
    """One import: how far it is, what was found, what can be done."""
    run = _run(run_id)
    return desk_page(
        "desk/imports_run.html", "imports", run=run, label=LABELS[run.kind], state=STATES[run.state], shown=SHOWN,
        moving=run.state in MOVING, percent_done=_percent(run),
        step=1 if run.state in ("uploaded", "checking", "refused") else 2 if run.state == "checked" else 3,
    )  # fmt: skip


def import_progress(run_id: UUID) -> Response:
    """The same in a few numbers, asked for each second."""
    run = _run(run_id)
    words = _(STATES[run.state][0])
    if run.total and run.state in ("checking", "running"):
        words = _("%(state)s：%(done)s / %(total)s 行", state=words, done=run.done, total=run.total)
    return jsonify(state=run.state, done=run.done, total=run.total, percent=_percent(run), words=words)


def _percent(run: ImportRun) -> int:
    return 100 * run.done // run.total if run.total else 0


def import_errors(run_id: UUID) -> Any:
    """The sheet with every error."""
    run = _run(run_id)
    if run.error_file_id is None:
        raise Missing(N_("这次没有错误清单。"))
    store = FileStore(Path(current_app.config["DATA_DIR"]))
    answer = send_file(
        store.open(current_community(), run.error_file_id), XLSX, as_attachment=True, download_name=_("要改的地方.xlsx")
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def import_confirm(run_id: UUID) -> Any:
    """Let a checked file be written."""
    runs.confirm(_run(run_id), now=clock.now())
    call_worker()
    return redirect(site_url("community.import_run", run_id=run_id), 303)


def import_cancel(run_id: UUID) -> Any:
    """Stop; what was begun is taken back."""
    run = runs.ask_cancel(_run(run_id), now=clock.now())
    if run.state == "done":
        flash(_("已经写好了，停不下来了。"), "warning")
    elif run.state == "cancelled":
        flash(_("停下了，什么都没写进去。"), "ok")
        call_worker()
    else:
        flash(_("正在停，已经写的会全部退回去。"), "ok")
    return redirect(site_url("community.import_run", run_id=run_id), 303)


W = Permission.IMPORT_WRITE
ONE = "/desk/imports/<uuid:run_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/imports", imports, W),
    Door("POST", "/desk/imports", import_add, W, limit="20 per minute"),
    Door("GET", "/desk/imports/new", import_new, W),
    Door("GET", "/desk/imports/template", import_template, W),
    Door("GET", ONE, import_run, W),
    Door("GET", f"{ONE}/progress", import_progress, W),
    Door("GET", f"{ONE}/errors", import_errors, W),
    Door("POST", f"{ONE}/confirmation", import_confirm, W),
    Door("POST", f"{ONE}/cancellation", import_cancel, W),
]
