"""Every page made for paper, as the browser prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.prove.everyone.probes import script

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.atlas import Atlas, Found

#: A4 at 96 dots an inch, less what the printer keeps free.
PAPER_WIDTH = 794
#: Doors whose page is a sheet; which of them show one in this street is found by asking.
PRINTED = re.compile(r"/(paper|print|notice|poster|wall|sheet|sheets|slip|slips|card|register-sheet|door-list|receipt"
                     r"|register|seal|venue-posters|household-slips|rights-notice|survey-sheets|file|handbook/print"
                     r"|audit/paper|month/paper)$")  # fmt: skip
#: Points of A4 and A3, either way up.
SIZES = {(595, 842), (842, 595), (842, 1191), (1191, 842)}


@dataclass(frozen=True)
class Printed:
    """What came out of the printer: pages, their sizes in points, and the bytes."""

    pages: int
    sizes: set[tuple[int, int]]
    data: bytes


def sheets(atlas: Atlas) -> Iterator[tuple[str, Found]]:
    """Endpoint and page of every door for paper that shows one to somebody."""
    with atlas.program.inside():
        table = atlas._table()
    for name, (site, door) in sorted(table.items()):
        if door.method == "GET" and PRINTED.search(door.url) and (found := atlas._readable(site, door)):
            yield name, found


def printed(page: Page) -> Printed:
    """Print it as the page itself asks for, with the grounds left white as offices print."""
    data = page.pdf(prefer_css_page_size=True, print_background=False)
    boxes = re.findall(rb"/MediaBox\s*\[\s*[\d.]+\s+[\d.]+\s+([\d.]+)\s+([\d.]+)", data)
    sizes = {(round(float(wide)), round(float(high))) for wide, high in boxes}
    return Printed(len(re.findall(rb"/Type\s*/Page\b(?!s)", data)), sizes, data)


def findings(page: Page) -> tuple[list[str], Printed]:
    """What is wrong with the sheet, seen as the printer sees it, and what came out of the printer."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER_WIDTH, "height": 1123})
    told: list[str] = page.evaluate(script("print"))
    made = printed(page)
    sheets = page.locator(".h-sheet").count()
    flows = page.locator("body.h-doc").count()
    if not made.pages:
        told.append("no page")
    if odd := made.sizes - SIZES:
        told.append(f"neither A4 nor A3: {odd}")
    if sheets and not flows and made.pages != sheets:
        told.append(f"{made.pages} pages for {sheets} sheets")
    page.emulate_media(media="screen")
    return told, made
