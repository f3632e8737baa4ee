"""What makes one hall look like itself: names, colours, pattern, mark and scene.

A pack in ``brands/<slug>/`` is a seed, read once when a community is opened; afterwards the community's own record
(:meth:`Brand.as_dict`) is the truth, and a later change of the pack changes nobody's hall.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tenants.drawings import BRANDS, N_, BadDrawing, Pattern, patterns, safe_scene, safe_svg
from tenants.palette import BadColour, Palette, Problem, colour, contrast, judge, suggest

__all__ = [
    "PATTERNS", "BadColour", "BadDrawing", "Brand", "Palette", "Pattern", "Problem", "check", "contrast",
    "load_pack", "packs", "safe_scene", "safe_svg", "suggest", "symbol", "to_css",
]  # fmt: skip

SLUG = re.compile(r"[a-z0-9-]{1,63}")
SELECTOR = re.compile(r":root|(html)?\[data-brand=\"[a-z0-9-]{1,63}\"\]|\.[a-z][a-z0-9-]{0,63}")
DEFAULT = "_default"
PATTERNS: tuple[str, ...] = tuple(patterns())


@dataclass(frozen=True, slots=True)
class Brand:
    """One hall's look. Colours are ``#rrggbb``; ``pattern`` is a name of ``PATTERNS`` or a drawing of the hall's own.

    ``venue`` is the kind of place (室内小屋, 树下露天 …), ``lead`` the first line under the hall's name.
    Marks are 48 × 48, scenes 640 × 300. The values are made safe when the object is made, so a ``Brand`` may
    always be printed; whether it can be read is what :func:`check` says.
    """

    hall: str
    motto: str
    lead: str
    venue: str
    brand: str
    ink: str
    soft: str
    accent: str
    paper: str
    pattern: str | Pattern
    mark_svg: str
    scene_svg: str

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(Palette)):
            object.__setattr__(self, name, colour(getattr(self, name)))
        if isinstance(self.pattern, str) and self.pattern not in patterns():
            raise BadDrawing(N_("没有叫「%(name)s」的底纹"), name=self.pattern[:40])
        object.__setattr__(self, "mark_svg", safe_svg(self.mark_svg))
        object.__setattr__(self, "scene_svg", safe_scene(self.scene_svg))

    @property
    def palette(self) -> Palette:
        """The five colours alone."""
        return Palette(self.brand, self.ink, self.soft, self.accent, self.paper)

    @property
    def mark_file(self) -> str:
        """The mark as a file of its own (favicon, share picture): there no page gives it its two colours."""
        text = re.sub(r"var\(--(?:mark-accent|brand-accent)[^\"]*\)", self.accent, self.mark_svg)
        return text.replace("<svg ", f'<svg color="{self.brand}" ', 1)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values for one JSON column."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Brand":
        """The opposite of :meth:`as_dict`; raises ``ValueError`` for an unsafe or incomplete record."""
        values = {f.name: record.get(f.name) for f in fields(cls)}
        missing = [name for name, value in values.items() if value is None]
        if missing:
            raise ValueError(f"brand record without {', '.join(missing)}")
        if isinstance(values["pattern"], Mapping):
            values["pattern"] = Pattern(**values["pattern"])
        made: dict[str, Any] = {name: v if isinstance(v, Pattern) else str(v) for name, v in values.items()}
        return cls(**made)


def packs() -> list[str]:
    """The slugs that have a pack of their own, in alphabetical order."""
    return sorted(path.parent.name for path in BRANDS.glob("*/brand.toml") if path.parent.name != DEFAULT)


def load_pack(slug: str) -> Brand:
    """Read ``brands/<slug>/``, or the default look when the slug has no pack; ``ValueError`` when it is not safe."""
    if not SLUG.fullmatch(slug):
        raise ValueError(f"not a slug: {slug!r}")
    folder = BRANDS / (slug if (BRANDS / slug / "brand.toml").is_file() else DEFAULT)
    with (folder / "brand.toml").open("rb") as file:
        record = tomllib.load(file)
    for field in ("mark", "scene"):
        name = str(record.pop(field))
        if not re.fullmatch(r"[a-z0-9-]+\.svg", name):
            raise ValueError(f"{slug}: {field} must be a file of the pack")
        record[f"{field}_svg"] = (folder / name).read_text(encoding="utf-8")
    return Brand.from_dict(record)


def check(brand: Brand) -> list[Problem]:
    """The rules of contrast this brand breaks (design/README.md, "A brand = six values"); empty when it passes."""
    return judge(brand.palette)


def to_css(brand: Brand, selector: str = ":root") -> str:
    """The six custom properties as one rule, for a nonce'd ``<style>``. Raises ``ValueError`` for a foreign selector.

    Print it after the stylesheet and onto ``<html>``: the mode for elders then still overrides it on ``<body>``.
    """
    if not all(SELECTOR.fullmatch(part.strip()) for part in selector.split(",")):
        raise ValueError(f"not a selector of ours: {selector!r}")
    pattern = patterns()[brand.pattern] if isinstance(brand.pattern, str) else brand.pattern
    return (
        f"{selector} {{ --brand: {brand.brand}; --brand-ink: {brand.ink}; --brand-soft: {brand.soft}; "
        f"--brand-accent: {brand.accent}; --brand-paper: {brand.paper}; --brand-pattern: {pattern.as_css()}; }}"
    )


def symbol(svg: str, name: str) -> str:
    """A safe drawing as ``<symbol id="name">``, to be put once into a page's sprite and used from there."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,63}", name):
        raise ValueError(f"not an id: {name!r}")
    box = re.search(r'viewBox="([^"]+)"', svg)
    inner = re.sub(r"\A<svg[^>]*>|</svg>\Z", "", svg)
    return f'<symbol id="{name}" viewBox="{box[1] if box else "0 0 48 48"}">{inner}</symbol>'
