"""Doors of the hall: the speaker's own voice note before it is handed in, and the staff's writing down of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField

from app import clock
from app.errors import Missing, NotAllowed, Refused
from app.faces.community.drafts import find_draft
from app.faces.community.files import NO_FILE, sound_answer
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect import queries, voice_notes
from app.flow.collect.rules import WORDS
from app.matter.models import Attachment, Matter
from app.matter.sight import Part, may_see
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

NOT_YOURS = N_("语音只给提出人和经手的人听。")


class TranscriptForm(FlaskForm):
    """What was heard. ``back`` names the page the worker came from."""

    back = HiddenField()
    words = TextAreaField(_l("听到的话，照着记"))


def say_voice(voice_id: UUID) -> Response:
    """A voice note that waits in this browser's own draft."""
    draft = find_draft()
    kept = next((voice for voice in draft.voices if voice["id"] == str(voice_id)), None) if draft else None
    if kept is None:
        raise Missing(NO_FILE)
    return sound_answer(voice_id, kept["media_type"])


def transcript(voice_id: UUID) -> str:
    """Listen and write."""
    voice, matter = _heard(voice_id)
    form = TranscriptForm(formdata=None, words=voice.transcript, back=request.args.get("back", ""))
    return _page(voice, matter, form)


def transcript_in(voice_id: UUID) -> Any:
    """Keep what was written."""
    voice, matter = _heard(voice_id)
    form = TranscriptForm()
    form.validate()
    try:
        voice_notes.transcribe(voice, form.words.data or "", actor(), clock.now())
    except Refused as error:
        db.session.rollback()
        form.words.errors = [*form.words.errors, say(error.reason, error.values)]
        voice, matter = _heard(voice_id)
        return _page(voice, matter, form), 422
    flash(_("听写记下了，录音还留着。"), "success")
    to_screening = form.back.data == "screening"
    endpoint = "community.screening" if to_screening else "community.desk_matter"
    return redirect(site_url(endpoint, matter_id=matter.id), 303)


def _heard(voice_id: UUID) -> tuple[Attachment, Matter]:
    """The voice note and its matter, for those who handle it."""
    found = queries.find_file(voice_id)
    if found is None or found[0].kind != voice_notes.KIND:
        raise Missing(NO_FILE)
    voice, matter = found
    viewer = viewer_of(matter)
    if not viewer.is_staff or not may_see(Part.PERSONS, viewer, queries.sensitivity_of(matter)):
        raise NotAllowed(NOT_YOURS)
    return voice, matter


def _page(voice: Attachment, matter: Matter, form: TranscriptForm) -> str:
    return desk("desk/voice_transcript.html", "inbox", voice=voice, matter=matter, form=form, limit=WORDS)


DOORS: list[Door] = [
    Door("GET", "/say/voices/<uuid:voice_id>", say_voice, Permission.ANYONE_SUBMIT),
    Door("GET", "/desk/voices/<uuid:voice_id>/transcript", transcript, Permission.RESEARCH_WRITE),
    Door("POST", "/desk/voices/<uuid:voice_id>/transcript", transcript_in, Permission.RESEARCH_WRITE),
]
