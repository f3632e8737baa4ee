"""The council of a term (届) as its pages show it: sectors with their seats, who sits, who waits, who left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing
from app.people import accounts
from app.people.models import Account, Membership
from app.people.seat_rules import Sector
from app.people.seats import CouncilSeat, CouncilTerm
from app.words import N_
from tenants.database import db
from tenants.scope import current_community


@dataclass(frozen=True)
class Member:
    """One line of the term with what the account behind it says: its seat number, login and state.

    ``state``: recommended, consented, seated, unsigned (sits, but consent is not on record yet), lapsed (the role was
    taken away elsewhere), left.
    """

    seat: CouncilSeat
    state: str
    number: int | None = None
    login: str = ""
    membership_id: UUID | None = None


@dataclass(frozen=True)
class Bench:
    """One sector of the term: who sits, who waits, and how many stools are free."""

    name: str
    seats: int
    sitting: list[Member]
    waiting: list[Member]

    @property
    def free(self) -> int:
        """Stools nobody sits on."""
        return max(0, self.seats - len(self.sitting))


@dataclass(frozen=True)
class Board:
    """The whole council of a term; ``strangers`` hold the role but are in no line of the term."""

    term: CouncilTerm
    benches: list[Bench]
    left: list[Member]
    strangers: list[tuple[Membership, Account]]

    @property
    def seats(self) -> int:
        """How many seats the term has."""
        return sum(bench.seats for bench in self.benches)

    @property
    def taken(self) -> int:
        """How many of them are taken."""
        return sum(len(bench.sitting) for bench in self.benches)


def terms() -> list[CouncilTerm]:
    """Every term of the hall, the last first; one statement."""
    rows = db.session.scalars(
        select(CouncilTerm).where(CouncilTerm.community_id == current_community()).order_by(CouncilTerm.starts.desc())
    ).all()
    return list(rows)


def term_on(listed: Sequence[CouncilTerm], today: date) -> CouncilTerm | None:
    """The term of a day; where none runs, the one that begins next, else the last."""
    running = next((term for term in listed if term.starts <= today <= term.ends), None)
    coming = [term for term in listed if term.starts > today]
    return running or (coming[-1] if coming else listed[0] if listed else None)


def find_term(term_id: UUID) -> CouncilTerm:
    """A term of this hall; raises ``Missing``."""
    term = db.session.scalar(
        select(CouncilTerm).where(CouncilTerm.community_id == current_community(), CouncilTerm.id == term_id)
    )
    if term is None:
        raise Missing(N_("没有这一届。"))
    return term


def sectors_of(term: CouncilTerm) -> list[Sector]:
    """The sectors in the order in which they are printed."""
    return [Sector(str(one["name"]), int(one["seats"])) for one in term.sectors]


def find_seat(seat_id: UUID, *, lock: bool = False) -> CouncilSeat:
    """A line of a term; raises ``Missing``."""
    wanted = select(CouncilSeat).where(CouncilSeat.community_id == current_community(), CouncilSeat.id == seat_id)
    seat = db.session.scalar(wanted.with_for_update() if lock else wanted)
    if seat is None:
        raise Missing(N_("名册上没有这一位。"))
    return seat


def board(term: CouncilTerm) -> Board:
    """The council of a term by sector; two statements."""
    rows = db.session.scalars(
        select(CouncilSeat)
        .where(CouncilSeat.community_id == current_community(), CouncilSeat.term_id == term.id)
        .order_by(CouncilSeat.recommended_on, CouncilSeat.name)
    ).all()
    held = {account.id: (membership, account) for membership, account in accounts.council_page()}
    members = [_member(row, held.get(row.account_id) if row.account_id else None) for row in rows]
    stays = [one for one in members if one.state != "left"]
    names = [*(sector.name for sector in sectors_of(term)), *(one.seat.sector for one in stays)]
    seats = {sector.name: sector.seats for sector in sectors_of(term)}
    benches = [
        Bench(
            name, seats.get(name, 0),
            sorted((m for m in stays if m.seat.sector == name and _sits(m)), key=lambda m: (m.number or 999)),
            [m for m in stays if m.seat.sector == name and not _sits(m)],
        )
        for name in dict.fromkeys(names)
    ]  # fmt: skip
    known = {row.account_id for row in rows if row.left_on is None}
    strangers = [pair for account_id, pair in held.items() if account_id not in known]
    return Board(term, benches, [one for one in members if one.state == "left"], strangers)


def _sits(member: Member) -> bool:
    return member.state in ("seated", "unsigned", "lapsed")


def _member(seat: CouncilSeat, pair: tuple[Membership, Account] | None) -> Member:
    number, login, membership_id = (pair[0].seat, pair[1].login, pair[0].id) if pair else (None, "", None)
    if seat.left_on is not None:
        state = "left"
    elif seat.account_id is not None and pair is None:
        state = "lapsed"
    elif seat.seated_on is not None:
        state = "seated"
    elif seat.account_id is not None:
        state = "unsigned"
    else:
        state = "consented" if seat.consent_on is not None else "recommended"
    return Member(seat, state, number, login, membership_id)


def member_of(seat: CouncilSeat) -> Member:
    """One line with its state; one statement."""
    pair = next(((m, a) for m, a in accounts.council_page() if a.id == seat.account_id), None)
    return _member(seat, pair)
