"""Doors of the hall: the council by term and sector, who is put forward, who agreed, who sits, who left.

A first password is shown once, on the answer to the POST that made it (see ``accounts``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app import clock
from app.errors import Refused
from app.faces.community import conveners, reps
from app.faces.community.inputs import as_uuid, once_id, take_back
from app.faces.community.owner_forms import ReasonForm, day_of
from app.faces.community.seat_forms import CandidateForm, ConsentForm, TakingForm, TermForm
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.pages import page as plain_page
from app.faces.visitor import actor
from app.people import accounts, benches, desk, seating
from app.people.import_cells import number_in
from app.people.permissions import Permission
from app.people.seat_rules import HOW, USUAL, written
from app.people.seats import CouncilSeat, CouncilTerm
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

TERM_DAYS = 5 * 365
TAKEN_NOW = N_("刚才有人改了席位，请再看看。")


def _term(listed: list[CouncilTerm]) -> CouncilTerm | None:
    asked = as_uuid(request.args.get("term"))
    return benches.find_term(asked) if asked else benches.term_on(listed, clock.today())


def seats() -> str:
    """The whole council of a term by sector, with the stools that are free."""
    listed = benches.terms()
    term = _term(listed)
    return desk_page(
        "desk/seats.html", "seats", terms=listed, term=term, board=benches.board(term) if term else None,
        sitting_now=[] if term else accounts.council_page(), today=clock.today(),
        before=seating.BEFORE,
    )  # fmt: skip


def seats_print() -> Any:
    """The council on paper for the wall: names, sectors and seat numbers, nothing else."""
    term = _term(benches.terms())
    if term is None:
        return redirect(site_url("community.seats"), 302)
    return plain_page("desk/seats_print.html", term=term, board=benches.board(term), today=clock.today())


def term_new() -> str:
    """The form of a new term; it follows the last one."""
    listed = benches.terms()
    starts = listed[0].ends + timedelta(days=1) if listed else clock.today()
    data = {"starts": starts.isoformat(), "ends": (starts + timedelta(days=TERM_DAYS)).isoformat()}
    data["sectors"] = written(benches.sectors_of(listed[0])) if listed else USUAL
    return _term_page(None, TermForm(None, data=data), uuid7())


def _term_page(term: CouncilTerm | None, form: TermForm, once: UUID | None = None) -> str:
    return desk_page("desk/seat_term.html", "seats", term=term, form=form, once=once)


def term_add() -> Any:
    """Write a term down."""
    form, once = TermForm(), once_id()
    if db.session.get(CouncilTerm, (current_community(), once)):
        return redirect(site_url("community.seats", term=once), 303)
    if not form.validate():
        return _term_page(None, form, once), 422
    try:
        term = seating.add_term(form.values(), id=once, by=actor(), now=clock.now())
    except (Refused, IntegrityError) as error:
        _take_back_term(form, error)
        return _term_page(None, form, uuid7()), 422
    flash(_("「%(name)s」定好了，现在一席一席推荐人选。", name=term.name), "ok")
    return redirect(site_url("community.seats", term=term.id), 303)


def _take_back_term(form: TermForm, error: Exception) -> None:
    told = error if isinstance(error, Refused) else Refused(seating.SAME_NAME, name=form.name.data)
    field = "name" if told.reason == seating.SAME_NAME else "sectors" if "n" in told.values else "ends"
    take_back(form, field, told)


def term_shown(term_id: UUID) -> str:
    """The form of one term."""
    term = benches.find_term(term_id)
    data = {
        "name": term.name, "starts": term.starts.isoformat(), "ends": term.ends.isoformat(),
        "sectors": written(benches.sectors_of(term)),
    }  # fmt: skip
    return _term_page(term, TermForm(None, data=data))


def term_change(term_id: UUID) -> Any:
    """Change a term."""
    term, form = benches.find_term(term_id), TermForm()
    if not form.validate():
        return _term_page(term, form), 422
    try:
        seating.change_term(term, form.values(), by=actor(), now=clock.now())
        db.session.flush()
    except (Refused, IntegrityError) as error:
        _take_back_term(form, error)
        return _term_page(benches.find_term(term_id), form), 422
    flash(_("存好了。"), "ok")
    return redirect(site_url("community.seats", term=term_id), 303)


def term_adopt(term_id: UUID) -> Any:
    """Take everybody into the term who sits in the council already."""
    n = seating.adopt(benches.find_term(term_id), by=actor(), now=clock.now())
    flash(_("收进来 %(n)s 人。他们的同意书还没记，请一位一位补上。", n=n), "ok")
    return redirect(site_url("community.seats", term=term_id), 303)


def seat_new() -> str:
    """The form of a recommendation."""
    term = benches.find_term(as_uuid(request.args.get("term")) or UUID(int=0))
    data = {"sector": request.args.get("sector", ""), "recommended_on": clock.today().isoformat()}
    return _new_page(term, _choices(CandidateForm(None, data=data), term), uuid7())


def _choices(form: CandidateForm, term: CouncilTerm) -> CandidateForm:
    form.sector.choices = [(sector.name, sector.name) for sector in benches.sectors_of(term)]
    return form


def _new_page(term: CouncilTerm, form: CandidateForm, once: UUID) -> str:
    return desk_page("desk/seat_new.html", "seats", term=term, form=form, once=once)


def seat_add() -> Any:
    """Write a recommendation down."""
    term = benches.find_term(as_uuid(request.form.get("term")) or UUID(int=0))
    form, once = _choices(CandidateForm(), term), once_id()
    if db.session.get(CouncilSeat, (current_community(), once)):
        return redirect(site_url("community.council_seat", seat_id=once), 303)
    if not form.validate():
        return _new_page(term, form, once), 422
    try:
        seat = seating.recommend(term, form.values(), id=once, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "name" if "name" in error.values else "recommended_on", error)
        return _new_page(benches.find_term(term.id), form, uuid7()), 422
    flash(_("推荐记下了。接下来问本人愿不愿意。"), "ok")
    return redirect(site_url("community.council_seat", seat_id=seat.id), 303)


def seat_shown(seat_id: UUID) -> str:
    """One member or candidate: what is on record, and what comes next."""
    return _seat_page(benches.find_seat(seat_id))


def _seat_page(seat: CouncilSeat, **forms: Any) -> str:
    term, member = benches.find_term(seat.term_id), benches.member_of(seat)
    names = ("sector", "name", "unit", "recommended_by", "why")
    data = {name: getattr(seat, name) for name in names} | {"recommended_on": seat.recommended_on.isoformat()}
    number = seating.next_number() if member.state == "consented" else 0
    today = clock.today().isoformat()
    shown = {
        "form": _choices(forms.get("form") or CandidateForm(None, data=data), term),
        "consent": forms.get("consent") or ConsentForm(None, prefix="consent", data={"on": today, "how": "paper"}),
        "taking": forms.get("taking")
        or TakingForm(None, prefix="taking", data={"number": str(number), "login": f"yishi{number}"}),
    }
    return desk_page(
        "desk/seat.html", "seats", seat=seat, term=term, member=member, how=HOW, before=seating.BEFORE, **shown
    )


def seat_change(seat_id: UUID) -> Any:
    """Correct what is on record."""
    seat = benches.find_seat(seat_id)
    form = _choices(CandidateForm(), benches.find_term(seat.term_id))
    if not form.validate():
        return _seat_page(seat, form=form), 422
    try:
        seating.change_seat(seat, form.values(), by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "name" if "name" in error.values else "recommended_on", error)
        return _seat_page(benches.find_seat(seat_id), form=form), 422
    flash(_("存好了。"), "ok")
    return redirect(site_url("community.council_seat", seat_id=seat_id), 303)


def seat_consent(seat_id: UUID) -> Any:
    """Write down that the person agreed."""
    seat, form = benches.find_seat(seat_id), ConsentForm(prefix="consent")
    if not form.validate():
        return _seat_page(seat, consent=form), 422
    try:
        seating.record_consent(seat_id, day_of(form.on), form.how.data, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "on", error)
        return _seat_page(benches.find_seat(seat_id), consent=form), 422
    flash(_("本人同意记下了。"), "ok")
    return redirect(site_url("community.council_seat", seat_id=seat_id), 303)


def seat_take(seat_id: UUID) -> Any:
    """Seat somebody; a new account's first password is shown once."""
    seat, form = benches.find_seat(seat_id), TakingForm(prefix="taking")
    state = benches.member_of(seat).state
    fine = form.validate()
    if fine and not desk.good_identity(form.login.data.lower(), seat.name):
        take_back(form, "login", Refused(desk.BAD_LOGIN))
        fine = False
    if not fine:
        return _seat_page(benches.find_seat(seat_id), taking=form), 422
    try:
        seated = seating.take_seat(
            seat_id, number_in(form.number.data), form.login.data, by=actor(), now=clock.now()
        )  # fmt: skip
        db.session.flush()
    except (Refused, IntegrityError) as error:
        if state != "consented":
            # The page has no form to put this to: the person has not agreed yet, or sits already.
            raise
        told = error if isinstance(error, Refused) else Refused(TAKEN_NOW)
        take_back(form, "login" if "login" in told.values else "number", told)
        return _seat_page(benches.find_seat(seat_id), taking=form), 422
    if seated.password:
        return desk_page("desk/seat_password.html", "seats", seated=seated)
    flash(_("就任了，用原来的账号登录。"), "ok")
    return redirect(site_url("community.council_seat", seat_id=seat_id), 303)


