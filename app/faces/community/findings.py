"""Doors of what was found out, line by line: put it right, take it off, hide it with its reason, bring it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Missing, Refused
from app.faces.community.inputs import take_back, whole_number
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.research import actions, site_notes
from app.flow.research.models import Option
from app.flow.research.queries import find_option
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


class LineForm(FlaskForm):
    """A line of the list of those it touches."""

    name = StringField(_l("和谁有关"))
    households = StringField(_l("多少户"))


class WordsForm(FlaskForm):
    """The words of a site note."""

    words = TextAreaField(_l("看见了什么"))


class ReasonForm(FlaskForm):
    """Why it is no longer shown."""

    reason = StringField(_l("为什么不显示"))


def option_dropping(matter_id: UUID, option_id: UUID) -> str:
    """Ask before an option goes off the table."""
    matter = readable(matter_id)
    return desk("desk/research_option.html", "ledger", matter=matter, option=_option(matter, option_id))


def option_withdrawal(matter_id: UUID, option_id: UUID) -> Any:
    """Take one option off the table."""
    matter = readable(matter_id)
    option = actions.drop_option(_option(matter, option_id), matter, by=actor(), now=clock.now())
    flash(_("方案 %(label)s 不再议。想接着议，点「接着议」。", label=option.label), "success")
    return _back(matter_id, "options")


def option_return(matter_id: UUID, option_id: UUID) -> Any:
    """Put it back."""
    matter = readable(matter_id)
    option = actions.restore_option(_option(matter, option_id), matter, by=actor(), now=clock.now())
    flash(_("方案 %(label)s 接着议。", label=option.label), "success")
    return _back(matter_id, "options")


def stakeholder(matter_id: UUID, stakeholder_id: UUID) -> str:
    """The form of one line."""
    matter = readable(matter_id)
    who = actions.find_stakeholder(matter, stakeholder_id)
    form = LineForm(formdata=None, name=who.name, households="" if who.households is None else str(who.households))
    return _line_page(matter, who.id, form)


def stakeholder_change(matter_id: UUID, stakeholder_id: UUID) -> Any:
    """Put one line right."""
    matter, form = readable(matter_id), LineForm()
    form.validate()
    who = actions.find_stakeholder(matter, stakeholder_id)
    typed = (form.households.data or "").strip()
    number = whole_number(typed)
    try:
        if typed and number is None:
            raise Refused(N_("户数填 0 以上的整数。"))
        actions.change_stakeholder(
            who, matter, name=form.name.data or "", households=number, by=actor(), now=clock.now()
        )
    except Refused as error:
        take_back(form, "households" if typed and number is None else "name", error)
        return _line_page(readable(matter_id), stakeholder_id, form), 422
    flash(_("改好了。"), "success")
    return _back(matter_id, "stakeholders")


def stakeholder_removal(matter_id: UUID, stakeholder_id: UUID) -> Any:
    """Take one line off; naming it again brings it back."""
    matter = readable(matter_id)
    who = actions.find_stakeholder(matter, stakeholder_id)
    actions.remove_stakeholder(who, matter, by=actor(), now=clock.now())
    flash(_("去掉了「%(name)s」。写上同样的名称就能加回来。", name=who.name), "success")
    return _back(matter_id, "stakeholders")


def site_note(matter_id: UUID, note_id: UUID) -> str:
    """The form to put one's own words right."""
    matter = readable(matter_id)
    note = site_notes.find_note(matter, note_id)
    return _note_page(matter, note_id, WordsForm(formdata=None, words=note.words), "words")


def site_note_change(matter_id: UUID, note_id: UUID) -> Any:
    """Put one's own words right."""
    return _with_note(matter_id, note_id, WordsForm, "words", site_notes.change_note, _("改好了。"))


def site_note_hiding(matter_id: UUID, note_id: UUID) -> str:
    """Ask why a note is no longer shown."""
    matter = readable(matter_id)
    site_notes.find_note(matter, note_id)
    return _note_page(matter, note_id, ReasonForm(formdata=None), "reason")


def site_note_hide(matter_id: UUID, note_id: UUID) -> Any:
    """Hide a note and its photos."""
    return _with_note(matter_id, note_id, ReasonForm, "reason", site_notes.hide_note, _("不显示了。点「恢复」就回来。"))


def site_note_return(matter_id: UUID, note_id: UUID) -> Any:
    """Show it again."""
    matter = readable(matter_id)
    site_notes.show_note(site_notes.find_note(matter, note_id), matter, by=actor(), now=clock.now())
    flash(_("恢复了。"), "success")
    return _back(matter_id, "site")


def _with_note(
    matter_id: UUID, note_id: UUID, kind: type[FlaskForm], field: str, act: Callable[..., Any], done: str
) -> Any:
    matter, form = readable(matter_id), kind()
    form.validate()
    try:
        act(site_notes.find_note(matter, note_id), matter, form[field].data or "", by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, field, error)
        return _note_page(readable(matter_id), note_id, form, field), 422
    flash(done, "success")
    return _back(matter_id, "site")


def _note_page(matter: Matter, note_id: UUID, form: FlaskForm, field: str) -> str:
    note = site_notes.find_note(matter, note_id)
    return desk("desk/research_note.html", "ledger", matter=matter, note=note, form=form, hides=field == "reason")


def _line_page(matter: Matter, stakeholder_id: UUID, form: LineForm) -> str:
    return desk("desk/research_line.html", "ledger", matter=matter, stakeholder_id=stakeholder_id, form=form)


def _option(matter: Matter, option_id: UUID) -> Option:
    option = find_option(option_id)
    if option is None or option.matter_id != matter.id:
        raise Missing(N_("没有这个方案。"))
    return option


def _back(matter_id: UUID, anchor: str) -> Any:
    return redirect(site_url("community.research", matter_id=matter_id, _anchor=anchor), 303)


P = Permission.RESEARCH_WRITE
_AT = "/desk/matters/<uuid:matter_id>"
_OPTION = f"{_AT}/options/<uuid:option_id>"
_LINE = f"{_AT}/stakeholders/<uuid:stakeholder_id>"
_NOTE = f"{_AT}/site-notes/<uuid:note_id>"
DOORS: list[Door] = [
    Door("GET", f"{_OPTION}/withdrawal", option_dropping, P),
    Door("POST", f"{_OPTION}/withdrawal", option_withdrawal, P),
    Door("POST", f"{_OPTION}/return", option_return, P),
    Door("GET", _LINE, stakeholder, P),
    Door("POST", _LINE, stakeholder_change, P),
    Door("POST", f"{_LINE}/removal", stakeholder_removal, P),
    Door("GET", _NOTE, site_note, P),
    Door("POST", _NOTE, site_note_change, P),
    Door("GET", f"{_NOTE}/hiding", site_note_hiding, P),
    Door("POST", f"{_NOTE}/hiding", site_note_hide, P),
    Door("POST", f"{_NOTE}/return", site_note_return, P),
]
