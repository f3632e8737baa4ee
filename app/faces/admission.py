"""Whether somebody is let in at a door, sent to sign in, or first to what has to be done before anything else."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, g, redirect, request
from flask_babel import gettext

from app.errors import NotAllowed
from app.faces.phrasing import listed
from app.faces.visitor import Visitor, visitor
from app.people import duties, rules
from app.people.permissions import ANYONE, Permission, holds
from app.people.roles import ROLE_LABELS, Role
from app.people.settings import is_two_step_required
from app.words import N_
from tenants.hosts import site_url


def require(permission: Permission) -> None:
    """Let in, send to the sign-in page, or raise ``NotAllowed``."""
    if permission in ANYONE or permission in (Permission.GUEST_ANSWER, Permission.GUEST_TASK):
        return
    found = visitor()
    if found is None:
        abort(_to_sign_in())
    if found.account.must_change:
        _go_first("password", "password_change")
    elif _must_set_up(found):
        _go_first("own_account", "two_step_begin", "two_step", "two_step_confirm", "password", "password_change")
    if not found.can(permission):
        raise NotAllowed(N_("这一页要 %(who)s 才能用。"), who=_who_holds(permission, found.appointed))


def _must_set_up(found: Visitor) -> bool:
    """Whether hall or street ask the second step of their whole staff, and this one of it has none yet."""
    required = is_two_step_required(g.site.settings)
    return rules.must_set_up(required=required, is_staff=found.is_staff, has_it=found.account.totp_since is not None)


def _go_first(page: str, *more: str) -> None:
    """What has to be done before anything else opens only the pages where it is done, and the way out."""
    face = "street" if g.site.kind == "street" else "community"
    # Hall and street share addresses, and the router names whichever came first: only the door's own name counts.
    here = (request.endpoint or "").rpartition(".")[2]
    open_still = {page, *more, "sign_out", "sign_out_everywhere"}
    if here not in open_still and f"{face}.{page}" in current_app.view_functions:
        abort(redirect(site_url(f"{face}.{page}"), 303))


def _to_sign_in() -> Any:
    face = "street" if g.site.kind == "street" else "community"
    back = request.script_root + request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(site_url(f"{face}.sign_in", next=back or None))


def _who_holds(permission: Permission, appointed: frozenset[Role]) -> str:
    able = [
        role for role in Role
        if holds(frozenset({role}), permission) and permission not in duties.withheld({role}, appointed)
    ]  # fmt: skip
    return listed(gettext(ROLE_LABELS[role]) for role in able if role in ROLE_LABELS)
