"""Doors of the hall: stored pictures, voice notes and the hall's mark.

A file is served only after its row was read under the community's policy and the rule of sight allowed it. A picture is
always one of our own JPEGs; a voice note is sent only as one of our own sound types, in a box of its own, to whoever
said it and to those who handle the matter. Neither is ever what somebody named it.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, g, send_file

from app.errors import Missing
from app.faces.community.drafts import files
from app.faces.community.sight import viewer_of
from app.faces.doors import Door
from app.faces.pictures import picture_answer as picture_answer
from app.flow.collect import queries
from app.flow.collect.voice_notes import KIND as VOICE
from app.matter.models import Attachment
from app.matter.sight import Part, may_see
from app.matter.sounds import ENDINGS, MEDIA_TYPES
from app.people.permissions import Permission
from app.people.roles import Role
from app.words import N_
from tenants.brand import Brand
from tenants.scope import current_community

NO_FILE = N_("没有找到这个文件。")


def file(file_id: UUID) -> Response:
    """The picture itself."""
    return picture_answer(_readable(file_id).id, "")


def file_small(file_id: UUID) -> Response:
    """Its preview, at most 360 px."""
    return picture_answer(_readable(file_id).id, "small")


def voice(file_id: UUID) -> Response:
    """A voice note, for its speaker and the handlers of the matter only; never for the public."""
    found = queries.find_file(file_id)
    if found is None or found[0].kind != VOICE or found[0].media_type not in MEDIA_TYPES:
        raise Missing(NO_FILE)
    attachment, matter = found
    # A voice tells who somebody is, so it is kept like a name; what is hidden stays with the staff.
    viewer = viewer_of(matter)
    if not may_see(Part.PERSONS, viewer, queries.sensitivity_of(matter)) or viewer.is_street:
        raise Missing(NO_FILE)
    if attachment.hidden_at is not None and not viewer.is_staff:
        raise Missing(NO_FILE)
    return sound_answer(attachment.id, attachment.media_type)


def mark() -> Any:
    """The hall's own mark, for browser tabs and shared links."""
    if not g.site.brand:
        raise Missing(NO_FILE)
    return Response(Brand.from_dict(g.site.brand).mark_file, mimetype="image/svg+xml")


def sound_answer(file_id: UUID, media_type: str) -> Response:
    """A stored voice note, in pieces where the player asks for pieces (Safari plays nothing else)."""
    if media_type not in MEDIA_TYPES:
        raise Missing(NO_FILE)
    with files().open(current_community(), file_id) as stored:
        data = BytesIO(stored.read())
    # A name without any letter of the sender's; the box keeps a browser from ever treating it as a page.
    answer = send_file(
        data, mimetype=media_type, download_name=f"voice.{ENDINGS[media_type]}", conditional=True, etag=False, max_age=0
    )
    answer.headers["Content-Disposition"] = f'inline; filename="voice.{ENDINGS[media_type]}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _readable(file_id: UUID) -> Attachment:
    found = queries.find_file(file_id)
    if found is None or found[0].media_type != "image/jpeg":
        raise Missing(NO_FILE)
    attachment, matter = found
    viewer = viewer_of(matter)
    if attachment.hidden_at is not None and not viewer.is_staff:
        raise Missing(NO_FILE)
    if attachment.public and queries.is_told(matter):
        return attachment
    # Whoever may not see it learns nothing about its being there. Letters and signed sheets carry names and hands; what
    # the proposer brought along is shut like their words.
    if attachment.about == queries.VOUCHER and not (viewer.is_handler or Role.AFFAIRS_SUPERVISOR in viewer.roles):
        raise Missing(NO_FILE)
    named = attachment.about in (queries.LETTER, queries.SIGNED_PAPER)
    part = Part.PERSONS if named else (Part.CONTENT if attachment.about else Part.WORDS)
    if not may_see(part, viewer, queries.sensitivity_of(matter)):
        raise Missing(NO_FILE)
    return attachment


DOORS: list[Door] = [
    Door("GET", "/files/<uuid:file_id>", file, Permission.ANYONE_ENTER),
    Door("GET", "/files/<uuid:file_id>/small", file_small, Permission.ANYONE_ENTER),
    Door("GET", "/files/<uuid:file_id>/voice", voice, Permission.ANYONE_ENTER),
    Door("GET", "/mark.svg", mark, Permission.ANYONE_ENTER),
]
