"""The council by term, the representatives and the conveners on the real database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.errors import Missing, Refused
from app.people import benches, conveners, seating
from app.people import representatives as reps
from app.people.models import Account, Membership
from app.people.roles import Role
from app.people.seat_rules import Sector, composition, fits_households, may_seat, read_sectors, written
from app.people.seats import CouncilSeat, Representative
from tenants.database import db
from tests.conftest import inside
from tests.rooms.test_imports import bring_in, secretary

SECTORS = [Sector("居民", 18), Sector("物业", 1)]


@pytest.mark.parametrize(
    ("text", "found", "fine"),
    [
        ("居民 9\n\n辖区单位：4席\n物业，2", [("居民", 9), ("辖区单位", 4), ("物业", 2)], True),
        ("３号院业委会 １", [("3号院业委会", 1)], True),
        ("居民", [], False), ("居民 0", [], False), ("9", [], False), ("", [], False),
        ("居民 1\n居民 2", [("居民", 1)], False), ("居民 61", [("居民", 61)], False), ("界" * 21 + " 1", [], False),
    ],
)  # fmt: skip
def test_sectors_are_read_line_by_line(text: str, found: list[tuple[str, int]], fine: bool) -> None:
    sectors, verdict = read_sectors(text)
    assert [(s.name, s.seats) for s in sectors] == found
    assert verdict.ok is fine
    assert not fine or read_sectors(written(sectors))[0] == sectors


def test_composition_and_households_and_seating() -> None:
    """R4: 43 and 7 is lawful, 28 and 7 is the very edge; 27 is short of it."""
    assert [composition(r, c).ok for r, c in ((43, 7), (28, 7), (27, 7), (0, 0), (0, 5), (1, 0))] == [1, 1, 0, 0, 0, 1]
    assert composition(27, 7).values == {"committee": 7, "needed": 28, "reps": 27}
    assert [fits_households(n) for n in (0, 19, 20, 50, 51)] == [True, False, True, True, False]
    day = date(2026, 1, 1)
    assert may_seat(day, None, 3, 4, "居民")
    assert not may_seat(None, None, 0, 4, "居民")
    assert not may_seat(day, day, 0, 4, "居民")
    assert not may_seat(day, None, 4, 4, "居民")


def term(**changed: Any) -> Any:
    today = clock.today()
    values = {
        "name": "第三届",
        "starts": today - timedelta(days=30),
        "ends": today + timedelta(days=900),
        "sectors": SECTORS,
    }
    return seating.add_term(values | changed, id=uuid4(), by=secretary(), now=clock.now())


def candidate(of: Any, name: str = "刘老师", sector: str = "居民") -> CouncilSeat:
    values = {
        "sector": sector, "name": name, "unit": "", "recommended_by": "3 号楼居民小组",
        "recommended_on": clock.today(), "why": "热心",
    }  # fmt: skip
    return seating.recommend(of, values, id=uuid4(), by=secretary(), now=clock.now())


def test_nobody_sits_without_their_own_consent(hall: Any) -> None:
    by, now, today = secretary(), clock.now(), clock.today()
    this = term()
    assert seating.adopt(this, by=by, now=now) == 17
    assert seating.adopt(this, by=by, now=now) == 0
    seen = benches.board(this)
    assert [(b.name, b.seats, len(b.sitting)) for b in seen.benches] == [("居民", 18, 0), ("物业", 1, 0), ("", 0, 17)]
    assert {m.state for m in seen.benches[2].sitting} == {"unsigned"}
    one = seen.benches[2].sitting[0]
    seating.record_consent(one.seat.id, today, "paper", by=by, now=now)
    assert benches.member_of(one.seat).state == "seated"
    new = candidate(this)
    with pytest.raises(Refused):
        candidate(this)
    with pytest.raises(Refused):
        seating.take_seat(new.id, None, "liulaoshi", by=by, now=now)
    with pytest.raises(Refused):
        seating.record_consent(new.id, today + timedelta(days=1), "paper", by=by, now=now)
    seating.record_consent(new.id, today, "person", by=by, now=now)
    with pytest.raises(Refused):
        seating.take_seat(new.id, None, "yishi1", by=by, now=now)
    seated = seating.take_seat(new.id, None, "LiuLaoshi", by=by, now=now)
    assert (seated.number, seated.login, len(seated.password)) == (18, "liulaoshi", 14)
    with pytest.raises(Refused):
        seating.take_seat(new.id, None, "liulaoshi", by=by, now=now)
    held = db.session.scalars(select(Membership).where(Membership.account_id == seated.seat.account_id)).one()
    assert (held.role, held.seat, held.title) == (Role.COUNCIL_MEMBER, 18, "居民")
    with pytest.raises(Refused):
        seating.leave(new.id, " ", by=by, now=now)
    seating.leave(new.id, "搬走了", by=by, now=now)
    assert held.until == today - timedelta(days=1)
    assert [(m.seat.name, m.seat.left_reason) for m in benches.board(this).left] == [("刘老师", "搬走了")]


def test_a_full_sector_and_a_changed_term(hall: Any) -> None:
    by, now, today = secretary(), clock.now(), clock.today()
    this = term()
    first, second = candidate(this, "甲经理", "物业"), candidate(this, "乙经理", "物业")
    for one in (first, second):
        seating.record_consent(one.id, today, "paper", by=by, now=now)
    seating.take_seat(first.id, 40, "jia", by=by, now=now)
    with pytest.raises(Refused):
        seating.take_seat(second.id, 41, "yi", by=by, now=now)
    kept = {"name": this.name, "starts": this.starts, "ends": this.ends}
    for sectors in ([Sector("居民", 18)], [Sector("居民", 18), Sector("商户", 1)]):
        with pytest.raises(Refused):
            seating.change_term(this, kept | {"sectors": sectors}, by=by, now=now)
    seating.change_term(this, kept | {"sectors": [*SECTORS[:1], Sector("物业", 2)]}, by=by, now=now)
    seating.take_seat(second.id, 41, "yi", by=by, now=now)
    for clash in ({"name": this.name}, {"name": "第四届"}, {"ends": this.starts}):
        with pytest.raises(Refused):
            term(**clash)
    after = term(name="第四届", starts=this.ends + timedelta(days=1), ends=this.ends + timedelta(days=900))
    assert benches.term_on(benches.terms(), today).id == this.id
    assert benches.term_on(benches.terms(), after.starts).id == after.id


REPS = "类别,姓名,片区,户数,电话,起始日\n" + "".join(
    f"居民代表,代表{n},{n} 号楼,{30 + n % 5},13800001234,2026-01-05\n" for n in range(1, 44)
)
COMMITTEE = "".join(f"居委会成员,委员{n},,,,2026-01-05\n" for n in range(1, 8))


def test_the_representatives_of_w9(hall: Any) -> None:
    """W9, M06: 43 representatives and 7 members of the committee, N = 50."""
    run = bring_in("reps", REPS + COMMITTEE)
    assert (run.state, run.summary["new"], run.summary["fits"]) == ("done", 50, True), run.errors
    again = bring_in("reps", REPS + COMMITTEE)
    assert [again.summary[k] for k in ("new", "same", "changed", "gone")] == [0, 50, 0, 0]
    today = clock.today()
    listed = reps.reps_today(today)
    assert (len(listed), [r.kind for r in listed].count("committee"), listed[0].name) == (50, 7, "代表1")
    assert "13800001234" not in str(listed[0].phone_sealed)
    by, now = secretary(), clock.now()
    gone = reps.end_rep(listed[0], by=by, now=now)
    db.session.flush()
    assert gone.until == today - timedelta(days=1)
    assert len(reps.reps_today(today)) == 49
    assert len(reps.reps_today(gone.until)) == 50
    assert [r.name for r in reps.past_reps(today)] == ["代表1"]
    account = db.session.scalars(select(Account).where(Account.login == "xiaoli")).one()
    assert [one.place for one in reps.logins_named("小李")] == ["xiaoli"]
    reps.link_account(listed[1], account.id, by=by, now=now)
    db.session.flush()
    with pytest.raises(Refused):
        reps.link_account(listed[2], account.id, by=by, now=now)
    with pytest.raises(Missing):
        reps.link_account(listed[2], uuid4(), by=by, now=now)
    few = bring_in("reps", "类别,姓名,片区\n居民代表,代表2,2 号楼\n居民代表,代表2,2号楼\n,坏\n")
    assert (few.state, few.errors[0]["column"]) == ("refused", "B 姓名")


def test_who_may_call_a_sitting(app: Any, hall: Any) -> None:
    by, now, today = secretary(), clock.now(), clock.today()
    ids = {login: db.session.scalars(select(Account.id).where(Account.login == login)).one() for login in
           ("shuji", "xiaoli", "sun", "zhao")}  # fmt: skip
    assert [conveners.may_convene(ids[login], today).ok for login in ids] == [True, True, True, False]
    assert [s.standing for s in conveners.suggestions(today, [])] == ["secretary", "grid_worker", "building_steward"]
    assert conveners.take_over([ids["shuji"], ids["sun"]], by=by, now=now) == 2
    assert conveners.take_over([ids["shuji"]], by=by, now=now) == 0
    assert [conveners.may_convene(ids[login], today).ok for login in ids] == [True, False, True, False]
    values = {"name": "周大爷", "standing": "unit_steward", "area": "3 号楼 2 单元", "since": today}
    line = conveners.add_convener(values, id=uuid4(), by=by, now=now)
    assert [c.standing for c in conveners.conveners_today(today)] == ["secretary", "building_steward", "unit_steward"]
    conveners.end_convener(line, by=by, now=now)
    db.session.flush()
    assert len(conveners.conveners_today(today)) == 2
    with pytest.raises(Refused):
        conveners.change_convener(line, values, by=by, now=now)
    line_id = line.id
    db.session.commit()
    with inside(app, "dianye"):
        assert conveners.conveners_today(today) == []
        with pytest.raises(Missing):
            conveners.find_convener(line_id)
        assert db.session.scalars(select(Representative)).all() == []
