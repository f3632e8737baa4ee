"""QR codes for posters and papers."""

from __future__ import annotations

from io import BytesIO

import segno
from markupsafe import Markup, escape

# Readers need four quiet modules around the code (ISO/IEC 18004).
_QUIET = 4


def _code(url: str) -> segno.QRCode:
    """A code of medium correction, enough for a poster that gets wet.

    :raises ValueError: when ``url`` is not plain ASCII: Chinese text picks the kanji mode, which some phones misread.
    """
    if not url.isascii() or not url.isprintable() or not url:
        raise ValueError("a QR code carries a plain ASCII address")
    return segno.make_qr(url, error="m")


def qr_svg(url: str, *, label: str) -> Markup:
    """An inline ``<svg>`` that takes the colour of the text around it and its size from the stylesheet.

    It has no style attribute, so it passes the strict content policy. Put it dark on light ground: phones misread
    inverted codes. ``label`` is read aloud.

    :raises ValueError: when ``url`` is not plain ASCII.
    """
    matrix = _code(url).matrix
    path: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                path.append(f"M{x + _QUIET} {y + _QUIET}h{run - x}v1h-{run - x}z")
            x = run + 1
    side = len(matrix) + 2 * _QUIET
    return Markup(  # noqa: S704  segno drew it from an address we checked.
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="currentColor" d="{"".join(path)}"/></svg>'
    )


def qr_png(url: str, *, module_pixels: int = 10) -> bytes:
    """A black on white PNG for papers and downloads; one module is ``module_pixels`` wide.

    :raises ValueError: when ``url`` is not plain ASCII.
    """
    out = BytesIO()
    _code(url).save(out, kind="png", scale=module_pixels, border=_QUIET)
    return out.getvalue()


def qr_svg_file(url: str, *, module_pixels: int = 10) -> bytes:
    """A black on white SVG as a file of its own, for a print shop; it needs no stylesheet.

    :raises ValueError: when ``url`` is not plain ASCII.
    """
    out = BytesIO()
    _code(url).save(out, kind="svg", scale=module_pixels, border=_QUIET, dark="#000", light="#fff", xmldecl=True)
    return out.getvalue()
