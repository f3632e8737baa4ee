"""Doors of the street: reports written from counted figures, edited in the page, finished for good, as .docx."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import SelectField
from app.faces.doors import Door
from app.faces.inputs import as_uuid, page_number
from app.faces.look import say
from app.faces.pages import desk
from app.faces.papers import docx_answer
from app.faces.street.report_paper import paper_of
from app.faces.visitor import actor
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import report_facts as facts
from app.records import report_rules as rules
from app.records import reports as verbs
from app.records.documents.filename import paper_filename
from app.records.documents.report import report_docx
from app.records.street_models import StreetReport
from app.records.templates import current_template
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url
from tenants.scope import Scope, current_street

FILL = "app.faces.jobs.reports:fill"
GONE = N_("没有这份汇报。")


class MakeForm(FlaskForm):
    """Which report over which days."""

    once = HiddenField()
    period = SelectField(_l("写哪一段"), choices=[], validate_choice=False)


class VoidForm(FlaskForm):
    """Why a report is taken back."""

    reason = StringField(_l("为什么作废"))


def reports() -> Any:
    """All reports, and one button for each kind."""
    return _list()


def report_add() -> Any:
    """Begin one; its figures are counted in the background."""
    form = MakeForm()
    form.validate()
    kind, _colon, period = (form.period.data or "").partition(":")
    wanted = as_uuid(form.once.data) or uuid7()
    if verbs.find_report(wanted) is None:
        try:
            verbs.make_report(kind, period, by=actor(), now=clock.now(), id=wanted)
        except Refused as refused:
            form.period.errors = [say(refused.reason, refused.values)]
            return _list(form), 422
        _ask_to_count()
    return redirect(site_url("street.report", report_id=wanted), 303)


def report(report_id: UUID) -> Any:
    """One report: its text to edit, its figures, its examples."""
    return _page(_found(report_id))


def report_save(report_id: UUID) -> Any:
    """Keep what was written."""
    found = _found(report_id)
    words = {part["key"]: request.form.get(f"part-{part['key']}", part["words"]) for part in found.sections}
    try:
        verbs.change_report(
            found, words=words, cases=_typed_cases(), version=request.form.get("version", 0, type=int), by=actor(),
            now=clock.now(),
        )  # fmt: skip
    except Refused as refused:
        return _page(
            _found(report_id), words=words, cases=_typed_cases(), error=say(refused.reason, refused.values)
        ), 422
    flash(_("存好了。"), "ok")
    return redirect(site_url("street.report", report_id=report_id), 303)


def report_count(report_id: UUID) -> Any:
    """Count the figures anew; edited words stay."""
    verbs.count_again(_found(report_id))
    _ask_to_count()
    flash(_("正在重新数。您改过的文字不动，没改过的会换成新数字。"), "ok")
    return redirect(site_url("street.report", report_id=report_id), 303)


def report_finishing(report_id: UUID) -> Any:
    """Ask before text and figures are frozen."""
    found = _found(report_id)
    return desk("street/report_finish.html", "reports", report=found, kind=_(rules.KIND_LABELS[found.kind]))


def report_finish(report_id: UUID) -> Any:
    """Freeze it."""
    try:
        found = verbs.finish(_found(report_id), by=actor(), now=clock.now())
    except Refused as refused:
        return _page(_found(report_id), error=say(refused.reason, refused.values)), 422
    flash(_("%(number)s 定稿了，文字和数字不会再变。", number=found.number), "ok")
    return redirect(site_url("street.report", report_id=report_id), 303)


def report_void(report_id: UUID) -> Any:
    """Take it back with a reason."""
    form = VoidForm()
    try:
        found = verbs.make_void(_found(report_id), form.reason.data or "", by=actor(), now=clock.now())
    except Refused as refused:
        return _page(_found(report_id), error=say(refused.reason, refused.values)), 422
    flash(_("%(number)s 作废了，原因留着。", number=found.number), "ok")
    return redirect(site_url("street.reports"), 303)


def report_paper(report_id: UUID) -> Any:
    """The report as a Word file, to be edited further by hand."""
    found = _found(report_id)
    if not found.figures:
        raise Refused(N_("数字还没数好，过一会儿再下载。"))
    day = clock.local(found.finished_at or found.changed_at).date()
    kind = rules.KIND_LABELS[found.kind]
    name = paper_filename(day, g.site.street_short, kind, found.number, found.version)
    return docx_answer(report_docx(paper_of(found), template=current_template("report")), name)


def _list(form: MakeForm | None = None) -> Any:
    kind = request.args.get("kind", "")
    kind = kind if kind in rules.KIND_LABELS else ""
    number = page_number()
    found, total = verbs.list_reports(kind, number)
    today = clock.today()
    periods = [
        (f"{key}:{period}", f"{_(label)}　{rules.period_words(key, period, days[1])}")
        for key, label in rules.KIND_LABELS.items()
        for period in rules.choices(key, today)
        if (days := rules.days_of(key, period, today)) and days[0] <= days[1]
    ]
    form = form or MakeForm(formdata=None, once=str(uuid7()))
    form.period.choices = periods
    tabs = [(_("全部"), site_url("street.reports"), not kind)]
    tabs += [(_(label), site_url("street.reports", kind=key), kind == key) for key, label in rules.KIND_LABELS.items()]
    rows = [
        {"report": one, "kind": _(rules.KIND_LABELS[one.kind]), "state": _(rules.STATE_LABELS[one.state]),
         "when": rules.period_words(one.kind, one.period, one.last)}
        for one in found
    ]  # fmt: skip

    def url_of(n: int) -> str:
        return site_url("street.reports", kind=kind or None, page=n)

    return desk(
        "street/reports.html", "reports", rows=rows, total=total, number=number, url_of=url_of, tabs=tabs, form=form,
        last=max(1, -(-total // verbs.PAGE)),
    )  # fmt: skip


def _page(found: StreetReport, *, words: dict[str, str] | None = None, cases: Any = None, error: str = "") -> Any:
    kept = {part["key"]: part for part in found.sections}
    parts = [
        {"section": section, "words": (words or {}).get(section.key, kept.get(section.key, {}).get("words", "")),
         "edited": kept.get(section.key, {}).get("edited", False), "rows": 3}
        for section in rules.OUTLINES[found.kind]
    ]  # fmt: skip
    chosen = {case["matter"]: case for case in (cases if cases is not None else found.cases)}
    is_draft = found.state == "draft"
    offered = [
        {"matter": str(row[2].id), "number": row[2].number, "community": row[1], "title": row[2].title,
         "url": site_url("street.matter", community_slug=row[0], matter_id=row[2].id), "slug": row[0],
         "words": chosen.get(str(row[2].id), {}).get("words") or facts.example_words(row),
         "is_chosen": str(row[2].id) in chosen}
        for row in (facts.examples(found.first, found.last) if is_draft else [])
    ]  # fmt: skip
    return desk(
        "street/report.html", "reports", report=found, kind=_(rules.KIND_LABELS[found.kind]), parts=parts,
        state=_(rules.STATE_LABELS[found.state]), is_draft=is_draft, offered=offered, error=error,
        figures=found.figures.get("street", []), waiting=is_draft and not found.figures,
        when=rules.period_words(found.kind, found.period, found.last), void_form=VoidForm(formdata=None),
        can_void=bool(rules.may_void(found.state, actor().roles)), most=rules.MOST_CASES,
    )  # fmt: skip


def _typed_cases() -> list[dict[str, str]]:
    """The examples ticked, each with the words beside it and where it comes from, read again from the database."""
    wanted = set(request.form.getlist("case"))
    found = _found(request.view_args["report_id"])  # type: ignore[index]
    return [
        facts.as_case(row, request.form.get(f"case-{row[2].id}", ""))
        for row in facts.examples(found.first, found.last)
        if str(row[2].id) in wanted
    ]  # fmt: skip


def _found(report_id: UUID) -> StreetReport:
    found = verbs.find_report(report_id)
    if found is None:
        raise Missing(GONE)
    return found


def _ask_to_count() -> None:
    errand(Scope("street", street=current_street()), FILL)


P = Permission
_ONE = "/reports/<uuid:report_id>"
DOORS: list[Door] = [
    Door("GET", "/reports", reports, P.STREET_REPORT_WRITE),
    Door("POST", "/reports", report_add, P.STREET_REPORT_WRITE),
    Door("GET", _ONE, report, P.STREET_REPORT_WRITE),
    Door("POST", _ONE, report_save, P.STREET_REPORT_WRITE),
    Door("POST", f"{_ONE}/counting", report_count, P.STREET_REPORT_WRITE),
    Door("GET", f"{_ONE}/finishing", report_finishing, P.STREET_REPORT_WRITE),
    Door("POST", f"{_ONE}/finishing", report_finish, P.STREET_REPORT_WRITE),
    Door("POST", f"{_ONE}/voiding", report_void, P.STREET_REPORT_WRITE),
    Door("GET", f"{_ONE}/paper.docx", report_paper, P.STREET_REPORT_WRITE),
]
