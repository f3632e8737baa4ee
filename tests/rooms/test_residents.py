"""From the household's code to an own account."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.people import residents
from app.people.actor import SYSTEM
from app.people.models import Account, ChangeLog, Person
from app.people.places import Household
from tenants.database import db
from tests.cast import HOUSEHOLD_CODE, NEXT
from tests.conftest import inside, later


def household() -> Household:
    return db.session.scalars(select(Household)).one()


def test_the_slip_makes_an_own_account(hall: Any, now: Any) -> None:
    account, is_new = residents.join("abcde-23456 ", " 王阿姨 ", now=now, title="女士")
    db.session.commit()
    assert is_new
    assert account.kind == "resident"
    assert account.password_hash is None
    person = db.session.scalars(select(Person)).one()
    assert (person.name, person.household_id) == ("王阿姨", household().id)
    assert "王" not in account.login
    assert HOUSEHOLD_CODE not in account.login


def test_name_and_code_sign_in_again(hall: Any, now: Any) -> None:
    first, _ = residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    db.session.commit()
    again, is_new = residents.join(HOUSEHOLD_CODE, "王阿姨", now=later(days=3))
    assert again.id == first.id
    assert not is_new


def test_each_adult_has_an_own_account(hall: Any, now: Any) -> None:
    one, _ = residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    two, _ = residents.join(HOUSEHOLD_CODE, "李𬱖㛃", now=now)
    db.session.commit()
    assert one.id != two.id
    assert two.display_name == "李𬱖㛃"


@pytest.mark.parametrize("code", ["", "ABCDE23457", "ABCDE2345", "ABCDE234567", "户码" * 5])
def test_a_wrong_code_opens_nothing(hall: Any, now: Any, code: str) -> None:
    with pytest.raises(residents.WrongCode):
        residents.join(code, "王阿姨", now=now)
    assert db.session.scalars(select(Account).where(Account.kind == "resident")).all() == []


def test_a_revoked_code_opens_nothing(hall: Any, now: Any) -> None:
    residents.revoke_household_code(household(), by=SYSTEM, now=now)
    db.session.commit()
    with pytest.raises(residents.WrongCode):
        residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    logged = select(ChangeLog.what).where(ChangeLog.subject == "household_code")
    assert db.session.scalars(logged).all() == ["revoke"]


def test_a_new_slip_replaces_the_old_one(hall: Any, now: Any) -> None:
    code = residents.new_household_code(household(), by=SYSTEM, now=now)
    db.session.commit()
    with pytest.raises(residents.WrongCode):
        residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    assert residents.join(code, "王阿姨", now=now)[1]


def test_the_neighbour_s_slip_is_no_slip_here(app: Any, now: Any) -> None:
    with inside(app, NEXT):
        code = residents.new_household_code(household(), by=SYSTEM, now=now)
        db.session.commit()
    with inside(app, "nanyandao"), pytest.raises(residents.WrongCode):
        residents.join(code, "王阿姨", now=now)


def test_a_disabled_account_does_not_come_back(hall: Any, now: Any) -> None:
    account, _ = residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)
    account.disabled_at = now
    db.session.commit()
    with pytest.raises(Refused):
        residents.join(HOUSEHOLD_CODE, "王阿姨", now=now)


@pytest.mark.parametrize("name", ["", "  ", "王" * 41, "​"])
def test_a_name_must_stand(hall: Any, now: Any, name: str) -> None:
    with pytest.raises(Refused):
        residents.join(HOUSEHOLD_CODE, name, now=now)


def test_an_account_is_for_adults(hall: Any, now: Any) -> None:
    with pytest.raises(Refused):
        residents.join(HOUSEHOLD_CODE, "小明", now=now, is_adult=False)


def test_a_leaked_slip_cannot_fill_the_hall(hall: Any, now: Any) -> None:
    for number in range(residents.ADULTS):
        residents.join(HOUSEHOLD_CODE, f"住户{number}", now=now)
    with pytest.raises(Refused):
        residents.join(HOUSEHOLD_CODE, "再来一位", now=now)
