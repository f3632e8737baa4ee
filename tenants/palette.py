"""Colours of a brand: contrast after WCAG 2.2, the rules a palette must keep, and a palette made from one colour.

A colour is always written ``#rrggbb``; anything else is refused before it can reach a stylesheet.
"""

import colorsys
import re
from dataclasses import dataclass

from tenants.drawings import N_

COLOUR = re.compile(r"#[0-9a-f]{6}")


class BadColour(ValueError):
    """Not a colour. ``reason`` is a Chinese message id, ``values`` fills its named placeholders."""

    def __init__(self, given: str) -> None:
        self.reason, self.values = N_("「%(given)s」不是颜色，要写成 #rrggbb"), {"given": str(given)[:20]}
        super().__init__(self.reason % self.values)


@dataclass(frozen=True, slots=True)
class Palette:
    """The five colours of a brand, ``#rrggbb`` in small letters."""

    brand: str
    ink: str
    soft: str
    accent: str
    paper: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: the field to mend, a Chinese message id and what fills its placeholders."""

    field: str
    message: str
    values: dict[str, str]

    def __str__(self) -> str:
        return self.message % self.values


def colour(text: str) -> str:
    """Return ``text`` as ``#rrggbb`` in small letters; raises :class:`BadColour`."""
    value = str(text).strip().lower()
    if not COLOUR.fullmatch(value):
        raise BadColour(text)
    return value


def _channels(value: str) -> tuple[int, int, int]:
    value = colour(value)
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def luminance(value: str) -> float:
    """Relative luminance 0 to 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in _channels(value))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast of two colours, 1 (same) to 21 (black on white); the order does not matter."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def mixed(base: str, over: str, part: float) -> str:
    """``over`` laid on ``base`` with the opacity ``part`` (0 to 1)."""
    pairs = zip(_channels(base), _channels(over), strict=True)
    return "#" + "".join(f"{round(b + (o - b) * part):02x}" for b, o in pairs)


WHITE = "#ffffff"
PATTERN_PART = 0.1


def rules(p: Palette) -> list[tuple[str, str, str, str, float]]:
    """Every rule of the design as (field to mend, message, one colour, other colour, least contrast)."""
    veiled = mixed(p.brand, WHITE, PATTERN_PART)
    return [
        ("brand", N_("主色太浅：白字在主色上的对比度是 %(got)s，要到 %(need)s"), WHITE, p.brand, 4.5),
        ("brand", N_("主色太浅：盖上底纹以后，白字的对比度是 %(got)s，要到 %(need)s"), WHITE, veiled, 4.5),
        ("paper", N_("页面底色太深：主色的字在页面底色上的对比度是 %(got)s，要到 %(need)s"), p.brand, p.paper, 4.5),
        ("soft", N_("浅底色太深：主色的字在浅底色上的对比度是 %(got)s，要到 %(need)s"), p.brand, p.soft, 4.5),
        ("ink", N_("深色不够深：深色的字在浅底色上的对比度是 %(got)s，要到 %(need)s"), p.ink, p.soft, 7.0),
        ("accent", N_("点缀色太深：深色的字在点缀色上的对比度是 %(got)s，要到 %(need)s"), p.ink, p.accent, 4.5),
        ("accent", N_("点缀色和主色太近：两色的对比度是 %(got)s，要到 %(need)s"), p.accent, p.brand, 3.0),
    ]


def judge(p: Palette) -> list[Problem]:
    """The rules ``p`` breaks, in the order of the design; empty when it may be used."""
    found: list[Problem] = []
    for field, message, one, other, need in rules(p):
        got = contrast(one, other)
        if got < need:
            # Cut, not rounded: 4.496 shown as "4.50, needs 4.5" would read as a mistake of ours.
            found.append(Problem(field, message, {"got": f"{int(got * 100) / 100:.2f}", "need": f"{need:g}"}))
    return found


def _shade(value: str, lightness: float, most: float = 1.0) -> str:
    """The same hue with another lightness (0 to 1) and a saturation of at most ``most``."""
    hue, _, saturation = colorsys.rgb_to_hls(*(n / 255 for n in _channels(value)))
    rgb = colorsys.hls_to_rgb(hue, min(max(lightness, 0.0), 1.0), min(saturation, most))
    return "#" + "".join(f"{round(n * 255):02x}" for n in rgb)


def _lightness(value: str) -> float:
    return colorsys.rgb_to_hls(*(n / 255 for n in _channels(value)))[1]


def suggest(theme: str) -> Palette:
    """A palette that keeps every rule, made from one colour of any lightness.

    A theme dark enough is kept as it is; a paler one is darkened in its own hue until white can be read on it. Raises
    :class:`BadColour` when ``theme`` is not ``#rrggbb``.
    """
    brand = colour(theme)
    soft, paper = _shade(brand, 0.93, 0.55), _shade(brand, 0.97, 0.35)
    step = _lightness(brand)
    while min(contrast(WHITE, mixed(brand, WHITE, PATTERN_PART)), contrast(brand, soft), contrast(brand, paper)) < 4.6:
        step -= 0.01
        brand = _shade(brand, step)
    accent, tint = "#f2bc52", 0.0
    while contrast(accent, brand) < 3.1:
        tint += 0.05
        accent = mixed("#f2bc52", WHITE, min(tint, 1.0))
    ink, depth = brand, _lightness(brand)
    while min(contrast(ink, soft) / 10.0, contrast(ink, accent) / 6.0) < 1.0 and depth > 0:
        depth -= 0.01
        ink = _shade(brand, depth)
    return Palette(brand, ink, soft, accent, paper)
