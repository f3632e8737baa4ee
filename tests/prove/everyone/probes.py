"""Questions put to one open page in the browser; each answers with the findings in words, an empty list is good."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

HOME = Path(__file__).parent


@cache
def script(name: str, takes: str = "()") -> str:
    """A probe as the browser takes it: the helpers and one file, made a function."""
    helpers, own = ((HOME / f"{file}.js").read_text("utf-8") for file in ("helpers", name))
    return f"async {takes} => {{\n{helpers}\n{own}\n}}"


#: WCAG 1.4.12: whoever needs more room between letters and lines gets it, and nothing is lost.
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
    "p { margin-bottom: 2em !important; }"
)
#: What an element says to a reader must hold what is seen on it (WCAG 2.5.3), else a spoken command does not find it.
INTERACTIVE = frozenset({
    "button", "link", "textbox", "searchbox", "checkbox", "radio", "combobox", "listbox", "menuitem", "tab", "switch",
    "slider", "spinbutton", "DisclosureTriangle", "ColorWell", "Date", "DateTime", "InputTime",
})  # fmt: skip


def axe(page: Page) -> list[str]:
    """Serious and critical findings of axe, each rule once with up to three places."""
    found: list[str] = page.evaluate(script("axe"))
    return found


def fits(page: Page) -> list[str]:
    """Nothing scrolls sideways, nothing is cut off, no button's words stand out of it."""
    found: list[str] = page.evaluate(script("fits"))
    return found


def buttons(page: Page) -> list[str]:
    """No button of four lines and none on top of another."""
    found: list[str] = page.evaluate(script("buttons"))
    return found


def structure(page: Page, lang: str) -> list[str]:
    """What a screen reader walks by."""
    found: list[str] = page.evaluate(script("structure", "lang"), lang)
    return found


def names(page: Page, wire: CDPSession) -> tuple[int, list[str]]:
    """How many elements Chromium's accessibility tree lets one act on, and those of them that say nothing or otherwise.

    ``wire`` is a session of the developer tools of this page.
    """
    nodes = wire.send("Accessibility.getFullAXTree")["nodes"]
    known = [node for node in nodes if not node.get("ignored") and _role(node) in INTERACTIVE]
    silent = [node for node in known if not _name(node).strip()]
    told = [f"{_role(node)} without a name: {_html(wire, node)}" for node in silent]
    labels: list[list[str]] = page.evaluate(script("labels"))
    told += [f"{seen!r} is seen, {said!r} is said" for seen, said in labels if not says(said, seen)]
    return len(known), told


def says(said: str, seen: str) -> bool:
    """Whether the spoken name holds the words that are seen, blanks and marks aside."""
    plain = [re.sub(r"\W+", "", text).lower() for text in (said, seen)]
    return plain[1] in plain[0]


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value", ""))


def _name(node: dict[str, Any]) -> str:
    return str(node.get("name", {}).get("value", ""))


def _html(wire: CDPSession, node: dict[str, Any]) -> str:
    found = wire.send("DOM.getOuterHTML", {"backendNodeId": node["backendDOMNodeId"]})
    return str(found["outerHTML"])[:160]
