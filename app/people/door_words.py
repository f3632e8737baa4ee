"""From a door as people write it (曹家巷 3号楼2单元501, 3-2-501) to the household on the register."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.errors import Refused
from app.people.places import Building, Estate, Household
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

_DOOR = re.compile(r"^(?P<estate>.*?)(?P<building>\d+)\D+(?P<unit>\d+)\D+(?P<room>\d+[0-9A-Za-z]*)\D*$")
MOST = 60


class Door(NamedTuple):
    """What the words say: ``estate`` is empty where none is named."""

    estate: str
    building: str
    unit: int
    room: str


def door_in(words: str) -> Door | None:
    """Building, unit and room in these words, or None. Pure."""
    plain = "".join(unicodedata.normalize("NFKC", words[:MOST]).split())
    found = _DOOR.match(plain)
    if found is None or len(found["unit"]) > 2:
        return None
    return Door(found["estate"].strip("，,、-"), found["building"], int(found["unit"]), found["room"])


def household_at(words: str) -> Household:
    """The one household behind these words, with its building; raises ``Refused`` with what to write instead."""
    door = door_in(words)
    if door is None:
        raise Refused(N_("门牌写成 3号楼2单元501，或者 3-2-501。"))
    rows = db.session.scalars(
        select(Household)
        .join(Building, (Building.community_id == Household.community_id) & (Building.id == Household.building_id))
        .join(Estate, (Estate.community_id == Building.community_id) & (Estate.id == Building.estate_id))
        .options(joinedload(Household.building).joinedload(Building.estate))
        .where(
            Household.community_id == current_community(), Household.closed_at.is_(None), Household.unit == door.unit,
            Household.room == door.room, Building.name.regexp_match(rf"(^|\D){door.building}(\D|$)"),
        )
        .limit(50)
    ).all()  # fmt: skip
    here = [one for one in rows if not door.estate or _is_in(door.estate, one.building.estate.name)]
    if not here:
        raise Refused(N_("名册上没有“%(door)s”这一户，门牌再看一遍，或者空着。"), door=words.strip()[:MOST])
    if len(here) > 1:
        raise Refused(N_("有几个小区都有“%(door)s”，前面写上小区的名字。"), door=words.strip()[:MOST])
    return here[0]


def _is_in(typed: str, estate: str) -> bool:
    """曹家巷 is enough for 曹家巷小区, and the other way round."""
    return typed in estate or estate in typed
