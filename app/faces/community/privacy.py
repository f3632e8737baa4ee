"""Doors of the hall: the privacy notice with its versions, one's own data and consents, and asking about them.

Source: Personal Information Protection Law sections 15, 17, 44 to 50.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from app import clock
from app.errors import Missing, NotAllowed, Refused
from app.faces import limits
from app.faces.choosing import RadioField
from app.faces.community.inputs import as_uuid, once_id, take_back, tell
from app.faces.community.track import TRACKING
from app.faces.doors import Door
from app.faces.pages import page
from app.faces.visitor import actor, owns, visitor
from app.flow.collect.queries import find_by_code, proposals_of
from app.matter import privacy_requests as requests
from app.matter import retention
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.people import consents, privacy_notice
from app.people.models import Person
from app.people.permissions import Permission
from app.people.settings import hall_row
from app.records import own_data
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

KEPT = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AskForm(FlaskForm):
    """What somebody wants of their own data; ``once`` becomes the request's id."""

    kind = RadioField(_l("您想怎么办"), validate_choice=False)
    code = StringField(_l("查询码"))
    words = TextAreaField(_l("想说的话"))
    phone = StringField(_l("回信打哪个电话"))
    once = HiddenField()
    matter = HiddenField()


def privacy(version: int | None = None) -> str:
    """The notice that stands today, or an earlier version, in list form."""
    kept = privacy_notice.versions()
    shown = next((one for one in kept if one.version == version), None) if version else (kept[0] if kept else None)
    if version and shown is None:
        raise Missing(N_("没有这一版。"))
    listed = privacy_notice.taken_apart(shown.words) if shown else first_notice()
    is_current = not version or shown is kept[0]
    return page("hall/privacy.html", listed=listed, shown=shown, versions=kept, is_current=is_current)


def privacy_version(number: int) -> str:
    """An earlier version, which somebody may have agreed to; number 0 is the first text of all."""
    if number == 0:
        kept = privacy_notice.versions()
        return page("hall/privacy.html", listed=first_notice(), shown=None, versions=kept, is_current=not kept)
    return privacy(number)


def first_notice() -> privacy_notice.Listed:
    """The text every hall starts with, in the reader's language and with the hall's own months."""
    months = retention.months_of(hall_row())["phones"]
    return privacy_notice.Listed(
        [[_(part, months=months) for part in row] for row in privacy_notice.FIRST_ROWS],
        [_(line) for line in privacy_notice.FIRST_LINES],
    )


def asking() -> str:
    """The form for whoever wants to see, take along, correct or delete."""
    form = AskForm(formdata=None, once=str(uuid7()), matter=request.args.get("matter", "")[:36])
    return _ask_page(form)


def ask() -> Any:
    """Take it in: for the account's own person, or for the person behind a matter of this phone or code."""
    form, once = AskForm(), once_id()
    form.validate()
    if (before := requests.find(once)) is not None and str(once) in session.get("asked", []):
        return redirect(site_url("community.privacy_request", request_id=before.id), 303)
    if before is not None:
        # Somebody else's id in the hidden field opens nothing of theirs.
        once = uuid7()
    for name, verdict in requests.problems(form.kind.data or "", form.words.data or "", form.phone.data or "").items():
        tell(form, name, verdict)
    if form.errors:
        return _ask_page(form), 422
    person_id, refused = _whose(form)
    if refused:
        form.code.errors = [refused]
        return _ask_page(form), 422
    try:
        asked = requests.ask(
            form.kind.data or "", by=actor(), now=clock.now(), person_id=person_id, words=form.words.data or "",
            contact=form.phone.data or "", id=once,
        )  # fmt: skip
    except Refused as error:
        take_back(form, "kind", error)
        return _ask_page(form), 422
    session["asked"] = [str(asked.id), *(kept for kept in session.get("asked", []) if kept != str(asked.id))][:KEPT]
    flash(_("记下了，编号 %(number)s。", number=asked.number), "ok")
    return redirect(site_url("community.privacy_request", request_id=asked.id), 303)


def privacy_request(request_id: UUID) -> str:
    """One request as the one who made it sees it: by when, and what came of it."""
    asked = requests.find(request_id)
    person = own_person()
    mine = asked is not None and (
        str(asked.id) in session.get("asked", []) or (person is not None and asked.person_id == person.id)
    )
    if asked is None or not mine:
        raise Missing(requests.NOT_THERE)
    return page(
        "hall/privacy_request.html", asked=asked, kind=_(requests.KINDS[asked.kind]),
        outcome=_(asked.outcome) if asked.outcome else "",
    )  # fmt: skip


