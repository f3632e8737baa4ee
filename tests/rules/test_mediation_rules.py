"""The rules of mediation as tables: who sits, who mediates, what an agreement says, when it binds, how it ends."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_rules import Mediator, Seat, Term
from app.matter.numbers import agreement_number
from app.matter.situation import Situation, Stage, Track
from app.people.roles import Role

TODAY = date(2026, 6, 5)
HOME = UUID(int=9)
A, B = Seat(UUID(int=1), "a", "金石开", HOME), Seat(UUID(int=2), "b", "木子李")
FRIEND = Seat(UUID(int=3), "supporter", "何苦")
WEEK = TODAY + timedelta(7)


@pytest.mark.parametrize(
    ("track", "stage", "ok"),
    [(Track.MEDIATION, Stage.ACCEPTED, True), (Track.MEDIATION, Stage.DELIBERATING, True),
     (Track.MEDIATION, Stage.DECIDED, False), (Track.ORDINARY, Stage.ACCEPTED, False)],
)  # fmt: skip
def test_only_an_accepted_quarrel_is_mediated(track, stage, ok):
    assert bool(rules.may_open(Situation(stage=stage, track=track))) is ok


@pytest.mark.parametrize(
    ("seats", "side", "name", "how", "ok"),
    [
        ([A], "b", "木子李", "", True),
        ([A], "a", " 金石 开", "", False),
        ([A], "supporter", "何苦", "双方当面说行", False),
        ([A, B], "supporter", "何苦", "", False),
        ([A, B], "supporter", "何苦", "双方当面说行", True),
    ],
)
def test_a_supporter_comes_with_both_sides_consent(seats, side, name, how, ok):
    assert bool(rules.may_seat(seats, side, name, how)) is ok


@pytest.mark.parametrize(
    ("mediator", "why"),
    [
        (Mediator("白长庚", True), ""),
        (Mediator("白长庚", False), "自己说明"),
        (Mediator("金石开", True), "不能自己来调"),
        (Mediator("何苦", True), "不能自己来调"),
        (Mediator("小李", True, UUID(int=5), HOME), "一家人"),
        (Mediator(" ", True), "由谁来调"),
    ],
)
def test_the_mediator_stands_between_the_parties(mediator, why):
    verdict = rules.may_mediate(mediator, [A, B, FRIEND])
    assert bool(verdict) is (not why)
    assert why in verdict.reason


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"person_id": FRIEND.id}, "哪一方"),
        ({"due": TODAY - timedelta(1)}, "今天往后"),
        ({"pay_fen": -1}, "钱写得不对"),
        ({"what": " "}, "要填"),
        ({"due": TODAY + timedelta(32)}, "为什么"),
    ],
)
def test_a_term_names_who_what_and_a_day_within_a_month(changed, why):
    term = Term(A.id, "赔修卫生间顶的钱", 260_000, "调解室", WEEK)._replace(**changed)
    verdict = rules.good_terms([term], [A, B, FRIEND], TODAY, "")
    assert bool(verdict) is (not why)
    assert why in verdict.reason
    if changed.get("due", TODAY) > TODAY:
        assert rules.good_terms([term], [A, B], TODAY, "等天暖和了才能做防水")


@pytest.mark.parametrize(
    ("form", "how", "ok"),
    [
        ("written", {"1": "pen", "mediator": "pen"}, True),
        ("written", {"1": "fingerprint"}, True),
        ("written", {"1": "spoken"}, False),
        ("oral", {"1": "spoken", "mediator": "pen"}, True),
        ("oral", {"1": "fingerprint"}, False),
        ("written", {}, False),
    ],
)
def test_paper_is_signed_and_a_spoken_agreement_is_agreed_to_aloud(form, how, ok):
    assert bool(rules.may_sign(form, how, TODAY, TODAY, TODAY)) is ok
    assert not rules.may_sign(form, how, TODAY, TODAY + timedelta(1), TODAY)


def test_it_is_signed_when_every_party_and_the_mediator_have():
    whole = {str(A.id), str(B.id), rules.MEDIATOR}
    assert rules.is_signed([A, B, FRIEND], whole)
    assert not any(rules.is_signed([A, B, FRIEND], whole - {one}) for one in whole)


def test_the_seal_is_the_secretarys_and_the_court_has_thirty_days():
    assert rules.may_seal(Role.SECRETARY, TODAY, None)
    assert not rules.may_seal(Role.COMMUNITY_WORKER, TODAY, None)
    assert not rules.may_seal(Role.SECRETARY, None, None)
    assert not rules.may_seal(Role.SECRETARY, TODAY, TODAY)
    assert rules.court_until(date(2026, 6, 5)) == date(2026, 7, 5)
    assert rules.may_confirm(TODAY, None, TODAY, TODAY)
    assert not rules.may_confirm(None, None, TODAY, TODAY)
    assert not rules.may_confirm(TODAY, TODAY, TODAY, TODAY)


@pytest.mark.parametrize(
    ("way", "reason", "told", "ok"),
    [("failed", "价钱差太远", True, True), ("failed", "价钱差太远", False, False), ("failed", "", True, False),
     ("withdrawn", "自己和好了", False, True), ("agreed", "x", True, False)],
)  # fmt: skip
def test_a_failure_tells_the_three_routes(way, reason, told, ok):
    assert bool(rules.may_end(way, reason, told)) is ok
    assert all(word in rules.ROUTES for word in ("仲裁", "行政", "法院"))


@pytest.mark.parametrize(
    ("state", "sealed", "dues", "standing"),
    [
        ("open", False, [], "open"),
        ("agreed", False, [(WEEK, None)], "agreed"),
        ("agreed", True, [(WEEK, None), (TODAY, TODAY)], "performing"),
        ("agreed", True, [(TODAY - timedelta(1), None)], "late"),
        ("agreed", True, [(TODAY, TODAY)], "performed"),
        ("failed", True, [], "failed"),
    ],
)
def test_where_a_mediation_stands(state, sealed, dues, standing):
    assert rules.standing(state, sealed, dues, TODAY) == standing


def test_the_number_is_as_on_the_paper():
    assert agreement_number("南盐道", 2026, 5) == "（2026）南盐道人调字第5号"
    with pytest.raises(ValueError, match="start at 1"):
        agreement_number("南盐道", 2026, 0)


@pytest.mark.parametrize(
    ("on", "done_on", "signed_on", "ok"),
    [(TODAY, None, TODAY, True), (TODAY, TODAY, TODAY, False), (TODAY, None, None, False),
     (TODAY + timedelta(1), None, TODAY, False), (TODAY - timedelta(1), None, TODAY, False)],
)  # fmt: skip
def test_a_term_is_checked_once_after_signing(on, done_on, signed_on, ok):
    assert bool(rules.may_check(done_on, on, signed_on, TODAY, "收条看过了")) is ok


def test_a_child_sits_with_a_guardian():
    assert not rules.good_person("a", "小豆子", "", "", minor=True, guardian=" ")
    assert rules.good_person("a", "小豆子", "", "", minor=True, guardian="妈妈 王某")
    assert not rules.good_person("c", "小豆子", "", "", minor=False, guardian="")
