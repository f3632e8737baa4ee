"""Doors of the hall: a result to pass on: the card as a drawing and as a page, and the poster for the notice board."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, g, request
from flask_babel import gettext as _

from app.errors import Missing
from app.faces.community import result_words as words
from app.faces.community.drafts import files
from app.faces.community.poster_sheets import SVG, asked_size
from app.faces.community.results import card, story_or_404
from app.faces.context import Hall
from app.faces.doors import Door
from app.faces.look import day
from app.faces.pages import page
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.records.result_facts import Result
from app.records.result_queries import Story
from app.records.result_svg import card_svg
from tenants.brand import Brand, load_pack
from tenants.hosts import site_url
from tenants.scope import current_community


def result_card(matter_id: UUID) -> str:
    """The card with its ways out: save it, print it, copy the address."""
    story = story_or_404(matter_id)
    return page("hall/result_card.html", one=card(story.result), address=address_of(matter_id))


def result_card_svg(matter_id: UUID) -> Response:
    """The card itself, 1200 by 630."""
    story = story_or_404(matter_id)
    brand = Brand.from_dict(g.site.brand) if g.site.brand else load_pack(g.site.slug)
    answer = Response(card_svg(_shown(story), _pictures(story), brand), mimetype=SVG)
    # An SVG that is opened as a page may speak for its host, so this one stands in a box of its own.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; img-src data:; sandbox"
    kind = "attachment" if request.args.get("save") else "inline"
    answer.headers["Content-Disposition"] = f'{kind}; filename="result-{story.matter.number}.svg"'
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def result_poster(matter_id: UUID) -> str:
    """The result on one sheet of A4 or A3 for the notice board."""
    story = story_or_404(matter_id)
    one = {"matter_id": matter_id}
    urls = {
        "a4": site_url("community.result_poster", **one),
        "a3": site_url("community.result_poster", size="a3", **one),
    }
    return page(
        "hall/result_poster.html", one=card(story.result), lines=words.lines(story), size=asked_size(), urls=urls,
        qr=qr_svg(address_of(matter_id), label=_("二维码，扫了看这件事是怎么办成的")),
        # Nobody types the address of one result from a wall; the list is short enough.
        typed=site_url("community.results", external=True).partition("://")[2],
    )  # fmt: skip


def address_of(matter_id: UUID) -> str:
    """Where the result stands, as it is put into a code or copied."""
    return site_url("community.result", matter_id=matter_id, external=True)


def _shown(story: Story) -> dict[str, Any]:
    hall, result = Hall(g.site), story.result
    return {
        "title": result.title, "hall": f"{hall.community_name} · {hall.name}", "plate": result.number,
        "figures": _three(result), "slogan": _("说了，议了，定了，办了，评了"),
        "date": _("%(day)s办结", day=day(result.closed_at, week=False)),
        "qr": qr_svg(address_of(result.matter_id), label=_("二维码")),
    }  # fmt: skip


def _three(result: Result) -> list[dict[str, str]]:
    """A card is read in passing: who took part, what came of it, how they liked it; the days where room is left."""
    short = words.figures(result, most_things=1, with_days=False)
    return short if len(short) > 2 else words.figures(result, most_things=1)[:3]


def _pictures(story: Story) -> list[tuple[str, bytes]]:
    labelled = [(_("办之前"), story.result.before), (_("办之后"), story.result.after)]
    return [(label, data) for label, file_id in labelled if file_id and (data := _jpeg(file_id))]


def _jpeg(file_id: UUID) -> bytes:
    """The picture, or nothing where the store no longer has it: a card without it is better than no card."""
    try:
        with files().open(current_community(), file_id) as stored:
            return bytes(stored.read())
    except Missing:
        return b""


DOORS: list[Door] = [
    Door("GET", "/results/<uuid:matter_id>/card", result_card, Permission.ANYONE_ENTER),
    Door("GET", "/results/<uuid:matter_id>/card.svg", result_card_svg, Permission.ANYONE_ENTER),
    Door("GET", "/results/<uuid:matter_id>/poster", result_poster, Permission.ANYONE_ENTER),
]
