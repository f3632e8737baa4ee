"""督办单: one order to one lead, with its day and its life so far; three kinds (domain.md §4, F22).

任务交办单 hands a task over and ends with a receipt; 督办单 follows its progress; 整改督办单 asks for what is wrong to
be mended and names the order that was not answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.records.documents.page import Paper
from app.records.documents.wording import full_date, full_time, one_line

TITLES = {"assign": "任务交办单", "supervise": "督办单", "rectify": "整改督办单"}
_MATTER = {"assign": "交办事项", "supervise": "督办事项", "rectify": "需要整改的事项"}
_DEMAND = {"assign": "办理要求", "supervise": "督办要求", "rectify": "整改要求"}
_LIFE = {"assign": "办理情况", "supervise": "进度跟踪", "rectify": "整改情况"}
_LIGHTS = {"green": "绿灯", "yellow": "黄灯", "red": "红灯", "grey": "灰灯"}


@dataclass(frozen=True)
class Line:
    """One line of the order's life: when, who, what was done (签收, 请求延期 …) and in which words."""

    at: datetime
    who: str
    what: str
    words: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Order:
    """Everything a 督办单 prints. ``kind`` is ``assign``, ``supervise`` or ``rectify``; ``light`` as of that day.

    ``matter_title`` is empty for a matter that only its parties may read; ``due`` is the day it was issued with,
    ``due_now`` the one after extensions. ``signed_by`` and ``signed_at`` are empty until somebody signed for it,
    ``closed_by``, ``closed_at`` and ``verdict`` until it was struck off. ``void_because`` stands on a taken back one.

    :raises ValueError: for an unknown kind.
    """

    issuer: str
    number: str
    kind: str
    matter_number: str
    matter_title: str
    lead: str
    demand: str
    due: date
    issued_on: date
    issued_by: str
    contact: str
    task: str = ""
    resolution_number: str = ""
    support: str = ""
    light: str = ""
    first_number: str = ""
    due_now: date | None = None
    signed_by: str = ""
    signed_at: datetime | None = None
    lines: Sequence[Line] = ()
    closed_by: str = ""
    closed_at: datetime | None = None
    verdict: str = ""
    void_because: str = ""

    def __post_init__(self) -> None:
        if self.kind not in TITLES:
            raise ValueError(f"unknown kind of order {self.kind!r}")


def _about(paper: Paper, order: Order) -> None:
    paper.heading(_MATTER[order.kind])
    title = one_line(order.matter_title)
    if title:
        paper.text(f"{title}。")
    numbers = (f"事项编号{order.matter_number}", order.resolution_number)
    paper.labelled("依据", "，".join(number for number in numbers if number))
    if order.task:
        paper.labelled("任务", order.task)
    if order.first_number:
        paper.labelled("前次督办", f"{order.first_number}，没有办好，现再次督办。")


def _asked(paper: Paper, order: Order) -> None:
    paper.heading(_DEMAND[order.kind])
    paper.text(order.demand)
    light = f"发单时{_LIGHTS[order.light]}。" if order.light in _LIGHTS else ""
    paper.labelled("时限", f"{full_date(order.due)}前办好，并报办结。{light}")
    if order.support:
        paper.labelled("协办", order.support)


def _day_and_hour(moment: datetime) -> str:
    return full_time(moment).split("年", 1)[1]


def _life(order: Order) -> list[tuple[str, str]]:
    """The record below the signature, with room to write by hand where nothing stands yet."""
    signed = f"{one_line(order.signed_by)}，{_day_and_hour(order.signed_at)}" if order.signed_at else _BY_HAND
    lines = [
        f"{_day_and_hour(line.at)}　{one_line(line.who)}　{line.what}"
        + (f"（{full_date(line.due)}）" if line.due else "") + (f"：{one_line(line.words)}" if line.words else "")
        for line in order.lines
    ]  # fmt: skip
    if order.due_now and order.due_now != order.due:
        lines.append(f"同意延期到{full_date(order.due_now)}。")
    if order.void_because:
        end = f"已作废。原因：{one_line(order.void_because)}"
    elif order.closed_at is not None:
        end = f"{one_line(order.verdict)}\n{one_line(order.closed_by)}，{_day_and_hour(order.closed_at)}销号"
    else:
        end = f"□ 同意销号　　□ 退回重办\n{_BY_HAND}"
    return [("签收", signed), (_LIFE[order.kind], "\n".join(lines)), ("审核、销号", end), ("联系", order.contact)]


_BY_HAND = "签名：＿＿＿＿＿＿　　＿＿月＿＿日＿＿时"


def order_docx(order: Order, *, template: bytes | None = None) -> bytes:
    """The 督办单 as .docx bytes, on the street's own letterhead where one is given; a pure function of its input."""
    title = TITLES[order.kind]
    paper = Paper(title=f"{title} {order.number}", issuer=order.issuer, day=order.issued_on, template=template)
    paper.title(title, number=order.number)
    paper.salutation(order.lead)
    _about(paper, order)
    _asked(paper, order)
    paper.sign_off(order.issuer, order.issued_on, gaps=1)
    paper.gap()
    paper.table(["办理记录", "内容"], _life(order), [30, 126])
    return paper.bytes()
