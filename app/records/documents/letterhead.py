"""Writing a paper into the street's own Word file: its page, letterhead, header, footer and styles stay, ours comes in.

The file marks the places: one paragraph reads 【正文】 and is replaced by our paragraphs and tables in that paragraph's
own format; 【标题】【编号】【日期】【落款】 are replaced wherever they stand, in headers, footers, tables and text
boxes too. Nothing of the file is ever run or evaluated: it is text that is looked for and put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu

from app.records.documents.wording import clean

BODY = "【正文】"
TITLE, NUMBER, DAY, SIGNED = "【标题】", "【编号】", "【日期】", "【落款】"
#: Every mark a file has to carry, in the order a paper is read.
MARKS = (TITLE, NUMBER, BODY, SIGNED, DAY)
_HEADINGS = {"Heading1": "heading 1", "Heading2": "heading 2"}
_TEXT = frozenset({"", "Normal", "PaperText"})


def dress(template: bytes, paper: DocumentType, slots: Mapping[str, str]) -> DocumentType:
    """The template with ``paper``'s body in the place of 【正文】 and ``slots`` (mark → text) in the other places.

    :raises ValueError: when the template has no 【正文】 paragraph.
    """
    target = Document(BytesIO(template))
    place = body_place(target)
    if place is None:
        raise ValueError("the template has no place for the text")
    # Before our text comes in: what people wrote may read like a mark and is still only what they wrote.
    for part in text_parts(target):
        for paragraph in part.iter(qn("w:p")):
            if paragraph is not place:
                fill(paragraph, slots)
    _Moving(target, paper, place).run()
    return target


def body_place(document: DocumentType) -> Any | None:
    """The paragraph that reads 【正文】 and nothing else, or None; the first one where there are several."""
    return next((p for p in document.element.body.iter(qn("w:p")) if words_of(p).strip() == BODY), None)


def text_parts(document: DocumentType) -> Iterator[Any]:
    """The roots in which text may stand: the document itself, and each header and footer that has one of its own."""
    yield document.element.body
    for part in document.part.package.iter_parts():
        if "header" in str(part.partname) or "footer" in str(part.partname):
            element = getattr(part, "element", None)
            if element is not None:
                yield element


def words_of(paragraph: Any) -> str:
    """The text of a paragraph without that of a text box inside it."""
    return "".join(text.text or "" for text in _texts(paragraph))


def fill(paragraph: Any, slots: Mapping[str, str]) -> None:
    """Put the texts in; a mark that Word tore into several runs takes the format of its first character."""
    texts = _texts(paragraph)
    whole = "".join(text.text or "" for text in texts)
    if not any(mark in whole for mark in slots):
        return
    # Which run owns each character, so that what stands around a mark keeps its own look.
    owners = [text for text in texts for _character in text.text or ""]
    pieces: dict[Any, list[str]] = {text: [] for text in texts}
    at = 0
    while at < len(whole):
        mark = next((mark for mark in slots if whole.startswith(mark, at)), "")
        pieces[owners[at]].append(clean(slots[mark]) if mark else whole[at])
        at += len(mark) or 1
    for text in texts:
        first, *more = "".join(pieces[text]).split("\n")
        text.text = first
        text.set(qn("xml:space"), "preserve")
        for line in reversed(more):
            rest = deepcopy(text)
            rest.text = line
            text.addnext(rest)
            text.addnext(OxmlElement("w:br"))


def _texts(paragraph: Any) -> list[Any]:
    """The text nodes that belong to this paragraph, not to one nested in a text box of it."""
    found = []
    for text in paragraph.iter(qn("w:t")):
        holder = text.getparent()
        while holder.tag != qn("w:p"):
            holder = holder.getparent()
        if holder is paragraph:
            found.append(text)
    return found


class _Moving:
    """Carries the body of ``paper`` into ``target`` at ``place``."""

    def __init__(self, target: DocumentType, paper: DocumentType, place: Any) -> None:
        self.target, self.paper, self.place = target, paper, place
        run = next(iter(place.iter(qn("w:r"))))
        self.text_format, self.run_format = deepcopy(place.pPr), deepcopy(run.find(qn("w:rPr")))
        if self.text_format is not None:
            # A section ends once, and what keeps one line by the next would keep the whole paper on one page.
            for tag in ("w:sectPr", "w:keepNext", "w:keepLines"):
                for found in self.text_format.findall(qn(tag)):
                    self.text_format.remove(found)
        self.taken: dict[str, str] = {}

    def run(self) -> None:
        for element in list(self.paper.element.body):
            if element.tag == qn("w:sectPr"):
                continue
            moved = deepcopy(element)
            self.place.addprevious(moved)
            for paragraph in moved.iter(qn("w:p")):
                self._restyle(paragraph)
            if moved.tag == qn("w:tbl"):
                self._fit(moved)
            self._bring_pictures(moved)
        if self.place.pPr is not None and self.place.pPr.find(qn("w:sectPr")) is not None:
            # The break to the next section hangs on this paragraph: it stays, empty.
            for text in _texts(self.place):
                text.text = ""
        else:
            self.place.getparent().remove(self.place)

    def _restyle(self, paragraph: Any) -> None:
        style = paragraph.style or ""
        if style not in _TEXT:
            paragraph.style = self._style(style)
            return
        own = paragraph.pPr
        if self.text_format is None and own is None:
            return
        formed = deepcopy(self.text_format) if self.text_format is not None else paragraph.get_or_add_pPr()
        if formed is not own:
            paragraph.insert(0, formed)
        else:
            paragraph.style = None
        self._keep_own(formed, own, indented=style == "PaperText")
        if own is not None and own is not formed:
            paragraph.remove(own)
        for run in paragraph.findall(qn("w:r")):
            self._reword(run)

    @staticmethod
    def _keep_own(formed: Any, own: Any, *, indented: bool) -> None:
        """What this one paragraph asks for (a hanging indent, an alignment) wins over the place's format."""
        if own is not None and own is not formed:
            if (indent := own.find(qn("w:ind"))) is not None:
                kept = formed.get_or_add_ind()
                kept.attrib.clear()
                kept.attrib.update(indent.attrib)
                return
            if own.jc is not None:
                formed.get_or_add_jc().val = own.jc.val
        if indented and formed.find(qn("w:ind")) is None:
            indent = formed.get_or_add_ind()
            indent.set(qn("w:firstLineChars"), "200")
            indent.set(qn("w:firstLine"), "640")

    def _reword(self, run: Any) -> None:
        own = run.find(qn("w:rPr"))
        fonts = own.find(qn("w:rFonts")) if own is not None else None
        if own is not None:
            run.remove(own)
        if self.run_format is not None:
            run.insert(0, deepcopy(self.run_format))
        if fonts is not None and fonts.get(qn("w:eastAsia")):
            run.get_or_add_rPr().get_or_add_rFonts().attrib.update(fonts.attrib)

    def _style(self, style: str) -> str:
        """The id of a style in the target: the file's own heading where it means one for Chinese, else ours."""
        if style not in self.taken:
            named = self._named(_HEADINGS.get(style, "Table Grid" if style == "TableGrid" else ""))
            self.taken[style] = named or self._bring_style(style)
        return self.taken[style]

    def _named(self, name: str) -> str:
        for style in self.target.styles.element.findall(qn("w:style")):
            label = style.find(qn("w:name")).get(qn("w:val"))
            fonts = style.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
            # Word puts its own blue headings into many files; one that names a Chinese font was meant.
            meant = style.get(qn("w:type")) == "table" or (fonts is not None and fonts.get(qn("w:eastAsia")))
            if name and label.lower() == name.lower() and meant:
                return str(style.get(qn("w:styleId")))
        return ""

    def _bring_style(self, style: str) -> str:
        ours = next(
            one for one in self.paper.styles.element.findall(qn("w:style")) if one.get(qn("w:styleId")) == style
        )
        name = f"Hall{style}"
        if not any(one.get(qn("w:styleId")) == name for one in self.target.styles.element.findall(qn("w:style"))):
            brought = deepcopy(ours)
            brought.set(qn("w:styleId"), name)
            brought.find(qn("w:name")).set(qn("w:val"), name)
            brought.attrib.pop(qn("w:default"), None)
            if (parent := brought.find(qn("w:basedOn"))) is not None:
                parent.set(qn("w:val"), self._style(parent.get(qn("w:val"))))
            self.target.styles.element.append(brought)
        return name

    def _fit(self, table: Any) -> None:
        """A table drawn for a text of 156 mm, over the width this file has."""
        properties = table.find(qn("w:tblPr"))
        if (style := properties.find(qn("w:tblStyle"))) is not None:
            style.set(qn("w:val"), self._style("TableGrid"))
        section = self.target.sections[-1]
        wanted = Emu(section.page_width - section.left_margin - section.right_margin).twips  # type: ignore[attr-defined]
        columns = table.find(qn("w:tblGrid")).findall(qn("w:gridCol"))
        drawn = sum(int(column.get(qn("w:w"))) for column in columns) or wanted
        cells: Iterable[Any] = (*columns, *table.iter(qn("w:tcW")))
        for cell in cells:
            cell.set(qn("w:w"), str(int(cell.get(qn("w:w"))) * wanted // drawn))

    def _bring_pictures(self, moved: Any) -> None:
        for blip in moved.iter(qn("a:blip")):
            image = self.paper.part.related_parts[blip.get(qn("r:embed"))]
            relation, _image = self.target.part.get_or_add_image(BytesIO(image.blob))
            blip.set(qn("r:embed"), relation)
        for shape in moved.iter(qn("wp:docPr")):
            shape.set("id", str(self.target.part.next_id))
