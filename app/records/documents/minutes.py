"""会议记录: who came, who said what, what was put to the vote and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.records.documents.page import Paper
from app.records.documents.parts import Tally, write_tally
from app.records.documents.wording import clock_time, full_time, one_line, yuan


@dataclass(frozen=True)
class Attendee:
    """A person on the attendance register and whom they speak for."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Speech:
    """One turn on the floor, in the speaker's own words."""

    speaker: str
    words: str
    role: str = ""


@dataclass(frozen=True)
class Option:
    """One way to do it as it was put: ``cost_fen`` in fen or None when unknown, and who pays."""

    name: str
    content: str
    cost_fen: int | None = None
    payer: str = ""


@dataclass(frozen=True)
class Topic:
    """One item of the agenda with its whole debate; ``tally`` is None when nothing was voted on."""

    question: str
    speeches: Sequence[Speech]
    options: Sequence[Option]
    conclusion: str
    tally: Tally | None = None
    matter_number: str = ""


@dataclass(frozen=True)
class Minutes:
    """Everything a 会议记录 prints (required parts: domain.md §4). ``eligible`` is 应到; times carry their zone."""

    issuer: str
    number: str
    name: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    chair: str
    recorder: str
    eligible: int
    present: Sequence[Attendee]
    observers: Sequence[Attendee]
    on_leave: Sequence[Attendee]
    topics: Sequence[Topic]
    signed_on: date
    absent: Sequence[Attendee] = ()
    tellers: Sequence[str] = ()
    scrutineers: Sequence[str] = ()


def _people(people: Sequence[Attendee]) -> str:
    names = "、".join(f"{one_line(p.name)}（{one_line(p.unit)}）" if p.unit else one_line(p.name) for p in people)
    return f"{len(people)}人。{names}" if people else "无"


def _head(paper: Paper, minutes: Minutes) -> None:
    until = f"至{clock_time(minutes.ends_at)}" if minutes.ends_at else ""
    paper.labelled("时间", f"{full_time(minutes.starts_at)}{until}")
    paper.labelled("地点", minutes.place)
    paper.labelled("主持", minutes.chair)
    paper.labelled("记录", minutes.recorder)
    paper.labelled("应到", f"{minutes.eligible}人")
    paper.labelled("实到", _people(minutes.present))
    paper.labelled("列席", _people(minutes.observers))
    paper.labelled("请假", _people(minutes.on_leave))
    if minutes.absent:
        paper.labelled("缺席", _people(minutes.absent))
    paper.labelled("议题", "；".join(one_line(topic.question) for topic in minutes.topics))


def _topic(paper: Paper, topic: Topic) -> None:
    number = f"（事项编号：{topic.matter_number}）" if topic.matter_number else ""
    paper.heading(f"{one_line(topic.question)}{number}")
    section = 1
    if topic.speeches:
        paper.subheading(section, "发言记录")
        section += 1
    for speech in topic.speeches:
        role = f"（{one_line(speech.role)}）" if speech.role else ""
        paper.labelled(f"{one_line(speech.speaker)}{role}", speech.words)
    if topic.options:
        paper.subheading(section, "备选方案")
        section += 1
        rows = [
            [
                option.name,
                option.content,
                "未定" if option.cost_fen is None else yuan(option.cost_fen),
                option.payer or "—",
            ]
            for option in topic.options
        ]
        paper.table(["方案", "内容", "费用", "谁出钱"], rows, [24, 72, 28, 32])
    if topic.tally is not None:
        paper.subheading(section, "表决情况")
        section += 1
        write_tally(paper, topic.tally)
    paper.subheading(section, "结论")
    paper.text(topic.conclusion or "本次没有形成结论。")


def minutes_docx(minutes: Minutes, *, template: bytes | None = None) -> bytes:
    """The 会议记录 as .docx bytes; a pure function of its input, on the street's own letterhead where one is given.

    :raises ValueError: when a time carries no zone.
    """
    issuer, name = one_line(minutes.issuer), f"{one_line(minutes.name)}会议记录"
    paper = Paper(title=issuer + name, issuer=issuer, day=minutes.signed_on, template=template)
    paper.title(issuer, name, number=minutes.number)
    _head(paper, minutes)
    for topic in minutes.topics:
        _topic(paper, topic)
    paper.gap()
    for label, names in (
        ("主持人", [minutes.chair]),
        ("记录人", [minutes.recorder]),
        ("监票人", minutes.scrutineers),
        ("计票人", minutes.tellers),
    ):
        for name in names:
            paper.signature_line(f"{label}（{one_line(name)}）签名")
    paper.sign_off(minutes.issuer, minutes.signed_on)
    return paper.bytes()
