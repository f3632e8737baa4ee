"""The street's own Word file: what may be one, and what becomes of a paper written on it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from app.records.documents import resolution_docx
from app.records.documents.samples import SAMPLES, sample, starter
from app.records.documents.upload import BYTES_MOST, check_template
from tests.rules.test_documents import RESOLUTION


def letterhead(change: Callable[[DocumentType], None] = lambda document: None) -> bytes:
    """A street's file as Word leaves it: red name in a table, a torn mark, a narrow page, marks in the foot."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(40)
    name = section.header.paragraphs[0].add_run("中华大街街道办事处")
    name.font.color.rgb, name.font.size = RGBColor(0xC0, 0, 0), Pt(30)
    cell = document.add_table(1, 1).cell(0, 0).paragraphs[0]
    for piece in ("文号：【编", "号", "】"):
        cell.add_run(piece)
    document.add_paragraph("【标题】", style="Title")
    place = document.add_paragraph()
    place.paragraph_format.line_spacing = Pt(25)
    place.paragraph_format.keep_with_next = True
    run = place.add_run("【正文】")
    run.font.size = Pt(15)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "华文仿宋")
    document.add_paragraph("此致")
    section.footer.paragraphs[0].add_run("【落款】　【日期】")
    change(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def repacked(data: bytes, *, add: dict[str, bytes] | None = None, swap: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """The same package with a part more, or with some bytes of its parts exchanged."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, part.replace(*swap) if swap[0] else part)
        for name, part in (add or {}).items():
            target.writestr(name, part)
    return out.getvalue()


def test_page_letterhead_and_format_stay_and_the_text_comes_in():
    assert check_template("街道模板.docx", letterhead())
    data = resolution_docx(RESOLUTION, template=letterhead())
    assert data == resolution_docx(RESOLUTION, template=letterhead())
    made = Document(BytesIO(data))
    section = made.sections[0]
    assert (round(section.left_margin.mm), section.header.paragraphs[0].text) == (40, "中华大街街道办事处")
    assert section.header.paragraphs[0].runs[0].font.color.rgb == RGBColor(0xC0, 0, 0)
    assert section.footer.paragraphs[0].text == f"召集人（{RESOLUTION.convener}）签名：＿＿＿＿＿　2026年6月8日"
    assert made.tables[0].cell(0, 0).text == "文号：南盐道议决〔2026〕3号"
    texts = [paragraph.text for paragraph in made.paragraphs]
    assert texts[0] == "南盐道社区小板凳议事屋\n关于增设共享晾衣架5组的决议"
    assert texts[-1] == "此致"
    assert "【正文】" not in texts
    said = next(paragraph for paragraph in made.paragraphs if paragraph.text == "由物业维护。")
    assert (said.paragraph_format.line_spacing, said.runs[0].font.size) == (Pt(25), Pt(15))
    assert said.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "华文仿宋"
    assert said._p.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert said.paragraph_format.keep_with_next is None
    label = next(paragraph for paragraph in made.paragraphs if paragraph.text.startswith("计算基数："))
    assert label.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    heading = next(paragraph for paragraph in made.paragraphs if paragraph.text == "一、议定依据")
    assert heading.style.element.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    # 130 mm of text instead of 156: the table drawn for a standard page is no wider than this one.
    grid = made.tables[1]._tbl.tblGrid
    assert sum(int(column.get(qn("w:w"))) for column in grid) <= Mm(130).twips
    assert made.core_properties.author == RESOLUTION.issuer


def test_what_people_wrote_is_never_taken_for_a_mark():
    words = "这里写着【标题】和【正文】。"
    made = Document(BytesIO(sample_with(words)))
    assert words in [paragraph.text for paragraph in made.paragraphs]


def sample_with(words: str) -> bytes:
    return resolution_docx(replace(RESOLUTION, text=words), template=letterhead())


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_kind_is_written_on_the_street_s_file_and_on_the_empty_one_we_offer(kind):
    assert check_template("空白.docx", starter())
    for template in (letterhead(), starter()):
        text = "\n".join(paragraph.text for paragraph in Document(BytesIO(sample(kind, template))).paragraphs)
        assert "晾衣架" in text
        assert "【" not in text


def with_field(document: DocumentType) -> None:
    field = f"<w:r {nsdecls('w')}><w:instrText>DDEAUTO c:\\cmd.exe</w:instrText></w:r>"
    document.paragraphs[-1]._p.append(parse_xml(field))


LEAD = b'<Relationship Id="r99" TargetMode="External" Target="http://a" Type="x"/></Relationships>'
MAIN = b"wordprocessingml.document.main"


def without_number(document: DocumentType) -> None:
    table = document.tables[0]._tbl
    table.getparent().remove(table)


def without_place(document: DocumentType) -> None:
    document.paragraphs[1].runs[0].text = "正文"


WITH_MACROS = repacked(letterhead(), swap=(MAIN, b"ms-word.document.macroEnabled.main"))
BOMB = repacked(letterhead(), add={"word/media/a.png": b"0" * (21 * 1024 * 1024)})
REFUSED = {
    "a note": ("模板.docx", b"just words", "不是 Word"),
    "nothing": ("模板.docx", b"", "不是 Word"),
    "another suffix": ("模板.docm", letterhead(), "不收带宏的"),
    "too large": ("模板.docx", b"0" * (BYTES_MOST + 1), "文件太大"),
    "a macro": ("模板.docx", repacked(letterhead(), add={"word/vbaProject.bin": b"x"}), "宏"),
    "calls itself with macros": ("模板.docx", WITH_MACROS, "宏"),
    "an embedded file": ("模板.docx", repacked(letterhead(), add={"word/embeddings/a.xlsx": b"x"}), "宏"),
    "a lead outside": ("模板.docx", repacked(letterhead(), swap=(b"</Relationships>", LEAD)), "外面的链接"),
    "a lead written so that it is not seen": (
        "模板.docx",
        repacked(letterhead(), add={"word/_rels/header9.xml.rels": LEAD.decode().encode("utf-16")}),
        "Word",
    ),
    "a bomb": ("模板.docx", BOMB, "解开"),
    "a spreadsheet": ("模板.docx", repacked(starter(), swap=(MAIN, b"other")), "不是 Word"),
    "a torn part": ("模板.docx", repacked(starter(), swap=(b"<w:body>", b"<w:bod")), "不是 Word"),
    "an entity": ("模板.docx", repacked(starter(), swap=(b"<w:document", b"<!DOCTYPE a><w:document")), "嵌入"),
    "a field that fetches": ("模板.docx", letterhead(with_field), "别处"),
    "no place for the text": ("模板.docx", letterhead(without_place), "缺 【正文】"),
    "two places": ("模板.docx", letterhead(lambda d: d.add_paragraph("【正文】")), "只写一次"),
    "in a line of text": ("模板.docx", letterhead(lambda d: d.paragraphs[1].add_run("。")), "单独占一段"),
    "no number": ("模板.docx", letterhead(without_number), "缺 【编号】"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_letterhead_is_refused_in_words(case):
    name, data, reason = REFUSED[case]
    verdict = check_template(name, data)
    assert not verdict
    assert reason in verdict.reason % verdict.values
