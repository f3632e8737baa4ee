"""The doors behind an accepted link: the one matter, the draft, the opinion, the pictures, the sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _

from app import clock
from app.errors import DomainError, Missing
from app.faces.figures import moment_or_none
from app.faces.guest import entry as guests
from app.faces.guest.letter import count_load
from app.faces.inputs import as_uuid
from app.faces.look import hour, say
from app.faces.pictures import picture_answer
from app.flow.research.queries import standing_options
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.stages import public_step
from app.talent import actions, queries, rules
from app.talent.models import OpinionDraft
from app.talent.rules import WORDS_LIMIT, Way
from app.words import N_
from tenants.hosts import site_url


def desk() -> Any:
    """The one matter, for whoever accepted in this browser; otherwise a place to type the code of the letter."""
    now = clock.now()
    found = guests.enter_by_cookie(now, as_uuid(request.args.get("invitation")))
    if found.way is Way.UNKNOWN:
        return guests.quiet(render_template("guest/code.html", problem=""))
    guests.log(found, now, preview=request.method == "HEAD")
    return guests.quiet(_desk(found))


def keep_draft() -> Any:
    """Keep what is written so far: by the button (a page), or by the script every few seconds (JSON)."""
    now = clock.now()
    found = guests.enter_by_cookie(now, as_uuid(request.form.get("invitation")))
    if found.way is not Way.WORKING or found.key is None or found.invitation is None or found.matter is None:
        return (jsonify(shut=True), 410) if _wants_json() else guests.closed_door(found.way, found)
    words, named = _typed()
    try:
        draft = actions.keep_draft(
            found.key, found.invitation, found.matter, words=words, named=named, seen=_seen(), now=now
        )
    except actions.Overtaken as overtaken:
        return _overtaken(found, words, named, overtaken)
    except DomainError as error:
        told = say(error.reason, error.values)
        return (
            (jsonify(problem=told), 422)
            if _wants_json()
            else (guests.quiet(_desk(found, problem=told, words=words, named=named)), 422)
        )
    if _wants_json():
        return guests.quiet(jsonify(seen=draft.saved_at.isoformat(), said=_("%(at)s 存好了", at=hour(draft.saved_at))))
    flash(_("存好了，什么时候回来接着写都行。"), "ok")
    return guests.quiet(redirect(site_url("guest.desk", invitation=found.invitation.id), 303))


def hand_in() -> Any:
    """Hand the opinion in, once. Where another window saved something else since, both texts are shown first."""
    now = clock.now()
    found = guests.enter_by_cookie(now, as_uuid(request.form.get("invitation")))
    if found.way is Way.DONE:
        return redirect(site_url("guest.desk", invitation=found.invitation_id), 303)
    if found.way is not Way.WORKING or found.key is None or found.invitation is None or found.matter is None:
        return guests.closed_door(found.way, found)
    words, named = _typed()
    verdict = rules.good_opinion(words)
    if not verdict:
        problem = say(verdict.reason, verdict.values)
        return guests.quiet(make_response(_desk(found, problem=problem, words=words, named=named), 422))
    draft = actions.draft_of(found.invitation.id)
    if draft is not None and "seen" in request.form and draft.saved_at != _seen() and draft.words.strip() != words:
        return _overtaken(found, words, named, actions.Overtaken(draft))
    actions.hand_in(found.key, found.invitation, found.matter, words=words, now=now, named=named)
    count_load()
    return guests.quiet(redirect(site_url("guest.desk", invitation=found.invitation.id), 303))


def sign_in() -> Any:
    """Sign the register of the sitting; the hall takes it over into its own."""
    now = clock.now()
    found = guests.enter_by_cookie(now, as_uuid(request.form.get("invitation")))
    if found.key is None or found.invitation is None or found.matter is None or found.way not in (
        Way.WORKING, Way.DONE,
    ):  # fmt: skip
        return guests.closed_door(found.way, found)
    actions.sign_in(found.key, found.invitation, found.matter, now=now)
    flash(_("签到了，请进去坐。"), "ok")
    return guests.quiet(redirect(site_url("guest.desk", invitation=found.invitation.id), 303))


def picture(invitation_id: UUID, picture_id: UUID) -> Any:
    """A picture of this very letter; the policy shows a guest no other file of the hall."""
    found = guests.enter_by_cookie(clock.now(), invitation_id)
    if found.way not in (Way.WORKING, Way.DONE) or found.invitation is None:
        return guests.closed_door(found.way)
    if picture_id not in {one.id for one in queries.papers_of(found.invitation.id)}:
        raise Missing(N_("没有这张照片。"))
    return guests.quiet(picture_answer(picture_id, "small" if request.args.get("small") else ""))


def _overtaken(found: guests.Entry, words: str, named: bool, overtaken: actions.Overtaken) -> Any:
    other, told = overtaken.other, say(overtaken.reason)
    if _wants_json():
        # The page under the script shows one text only, so it says how to come to both.
        told = _("另一个窗口刚存过不一样的，这里先不自动存了。点「存着」，两份摆在一起看。")
        return guests.quiet(make_response(jsonify(problem=told, other=other.words), 409))
    page = _desk(found, problem=told, words=words, named=named, other=other)
    return guests.quiet(make_response(page, 409))


def _desk(
    found: guests.Entry, problem: str = "", words: str | None = None, named: bool = True,
    other: OpinionDraft | None = None,
) -> Any:  # fmt: skip
    invitation, matter, now = found.invitation, found.matter, clock.now()
    if found.way not in (Way.WORKING, Way.DONE) or matter is None or invitation is None:
        return guests.closed_door(found.way, found)
    signed = actions.signed_in(invitation)
    may_sign = signed is None and bool(rules.may_sign_in(invitation.sitting_at, now))
    if found.way is Way.DONE:
        return render_template(
            "guest/thanks.html", declined=False, opinion=queries.opinion_of(invitation.id), invitation=invitation,
            signed=signed, may_sign=may_sign,
        )  # fmt: skip
    draft = other or actions.draft_of(invitation.id)
    if words is None:
        words, named = (draft.words, draft.named) if draft else ("", True)
    return render_template(
        "guest/desk.html", invitation=invitation, matter=_plain(matter), options=standing_options(matter.id),
        problem=problem, words=words, named=named, other=other, limit=WORDS_LIMIT, signed=signed, may_sign=may_sign,
        papers=queries.papers_of(invitation.id), seen=draft.saved_at.isoformat() if draft else "",
        kept_at=draft.saved_at if draft else None,
    )  # fmt: skip


def _plain(matter: Matter) -> dict[str, Any]:
    step = public_step(Stage(matter.stage))
    # A quarrel's title may name its parties; the hall's brief was written without them, so it alone is shown.
    return {
        "number": matter.number,
        "title": matter.title if matter.visibility == "public" else "",
        "step": step.number,
    }


def _typed() -> tuple[str, bool]:
    return request.form.get("words", "").replace("\r\n", "\n"), request.form.get("sign", "name") == "name"


def _seen() -> datetime | None:
    return moment_or_none(request.form.get("seen"))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
