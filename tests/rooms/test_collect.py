"""Taking in what people say, on the real database, as the restricted role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.flow.collect import actions, public_lists, queries, rules
from app.flow.collect.evidence import evidence_of
from app.flow.collect.models import Proposal
from app.flow.collect.rules import Saying
from app.matter.actions import move
from app.matter.models import Attachment, Matter, TimelineEntry
from app.people.actor import SYSTEM, Actor
from app.people.models import Account, Person
from app.people.places import Building
from app.people.roles import Role
from app.people.secrets import blind, unseal
from tenants.database import db, uuid7
from tests.cast import HOME, NEXT
from tests.conftest import inside, later

WANG = Actor("resident", "居民", roles=frozenset({Role.RESIDENT}))


def staff(login: str) -> Actor:
    account = db.session.scalars(select(Account).where(Account.login == login)).one()
    roles = {"shuji": Role.SECRETARY, "xiaoli": Role.GRID_WORKER, "zhao": Role.COMMUNITY_WORKER}
    return Actor("staff", account.display_name, account.id, frozenset({roles[login]}))


def lamp(**more: Any) -> Saying:
    return Saying(**({"words": "百货商店门口的灯不亮，晚上看不见台阶。", "place": "百货商店门口"} | more))


def test_a_saying_becomes_a_numbered_matter_that_is_due(hall: Any, now: Any) -> None:
    done = actions.submit(lamp(), by=WANG, now=now)
    db.session.commit()
    matter = db.session.scalars(select(Matter)).one()
    assert matter.number == "NYD20260001"
    assert matter.stage == "submitted"
    assert matter.title == "百货商店门口的灯不亮，晚上看不见台阶"
    # Three working days after Monday 1 June end on Thursday 4 June at midnight in Shijiazhuang.
    assert matter.due_at is not None
    assert matter.due_at.isoformat() == "2026-06-04T15:59:59+00:00"
    assert matter.tracking_hmac == blind("track", done.code)
    assert done.code not in repr(matter.__dict__)
    assert len(done.code) == 12
    assert done.code.isdigit()


def test_the_timeline_begins_with_two_lines(hall: Any, now: Any) -> None:
    matter = actions.submit(lamp(channel="box", point="5 号楼"), by=WANG, now=now).matter
    db.session.commit()
    lines = db.session.scalars(select(TimelineEntry).order_by(TimelineEntry.at, TimelineEntry.seq)).all()
    told = [(line.verb, line.old_stage, line.new_stage, line.channel) for line in lines]
    assert told == [("collect", None, "collected", "box"), ("submit", "collected", "submitted", "box")]
    assert {line.matter_id for line in lines} == {matter.id}


def test_numbers_grow_and_are_never_reused(hall: Any, now: Any) -> None:
    first = actions.submit(lamp(), by=WANG, now=now).matter.number
    db.session.commit()
    second = actions.submit(lamp(), by=WANG, now=now).matter.number
    assert (first, second) == ("NYD20260001", "NYD20260002")


def test_a_phone_is_sealed_and_found_by_its_fingerprint(hall: Any, now: Any) -> None:
    actions.submit(lamp(name="王阿姨", title_of_address="女士", phone="138 0000 1234"), by=WANG, now=now)
    db.session.commit()
    person = db.session.scalars(select(Person)).one()
    assert "13800001234" not in (person.phone_sealed or "")
    assert unseal(person.phone_sealed or "") == "13800001234"
    assert person.phone_index == blind("phone", "13800001234")
    assert person.name_public is False


@pytest.mark.parametrize("name", ["𬱖㛃", "䶮先生", "欧阳·买买提"])
def test_rare_characters_stand_as_written(hall: Any, now: Any, name: str) -> None:
    matter = actions.submit(lamp(words=f"{name}说：门口的灯坏了", name=name), by=WANG, now=now).matter
    db.session.commit()
    db.session.expire_all()
    assert queries.proposals_of(matter)[0].words == f"{name}说：门口的灯坏了"
    assert db.session.scalars(select(Person.name)).one() == name


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "　 \n"}, "words"),
        ({"words": "灯" * 100_000}, "words"),
        ({"title": "灯" * 61}, "title"),
        ({"place": ""}, "place"),
        ({"place": "门" * 201}, "place"),
        ({"phone": "138 0000 123"}, "phone"),
        ({"phone": "打给我儿子"}, "phone"),
        ({"kind": "joint", "signers": 1}, "signers"),
        ({"kind": "crowd"}, "kind"),
        ({"kind": "organisation"}, "organisation"),
        ({"channel": "rumour"}, "channel"),
        ({"for_another": True}, "read_back"),
        ({"birth_year": 2016, "guardian": "妈妈 13800001234"}, "guardian_consent"),
        ({"birth_year": 2016, "guardian_consent": True}, "guardian"),
        ({"birth_year": 2011}, "own_consent"),
        ({"birth_year": 2011, "own_consent": True, "kind": "joint", "signers": 9}, "birth_year"),
        ({"kind": "organisation", "organisation": "曹家巷物业", "organisation_kind": "bank"}, "organisation_kind"),
        ({"organisation_kind": "13800138000"}, "organisation_kind"),
        ({"birth_year": 2030}, "birth_year"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_written(hall: Any, now: Any, more: Any, field: str) -> None:
    saying = lamp(**more)
    assert list(rules.problems(saying, year=2026)) == [field]
    with pytest.raises(Refused):
        actions.submit(saying, by=WANG, now=now)
    db.session.commit()
    assert db.session.scalars(select(Matter)).all() == []


def test_typing_for_someone_is_kept_with_who_typed(hall: Any, now: Any) -> None:
    li = staff("xiaoli")
    saying = lamp(entered_by=li.id, read_back=True, channel="door", point="3 号楼 301", name="刘奶奶")
    matter = actions.submit(saying, by=li, now=now).matter
    db.session.commit()
    proposal = db.session.scalars(select(Proposal)).one()
    assert matter.entered_for_another
    assert proposal.entered_label == "小李"
    assert proposal.read_back


def test_a_child_s_matter_is_for_its_parties_only(hall: Any, now: Any) -> None:
    matter = actions.submit(
        lamp(birth_year=2015, guardian_consent=True, guardian="妈妈 13800001234"), by=WANG, now=now
    ).matter
    db.session.commit()
    assert (matter.visibility, matter.has_minor) == ("parties", True)
    assert not any(line.public for line in db.session.scalars(select(TimelineEntry)))


def test_a_quarrel_is_for_its_parties_only(hall: Any, now: Any) -> None:
    assert actions.submit(lamp(track="mediation"), by=WANG, now=now).matter.visibility == "parties"


def test_the_same_form_twice_breaks_on_the_key(hall: Any, now: Any) -> None:
    once = uuid7()
    actions.submit(lamp(), by=WANG, now=now, matter_id=once)
    db.session.commit()
    db.session.remove()
    with pytest.raises(IntegrityError):
        actions.submit(lamp(), by=WANG, now=now, matter_id=once)
    db.session.rollback()
    assert len(db.session.scalars(select(Matter)).all()) == 1


def test_a_neighbour_s_building_cannot_be_named(app: Any, now: Any) -> None:
    with inside(app, NEXT):
        foreign = db.session.scalars(select(Building.id)).one()
    with inside(app, HOME), pytest.raises(IntegrityError):
        actions.submit(lamp(building_id=foreign, unit=1), by=WANG, now=now)
        db.session.commit()


def test_pictures_become_rows_that_are_not_public(hall: Any, now: Any) -> None:
    pictures = [actions.Picture(uuid7(), 800, 600, 12_345, "ab" * 32) for _ in range(3)]
    matter = actions.submit(lamp(name="王阿姨"), by=WANG, now=now, photos=pictures).matter
    db.session.commit()
    rows = db.session.scalars(select(Attachment)).all()
    assert {row.id for row in rows} == {picture.id for picture in pictures}
    assert queries.photos_of(matter, public_only=True) == []
    assert len(queries.photos_of(matter, public_only=False)) == 3
    assert actions.Picture.from_dict(pictures[0].as_dict()) == pictures[0]


def test_handing_in_costs_few_statements(hall: Any, now: Any, count_queries: Any) -> None:
    pictures = [actions.Picture(uuid7(), 8, 6, 1, "ab" * 32) for _ in range(6)]
    with count_queries() as seen:
        actions.submit(lamp(name="王阿姨", phone="13800001234"), by=WANG, now=now, photos=pictures)
        db.session.commit()
    assert len(seen) <= 7, seen


def test_a_lead_waits_until_it_is_registered(hall: Any, now: Any) -> None:
    li = staff("xiaoli")
    matter = actions.collect(lamp(channel="visit"), by=li, now=now).matter
    db.session.commit()
    assert matter.stage == "collected"
    actions.register(matter, by=li, now=later(hours=1))
    db.session.commit()
    assert matter.stage == "submitted"


def test_evidence_is_what_is_on_record(hall: Any, now: Any, count_queries: Any) -> None:
    matter = actions.submit(lamp(kind="joint", signers=11), by=WANG, now=now).matter
    db.session.commit()
    assert evidence_of(matter) == {"channel", "kind", "place", "words", "signers"}
    actions.complete(matter, by=staff("zhao"), now=now, category="repair", wish="换个亮的")
    db.session.commit()
    assert evidence_of(matter) == {"channel", "kind", "place", "words", "signers", "category", "wish"}
    db.session.refresh(matter)
    with count_queries() as seen:
        evidence_of(matter)
    assert len(seen) == 1


def test_the_code_finds_its_matter_and_only_in_its_hall(app: Any, now: Any) -> None:
    with inside(app, HOME):
        done = actions.submit(lamp(), by=WANG, now=now)
        db.session.commit()
        spoken = f"{done.code[:3]} {done.code[3:6]}-{done.code[6:9]}　{done.code[9:]}"
        found = queries.find_by_code(spoken)
        assert found is not None
        assert found.id == done.matter.id
        assert queries.find_by_code("000000000000" if done.code != "000000000000" else "111111111111") is None
        assert queries.find_by_code("十二") is None
        code = done.code
    with inside(app, NEXT):
        assert queries.find_by_code(code) is None


def asked(now: Any) -> Matter:
    matter = actions.submit(lamp(), by=WANG, now=now).matter
    db.session.commit()
    move(matter, "ask_for_more", by=staff("zhao"), now=now, evidence={"missing_said"}, reason="是哪一盏灯？")
    matter.asked_for_more = True
    db.session.commit()
    return matter


def test_what_was_asked_for_is_supplied_by_the_proposer(hall: Any, now: Any) -> None:
    matter = asked(now)
    actions.supply(matter, "东边那盏", by=WANG, now=later(days=1))
    db.session.commit()
    words = queries.proposals_of(matter)[0].words
    assert matter.stage == "submitted"
    assert words.startswith(lamp().words)
    assert words.endswith("（2026年6月2日补充）东边那盏")


def test_an_empty_supplement_is_refused(hall: Any, now: Any) -> None:
    matter = asked(now)
    for more in ("", "灯" * 5001):
        with pytest.raises(Refused):
            actions.supply(matter, more, by=WANG, now=now)
    db.session.rollback()
    assert matter.stage == "needs_info"


def test_a_lapsed_matter_is_opened_again_by_supplying(hall: Any, now: Any) -> None:
    matter = asked(now)
    move(matter, "lapse", by=SYSTEM, now=later(days=8), evidence={"time_ran_out"}, reason="过了七天", lapsed=True)
    db.session.commit()
    actions.supply(matter, "东边那盏", by=WANG, now=later(days=9))
    db.session.commit()
    assert (matter.stage, matter.lapsed) == ("submitted", False)


def test_the_proposer_withdraws_with_a_reason(hall: Any, now: Any) -> None:
    matter = actions.submit(lamp(), by=WANG, now=now).matter
    db.session.commit()
    with pytest.raises(Refused):
        actions.withdraw(matter, " ", by=WANG, now=now)
    actions.withdraw(matter, "灯自己亮了", by=WANG, now=now)
    db.session.commit()
    assert matter.stage == "withdrawn"
    assert matter.due_at is None
    with pytest.raises(Refused):
        actions.withdraw(matter, "再撤一次", by=WANG, now=now)


def test_a_joint_matter_stays_while_others_sign(hall: Any, now: Any) -> None:
    matter = actions.submit(lamp(kind="joint", signers=2), by=WANG, now=now).matter
    db.session.commit()
    with pytest.raises(Refused) as refusal:
        actions.withdraw(matter, "不提了", by=WANG, now=now)
    assert refusal.value.values["n"] == 2
    actions.sign_off(matter, by=WANG, now=now)
    db.session.commit()
    actions.withdraw(matter, "不提了", by=WANG, now=now)
    assert matter.stage == "withdrawn"


def test_more_words_move_nothing(hall: Any, now: Any) -> None:
    matter = actions.submit(lamp(), by=WANG, now=now).matter
    db.session.commit()
    due = matter.due_at
    actions.say_more(matter, "昨晚又摔了一位", by=WANG, now=now + timedelta(hours=1))
    db.session.commit()
    assert (matter.stage, matter.due_at) == ("submitted", due)


def test_the_same_addition_clicked_twice_stands_once(hall: Any, now: Any) -> None:
    matter = actions.submit(lamp(), by=WANG, now=now).matter
    db.session.commit()
    for _ in range(2):
        actions.say_more(matter, "昨晚又摔了一位", by=WANG, now=now)
        db.session.commit()
    assert queries.proposals_of(matter)[0].words.count("昨晚又摔了一位") == 1
    assert len(queries.lines_of(matter, public_only=False)) == 3


def test_only_what_was_taken_up_stands_in_public(hall: Any, now: Any) -> None:
    matter = actions.submit(lamp(), by=WANG, now=now).matter
    db.session.commit()
    assert public_lists.public_page("", 1).total == 0
    assert not queries.is_told(matter)
    actions.complete(matter, by=staff("zhao"), now=now, category="repair", wish="换个亮的")
    move(matter, "accept", by=staff("zhao"), now=now, evidence=evidence_of(matter), triage="minor")
    db.session.commit()
    assert public_lists.public_page("talking", 1).total == 1
    assert queries.is_told(matter)
    assert public_lists.public_page("done", 1).total == 0
    shown, lines = public_lists.moving(3)[0]
    assert shown.id == matter.id
    assert [line.verb for line in lines] == ["submit", "collect"]


def test_mine_by_cookie_and_by_account(hall: Any, now: Any) -> None:
    by_cookie = actions.submit(lamp(), by=WANG, now=now).matter
    person = Person(name="王阿姨", created_at=now)
    db.session.add(person)
    db.session.flush()
    account = Account(kind="resident", login="hu-x", display_name="王阿姨", person_id=person.id, created_at=now)
    db.session.add(account)
    by_account = actions.submit(lamp(person_id=person.id), by=WANG, now=later(hours=1)).matter
    actions.submit(lamp(), by=WANG, now=now)
    db.session.commit()
    assert [m.id for m in queries.mine([by_cookie.id], account.id)] == [by_account.id, by_cookie.id]
    assert queries.mine([], None) == []
    assert queries.is_account_s(by_account, account.id)
    assert not queries.is_account_s(by_cookie, account.id)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("灯坏了。晚上看不见。", "灯坏了"),
        ("灯坏了\n晚上看不见", "灯坏了"),
        ("灯" * 80, "灯" * 29 + "…"),
        ("能不能装个扶手？", "能不能装个扶手"),
    ],
)
def test_a_title_is_the_first_sentence(words: str, title: str) -> None:
    assert rules.short_title(words) == title


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("138 0000 1234", "13800001234"), ("+86 138-0000-1234", "13800001234"), ("１３８００００１２３４", "13800001234"),
     ("(0311) 8555 0118", "031185550118"), ("8555 0118", "85550118"), ("", "")],
)  # fmt: skip
def test_phones_as_people_type_them(typed: str, digits: str) -> None:
    assert rules.tidy_phone(typed) == digits
    assert rules.phone_problem(typed) is None
