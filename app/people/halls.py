"""The street opens, dresses, pauses and closes its halls.

Each act is one transaction of its own (``tenants.binding.opening``) in which the program may touch that one hall alone:
all of it stands, or nothing. The caller is bound to the street, and drops the caches (``tenants.hosts.forget_sites``)
afterwards. Whatever is done stands in the hall's change log and in the street's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import Missing, Refused
from app.people import desk
from app.people import hall_rules as rules
from app.people.actor import Actor
from app.people.models import Account
from app.people.roles import Role
from app.people.settings import brand_of
from app.people.street_log import log_street
from app.words import N_
from tenants.binding import opening
from tenants.brand import Brand, check
from tenants.database import db
from tenants.provisioning import community_row, fresh_ids, is_id_taken, taken_field
from tenants.registry import Community
from tenants.scope import current_street

PAGE = 30
STATES: dict[str, str] = {"": N_("全部"), "open": N_("开着"), "suspended": N_("停着"), "closed": N_("关了")}


@dataclass(frozen=True)
class Wanted:
    """A hall to be opened. ``brand`` carries its looks, the hall's name and its motto."""

    slug: str
    code: str
    name: str
    brand: Brand
    phone: str = ""
    address: str = ""
    hours: str = ""
    secretary: str = ""
    login: str = "shuji"


@dataclass(frozen=True)
class Key:
    """The first way into a hall; ``password`` is shown once and changed at the first sign-in."""

    community_id: int
    slug: str
    login: str
    name: str
    password: str


def halls_page(*, state: str, words: str, page: int) -> tuple[list[Community], int]:
    """One page of the street's halls, closed ones too: the newest first; and how many there are."""
    wanted = select(Community).where(Community.street_id == current_street())
    if state == "open":
        wanted = wanted.where(Community.closed_at.is_(None), Community.suspended_at.is_(None))
    elif state == "suspended":
        wanted = wanted.where(Community.closed_at.is_(None), Community.suspended_at.is_not(None))
    elif state == "closed":
        wanted = wanted.where(Community.closed_at.is_not(None))
    if words:
        like = [func.strpos(column, words) > 0 for column in (Community.name, Community.hall, Community.slug)]
        wanted = wanted.where(or_(*like))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    newest = wanted.order_by(Community.opened_at.desc(), Community.slug)
    return list(db.session.scalars(newest.limit(PAGE).offset((page - 1) * PAGE))), total


def halls_to_enter() -> list[Community]:
    """Every hall of the street that is not closed, in the order of their addresses."""
    wanted = select(Community).where(Community.street_id == current_street(), Community.closed_at.is_(None))
    return list(db.session.scalars(wanted.order_by(Community.slug)))


def find_hall(slug: str) -> Community:
    """The street's hall of this name, open or not; raises ``Missing``."""
    found = db.session.scalar(select(Community).where(Community.street_id == current_street(), Community.slug == slug))
    if found is None:
        raise Missing(N_("没有这个社区。"))
    return found


def names_taken() -> tuple[set[str], set[str]]:
    """The slugs and the codes that halls of the street have or had."""
    rows = db.session.execute(
        select(Community.slug, Community.code).where(Community.street_id == current_street())
    ).all()
    return {slug for slug, _code in rows}, {code for _slug, code in rows}


def open_hall(wanted: Wanted, *, by: Actor, now: datetime) -> Key:
    """Open a hall with its looks, its rules as the street set them, and its first secretary, all or nothing.

    Raises ``Refused`` for a name or code that cannot be or is taken, looks nobody can read, and a bad login or name.
    """
    slugs, codes = names_taken()
    rules.good_slug(wanted.slug, slugs).or_refuse()
    rules.good_code(wanted.code, codes).or_refuse()
    desk.good_identity(wanted.login, wanted.secretary).or_refuse()
    _readable(wanted.brand)
    for community_id in fresh_ids():
        try:
            return _open(community_id, wanted, by=by, now=now)
        except IntegrityError as error:
            if is_id_taken(error):
                continue
            # Somebody opened one of that name in this very moment; the rule says so in its own words.
            if taken_field(error) == "slug":
                rules.good_slug(wanted.slug, {wanted.slug}).or_refuse()
            if taken_field(error) == "code":
                rules.good_code(wanted.code, {wanted.code}).or_refuse()
            raise
    raise Refused(N_("一下子开得太多了，过一会儿再试。"))


def _open(community_id: int, wanted: Wanted, *, by: Actor, now: datetime) -> Key:
    street = current_street()
    row = community_row(
        community_id, street, slug=wanted.slug, code=wanted.code, name=wanted.name, brand=wanted.brand, now=now,
        phone=wanted.phone, address=wanted.address, hours=wanted.hours,
    )  # fmt: skip
    with opening(community_id):
        db.session.execute(insert(Community.__table__).values(**row))
        desk.log_change("hall", "open", by=by, now=now, after=f"{wanted.name} {wanted.brand.hall}")
        log_street("hall", "open", by=by, now=now, after=f"{wanted.name} {wanted.slug} {wanted.code}")
        return _seat_secretary(community_id, wanted.slug, wanted.secretary, wanted.login, by=by, now=now)


