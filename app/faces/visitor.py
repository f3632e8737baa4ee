"""Who stands at the door: the signed-in account of this hall or street, or an anonymous neighbour."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from uuid import UUID

from flask import Flask, current_app, g, session
from flask_login import LoginManager, current_user, login_user, logout_user

from app import clock
from app.people import duties, queries, rules
from app.people.actor import Actor
from app.people.models import Account, StreetAccount
from app.people.permissions import Permission, holds
from app.people.roles import COMMUNITY_STAFF, ROLE_LABELS, STREET_ROLES, Role

ANONYMOUS = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


class Visitor:
    """The signed-in account as Flask-Login and the templates see it."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(
        self, account: Account | StreetAccount, roles: frozenset[Role], appointed: frozenset[Role] = frozenset()
    ) -> None:
        self.account = account
        self.roles = roles
        #: The duties of the street that somebody was given (``people.duties``); empty in a hall.
        self.appointed = appointed
        self.id = account.id
        self.name = account.display_name

    def get_id(self) -> str:
        """Account and session epoch: raising the epoch ends every session of the account."""
        return f"{self.account.id}:{self.account.epoch}"

    def can(self, permission: Permission | str) -> bool:
        """Whether this person may knock at such a door."""
        wanted = Permission(permission)
        return holds(self.roles, wanted) and wanted not in duties.withheld(self.roles, self.appointed)

    @property
    def kind(self) -> str:
        """staff, council, resident or street."""
        return self.actor.kind

    @property
    def is_staff(self) -> bool:
        """Staff of the hall or of the street: idle sessions of these end."""
        return bool(self.roles & (COMMUNITY_STAFF | STREET_ROLES | {Role.AFFAIRS_SUPERVISOR}))

    @property
    def role_label(self) -> str:
        """The first of the roles, in the order of the vocabulary."""
        return next((ROLE_LABELS[role] for role in Role if role in self.roles), "")

    @property
    def actor(self) -> Actor:
        """The person as somebody who acts."""
        return queries.actor_of(self.account, self.roles)


def init_visitor(app: Flask) -> None:
    """Sign-in by session cookie, loaded once a request through the bound tenant."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    manager.user_loader(_load)


def _load(saved: str) -> Visitor | None:
    account_id, _, epoch = saved.partition(":")
    try:
        wanted = UUID(account_id)
    except ValueError:
        return None
    visitor = _find(wanted)
    if visitor is None or str(visitor.account.epoch) != epoch or _has_left(visitor.account):
        return None
    return None if _was_idle(visitor) else visitor


def _find(account_id: UUID) -> Visitor | None:
    if g.site.kind == "street":
        held = queries.street_account(account_id)
        return Visitor(held[0], frozenset({Role(held[0].role)}), held[1]) if held else None
    found = queries.account_with_roles(account_id, clock.today())
    return Visitor(*found) if found else None


def _has_left(account: Account | StreetAccount) -> bool:
    """Whether this very session signed out; a cookie that somebody copied before that opens nothing any more."""
    return not session.get("sid") or _mark() in account.ended


def _mark() -> str:
    return f"{int(session.get('since_sign_in', 0))}.{session.get('sid', '')}"


def _was_idle(visitor: Visitor) -> bool:
    if not visitor.is_staff:
        return False
    # Idle time is a matter of the real person at the desk, so it is measured on the real clock, not on the demo's.
    moment = datetime.now(UTC)
    seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
    g.was_idle = rules.is_idle(seen, moment, current_app.config["IDLE_LOGOUT"])
    g.was_long = rules.is_worn_out(datetime.fromtimestamp(session.get("since_sign_in", 0), UTC), moment)
    if g.was_idle or g.was_long:
        return True
    if (moment - seen).total_seconds() > 60:
        session["seen"] = int(moment.timestamp())
    return False


def why_out() -> str:
    """Why the page of signing in came up by itself: ``idle``, ``long``, or empty."""
    return "idle" if g.get("was_idle") else "long" if g.get("was_long") else ""


def start_afresh() -> None:
    """Of the earlier session only its matters and its draft are carried over, and the token of its forms is not."""
    mine = session.get("mine", [])
    kept = {name: session[name] for name in ("visitor", "since", "draft") if name in session}
    session.clear()
    session["mine"] = mine
    session.update(kept)


def enter(account: Account | StreetAccount, *, keep: bool = False) -> None:
    """Sign ``account`` in on this browser, with a session that nobody knew before."""
    start_afresh()
    session["sid"] = secrets.token_urlsafe(9)
    session["since_sign_in"] = session["seen"] = int(datetime.now(UTC).timestamp())
    session.permanent = keep
    login_user(Visitor(account, frozenset()))


def leave() -> None:
    """Sign out of this browser. The session's mark stays with the account, so that no copy of the cookie lives on."""
    found = visitor()
    if found is not None:
        _keep_ended(found.account)
    logout_user()
    for name in ("seen", "sid", "entered"):
        session.pop(name, None)


def leave_everywhere() -> None:
    """Sign every browser of this account out, this one too."""
    found = visitor()
    if found is not None:
        found.account.epoch += 1
        found.account.ended = []
    leave()


def _keep_ended(account: Account | StreetAccount) -> None:
    oldest = datetime.now(UTC) - current_app.config["PERMANENT_SESSION_LIFETIME"]
    live = [mark for mark in account.ended if int(mark.partition(".")[0]) > oldest.timestamp()]
    if len(live) < rules.ENDED_MOST:
        account.ended = [*live, _mark()]
        return
    account.epoch += 1
    account.ended = []


def be_nobody() -> None:
    """A guest with a key is nobody else in this request, also on a browser where staff is signed in."""
    g._login_user = current_app.login_manager.anonymous_user()


def visitor() -> Visitor | None:
    """The signed-in person, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def actor() -> Actor:
    """Whoever acts in this request; an anonymous neighbour is a resident without an account."""
    found = visitor()
    return found.actor if found else ANONYMOUS


def visitor_key() -> str:
    """An opaque key of this browser in this hall: one voice a browser where nobody signs in."""
    if not session.permanent:
        session.permanent = True
    return browser_key()


def browser_key() -> str:
    """The same key, kept only as long as the browser stays open where nothing else asked for more."""
    if "visitor" not in session:
        session["visitor"] = secrets.token_urlsafe(18)
    return str(session["visitor"])


def owns(matter_id: UUID) -> bool:
    """Whether this browser handed the matter in (its cookie says so)."""
    return str(matter_id) in session.get("mine", [])


def remember_mine(matter_id: UUID) -> None:
    """Keep in the browser's cookie that it handed this matter in; the newest twenty are kept."""
    mine = [str(matter_id), *(m for m in session.get("mine", []) if m != str(matter_id))]
    session["mine"] = mine[:20]
    session.permanent = True
