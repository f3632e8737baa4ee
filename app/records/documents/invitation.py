"""专家邀请函: one question to one expert, without the names of those it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.records.documents.page import Paper
from app.records.documents.wording import full_date, full_time, one_line, yuan


@dataclass(frozen=True)
class Invitation:
    """Everything a 专家邀请函 prints (required parts: domain.md §4).

    ``brief`` tells the matter without any party's name: whoever builds this dataclass leaves them out. ``minutes`` is
    how long it takes; ``online`` replaces ``place``. ``fee_fen`` in fen, None prints 公益; ``fee`` says it in words
    instead. ``link`` opens exactly this
    matter until ``link_expires_at``; ``code`` opens the same, typed in at the fixed address ``code_at``.
    """

    issuer: str
    number: str
    expert: str
    expert_unit: str
    matter_number: str
    matter_title: str
    brief: str
    question: str
    starts_at: datetime
    place: str
    minutes: int
    link: str
    link_expires_at: datetime
    contact: str
    issued_on: date
    online: bool = False
    reply_by: date | None = None
    fee_fen: int | None = None
    qr_png: bytes | None = None
    honorific: str = "老师"
    attachments: Sequence[str] = ()
    code: str = ""
    fee: str = ""
    code_at: str = ""


def _receipt(paper: Paper, invitation: Invitation) -> None:
    paper.gap()
    paper.labelled("回执", f"{invitation.number}　{one_line(invitation.matter_title)}")
    paper.text("□ 参加　　□ 只提书面意见　　□ 不能参加")
    paper.text("与本事项有利害关系：□ 有　□ 没有　说明：＿＿＿＿＿")
    paper.signature_line("专家签名")
    paper.text("日期：＿＿＿＿年＿＿月＿＿日")


def invitation_docx(invitation: Invitation) -> bytes:
    """The 专家邀请函 as .docx bytes; a pure function of its input.

    :raises ValueError: when a time carries no zone.
    """
    paper = Paper(title=f"专家邀请函 {invitation.number}", issuer=invitation.issuer, day=invitation.issued_on)
    paper.title("专家邀请函", number=invitation.number)
    paper.salutation(
        f"{one_line(invitation.expert_unit)}　{one_line(invitation.expert)}{one_line(invitation.honorific)}"
    )
    paper.text(f"{one_line(invitation.issuer)}正在协商一件事，想请您帮助把关。有关情况如下。")
    paper.heading("事项")
    paper.text(f"{one_line(invitation.matter_title)}（事项编号：{invitation.matter_number}）。")
    paper.text(invitation.brief)
    paper.heading("请您回答的问题")
    paper.text(invitation.question)
    paper.heading("时间、地点和方式")
    paper.labelled("时间", f"{full_time(invitation.starts_at)}，大约{invitation.minutes}分钟")
    paper.labelled(
        "方式" if invitation.online else "地点",
        f"线上（{invitation.place}）" if invitation.online else invitation.place,
    )
    free = "公益服务，不付报酬" if invitation.fee_fen is None else yuan(invitation.fee_fen)
    paper.labelled("酬劳", one_line(invitation.fee) or free)
    paper.heading("查看材料和答复")
    paper.address(f"请打开：{one_line(invitation.link)}")
    if invitation.code:
        paper.labelled("邀请码", f"{one_line(invitation.code)}（也可以打开 {one_line(invitation.code_at)} 输入）")
    paper.text(f"链接只供您本人查看这一件事，{full_time(invitation.link_expires_at)}失效，请不要转发。")
    if invitation.qr_png is not None:
        paper.picture(invitation.qr_png, width_mm=32, caption="扫码打开")
    if invitation.reply_by is not None:
        paper.text(f"请在{full_date(invitation.reply_by)}前答复能否参加。")
    paper.labelled("联系人", invitation.contact)
    paper.attachments(invitation.attachments)
    paper.sign_off(invitation.issuer, invitation.issued_on)
    _receipt(paper, invitation)
    return paper.bytes()
