"""The request's binding: host → site → scope, set before anything else and taken away at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Flask, Request, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import SecurityError

from .database import db
from .hosts import Site, Suspended, site_of_request
from .scope import Scope, bind, bound, current, unbind

#: Paths that answer without a hall: probes and the static files.
OPEN = ("/healthz", "/readyz", "/static/")


def init_binding(app: Flask) -> None:
    """Bind each request to its host's tenant; probes and static files stay unbound."""
    app.session_interface = HallSession()
    app.before_request(_bind_request)
    app.teardown_request(_unbind_request)


def is_open(path: str) -> bool:
    """Whether the path is served without a tenant."""
    return path.startswith(OPEN)


def _bind_request() -> None:
    if is_open(request.path):
        return
    if (away := g.pop("site_away", None)) is not None:
        raise away
    site = getattr(g, "site", None) or site_of_request()
    g.site = site
    if site.suspended_at is not None:
        # Nobody is bound: whatever the page then does, no row of the paused hall can be read or written.
        raise Suspended(site)
    g.binding = bind(site.scope)


def _unbind_request(_error: BaseException | None) -> None:
    try:
        db.session.remove()
    except SQLAlchemyError:
        # A connection that died since cannot be rolled back, which it needs no more; the answer is already made.
        db.session.registry.clear()
    finally:
        # Whatever happened to the session, this thread's next request must not find this one's tenant.
        token = g.pop("binding", None)
        if token is not None:
            unbind(token)


def narrow(scope: Scope, *, keep: bool = False) -> None:
    """Bind a guest of this request more narrowly; it may never widen, and the running transaction is ended first.

    ``keep`` commits what the earlier binding wrote instead of undoing it: a guest who trades one key for another
    cannot hold both in one transaction.
    """
    site: Site = g.site
    if scope.kind != "guest" or scope.community != site.community_id or scope.street != site.street_id:
        raise PermissionError("a binding may only narrow to a guest of the same community")
    if keep:
        db.session.commit()
    db.session.rollback()
    db.session.remove()
    unbind(g.binding)
    g.binding = bind(scope)


@contextmanager
def witnessing(community: int, *, case: UUID, person: UUID | None = None) -> Iterator[Connection]:
    """One transaction of its own as the street's witness of one matter, and of one person behind it.

    Only the street's own staff may enter, and only for a hall of its own street. The block's end commits: what the
    witness wrote down stands before anything it read leaves the block, whatever becomes of the page.
    """
    here = current()
    if here.kind != "street":
        raise PermissionError("only the street looks through a witness")
    scope = Scope("witness", street=here.street, community=community, case=case, person=person, actor=here.actor)
    with bound(scope), db.engines[None].begin() as conn:
        yield conn


@contextmanager
def opening(community: int) -> Iterator[None]:
    """One transaction of its own that sets up, pauses or closes one hall of the bound street.

    Only the street may enter. ``db.session`` works as the opener of that one hall inside the block, and the block's end
    commits all of it or nothing.
    """
    here = current()
    if here.kind != "street":
        raise PermissionError("only the street opens and closes its halls")
    # Whoever is signed in was read before; expiring them here would ask for them again as the wrong role.
    db.session.expunge_all()
    db.session.rollback()
    db.session.remove()
    with bound(Scope("opener", street=here.street, community=community, actor=here.actor)):
        try:
            yield
            db.session.commit()
        finally:
            db.session.rollback()
            db.session.remove()


@contextmanager
def telling(poll: UUID) -> Iterator[Connection]:
    """One transaction of its own as the teller of one poll of the bound hall: only here is a sealed box read.

    The block's end commits. Whoever enters must already have ended the voting in a committed transaction.
    """
    here = current()
    if here.kind != "community":
        raise PermissionError("a box is opened in its own hall")
    scope = Scope("teller", street=here.street, community=here.community, case=poll, actor=here.actor)
    with bound(scope), db.engines[None].begin() as conn:
        yield conn


class PatientSigner(TimestampSigner):
    """A cookie signed while the clock was ahead is as good as one signed now: it is ours, and it is not old."""

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """The value; raises what the library raises."""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)  # type: ignore[call-overload]
        except SignatureExpired as error:
            if error.date_signed is None or error.date_signed <= datetime.now(UTC):
                raise
            return super().unsign(signed_value, None, return_timestamp)  # type: ignore[call-overload]


def _day() -> int:
    return int(datetime.now(UTC).timestamp()) // 86_400


class HallSession(SecureCookieSessionInterface):
    """One host-only cookie per hall, signed with the hall's own salt: another hall's cookie is just noise here."""

    @property
    def salt(self) -> str:  # type: ignore[override]
        """The hall of this very request: one object serves all threads, so what it kept would be another hall's."""
        site: Site | None = getattr(g, "site", None)
        return f"hall-session:{site.street_id}:{site.community_id}" if site else "hall-session:none"

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's serializer, with a signer that bears a clock which comes back."""
        found = super().get_signing_serializer(app)
        if found is not None:
            found.signer = PatientSigner
        return found

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """A kept session is written anew once a day, so that it lasts as long as somebody comes.

        With every answer, as Flask has it, an answer that took long would write over what a quicker one had just noted.
        """
        if not hasattr(g, "site"):
            # Nothing was read from the cookie, so nothing may be written over it.
            return False
        if session.permanent and session.get("day") != (today := _day()):
            session["day"] = today
        return session.modified

    def open_session(self, app: Flask, request: Request) -> Any:
        """Find the site first: Flask opens the session before ``before_request`` runs."""
        if not is_open(request.path) and not hasattr(g, "site"):
            try:
                g.site = site_of_request()
            except (LookupError, SecurityError):
                pass  # before_request meets the same host again and answers with a page.
            except SQLAlchemyError as error:
                # A database that comes back this very moment must not make a stranger of whoever is signed in.
                g.site_away = error
        return super().open_session(app, request)

    def get_cookie_name(self, app: Flask) -> str:
        """By path the halls share a host, so the name carries the slug.

        Over TLS the name also binds the browser (RFC 6265bis): ``__Host-`` is only taken from this very host, so no
        neighbour below the same base can plant one; a cookie with a path of its own can only be ``__Secure-``.
        """
        site: Site | None = getattr(g, "site", None)
        by_path = app.config["TENANT_BY"] == "path"
        name = f"yiqilai_{site.slug}" if by_path and site and site.slug else "yiqilai"
        if not app.config["SESSION_COOKIE_SECURE"]:
            return name
        return f"__Secure-{name}" if self.get_cookie_path(app) != "/" else f"__Host-{name}"

    def get_cookie_path(self, app: Flask) -> str:
        """The hall's own path where halls share a host."""
        site: Site | None = getattr(g, "site", None)
        if app.config["TENANT_BY"] == "path" and site and site.slug:
            return f"/c/{site.slug}/"
        return "/"
