"""The parts the staff matter page is composed of: one module each, ``load(matter) -> dict`` and ``MOVE_DOORS``.

Only the parts of the open tab are loaded; the template ``desk/parts/<name>.html`` gets the dict as ``part``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from app.matter.models import Matter
from app.words import N_

#: Every part, in the order in which a page shows them.
NAMES = (
    "mediation", "speakers", "voice", "research", "sitting", "resolution", "tasks", "orders", "assets", "money",
    "review", "talent", "escalation", "joint",
)  # fmt: skip
#: The tabs of the page with the parts each shows.
TABS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "overview": (
        N_("概况"),
        (
            "mediation",
            "speakers",
            "research",
        ),
    ),
    "sitting": (N_("会议和表决"), ("sitting",)),
    "resolution": (N_("决议和公示"), ("resolution", "joint")),
    "tasks": (N_("任务"), ("tasks", "assets")),
    "money": (N_("收支"), ("money",)),
    "orders": (N_("督办"), ("orders",)),
    "review": (N_("回访评议"), ("review",)),
    "help": (N_("请专家、请街道"), ("talent", "escalation")),
    "papers": (N_("材料"), ("voice",)),
    "story": (N_("经过"), ()),
}
#: Moves whose forms stand with the desk's own areas.
DESK_MOVES: Mapping[str, str] = {
    "submit": "community.screening", "accept": "community.screening", "ask_for_more": "community.screening",
    "refuse": "community.screening", "refer": "community.screening", "merge": "community.screening",
    "answer": "community.screening", "confirm_topic": "community.topic", "unmerge": "community.unmerger",
}  # fmt: skip


@cache
def modules() -> Mapping[str, ModuleType]:
    """The parts this program has."""
    found = {name: f"{__name__}.{name}" for name in NAMES}
    return {name: import_module(path) for name, path in found.items() if find_spec(path)}


@cache
def move_doors() -> Mapping[str, str]:
    """Move name → endpoint of the page on which it is made; a part may speak for moves of its own."""
    doors = dict(DESK_MOVES)
    for module in modules().values():
        doors.update(getattr(module, "MOVE_DOORS", {}))
    return doors


def load(tab: str, matter: Matter) -> list[tuple[str, dict[str, Any]]]:
    """Template and data of each part the tab shows."""
    here = modules()
    return [(f"desk/parts/{name}.html", here[name].load(matter)) for name in TABS[tab][1] if name in here]
