"""Doors of the desk: one poll from its draft to its declared result. Nothing here shows who chose what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import poll_count, poll_draft, poll_papers, poll_questions, poll_roll
from app.faces.community import poll_forms as forms
from app.faces.community.inputs import as_uuid
from app.faces.community.poll_page import (
    CHANNELS,
    asked,
    attempt,
    back_to,
    fill_second,
    found_poll,
    may_write,
    seconds,
    with_second,
    words,
)
from app.faces.community.poll_words import unit_of
from app.faces.doors import Door
from app.faces.look import link, say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.decide import poll_queries as queries
from app.flow.decide import polls
from app.flow.decide.casting import Mode, hides_its_voters
from app.flow.decide.desk_list import is_sheet
from app.flow.decide.holding import at_table, may_open_here
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.poll_results import counts_of, together
from app.flow.decide.queries import result_of
from app.flow.decide.rules import OUTCOME_LABELS, Outcome, Rule, square_metres
from app.flow.decide.rules.putting import may_be_secret, still_ahead
from app.flow.deliberate.queries import find_sitting, hall_people
from app.matter.models import Matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url


def desk_poll(poll_id: UUID) -> Any:
    """Where it stands and what comes next."""
    return _show(poll_id)


def _show(poll_id: UUID, status: int = 200, **refused: Any) -> Any:
    poll, matter = found_poll(poll_id)
    questions = queries.questions_of(poll_id)
    if questions and not is_sheet(poll):
        return redirect(site_url("community.desk_ballot", ballot_id=questions[0].id))
    progress = queries.progress(poll)
    needs = _before_opening(poll, matter, questions, progress) if poll.state == "draft" else []
    counted = poll_count.before_closing(poll, questions, progress) if poll.state == "counting" else []
    return desk(
        "desk/poll.html", "votes", poll=poll, matter=matter, questions=asked(questions), progress=progress,
        needs=needs or counted, missing=sum(not need["ok"] for need in needs or counted),
        closing=_closing_form(refused.get("closing")) if poll.state == "counting" and may_write() else None,
        results=[_result(question, poll) for question in questions] if poll.state == "closed" else [],
        lot=refused.get("lot") or _lot_form(poll),
        run_off=refused.get("run_off") or forms.RunOffForm(formdata=None, once=str(uuid7())),
        sitting=find_sitting(poll.sitting_id) if poll.sitting_id else None, area=square_metres,
        public=link("community.poll_result" if poll.state == "closed" else "community.poll", poll_id=poll_id),
        ratification=link("community.ratification", matter_id=matter.id) if matter.stage == "ratifying" else "",
        **words(poll),
    ), status  # fmt: skip


def _need(ok: bool, label: str, url: str = "", text: str = "", to: str = "") -> dict[str, Any]:
    return {"ok": ok, "label": label, "url": "" if ok else url, "text": text, "link": to}


def _before_opening(poll: Poll, matter: Matter, questions: list[Ballot], progress: Any) -> list[dict[str, Any]]:
    """What is still missing before anybody may vote; the action asks again."""
    edit, roll = (site_url(f"community.{name}", poll_id=poll.id) for name in ("poll_edit", "poll_roll"))
    ends, hides = still_ahead(clock.now(), poll.closes_at), may_be_secret(Mode(poll.mode), progress.on_roll)
    needs = [
        _need(bool(questions), _("要问的写好了，%(n)s 题", n=len(questions)), edit),
        _need(bool(poll.who_may), _("谁能投写明白了"), edit),
        _need(True, _("开始的时候，按到会登记定名册"))
        if at_table(poll)
        else _need(True, _("名册列好了，%(n)s %(unit)s", n=progress.on_roll, unit=unit_of(poll)))
        if progress.on_roll
        else _need(False, _("列名册"), roll, _("谁能投，开始前就定下来"), _("去列名册")),
        _need(False, say(ends.reason), edit)
        if not ends
        else _need(True, _("投到哪天定好了"))
        if poll.closes_at or poll.sitting_id
        else _need(False, _("定一个截止的日子"), edit),
    ]  # fmt: skip
    if progress.on_roll and not hides and not at_table(poll):
        needs.append(_need(False, say(hides.reason), roll, to=_("去列名册")))
    # Said while the sheet is drawn up: at the last click, after the roll, it would come too late.
    here = may_open_here(poll, matter, questions)
    if questions and not here:
        step = site_url("community.desk_matter", matter_id=matter.id)
        needs.append(_need(False, say(here.reason, here.values), step, to=_("看这件事走到哪一步")))
    return needs


def _closing_form(form: Any = None) -> Any:
    form = form or forms.CountersForm(formdata=None)
    accounts = hall_people()
    for field in (form.teller, form.scrutineer):
        field.choices = [("", _("请选")), *((str(a.id), a.display_name) for a in accounts)]
    return form


def _result(question: Ballot, poll: Poll) -> dict[str, Any]:
    """One question's outcome: what was chosen by which channel, every sum, and each condition in words."""
    by_channel = queries.tally_by_channel(question)
    channels = [(key, counts) for key, counts, _total in by_channel if counts is not None]
    heap = together(counts_of(question))
    spoiled, said = poll_questions.SPOILED
    choices = [*poll_questions.choice_labels(question), *([(spoiled, say(said))] if heap.get(spoiled) else [])]
    tied = question.outcome == Outcome.TIE and poll.lot_announced and poll.run_off_of and not question.passed
    return {
        "question": question, "verdict": result_of(question), "is_options": question.rule == Rule.MULTI_OPTION,
        "columns": [say(CHANNELS[key]) for key, _counts in channels], "labels": dict(choices),
        "rows": [(label, [counts.get(key, 0) for _c, counts in channels], heap.get(key, 0)) for key, label in choices],
        "ways": [(say(CHANNELS[key]), total) for key, _counts, total in by_channel],
        "outcome": say(OUTCOME_LABELS[Outcome(question.outcome)]) if question.outcome else "",
        "lot": list(question.run_off) if tied else [],
    }  # fmt: skip


