"""Making the plan that the workers knock by: play, furnish, walk, step forward, walk again, share out the tries."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import clock
from tests.prove.inputs.deepen import deepen
from tests.prove.inputs.furnish import furnish, known_by
from tests.prove.inputs.guess import fill_in
from tests.prove.inputs.rows import ids_by_name
from tests.prove.inputs.walker import Walker
from tests.prove.inputs.worker import shares_of
from tests.prove.inputs.world import TEMPLATES, World


def plan_day(world: World) -> str:
    """A day that lies far enough ahead for a notice and near enough for a promise."""
    with world.app.app_context():
        return (clock.today() + timedelta(days=9)).isoformat()


def make_plan(
    owner: str, redis: str, folder: Path, *, tries: int, seed: int, processes: int, say: Callable[[str], None]
) -> tuple[Path, dict[str, Any]]:
    """Leaves both templates in the engine and the plan in ``folder``; returns its path and what it holds."""
    begun = time.monotonic()
    data = folder / "data"
    world = World(owner, f"{redis}?db=1", data, TEMPLATES[0])
    world.play()
    world.sign_everybody_in()
    keys = furnish(world)
    played = time.monotonic()
    atlas = Walker(world, keys).walk()
    world.forget_touched()
    world.let_go()
    walked = time.monotonic()
    further = World(owner, f"{redis}?db=2", data, TEMPLATES[1], world.cookies)
    further.put_back()
    known = known_by(world)
    through = deepen(further, atlas, keys, plan_day(further), known)
    unseen = fill_in(further, atlas)
    atlas.ids = [str(row["id"]) for rows in ids_by_name(further).values() for row in rows[:1]]
    further.forget_touched()
    further.let_go()
    doors = world.app.extensions["doors"]
    say(f"stories told in {played - begun:.0f} s, walked in {walked - played:.0f} s, a step further in "
        f"{time.monotonic() - walked:.0f} s: {atlas.looks} pages looked at, {sum(map(bool, through.values()))} "
        "kinds of forms went through as typed")  # fmt: skip
    atlas.seats, atlas.asked = dict(atlas.seats), dict(atlas.asked)
    plan = {
        "owner": owner, "redis": redis, "folder": str(data), "cookies": world.cookies, "atlas": atlas, "seed": seed,
        "processes": processes, "shares": shares_of(doors, tries), "doors": set(doors), "unseen": unseen,
        "methods": {name: door.method for name, (_site, door) in doors.items()},
        "through": through, "day": plan_day(further), "known": known,
    }  # fmt: skip
    path = folder / "plan.pickle"
    path.write_bytes(pickle.dumps(plan))
    return path, plan
