"""What the worker does with reports of the street: count the days and write the first words."""

from __future__ import annotations

from sqlalchemy import select

from app import clock
from app.records import reports
from app.records.street_models import StreetReport
from tenants.database import db
from tenants.scope import current_street


def fill() -> None:
    """Fill every draft of the bound street that has no figures yet. Safe to run twice."""
    drafts = select(StreetReport).where(StreetReport.street_id == current_street(), StreetReport.state == "draft")
    waiting = [report.id for report in db.session.scalars(drafts) if not report.figures]
    for report_id in waiting:
        reports.fill(report_id, now=clock.now())
        db.session.commit()
