"""Doors of the desk: papers keyed in by one and once more by another, and hands counted by two.

Whoever checks does not see the first reading. Neither reading ever says whose paper it was, except in a named poll,
where the paper carries its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community import poll_forms as forms
from app.faces.community import poll_questions
from app.faces.community.inputs import as_uuid, whole_number
from app.faces.community.poll_page import asked, attempt, back_to, found_poll, words
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.decide import papers
from app.flow.decide import poll_queries as queries
from app.flow.decide.models import Ballot, PaperSheet, Poll
from app.flow.deliberate.queries import hall_people
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

#: The newest sheets shown beside the one being keyed in.
LATEST = 8


def before_closing(poll: Poll, questions: list[Ballot], progress: Any) -> list[dict[str, Any]]:
    """What is still missing before the result may be declared; the action asks again."""
    needs = []
    if poll.paper:
        sheets = queries.sheets_of(poll.id)
        done, differ = _counts(sheets)["checked"], _counts(sheets)["differs"]
        url = site_url("community.poll_sheets", poll_id=poll.id)
        needs.append(
            {"ok": len(sheets) == progress.returned and done == len(sheets),
             "label": _("收回 %(r)s 张，录了 %(e)s 张，核了 %(c)s 张", r=progress.returned, e=len(sheets), c=done),
             "text": _("有 %(n)s 张两遍对不上", n=differ) if differ else "", "url": url, "link": _("去录票、核票")}
        )  # fmt: skip
    if poll.hands:
        counted = queries.hands_of(poll.id)
        needs.append(
            {"ok": len(counted) == len(questions), "text": "", "link": _("去记人数"),
             "label": _("举手的人数记好了") if len(counted) == len(questions) else _("记下举手的人数"),
             "url": site_url("community.poll_hands", poll_id=poll.id)}
        )  # fmt: skip
    return needs


def _counts(sheets: list[PaperSheet]) -> dict[str, int]:
    return {state: sum(sheet.state == state for sheet in sheets) for state in ("entered", "differs", "checked")}


def poll_sheets(poll_id: UUID) -> Any:
    """Key in sheet after sheet."""
    return _sheets(poll_id, forms.FlaskForm(formdata=None), {})


def _sheets(poll_id: UUID, form: Any, typed: Mapping[str, str], status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    sheets, me = queries.sheets_of(poll_id), actor().id
    mine = [sheet for sheet in sheets if sheet.state == "entered" and sheet.entered_by != me]
    return desk(
        "desk/poll_sheets.html", "votes", poll=poll, matter=matter, questions=asked(queries.questions_of(poll_id)),
        form=form, typed=typed, counts=_counts(sheets), n=len(sheets), to_check=len(mine),
        following=max((sheet.number for sheet in sheets), default=0) + 1,
        progress=queries.progress(poll), differing=[sheet for sheet in sheets if sheet.state == "differs"],
        latest=sorted(sheets, key=lambda sheet: -sheet.number)[:LATEST],
        serials=queries.serials_of(sheets) if poll.mode == "named" else {},
        spoiled=(poll_questions.SPOILED[0], say(poll_questions.SPOILED[1])), **words(poll),
    ), status  # fmt: skip


def _read(questions: list[Ballot]) -> dict[UUID, str]:
    """What was keyed in, one mark a question; raises ``Refused`` when one is missing."""
    chosen: dict[UUID, str] = {}
    for question in questions:
        mark = request.form.get(f"c-{question.position}", "")
        if mark not in {key for key, _label in poll_questions.choice_labels(question)} | {poll_questions.SPOILED[0]}:
            raise Refused(N_("第 %(n)s 题还没选；看不清、没填、填了两个都算废票。"), n=question.position)
        chosen[question.id] = mark
    return chosen


def sheet_in(poll_id: UUID) -> Any:
    """Keep the first reading of one sheet, and offer the next."""
    poll, _matter = found_poll(poll_id)
    form, number = forms.FlaskForm(), whole_number(request.form.get("number"))
    serial = whole_number(request.form.get("serial")) if poll.mode == "named" else None

    def act() -> PaperSheet:
        if poll.mode == "named" and serial is None:
            raise Refused(N_("写票上的号。"))
        chosen = _read(queries.questions_of(poll_id))
        return _already(poll_id, chosen, number, serial) or papers.enter_sheet(
            poll, chosen, serial=serial, by=actor(), now=clock.now()
        )

    try:
        kept = attempt(form, act)
    except Missing as missing:
        db.session.rollback()
        form.form_errors = [say(missing.reason, missing.values)]
        kept = None
    if kept is None:
        return _sheets(poll_id, form, request.form, 422)
    said = _("第 %(n)s 张录好了。", n=kept.number)
    if poll.mode == "secret" and number not in (None, kept.number):
        said = _("第 %(n)s 张录好了，刚才别人也在录：这张票右下角请写 %(n)s。", n=kept.number)
    return back_to(poll_id, said, "community.poll_sheets")


def _already(poll_id: UUID, chosen: dict[UUID, str], number: int | None, serial: int | None) -> PaperSheet | None:
    """What the first of two clicks kept: the same paper, keyed the same way by the same person."""
    sheets = queries.sheets_of(poll_id)
    serials = queries.serials_of(sheets) if serial is not None else {}
    read, me = {str(key): choice for key, choice in chosen.items()}, actor().id
    for sheet in sheets:
        same = serials.get(sheet.id) == serial if serial is not None else sheet.number == number
        if same and sheet.entered_by == me and sheet.choices == read:
            return sheet
    return None


def check(poll_id: UUID) -> Any:
    """The next sheet another person keyed in, or the one asked for."""
    found_poll(poll_id)
    number, me = whole_number(request.args.get("sheet")), actor().id
    sheets = queries.sheets_of(poll_id)
    # Where two readings differ either of the two looks at the paper again; an unread one waits for somebody else.
    sheet = next((s for s in sheets if s.number == number and s.state == "differs"), None) if number else None
    sheet = sheet or next((s for s in sheets if s.state == "entered" and s.entered_by != me), None)
    if sheet is None:
        return back_to(poll_id, _("没有等着您核的票了。"), "community.poll_sheets")
    return _check(poll_id, sheet, forms.FlaskForm(formdata=None), {})


def _check(poll_id: UUID, sheet: PaperSheet, form: Any, typed: Mapping[str, str], status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    sheets = queries.sheets_of(poll_id)
    return desk(
        "desk/poll_check.html", "votes", poll=poll, matter=matter, questions=asked(queries.questions_of(poll_id)),
        sheet=sheet, form=form,
        serial=queries.serials_of([sheet]).get(sheet.id) if poll.mode == "named" else None, typed=typed, n=len(sheets),
        counts=_counts(sheets), spoiled=(poll_questions.SPOILED[0], say(poll_questions.SPOILED[1])), **words(poll),
    ), status  # fmt: skip


def sheet_check(poll_id: UUID, sheet_id: UUID) -> Any:
    """Keep the second reading."""
    found_poll(poll_id)
    sheet = queries.find_sheet(poll_id, sheet_id)
    if sheet is None:
        raise Missing(N_("没有这张票。"))
    form, number = forms.FlaskForm(), sheet.number
    done = attempt(
        form,
        lambda: papers.check_sheet(sheet, _read(queries.questions_of(poll_id)), by=actor(), now=clock.now()),
    )
    if done is None:
        again = queries.find_sheet(poll_id, sheet_id)
        return _check(poll_id, again or sheet, form, request.form, 422)
    said = _("第 %(n)s 张对上了。", n=number)
    if done.state == "differs":
        said = _("第 %(n)s 张两遍对不上，先放一边，待会儿一起看票。", n=number)
    return back_to(poll_id, said, "community.poll_check")


def hands(poll_id: UUID) -> Any:
    """Hands, question by question."""
    return _hands(poll_id, {})


def _hands(poll_id: UUID, refused: dict[UUID, Any], status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    counted = {row.ballot_id: row for row in queries.hands_of(poll_id)}
    return desk(
        "desk/poll_hands.html", "votes", poll=poll, matter=matter, questions=asked(queries.questions_of(poll_id)),
        counted=counted, refused=refused, people=hall_people(), typed=request.form, **words(poll),
    ), status  # fmt: skip


def hands_in(poll_id: UUID, ballot_id: UUID) -> Any:
    """Write down the hands two people counted on one question."""
    found_poll(poll_id)
    question = next((q for q in queries.questions_of(poll_id) if q.id == ballot_id), None)
    if question is None:
        raise Missing(N_("没有这一题。"))
    form = forms.FlaskForm()

    def act() -> Any:
        figures = {key: _figure(f"n-{key}") for key, _label in poll_questions.choice_labels(question)}
        teller, scrutineer = (as_uuid(request.form.get(name)) for name in ("teller", "scrutineer"))
        if teller is None or scrutineer is None:
            raise Refused(N_("计票和监票要两个人"))
        return papers.count_hands_of(
            question, figures, _figure("present"), teller=teller, scrutineer=scrutineer, by=actor(), now=clock.now()
        )

    if attempt(form, act) is None:
        return _hands(poll_id, {ballot_id: form}, 422)
    return back_to(poll_id, _("人数记下了。"), "community.poll_hands")


def _figure(name: str) -> int:
    figure = whole_number(request.form.get(name))
    if figure is None:
        raise Refused(N_("数出来几个写几个，没有写 0。"))
    return figure


W, R = Permission.BALLOT_WRITE, Permission.SITTING_WRITE
ONE = "/desk/polls/<uuid:poll_id>"
DOORS: list[Door] = [
    Door("GET", f"{ONE}/sheets", poll_sheets, R),
    Door("POST", f"{ONE}/sheets", sheet_in, R, name="poll_sheet_in"),
    Door("GET", f"{ONE}/sheets/check", check, R, name="poll_check"),
    Door("POST", f"{ONE}/sheets/<uuid:sheet_id>/check", sheet_check, R, name="poll_sheet_check"),
    Door("GET", f"{ONE}/hands", hands, R, name="poll_hands"),
    Door("POST", f"{ONE}/hands/<uuid:ballot_id>", hands_in, W, name="poll_hands_in"),
]
