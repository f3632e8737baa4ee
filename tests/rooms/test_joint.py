"""Joint proposals on the real database: sheets, signatures, the count, and what it brings about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused
from app.flow.collect import actions, joint, joint_paper, joint_queries
from app.flow.collect.joint import Signer
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying
from app.flow.collect.signing import Signature, SigningSheet
from app.matter import hallrules
from app.matter.house import forget_houses
from app.matter.models import Attachment, Matter, TimelineEntry
from app.notices.actions import spread_news
from app.notices.models import Message
from app.people import residents
from app.people.actor import SYSTEM, Actor
from app.people.models import Account, Person
from app.people.places import Building, Household
from app.people.privacy import Consent
from app.people.roles import Role
from app.people.secrets import blind
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside, later

WANG = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


def worker() -> Actor:
    account = db.session.scalars(select(Account).where(Account.login == "zhao")).one()
    return Actor("staff", account.display_name, account.id, frozenset({Role.COMMUNITY_WORKER}))


def invited(now: Any, **more: Any) -> Matter:
    saying = Saying(words="涵洞一下雨就积水，车过不去。", place="铁路涵洞", kind="joint", invites=True, **more)
    matter = actions.submit(saying, by=WANG, now=now).matter
    db.session.commit()
    return matter


def neighbour(name: str, now: Any, code: str = "NEXTD23456") -> Signer:
    """An adult of another household, signed in by that household's code."""
    index = blind("household", code)
    if db.session.scalars(select(Household).where(Household.code_hmac == index)).one_or_none() is None:
        building = db.session.scalars(select(Building)).one()
        room = str(400 + len(db.session.scalars(select(Household)).all()))
        db.session.add(Household(building_id=building.id, unit=1, room=room, code_hmac=index, code_at=now))
        db.session.flush()
    account, _is_new = residents.join(code, name, now=now)
    return Signer(db.session.get_one(Person, (account.community_id, account.person_id)), "household_code")


def valid(matter: Matter) -> int:
    rows = db.session.scalars(select(Signature).where(Signature.withdrawn_at.is_(None)))
    return len([row for row in rows if row.matter_id == matter.id])


def set_threshold(n: int, now: Any) -> None:
    hallrules.set_rules({"joint_threshold": n}, {}, by=SYSTEM, now=now)
    db.session.commit()
    forget_houses()


def test_an_inviting_proposal_waits_with_its_sheet(hall: Any, now: Any) -> None:
    matter = invited(now)
    sheet = db.session.scalars(select(SigningSheet)).one()
    assert (matter.stage, matter.signers, valid(matter)) == ("collected", 1, 1)
    assert (sheet.threshold, sheet.closes_at, len(sheet.code)) == (2, later(days=30), 8)
    assert matter.due_at == sheet.closes_at
    assert [line.verb for line in db.session.scalars(select(TimelineEntry))] == ["collect"]


def test_the_last_missing_signature_registers_it_and_the_proposer_hears(hall: Any, now: Any) -> None:
    set_threshold(3, now)
    matter = invited(now, name="林师傅", phone="13800001111")
    joint.sign(matter.id, neighbour("张姐", now), by=WANG, now=later(hours=1))
    db.session.commit()
    assert (matter.stage, matter.signers) == ("collected", 2)
    joint.sign(matter.id, neighbour("老郑", now), by=WANG, now=later(hours=2))
    db.session.commit()
    assert (matter.stage, matter.signers, valid(matter)) == ("submitted", 3, 3)
    # From the registration on the hall's own deadline runs: three working days after Monday 1 June.
    assert matter.due_at is not None
    assert matter.due_at.isoformat() == "2026-06-04T15:59:59+00:00"
    assert spread_news(now=later(hours=2))
    told = [message.words for message in db.session.scalars(select(Message)) if message.to_kind == "proposer"]
    assert any("登记成提案" in words for words in told)
    assert {(one.about, one.given) for one in db.session.scalars(select(Consent))} == {("sign", True)}
    joint.sign(matter.id, neighbour("小周", now), by=WANG, now=later(days=2))
    assert (matter.stage, matter.signers) == ("submitted", 4)


