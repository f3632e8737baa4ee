"""Photos that came with a form, in any face: drawn anew and stored, all of them or none."""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, request

from app.errors import Refused
from app.flow.collect.actions import Picture
from app.matter.files import FileStore
from app.matter.photos import reencode
from app.words import N_
from tenants.database import uuid7
from tenants.scope import current_community

MOST = 6


def files() -> FileStore:
    """The program's file store."""
    return FileStore(Path(current_app.config["DATA_DIR"]))


def pictures_sent(name: str) -> list[Picture]:
    """The uploaded photos of one field, as they now lie in the file store; raises ``BadPhoto`` before any is kept."""
    sent = [part for part in request.files.getlist(name) if part.filename]
    if len(sent) > MOST:
        raise Refused(N_("照片最多 %(n)s 张，现在有 %(m)s 张。"), n=MOST, m=len(sent))
    drawn = [reencode(part.stream, limit_bytes=current_app.config["PHOTO_BYTES"]) for part in sent]
    kept, store = [], files()
    for photo in drawn:
        picture = Picture(uuid7(), photo.width, photo.height, len(photo.full), photo.sha256)
        store.put(current_community(), picture.id, photo.full)
        store.put(current_community(), picture.id, photo.small, variant="small")
        kept.append(picture)
    return kept


def forget_pictures(kept: list[Picture]) -> None:
    """Take stored photos away again whose form was refused."""
    for picture in kept:
        files().forget(current_community(), picture.id)


def picture_answer(file_id: object, variant: str) -> Response:
    """A stored JPEG; the file store raises ``Missing`` for what is not there."""
    with files().open(current_community(), file_id, variant=variant) as stored:  # type: ignore[arg-type]
        data = stored.read()
    answer = Response(data, mimetype="image/jpeg")
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, max-age=600"
    return answer
