"""The proof's own proof: what it is to find is done on purpose, and it must be found."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.faces.doors import Door
from app.people.permissions import Permission
from tests.prove.inputs import judge as judging
from tests.prove.inputs.judge import Judge, Wrong
from tests.prove.inputs.knock import knock, plain
from tests.prove.inputs.person import Filling
from tests.prove.inputs.rehearse import Way, honest, is_taken
from tests.prove.inputs.whole import faults_of
from tests.prove.inputs.world import HALLS, World


def prove(plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Raises where a planted fault goes by unseen."""
    world = World(plan["owner"], f"{plan['redis']}?db=9", Path(plan["folder"]), "inputs_control", plan["cookies"])
    world.put_back(0)
    judge, door = Judge(world), Door("GET", "/", lambda: "", Permission.ANYONE_ENTER, name="home")
    here = world.app.extensions["doors.here"]
    key = ("community", "GET", "/")

    def breaks() -> str:
        raise RuntimeError("planted")

    def hangs() -> str:
        time.sleep(0.7)
        return "late"

    def writes() -> Any:
        with world.eyes.connect() as conn:
            conn.execute(text("update matter set title = title where id = (select id from matter limit 1)"))
        return "refused", 422

    monkeypatch.setattr(judging, "PATIENCE", 0.2)
    for planted, told in ((breaks, "500"), (hangs, "took"), (writes, "422 wrote ['matter']")):
        monkeypatch.setitem(here, key, planted)
        with pytest.raises(Wrong, match=told.replace("[", r"\[")):
            judge.send("community.home", door, plain(HALLS[0], "", "/"))
    assert not faults_of(world)
    with world.eyes.connect() as conn:
        conn.execute(text("update matter set supports = supports + 1 where id = (select id from matter limit 1)"))
    assert any("supporters" in fault for fault in faults_of(world))
    world.put_back(0)
    _puts_back(world, plan)
    world.let_go()


def _puts_back(world: World, plan: dict[str, Any]) -> None:
    """What many doors wrote is undone to the last row."""
    whole, taken = world.print_of(), 0
    for name, seats in plan["atlas"].seats.items():
        if plan["methods"][name] == "POST" and seats[0].world == 0 and seats[0].page:
            way = Way(seats[0], tuple(Filling(seats[0].fields, plan["day"], 1).pairs()))
            taken += is_taken(knock(world, honest(way)))
    assert taken > 20
    assert world.print_of() != whole
    world.put_back(0)
    assert world.undone
    assert world.print_of() == whole
