"""A poster as one SVG file: for a print shop, or to be put into another design. Sizes are millimetres.

Text stays text, in the fonts Chinese systems have, so a shop can still set it in its own; colours are written out,
because drawing programs know no variables of a stylesheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import escape

from tenants.brand import Brand

_FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
_WIDTH, _HEIGHT, _EDGE = 210.0, 297.0, 16.0
_HEADER, _FOOTER = 106.0, 270.0
#: How wide a letter is next to its size: a Chinese one is square, a Latin one a little over half of that.
_SQUARE, _NARROW = 1.0, 0.56


def poster_svg(shown: Mapping[str, Any], brand: Brand, size: tuple[int, int], labels: Mapping[str, str]) -> bytes:
    """Draw a poster. ``shown`` is what the page shows of it, with translated words; ``size`` is the paper in mm."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}mm" height="{size[1]}mm" '
        f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" color="{brand.brand}" font-family="{_FONT}">',
        f"<title>{escape(shown['title'])} {escape(shown['plate'])}</title>",
        '<rect width="210" height="297" fill="#fff"/>',
        *_header(shown, brand), *_code(shown, brand), *_ways(shown, brand, labels), *_address(shown, brand, labels),
        *_steps(shown, brand, labels), *_footer(shown, brand, labels), "</svg>",
    ]  # fmt: skip
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(parts)).encode()


def width_of(text: str, size: float) -> float:
    """About how wide a line of ``text`` is in letters of ``size``."""
    return sum(_NARROW if letter.isascii() or letter in "–·" else _SQUARE for letter in text) * size


def wrapped(text: str, size: float, width: float) -> list[str]:
    """``text`` in lines of at most ``width``, broken between Chinese letters but not within a number or a word."""
    lines, line = [], ""
    for piece in re.findall(r"[!-~]+|[^!-~]", text):
        if line and width_of(line + piece, size) > width:
            lines.append(line.strip())
            line = ""
        line += piece
    return [*lines, line.strip()] if line.strip() else lines


def text_line(
    words: str, x: float, y: float, size: float, fill: str, *, bold: bool = False, anchor: str = "start"
) -> str:  # fmt: skip
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def fitting(words: str, size: float, width: float) -> float:
    return min(size, size * width / max(1.0, width_of(words, size)))


def _header(shown: Mapping[str, Any], brand: Brand) -> Iterator[str]:
    yield f'<rect width="210" height="{_HEADER:g}" fill="{brand.brand}"/>'
    yield f'<rect y="{_HEADER:g}" width="210" height="1.6" fill="{brand.accent}"/>'
    yield placed(brand.mark_svg, brand, "#fff", (_EDGE, 9, 14, 14))
    yield text_line(shown["top"], 105, 18, 6, "#fff", anchor="middle")
    yield text_line(shown["title"], 105, 43, fitting(shown["title"], 23, 180), "#fff", bold=True, anchor="middle")
    yield text_line(shown["lead"], 105, 56, fitting(shown["lead"], 8.4, 180), "#fff", anchor="middle")
    yield placed(brand.scene_svg, brand, "#fff", (55, 59, 100, 46.9))


def placed(drawing: str, brand: Brand, colour: str, box: tuple[float, float, float, float]) -> str:
    """A stored drawing in a box, its variables written out."""
    text = drawing
    for name, value in (
        ("mark-accent", brand.accent), ("brand-accent", brand.accent), ("brand-ink", brand.ink),
        ("brand-soft", brand.soft), ("brand-paper", brand.paper), ("brand", brand.brand),
    ):  # fmt: skip
        text = re.sub(rf"var\(--{name}(?:,(?:[^()]|\([^()]*\))*)?\)", value, text)
    found = re.fullmatch(r'\s*<svg\b[^>]*?viewBox="([^"]+)"[^>]*>(.*)</svg>\s*', text, re.DOTALL)
    if found is None:
        return ""
    x, y, width, height = box
    return (
        f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" viewBox="{found[1]}" color="{colour}">'
        f"{found[2]}</svg>"
    )


def _code(shown: Mapping[str, Any], brand: Brand) -> Iterator[str]:
    found = re.search(r'viewBox="([^"]+)".*?<path fill="currentColor" d="([^"]+)"', str(shown["qr"]), re.DOTALL)
    if found is not None:
        yield (
            f'<svg x="12" y="112" width="80" height="80" viewBox="{found[1]}" shape-rendering="crispEdges">'
            f'<path fill="#000" d="{found[2]}"/></svg>'
        )
    yield text_line(shown["scan"], 52, 199, 7, brand.ink, bold=True, anchor="middle")


def _ways(shown: Mapping[str, Any], brand: Brand, labels: Mapping[str, str]) -> Iterator[str]:
    y = 124.0
    for number, (head, words) in enumerate(shown["ways"]):
        if number == 1:
            yield text_line(labels["no_phone"], 100, y - 1, 4.4, "#555")
            y += 8.4
        yield text_line(head, 100, y, 8, brand.ink, bold=True)
        y += 7
        for line in wrapped(words, 5.2, 96)[:2]:
            yield text_line(line, 100, y, 5.2, "#222")
            y += 6.6
        y += 4.4


def _address(shown: Mapping[str, Any], brand: Brand, labels: Mapping[str, str]) -> Iterator[str]:
    typed = shown["poster"].typed
    yield f'<rect x="{_EDGE:g}" y="205" width="178" height="19" rx="3" fill="{brand.soft}"/>'
    yield text_line(labels["typed"], 105, 211.5, 4.4, brand.ink, anchor="middle")
    yield text_line(typed, 105, 220.5, fitting(typed, 8.4, 170), brand.ink, bold=True, anchor="middle")


def _steps(shown: Mapping[str, Any], brand: Brand, labels: Mapping[str, str]) -> Iterator[str]:
    yield text_line(labels["after"], _EDGE, 233, 5.4, brand.ink, bold=True)
    columns: Sequence[tuple[str, str]] = shown["steps"]
    for number, (head, words) in enumerate(columns):
        x = _EDGE + number * 61
        yield f'<circle cx="{x + 4.5:g}" cy="242" r="4.5" fill="{brand.brand}"/>'
        yield text_line(str(number + 1), x + 4.5, 244.2, 6, "#fff", bold=True, anchor="middle")
        yield text_line(head, x + 11.5, 244.2, 6, brand.ink, bold=True)
        for at, line in enumerate(wrapped(words, 4.6, 56)[:3]):
            yield text_line(line, x, 252.5 + at * 6, 4.6, "#222")


def _footer(shown: Mapping[str, Any], brand: Brand, labels: Mapping[str, str]) -> Iterator[str]:
    yield f'<rect y="{_FOOTER:g}" width="210" height="27" fill="{brand.soft}"/>'
    plate = shown["plate"]
    size = fitting(plate, 7.4, 82)
    width = width_of(plate, size) + 12
    yield f'<rect x="{_EDGE:g}" y="277" width="{width:g}" height="13" rx="2" fill="{brand.brand}"/>'
    yield text_line(plate, _EDGE + width / 2, 286, size, "#fff", bold=True, anchor="middle")
    for at, line in enumerate((labels["record"], labels["promise"])):
        yield text_line(line, _EDGE + width + 7, 282 + at * 6.6, 4.4, brand.ink)
