"""The residents' representatives and the committee members, who vote at the representatives' meeting (R4).

Source: domain.md section 1 (one for 20 to 50 households, term as the committee's), section 3 R4; the organic law of
residents' committees, sections 13 and 28. ``until`` is the last day of the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app import clock
from app.errors import Missing, Refused
from app.people import households
from app.people.actor import Actor
from app.people.desk import log_change
from app.people.models import Account, Person
from app.people.places import Building, Household
from app.people.seat_rules import REP_KINDS
from app.people.seats import Representative
from app.people.secrets import seal, unseal
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

NAME, AREA, MOST_BEHIND = 40, 60, 500
ALREADY = N_("%(name)s 已经在名册上了，片区也一样。是另一位，就把片区写清楚。")
#: So many accounts of one name are offered to choose from.
OFFERED = 8


def reps_today(today: date) -> list[Representative]:
    """Who votes at the representatives' meeting on this day: the representatives, then the committee; one statement."""
    rows = db.session.scalars(
        select(Representative)
        .where(
            Representative.community_id == current_community(), Representative.since <= today,
            or_(Representative.until.is_(None), Representative.until >= today),
        )
        .order_by(Representative.kind.desc(), Representative.position, Representative.since, Representative.name)
    ).all()  # fmt: skip
    return list(rows)


def past_reps(today: date) -> list[Representative]:
    """Who was one and is no more, the last first; a row begun and ended on one day is left out."""
    rows = db.session.scalars(
        select(Representative)
        .where(
            Representative.community_id == current_community(), Representative.until < today,
            Representative.until >= Representative.since,
        )
        .order_by(Representative.until.desc(), Representative.name)
        .limit(100)
    ).all()  # fmt: skip
    return list(rows)


def find_rep(rep_id: UUID) -> Representative:
    """A line of the list, also an ended one; raises ``Missing``."""
    rep = db.session.scalar(
        select(Representative).where(Representative.community_id == current_community(), Representative.id == rep_id)
    )
    if rep is None:
        raise Missing(N_("名册上没有这一位。"))
    return rep


def phone_of(rep: Representative) -> str:
    """The number in clear, for whoever may handle it; empty where none is kept."""
    return unseal(rep.phone_sealed) if rep.phone_sealed else ""


def add_rep(values: Mapping[str, Any], *, id: UUID, by: Actor, now: datetime) -> Representative:
    """A new line. ``values``: kind, name, area, households, phone, since (of the form, judged there)."""
    _not_twice(values["name"], values["area"], None)
    position = db.session.scalar(
        select(func.max(Representative.position)).where(Representative.community_id == current_community())
    )
    rep = Representative(
        id=id, kind=values["kind"], name=values["name"], area=values["area"], households=values["households"],
        phone_sealed=seal(values["phone"]) if values["phone"] else None, since=values["since"],
        position=(position or 0) + 1,
    )  # fmt: skip
    db.session.add(rep)
    db.session.flush()
    log_change("rep", "add", by=by, now=now, subject_id=rep.id, after=words_of(rep))
    return rep


def change_rep(rep: Representative, values: Mapping[str, Any], *, by: Actor, now: datetime) -> Representative:
    """Correct a line; an office that ended is not corrected any more."""
    if rep.until is not None and rep.until < clock.local(now).date():
        raise Refused(N_("这一位已经卸任了，不再改。"))
    _not_twice(values["name"], values["area"], rep.id)
    before, phone = words_of(rep), phone_of(rep)
    for name in ("kind", "name", "area", "households", "since"):
        setattr(rep, name, values[name])
    if values["phone"] != phone:
        rep.phone_sealed = seal(values["phone"]) if values["phone"] else None
    if words_of(rep) != before or values["phone"] != phone:
        log_change("rep", "change", by=by, now=now, subject_id=rep.id, before=before, after=words_of(rep))
    return rep


def end_rep(rep: Representative, *, by: Actor, now: datetime) -> Representative:
    """End the office from today on; yesterday was its last day."""
    if rep.until is None:
        rep.until = max(clock.local(now).date(), rep.since) - timedelta(days=1)
        log_change("rep", "end", by=by, now=now, subject_id=rep.id, before=words_of(rep))
    return rep


def link_account(rep: Representative, account_id: UUID | None, *, by: Actor, now: datetime) -> Representative:
    """Say which account this representative signs in with, or none. An account stands for one representative."""
    if account_id == rep.account_id:
        return rep
    if account_id is not None:
        account = db.session.scalar(
            select(Account).where(Account.community_id == current_community(), Account.id == account_id)
        )
        if account is None or account.disabled_at is not None:
            raise Missing(N_("没有这个账号。"))
        other = db.session.scalar(
            select(Representative.name).where(
                Representative.community_id == current_community(), Representative.account_id == account_id,
                Representative.until.is_(None), Representative.id != rep.id,
            )
        )  # fmt: skip
        if other is not None:
            raise Refused(N_("这个账号已经归了%(name)s。"), name=other)
        rep.person_id = account.person_id
    rep.account_id = account_id
    log_change("rep", "account", by=by, now=now, subject_id=rep.id, after="有账号" if account_id else "没有账号")
    return rep


@dataclass(frozen=True)
class Login:
    """An account that may be a representative's: where they live tells two people of one name apart."""

    account_id: UUID
    name: str
    place: str


def logins_named(name: str, kept: UUID | None = None) -> list[Login]:
    """The open accounts of that name, and the one that is linked already; one statement."""
    rows = db.session.execute(
        select(Account, Household)
        .outerjoin(Person, (Person.community_id == Account.community_id) & (Person.id == Account.person_id))
        .outerjoin(Household, (Household.community_id == Person.community_id) & (Household.id == Person.household_id))
        .options(joinedload(Household.building).joinedload(Building.estate))
        .where(
            Account.community_id == current_community(), Account.disabled_at.is_(None),
            or_(Account.display_name == name, Account.id == kept),
        )
        .order_by(Account.created_at)
        .limit(OFFERED)
    ).all()  # fmt: skip
    return [
        Login(account.id, account.display_name, households.address(home) if home else
              (account.login if account.kind == "staff" else ""))
        for account, home in rows
    ]  # fmt: skip


def _not_twice(name: str, area: str, own: UUID | None) -> None:
    others = db.session.scalars(
        select(Representative.id).where(
            Representative.community_id == current_community(), Representative.name == name,
            Representative.area == area, Representative.until.is_(None),
        )
    ).all()  # fmt: skip
    if any(other != own for other in others):
        raise Refused(ALREADY, name=name)


def words_of(rep: Representative) -> str:
    """The line as the change log keeps it; the phone is not in it."""
    return "｜".join((REP_KINDS[rep.kind], rep.name, rep.area, f"{rep.households} 户", rep.since.isoformat()))
