"""Mediation on the real database: M09 to its last fen, a supplement, a failure; the street reads not one row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.implement import actions as working
from app.flow.implement import links, performing
from app.flow.implement.models import ProgressNote, Verification
from app.flow.resolve import agreements, mediating, mediation_lists, mediation_queries
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.agreements import Text
from app.flow.resolve.mediation_models import Agreement, AgreementTerm, Mediation, MediationPerson, MediationRecord
from app.flow.resolve.models import Commitment
from app.matter.models import Matter, TimelineEntry
from app.matter.workdays import local_day
from app.people.roles import Role
from app.people.secrets import unseal
from tenants.database import db
from tenants.hosts import find_site
from tenants.scope import bound
from tests.cast import BASE, HOME, NEXT
from tests.conftest import inside, later
from tests.rooms.stage_setting import matter_at, staff

PRIVATE = ("金石开", "木子李", "何苦", "2600", "2,600", "防水做坏了", "老邻居")


def quarrel(now, **values):
    made = {"track": "mediation", "visibility": "parties", "triage": "minor", "level": "grid", "title": "卫生间渗漏",
            "kind": "individual", "power": "council"}  # fmt: skip
    return matter_at("accepted", now=now, owner_id=staff("zhao").id, **(made | values))


def seated(matter, now, *, by):
    made = mediating.open_mediation(matter, dispute="楼上防水做坏了", applied_by="both", by=by, now=now)

    def whole():
        return mediation_queries.find(made.id)

    mediating.add_person(whole(), side="a", name="金石开", contact="13800001111", by=by, now=now)
    mediating.add_person(whole(), side="b", name="木子李", by=by, now=now)
    mediating.name_mediator(whole(), name="白长庚", unit="人才库", neutral=True, by=by, now=now)
    mediating.tell_rights(whole(), by=by, now=now)
    return whole


def talk(whole, now, *, by, outcome="near"):
    return mediating.record_talk(
        whole(), held_at=now, place="调解室", present=["金石开", "木子李", "白长庚"], words="防水做坏了，认赔",
        outcome=outcome, by=by, now=now,
    )  # fmt: skip


def term_of(whole, side, what, fen, due):
    person = next(one for one in whole().here if one.side == side)
    return rules.Term(person.id, what, fen, "调解室", due)


def test_m09_is_settled_performed_and_looked_at(app, now):
    with inside(app, HOME):
        by, boss = staff("zhao", Role.COMMUNITY_WORKER), staff("shuji")
        matter = quarrel(now)
        whole = seated(matter, now, by=by)
        with pytest.raises(Refused, match="已经在调解"):
            mediating.open_mediation(matter, dispute="又一次", applied_by="both", by=by, now=now)
        with pytest.raises(Refused, match="不能自己来调"):
            mediating.name_mediator(whole(), name="木子李", neutral=True, by=by, now=now)
        mediating.add_person(
            whole(), side="supporter", name="何苦", relation="老邻居", agreed_how="双方当面点头", by=by, now=now
        )
        assert unseal(whole().people[0].contact_sealed) == "13800001111"
        talk(whole, now, by=by)
        assert matter.stage == "deliberating"
        d4 = later(3)
        week = local_day(d4) + timedelta(7)
        text = Text("written", "楼上防水做坏了", "楼上负全责", "转账")
        term = term_of(whole, "a", "赔修卫生间顶的钱", 260_000, week)
        with pytest.raises(Refused, match="要填"):
            agreements.draft(whole(), Text("written", "事实", ""), [term], by=by, now=d4)
        assert whole().papers == []
        first = agreements.draft(whole(), text, [term], by=by, now=d4)
        second = agreements.draft(whole(), text, [term], by=by, now=d4)
        assert (second.number, second.version, first.replaced_at) == (first.number, 2, d4)
        assert second.number == f"（{local_day(d4).year}）南盐道人调字第1号"
        ids = {one.side: str(one.id) for one in whole().here}
        on = local_day(d4)
        agreements.sign(whole(), second.id, {ids["a"]: "fingerprint"}, on=on, by=by, now=d4)
        assert (matter.stage, whole().mediation.state) == ("deliberating", "open")
        agreements.sign(whole(), second.id, {ids["b"]: "pen", "mediator": "pen"}, on=on, by=by, now=d4)
        assert (matter.stage, whole().mediation.state, whole().mediation.ended_at) == ("decided", "agreed", d4)
        for change in (
            lambda: agreements.draft(whole(), text, [term], by=by, now=d4),
            lambda: agreements.sign(whole(), second.id, {ids["b"]: "pen"}, on=on, by=by, now=d4),
            lambda: agreements.put_in_force(whole(), second.id, by=by, now=d4),
        ):
            with pytest.raises(Refused):
                change()
        agreements.put_in_force(whole(), second.id, by=boss, now=d4)
        promise = db.session.scalars(select(Commitment)).one()
        assert (promise.who, promise.planned_fen, promise.due) == ("甲方", 0, week)
        assert (matter.stage, matter.costs_money, second.court_until) == ("implementing", False, on + timedelta(30))
        for change in (
            lambda: working.extend(promise, due=week + timedelta(3), reason="想晚点", by=boss, now=d4),
            lambda: links.make_link(promise, to_label="金石开", by=by, now=d4),
        ):
            with pytest.raises(Refused, match=r"补充协议|当面"):
                change()
        assert mediation_lists.counts(week + timedelta(1)) == {"late": 1}
        d11 = later(10)
        assert mediation_lists.page("performing", today=local_day(d11))[1] == 1
        db.session.commit()
        with pytest.raises(Missing):
            performing.check_term(whole(), matter.id, on=local_day(d11), words="x", by=by, now=d11)
        done = performing.check_term(
            whole(), whole().owed[0].id, on=local_day(d11), words="木子李收了 2,600 元，有收条", by=by, now=d11
        )
        assert (done.pay_fen, done.done_on, matter.stage) == (260_000, local_day(d11), "verifying")
        working.verify(
            matter, passed=True, words="木子李说钱收到了", resident_name="木子李", by=staff("xiaoli", Role.GRID_WORKER),
            now=d11,
        )  # fmt: skip
        assert matter.stage == "reviewing"
        assert whole().records[-1].present == ["木子李", "小李"]
        assert mediation_lists.counts(local_day(d11)) == {"performed": 1}
        told = [row for row in db.session.scalars(select(TimelineEntry)) if row.public]
        assert told == []
        db.session.commit()
    _nobody_else_reads(app)


def _nobody_else_reads(app):
    """The street's scope sees none of the five tables, and no word of the parties in those it does see."""
    private = (Mediation, MediationPerson, MediationRecord, Agreement, AgreementTerm)
    with app.app_context(), bound(find_site(app, BASE).scope):
        for model in private:
            with pytest.raises(Exception, match="permission denied"):
                db.session.execute(select(model.id)).all()
            db.session.rollback()
        for model in (Matter, TimelineEntry, Commitment, ProgressNote, Verification):
            rows = [[str(v) for v in vars(row).values()] for row in db.session.scalars(select(model))]
            assert rows, model
            assert not [word for row in rows for value in row for word in PRIVATE if word in value], model
        db.session.remove()
    with inside(app, NEXT):
        for model in private:
            assert db.session.scalars(select(model.id)).all() == []


