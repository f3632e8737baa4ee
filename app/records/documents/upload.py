"""Whether a file may serve as the street's own letterhead: a real .docx, small, without programs and without leads out.

Pure. A file is only opened once its packing has been looked at: how large it becomes, what lies in it, where it points.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import qn

from app.errors import Verdict, no, yes
from app.records.documents.letterhead import BODY, MARKS, text_parts, words_of
from app.words import N_

BYTES_MOST = 2 * 1024 * 1024
UNPACKED_MOST = 20 * 1024 * 1024
ENTRIES_MOST = 200
NAME_MOST = 80
#: The one content type a plain document has; one with macros or a template calls itself otherwise.
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#: Programs, embedded files and pasted-in documents, by where they lie in the package.
_BARRED = re.compile(
    r"vbaproject|vbadata|activex|embeddings/|oleobject|afchunk|\.(bin|exe|js|vbs|docm|dotm|html?)$", re.IGNORECASE
)
_OUTSIDE = re.compile(rb"""TargetMode\s*=\s*["']External""", re.I)
_CHUNK = re.compile(rb"<w:altChunk|relationships/aFChunk|attachedTemplate", re.I)
#: Fields that fetch or start something when the file is opened.
_FETCHING = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|MACROBUTTON)\b", re.I)
_NOT_DOCX = N_("这不是 Word 的 .docx 文件。请在 Word 或 WPS 里另存为 .docx 再传。")


def check_template(name: str, data: bytes) -> Verdict:
    """Yes, or the first thing that is wrong in words the street's officer can act on."""
    for verdict in (_outside(name, data), _packing(data)):
        if not verdict:
            return verdict
    try:
        document = Document(BytesIO(data))
    except Exception:  # A broken file breaks in many ways inside the library; each means the same to whoever sent it.
        return no(_NOT_DOCX)
    return _marks(document)


def _outside(name: str, data: bytes) -> Verdict:
    if name.lower().endswith((".docm", ".dotm", ".doc", ".dot", ".dotx", ".wps")):
        return no(N_("只收 .docx 文件，不收带宏的和旧格式的。请另存为 .docx 再传。"))
    if not name.lower().endswith(".docx") or not data:
        return no(_NOT_DOCX)
    if len(data) > BYTES_MOST:
        return no(N_("文件太大，最多 %(most)s MB。把图片缩小再传。"), most=BYTES_MOST // 1024 // 1024)
    return yes()


def _packing(data: bytes) -> Verdict:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            entries = package.infolist()
            if len(entries) > ENTRIES_MOST or sum(entry.file_size for entry in entries) > UNPACKED_MOST:
                return no(N_("文件解开以后太大，换一个简单些的。"))
            if any(".." in entry.filename or entry.filename.startswith("/") for entry in entries):
                return no(_NOT_DOCX)
            barred = any(_BARRED.search(entry.filename) for entry in entries)
            parts = {e.filename: package.read(e) for e in entries if e.filename.endswith((".xml", ".rels"))}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        return no(_NOT_DOCX)
    return _parts(parts, barred)


def _parts(parts: dict[str, bytes], barred: bool) -> Verdict:
    types = parts.get("[Content_Types].xml", b"")
    if barred or b"macroEnabled" in types or b"vbaProject" in types:
        return no(N_("文件里带着宏或者嵌入的东西，不能用。去掉以后另存为 .docx 再传。"))
    # Word writes UTF-8. In another encoding the words searched for below would not be found and yet be obeyed.
    if any(b"\x00" in data for data in parts.values()):
        return no(_NOT_DOCX)
    if _MAIN not in types or "word/document.xml" not in parts:
        return no(_NOT_DOCX)
    if any(_OUTSIDE.search(data) for name, data in parts.items() if name.endswith(".rels")):
        return no(N_("文件里有指向外面的链接（网址、外部图片或模板），去掉以后再传。"))
    if any(b"<!DOCTYPE" in data or b"<!ENTITY" in data or _CHUNK.search(data) for data in parts.values()):
        return no(N_("文件里带着宏或者嵌入的东西，不能用。去掉以后另存为 .docx 再传。"))
    return yes()


def _marks(document: DocumentType) -> Verdict:
    paragraphs = [p for root in text_parts(document) for p in root.iter(qn("w:p"))]
    fields = " ".join(
        (node.text or "") + (node.get(qn("w:instr")) or "")
        for root in text_parts(document)
        for node in root.iter(qn("w:instrText"), qn("w:fldSimple"))
    )
    if _FETCHING.search(fields):
        return no(N_("文件里有会去取别处内容的域，去掉以后再传。"))
    said = "\n".join(words_of(paragraph) for paragraph in paragraphs)
    lacking = [mark for mark in MARKS if mark not in said]
    if lacking:
        return no(N_("文件里缺 %(marks)s。写上它们，正式的内容才知道放在哪里。"), marks="、".join(lacking))
    alone = [p for p in document.element.body.iter(qn("w:p")) if words_of(p).strip() == BODY]
    if len(alone) != 1 or said.count(BODY) != 1:
        return no(N_("【正文】要单独占一段，而且只写一次，放在页眉页脚之外。"))
    return yes()
