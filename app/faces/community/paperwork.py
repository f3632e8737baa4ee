"""What the doors of resolving, carrying out and reviewing share: finding, trying an action, and a second click."""

from __future__ import annotations

from uuid import UUID

from flask import request

from app.errors import Missing, Refused
from app.faces.community.sight import viewer_of
from app.faces.figures import day as day
from app.faces.figures import fen as fen
from app.faces.inputs import already as already
from app.faces.inputs import attempt as attempt
from app.faces.look import link
from app.flow.collect import queries as collected
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.matter.sight import Part, may_see
from app.matter.situation import Stage
from app.words import N_
from tenants.database import uuid7

REASON = 1000


def matter_or_404(matter_id: UUID, *, for_a_look: bool = False) -> Matter:
    """The hall's matter; another hall's is as unknown as none, and so is one whose open facts this reader may not see.

    ``for_a_look``: whoever verifies did not do the work, so a grid worker who does not carry the matter comes in too.
    """
    matter = find_matter(matter_id)
    if matter is None or not (for_a_look or open_to_reader(matter)):
        raise Missing(N_("没有这件事。"))
    return matter


def open_to_reader(matter: Matter) -> bool:
    """Whether the open facts (title, resolution, posting) may be read here; whoever may not learns nothing."""
    return bool(may_see(Part.OPEN_FACTS, viewer_of(matter), collected.sensitivity_of(matter)))


def public_or_404(matter: Matter) -> Matter:
    """The matter, where its open facts may be read."""
    if not open_to_reader(matter):
        raise Missing(N_("没有这一页。"))
    return matter


def must_stand_at(matter: Matter, *stages: Stage) -> None:
    """Refuse (409) a form whose step has passed."""
    if Stage(matter.stage) not in stages:
        raise Refused(N_("这件事现在走到别的一步了，请刷新看看。"))


def once() -> UUID:
    """The id this form carries for the row it makes; a new one where there is none."""
    try:
        return UUID(request.form.get("once", ""))
    except ValueError:
        return uuid7()


def matter_link(matter: Matter, *, tab: str = "") -> str:
    """The matter's page for staff, or nothing where this program has none."""
    return link("community.desk_matter", matter_id=matter.id, tab=tab or None) or ""


def public_link(matter: Matter) -> str:
    """The matter's public page, or nothing where this program has none."""
    return link("community.public_matter", matter_id=matter.id) or ""
