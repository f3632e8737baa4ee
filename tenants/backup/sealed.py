"""One encrypted file: an open header, then AES-256-GCM in chunks of a quarter megabyte.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) as the age format uses it: each archive has a key
of its own (HKDF of the backup key with a random salt), the nonce counts the chunks and its last byte marks the final
one. A flipped bit, a chunk moved, left out or doubled and a cut tail all fail to open. The header is bound to the key,
so it cannot be exchanged either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"YQLBAK1\n"
CHUNK = 256 * 1024
TAG = 16
#: A header is a few hundred bytes; whatever claims more is not ours.
HEADER_LIMIT = 64 * 1024


class BadArchive(Exception):
    """The file cannot be used; ``kind`` is foreign, key, damaged or cut."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def key_id(key: str) -> str:
    """A short name of a key that gives nothing of it away, so that a wrong key can be called wrong."""
    return hmac.new(key.encode(), b"yiqilai backup key id", hashlib.sha256).hexdigest()[:16]


def _archive_key(key: str, header: bytes, salt: bytes) -> AESGCM:
    info = b"yiqilai backup 1" + hashlib.sha256(header).digest()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key.encode()))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


class Sealer:
    """Writes an archive: ``write`` as often as wanted, then ``close`` once; without it the archive counts as cut."""

    def __init__(self, out: BinaryIO, key: str, facts: dict[str, Any]) -> None:
        salt = os.urandom(32)
        header = json.dumps({**facts, "key_id": key_id(key), "salt": salt.hex()}, ensure_ascii=False).encode()
        out.write(MAGIC + len(header).to_bytes(4, "big") + header)
        self._out, self._cipher = out, _archive_key(key, header, salt)
        self._waiting, self._number = bytearray(), 0

    def write(self, data: bytes | memoryview) -> None:
        """Add ``data``; a full chunk goes out only when more follows it, because the last one is marked."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        """Seal the rest as the last chunk. The file below stays open."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, None))
        self._number += 1


def read_header(source: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """The open facts and the header's bytes; the source then stands before the first chunk.

    :raises BadArchive: for a file that is not one of ours.
    """
    if source.read(len(MAGIC)) != MAGIC:
        raise BadArchive("foreign")
    length = int.from_bytes(source.read(4), "big")
    header = source.read(length) if length <= HEADER_LIMIT else b""
    try:
        facts = json.loads(header)
        bytes.fromhex(facts["salt"])
        return dict(facts), header
    except (ValueError, KeyError, TypeError):
        raise BadArchive("damaged") from None


class Opener:
    """Reads an archive back as one stream of plain bytes; every chunk is proved before any of it is handed out."""

    def __init__(self, source: BinaryIO, key: str) -> None:
        self.facts, header = read_header(source)
        if self.facts.get("key_id") != key_id(key):
            raise BadArchive("key")
        self._cipher = _archive_key(key, header, bytes.fromhex(self.facts["salt"]))
        self._source, self._number, self._plain, self._place = source, 0, b"", 0
        self._next = source.read(CHUNK + TAG)
        self._ended = False

    def read(self, count: int) -> bytes:
        """Just ``count`` bytes.

        :raises BadArchive: when the archive was changed, or ends before them.
        """
        pieces, missing = [], count
        while missing:
            if self._place == len(self._plain):
                self._open_next()
            piece = self._plain[self._place : self._place + missing]
            self._place += len(piece)
            missing -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def insist_on_end(self) -> None:
        """Raise unless everything was read and the last chunk was the marked one."""
        if self._place != len(self._plain) or not self._ended:
            raise BadArchive("damaged")

    def _open_next(self) -> None:
        if self._ended:
            raise BadArchive("cut")
        sealed, self._next = self._next, self._source.read(CHUNK + TAG)
        last = not self._next
        self._plain, self._place = self._opened(sealed, last=last), 0
        self._number, self._ended = self._number + 1, last

    def _opened(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(self._number, last=last), sealed, None)
        except (InvalidTag, ValueError):
            pass
        # A whole chunk in the middle's place at the end of the file is where somebody cut the rest off.
        if last and (len(sealed) < TAG or self._is_whole(sealed)):
            raise BadArchive("cut")
        raise BadArchive("damaged")

    def _is_whole(self, sealed: bytes) -> bool:
        try:
            self._cipher.decrypt(_nonce(self._number, last=False), sealed, None)
        except InvalidTag:
            return False
        return True
