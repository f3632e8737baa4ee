"""The report-back sitting (报告会) at the table: what was heard of each promise, and what was asked.

Which promises are reported on and how each stands is put together by :mod:`app.flow.implement.reporting`; here they are
lines of one sitting. Nothing is moved by it: a sitting that only tells writes lines into the matters' timelines.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from app.errors import Missing, Refused
from app.flow.deliberate.ground import hold
from app.flow.deliberate.models import ReportLine, Sitting
from app.flow.deliberate.queries import agenda_of
from app.flow.deliberate.rules import SittingState
from app.matter.actions import record
from app.people.actor import Actor
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

LONGEST = 1_000


def lines_of(sitting_id: UUID) -> Sequence[ReportLine]:
    """The promises of one sitting in their order."""
    return db.session.scalars(
        select(ReportLine)
        .where(ReportLine.community_id == current_community(), ReportLine.sitting_id == sitting_id)
        .order_by(ReportLine.position, ReportLine.id)
    ).all()


def find_line(sitting_id: UUID, line_id: UUID) -> ReportLine:
    """One line of this sitting; raises ``Missing``."""
    found = db.session.scalar(
        select(ReportLine).where(
            ReportLine.community_id == current_community(), ReportLine.sitting_id == sitting_id,
            ReportLine.id == line_id,
        )
    )  # fmt: skip
    if found is None:
        raise Missing(N_("报告会上没有这一项。"))
    return found


def write_line(
    line: ReportLine, sitting: Sitting, *, heard: str, asked: str, stands: str, read_at: str, by: Actor, now: datetime
) -> ReportLine:
    """What was said of one promise and what residents asked, as the public will read it.

    ``read_at`` is the ISO moment of the line that was read: whoever writes never overwrites another's words unseen.
    """
    sitting = hold(sitting)
    if sitting.state != SittingState.OPEN:
        raise Refused(N_("会没在开，这一步要在会上做。"))
    heard, asked = heard.strip(), asked.strip()
    if not heard and not asked:
        raise Refused(N_("写一句说了什么，或者居民问了什么。"))
    if len(heard) > LONGEST or len(asked) > LONGEST:
        raise Refused(N_("写得太长了，每格最多 %(most)s 个字。"), most=LONGEST)
    written = db.session.execute(
        update(ReportLine)
        .where(
            ReportLine.community_id == current_community(), ReportLine.id == line.id,
            ReportLine.at == _moment(read_at),
        )
        .values(heard=heard, asked=asked, stands=stands, written_label=by.label, at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if written.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这一项别人刚写过，先看看他写的，再接着写。"))
    db.session.refresh(line)
    return line


def tell_reports(sitting: Sitting, *, by: Actor, now: datetime) -> None:
    """At the end of the sitting: what was heard goes into each matter's timeline, in the order of business."""
    written: dict[UUID, list[ReportLine]] = {}
    for line in lines_of(sitting.id):
        if line.heard or line.asked:
            written.setdefault(line.matter_id, []).append(line)
    for item, matter in agenda_of(sitting.id):
        lines = written.get(matter.id, [])
        item.outcome = "reported" if lines else "left"
        if lines:
            words = "报告会上说：" + "；".join(_told(line) for line in lines)
            record(matter, "report_back", by=by, now=now, words=words, data={"sitting": str(sitting.id)})
    db.session.flush()


def _told(line: ReportLine) -> str:
    heard = f"{line.stands}。{line.heard}".rstrip("。")
    return f"{heard}（有人问：{line.asked}）" if line.asked else heard


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
