"""Who acts in the tests of the rooms: the cast of 南盐道 by login, and a matter handed in by 王阿姨."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.flow.collect.actions import Saying, submit
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.models import Account
from app.people.places import Building
from app.people.queries import account_with_roles, actor_of
from app.people.roles import Role
from tenants.database import db
from tenants.scope import current_community

RESIDENT = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))
WORDS = "3 号楼门口有人拉绳子晾被子，挡着路，老人走过去总怕绊着。"


def account(login: str) -> Account:
    """The account of the bound hall behind a login."""
    found = db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.login == login)
    )
    assert found is not None
    return found


def person(login: str, now: datetime) -> Actor:
    """Somebody of the cast, as they act today."""
    found = account_with_roles(account(login).id, now.date())
    assert found is not None
    return actor_of(*found)


def said(now: datetime, **more: Any) -> Matter:
    """A matter 王阿姨 handed in: stage ``submitted``."""
    values = {
        "words": WORDS,
        "title": "装几组晾衣架",
        "wish": "装几组公用的晾衣架",
        "name": "王桂兰",
        "phone": "13800001234",
    }
    here = Building.community_id == current_community()
    values["building_id"] = db.session.scalar(select(Building.id).where(here))
    matter = submit(Saying(**(values | more)), by=RESIDENT, now=now).matter
    db.session.flush()
    return matter
