"""Who may look at the work: one resident who is not the doer, by name and household."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.flow.implement.witness import Doers, Witness, doers_of, may_witness, witness_of
from app.people.door_words import door_in, household_at
from app.people.places import Building, Household
from tenants.database import db, uuid7
from tests.rooms.carrying_out import working

HOME, AWAY = uuid4(), uuid4()
DOERS = Doers(frozenset({"物业何师傅", "物业", "何师傅"}), frozenset({HOME}))


@pytest.mark.parametrize(
    ("name", "home", "ok"),
    [
        ("楼阿姨", None, True), ("楼阿姨", AWAY, True), ("楼阿姨", HOME, False), (" 何 师傅", None, False),
        ("小李", None, False), ("", None, False), ("长" * 41, None, False),
    ],
)  # fmt: skip
def test_a_resident_who_is_not_the_doer(name, home, ok):
    assert bool(may_witness(Witness(name, home), DOERS, looker="小李")) is ok


@pytest.mark.parametrize(
    ("words", "door"),
    [
        ("3-2-501", ("", "3", 2, "501")), ("曹家巷 ３号楼2单元501室", ("曹家巷", "3", 2, "501")),
        ("我家", None), ("3-2", None), ("", None),
    ],
)  # fmt: skip
def test_a_door_as_people_write_it(words, door):
    assert door_in(words) == door


def test_the_witness_is_found_on_the_register_and_a_doer_is_refused(hall, now):
    matter = working(now)
    assert "何师傅" in doers_of(matter).names
    building = db.session.scalars(select(Building)).first()
    number = "".join(letter for letter in building.name if letter.isdigit())
    home = Household(id=uuid7(), building_id=building.id, unit=1, room="901")
    db.session.add(home)
    db.session.flush()
    seen = witness_of(matter, "楼阿姨", door=f"{number}-1-901")
    assert (seen.household_id, seen.name) == (home.id, "楼阿姨")
    assert seen.door.endswith("1 单元 901")
    for name, door in (("何师傅", ""), ("楼阿姨", "99-1-901"), ("楼阿姨", "三楼东户")):
        with pytest.raises(Refused):
            witness_of(matter, name, door=door)
    with pytest.raises(Refused, match="名册上没有"):
        household_at(f"别处 {number}-1-901")
