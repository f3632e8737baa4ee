"""Owners' areas that come out to the metre: a register with a given sum, and picks from it with given sums. Pure."""

from __future__ import annotations

from collections.abc import Sequence

#: The spread of areas around the mean, in whole square metres.
SPREAD = 15


def register(heads: int, total: int) -> list[int]:
    """``heads`` areas in square metres, spread evenly around their mean, that sum to ``total``."""
    mean = total // heads
    width = 2 * SPREAD + 1
    areas = [mean - SPREAD + (place * 7) % width for place in range(heads)]
    short = total - sum(areas)
    step = 1 if short > 0 else -1
    for place in range(abs(short)):
        areas[place % heads] += step
    return areas


def pick(areas: Sequence[int], free: Sequence[int], heads: int, total: int) -> list[int]:
    """``heads`` places out of ``free`` whose areas sum to ``total``; raises ValueError where none are found.

    Starts with the first places and swaps one for another as long as that comes nearer.
    """
    chosen, rest = list(free[:heads]), list(free[heads:])
    short = total - sum(areas[place] for place in chosen)
    while short:
        step = _best_swap(areas, chosen, rest, short)
        if step is None:
            raise ValueError(f"no {heads} of {len(free)} areas make {total}")
        inside, outside = step
        short -= areas[rest[outside]] - areas[chosen[inside]]
        chosen[inside], rest[outside] = rest[outside], chosen[inside]
    return sorted(chosen)


def _best_swap(areas: Sequence[int], chosen: list[int], rest: list[int], short: int) -> tuple[int, int] | None:
    inside_by = {areas[place]: n for n, place in enumerate(chosen)}
    outside_by = {areas[place]: n for n, place in enumerate(rest)}
    best: tuple[int, int, int] | None = None
    for mine, inside in inside_by.items():
        for other, outside in outside_by.items():
            left = abs(short - (other - mine))
            if left < abs(short) and (best is None or left < best[0]):
                best = (left, inside, outside)
    return (best[1], best[2]) if best else None