def add_secretary(hall: Community, name: str, login: str, *, by: Actor, now: datetime) -> Key:
    """A fresh account of a secretary, for a hall whose own cannot get in any more; nobody else's account is touched.

    The street can neither read nor change the accounts of a hall, so this adds one; the hall closes the old one itself.
    """
    desk.good_identity(login, name).or_refuse()
    rules.may_suspend(suspended=False, closed=hall.closed_at is not None).or_refuse()
    community_id, slug, label = hall.id, hall.slug, hall.name
    with opening(community_id):
        log_street("hall", "secretary", by=by, now=now, after=f"{label} {login} {name}")
        return _seat_secretary(community_id, slug, name, login, by=by, now=now)


def _seat_secretary(community_id: int, slug: str, name: str, login: str, *, by: Actor, now: datetime) -> Key:
    password = desk.first_password(login)
    account: Account = desk.add_account(login, name, password, {Role.SECRETARY: ""}, by=by, now=now, must_change=True)
    db.session.flush()
    return Key(community_id, slug, account.login, account.display_name, password)


def rebrand(hall: Community, brand: Brand, *, by: Actor, now: datetime) -> None:
    """Give a hall other looks; its names, motto and places stay its own."""
    _readable(brand)
    own = brand_of(hall)
    kept = {**brand.as_dict(), "hall": own.hall, "motto": own.motto, "lead": own.lead, "venue": own.venue}

    def change() -> None:
        _only(hall.id, Community.closed_at.is_(None), brand=kept)
        desk.log_change("brand", "brand", by=by, now=now, before=own.brand, after=brand.brand)
        log_street("hall", "brand", by=by, now=now, before=f"{hall.name} {own.brand}", after=brand.brand)

    _change(hall, change)


def suspend(hall: Community, reason: str, *, by: Actor, now: datetime) -> None:
    """Pause a hall: nobody gets in, nothing runs, nothing is lost. ``reason`` is what its residents read."""
    rules.may_suspend(suspended=hall.suspended_at is not None, closed=hall.closed_at is not None).or_refuse()
    rules.good_reason(reason).or_refuse()
    words = reason.strip()

    def change() -> None:
        _only(
            hall.id, Community.suspended_at.is_(None), Community.closed_at.is_(None), suspended_at=now,
            suspended_reason=words,
        )  # fmt: skip
        _log(hall, "suspend", words, by=by, now=now)

    _change(hall, change)


def resume(hall: Community, *, by: Actor, now: datetime) -> None:
    """Open a paused hall again."""
    rules.may_resume(suspended=hall.suspended_at is not None, closed=hall.closed_at is not None).or_refuse()

    def change() -> None:
        _only(hall.id, Community.suspended_at.is_not(None), suspended_at=None, suspended_reason="")
        _log(hall, "resume", "", by=by, now=now)

    _change(hall, change)


def archive(hall: Community, typed: str, *, by: Actor, now: datetime) -> None:
    """Close a hall: it leaves every list and its address says so; all its rows are kept. ``typed`` is its slug."""
    rules.may_archive(closed=hall.closed_at is not None, slug=hall.slug, typed=typed.strip()).or_refuse()

    def change() -> None:
        _only(hall.id, Community.closed_at.is_(None), closed_at=now)
        _log(hall, "archive", "", by=by, now=now)

    _change(hall, change)


def restore(hall: Community, *, by: Actor, now: datetime) -> None:
    """Bring a closed hall back, paused where it was paused before it was closed."""
    rules.may_restore(closed=hall.closed_at is not None).or_refuse()

    def change() -> None:
        _only(hall.id, Community.closed_at.is_not(None), closed_at=None)
        _log(hall, "restore", "", by=by, now=now)

    _change(hall, change)


def _change(hall: Community, change: Callable[[], None]) -> None:
    with opening(hall.id):
        change()


def _only(community_id: int, *still: object, **values: object) -> None:
    """Compare and swap: two officers at one hall cannot both be first."""
    changed = db.session.execute(
        update(Community)
        .where(Community.street_id == current_street(), Community.id == community_id, *still)  # type: ignore[arg-type]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人改过这个厅了，请刷新看看。"))


def _log(hall: Community, what: str, words: str, *, by: Actor, now: datetime) -> None:
    desk.log_change("hall", what, by=by, now=now, after=words)
    log_street("hall", what, by=by, now=now, after=f"{hall.name} {words}".strip())


def _readable(brand: Brand) -> None:
    if problems := check(brand):
        raise Refused(problems[0].message, **problems[0].values)
