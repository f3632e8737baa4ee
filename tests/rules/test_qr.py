"""Codes are read from their own modules, because a code nobody can scan looks just like one that works."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import segno
from PIL import Image

from app.records.qr import qr_png, qr_svg

URL = "http://nanyandao.localhost:8000/m/NYD20260012"


def drawn(svg: str) -> list[list[int]]:
    """The modules the SVG's path paints, quiet zone cut off."""
    root = ElementTree.fromstring(svg)
    side = int(root.get("viewBox").split()[2])
    grid = [[0] * side for _ in range(side)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", root[0].get("d")):
        for step in range(int(run)):
            grid[int(y)][int(x) + step] = 1
    assert not any(map(any, grid[:4] + grid[-4:]))
    return [row[4:-4] for row in grid[4:-4]]


def test_svg_paints_exactly_the_code() -> None:
    assert drawn(qr_svg(URL, label="看进展")) == [list(row) for row in segno.make_qr(URL, error="m").matrix]


def test_svg_passes_the_content_policy_and_is_read_aloud() -> None:
    svg = qr_svg(URL, label='"><script>')
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == '"><script>'
    assert root[0].get("fill") == "currentColor"
    assert "style" not in svg
    assert "<script" not in svg


def test_png_shows_the_same_modules() -> None:
    image = Image.open(BytesIO(qr_png(URL, module_pixels=3))).convert("L")
    matrix = segno.make_qr(URL, error="m").matrix
    assert image.size == ((len(matrix) + 8) * 3,) * 2
    seen = [
        [int(image.getpixel(((x + 4) * 3 + 1, (y + 4) * 3 + 1)) < 128) for x in range(len(matrix))]
        for y in range(len(matrix))
    ]
    assert seen == [list(row) for row in matrix]


@pytest.mark.parametrize("bad", ["", "http://例子/", "http://a/\n"])
def test_only_plain_addresses(bad: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        qr_png(bad)