def preview(poll_id: UUID) -> str:
    """The sheet as the voter will see it."""
    poll, matter = found_poll(poll_id)
    return desk(
        "desk/poll_preview.html", "votes", poll=poll, matter=matter, questions=asked(queries.questions_of(poll_id)),
        **words(poll),
    )  # fmt: skip


def opening(poll_id: UUID) -> Any:
    """Ask once more before it is open."""
    return _opening(poll_id, forms.FlaskForm(formdata=None))


def _opening(poll_id: UUID, form: Any, status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    if poll.state != "draft":
        raise Refused(N_("这次投票已经开始了。"))
    return desk(
        "desk/poll_opening.html", "votes", poll=poll, matter=matter, progress=queries.progress(poll),
        questions=asked(queries.questions_of(poll_id)), form=form, **words(poll),
    ), status  # fmt: skip


def poll_open(poll_id: UUID) -> Any:
    """Open it: the roll is fixed from now on."""
    poll, _matter = found_poll(poll_id)
    form = forms.FlaskForm()
    done = attempt(form, lambda: polls.open_poll(poll, by=actor(), now=clock.now()))
    return back_to(poll_id, _("开始投了。")) if done else _opening(poll_id, form, 422)


def ending(poll_id: UUID) -> Any:
    """Ask before the voting ends."""
    return _ending(poll_id, forms.FlaskForm(formdata=None))


def _ending(poll_id: UUID, form: Any, status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    if poll.state != "open":
        raise Refused(N_("现在没有在投，不用停。"))
    seen = queries.progress(poll)
    return desk(
        "desk/poll_ending.html", "votes", poll=poll, matter=matter, progress=seen, form=form,
        sealed=poll.mode != Mode.SECRET or hides_its_voters(seen.online + seen.returned), **words(poll),
    ), status  # fmt: skip


def poll_end(poll_id: UUID) -> Any:
    """No more votes; from now on papers may be counted."""
    poll, _matter = found_poll(poll_id)
    form = forms.FlaskForm()
    done = attempt(form, lambda: polls.end_voting(poll, by=actor(), now=clock.now()))
    return back_to(poll_id, _("停投了，可以数票了。")) if done else _ending(poll_id, form, 422)


def closing(poll_id: UUID) -> Any:
    """Declare the result."""
    poll, _matter = found_poll(poll_id)
    form = _closing_form(forms.CountersForm())

    def act() -> Any:
        teller, scrutineer = as_uuid(form.teller.data), as_uuid(form.scrutineer.data)
        if teller is None or scrutineer is None:
            raise Refused(N_("计票和监票要两个人"))
        return polls.close_poll(poll, teller=teller, scrutineer=scrutineer, by=actor(), now=clock.now())

    done = attempt(form, act)
    return back_to(poll_id, _("计票完成，结果已经公布。")) if done else _show(poll_id, 422, closing=form)


def voiding(poll_id: UUID) -> Any:
    """Why it does not count."""
    return _voiding(poll_id, forms.ReasonForm(formdata=None))


def _voiding(poll_id: UUID, form: Any, status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    return desk("desk/poll_void.html", "votes", poll=poll, matter=matter, form=form, **words(poll)), status


def poll_void(poll_id: UUID) -> Any:
    """Void it, with the reason."""
    poll, _matter = found_poll(poll_id)
    form = forms.ReasonForm()

    def act() -> bool:
        polls.void_poll(poll, form.reason.data or "", by=actor(), now=clock.now())
        return True

    return back_to(poll_id, _("作废了，原因记下了。")) if attempt(form, act) else _voiding(poll_id, form, 422)


def run_off(poll_id: UUID) -> Any:
    """Vote once more among the tied."""
    poll, _matter = found_poll(poll_id)
    form = forms.RunOffForm()

    def act() -> Poll:
        ends = forms.closing_moment(form.day.data, form.time.data)
        return polls.open_run_off(poll, closes_at=ends, by=actor(), now=clock.now(), id=form.once_id)

    made = attempt(form, act)
    return back_to(made.id, _("再投一次的票列好了。")) if made else _show(poll_id, 422, run_off=form)


def _lot_form(poll: Poll) -> Any:
    """Only where a lot may still be drawn does anybody need to be chosen for it."""
    if poll.state != "closed" or not (poll.run_off_of and poll.lot_announced):
        return None
    return fill_second(forms.LotForm(formdata=None), seconds())


def lot(poll_id: UUID, ballot_id: UUID) -> Any:
    """Write down the lot that was drawn in front of everybody."""
    found_poll(poll_id)
    question = next((q for q in queries.questions_of(poll_id) if q.id == ballot_id), None)
    if question is None:
        raise Missing(N_("没有这一题。"))
    form = forms.LotForm()

    def act(second: Any) -> None:
        polls.draw_lot(question, request.form.get("winner", "")[:20], second=second, by=actor(), now=clock.now())

    return back_to(poll_id, _("抽签的结果记下了。")) if with_second(form, act) else _show(poll_id, 422, lot=form)


W, R = Permission.BALLOT_WRITE, Permission.SITTING_WRITE
ONE = "/desk/polls/<uuid:poll_id>"
DOORS: list[Door] = [
    Door("GET", ONE, desk_poll, R),
    Door("GET", f"{ONE}/preview", preview, R, name="poll_preview"),
    Door("GET", f"{ONE}/opening", opening, W, name="poll_opening"),
    Door("POST", f"{ONE}/opening", poll_open, W),
    Door("GET", f"{ONE}/ending", ending, W, name="poll_ending"),
    Door("POST", f"{ONE}/ending", poll_end, W),
    Door("POST", f"{ONE}/closing", closing, W, name="poll_closing"),
    Door("GET", f"{ONE}/voiding", voiding, W, name="poll_voiding"),
    Door("POST", f"{ONE}/voiding", poll_void, W),
    Door("POST", f"{ONE}/run-off", run_off, W, name="poll_run_off"),
    Door("POST", f"{ONE}/lots/<uuid:ballot_id>", lot, W, name="poll_lot", limit="20 per 10 minutes"),
    *poll_draft.DOORS, *poll_roll.DOORS, *poll_papers.DOORS, *poll_count.DOORS,
]  # fmt: skip
