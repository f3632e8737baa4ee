"""What the table knows of a matter: notice, register, quorum, minutes, options as put."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from app.flow.deliberate.models import AgendaItem, Attendance, MinutesEntry, Sitting
from app.flow.deliberate.queries import ON_REGISTER, current_items
from app.flow.deliberate.rules import Quorum, SittingKind, is_quorate, may_notice, notice_days
from app.flow.research.evidence import evidence_of as research_evidence
from app.flow.triage.evidence import evidence_of as triage_evidence
from app.matter import needs
from app.matter.house import house
from app.matter.models import Matter
from app.matter.situation import Triage
from app.talent.evidence import evidence_of as talent_evidence
from tenants.database import db
from tenants.scope import current_community


def gathered(matter: Matter) -> frozenset[str]:
    """The evidence of this room and of those before it."""
    return evidence_of(matter) | research_evidence(matter) | triage_evidence(matter) | talent_evidence(matter)


def evidence_of(matter: Matter) -> frozenset[str]:
    """The keys on record for the sitting whose table the matter lies on now; one statement."""
    row = db.session.execute(_statement(matter)).one_or_none()
    if row is None:
        return frozenset()
    item, sitting = row[0], row[1]
    found = {needs.AGENDA.key, *_announced(row, matter)}
    if item.materials:
        found.add(needs.MATERIALS.key)
    if item.options:
        found.add(needs.OPTIONS_AS_PUT.key)
    if row.entries:
        found.add(needs.MINUTES.key)
    if sitting.opened_at and row.came:
        found.add(needs.ATTENDANCE.key)
    if sitting.opened_at:
        enough = is_quorate(sitting.base - row.recused, row.present, Quorum(sitting.quorum_rule))
        found.add(needs.QUORUM.key if enough and sitting.state == "open" else needs.QUORUM_LOST.key)
    return frozenset(found)


def _announced(row: Any, matter: Matter) -> set[str]:
    sitting: Sitting = row[1]
    found = set()
    if sitting.place and sitting.starts_at:
        found.add(needs.TIME_AND_PLACE.key)
    if row.invited:
        found.add(needs.INVITEES.key)
    if sitting.base and sitting.quorum_rule:
        found.add(needs.RULE_AND_BASE.key)
    owed = house().settings.get("notice_days")
    days = notice_days(SittingKind(sitting.kind), [Triage(matter.triage) if matter.triage else None], owed)
    if sitting.noticed_at and may_notice(days, sitting.noticed_at, sitting.starts_at):
        found.add(needs.NOTICE_GIVEN.key)
    return found


def _statement(matter: Matter) -> Any:
    mine = Attendance.recused_matter_id == matter.id
    here = and_(Attendance.counts, Attendance.state == "present")
    lines = and_(Attendance.community_id == Sitting.community_id, Attendance.sitting_id == Sitting.id)

    def counted(*conditions: Any) -> Any:
        return select(func.count()).select_from(Attendance).where(lines, *conditions).scalar_subquery()

    entries = (
        select(func.count())
        .select_from(MinutesEntry)
        .where(
            MinutesEntry.community_id == current_community(), MinutesEntry.sitting_id == Sitting.id,
            MinutesEntry.matter_id == matter.id,
        )
        .scalar_subquery()
    )  # fmt: skip
    return (
        current_items()
        .add_columns(
            counted(ON_REGISTER).label("invited"),
            counted(Attendance.state.in_(("present", "left"))).label("came"),
            counted(Attendance.counts, mine).label("recused"),
            counted(here, Attendance.recused_matter_id.is_distinct_from(matter.id)).label("present"),
            entries.label("entries"),
        )
        .where(AgendaItem.matter_id == matter.id)
        .limit(1)
    )
