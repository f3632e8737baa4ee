"""The hall's own desk for people: accounts, roles and council seats. Every change is written to the change log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused, Verdict, no, yes
from app.people import rules
from app.people.actor import Actor
from app.people.models import Account, ChangeLog, Membership
from app.people.roles import CAPACITIES, STREET_ROLES, Role
from app.people.secrets import hash_password, new_code
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}\Z")
NAME = 40
TITLE = 40
BAD_LOGIN = N_("登录名用 2 到 40 个小写字母、数字、点、横线，字母或数字开头。")
NO_NAME = N_("姓名要填。")
TOO_LONG = N_("最多写 %(limit)s 个字，请写短一点。")
TAKEN = N_("登录名 %(login)s 已经有人用了，换一个。")
#: The largest council of the street has 17 seats; a number far beyond it is a slip of the finger.
SEATS = 60


def sort_key(name: str) -> str:
    """Pinyin for sorting; the embedded database has no Chinese collation."""
    # The dictionary takes half a second to load, and most processes never name anybody anew.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return "".join(lazy_pinyin(name, style=Style.TONE3)).lower()


def log_change(
    subject: str,
    what: str,
    *,
    by: Actor,
    now: datetime,
    subject_id: UUID | None = None,
    before: str = "",
    after: str = "",
) -> None:
    """One line of the hall's change log: who changed what, from what to what."""
    db.session.add(
        ChangeLog(
            at=now, by_id=by.id, by_label=by.label, subject=subject, subject_id=subject_id, what=what, before=before,
            after=after,
        )
    )  # fmt: skip


def find_account(account_id: UUID) -> Account:
    """The hall's account; raises ``Missing``."""
    account = db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.id == account_id)
    )
    if account is None:
        raise Missing(N_("没有这个账号。"))
    return account


def first_password(login: str) -> str:
    """A password to be handed over once; it keeps the rules of :func:`rules.good_password` for this login."""
    while True:
        password = "-".join(new_code(4) for _ in range(3))
        if rules.good_password(password, login):
            return password


