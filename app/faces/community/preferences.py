"""Doors of the hall: large print and language, kept in cookies of this host."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request

from app.faces.doors import Door
from app.faces.edge import ELDER_COOKIE, LANGUAGE_COOKIE
from app.faces.pages import local_path
from app.people.permissions import Permission
from tenants.binding import HallSession
from tenants.hosts import site_url

YEAR = 365 * 24 * 3600


def elder() -> Any:
    """关怀版 on or off."""
    return _keep(ELDER_COOKIE, "on" if request.form.get("elder") == "on" else "off")


def language() -> Any:
    """One of the languages the program speaks; anything else changes nothing."""
    wanted = request.form.get("language", "")
    if wanted not in current_app.config["LANGUAGES"]:
        return redirect(local_path(request.form.get("next")) or site_url("community.home"), 303)
    return _keep(LANGUAGE_COOKIE, wanted)


def _keep(cookie: str, value: str) -> Any:
    answer = redirect(local_path(request.form.get("next")) or site_url("community.home"), 303)
    sessions = current_app.session_interface
    path = sessions.get_cookie_path(current_app) if isinstance(sessions, HallSession) else "/"
    answer.set_cookie(
        cookie, value, max_age=YEAR, path=path, samesite="Lax", httponly=True,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip
    return answer


DOORS: list[Door] = [
    Door("POST", "/preferences/elder", elder, Permission.ANYONE_ENTER, of_browser=True),
    Door("POST", "/preferences/language", language, Permission.ANYONE_ENTER, of_browser=True),
]
