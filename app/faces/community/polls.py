"""Doors of the hall: a poll as its voters see it, from who may vote to the receipt and the count anybody can redo."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app import clock
from app.errors import Missing, Refused
from app.faces import limits
from app.faces.community import poll_words as words
from app.faces.community.poll_result import result_page
from app.faces.community.poll_sheet import GONE, Standing, as_seq, chosen, field_of, seq_of, sheet, shown
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import page
from app.faces.visitor import visitor
from app.flow.collect.queries import is_told
from app.flow.decide import poll_queries as queries
from app.flow.decide import voting
from app.flow.decide.queries import find_ballot
from app.matter.actions import find_matter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

CODES = "receipt"
LONGEST_CODE = 60


class ReceiptForm(FlaskForm):  # type: ignore[misc]
    """A receipt's code as people type it."""

    code = StringField(_l("回执码"))


def poll(poll_id: UUID) -> Any:
    """The poll: whether I may vote and why not, who, when and how, each question with its rule."""
    stand = Standing(poll_id)
    if stand.poll.state == "closed":
        return redirect(site_url("community.poll_result", poll_id=poll_id), 303)
    return _poll(stand)


def _poll(stand: Standing, form: Any = None, status: int = 200) -> Any:
    now, found = clock.now(), stand.poll
    may = queries.may_cast_poll(found, stand.line, now)
    if form is None and may:
        form = sheet(stand.questions, formdata=None, seq=str(stand.next_seq))
    # Who may vote reads the sheet and no turnout: the figure stands on the receipt, and everybody else sees it here.
    how_far = None if may else queries.progress(found)
    on_roll = how_far.on_roll if how_far and found.state == "draft" else found.eligible
    if found.state == "draft" and not (on_roll or _is_staff()):
        raise Missing(GONE)
    return _private(
        page(
            "hall/poll.html", poll=found, matter=stand.matter, line=stand.line, may=may, recorded=stand.recorded,
            form=form if may else None, questions=shown(stand, on_roll), on_roll=on_roll,
            turnout=_turnout(how_far), unit=words.unit_of(found), who=words.who_may(found),
            chip=words.state_of(found, now), where=stand.where,
            sheet_lines=words.sheet_lines(found), channels=words.CHANNELS, is_open_matter=stand.is_open_matter,
        ),
        status,
    )  # fmt: skip


def _is_staff() -> bool:
    me = visitor()
    return me is not None and me.is_staff


def _turnout(how_far: queries.Progress | None) -> tuple[int, int] | None:
    if how_far is None or not how_far.on_roll:
        return None
    return how_far.online + how_far.paper + how_far.hands, how_far.on_roll


def poll_second_look(poll_id: UUID) -> Any:
    """The second asking of a secret poll. The choices stay in the form: no address, session or log ever holds them."""
    stand = Standing(poll_id)
    form = sheet(stand.questions)
    if stand.has_cast and stand.poll.mode == "secret":
        return redirect(site_url("community.poll_receipt", poll_id=poll_id), 303)
    if request.form.get("back"):
        return _poll(stand, form)
    choices = chosen(stand.questions, form)
    if choices is None:
        return _poll(stand, form, 422)
    queries.may_cast_poll(stand.poll, stand.line, clock.now()).or_refuse()
    return _private(
        page(
            "hall/poll_check.html", poll=stand.poll, matter=stand.matter, questions=shown(stand, 0), choices=choices,
            seq=form.seq.data or "1",
        )
    )  # fmt: skip


def poll_cast(poll_id: UUID) -> Any:
    """Cast the whole sheet at once."""
    receipt, me, fields = site_url("community.poll_receipt", poll_id=poll_id), visitor(), request.form
    if me and voting.cast_as_typed(
        poll_id, me.id, lambda position: fields.get(f"q{position}", ""), as_seq(fields.get("seq", "")), now=clock.now()
    ):
        return _private(redirect(receipt, 303))
    stand = Standing(poll_id)
    form = sheet(stand.questions)
    if stand.has_cast and stand.poll.mode == "secret":
        # The same sheet sent once more: the first one lies in the box, and this one is not looked at.
        return redirect(receipt, 303)
    choices = chosen(stand.questions, form)
    if choices is None:
        return _poll(stand, form, 422)
    if stand.has_cast and not (may := queries.may_cast_poll(stand.poll, stand.line, clock.now())):
        # An older page, or somebody else of the same home: what stands on record says more than a refusal.
        flash(say(may.reason, may.values), "soon")
        return redirect(receipt, 303)
    try:
        done = voting.cast_poll(poll_id, me.id if me else poll_id, choices, seq_of(form), now=clock.now())
    except Refused:
        db.session.rollback()
        stand = Standing(poll_id)
        if not stand.recorded or not queries.may_cast_poll(stand.poll, stand.line, clock.now()):
            raise
        return _older_page(stand, choices)
    if done.code:
        session["receipt"] = (str(poll_id), done.code)
    return _private(redirect(receipt, 303))