def add_account(
    login: str, name: str, password: str, roles: Mapping[Role, str], *, by: Actor, now: datetime,
    seat: int | None = None, must_change: bool = False, id: UUID | None = None,
) -> Account:  # fmt: skip
    """Add a staff or council account with its roles (role → title). ``seat`` numbers a council seat."""
    login, name = login.strip().lower(), name.strip()
    good_identity(login, name).or_refuse()
    rules.good_password(password, login).or_refuse()
    _free_login(login)
    account = Account(
        id=id or uuid7(), kind="staff", login=login, password_hash=hash_password(password), display_name=name,
        name_key=sort_key(name), must_change=must_change, created_at=now,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    log_change("account", "add", by=by, now=now, subject_id=account.id, after=f"{login} {name}")
    for role, title in roles.items():
        _give(account, role, by=by, now=now, title=title, seat=seat if role is Role.COUNCIL_MEMBER else None)
    return account


def good_identity(login: str, name: str) -> Verdict:
    """Whether login and name can stand; the name is judged first, as people read it."""
    if not name:
        return no(NO_NAME)
    if len(name) > NAME:
        return no(TOO_LONG, limit=NAME)
    return yes() if LOGIN.match(login) else no(BAD_LOGIN)


def change_account(account: Account, *, login: str, name: str, by: Actor, now: datetime) -> Account:
    """Give a staff account another name or login. A resident's name belongs to the resident."""
    if account.kind != "staff":
        raise Refused(N_("居民的账号由本人管，这里只能停用和启用。"))
    login, name = login.strip().lower(), name.strip()
    good_identity(login, name).or_refuse()
    before, after = f"{account.login} {account.display_name}", f"{login} {name}"
    if before == after:
        return account
    if login != account.login:
        _free_login(login)
    account.login, account.display_name, account.name_key = login, name, sort_key(name)
    log_change("account", "change", by=by, now=now, subject_id=account.id, before=before, after=after)
    return account


def _free_login(login: str) -> None:
    taken = select(Account.id).where(Account.community_id == current_community(), Account.login == login)
    if db.session.scalar(taken):
        raise Refused(TAKEN, login=login)


def give_role(
    account: Account, role: Role, *, by: Actor, now: datetime, title: str = "", seat: int | None = None
) -> Membership:
    """Give an account a standing role from today on; capacities of one occasion are never stored. Its sessions end."""
    membership = _give(account, role, by=by, now=now, title=title, seat=seat)
    end_sessions(account)
    return membership


def _give(account: Account, role: Role, *, by: Actor, now: datetime, title: str, seat: int | None) -> Membership:
    if role in CAPACITIES or role in STREET_ROLES or role in (Role.RESIDENT, Role.SYSTEM, Role.EXPERT):
        raise Refused(N_("这个角色不能挂在社区账号上。"))
    if account.kind != "staff":
        raise Refused(N_("居民的账号不能挂角色，请给这位居民另开一个工作账号。"))
    title = title.strip()
    good_standing(role, title, seat).or_refuse()
    today = clock.local(now).date()
    current = db.session.scalars(
        select(Membership).where(
            Membership.community_id == current_community(), Membership.until.is_(None),
            (Membership.account_id == account.id) & (Membership.role == role) | (Membership.seat == seat),
        )
    ).all()  # fmt: skip
    if any(m.account_id == account.id and m.role == role for m in current):
        raise Refused(N_("%(name)s 已经有这个角色了。"), name=account.display_name)
    if seat is not None and any(m.seat == seat for m in current):
        raise Refused(N_("议事会 %(seat)s 号席位上已经有人。"), seat=seat)
    membership = Membership(account_id=account.id, role=role, title=title, seat=seat, since=today)
    db.session.add(membership)
    log_change("role", "give", by=by, now=now, subject_id=account.id, after=f"{role} {title} {seat or ''}".strip())
    return membership


def end_sessions(account: Account) -> None:
    """Whoever may do something else from now on signs in anew (OWASP ASVS 3.2.1)."""
    account.epoch += 1


def good_standing(role: Role, title: str, seat: int | None) -> Verdict:
    """Whether title and seat fit a role: only the council has seats."""
    if len(title) > TITLE:
        return no(TOO_LONG, limit=TITLE)
    if seat is not None and role is not Role.COUNCIL_MEMBER:
        return no(N_("只有议事会成员有席位号。"))
    if seat is not None and not 1 <= seat <= SEATS:
        return no(N_("席位号从 1 到 %(most)s。"), most=SEATS)
    return yes()


def find_membership(membership_id: UUID) -> Membership:
    """A role that is held now; raises ``Missing``."""
    membership = db.session.scalar(
        select(Membership).where(Membership.community_id == current_community(), Membership.id == membership_id)
    )
    if membership is None or membership.until is not None:
        raise Missing(N_("没有这个任职。"))
    return membership


def change_role(membership: Membership, *, title: str, seat: int | None, by: Actor, now: datetime) -> Membership:
    """Give a role another title, or a council member another seat."""
    title, role = title.strip(), Role(membership.role)
    good_standing(role, title, seat).or_refuse()
    before = f"{role} {membership.title} {membership.seat or ''}".strip()
    after = f"{role} {title} {seat or ''}".strip()
    if before == after:
        return membership
    if seat is not None and seat != membership.seat:
        _free_seat(seat)
    membership.title, membership.seat = title, seat
    log_change("role", "change", by=by, now=now, subject_id=membership.account_id, before=before, after=after)
    return membership


def end_role(membership_id: UUID, *, by: Actor, now: datetime) -> Membership:
    """End a role with yesterday as its last day; the last secretary of a hall stays, and nobody ends being secretary
    for themselves: the next one does, so that a hall cannot lose its key by one click."""
    membership = find_membership(membership_id)
    if membership.role == Role.SECRETARY:
        if membership.account_id == by.id:
            raise Refused(N_("自己的书记角色不能自己撤，请另一位书记来撤。"))
        _keep_a_secretary(membership.account_id)
    membership.until = clock.local(now).date() - timedelta(days=1)
    end_sessions(find_account(membership.account_id))
    before = f"{membership.role} {membership.title} {membership.seat or ''}".strip()
    log_change("role", "end", by=by, now=now, subject_id=membership.account_id, before=before)
    return membership


def disable_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Close an account at once: every session of it ends with the raised epoch. The last secretary stays."""
    if account.id == by.id:
        raise Refused(N_("不能停用自己的账号。"))
    if account.disabled_at is None:
        _keep_a_secretary(account.id)
        account.disabled_at = now
        account.epoch += 1
        log_change("account", "disable", by=by, now=now, subject_id=account.id)
    return account


def enable_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Open a closed account again."""
    if account.disabled_at is not None:
        account.disabled_at = None
        log_change("account", "enable", by=by, now=now, subject_id=account.id)
    return account


def unlock_account(account: Account, *, by: Actor, now: datetime) -> Account:
    """Let an account that mistyped its password try again now."""
    if not account.failed and account.locked_until is None:
        return account
    account.failed, account.locked_until = 0, None
    log_change("account", "unlock", by=by, now=now, subject_id=account.id)
    return account


def reset_password(account: Account, password: str, *, by: Actor, now: datetime) -> Account:
    """Set a new first password, to be changed at the next sign-in; other sessions end."""
    if account.kind != "staff":
        raise Refused(N_("居民凭户码进来，没有密码。"))
    rules.good_password(password, account.login).or_refuse()
    account.password_hash = hash_password(password)
    account.must_change = True
    account.epoch += 1
    account.failed, account.locked_until = 0, None
    log_change("account", "password", by=by, now=now, subject_id=account.id)
    return account


def _free_seat(seat: int) -> None:
    held = select(Membership.id).where(
        Membership.community_id == current_community(), Membership.seat == seat, Membership.until.is_(None)
    )
    if db.session.scalar(held):
        raise Refused(N_("议事会 %(seat)s 号席位上已经有人。"), seat=seat)


def _keep_a_secretary(leaving: UUID) -> None:
    # The rows are locked, so that two secretaries who remove each other in the same moment cannot both succeed.
    able = db.session.scalars(
        select(Membership.account_id)
        .join(Account, (Account.community_id == Membership.community_id) & (Account.id == Membership.account_id))
        .where(
            Membership.community_id == current_community(), Membership.role == Role.SECRETARY,
            Membership.until.is_(None), Account.disabled_at.is_(None),
        )
        .order_by(Membership.account_id)
        .with_for_update()
    ).all()  # fmt: skip
    if leaving in able and len(set(able)) == 1:
        raise Refused(N_("至少要留一位书记，先给别人加上再撤。"))
