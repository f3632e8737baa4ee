"""Somebody asks to see, take along, correct or delete what the hall holds about them, and is answered in time.

Source: Personal Information Protection Law sections 44 to 50. The law names no day; fifteen are this program's own
default. A refusal says why (section 50), and what an erasure must leave is told beforehand (section 47).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app import clock
from app.errors import Missing, Refused, Verdict, no
from app.matter.actions import next_number
from app.matter.deadlines import Deadline
from app.matter.house import house
from app.matter.workdays import due
from app.people import holdings
from app.people.actor import Actor
from app.people.desk import log_change, sort_key
from app.people.looks import look_at
from app.people.models import Account, Person
from app.people.phones import phone_problem, tidy_phone
from app.people.privacy import PrivacyRequest
from app.people.residents import login_of, tidy_name
from app.people.secrets import blind, seal
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

DAYS, PAGE = 15, 20
WORDS, NAME = 1000, 40
KINDS: dict[str, str] = {
    "see": N_("看一看都存了我什么"),
    "export": N_("拿走一份"),
    "correct": N_("有错，要改"),
    "delete": N_("把我的信息删掉"),
}
STATES: dict[str, str] = {"open": N_("在办"), "done": N_("办完了"), "refused": N_("没有办")}
CHANNELS = ("web", "counter", "phone", "slip")
NOT_THERE = N_("没有这个要求。")
HANDED_OVER = N_("核对是本人，都给本人看过、带走了一份")
ERASED = N_("本人的姓名、称呼、电话、账号和住处都删了；议定的事里的原话留着，不再连着人")


@dataclass(frozen=True)
class Line:
    """One request of the queue with whom it is about, to be masked by the page."""

    request: PrivacyRequest
    name: str
    title: str


def ask(
    kind: str, *, by: Actor, now: datetime, person_id: UUID | None, words: str = "", contact: str = "",
    channel: str = "web", id: UUID | None = None,
) -> PrivacyRequest:  # fmt: skip
    """Take a request in, numbered and dated; ``id`` makes a double click the same one.

    A person has at most one open request of a kind. Raises ``Refused`` with what is missing.
    """
    if id and (before := find(id)):
        return before
    for verdict in problems(kind, words, contact).values():
        verdict.or_refuse()
    if channel not in CHANNELS:
        raise Refused(N_("请选一样。"))
    if person_id is not None and _waiting(person_id, kind):
        raise Refused(N_("同样的要求已经提过一个，正在办，不用再提。"))
    day = clock.local(now)
    phone = tidy_phone(contact)
    asked = PrivacyRequest(
        id=id or uuid7(), number=f"隐{day.year}-{next_number('privacy', day.year):03d}", kind=kind,
        person_id=person_id, contact_sealed=seal(phone) if phone else None, words=words.strip(), channel=channel,
        asked_at=now, due_at=due(now, Deadline(DAYS, "days"), house().calendar),
    )  # fmt: skip
    db.session.add(asked)
    db.session.flush()
    return asked


def problems(kind: str, words: str, contact: str) -> dict[str, Verdict]:
    """What is wrong with a request as it was typed, by field: ``kind``, ``words``, ``phone``."""
    found = {}
    if kind not in KINDS:
        found["kind"] = no(N_("请选一样。"))
    if kind == "correct" and not words.strip():
        found["words"] = no(N_("写一写哪儿错了、对的是什么。"))
    if len(words) > WORDS:
        found["words"] = no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=WORDS)
    if (wrong := phone_problem(contact)) is not None:
        found["phone"] = wrong
    return found


def find(request_id: UUID) -> PrivacyRequest | None:
    """The bound hall's request with this id."""
    return db.session.scalar(
        select(PrivacyRequest).where(
            PrivacyRequest.community_id == current_community(), PrivacyRequest.id == request_id
        )
    )


