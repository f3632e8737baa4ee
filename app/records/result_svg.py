"""The card of a result as one SVG of 1200 by 630, the size in which links are shown when they are passed on.

Pictures are carried inside as JPEG data, because a drawing that is shown as a picture may load nothing else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import escape

from app.records.poster_svg import fitting, placed, text_line, width_of, wrapped
from tenants.brand import Brand

WIDTH, HEIGHT = 1200, 630
_FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
#: The words stand left of this, the pictures right of it.
_MIDDLE, _EDGE = 690.0, 48.0
_ROOM = _MIDDLE - 2 * _EDGE
#: Letters of the title, the largest first, and how many lines of them there is room for.
_TITLES = ((62.0, 2), (54.0, 3), (46.0, 3), (40.0, 4), (34.0, 5))


def card_svg(shown: Mapping[str, Any], pictures: Sequence[tuple[str, bytes]], brand: Brand) -> bytes:
    """Draw a card. ``shown`` has title, hall, plate, date, figures, qr and slogan, all translated; ``pictures`` are
    (label, JPEG), at most two."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'color="{brand.brand}" font-family="{_FONT}">',
        f"<title>{escape(shown['title'])} {escape(shown['hall'])}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{brand.brand}"/>',
        *_pictures(pictures, brand), *_head(shown, brand), *_title(shown), *_figures(shown["figures"], brand),
        *_foot(shown, brand), "</svg>",
    ]  # fmt: skip
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(parts)).encode()


def _head(shown: Mapping[str, Any], brand: Brand) -> Iterator[str]:
    yield placed(brand.mark_svg, brand, "#fff", (_EDGE, 40, 56, 56))
    yield text_line(shown["hall"], _EDGE + 72, 66, fitting(shown["hall"], 30, _ROOM - 72), "#fff", bold=True)
    yield text_line(shown["plate"], _EDGE + 72, 94, fitting(shown["plate"], 20, _ROOM - 72), "#fff")


def _title(shown: Mapping[str, Any]) -> Iterator[str]:
    title = shown["title"]
    sizes = ((size, lines) for size, most in _TITLES if len(lines := wrapped(title, size, _ROOM)) <= most)
    size, lines = next(sizes, (_TITLES[-1][0], wrapped(title, _TITLES[-1][0], _ROOM)[: _TITLES[-1][1]]))
    top = 238 - len(lines) * size * 0.64 + size * 0.96
    for number, line in enumerate(lines):
        yield text_line(line, _EDGE, top + number * size * 1.28, size, "#fff", bold=True)


def _figures(figures: Sequence[Mapping[str, str]], brand: Brand) -> Iterator[str]:
    chosen = figures[:3]
    step = _ROOM / max(1, len(chosen))
    for number, figure in enumerate(chosen):
        x = _EDGE + number * step
        room = step - 14
        beside = width_of(figure["unit"], 24) + 8
        if figure.get("lead"):
            yield text_line(figure["lead"], x, 424, 24, "#fff")
            x, beside = x + width_of(figure["lead"], 24) + 8, beside + width_of(figure["lead"], 24) + 8
        size = min(64.0, 64.0 * (room - beside) / max(1.0, width_of(figure["value"], 64)))
        yield text_line(figure["value"], x, 424, size, brand.accent, bold=True)
        after = x + width_of(figure["value"], size) + 8
        yield text_line(figure["unit"], after, 424, 24, "#fff")
        yield text_line(figure["label"], _EDGE + number * step, 460, fitting(figure["label"], 22, room), "#fff")


def _foot(shown: Mapping[str, Any], brand: Brand) -> Iterator[str]:
    yield f'<rect y="492" width="{_MIDDLE:g}" height="138" fill="{brand.ink}"/>'
    yield f'<rect y="488" width="{_MIDDLE:g}" height="4" fill="{brand.accent}"/>'
    found = re.search(r'viewBox="([^"]+)".*?<path fill="currentColor" d="([^"]+)"', str(shown["qr"]), re.DOTALL)
    if found is not None:
        yield (
            f'<svg x="{_MIDDLE - 132:g}" y="499" width="124" height="124" viewBox="{found[1]}" '
            f'shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/>'
            f'<path fill="#000" d="{found[2]}"/></svg>'
        )
    room = _ROOM - 100
    yield text_line(shown["slogan"], _EDGE, 556, fitting(shown["slogan"], 26, room), "#fff", bold=True)
    yield text_line(shown["date"], _EDGE, 592, fitting(shown["date"], 20, room), "#fff")


def _pictures(pictures: Sequence[tuple[str, bytes]], brand: Brand) -> Iterator[str]:
    x, width = _MIDDLE, WIDTH - _MIDDLE
    if not pictures:
        # A hall's scene is drawn for the ground of its own colour; the dark strip is the ground it stands on.
        yield f'<rect x="{x:g}" y="488" width="{width:g}" height="142" fill="{brand.ink}"/>'
        yield placed(brand.scene_svg, brand, "#fff", (x, 488 - width * 300 / 640, width, width * 300 / 640))
        return
    height = HEIGHT / len(pictures[:2])
    for number, (label, data) in enumerate(pictures[:2]):
        y = number * height
        yield (
            f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"><image width="100%" height="100%" '
            f'preserveAspectRatio="xMidYMid slice" href="data:image/jpeg;base64,{b64encode(data).decode()}"/></svg>'
        )
        wide = width_of(label, 24) + 28
        yield (
            f'<rect x="{x + 18:g}" y="{y + 18:g}" width="{wide:g}" height="40" rx="6" fill="#1b1916" '
            'fill-opacity=".86"/>'
        )
        yield text_line(label, x + 32, y + 47, 24, "#fff")
    if len(pictures) > 1:
        yield f'<rect x="{x:g}" y="{height - 2:g}" width="{width:g}" height="4" fill="#fff"/>'
