"""What people hand over on paper or record by voice, made small for the journeys: pages, pictures, sound, tables."""

from __future__ import annotations

import io
import math
import re
import struct
import wave
from collections.abc import Sequence

from openpyxl import Workbook
from PIL import Image, ImageDraw

from tests.journeys.person import Person

#: ISO 216 in millimetres.
SIZES = {"a4": (210, 297), "a3": (297, 420)}
_BOX = re.compile(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]")


def printed(person: Person, size: str = "a4") -> int:
    """Print what this person sees, as the browser's own button does; how many sheets came out, all of this size."""
    width, height = SIZES[size]
    pdf = person.page.pdf(prefer_css_page_size=True, width=f"{width}mm", height=f"{height}mm", print_background=True)
    sheets = [(float(w) * 25.4 / 72, float(h) * 25.4 / 72) for w, h in _BOX.findall(pdf)]
    for sheet in sheets:
        off = max(abs(sheet[0] - width), abs(sheet[1] - height))
        assert off < 1, f"{person.path} prints {sheet} mm, not {size}"
    assert len(sheets) == len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    return len(sheets)


def voice_note(seconds: float = 1.0) -> dict[str, object]:
    """A hum of this length as a telephone would record it, fit for a file field."""
    rate, kept = 8000, io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        hum = (int(9000 * math.sin(2 * math.pi * 220 * n / rate)) for n in range(int(rate * seconds)))
        sound.writeframes(b"".join(struct.pack("<h", value) for value in hum))
    return {"name": "录音 001.wav", "mimeType": "audio/wav", "buffer": kept.getvalue()}


def photo_of_a_letter() -> dict[str, object]:
    """A sheet with lines of writing, photographed askew, with the place where it was taken in the file."""
    sheet = Image.new("RGB", (900, 1200), "#e8e4da")
    pen = ImageDraw.Draw(sheet)
    for line in range(12):
        pen.line([(120, 160 + 75 * line), (780 - 40 * (line % 3), 166 + 75 * line)], fill="#2a3350", width=9)
    kept, marks = io.BytesIO(), Image.Exif()
    marks.get_ifd(0x8825).update({1: "N", 2: (38.0, 2.0, 30.0), 3: "E", 4: (114.0, 30.0, 52.0)})
    sheet.rotate(2, fillcolor="#7d6f5c").save(kept, "JPEG", exif=marks)
    return {"name": "来信.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def households(name: str, rows: Sequence[Sequence[object]]) -> dict[str, object]:
    """A register of doors as an office keeps it: a title over the table, numbers as numbers."""
    book = Workbook()
    sheet = book.active
    sheet.append(["居民户登记表"])
    sheet.append(["网格", "小区或院", "楼栋", "单元数", "单元", "房号"])
    for row in rows:
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": name, "mimeType": kind, "buffer": kept.getvalue()}
