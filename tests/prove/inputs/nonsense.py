"""What nobody would type, and what somebody would: values for fields, addresses, headers and files."""

from __future__ import annotations

import io
import json
import struct
import uuid
import zipfile
from functools import cache

from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

NUMBERS = [
    "-1", "0", "1", "2147483648", "9223372036854775808", "-9223372036854775809", "1" + "0" * 30, "9" * 400, "9" * 5000,
    "3.7", "1e9", "1e400", "NaN", "-NaN", "sNaN", "Infinity", "-inf", "0x10", "1_000", "٣", "３", "²", "½", "Ⅷ", "三",
    "+5", "--5", "1,000", "00012",
    " 7 ", "-0", "1e-400", "1E+999999999",
]  # fmt: skip
DATES = [
    "0000-00-00", "0001-01-01", "9999-12-31", "2026-02-31", "2026-13-01", "10000-01-01", "-2026-01-01", "2026-6-1",
    "20260601", "2026-06-01T25:99", "1969-12-31", "２０２６-０６-０１", "2026-W23-1", "明天",
    "2026-06-01 00:00:00+14:00",
    "2026-00", "9999-12", "2026-06", "0000-01", "99999999999-01",
]  # fmt: skip
TIMES = [
    "25:99",
    "24:00",
    "23:59:60",
    "-1:00",
    "9:5",
    "00:00",
    "23:59",
    "12:00:00.000001",
    "１２:００",
    "noon",
    "12:00+08:00",
]
TEXTS = [
    "", " ", "\u3000", "\t\n\r", "a\x00b", "\x00", "\x1b[31m红", "\u202e倒过来", "مرحبا بكم", "👨‍👩‍👧‍👦🏳️‍🌈",
    "𬱖㛃䶮", "e\u0301" * 40,
    "Z̸̢̛͎͚" * 30, "\ufeff头", "\ufffe\uffff", "\ud83d", "a\udc00b", "\u2028\u2029", "%(name)s", "%s%n%d", "{{7*7}}",
    "{0.__class__}", "${7*7}",
    "'; drop table matter; --", "\\", "\"", "<script>zz7()</script>", "\"><img src=x onerror=zz7()>",
    "../../etc/passwd",
    "a\r\nX-Forged: yes", "水" * 33_000, "x" * 100_000, "\n" * 5000, "true", "null", "None", "undefined", "[]", "{}",
    "=1+1", "@SUM(A1)",
]  # fmt: skip
NOBODY = "01890000-0000-7000-8000-000000000000"
IDS = [
    "", "x", "00000000-0000-0000-0000-000000000000", NOBODY, "ffffffff-ffff-ffff-ffff-ffffffffffff", "{" + NOBODY + "}",
    "urn:uuid:" + NOBODY, NOBODY.replace("-", ""), NOBODY.upper(), NOBODY[:-1], NOBODY + "0",
    NOBODY.replace("0", "０"), "zzzzzzzz" + NOBODY[8:],
]  # fmt: skip
RAW = [
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x80abc",
    "中文".encode("gb18030"),
    "灯".encode("utf-16"),
]
PHONES = [
    "13800138000",
    "1380013800",
    "+8613800138000",
    "１３８００１３８０００",
    "110",
    "138 0013 8000",
    "13800138000,13800138001",
]
MONEY = ["12.345", "99999999999999", "0.001", "-5", "1,2,3", "１２", "12元", "1e5", ".5", "5.", "¥12", "12.5万"]
HEADERS = [
    ("Accept-Language", "zz;q=abc, *;q=9, ;;,"), ("Accept-Language", "x" * 5000), ("Accept", "\xff\xfe"),
    ("Accept", "application/json"),
    ("Cookie", "yiqilai=garbage.garbage.garbage; language=zz; elder=\x01; yiqilai=;;=="),
    ("Cookie", "language=" + "../" * 40),
    ("Cookie", "yiqilai=eyJhIjoxfQ.aaaa.bbbb"), ("Cookie", "yiqilai_guest=" + "a" * 43 + ".%00." + "b" * 43),
    ("Cookie", "\xff\xfe=\xfd"),
    ("Range", "bytes=0-0"), ("Range", "bytes=-1"), ("Range", "bytes=99999999999-"), ("Range", "bytes=5-1,a-b,,"),
    ("Range", "lines=1-2"),
    ("If-None-Match", "*"), ("If-None-Match", "W/\"x\", \"y"), ("If-None-Match", "\xff"),
    ("If-Modified-Since", "Thu, 31 Feb 99999 25:61:61 GMT"),
    ("If-Modified-Since", "Mon, 01 Jan 0001 00:00:00 GMT"), ("If-Range", "nonsense"), ("If-Unmodified-Since", "-1"),
    ("If-Match", "\"\""),
    ("Referer", "http://[::1"), ("Referer", "http://nanyandao.yard.test/matters/%00%ff"), ("Referer", "\xff\xfe//"),
    ("Referer", "javascript:zz7()"),
    ("X-Requested-With", "XMLHttpRequest"), ("HX-Request", "true"), ("HX-Target", "\x00"), ("User-Agent", ""),
    ("User-Agent", "A" * 9000),
    ("X-Forwarded-For", "1.2.3.4, ::1, x"), ("X-Forwarded-Host", "evil.test"), ("Host", "evil.test"), ("Host", ""),
    ("Host", "nanyandao.yard.test:99999"),
    ("Host", "NANYANDAO.YARD.TEST"), ("Host", "a.b.nanyandao.yard.test"), ("Host", "xn--.yard.test"),
    ("Host", "[::1]"), ("Host", "\xe8\xae\xae.yard.test"),
    ("Origin", "null"), ("Accept-Encoding", "zstd;q=nan, br;q=2"), ("Content-Type", ""),
    ("Content-Type", "text/plain; charset=utf-99"),
    ("Content-Type", "application/x-www-form-urlencoded; charset=utf-16"), ("Content-Type", "multipart/form-data"),
    ("Content-Type", "multipart/form-data; boundary=" + "b" * 300), ("Content-Length", "0"), ("Content-Length", "-5"),
    ("Content-Length", "abc"),
    ("Transfer-Encoding", "gzip, chunked"), ("Last-Event-ID", "9" * 100), ("X-HTTP-Method-Override", "DELETE"),
    ("Date", "x"), ("Expect", "100-continue"),
    ("Authorization", "Basic \xff"), ("Sec-Fetch-Site", "cross-site"),
]  # fmt: skip
JSONS = [
    b"", b"{", b"null", b"[]", b"\"x\"", b"{\"words\": {\"a\": []}}", b"[" * 50_000, b"{\"a\":1,\"a\":2}",
    b"{\"page\": 1e999}", b"1" * 5000,
    b"\xff\xfe{\x00}\x00", b"{\"words\": \"\\ud800\"}",
    json.dumps({"words": 7, "once": None, "matter": [True]}).encode(),
]  # fmt: skip
QUERIES = ["page", "q", "kind", "tab", "state", "next", "year", "month", "view", "matter", "sort", "size", "at", "when"]

