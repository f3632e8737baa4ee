"""What lies inside an archive: parts (a table, a file), each with its hash, and the list of all of them at the end.

A part is a JSON head, blocks of bytes ended by an empty one, and a JSON tail with hash and length of what it held;
rows are packed by zlib, files (mostly pictures) are not. The list must name just the parts that came before it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from .sealed import BadArchive

BLOCK = 128 * 1024
PART, LIST = b"P", b"L"


class Sink(Protocol):
    """Where an archive's bytes go."""

    def write(self, data: bytes, /) -> object:
        """Add ``data``."""


class Source(Protocol):
    """Where an archive's bytes come from."""

    def read(self, count: int, /) -> bytes:
        """Just ``count`` bytes, or raise."""


class Writer:
    """Writes parts one after the other, then the list."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self.parts: list[dict[str, Any]] = []

    def add(self, kind: str, name: str, content: Iterable[bytes | memoryview], **facts: Any) -> dict[str, Any]:
        """Write one part and return its entry: kind, name, facts, bytes, sha256 (and rows of a table)."""
        packed = kind == "table"
        self._words({"kind": kind, "name": name, "packed": packed, **facts}, PART)
        digest, size, rows = hashlib.sha256(), 0, 0
        packer = zlib.compressobj(6) if packed else None
        for piece in content:
            digest.update(piece)
            size += len(piece)
            rows += bytes(piece).count(b"\n") if packed else 0
            self._block(packer.compress(piece) if packer else bytes(piece))
        self._block(packer.flush() if packer else b"")
        self._out.write(bytes(4))
        entry = {"kind": kind, "name": name, **facts, "bytes": size, "sha256": digest.hexdigest()}
        if packed:
            entry["rows"] = rows
        self._words(entry)
        self.parts.append(entry)
        return entry

    def end(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Write the list of all parts with ``facts`` beside it; returns the whole."""
        told = {**facts, "parts": self.parts}
        self._words(told, LIST)
        return told

    def _block(self, data: bytes) -> None:
        for start in range(0, len(data), BLOCK):
            piece = data[start : start + BLOCK]
            self._out.write(len(piece).to_bytes(4, "big") + piece)

    def _words(self, words: dict[str, Any], mark: bytes = b"") -> None:
        data = json.dumps(words, ensure_ascii=False).encode()
        self._out.write(mark + len(data).to_bytes(4, "big") + data)


class Part:
    """One part while it is read; ``content`` must be used up before the next part is asked for."""

    def __init__(self, source: Source, head: dict[str, Any]) -> None:
        self._source = source
        self.kind, self.name, self.head = str(head["kind"]), str(head["name"]), head
        self.entry: dict[str, Any] = {}

    def content(self) -> Iterator[bytes]:
        """What was put in, piece by piece; raises at the end when hash or length differ."""
        digest, size = hashlib.sha256(), 0
        for piece in self._unpacked():
            digest.update(piece)
            size += len(piece)
            yield piece
        self.entry = _words(self._source)
        if (self.entry["bytes"], self.entry["sha256"]) != (size, digest.hexdigest()):
            raise BadArchive("damaged")

    def skip(self) -> None:
        """Read to the end and prove what is passed by."""
        for _piece in self.content():
            pass

    def _unpacked(self) -> Iterator[bytes]:
        packer = zlib.decompressobj() if self.head["packed"] else None
        while length := int.from_bytes(self._source.read(4), "big"):
            if length > BLOCK:
                raise BadArchive("damaged")
            block = self._source.read(length)
            if piece := packer.decompress(block) if packer else block:
                yield piece
        if packer and (rest := packer.flush()):
            yield rest


class Reader:
    """Reads the parts in their order; after the last one ``manifest`` holds the list."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.manifest: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Part]:
        seen = []
        while (mark := self._source.read(1)) == PART:
            part = Part(self._source, _words(self._source))
            yield part
            if not part.entry:
                part.skip()
            seen.append(part.entry)
        if mark != LIST:
            raise BadArchive("damaged")
        self.manifest = _words(self._source)
        if self.manifest["parts"] != seen:
            raise BadArchive("damaged")


def _words(source: Source) -> dict[str, Any]:
    return dict(json.loads(source.read(int.from_bytes(source.read(4), "big"))))
