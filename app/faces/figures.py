"""Money and days as people type them, for every face."""

from __future__ import annotations

import re
from datetime import date, datetime

from app.errors import Refused
from app.words import N_

_MONEY = re.compile(r"(\d{1,8})(?:\.(\d{1,2}))?")
_WIDE = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
#: Beyond these a zone or a month more would lead out of the calendar, and nobody means such a day.
YEARS = range(1900, 2200)


def fen(text: str | None) -> int | None:
    """Integer fen from what people type (4800, 4,800.50, １２ 元); None when empty; raises ``Refused`` otherwise."""
    plain = (text or "").translate(_WIDE).replace(",", "").replace("元", "").strip()
    if not plain:
        return None
    found = _MONEY.fullmatch(plain)
    if found is None:
        raise Refused(N_("钱写数字，例如 4800 或 4800.50。"))
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def typed_yuan(amount: int | None) -> str:
    """Integer fen as they stand in a field, the way back of ``fen``: ``3200``, ``12.50``; empty for None."""
    if amount is None:
        return ""
    return f"{amount // 100}" + (f".{amount % 100:02d}" if amount % 100 else "")


def day(text: str | None) -> date | None:
    """A date typed as 2026-07-06; None when empty; raises ``Refused`` for anything else."""
    plain = (text or "").strip()
    if not plain:
        return None
    found = day_or_none(plain)
    if found is None:
        raise Refused(N_("日子写成 2026-07-06 这样。"))
    return found


def day_or_none(text: str | None) -> date | None:
    """A date that people may mean, or None for anything else."""
    try:
        found = date.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None


def moment_or_none(text: str | None) -> datetime | None:
    """A moment with its zone as this program writes them into links and forms, or None for anything else."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None and found.year in YEARS else None


def count(text: str | None, *, most: int = 1_000_000) -> int | None:
    """A whole number from what people type (60, １２０, 3 把); None when empty; raises ``Refused`` otherwise."""
    found = re.fullmatch(r"(\d{1,7})\D{0,4}", (text or "").translate(_WIDE).replace(",", "").strip())
    if not (text or "").strip():
        return None
    if found is None or int(found[1]) > most:
        raise Refused(N_("数量写整数，例如 60。"))
    return int(found[1])
