"""Where the parts of one data folder lie."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.supervise import binaries
from deploy.supervise.binaries import EngineError

# Linux keeps a socket's address in 108 bytes, the last of them a zero; this is the longest name made below a folder.
SOCKET_LIMIT = 107
LONGEST_SOCKET = "/.s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Places:
    """The folders of one data folder.

    ``run`` holds the sockets and lies elsewhere when the path is too long for one. ``walled`` is where PostgreSQL's
    files and the sockets go when the server must run under a name that cannot walk into the data folder.
    """

    folder: Path
    run: Path
    walled: Path | None = None

    @classmethod
    def of(cls, folder: Path) -> Places:
        folder = folder.resolve()
        run = folder / "run"
        walled = None
        if binaries.must_become_nobody() and not binaries.reachable_by_others(folder):
            walled = binaries.SHARED / f"data-{_short_name(folder)}"
            run = walled / "run"
        if len(os.fsencode(run)) + len(LONGEST_SOCKET) > SOCKET_LIMIT:
            run = _short_folder(folder)
        return cls(folder, run, walled)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def valkey(self) -> Path:
        return self.folder / "valkey"

    @property
    def postgres(self) -> Path:
        return (self.walled or self.folder) / "postgres"

    def make(self) -> None:
        """Make what is missing, closed to other users."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, parents=True)
        if binaries.must_become_nobody():
            self.folder.chmod(0o711)
        if self.walled:
            self._make_walled(self.walled)
        for folder in (self.run, self.log):
            folder.mkdir(mode=0o700, exist_ok=True)
            _insist_on_private(folder)

    def _make_walled(self, walled: Path) -> None:
        link = self.folder / "postgres"
        if link.is_dir() and not link.is_symlink():
            raise EngineError(f"{link} was made where the system allowed more; run as the user who made it.")
        if not link.is_symlink():
            # The data folder was emptied by hand, so what it once pointed to is meant to be gone as well.
            shutil.rmtree(walled, ignore_errors=True)
            link.symlink_to(walled / "postgres")
        walled.mkdir(parents=True, exist_ok=True)
        for folder in (binaries.SHARED, walled):
            folder.chmod(0o711)

    def give(self, folder: Path, owner: int | None, *, deep: bool = True) -> None:
        """Make ``folder`` belong to the user who will run the server; only root ever has to."""
        wanted = os.geteuid() if owner is None else owner
        if os.geteuid() != 0 or folder.stat().st_uid == wanted:
            return
        for path in (folder, *(folder.rglob("*") if deep else ())):
            os.chown(path, wanted, wanted, follow_symlinks=False)


def _short_name(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def _short_folder(folder: Path) -> Path:
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")
    if not base.is_dir() or len(os.fsencode(base)) > 60:
        base = Path("/tmp")
    return base / f"yiqilai-{os.geteuid()}-{_short_name(folder)}"


def _insist_on_private(folder: Path) -> None:
    """A stranger could have made the folder below /tmp first, and would then own our sockets."""
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid not in (os.geteuid(), binaries.NOBODY if os.geteuid() == 0 else -1):
        raise EngineError(f"{folder} belongs to someone else; remove it or set XDG_RUNTIME_DIR.")
    folder.chmod(0o700)
