"""Doors of the desk: who is asked, and the draft of a poll with its questions and options."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces import figures
from app.faces.community import poll_forms as forms
from app.faces.community import poll_page
from app.faces.community import poll_questions as asking
from app.faces.community.inputs import as_uuid
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect.queries import photos_of
from app.flow.decide import polls
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.poll_queries import polls_of_matter, questions_of
from app.flow.decide.polls import OptionPut, Question
from app.flow.decide.rules import Rule
from app.flow.deliberate.queries import sittings_of_matter
from app.flow.deliberate.rules import SittingState
from app.flow.research.queries import findings_of
from app.matter.models import Matter
from app.people.permissions import Permission
from app.people.register import estates
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

#: Whose decision a matter is, and the body that usually takes it.
USUAL = {"council": "council", "residents": "residents", "owners": "owners"}


def poll_new(matter_id: UUID) -> Any:
    """First who is asked, then the draft."""
    matter, body = readable(matter_id), request.args.get("body", "")
    if body not in forms.BODY_WORDS:
        return desk(
            "desk/poll_bodies.html", "votes", matter=matter, usual=USUAL.get(matter.power or ""),
            bodies=[(key, say(b.name), say(b.law), b.icon) for key, b in forms.BODY_WORDS.items()],
            polls=polls_of_matter(matter_id), states=poll_page.STATES, sitting=request.args.get("sitting", ""),
        )  # fmt: skip
    named = body == "owners"
    form = forms.DraftForm(
        formdata=None, once=str(uuid7()), body=body, title=matter.title[:60], mode="named" if named else None,
        subject="money_shares" if named else None, who_may=say(forms.BODY_WORDS[body].who_may), changeable=True,
        ways=["paper"] if named else ["online", "paper"], sitting=request.args.get("sitting", ""),
    )  # fmt: skip
    rule = asking.rules_for(body)[0]
    if body in ("council", "reps") and not form.sitting.data:
        form.sitting.data = next((str(s.id) for s in _sittings(matter) if s.state == SittingState.OPEN), "")
    return _page(matter, None, form, [asking.QuestionTyped(matter.question[: asking.WORDS], str(rule))])


def poll_draft(matter_id: UUID) -> Any:
    """Keep a new draft."""
    return _save(readable(matter_id), None)


def poll_edit(poll_id: UUID) -> Any:
    """The draft again."""
    poll, matter = _draft(poll_id)
    at = clock.local(poll.closes_at) if poll.closes_at else None
    form = forms.DraftForm(
        formdata=None, body=poll.body, title=poll.title, mode=poll.mode, who_may=poll.who_may,
        # A secret sheet keeps no such wish; who makes it a named one is offered the usual answer again.
        subject=poll.subject, changeable=poll.changeable or poll.mode == "secret",
        lot_announced=poll.lot_announced, ways=[way for way, _label in forms.WAYS if getattr(poll, way)],
        estate=str(poll.estate_id or ""), sitting=str(poll.sitting_id or ""), day=at.date() if at else None,
        time=at.time() if at else None,
    )  # fmt: skip
    return _page(matter, poll, form, [_typed(question) for question in questions_of(poll_id)])


def poll_change(poll_id: UUID) -> Any:
    """Keep the changed draft."""
    poll, matter = _draft(poll_id)
    return _save(matter, poll)


def _draft(poll_id: UUID) -> tuple[Poll, Matter]:
    poll, matter = poll_page.found_poll(poll_id)
    if poll.state != "draft":
        raise Refused(N_("已经开始投了，不能再改。写错了就作废，重新列一张。"))
    return poll, matter


def _typed(question: Ballot) -> asking.QuestionTyped:
    options = [
        asking.OptionTyped(
            o["label"], o.get("words") or "", figures.typed_yuan(o.get("cost_fen")), o.get("attachment_id") or ""
        )
        for o in question.options
    ]
    return asking.QuestionTyped(question.question, question.rule, options)


def _save(matter: Matter, poll: Poll | None) -> Any:
    body, questions = request.form.get("body", ""), asking.questions_typed(request.form)
    if body not in forms.BODY_WORDS:
        raise Missing(N_("没有这样的投票。"))
    form, matter_id, poll_id = _filled(forms.DraftForm(), matter), matter.id, poll.id if poll else None
    found = [o for o in findings_of(matter.id).options if not o["dropped"]] if request.form.get("found") else []
    place = asking.press(questions, request.form, found)
    if place:
        return _page(matter, poll, form, questions, place=place)
    photos = [photo.id for photo in photos_of(matter, public_only=True)]
    fine = asking.judge_questions(questions, body, photos)
    if form.validate() and fine:
        try:
            kept = _keep(matter, poll, form, questions)
        except Refused as refused:
            db.session.rollback()
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("存好了，还没开始投。看看还差什么。"), "ok")
            return redirect(site_url("community.desk_poll", poll_id=kept.id), 303)
    db.session.rollback()
    form.form_errors = [*form.form_errors, *asking.complaints(questions)]
    return _page(readable(matter_id), poll_page.found_poll(poll_id)[0] if poll_id else None, form, questions), 422


def _keep(matter: Matter, poll: Poll | None, form: Any, questions: list[asking.QuestionTyped]) -> Poll:
    body = form.body.data
    values: dict[str, Any] = {
        "title": form.title.data, "body": body, "mode": form.mode.data,
        "questions": tuple(_put(question) for question in questions),
        **{way: way in form.ways.data for way, _label in forms.WAYS},
        "who_may": form.who_may.data, "closes_at": form.closes_at, "changeable": form.changeable.data,
        "lot_announced": form.lot_announced.data, "subject": "other" if body == "owners" else form.subject.data,
        "objections": form.objections.data or 0, "estate_id": as_uuid(form.estate.data) if body == "owners" else None,
        "sitting": _sitting(matter, form),
    }  # fmt: skip
    if poll is not None:
        return polls.change_poll(poll, **values, by=actor(), now=clock.now())
    return polls.draft_poll(matter, **values, by=actor(), now=clock.now(), id=form.once_id)


def _put(question: asking.QuestionTyped) -> Question:
    options = tuple(
        OptionPut(option.label, option.words, option.cost_fen, as_uuid(option.photo))
        for option in (question.filled if question.takes_options else ())
    )
    return Question(question.words, Rule(question.rule), options)


def _sittings(matter: Matter) -> list[Any]:
    return [s for _item, s in sittings_of_matter(matter.id) if s.state != SittingState.CALLED_OFF]


def _sitting(matter: Matter, form: Any) -> Any:
    return next((s for s in _sittings(matter) if str(s.id) == form.sitting.data), None)


def _filled(form: forms.DraftForm, matter: Matter) -> forms.DraftForm:
    places = estates() if form.body.data == "owners" else []
    return form.fill(places, _sittings(matter))


def _page(
    matter: Matter,
    poll: Poll | None,
    form: forms.DraftForm,
    questions: list[asking.QuestionTyped],
    place: str = "",
) -> Any:
    body = form.body.data
    photos = photos_of(matter, public_only=True)
    here = {"poll_id": poll.id} if poll else {"matter_id": matter.id}
    return desk(
        "desk/poll_draft.html", "votes", matter=matter, poll=poll, form=_filled(form, matter), place=place,
        questions=asking.with_room(questions), rules=asking.rule_choices(body), option_rule=str(Rule.MULTI_OPTION),
        body=forms.BODY_WORDS[body], most={"questions": asking.QUESTIONS, "options": asking.OPTIONS},
        photos=[(str(p.id), p.caption or _("照片 %(n)s", n=n)) for n, p in enumerate(photos, 1)],
        found=[o for o in findings_of(matter.id).options if not o["dropped"]],
        action=site_url("community.poll_change" if poll else "community.poll_draft", **here),
    )  # fmt: skip


W = Permission.BALLOT_WRITE
ONE = "/desk/polls/<uuid:poll_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/polls", poll_new, W),
    Door("POST", "/desk/matters/<uuid:matter_id>/polls", poll_draft, W),
    Door("GET", f"{ONE}/draft", poll_edit, W),
    Door("POST", f"{ONE}/draft", poll_change, W),
]
