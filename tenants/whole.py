"""Files that stand whole under their name or not at all, also after a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

#: What an interrupted write leaves behind; it has no row and never will.
UNFINISHED = ".unfinished-"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write to, readable by its owner alone; when the block ends well it stands as ``path``.

    :raises OSError: when the disk refuses; nothing half-written stays under the name.
    """
    draft = path.with_name(f"{UNFINISHED}{uuid4()}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
        settle(draft)
        # Whoever wrote it may have made the file anew.
        draft.chmod(0o600)
        os.replace(draft, path)
    except BaseException:
        with suppress(FileNotFoundError):
            draft.unlink()
        raise
    settle(path.parent)


def settle(path: Path) -> None:
    """Make a file, or a rename or a new folder in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
