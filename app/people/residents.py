"""From a household's code (户码), a verified phone or the staff's word to a resident's own account.

A code is printed for a household, stands for living here, and is kept only as an HMAC. Every adult of the household
makes an own account from it: the name they give tells them apart, and name and code together sign in again on any
phone. There is no password to forget (docs/decisions/residents-sign-in.md). A revoked or replaced code opens nothing.
A phone opens one account, with a one-time code each time; whom the staff vouches for gets an own slip (本人码).
Each way leaves its proof of residence (:mod:`app.people.proofs`).
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, NotAllowed, Refused
from app.people import proofs
from app.people.actor import Actor
from app.people.desk import log_change, sort_key
from app.people.models import Account, Person
from app.people.phones import tidy_phone
from app.people.places import Household
from app.people.secrets import blind, new_code, seal, tidy_code
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

CODE_LENGTH = 10
NAME = 40
#: More adults than this never live behind one door; a leaked slip cannot fill the hall with voices.
ADULTS = 12
WRONG_CODE = N_("户码不对，请照着纸条再看一遍：10 个字母和数字，没有 0、O、1、I、L。纸条丢了可以找网格员换一张。")


class WrongCode(NotAllowed):
    """No household stands behind this code, or it was revoked; the guess has been counted by the edge."""


def find_household(code: str) -> Household | None:
    """The household whose valid code this is, as people type it."""
    tidy = tidy_code(code)
    if len(tidy) != CODE_LENGTH:
        return None
    return db.session.scalar(
        select(Household).where(
            Household.community_id == current_community(),
            Household.code_hmac == blind("household", tidy),
            Household.code_revoked_at.is_(None),
            Household.closed_at.is_(None),
        )
    )


def join(code: str, name: str, *, now: datetime, title: str = "", is_adult: bool = True) -> tuple[Account, bool]:
    """The account of this person of this household, made at the first time; and whether it is new.

    A slip given to one person (本人码) opens that person's account. Raises :class:`WrongCode` for an unknown or revoked
    code, ``Refused`` for a name that cannot stand, a child, or a household that already has ``ADULTS`` accounts.
    """
    name = good_name(name)
    household = find_household(code)
    if household is None:
        return _by_own_slip(code), False
    login = _login(household, name)
    account = _open_account(login)
    if account is not None:
        proofs.prove_by_household_code(account.person_id, household.id, now=now)
        return account, False
    if not is_adult:
        raise Refused(N_("账号是给满 18 岁的人用的。孩子有事，不用账号也能说。"))
    account = _new_account(household, name, title, login, now)
    proofs.prove_by_household_code(account.person_id, household.id, now=now)
    return account, True


def join_by_phone(phone: str, mark: str, name: str, *, now: datetime, title: str = "") -> tuple[Account, bool]:
    """The one account of a phone whose code was right (``mark`` is what :func:`phone_codes.verify_code` returned).

    The name is kept the first time; later the phone alone tells who it is. Raises ``Refused`` for a name that cannot
    stand and for an account that was disabled.
    """
    name = good_name(name)
    login = "ph-" + blind("resident", f"phone:{mark}")[:40]
    account = _open_account(login)
    is_new = account is None
    if account is None:
        person = Person(id=uuid7(), name=name, title=title, created_at=now)
        person.phone_sealed, person.phone_index = seal(tidy_phone(phone)), mark
        db.session.add(person)
        db.session.flush()
        account = _account_for(person, login, now)
    proofs.prove_by_phone(account.person_id, now=now)
    return account, is_new


def own_slip(person: Person, *, by: Actor, now: datetime) -> str:
    """A code for one person the staff vouched for, in clear and only now; it opens their account at the page of the
    household codes. A second one replaces the first and ends its sessions. Raises ``Refused`` where the person signs
    in by household or phone already."""
    account = db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.person_id == person.id).limit(1)
    )
    if account is not None and not account.login.startswith("own-"):
        raise Refused(N_("这位居民已经有账号，凭户码或手机登录，不用另发。"))
    code = new_code(CODE_LENGTH)
    if account is None:
        account = _account_for(person, _own_login(code), now)
    else:
        account.login = _own_login(code)
        account.epoch += 1
    log_change("proof", "slip", by=by, now=now, subject_id=account.id)
    return code


def new_household_code(household: Household, *, by: Actor, now: datetime) -> str:
    """Give a household a new code and return it in clear, once; the old one opens nothing any more."""
    code = new_code(CODE_LENGTH)
    household.code_hmac, household.code_at, household.code_revoked_at = blind("household", code), now, None
    log_change("household_code", "new", by=by, now=now, subject_id=household.id)
    return code


def revoke_household_code(household: Household, *, by: Actor, now: datetime) -> Household:
    """Close a lost code at once; the accounts made from it stay with their owners until they are disabled."""
    if household.code_hmac is None:
        raise Missing(N_("这一户还没有户码。"))
    if household.code_revoked_at is None:
        household.code_revoked_at = now
        log_change("household_code", "revoke", by=by, now=now, subject_id=household.id)
    return household


def tidy_name(name: str) -> str:
    """A name as it is kept: one form of each letter, no blanks at the ends; rare characters stay as they are."""
    plain = unicodedata.normalize("NFC", name)
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def good_name(name: str) -> str:
    """The name as it is kept; raises ``Refused`` for none and for too long a one."""
    name = tidy_name(name)
    if not name:
        raise Refused(N_("请写上您的姓名或称呼。"))
    if len(name) > NAME:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=NAME)
    return name


def _by_own_slip(code: str) -> Account:
    tidy = tidy_code(code)
    account = _open_account(_own_login(tidy)) if len(tidy) == CODE_LENGTH else None
    if account is None:
        raise WrongCode(WRONG_CODE)
    return account


def _open_account(login: str) -> Account | None:
    account = db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.login == login)
    )
    if account is not None and account.disabled_at is not None:
        raise Refused(N_("这个账号已经停用，请打社区电话问一问。"))
    return account


def _own_login(code: str) -> str:
    return "own-" + blind("resident", f"own:{code}")[:40]


def _login(household: Household, name: str) -> str:
    return login_of(household.id, name)


def login_of(household_id: UUID, name: str) -> str:
    """The login that name and household make: a fingerprint, so that the column is no list of who lives where."""
    return "hu-" + blind("resident", f"{household_id}:{name.casefold()}")[:40]


def _new_account(household: Household, name: str, title: str, login: str, now: datetime) -> Account:
    # The household's row is locked, so that two phones cannot both take its last account.
    db.session.execute(
        select(Household.id)
        .where(Household.community_id == household.community_id, Household.id == household.id)
        .with_for_update()
    )
    living = select(Person.id).where(Person.community_id == household.community_id, Person.household_id == household.id)
    if len(db.session.scalars(living).all()) >= ADULTS:
        raise Refused(N_("这一户的账号已经满了，请找网格员看一看。"))
    person = Person(id=uuid7(), name=name, title=title, household_id=household.id, created_at=now)
    db.session.add(person)
    db.session.flush()
    return _account_for(person, login, now)


def _account_for(person: Person, login: str, now: datetime) -> Account:
    account = Account(
        kind="resident", login=login, password_hash=None, display_name=person.name, name_key=sort_key(person.name),
        person_id=person.id, created_at=now,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    return account
