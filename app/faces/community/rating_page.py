"""Doors of the hall: a resident's own rating, five faces and no account; and new facts brought by the proposer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, session
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community import paperwork
from app.faces.community.review_forms import FACES, RateForm, sheet_of
from app.faces.community.sight import follows, is_own
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import actor, owns, remember_mine, visitor, visitor_key
from app.flow.collect.rules import Saying
from app.flow.evaluate import actions, effects, queries, raters, rules
from app.flow.evaluate.raters import Rater
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

SHOWN = (Stage.REVIEWING, Stage.CLOSED, Stage.ARCHIVED)
CODES_KEPT = 3


def rating(matter_id: UUID) -> str:
    """Five faces with words; the rest of the sheet is folded away. Once a household, phone, account or browser."""
    matter = paperwork.matter_or_404(matter_id)
    return _page(matter, RateForm(formdata=None))


def rate(matter_id: UUID) -> Any:
    """Take in one neighbour's rating; a wish written with it becomes a lead of its own with a tracking code."""
    matter = paperwork.matter_or_404(matter_id)
    paperwork.must_stand_at(matter, Stage.REVIEWING)
    form, row_id = RateForm(), paperwork.once()
    taken = paperwork.attempt(form, lambda: _rate(matter, form, row_id))
    if taken is None:
        _beside_its_field(form)
        return _page(paperwork.matter_or_404(matter_id), form), 422
    flash(_("谢谢您，评价收到了。") if taken else _("您已经评过了，一件事评一次。"), "ok" if taken else "")
    return redirect(site_url("community.rating", matter_id=matter_id), 303)


def _beside_its_field(form: RateForm) -> None:
    # The summary then leads down to the field; on a phone it lies below the five faces.
    where = say(rules.SAY_WHERE)
    if where in (form.form_errors or []):
        form.form_errors = [line for line in form.form_errors if line != where]
        form.reason.errors = [where]


def reopen_own(matter_id: UUID) -> Any:
    """The proposer brings new facts."""
    matter = paperwork.matter_or_404(matter_id)
    if not is_own(matter):
        raise Refused(N_("要由提出人自己来说。不是您提的，请另说一件事。"))
    words = (request.form.get("words") or "").strip()
    actions.reopen(matter, words, by=actor().as_capacity(Role.PROPOSER), now=clock.now())
    flash(_("收到了，社区会重新看这件事。"), "ok")
    return redirect(paperwork.public_link(matter) or site_url("community.home"), 303)


def rater_of(matter: Matter, *, make: bool = False) -> Rater | None:
    """Whose voice this browser is, as far as it is known: account, tracking code or cookie, signature, browser.

    None where the browser has no key yet and ``make`` is off, because a GET writes nothing.
    """
    me = visitor()
    if me is not None and me.kind != "resident":
        return Rater((raters.rater_key("account", me.id),))
    follower = owns(matter.id) or follows(matter.id)
    if me is not None:
        person = me.account.person  # type: ignore[union-attr]
        return raters.account_rater(matter, me.id, person, is_proposer=follower or is_own(matter))
    known = raters.proposer_rater(matter) if follower else _signer(matter)
    own = [raters.rater_key("browser", visitor_key())] if make or "visitor" in session else []
    if known is not None:
        return Rater((*known.keys, *own), known.who)
    return Rater(tuple(own), "neighbour") if own else None


def _signer(matter: Matter) -> Rater | None:
    try:
        person_id = UUID(session.get("signed_by", {}).get(str(matter.id), ""))
    except ValueError:
        return None
    return raters.signer_rater(matter, person_id)


def _rate(matter: Matter, form: RateForm, row_id: UUID) -> bool:
    voice, now = sheet_of(form), clock.now()
    known = rater_of(matter, make=True) or Rater(("",))
    taken = actions.rate(
        matter, grade=voice.grade, reason=voice.reason, name=voice.name, rater=known.keys[0], marks=known.keys,
        who=known.who, sheet=voice, by=actor(), now=now, id=row_id,
    )  # fmt: skip
    if taken and voice.wish.strip():
        _wish(matter, voice.wish, row_id)
    return taken


def _wish(matter: Matter, words: str, rating_id: UUID) -> None:
    """The wish is said on the web by its own speaker, who gets number and code at once."""
    me = visitor()
    person_id = me.account.person_id if me is not None and me.kind == "resident" else None  # type: ignore[union-attr]
    saying = Saying(words=words, channel="web", person_id=person_id)
    grown = actions.take_wish(matter, saying, rating_id=rating_id, by=actor(), now=clock.now(), matter_id=uuid7())
    if me is None or me.kind == "resident":
        remember_mine(grown.matter.id)
        kept = [pair for pair in session.get("codes", []) if pair[0] != str(grown.matter.id)]
        session["codes"] = [(str(grown.matter.id), grown.code), *kept][:CODES_KEPT]


def _page(matter: Matter, form: RateForm) -> str:
    shown = Stage(matter.stage) in SHOWN
    known = rater_of(matter) if shown else None
    own = queries.own_rating(matter, known.keys) if known else None
    return page(
        "hall/rating.html", matter=matter, form=form, faces=FACES, open=matter.stage == Stage.REVIEWING, own=own,
        own_label=_(rules.GRADE_LABELS[own.grade]) if own else "", back=paperwork.public_link(matter),
        own_wish=own.wish_matter_id if own and own.wish_matter_id and owns(own.wish_matter_id) else None,
        who=_(rules.WHO_LABELS[known.who]) if known and known.who in ("proposer", "signer") else "",
        figure=rules.Figure(matter.rating_satisfied, matter.rating_count), once=request.form.get("once") or uuid7(),
        answers=effects.public_result(matter).answers if shown else [], unfolded=_unfolded(form),
    )  # fmt: skip


def _unfolded(form: RateForm) -> bool:
    """Whether the folded part holds something, so that typed text is never hidden."""
    parts = (form.result, form.speed, form.attitude, form.knows, form.name)
    return any(field.data for field in parts)


DOORS: list[Door] = [
    Door("GET", "/matters/<uuid:matter_id>/rating", rating, Permission.ANYONE_RATE),
    Door("POST", "/matters/<uuid:matter_id>/ratings", rate, Permission.ANYONE_RATE, limit="20 per 10 minutes"),
    Door(
        "POST", "/matters/<uuid:matter_id>/reopenings", reopen_own, Permission.ANYONE_TRACK, limit="20 per 10 minutes"
    ),
]
