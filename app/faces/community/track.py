"""Doors of the hall: where is it now? By the tracking code, like a parcel."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, session
from flask_babel import gettext as _

from app import clock
from app.faces import limits
from app.faces.community.matters import glimpses
from app.faces.community.sight import follow
from app.faces.doors import Door
from app.faces.pages import page
from app.flow.collect import queries
from app.flow.collect.public_lists import moving
from app.matter.house import house
from app.people.permissions import Permission
from tenants.hosts import site_url

TRACKING = "tracking"


def track() -> str:
    """The form, what moved lately, and what this browser already follows."""
    return _page("", "", 200)[0]


def track_code() -> Any:
    """Look a code up. The code travels in the body and never in an address; wrong ones are slowed down."""
    typed = request.form.get("code", "")[:60]
    if not limits.may_guess(TRACKING):
        return _page(typed, _("输错的次数多了，请过十分钟再试。忘了码可以打电话问，报姓名和哪天说的就行。"), 429)
    matter = queries.find_by_code(typed)
    if matter is None:
        limits.wrong_guess(TRACKING)
        digits = sum(letter.isdigit() for letter in typed)
        if not typed.strip():
            wrong = _("请输上 12 位查询码。")
        elif digits != 12:
            wrong = _("查询码是 12 位数字，现在是 %(n)s 位，请照着纸条再看一遍。", n=digits)
        else:
            wrong = _("没找到这个码。请三位三位地对一遍；这个码只能在交的那个社区查。")
        return _page(typed, wrong, 422)
    follow(matter.id)
    return redirect(site_url("community.public_matter", matter_id=matter.id), 303)


def _page(typed: str, wrong: str, status: int) -> tuple[str, int]:
    shown = glimpses(moving(6, each=1), clock.now(), house().calendar)
    body = page("hall/track.html", typed=typed, wrong=wrong, matters=shown, mine=bool(session.get("mine")))
    return body, status


DOORS: list[Door] = [
    Door("GET", "/track", track, Permission.ANYONE_TRACK),
    Door("POST", "/track", track_code, Permission.ANYONE_TRACK, limit="60 per 10 minutes", of_browser=True),
]
