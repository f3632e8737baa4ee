"""Reading sittings: lists, one sitting whole, who is there, what is coming."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, true

from app.flow.collect.queries import LETTER, SIGNED_PAPER, VOUCHER
from app.flow.deliberate.models import AgendaItem, Attendance, MinutesEntry, Sitting, SittingSeries
from app.flow.deliberate.rules import TELLING, Condition, Quorum, no_quorum, quorum_condition
from app.matter.models import Attachment, Matter
from app.people.models import Account
from tenants.database import db
from tenants.scope import current_community

#: Files that carry names and hands; they are never laid out (``collect.queries`` keeps them shut likewise).
NAMED_PAPERS = (LETTER, SIGNED_PAPER, VOUCHER)
UPCOMING = ("noticed", "open")
#: What was put there by mistake and taken away before the notice is no part of it.
ON_AGENDA, ON_REGISTER = AgendaItem.outcome != "taken_off", Attendance.state != "withdrawn"
STANDING = ("planned", "noticed", "open")


@dataclass(frozen=True)
class Presence:
    """N and P of one matter at one moment: who is recused from it counts in neither."""

    eligible: int
    present: int
    quorum: Quorum
    decides: bool = True

    @property
    def condition(self) -> Condition:
        """The quorum in words with its numbers; where nothing is decided none is owed."""
        if not self.decides:
            return no_quorum(self.eligible, self.present)
        return quorum_condition(self.eligible, self.present, self.quorum)


def find_sitting(sitting_id: UUID) -> Sitting | None:
    """The bound hall's sitting."""
    return db.session.scalar(
        select(Sitting).where(Sitting.community_id == current_community(), Sitting.id == sitting_id)
    )


def find_by_scan_code(code: str) -> Sitting | None:
    """The bound hall's sitting behind the code at the door of the room."""
    return db.session.scalar(
        select(Sitting).where(Sitting.community_id == current_community(), Sitting.scan_code == code)
    )


def line_of(sitting_id: UUID, account_id: UUID) -> Attendance | None:
    """This account's line on the register of one sitting."""
    return db.session.scalar(
        select(Attendance).where(
            Attendance.community_id == current_community(), Attendance.sitting_id == sitting_id,
            Attendance.account_id == account_id,
        )
    )  # fmt: skip


def find_series(series_id: UUID) -> SittingSeries | None:
    """The bound hall's series."""
    return db.session.scalar(
        select(SittingSeries).where(SittingSeries.community_id == current_community(), SittingSeries.id == series_id)
    )


def agenda_of(sitting_id: UUID) -> list[tuple[AgendaItem, Matter]]:
    """The order of business with its matters."""
    rows = db.session.execute(
        select(AgendaItem, Matter)
        .join(Matter, and_(Matter.community_id == AgendaItem.community_id, Matter.id == AgendaItem.matter_id))
        .where(AgendaItem.community_id == current_community(), AgendaItem.sitting_id == sitting_id, ON_AGENDA)
        .order_by(AgendaItem.position)
    ).all()
    return [(item, matter) for item, matter in rows]


def register_of(sitting_id: UUID) -> list[Attendance]:
    """The register in the order of its seats."""
    return list(
        db.session.scalars(
            select(Attendance)
            .where(Attendance.community_id == current_community(), Attendance.sitting_id == sitting_id, ON_REGISTER)
            .order_by(Attendance.counts.desc(), Attendance.position, Attendance.name)
        )
    )


def minutes_of(sitting_id: UUID) -> list[MinutesEntry]:
    """What was said, in order."""
    return list(
        db.session.scalars(
            select(MinutesEntry)
            .where(MinutesEntry.community_id == current_community(), MinutesEntry.sitting_id == sitting_id)
            .order_by(MinutesEntry.position)
        )
    )


def find_entry(sitting_id: UUID, entry_id: UUID) -> MinutesEntry | None:
    """One entry of this sitting's minutes."""
    return db.session.scalar(
        select(MinutesEntry).where(
            MinutesEntry.community_id == current_community(), MinutesEntry.sitting_id == sitting_id,
            MinutesEntry.id == entry_id,
        )
    )  # fmt: skip


def presence(sitting: Sitting, matter_id: UUID | None = None) -> Presence:
    """N and P now; with ``matter_id``, without those who are recused from it."""
    recused = Attendance.recused_matter_id == matter_id if matter_id else Attendance.id.is_(None)
    here = and_(Attendance.counts, Attendance.state == "present")
    out, present, out_present = db.session.execute(
        select(
            func.count().filter(Attendance.counts, recused),
            func.count().filter(here),
            func.count().filter(here, recused),
        ).where(Attendance.community_id == current_community(), Attendance.sitting_id == sitting.id)
    ).one()
    return Presence(sitting.base - out, present - out_present, Quorum(sitting.quorum_rule), sitting.kind not in TELLING)


