"""Stored files: ``<root>/files/<community_id>/<uuid>``, written whole or not at all.

A path is built only from integers and UUIDs, so no name a person typed ever reaches the disk. Files are served only
after their row was read under the community's policy; nothing here checks who asks.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from app.errors import Missing
from app.words import N_
from tenants.whole import UNFINISHED, settle, whole

CommunityId = int | UUID
_VARIANTS = ("", "small")


def _folder_name(community_id: CommunityId) -> str:
    if isinstance(community_id, UUID):
        return str(community_id)
    if isinstance(community_id, int) and not isinstance(community_id, bool) and community_id > 0:
        return str(community_id)
    raise TypeError(f"a community's folder is named by its id, got {type(community_id).__name__}")


def _file_name(file_id: UUID, variant: str) -> str:
    if not isinstance(file_id, UUID):
        raise TypeError(f"a file is named by a UUID, got {type(file_id).__name__}")
    if variant not in _VARIANTS:
        raise ValueError(f"no such variant of a file: {variant!r}")
    return f"{file_id}.{variant}" if variant else str(file_id)


class FileStore:
    """The files of all communities under one data folder, each community in a folder of its own."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "files"

    def _folder(self, community_id: CommunityId) -> Path:
        return self._root / _folder_name(community_id)

    def _made_folder(self, community_id: CommunityId) -> Path:
        folder = self._folder(community_id)
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            settle(self._root)
            settle(self._root.parent)
        return folder

    def put(self, community_id: CommunityId, file_id: UUID, data: bytes, *, variant: str = "") -> None:
        """Store ``data``; after the return it survives a crash. Putting the same id again replaces it whole.

        ``variant`` is empty for the file itself or ``small`` for a photo's preview.

        :raises TypeError: when an id is not an integer or UUID.
        :raises OSError: when the disk refuses; nothing half-written stays under the name.
        """
        name = _file_name(file_id, variant)
        folder = self._made_folder(community_id)
        with whole(folder / name) as draft:
            draft.write_bytes(data)

    @contextmanager
    def filling(self, community_id: CommunityId, file_id: UUID) -> Iterator[Path]:
        """A path to write a large file to, piece by piece; when the block ends well it stands whole under its id.

        :raises OSError: when the disk refuses; nothing half-written stays under the name.
        """
        with whole(self._made_folder(community_id) / _file_name(file_id, "")) as draft:
            yield draft

    def open(self, community_id: CommunityId, file_id: UUID, *, variant: str = "") -> BinaryIO:
        """The stored file, open for reading; the caller closes it.

        :raises Missing: when this community has no such file.
        """
        path = self._folder(community_id) / _file_name(file_id, variant)
        try:
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
        except OSError as error:
            raise Missing(N_("没有找到这个文件。")) from error

    def forget(self, community_id: CommunityId, file_id: UUID) -> None:
        """Remove a file and its preview; a file that is already gone is fine."""
        for variant in _VARIANTS:
            with suppress(FileNotFoundError):
                (self._folder(community_id) / _file_name(file_id, variant)).unlink()

    def forget_unreferenced(
        self, community_id: CommunityId, referenced: Collection[UUID], *, older_than: datetime
    ) -> list[UUID]:
        """Remove the files no row speaks of, and what a crash left unfinished; return the removed ids.

        A file is written before its row is committed, so anything changed at or after ``older_than`` (aware, the
        machine's real time rather than a demo clock's) is left for the next sweep.
        """
        folder, removed = self._folder(community_id), set()
        limit = older_than.timestamp()
        for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
            if entry.stat(follow_symlinks=False).st_mtime >= limit:
                continue
            if entry.name.startswith(UNFINISHED):
                entry.unlink(missing_ok=True)
                continue
            with suppress(ValueError):
                file_id = UUID(entry.name.partition(".")[0])
                if file_id not in referenced:
                    entry.unlink(missing_ok=True)
                    removed.add(file_id)
        return sorted(removed)
