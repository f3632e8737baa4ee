"""One paper being written: the few moves every official layout is made of."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from app.records.documents.letterhead import DAY, NUMBER, SIGNED, TITLE, dress
from app.records.documents.template import CHARACTER_TWIPS, HEI_FONT, blank
from app.records.documents.wording import chinese_ordinal, clean, full_date, one_line, paragraphs

_DATE_INDENT = 4
_TEXT_WIDTH_MM = 156
# 156 mm hold twenty characters of 22 pt.
_TITLE_CHARACTERS = 20
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _width(text: str) -> float:
    """Printed width in full characters; a digit or a Latin letter takes half of one."""
    return sum(0.5 if character.isascii() else 1 for character in text)


class Paper:
    """A document under way. Text from people may be handed in raw: it is cleaned here, once."""

    def __init__(self, *, title: str, issuer: str, day: date, template: bytes | None = None) -> None:
        self._document = blank()
        self._template = template
        # What a letterhead of the street's own has marked places for; without one it is simply written.
        self._slots = dict.fromkeys((TITLE, NUMBER, DAY, SIGNED), "")
        self._headings = 0
        core = self._document.core_properties
        core.title, core.author, core.last_modified_by = one_line(title)[:250], one_line(issuer)[:250], ""
        core.comments, core.language, core.revision = "", "zh-CN", 1
        core.created = core.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001  the document property has no zone

    def _write(self, text: str, style: str) -> Paragraph:
        paragraph = self._document.add_paragraph(style=style)
        self._run(paragraph, text)
        return paragraph

    @staticmethod
    def _run(paragraph: Paragraph, text: str, *, font: str = "") -> Any:
        run = paragraph.add_run(clean(text))
        names = "".join(f' w:{slot}="{font}"' for slot in ("ascii", "hAnsi", "eastAsia", "cs")) if font else ""
        # Without the hint Word prints quotation marks, dashes and dots with the Latin font's narrow shapes.
        run._r.get_or_add_rPr().insert(0, parse_xml(f'<w:rFonts {nsdecls("w")} w:hint="eastAsia"{names}/>'))
        return run

    def title(self, *phrases: str, number: str = "") -> None:
        """The black title in 2号小标宋 and, below it, the paper's number; one empty line after.

        A title too long for one line breaks between its ``phrases``, so that no word is torn (GB/T 9704-2012, 7.3.1).
        """
        lines = [one_line(phrase) for phrase in phrases]
        if sum(map(_width, lines)) <= _TITLE_CHARACTERS:
            lines = ["".join(lines)]
        if self._template is not None:
            self._slots |= {TITLE: "\n".join(lines), NUMBER: one_line(number)}
            return
        for line in lines:
            self._write(line, "Title")
        if number:
            self._write(one_line(number), "PaperNumber")
        self.gap()

    def gap(self) -> None:
        self._document.add_paragraph(style="Normal")

    def salutation(self, text: str) -> None:
        """主送机关 or a person: flush left, full-width colon."""
        self._write(f"{one_line(text)}：", "Normal")

    def heading(self, text: str) -> None:
        """The next first-level heading: 一、二、… in 黑体."""
        self._headings += 1
        self._write(f"{chinese_ordinal(self._headings)}、{one_line(text)}", "heading 1")

    def subheading(self, n: int, text: str) -> None:
        """（一） in 楷体."""
        self._write(f"（{chinese_ordinal(n)}）{one_line(text)}", "heading 2")

    def text(self, text: str) -> None:
        """Body paragraphs, one per line of ``text``."""
        for line in paragraphs(text):
            self._write(line, "PaperText")

    def address(self, text: str) -> None:
        """A line with a web address: ragged, because justifying tears the words before a long address apart."""
        self._write(one_line(text), "PaperText").paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT

    def labelled(self, label: str, text: str) -> None:
        """``label：text`` with the label in 黑体; further lines follow as body paragraphs."""
        first, *rest = paragraphs(text) or [""]
        paragraph = self._document.add_paragraph(style="PaperText")
        self._run(paragraph, f"{one_line(label)}：", font=HEI_FONT)
        self._run(paragraph, first)
        for line in rest:
            self._write(line, "PaperText")

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths_mm: Sequence[float],
        *,
        centred: bool = False,
    ) -> None:
        """A ruled table over the text width; the head repeats on every page and no row is torn."""
        before = self._document.element.body[-2] if len(self._document.element.body) > 1 else None
        if before is not None and before.tag == qn("w:tbl"):
            # Two tables with nothing between them are one table to Word.
            self._document.add_paragraph(style="PaperBreath")
        scale = _TEXT_WIDTH_MM / sum(widths_mm)
        widths = [Mm(width * scale) for width in widths_mm]
        table = self._document.add_table(rows=0, cols=len(head), style="Table Grid")
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for index, row in enumerate([head, *rows]):
            cells = table.add_row()
            flags = cells._tr.get_or_add_trPr()
            flags.append(OxmlElement("w:cantSplit"))
            if index == 0:
                flags.append(OxmlElement("w:tblHeader"))
            for cell, value, width in zip(cells.cells, row, widths, strict=True):
                cell.width = width
                lines = paragraphs(value) or [""]
                for place, line in enumerate(lines):
                    paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
                    paragraph.style = "PaperCell" if index else "PaperCellHead"
                    if centred:
                        paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
                    self._run(paragraph, line)

    def attachments(self, names: Sequence[str]) -> None:
        """附件说明: one line below the text, two characters in, no full stop after a name (GB/T 9704-2012, 7.3.4)."""
        if not names:
            return
        self.gap()
        alone = len(names) == 1
        for index, name in enumerate(names, start=1):
            label = "附件：" if index == 1 else ""
            number = "" if alone else f"{index}."
            paragraph = self._write(f"{label}{number}{one_line(name).rstrip('。；;.')}", "Normal")
            hanging = _width(f"附件：{number}")
            own = hanging if index == 1 else _width(number)
            self._indent(paragraph, left=2 + hanging, hanging=own)
            paragraph.paragraph_format.keep_with_next = index < len(names)

    @staticmethod
    def _indent(paragraph: Paragraph, *, left: float = 0, right: float = 0, hanging: float = 0) -> None:
        """Indents in characters of the grid; Word reads the characters, others the twips."""
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        for side, characters in (("left", left), ("right", right), ("hanging", hanging)):
            if characters:
                indent.set(qn(f"w:{side}Chars"), str(round(characters * 100)))
                indent.set(qn(f"w:{side}"), str(round(characters * CHARACTER_TWIPS)))

    def sign_off(self, issuer: str, day: date, *, mark: str = "", gaps: int = 2) -> None:
        """Issuer centred over the date, the date four characters from the right edge, kept on one page together.

        ``mark`` stands under the date: where the seal goes or who signs. The last line of the text comes along to the
        next page, because a signature alone on a page could be put under any text.
        """
        if self._template is not None:
            self._slots |= {DAY: full_date(day), SIGNED: one_line(issuer) + one_line(mark)}
            return
        self.closing(one_line(issuer), full_date(day), mark=one_line(mark), gaps=gaps)

    def closing(self, signed: str, dated: str, *, mark: str = "", gaps: int = 2) -> None:
        """The last lines of a paper, already in words."""
        last = self._document.element.body[-2]
        if last.tag == qn("w:p"):
            Paragraph(last, self._document).paragraph_format.keep_with_next = True
        for _ in range(gaps):
            self._document.add_paragraph(style="Normal").paragraph_format.keep_with_next = True
        lines = [(signed, max(0.0, _DATE_INDENT + (_width(dated) - _width(signed)) / 2))]
        lines.append((dated, _DATE_INDENT))
        if mark:
            lines.append((mark, max(0.0, _DATE_INDENT + (_width(dated) - _width(mark)) / 2)))
        for index, (line, right) in enumerate(lines):
            paragraph = self._write(line, "Normal")
            paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            paragraph.paragraph_format.keep_with_next = index < len(lines) - 1
            self._indent(paragraph, right=right)

    def signature_line(self, label: str) -> None:
        """``label：`` and room for a hand-written name."""
        self._write(f"{one_line(label)}：" + "＿" * 8, "PaperText")

    def picture(self, data: bytes, *, width_mm: float, caption: str = "") -> None:
        """A picture in the middle of its own line.

        :raises docx.image.exceptions.UnrecognizedImageError: when ``data`` is neither PNG nor JPEG.
        """
        paragraph = self._document.add_paragraph(style="PaperPicture")
        shape = paragraph.add_run().add_picture(BytesIO(data), width=Mm(width_mm))
        shape._inline.docPr.set("descr", one_line(caption))
        if caption:
            self._write(one_line(caption), "PaperCell").paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def bytes(self) -> bytes:
        """The finished .docx. Entries carry a fixed date, so the same paper always has the same hash."""
        document = self._document
        if self._template is not None:
            document = self._on_letterhead(self._template)
        raw, out = BytesIO(), BytesIO()
        document.save(raw)
        with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, source.read(name))
        return out.getvalue()

    def _on_letterhead(self, template: bytes) -> DocumentType:
        dressed, own = dress(template, self._document, self._slots), self._document.core_properties
        core = dressed.core_properties
        # Whoever drew the letterhead is nobody's business in the papers written on it.
        for name in ("title", "author", "last_modified_by", "comments", "language", "created", "modified"):
            setattr(core, name, getattr(own, name))
        return dressed

    def attendance(self, label: str, lines: Sequence[str]) -> None:
        """出席、请假、列席 below the text of a 纪要: label in 3号黑体, then units and names in 仿宋, one unit a line.

        Lines after the first, and what a long line turns over, stand under the first character after the colon
        (GB/T 9704-2012, 10.3).
        """
        hanging = _width(f"{label}：")
        for n, line in enumerate(lines):
            paragraph = self._document.add_paragraph(style="Normal")
            if n == 0:
                self._run(paragraph, f"{one_line(label)}：", font=HEI_FONT)
            self._run(paragraph, one_line(line))
            self._indent(paragraph, left=2 + hanging, hanging=hanging if n == 0 else 0)
            paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT

    def beside(self, lines: Sequence[str], picture: bytes, *, width_mm: float, caption: str = "") -> None:
        """Lines on the left and a picture with its caption on the right, without rules; kept on one page together."""
        right = width_mm + 14
        table = self._document.add_table(rows=1, cols=2)
        table.autofit = False
        cells = table.rows[0].cells
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for column, cell, width in zip(table.columns, cells, (_TEXT_WIDTH_MM - right, right), strict=True):
            column.width = cell.width = Mm(width)
        for n, line in enumerate(lines):
            paragraph = cells[0].paragraphs[0] if n == 0 else cells[0].add_paragraph()
            paragraph.style = "PaperBeside"
            self._run(paragraph, one_line(line))
        shown = cells[1].paragraphs[0]
        shown.style = "PaperPicture"
        shape = shown.add_run().add_picture(BytesIO(picture), width=Mm(width_mm))
        shape._inline.docPr.set("descr", one_line(caption))
        under = cells[1].add_paragraph(style="PaperCell")
        under.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(under, one_line(caption))
