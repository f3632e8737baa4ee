"""The box in SQL: its lock, the voter's line claimed for one way in, and the choices laid down in the same statement.

A vote takes two statements. The first shares the box with the other voters and finds the voter's line; only the second
asks whether the poll is open, because a statement that waited for a lock still sees what stood before it. A count takes
the box alone, so a vote that races it is either counted or refused (tenancy.md section 3.8). The statements are written
out: a thousand people vote in the same minute, and composing them anew costs more than carrying them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.flow.decide.models import BoxPaper
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

#: The key under which a poll's box is locked. The line is looked for as the account itself, then as a person, as a
#: household, as an owner, each by one look into a unique index.
_ENTER = """
select b.id, b.position, b.rule, b.options, b.mode, b.poll_id, coalesce(
    (select r.id from ballot_roll r where r.community_id = :here and r.poll_id = b.poll_id and r.account_id = :voter),
    (select r.id from ballot_roll r join account a on a.community_id = :here and a.id = :voter
     where r.community_id = :here and r.poll_id = b.poll_id and r.person_id = a.person_id),
    (select r.id from ballot_roll r join account a on a.community_id = :here and a.id = :voter
     join person p on p.community_id = :here and p.id = a.person_id
     where r.community_id = :here and r.poll_id = b.poll_id and r.household_id = p.household_id),
    (select r.id from ballot_roll r join account a on a.community_id = :here and a.id = :voter
     join owner o on o.community_id = :here and o.person_id = a.person_id
     where r.community_id = :here and r.poll_id = b.poll_id and r.owner_id = o.id limit 1)) as line,
  pg_advisory_xact_lock_shared(hashtextextended(b.poll_id::text, 0))
from ballot b where b.community_id = :here and """
_ENTER_ONE = text(_ENTER + "b.id = :ballot and b.poll_id is not null")
_ENTER_SHEET = text(_ENTER + "b.poll_id = :poll and b.state in ('open', 'closed') order by b.position")
#: Locks one line for the online vote while it may cast. The conditions are those of ``casting.may_cast``, asked at the
#: very moment of writing; whoever is not let in is told why by that rule.
_CLAIM = """
with line as (
  update ballot_roll r set channel = 'online', receipt_hmac = :receipt
  where r.community_id = :here and r.id = :line and r.poll_id = :poll and not r.recused and r.channel = any(:before)
    and exists (select from poll p where p.community_id = :here and p.id = :poll and p.state = 'open' and p.online
                and p.mode = :mode and (p.closes_at is null or p.closes_at > :now)
                and (r.channel = '' or p.changeable))
    and (r.attendance_id is null or exists (select from attendance s where s.community_id = :here
                                            and s.id = r.attendance_id and s.state = 'present'))
  returning r.id)
"""
_PUT = "unnest(cast(:keys as uuid[]), cast(:ballots as uuid[]), cast(:choices as text[])) as put(id, ballot_id, choice)"
_NAMED = text(
    f"""{_CLAIM}
insert into vote (community_id, street_id, id, ballot_id, voter_id, choice, channel, seq, at)
select :here, :street, put.id, put.ballot_id, line.id, put.choice, 'online', :seq, :now from line cross join {_PUT}
on conflict (community_id, ballot_id, voter_id)
do update set choice = excluded.choice, seq = excluded.seq, at = excluded.at where vote.seq < excluded.seq
returning ballot_id, choice, seq, at"""
)
_SECRET = text(
    f"""{_CLAIM}
insert into box_paper (community_id, street_id, id, poll_id, ballot_id, choice, channel, opened)
select :here, :street, put.id, :poll, put.ballot_id, put.choice, 'online', false from line cross join {_PUT}"""
)


def lock_box(key: UUID, *, alone: bool = False) -> None:
    """Take the lock of a poll (or of a ballot without one) until the commit: voters share it, whoever counts is alone.

    Voters hold the lock while they write, so a count waits for every vote that was let in, and a vote that comes later
    sees the poll closed.
    """
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    db.session.execute(select(lock(func.hashtextextended(str(key), 0))))


def enter(ballot_id: UUID, voter: UUID) -> Any:
    """Share the box of the ballot's poll: a row ``id, rule, options, mode, poll_id, line``, whose line is the voter's
    on its roll, frozen since it opened; None where the ballot has no poll or is not here.
    """
    asked = {"here": current_community(), "voter": voter, "ballot": ballot_id}
    return db.session.execute(_ENTER_ONE, asked).one_or_none()


def enter_poll(poll_id: UUID, voter: UUID) -> list[Any]:
    """Share the box and read what is asked: rows with ``id, position, rule, options, mode, line`` in order."""
    asked = {"here": current_community(), "voter": voter, "poll": poll_id}
    return list(db.session.execute(_ENTER_SHEET, asked))


def put_named(poll_id: UUID, line_id: UUID, choices: Mapping[UUID, str], seq: int, now: datetime) -> Any:
    """Lock the voter's line for the online vote and lay down every choice, if all of it may be.

    Returns rows ``(ballot_id, choice, seq, at)`` of what was taken. An earlier ``seq`` never replaces a later one.
    """
    keys = [uuid7() for _ in choices]
    values = _values(poll_id, line_id, choices, keys, now) | {
        "mode": "named", "before": ["", "online"], "receipt": None, "seq": seq,
    }  # fmt: skip
    return db.session.execute(_NAMED, values)


def put_secret(
    poll_id: UUID, line_id: UUID, choices: Mapping[UUID, str], receipt_hmac: str, now: datetime
) -> int:  # fmt: skip
    """Mark the line and drop one paper per question into the box; returns how many papers fell in, 0 or all.

    The papers get random keys and no moment, and nothing is asked back: nobody may read a sealed box, not even the
    one who just put a paper in.
    """
    keys = [uuid4() for _ in choices]
    values = _values(poll_id, line_id, choices, keys, now) | {
        "mode": "secret", "before": [""], "receipt": receipt_hmac,
    }  # fmt: skip
    return int(db.session.execute(_SECRET, values).rowcount)  # type: ignore[attr-defined]


def _values(
    poll_id: UUID, line_id: UUID, choices: Mapping[UUID, str], keys: list[UUID], now: datetime
) -> dict[str, Any]:  # fmt: skip
    return {
        "here": current_community(), "street": current_street(), "poll": poll_id, "line": line_id, "now": now,
        "keys": keys, "ballots": list(choices), "choices": list(choices.values()),
    }  # fmt: skip


def drop_papers(poll_id: UUID, choices: Mapping[UUID, str]) -> None:
    """Drop the papers of one checked sheet into the sealed box."""
    rows = [
        {
            "community_id": current_community(), "street_id": current_street(), "id": uuid4(), "poll_id": poll_id,
            "ballot_id": ballot_id, "choice": choice, "channel": "paper", "opened": False,
        }
        for ballot_id, choice in choices.items()
    ]  # fmt: skip
    db.session.execute(insert(BoxPaper.__table__).values(rows))
