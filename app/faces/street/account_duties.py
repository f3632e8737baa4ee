"""Doors of the street: which duty a login has, and whether everybody must have a second step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import after_this_request, current_app, flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.kept_accounts import insist_on_epoch
from app.faces.street.accounts import ONE, RoleForm, W, hands_over, one_page
from app.faces.visitor import actor, visitor
from app.people import street_desk
from app.people.roles import Role
from tenants.hosts import forget_sites, site_url


def account_role(account_id: UUID) -> Any:
    """Give a login another role."""
    found, form = street_desk.find_account(account_id), RoleForm()
    insist_on_epoch(found)
    if not form.validate():
        return one_page(found, form), 422
    role = Role(form.role.data)
    street_desk.change_role(found, role, by=actor(), now=clock.now())
    flash(_("角色换了，本人要重新登录。"), "ok")
    return redirect(site_url("street.own_account" if hands_over(role) else "street.accounts"), 303)


def two_step_rule() -> Any:
    """Ask the second step of everybody of the street, or leave it to each."""
    me, required = visitor(), request.form.get("required") == "yes"
    has_it = me is not None and me.account.totp_since is not None
    street_desk.require_two_step(required, by=actor(), has_it=has_it, now=clock.now())
    after_this_request(_forget)
    flash(_("从现在起，街道的人都要开两步登录。") if required else _("两步登录，自己愿意就开。"), "ok")
    return redirect(site_url("street.accounts"), 303)


def _forget(response: Any) -> Any:
    # After the commit: what this process kept of the street would otherwise hold for another twenty seconds.
    forget_sites(current_app._get_current_object())  # type: ignore[attr-defined]
    return response


DOORS: list[Door] = [
    Door("POST", f"{ONE}/role", account_role, W),
    Door("POST", "/accounts/two-step-rule", two_step_rule, W),
]
