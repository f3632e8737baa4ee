"""The order of business before the notice: what is put on it, in which order, with which papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, Refused, Verdict
from app.flow.deliberate import rules
from app.flow.deliberate.evidence import gathered
from app.flow.deliberate.ground import hold
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.queries import STANDING, agenda_of, current_items, files_to_lay_out
from app.flow.deliberate.rules import SittingKind, SittingState
from app.matter.actions import find_matter, situation_of
from app.matter.models import Matter
from app.matter.situation import Stage, Track, Triage
from app.matter.stages import may
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

LONGEST_MATERIALS = 5_000
#: Pictures and scans are read beforehand on a phone; more than this nobody opens.
MOST_PAPERS = 12
_NOTICED = N_("公告已经发了，议程不能再加；另开一个会来议。")


def add_to_agenda(
    sitting: Sitting, matter: Matter | UUID, *, materials: str = "", by: Actor, now: datetime
) -> AgendaItem:
    """Put one more matter on the order of business while the notice is still to be given."""
    found = find_matter(matter) if isinstance(matter, UUID) else matter
    if found is None:
        raise Missing(N_("没有这件事。"))
    if sitting.state != SittingState.PLANNED:
        raise Refused(_NOTICED)
    _may_be_tabled(found, SittingKind(sitting.kind))
    items = agenda_of(sitting.id)
    if any(item.matter_id == found.id for item, _ in items):
        raise Refused(N_("「%(title)s」已经在议程上了。"), title=found.title)
    last = max((item.position for item, _ in items), default=0)
    item = _taken_off(sitting, found) or AgendaItem(sitting_id=sitting.id, matter_id=found.id, options=[])
    item.position, item.outcome, item.materials = last + 1, "", materials or item.materials or ""
    db.session.add(item)
    db.session.flush()
    return item


def kept_back(matters: Iterable[Matter], *, by: Actor) -> list[tuple[Matter, Verdict]]:
    """The matters that would make a notice fail, each with what it still lacks, to be said before anybody presses."""
    waiting = [matter for matter in matters if matter.stage in (Stage.TOPIC_CONFIRMED, Stage.SURVEYING)]
    asked = [(matter, may("schedule", situation_of(matter, gathered(matter)), by.roles)) for matter in waiting]
    return [(matter, verdict) for matter, verdict in asked if not verdict]


def _taken_off(sitting: Sitting, matter: Matter) -> AgendaItem | None:
    """The line of a matter that was on this agenda before; it comes back with its papers."""
    return db.session.scalar(
        select(AgendaItem).where(
            AgendaItem.community_id == current_community(), AgendaItem.sitting_id == sitting.id,
            AgendaItem.matter_id == matter.id,
        )
    )  # fmt: skip


def take_off_agenda(sitting: Sitting, matter_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take a matter off the order of business again; after the notice it stays, because people were told of it."""
    sitting = hold(sitting)
    item = _item(sitting, matter_id)
    if sitting.state != SittingState.PLANNED:
        raise Refused(N_("公告已经发了，议程不能再减；当天没议完的，散会时会标明。"))
    item.outcome = "taken_off"
    db.session.flush()


def move_on_agenda(sitting: Sitting, matter_id: UUID, *, up: bool, by: Actor, now: datetime) -> None:
    """Let a matter change places with the one before or after it; the first one does not go further up."""
    sitting = hold(sitting)
    if sitting.state not in (SittingState.PLANNED, SittingState.NOTICED):
        raise Refused(N_("会已经开了，议程不再排了。"))
    _item(sitting, matter_id)
    items = [item for item, _ in agenda_of(sitting.id)]
    at = next(place for place, item in enumerate(items) if item.matter_id == matter_id)
    to = at - 1 if up else at + 1
    if 0 <= to < len(items):
        items[at], items[to] = items[to], items[at]
    for place, item in enumerate(items, start=1):
        item.position = place
    db.session.flush()


def lay_out(
    sitting: Sitting, matter_id: UUID, words: str, papers: Sequence[UUID], *, by: Actor, now: datetime
) -> AgendaItem:
    """Say what is read beforehand on one matter: words, and files of this very matter that are still shown.

    Empty words are written from the question and its options when the notice goes out. Raises ``Missing`` for a file
    of another matter.
    """
    sitting = hold(sitting)
    if sitting.state not in (SittingState.PLANNED, SittingState.NOTICED):
        raise Refused(N_("会已经开了，会前材料不再改。"))
    item = _item(sitting, matter_id)
    if len(words.strip()) > LONGEST_MATERIALS or len(papers) > MOST_PAPERS:
        raise Refused(N_("会前材料太长了：字在 5000 个以内，附件在 12 份以内。"))
    if sitting.state == SittingState.NOTICED and not words.strip():
        raise Refused(N_("公告已经发了，会前材料不能空着。"))
    if papers:
        known = {one.id for one in files_to_lay_out([matter_id]).get(matter_id, [])}
        if set(papers) - known:
            raise Missing(N_("没有找到这个文件。"))
    item.materials, item.papers = words.strip(), [str(one) for one in dict.fromkeys(papers)]
    db.session.flush()
    return item


def _item(sitting: Sitting, matter_id: UUID) -> AgendaItem:
    for item, matter in agenda_of(sitting.id):
        if matter.id == matter_id:
            return item
    raise Missing(N_("议程里没有这件事。"))


def _may_be_tabled(matter: Matter, kind: SittingKind) -> None:
    triage = Triage(matter.triage) if matter.triage else None
    if not rules.may_be_tabled(kind, Stage(matter.stage), triage, Track(matter.track)):
        if matter.stage == Stage.RATIFYING:
            raise Refused(
                N_("「%(title)s」等着提请居民会议、代表会议或者业主大会，不能再上别的会。"), title=matter.title
            )
        if kind in rules.TELLING:
            raise Refused(N_("「%(title)s」没有正在办的任务，不用上报告会。"), title=matter.title)
        raise Refused(N_("「%(title)s」现在还不能上会，先立题、调查清楚。"), title=matter.title)
    if kind in rules.TELLING:
        return
    standing = db.session.execute(
        current_items().where(AgendaItem.matter_id == matter.id, Sitting.state.in_(STANDING)).limit(1)
    ).first()
    if standing:
        raise Refused(N_("「%(title)s」已经排进了%(sitting)s。"), title=matter.title, sitting=standing[1].title)
