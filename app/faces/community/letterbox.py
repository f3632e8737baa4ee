"""Doors of the hall's desk: opening a letterbox by two people, and writing its letters down one after the other."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community.desk import hidden_title, reader
from app.faces.community.drafts import kept_codes
from app.faces.community.inputs import as_uuid, last_page, page_number, tell, whole_number
from app.faces.community.letter_forms import OpeningForm, own_mark
from app.faces.community.letters import DOORS as LETTERS
from app.faces.community.second import shown_to_be
from app.faces.community.slips import slips_page
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor, visitor
from app.flow.collect import letterbox as box
from app.flow.collect import letters
from app.flow.collect.channels import LetterboxOpening
from app.matter.ledger import is_child_s, may_read
from app.people.models import Account
from app.people.permissions import Permission
from app.people.queries import account_with_roles
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community


def letterbox() -> str:
    """The boxes, and every opening with how far it is."""
    number = page_number()
    rows, total = box.openings(number)
    return desk(
        "desk/letterbox.html", "letterbox", boxes=box.boxes(), rows=rows, total=total, number=number,
        last=last_page(total, box.PAGE), url_of=lambda n: site_url("community.letterbox", page=n),
        may_write=_may_write(),
    )  # fmt: skip


def opening_new() -> str:
    """The form of an opening."""
    at = clock.local(clock.now())
    form = OpeningForm(formdata=None, once=str(uuid4()), day=at.date(), time=at.time(), blank=0)
    chosen = as_uuid(request.args.get("box"))
    form.box.data = str(chosen) if chosen else None
    return _opening_form(form)


def opening_in() -> Any:
    """Write down that two people opened a box; the second one shows with the own password that it is them."""
    form = OpeningForm()
    once = as_uuid(form.once.data) or uuid4()
    if db.session.get(LetterboxOpening, (current_community(), once)):
        return redirect(site_url("community.letter", opening_id=once), 303)
    _choices(form)
    venue = next((v for v, _n, _at in box.boxes() if str(v.id) == form.box.data), None)
    second = next((a for a in box.openers(clock.today()) if str(a.id) == form.second.data), None)
    if not _well_filled(form, venue, second) or second is None or venue is None:
        return _opening_form(form), 422
    if not shown_to_be(form, second):
        return _opening_form(form), 422
    found = account_with_roles(second.id, clock.today())
    opened_at = clock.at(form.day.data, form.time.data.hour, form.time.data.minute)
    try:
        opening = box.start(
            venue, second, opened_at=opened_at, found=form.found.data, blank=form.blank.data or 0,
            note=form.note.data or "", by=actor(), second_roles=found[1] if found else frozenset(), now=clock.now(),
            id=once,
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        form.form_errors = [say(error.reason, error.values)]
        return _opening_form(form), 422
    flash(_("开箱记下了，%(n)s 封信，一封一封登记。", n=opening.found), "success")
    endpoint = "community.letter" if opening.found > opening.blank else "community.opening"
    return redirect(site_url(endpoint, opening_id=opening.id), 303)


def opening(opening_id: UUID) -> str:
    """One opening: its letters by number, what is left, how to finish."""
    found = box.find_opening(opening_id)
    return _opening_page(found)


def letter_count(opening_id: UUID) -> Any:
    """There were more letters than counted, or fewer."""
    found = box.recount(
        box.find_opening(opening_id), whole_number(request.form.get("found")), by=actor(), now=clock.now()
    )
    flash(_("封数改成 %(n)s 封了。", n=found.found), "success")
    return redirect(site_url("community.opening", opening_id=opening_id), 303)


def opening_closure(opening_id: UUID) -> Any:
    """Finish: every letter has its number."""
    box.finish(box.find_opening(opening_id), by=actor(), now=clock.now())
    flash(_("收尾了。把开箱记录打出来，两个人签字。"), "success")
    return redirect(site_url("community.opening", opening_id=opening_id), 303)


def opening_sheet(opening_id: UUID) -> str:
    """The record of the opening on A4, for two signatures. It names no writer and carries no code."""
    found = box.find_opening(opening_id)
    return page("desk/letterbox_sheet.html", opening=found, letters=_lines(found), aside=letters.ASIDE)


def opening_slips(opening_id: UUID) -> str:
    """A slip for every letter that this account wrote down in the last two days."""
    found = box.find_opening(opening_id)
    codes = kept_codes(own_mark(actor().id, opening_id))
    pairs = [
        (one.matter, codes[str(one.matter.id)], _("第 %(no)s 封", no=one.no))
        for one in box.letters_of(found).values()
        if one.matter is not None and str(one.matter.id) in codes
    ]
    if not pairs:
        raise Missing(_("查询码只在登记的那个账号、登记后两天里打得出来。丢了请本人来社区，报编号问进度。"))
    return slips_page(pairs, back=site_url("community.opening", opening_id=opening_id))


def _may_write() -> bool:
    me = visitor()
    return me is not None and me.can(Permission.LEAD_WRITE)


def _choices(form: OpeningForm) -> None:
    me = visitor()
    form.box.choices = [("", _("请选")), *((str(v.id), v.name) for v, _n, _at in box.boxes())]
    others = [account for account in box.openers(clock.today()) if me is None or account.id != me.id]
    form.second.choices = [("", _("请选")), *((str(account.id), account.display_name) for account in others)]


def _well_filled(form: OpeningForm, venue: Any, second: Account | None) -> bool:
    form.validate()
    if venue is None:
        form.box.errors = [*form.box.errors, _("请选一个信箱。")]
    counted = letters.good_count(form.found.data, form.blank.data or 0)
    if not form.found.errors and not counted:
        tell(form, "found", counted)
    me = actor()
    if second is None or second.id == me.id:
        verdict = letters.may_open(me.id, second.id if second else None, me.roles, letters.OPENERS)
        tell(form, "second", verdict)
    return not any(field.errors for field in form)


def _opening_form(form: OpeningForm) -> str:
    _choices(form)
    return desk("desk/letterbox_new.html", "letterbox", form=form, most=letters.MOST)


def _opening_page(found: LetterboxOpening) -> str:
    lines = _lines(found)
    used = [line["no"] for line in lines if line["matter"] or line["reason"]]
    codes = kept_codes(own_mark(actor().id, found.id))
    return desk(
        "desk/letterbox_opening.html", "letterbox", opening=found, letters=lines, done=len(used),
        following=letters.next_letter(found.found, used), has_slips=bool(codes), may_write=_may_write(),
    )  # fmt: skip


def _lines(found: LetterboxOpening) -> list[dict[str, Any]]:
    """Every number with what became of it. A title that is only for the parties stays with those who handle it."""
    who, said = reader(), box.letters_of(found)
    lines = []
    for no in range(1, found.found + 1):
        one = said.get(no, box.Letter(no))
        reason = say(letters.ASIDE[one.reason]) if one.reason else ""
        seen = one.matter is not None and may_read(one.matter, who)
        title = "" if one.matter is None else (one.matter.title if seen else hidden_title(is_child_s(one.matter)))
        lines.append({"no": no, "matter": one.matter, "reason": reason, "title": title})
    return lines


W, R = Permission.LEAD_WRITE, Permission.MATTER_READ
ONE = "/desk/letterbox/openings/<uuid:opening_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/letterbox", letterbox, R),
    Door("GET", "/desk/letterbox/openings/new", opening_new, W),
    Door("POST", "/desk/letterbox/openings", opening_in, W, limit="20 per 10 minutes"),
    Door("GET", ONE, opening, R),
    Door("POST", f"{ONE}/count", letter_count, W),
    Door("POST", f"{ONE}/closure", opening_closure, W),
    Door("GET", f"{ONE}/sheet", opening_sheet, R),
    Door("GET", f"{ONE}/slips", opening_slips, W),
    *LETTERS,
]
