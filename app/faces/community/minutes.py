"""Doors of the hall: what was said, on the page, on paper and as .docx."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, send_file
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.minutes_paper import paper_of
from app.faces.community.sitting_page import Table, attempt, read_table
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor, visitor
from app.flow.deliberate import actions, queries
from app.flow.deliberate.rules import SittingState
from app.matter.house import house
from app.matter.models import Matter
from app.people.permissions import Permission
from app.people.roles import COMMUNITY_STAFF
from app.records.documents import minutes_docx, paper_filename
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def words(sitting_id: UUID) -> Any:
    """Write down what one speaker said."""
    form, wanted = forms.WordsForm(), forms.as_uuid(request.form.get("matter"))
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))

    def act() -> None:
        actions.speak(
            found, wanted, form.speaker.data or "", form.words.data or "", by=actor(), now=clock.now(), id=form.once_id
        )

    refused = attempt(sitting_id, "words", form, act)
    if refused:
        return refused
    return redirect(site_url("community.sitting", sitting_id=sitting_id, matter=wanted) + "#rec", 303)


def entry_form(sitting_id: UUID, entry_id: UUID) -> Any:
    """One entry, to be corrected."""
    return _entry(sitting_id, entry_id, None)


def _entry(sitting_id: UUID, entry_id: UUID, form: Any, status: int = 200) -> Any:
    found = next((e for e in queries.minutes_of(sitting_id) if e.id == entry_id), None)
    if found is None:
        raise Missing(N_("没有这条记录。"))
    form = form or forms.WordsForm(formdata=None, speaker=found.speaker, words=found.words)
    return desk("desk/minutes_entry.html", "council", form=form, sitting_id=sitting_id, entry=found), status


def entry_save(sitting_id: UUID, entry_id: UUID) -> Any:
    """Save the correction."""
    form = forms.WordsForm()
    if form.validate():
        try:
            actions.edit_words(entry_id, form.speaker.data or "", form.words.data or "", by=actor(), now=clock.now())
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("改好了。"), "ok")
            return redirect(site_url("community.sitting", sitting_id=sitting_id), 303)
    db.session.rollback()
    return _entry(sitting_id, entry_id, form, 422)


def completion(sitting_id: UUID) -> Any:
    """Sign the minutes off."""
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    actions.finish_minutes(found, by=actor(), now=clock.now())
    flash(_("会议记录定稿了。"), "ok")
    return redirect(site_url("community.minutes", sitting_id=sitting_id), 303)


def _readable(sitting_id: UUID) -> tuple[Table, frozenset[UUID]]:
    """The held sitting and the matters whose talk this reader may not see."""
    table = read_table(sitting_id)
    if table.sitting.state not in (SittingState.OPEN, SittingState.CLOSED):
        raise Missing(N_("会还没开，没有记录。"))
    me = visitor()
    staff = me is not None and bool(me.roles & COMMUNITY_STAFF)
    hidden = frozenset(matter.id for _item, matter in table.items if not staff and _is_closed_to_others(matter))
    return table, hidden


def _is_closed_to_others(matter: Matter) -> bool:
    return matter.visibility == "parties" or matter.track == "mediation"


def minutes(sitting_id: UUID) -> str:
    """The minutes laid out as they are printed."""
    table, hidden = _readable(sitting_id)
    return page("desk/minutes.html", table=table, sitting=table.sitting, paper=paper_of(table, hidden), hidden=hidden)


def minutes_file(sitting_id: UUID) -> Any:
    """The minutes as .docx."""
    table, hidden = _readable(sitting_id)
    day = clock.local(table.sitting.opened_at or table.sitting.starts_at).date()
    serial = table.sitting.number.rsplit("-", 1)[-1]
    name = paper_filename(day, house().short, "会议记录", int(serial), 1)
    content = BytesIO(minutes_docx(paper_of(table, hidden)))
    return send_file(content, mimetype=DOCX, as_attachment=True, download_name=name)


P = Permission
TABLE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("POST", TABLE + "/words", words, P.SITTING_WRITE, name="sitting_words"),
    Door("GET", TABLE + "/words/<uuid:entry_id>", entry_form, P.SITTING_WRITE, name="minutes_entry"),
    Door("POST", TABLE + "/words/<uuid:entry_id>", entry_save, P.SITTING_WRITE, name="minutes_entry_save"),
    Door("POST", TABLE + "/minutes", completion, P.SITTING_WRITE, name="minutes_completion"),
    Door("GET", TABLE + "/minutes", minutes, P.RECORD_READ),
    Door("GET", TABLE + "/minutes.docx", minutes_file, P.RECORD_READ),
]
