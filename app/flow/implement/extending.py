"""Putting a task off: its owner asks and somebody else answers, or the secretary does it at once.

The first day stays on record, so that K4 can print both. Days are days in Asia/Shanghai.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update

from app.errors import Refused
from app.flow.implement import queries, rules
from app.flow.implement.models import ExtensionRequest
from app.flow.implement.working import compare_and_set, is_guest, keep_due, let_go_of_request, must_be_working
from app.flow.resolve.mediation_terms import must_not_be_a_term
from app.flow.resolve.models import Commitment
from app.flow.resolve.queries import matter_of
from app.flow.resolve.rules import NAME_MOST, REASON_MOST, first_no, fits
from app.matter.actions import record
from app.matter.models import Matter
from app.matter.workdays import local_day
from app.people.actor import Actor
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community

#: The parties settled the day and signed for it.
AGREED_DAY = N_("这是双方签了字的日子，要改就在调解页上另签一份补充协议。")


def extend(
    commitment: Commitment, *, due: date, reason: str, approver: str = "", by: Actor, now: datetime
) -> Commitment:
    """Put a task off with a reason and an approver; the first day stays on record (K4 prints both)."""
    matter = matter_of(commitment)
    must_be_working(matter)
    approver = approver.strip() or (by.label if rules.is_secretary(by.roles) else "")
    own = approver == commitment.who or (approver == by.label and commitment.owner_id == by.id and by.id is not None)
    first_no(
        rules.may_extend(by.roles, commitment.state, commitment.due, due, local_day(now), approves_own=own),
        fits(N_("延期的原因"), reason, REASON_MOST), fits(N_("谁批的"), approver, NAME_MOST),
    ).or_refuse()  # fmt: skip
    _put_off(commitment, matter, due=due, reason=reason.strip(), approver=approver, by=by, now=now)
    let_go_of_request(commitment, reason.strip(), by=by, now=now)
    return commitment


def ask_extension(
    commitment: Commitment, *, due: date, reason: str, by: Actor, now: datetime, id: UUID | None = None
) -> ExtensionRequest:
    """The owner asks for a later day; the task's own day stands until somebody of the office has answered."""
    matter = matter_of(commitment)
    must_be_working(matter)
    first_no(
        rules.may_report(by.roles, by.id, commitment.owner_id),
        rules.may_ask_extension(commitment.state, commitment.due, due, local_day(now)),
        fits(N_("延期的原因"), reason, REASON_MOST),
    ).or_refuse()
    must_not_be_a_term(commitment, matter, AGREED_DAY)
    if queries.open_request_of(commitment) is not None:
        raise Refused(N_("已经请过一次延期，等有了答复再说。"))
    request = ExtensionRequest(
        id=id or uuid7(), matter_id=matter.id, commitment_id=commitment.id, due=due, reason=reason.strip(),
        asked_by=by.id, asked_label=by.label[:NAME_MOST], asked_at=now,
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    record(
        matter, "ask_extension", by=by, now=now,
        words=f"{commitment.what}：请求从{day_words(commitment.due)}延到{day_words(due)}，因为{reason.strip()}",
        data={"commitment": str(commitment.id), "request": str(request.id), "to": due.isoformat()},
    )  # fmt: skip
    return request


def decide_extension(
    request: ExtensionRequest, *, granted: bool, answer: str, by: Actor, now: datetime
) -> ExtensionRequest:
    """Somebody of the office who neither asked nor does the task grants the later day or keeps the old one."""
    found = queries.find_commitment(request.commitment_id)
    if found is None:
        raise Refused(N_("没有这项任务。"))
    commitment, matter = found
    must_be_working(matter)
    parties = (request.asked_by, commitment.owner_id)
    first_no(
        rules.may_decide_extension(by.roles, by.id, parties, request.state, commitment.state),
        fits(N_("答复"), answer, REASON_MOST),
    ).or_refuse()
    _answer(request, state="granted" if granted else "refused", answer=answer, by=by, now=now)
    if granted:
        rules.may_ask_extension(commitment.state, commitment.due, request.due, local_day(now)).or_refuse()
        _put_off(commitment, matter, due=request.due, reason=request.reason, approver=by.label, by=by, now=now)
        return request
    record(
        matter, "refuse_extension", by=by, now=now,
        words=f"{commitment.what}：没同意延期，还是{day_words(commitment.due)}。{answer.strip()}",
        data={"commitment": str(commitment.id), "request": str(request.id)},
    )  # fmt: skip
    return request


def withdraw_extension(request: ExtensionRequest, *, by: Actor, now: datetime) -> ExtensionRequest:
    """Whoever asked takes it back while nobody has answered."""
    found = queries.find_commitment(request.commitment_id)
    if found is None:
        raise Refused(N_("没有这项任务。"))
    rules.may_report(by.roles, by.id, found[0].owner_id).or_refuse()
    _answer(request, state="withdrawn", answer="", by=by, now=now)
    record(
        found[1], "withdraw_extension", by=by, now=now, words=f"{found[0].what}：不延期了，还按原来的日子",
        data={"commitment": str(found[0].id), "request": str(request.id)},
    )  # fmt: skip
    return request


def _answer(request: ExtensionRequest, *, state: str, answer: str, by: Actor, now: datetime) -> None:
    answered = db.session.execute(
        update(ExtensionRequest)
        .where(
            ExtensionRequest.community_id == current_community(), ExtensionRequest.id == request.id,
            ExtensionRequest.state == "asked",
        )
        .values(state=state, answer=answer.strip(), decided_by=by.id, decided_label=by.label, decided_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if answered.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(N_("这个请求已经有答复了。"))
    db.session.refresh(request)


def _put_off(
    commitment: Commitment, matter: Matter, *, due: date, reason: str, approver: str, by: Actor, now: datetime
) -> None:
    must_not_be_a_term(commitment, matter, AGREED_DAY)
    old = commitment.due
    compare_and_set(commitment, "open", due=due, extension_reason=reason, extension_by=approver)
    if matter.first_due_at is None:
        matter.first_due_at = matter.due_at
    record(
        matter, "extend", by=by, now=now, reason=reason,
        words=f"{commitment.what}：从{day_words(old)}延到{day_words(due)}，因为{reason}",
        data={"commitment": str(commitment.id), "from": old.isoformat(), "to": due.isoformat(), "approver": approver},
    )  # fmt: skip
    if not is_guest():
        keep_due(matter)


def day_words(day: date) -> str:
    """7月20日."""
    return f"{day.month}月{day.day}日"
