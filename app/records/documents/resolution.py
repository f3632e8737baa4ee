"""决议书: what was decided, by which count, who does it by when, and what those against were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.records.documents.page import Paper
from app.records.documents.parts import Dissent, Tally, Task, write_dissents, write_tally, write_tasks
from app.records.documents.wording import full_date, full_time, one_line


@dataclass(frozen=True)
class Resolution:
    """Everything a 决议书 prints (required parts: domain.md §4).

    ``issuer`` is the body that resolves, such as 南盐道社区小板凳议事屋. ``posting_starts`` … ``posting_ends`` is the
    statutory posting (at least 15 days, 居委会组织法 §34) and ``objections_until`` the last day of the objection
    window; all three are None for a private settlement, which is not posted. With ``sealed`` the paper keeps room for
    the council's seal, otherwise the convener signs.
    """

    issuer: str
    number: str
    matter_number: str
    matter_title: str
    held_at: datetime
    place: str
    chair: str
    basis: Sequence[str]
    text: str
    tally: Tally
    tasks: Sequence[Task]
    dissents: Sequence[Dissent]
    convener: str
    signed_on: date
    posting_starts: date | None = None
    posting_ends: date | None = None
    objections_until: date | None = None
    sealed: bool = False
    contact: str = ""
    attachments: Sequence[str] = ()
    more_tallies: Sequence[Tally] = ()
    ratified: Ratified | None = None
    version: int = 1
    correction: str = ""
    corrected_on: date | None = None
    title: str = ""


@dataclass(frozen=True)
class Ratified:
    """What the larger body decided: its name, the day, its count, and the party organisation's study before it."""

    body: str
    on: date | None
    tallies: Sequence[Tally]
    studied_by: str = ""
    studied_on: date | None = None


def _opening(resolution: Resolution) -> str:
    return (
        f"{full_time(resolution.held_at)}，{one_line(resolution.issuer)}在{one_line(resolution.place)}"
        f"就“{one_line(resolution.matter_title)}”（事项编号：{resolution.matter_number}）进行协商，"
        f"由{one_line(resolution.chair)}主持。现将结果决议如下。"
    )


def _posting(resolution: Resolution) -> str:
    if resolution.posting_starts is None or resolution.posting_ends is None:
        return "本事项涉及当事人隐私，不公示。"
    span = f"自{full_date(resolution.posting_starts)}至{full_date(resolution.posting_ends)}"
    lines = [f"本决议{span}在社区公开栏和议事厅网页公示。"]
    if resolution.objections_until is not None:
        lines.append(f"有不同意见的，请在{full_date(resolution.objections_until)}前（含当日）提出，每一条都会答复。")
    if resolution.contact:
        lines.append(f"联系方式：{one_line(resolution.contact)}。")
    return "\n".join(lines)


def _counts(paper: Paper, resolution: Resolution) -> None:
    parts, several = (resolution.tally, *resolution.more_tallies), bool(resolution.more_tallies)
    for n, tally in enumerate(parts, start=1):
        if several:
            paper.subheading(n, tally.question or f"表决事项{n}")
        # The effect is the whole resolution's, so it stands once, under the last count.
        write_tally(paper, replace(tally, question="") if several else tally, effect=n == len(parts))


def _ratified(paper: Paper, ratified: Ratified) -> None:
    paper.heading(f"{ratified.body}的决定")
    if ratified.studied_by:
        studied = f"{full_date(ratified.studied_on)}，" if ratified.studied_on else ""
        paper.text(f"{studied}{one_line(ratified.studied_by)}先行研究，提请{ratified.body}决定。")
    if ratified.on:
        paper.text(f"{full_date(ratified.on)}，{ratified.body}表决结果如下。")
    for tally in ratified.tallies:
        write_tally(paper, tally)


def resolution_docx(resolution: Resolution, *, template: bytes | None = None) -> bytes:
    """The 决议书 as .docx bytes; a pure function of its input, on the street's own letterhead where one is given.

    :raises ValueError: when ``held_at`` carries no zone.
    """
    issuer, about = one_line(resolution.issuer), one_line(resolution.title or f"关于{resolution.matter_title}的决议")
    paper = Paper(title=issuer + about, issuer=issuer, day=resolution.signed_on, template=template)
    paper.title(issuer, about, number=resolution.number)
    if resolution.version > 1 and resolution.correction:
        when = f"{full_date(resolution.corrected_on)}，" if resolution.corrected_on else ""
        paper.labelled(f"第{resolution.version}版", f"{when}{resolution.correction}")
    paper.text(_opening(resolution))
    paper.heading("议定依据")
    for n, ground in enumerate(resolution.basis, start=1):
        paper.text(f"{n}.{one_line(ground)}")
    paper.heading("表决规则和结果")
    _counts(paper, resolution)
    if resolution.ratified is not None:
        _ratified(paper, resolution.ratified)
    paper.heading("决议内容")
    paper.text(resolution.text)
    paper.heading("任务分工")
    write_tasks(paper, resolution.tasks)
    paper.heading("不同意见和答复")
    write_dissents(paper, resolution.dissents)
    paper.heading("公示")
    paper.text(_posting(resolution))
    paper.attachments(resolution.attachments)
    if resolution.sealed:
        paper.sign_off(resolution.issuer, resolution.signed_on, mark="（议事会盖章）")
    else:
        paper.sign_off(f"召集人（{one_line(resolution.convener)}）签名：＿＿＿＿＿", resolution.signed_on)
    return paper.bytes()
