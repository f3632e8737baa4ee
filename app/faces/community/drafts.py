"""What somebody has typed but not handed in: kept for two days on the server, known only to this browser's cookie.

The cookie itself is too small for five thousand letters and cannot hold a photo. The draft fixes the matter's id and
its tracking code from the start, so that a form handed in twice makes one matter and shows one receipt.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app, session
from flask_babel import gettext as _

from app.faces.phrasing import clauses
from app.flow.collect.actions import Picture
from app.flow.collect.rules import VOICES
from app.matter.files import FileStore
from app.matter.photos import reencode
from app.matter.sounds import BadSound, check_sound
from app.people.secrets import new_tracking_code
from app.words import N_
from tenants.database import uuid7
from tenants.queue import key, redis
from tenants.scope import current_community

KEPT = timedelta(days=2)
#: After handing in the draft only answers a second click on the same button.
KEPT_AFTER = timedelta(hours=1)


@dataclass
class Draft:
    """The three steps as far as they were answered. ``building`` is the label shown; ids are plain text."""

    key: str
    matter_id: str
    code: str
    words: str = ""
    wish: str = ""
    photos: list[dict[str, Any]] = field(default_factory=list)
    building_id: str = ""
    building: str = ""
    unit: int | None = None
    place: str = ""
    who: str = ""
    signers: int = 1
    organisation: str = ""
    organisation_kind: str = ""
    organisation_role: str = ""
    origin: str = ""
    channel: str = "web"
    point: str = ""
    category: str = ""
    venue_id: str = ""
    campaign_id: str = ""
    opening_id: str = ""
    letter_no: int | None = None
    listening_id: str = ""
    voices: list[dict[str, Any]] = field(default_factory=list)
    handed_in: bool = False

    @property
    def pictures(self) -> list[Picture]:
        """The photos that already lie in the file store."""
        return [Picture.from_dict(photo) for photo in self.photos]

    @property
    def where(self) -> str:
        """曹家巷小区 3 号楼 2 单元，单元门口."""
        unit = " " + _("%(unit)s 单元", unit=self.unit) if self.building and self.unit else ""
        return clauses(part for part in (f"{self.building}{unit}", self.place) if part)


def find_draft() -> Draft | None:
    """This browser's draft, or None where there is none (any more)."""
    name = session.get("draft")
    kept = redis().get(key("draft", name)) if name else None
    return Draft(**json.loads(kept)) if kept else None


def open_draft() -> Draft:
    """This browser's draft that is still being written, or a new one."""
    draft = find_draft()
    if draft is None or draft.handed_in:
        draft = Draft(key=secrets.token_urlsafe(18), matter_id=str(uuid7()), code=new_tracking_code())
        session["draft"] = draft.key
        session.permanent = True
    return draft


def keep(draft: Draft) -> None:
    """Store the draft; what was handed in goes sooner."""
    after = KEPT_AFTER if draft.handed_in else KEPT
    redis().set(key("draft", draft.key), json.dumps(vars(draft)), ex=int(after.total_seconds()))


def files() -> FileStore:
    """The program's file store."""
    return FileStore(Path(current_app.config["DATA_DIR"]))


def add_photo(draft: Draft, stream: Any) -> None:
    """Draw a photo anew, store it and note it in the draft; the same picture twice counts once. Raises ``BadPhoto``."""
    photo = reencode(stream, limit_bytes=current_app.config["PHOTO_BYTES"])
    if any(kept["sha256"] == photo.sha256 for kept in draft.photos):
        return
    picture = Picture(uuid7(), photo.width, photo.height, len(photo.full), photo.sha256)
    store = files()
    store.put(current_community(), picture.id, photo.full)
    store.put(current_community(), picture.id, photo.small, variant="small")
    draft.photos.append(picture.as_dict())


def drop_photo(draft: Draft, photo_id: str) -> None:
    """Take a photo out of the draft and off the disk."""
    kept = [photo for photo in draft.photos if photo["id"] != photo_id]
    if len(kept) < len(draft.photos):
        files().forget(current_community(), UUID(photo_id))
        draft.photos = kept


def add_voice(draft: Draft, stream: Any) -> None:
    """Store a voice note as it came and note it in the draft; the same one twice counts once. Raises ``BadSound``."""
    sound = check_sound(stream)
    if any(kept["sha256"] == sound.sha256 for kept in draft.voices):
        return
    if len(draft.voices) >= VOICES:
        raise BadSound(N_("最多 %(n)s 段语音，多的没有收。"), n=VOICES)
    voice_id = uuid7()
    files().put(current_community(), voice_id, sound.data)
    draft.voices.append(
        {"id": str(voice_id), "media_type": sound.media_type, "size": sound.size, "sha256": sound.sha256}
    )


def drop_voice(draft: Draft, voice_id: str) -> None:
    """Take a voice note out of the draft and off the disk."""
    kept = [voice for voice in draft.voices if voice["id"] != voice_id]
    if len(kept) < len(draft.voices):
        files().forget(current_community(), UUID(voice_id))
        draft.voices = kept


def held_photos(mark: str) -> list[Picture]:
    """The photos that wait for a staff form which was refused; ``mark`` is the account's and the form's own."""
    kept = redis().get(key("held", mark))
    return [Picture.from_dict(photo) for photo in json.loads(kept)] if kept else []


def hold_photo(mark: str, stream: Any) -> None:
    """Draw a photo anew and let it wait with the form's others; the same picture twice counts once."""
    photo, held = reencode(stream, limit_bytes=current_app.config["PHOTO_BYTES"]), held_photos(mark)
    if any(kept.sha256 == photo.sha256 for kept in held):
        return
    picture = Picture(uuid7(), photo.width, photo.height, len(photo.full), photo.sha256)
    store = files()
    store.put(current_community(), picture.id, photo.full)
    store.put(current_community(), picture.id, photo.small, variant="small")
    waiting = json.dumps([one.as_dict() for one in [*held, picture]])
    redis().set(key("held", mark), waiting, ex=int(KEPT.total_seconds()))


def keep_code(mark: str, matter_id: UUID, code: str) -> None:
    """Let a tracking code wait until its slip is printed; it is nowhere else in clear and goes after two days."""
    name = key("codes", mark)
    redis().hset(name, str(matter_id), code)
    redis().expire(name, int(KEPT.total_seconds()))


def kept_codes(mark: str) -> dict[str, str]:
    """The codes that wait for their slips, by the matter's id."""
    found = redis().hgetall(key("codes", mark))
    return {_text(matter_id): _text(code) for matter_id, code in found.items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
