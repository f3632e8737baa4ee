"""Doors of the privacy desk: what residents ask about their own data, in the order in which it is due.

Whoever handles a request has recognised the person first and says so; opening the data is a look that is logged.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField
from app.faces.community.inputs import last_page, page_number, take_back
from app.faces.community.privacy import data_file
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.phrasing import listed
from app.faces.visitor import actor
from app.flow.collect.rules import TITLES_OF_ADDRESS, gender_of
from app.matter import privacy_requests as requests
from app.people import holdings
from app.people.permissions import Permission
from app.people.phones import masked_phone
from app.people.privacy import PrivacyRequest
from app.people.secrets import unseal
from app.records import own_data
from app.words import N_
from tenants.hosts import site_url

VIEWS = (("open", N_("等着办的")), ("done", N_("办过的")))


class HandleForm(FlaskForm):
    """Settling one request: the person was recognised; new values; or why not."""

    recognised = BooleanField(_l("已经核对过，提要求的就是本人"))
    name = StringField(_l("姓名"))
    title = RadioField(_l("称呼"), choices=list(TITLES_OF_ADDRESS.items()), validate_choice=False, default="")
    phone = StringField(_l("电话"))
    reason = TextAreaField(_l("为什么不办"))


def privacy_desk() -> str:
    """The queue."""
    view, page, now = request.args.get("view", "open"), page_number(), clock.now()
    view = view if view in dict(VIEWS) else "open"
    lines, total = requests.queue(is_open=view == "open", page=page)
    return desk(
        "desk/privacy_desk.html", "privacy_desk", rows=[_line(line, now) for line in lines], total=total, view=view,
        views=VIEWS, page=page, last=last_page(total, requests.PAGE), days=requests.DAYS,
        url_of=lambda number: site_url("community.privacy_desk", view=view, page=number),
    )  # fmt: skip


def _line(line: requests.Line, now: Any) -> dict[str, Any]:
    asked = line.request
    return {
        "asked": asked, "kind": _(requests.KINDS[asked.kind]), "name": line.name, "gender": gender_of(line.title),
        "state": _(requests.STATES[asked.state]), "late": requests.is_late(asked, now),
        "near": requests.is_near(asked, now),
    }  # fmt: skip


def desk_request(request_id: UUID) -> str:
    """One request; the person is masked until the data is opened."""
    asked = _found(request_id)
    return _page(asked, HandleForm(formdata=None))


def _page(asked: PrivacyRequest, form: HandleForm) -> str:
    person = requests.person_of(asked)
    now = clock.now()
    phone = unseal(asked.contact_sealed) if asked.contact_sealed else ""
    return desk(
        "desk/privacy_request.html", "privacy_desk", asked=asked, form=form, kind=_(requests.KINDS[asked.kind]),
        state=_(requests.STATES[asked.state]), late=requests.is_late(asked, now), near=requests.is_near(asked, now),
        name=person.name if person else "", gender=gender_of(person.title) if person else "", known=person is not None,
        held=masked_phone(unseal(person.phone_sealed)) if person and person.phone_sealed else "", phone=phone,
        outcome=_(asked.outcome) if asked.outcome else "",
    )  # fmt: skip


def data(request_id: UUID) -> Any:
    """Open everything held about the person, once, as a page to read out or a file to hand over."""
    asked, form = _found(request_id), HandleForm()
    if not _recognised(form):
        return _page(asked, form), 422
    person = requests.open_data(asked, by=actor(), now=clock.now())
    kind = request.form.get("format", "page")
    if kind in ("json", "xlsx"):
        return data_file(person, kind)
    answer = make_response(
        desk("desk/privacy_data.html", "privacy_desk", asked=asked, sections=own_data.everything_about(person, _))
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def handing_over(request_id: UUID) -> Any:
    """The person saw it and took it along."""
    return _settle(request_id, lambda asked, form: requests.hand_over(asked, by=actor(), now=clock.now()), "recognised")


def correction(request_id: UUID) -> Any:
    """Correct name, title and phone."""

    def act(asked: PrivacyRequest, form: HandleForm) -> None:
        requests.correct(
            asked, name=form.name.data or "", title=form.title.data if form.title.data in TITLES_OF_ADDRESS else "",
            phone=form.phone.data or "", by=actor(), now=clock.now(),
        )  # fmt: skip

    return _settle(request_id, act, "name")


def erasure(request_id: UUID) -> str:
    """Ask before deleting: exactly what goes, what stays, and why."""
    return _erasure_page(_deletable(request_id), HandleForm(formdata=None))


def erasure_done(request_id: UUID) -> Any:
    """Delete. There is no way back."""
    asked, form = _deletable(request_id), HandleForm()
    if not _recognised(form):
        return _erasure_page(asked, form), 422
    requests.erase(asked, by=actor(), now=clock.now())
    flash(_("删好了。事情的原话还在台账里，不再连着人。"), "ok")
    return redirect(site_url("community.privacy_desk"), 303)


def _deletable(request_id: UUID) -> PrivacyRequest:
    asked = _found(request_id)
    if asked.kind != "delete" or asked.state != "open" or asked.person_id is None:
        raise Refused(N_("这个要求现在没有可以删的。"))
    return asked


def _erasure_page(asked: PrivacyRequest, form: HandleForm) -> str:
    person = requests.person_of(asked)
    if person is None:
        raise Missing(requests.NOT_THERE)
    counts = holdings.counts_of(person)
    parts = [(_(one.title), counts[one.table], one.on_erasure) for one in holdings.HOLDINGS if counts[one.table]]
    stays = [(listed(_(one) for one in titles), _(why)) for why, titles in holdings.what_stays(counts).items()]
    return desk(
        "desk/privacy_erasure.html", "privacy_desk", asked=asked, form=form, parts=parts,
        stays=stays, name=person.name,
        gender=gender_of(person.title),
    )  # fmt: skip


def refusal(request_id: UUID) -> Any:
    """Say no, with the reason."""

    def act(asked: PrivacyRequest, form: HandleForm) -> None:
        requests.refuse(asked, form.reason.data or "", by=actor(), now=clock.now())

    return _settle(request_id, act, "reason", recognise=False)


def _settle(request_id: UUID, act: Any, field: str, *, recognise: bool = True) -> Any:
    asked, form = _found(request_id), HandleForm()
    form.validate()
    if recognise and not _recognised(form):
        return _page(asked, form), 422
    try:
        act(asked, form)
    except Refused as error:
        take_back(form, field, error)
        return _page(_found(request_id), form), 422
    flash(_("%(number)s 办好了，结果本人看得到。", number=asked.number), "ok")
    return redirect(site_url("community.desk_request", request_id=request_id), 303)


def _recognised(form: HandleForm) -> bool:
    if not form.recognised.data:
        form.recognised.errors = [_("先核对是不是本人：对姓名、电话、事情的编号，当面或者打他留的电话。")]
    return bool(form.recognised.data)


def _found(request_id: UUID) -> PrivacyRequest:
    asked = requests.find(request_id)
    if asked is None:
        raise Missing(requests.NOT_THERE)
    return asked


W = Permission.PRIVACY_WRITE
ONE = "/desk/privacy-requests/<uuid:request_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/privacy", privacy_desk, W),
    Door("GET", ONE, desk_request, W),
    Door("POST", f"{ONE}/data", data, W, name="privacy_data"),
    Door("POST", f"{ONE}/handing-over", handing_over, W, name="privacy_handing_over"),
    Door("POST", f"{ONE}/correction", correction, W, name="privacy_correction"),
    Door("GET", f"{ONE}/erasure", erasure, W, name="privacy_erasure"),
    Door("POST", f"{ONE}/erasure", erasure_done, W, name="privacy_erase"),
    Door("POST", f"{ONE}/refusal", refusal, W, name="privacy_refusal"),
]
