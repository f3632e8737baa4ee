"""Who stands at the door: the signed-in account of this hall or street, or an anonymous neighbour."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Flask, abort, current_app, g, redirect, request, session
from flask_babel import gettext
from flask_login import LoginManager, current_user, login_user, logout_user

from app import clock
from app.errors import NotAllowed
from app.people import queries, rules
from app.people.actor import Actor
from app.people.models import Account, StreetAccount
from app.people.permissions import ANYONE, Permission, holds
from app.people.roles import COMMUNITY_STAFF, ROLE_LABELS, STREET_STAFF, Role
from app.words import N_
from tenants.hosts import site_url

ANONYMOUS = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


class Visitor:
    """The signed-in account as Flask-Login and the templates see it."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, account: Account | StreetAccount, roles: frozenset[Role]) -> None:
        self.account = account
        self.roles = roles
        self.id = account.id
        self.name = account.display_name

    def get_id(self) -> str:
        """Account and session epoch: raising the epoch ends every session of the account."""
        return f"{self.account.id}:{self.account.epoch}"

    def can(self, permission: Permission | str) -> bool:
        """Whether this person may knock at such a door."""
        return holds(self.roles, Permission(permission))

    @property
    def kind(self) -> str:
        """staff, council, resident or street."""
        return self.actor.kind

    @property
    def is_staff(self) -> bool:
        """Staff of the hall or of the street: idle sessions of these end."""
        return bool(self.roles & (COMMUNITY_STAFF | STREET_STAFF | {Role.AFFAIRS_SUPERVISOR}))

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
    if visitor is None or str(visitor.account.epoch) != epoch or _was_idle(visitor):
        return None
    return visitor


def _find(account_id: UUID) -> Visitor | None:
    if g.site.kind == "street":
        account = queries.street_account(account_id)
        return Visitor(account, frozenset({Role(account.role)})) if account else None
    found = queries.account_with_roles(account_id, clock.today())
    return Visitor(*found) if found else None


def _was_idle(visitor: Visitor) -> bool:
    if not visitor.is_staff:
        return False
    # Idle time is a matter of the real person at the desk, so it is measured on the real clock, not on the demo's.
    moment = datetime.now(UTC)
    seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
    if rules.is_idle(seen, moment, current_app.config["IDLE_LOGOUT"]):
        session.pop("seen", None)
        g.was_idle = True
        return True
    if (moment - seen).total_seconds() > 60:
        session["seen"] = int(moment.timestamp())
    return False


def enter(account: Account | StreetAccount, *, keep: bool = False) -> None:
    """Sign ``account`` in on this browser. Of the earlier session only its matters and its draft are carried over."""
    mine = session.get("mine", [])
    kept = {name: session[name] for name in ("visitor", "since", "draft") if name in session}
    session.clear()
    session["mine"] = mine
    session.update(kept)
    session["seen"] = int(datetime.now(UTC).timestamp())
    session.permanent = keep
    login_user(Visitor(account, frozenset()))


def leave() -> None:
    """Sign out of this browser."""
    logout_user()
    session.pop("seen", None)


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


def require(permission: Permission) -> None:
    """Let in, send to the sign-in page, or raise ``NotAllowed``."""
    if permission in ANYONE or permission in (Permission.GUEST_ANSWER, Permission.GUEST_TASK):
        return
    found = visitor()
    if found is None:
        abort(_to_sign_in())
    if found.account.must_change:
        _change_password_first()
    if not found.can(permission):
        raise NotAllowed(N_("这一页要 %(who)s 才能用。"), who=_who_holds(permission))


def _change_password_first() -> None:
    """A first password given by somebody else opens only the page where it is changed, and the way out."""
    face = "street" if g.site.kind == "street" else "community"
    open_still = {f"{face}.password", f"{face}.password_change", f"{face}.sign_out"}
    if request.endpoint not in open_still and f"{face}.password" in current_app.view_functions:
        abort(redirect(site_url(f"{face}.password"), 303))


def _to_sign_in() -> Any:
    face = "street" if g.site.kind == "street" else "community"
    back = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(site_url(f"{face}.sign_in", next=back or None))


def _who_holds(permission: Permission) -> str:
    labels = [
        gettext(ROLE_LABELS[role]) for role in Role if role in ROLE_LABELS and holds(frozenset({role}), permission)
    ]
    return "、".join(labels)
