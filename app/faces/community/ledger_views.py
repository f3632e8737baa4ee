"""Doors of the hall: ways of looking at the ledger that people keep, rename, share, and open by default."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Refused
from app.faces.community.desk import reader
from app.faces.community.inputs import once_id
from app.faces.community.ledger import view_url
from app.faces.community.ledger_export import title_of
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.phrasing import listed
from app.faces.visitor import actor
from app.people.permissions import Permission
from app.records import ledger_views as views
from app.records.ledger_asked import as_args, wanted_of
from app.records.ledger_columns import chosen
from tenants.database import db, uuid7
from tenants.hosts import site_url


def ledger_views() -> Any:
    """One's own views and those of others."""
    return _page()


def _page(problem: str = "", at: str = "", typed: dict[str, str] | None = None) -> Any:
    found = views.views_of(reader())
    return desk(
        "desk/ledger_views.html", "ledger", mine=[_shown(one) for one in found if one.mine],
        theirs=[_shown(one) for one in found if not one.mine], problem=problem, at=at, typed=typed or {},
    )  # fmt: skip


def _shown(view: views.View) -> dict[str, Any]:
    return {
        "view": view, "url": view_url(view.id), "words": title_of(view.wanted),
        "columns": listed(_(column.label) for column in view.columns),
    }  # fmt: skip


def ledger_view_add() -> Any:
    """Keep what the ledger shows now under a name."""
    form, once = request.form, once_id()
    wanted, columns = wanted_of(form.to_dict()), chosen(form.getlist("col"))
    try:
        view = views.save_view(
            form.get("name", ""), wanted, columns, by=actor(), now=clock.now(), id=once,
            shared=bool(form.get("shared")), is_default=bool(form.get("is_default")),
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        again = as_args(wanted) | {"name": form.get("name", "")[:200]}
        return _unsaved(say(error.reason, error.values), again, [column.key for column in columns]), 422
    flash(_("存好了：%(name)s", name=view.name), "ok")
    return redirect(view_url(view.id), 303)


def _unsaved(problem: str, typed: dict[str, Any], columns: list[str]) -> Any:
    return desk(
        "desk/ledger_view_new.html", "ledger", problem=problem, typed=typed, columns=columns, once=uuid7(),
        shared=bool(request.form.get("shared")), is_default=bool(request.form.get("is_default")),
    )  # fmt: skip


def ledger_view_change(view_id: UUID) -> Any:
    """Give a view another name, and say whether others may open it."""
    form, by = request.form, actor()
    view = views.find_view(view_id, by)
    try:
        views.rename_view(view, form.get("name", ""), shared=bool(form.get("shared")), by=by)
    except Refused as error:
        db.session.rollback()
        return _page(say(error.reason, error.values), str(view_id), {"name": form.get("name", "")[:200]}), 422
    flash(_("改好了。"), "ok")
    return redirect(site_url("community.ledger_views"), 303)


def ledger_view_default(view_id: UUID) -> Any:
    """Open the ledger like this from now on, or (``off``) with nothing chosen."""
    by, yes = actor(), not request.form.get("off")
    views.make_default(views.find_view(view_id, by), by=by, yes=yes)
    flash(_("以后一打开台账就这样看。") if yes else _("以后打开台账先看在办的。"), "ok")
    return redirect(site_url("community.ledger_views"), 303)


def ledger_view_remove(view_id: UUID) -> Any:
    """Forget a view; the page offers to keep it again."""
    view = views.find_view(view_id, actor())
    name = view.name
    views.remove_view(view)
    flash(_("删掉了「%(name)s」。台账里的事一件没动，想要再存一次就行。", name=name), "ok")
    return redirect(site_url("community.ledger_views"), 303)


R = Permission.MATTER_READ
ONE = "/desk/ledger-views/<uuid:view_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/ledger-views", ledger_views, R),
    Door("POST", "/desk/ledger-views", ledger_view_add, R),
    Door("POST", ONE, ledger_view_change, R),
    Door("POST", f"{ONE}/default", ledger_view_default, R),
    Door("POST", f"{ONE}/removal", ledger_view_remove, R),
]
