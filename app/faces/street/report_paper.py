"""A report as its paper says it: the text as edited, the figures as counted."""

from __future__ import annotations

from flask import g

from app import clock
from app.records import report_rules as rules
from app.records.documents.report import Case, Kpi, Part, Report
from app.records.street_models import StreetReport


def paper_of(found: StreetReport) -> Report:
    """The report for ``report_docx``."""
    words = {part["key"]: part["words"] for part in found.sections}
    parts = [
        Part(section.title, words.get(section.key, ""), section.level,
             "table" if section.is_table else "cases" if section.is_cases else "text")
        for section in rules.OUTLINES[found.kind]
    ]  # fmt: skip
    figures = [
        Kpi(row["key"], row["label"], str(row["numerator"]), str(row["denominator"]), row["value"], row["means"])
        for row in found.figures["street"]
    ]
    cases = [Case(case["title"], case["words"], f"{case['community']}，{case['number']}") for case in found.cases]
    return Report(
        issuer=g.site.street_name, number=found.number, title=found.title, first=found.first, last=found.last,
        day=clock.local(found.finished_at or found.changed_at).date(), counted_at=found.counted_at, parts=parts,
        figures=figures, cases=cases, draft=found.state == "draft",
        phrases=found.title.replace("工作", "\n工作", 1).split("\n"),
    )  # fmt: skip