def me_data() -> str:
    """Everything the hall holds about the signed-in resident, what they agreed to, and what they asked."""
    person = _me()
    log = consents.own_consents(person.id)
    return page(
        "hall/me_data.html", sections=own_data.everything_about(person, _), asked=requests.requests_of(person.id),
        kinds=requests.KINDS, states=requests.STATES, consents=log, labels=consents.LABELS,
        standing=[about for about in consents.REVOCABLE if consents.stands(person, about)],
    )  # fmt: skip


def consent_withdrawal() -> Any:
    """Take a standing consent back; from this answer on the name is masked."""
    about = request.form.get("about", "")
    if consents.take_back(_me(), about, by=actor(), now=clock.now()):
        flash(_("收回了，从现在起就不公开了。"), "ok")
    else:
        flash(_("这一样本来就没有同意着。"), "ok")
    return redirect(site_url("community.me_data"), 303)


def me_data_json() -> Response:
    """The same as JSON."""
    return data_file(_me(), "json")


def me_data_xlsx() -> Response:
    """The same as a spreadsheet."""
    return data_file(_me(), "xlsx")


def data_file(person: Person, kind: str) -> Response:
    """Everything held about a person as a file for their own machine; nothing on the way keeps it."""
    made, sections = clock.local(clock.now()), own_data.everything_about(person, _)
    data = own_data.as_json(sections, made=made.isoformat()) if kind == "json" else own_data.as_xlsx(sections)
    answer = Response(data, mimetype="application/json" if kind == "json" else XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="my-data-{made:%Y%m%d}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def own_person() -> Person | None:
    """The person of the signed-in resident, or None."""
    me = visitor()
    if me is None or me.kind != "resident":
        return None
    person_id = me.account.person_id  # type: ignore[union-attr]
    here = (current_community(), person_id)
    return db.session.get(Person, here) if person_id else None


def _me() -> Person:
    person = own_person()
    if person is None:
        raise NotAllowed(N_("这一页给居民看自己的信息。工作人员的账号由社区书记管。"))
    return person


def _whose(form: AskForm) -> tuple[UUID | None, str]:
    """The person a request is about, or why nobody could be found; a matter without a name still makes a request."""
    person = own_person()
    if person is not None:
        return person.id, ""
    own = as_uuid(form.matter.data)
    matter: Matter | None = find_matter(own) if own and owns(own) else None
    if matter is None:
        if not limits.may_guess(TRACKING):
            return None, _("输错的次数多了，请过十分钟再试，或者打社区电话。")
        matter = find_by_code((form.code.data or "")[:60])
        if matter is None:
            if (form.code.data or "").strip():
                limits.wrong_guess(TRACKING)
            return None, _("先让我们知道是哪一位：凭户码登录再提，或者写上 12 位查询码。都没有就打社区电话。")
    return next((said.person_id for said in proposals_of(matter) if said.person_id), None), ""


def _ask_page(form: AskForm) -> str:
    form.kind.choices = [(key, _(label)) for key, label in requests.KINDS.items()]
    own = as_uuid(form.matter.data)
    known = own_person() is not None or (own is not None and owns(own))
    return page("hall/privacy_ask.html", form=form, known=known, days=requests.DAYS)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/privacy", privacy, P.ANYONE_ENTER),
    Door("GET", "/privacy/versions/<int:number>", privacy_version, P.ANYONE_ENTER),
    Door("GET", "/privacy-requests", asking, P.ANYONE_PRIVACY, name="privacy_asking"),
    Door("POST", "/privacy-requests", ask, P.ANYONE_PRIVACY, name="privacy_ask", limit="10 per 10 minutes"),
    Door("GET", "/privacy-requests/<uuid:request_id>", privacy_request, P.ANYONE_PRIVACY),
    Door("GET", "/me/data", me_data, P.ACCOUNT_USE),
    Door("GET", "/me/data.json", me_data_json, P.ACCOUNT_USE),
    Door("GET", "/me/data.xlsx", me_data_xlsx, P.ACCOUNT_USE),
    Door("POST", "/me/consent-withdrawals", consent_withdrawal, P.ACCOUNT_USE),
]
