"""Reports of the street: drafted from counted figures, edited, finished for good; every number is found again."""

from __future__ import annotations

import json
import re
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from docx import Document
from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.faces.jobs import reports as jobs
from app.people.actor import Actor
from app.people.roles import Role
from app.records import report_rules as rules
from app.records import reports
from app.records.street_models import StreetReport
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside
from tests.rooms.stage_setting import matter_at

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
OFFICER = Actor("street", "赵主任", None, frozenset({Role.STREET_SUPERVISOR}))


def test_periods_and_what_they_are_called() -> None:
    today = date(2026, 7, 6)
    assert rules.days_of("monthly", "2026-06", today) == JUNE
    assert rules.days_of("monthly", "2026-12", today) == (date(2026, 12, 1), date(2026, 12, 31))
    assert rules.days_of("quarterly", "2026Q2", today) == (date(2026, 4, 1), date(2026, 6, 30))
    assert rules.days_of("progress", "2026", today) == (date(2026, 1, 1), date(2026, 7, 5)), "up to yesterday"
    for kind, period in (("monthly", "2026-13"), ("monthly", "2026Q1"), ("quarterly", "2026Q5"), ("progress", "x")):
        assert rules.days_of(kind, period, today) is None
    assert not rules.may_make("monthly", "2026-08", today, {Role.STREET_ADMIN}), "has not begun"
    assert not rules.may_make("progress", "2026", date(2026, 1, 1), {Role.STREET_ADMIN}), "no day is over"
    assert not rules.may_make("monthly", "2026-06", today, {Role.SECRETARY})
    assert rules.report_number("中街", "monthly", "2026-06", 1) == "中街议月报2026-06"
    assert rules.report_number("中街", "monthly", "2026-06", 2) == "中街议月报2026-06（第2稿）"
    assert rules.report_number("中街", "progress", "2026", 2) == "中街议汇报2026-2"
    assert rules.period_words("progress", "2026", date(2026, 7, 5)) == "2026年1月至7月"
    assert rules.choices("monthly", today)[0] == "2026-07"
    assert len(rules.choices("quarterly", today)) == len(set(rules.choices("quarterly", today)))


def words_of(data: bytes) -> str:
    """All text of a Word file, tables included."""
    document = Document(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def numbers_of(told: Any) -> set[str]:
    """Every number a JSON answer holds, and the numbers inside its shown values."""
    return set(re.findall(r"\d+(?:\.\d+)?", json.dumps(told, ensure_ascii=False)))


def last_month(today: date) -> str:
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return f"{year}-{month:02d}"


def test_a_monthly_report_from_counting_to_paper(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        then = clock.at(rules.days_of("monthly", last_month(clock.today()), clock.today())[0], 10)  # type: ignore[index]
        matter_at(
            "closed", now=then, title="楼前装长椅", closed_at=then, rating_count=6, rating_satisfied=5, number="NYD1"
        )
        db.session.commit()
        period = last_month(clock.today())
    officer, once = browse("", "zhuren"), str(uuid4())
    assert "还没有写过汇报" in officer.get("/reports").get_data(as_text=True)
    assert officer.post("/reports", {"once": once, "period": "monthly:2099-01"}).status_code == 422
    for _ in range(2):
        assert officer.post("/reports", {"once": once, "period": f"monthly:{period}"}).status_code == 303
    again = officer.post("/reports", {"once": str(uuid4()), "period": f"monthly:{period}"})
    assert (again.status_code, "已经有一份了" in again.get_data(as_text=True)) == (422, True)
    url = f"/reports/{once}"
    assert "正在一个社区一个社区地数" in officer.get(url).get_data(as_text=True)
    assert officer.get(f"{url}/paper.docx").status_code == 409
    with inside(app, ""):
        jobs.fill()
        jobs.fill()
    page = officer.get(url).get_data(as_text=True)
    assert "楼前装长椅" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    with inside(app, ""):
        case = re.search(r'name="case" value="([0-9a-f-]+)"', page)[1]  # type: ignore[index]
    form = {"version": version, "part-next": "把凳子搬到更多楼门口。", "case": case, f"case-{case}": "长椅装好了。"}
    assert officer.post(url, form).status_code == 303
    stale = officer.post(url, {**form, "part-next": "别人后写的。"})
    assert (stale.status_code, "别人后写的。" in stale.get_data(as_text=True)) == (422, True), "nothing typed is lost"
    assert officer.post(f"{url}/counting").status_code == 303
    with inside(app, ""):
        jobs.fill()
        kept = db.session.scalars(select(StreetReport)).one()
        assert {part["key"]: part["words"] for part in kept.sections}["next"] == "把凳子搬到更多楼门口。"
    assert officer.post(f"{url}/finishing").status_code == 303
    paper = officer.get(f"{url}/paper.docx")
    text = words_of(paper.data)
    assert "草稿" not in text
    assert "长椅装好了。" in text
    assert "NYD1" in text
    for act in ("", "/counting", "/finishing"):
        assert officer.post(f"{url}{act}", form).status_code in (409, 422), "finished is finished"
    assert officer.post(f"{url}/voiding", {"reason": "数字报早了"}).status_code in (409, 422), "the administrator's"
    assert browse("", "guanli").post(f"{url}/voiding", {"reason": "数字报早了"}).status_code == 303
    assert officer.post("/reports", {"once": str(uuid4()), "period": f"monthly:{period}"}).status_code == 303
    assert browse(HOME, "shuji").get(url).status_code == 404
    assert browse("").get("/reports").status_code in (302, 401, 403)


def test_every_number_of_the_paper_is_found_by_the_command(app: Any, browse: Any) -> None:
    with inside(app, HOME):
        period = last_month(clock.today())
        first, last = rules.days_of("monthly", period, clock.today())  # type: ignore[misc]
        for n in range(7):
            matter_at("closed", now=clock.at(first, 9 + n), closed_at=clock.at(last, 9), title=f"第{n}件")
        db.session.commit()
    with inside(app, ""):
        made = reports.make_report("monthly", period, by=OFFICER, now=clock.now())
        db.session.commit()
        report_id = made.id
        assert reports.fill(report_id, now=clock.now())
        db.session.commit()
    data = browse("", "zhuren").get(f"/reports/{report_id}/paper.docx").data
    with app.app_context():
        out = app.test_cli_runner().invoke(
            args=["report", "kpis", "--from", first.isoformat(), "--to", last.isoformat(), "--json"]
        )
    assert out.exit_code == 0, out.output
    known = numbers_of(json.loads(out.output))
    text = words_of(data)
    # Days, numbers of papers and matters, keys of figures (K12) and words of the law are no figures.
    marks = (
        r"\d+年\d+月\d+日(（星期.）\d+:\d+)?",
        r"\d+年\d+月",
        rf"中街议月报{period}",
        r"K\d+[a-z]?",
        "满 15 日",
        r"NYD\d+",
    )
    for mark in marks:
        text = re.sub(mark, "", text)
    stray = [n for n in re.findall(r"\d+(?:\.\d+)?", text) if n not in known]
    assert not stray, f"numbers without a source: {stray}"


def test_only_over_days_are_finished(app: Any) -> None:
    with inside(app, ""):
        month = clock.today().strftime("%Y-%m")
        report = reports.make_report("monthly", month, by=OFFICER, now=clock.now())
        db.session.commit()
        reports.fill(report.id, now=clock.now())
        found = reports.find_report(report.id)
        assert found is not None
        with pytest.raises(Refused):
            reports.finish(found, by=OFFICER, now=clock.now())
