"""What counts as a voice note: told by the bytes, whatever the name says."""

from __future__ import annotations

import struct
from hashlib import sha256
from io import BytesIO

import pytest

from app.matter.sounds import LIMIT_BYTES, MEDIA_TYPES, BadSound, check_sound

REST = b"\x00" * 400


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def mp4(handler: bytes, brand: bytes = b"M4A ") -> bytes:
    return box(b"ftyp", brand + REST) + box(b"moov", box(b"hdlr", b"\x00" * 8 + handler + REST))


GOOD = {
    "webm": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + REST + b"A_OPUS", "audio/webm"),
    "ogg": (b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead" + REST, "audio/ogg"),
    "m4a": (mp4(b"soun"), "audio/mp4"),
    "safari": (mp4(b"soun", b"iso5"), "audio/mp4"),
    "mp3 with a label": (b"ID3\x04\x00" + REST, "audio/mpeg"),
    "mp3": (b"\xff\xfb\x90\x64" + REST, "audio/mpeg"),
    "wav": (b"RIFF\x24\x08\x00\x00WAVEfmt " + REST, "audio/wav"),
    "amr": (b"#!AMR\n" + REST, "audio/amr"),
    "amr wide": (b"#!AMR-WB\n" + REST, "audio/amr"),
    "aac": (b"\xff\xf1\x50\x80" + REST, "audio/aac"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_recording_is_told_by_its_bytes_and_kept_as_it_came(name: str) -> None:
    data, media_type = GOOD[name]
    sound = check_sound(BytesIO(data))
    assert (sound.media_type, sound.data, sound.size) == (media_type, data, len(data))
    assert sound.sha256 == sha256(data).hexdigest()
    assert sound.media_type in MEDIA_TYPES


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空的"),
        (b"<html><script>alert(1)</script>" + REST, "不是录音"),
        (b"\xff\xd8\xff\xe0" + REST, "听不了"),
        (b"%PDF-1.7" + REST, "听不了"),
        (b"PK\x03\x04" + REST, "听不了"),
        (b"RIFF\x24\x08\x00\x00WEBPVP8 " + REST, "听不了"),
        (box(b"ftyp", b"heic" + REST), "听不了"),
        (mp4(b"vide", b"isom"), "录像"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + REST + b"V_VP9", "录像"),
        (b"\xff\xff\xff\xff" + REST, "不是录音"),
        (b"#!AMR\n\x00", "太短"),
        (b"ID3" + b"\x00" * LIMIT_BYTES, "不能超过"),
    ],
)
def test_what_is_no_recording_is_refused_in_plain_words(data: bytes, said: str) -> None:
    with pytest.raises(BadSound) as refused:
        check_sound(BytesIO(data))
    assert said in refused.value.reason
