"""Doors of the hall: the places where people talk and where opinions are collected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import StringField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import SelectField
from app.faces.community.inputs import at_most, filled, once_id, one_of_choices, take_back, tidy
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.people import venues
from app.people.permissions import Permission
from app.people.places import Venue
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

NO_GRID = _l("不固定在哪个网格（流动的、线上的）")
SAME_NAME = N_("已经有叫「%(name)s」的地方了，换个名字。")


class VenueForm(FlaskForm):
    """One place."""

    kind = SelectField(
        _l("是什么地方"), [one_of_choices], choices=[(k, _l(v)) for k, v in venues.KINDS.items()], validate_choice=False
    )
    name = StringField(_l("叫什么"), [filled, at_most(venues.LIMITS["name"])], [tidy])
    place = StringField(_l("在哪儿"), [filled, at_most(venues.LIMITS["place"])], [tidy])
    hours = StringField(_l("什么时候有人"), [at_most(venues.LIMITS["hours"])], [tidy])
    note = StringField(_l("还要告诉大家什么"), [at_most(venues.LIMITS["note"])], [tidy])
    grid = SelectField(_l("在哪个网格"), [one_of_choices], default="", validate_choice=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.grid.choices = [("", NO_GRID), *((str(grid.id), grid.name) for grid in venues.grids())]

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        words = {name: self[name].data or "" for name in ("kind", "name", "place", "hours", "note")}
        return {**words, "grid_id": UUID(self.grid.data) if self.grid.data else None}


def venues_list() -> str:
    """Every place in the hall's order, and the form of a new one."""
    return _list_page(VenueForm(formdata=None, kind="room"), uuid7())


def _list_page(form: VenueForm, once: UUID) -> str:
    rows = venues.venues()
    return desk_page(
        "desk/venues.html", "venues", rows=rows, form=form, once=once, kinds=venues.KINDS,
        n_open=sum(1 for venue in rows if venue.closed_at is None),
    )  # fmt: skip


def venue_add() -> Any:
    """Add a place."""
    form, once = VenueForm(), once_id()
    if db.session.get(Venue, (current_community(), once)):
        return redirect(site_url("community.venues_desk"), 303)
    if not form.validate():
        return _list_page(form, once), 422
    try:
        venues.add_venue(form.values(), id=once, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "name", error)
        return _list_page(form, uuid7()), 422
    except IntegrityError:
        take_back(form, "name", Refused(SAME_NAME, name=form.name.data))
        return _list_page(form, uuid7()), 422
    flash(_("加好了：%(name)s。", name=form.name.data), "ok")
    return redirect(site_url("community.venues_desk"), 303)


def venue_shown(venue_id: UUID) -> str:
    """The form of one place."""
    venue = venues.find_venue(venue_id)
    data = {name: getattr(venue, name) for name in ("kind", "name", "place", "hours", "note")}
    data["grid"] = str(venue.grid_id or "")
    return _venue_page(venue_id, venue.name, VenueForm(formdata=None, data=data))


def _venue_page(venue_id: UUID, name: str, form: VenueForm) -> str:
    return desk_page("desk/venues_edit.html", "venues", venue_id=venue_id, name=name, form=form)


def venue_change(venue_id: UUID) -> Any:
    """Change a place."""
    venue, form = venues.find_venue(venue_id), VenueForm()
    old = venue.name
    if not form.validate():
        return _venue_page(venue_id, old, form), 422
    try:
        venues.change_venue(venue, form.values(), by=actor(), now=clock.now())
        db.session.flush()
    except Refused as error:
        take_back(form, "name", error)
        return _venue_page(venue_id, old, form), 422
    except IntegrityError:
        take_back(form, "name", Refused(SAME_NAME, name=form.name.data))
        return _venue_page(venue_id, old, form), 422
    flash(_("存好了：%(name)s。", name=form.name.data), "ok")
    return redirect(site_url("community.venues_desk"), 303)


def venue_close(venue_id: UUID) -> Any:
    """Take a place off the residents' list."""
    venue = venues.close_venue(venues.find_venue(venue_id), by=actor(), now=clock.now())
    flash(_("「%(name)s」停用了，居民的页面上不再列出来。", name=venue.name), "ok")
    return redirect(site_url("community.venues_desk"), 303)


def venue_reopen(venue_id: UUID) -> Any:
    """Put a place back on the list."""
    venue = venues.reopen_venue(venues.find_venue(venue_id), by=actor(), now=clock.now())
    flash(_("「%(name)s」又启用了。", name=venue.name), "ok")
    return redirect(site_url("community.venues_desk"), 303)


def venue_move(venue_id: UUID) -> Any:
    """One place up or down in the list."""
    direction = request.form.get("direction")
    if direction not in ("up", "down"):
        raise Missing(N_("请用「往上」「往下」两个按钮。"))
    venues.move_venue(venue_id, up=direction == "up", by=actor(), now=clock.now())
    return redirect(site_url("community.venues_desk") + f"#v-{venue_id}", 303)


W = Permission.HALL_SETTINGS_WRITE
ONE = "/desk/venues/<uuid:venue_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/venues", venues_list, W, name="venues_desk"),
    Door("POST", "/desk/venues", venue_add, W),
    Door("GET", ONE, venue_shown, W, name="hall_venue"),
    Door("POST", ONE, venue_change, W),
    Door("POST", f"{ONE}/closure", venue_close, W),
    Door("POST", f"{ONE}/reopening", venue_reopen, W),
    Door("POST", f"{ONE}/position", venue_move, W),
]
