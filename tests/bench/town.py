"""The town that is measured: 27 communities, one of them busy, one of them ten times as full, put in mostly by SQL.

Opening halls, drafting and opening the poll and signing people in goes through the program; residents, matters,
comments and votes are inserted by the superuser, because ten thousand of them by hand are not what is measured here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import ARRAY, JSON, Engine, text

from app import clock
from app.faces.visitor import enter
from app.people.models import StreetAccount
from tenants.database import db, uuid7
from tests.bench.office import Office
from tests.prove.town import Resident, Town, _sign_in, open_second_hall, settle
from tests.rooms.board_town import FIRST, count_by_sql, fill_halls, open_halls, recount
from tests.rooms.ledger_town import defaults, fill

COMMENTS, LINES = 50, 12
#: Both halls that are measured; the second one holds ten times as many matters.
BUSY, FULL = "xiwang", "yuanman"


@dataclass
class Size:
    """How much is put in; the figures of the issue, or a small part of them for a trial."""

    halls: int = 27
    matters: int = 1_000
    votes: int = 10_000
    voters: int = 600
    many: int = 2_000
    lean: int = 120
    windows: int = 5

    @classmethod
    def quick(cls) -> Size:
        """Enough to see that everything runs; its figures prove nothing."""
        return cls(halls=5, matters=100, votes=200, voters=160, many=60, lean=20, windows=2)


@dataclass
class HallSeen:
    """One hall as its visitors meet it."""

    slug: str
    matter: UUID
    poll: UUID
    voters: list[Resident] = field(default_factory=list)
    next_voter: Any = None

    def __post_init__(self) -> None:
        self.next_voter = iter(self.voters)


def build(office: Office, size: Size) -> tuple[dict[str, HallSeen], dict[str, str]]:
    """Fill the office's database; returns the two measured halls and the cookies of a street supervisor."""
    street = _open_street(office)
    eyes = office.eyes()
    with eyes.begin() as conn:
        open_halls(conn, street, size.halls - 2)
    fill_halls(eyes, range(FIRST, FIRST + size.halls - 2), size.matters)
    halls = {
        slug: _hall(office, eyes, size, slug, code, matters)
        for slug, code, matters in ((BUSY, "XW", size.matters), (FULL, "YM", size.matters * 10))
    }
    _count(office, eyes, street)
    _settle(eyes)
    eyes.dispose()
    return halls, _supervisor(office)


def _open_street(office: Office) -> int:
    office.flask("street open", "--name", "时家街道", "--short", "时街", "--phone", "8555 0000")
    with office.inside() as site:
        return site.street_id


def _hall(office: Office, eyes: Engine, size: Size, slug: str, code: str, matters: int) -> HallSeen:
    town = Town(office, slug, [])
    open_second_hall(town, slug, code, f"{code}社区")
    town.residents = settle(town, slug, size.votes + size.voters, signed_in=False)
    with eyes.connect() as conn:
        community = conn.execute(text("select id from community where slug = :slug"), {"slug": slug}).scalar_one()
    fill(eyes, community, code, matters, days=400)
    _settle(eyes)
    matter = _measured_matter(eyes, community, matters)
    poll = town.open_poll("小区大门换门禁", "named")
    _votes(eyes, community, poll, [one.person for one in town.residents[: size.votes]])
    waiting = _sign_in(office, slug, town.residents[size.votes :])
    return HallSeen(slug, matter, poll, waiting)


def _settle(eyes: Engine) -> None:
    """What autovacuum would have done within a minute: without it the planner knows nothing of what was filled in."""
    with eyes.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze"))