def test_nobody_signs_twice_by_whatever_way(hall: Any, now: Any) -> None:
    matter, zhang = invited(now, name="林师傅", phone="138 0000 1111"), neighbour("张姐", now)
    joint.sign(matter.id, zhang, by=WANG, now=now)
    db.session.commit()
    with pytest.raises(Refused):
        joint.sign(matter.id, Signer(zhang.person, "household_code", "account"), by=WANG, now=now)
    account, _ = residents.join_by_phone("13800002222", blind("phone", "13800002222"), "老周", now=now)
    zhou = Signer(db.session.get_one(Person, (account.community_id, account.person_id)), "phone")
    joint.sign(matter.id, zhou, by=WANG, now=now)
    with pytest.raises(Refused):
        joint.sign(matter.id, zhou, by=WANG, now=now)
    # Whoever proves the phone that the proposer left is the proposer, and was counted from the start.
    account, _ = residents.join_by_phone("13800001111", blind("phone", "13800001111"), "林师傅", now=now)
    lin = Signer(db.session.get_one(Person, (account.community_id, account.person_id)), "phone")
    with pytest.raises(Refused) as refusal:
        joint.sign(matter.id, lin, by=WANG, now=now)
    assert "就是您提的" in refusal.value.reason
    db.session.commit()
    assert (matter.signers, valid(matter)) == (3, 3)


def test_a_signature_is_taken_back_and_given_again(hall: Any, now: Any) -> None:
    matter, zhang = invited(now), neighbour("张姐", now)
    joint.sign(matter.id, zhang, by=WANG, now=now)
    assert (matter.stage, matter.signers) == ("submitted", 2)
    with pytest.raises(Refused):
        actions.withdraw(matter, "不提了", by=WANG, now=now)
    joint.unsign(matter.id, zhang.person, by=WANG, now=later(hours=1))
    db.session.commit()
    assert (matter.stage, matter.signers, valid(matter)) == ("submitted", 1, 1)
    with pytest.raises(Refused):
        joint.unsign(matter.id, zhang.person, by=WANG, now=later(hours=1))
    joint.sign(matter.id, zhang, by=WANG, now=later(hours=2))
    assert (matter.signers, len(db.session.scalars(select(Signature)).all())) == (2, 2)
    joint.unsign(matter.id, zhang.person, by=WANG, now=later(hours=3))
    actions.withdraw(matter, "不提了", by=WANG, now=later(hours=4))
    assert matter.stage == "withdrawn"
    given = [one.given for one in db.session.scalars(select(Consent).order_by(Consent.at))]
    assert given == [True, False, True, False]


def test_a_private_matter_or_a_called_vote_ends_the_signing(hall: Any, now: Any) -> None:
    matter, zhang = invited(now), neighbour("张姐", now)
    joint.sign(matter.id, zhang, by=WANG, now=now)
    matter.visibility = "parties"
    with pytest.raises(Refused):
        joint.sign(matter.id, neighbour("老郑", now), by=WANG, now=now)
    db.session.rollback()
    with pytest.raises(Refused):
        joint.sign(matter.id, neighbour("老郑", now), by=WANG, now=later(days=30))


def test_a_hundred_and_twelve_sign_the_letter_to_the_railway(hall: Any, now: Any, count_queries: Any) -> None:
    matter, by = invited(now), worker()
    joint.sign(matter.id, neighbour("张姐", now), by=WANG, now=now)
    db.session.commit()
    with count_queries() as seen:
        joint_paper.enter_paper(
            matter.id,
            110,
            ["王淑兰", "周建国"],
            by=by,
            now=now,
            once=uuid7(),
            photo=actions.Picture(uuid7(), 8, 6, 1, "ab" * 32),
        )
        db.session.commit()
    assert len(seen) <= 12, seen
    assert (matter.signers, valid(matter)) == (112, 112)
    kept = db.session.scalars(select(Attachment)).one()
    assert (kept.about, kept.kind, kept.public) == ("signing_sheet", "paper", False)
    names = [one.name for one in joint_queries.signatures_of(matter.id) if one.name]
    assert sorted(names) == ["周建国", "张姐", "王淑兰"]


def test_the_same_sheet_twice_is_noticed(hall: Any, now: Any) -> None:
    matter, by, once = invited(now), worker(), uuid7()
    joint_paper.enter_paper(matter.id, 3, ["王淑兰"], by=by, now=now, once=once)
    db.session.commit()
    for names in (["王淑兰"], ["李", "李"]):
        with pytest.raises(Refused):
            joint_paper.enter_paper(matter.id, 3, names, by=by, now=now, once=uuid7())
        db.session.rollback()
    with pytest.raises(Refused):
        joint_paper.enter_paper(matter.id, 3, [], by=WANG, now=now, once=uuid7())
    assert (matter.signers, valid(matter)) == (4, 4)


