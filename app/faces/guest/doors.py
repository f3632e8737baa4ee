"""The doors of an invited expert: the letter, the answer, the one matter, the opinion. No other page is reachable."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.faces.doors import Door
from app.faces.guest import entry as guests
from app.flow.research.models import Option
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.stages import public_step
from app.people.permissions import Permission
from app.talent import actions, keys, queries
from app.talent.rules import WORDS_LIMIT, Way
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community


def letter(token: str) -> Any:
    """Show the letter; only the opening is logged, because chat apps open links before people do."""
    now = clock.now()
    found = guests.enter(token, now)
    if found.way is Way.SPENT and _is_mine(found):
        return guests.quiet(redirect(site_url("guest.desk", invitation=found.invitation_id), 303))
    if found.way is Way.SPENT:
        # Looking for this browser's own key changed the binding.
        found = guests.enter(token, now)
    guests.log(found, now)
    return guests.quiet(_letter(found, token)) if found.way is Way.OPEN else guests.closed_door(found.way)


def accept(token: str) -> Any:
    """Exchange the link for this browser's own cookie and go on to the matter."""
    now = clock.now()
    found = guests.enter(token, now)
    if found.way is Way.SPENT and _is_mine(found):
        return redirect(site_url("guest.desk", invitation=found.invitation_id), 303)
    if found.way is not Way.OPEN or found.case is None or found.invitation_id is None:
        return guests.closed_door(found.way)
    secret = secrets.token_urlsafe(32)
    # The policies show a guest one key at a time, so the cookie's key is stored first and the link is spent after it.
    # Were the second half lost, nobody would hold the stored cookie and the link would still be good.
    guests.with_key(found, actions.fingerprint(secret))
    actions.keep_cookie(found.invitation_id, found.case, actions.fingerprint(secret), now=now)
    guests.with_key(found, actions.fingerprint(token), keep=True)
    key = queries.key_behind(actions.fingerprint(token))
    opened = queries.opened_by(key) if key else None
    if key is None or opened is None:
        return guests.closed_door(Way.UNKNOWN)
    actions.accept(key, *opened, now=now)
    return guests.quiet(guests.set_cookie(redirect(site_url("guest.desk"), 303), secret))


def decline(token: str) -> Any:
    """Decline with a reason."""
    now = clock.now()
    found = guests.enter(token, now)
    if found.way is not Way.OPEN or found.key is None or found.invitation is None or found.matter is None:
        return guests.closed_door(found.way)
    reason = request.form.get("reason", "").strip()
    if request.form.get("interest"):
        reason = f"{_('要回避，和当事人认识。')}{reason}"
    problem = _("不方便的原因写一句，社区好另请一位。") if not reason else ""
    if len(reason) > 1000:
        problem = _("写得太长了，最多 1000 字。")
    if problem:
        return guests.quiet(make_response(_letter(found, token, problem=problem, reason=reason), 422))
    actions.decline(found.key, found.invitation, found.matter, reason=reason, now=now)
    return guests.quiet(render_template("guest/thanks.html", declined=True, opinion=None))


def desk() -> Any:
    """The one matter, for whoever accepted in this browser; otherwise a place to type the code of the letter."""
    now = clock.now()
    found = guests.enter_by_cookie(now, _asked_for(request.args.get("invitation")))
    if found.way is Way.UNKNOWN:
        return guests.quiet(render_template("guest/code.html", problem=""))
    guests.log(found, now)
    return guests.quiet(_desk(found))


def type_code() -> Any:
    """The eight characters of the letter, typed by hand."""
    code = actions.tidy_code(request.form.get("code", ""))
    if len(code) != actions.CODE_LENGTH:
        page = render_template("guest/code.html", problem=_("邀请码是 8 个字母和数字，请再看看。"))
        return guests.quiet(make_response(page, 422))
    return guests.quiet(redirect(site_url("guest.letter", token=code), 303))


def hand_in() -> Any:
    """Hand the opinion in, once."""
    now = clock.now()
    found = guests.enter_by_cookie(now, _asked_for(request.form.get("invitation")))
    if found.way is Way.DONE:
        return redirect(site_url("guest.desk"), 303)
    if found.way is not Way.WORKING or found.key is None or found.invitation is None or found.matter is None:
        return guests.closed_door(found.way)
    words = request.form.get("words", "").replace("\r\n", "\n")
    problem = ""
    if not words.strip():
        problem = _("意见还没写。")
    elif len(words) > WORDS_LIMIT:
        problem = _("意见最多 5000 字，请写短一些。")
    if problem:
        return guests.quiet(make_response(_desk(found, problem=problem, words=words), 422))
    named = request.form.get("sign", "name") == "name"
    actions.hand_in(found.key, found.invitation, found.matter, words=words, now=now, named=named)
    return guests.quiet(redirect(site_url("guest.desk", invitation=found.invitation.id), 303))


def _letter(found: guests.Entry, token: str, problem: str = "", reason: str = "") -> str:
    return render_template(
        "guest/letter.html", invitation=found.invitation, token=token, problem=problem, reason=reason
    )


def _desk(found: guests.Entry, problem: str = "", words: str = "") -> Any:
    invitation, matter = found.invitation, found.matter
    if found.way is Way.DONE and invitation is not None:
        return render_template("guest/thanks.html", declined=False, opinion=queries.opinion_of(invitation.id))
    if found.way is not Way.WORKING or matter is None or invitation is None:
        return guests.closed_door(found.way)
    return render_template(
        "guest/desk.html", invitation=invitation, matter=_plain(matter), options=_options(matter), problem=problem,
        words=words, limit=WORDS_LIMIT,
    )  # fmt: skip


def _plain(matter: Matter) -> dict[str, Any]:
    step = public_step(Stage(matter.stage))
    # A quarrel's title may name its parties; the hall's brief was written without them, so it alone is shown.
    return {
        "number": matter.number,
        "title": matter.title if matter.visibility == "public" else "",
        "step": step.number,
    }


def _options(matter: Matter) -> list[Option]:
    return list(
        db.session.scalars(
            select(Option)
            .where(
                Option.community_id == current_community(), Option.matter_id == matter.id, Option.dropped_at.is_(None)
            )
            .order_by(Option.label)
        )
    )


def _is_mine(found: guests.Entry) -> bool:
    if not keys.split(request.cookies.get(guests.cookie_name())):
        return False
    return guests.enter_by_cookie(clock.now(), found.invitation_id).way is not Way.UNKNOWN


def _asked_for(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


GUEST = Permission.GUEST_ANSWER
DOORS: list[Door] = [
    Door("GET", "/x", desk, GUEST, name="desk", writes_on_get=True),
    Door("POST", "/x/code", type_code, GUEST, name="code", limit="20 per hour"),
    Door("POST", "/x/opinion", hand_in, GUEST, name="opinion"),
    Door("GET", "/x/<string:token>", letter, GUEST, name="letter", writes_on_get=True),
    Door("POST", "/x/<string:token>/acceptance", accept, GUEST, name="acceptance"),
    Door("POST", "/x/<string:token>/refusal", decline, GUEST, name="refusal"),
]
