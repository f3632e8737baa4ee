"""Doors of the hall's desk: the letters of one opening, written down one after the other from the keyboard."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.community.drafts import held_photos, keep_code
from app.faces.community.inputs import as_uuid, tell, whole_number
from app.faces.community.letter_forms import PAGES, LetterForm, aside_choices, own_mark, saying_of, take_photos
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect import letterbox as box
from app.flow.collect import letters, rules
from app.flow.collect.channels import LetterboxOpening
from app.flow.collect.queries import buildings
from app.matter.actions import find_matter
from app.people.permissions import Permission
from tenants.database import db
from tenants.hosts import site_url


def letter(opening_id: UUID) -> Any:
    """The next letter, or the one that ``?no=`` names; a letter that was put aside is taken up by its number."""
    found = box.find_opening(opening_id)
    used = box.letters_of(found)
    wanted = whole_number(request.args.get("no")) or 0
    written = {no for no, one in used.items() if one.matter is not None}
    no = wanted if 1 <= wanted <= found.found and wanted not in written else letters.next_letter(found.found, used)
    if found.done_at is not None or no is None:
        return redirect(site_url("community.opening", opening_id=opening_id))
    form = LetterForm(formdata=None, once=str(uuid4()), kind="individual", title_of_address="", become="proposal")
    return _page(found, no, form)


def letter_in(opening_id: UUID) -> Any:
    """Write this letter down and go on with the next; a second click goes on as well."""
    found = box.find_opening(opening_id)
    form, no = LetterForm(), whole_number(request.form.get("no")) or 0
    once = as_uuid(form.once.data) or uuid4()
    form.once.data = str(once)
    if find_matter(once) is not None:
        return go_on(found, no)
    if not _well_filled(form):
        return _page(found, no, form), 422
    try:
        done = box.write_letter(
            found, no, saying_of(form), as_lead=form.become.data != "proposal", by=actor(), now=clock.now(),
            matter_id=once, photos=held_photos(own_mark(actor().id, once)),
        )  # fmt: skip
        db.session.flush()
    except Refused as error:
        db.session.rollback()
        form.form_errors = [say(error.reason, error.values)]
        return _page(box.find_opening(opening_id), no, form), 422
    except IntegrityError:
        # Another click of the same form was faster.
        db.session.rollback()
        if find_matter(once) is None:
            raise
        return go_on(box.find_opening(opening_id), no)
    keep_code(own_mark(actor().id, opening_id), done.matter.id, done.code)
    told = _("第 %(no)s 封记好了：%(number)s。", no=no, number=done.matter.number)
    if done.matter.stage == "collected" and form.is_child.data:
        told += _("是孩子写的，先记成线索，问过家长再登记成提案。")
    flash(told, "success")
    return go_on(found, no)


def letter_aside(opening_id: UUID) -> Any:
    """Leave this letter with a reason."""
    no = whole_number(request.form.get("no")) or 0
    found = box.put_aside(box.find_opening(opening_id), no, request.form.get("reason", ""), by=actor(), now=clock.now())
    flash(_("第 %(no)s 封不登记，原因记下了。", no=no), "success")
    return go_on(found, no)


def go_on(found: LetterboxOpening, no: int) -> Any:
    """The next letter that has nothing yet, or the opening's own page when there is none."""
    following = letters.next_letter(found.found, box.letters_of(found), after=no)
    if following is None:
        return redirect(site_url("community.opening", opening_id=found.id), 303)
    return redirect(site_url("community.letter", opening_id=found.id, no=following), 303)


def _well_filled(form: LetterForm) -> bool:
    """Whether the letter can be kept; the pictures are taken in whatever else is wrong."""
    _fill(form)
    form.validate()
    take_photos(form, own_mark(actor().id, form.once.data))
    for name, verdict in rules.problems(saying_of(form), year=clock.today().year).items():
        tell(form, "age" if name == "birth_year" else (name if name in form else "place"), verdict)
    return not any(field.errors for field in form)


def _fill(form: LetterForm) -> None:
    places = [(str(b.id), f"{b.estate.name} {b.name}") for b in buildings()]
    form.building.choices = [("", _("不在楼里，写在旁边")), *places]


def _page(found: LetterboxOpening, no: int, form: LetterForm) -> str:
    if form.building.choices is None:
        _fill(form)
    held = len(held_photos(own_mark(actor().id, form.once.data)))
    return desk(
        "desk/letterbox_letter.html", "letterbox", opening=found, no=no, form=form, done=len(box.letters_of(found)),
        held=held, pages=PAGES, aside=aside_choices(),
    )  # fmt: skip


W = Permission.LEAD_WRITE
ONE = "/desk/letterbox/openings/<uuid:opening_id>"
DOORS: list[Door] = [
    Door("GET", f"{ONE}/letter", letter, W),
    Door("POST", f"{ONE}/letter", letter_in, W),
    Door("POST", f"{ONE}/letter/absence", letter_aside, W),
]
