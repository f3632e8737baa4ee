"""商请函 and 部门交办 in the letter format (信函格式) of GB/T 9704-2012, section 10.1.

The organ's mark in red 小标宋, its top 30 mm below the edge; 4 mm under it a red double line (thick over thin) and
20 mm above the foot of the first page another (thin over thick), each 170 mm long; the number at the right edge under
the first line; no page number on the first page (domain.md §4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from app.records.documents.page import Paper
from app.records.documents.template import TITLE_FONT
from app.records.documents.wording import full_date, one_line

TITLES = {"letter": "商请函", "task": "交办函"}
_RED = "FF0000"
_MARK_TOP_MM, _LINE_FOOT_MM, _LINE_MM, _TEXT_MM = 30, 20, 170, 156
#: The mark is as large as its organ's name lets it be on one line of the text block.
_MARK_MOST_PT, _TEXT_PT = 40, 442
_OVER = round((_LINE_MM - _TEXT_MM) / 2 * 56.69)
_NUMBER_GAP = 14 * 20
#: The foot of the page number on the other pages, 25.5 mm above the edge, as on every paper of ours.
_NUMBER_FOOT = round(5.5 * 56.69)


@dataclass(frozen=True)
class Letter:
    """Everything the paper says. ``first_number`` and ``first_sent_on`` stand on a second letter only.

    :raises ValueError: for an unknown kind.
    """

    issuer: str
    number: str
    kind: str
    to: str
    subject: str
    words: str
    sent_on: date
    reply_due: date
    contact: str
    first_number: str = ""
    first_sent_on: date | None = None

    def __post_init__(self) -> None:
        if self.kind not in TITLES:
            raise ValueError(f"unknown kind of letter {self.kind!r}")


def organ_of(street: str) -> str:
    """The organ that signs: a 街道's letters go out in the name of its office (街道办事处)."""
    return f"{street}办事处" if street.endswith("街道") else street


def title_of(letter: Letter) -> tuple[str, ...]:
    """The title in phrases between which it may break: 关于商请…的函."""
    subject = one_line(letter.subject)
    if subject.startswith("关于") and subject.endswith("函"):
        return (subject,)
    subject = subject.removeprefix("关于").removeprefix("商请").rstrip("。")
    again = "再次" if letter.first_number else ""
    verb = "商请" if letter.kind == "letter" else "交办"
    return (f"关于{again}{verb}", subject, "的函")


def letter_docx(letter: Letter) -> bytes:
    """The letter as .docx bytes; a pure function of its input."""
    title = "".join(title_of(letter))
    paper = Paper(title=f"{title} {letter.number}", issuer=letter.issuer, day=letter.sent_on)
    _head(paper, letter)
    paper.gap()
    paper.title(*title_of(letter))
    paper.salutation(letter.to)
    if letter.first_number and letter.first_sent_on:
        said = "就此事函商贵单位" if letter.kind == "letter" else "把此事交你单位办理"
        paper.text(
            f"我单位{full_date(letter.first_sent_on)}以{letter.first_number}{said}，事情还没有办结，现再次致函。"
        )
    paper.text(letter.words)
    paper.text(_asks(letter))
    paper.sign_off(letter.issuer, letter.sent_on, gaps=1)
    if letter.contact:
        # 附注: below the date, two characters in, in brackets.
        paper.text(f"（联系人：{one_line(letter.contact)}）")
    return paper.bytes()


def _asks(letter: Letter) -> str:
    day = full_date(letter.reply_due)
    if letter.kind == "letter":
        return f"专此函商，请予支持，并请于{day}前函复。"
    return f"请于{day}前办理，并书面回复办理情况。"


def _head(paper: Paper, letter: Letter) -> None:
    section = paper._document.sections[0]
    section.different_first_page_header_footer = True
    section.header_distance, section.footer_distance = Mm(_MARK_TOP_MM), Mm(_LINE_FOOT_MM)
    header, footer = section.first_page_header, section.first_page_footer
    header.is_linked_to_previous = footer.is_linked_to_previous = False
    issuer = one_line(letter.issuer)
    size = min(_MARK_MOST_PT, _TEXT_PT // max(1, len(issuer)))
    # The line's box is the mark's own height, so that its top stands where the page asks for it.
    _line(header.paragraphs[0]._p, issuer, size, border=("bottom", "thickThinSmallGap", 11), spacing=round(size * 22))
    number = header.add_paragraph(style="Normal")
    paper._run(number, one_line(letter.number))
    properties = number._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:spacing {nsdecls("w")} w:before="{_NUMBER_GAP}" w:after="0" w:line="579" '
                                'w:lineRule="exact"/>'))  # fmt: skip
    properties.append(parse_xml(f'<w:jc {nsdecls("w")} w:val="right"/>'))
    _line(footer.paragraphs[0]._p, "", 2, border=("bottom", "thinThickSmallGap", 0), spacing=40)
    for other in (section.footer, section.even_page_footer):
        # The footer now ends at the red line's height; the numbers stay where they stand on every paper.
        spacing = f'<w:spacing {nsdecls("w")} w:before="0" w:after="{_NUMBER_FOOT}" w:line="280" w:lineRule="exact"/>'
        other.paragraphs[0]._p.get_or_add_pPr().insert_element_before(
            parse_xml(spacing), "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
        )


def _line(paragraph: object, text: str, points: int, *, border: tuple[str, str, int], spacing: int) -> None:
    """Turn a paragraph into the mark or an empty foot with its red double line, 7 mm beyond the text on each side."""
    side, kind, gap = border
    properties = parse_xml(
        f'<w:pPr {nsdecls("w")}><w:pBdr><w:{side} w:val="{kind}" w:sz="24" w:space="{gap}" w:color="{_RED}"/></w:pBdr>'
        f'<w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="{spacing}" w:lineRule="exact"/>'
        f'<w:ind w:left="-{_OVER}" w:right="-{_OVER}" w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/>'
        "</w:pPr>"
    )
    for old in paragraph.findall(qn("w:pPr")):  # type: ignore[attr-defined]
        paragraph.remove(old)  # type: ignore[attr-defined]
    paragraph.insert(0, properties)  # type: ignore[attr-defined]
    fonts = "".join(f' w:{slot}="{TITLE_FONT}"' for slot in ("ascii", "hAnsi", "eastAsia", "cs"))
    run = parse_xml(
        f'<w:r {nsdecls("w")}><w:rPr><w:rFonts w:hint="eastAsia"{fonts}/><w:color w:val="{_RED}"/>'
        f'<w:sz w:val="{points * 2}"/><w:szCs w:val="{points * 2}"/></w:rPr><w:t></w:t></w:r>'
    )
    run.find(qn("w:t")).text = text
    paragraph.append(run)  # type: ignore[attr-defined]