encoded = st.one_of(
    st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.sampled_from(DATES), st.sampled_from(TIMES),
        st.sampled_from(IDS),
    st.sampled_from(PHONES), st.sampled_from(MONEY), st.text(max_size=30), st.integers().map(str), st.floats().map(str),
    st.datetimes().map(str), st.uuids().map(str),
).map(lambda text: text.encode("utf-8", "surrogatepass"))  # fmt: skip
anything = st.one_of(encoded, encoded, encoded, st.sampled_from(RAW), st.binary(max_size=20))


def for_field(kind: str, name: str, value: str, ids: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Nonsense that comes near to what a field of this kind asks for, and now and then anything at all."""
    pools: list[list[str]] = []
    if kind == "number" or name in ("page", "year", "units", "days", "target", "reached"):
        pools += [NUMBERS, NUMBERS, MONEY]
    if kind in ("date", "datetime-local", "month") or any(
        word in name for word in ("day", "date", "due", "starts", "until", "month")
    ):
        pools += [DATES, DATES]
    if kind == "time" or "time" in name or "hour" in name:
        pools += [TIMES, TIMES]
    if kind == "tel" or "phone" in name:
        pools.append(PHONES)
    if kind in ("hidden", "select", "radio") or len(value) == 36:
        pools += [IDS, [*ids, value]]
    if any(word in name for word in ("yuan", "cost", "money", "planned", "actual", "amount", "area", "sum")):
        pools += [MONEY, NUMBERS]
    near = [st.sampled_from([text.encode("utf-8", "surrogatepass") for text in pool]) for pool in pools if pool]
    return st.one_of(*near, anything)


@cache
def files() -> list[tuple[str, str, bytes]]:
    """Name, type and content of what people and scripts upload."""
    jpeg, png, bomb, sheet = _picture("JPEG"), _picture("PNG"), _bomb(), _sheet()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="zz7()"><script>zz7()</script></svg>'
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [
        ("好的.jpg", "image/jpeg", jpeg), ("空.jpg", "image/jpeg", b""),
        ("半张.jpg", "image/jpeg", jpeg[: len(jpeg) // 2]),
        ("名单.xlsx", xlsx, sheet), ("名单.csv", "text/csv", "姓名,电话\n王,13800138000\n".encode()),
        ("名单.csv", "text/csv", "姓名\0,电话\n\"没关上".encode("utf-16")), ("炸弹.xlsx", xlsx, bomb),
        ("炸弹.docx", "application/zip", bomb),
        ("不是.xlsx", xlsx, b"PK\x03\x04" + b"\0" * 200), ("半.xlsx", xlsx, sheet[:-40]),
        ("画.svg", "image/svg+xml", svg), ("画.jpg", "image/jpeg", svg),
        ("两面.jpg", "image/jpeg", jpeg + b"<script>zz7()</script>" + bomb), ("图.png", "image/png", png),
        ("宽.png", "image/png", _huge_png()),
        ("../../etc/passwd", "text/plain", b"root"), ("长" * 4000 + ".jpg", "image/jpeg", jpeg),
        ("a\x00.jpg", "image/jpeg", jpeg), ("", "image/jpeg", jpeg),
        ("声.webm", "audio/webm", b"\x1aE\xdf\xa3" + b"\0" * 300),
        ("声.wav", "audio/wav", b"RIFF\xff\xff\xff\xffWAVEfmt "), ("文.pdf", "application/pdf", b"%PDF-1.7\n%%EOF"),
        ("页.html", "text/html", b"<script>zz7()</script>"), ("名\r\nX-Forged: yes.jpg", "image/jpeg", jpeg),
        ("图.gif", "image/gif", b"GIF89a" + b"\xff" * 40),
    ]  # fmt: skip


def good_file(name: str, accept: str, turn: int) -> tuple[str, str, bytes]:
    """Name, type and content of a file such as a field of this name asks for that accepts these types."""
    by_name = {name: (name, kind, content) for name, kind, content in reversed(files())}
    lists = [by_name["名单.xlsx"], ("名单.csv", "text/csv", "姓名,电话,房号\n王桂兰,13800138000,301\n".encode())]
    if "image" in accept or (not accept and name != "file"):
        return by_name["图.png"] if turn % 2 else by_name["好的.jpg"]
    if "audio" in accept:
        return "声.wav", "audio/wav", _sound()
    if "pdf" in accept and turn % 2 == 0:
        return by_name["文.pdf"]
    return lists[turn % 2]


def _sound() -> bytes:
    """Half a second of silence."""
    data = b"\0" * 8000
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    return b"RIFF" + struct.pack("<I", 4 + 24 + 8 + len(data)) + head + b"data" + struct.pack("<I", len(data)) + data


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, kind)
    return out.getvalue()


def _huge_png() -> bytes:
    """A picture of a few bytes that says it is 100,000 dots wide and high."""
    small = bytearray(_picture("PNG"))
    small[16:24] = (100_000).to_bytes(4, "big") * 2
    return bytes(small)


def _bomb() -> bytes:
    """Sixty megabytes of zeros where a workbook keeps its first sheet, packed into sixty kilobytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_sheet())) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            content = good.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = content.replace(b"</sheetData>", b" " * 60_000_000 + b"</sheetData>")
            bad.writestr(name, content)
    return out.getvalue()


def _sheet() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "电话", "房号", "日期"])
    sheet.append(["王桂兰", "13800138000", "301", "2026-06-01"])
    sheet.append(["=1+1", -1e300, "x" * 30_000, "9999-99-99"])
    book.save(out)
    return out.getvalue()


def fresh(name: str) -> str:
    """A new id for a field that carries one against double clicks."""
    return str(uuid.uuid4()) if name == "once" else ""
