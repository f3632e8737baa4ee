"""Doors of the hall: what was said, as it is written, in order, on paper and as .docx."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, request, send_file
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.minutes_paper import is_closed_to_others, paper_of
from app.faces.community.sitting_page import Table, attempt, read_table
from app.faces.doors import Door
from app.faces.look import hour, say
from app.faces.pages import desk, page
from app.faces.visitor import actor, visitor
from app.flow.deliberate import actions, queries
from app.flow.deliberate.models import MinutesEntry, Sitting
from app.flow.deliberate.rules import SittingState
from app.matter.house import house
from app.people.permissions import Permission
from app.people.roles import COMMUNITY_STAFF
from app.records.documents import minutes_docx, paper_filename
from app.records.templates import current_template
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


def _is_autosave() -> bool:
    return request.accept_mimetypes.best == "application/json"


def words(sitting_id: UUID) -> Any:
    """Write down what one speaker said. What is being typed saves itself again and again under one id."""
    found, form, wanted = _found(sitting_id), forms.WordsForm(), forms.as_uuid(request.form.get("matter"))

    def act() -> MinutesEntry:
        entry = actions.speak(
            found, wanted, form.speaker.data or "", form.words.data or "", by=actor(), now=clock.now(), id=form.once_id
        )
        if entry.sitting_id != sitting_id:
            raise Missing(N_("没有这条记录。"))
        # The same row sent again with other words corrects it; a double click says the same and changes nothing.
        return actions.edit_words(
            entry.id, form.speaker.data or "", form.words.data or "", version=_version(form) or 1, by=actor(),
            now=clock.now(),
        )  # fmt: skip

    if _is_autosave():
        return _saved(form, act)
    clashes: list[actions.Overtaken] = []

    def act_once() -> None:
        try:
            act()
        except actions.Overtaken as overtaken:
            clashes.append(overtaken)

    refused = attempt(sitting_id, "words", form, act_once)
    if clashes:
        return _entry(sitting_id, clashes[0].theirs.id, form, 409, clashes[0])
    if refused:
        return refused
    return redirect(site_url("community.sitting", sitting_id=sitting_id, matter=wanted) + "#rec", 303)


def _version(form: Any) -> int | None:
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 and text != "0" else None


def _saved(form: Any, act: Any) -> Any:
    """The answer to an autosave: the version that stands now, or (409) what another writer made of it."""
    if not form.validate():
        return jsonify(words=_("先写谁说的、说了什么")), 422
    try:
        entry = act()
    except actions.Overtaken as overtaken:
        db.session.rollback()
        theirs = overtaken.theirs
        return jsonify(
            words=say(overtaken.reason, overtaken.values), speaker=theirs.speaker, theirs=theirs.words,
            version=theirs.version,
        ), 409  # fmt: skip
    except Refused as refused:
        db.session.rollback()
        return jsonify(words=say(refused.reason, refused.values)), 422
    return jsonify(
        version=entry.version, words=_("自动保存 %(time)s", time=hour(clock.now())),
        url=site_url("community.minutes_entry_save", sitting_id=entry.sitting_id, entry_id=entry.id),
    )  # fmt: skip


def entry_form(sitting_id: UUID, entry_id: UUID) -> Any:
    """One entry, to be corrected."""
    return _entry(sitting_id, entry_id, None)


def _one(sitting_id: UUID, entry_id: UUID) -> MinutesEntry:
    found = queries.find_entry(sitting_id, entry_id)
    if found is None:
        raise Missing(N_("没有这条记录。"))
    return found


def _entry(
    sitting_id: UUID, entry_id: UUID, form: Any, status: int = 200, overtaken: actions.Overtaken | None = None
) -> Any:
    """The entry's form; after a clash with both texts, and the version that stands now, so that saving settles it."""
    if overtaken is not None:
        db.session.rollback()
    found = _one(sitting_id, entry_id)
    form = form or forms.WordsForm(formdata=None, speaker=found.speaker, words=found.words, version=str(found.version))
    if overtaken is not None:
        form.version.data = str(found.version)
    return desk(
        "desk/minutes_entry.html", "council", form=form, sitting_id=sitting_id, entry=found,
        clash=say(overtaken.reason, overtaken.values) if overtaken else "",
    ), status  # fmt: skip