def _older_page(stand: Standing, choices: dict[UUID, str]) -> Any:
    """An older page was sent after a newer vote: what stands is shown, what was chosen here stays chosen."""
    form = sheet(stand.questions, formdata=None, seq=str(stand.next_seq))
    for ballot in stand.questions:
        form[field_of(ballot)].data = choices[ballot.id]
    form.form_errors = [_("您在另一个页面已经投过了，那一票算数，下面写着投的是什么。要改成现在选的，再点一次。")]
    return _poll(stand, form, 409)


def poll_receipt(poll_id: UUID) -> Any:
    """What I hold after voting: my choices of a named vote; of a secret one the code, once, and never a choice."""
    stand = Standing(poll_id)
    if stand.line is None or not stand.has_cast:
        return redirect(site_url("community.poll", poll_id=poll_id))
    kept, code = session.get("receipt") or ("", "")
    if kept == str(poll_id):
        session.pop("receipt")
    else:
        code = ""
    return _private(
        page(
            "hall/poll_receipt.html", poll=stand.poll, matter=stand.matter, line=stand.line, recorded=stand.recorded,
            questions=shown(stand, 0), code=_in_fours(code), channels=words.CHANNELS,
            where=stand.where,
            may=queries.may_cast_poll(stand.poll, stand.line, clock.now()), unit=words.unit_of(stand.poll),
            turnout=_turnout(queries.progress(stand.poll)),
        )
    )  # fmt: skip


def _in_fours(code: str) -> str:
    letters = "".join(letter for letter in code if letter.isalnum())
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def poll_result(poll_id: UUID) -> Any:
    """What came out, question by question, and how anybody can count again."""
    stand = Standing(poll_id)
    if stand.poll.state != "closed":
        raise Missing(N_("没有这次表决的结果，或者还没有计票。"))
    return result_page(stand.poll, stand.matter, stand.questions, is_open_matter=stand.is_open_matter)


def receipts() -> str:
    """The form for a receipt's code."""
    return page("hall/receipts.html", form=ReceiptForm(formdata=None), found=None)


def receipts_check() -> Any:
    """Whether the ballot of this code lies in its box; wrong codes are slowed down, and no address holds a code."""
    form = ReceiptForm()
    typed = (form.code.data or "")[:LONGEST_CODE].strip()
    if not limits.may_guess(CODES):
        form.code.errors = [_("输错的次数多了，请过十分钟再试。")]
        return _private(page("hall/receipts.html", form=form, found=None), 429)
    found = queries.poll_of_receipt(typed) if typed else None
    if found is None:
        if typed:
            limits.wrong_guess(CODES)
        form.code.errors = [_("没有这个码的票。请照着记下的四个四个地对一遍。") if typed else _("请输上回执码。")]
        return _private(page("hall/receipts.html", form=form, found=None), 422)
    matter = find_matter(found.matter_id)
    told = {"title": "", "url": ""}
    if matter is not None and is_told(matter):
        over = found.state == "closed"
        told = {"title": found.title, "url": site_url("community.poll_result", poll_id=found.id) if over else ""}
    form.code.data = ""
    return _private(page("hall/receipts.html", form=form, found=told))


def box(ballot_id: UUID) -> Response:
    """The box of one counted question as a file, without a name, in the format of ``./run flask ballot recount``."""
    ballot = find_ballot(ballot_id)
    matter = find_matter(ballot.matter_id) if ballot else None
    if ballot is None or matter is None or not is_told(matter):
        raise Missing(GONE)
    if ballot.state != "closed" or ballot.mode == "consensus":
        raise Missing(GONE)
    body = json.dumps(queries.box_json(ballot), ensure_ascii=False, separators=(",", ":"))
    answer = Response(body, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="ballots-{ballot_id}.json"'
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _private(body: Any, status: int = 200) -> Response:
    """A page about one voter stays with that voter: no cache of a browser or a line keeps it."""
    answer = make_response(body)
    if status != 200:
        answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


P = Permission
ONE = "/polls/<uuid:poll_id>"
DOORS: list[Door] = [
    Door("GET", ONE, poll, P.ANYONE_ENTER),
    Door("POST", ONE, poll_cast, P.POLL_CAST, limit="60 per 10 minutes"),
    Door("POST", ONE + "/check", poll_second_look, P.POLL_CAST, limit="60 per 10 minutes"),
    Door("GET", ONE + "/receipt", poll_receipt, P.POLL_CAST),
    Door("GET", ONE + "/result", poll_result, P.ANYONE_ENTER),
    Door("GET", "/receipts", receipts, P.ANYONE_TRACK),
    Door("POST", "/receipts", receipts_check, P.ANYONE_TRACK, limit="60 per 10 minutes"),
    Door("GET", "/ballots/<uuid:ballot_id>/box.json", box, P.ANYONE_ENTER),
]
