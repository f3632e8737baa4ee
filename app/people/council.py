"""Seating a whole council from a list: first a dry run that changes nothing, then all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.errors import Refused, Verdict, no, yes
from app.people import desk, roster
from app.people.actor import Actor
from app.people.models import Account, Membership
from app.people.roles import Role
from app.people.roster import Line
from app.people.secrets import hash_password
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community


@dataclass(frozen=True)
class Seating:
    """What a line would do: the seat it gets, the account that is already there, or why it cannot be."""

    line: Line
    verdict: Verdict
    seat: int = 0
    account_id: UUID | None = None


@dataclass(frozen=True)
class Seated:
    """A member who now sits; ``password`` is empty where an account was there before."""

    seat: int
    name: str
    login: str
    password: str


def plan(lines: list[Line]) -> list[Seating]:
    """The dry run, in two statements: each line with its seat or its problem. Free seats are filled from number 1."""
    roster.fits(lines).or_refuse()
    logins = {line.login for line in lines}
    accounts = {
        account.login: account
        for account in db.session.scalars(
            select(Account).where(Account.community_id == current_community(), Account.login.in_(logins))
        )
    }
    held = db.session.execute(
        select(Membership.account_id, Membership.seat).where(
            Membership.community_id == current_community(),
            Membership.role == Role.COUNCIL_MEMBER,
            Membership.until.is_(None),
        )
    ).all()
    taken, sitting = {seat for _, seat in held}, {account_id for account_id, _ in held}
    free = iter([seat for seat in range(1, desk.SEATS + len(lines) + 1) if seat not in taken])
    twice = roster.repeated(lines)
    found = []
    for line in lines:
        account = accounts.get(line.login)
        # A refusing verdict is falsy, so "or" would lose it.
        verdict = twice[line.number] if line.number in twice else _judge(line, account, sitting)
        seat = next(free) if verdict else 0
        if seat > desk.SEATS:
            verdict = no(N_("席位满了，最多 %(most)s 席。"), most=desk.SEATS)
        found.append(Seating(line, verdict, seat, account.id if account else None))
    return found


def _judge(line: Line, account: Account | None, sitting: set[UUID]) -> Verdict:
    if line.extra:
        return no(N_("这一行多了几格，只要三格：姓名，登录名，职务。"))
    fine = desk.good_identity(line.login, line.name)
    if not fine:
        return fine
    if len(line.title) > desk.TITLE:
        return no(desk.TOO_LONG, limit=desk.TITLE)
    if account is None:
        return yes()
    if account.display_name != line.name or account.kind != "staff":
        return no(desk.TAKEN, login=line.login)
    if account.disabled_at is not None:
        return no(N_("%(name)s 的账号停用着，先启用再加。"), name=line.name)
    if account.id in sitting:
        return no(N_("%(name)s 已经在议事会里了。"), name=line.name)
    return yes()


def seat_council(lines: list[Line], *, by: Actor, now: datetime) -> list[Seated]:
    """Seat everybody of the list, or nobody: any problem raises ``Refused``. First passwords are returned once."""
    planned = plan(lines)
    wrong = sum(1 for seating in planned if not seating.verdict)
    if wrong:
        raise Refused(N_("名单里还有 %(n)s 行要改，一个也没有加。"), n=wrong)
    today = clock.local(now).date()
    seated, accounts, memberships = [], [], []
    for seating in planned:
        line, account_id, password = seating.line, seating.account_id, ""
        if account_id is None:
            password, account_id = desk.first_password(line.login), uuid7()
            accounts.append(
                Account(
                    id=account_id, kind="staff", login=line.login, password_hash=hash_password(password),
                    display_name=line.name, name_key=desk.sort_key(line.name), must_change=True, created_at=now,
                )
            )  # fmt: skip
            desk.log_change("account", "add", by=by, now=now, subject_id=account_id, after=f"{line.login} {line.name}")
        memberships.append(
            Membership(
                account_id=account_id, role=Role.COUNCIL_MEMBER, title=line.title, seat=seating.seat, since=today
            )
        )
        after = f"{Role.COUNCIL_MEMBER} {line.title} {seating.seat}"
        desk.log_change("role", "give", by=by, now=now, subject_id=account_id, after=after)
        seated.append(Seated(seating.seat, line.name, line.login, password))
    db.session.add_all(accounts)
    db.session.flush()
    db.session.add_all(memberships)
    db.session.flush()
    return seated
