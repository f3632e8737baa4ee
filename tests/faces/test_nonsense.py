"""Each class of nonsense that once broke something: what was found at one door is asked of its parser for all doors."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from psycopg.errors import CheckViolation, ForeignKeyViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField

from app import clock
from app.faces import edge
from app.faces.community.planning_forms import PlanForm
from app.faces.community.poll_forms import PrintForm
from app.faces.community.research import fen_of
from app.faces.figures import day_or_none, moment_or_none
from app.faces.inputs import CountField, DayField
from app.faces.pages import address_parts, local_path
from app.flow.evaluate import actions
from app.flow.implement.plan_rules import year_after
from app.matter.models import Matter
from tenants.database import db
from tests.cast import HOME
from tests.conftest import NOW, inside
from tests.rooms.stage_setting import matter_at, staff

EXTREMES = ["0001-01-01", "9999-12-31", "0000-00-00", "2026-02-31", "10000-01-01", "明天", "", "٢٠٢٦-٠١-٠١"]


class Typed(Form):
    """The two fields whose values reach sums and columns."""

    day = DayField()
    count = CountField()


@pytest.mark.parametrize("referer", ["http://[::1", "http://nanyandao.yard.test/%00", "\xff//", "javascript:1"])
def test_an_address_that_is_none_still_gets_its_refusal(app: Flask, browse, referer: str) -> None:
    answer = browse(HOME, "shuji").post(
        "/desk/ledger-views/01890000-0000-7000-8000-000000000000/removal", headers={"Referer": referer}
    )
    assert answer.status_code in (404, 409)


def test_parts_of_an_address_that_is_none() -> None:
    assert address_parts("http://[::1").netloc == ""
    assert local_path("/x//[") == "/x//["


@pytest.mark.parametrize("typed", EXTREMES)
def test_a_day_that_nobody_means_is_no_day(typed: str) -> None:
    assert day_or_none(typed) is None
    assert moment_or_none(f"{typed}T00:00:00+14:00") is None
    form = Typed(MultiDict({"day": typed, "count": "1"}))
    assert typed == "" or not form.validate()
    assert form.day.data is None


def test_a_moment_without_a_zone_is_compared_with_none() -> None:
    assert moment_or_none("2026-06-01T09:00") is None
    assert moment_or_none("2026-06-01T09:00+08:00") is not None


@pytest.mark.parametrize("typed", ["1" + "0" * 30, "-2147483649", "9" * 5000, "NaN", "1e9", "½"])
def test_a_number_that_fits_into_no_column_is_no_number(typed: str) -> None:
    form = Typed(MultiDict({"count": typed}))
    assert not form.validate()
    assert form.count.data is None


@pytest.mark.parametrize("typed", ["1E+999999999", "1e999999", "sNaN", "Infinity", "-1", "1" + "0" * 5000])
def test_money_without_end_is_no_amount(typed: str) -> None:
    assert fen_of(typed) is None


def test_the_last_year_of_the_calendar_has_no_year_after() -> None:
    assert year_after(date(9999, 1, 1)) == date(9999, 1, 1)
    assert year_after(date(2026, 1, 1)) == date(2026, 12, 31)


def test_a_closed_matter_is_reopened_while_the_halls_rules_are_read_anew(app: Flask) -> None:
    """What a move changes is written with its stage, never before it."""
    with inside(app, HOME):
        matter = matter_at("closed", now=NOW, closed_at=NOW, accepted_at=NOW, triage="minor")
        db.session.commit()
        app.extensions.pop("matter.houses", None)
        actions.reopen(matter, "又坏了", by=staff(), now=clock.now())
        db.session.flush()
        assert db.session.scalar(select(Matter.stage).where(Matter.id == matter.id)) != "closed"


@pytest.mark.parametrize("url", ["/desk/sitting-series", "/desk/sittings", "/desk/report-sittings"])
def test_a_place_to_sit_that_is_not_there(browse, url: str) -> None:
    form = {
        "once": "", "name": "例会", "title": "例会", "kind": "council", "rhythm": "monthly", "month_day": "8",
        "time": "10:00", "weekday": "MO", "day": "2099-06-01", "venue": "e3e70682-c209-4cac-629f-6fbed82c07cd",
    }  # fmt: skip
    assert browse(HOME, "shuji").post(url, form).status_code == 404


def test_what_only_the_database_missed_is_told_as_a_refusal(app: Flask) -> None:
    """Somebody took away what a form still named; any other broken constraint stays a fault of ours."""
    for orig, status in ((ForeignKeyViolation(), 409), (CheckViolation(), 500)):
        with app.test_request_context("/say", base_url="http://nanyandao.yard.test", method="POST"):
            app.preprocess_request()
            assert edge._second_click(IntegrityError("insert", {}, orig)).status_code == status
            app.do_teardown_request()


class Said(FlaskForm):
    """A form as the doors have them."""

    words = StringField()


@pytest.mark.parametrize("body", ['"x"', "[1]", "7", '{"words": "a\\u0000b"}'])
def test_a_body_of_json_is_no_form(app: Flask, body: str) -> None:
    with app.test_request_context("/", method="POST", data=body, content_type="application/json"):
        assert not Said().words.data


@pytest.mark.parametrize(("form", "name"), [(PrintForm, "n"), (PlanForm, "base")])
def test_a_number_that_no_float_holds_is_refused_at_its_field(app: Flask, form: type[FlaskForm], name: str) -> None:
    with app.test_request_context("/", method="POST", data={name: "9" * 400}):
        typed = form()
        assert not typed[name].validate(typed)
