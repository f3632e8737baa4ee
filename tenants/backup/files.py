"""The stored files beside the tables: ``<data>/files/<community>/<name>``, read and written back whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..whole import UNFINISHED, whole
from .sealed import BadArchive

BLOCK = 128 * 1024
_FOLDER = re.compile(r"[0-9]{1,19}")
_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(\.[a-z]{1,12})?")


def folder_of(data: Path, community: int | str) -> Path:
    """Where one community's files lie."""
    return data / "files" / str(community)


def names(data: Path, community: int | None = None) -> Iterator[str]:
    """``<community>/<name>`` of every whole file, in order."""
    root = data / "files"
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        if community is not None and folder.name != str(community):
            continue
        for entry in sorted(folder.iterdir()):
            if entry.is_file() and not entry.is_symlink() and not entry.name.startswith(UNFINISHED):
                yield f"{folder.name}/{entry.name}"


def content(data: Path, name: str) -> Iterator[bytes] | None:
    """A file piece by piece; None when it went away since it was listed, as spent exports do."""
    try:
        source = (data / "files" / name).open("rb")
    except FileNotFoundError:
        return None
    return _pieces(source)


def put(data: Path, name: str, pieces: Iterable[bytes]) -> None:
    """Write a file whole or not at all; it survives a power cut once this returns.

    :raises BadArchive: for a name that no file store makes, so that nothing is ever written elsewhere.
    """
    folder_name, _, file_name = name.partition("/")
    if not (_FOLDER.fullmatch(folder_name) and _NAME.fullmatch(file_name)):
        raise BadArchive("damaged")
    folder = folder_of(data, folder_name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole(folder / file_name) as draft, draft.open("wb") as out:
        for piece in pieces:
            out.write(piece)


def _pieces(source: object) -> Iterator[bytes]:
    with source as file:  # type: ignore[attr-defined]
        while piece := file.read(BLOCK):
            yield piece