def test_staff_strike_one_out_and_say_why(hall: Any, now: Any) -> None:
    matter, by = invited(now), worker()
    joint_paper.enter_paper(matter.id, 3, [], by=by, now=now, once=uuid7())
    one = next(s for s in db.session.scalars(select(Signature)) if not s.is_proposer)
    with pytest.raises(Refused):
        joint_paper.strike(matter.id, one.id, " ", by=by, now=now)
    joint_paper.strike(matter.id, one.id, "本人来社区说不签了", by=by, now=now)
    joint_paper.strike(matter.id, one.id, "本人来社区说不签了", by=by, now=now)
    db.session.commit()
    assert (matter.signers, one.withdrawn_reason) == (3, "本人来社区说不签了")
    own = next(s for s in db.session.scalars(select(Signature)) if s.is_proposer)
    with pytest.raises(Refused):
        joint_paper.strike(matter.id, own.id, "不要了", by=by, now=now)
    with pytest.raises(Missing):
        joint_paper.strike(matter.id, uuid7(), "不要了", by=by, now=now)


def test_a_counted_list_on_paper_is_registered_at_once_with_its_sheet(hall: Any, now: Any) -> None:
    by = worker()
    saying = Saying(words="楼顶漏水", place="3 号楼", kind="joint", signers=24, entered_by=by.id, read_back=True)
    matter = actions.submit(saying, by=by, now=now).matter
    db.session.commit()
    assert (matter.stage, matter.signers, valid(matter)) == ("submitted", 24, 24)
    rows = db.session.scalars(select(Signature)).all()
    assert {(row.channel, row.proof, row.entered_label) for row in rows} == {("paper", "vouched", "赵师傅")}
    actions.sign_off(matter, by=WANG, now=now)
    db.session.commit()
    assert (matter.signers, valid(matter)) == (23, 23)


def test_a_thin_list_on_paper_waits_for_more(hall: Any, now: Any) -> None:
    set_threshold(5, now)
    by = worker()
    saying = Saying(words="楼顶漏水", place="3 号楼", kind="joint", signers=3, entered_by=by.id, read_back=True)
    matter = actions.submit(saying, by=by, now=now).matter
    assert matter.stage == "collected"
    joint_paper.enter_paper(matter.id, 2, [], by=by, now=now, once=uuid7())
    assert (matter.stage, matter.signers) == ("submitted", 5)


def test_a_thin_sheet_ends_and_its_proposer_goes_alone(hall: Any, now: Any) -> None:
    set_threshold(5, now)
    matter = invited(now, name="林师傅")
    joint.sign(matter.id, neighbour("张姐", now), by=WANG, now=now)
    db.session.commit()
    with pytest.raises(Refused):
        joint.go_alone(matter.id, by=WANG, now=later(days=3))
    assert joint.end_sheets(now=later(days=29)) == 0
    assert joint.end_sheets(now=later(days=30)) == 1
    assert joint.end_sheets(now=later(days=30)) == 0
    db.session.commit()
    assert matter.due_at is not None
    assert matter.due_at > later(days=30)
    spread_news(now=later(days=30))
    assert any("还差 3 个" in message.words for message in db.session.scalars(select(Message)))
    joint.go_alone(matter.id, by=WANG, now=later(days=31))
    db.session.commit()
    proposal = db.session.scalars(select(Proposal)).one()
    assert (matter.stage, matter.kind, matter.signers, proposal.kind) == ("submitted", "individual", 1, "individual")
    assert valid(matter) == 1
    assert joint.go_alone(matter.id, by=WANG, now=later(days=31)).stage == "submitted"


def test_the_next_hall_knows_nothing_of_the_sheet(app: Any, now: Any) -> None:
    with inside(app, HOME):
        matter_id: UUID = invited(now).id
        code = db.session.scalars(select(SigningSheet.code)).one()
        assert joint_queries.find_signing(code.lower()) is not None
    with inside(app, NEXT):
        assert joint_queries.find_signing(code) is None
        zhang = neighbour("隔壁张姐", now)
        with pytest.raises(Missing):
            joint.sign(matter_id, zhang, by=WANG, now=now)
