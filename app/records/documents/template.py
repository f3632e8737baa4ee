"""The blank paper: python-docx's default document with its styles, fonts and leftovers replaced by ours.

Layout per GB/T 9704-2012 (domain.md §4). The default document falls back to MS Mincho for Chinese through its theme
and leaves ``w:eastAsia`` empty, so the theme goes and every style names its own East Asian font.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Twips

# The text block of 156 × 225 mm holds 22 lines of 28 characters. A point is 20 twips; a millimetre is 56.69 twips.
MARGIN_TOP_MM, MARGIN_LEFT_MM, MARGIN_RIGHT_MM, MARGIN_BOTTOM_MM = 37, 28, 26, 35
LINE_TWIPS = 579
CHARACTER_TWIPS = 315.8
# The grid's characters are this much narrower than 16 pt, in 1/4096 pt: 442.2 pt ÷ 28 − 16 pt.
_CHARACTER_SPACE = round((CHARACTER_TWIPS / 20 - 16) * 4096)
# The page number's dash stands 7 mm under the text block; its line is 14 pt high, so the line's foot is 9.5 mm under.
_FOOTER_MM = MARGIN_BOTTOM_MM - 9.5

BODY_FONT, TITLE_FONT, HEI_FONT, KAI_FONT, NUMBER_FONT = "仿宋", "方正小标宋简体", "黑体", "楷体", "宋体"
BODY_PT, TITLE_PT, SMALL_PT = 16, 22, 14

# Word takes the first of these that the machine has. 仿宋_GB2312 stands last: it lacks the rare characters of names.
_FALLBACKS = {
    BODY_FONT: "FangSong,华文仿宋,STFangsong,Noto Serif CJK SC,仿宋_GB2312",
    TITLE_FONT: "FZXiaoBiaoSong-B05S,方正小标宋_GBK,华文中宋,STZhongsong,宋体,Noto Serif CJK SC",
    HEI_FONT: "SimHei,华文黑体,STHeiti,Noto Sans CJK SC",
    KAI_FONT: "KaiTi,华文楷体,STKaiti,Noto Serif CJK SC,楷体_GB2312",
    NUMBER_FONT: "SimSun,华文宋体,STSong,Noto Serif CJK SC",
}


def _fonts(name: str) -> str:
    return f'<w:rFonts w:hint="eastAsia" w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def _style(
    style_id: str, name: str, font: str, points: int, layout: str, *, based_on: str = "Normal", base: bool = False
) -> str:
    tight = _TIGHT if points == BODY_PT else '<w:spacing w:val="0"/>'
    attributes = 'w:default="1" ' if base else ('w:customStyle="1" ' if name == style_id else "")
    parent = "" if base else f'<w:basedOn w:val="{based_on}"/>'
    return (
        f'<w:style w:type="paragraph" {attributes}w:styleId="{style_id}"><w:name w:val="{name}"/>{parent}<w:qFormat/>'
        f"<w:pPr>{layout}</w:pPr>"
        f'<w:rPr>{_fonts(font)}{tight}<w:sz w:val="{points * 2}"/><w:szCs w:val="{points * 2}"/></w:rPr></w:style>'
    )


def _spacing(twips: int = LINE_TWIPS) -> str:
    return f'<w:spacing w:before="0" w:after="0" w:line="{twips}" w:lineRule="exact"/>'


# LibreOffice gives a 16 pt character two cells of a 15.8 pt grid, so the text is not snapped to the grid the page
# declares; 0.3 pt less between characters puts 28 of them on a line in Word, WPS and LibreOffice alike.
_SNAP = '<w:snapToGrid w:val="0"/>'
_TIGHT = '<w:spacing w:val="-6"/>'

_INDENT = f'<w:ind w:firstLineChars="200" w:firstLine="{round(2 * CHARACTER_TWIPS)}"/>'
_NO_INDENT = '<w:ind w:left="0" w:firstLineChars="0" w:firstLine="0"/>'
# Widow control would move lines away from the 22-line page, and automatic gaps would push characters off the grid.
_GRID = '<w:widowControl w:val="0"/>'
_NO_GAPS = '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
_RAGGED = '<w:jc w:val="left"/>'
_KEEP = "<w:keepNext/><w:keepLines/>"

_STYLES = (
    _style("Normal", "Normal", BODY_FONT, BODY_PT,
           f'{_GRID}{_NO_GAPS}{_SNAP}{_spacing()}<w:jc w:val="both"/>', base=True),
    _style("PaperText", "PaperText", BODY_FONT, BODY_PT, _INDENT),
    _style("Title", "Title", TITLE_FONT, TITLE_PT, f'{_KEEP}{_spacing()}<w:jc w:val="center"/>'),
    _style("PaperNumber", "PaperNumber", BODY_FONT, BODY_PT, f'{_KEEP}<w:jc w:val="center"/>'),
    _style("Heading1", "heading 1", HEI_FONT, BODY_PT, f'{_KEEP}{_INDENT}{_RAGGED}<w:outlineLvl w:val="0"/>'),
    _style("Heading2", "heading 2", KAI_FONT, BODY_PT, f'{_KEEP}{_INDENT}{_RAGGED}<w:outlineLvl w:val="1"/>'),
    _style("PaperCell", "PaperCell", BODY_FONT, SMALL_PT, f'{_spacing(440)}<w:jc w:val="left"/>'),
    _style("PaperCellHead", "PaperCellHead", HEI_FONT, SMALL_PT,
           '<w:keepNext/><w:jc w:val="center"/>', based_on="PaperCell"),
    _style("PaperBreath", "PaperBreath", BODY_FONT, SMALL_PT, f'<w:keepNext/>{_spacing(160)}'),
    _style("PaperBeside", "PaperBeside", BODY_FONT, BODY_PT, f'{_spacing(560)}<w:jc w:val="left"/>'),
    _style("PaperPicture", "PaperPicture", BODY_FONT, SMALL_PT,
           '<w:keepNext/><w:spacing w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>'),
    _style("Footer", "footer", NUMBER_FONT, SMALL_PT, f'{_spacing(SMALL_PT * 20)}{_NO_INDENT}'),
)  # fmt: skip

_TABLE_STYLES = """
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>
<w:uiPriority w:val="1"/><w:semiHidden/></w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/>
<w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>
<w:left w:w="85" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>
</w:style>
<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr>
<w:tblBorders><w:top w:val="single" w:sz="4" w:color="000000"/><w:left w:val="single" w:sz="4" w:color="000000"/>
<w:bottom w:val="single" w:sz="4" w:color="000000"/><w:right w:val="single" w:sz="4" w:color="000000"/>
<w:insideH w:val="single" w:sz="4" w:color="000000"/><w:insideV w:val="single" w:sz="4" w:color="000000"/>
</w:tblBorders></w:tblPr></w:style>
"""


def _styles_xml() -> str:
    return (
        f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(BODY_FONT)}"
        f'<w:sz w:val="{BODY_PT * 2}"/><w:szCs w:val="{BODY_PT * 2}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>" + "".join(_STYLES) + _TABLE_STYLES + "</w:styles>"
    )


def _font_table_xml() -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:family w:val="auto"/>'
        '<w:pitch w:val="default"/></w:font>'
        for name, others in _FALLBACKS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'


_SETTINGS = f"""<w:settings {nsdecls("w")}><w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/>
<w:bordersDoNotSurroundFooter/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>
<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/>
<w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/><w:adjustLineHeightInTable/><w:useFELayout/>
<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>
<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"""


def _drop_leftovers(document: DocumentType) -> None:
    """Take out the theme, the thumbnail and the parts no paper of ours uses; MS Mincho lives in two of them."""
    kept = {RT.STYLES, RT.SETTINGS, RT.FONT_TABLE}
    for rels, keep in (
        (document.part.rels, kept),
        (document.part.package.rels, {RT.OFFICE_DOCUMENT, RT.CORE_PROPERTIES}),
    ):
        for rel_id in [rel_id for rel_id, rel in rels.items() if rel.reltype not in keep]:
            del rels[rel_id]


def _page_number(footer: Any, *, right: bool) -> None:
    """``— 1 —`` in 4号宋体, one character in from the outer edge."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = "footer"
    side = "right" if right else "left"
    properties = paragraph._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:ind {nsdecls("w")} w:{side}Chars="100" w:{side}="{SMALL_PT * 20}"/>'))
    properties.append(parse_xml(f'<w:jc {nsdecls("w")} w:val="{side}"/>'))
    properties_xml = f"<w:rPr>{_fonts(NUMBER_FONT)}</w:rPr>"
    for inner in (
        '<w:t xml:space="preserve">— </w:t>',
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        '<w:t xml:space="preserve"> —</w:t>',
    ):
        paragraph._p.append(parse_xml(f"<w:r {nsdecls('w')}>{properties_xml}{inner}</w:r>"))


def _page_setup(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(MARGIN_TOP_MM), Mm(MARGIN_BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(MARGIN_LEFT_MM), Mm(MARGIN_RIGHT_MM)
    section.header_distance, section.footer_distance, section.gutter = Mm(15), Mm(_FOOTER_MM), Twips(0)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(
        parse_xml(
            f'<w:docGrid {nsdecls("w")} w:type="linesAndChars" w:linePitch="{LINE_TWIPS}" '
            f'w:charSpace="{_CHARACTER_SPACE}"/>'
        )
    )
    _page_number(section.footer, right=True)
    _page_number(section.even_page_footer, right=False)


@cache
def _template() -> bytes:
    document = Document()
    _drop_leftovers(document)
    document.part._styles_part._element = parse_xml(_styles_xml())
    document.part._settings_part._element = parse_xml(_SETTINGS)
    document.part.part_related_by(RT.FONT_TABLE)._blob = _font_table_xml().encode()
    _page_setup(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def blank() -> DocumentType:
    """A new empty paper with our page, styles and page numbers."""
    return Document(BytesIO(_template()))
