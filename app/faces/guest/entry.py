"""How a guest comes in: a secret is looked up as itself, then the binding narrows to its one matter and invitation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, current_app, g, make_response, render_template, request
from flask_babel import gettext as _

from app import clock
from app.faces.limits import may_guess, wrong_guess
from app.faces.visitor import be_nobody
from app.matter.models import Matter
from app.matter.situation import Stage
from app.talent import keys, queries
from app.talent.actions import CODE_LENGTH, fingerprint, log_opening, way_now
from app.talent.models import Invitation, InvitationKey
from app.talent.rules import Way, may_ask_again
from app.words import N_
from tenants.binding import narrow
from tenants.hosts import Site
from tenants.scope import Scope

#: What a page says when a key opens nothing: status, title, text. None of them tells anything of the matter.
CLOSED_DOORS: dict[Way, tuple[int, str, str]] = {
    Way.UNKNOWN: (404, N_("这个链接打不开"), N_("可能少抄了一个字，也可能不是发给本社区的。请再输一遍，或打个电话。")),
    Way.EXPIRED: (
        410, N_("这个链接到期了"),
        N_("为了保护当事人，链接只开几天。写过的意见都还在。还想帮忙看的话，请社区再给您一个。"),
    ),
    Way.SPENT: (
        410, N_("这个链接已经用过了"),
        N_("请在答应时的那台手机或电脑上接着看。换了设备，请社区再给一个，只交给您本人。"),
    ),
    Way.REVOKED: (
        410, N_("这个链接收回了"), N_("社区收回了这个链接，可能另发了一个新的给您。请打个电话问问。"),
    ),
    Way.DECLINED: (410, N_("这份邀请您回绝过了"), N_("谢谢您回话。要是又方便了，请给社区打个电话。")),
    Way.CLOSED: (410, N_("这件事已经结束了"), N_("不用再看了，谢谢您惦记着。")),
}  # fmt: skip


@dataclass
class Entry:
    """What one secret opens. Rows belong to one binding: the ids outlive a change of it."""

    way: Way
    secret: str = ""
    key: InvitationKey | None = None
    invitation: Invitation | None = None
    matter: Matter | None = None
    case: UUID | None = None
    invitation_id: UUID | None = None


def enter(secret: str, now: datetime) -> Entry:
    """Resolve a secret; afterwards the request is bound to its one matter, or to nothing but the secret itself."""
    be_nobody()
    is_typed = len(secret.strip()) <= CODE_LENGTH + 2
    if is_typed and not may_guess("invitation"):
        abort(429)
    mark = fingerprint(secret)
    bind(mark)
    key = queries.key_behind(mark)
    if key is None:
        if is_typed:
            wrong_guess("invitation")
        return Entry(Way.UNKNOWN)
    bind(mark, key.matter_id, key.invitation_id)
    key = queries.key_behind(mark)
    found = queries.opened_by(key) if key else None
    if key is None or found is None:
        return Entry(Way.UNKNOWN)
    return Entry(way_now(key, *found, now), secret, key, *found, key.matter_id, key.invitation_id)


def enter_by_cookie(now: datetime, invitation: UUID | None = None) -> Entry:
    """The invitation that is asked for, or the newest of this browser that is still worked on, or else the newest."""
    be_nobody()
    newest = ""
    for secret in keys.split(request.cookies.get(cookie_name())):
        found = enter(secret, now)
        if found.way is Way.UNKNOWN:
            continue
        if found.invitation_id == invitation or (invitation is None and found.way is Way.WORKING):
            return found
        newest = newest or secret
    # The binding is the last one looked at, so the one that is shown is entered once more.
    return enter(newest, now) if newest and invitation is None else Entry(Way.UNKNOWN)


def with_key(entry: Entry, mark: str, *, keep: bool = False) -> None:
    """Bind to another key of the same invitation; ``keep`` commits what the key bound before has written."""
    bind(mark, entry.case, entry.invitation_id, keep=keep)


def bind(mark: str, case: UUID | None = None, invitation: UUID | None = None, *, keep: bool = False) -> None:
    """Bind this request to the holder of one key, and to one matter and one invitation (or task) once known."""
    site: Site = g.site
    scope = Scope(
        "guest", street=site.street_id, community=site.community_id, case=case, invitation=invitation, key=mark
    )
    narrow(scope, keep=keep)


def cookie_name() -> str:
    """By path the halls share a host, so the name carries the slug."""
    by_path = current_app.config["TENANT_BY"] == "path"
    return f"yiqilai_guest_{g.site.slug}" if by_path else "yiqilai_guest"


def cookie_path() -> str:
    """The guest's corner of the hall."""
    return f"/c/{g.site.slug}/x" if current_app.config["TENANT_BY"] == "path" else "/x"


def set_cookie(response: Any, secret: str) -> Any:
    """Host-only, HttpOnly, for this browser session and as long as the invitation lives."""
    value = keys.join(secret, keys.split(request.cookies.get(cookie_name())))
    response.set_cookie(
        cookie_name(), value, max_age=90 * 24 * 3600, path=cookie_path(), httponly=True, samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return response


def closed_door(way: Way, entry: Entry | None = None, token: str = "") -> Any:
    """The kind, clear page for a key that opens nothing; where the hall can help, a button asks it for a fresh link."""
    status, title, text = CLOSED_DOORS[way]
    may_ask, number = False, ""
    if entry is not None and entry.invitation is not None and entry.matter is not None and token:
        invitation, stage = entry.invitation, Stage(entry.matter.stage)
        number = invitation.number
        may_ask = bool(may_ask_again(way, invitation.state, stage, None, clock.now()))
    page = render_template(
        "guest/closed.html", status=status, title=_(title), text=_(text), token=token if may_ask else "", number=number
    )
    return quiet(make_response(page, status))


def quiet(response: Any) -> Any:
    """No search engine, no cache, no trace in the next site's log."""
    response = make_response(response)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def log(entry: Entry, now: datetime, *, preview: bool = False) -> None:
    """Write the opening down where the key led to an invitation; ``preview``: a program only asked for the address."""
    if entry.invitation_id is not None:
        log_opening(entry.invitation_id, "preview" if preview else str(entry.way), now=now)
