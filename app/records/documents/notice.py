"""公示: what is planned, what it costs, until when and how anybody can object; one sheet for a usual matter."""

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
    to the page of the matter, ``photo`` (PNG or JPEG) shows the posting where it hangs on ``photo_on``. ``tasks`` are
    sentences; ``version`` above 1 says which version of the resolution this sheet is; ``decided`` says who decided.
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
    tasks: Sequence[str] = ()
    version: int = 1
    decided: str = ""


def _money(posting: Posting) -> str:
    if posting.money_fen is None:
        return "本事项不使用资金。"
    source = f"，资金来源：{one_line(posting.money_source)}" if posting.money_source else ""
    return f"{yuan(posting.money_fen)}{source}。"


def _opening(posting: Posting) -> str:
    number = posting.resolution_number + (f"，第{posting.version}版" if posting.version > 1 else "")
    source = f"，已形成决议（{number}）" if posting.resolution_number else ""
    decided = f"，并由{one_line(posting.decided)}通过" if posting.decided else ""
    about = f"“{one_line(posting.matter_title)}”（事项编号：{posting.matter_number}）"
    return f"{about}经协商{source}{decided}，现予公示，请大家监督。"


def _ways(posting: Posting) -> list[str]:
    ways = [f"打电话：{one_line(posting.phone)}", f"投信箱：{one_line(posting.letterbox)}"]
    if posting.qr_png is not None:
        ways.append("扫码：用手机扫右边的码")
    if posting.address and posting.qr_png is None:
        ways.append(f"上网页：{one_line(posting.address)}")
    ways.append(f"联系人：{one_line(posting.contact)}")
    return [f"{n}.{way}" for n, way in enumerate(ways, start=1)]


def _how_to_object(paper: Paper, posting: Posting) -> None:
    paper.labelled(
        "怎样提意见",
        f"请在{full_date(posting.objections_until)}前（含当日）用下面任何一种办法提出，每一条都会答复，提的人不公开。",
    )
    if posting.qr_png is not None:
        paper.beside(_ways(posting), posting.qr_png, width_mm=32, caption="扫码提意见")
        return
    for way in _ways(posting):
        paper.address(way)


def posting_docx(posting: Posting, *, template: bytes | None = None) -> bytes:
    """The 公示 as .docx bytes, on the street's own letterhead where one is given.

    :raises docx.image.exceptions.UnrecognizedImageError: when a picture is neither PNG nor JPEG.
    """
    about = f"关于{one_line(posting.matter_title)}的"
    paper = Paper(title=f"{about}公示", issuer=posting.issuer, day=posting.issued_on, template=template)
    paper.title(about, "公示", number=posting.number)
    paper.text(_opening(posting))
    paper.labelled("办什么", "\n".join((posting.plan, *posting.tasks)))
    paper.labelled("用多少钱", _money(posting))
    paper.labelled("公示时间", f"{full_date(posting.starts_on)}至{full_date(posting.ends_on)}。")
    _how_to_object(paper, posting)
    paper.attachments(posting.attachments)
    paper.sign_off(posting.issuer, posting.issued_on, gaps=1)
    if posting.photo is not None:
        taken = f"（{full_date(posting.photo_on)}拍摄）" if posting.photo_on else ""
        paper.gap()
        paper.picture(posting.photo, width_mm=120, caption=f"张贴情况{taken}")
    return paper.bytes()
