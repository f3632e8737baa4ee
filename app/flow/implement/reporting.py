"""Putting a report-back sitting (报告会) together from the promises that are still open, and how each stands today.

Source: S4 (抓反馈): whoever promised something tells the people how it goes. It is planned, announced and registered
like other sittings; what is said at the table is in :mod:`app.flow.deliberate.reporting`. The caller commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, select

from app.clock import local
from app.errors import Refused
from app.flow.deliberate import planning
from app.flow.deliberate.inviting import Expected
from app.flow.deliberate.models import AgendaItem, ReportLine, Sitting, SittingSeries
from app.flow.deliberate.reporting import lines_of
from app.flow.deliberate.rules import REPORTABLE, SittingState
from app.flow.implement.models import ProgressNote
from app.flow.implement.report_rules import Promise, stands
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.queries import active_members
from app.people.roles import Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: More promises than this nobody sits through in one evening.
MOST = 80
REPORTER = "报告人"


@dataclass(frozen=True)
class Reported:
    """One line of a report-back sitting with its promise and how it stands today (or stood at the end)."""

    line: ReportLine
    task: Commitment
    matter: Matter
    stands: str


def open_promises() -> list[tuple[Commitment, Matter]]:
    """What could be reported on: promises of public matters at work, by matter, the earliest due first."""
    rows = db.session.execute(
        select(Commitment, Matter)
        .join(Matter, and_(Matter.community_id == Commitment.community_id, Matter.id == Commitment.matter_id))
        .where(
            Commitment.community_id == current_community(), Commitment.state.in_(("open", "done")),
            Matter.stage.in_([str(stage) for stage in REPORTABLE]), Matter.visibility == "public",
            Matter.hidden_at.is_(None),
        )
        .order_by(Matter.due_at.nulls_last(), Matter.number, Commitment.due, Commitment.position)
        .limit(300)
    ).all()  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def plan_report(
    *, title: str, starts_at: datetime, commitments: Collection[UUID], place: str = "", venue_id: UUID | None = None,
    series: SittingSeries | None = None, series_on: date | None = None, guests: Sequence[Expected] = (), by: Actor,
    now: datetime, id: UUID | None = None,
) -> Sitting:  # fmt: skip
    """Plan the sitting over these promises: agenda by matter, a line each, the council and the owners on its register.

    Raises ``Refused`` where a promise is not open any more. ``id`` makes a double click harmless.
    """
    if id is not None and (found := db.session.get(Sitting, (current_community(), id))):
        return found
    chosen = [pair for pair in open_promises() if pair[0].id in set(commitments)]
    if not chosen:
        raise Refused(N_("选一项要报告的。"))
    if len(chosen) < len(set(commitments)):
        raise Refused(N_("有的任务刚刚办完或者不办了，刷新一下再选。"))
    if len(chosen) > MOST:
        raise Refused(N_("一个晚上报告不了这么多，最多选 %(most)s 项。"), most=MOST)
    matters = list({matter.id: matter for _task, matter in chosen}.values())
    sitting = planning.plan_sitting(
        kind="report", title=title, starts_at=starts_at, place=place, venue_id=venue_id, matters=matters,
        series=series, series_on=series_on, expected=_called(chosen, guests, local(now).date()), by=by, now=now, id=id,
    )  # fmt: skip
    told = stand_today(chosen, local(now).date())
    db.session.add_all(
        ReportLine(
            sitting_id=sitting.id, matter_id=matter.id, commitment_id=task.id, position=place_no,
            stands=told[task.id], at=now,
        )
        for place_no, (task, matter) in enumerate(chosen, start=1)
    )  # fmt: skip
    _lay_out(sitting, chosen, told)
    db.session.flush()
    return sitting


def reported(sitting: Sitting, today: date) -> list[Reported]:
    """The lines with their promises; until the sitting is closed each stands as it does today. Three statements."""
    lines = lines_of(sitting.id)
    rows = db.session.execute(
        select(Commitment, Matter)
        .join(Matter, and_(Matter.community_id == Commitment.community_id, Matter.id == Commitment.matter_id))
        .where(
            Commitment.community_id == current_community(), Commitment.id.in_([line.commitment_id for line in lines])
        )
    ).all()
    known = {task.id: (task, matter) for task, matter in rows}
    is_over = sitting.state in (SittingState.CLOSED, SittingState.CALLED_OFF)
    fresh = {} if is_over else stand_today(known.values(), today)
    return [
        Reported(line, *known[line.commitment_id], fresh.get(line.commitment_id, line.stands))
        for line in lines
        if line.commitment_id in known
    ]


def settle_stands(sitting: Sitting, *, now: datetime) -> None:
    """Write down how every promise stands at the end; called before the sitting is closed."""
    for one in reported(sitting, local(now).date()):
        one.line.stands = one.stands
    db.session.flush()


def _called(
    chosen: Iterable[tuple[Commitment, Matter]], guests: Sequence[Expected], today: date
) -> list[Expected]:  # fmt: skip
    """The council's members, those who owe the promises, and whoever else was written down."""
    council = [
        Expected(account.display_name, seat.title or "议事会成员", account.id)
        for account, seat in active_members(Role.COUNCIL_MEMBER, today)
    ]
    seen = {one.account_id for one in council}
    owners: dict[object, Expected] = {}
    for task, _matter in chosen:
        if task.owner_id is None or task.owner_id not in seen:
            owners.setdefault(task.owner_id or task.who, Expected(task.who, REPORTER, task.owner_id))
    return [*council, *owners.values(), *guests]


def _lay_out(sitting: Sitting, chosen: Iterable[tuple[Commitment, Matter]], told: dict[UUID, str]) -> None:
    """What people read before they come: each promise of the matter and how it stands."""
    lines: dict[UUID, list[str]] = {}
    for task, matter in chosen:
        lines.setdefault(matter.id, []).append(told[task.id])
    for item in db.session.scalars(
        select(AgendaItem).where(
            AgendaItem.community_id == current_community(), AgendaItem.sitting_id == sitting.id
        )
    ):  # fmt: skip
        item.materials = "\n".join(lines.get(item.matter_id, []))


def stand_today(chosen: Iterable[tuple[Commitment, Matter]], today: date) -> dict[UUID, str]:
    """How each promise stands, as a sentence, by its id."""
    tasks = [task for task, _matter in chosen]
    return {
        task.id: stands(
            Promise(
                task.what, task.state, task.due, task.first_due, task.done_count, task.target, task.unit,
                task.extension_reason,
            ),
            today,
        )
        for task in tasks
    }  # fmt: skip


def newest_notes(tasks: Collection[UUID]) -> dict[UUID, str]:
    """The newest public line of progress of each promise, for whoever prepares what to say; one statement."""
    rows = db.session.execute(
        select(ProgressNote.commitment_id, ProgressNote.words)
        .where(
            ProgressNote.community_id == current_community(), ProgressNote.commitment_id.in_(tasks),
            ProgressNote.public.is_(True),
        )
        .distinct(ProgressNote.commitment_id)
        .order_by(ProgressNote.commitment_id, ProgressNote.at.desc())
    ).all()  # fmt: skip
    return {row.commitment_id: row.words for row in rows}