def queue(*, is_open: bool, page: int) -> tuple[list[Line], int]:
    """One page: what waits by the day it is due, or what is settled with the newest first; and how many there are."""
    person = aliased(Person)
    state = PrivacyRequest.state == "open" if is_open else PrivacyRequest.state != "open"
    order = (PrivacyRequest.due_at,) if is_open else (PrivacyRequest.handled_at.desc(),)
    rows = db.session.execute(
        select(PrivacyRequest, person.name, person.title, func.count().over())
        .outerjoin(
            person, (person.community_id == PrivacyRequest.community_id) & (person.id == PrivacyRequest.person_id)
        )
        .where(PrivacyRequest.community_id == current_community(), state)
        .order_by(*order, PrivacyRequest.number)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return [Line(row[0], row[1] or "", row[2] or "") for row in rows], int(rows[0][3]) if rows else 0


def requests_of(person_id: UUID) -> list[PrivacyRequest]:
    """What one person asked, the newest first."""
    return list(
        db.session.scalars(
            select(PrivacyRequest)
            .where(PrivacyRequest.community_id == current_community(), PrivacyRequest.person_id == person_id)
            .order_by(PrivacyRequest.asked_at.desc())
            .limit(20)
        )
    )


def person_of(asked: PrivacyRequest, *, lock: bool = False) -> Person | None:
    """The person a request is about, or None where the hall holds no name to it."""
    wanted = select(Person).where(Person.community_id == current_community(), Person.id == asked.person_id)
    return db.session.scalar(wanted.with_for_update() if lock else wanted) if asked.person_id else None


def find_person(phone: str) -> list[Person]:
    """Everybody of the bound hall who gave this phone; a family may share one."""
    digits = tidy_phone(phone)
    if not digits:
        return []
    return list(
        db.session.scalars(
            select(Person)
            .where(Person.community_id == current_community(), Person.phone_index == blind("phone", digits))
            .order_by(Person.created_at)
            .limit(20)
        )
    )


def open_data(asked: PrivacyRequest, *, by: Actor, now: datetime) -> Person:
    """Open everything held about the person for whoever handles the request; the look is logged before it is read."""
    person = person_of(asked)
    if person is None:
        raise Missing(N_("这个要求没有对上人，先问清是谁。"))
    look_at("export", f"办理{asked.number}", by=by, now=now, person_id=person.id)
    return person


def hand_over(asked: PrivacyRequest, *, by: Actor, now: datetime, words: str = "") -> PrivacyRequest:
    """Settle a request to see or take along: the person was recognised and got everything."""
    _must_be(asked, "see", "export")
    return _settle(asked, "done", words.strip() or HANDED_OVER, by, now)


def correct(asked: PrivacyRequest, *, name: str, title: str, phone: str, by: Actor, now: datetime) -> PrivacyRequest:
    """Correct name, title and phone. The log says which of them changed, never from what to what."""
    _must_be(asked, "correct")
    person = person_of(asked, lock=True)
    if person is None:
        raise Refused(N_("这个要求没有对上人，先问清是谁。"))
    name, digits = tidy_name(name), tidy_phone(phone)
    if len(name) > NAME:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=NAME)
    if (wrong := phone_problem(phone)) is not None:
        wrong.or_refuse()
    index = blind("phone", digits) if digits else None
    changed = [
        label for label, differs in (
            ("name", name != person.name), ("title", title != person.title), ("phone", index != person.phone_index),
        ) if differs
    ]  # fmt: skip
    if not changed:
        raise Refused(N_("和现在存的一样，没有要改的。"))
    _rename(person, name)
    person.name, person.title = name, title
    person.phone_sealed, person.phone_index = (seal(digits), index) if digits else (None, None)
    log_change("person", "correct", by=by, now=now, subject_id=person.id, after=" ".join(changed))
    return _settle(asked, "done", N_("核对是本人，改好了"), by, now)


def erase(asked: PrivacyRequest, *, by: Actor, now: datetime) -> PrivacyRequest:
    """Delete the person, for good. What the law keeps stays without the person (``people.holdings``)."""
    _must_be(asked, "delete")
    person = person_of(asked, lock=True)
    if person is None:
        raise Refused(N_("这个要求没有对上人，没有可以删的。"))
    _settle(asked, "done", ERASED, by, now)
    log_change("person", "erase", by=by, now=now, subject_id=person.id, after=asked.number)
    holdings.take_out(person, now=now)
    return asked


def refuse(asked: PrivacyRequest, reason: str, *, by: Actor, now: datetime) -> PrivacyRequest:
    """Say no, with the reason the person will read."""
    _must_be(asked, *KINDS)
    if not reason.strip():
        raise Refused(N_("写明为什么不办，本人会看到。"))
    if len(reason.strip()) > WORDS:
        raise Refused(N_("最多写 %(limit)s 个字，请写短一点。"), limit=WORDS)
    return _settle(asked, "refused", reason.strip(), by, now)


def _must_be(asked: PrivacyRequest, *kinds: str) -> None:
    # Locked, so that of two clicks the second sees what the first has settled.
    db.session.refresh(asked, with_for_update=True)
    if asked.state != "open":
        raise Refused(N_("这个要求已经办过了。"))
    if asked.kind not in kinds:
        raise Refused(N_("本人要的不是这一样。"))


def _settle(asked: PrivacyRequest, state: str, outcome: str, by: Actor, now: datetime) -> PrivacyRequest:
    asked.state, asked.outcome, asked.handled_label, asked.handled_at = state, outcome, by.label, now
    db.session.flush()
    return asked


def _waiting(person_id: UUID, kind: str) -> bool:
    wanted = select(PrivacyRequest.id).where(
        PrivacyRequest.community_id == current_community(), PrivacyRequest.person_id == person_id,
        PrivacyRequest.kind == kind, PrivacyRequest.state == "open",
    )  # fmt: skip
    return db.session.scalar(wanted.limit(1)) is not None


def _rename(person: Person, name: str) -> None:
    """A resident's account greets by the same name and is signed in to by it, with the household's code."""
    if name == person.name:
        return
    here = Account.community_id == current_community()
    accounts = list(db.session.scalars(select(Account).where(here, Account.person_id == person.id)))
    if accounts and not name:
        raise Refused(N_("有账号的人要留一个称呼，不然自己也进不来。"))
    for account in accounts:
        # Only a login that was made of the old name follows the new one; a code of one's own stays as it is.
        by_name = person.household_id and account.login == login_of(person.household_id, person.name)
        login = login_of(person.household_id, name) if by_name and person.household_id else account.login
        if login != account.login and db.session.scalar(select(Account.id).where(here, Account.login == login)):
            raise Refused(N_("这一户已经有一个叫「%(name)s」的账号。"), name=name)
        account.login, account.display_name, account.name_key = login, name, sort_key(name)


def is_late(asked: PrivacyRequest, now: datetime) -> bool:
    """Whether an open request has gone past its day."""
    return asked.state == "open" and now > asked.due_at


def is_near(asked: PrivacyRequest, now: datetime) -> bool:
    """Whether an open request is due within three days."""
    return asked.state == "open" and not is_late(asked, now) and asked.due_at - now <= timedelta(days=3)
