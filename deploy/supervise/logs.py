"""The logs of one folder: a file a day for each part, compressed and kept for half a year.

Source: 网络安全法 第二十一条第三项, not less than six months. Younger files are never removed, whatever room they take:
when they take more than ``BOUND`` that is said, and somebody decides.
"""

from __future__ import annotations

import gzip
import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

#: Bytes after which a log is set aside before its day is over.
LIMIT = 20_000_000
#: Days for which a log is kept: the six months of the law and some for the day it is asked for.
KEEP = 190
#: Bytes of all logs together that are worth a word.
BOUND = 5_000_000_000
STAMP = "%Y-%m-%dT%H%M%S"


def open_log(folder: Path, name: str) -> IO[bytes]:
    """The log of one part, appended to."""
    return (folder / f"{name}.log").open("ab")


def log_end(folder: Path, name: str, lines: int = 25) -> str:
    """The last lines of a part's log, for an error message."""
    path = folder / f"{name}.log"
    return "\n".join(path.read_text("utf-8", "replace").splitlines()[-lines:]) if path.exists() else ""


def tend(folder: Path, moment: float | None = None) -> str:
    """Set aside what is of another day or too long, remove what is too old; a sentence when the logs take too much."""
    now = datetime.fromtimestamp(time.time() if moment is None else moment).astimezone()
    note, today = folder / "day", now.date().isoformat()
    is_new_day = note.exists() and note.read_text("ascii") != today
    for path in sorted(folder.glob("*.log")):
        size = path.stat().st_size
        if size and (is_new_day or size > LIMIT):
            set_aside(path, now)
    if is_new_day or not note.exists():
        note.write_text(today, "ascii")
        _remove_old(folder, now)
        return _too_much(folder)
    return ""


def set_aside(path: Path, now: datetime) -> Path:
    """Compress a log into a file of its own and empty it. Its writers keep it open and append, so it stays in place.

    What is written between the last look and the emptying would be lost; that is some microseconds.
    """
    kept = path.with_name(f"{path.stem}.{now.strftime(STAMP)}.log.gz")
    half = kept.with_suffix(".half")
    with path.open("rb") as source, half.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
            while source.tell() < os.fstat(source.fileno()).st_size:
                shutil.copyfileobj(source, packed)
        raw.flush()
        os.fsync(raw.fileno())
        with gzip.open(half, "ab") as packed:
            # Packing a long log takes seconds; what came meanwhile is little, and a file of two parts is one to gzip.
            shutil.copyfileobj(source, packed)
        os.truncate(path, 0)
    half.chmod(0o600)
    half.replace(kept)
    return kept


def _remove_old(folder: Path, now: datetime) -> None:
    oldest = (now - timedelta(days=KEEP)).strftime(STAMP)
    for path in folder.glob("*.log.gz"):
        if path.name.removesuffix(".log.gz").rpartition(".")[2] < oldest:
            path.unlink(missing_ok=True)


def _too_much(folder: Path) -> str:
    taken = sum(path.stat().st_size for path in folder.glob("*.log*"))
    if taken <= BOUND:
        return ""
    return (
        f"the logs in {folder} take {taken / 1e9:.1f} GB; the law wants them for six months, so none is removed: "
        "give the folder more room, or set LOG_LEVEL=WARNING"
    )
