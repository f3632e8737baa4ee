"""The human numbers of matters and papers (domain.md §4).

Each takes the next value of a counter the community owns; nothing here counts. Years are written in full, organ-style
numbers stand in hexagonal brackets without leading zeros and without 第 (GB/T 9704-2012), and code-style numbers are
padded so that they sort as text.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-Z]{2,6}")


def _checked(year: int, n: int) -> None:
    if not 1949 <= year <= 9999:
        raise ValueError(f"a paper's year has four digits, got {year}")
    if n < 1:
        raise ValueError(f"numbers start at 1, got {n}")


def _checked_code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError(f"a community's code is 2 to 6 capital letters, got {code!r}")
    return code


def matter_number(code: str, year: int, n: int) -> str:
    """``NYD20260012``: code, year, at least four digits, growing without end.

    :raises ValueError: when the code is not 2–6 capital letters, or a value is out of range.
    """
    _checked(year, n)
    return f"{_checked_code(code)}{year}{n:04d}"


def resolution_number(short: str, year: int, n: int) -> str:
    """``南盐道议决〔2026〕3号``; ``short`` is the community's name without 社区."""
    _checked(year, n)
    return f"{short}议决〔{year}〕{n}号"


def minutes_number(code: str, year: int, n: int) -> str:
    """``NYD-HY-2026-007`` for the verbatim record (会议记录).

    :raises ValueError: when the code is not 2–6 capital letters, or a value is out of range.
    """
    _checked(year, n)
    return f"{_checked_code(code)}-HY-{year}-{n:03d}"


def minutes_summary_number(short: str, year: int, n: int) -> str:
    """``南盐道议纪〔2026〕7号`` for the summary minutes (会议纪要)."""
    _checked(year, n)
    return f"{short}议纪〔{year}〕{n}号"


def posting_number(short: str, year: int, n: int) -> str:
    """``公示-南盐道-2026-003``."""
    _checked(year, n)
    return f"公示-{short}-{year}-{n:03d}"


def invitation_number(year: int, n: int) -> str:
    """``邀-2026-031``."""
    _checked(year, n)
    return f"邀-{year}-{n:03d}"


def collection_number(code: str, year: int, n: int) -> str:
    """``NYD-SF-2026-003`` for one collection from door to door (收费); its receipts count on behind it.

    :raises ValueError: when the code is not 2–6 capital letters, or a value is out of range.
    """
    _checked(year, n)
    return f"{_checked_code(code)}-SF-{year}-{n:03d}"


def opening_number(code: str, year: int, n: int) -> str:
    """``NYD-KX-2026-003`` for one opening of a letterbox (开箱)."""
    _checked(year, n)
    return f"{_checked_code(code)}-KX-{year}-{n:03d}"


def order_number(short: str, year: int, n: int) -> str:
    """``南盐道督〔2026〕3号``, ``中街督〔2026〕17号``; ``short`` is who issues: the community or the street."""
    _checked(year, n)
    return f"{short}督〔{year}〕{n}号"


def agreement_number(short: str, year: int, n: int) -> str:
    """``（2026）南盐道人调字第5号`` for a mediation agreement (domain.md §4)."""
    _checked(year, n)
    return f"（{year}）{short}人调字第{n}号"


def joint_number(year: int, n: int) -> str:
    """``KSQ20260001`` (跨社区) for a matter the street leads; code-style, because it stands in the public address."""
    return matter_number("KSQ", year, n)


def letter_number(short: str, year: int, n: int) -> str:
    """``中街函〔2026〕3号`` for a letter of request (商请函) of the street."""
    _checked(year, n)
    return f"{short}函〔{year}〕{n}号"


def task_number(short: str, year: int, n: int) -> str:
    """``中街交办〔2026〕3号`` for a task handed to a department (部门交办)."""
    _checked(year, n)
    return f"{short}交办〔{year}〕{n}号"
