"""Rendering: a public page, or a desk page with its menu."""

from __future__ import annotations

from typing import Any

from flask import g, render_template


def page(template: str, **values: Any) -> str:
    """A page without a menu."""
    return render_template(template, **values)


def desk(template: str, current: str, **values: Any) -> str:
    """A desk page (hall or street); ``current`` is the key of the menu entry it belongs to."""
    g.wants_menu = True
    g.menu_current = current
    return render_template(template, **values)
