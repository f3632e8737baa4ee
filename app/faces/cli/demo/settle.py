"""The demo street before anything is said: halls, grids, buildings, households, staff, councils, experts.

Names are invented. Sizes are those of domain §8: 103 grids, 56 estates, 573 buildings, 1,891 units, 35,320 households.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select, text

from app import clock
from app.faces.cli.demo.owners import settle_owners
from app.flow.deliberate.models import SittingSeries
from app.matter.models import Holiday, StreetBounds
from app.matter.outside_models import OutsideUnit
from app.people.desk import sort_key
from app.people.models import Account, Membership, StreetAccount
from app.people.places import Building, Estate, Grid, Household, Venue
from app.people.roles import Role
from app.people.seats import Representative
from app.people.secrets import blind, hash_password, new_code
from app.people.short_codes import free_code
from app.talent.models import Expert
from app.talent.pool import add_expert
from tenants import provisioning
from tenants.database import db, row_key, uuid7
from tenants.hosts import bases, find_site, forget_sites
from tenants.registry import Community
from tenants.scope import bound, current_community, current_street

DATA = Path(__file__).parent / "data"
STREET = {"name": "中华大街街道", "short": "中街", "phone": "8555 0100"}
STAFF: list[tuple[str, str, Role, str]] = [
    ("shuji", "书记", Role.SECRETARY, "社区书记"),
    ("shegong", "社工", Role.COMMUNITY_WORKER, "社区工作者"),
    ("wangge", "师傅", Role.GRID_WORKER, "网格员"),
    ("wanggezhang", "网格长", Role.GRID_LEADER, "网格长"),
    ("louzhang", "楼长", Role.BUILDING_STEWARD, "楼长"),
    ("jiandu", "监督", Role.AFFAIRS_SUPERVISOR, "居务监督委员"),
]
#: Whom the street writes to: departments take tasks, outside units get letters of request.
UNITS = (
    ("external", "铁路工务段", "铁路、涵洞和泵房"),
    ("external", "供电公司", "电表以外的线路和变压器"),
    ("department", "区排水处", "市政排水管、沟"),
    ("department", "区住建局", "老旧小区改造资金"),
    ("department", "城管中队", "占道、外摆、违建"),
)
#: Members of a residents' committee (five to nine by law).
COMMITTEE = 7
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
GIVEN = (
    "建国 秀英 桂兰 志强 玉梅 国栋 淑珍 文华 德顺 春燕 立新 凤霞 永康 丽娟 广生 "
    "素芬 长河 晓梅 福来 兰芝 守义 桂香 新民 彩云 振华 金凤 明远 秋菊 大勇 爱华"
)


@dataclass
class Keys:
    """What the demo hands out: one password per kind of login, one household code per hall."""

    staff: str = field(default_factory=lambda: f"yi-{secrets.token_urlsafe(9)}")
    council: str = field(default_factory=lambda: f"zuo-{secrets.token_urlsafe(9)}")
    street: str = field(default_factory=lambda: f"jie-{secrets.token_urlsafe(9)}")
    households: dict[str, str] = field(default_factory=dict)


def rows(name: str) -> list[dict[str, str]]:
    """A table of the data folder."""
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def settle(app: Flask, keys: Keys, *, opened: datetime, scale: int = 1) -> None:
    """Open the street and its 21 halls and people them; each hall in one transaction, skipped when it stands."""
    host = bases(app)[0].rsplit(":", 1)[0]
    street_id = provisioning.open_street(host=host, now=opened, **STREET)
    hashes = {name: hash_password(getattr(keys, name)) for name in ("staff", "council", "street")}
    with bound(find_site(app, host).scope):
        _street(hashes["street"], opened)
        db.session.commit()
        db.session.remove()
    for number, row in enumerate(rows("communities.csv")):
        _open(app, host, street_id, row, opened)
        with bound(find_site(app, host, row["slug"]).scope):
            if not db.session.scalar(select(func.count()).select_from(Account)):
                _places(row, keys, opened, scale)
                _people(row, number, hashes, opened)
                _representatives(row, number, opened)
                db.session.commit()
            db.session.remove()
    with bound(find_site(app, host).scope):
        _bar_experts()
        db.session.commit()
        db.session.remove()


def _open(app: Flask, host: str, street_id: int, row: dict[str, str], opened: datetime) -> None:
    try:
        find_site(app, host, row["slug"])
    except LookupError:
        number = int(blind("phone", row["slug"])[:6], 16) % 9000 + 1000
        provisioning.open_community(
            street_id=street_id, slug=row["slug"], code=row["code"], name=f"{row['name']}社区", now=opened,
            phone=f"8555 {number}", hours="周一至周五 9:00–17:00", address=row["venue"],
        )  # fmt: skip
        forget_sites(app)


def _street(hashed: str, opened: datetime) -> None:
    if db.session.scalar(select(func.count()).select_from(StreetAccount)):
        return
    for login, name, role in (("zhuren", "赵主任", "street_supervisor"), ("guanli", "钱管理员", "street_admin")):
        account = StreetAccount(login=login, display_name=name, role=role, password_hash=hashed, created_at=opened)
        db.session.add(account)
    for row in rows("holidays.csv"):
        day = date.fromisoformat(row["day"])
        db.session.add(Holiday(day=day, name=row["name"], is_working=bool(row["working"])))
    for number, row in enumerate(rows("experts.csv")):
        _expert(number, row)
    for kind, name, duty in UNITS:
        db.session.add(OutsideUnit(kind=kind, name=name, duty=duty, added_at=opened, added_label="开通"))
    db.session.add(StreetBounds(bounds={}, changed_at=opened, changed_by="开通"))


def _expert(number: int, row: dict[str, str]) -> None:
    data: dict[str, Any] = {name: value for name, value in row.items() if name != "barred_in"}
    # One appointment runs out soon, so that the street's page has something to say about it.
    valid = timedelta(days=40 if row["code"] == "X10" else 700 + number)
    add_expert(phone=f"138 0000 {1000 + number}", valid_until=clock.today() + valid, **data)


def _bar_experts() -> None:
    """Where an expert lives or acts for somebody; the halls are only known once they are open."""
    halls = {row.name: row.id for row in db.session.execute(select(Community.name, Community.id))}
    barred = {row["code"]: halls[f"{row['barred_in']}社区"] for row in rows("experts.csv") if row["barred_in"]}
    for expert in db.session.scalars(select(Expert).where(Expert.code.in_(barred))):
        expert.barred_in = [barred[expert.code]]


def share(total: int, parts: int) -> Iterator[int]:
    """``total`` in ``parts`` as even as integers allow."""
    for index in range(parts):
        yield total * (index + 1) // parts - total * index // parts


def _places(row: dict[str, str], keys: Keys, opened: datetime, scale: int) -> None:
    grids = [Grid(name=f"第{'一二三四五六七八九十'[i]}网格") for i in range(int(row["grids"]))]
    estates = [Estate(name=name) for name in row["estate_names"].split("、")]
    db.session.add_all([*grids, *estates])
    db.session.flush()
    count = int(row["buildings"])
    buildings = []
    per_estate = list(share(count, len(estates)))
    units = share(int(row["units"]), count)
    for estate, number in zip(estates, per_estate, strict=True):
        for n in range(1, number + 1):
            grid = grids[len(buildings) * len(grids) // count]
            buildings.append(
                Building(name=f"{n} 号楼", sort=n, estate_id=estate.id, grid_id=grid.id, units=next(units))
            )
    db.session.add_all(buildings)
    db.session.flush()
    _households(row, buildings, keys, opened, scale)
    _venues(row, estates, buildings)


def _households(row: dict[str, str], buildings: list[Building], keys: Keys, opened: datetime, scale: int) -> None:
    """All households in one statement; only the first has its code issued, the others wait for their slip."""
    spots: list[tuple[Any, int, str]] = []
    for building, homes in zip(buildings, share(int(row["households"]) * scale, len(buildings)), strict=True):
        for unit, number in enumerate(share(homes, building.units), 1):
            spots += [(building.id, unit, f"{n // 2 + 1}0{n % 2 + 1}") for n in range(number)]
    db.session.execute(
        text(
            "insert into household (community_id, street_id, id, building_id, unit, room) "
            "select :c, :s, * from unnest(cast(:ids as uuid[]), cast(:buildings as uuid[]), cast(:units as bigint[]), "
            "cast(:rooms as text[]))"
        ),
        {
            "c": current_community(),
            "s": current_street(),
            "ids": [uuid7() for _ in spots],
            "buildings": [spot[0] for spot in spots],
            "units": [spot[1] for spot in spots],
            "rooms": [spot[2] for spot in spots],
        },
    )
    first = db.session.scalars(
        select(Household).where(
            Household.community_id == current_community(), Household.building_id == buildings[0].id,
            Household.unit == 1, Household.room == "101",
        )
    ).one()  # fmt: skip
    code = keys.households.setdefault(row["slug"], new_code())
    first.code_hmac, first.code_at = blind("household", code), opened


def _venues(row: dict[str, str], estates: list[Estate], buildings: list[Building]) -> None:
    name = row["name"]
    first, last = buildings[0].grid_id, buildings[-1].grid_id
    venues = [
        Venue(kind=row["venue_kind"], name=f"{name}议事点", place=row["venue"], hours="周一至周五 9:00–17:00", sort=1,
              note="网格员在，能帮您写、帮您拍照。", grid_id=first),
        Venue(kind="collection_point", name=f"{estates[0].name}门口收集点", place=f"{estates[0].name}大门东侧",
              hours="每周二 9:00–11:00", sort=2, note="搬个板凳坐下说。", grid_id=first),
        Venue(kind="letterbox", name="话匣子信箱", place=f"{estates[-1].name} 1 号楼门口", hours="每周一、周四开箱",
              sort=3, note="写张纸条投进去。", grid_id=last),
    ]  # fmt: skip
    for venue in venues:
        venue.code = free_code(new_code, [other.code for other in venues if other.code])
    db.session.add_all(venues)
    db.session.flush()
    db.session.add(
        SittingSeries(
            name="每月 5 日例会",
            rrule="FREQ=MONTHLY;BYMONTHDAY=5",
            starts="14:30",
            venue_id=venues[0].id,
            kind="council",
        )
    )


def _names(number: int, count: int, shift: int = 0) -> list[str]:
    """``count`` invented names of hall ``number``, the same at every start."""
    given = GIVEN.split()
    return [
        SURNAMES[(i * 7 + number * 3 + shift) % len(SURNAMES)] + given[(i * 11 + number * 5 + shift) % len(given)]
        for i in range(count)
    ]


def _representatives(row: dict[str, str], number: int, opened: datetime) -> None:
    """The residents' representatives and the seven of the committee; owners where the hall keeps their register."""
    reps = int(row["reps"])
    homes = int(row["households"]) // reps
    lines = [
        row_key()
        | {"kind": "rep" if place < reps else "committee", "name": name, "households": homes if place < reps else 0,
           "since": opened.date(), "position": place + 1}
        for place, name in enumerate(_names(number, reps + COMMITTEE, shift=17))
    ]  # fmt: skip
    db.session.execute(insert(Representative), lines)
    settle_owners(row["slug"], _names(number, 120, shift=29), opened)


def _people(row: dict[str, str], number: int, hashes: dict[str, str], opened: datetime) -> None:
    """Staff, council members: their accounts share the folder's password, hashed once."""
    day = opened.date()
    names = iter(_names(number, 60))
    accounts, memberships = [], []

    def add(login: str, name: str, hashed: str, role: Role, title: str, seat: int | None = None) -> None:
        account_id = uuid7()
        key = {"community_id": current_community(), "street_id": current_street()}
        accounts.append(
            key | {"id": account_id, "kind": "staff", "login": login, "password_hash": hashed, "display_name": name,
                   "name_key": sort_key(name), "created_at": opened}
        )  # fmt: skip
        memberships.append(
            key | {"id": uuid7(), "account_id": account_id, "role": str(role), "title": title, "seat": seat,
                   "since": day}
        )  # fmt: skip

    for login, courtesy, role, title in STAFF:
        surname = next(names)[0]
        add(login, f"{surname}{courtesy}", hashes["staff"], role, title)
    for seat in range(1, int(row["council"]) + 1):
        add(f"yishi{seat}", next(names), hashes["council"], Role.COUNCIL_MEMBER, "议事员", seat)
    db.session.execute(insert(Account), accounts)
    db.session.execute(insert(Membership), memberships)
