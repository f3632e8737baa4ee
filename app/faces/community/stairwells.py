"""Choosing stairwells in a form: whom to ask from door to door, and from whom to collect."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.faces.choosing import SelectMultipleField
from app.faces.community.inputs import as_uuid, whole_number
from app.flow.research import canvass_queries as reading


def stair_choices(field: SelectMultipleField) -> list[list[Any]]:
    """Fill a field with the hall's stairwells; returns its options building by building."""
    field.choices = [
        (f"{building_id}:{unit}", _("%(building)s %(unit)s 单元（%(n)s 户）", building=name, unit=unit, n=n))
        for building_id, name, unit, n in reading.stairwells()
    ]
    blocks: dict[str, list[Any]] = {}
    for option in field:
        blocks.setdefault(str(option.data).partition(":")[0], []).append(option)
    return list(blocks.values())


def units_chosen(chosen: list[str]) -> list[tuple[UUID, int]]:
    """The stairwells that were ticked, as building and unit."""
    found = []
    for pair in chosen:
        building, _colon, unit = pair.partition(":")
        building_id, number = as_uuid(building), whole_number(unit)
        if building_id is not None and number is not None:
            found.append((building_id, number))
    return found
