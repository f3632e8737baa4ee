"""会议纪要: who was there, what was agreed on each matter, and who does what by when. It carries no seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.records.documents.minutes import Attendee
from app.records.documents.page import Paper
from app.records.documents.parts import Task, write_tasks
from app.records.documents.wording import clock_time, full_time, one_line


@dataclass(frozen=True)
class Agreed:
    """One matter of the sitting and what was agreed on it; ``count`` is the vote in one sentence, empty without one."""

    matter: str
    agreed: str
    matter_number: str = ""
    count: str = ""


@dataclass(frozen=True)
class Summary:
    """Everything a 会议纪要 prints (required parts: domain.md §4). Times carry their zone.

    ``number`` is ``南盐道议纪〔2026〕7号``; ``tasks`` are those of all matters together.
    """

    issuer: str
    number: str
    name: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    chair: str
    agreed: Sequence[Agreed]
    tasks: Sequence[Task]
    present: Sequence[Attendee]
    on_leave: Sequence[Attendee]
    observers: Sequence[Attendee]
    signed_on: date


def by_unit(people: Sequence[Attendee]) -> list[str]:
    """``单位　姓名、姓名``, one line per unit in the order in which the units first appear; those without one last."""
    units: dict[str, list[str]] = {}
    for person in people:
        units.setdefault(one_line(person.unit), []).append(one_line(person.name))
    alone = units.pop("", [])
    lines = [f"{unit}　{'、'.join(names)}" for unit, names in units.items()]
    return [*lines, "、".join(alone)] if alone else lines


def summary_docx(summary: Summary, *, template: bytes | None = None) -> bytes:
    """The 会议纪要 as .docx bytes; a pure function of its input, on the street's own letterhead where one is given.

    :raises ValueError: when a time carries no zone.
    """
    issuer, name = one_line(summary.issuer), f"{one_line(summary.name)}会议纪要"
    paper = Paper(title=issuer + name, issuer=issuer, day=summary.signed_on, template=template)
    paper.title(issuer, name, number=summary.number)
    until = f"至{clock_time(summary.ends_at)}" if summary.ends_at else ""
    paper.text(
        f"{full_time(summary.starts_at)}{until}，{issuer}在{one_line(summary.place)}开会，"
        f"{one_line(summary.chair)}主持。现将议定的事项纪要如下。"
    )
    for item in summary.agreed:
        number = f"（事项编号：{item.matter_number}）" if item.matter_number else ""
        paper.heading(f"{one_line(item.matter)}{number}")
        if item.count:
            paper.text(item.count)
        paper.text(item.agreed or "本次没有议定。")
    paper.heading("谁来办，哪天办完")
    if summary.tasks:
        write_tasks(paper, summary.tasks)
    else:
        paper.text("本次会议没有要另行安排的任务。")
    paper.gap()
    for label, people in (("出席", summary.present), ("请假", summary.on_leave), ("列席", summary.observers)):
        paper.attendance(label, by_unit(people) or ["无"])
    paper.sign_off(summary.issuer, summary.signed_on)
    return paper.bytes()
