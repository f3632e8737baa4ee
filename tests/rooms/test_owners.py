"""The owners' register on the real database: one head an owner, areas in full, sales that keep what was before."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from app.errors import Missing, Refused
from app.flow.decide import rules as law
from app.people import owner_rules
from app.people.owner_register import roll_of, totals
from app.people.owners import OwnedUnit, Owner
from app.people.places import Estate
from tenants.database import db


def estate() -> UUID:
    return db.session.scalars(select(Estate.id)).one()


def test_heads_and_areas(hall: Any, now: Any) -> None:
    here, today = estate(), date(2026, 1, 1)
    owners = [
        Owner(id=uuid4(), estate_id=here, name=n, mark=m, kind=k, created_at=now)
        for n, m, k in [("王芳", "甲", "person"), ("王芳", "乙", "person"), ("城建公司", "", "developer")]
    ]
    db.session.add_all(owners)
    db.session.flush()
    for n, (owner, area) in enumerate([(0, 8850), (0, 2010), (1, 8850), (2, 9000), (2, 9000), (2, 1)]):
        db.session.add(
            OwnedUnit(
                estate_id=here,
                owner_id=owners[owner].id,
                label=f"{12 - n} 号楼 1 单元 101",
                area_dm2=area,
                since=today,
                created_at=now,
            )
        )
    db.session.flush()
    assert totals(here) == (3, 8850 * 2 + 2010 + 18001)
    lines = roll_of(here)
    assert [(line.name, line.area_dm2) for line in lines] == [
        ("城建公司", 18001),
        ("王芳（乙）", 8850),
        ("王芳（甲）", 10860),
    ]
    assert lines[0].place == "7 号楼 1 单元 101、8 号楼 1 单元 101 等 3 套"
