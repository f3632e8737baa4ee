"""Voice notes from people's phones: told by their first bytes, kept as they came, never played as anything else.

A recording cannot be drawn anew like a photo without a codec of its own, so its bytes stay as they are. That is why the
kind is read from the bytes and not from the name, why a film is turned away, and why nobody but the proposer and those
who handle the matter ever gets it (``faces/community/sounds.py``).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO

from app.errors import Refused
from app.words import N_

LIMIT_BYTES = 10 * 1024 * 1024
#: Shorter than this is a slip of the finger, not a sentence.
LEAST_BYTES = 200
_CODECS_AT = 4096
_MP4_BRANDS = {
    b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"dash", b"3gp4", b"3gp5",
    b"3gp6", b"3g2a", b"avc1", b"qt  ",
}  # fmt: skip
#: ISO/IEC 14496-12: a track whose handler is ``vide`` shows pictures.
_FILM_TRACK = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_FILM_CODECS = (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG", b"\x80theora")
_NO_SOUND = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"PK\x03\x04", b"RIFF")
_MP3_BITRATE, _MP3_RATE = 0xF0, 0x0C
#: What each kind may be served as; nothing outside this table is ever sent.
MEDIA_TYPES = frozenset({"audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/wav", "audio/amr", "audio/aac"})
ENDINGS = {
    "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/wav": "wav",
    "audio/amr": "amr", "audio/aac": "aac",
}  # fmt: skip


class BadSound(Refused):
    """The upload is not a voice note the hall can take; ``reason`` says why and what to do instead."""


@dataclass(frozen=True)
class Sound:
    """A voice note: what it is, its bytes, their hex SHA-256 and number."""

    media_type: str
    data: bytes
    sha256: str
    size: int


def check_sound(stream: BinaryIO, *, limit_bytes: int = LIMIT_BYTES) -> Sound:
    """Read an uploaded voice note (WebM, Ogg, M4A, MP3, WAV, AMR or AAC) and tell what it is.

    :raises BadSound: when it is too large, empty, too short, a film, or no sound at all.
    """
    data = stream.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise BadSound(N_("语音太长，一段不能超过 %(limit)s MB，请分两段说。"), limit=limit_bytes // (1024 * 1024))
    if not data:
        raise BadSound(N_("这个文件是空的，请重新录一段。"))
    kind = _kind(data)
    if not kind:
        raise BadSound(_what_else(data))
    if _is_film(kind, data):
        raise BadSound(N_("这是一段录像，请只录声音。"))
    if len(data) < LEAST_BYTES:
        raise BadSound(N_("这一段太短了，没录上，请重新录一段。"))
    return Sound(kind, data, hashlib.sha256(data).hexdigest(), len(data))


def _kind(data: bytes) -> str:
    """The media type told by the first bytes, empty for anything else."""
    if data[:4] == b"\x1aE\xdf\xa3" and (b"webm" in data[:64] or b"matroska" in data[:64]):
        return "audio/webm"
    if data[:4] == b"OggS":
        return "audio/ogg"
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:12] in _MP4_BRANDS else ""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav"
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    return "audio/mpeg" if data[:3] == b"ID3" else _frame_kind(data)


def _frame_kind(data: bytes) -> str:
    """AAC (ADTS, ISO/IEC 13818-7) and MP3 (ISO/IEC 11172-3) begin with a frame: eleven or twelve ones and a header."""
    if len(data) < 4 or data[0] != 0xFF:
        return ""
    if data[1] & 0xF6 == 0xF0:
        return "audio/aac"
    is_layer_three = data[1] & 0xE6 == 0xE2 and data[1] & 0x18 != 0x08
    is_whole = data[2] & _MP3_BITRATE != _MP3_BITRATE and data[2] & _MP3_RATE != _MP3_RATE
    return "audio/mpeg" if is_layer_three and is_whole else ""


def _is_film(kind: str, data: bytes) -> bool:
    if kind == "audio/mp4":
        return _FILM_TRACK.search(data) is not None
    head = data[:_CODECS_AT]
    return kind in ("audio/webm", "audio/ogg") and any(codec in head for codec in _FILM_CODECS)


def _what_else(data: bytes) -> str:
    if data.startswith(_NO_SOUND) or data[4:8] == b"ftyp":
        return N_("这种格式听不了，请用手机录音机录一段，或者打社区电话说。")
    return N_("这个文件不是录音，请重新选一段。")
