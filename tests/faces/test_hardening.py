"""What an unfriendly visitor tries: letters no store can hold, numbers without end, and other people's quarrels."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from rq import Worker
from sqlalchemy import select, text

from app.config import from_environment
from app.errors import Refused
from app.faces.cli.jobs import TTL
from app.faces.edge import _domain_error
from app.faces.typed import fit
from app.flow.collect import queries
from app.flow.collect.models import Proposal
from app.flow.evaluate.models import Rating
from app.flow.implement.queries import commitments_of
from app.matter.models import Matter
from app.people.actions import WrongPassword, sign_in
from app.people.models import Account
from tenants.database import db
from tenants.hosts import PathPrefix
from tenants.queue import be_patient, queue, redis
from tenants.scope import current_community
from tests.cast import HOME
from tests.conftest import NOW, inside
from tests.rooms import carrying_out

HUGE = "9" * 400


def reviewing(app: Flask, **values: object) -> str:
    """A matter up for rating; its id."""
    with inside(app, HOME):
        matter = carrying_out.reviewing(NOW, **values)
        db.session.commit()
        return str(matter.id)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("灯\x00坏了", "灯坏了"),
        ("a\ud83db", "ab"),
        ("a\x1b[31m\x7f\x85b", "a[31mb"),
        ("一行\r\n两行\t👨‍👩‍👧 𬱖 100%", "一行\r\n两行\t👨‍👩‍👧 𬱖 100%"),
    ],
)
def test_letters_that_cannot_be_kept_are_left_out(typed: str, kept: str) -> None:
    assert fit(typed) == kept


@pytest.mark.parametrize("page", [HUGE, "-3", "²", "%00", "٣"])
@pytest.mark.parametrize(
    "url", ["/ballots", "/matters", "/desk/ballots", "/desk/inbox", "/desk/matters", "/desk/sittings", "/desk/tasks"]
)
def test_a_page_number_without_end_is_a_page(browse, url: str, page: str) -> None:
    assert browse(HOME, "shuji").get(f"{url}?page={page}").status_code == 200


def test_a_nul_in_an_address_is_nothing_we_have(browse) -> None:
    assert browse("", "zhuren").get("/communities/%00").status_code == 404
    assert browse(HOME).get("/x/%00%00%00%00%00%00%00%00").status_code == 404


def test_a_nul_in_a_reason_is_left_out(app: Flask, browse) -> None:
    matter = reviewing(app)
    answer = browse(HOME).post(f"/matters/{matter}/ratings", {"grade": "1", "reason": "没人\x00来过 100% %(n)s"})
    assert answer.status_code == 303
    with inside(app, HOME):
        assert db.session.scalar(select(Rating.reason)) == "没人来过 100% %(n)s"


def test_a_reason_that_holds_a_percent_sign_is_shown_as_it_is(app: Flask) -> None:
    with app.test_request_context(base_url="http://nanyandao.yard.test"):
        app.preprocess_request()
        answer = _domain_error(Refused("只剩 100% 的样子"))
        app.do_teardown_request()
    assert answer.status_code == 409
    assert "只剩 100% 的样子" in answer.get_data(as_text=True)


def test_zeros_in_front_do_not_hide_a_huge_round(app: Flask, browse) -> None:
    matter = reviewing(app)
    form = {"source": "paper", "grade_5": "000500999999999", "once": "x"}
    answer = browse(HOME, "xiaoli").post(f"/desk/matters/{matter}/rating-rounds", form)
    assert answer.status_code == 422
    assert "一次最多 500" in answer.get_data(as_text=True)


def test_a_unit_that_is_no_number(app: Flask, browse) -> None:
    anybody = browse(HOME)
    anybody.post("/say", {"words": "楼道灯坏了", "wish": ""})
    with inside(app, HOME):
        building = str(queries.buildings()[0].id)
    for unit in ("½", "-1", HUGE, "9" * 5000):
        answer = anybody.post("/say/where", {"building": building, "unit": unit, "place": "门口", "who": "self"})
        assert answer.status_code == 422


def test_handing_in_before_saying_who_speaks(app: Flask, browse) -> None:
    anybody = browse(HOME)
    anybody.post("/say", {"words": "楼道灯坏了", "wish": ""})
    answer = anybody.post("/say/check", {"truth": "y"})
    assert answer.status_code == 303
    assert answer.location == "/say/where"
    with inside(app, HOME):
        assert db.session.scalar(select(Proposal.id)) is None


def test_a_quarrel_is_nobody_else_s_on_the_grid(app: Flask, browse) -> None:
    """Neither the grid worker who does not carry it nor the supervisor reads its title, its promises or its ratings."""
    with inside(app, HOME):
        rated = carrying_out.reviewing(NOW, title="楼上漏水谁来赔", visibility="parties", track="mediation")
        worked = carrying_out.working(NOW, title="楼下漏水谁来修", visibility="parties", track="mediation")
        task = commitments_of(worked)[0]
        ids = str(rated.id), str(worked.id), str(task.id)
        db.session.commit()
    for login in ("xiaoli", "jiandu", "sun"):
        other = browse(HOME, login)
        for url in ("/desk/reviews", "/desk/tasks"):
            assert "漏水" not in other.get(url).get_data(as_text=True)
        assert other.get(f"/desk/matters/{ids[0]}/review").status_code == 404
        assert other.get(f"/desk/tasks/{ids[2]}").status_code == 404
    office = browse(HOME, "shuji")
    assert "楼上漏水谁来赔" in office.get("/desk/reviews").get_data(as_text=True)
    assert office.get(f"/desk/tasks/{ids[2]}").status_code == 200
    with inside(app, HOME):
        xiaoli = db.session.scalar(select(Account.id).where(Account.login == "xiaoli"))
        db.session.get_one(Matter, (current_community(), UUID(ids[0]))).owner_id = xiaoli
        db.session.commit()
    assert browse(HOME, "xiaoli").get(f"/desk/matters/{ids[0]}/review").status_code == 200


@pytest.mark.parametrize(("failed", "rests"), [(4, None), (0, NOW + timedelta(minutes=15))])
def test_wrong_passwords_at_the_same_moment_all_count(app: Flask, superuser, failed: int, rests: object) -> None:
    """What another click counted while this one was being checked is neither lost nor taken back."""
    with inside(app, HOME):
        zhao = db.session.scalars(select(Account).where(Account.login == "zhao")).one()
        with superuser.begin() as conn:
            conn.execute(
                text("update account set failed = :f, locked_until = :r where id = :i"),
                {"f": failed, "r": rests, "i": zhao.id},
            )
        with pytest.raises(WrongPassword):
            sign_in("zhao", "nothing like it", now=NOW)
        assert zhao.locked_until is not None


def test_a_log_line_names_places_and_no_values(app: Flask, capsys, monkeypatch, browse) -> None:
    def fail(*_given: object, **_named: object) -> None:
        secret_phone = "13800001111"
        raise RuntimeError(f"王阿姨 {secret_phone}")

    monkeypatch.setattr(queries, "find_by_code", fail)
    answer = browse(HOME).post("/track", {"code": "402618375012"})
    assert answer.status_code == 500
    logged = "".join(capsys.readouterr())
    assert "request failed" in logged
    assert "test_hardening.py" in logged
    for private in ("13800001111", "王阿姨", "402618375012"):
        assert private not in logged


def test_an_error_of_the_database_does_not_quote_what_was_sent(app: Flask) -> None:
    assert from_environment({"DATA_DIR": app.config["DATA_DIR"]})["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"]


def test_a_worker_waits_longer_on_an_empty_queue_than_the_queue_lets_it(app: Flask) -> None:
    with app.app_context():
        before = app.extensions["redis"]
        try:
            be_patient(app, 2 * TTL)
            worker = Worker([queue()], connection=redis(), serializer=queue().serializer, worker_ttl=TTL)
            assert redis().connection_pool.connection_kwargs["socket_timeout"] > worker.dequeue_timeout
        finally:
            app.extensions["redis"] = before


@pytest.mark.parametrize("path", ["/c/nanyandao", "/c/nanyandao/"])
def test_a_hall_by_path_is_found_without_the_last_stroke(path: str) -> None:
    seen: dict[str, object] = {}
    PathPrefix(lambda environ, _start: [seen.update(environ) or b""])({"PATH_INFO": path}, lambda *_: None)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"], seen["yiqilai.slug"]) == ("/c/nanyandao", "/", "nanyandao")
