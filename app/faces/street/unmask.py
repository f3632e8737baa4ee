"""Doors of the street: who is behind a matter, and what a closed matter says; each look has a reason and leaves a row.

A page that shows a value is the answer to the POST that wrote the reason down; it has no address of its own, so it is
shown once. The hall's secretary is told (``matter.looks``).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import make_response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.look import masked_name, say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect import witness
from app.matter.actions import label_of_move
from app.matter.models import Matter
from app.matter.situation import Track
from app.notices.bell import errand
from app.people.looks import REASON_LEAST, good_reason
from app.people.permissions import Permission
from app.records import street
from app.words import N_
from tenants.registry import Community
from tenants.scope import Scope

TAKE_UP = "app.faces.jobs.work:take_up_looks"


class ReasonForm(FlaskForm):
    """Why somebody of the street looks."""

    reason = StringField(_l("为什么要看"))


def people_line(matter: Matter) -> list[dict[str, Any]]:
    """The first speakers as a page of the street may show them: 张女士, 138****1234; of a child or a party
    to a quarrel only that it is one."""
    quarrels = matter.track == Track.MEDIATION
    return [
        {
            "id": seen.person_id, "phone": "" if quarrels else seen.phone,
            "name": _("一位未成年人") if seen.is_child else _("一位当事人") if quarrels
            else masked_name(seen.surname, seen.gender),
        }
        for seen in witness.people_behind(matter)
    ]  # fmt: skip


def person(community_slug: str, matter_id: UUID, person_id: UUID) -> Any:
    """The form for the reason; nobody's name is on it."""
    here, matter = _found(community_slug, matter_id)
    shown = next((one for one in people_line(matter) if one["id"] == person_id), None)
    if shown is None:
        raise Missing(N_("这件事里没有这个人。"))
    return _reason_page(here, matter, ReasonForm(formdata=None), shown)


def person_look(community_slug: str, matter_id: UUID, person_id: UUID) -> Any:
    """Name and phone, once, for a reason."""
    here, matter = _found(community_slug, matter_id)
    form = ReasonForm()
    if not _is_fine(form):
        shown = next((one for one in people_line(matter) if one["id"] == person_id), None)
        if shown is None:
            raise Missing(N_("这件事里没有这个人。"))
        return _reason_page(here, matter, form, shown), 422
    plain = witness.unmask(matter, person_id, reason=form.reason.data or "", by=actor(), now=clock.now())
    _tell(matter)
    return _once("street/unmasked.html", here, matter, plain=plain, reason=form.reason.data)


def content(community_slug: str, matter_id: UUID) -> Any:
    """The form for the reason to read a matter that is not open."""
    here, matter = _closed_one(community_slug, matter_id)
    return _reason_page(here, matter, ReasonForm(formdata=None), None)


def content_look(community_slug: str, matter_id: UUID) -> Any:
    """Title, words and course of a matter that is not open, once, for a reason; nobody is named."""
    here, matter = _closed_one(community_slug, matter_id)
    form = ReasonForm()
    if not _is_fine(form):
        return _reason_page(here, matter, form, None), 422
    said = witness.read_words(matter, reason=form.reason.data or "", by=actor(), now=clock.now())
    _tell(matter)
    lines = [
        {
            "at": line.at,
            "label": label_of_move(line.verb, line.old_stage) if line.old_stage else "",
            "words": line.words,
        }
        for line in street.moves_of(matter)
    ]
    return _once("street/content.html", here, matter, said=said, lines=lines, reason=form.reason.data)


def looks() -> Any:
    """What this street's officers looked at, the newest first."""
    number = page_number()
    rows, total = street.looks(number)
    return desk(
        "street/looks.html", "looks", rows=rows, total=total, number=number, last=max(1, -(-total // street.PAGE))
    )


def _is_fine(form: ReasonForm) -> bool:
    fine, verdict = form.validate(), good_reason(form.reason.data or "")
    if not verdict:
        form.reason.errors = [say(verdict.reason, verdict.values)]
    return fine and bool(verdict)


def _reason_page(here: Community, matter: Matter, form: ReasonForm, shown: dict[str, Any] | None) -> str:
    return desk(
        "street/reason.html", "communities", community=here, matter=matter, form=form, shown=shown, least=REASON_LEAST,
        title=matter.title if matter.visibility == "public" else "",
    )  # fmt: skip


def _once(template: str, here: Community, matter: Matter, **values: Any) -> Any:
    """A page that no cache and no back button brings up again."""
    answer = make_response(desk(template, "communities", community=here, matter=matter, **values))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _tell(matter: Matter) -> None:
    errand(Scope("community", street=matter.street_id, community=matter.community_id), TAKE_UP)


def _found(community_slug: str, matter_id: UUID) -> tuple[Community, Matter]:
    found = street.matter_of(community_slug, matter_id)
    if found is None:
        raise Missing(N_("没有这件事。"))
    return found


def _closed_one(community_slug: str, matter_id: UUID) -> tuple[Community, Matter]:
    here, matter = _found(community_slug, matter_id)
    if matter.visibility == "public" and not matter.has_minor:
        raise Missing(N_("这件事本来就是公开的，不用写理由。"))
    return here, matter


P = Permission
MATTER = "/communities/<string:community_slug>/matters/<uuid:matter_id>"
DOORS: list[Door] = [
    Door("GET", f"{MATTER}/people/<uuid:person_id>", person, P.STREET_PERSON_UNMASK),
    Door("POST", f"{MATTER}/people/<uuid:person_id>", person_look, P.STREET_PERSON_UNMASK, limit="60 per hour"),
    Door("GET", f"{MATTER}/content", content, P.STREET_PERSON_UNMASK),
    Door("POST", f"{MATTER}/content", content_look, P.STREET_PERSON_UNMASK, limit="60 per hour"),
    Door("GET", "/looks", looks, P.STREET_LOOK_READ),
]