def seat_leaving(seat_id: UUID) -> str:
    """Ask why before somebody is taken off."""
    return _leaving_page(benches.find_seat(seat_id), ReasonForm(formdata=None))


def _leaving_page(seat: CouncilSeat, form: ReasonForm) -> str:
    return desk_page("desk/seat_leaving.html", "seats", seat=seat, form=form)


def seat_leave(seat_id: UUID) -> Any:
    """Take a member or a candidate off the term."""
    seat, form = benches.find_seat(seat_id), ReasonForm()
    if not form.validate():
        return _leaving_page(seat, form), 422
    seating.leave(seat_id, form.reason.data, by=actor(), now=clock.now())
    flash(_("记下了，这一席空出来了。"), "ok")
    return redirect(site_url("community.seats", term=seat.term_id), 303)


W = Permission.COUNCIL_WRITE
TERM = "/desk/terms/<uuid:term_id>"
ONE = "/desk/seats/<uuid:seat_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/seats", seats, W),
    Door("POST", "/desk/seats", seat_add, W),
    Door("GET", "/desk/seats/new", seat_new, W),
    Door("GET", "/desk/seats/print", seats_print, W),
    Door("POST", "/desk/terms", term_add, W),
    Door("GET", "/desk/terms/new", term_new, W),
    Door("GET", TERM, term_shown, W, name="council_term"),
    Door("POST", TERM, term_change, W),
    Door("POST", f"{TERM}/adoption", term_adopt, W),
    Door("GET", ONE, seat_shown, W, name="council_seat"),
    Door("POST", ONE, seat_change, W),
    Door("POST", f"{ONE}/consent", seat_consent, W),
    Door("POST", f"{ONE}/seating", seat_take, W),
    Door("GET", f"{ONE}/leaving", seat_leaving, W),
    Door("POST", f"{ONE}/leaving", seat_leave, W),
    *reps.DOORS,
    *conveners.DOORS,
]
