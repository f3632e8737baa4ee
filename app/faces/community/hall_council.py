"""Doors of the hall: the council in the order of its seats, and seating one from a list."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy.exc import IntegrityError
from wtforms import TextAreaField

from app import clock
from app.errors import Refused, no
from app.faces.community.inputs import take_back, tell
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.people import accounts, council, roster, seating
from app.people.permissions import Permission
from app.words import N_

TOO_LONG = N_("名单太长了，最多 %(limit)s 行。")


class ListForm(FlaskForm):
    """A list pasted or uploaded."""

    text = TextAreaField(_l("名单"))
    file = FileField(_l("或者传一个 CSV 文件"))


def council_seats() -> str:
    """Who sits on which seat."""
    return desk_page("desk/accounts_council.html", "people", rows=accounts.council_page())


def council_list() -> str:
    """The form of the list."""
    return _list_page(ListForm(formdata=None))


def _list_page(form: ListForm, planned: list[council.Seating] | None = None) -> str:
    wrong = sum(1 for seating in planned or [] if not seating.verdict)
    return desk_page("desk/accounts_import.html", "people", form=form, planned=planned, wrong=wrong)


def council_seating() -> Any:
    """First the dry run; with ``step=seat`` and nothing wrong everybody is seated and the passwords are shown once.

    Whoever is seated so also stands in the term that runs, where their consent is still to be written down."""
    form = ListForm()
    if not _read_file(form):
        return _list_page(form), 422
    lines = roster.read(form.text.data or "")
    if not tell(form, "text", roster.fits(lines)):
        return _list_page(form), 422
    planned = council.plan(lines)
    if any(not seating.verdict for seating in planned):
        return _list_page(form, planned), 422
    if request.form.get("step") != "seat":
        return _list_page(form, planned)
    try:
        seated = council.seat_council(lines, by=actor(), now=clock.now())
        seating.adopt_into_current(by=actor(), now=clock.now())
    except IntegrityError:
        take_back(form, "text", Refused(N_("刚才有人改了席位或账号，一个也没有加。请再查一遍。")))
        return _list_page(form), 422
    return desk_page("desk/accounts_seated.html", "people", seated=seated)


def _read_file(form: ListForm) -> bool:
    upload = form.file.data
    if upload and upload.filename:
        text = roster.decode(upload.stream.read(roster.BYTES + 1))
        if text is None:
            return tell(form, "file", no(roster.UNREADABLE))
        form.text.data = text
    form.text.data = (form.text.data or "").replace("\x00", "")
    if len(form.text.data) > roster.BYTES:
        # The rest of such a text is no list of people; showing it again would only slow the page down.
        form.text.data = form.text.data[:2000]
        return tell(form, "text", no(TOO_LONG, limit=roster.LINES))
    return True


W = Permission.HALL_ACCOUNT_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/council-seats", council_seats, W),
    Door("GET", "/desk/council-list", council_list, W),
    Door("POST", "/desk/council-list", council_seating, W),
]
