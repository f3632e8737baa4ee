"""Posters as pages and files draw them: the words translated, the code drawn, the hall's own look around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, g, request
from flask_babel import gettext as _

from app.faces.context import Hall
from app.faces.look import day, say
from app.faces.pages import page
from app.flow.collect.channels import Campaign
from app.matter.deadlines import working_days
from app.matter.house import house
from app.matter.situation import Stage
from app.matter.stages import deadline
from app.people.places import Venue
from app.records.poster_svg import poster_svg
from app.records.posters import SIZES, Line, Poster, steps_after, ways_at, ways_to_answer
from app.records.qr import qr_svg, qr_svg_file
from app.words import N_
from tenants.brand import Brand, load_pack
from tenants.hosts import site_url

SVG = "image/svg+xml"
#: A name of so many letters still stands on one line of the header in its full size; longer ones get smaller letters.
LONG, LONGER = 8, 13


def asked_size() -> str:
    """``?size=a3``; anything else is A4."""
    size = request.args.get("size", "a4")
    return size if size in SIZES else "a4"


def of_venue(venue: Venue, venues: Sequence[Venue]) -> Poster:
    """The poster of a place that has its code; ``venues`` are the hall's places, among them its letterboxes."""
    boxes = [other for other in venues if other.kind == "letterbox" and other.closed_at is None]
    code = venue.code or ""
    return Poster(
        name=venue.name, code=code, address=site_url("community.point", code=code, external=True),
        ways=ways_at(venue, boxes, g.site.phone), steps=_steps(),
    )  # fmt: skip


def of_call(campaign: Campaign, venues: Sequence[Venue]) -> Poster:
    """The poster of a call for ideas."""
    days = {"starts": day(campaign.starts, week=False), "ends": day(campaign.ends, week=False)}
    return Poster(
        name=campaign.title, code=campaign.code,
        address=site_url("community.call", code=campaign.code, external=True),
        ways=ways_to_answer(venues, g.site.phone), steps=_steps(), scan=N_("扫一扫，出个主意"), theme=campaign.theme,
        words=campaign.words, until=_("%(starts)s 至 %(ends)s", **days),
    )  # fmt: skip


def _steps() -> tuple[Line, ...]:
    return steps_after(deadline(Stage.SUBMITTED, None, house().deadlines) or working_days(3))


def shown(poster: Poster) -> dict[str, Any]:
    """A poster as its template wants it."""
    hall = Hall(g.site)
    title = poster.name if poster.theme else hall.name
    return {
        "poster": poster, "title": title, "fit": _fit(title),
        "top": _("%(hall)s · %(community)s", hall=hall.name, community=hall.community_name)
        if poster.theme
        else _("%(community)s居民议事厅", community=hall.community_name),
        "lead": poster.theme or hall.motto or hall.lead, "scan": say(poster.scan), "ways": _said(poster.ways),
        "steps": _said(poster.steps), "plate": poster.until or poster.name,
        "qr": qr_svg(poster.address, label=_("二维码，扫了打开 %(address)s", address=poster.typed)),
    }  # fmt: skip


def _said(lines: Sequence[Line]) -> list[tuple[str, str]]:
    return [(say(line.head), say(line.text, line.values)) for line in lines]


def _fit(title: str) -> str:
    return "" if len(title) <= LONG else "is-long" if len(title) < LONGER else "is-longer"


def print_page(posters: Sequence[Poster], **more: Any) -> str:
    """Posters one to a sheet, to be printed from the browser."""
    return page(
        "desk/posters.html", posters=[shown(poster) for poster in posters], size=asked_size(), **more
    )  # fmt: skip


def poster_file(poster: Poster) -> Response:
    """The whole poster as SVG, for a print shop."""
    size = asked_size()
    brand = Brand.from_dict(g.site.brand) if g.site.brand else load_pack(g.site.slug)
    hall = Hall(g.site)
    labels = {
        "typed": _("扫不了？在手机或电脑的浏览器里输入"), "after": _("说完以后"), "no_phone": _("不用手机也一样"),
        "promise": _("不满意，街道督办电话 %(phone)s", phone=hall.street_phone) if hall.street_phone else "",
        "record": _("说了就记，件件有编号。"),
    }  # fmt: skip
    data = poster_svg(shown(poster), brand, SIZES[size], labels)
    return svg_answer(data, f"{poster.name}_{_('海报')}_{size.upper()}", f"poster-{poster.code}-{size}")


def code_file(poster: Poster) -> Response:
    """The code alone as SVG."""
    return svg_answer(qr_svg_file(poster.address), f"{poster.name}_{_('二维码')}", f"code-{poster.code}")


def svg_answer(data: bytes, name: str, plain: str) -> Response:
    """A drawing to be kept, never shown as a page of this host: an SVG that is opened may speak for it."""
    safe = re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "", name)[:60]
    answer = Response(data, mimetype=SVG)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}.svg\"; filename*=UTF-8''{quote(safe)}.svg"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
