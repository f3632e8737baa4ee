"""Doors of the hall: the secretary's own items (书记项目), for everybody, for the desk and for the wall."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _

from app import clock
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import last_page, page_number
from app.faces.community.matters import light_of
from app.faces.community.result_words import money_words
from app.faces.doors import Door
from app.faces.pages import desk, page
from app.matter.house import house
from app.matter.ledger import is_child_s, may_read
from app.matter.situation import LABELS, Stage
from app.people.permissions import Permission
from app.records import projects as queries
from app.records.projects import PAGE, Project
from app.records.qr import qr_svg
from app.words import N_
from tenants.hosts import site_url

GROUPS = {"": N_("全部"), "open": N_("正在办"), "done": N_("办成的")}
#: So many fit one sheet in letters that are read from two steps away.
ON_THE_WALL = 12


def projects() -> str:
    """What the secretary took up in person, how it stands and what came of it."""
    return page("hall/projects.html", **_listed("community.projects", public_only=True))


def projects_desk() -> str:
    """The same for the office, with what is not public."""
    return desk("desk/projects.html", "plans", **_listed("community.projects_desk", public_only=False))


def projects_wall() -> str:
    """One sheet for the wall: what is in hand and what was done lately."""
    found = queries.projects(public_only=True, n=ON_THE_WALL)
    address = site_url("community.projects", external=True)
    return page(
        "hall/projects_wall.html", rows=_rows(found.rows), found=found, typed=address.partition("://")[2],
        qr=qr_svg(address, label=_("二维码，扫了看书记项目办到哪一步")), on=clock.today(),
    )  # fmt: skip


def _listed(endpoint: str, *, public_only: bool) -> dict[str, Any]:
    asked = request.args.get("group", "")
    group = asked if asked in GROUPS else ""
    number = page_number()
    found = queries.projects(group=group, public_only=public_only, page=number)
    total = {"open": found.open, "done": found.done}.get(group, found.open + found.done)
    tabs = [(_(label), site_url(endpoint, group=key or None), key == group) for key, label in GROUPS.items()]
    return {
        "rows": _rows(found.rows), "found": found, "tabs": tabs, "number": number, "last": last_page(total, PAGE),
        "group": group, "url_of": lambda n: site_url(endpoint, group=group or None, page=n),
    }  # fmt: skip


def _rows(found: Any) -> list[dict[str, Any]]:
    now, calendar, who = clock.now(), house().calendar, reader()
    rows = []
    for one in found:
        told = may_read(one.matter, who)
        rows.append(
            {
                "project": one, "matter": one.matter, "told": told,
                "title": one.matter.title if told else hidden_title(is_child_s(one.matter)),
                "stage": _(LABELS[Stage(one.matter.stage)]), "light": light_of(one.matter, now, calendar),
                "measure": _measure(one), "money": money_words(one.spent), "url": _result_url(one),
            }
        )  # fmt: skip
    return rows


def _measure(one: Project) -> str:
    """60/120 把 of the next promise, where it is measured."""
    task = one.upcoming
    if task is None or not task.target:
        return ""
    return _("%(done)s/%(target)s %(unit)s", done=task.done_count, target=task.target, unit=task.unit)


def _result_url(one: Project) -> str:
    """The result where there is one to read, else the matter's own page."""
    told = one.is_done and one.matter.visibility == "public" and one.n > 0 and not one.matter.has_minor
    return site_url("community.result" if told else "community.public_matter", matter_id=one.matter.id)


DOORS: list[Door] = [
    Door("GET", "/projects", projects, Permission.ANYONE_ENTER),
    Door("GET", "/projects/wall", projects_wall, Permission.ANYONE_ENTER),
    Door("GET", "/desk/projects", projects_desk, Permission.MATTER_READ),
]
