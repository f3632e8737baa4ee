"""Doors of the hall's review on paper: numbered survey sheets to print, and their entry by the number on each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app import clock
from app.errors import Refused
from app.faces.community import paperwork
from app.faces.community.inputs import whole_number
from app.faces.community.review_forms import knows_of, part_of
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.evaluate import actions, queries, raters, rules
from app.flow.evaluate.rules import Voice
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.door_words import household_at
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

#: Rows of the entry page, and the most sheets that are printed at once (two on a page of A4).
ROWS, PRINT_MOST = 10, 200
COLUMNS = ("slip", "grade", "result", "speed", "attitude", "knows", "reason", "wish", "name", "door")


class PrintForm(FlaskForm):
    """How many sheets."""

    n = StringField(_l("印几张"))


class EntryForm(FlaskForm):
    """The rows of the entry page are read by hand; the form carries the token and what went wrong."""


def survey(matter_id: UUID) -> str:
    """Print sheets and type in those that came back."""
    return _page(_reviewed(matter_id), PrintForm(formdata=None, n="20"), EntryForm(formdata=None), [])


def survey_print(matter_id: UUID) -> Any:
    """Give out the next numbers, so that no two sheets of a matter carry the same."""
    matter, form = _reviewed(matter_id), PrintForm()
    n = whole_number(form.n.data) or 0
    form.validate()
    if not 1 <= n <= PRINT_MOST:
        form.n.errors = [*form.n.errors, _("写个数，一次最多 %(most)s 张。", most=PRINT_MOST)]
        return _page(matter, form, EntryForm(formdata=None), []), 422
    first = queries.last_slip(matter) + 1
    last = first + n - 1
    if last > rules.SLIP_MOST:
        raise Refused(N_("号用完了，再多就上门问吧。"))
    record(
        matter, "survey_printed", by=actor(), now=clock.now(), public=False, data={"first": first, "last": last},
        words=f"印了满意度调查表 {first} 到 {last} 号",
    )  # fmt: skip
    return redirect(site_url("community.rating_sheets", matter_id=matter.id, first=first, last=last), 303)


def survey_sheets(matter_id: UUID, first: int, last: int) -> str:
    """The sheets, two on a page of A4, in large type."""
    matter = _reviewed(matter_id)
    if not 1 <= first <= last < first + PRINT_MOST or last > queries.last_slip(matter):
        raise Refused(N_("这几个号还没印过，先点“印出来”。"))
    numbers = list(range(first, last + 1))
    return page(
        "desk/survey_sheets.html", matter=matter, sheets=[numbers[at : at + 2] for at in range(0, len(numbers), 2)],
        grades=[_(rules.GRADE_LABELS[grade]) for grade in rules.GRADE_LABELS], n=len(numbers),
        asks=[_("总的来说"), _("结果怎么样"), _("办得快不快"), _("态度好不好")],
        back=site_url("community.rating_survey", matter_id=matter.id),
        qr=qr_svg(site_url("community.rating", matter_id=matter.id, external=True), label=_("扫码也能评")),
    )  # fmt: skip


def survey_enter(matter_id: UUID) -> Any:
    """Keep the typed sheets; nothing is kept where one of them cannot be, and the typed rows stay."""
    matter, form, batch, rows = _reviewed(matter_id), EntryForm(), paperwork.once(), _typed()
    taken = paperwork.attempt(
        form, lambda: actions.enter_papers(
            matter, [_voice(n, row) for n, row in rows], by=actor(), now=clock.now(), batch=batch
        ),
    )  # fmt: skip
    if taken is None:
        matter = paperwork.matter_or_404(matter_id)
        return _page(matter, PrintForm(formdata=None, n="20"), form, [row for _n, row in rows]), 422
    flash(_("录了 %(n)s 张。", n=taken) if taken else _("这一批刚才已经录过了。"), "ok")
    return redirect(site_url("community.rating_survey", matter_id=matter_id), 303)


def _typed() -> list[tuple[int, dict[str, str]]]:
    """The rows that hold anything, with their line on the page."""
    lists = {name: request.form.getlist(name)[:ROWS] for name in COLUMNS}
    rows = [
        {name: (values[n] if n < len(values) else "").strip()[:2000] for name, values in lists.items()}
        for n in range(max((len(values) for values in lists.values()), default=0))
    ]
    return [(n, row) for n, row in enumerate(rows, start=1) if any(row.values())]


def _voice(n: int, row: dict[str, str]) -> Voice:
    slip, grade = whole_number(row["slip"]), whole_number(row["grade"])
    if slip is None:
        raise Refused(N_("第 %(line)s 行：纸上的号没写，或者不是数字。"), line=n)
    if grade not in rules.GRADE_LABELS:
        raise Refused(N_("%(slip)s 号：总的几分，写 5 到 1。"), slip=slip)
    if rules.is_low(grade) and not row["reason"]:
        raise Refused(N_("%(slip)s 号不满意，把纸上写的原因录上。"), slip=slip)
    marks: tuple[str, ...] = ()
    if row["door"]:
        marks = raters.household_rater(household_at(row["door"]).id).keys
    return Voice(
        grade, row["reason"], row["name"], slip=slip, result=part_of(row["result"]), speed=part_of(row["speed"]),
        attitude=part_of(row["attitude"]), knows=knows_of(row["knows"]), wish=row["wish"],
        who="neighbour" if marks else "", marks=marks,
    )  # fmt: skip


def _reviewed(matter_id: UUID) -> Matter:
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    return matter


def _page(matter: Matter, printing: PrintForm, entry: EntryForm, typed: list[dict[str, str]]) -> str:
    blank = dict.fromkeys(COLUMNS, "")
    return desk(
        "desk/survey.html", "reviews", matter=matter, printing=printing, entry=entry, labels=rules,
        rows=[*typed, *[blank] * (ROWS - len(typed))], once=request.form.get("once") or uuid7(),
        last=queries.last_slip(matter), batches=queries.batches_of(matter),
    )  # fmt: skip


_SHEETS = "/desk/matters/<uuid:matter_id>/survey-sheets"
_WRITE = Permission.REVIEW_WRITE
DOORS: list[Door] = [
    Door("GET", _SHEETS, survey, _WRITE, name="rating_survey"),
    Door("POST", _SHEETS, survey_print, _WRITE, name="rating_survey_print"),
    Door("GET", f"{_SHEETS}/<int:first>/<int:last>", survey_sheets, _WRITE, name="rating_sheets"),
    Door("POST", "/desk/matters/<uuid:matter_id>/survey-entries", survey_enter, _WRITE, name="rating_survey_enter"),
]
