"""The places of a hall: where people talk, where opinions are collected, when somebody is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.errors import Missing, Refused
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.places import Grid, Venue
from app.people.secrets import new_code
from app.people.short_codes import free_code
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: What a place is (domain.md section 1 "议事室 …", section 8 column of venue kinds). Order = order in the form.
KINDS: dict[str, str] = {
    "room": N_("议事室"),
    "hut": N_("小屋"),
    "pavilion": N_("议事亭"),
    "doorway": N_("楼门"),
    "tree": N_("大树下"),
    "teahouse": N_("邻里茶馆"),
    "courtyard": N_("院落"),
    "corridor": N_("长廊"),
    "lounge": N_("共享客厅"),
    "corner": N_("活动室一角"),
    "study": N_("书房"),
    "canteen": N_("食堂"),
    "classroom": N_("学校会议室"),
    "workshop": N_("厂房"),
    "toolroom": N_("工具房"),
    "granary": N_("旧粮仓"),
    "roof": N_("楼顶花园"),
    "street": N_("商街会客厅"),
    "party": N_("党群服务中心"),
    "mobile": N_("流动议事站"),
    "online": N_("线上"),
    "collection_point": N_("民意收集点"),
    "letterbox": N_("话匣子信箱"),
}
LIMITS = {"name": 40, "place": 80, "hours": 80, "note": 200}


def venues() -> list[Venue]:
    """Every place, open ones first, in the hall's own order; one statement."""
    rows = db.session.scalars(
        select(Venue)
        .where(Venue.community_id == current_community())
        .order_by(Venue.closed_at.is_not(None), Venue.sort, Venue.name)
    ).all()
    return list(rows)


def find_venue(venue_id: UUID) -> Venue:
    """The place; raises ``Missing``."""
    venue = db.session.scalar(select(Venue).where(Venue.community_id == current_community(), Venue.id == venue_id))
    if venue is None:
        raise Missing(N_("没有这个议事点。"))
    return venue


def grids() -> list[Grid]:
    """The open grids of the bound hall, by name; one statement."""
    open_ones = select(Grid).where(Grid.community_id == current_community(), Grid.closed_at.is_(None))
    return list(db.session.scalars(open_ones.order_by(Grid.name)))


def add_venue(values: dict[str, Any], *, id: UUID, by: Actor, now: datetime) -> Venue:
    """Add a place at the end of the list, with the code its poster will carry.

    ``values``: kind, name, place, hours, note and ``grid_id`` (None for what moves about), judged by the form.
    """
    _free_name(values["name"], None)
    last = db.session.scalar(select(func.max(Venue.sort)).where(Venue.community_id == current_community()))
    venue = Venue(id=id, sort=(last or 0) + 1, code=free_code(new_code, _codes()), **values)
    db.session.add(venue)
    db.session.flush()
    log_change("venue", "add", by=by, now=now, subject_id=venue.id, after=_words(venue))
    return venue


def change_venue(venue: Venue, values: dict[str, Any], *, by: Actor, now: datetime) -> Venue:
    """Change what is said of a place."""
    before, grid = _words(venue), venue.grid_id
    if values["name"] != venue.name:
        _free_name(values["name"], venue.id)
    for name, value in values.items():
        setattr(venue, name, value)
    if _words(venue) != before:
        log_change("venue", "change", by=by, now=now, subject_id=venue.id, before=before, after=_words(venue))
    if venue.grid_id != grid:
        names = {one.id: one.name for one in grids()}
        log_change("venue", "grid", by=by, now=now, subject_id=venue.id, before=names.get(grid, ""),
                   after=names.get(venue.grid_id, ""))  # fmt: skip
    return venue


def close_venue(venue: Venue, *, by: Actor, now: datetime) -> Venue:
    """Take a place off the residents' list; what happened there keeps its name."""
    if venue.closed_at is None:
        venue.closed_at = now
        log_change("venue", "close", by=by, now=now, subject_id=venue.id, before=venue.name)
    return venue


def reopen_venue(venue: Venue, *, by: Actor, now: datetime) -> Venue:
    """Put a closed place back on the list."""
    if venue.closed_at is not None:
        venue.closed_at = None
        log_change("venue", "reopen", by=by, now=now, subject_id=venue.id, after=venue.name)
    return venue


def move_venue(venue_id: UUID, *, up: bool, by: Actor, now: datetime) -> Venue:
    """Change places with the open neighbour above or below; at the end of the list nothing happens."""
    venue = find_venue(venue_id)
    listed = [other for other in venues() if other.closed_at is None]
    if venue not in listed:
        raise Refused(N_("停用的地方不排顺序，先启用。"))
    at = listed.index(venue)
    to = at - 1 if up else at + 1
    if 0 <= to < len(listed):
        before = "、".join(other.name for other in listed)
        listed[at], listed[to] = listed[to], listed[at]
        for number, other in enumerate(listed, 1):
            other.sort = number
        after = "、".join(other.name for other in listed)
        log_change("venue", "order", by=by, now=now, subject_id=venue.id, before=before, after=after)
    return venue


def give_code(venue: Venue, *, by: Actor, now: datetime) -> Venue:
    """Give a place from before the posters its code. What was printed is never replaced, nor by a second click."""
    if venue.code is None:
        code = free_code(new_code, _codes())
        given = db.session.execute(
            update(Venue)
            .where(Venue.community_id == current_community(), Venue.id == venue.id, Venue.code.is_(None))
            .values(code=code)
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(venue, ["code"])
        if given.rowcount:
            log_change("venue", "code", by=by, now=now, subject_id=venue.id, after=f"{venue.name} {code}")
    return venue


def give_codes(*, by: Actor, now: datetime) -> int:
    """Give every open place its code; how many had none."""
    without = [venue for venue in venues() if venue.code is None and venue.closed_at is None]
    for venue in without:
        give_code(venue, by=by, now=now)
    return len(without)


def _codes() -> list[str]:
    held = select(Venue.code).where(Venue.community_id == current_community(), Venue.code.is_not(None))
    return [code for code in db.session.scalars(held) if code]


def _free_name(name: str, own: UUID | None) -> None:
    held = db.session.scalar(select(Venue.id).where(Venue.community_id == current_community(), Venue.name == name))
    if held is not None and held != own:
        raise Refused(N_("已经有叫「%(name)s」的地方了，换个名字。"), name=name)


def _words(venue: Venue) -> str:
    return "｜".join([venue.name, venue.place, venue.hours, venue.note, venue.kind])
