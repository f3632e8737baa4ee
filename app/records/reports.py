"""Reports of the street: begun, counted in the background, edited, finished for good, made void.

The caller commits. :func:`fill` is the worker's half: it counts hall by hall, each with a session of its own, and
writes the first words; parts somebody has edited keep their words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app import clock
from app.errors import Refused
from app.people.actor import Actor
from app.records import report_facts as facts
from app.records import report_rules as rules
from app.records.report_text import Told, draft_sections, title_of
from app.records.street_models import StreetReport
from app.words import N_
from tenants.database import db, uuid7
from tenants.registry import Street
from tenants.scope import current_street

PAGE = 20


def make_report(kind: str, period: str, *, by: Actor, now: datetime, id: UUID | None = None) -> StreetReport:
    """Begin a report; its figures are counted afterwards by the worker (:func:`fill`).

    :raises Refused: for days that have not begun, or while another one of these days is not void.
    """
    today = clock.local(now).date()
    rules.may_make(kind, period, today, by.roles).or_refuse()
    days = rules.days_of(kind, period, today)
    assert days is not None  # may_make has just said that these days exist
    before = _of(kind, period)
    standing = [report for report in before if report.state != "void"]
    if standing and (kind != "progress" or standing[0].state == "draft"):
        raise Refused(N_("已经有一份了：%(number)s。要重写先作废那一份。"), number=standing[0].number)
    street = db.session.scalars(select(Street).where(Street.id == current_street())).one()
    report = StreetReport(
        id=id or uuid7(), kind=kind, number=rules.report_number(street.short, kind, period, len(before) + 1),
        period=period, first=days[0], last=days[1], title=rules.KIND_LABELS[kind], counted_at=now, made_at=now,
        made_label=by.label, changed_at=now, changed_label=by.label, sections=[], figures={}, cases=[],
    )  # fmt: skip
    db.session.add(report)
    db.session.flush()
    return report


def fill(report_id: UUID, *, now: datetime) -> bool:
    """Count a draft's days and write what nobody has edited yet; False when there is no such draft."""
    report = find_report(report_id)
    if report is None or report.state != "draft":
        return False
    days = rules.days_of(report.kind, report.period, clock.local(now).date()) or (report.first, report.last)
    figures = facts.counted(*days, now=now)
    # Counting takes its time, and somebody may have finished or thrown the draft away meanwhile.
    report = find_report(report_id, lock=True)
    if report is None or report.state != "draft":
        return False
    street = db.session.scalars(select(Street).where(Street.id == current_street())).one()
    told = told_of(report.kind, report.period, days, street.name, figures)
    kept = {part["key"]: part for part in report.sections if part.get("edited")}
    report.sections = [kept.get(part["key"]) or part for part in draft_sections(told)]
    if not report.cases:
        report.cases = [facts.as_case(row) for row in facts.examples(*days)[: rules.FIRST_CASES]]
    report.first, report.last = days
    report.title, report.figures, report.counted_at = title_of(told), figures, now
    report.version += 1
    return True


def count_again(report: StreetReport) -> StreetReport:
    """Throw a draft's figures away; the worker counts anew, and edited words stay."""
    rules.may_change(report.state).or_refuse()
    return _swap(report, "draft", figures={})


def told_of(kind: str, period: str, days: tuple[date, date], street: str, figures: Mapping[str, Any]) -> Told:
    """The counted figures in the form the text is written from."""
    return Told(
        kind, period, *days, street, figures["counts"], {row["key"]: row for row in figures["street"]},
        [(hall["name"].removesuffix("社区"), hall["hall"]) for hall in figures["communities"]],
        figures.get("themes", ()),
    )  # fmt: skip


def change_report(
    report: StreetReport, *, words: Mapping[str, str], cases: Sequence[Mapping[str, str]], version: int, by: Actor,
    now: datetime,
) -> StreetReport:  # fmt: skip
    """Keep edited words and cases; ``version`` is the one the editor saw, a newer one refuses and changes nothing."""
    rules.may_change(report.state).or_refuse()
    if any(len(text) > rules.MOST_WORDS for text in words.values()):
        raise Refused(N_("一部分最多写 %(n)s 字。"), n=rules.MOST_WORDS)
    if len(cases) > rules.MOST_CASES:
        raise Refused(N_("典型事例最多选 %(n)s 件。"), n=rules.MOST_CASES)
    parts = [
        part if words.get(part["key"], part["words"]).strip() == part["words"].strip()
        else {**part, "words": words[part["key"]].strip(), "edited": True}
        for part in report.sections
    ]  # fmt: skip
    changed = db.session.execute(
        update(StreetReport)
        .where(
            StreetReport.street_id == current_street(), StreetReport.id == report.id, StreetReport.state == "draft",
            StreetReport.version == version,
        )
        .values(
            sections=parts, cases=[dict(case) for case in cases], version=version + 1, changed_at=now,
            changed_label=by.label,
        )
    )  # fmt: skip
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才有人改过这一份。您写的还在下面，刷新看看别人改了什么再存。"))
    db.session.refresh(report)
    return report


def finish(report: StreetReport, *, by: Actor, now: datetime) -> StreetReport:
    """Freeze text and figures for good."""
    missing = rules.missing_parts(report.kind, {part["key"]: part["words"] for part in report.sections})
    rules.may_finish(
        report.state, counted=bool(report.figures), missing=missing, last=report.last, today=clock.local(now).date()
    ).or_refuse()
    return _swap(report, "draft", state="finished", finished_at=now, finished_by=by.id, finished_label=by.label)


def make_void(report: StreetReport, reason: str, *, by: Actor, now: datetime) -> StreetReport:
    """Take a report back with a reason; it stays readable, and the days may be reported on again."""
    rules.may_void(report.state, by.roles).or_refuse()
    if not reason.strip():
        raise Refused(N_("写一句为什么作废。"))
    return _swap(
        report, report.state, state="void", void_reason=reason.strip()[:500], changed_at=now, changed_label=by.label
    )


def find_report(report_id: UUID, *, lock: bool = False) -> StreetReport | None:
    """The bound street's report with this id."""
    wanted = select(StreetReport).where(StreetReport.street_id == current_street(), StreetReport.id == report_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(wanted)


def list_reports(kind: str = "", page: int = 1) -> tuple[list[StreetReport], int]:
    """One page of reports, the newest first, and how many there are."""
    wanted = [StreetReport.street_id == current_street()]
    if kind in rules.KIND_LABELS:
        wanted.append(StreetReport.kind == kind)
    rows = db.session.execute(
        select(StreetReport, func.count().over())
        .where(*wanted)
        .order_by(StreetReport.made_at.desc(), StreetReport.number)
        .limit(PAGE)
        .offset((max(1, page) - 1) * PAGE)
    ).all()
    return [row[0] for row in rows], int(rows[0][1]) if rows else 0


def _of(kind: str, period: str) -> list[StreetReport]:
    return list(
        db.session.scalars(
            select(StreetReport)
            .where(
                StreetReport.street_id == current_street(), StreetReport.kind == kind, StreetReport.period == period
            )
            .order_by(StreetReport.made_at.desc())
        )
    )  # fmt: skip


def _swap(report: StreetReport, was: str, **values: Any) -> StreetReport:
    db.session.flush()
    changed = db.session.execute(
        update(StreetReport)
        .where(StreetReport.street_id == current_street(), StreetReport.id == report.id, StreetReport.state == was)
        .values(version=StreetReport.version + 1, **values)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才有人动过这一份，请刷新看看。"))
    db.session.refresh(report)
    return report
