"""Doors of the street: the Proposal Handbook, read by everybody, written and published by the administrator."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.handbook_pages import reading_doors, shown
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.triage import handbook as book
from app.flow.triage import handbook_rules as rules
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def handbook() -> Any:
    """The versions, and the form for the next one."""
    return _page(None, "")


def _page(typed: dict[str, Any] | None, problem: str) -> str:
    every, found = book.published(), book.draft()
    now = {"title": every[0].title, "sections": every[0].sections}
    stored = {"title": found.title, "sections": found.sections} if found else now
    form = typed or {**stored, "seen": book.seen_of(found)}
    return desk(
        "street/handbook_desk.html", "handbook", form=form, problem=problem, versions=every, draft=found, rules=rules,
        next_version=every[0].version + 1, changes=len(rules.difference(every[0].sections, stored["sections"])),
    )  # fmt: skip


def handbook_save() -> Any:
    """Keep the draft; nothing is kept while a section is not whole."""
    typed = _typed()
    try:
        book.save(typed["title"], typed["sections"], seen=typed["seen"], by=actor(), now=clock.now())
    except Refused as error:
        db.session.rollback()
        return _page(typed, say(error.reason, error.values)), 422
    flash(_("存好了，还没公布，居民看不到。"), "ok")
    if request.form.get("then") == "look":
        return redirect(site_url("street.handbook_draft"), 303)
    return redirect(site_url("street.handbook"), 303)


def _typed() -> dict[str, Any]:
    """The sections in the order of the numbers beside them; one that is to be dropped is left out."""
    found = []
    for place, name in enumerate(request.form.getlist("section")[: rules.SECTIONS + 2]):
        if request.form.get(f"{name}.drop"):
            continue
        order = request.form.get(f"{name}.order", "")
        number = int(order) if order.isascii() and order.isdigit() and len(order) < 4 else place + 1
        words = request.form.get(f"{name}.words", "").replace("\r\n", "\n")
        found.append((number, place, {"title": request.form.get(f"{name}.title", ""), "words": words}))
    sections = [one for _number, _place, one in sorted(found, key=lambda part: part[:2])]
    return {
        "title": request.form.get("title", ""), "sections": rules.tidy(sections), "seen": request.form.get("seen", ""),
    }  # fmt: skip


def handbook_draft() -> str:
    """The draft as residents will read it, what it changes, and the button that publishes it."""
    found = book.draft()
    if found is None:
        raise Missing(N_("没有正在写的一版。"))
    before = book.edition()
    edition = book.Edition(found.version, found.title, found.sections)
    changes = rules.difference(before.sections, found.sections)
    return desk(
        "street/handbook_one.html", "handbook", book=shown(edition), draft=found, seen=book.seen_of(found),
        changes=changes, before=before, is_new=bool(changes) or before.title != found.title,
    )  # fmt: skip


def handbook_edition(version: int) -> str:
    """One published version and what it changed."""
    found = book.edition(version)
    earlier = [one for one in book.published() if one.version < version]
    changes = rules.difference(earlier[0].sections, found.sections) if earlier else []
    return desk(
        "street/handbook_one.html", "handbook", book=shown(found), draft=None, edition=found, changes=changes,
        before=earlier[0] if earlier else None,
    )  # fmt: skip


def handbook_publish() -> Any:
    """Put the draft in force in every hall."""
    version = request.form.get("version", -1, type=int)
    book.publish(version, seen=request.form.get("seen", ""), by=actor(), now=clock.now())
    flash(_("第 %(n)s 版公布了，各议事厅从现在起看到的就是它。", n=version), "ok")
    return redirect(site_url("street.handbook"), 303)


W = Permission.STREET_HANDBOOK_WRITE
DOORS: list[Door] = [
    *reading_doors("street"),
    Door("GET", "/handbook/versions", handbook, W),
    Door("POST", "/handbook/versions", handbook_save, W),
    Door("GET", "/handbook/draft", handbook_draft, W),
    Door("GET", "/handbook/versions/<int:version>", handbook_edition, W),
    Door("POST", "/handbook/publication", handbook_publish, W),
]