def presence_in(sitting: Sitting, register: Iterable[Attendance], matter_id: UUID | None = None) -> Presence:
    """The same as :func:`presence` from a register that was already read."""
    counted = [line for line in register if line.counts]
    taking_part = [line for line in counted if matter_id is None or line.recused_matter_id != matter_id]
    present = sum(line.state == "present" for line in taking_part)
    base = sitting.base or len(counted)
    decides = sitting.kind not in TELLING
    return Presence(base - (len(counted) - len(taking_part)), present, Quorum(sitting.quorum_rule), decides)


def current_item(matter_id: UUID) -> tuple[AgendaItem, Sitting] | None:
    """The table on which the matter lies now: the newest agenda item without an outcome."""
    row = db.session.execute(current_items().where(AgendaItem.matter_id == matter_id).limit(1)).one_or_none()
    return (row[0], row[1]) if row else None


def current_items() -> Select[Any]:
    """Agenda items that still stand, newest sitting first; what is only reported on lies on no table."""
    return (
        select(AgendaItem, Sitting)
        .join(Sitting, and_(Sitting.community_id == AgendaItem.community_id, Sitting.id == AgendaItem.sitting_id))
        .where(
            AgendaItem.community_id == current_community(), AgendaItem.outcome == "", Sitting.state != "called_off",
            Sitting.kind.not_in(TELLING),
        )
        .order_by(Sitting.created_at.desc())
    )  # fmt: skip


def sittings_of_matter(matter_id: UUID) -> list[tuple[AgendaItem, Sitting]]:
    """Every sitting at which the matter was or will be on the table, newest first."""
    rows = db.session.execute(
        select(AgendaItem, Sitting)
        .join(Sitting, and_(Sitting.community_id == AgendaItem.community_id, Sitting.id == AgendaItem.sitting_id))
        .where(AgendaItem.community_id == current_community(), AgendaItem.matter_id == matter_id, ON_AGENDA)
        .order_by(Sitting.starts_at.desc(), Sitting.created_at.desc())
    ).all()
    return [(item, sitting) for item, sitting in rows]


def list_sittings(now: datetime, *, past: bool, n: int = 20, offset: int = 0) -> list[dict[str, Any]]:
    """Sittings with their agenda's size and how many came: those to come soonest first, past ones newest first."""
    standing = Sitting.state.in_(STANDING)
    items = (
        select(func.count()).where(
            AgendaItem.community_id == Sitting.community_id, AgendaItem.sitting_id == Sitting.id, ON_AGENDA
        ).scalar_subquery()
    )  # fmt: skip
    statement = (
        select(Sitting, items)
        .where(Sitting.community_id == current_community(), ~standing if past else standing)
        .order_by(Sitting.starts_at.desc() if past else Sitting.starts_at, Sitting.number)
        .limit(n).offset(offset)
    )  # fmt: skip
    return [{"sitting": sitting, "items": count} for sitting, count in db.session.execute(statement).all()]


def upcoming_sittings(now: datetime, n: int = 5) -> list[dict[str, Any]]:
    """The next sittings with a notice, for the home page: ``{id, title, kind, place, starts_at, state, matters}``.

    ``matters`` holds the titles of public matters only. One that is sitting right now comes first. Two statements.
    """
    sittings = db.session.scalars(
        select(Sitting)
        .where(
            Sitting.community_id == current_community(),
            or_(Sitting.state == "open", and_(Sitting.state == "noticed", Sitting.starts_at >= now)),
        )
        .order_by((Sitting.state == "open").desc(), Sitting.starts_at)
        .limit(n)
    ).all()
    titles: dict[UUID, list[dict[str, Any]]] = {sitting.id: [] for sitting in sittings}
    if titles:
        rows = db.session.execute(
            select(AgendaItem.sitting_id, Matter.id, Matter.title)
            .join(Matter, and_(Matter.community_id == AgendaItem.community_id, Matter.id == AgendaItem.matter_id))
            .where(
                AgendaItem.community_id == current_community(), AgendaItem.sitting_id.in_(titles), ON_AGENDA,
                Matter.visibility == "public", Matter.hidden_at.is_(None),
            )
            .order_by(AgendaItem.position)
        )  # fmt: skip
        for sitting_id, matter_id, title in rows:
            titles[sitting_id].append({"id": matter_id, "title": title})
    return [
        {
            "id": s.id, "title": s.title, "kind": s.kind, "place": s.place, "starts_at": s.starts_at, "state": s.state,
            "matters": titles[s.id],
        }
        for s in sittings
    ]  # fmt: skip


