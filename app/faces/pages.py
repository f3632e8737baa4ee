"""Rendering: a public page, or a desk page with its menu."""

from __future__ import annotations

from posixpath import normpath
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import g, has_request_context, render_template, request


def page(template: str, **values: Any) -> str:
    """A page without a menu."""
    return render_template(template, **values)


def desk(template: str, current: str, **values: Any) -> str:
    """A desk page (hall or street); ``current`` is the key of the menu entry it belongs to."""
    g.wants_menu = True
    g.menu_current = current
    return render_template(template, **values)


def local_path(target: str | None) -> str:
    """``target`` when it is a path of this very hall, else an empty string; nobody is sent elsewhere by a link."""
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return ""
    # Browsers read a backslash as a slash and drop control letters, so such a path could still lead away.
    if "\\" in target or any(ord(letter) < 32 for letter in target):
        return ""
    parts = address_parts(target)
    return target if not parts.scheme and not parts.netloc and _is_of_this_hall(parts.path) else ""


def _is_of_this_hall(path: str) -> bool:
    """Where halls share a host, each has a folder of its own; a path may climb out of it, also by ``%2e%2e``."""
    root = request.script_root if has_request_context() else ""
    return not root or normpath(unquote(path)).startswith(f"{root}/") or path == f"{root}/"


def address_parts(url: str) -> SplitResult:
    """The parts of an address that somebody else wrote; the parts of nothing where it cannot be one."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
