"""The verbs of the spine: number, record, move. Every change of stage in the program goes through :func:`move`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import set_committed_value

from app.errors import Refused
from app.matter.clocks import warn_of
from app.matter.house import house
from app.matter.models import Matter, StreetCounter, TimelineEntry
from app.matter.situation import Kind, Level, Power, Situation, Stage, Track, Triage, Visibility
from app.matter.stages import deadline, find, may, target_of
from app.matter.workdays import due
from app.people.actor import Actor
from app.words import N_
from tenants.database import HERE, db, uuid7
from tenants.scope import current_community, current_street

#: Stages in which a matter has come to rest; the clock stops.
RESTING = frozenset({Stage.CLOSED, Stage.ARCHIVED, Stage.ANSWERED, Stage.MERGED, Stage.WITHDRAWN, Stage.TERMINATED})


def situation_of(matter: Matter, evidence: Iterable[str] = (), **facts: Any) -> Situation:
    """The matter as the rules see it; rooms add the evidence they know, and facts no column holds (``low_rating``)."""
    return Situation(
        stage=Stage(matter.stage),
        triage=Triage(matter.triage) if matter.triage else None,
        level=Level(matter.level),
        visibility=Visibility(matter.visibility),
        kind=Kind(matter.kind),
        signers=matter.signers,
        decision_power=Power(matter.power) if matter.power else None,
        track=Track(matter.track),
        is_secretary_project=matter.is_secretary_project,
        is_plain_duty=matter.is_plain_duty,
        entered_for_another=matter.entered_for_another,
        asked_for_more=matter.asked_for_more,
        review_asked=matter.review_asked,
        lapsed=matter.lapsed,
        costs_money=matter.costs_money,
        reworks=matter.reworks,
        suspended_from=Stage(matter.suspended_from) if matter.suspended_from else None,
        evidence=frozenset(evidence),
        **facts,
    )


_MATTER = select(Matter).where(Matter.community_id == HERE, Matter.id == bindparam("matter", type_=Uuid()))


def find_matter(matter_id: UUID) -> Matter | None:
    """The bound community's matter with this id."""
    return db.session.scalar(_MATTER, {"matter": matter_id})


#: Written out, because everything handed in asks for a number, and an upsert is put together anew each time.
_NEXT = text("""
insert into counter (community_id, street_id, id, series, year, value) values (:here, :street, :id, :series, :year, 1)
on conflict (community_id, series, year) do update set value = counter.value + 1 returning value""").bindparams(
    bindparam("id", type_=Uuid())
)


def next_number(series: str, year: int) -> int:
    """The next number of a series of the bound community; growing and never reused."""
    asked = {"here": current_community(), "street": current_street(), "id": uuid7(), "series": series, "year": year}
    return int(db.session.execute(_NEXT, asked).scalar_one())


def next_of_street(series: str, year: int) -> int:
    """The next number of a series of the street itself, over all its halls; growing and never reused."""
    statement = (
        insert(StreetCounter)
        .values(street_id=current_street(), id=uuid7(), series=series, year=year, value=1)
        .on_conflict_do_update(index_elements=["street_id", "series", "year"], set_={"value": StreetCounter.value + 1})
        .returning(StreetCounter.value)
    )
    return int(db.session.execute(statement).scalar_one())


def record(
    matter: Matter, verb: str, *, by: Actor, now: datetime, words: str = "", reason: str = "", public: bool = True,
    channel: str = "", data: dict[str, Any] | None = None, moved: tuple[str | None, str | None] = (None, None),
) -> TimelineEntry:  # fmt: skip
    """Write one line into the matter's append-only timeline; the world hears of it after the commit."""
    told = {"words": words, "reason": reason, "channel": channel, "data": data, "moved": moved}
    public = public and matter.visibility == "public"
    entry = TimelineEntry(**line_of(matter.id, verb, by=by, now=now, public=public, **told))
    db.session.add(entry)
    return entry


