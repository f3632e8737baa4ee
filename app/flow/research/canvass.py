"""Going from door to door (入户) and counting a chain in the group chat (接龙), household by household (R10).

It informs and never passes anything. Two people with two phones may walk one stairwell: each answer is a
compare-and-swap on its door, so nobody overwrites what the other wrote a moment ago.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload

from app.errors import Missing, Refused
from app.flow.research import rules
from app.flow.research.actions import may_write, tell_totals
from app.flow.research.canvass_queries import (
    doors_of,
    find_canvass,
    find_try,
    open_canvass_of,
    standing_tries,
    tries_at,
)
from app.flow.research.models import Canvass, CanvassDoor, CanvassTry
from app.flow.triage.rules import fits
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.households import address
from app.people.places import Building, Household
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

TAKEN = N_("这一户刚才别人记过了，看一看上面的，再决定记不记。")
NOT_OPEN = N_("这一轮已经结束了，不能再记。")
NO_DOOR = N_("没有这一户。")


@dataclass(frozen=True)
class Knock:
    """What happened at a door; ``answer`` is for, against, no_opinion or empty (nobody there). ``seen`` is the version
    of the door that the page showed."""

    answer: str
    seen: int
    words: str = ""
    channel: str = "door"


def open_canvass(
    matter: Matter, question: str, *, units: Collection[tuple[UUID, int]], labels: Sequence[str], by: Actor,
    now: datetime, canvass_id: UUID | None = None,
) -> Canvass:  # fmt: skip
    """Begin a round: the question as it will be read at each door, the households of the chosen units (building and
    number of the unit), and further doors by name. ``canvass_id`` is the form's ``once``."""
    # Two clicks, or two people, open one round: whoever comes second waits here and finds what the first one opened.
    db.session.execute(
        select(Matter.id).where(Matter.community_id == current_community(), Matter.id == matter.id).with_for_update()
    )
    if canvass_id is not None and (before := find_canvass(canvass_id)):
        return before
    may_write(by)
    rules.may_find(Stage(matter.stage)).or_refuse()
    if not question.strip():
        raise Refused(N_("问的是哪一句话，要照原样写上。"))
    fits(question, rules.SHORT, N_("问的话")).or_refuse()
    if open_canvass_of(matter.id) is not None:
        raise Refused(N_("这件事有一轮还没问完，先问完再开一轮。"))
    doors = _doors(units, labels)
    canvass = Canvass(
        id=canvass_id or uuid7(), matter_id=matter.id, question=question.strip(), state="open", target=len(doors),
        reached=0, in_favour=0, against=0, tries=0, by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(canvass)
    db.session.flush()
    for position, (household_id, label) in enumerate(doors):
        db.session.add(
            CanvassDoor(canvass_id=canvass.id, household_id=household_id, label=label, position=position)
        )  # fmt: skip
    record(matter, "canvass_open", by=by, now=now, words=N_("开始挨家问，一共 %(n)s 户") % {"n": len(doors)})
    db.session.flush()
    return canvass


def knock(
    canvass: Canvass, matter: Matter, door_id: UUID, said: Knock, *, by: Actor, now: datetime,
    try_id: UUID | None = None,
) -> CanvassTry:  # fmt: skip
    """Write down what happened at one door. ``try_id`` is the form's ``once``: a second click changes nothing.

    Raises ``Refused`` where somebody else was faster, and where nobody opened at a door that has answered already.
    """
    if try_id is not None and (before := find_try(try_id)):
        return before
    _may_go_on(canvass, matter, by)
    rules.good_answer(said.answer, said.channel).or_refuse()
    fits(said.words, rules.SHORT, N_("说了什么")).or_refuse()
    values: dict[str, Any] = {"tries": CanvassDoor.tries + 1, "version": CanvassDoor.version + 1}
    if said.answer:
        values |= {
            "answer": said.answer, "words": said.words.strip(), "channel": said.channel, "answered_at": now,
        }  # fmt: skip
    try:
        _swap(canvass, door_id, said.seen, values, nobody=not said.answer)
    except Refused:
        # The faster one may have been the other click of this very form.
        if try_id is not None and (before := find_try(try_id)):
            return before
        raise
    made = CanvassTry(
        id=try_id or uuid7(), door_id=door_id, channel=said.channel, answer=said.answer, words=said.words.strip(),
        by_id=by.id, by_label=by.label, at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def take_back(canvass: Canvass, matter: Matter, door_id: UUID, seen: int, *, by: Actor, now: datetime) -> CanvassTry:
    """Undo the newest entry of a door (a slip of the finger, the wrong door); what stood before counts again."""
    _may_go_on(canvass, matter, by)
    standing = standing_tries(canvass.id, door_id)
    if not standing:
        raise Refused(N_("这一户还没有记过，没有可撤的。"))
    last, rest = standing[-1], standing[:-1]
    answered = next((one for one in reversed(rest) if one.answer), None)
    _swap(canvass, door_id, seen, {
        "tries": len(rest), "version": CanvassDoor.version + 1,
        "answer": answered.answer if answered else "", "words": answered.words if answered else "",
        "channel": answered.channel if answered else "", "answered_at": answered.at if answered else None,
    }, nobody=False)  # fmt: skip
    undo = CanvassTry(
        id=uuid7(), door_id=door_id, channel=last.channel, undoes_id=last.id, by_id=by.id, by_label=by.label, at=now
    )  # fmt: skip
    db.session.add(undo)
    db.session.flush()
    return undo


def close_canvass(canvass: Canvass, matter: Matter, *, by: Actor, now: datetime) -> Canvass:
    """Write the totals once every door has answered or was tried often enough. There is no way back: ask a new round.

    Raises ``Refused`` while doors are open.
    """
    may_write(by)
    canvass = _locked(canvass.id)
    if canvass.state == "closed":
        return canvass
    _must_be_open(canvass)
    doors = doors_of(canvass.id)
    missed = [door.id for door in doors if not door.answer]
    tries = tries_at(canvass.id)
    rules.may_close(sum(not rules.tried_enough(tries.get(door_id, [])) for door_id in missed)).or_refuse()
    canvass.reached = len(doors) - len(missed)
    canvass.in_favour = sum(door.answer == "for" for door in doors)
    canvass.against = sum(door.answer == "against" for door in doors)
    canvass.tries = min((len(tries[door_id]) for door_id in missed), default=1)
    canvass.state, canvass.closed_at = "closed", now
    tell_totals(canvass, matter, by=by, now=now)
    return canvass


def drop_canvass(canvass: Canvass, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Canvass:
    """Give up a round that was opened by mistake; it stays with its reason and counts nowhere."""
    may_write(by)
    canvass = _locked(canvass.id)
    if canvass.state == "dropped":
        return canvass
    _must_be_open(canvass)
    rules.good_reason(reason).or_refuse()
    canvass.state, canvass.dropped_reason, canvass.closed_at = "dropped", reason.strip(), now
    record(matter, "canvass_drop", by=by, now=now, reason=reason.strip(), words=N_("这一轮挨家问作废"), public=False)
    return canvass


def _doors(units: Collection[tuple[UUID, int]], labels: Sequence[str]) -> list[tuple[UUID | None, str]]:
    found: list[tuple[UUID | None, str]] = [(home.id, address(home)) for home in _homes(units)]
    known = {label for _home, label in found}
    for label in labels:
        label = label.strip()
        fits(label, rules.NAME, N_("门牌")).or_refuse()
        if label and label not in known:
            known.add(label)
            found.append((None, label))
    if not found:
        raise Refused(N_("问哪几户，选单元或者写门牌，至少一户。"))
    if len(found) > rules.MOST_DOORS:
        raise Refused(N_("一轮最多问 %(most)s 户，现在有 %(n)s 户，请分几轮。"), most=rules.MOST_DOORS, n=len(found))
    return found


def _homes(units: Collection[tuple[UUID, int]]) -> list[Household]:
    if not units:
        return []
    rows = db.session.scalars(
        select(Household)
        .where(
            Household.community_id == current_community(),
            or_(*(and_(Household.building_id == building, Household.unit == unit) for building, unit in units)),
        )
        .options(joinedload(Household.building).joinedload(Building.estate))
    ).all()
    return sorted(
        rows,
        key=lambda home: (home.building.estate.name, home.building.sort, home.building.name, home.unit, len(home.room),
                          home.room),
    )  # fmt: skip


def _may_go_on(canvass: Canvass, matter: Matter, by: Actor) -> None:
    may_write(by)
    if canvass.matter_id != matter.id:
        raise Missing(NO_DOOR)
    # Shared among those who knock, and it waits for whoever is closing the round at this moment.
    state = db.session.scalar(
        select(Canvass.state)
        .where(Canvass.community_id == current_community(), Canvass.id == canvass.id)
        .with_for_update(read=True)
    )
    if state != "open":
        raise Refused(NOT_OPEN)
    rules.may_find(Stage(matter.stage)).or_refuse()


def _must_be_open(canvass: Canvass) -> None:
    if canvass.state != "open":
        raise Refused(NOT_OPEN)


def _locked(canvass_id: UUID) -> Canvass:
    found = db.session.scalar(
        select(Canvass)
        .where(Canvass.community_id == current_community(), Canvass.id == canvass_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Missing(N_("没有这一轮挨家问。"))
    return found


def _swap(canvass: Canvass, door_id: UUID, seen: int, values: dict[str, Any], *, nobody: bool) -> None:
    here = and_(
        CanvassDoor.community_id == current_community(), CanvassDoor.canvass_id == canvass.id,
        CanvassDoor.id == door_id,
    )  # fmt: skip
    unanswered = CanvassDoor.answer == "" if nobody else CanvassDoor.id == door_id
    swapped = db.session.execute(
        update(CanvassDoor)
        .where(here, CanvassDoor.version == seen, unanswered)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if swapped.rowcount == 1:  # type: ignore[attr-defined]
        return
    door = db.session.scalar(select(CanvassDoor).where(here).execution_options(populate_existing=True))
    if door is None:
        raise Missing(NO_DOOR)
    raise Refused(TAKEN if door.version != seen else N_("这一户已经答过了；记错了就先撤回，再记没人。"))
