"""Doors of the ledger (议事台账): filtered, in any order, page by page, and on paper.

What is asked for stands in the URL; on the same browser it also stays until it is changed, and so do the columns.
Neither reaches the database unless somebody keeps it as a view.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import request, session
from flask_babel import gettext as _

from app import clock
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import as_uuid, page_number
from app.faces.doors import Door
from app.faces.look import link, say
from app.faces.pages import desk, page
from app.faces.visitor import visitor
from app.flow.collect.rules import CATEGORIES, CHANNELS
from app.matter.house import house
from app.matter.ledger_filter import TABS, Wanted
from app.matter.lights import COLOUR_LABELS
from app.matter.situation import LABELS, LEVEL_LABELS
from app.matter.stages import STEPS, TRIAGE_LABELS
from app.people.permissions import Permission
from app.records.ledger_asked import as_args, wanted_of
from app.records.ledger_columns import ALWAYS, COLUMNS, ON_PAPER, Column, chosen
from app.records.ledger_rows import PAPER, Line, Page, read_page
from app.records.ledger_views import Frame, View, read_frame
from tenants.database import uuid7
from tenants.hosts import site_url

#: Under these names the browser's session keeps what was asked last, and which columns.
ASKED, SHOWN = "ledger", "ledger_columns"


def ledger() -> str:
    """The ledger on the screen."""
    now, who = clock.now(), reader()
    frame = read_frame(who, _words(), now=now, year_start=year_start(now))
    wanted, columns, view = asked_for(frame)
    # An unfiltered tab was counted for its own label.
    total = None if wanted.filters else frame.tabs[wanted.tab]
    found = read_page(wanted, who, columns, now=now, calendar=house().calendar, say=say, total=total)
    me = visitor()
    return desk(
        "desk/ledger.html", "ledger", found=found, lines=[shown(line) for line in found.lines], wanted=wanted,
        heads=heads(wanted, columns), frame=frame, tabs=_tabs(wanted, frame.tabs), options=_options(frame),
        year=clock.local(now).year, view=view, url_of=lambda n: url_of(wanted, page=n),
        print_url=url_of(wanted, "community.ledger_print"), column_choices=_column_choices(columns),
        asked=as_args(wanted), hidden_some=any(line.hidden for line in found.lines), once=uuid7(),
        may_export=bool(me and me.can(Permission.LEDGER_EXPORT)),
        clear_url=site_url("community.ledger", tab=wanted.tab), old_n=frame.old_years.get(wanted.year, 0),
        sheet_url=link("community.ledger_sheet", **as_args(wanted)),
    )  # fmt: skip


def ledger_print() -> str:
    """The same list and the same columns as a table for paper laid across, at most 500 lines."""
    now, who = clock.now(), reader()
    wanted = wanted_of(request.args)
    columns = chosen(request.args.getlist("col") or session.get(SHOWN, ()))
    found: Page = read_page(wanted, who, columns, now=now, calendar=house().calendar, say=say, size=PAPER)
    return page(
        "desk/ledger_print.html", lines=[shown(line) for line in found.lines], columns=columns, total=found.total,
        tab=_(TABS[wanted.tab]), wanted=wanted, printed=now, is_tight=len(columns) > ON_PAPER,
    )  # fmt: skip


def asked_for(frame: Frame) -> tuple[Wanted, tuple[Column, ...], View | None]:
    """What this request asks for: its URL, the view it names, what was asked last on this browser, one's usual view."""
    given, number = request.args.to_dict(), page_number()
    view = next((one for one in frame.views if one.id == as_uuid(given.get("view"))), None)
    if not given and ASKED not in session:
        view = next((one for one in frame.views if one.is_default), None)
    if view is not None:
        session[SHOWN] = [column.key for column in view.columns]
        wanted = replace(view.wanted, page=number)
    elif given.keys() - {"page", "col", "view"}:
        wanted = wanted_of(given, page=number)
    else:
        wanted = wanted_of(session.get(ASKED, {}), page=number)
    if "col" in given:
        session[SHOWN] = [column.key for column in chosen(request.args.getlist("col"))]
    # A word is looked for once; a list that opens tomorrow with yesterday's word looks empty.
    session[ASKED] = {name: value for name, value in wanted.as_dict().items() if name != "words"}
    return wanted, chosen(session.get(SHOWN, ())), view


def url_of(wanted: Wanted, endpoint: str = "community.ledger", **more: Any) -> str:
    """The address of what is asked for."""
    return site_url(endpoint, **{name: value for name, value in (as_args(wanted) | more).items() if value})


def shown(line: Line) -> dict[str, Any]:
    """A line as the templates need it."""
    title = line.cells.get("title") or (hidden_title(line.hidden == "child") if line.hidden else "")
    return {
        "line": line, "cells": line.cells, "title": title, "step_label": _(STEPS[line.step - 1].label),
        "stage_label": _(LABELS[line.stage]), "url": site_url("community.desk_matter", matter_id=line.id),
    }  # fmt: skip


def heads(wanted: Wanted, columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """The headings; a sortable one leads to its own order, and from there to the other way round."""
    found = []
    for column in columns:
        is_sorted = wanted.sort == column.key
        turned = replace(wanted, sort=column.key, down=is_sorted and not wanted.down)
        found.append({
            "column": column, "label": _(column.label), "url": url_of(turned) if column.sortable else "",
            "sorted": ("descending" if wanted.down else "ascending") if is_sorted else "",
        })  # fmt: skip
    return found


def _words() -> str:
    """The words are needed before it is known whether a view is asked for, and a view's words search old rows too."""
    given = request.args
    if given.keys() - {"page", "col", "view"}:
        return wanted_of(given.to_dict()).words
    return ""


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": _(label), "count": counts[name], "current": name == wanted.tab,
            "url": url_of(replace(wanted, tab=name)),
        }
        for name, label in TABS.items()
    ]  # fmt: skip


def _options(frame: Frame) -> dict[str, list[tuple[Any, str]]]:
    def listed(labels: Any, first: str) -> list[tuple[Any, str]]:
        return [("", first), *((str(key), _(label)) for key, label in labels.items())]

    every = _("全部")
    return {
        "year": [("", _("哪年都行")), *((year, _("%(year)s 年", year=year)) for year in frame.years)],
        "month": [("", _("全年")), *((month, _("%(month)s月", month=month)) for month in range(1, 13))],
        "category": listed(CATEGORIES, _("全部类别")),
        "step": [("", _("全部七步")), *((step.number, f"{step.number} {_(step.label)}") for step in STEPS)],
        "stage": listed(LABELS, every), "triage": listed(TRIAGE_LABELS, every), "level": listed(LEVEL_LABELS, every),
        "channel": listed(CHANNELS, every), "light": listed(COLOUR_LABELS, every),
        "owner": [("", every), *((str(key), name) for key, name in frame.owners)],
        "grid": [("", every), *((str(key), name) for key, name in frame.grids)],
    }  # fmt: skip


def _column_choices(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    on = {column.key for column in columns}
    return [
        {"key": column.key, "label": _(column.label), "on": column.key in on}
        for column in COLUMNS if column.key not in ALWAYS
    ]  # fmt: skip


def year_start(now: datetime) -> datetime:
    return clock.at(date(clock.local(now).year, 1, 1), 0)


def view_url(view_id: UUID) -> str:
    """Where a kept view opens."""
    return site_url("community.ledger", view=view_id)


DOORS: list[Door] = [
    Door("GET", "/desk/matters", ledger, Permission.MATTER_READ),
    Door("GET", "/desk/matters/paper", ledger_print, Permission.MATTER_READ),
]
