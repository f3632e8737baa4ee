"""What happens to the council of a term (届): the term itself, recommending, consenting, taking a seat, leaving.

Nobody is seated without their own consent on record (domain.md section 1: recommended residents of standing, ability
and zeal). Who already holds the role when a term is written down is taken over as sitting, and their consent is asked
for afterwards: the page says so until it is there. Seating gives the account and the role by :mod:`app.people.desk`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.people import accounts, desk
from app.people.actor import Actor
from app.people.benches import board, find_seat, find_term, member_of, sectors_of, terms
from app.people.desk import log_change
from app.people.models import Account
from app.people.roles import Role
from app.people.seat_rules import HOW, Sector, may_seat
from app.people.seats import CouncilSeat, CouncilTerm
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: Where the recommendation and the consent of people are found who sat before their term was written down.
BEFORE = "本届以前就在席"
SECTOR_TAKEN = N_("「%(name)s」里还有 %(n)s 人，先把他们挪到别的界别，或者留着这个界别。")
SAME_NAME = N_("已经有叫「%(name)s」的一届了。")
OVERLAP = N_("和「%(name)s」的日子重了，一个日子只能有一届。")
AGAIN = N_("%(name)s 已经在这一届的名册上了。")


def add_term(values: Mapping[str, Any], *, id: UUID, by: Actor, now: datetime) -> CouncilTerm:
    """A new term. ``values``: name, starts, ends, sectors (list of :class:`Sector`)."""
    _fits(values, None)
    term = CouncilTerm(
        id=id, name=values["name"], starts=values["starts"], ends=values["ends"], created_at=now,
        sectors=_as_json(values["sectors"]),
    )  # fmt: skip
    db.session.add(term)
    db.session.flush()
    log_change("seat", "term", by=by, now=now, subject_id=term.id, after=_term_words(term))
    return term


def change_term(term: CouncilTerm, values: Mapping[str, Any], *, by: Actor, now: datetime) -> CouncilTerm:
    """Another name, days or sectors; a sector in which somebody stands stays, and keeps room for those who sit."""
    _fits(values, term.id)
    room = {sector.name: sector.seats for sector in values["sectors"]}
    for bench in board(term).benches:
        if bench.name and (bench.sitting or bench.waiting) and bench.name not in room:
            raise Refused(SECTOR_TAKEN, name=bench.name, n=len(bench.sitting) + len(bench.waiting))
        if bench.name in room and room[bench.name] < len(bench.sitting):
            raise Refused(N_("「%(name)s」已经坐了 %(n)s 人，席数不能比这少。"), name=bench.name, n=len(bench.sitting))
    before = _term_words(term)
    term.name, term.starts, term.ends = values["name"], values["starts"], values["ends"]
    term.sectors = _as_json(values["sectors"])
    if _term_words(term) != before:
        log_change("seat", "term", by=by, now=now, subject_id=term.id, before=before, after=_term_words(term))
    return term


def _fits(values: Mapping[str, Any], own: UUID | None) -> None:
    if values["ends"] <= values["starts"]:
        raise Refused(N_("届满的日子要在开始之后。"))
    for other in terms():
        if other.id == own:
            continue
        if other.name == values["name"]:
            raise Refused(SAME_NAME, name=other.name)
        if other.starts <= values["ends"] and values["starts"] <= other.ends:
            raise Refused(OVERLAP, name=other.name)


def recommend(term: CouncilTerm, values: Mapping[str, Any], *, id: UUID, by: Actor, now: datetime) -> CouncilSeat:
    """Put somebody forward. ``values``: sector, name, unit, recommended_by, recommended_on, why."""
    _sound(term, values, None, now)
    seat = CouncilSeat(id=id, term_id=term.id, **values)
    db.session.add(seat)
    db.session.flush()
    log_change("seat", "recommend", by=by, now=now, subject_id=seat.id, after=_words(seat))
    return seat


def change_seat(seat: CouncilSeat, values: Mapping[str, Any], *, by: Actor, now: datetime) -> CouncilSeat:
    """Correct a line that stands."""
    if seat.left_on is not None:
        raise Refused(N_("这位已经不在名册上了。"))
    term = find_term(seat.term_id)
    _sound(term, values, seat, now)
    before = _words(seat)
    for name, value in values.items():
        setattr(seat, name, value)
    if _words(seat) != before:
        log_change("seat", "change", by=by, now=now, subject_id=seat.id, before=before, after=_words(seat))
    return seat


def _sound(term: CouncilTerm, values: Mapping[str, Any], own: CouncilSeat | None, now: datetime) -> None:
    if values["sector"] not in {sector.name for sector in sectors_of(term)}:
        raise Refused(N_("这一届没有这个界别。"))
    if values["recommended_on"] > clock.local(now).date():
        raise Refused(N_("推荐的日子不能晚于今天。"))
    others = db.session.scalars(
        select(CouncilSeat).where(
            CouncilSeat.community_id == current_community(), CouncilSeat.term_id == term.id,
            CouncilSeat.name == values["name"], CouncilSeat.unit == values["unit"], CouncilSeat.left_on.is_(None),
        )
    ).all()  # fmt: skip
    if any(own is None or other.id != own.id for other in others):
        raise Refused(AGAIN, name=values["name"])


def record_consent(seat_id: UUID, on: date, how: str, *, by: Actor, now: datetime) -> CouncilSeat:
    """Write down that this person agreed themselves, on which day and how. Who already sits is seated by it."""
    seat = find_seat(seat_id, lock=True)
    if seat.left_on is not None:
        raise Refused(N_("这位已经不在名册上了。"))
    if how not in HOW:
        raise Refused(N_("请选一样。"))
    if on > clock.local(now).date():
        raise Refused(N_("同意的日子不能晚于今天。"))
    before = f"{seat.consent_on or ''}"
    seat.consent_on, seat.consent_how = on, how
    if seat.account_id is not None and seat.seated_on is None:
        seat.seated_on = on
    after = f"{seat.name}｜{on.isoformat()}｜{HOW[how]}"
    log_change("seat", "consent", by=by, now=now, subject_id=seat.id, before=before, after=after)
    return seat


@dataclass(frozen=True)
class Seated:
    """A member who now sits; ``password`` is the first one, in clear and only now, empty for an account of old."""

    seat: CouncilSeat
    number: int
    login: str
    password: str


def take_seat(seat_id: UUID, number: int | None, login: str, *, by: Actor, now: datetime) -> Seated:
    """Seat a candidate who agreed: the account is made or found, and gets the council's role with its seat number.

    A second call is refused: the first password was shown once.
    """
    seat = find_seat(seat_id, lock=True)
    if seat.account_id is not None:
        raise Refused(N_("%(name)s 已经就任了。"), name=seat.name)
    term = find_term(seat.term_id)
    bench = next((bench for bench in board(term).benches if bench.name == seat.sector), None)
    taken, seats = (len(bench.sitting), bench.seats) if bench else (0, 0)
    may_seat(seat.consent_on, seat.left_on, taken, seats, seat.sector).or_refuse()
    number = number or next_number()
    account, password = _account_of(seat, login, number, by=by, now=now)
    seat.account_id, seat.seated_on = account.id, clock.local(now).date()
    log_change("seat", "seat", by=by, now=now, subject_id=seat.id, after=f"{_words(seat)}｜{number}")
    return Seated(seat, number, account.login, password)


def next_number() -> int:
    """The lowest free seat number."""
    held = {membership.seat for membership, _account in accounts.council_page()}
    return next(number for number in range(1, desk.SEATS + len(held) + 2) if number not in held)


def _account_of(
    seat: CouncilSeat, login: str, number: int, *, by: Actor, now: datetime
) -> tuple[Account, str]:  # fmt: skip
    title = (seat.unit or seat.sector)[: desk.TITLE]
    login = login.strip().lower()
    account = db.session.scalar(
        select(Account).where(Account.community_id == current_community(), Account.login == login)
    )
    if account is None:
        password = desk.first_password(login)
        made = desk.add_account(
            login, seat.name, password, {Role.COUNCIL_MEMBER: title}, by=by, now=now, seat=number, must_change=True
        )
        return made, password
    if account.display_name != seat.name or account.kind != "staff":
        raise Refused(desk.TAKEN, login=login)
    if account.disabled_at is not None:
        raise Refused(N_("%(name)s的账号停用着，先启用再加。"), name=account.display_name)
    desk.give_role(account, Role.COUNCIL_MEMBER, by=by, now=now, title=title, seat=number)
    return account, ""


def leave(seat_id: UUID, reason: str, *, by: Actor, now: datetime) -> CouncilSeat:
    """Take a member or a candidate off the term, with the reason; the role ends with it."""
    seat = find_seat(seat_id, lock=True)
    if seat.left_on is not None:
        return seat
    reason = reason.strip()
    if not reason:
        raise Refused(N_("写明为什么离任。"))
    membership_id = member_of(seat).membership_id
    if membership_id is not None:
        desk.end_role(membership_id, by=by, now=now)
    seat.left_on, seat.left_reason = clock.local(now).date(), reason
    log_change("seat", "leave", by=by, now=now, subject_id=seat.id, before=_words(seat), after=reason)
    return seat


def adopt(term: CouncilTerm, *, by: Actor, now: datetime) -> int:
    """Take everybody into the term who holds the role and is in no line of it; returns how many.

    A title that names a sector puts them there; else they stand without one until somebody says which. Their consent
    is not on record, and the page keeps saying so.
    """
    today, names = clock.local(now).date(), [sector.name for sector in sectors_of(term)]
    strangers = board(term).strangers
    for membership, account in strangers:
        sector = next((name for name in names if name in membership.title), "")
        db.session.add(
            CouncilSeat(
                id=uuid7(), term_id=term.id, sector=sector, name=account.display_name,
                unit="" if membership.title == sector else membership.title, account_id=account.id,
                recommended_by=BEFORE, recommended_on=min(membership.since, today),
            )
        )  # fmt: skip
    if strangers:
        db.session.flush()
        log_change("seat", "adopt", by=by, now=now, subject_id=term.id, after=f"{len(strangers)} 人")
    return len(strangers)


def adopt_into_current(*, by: Actor, now: datetime) -> int:
    """:func:`adopt` for the term that runs today; a hall without one keeps its council as it is."""
    today = clock.local(now).date()
    term = next((term for term in terms() if term.starts <= today <= term.ends), None)
    return adopt(term, by=by, now=now) if term is not None else 0


def _as_json(sectors: Sequence[Sector]) -> list[dict[str, Any]]:
    return [{"name": sector.name, "seats": sector.seats} for sector in sectors]


def _term_words(term: CouncilTerm) -> str:
    sectors = "、".join(f"{sector.name} {sector.seats}" for sector in sectors_of(term))
    return f"{term.name}｜{term.starts.isoformat()}–{term.ends.isoformat()}｜{sectors}"


def _words(seat: CouncilSeat) -> str:
    return "｜".join(part for part in (seat.name, seat.sector, seat.unit, seat.recommended_by) if part)