def _measured_matter(eyes: Engine, community: int, matters: int) -> UUID:
    """One that is being carried out, with its story told in some lines and fifty comments to it."""
    with eyes.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        matter: UUID = conn.execute(text("""
            update matter set stage = 'implementing', visibility = 'public', track = 'ordinary', triage = 'major',
                   comments = :comments, supports = 30, accepted_at = collected_at, closed_at = null,
                   due_at = now() + interval '20 days', warn_at = now() + interval '15 days'
            where (community_id, id) in (select community_id, id from matter where community_id = :community
                   and stage = 'closed' order by collected_at offset :half limit 1) returning id
        """), {"community": community, "comments": COMMENTS, "half": matters // 5}).scalar_one()  # fmt: skip
        _many(conn, "comment", community, COMMENTS, matter_id=f"'{matter}'", mark="md5(n::text)",
              shown_name="'张女士'", words="'楼道里的灯坏了半年，老人晚上下楼不方便，盼着早点换。第' || n || '条'",
              state="'shown'", decided_at="now()", written_at="now() - n * interval '3 hours'")  # fmt: skip
        _many(conn, "timeline", community, LINES, matter_id=f"'{matter}'", seq="n", verb="'note'", actor_kind="'staff'",
              at="now() - (20 - n) * interval '1 day'", actor_label="'小李'", channel="'web'", data="'{}'",
              words="'网格员又去看了一回，和物业说定了日子，这是第' || n || '次'")  # fmt: skip
    return matter


def _many(conn: Any, table: str, community: int, number: int, **columns: str) -> None:
    known = _filled(table, columns)
    conn.execute(text(f"""
        insert into {table} (community_id, street_id, id, {', '.join(known)})
        select c.id, c.street_id, gen_random_uuid(), {', '.join(known.values())}
        from community c cross join generate_series(1, :number) n where c.id = :community
    """), {"community": community, "number": number})  # fmt: skip


def _votes(eyes: Engine, community: int, poll: UUID, persons: list[UUID]) -> None:
    """Votes on record for these persons, as casting one by one would have left them."""
    with eyes.begin() as conn:
        done = conn.execute(text("""
            insert into vote (community_id, street_id, id, ballot_id, voter_id, choice, channel, seq, at)
            select r.community_id, r.street_id, gen_random_uuid(), b.id, r.id,
                   (array['yes','yes','no','abstain'])[1 + r.position % 4], 'online', 1, now()
            from ballot_roll r join ballot b on b.community_id = r.community_id and b.poll_id = r.poll_id
            where r.community_id = :community and r.poll_id = :poll and r.person_id = any(:persons)
        """), {"community": community, "poll": poll, "persons": persons})  # fmt: skip
        assert done.rowcount == len(persons)
        conn.execute(text("""
            update ballot_roll set channel = 'online'
            where community_id = :community and poll_id = :poll and person_id = any(:persons)
        """), {"community": community, "poll": poll, "persons": persons})  # fmt: skip


def _count(office: Office, eyes: Engine, street: int) -> None:
    """The prepared figures, which the clock keeps fresh in a running office."""
    with eyes.connect() as conn:
        halls = list(conn.execute(text("select id from community where street_id = :s"), {"s": street}).scalars())
    now = datetime.now(UTC)
    count_by_sql(eyes, halls, now=now)
    assert office.app is not None
    recount(office.app, street, [], now=now)


def _supervisor(office: Office) -> dict[str, str]:
    """The cookies of a street supervisor, signed in by the program's own code."""
    with office.inside() as site:
        app, account = office.app, StreetAccount(
            id=uuid7(), role="street_supervisor", login="zhuren", password_hash="-", display_name="街道主任",
            created_at=clock.now(),
        )  # fmt: skip
        db.session.add(account)
        db.session.commit()
        assert app is not None
        assert site.street_id
        with app.test_request_context(
            "/", base_url=f"http://{office.base}", environ_base={"REMOTE_ADDR": "127.0.0.1"},
        ) as context:  # fmt: skip
            enter(account, keep=True)
            answer = Response()
            app.session_interface.save_session(app, context.session, answer)  # type: ignore[arg-type]
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    return {name: rest.partition(";")[0]}


def add_many(office: Office, database: str, size: Size) -> None:
    """Two thousand communities beside the measured ones, with modest rows each, in a database of their own."""
    eyes, first = office.eyes(database), FIRST + 10_000
    with eyes.begin() as conn:
        street = conn.execute(text("select min(id) from street")).scalar_one()
        number = size.many - size.halls
        open_halls(conn, street, number, first, "Z")
    for begin in range(first, first + number, 500):
        fill_halls(eyes, range(begin, min(begin + 500, first + number)), size.lean)
    with eyes.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        halls = {"first": first}
        conn.execute(text(_neighbours("account", "20", kind="'resident'", login="'r' || n", display_name="'居民' || n",
                                      created_at="now()")), halls)  # fmt: skip
        conn.execute(text(_neighbours("comment", "30", mark="md5(n::text)", words="'盼着早点换'", state="'shown'",
                                      matter_id="('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
                                      signs="'[]'", written_at="now()", decided_at="now()")), halls)  # fmt: skip
        conn.execute(text(_neighbours("vote", "60", ballot_id="gen_random_uuid()", voter_id="gen_random_uuid()",
                                      choice="'yes'", seq="1", at="now()")), halls)  # fmt: skip
    with eyes.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("vacuum analyze"))
    eyes.dispose()


def _filled(table: str, columns: dict[str, str]) -> dict[str, str]:
    """These columns and what the mapper would fill in, empty lists and objects included."""
    found = db.metadata.tables[table]
    empty = {
        column.name: "'{}'" if isinstance(column.type, ARRAY) else f"'{json.dumps(column.default.arg(None))}'"
        for column in found.columns
        if isinstance(column.type, ARRAY | JSON) and column.default is not None and column.default.is_callable
    }
    return {**defaults(found), **empty, **columns}


def _neighbours(table: str, number: str, **columns: str) -> str:
    known = _filled(table, columns)
    return f"""
        insert into {table} (community_id, street_id, id, {", ".join(known)})
        select c.id, c.street_id, gen_random_uuid(), {", ".join(known.values())}
        from community c cross join generate_series(1, {number}) n where c.id >= :first
    """  # noqa: S608  (names and literals of this module)