def line_of(
    matter_id: UUID, verb: str, *, by: Actor, now: datetime, public: bool, words: str = "", reason: str = "",
    channel: str = "", data: dict[str, Any] | None = None, moved: tuple[str | None, str | None] = (None, None),
) -> dict[str, Any]:  # fmt: skip
    """The same line as plain values, for a caller that writes several rows in one statement; it must be written."""
    db.session.info["told"] = True
    return {
        "matter_id": matter_id, "at": now, "verb": verb, "old_stage": moved[0], "new_stage": moved[1],
        "actor_kind": by.kind, "actor_id": by.id, "actor_label": by.label, "channel": channel or by.channel,
        "reason": reason, "words": words, "seq": _next_line(), "public": public, "data": data or {},
    }  # fmt: skip


def _next_line() -> int:
    # One act may write several lines at one moment; they are read in the order in which they were written.
    db.session.info["lines"] = int(db.session.info.get("lines", 0)) + 1
    return int(db.session.info["lines"])


def move(
    matter: Matter, name: str, *, by: Actor, now: datetime, evidence: Iterable[str] = (), reason: str = "",
    words: str = "", public: bool = True, data: dict[str, Any] | None = None, due_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None, **changes: Any,
) -> Matter:  # fmt: skip
    """Move a matter by the verb ``name`` of the stage table, or raise ``Refused`` with the reason.

    ``evidence`` holds the keys of ``matter.needs`` that the calling room found on record; ``changes`` are columns of
    the matter that belong to this move (triage at accepting, question at confirming). ``due_at`` replaces the stage's
    own deadline where the date comes from elsewhere (a sitting's day, a commitment's); ``facts`` are fields of the
    ``Situation`` that no column holds (``low_rating``, ``same_text``).
    """
    for column, value in changes.items():
        setattr(matter, column, value)
    situation = situation_of(matter, evidence, **(facts or {}))
    may(name, situation, by.roles, reason).or_refuse()
    old, new = Stage(matter.stage), target_of(name, situation)
    limit = due_at or _due(new, matter, now)
    _swap(matter, old, new, now, limit)
    record(
        matter, name, by=by, now=now, words=words, reason=reason, public=public, data=data, moved=(str(old), str(new))
    )
    return matter


def label_of_move(verb: str, stage: str | None) -> str:
    """The words of a move for the timeline, or the verb itself where the table has none."""
    found = find(verb, Stage(stage)) if stage else None
    return found.label if found else verb


def _due(stage: Stage, matter: Matter, now: datetime) -> datetime | None:
    if stage in RESTING:
        return None
    # The hall's rules may have to be read anew, and what a move changes may only be written together with its stage.
    with db.session.no_autoflush:
        home = house()
    limit = deadline(stage, Triage(matter.triage) if matter.triage else None, home.deadlines)
    return due(now, limit, home.calendar) if limit else None


def _swap(matter: Matter, old: Stage, new: Stage, now: datetime, due_at: datetime | None) -> None:
    """Compare and swap: one row changed, or somebody else was faster and nothing was changed."""
    suspended_from = str(old) if new is Stage.SUSPENDED else (None if old is Stage.SUSPENDED else matter.suspended_from)
    values: dict[str, Any] = {
        "stage": str(new), "stage_since": now, "due_at": due_at, "warn_at": warn_of(now, due_at),
        "suspended_from": suspended_from, "version": matter.version + 1,
    }  # fmt: skip
    if new in (Stage.CLOSED, Stage.ARCHIVED):
        values["closed_at"] = matter.closed_at or now
    if new is Stage.ACCEPTED and matter.accepted_at is None:
        values["accepted_at"] = now
    state = db.inspect(matter)
    for column in state.mapper.column_attrs:
        # What the caller changed on the object travels in the same statement, so that no half-made row is ever flushed.
        if state.attrs[column.key].history.has_changes() and column.key not in values:
            values[column.key] = getattr(matter, column.key)
    was = matter.version
    with db.session.no_autoflush:
        swapped = db.session.execute(
            update(Matter)
            .where(
                Matter.community_id == matter.community_id, Matter.id == matter.id,
                Matter.stage == str(old), Matter.version == was,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("刚才已经有人办过这一步了，请刷新看看现在到了哪一步。"))
    for column, value in values.items():
        set_committed_value(matter, column, value)
