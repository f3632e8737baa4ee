"""Short codes that stand on paper: five letters and digits that survive being read aloud and typed by a stranger.

Codes are drawn without 0 O 1 I L. People still misread print (0 for Q, 2 for Z, lower case throughout), so a code is
found by its look-alike too; to keep that certain, no two codes of one kind in one hall ever look alike. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

LENGTH = 5
#: Letters that eyes take for one another, each group under its first one.
_GROUPS = ("0OQD", "1IL7", "2Z", "5S", "6G", "8B", "UV")
_SAME = str.maketrans({letter: group[0] for group in _GROUPS for letter in group[1:]})
#: Drawing again this often without a free code means that the source of chance is broken.
_TRIES = 200


def tidy(typed: str) -> str:
    """What was typed, in capitals and without blanks, dashes and full-width forms; cut where no code can be."""
    plain = unicodedata.normalize("NFKC", typed[:40]).upper()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def look_alike(code: str) -> str:
    """The code as a tired eye sees it; equal for codes that can be taken for one another."""
    return tidy(code).translate(_SAME)


def meant(typed: str, codes: Iterable[str]) -> str | None:
    """Which of ``codes`` was meant, or None."""
    wanted = tidy(typed)
    if len(wanted) != LENGTH:
        return None
    known = list(codes)
    if wanted in known:
        return wanted
    alike = [code for code in known if look_alike(code) == look_alike(wanted)]
    return alike[0] if len(alike) == 1 else None


def free_code(draw: Callable[[int], str], taken: Iterable[str]) -> str:
    """A code that looks like none of ``taken``. ``draw`` makes one of a given length by chance.

    :raises RuntimeError: when chance gives nothing new, which needs millions of codes or a broken source.
    """
    seen = {look_alike(code) for code in taken}
    for _attempt in range(_TRIES):
        code = draw(LENGTH)
        if look_alike(code) not in seen:
            return code
    raise RuntimeError("no short code is free")
