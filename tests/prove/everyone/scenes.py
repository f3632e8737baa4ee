"""What the street has to hold before it is looked at: an open poll for a council member, a second step, error pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyotp
from flask import make_response
from sqlalchemy import select

from app import clock
from app.faces import edge
from app.flow.decide import polls
from app.flow.decide.rules import Rule
from app.matter.models import Matter
from app.people import two_step
from app.people.actor import SYSTEM
from app.people.models import Account
from tenants.database import db, uuid7
from tests.journeys.wire import Wire
from tests.prove.everyone.views import RICH
from tests.prove.town import chief

if TYPE_CHECKING:
    from tests.journeys.program import Program

VOTER, PHONED = "yishi1", "yishi9"
ERRORS = {
    400: "这一页放得太久了", 403: "这一页不对您开放", 404: "没找到这一页", 409: "这一步现在办不了",
    413: "东西太大了", 500: "这边出了点毛病", 503: "请过一会儿再试",
}  # fmt: skip


def open_poll(program: Program) -> str:
    """A named poll of two council members in the rich hall, open now; returns its page."""
    with program.inside(RICH):
        now, by = clock.now(), chief(RICH)
        matter = Matter(
            number=f"NY2019{uuid7().int % 10_000:04d}", title="门厅换灯", question="门厅换灯，同意吗？",
            stage="ratifying", stage_since=now, kind="joint", channel="web", tracking_hmac=uuid7().hex,
            collected_at=now, accepted_at=now, triage="major", category="plan",
        )  # fmt: skip
        db.session.add(matter)
        db.session.flush()
        poll = polls.draft_poll(
            matter, title="门厅换灯", body="residents", mode="named", by=by, now=now, who_may="住这个门厅的两位议事员",
            questions=[polls.Question("门厅换灯，同意吗？", Rule.RESIDENTS_MEETING)],
        )  # fmt: skip
        who = db.session.scalars(select(Account).where(Account.login.in_([VOTER, "yishi2"])))
        polls.make_roll(poll, [polls.Line(one.display_name, account_id=one.id) for one in who], by=by, now=now)
        polls.open_poll(poll, by=by, now=now)
        db.session.commit()
        return f"/polls/{poll.id}"


def second_step(program: Program) -> Wire:
    """Somebody who gave the right password and still owes the code of the phone: their browser."""
    with program.inside(RICH):
        account = db.session.scalars(select(Account).where(Account.login == PHONED)).one()
        if account.totp_since is None:
            two_step.begin(account)
            code = pyotp.TOTP(two_step.secret_of(account)).now()
            two_step.confirm(account, code, by=SYSTEM, now=clock.now(), moment=datetime.now(UTC))
            db.session.commit()
    wire = Wire(program, RICH)
    answer = wire.post("/sign-in", {"login": PHONED, "password": program.password(RICH, PHONED)})
    assert answer.location == "/sign-in/code", (answer.status, answer.location, answer.words[:300])
    return wire


def error_pages(program: Program, language: str = "zh_Hans") -> dict[int, str]:
    """What went wrong, as the edge says it in the rich hall, by status; 429 with a form to hand in again."""
    with program.inside():
        app = program.app
    assert app is not None
    # No form stands before these pages, so nothing carries its token; the guard itself is asked in the everyday tests.
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    pages = {}
    for status, title in [*ERRORS.items(), (429, "")]:
        how = {
            "path": "/say",
            "base_url": f"http://{RICH}.{program.base}",
            "headers": {"Cookie": f"language={language}"},
        }
        form = {"words": "三号楼门前的灯坏了，晚上看不见台阶，老人不敢下楼。已经半个月了。"}
        with app.test_request_context(**how, method="POST", data=form):  # type: ignore[arg-type]
            app.preprocess_request()
            made = edge.too_fast_page(90) if status == 429 else edge.error_page(status, title, "请退回上一页再试一次。")
            pages[status] = make_response(made).get_data(as_text=True)
    return pages
