"""Where the lines and bars of a small chart stand, in the units of its own drawing. Pure: numbers in, numbers out.

A chart is never alone: the page puts a table with the same numbers beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spark:
    """A line as an SVG path in a box of 96 × 28, and where its last point stands."""

    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Bar:
    """One bar in a box of 320 × 168; ``middle`` is where its words stand, ``top`` its upper edge."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: int
    known: bool


@dataclass(frozen=True)
class Bars:
    """Bars with the lines behind them: (height of the line, what it says)."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, int], ...]


_LEFT, _RIGHT, _TOP, _FLOOR = 30.0, 316.0, 24.0, 144.0


def spark(values: Sequence[float | None], *, width: float = 96, height: float = 28, edge: float = 4) -> Spark | None:
    """The line through what is known, the oldest first; None with fewer than two known values."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    step = (width - 2 * edge) / max(1, len(values) - 1)

    def point(n: int, value: float) -> tuple[float, float]:
        # A line that never changes runs through the middle.
        share = (value - low) / (high - low) if high > low else 0.5
        return round(edge + n * step, 1), round(height - edge - share * (height - 2 * edge), 1)

    points = [point(n, value) for n, value in known]
    return Spark("M" + "L".join(f"{x:g} {y:g}" for x, y in points), *points[-1])


def bars(values: Sequence[tuple[str, int | None]]) -> Bars:
    """One bar for each (label, value), the oldest first; what is not known leaves its place empty."""
    top = ceiling(max((value for _, value in values if value is not None), default=0))
    step = (_RIGHT - _LEFT) / max(1, len(values))
    width = min(26.0, step * 0.64)
    found = []
    for n, (label, value) in enumerate(values):
        height = round((value or 0) / top * (_FLOOR - _TOP), 1)
        middle = round(_LEFT + (n + 0.5) * step, 1)
        found.append(
            Bar(round(middle - width / 2, 1), round(_FLOOR - height, 1), round(width, 1), height, middle, label,
                value or 0, value is not None)
        )  # fmt: skip
    lines = tuple((round(_FLOOR - part * (_FLOOR - _TOP) / 3, 1), top * part // 3) for part in range(4))
    return Bars(tuple(found), lines)


def ceiling(most: int) -> int:
    """A round number that is no smaller than ``most`` and can be cut in three."""
    for step in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100):
        if most <= 3 * step:
            return 3 * step
    step = 100
    while 3 * step < most:
        step *= 2
    return 3 * step
