"""The receipt slips that go with everything the staff write down for somebody: number and code in large print."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from app.faces.look import link
from app.faces.pages import page
from app.matter.models import Matter
from app.records.qr import qr_svg
from tenants.hosts import site_url

#: Slips on one sheet of A4.
ON_A_SHEET = 4


def slips_page(slips: Sequence[tuple[Matter, str, str]], *, back: str, again: str = "") -> str:
    """A4 sheets of slips. Each is a matter, its code in clear (or nothing) and where it came from (第 3 封)."""
    target = "community.track" if link("community.track") else "community.home"
    qr = qr_svg(site_url(target, external=True), label=_("扫码查进度"))
    sheets = [slips[at : at + ON_A_SHEET] for at in range(0, len(slips), ON_A_SHEET)]
    return page("desk/slips.html", sheets=sheets, n=len(slips), qr=qr, back=back, again=again)