def entry_save(sitting_id: UUID, entry_id: UUID) -> Any:
    """Save the correction; whoever saves an older version is shown both texts and nothing is lost."""
    _one(sitting_id, entry_id)
    form = forms.WordsForm()

    def act() -> MinutesEntry:
        return actions.edit_words(
            entry_id, form.speaker.data or "", form.words.data or "", version=_version(form), by=actor(),
            now=clock.now(),
        )  # fmt: skip

    if _is_autosave():
        return _saved(form, act)
    if form.validate():
        try:
            entry = act()
        except actions.Overtaken as overtaken:
            return _entry(sitting_id, entry_id, form, 409, overtaken)
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("改好了。"), "ok")
            return redirect(site_url("community.sitting", sitting_id=sitting_id, matter=entry.matter_id) + "#rec", 303)
    db.session.rollback()
    return _entry(sitting_id, entry_id, form, 422)


def entry_move(sitting_id: UUID, entry_id: UUID) -> Any:
    """Change places with the neighbour above (``way`` up) or below."""
    _one(sitting_id, entry_id)
    entry = actions.move_entry(entry_id, request.form.get("way") == "up", by=actor(), now=clock.now())
    return redirect(site_url("community.sitting", sitting_id=sitting_id, matter=entry.matter_id) + "#rec", 303)


def completion(sitting_id: UUID) -> Any:
    """Sign the minutes off: the chair, or the recorder who names the chair that read them."""
    found = _found(sitting_id)
    actions.finish_minutes(found, confirmed_by=request.form.get("confirmed_by", ""), by=actor(), now=clock.now())
    flash(_("会议记录定稿了。"), "ok")
    return redirect(site_url("community.minutes", sitting_id=sitting_id), 303)


def readable(sitting_id: UUID) -> tuple[Table, frozenset[UUID]]:
    """The held sitting and the matters whose talk this reader may not see."""
    table = read_table(sitting_id)
    if table.sitting.state not in (SittingState.OPEN, SittingState.CLOSED):
        raise Missing(N_("会还没开，没有记录。"))
    me = visitor()
    staff = me is not None and bool(me.roles & COMMUNITY_STAFF)
    return table, frozenset(m.id for _item, m in table.items if not staff and is_closed_to_others(m))


def minutes(sitting_id: UUID) -> str:
    """The minutes laid out as they are printed."""
    table, hidden = readable(sitting_id)
    return page("desk/minutes.html", table=table, sitting=table.sitting, paper=paper_of(table, hidden), hidden=hidden)


def minutes_file(sitting_id: UUID) -> Any:
    """The minutes as .docx, on the street's own letterhead where it has one."""
    table, hidden = readable(sitting_id)
    content = minutes_docx(paper_of(table, hidden), template=current_template("minutes"))
    return send_paper(table.sitting, "会议记录", content)


def send_paper(sitting: Sitting, kind: str, content: bytes) -> Any:
    """Hand over a paper of a sitting under the name it is filed by."""
    day = clock.local(sitting.opened_at or sitting.starts_at).date()
    name = paper_filename(day, house().short, kind, int(sitting.number.rsplit("-", 1)[-1]), 1)
    return send_file(BytesIO(content), mimetype=DOCX, as_attachment=True, download_name=name)


P = Permission
TABLE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("POST", TABLE + "/words", words, P.SITTING_WRITE, name="sitting_words"),
    Door("GET", TABLE + "/words/<uuid:entry_id>", entry_form, P.SITTING_WRITE, name="minutes_entry"),
    Door("POST", TABLE + "/words/<uuid:entry_id>", entry_save, P.SITTING_WRITE, name="minutes_entry_save"),
    Door("POST", TABLE + "/words/<uuid:entry_id>/place", entry_move, P.SITTING_WRITE, name="minutes_entry_place"),
    Door("POST", TABLE + "/minutes", completion, P.SITTING_WRITE, name="minutes_completion"),
    Door("GET", TABLE + "/minutes", minutes, P.RECORD_READ),
    Door("GET", TABLE + "/minutes.docx", minutes_file, P.RECORD_READ),
]
