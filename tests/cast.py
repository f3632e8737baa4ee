"""The permanent cast. 王阿姨 lives here, 小李 walks the grid, 张书记 runs the hall, 赵主任 watches from the street,
陈工 is called from the pool, and 隔壁, the community next door, must get nothing.
"""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from app import clock
from app.matter.models import Holiday
from app.people import desk
from app.people.actor import SYSTEM
from app.people.models import StreetAccount
from app.people.places import Building, Estate, Grid, Household, Venue
from app.people.roles import Role
from app.people.secrets import blind, hash_password
from app.talent.models import Expert
from tenants import provisioning
from tenants.database import db
from tenants.hosts import find_site
from tenants.scope import bound

HOME, NEXT = "nanyandao", "dianye"
PASSWORD = "xiaobandeng-2026"
HOUSEHOLD_CODE = "ABCDE23456"
BASE = "yard.test"

STAFF = {
    "shuji": ("张书记", {Role.SECRETARY: "社区书记"}),
    "zhao": ("赵师傅", {Role.COMMUNITY_WORKER: "社区工作者"}),
    "xiaoli": ("小李", {Role.GRID_WORKER: "网格员"}),
    "sun": ("孙楼长", {Role.BUILDING_STEWARD: "3 号楼楼长"}),
    "jiandu": ("何监督", {Role.AFFAIRS_SUPERVISOR: "居务监督委员"}),
}
COUNCIL = 17


def settle(app: Flask, *, now: datetime) -> None:
    """Open the street and both halls and people them. Needs an application context."""
    street_id = provisioning.open_street(host=BASE, name="中华大街街道", short="中街", phone="8555 0100", now=now)
    with bound(find_site(app, BASE).scope):
        _street(now)
        db.session.commit()
        db.session.remove()
    for slug, code, name in ((HOME, "NYD", "南盐道社区"), (NEXT, "DY", "电业社区")):
        provisioning.open_community(
            street_id=street_id, slug=slug, code=code, name=name, now=now, phone="8555 0118",
            hours="周一至周五 9:00–17:00",
            address="曹家巷小区 3 号楼一层共享空间",
        )  # fmt: skip
        app.extensions.pop("tenants.sites", None)
        with bound(find_site(app, BASE, slug).scope):
            _people(now, slug)
            _places()
            db.session.commit()
            db.session.remove()


def _street(now: datetime) -> None:
    for login, name, role in (("zhuren", "赵主任", "street_supervisor"), ("guanli", "钱管理员", "street_admin")):
        db.session.add(
            StreetAccount(
                login=login, display_name=name, role=role, password_hash=hash_password(PASSWORD), created_at=now
            )
        )  # fmt: skip
    for day, name, working in ((date(2026, 6, 19), "端午节", False), (date(2026, 10, 1), "国庆节", False)):
        db.session.add(Holiday(day=day, name=name, is_working=working))
    db.session.add(
        Expert(
            code="X12",
            name="陈工",
            profession="工程",
            organisation="市政设计院",
            skill="道路与涵洞",
            hours="工作日晚上",
        )
    )
    db.session.add(Expert(code="X08", name="高明理", profession="城管", skill="占道外摆"))


def _people(now: datetime, slug: str) -> None:
    prefix = "" if slug == HOME else "隔壁"
    for login, (name, roles) in STAFF.items():
        desk.add_account(login, prefix + name, PASSWORD, roles, by=SYSTEM, now=now)
    for seat in range(1, COUNCIL + 1):
        desk.add_account(
            f"yishi{seat}", f"{prefix}议事员{seat}", PASSWORD, {Role.COUNCIL_MEMBER: ""}, by=SYSTEM, now=now, seat=seat
        )


def _places() -> None:
    grid, estate = Grid(name="第一网格"), Estate(name="曹家巷小区")
    db.session.add_all([grid, estate])
    db.session.flush()
    building = Building(name="3 号楼", sort=3, estate_id=estate.id, grid_id=grid.id, units=4)
    db.session.add(building)
    db.session.flush()
    now = clock.at(date(2026, 6, 1))
    db.session.add(
        Household(
            building_id=building.id, unit=3, room="301", code_hmac=blind("household", HOUSEHOLD_CODE), code_at=now
        )
    )
    db.session.add(
        Venue(kind="room", name="小板凳议事屋", place="曹家巷小区 3 号楼一层", hours="周一至周五 9:00–17:00")
    )
    db.session.add(Venue(kind="collection_point", name="百货商店门口", place="百货商店门口", hours="周二 9:00–11:00"))
