"""公示: what is planned, what it costs, until when and how anybody can object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.records.documents.page import Paper
from app.records.documents.wording import full_date, one_line, yuan


@dataclass(frozen=True)
class Posting:
    """Everything a 公示 prints (required parts: domain.md §4).

    The objection window ends on ``objections_until``; the paper hangs until ``ends_on`` (at least 15 days for what
    residents decided, 居委会组织法 §34). ``money_fen`` in fen; None prints that no money is spent. ``qr_png`` leads
    to the page of the matter, ``photo`` (PNG or JPEG) shows the posting where it hangs on ``photo_on``.
    """

    issuer: str
    number: str
    matter_number: str
    matter_title: str
    plan: str
    starts_on: date
    ends_on: date
    objections_until: date
    phone: str
    letterbox: str
    contact: str
    issued_on: date
    resolution_number: str = ""
    money_fen: int | None = None
    money_source: str = ""
    qr_png: bytes | None = None
    address: str = ""
    photo: bytes | None = None
    photo_on: date | None = None
    attachments: Sequence[str] = ()


def _money(posting: Posting) -> str:
    if posting.money_fen is None:
        return "本事项不使用资金。"
    source = f"，资金来源：{one_line(posting.money_source)}" if posting.money_source else ""
    return f"{yuan(posting.money_fen)}{source}。"


def _how_to_object(paper: Paper, posting: Posting) -> None:
    paper.text(
        f"有不同意见的，请在{full_date(posting.objections_until)}前（含当日）用下面任何一种办法提出。"
        "每一条都会答复；反映人的情况不对外公开。"
    )
    ways = [f"打电话：{one_line(posting.phone)}。", f"投信箱：{one_line(posting.letterbox)}。"]
    if posting.qr_png is not None:
        ways.append("扫码：用手机扫下面的二维码。")
    if posting.address:
        ways.append(f"上网页：{one_line(posting.address)}")
    for n, way in enumerate(ways, start=1):
        paper.address(f"{n}.{way}")
    paper.labelled("联系人", posting.contact)
    if posting.qr_png is not None:
        paper.picture(posting.qr_png, width_mm=36, caption=f"{one_line(posting.matter_title)}：扫码看进展、提意见")


def posting_docx(posting: Posting) -> bytes:
    """The 公示 as .docx bytes; a pure function of its input.

    :raises docx.image.exceptions.UnrecognizedImageError: when a picture is neither PNG nor JPEG.
    """
    title = f"关于{one_line(posting.matter_title)}的公示"
    paper = Paper(title=title, issuer=posting.issuer, day=posting.issued_on)
    paper.title(title, number=posting.number)
    source = f"，已形成决议（{posting.resolution_number}）" if posting.resolution_number else ""
    paper.text(
        f"“{one_line(posting.matter_title)}”（事项编号：{posting.matter_number}）经协商{source}，现予公示，请大家监督。"
    )
    paper.heading("办什么、怎么办")
    paper.text(posting.plan)
    paper.heading("用多少钱、谁出钱")
    paper.text(_money(posting))
    paper.heading("公示时间")
    paper.text(f"自{full_date(posting.starts_on)}至{full_date(posting.ends_on)}。")
    paper.heading("怎样提意见")
    _how_to_object(paper, posting)
    paper.attachments(posting.attachments)
    paper.sign_off(posting.issuer, posting.issued_on)
    if posting.photo is not None:
        taken = f"（{full_date(posting.photo_on)}拍摄）" if posting.photo_on else ""
        paper.gap()
        paper.picture(posting.photo, width_mm=120, caption=f"张贴情况{taken}")
    return paper.bytes()
