"""人民调解卷宗: the whole file of one mediation in the order of the work, with its list of papers.

Source: domain.md §4 (F10b): application or register, rights notice, ids, record, agreement, follow-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.records.documents.agreement import Agreement, Party, person_words
from app.records.documents.page import Paper
from app.records.documents.wording import full_date, full_time, one_line, yuan


@dataclass(frozen=True)
class Talk:
    """One talk: when, where, who was there, what was said, how far it came."""

    at: datetime
    place: str
    present: Sequence[str]
    words: str
    outcome: str
    entered_by: str


@dataclass(frozen=True)
class Follow:
    """How one term was performed; ``done_on`` is None while it is owed."""

    number: str
    position: int
    who: str
    what: str
    pay_fen: int
    due: date
    done_on: date | None
    words: str
    checked_by: str


@dataclass(frozen=True)
class File:
    """Everything the file holds. ``ended`` and ``reason`` are empty while it is open."""

    issuer: str
    matter_number: str
    title: str
    applied: str
    dispute: str
    opened_on: date
    opened_by: str
    people: Sequence[Party]
    mediator: str
    rights_told_on: date | None
    rights: Sequence[str]
    duties: Sequence[str]
    talks: Sequence[Talk]
    agreements: Sequence[Agreement]
    follow: Sequence[Follow]
    ended: str
    ended_on: date | None
    reason: str
    routes: str
    printed_on: date

    @property
    def contents(self) -> list[tuple[str, str]]:
        """The list of papers in the file, each with where it comes from or its day."""
        told = full_date(self.rights_told_on) if self.rights_told_on else "还没有"
        signed = "、".join(one.number for one in self.agreements) or "没有"
        done = sum(one.done_on is not None for one in self.follow)
        return [
            ("调解申请或者登记", full_date(self.opened_on)), ("权利义务告知书", told),
            ("当事人身份证明复印件", "纸质，另附"), ("调解记录", f"{len(self.talks)}次"), ("调解协议书", signed),
            ("履行和回访记录", f"{done}条已履行，共{len(self.follow)}条"),
        ]  # fmt: skip


def file_docx(file: File) -> bytes:
    """The file as .docx bytes; a pure function of its input."""
    paper = Paper(title=f"人民调解卷宗 {file.matter_number}", issuer=file.issuer, day=file.printed_on)
    paper.title("人民调解卷宗", number=file.matter_number)
    paper.table(
        ["序号", "卷内材料", "情况"],
        [[str(n), name, state] for n, (name, state) in enumerate(file.contents, start=1)],
        [16, 70, 70],
    )
    _register(paper, file)
    _talks(paper, file)
    _agreements(paper, file)
    _follow(paper, file)
    paper.sign_off(file.issuer, file.printed_on, gaps=1)
    return paper.bytes()


def _register(paper: Paper, file: File) -> None:
    paper.heading("登记")
    paper.labelled("纠纷", file.title)
    paper.labelled("怎么来的", f"{file.applied}，{full_date(file.opened_on)}由{one_line(file.opened_by)}登记。")
    paper.labelled("经过", file.dispute)
    for side in dict.fromkeys(person.side for person in file.people):
        paper.labelled(side, "、".join(person_words(one) for one in file.people if one.side == side))
    paper.labelled("人民调解员", file.mediator or "还没有定")
    paper.heading("权利义务告知")
    if file.rights_told_on is None:
        paper.text("还没有告知。")
        return
    paper.text(f"{full_date(file.rights_told_on)}告知双方。")
    paper.labelled("权利", "；".join(file.rights) + "。")
    paper.labelled("义务", "；".join(file.duties) + "。")


def _talks(paper: Paper, file: File) -> None:
    paper.heading("调解记录")
    if not file.talks:
        paper.text("还没有谈过。")
    for n, talk in enumerate(file.talks, start=1):
        paper.subheading(n, f"{full_time(talk.at)}　{one_line(talk.place)}")
        paper.labelled("到场", "、".join(one_line(name) for name in talk.present))
        paper.labelled("经过", talk.words)
        paper.labelled("结果", f"{talk.outcome}。记录人：{one_line(talk.entered_by)}。")


def _agreements(paper: Paper, file: File) -> None:
    paper.heading("协议")
    if not file.agreements:
        paper.text("没有达成协议。")
    for one in file.agreements:
        sealed = f"{full_date(one.sealed_on)}盖章" if one.sealed_on else "还没有盖章"
        paper.labelled(one.title, f"{one.number}，{sealed}。")
        for term in one.terms:
            money = f"，{yuan(term.pay_fen)}" if term.pay_fen else ""
            paper.text(f"{one_line(term.who)}：{one_line(term.what)}{money}，{full_date(term.due)}前。")
    if file.ended:
        ended = full_date(file.ended_on) if file.ended_on else ""
        paper.labelled("结果", f"{file.ended}。{ended}{'，' + one_line(file.reason) if file.reason else ''}")
    if file.routes:
        paper.labelled("告知", file.routes)


def _follow(paper: Paper, file: File) -> None:
    paper.heading("履行和回访")
    if not file.follow:
        paper.text("没有要履行的条款。")
        return
    several = len({one.number for one in file.follow}) > 1
    rows = [
        [f"{one.number if several else ''}第{one.position}条",
         f"{one.who}：{one.what}" + (f"，{yuan(one.pay_fen)}" if one.pay_fen else ""), _day(one.due),
         _day(one.done_on) if one.done_on else "还没履行",
         f"{one.words}（{one.checked_by}）" if one.checked_by else "—"]
        for one in file.follow
    ]  # fmt: skip
    paper.table(["条款", "要做的", "期限", "哪天履行", "谁核对、看到什么"], rows, [20, 46, 26, 26, 38])


def _day(day: date) -> str:
    """6月28日: the year stands with the agreement, and a narrow column stays one line high."""
    return f"{day.month}月{day.day}日"