def sittings_between(begin: datetime, end: datetime, *, planned: bool) -> list[dict[str, Any]]:
    """Sittings of a span with their agenda, in the order of time: ``{sitting, matters}``; one statement.

    ``planned`` also brings those without a notice (the desk's own business). ``matters`` are whole rows; the caller
    shows only what may be told.
    """
    rows = db.session.execute(
        select(Sitting, Matter)
        .outerjoin(
            AgendaItem,
            and_(AgendaItem.community_id == Sitting.community_id, AgendaItem.sitting_id == Sitting.id, ON_AGENDA),
        )
        .outerjoin(Matter, and_(Matter.community_id == AgendaItem.community_id, Matter.id == AgendaItem.matter_id))
        .where(
            Sitting.community_id == current_community(), Sitting.starts_at >= begin, Sitting.starts_at < end,
            true() if planned else or_(Sitting.noticed_at.is_not(None), Sitting.state.in_(("open", "closed"))),
        )
        .order_by(Sitting.starts_at, Sitting.number, AgendaItem.position)
    ).all()  # fmt: skip
    found: dict[UUID, dict[str, Any]] = {}
    for sitting, matter in rows:
        one = found.setdefault(sitting.id, {"sitting": sitting, "matters": []})
        if matter is not None:
            one["matters"].append(matter)
    return list(found.values())


def papers_of(items: Iterable[AgendaItem]) -> dict[UUID, list[Attachment]]:
    """The files that are laid out, by matter, in their order; those hidden since are left out. One statement."""
    wanted = {UUID(one): item.matter_id for item in items for one in item.papers}
    found: dict[UUID, list[Attachment]] = {}
    if wanted:
        rows = db.session.scalars(
            select(Attachment).where(
                Attachment.community_id == current_community(), Attachment.id.in_(wanted),
                Attachment.hidden_at.is_(None),
            )
        )  # fmt: skip
        by_id = {row.id: row for row in rows}
        for paper_id, matter_id in wanted.items():
            if paper_id in by_id and by_id[paper_id].matter_id == matter_id:
                found.setdefault(matter_id, []).append(by_id[paper_id])
    return found


def files_to_lay_out(matter_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    """What could be read beforehand on these matters: shown pictures, no letters and no signed sheets."""
    found: dict[UUID, list[Attachment]] = {}
    for row in db.session.scalars(
        select(Attachment)
        .where(
            Attachment.community_id == current_community(), Attachment.matter_id.in_(list(matter_ids)),
            Attachment.hidden_at.is_(None), Attachment.media_type == "image/jpeg",
            Attachment.about.not_in(NAMED_PAPERS),
        )
        .order_by(Attachment.created_at, Attachment.id)
    ):  # fmt: skip
        found.setdefault(row.matter_id, []).append(row)
    return found


def sittings_of_account(account_id: UUID, now: datetime, n: int = 5) -> list[tuple[Sitting, Attendance]]:
    """The next sittings on whose register this account stands."""
    rows = db.session.execute(
        select(Sitting, Attendance)
        .join(Attendance, and_(Attendance.community_id == Sitting.community_id, Attendance.sitting_id == Sitting.id))
        .where(
            Sitting.community_id == current_community(), Attendance.account_id == account_id,
            or_(Sitting.state == "open", and_(Sitting.state == "noticed", Sitting.starts_at >= now)),
        )
        .order_by(Sitting.starts_at)
        .limit(n)
    ).all()  # fmt: skip
    return [(sitting, line) for sitting, line in rows]


def ready_for_agenda() -> list[Matter]:
    """Matters that may be put on an agenda: confirmed or surveyed topics, adjourned ones, small and urgent ones, and
    those that wait for the body that ratifies. The longest waiting first.
    """
    standing = (
        select(AgendaItem.id)
        .join(Sitting, and_(Sitting.community_id == AgendaItem.community_id, Sitting.id == AgendaItem.sitting_id))
        .where(
            AgendaItem.community_id == Matter.community_id, AgendaItem.matter_id == Matter.id,
            AgendaItem.outcome == "", Sitting.state.in_(STANDING), Sitting.kind.not_in(TELLING),
        )
    )  # fmt: skip
    return list(
        db.session.scalars(
            select(Matter)
            .where(
                Matter.community_id == current_community(),
                or_(
                    Matter.stage.in_(("topic_confirmed", "surveying", "scheduled", "ratifying")),
                    and_(Matter.stage == "accepted", or_(
                        Matter.triage.in_(("minor", "urgent")), Matter.track == "mediation")),
                ),
                ~standing.exists(),
            )
            .order_by(Matter.stage_since)
            .limit(100)
        )
    )  # fmt: skip


def hall_people() -> list[Account]:
    """Staff and council accounts of the hall that are in use, by name: who may chair, write or count."""
    return list(
        db.session.scalars(
            select(Account)
            .where(Account.community_id == current_community(), Account.kind == "staff", Account.disabled_at.is_(None))
            .order_by(Account.name_key, Account.display_name)
        )
    )
