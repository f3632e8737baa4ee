"""工作推进汇报、月报、季报 as .docx: the text as edited, the figures as counted, and where each of them comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.records.documents.page import Paper
from app.records.documents.wording import full_date, full_time, one_line


@dataclass(frozen=True)
class Part:
    """One part: ``level`` 0 the opening, 1 一、, 2 （一）; ``kind`` is ``text``, ``table`` or ``cases``."""

    title: str
    words: str = ""
    level: int = 1
    kind: str = "text"


@dataclass(frozen=True)
class Kpi:
    """One figure: its name, numerator and denominator, the value as shown, and what was divided by what."""

    key: str
    label: str
    numerator: str
    denominator: str
    value: str
    means: str


@dataclass(frozen=True)
class Case:
    """One typical case, told in words; ``source`` names community and matter number."""

    title: str
    words: str
    source: str


@dataclass(frozen=True)
class Report:
    """Everything a report prints. ``draft`` marks what is not finished; ``counted_at`` is the figures' hour."""

    issuer: str
    number: str
    title: str
    first: date
    last: date
    day: date
    counted_at: datetime
    parts: Sequence[Part] = ()
    figures: Sequence[Kpi] = ()
    cases: Sequence[Case] = ()
    draft: bool = True
    phrases: Sequence[str] = field(default=())


def report_docx(report: Report, *, template: bytes | None = None) -> bytes:
    """The report as .docx bytes, on the street's own letterhead where one is given; a pure function of its input."""
    paper = Paper(title=report.title, issuer=report.issuer, day=report.day, template=template)
    number = f"{report.number}（草稿）" if report.draft else report.number
    paper.title(*(report.phrases or (report.title,)), number=number)
    sub = 0
    for part in report.parts:
        if part.kind == "cases" and not report.cases:
            continue
        if part.level == 1:
            paper.heading(part.title)
            sub = 0
        elif part.level == 2:
            sub += 1
            paper.subheading(sub, part.title)
        if part.words:
            paper.text(part.words)
        if part.kind == "table":
            _figures(paper, report)
        if part.kind == "cases":
            _cases(paper, report.cases)
    # A progress report tells its figures in sentences; the table behind it says where each of them comes from.
    has_table = any(part.kind == "table" for part in report.parts)
    paper.attachments([] if has_table else ["主要指标和数字来源"])
    paper.sign_off(report.issuer, report.day)
    if not has_table:
        paper.gap()
        paper.labelled("附件", "主要指标和数字来源")
        _figures(paper, report)
    _sources(paper, report)
    return paper.bytes()


def _figures(paper: Paper, report: Report) -> None:
    rows = [[f"{one.key}", one.label, one.numerator, one.denominator, one.value, one.means] for one in report.figures]
    paper.table(["编号", "指标", "分子", "分母", "结果", "怎么算的"], rows, [18, 31, 17, 20, 27, 43])


def _cases(paper: Paper, cases: Sequence[Case]) -> None:
    for n, case in enumerate(cases, start=1):
        paper.labelled(f"事例{n}", case.words)
        paper.text(f"（来源：{one_line(case.source)}）")


def _sources(paper: Paper, report: Report) -> None:
    paper.gap()
    paper.labelled(
        "数字来源",
        f"各社区议事台账{full_date(report.first)}至{full_date(report.last)}的记录，由各社区自己的数据逐个社区计数后相加，"
        f"计数时间{full_time(report.counted_at)}；比例为分子之和除以分母之和。灯的件数为计数时的情况。",
    )
