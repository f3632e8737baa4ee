"""What may be said of an error in a log: its class and its places, never its words.

An error's text may quote what somebody typed, and PostgreSQL's detail of a broken rule is the whole row.
"""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb


class JobFailed(RuntimeError):
    """A job ended with an error; the queue keeps and prints these words, and no others."""


def places_of(error: BaseException) -> list[str]:
    """Where an error went through the program, the innermost place last, and the same of what it came from."""
    frames = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    before = error.__cause__ or error.__context__
    return [*frames[-12:], *([f"after {type(before).__name__}", *places_of(before)] if before else [])][:40]