def test_a_spoken_agreement_a_supplement_and_a_look_that_fails(hall, now):
    by = staff()
    matter = quarrel(now)
    whole = seated(matter, now, by=by)
    talk(whole, now, by=by)
    day = local_day(now)
    terms = [
        term_of(whole, "a", "给狗拴绳", 0, day + timedelta(1)),
        term_of(whole, "b", "不再骂人", 0, day + timedelta(1)),
    ]
    spoken = agreements.draft(whole(), Text("oral", "狗没拴绳"), terms, by=by, now=now)
    ids = [str(one.id) for one in whole().here]
    agreements.sign(
        whole(), spoken.id, {**dict.fromkeys(ids, "spoken"), "mediator": "pen"}, on=day, by=by, now=now
    )  # fmt: skip
    agreements.put_in_force(whole(), spoken.id, by=by, now=now)
    owed = whole().owed
    extra = agreements.draft(
        whole(), Text("written", "改一天", "双方都愿意"), [terms[1]._replace(due=day + timedelta(9))],
        replaces=[owed[1].id], by=by, now=now,
    )  # fmt: skip
    assert (extra.supplements_id, extra.number[-3:]) == (spoken.id, "第2号")
    agreements.sign(
        whole(), extra.id, {**dict.fromkeys(ids, "pen"), "mediator": "pen"}, on=day, by=by, now=now
    )  # fmt: skip
    agreements.put_in_force(whole(), extra.id, by=by, now=now)
    assert sorted(one.state for one in db.session.scalars(select(Commitment))) == ["dropped", "open", "open"]
    assert {term.due for term in whole().owed} == {day + timedelta(1), day + timedelta(9)}
    agreements.confirm_in_court(whole(), spoken.id, on=day, by=by, now=now)
    for term in whole().owed:
        performing.check_term(whole(), term.id, on=day, words="看过了", by=by, now=now)
    assert matter.stage == "verifying"
    faulty = db.session.scalars(select(Commitment).where(Commitment.state == "done")).first()
    working.verify(
        matter, passed=False, words="绳子没拴", resident_name="木子李", faults=[faulty.id],
        by=staff("xiaoli", Role.GRID_WORKER), now=now,
    )  # fmt: skip
    assert (matter.stage, len([t for t in whole().owed if t.done_on is None])) == ("implementing", 1)


def test_a_failure_tells_the_routes_and_ends_the_matter(hall, now):
    by = staff()
    matter = quarrel(now)
    whole = seated(matter, now, by=by)
    talk(whole, now, by=by, outcome="stuck")
    with pytest.raises(Refused, match="三条路"):
        performing.end_mediation(whole(), way="failed", reason="差太远", told=False, closes=True, by=by, now=now)
    performing.end_mediation(whole(), way="failed", reason="差太远", told=True, closes=True, by=by, now=now)
    assert (matter.stage, whole().mediation.state, whole().mediation.routes_told_at) == ("terminated", "failed", now)
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == "terminate")).one()
    assert "法院" in entry.words
    assert "差太远" not in entry.words + entry.reason
    with pytest.raises(Refused, match="不在调解"):
        talk(whole, now, by=by)
    other = quarrel(now, title="鞋柜占楼道")
    left = seated(other, now, by=by)
    working.terminate(other, cause="当事人搬走了", notice="不再办了", other_routes="可以起诉。", by=by, now=now)
    assert (left().mediation.state, left().mediation.end_reason) == ("failed", "当事人搬走了")
