"""The doors of an expert's letter: look at it, say yes or no, and ask for a fresh link before a closed door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import make_response, redirect, render_template, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.guest import entry as guests
from app.faces.look import say
from app.faces.visitor import browser_key
from app.notices.bell import errand
from app.people.secrets import blind
from app.talent import actions, keys, queries
from app.talent.rules import Way
from app.words import N_
from tenants.hosts import site_url
from tenants.scope import Scope, current_street

#: Kept with the reason, so it is said in the office's language.
STANDS_ASIDE = N_("要回避，和当事人认识。")
COUNT = "app.faces.jobs.talent:count_load"


def letter(token: str) -> Any:
    """Show the letter; only the opening is logged, because chat apps open links before people do."""
    now = clock.now()
    found = guests.enter(token, now)
    if found.way is Way.SPENT and is_mine(found):
        return guests.quiet(redirect(site_url("guest.desk", invitation=found.invitation_id), 303))
    if found.way is Way.SPENT:
        again = _in_again(token, now)
        if again is not None:
            return again
        # Looking for this browser's own key changed the binding.
        found = guests.enter(token, now)
    guests.log(found, now, preview=request.method == "HEAD")
    # Accepting makes this browser's own key of it.
    browser_key()
    return guests.quiet(_letter(found, token)) if found.way is Way.OPEN else guests.closed_door(found.way, found, token)


def accept(token: str) -> Any:
    """Exchange the link for this browser's own cookie and go on to the matter."""
    now = clock.now()
    found = guests.enter(token, now)
    if found.way is Way.SPENT and is_mine(found):
        return redirect(site_url("guest.desk", invitation=found.invitation_id), 303)
    if found.way is not Way.OPEN or found.case is None or found.invitation_id is None:
        return (_in_again(token, now) if found.way is Way.SPENT else None) or _shut(token)
    secret = _own_secret(token)
    # The policies show a guest one key at a time. The cookie's key and the answer are one transaction, so whoever comes
    # a moment later leaves no key behind; the link is marked after it, and is spent by the answer alone.
    guests.with_key(found, actions.fingerprint(secret))
    actions.keep_cookie(found.invitation_id, found.case, actions.fingerprint(secret), now=now)
    own = queries.key_behind(actions.fingerprint(secret))
    opened = queries.opened_by(own) if own else None
    if opened is None:
        return guests.closed_door(Way.UNKNOWN)
    try:
        actions.say_yes(*opened, now=now)
    except Refused:
        return _in_again(token, now) or _shut(token)
    guests.with_key(found, actions.fingerprint(token), keep=True)
    key = queries.key_behind(actions.fingerprint(token))
    if key is not None:
        key.spent_at = now
    count_load()
    answer = redirect(site_url("guest.desk", invitation=found.invitation_id), 303)
    return guests.quiet(guests.set_cookie(answer, secret))


def decline(token: str) -> Any:
    """Decline with a reason."""
    now = clock.now()
    found = guests.enter(token, now)
    if found.way is not Way.OPEN or found.key is None or found.invitation is None or found.matter is None:
        return guests.closed_door(found.way, found, token)
    reason = request.form.get("reason", "").strip()
    if request.form.get("interest"):
        reason = f"{STANDS_ASIDE}{reason}"
    problem = _("不方便的原因写一句，社区好另请一位。") if not reason else ""
    if len(reason) > 1000:
        problem = _("写得太长了，最多 1000 字。")
    if problem:
        return guests.quiet(make_response(_letter(found, token, problem=problem, reason=reason), 422))
    actions.decline(found.key, found.invitation, found.matter, reason=reason, now=now)
    count_load()
    return guests.quiet(render_template("guest/thanks.html", declined=True, opinion=None))


def ask_again(token: str) -> Any:
    """Leave a note that a fresh link is wanted. Nothing is shown, and the answer is the same for every link."""
    now = clock.now()
    found = guests.enter(token, now)
    told = _("跟社区说过了。社区会照登记的联系办法找专家本人，新链接只交给本人。")
    if found.invitation is not None and found.matter is not None:
        try:
            actions.ask_again(found.way, found.invitation, found.matter, now=now)
        except Refused as refused:
            told = say(refused.reason, refused.values)
    elif found.way is Way.UNKNOWN:
        return guests.closed_door(found.way)
    return guests.quiet(render_template("guest/asked.html", told=told))


def type_code() -> Any:
    """The eight characters of the letter, typed by hand."""
    code = actions.tidy_code(request.form.get("code", ""))
    if len(code) != actions.CODE_LENGTH:
        page = render_template("guest/code.html", problem=_("邀请码是 8 个字母和数字，请再看看。"))
        return guests.quiet(make_response(page, 422))
    return guests.quiet(redirect(site_url("guest.letter", token=code), 303))


def is_mine(found: guests.Entry) -> bool:
    """Whether this browser holds the cookie the link was exchanged for; the binding is that cookie's afterwards."""
    if not keys.split(request.cookies.get(guests.cookie_name())):
        return False
    return guests.enter_by_cookie(clock.now(), found.invitation_id).way is not Way.UNKNOWN


def _own_secret(token: str) -> str:
    """The same secret for one link in one browser, so that a lost answer or a second tap locks nobody out."""
    return blind("guest-cookie", f"{token}:{browser_key()}")


def _in_again(token: str, now: datetime) -> Any:
    """This browser accepted, but the cookie never reached it: it gets the same one again; None for anybody else."""
    secret = _own_secret(token)
    found = guests.enter(secret, now)
    if found.way not in (Way.WORKING, Way.DONE):
        return None
    answer = redirect(site_url("guest.desk", invitation=found.invitation_id), 303)
    return guests.quiet(guests.set_cookie(answer, secret))


def count_load() -> None:
    """After the commit the street counts anew what each expert has on hand; a guest may write no row of the pool."""
    errand(Scope("street", street=current_street()), COUNT)


def _shut(token: str) -> Any:
    # Looking for this browser's own key changed the binding.
    found = guests.enter(token, clock.now())
    return guests.closed_door(found.way, found, token)


def _letter(found: guests.Entry, token: str, problem: str = "", reason: str = "") -> str:
    assert found.invitation is not None
    return render_template(
        "guest/letter.html", invitation=found.invitation, token=token, problem=problem, reason=reason,
        left=_left(found.invitation.expires_at - clock.now()),
    )  # fmt: skip


def _left(time: timedelta) -> str:
    hours = max(0, int(time.total_seconds()) // 3600)
    if hours >= 24:
        return _("%(days)s 天 %(hours)s 小时", days=hours // 24, hours=hours % 24)
    return _("%(hours)s 小时", hours=hours) if hours else _("不到 1 小时")
