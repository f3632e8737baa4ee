"""Drawings a hall may show: what an SVG may contain, and the patterns behind the heads of pages.

A drawing is put into our own pages as markup, so nothing is kept that was not understood: the text is parsed, every
element and attribute is looked up in a list, and what is stored is written anew from what was read.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from xml.etree import ElementTree

BRANDS = Path(__file__).parent / "brands"
MARK_BYTES = 30_000
SCENE_BYTES = 30_000
MOST_ELEMENTS = 300
MOST_DEPTH = 12
SVG = "{http://www.w3.org/2000/svg}"


def N_(message: str) -> str:  # noqa: N802
    """Mark ``message`` for the catalogues; the kernel may not import the program's own marker."""
    return message


class BadDrawing(ValueError):
    """A drawing that is not taken. ``reason`` is a Chinese message id, ``values`` fills its named placeholders."""

    def __init__(self, reason: str, **values: str) -> None:
        self.reason, self.values = reason, values
        super().__init__(reason % values if values else reason)


NUMBER = re.compile(r"(?=.*\d)-?\d{0,5}(\.\d{1,6})?")
NUMBERS = re.compile(r"[-\d., ]{1,200}")
PATH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz\d\s.,eE+-]{1,20000}")
MOVE = re.compile(r"((translate|scale|rotate|matrix|skewX|skewY)\([-\d., ]{1,80}\)\s*){1,4}")
WORD = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,63}")
COLOUR = r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?"
PAINT = re.compile(
    rf"none|currentColor|white|black|{COLOUR}|"
    rf"var\(--(mark-accent|brand|brand-ink|brand-soft|brand-accent|brand-paper)(, ?(var\(--brand-accent\)|{COLOUR}))?\)"
)
LABEL = re.compile(r"[^<>&\x00-\x1f]{0,200}")

