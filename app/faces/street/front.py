"""Doors of the street that are open to everybody: its front page, where residents find their hall."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import redirect
from markupsafe import Markup

from app.faces.context import across
from app.faces.doors import Door
from app.faces.joint_view import head_of
from app.faces.pages import page
from app.faces.visitor import visitor
from app.matter.house import kept
from app.matter.joint_queries import shared_joints
from app.people.permissions import Permission
from app.records import street
from tenants.brand import Brand, to_css
from tenants.hosts import site_url


def home() -> Any:
    """Residents find their hall here; the street's staff goes on to the overview."""
    if visitor() is not None:
        return redirect(site_url("street.overview"))
    halls = [_hall(community) for community in street.communities()]
    joints, in_all = kept("joint cards", shared_joints)
    return page(
        "street/home.html", halls=halls, css=Markup("\n").join(hall["css"] for hall in halls),
        joints=[(joint, head_of(joint)) for joint in joints], more_joints=in_all > len(joints),
    )  # fmt: skip


def _hall(community: Any) -> dict[str, Any]:
    look = _look(community.slug, json.dumps(community.brand, sort_keys=True)) if community.brand else None
    return {
        "slug": community.slug, "name": community.hall or community.name, "community": community.name,
        "motto": community.motto, "url": across(site_url("community.home", slug=community.slug)),
        "phone": community.phone,
        "is_paused": community.suspended_at is not None,
        "mark": look[0] if look else "", "css": Markup(look[1]) if look else Markup(""),  # noqa: S704 (made by Brand)
    }  # fmt: skip


@lru_cache(maxsize=256)
def _look(slug: str, brand: str) -> tuple[str, str]:
    """Mark and colours of a hall; checking a drawing costs more than reading it, and a hall seldom changes its look."""
    found = Brand.from_dict(json.loads(brand))
    return found.mark_svg, to_css(found, f'[data-brand="{slug}"]')


DOORS: list[Door] = [Door("GET", "/", home, Permission.ANYONE_ENTER)]
