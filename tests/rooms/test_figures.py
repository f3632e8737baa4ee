"""Figures of halls and street: counted by hand, kept ready, summed up; an idle hall costs one statement."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app import clock
from app.faces.jobs import figures as jobs
from app.flow.collect.models import Proposal
from app.flow.decide.models import Ballot
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.evaluate.models import Rating
from app.flow.resolve.mediation_models import Agreement, AgreementTerm, Mediation, MediationPerson
from app.matter.actions import record
from app.matter.models import Escalation
from app.people.actor import SYSTEM
from app.people.models import Person
from app.people.places import Grid, Household, Venue
from app.records import kpis, prepared
from app.records.counts import HallCounts
from app.records.hall_figures import count_hall
from app.records.street_models import HallCount, StreetCount
from app.talent.models import Invitation
from tenants.database import db
from tests import cast
from tests.conftest import inside
from tests.rooms.ledger_town import fill
from tests.rooms.stage_setting import expert_id, matter_at, staff

#: A moment in the middle of a month, a quarter and a year, whenever the test runs; nothing here asks the real clock.
DAY = date(2026, 8, 12)
NOON = clock.at(DAY, 12)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def _ago(days: float = 0, hours: float = 0) -> Any:
    return NOON - timedelta(days=days, hours=hours)


def _matters() -> None:
    """Three answered after 2, 5 and 49 hours, one not at all, one withdrawn, one merged; two said by somebody else."""
    by, said = staff(), []
    for n, hours in enumerate((2.5, 5, 49.9, None)):
        one = matter_at("accepted", now=_ago(30), accepted_at=_ago(30) if hours else None, kind="individual",
                        due_at=_ago(1) if n == 0 else _ago(-9), warn_at=_ago(-1))  # fmt: skip
        record(one, "collect", by=by, now=_ago(30), moved=(None, "collected"))
        record(one, "submit", by=by, now=_ago(30), moved=("collected", "submitted"))
        if hours:
            record(one, "accept", by=by, now=_ago(30) + timedelta(hours=hours), moved=("submitted", "accepted"))
        # What the clock does by itself answers nobody.
        record(one, "climb", by=SYSTEM, now=_ago(29.99), moved=("accepted", "accepted"))
        said.append(one)
    gone = matter_at("withdrawn", now=_ago(20))
    merged = matter_at("merged", now=_ago(20), merged_into_id=said[0].id)
    lead = matter_at("collected", now=_ago(3), accepted_at=None, triage=None)
    person = Person(name="王阿姨", household_id=db.session.scalar(select(Household.id)), created_at=NOON)
    child = Person(name="小明", household_id=person.household_id, birth_year=2015, created_at=NOON)
    db.session.add_all([person, child])
    db.session.flush()
    for matter, more in (
        (said[0], {"person_id": person.id}), (said[1], {"entered_by": by.id, "read_back": True}),
        (merged, {"person_id": person.id}), (gone, {"person_id": child.id}), (lead, {}),
    ):  # fmt: skip
        db.session.add(Proposal(matter_id=matter.id, kind="individual", words="灯不亮", said_at=_ago(20), **more))
    # Heard in the twelve months before this year, so no new face.
    old = matter_at("archived", now=_ago(400), closed_at=_ago(390))
    db.session.add(Proposal(matter_id=old.id, kind="individual", words="灯", said_at=_ago(400), person_id=person.id))
    db.session.add(Escalation(matter_id=said[0].id, to_level="street", reason="管不了", asked_at=_ago(5),
                              asked_label="张书记"))  # fmt: skip
    db.session.add(Escalation(matter_id=said[1].id, to_level="community", from_level="grid", reason="够不着",
                              asked_at=_ago(9), asked_label="小李"))  # fmt: skip
    closed = matter_at("closed", now=_ago(6), collected_at=_ago(60), accepted_at=_ago(60), closed_at=_ago(6))
    for n, grade in enumerate((5, 5, 3, 2)):
        db.session.add(Rating(matter_id=closed.id, round=1, grade=grade, reason="慢", source="web", rater=str(n),
                              at=_ago(6)))  # fmt: skip


def _table() -> None:
    """Two sittings, one with a quorum and minutes; two matters voted on, one of them first without success."""
    first = _sitting("1", 10, quorate=True, minutes_done_at=_ago(9))
    _sitting("2", 4, quorate=False)
    worker, member = staff("zhao").id, staff("yishi1").id
    for who, account, state in (("赵师傅", worker, "present"), ("议事员1", member, "left"), ("老陈", None, "present"),
                                ("老孙", None, "absent")):  # fmt: skip
        db.session.add(Attendance(sitting_id=first.id, account_id=account, name=who, capacity="议事员", state=state))
    one, two, three = (matter_at("decided", now=_ago(50), collected_at=_ago(500)) for _ in range(3))
    votes = ((one, 9, False, "council_majority"), (one, 8, True, "council_majority"),
             (two, 8, False, "council_majority"), (three, 8, True, "consensus"))  # fmt: skip
    for matter, days, passed, rule in votes:
        mode = "consensus" if rule == "consensus" else "hands"
        db.session.add(Ballot(
            matter_id=matter.id, question="装不装", rule=rule, mode=mode, eligible=17, present=12, issued=12,
            returned=12, yes=7, no=3, abstain=1, spoiled=1, state="closed", passed=passed, called_at=_ago(days),
            closed_at=_ago(days),
        ))  # fmt: skip


def _sitting(number: str, days: float, **more: Any) -> Sitting:
    sitting = Sitting(
        number=number, kind="council", title="议事会", starts_at=_ago(days), place="议事屋", base=17, state="closed",
        opened_at=_ago(days), closed_at=_ago(days), created_at=_ago(20), **more,
    )  # fmt: skip
    db.session.add(sitting)
    db.session.flush()
    return sitting


def _mediations() -> None:
    """One agreed, one failed, one withdrawn; of three things owed two were due and one was done by its day."""
    for state in ("agreed", "failed", "withdrawn"):
        matter = matter_at("accepted", now=_ago(40), visibility="parties", track="mediation", collected_at=_ago(500),
                           accepted_at=_ago(500))  # fmt: skip
        one = Mediation(
            matter_id=matter.id, dispute="漏水", applied_by="both", state=state, opened_at=_ago(40),
            opened_label="赵师傅", ended_at=_ago(15), end_reason="谈不拢", routes_told_at=_ago(15),
        )  # fmt: skip
        db.session.add(one)
        db.session.flush()
        if state == "agreed":
            party = MediationPerson(mediation_id=one.id, side="a", name="甲", added_at=NOON, added_label="赵师傅")
            paper = Agreement(mediation_id=one.id, number="1", facts="漏水", made_at=_ago(15), made_label="赵师傅",
                              signed_on=DAY - timedelta(days=15))  # fmt: skip
            db.session.add_all([party, paper])
            db.session.flush()
            for n, (due, done) in enumerate(((-5, -6), (-4, -1), (3, None))):
                db.session.add(AgreementTerm(
                    agreement_id=paper.id, position=n, person_id=party.id, what="修好", due=DAY + timedelta(days=due),
                    done_on=DAY + timedelta(days=done) if done else None, checked_at=NOON,
                ))  # fmt: skip


def _invitations() -> None:
    matter = matter_at("surveying", now=_ago(40), collected_at=_ago(500), accepted_at=_ago(500))
    for n, (state, hours) in enumerate((("accepted", 3), ("declined", 30), ("sent", None), ("revoked", 1))):
        db.session.add(Invitation(
            number=f"Y{n}", matter_id=matter.id, expert_id=expert_id(), expert_name="陈工", profession="工程",
            brief="涵洞", questions="怎么修", by_label="张书记", sent_at=_ago(30), expires_at=_ago(-30), state=state,
            answered_at=_ago(30) + timedelta(hours=hours) if hours else None,
        ))  # fmt: skip


#: What the stage above comes to, counted on paper.
BY_HAND = {
    "halls": 1, "covered": 1, "active": 1, "grids": 2, "grids_covered": 1, "received": 6, "leads": 2,
    "attendances": 2, "ballots": 33, "proposals": 4, "entries_offline": 1, "adults": 1, "homes": 1,
    "homes_took_part": 1, "people": 3, "newcomers": 2, "escalated_first": 1, "rated": 4, "satisfied": 3,
    "well_satisfied": 2, "bad": 1, "disputes_ended": 2, "disputes_agreed": 1, "terms_due": 2, "terms_kept": 1,
    "put_to_vote": 2, "vote_passed": 1, "sittings": 2, "sittings_quorate": 1, "invited": 3, "invited_accepted": 1,
    "asking": 1, "longest_wait": 5, "reviews": 0, "red": 1,
    "grades": {5: 2, 3: 1, 2: 1}, "reply_hours": {2: 1, 5: 1, 49: 1}, "answer_hours": {3: 1, 30: 1},
}  # fmt: skip


def _stage() -> None:
    grid = db.session.scalar(select(Grid))
    db.session.add(Grid(name="第二网格"))
    db.session.scalars(select(Venue).where(Venue.kind == "room")).one().grid_id = grid.id
    _matters()
    _table()
    _mediations()
    _invitations()
    db.session.commit()


@pytest.fixture
def pair(app: Any) -> Any:
    """南盐道 with all that is counted, 电业 with three matters of its own."""
    with inside(app, cast.HOME):
        _stage()
    with inside(app, cast.NEXT):
        for _ in range(3):
            matter_at("accepted", now=_ago(2), category="parking")
        db.session.commit()
    return app


def test_a_hall_is_counted_and_kept_ready(pair: Any, count_queries: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    with inside(pair, cast.HOME):
        with count_queries() as seen:
            ours = count_hall(*YEAR, now=NOON)
        assert {key: getattr(ours, key) for key in BY_HAND} == BY_HAND
        assert len(seen) < 25
    with inside(pair):
        live = kpis.count_street(*YEAR, now=NOON)
        assert [hall.slug for hall in live] == [cast.HOME, cast.NEXT]
        # The street's own figures are the halls' together, and the two stages nothing else.
        assert kpis.total_of(live.values()) == ours + live[list(live)[1]]
        assert kpis.total_of(live.values()).received == 9
    for slug in (cast.HOME, cast.NEXT):
        with inside(pair, slug):
            assert prepared.recount_hall(now=NOON) == 14
            db.session.commit()
    with inside(pair):
        assert prepared.sum_street(now=NOON) == 14
        assert prepared.sum_street(now=NOON) == 0
        db.session.commit()
        rows = {row.community_id: prepared.counts_of(row) for row in db.session.scalars(
            select(HallCount).where(HallCount.period == "2026"))}  # fmt: skip
        assert rows == {hall.id: counts for hall, counts in live.items()}
        year = db.session.scalars(select(StreetCount).where(StreetCount.period == "2026")).one()
        assert HallCounts.from_dict(year.counts).received == 9
        assert (year.halls, year.themes[0]) == (2, {"key": "整治", "matters": 6, "communities": 1})
        june = db.session.scalars(select(StreetCount).where(StreetCount.period == "2026-06")).one()
        # Nobody knows how many lights were red at the end of June.
        assert HallCounts.from_dict(june.counts).closed == 0
        assert (HallCounts.from_dict(june.counts).lit, HallCounts.from_dict(year.counts).lit) == (0, 2)


def test_only_what_changed_is_counted_again(pair: Any, count_queries: Any) -> None:
    with inside(pair, cast.HOME):
        prepared.recount_hall(now=NOON)
        db.session.commit()
        later = NOON + timedelta(minutes=10)
        with count_queries() as seen:
            assert prepared.recount_hall(now=later) == 0
        # The binding, and one statement.
        assert len(seen) == 2
        # Something happens to a matter that came in July: this month, quarter and year, and July.
        one = matter_at("accepted", now=_ago(30))
        record(one, "collect", by=staff(), now=_ago(30), moved=(None, "collected"))
        record(one, "note", by=staff(), now=later)
        assert prepared.recount_hall(now=later) == 4
        db.session.commit()
        # What happened just then may not have been committed wholly, so it is looked at once more.
        assert prepared.recount_hall(now=later + timedelta(minutes=10)) == 4
        assert prepared.recount_hall(now=later + timedelta(minutes=20)) == 0
        # A light turns red at its own hour, whatever else happens; a new day is counted anew.
        one.due_at = later + timedelta(minutes=30)
        db.session.commit()
        assert prepared.recount_hall(now=later + timedelta(minutes=31)) == 3
        assert prepared.recount_hall(now=NOON + timedelta(days=1)) == 3
        # A month is counted a last time when it is over; its lights stay what they were.
        lit = db.session.scalars(select(HallCount.counts).where(HallCount.period == "2026-08")).one()
        assert prepared.recount_hall(now=NOON + timedelta(days=20)) == 4
        ended = db.session.scalars(select(HallCount.counts).where(HallCount.period == "2026-08")).one()
        assert ended["red"] == lit["red"] > 0


def test_the_jobs_and_the_shell(pair: Any, monkeypatch: Any) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(jobs, "enqueue", lambda scope, work: asked.append((scope.kind, work)) or "1")
    monkeypatch.setattr(jobs, "still_waiting", lambda sent: bool(asked))
    _die_between_commit_and_asking(pair, monkeypatch)
    assert asked == []
    _idle(pair, monkeypatch)
    assert asked == [("street", jobs.SUM)]
    for slug in (cast.HOME, cast.NEXT):
        with inside(pair, slug):
            jobs.recount()
    assert asked == [("street", jobs.SUM)]
    with inside(pair):
        jobs.sum_street()
        asked.clear()
        jobs.recount_street()
    _idle(pair, monkeypatch)
    assert asked == []
    runner = pair.test_cli_runner()
    told = runner.invoke(args=["report", "kpis", "--from", "2026-01-01", "--to", "2026-12-31", "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    assert [one["slug"] for one in found["communities"]] == [cast.HOME, cast.NEXT]
    for n, row in enumerate(found["street"]["kpis"]):
        parts = [one["kpis"][n] for one in found["communities"]]
        assert row["numerator"] == sum(part["numerator"] for part in parts), row
        assert row["denominator"] == sum(part["denominator"] for part in parts), row
    street = {row["key"]: row for row in found["street"]["kpis"]}
    assert (street["K5"]["value"], street["K12"]["value"], street["K13"]["value"]) == ("样本不足", "50.0%", "5.0 小时")
    assert found["communities"][0]["counts"]["reply_hours"] == {"2": 1, "5": 1, "49": 1}
    table = runner.invoke(
        args=["report", "kpis", "--from", "2026-01-01", "--to", "2026-12-31", "--community", cast.NEXT]
    )
    assert "电业社区" in table.output
    assert "南盐道" not in table.output
    assert runner.invoke(args=["report", "kpis", "--from", "2026-02-01", "--to", "2026-01-01"]).exit_code == 2
    assert "28 rows" in runner.invoke(args=["report", "recount"]).output


def _die_between_commit_and_asking(pair: Any, monkeypatch: Any) -> None:
    def die() -> None:
        raise SystemExit

    with monkeypatch.context() as dying, inside(pair, cast.HOME):
        dying.setattr(jobs, "ask_for_sum", die)
        with pytest.raises(SystemExit):
            jobs.recount()
        db.session.rollback()
        assert db.session.scalars(select(HallCount.period)).all()


def _idle(pair: Any, monkeypatch: Any) -> None:
    with monkeypatch.context() as quiet, inside(pair, cast.HOME):
        quiet.setattr(prepared, "recount_hall", lambda **_when: 0)
        jobs.recount()


def test_a_long_year_is_counted_in_a_moment(app: Any, superuser: Any) -> None:
    with superuser.connect() as conn:
        here = conn.execute(text("select id from community where slug = :s"), {"s": cast.HOME}).scalar_one()
    fill(superuser, here, "NYD", 2000, days=364)
    with inside(app, cast.HOME):
        began = time.process_time(), time.monotonic()
        assert prepared.recount_hall(now=clock.now()) == 14
        assert time.process_time() - began[0] < 2
        assert time.monotonic() - began[1] < 20
        assert count_hall(clock.today() - timedelta(days=365), clock.today(), now=clock.now()).received > 1500
        db.session.rollback()


def test_a_hall_opened_later_is_no_part_of_earlier_days(pair: Any) -> None:
    with inside(pair, cast.HOME):
        before = count_hall(date(2001, 1, 1), date(2001, 1, 31), now=NOON)
        assert (before.halls, before.covered, before.grids) == (0, 0, 0)
        assert count_hall(*YEAR, now=NOON).halls == 1