SHAPE: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"], NUMBER),
    **dict.fromkeys(["opacity", "fill-opacity", "stroke-opacity", "stroke-width", "stroke-miterlimit"], NUMBER),
    **dict.fromkeys(["viewBox", "points", "stroke-dasharray", "stroke-dashoffset"], NUMBERS),
    **dict.fromkeys(["fill", "stroke", "color"], PAINT),
    **dict.fromkeys(["fill-rule", "clip-rule", "stroke-linecap", "stroke-linejoin", "preserveAspectRatio"], WORD),
    **dict.fromkeys(["role", "aria-hidden", "focusable"], WORD),
    "aria-label": LABEL,
    "version": NUMBER,
    "d": PATH,
    "transform": MOVE,
}
REUSE: Mapping[str, re.Pattern[str]] = {"id": WORD, "href": re.compile(r"#[a-zA-Z][a-zA-Z0-9-]{0,63}")}
PLAIN = frozenset(["svg", "g", "title", "desc", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon"])
REUSED = frozenset(["defs", "symbol", "use"])


def _parsed(text: str, most: int) -> ElementTree.Element:
    if len(text.encode("utf-8", "surrogatepass")) > most:
        raise BadDrawing(N_("图太大了，最多 %(most)s KB"), most=str(most // 1000))
    body = re.sub(r"\A\ufeff?\s*<\?xml\s[^<>]{0,100}\?>", "", text)
    if re.search(r"<!(?!--)|<\?", body):
        # A document type can define entities that grow without end or read files, so none is read at all.
        raise BadDrawing(N_("图里不能有文档声明或处理指令"))
    try:
        # The text is short and has no document type, so there is no entity to expand and nothing to fetch.
        root = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, ValueError) as error:
        raise BadDrawing(N_("这不是一张完整的 SVG 图")) from error
    if root.tag != f"{SVG}svg":
        raise BadDrawing(N_("这不是一张完整的 SVG 图"))
    return root


def _walk(root: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, int]]:
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        yield element, depth
        stack.extend((child, depth + 1) for child in element)


def _check(root: ElementTree.Element, *, reuse: bool) -> None:
    elements = PLAIN | REUSED if reuse else PLAIN
    attributes = {**SHAPE, **REUSE} if reuse else SHAPE
    for count, (element, depth) in enumerate(_walk(root), start=1):
        if count > MOST_ELEMENTS or depth > MOST_DEPTH:
            raise BadDrawing(N_("图太复杂了，最多 %(most)s 个图形"), most=str(MOST_ELEMENTS))
        name = element.tag.removeprefix(SVG)
        if name not in elements or name == element.tag:
            raise BadDrawing(N_("图里不能有「%(name)s」"), name=name[:40])
        for attribute, value in element.attrib.items():
            allowed = attributes.get(attribute)
            if allowed is None:
                raise BadDrawing(N_("图里不能有属性「%(name)s」"), name=attribute[:40])
            if not allowed.fullmatch(value.strip()):
                raise BadDrawing(N_("属性「%(name)s」的值「%(value)s」不能用"), name=attribute, value=value[:40])
    if "viewBox" not in root.attrib:
        raise BadDrawing(N_("图上要写明画幅（viewBox）"))


def _check_reuse(root: ElementTree.Element) -> None:
    """A symbol is used, and never uses another: nesting is how a short drawing becomes a billion shapes."""
    symbols = {e.get("id"): e for e, _ in _walk(root) if e.tag == f"{SVG}symbol"}
    for symbol in symbols.values():
        if any(e.tag == f"{SVG}use" for e, _ in _walk(symbol)):
            raise BadDrawing(N_("图里的部件不能再套用别的部件"))
    for element, _ in _walk(root):
        if element.tag == f"{SVG}use" and element.get("href", "")[1:] not in symbols:
            raise BadDrawing(N_("图里用了不存在的部件"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _written(element: ElementTree.Element) -> str:
    name = element.tag.removeprefix(SVG)
    words = (element.text or "").strip() if name in ("title", "desc") else ""
    # An HTML parser gives the words of a title a new meaning in a foreign element; escaped they stay words.
    inner = _escaped(words) + "".join(_written(child) for child in element if not words)
    attributes = "".join(f' {key}="{_escaped(value.strip())}"' for key, value in element.attrib.items())
    if name == "svg":
        attributes = ' xmlns="http://www.w3.org/2000/svg"' + attributes
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


@lru_cache(maxsize=256)
def safe_svg(text: str) -> str:
    """Return an uploaded mark, written anew from allowed parts only.

    Raises :class:`BadDrawing` (a ``ValueError`` with a Chinese reason) when it is larger than 30 kB, not an SVG, or
    holds anything but plain shapes: no script, handler, style, link, picture, font, animation or foreign element.
    """
    root = _parsed(text, MARK_BYTES)
    _check(root, reuse=False)
    return _written(root)


@lru_cache(maxsize=256)
def safe_scene(text: str) -> str:
    """Return a scene written anew; beyond a mark it may reuse its own symbols (the stool) by ``<use href="#…">``."""
    root = _parsed(text, SCENE_BYTES)
    _check(root, reuse=True)
    _check_reuse(root)
    return _written(root)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A quiet repeated drawing in white. Sizes in px; ``stroke`` 0 means the path is filled; ``opacity`` at most 0.1.

    One path with one opacity: where its parts overlap the white does not add up, so the contrast promised for
    "10 % white over the brand colour" holds everywhere.
    """

    width: int
    height: int
    path: str
    stroke: float = 0.0
    opacity: float = 0.08

    def __post_init__(self) -> None:
        whole = all(isinstance(n, int) and 8 <= n <= 400 for n in (self.width, self.height))
        if not whole or not (0 <= self.stroke <= 12 and 0 < self.opacity <= 0.1):
            raise BadDrawing(N_("底纹的尺寸、线宽或浓淡超出范围"))
        if not isinstance(self.path, str) or len(self.path) > 3000 or not PATH.fullmatch(self.path):
            raise BadDrawing(N_("底纹的路径只能是画线的字母和数字"))

    def as_css(self) -> str:
        """The ``url("data:…")`` value of ``--brand-pattern``."""
        paint = "fill='%23fff' fill-opacity='{o:g}'"
        if self.stroke:
            paint = "fill='none' stroke='%23fff' stroke-opacity='{o:g}' stroke-width='{s:g}' stroke-linecap='round'"
        path = re.sub(r"\s+", " ", self.path).replace("+", "%2B")
        return (
            "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "
            f"width='{self.width}' height='{self.height}'%3E%3Cpath d='{path}' "
            f'{paint.format(o=self.opacity, s=self.stroke)}/%3E%3C/svg%3E")'
        )


@cache
def patterns() -> Mapping[str, Pattern]:
    """The named patterns of ``brands/patterns.toml``."""
    with (BRANDS / "patterns.toml").open("rb") as file:
        return {name: Pattern(**row) for name, row in tomllib.load(file).items()}
