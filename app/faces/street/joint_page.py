"""The lead's public page: what it is about, who takes part, how each hall stands, what came out, what is being done.

This page alone gathers: it is made in the street's own scope and shows of a hall only what that hall shows everybody.
"""

from __future__ import annotations

from typing import Any

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.joint_view import halls_view, head_of, steps_of, story_of, tasks_view
from app.faces.pages import page
from app.flow.collect.rules import CATEGORIES
from app.matter import joint_queries as queries
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url


def joint_public(number: str) -> str:
    """Anybody reads it once it was opened to the halls."""
    joint = queries.find_shared(number)
    if joint is None:
        raise Missing(N_("没有这件事。"))
    notes = queries.notes_of(joint.id, public_only=True)
    asked = queries.halls_of(joint.id)
    halls = halls_view(joint, asked)
    return page(
        "street/joint_public.html", joint=joint, head=head_of(joint), steps=steps_of(joint, notes),
        halls=halls, tasks=tasks_view(queries.tasks_of(joint.id), clock.today()), outcome=outcome_of(joint),
        story=story_of(notes, asked),
        category=CATEGORIES.get(joint.category, ""),
        taking_part=[one for one in halls if one["state"] != "withdrawn"],
    )  # fmt: skip


def joint_publics() -> str:
    """All of them, the newest move first."""
    number = page_number()
    found, total = queries.shared_joints(queries.PAGE, number)
    return page(
        "street/joint_publics.html", joints=[(joint, head_of(joint)) for joint in found], number=number,
        last=max(1, -(-total // queries.PAGE)), url_of=lambda n: site_url("street.joint_publics", page=n),
    )  # fmt: skip


def outcome_of(joint: Any) -> dict[str, Any] | None:
    """The frozen figures, or None while there is no result."""
    return dict(joint.outcome) if joint.gathered_at and joint.outcome else None


DOORS: list[Door] = [
    Door("GET", "/joint", joint_publics, Permission.ANYONE_ENTER),
    Door("GET", "/joint/<string:number>", joint_public, Permission.ANYONE_ENTER),
]
