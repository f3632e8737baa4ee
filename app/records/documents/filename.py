"""How a paper's file is called (domain.md §4)."""

from __future__ import annotations

import re
from datetime import date

from app.records.documents.wording import clean

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')
MAX_CHARACTERS = 80
# Linux and most archives allow 255 bytes for a name; rare characters take four bytes each, so 80 of them do not fit.
MAX_BYTES = 240


def _safe(part: str) -> str:
    return _FORBIDDEN.sub("", clean(part)).strip(".")


def paper_filename(
    day: date, community: str, kind: str, number: int | str, version: int, *, suffix: str = ".docx"
) -> str:
    r"""``2026-06-05_南盐道_议事纪要_007_v1.docx``.

    ``\/:*?"<>|``, white space and control characters are dropped. At most 80 characters and 240 bytes of UTF-8; what
    is too long is cut from the community's and the paper's names, never from the date or the version.
    """
    serial = f"{number:03d}" if isinstance(number, int) else _safe(number)[:30]
    tail = f"_{serial}_v{version}{suffix}"
    head = f"{day.isoformat()}_"
    names = [_safe(community), _safe(kind)]

    def whole() -> str:
        return f"{head}{'_'.join(names)}{tail}"

    while any(names) and (len(whole()) > MAX_CHARACTERS or len(whole().encode()) > MAX_BYTES):
        longest = 0 if len(names[0]) >= len(names[1]) else 1
        names[longest] = names[longest][:-1]
    return whole()
