"""One-time codes for a phone: honest about not being sent, bounded, and erased when spent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused
from app.people import phone_codes
from app.people.privacy import Look, PhoneCode
from app.people.secrets import blind, unseal
from tenants.database import db
from tests.cast import NEXT
from tests.conftest import inside, later
from tests.rooms.people import person

PHONE = "13800001234"


def code_of(row: PhoneCode) -> str:
    return unseal(row.code_sealed)


def test_without_a_channel_nothing_is_said_to_be_sent(hall, now):
    row = phone_codes.ask_code("138-0000 1234", now=now)
    db.session.flush()
    assert row.receipt == "not_configured"
    assert "没有发" in phone_codes.told_how(row)
    assert PHONE not in f"{row.phone_sealed}{row.phone_index}{row.code_hmac}"
    assert len(code_of(row)) == 6
    assert phone_codes.shown_phone(row) == "138****1234"


def test_the_right_code_gives_the_phone_s_mark_once_and_is_erased(hall, now):
    row = phone_codes.ask_code(PHONE, now=now)
    code = code_of(row)
    assert phone_codes.verify_code("+86 138 0000 1234", f" {code[:3]} {code[3:]} ", now=later(hours=0.1)) == blind(
        "phone", PHONE
    )
    assert (row.code_sealed, row.phone_sealed, row.code_hmac) == (None, "", "")
    with pytest.raises(Refused):
        phone_codes.verify_code(PHONE, code, now=later(hours=0.1))


def test_five_wrong_tries_spoil_the_code(hall, now):
    row = phone_codes.ask_code(PHONE, now=now)
    code = code_of(row)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1):
        with pytest.raises(phone_codes.WrongPhoneCode) as refused:
            phone_codes.verify_code(PHONE, wrong, now=now)
        assert refused.value.values["left"] == left
    with pytest.raises(phone_codes.WrongPhoneCode):
        phone_codes.verify_code(PHONE, wrong, now=now)
    with pytest.raises(Refused):
        phone_codes.verify_code(PHONE, code, now=now)


def test_a_code_lasts_ten_minutes_and_leaves_nothing_behind(hall, now):
    row = phone_codes.ask_code(PHONE, now=now)
    code = code_of(row)
    db.session.flush()
    with pytest.raises(Refused):
        phone_codes.verify_code(PHONE, code, now=now + timedelta(minutes=10))
    assert phone_codes.waiting_codes(now=now + timedelta(minutes=10)) == []
    assert phone_codes.forget_spent(now=now + timedelta(minutes=10)) == 1
    db.session.refresh(row)
    assert (row.code_sealed, row.phone_sealed, row.code_hmac) == (None, "", "")


def test_a_newer_code_replaces_the_older_one(hall, now):
    first = code_of(phone_codes.ask_code(PHONE, now=now))
    with pytest.raises(Refused):
        phone_codes.ask_code(PHONE, now=now + timedelta(seconds=59))
    second = phone_codes.ask_code(PHONE, now=now + timedelta(seconds=60))
    db.session.flush()
    if first != code_of(second):
        with pytest.raises(phone_codes.WrongPhoneCode):
            phone_codes.verify_code(PHONE, first, now=now + timedelta(seconds=61))
    assert phone_codes.waiting_codes(now=now + timedelta(seconds=61)) == [second]


def test_five_a_day_for_one_phone_and_others_are_not_touched(hall, now):
    for minute in range(5):
        phone_codes.ask_code(PHONE, now=now + timedelta(minutes=2 * minute))
        db.session.flush()
    with pytest.raises(Refused):
        phone_codes.ask_code(PHONE, now=later(hours=2))
    assert phone_codes.ask_code("13900001234", now=later(hours=2))
    assert phone_codes.ask_code(PHONE, now=later(days=1, hours=1))


@pytest.mark.parametrize("phone", ["", "138", "12345678901", "abc", "1380000123４５"])
def test_a_number_that_cannot_be_one(hall, now, phone):
    with pytest.raises(Refused):
        phone_codes.ask_code(phone, now=now)


def test_staff_reads_the_code_out_and_the_look_is_logged(hall, now):
    row = phone_codes.ask_code(PHONE, now=now)
    code, zhao = code_of(row), person("zhao", now)
    seen = now + timedelta(minutes=8)
    assert phone_codes.read_code(row.id, by=zhao, now=seen) == (PHONE, code)
    look = db.session.scalars(select(Look)).one()
    assert (look.subject, look.viewer_label) == ("phone", "赵师傅")
    phone_codes.mark_code_told(row.id, by=zhao, now=seen)
    assert (row.receipt, row.told_label) == ("delivered", "赵师傅")
    assert phone_codes.verify_code(PHONE, code, now=now + timedelta(minutes=17))
    with pytest.raises(Missing):
        phone_codes.read_code(row.id, by=zhao, now=now + timedelta(minutes=17))


def test_a_channel_that_sends_keeps_no_copy_and_one_that_fails_falls_back(app, hall, now, monkeypatch):
    class Texts:
        def send(self, phone, code):
            if phone.endswith("9"):
                raise OSError("no line")
            return "sent"

    monkeypatch.setitem(app.extensions, "phone_codes.channel", Texts())
    sent = phone_codes.ask_code(PHONE, now=now)
    assert (sent.receipt, sent.code_sealed) == ("sent", None)
    failed = phone_codes.ask_code("13800001239", now=now)
    assert failed.receipt == "failed"
    assert "没有发" in phone_codes.told_how(failed)
    assert code_of(failed)


def test_the_next_hall_s_code_is_no_code_here(app, now):
    with inside(app, NEXT):
        code = code_of(phone_codes.ask_code(PHONE, now=now))
        db.session.commit()
    with inside(app), pytest.raises(Exception):  # noqa: B017 (the street has no grant at all)
        phone_codes.verify_code(PHONE, code, now=now)
    with inside(app, "nanyandao"), pytest.raises(Refused):
        phone_codes.verify_code(PHONE, code, now=now)
