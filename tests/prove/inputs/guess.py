"""Seats for the doors that no page led to: real ids of the right kind, and the fields that their module reads."""

from __future__ import annotations

import inspect
import re
from typing import Any

from tests.prove.inputs.atlas import BESIDES, ROLES, Atlas, Seat, may_enter
from tests.prove.inputs.forms import Field
from tests.prove.inputs.rows import addresses, ids_by_name
from tests.prove.inputs.walker import SOUGHT
from tests.prove.inputs.world import HALLS, World


def fill_in(world: World, atlas: Atlas) -> list[str]:
    """Seats for the doors no page led to, with real ids of the right kind; the names of these doors."""
    ids, unseen = ids_by_name(world), []
    fields = {one.name: one for seats in atlas.seats.values() for seat in seats for one in seat.fields}
    for name, (site, door) in world.app.extensions["doors"].items():
        if atlas.seats[name]:
            continue
        unseen.append(name)
        known = (
            tuple(fields.get(key, Field(key, "text")) for key in fields_of(door.view)) if door.method == "POST" else ()
        )
        for slug in ("",) if site == "street" else HALLS[:3]:
            able = [one for one in BESIDES if (slug, one) in world.cookies and may_enter(one, door.permission)]
            able += [one for one in ROLES if (slug, one) in world.cookies and may_enter(one, door.permission)][:1]
            for turn, path in enumerate(addresses(ids, slug, door.url)[: SOUGHT if slug == HALLS[0] else 2]):
                atlas.seats[name].append(Seat(slug, able[turn % len(able)] if able else "", path, known, world=1))
    return unseen


def fields_of(view: Any) -> list[str]:
    """What the module of a view reads from a form: names in ``form.get("…")`` and the fields of its form classes."""
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(view)) or object)
    read_by_hand = re.findall(r"""form\.get(?:list)?\(\s*["'](\w+)""", source)
    declared = re.findall(r"^    (\w+) = \w*Field\(", source, re.MULTILINE)
    return sorted({"once", *read_by_hand, *declared})
