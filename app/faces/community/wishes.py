"""Doors of the hall's review: a new wish heard at a door, on the phone or read on a paper becomes a lead of its own.

The form is the one of everything that staff types for somebody (代录): words read back, channel, slip with the code.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import paperwork
from app.faces.community.behalf import BehalfForm, behalf_form, take_down
from app.faces.community.inputs import as_uuid
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect.actions import Submitted
from app.flow.evaluate import queries, wishes
from app.flow.evaluate.models import Rating
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

#: By which channel a wish came, told from how the rating was given.
CHANNELS = {"visit": "visit", "phone": "phone", "paper": "slip", "web": "visit"}


def wish_new(matter_id: UUID) -> str:
    """The form with the wish in it, and the place of the matter that is finished."""
    matter = paperwork.matter_or_404(matter_id)
    rating = _rating(matter, request.args.get("rating"))
    wishes.may_grow(matter, rating.id if rating else None)
    form = behalf_form(
        formdata=None, once=str(uuid4()), kind="individual", become="lead", words=rating.wish if rating else "",
        channel=CHANNELS[rating.source] if rating else "visit", name=rating.name if rating else "",
        building=str(matter.building_id or ""), unit=matter.unit, place=matter.place,
    )  # fmt: skip
    return _page(matter, form, rating)


def wish_in(matter_id: UUID) -> Any:
    """Keep the wish, link it with its origin, and print the slip."""
    matter = paperwork.matter_or_404(matter_id)
    rating = _rating(matter, request.form.get("rating"))
    rating_id = rating.id if rating else None
    form = behalf_form()

    def link(done: Submitted) -> None:
        wishes.link_wish(matter, done.matter, rating_id=rating_id, by=actor(), now=clock.now())

    return take_down(
        form, lambda typed: _page(paperwork.matter_or_404(matter_id), typed, rating),
        point=_("%(number)s 回访", number=matter.number), back=site_url("community.review", matter_id=matter.id),
        then=link,
    )  # fmt: skip


def _rating(matter: Matter, typed: str | None) -> Rating | None:
    """The rating whose wish it is; None where the wish was heard without one."""
    if not typed:
        return None
    rating_id = as_uuid(typed)
    found = queries.find_rating(matter, rating_id) if rating_id else None
    if found is None:
        raise Missing(N_("没有这条评价。"))
    return found


def _page(matter: Matter, form: BehalfForm, rating: Rating | None) -> str:
    return desk("desk/wish.html", "reviews", matter=matter, form=form, rating=rating)


_WISHES = "/desk/matters/<uuid:matter_id>/wishes"
DOORS: list[Door] = [
    Door("GET", _WISHES, wish_new, Permission.LEAD_WRITE, name="wish"),
    Door("POST", _WISHES, wish_in, Permission.LEAD_WRITE, name="wish_in"),
]
