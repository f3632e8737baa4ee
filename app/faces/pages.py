"""Rendering: a public page, or a desk page with its menu."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import g, render_template


def page(template: str, **values: Any) -> str:
    """A page without a menu."""
    return render_template(template, **values)


def desk(template: str, current: str, **values: Any) -> str:
    """A desk page (hall or street); ``current`` is the key of the menu entry it belongs to."""
    g.wants_menu = True
    g.menu_current = current
    return render_template(template, **values)


def local_path(target: str | None) -> str:
    """``target`` when it is a path of this very host, else an empty string; nobody is sent elsewhere by a link."""
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return ""
    # Browsers read a backslash as a slash and drop control letters, so such a path could still lead away.
    if "\\" in target or any(ord(letter) < 32 for letter in target):
        return ""
    parts = address_parts(target)
    return target if not parts.scheme and not parts.netloc else ""


def address_parts(url: str) -> SplitResult:
    """The parts of an address that somebody else wrote; the parts of nothing where it cannot be one."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
