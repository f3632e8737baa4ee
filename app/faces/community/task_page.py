"""Doors of the hall: one task with its measure, money and pictures; reporting on it, and reporting it done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app import clock
from app.errors import Missing, Refused
from app.faces import figures
from app.faces.community import paperwork
from app.faces.community.pictures_in import pictures_sent
from app.faces.community.task_forms import (
    AddressForm,
    AnswerForm,
    ExtensionForm,
    FinishForm,
    NoteForm,
    PhotoCheckForm,
    RequestForm,
)
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.implement import actions, money_queries, queries, rules
from app.flow.implement.evidence import evidence_of
from app.flow.implement.models import ExtensionRequest, ProgressNote
from app.flow.resolve.models import Commitment
from app.flow.resolve.task_rules import OWNER_KINDS
from app.matter.actions import record, situation_of
from app.matter.house import house
from app.matter.lights import light
from app.matter.models import Attachment, Matter
from app.matter.situation import LABELS, Stage
from app.matter.stages import find
from app.matter.workdays import end_of
from app.people.actor import Actor
from app.people.looks import look_at
from app.people.permissions import Permission
from app.people.phones import masked_phone
from app.people.roles import COMMUNITY_STAFF, OFFICE_STAFF
from app.people.secrets import unseal
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url


def task(commitment_id: UUID) -> str:
    """One promise: report, finish, put off."""
    return task_page(*found_task(commitment_id))


def note(commitment_id: UUID) -> Any:
    """A line of progress on one promise, with how far it is and pictures."""
    commitment, matter = found_task(commitment_id)
    row_id, form = paperwork.once(), NoteForm()
    if not paperwork.already(ProgressNote, row_id):
        must_be_working(matter)
        if paperwork.attempt(form, lambda: _note(commitment, matter, form, row_id)) is None:
            return task_page(*found_task(commitment_id), note=form), 422
    flash(_("进展记下了，提出人会收到。") if not form.inside.data else _("进展记下了。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def finish(commitment_id: UUID) -> Any:
    """Report one promise done."""
    commitment, matter = found_task(commitment_id)
    form = FinishForm()
    must_be_working(matter)
    if commitment.state != "open":
        raise Refused(N_("这一项已经报过完工了。"))
    done = paperwork.attempt(
        form, lambda: actions.finish(
            commitment, evidence=form.evidence.data or "", actual_fen=figures.fen(form.actual.data),
            done_count=figures.count(form.done.data), shortfall=form.shortfall.data or "", by=actor(), now=clock.now(),
        ),
    )  # fmt: skip
    if done is None:
        return task_page(*found_task(commitment_id), finish=form), 422
    flash(_("这一项办完了。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def readdress(commitment_id: UUID) -> Any:
    """The number of the letter, and how the outside body is reached."""
    commitment, matter = found_task(commitment_id)
    form = AddressForm()
    must_be_working(matter)
    # A phone field left empty keeps the number on record: the page shows it only with its middle covered.
    phone = (form.contact.data or "").strip() or None
    done = paperwork.attempt(
        form, lambda: actions.readdress(
            commitment, contact=phone, letter_no=form.letter.data or "", by=actor(), now=clock.now()
        ),
    )  # fmt: skip
    if done is None:
        return task_page(*found_task(commitment_id), address=form), 422
    flash(_("函号和联系办法记下了。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment_id), 303)


def contact(commitment_id: UUID) -> str:
    """Show the phone of whoever is outside; each look is on record."""
    commitment, matter = found_task(commitment_id)
    rules.may_report(actor().roles, actor().id, None).or_refuse()
    look_at("phone", _("要联系经办单位"), by=actor(), now=clock.now(), matter_id=matter.id)
    record(matter, "contact_shown", by=actor(), now=clock.now(), words=N_("看了经办单位的电话"), public=False)
    return task_page(commitment, matter, phone=unseal(commitment.contact_sealed) if commitment.contact_sealed else "")


def show_photo(photo_id: UUID) -> Any:
    """Staff have looked at an owner's picture; everybody sees it from now on."""
    photo, commitment, matter = _picture(photo_id)
    form = PhotoCheckForm()
    actions.show_picture(photo, matter, checked=bool(form.checked.data), by=actor(), now=clock.now())
    flash(_("公开了，大家在这件事的页面上看得到。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment.id), 303)


def hide_photo(photo_id: UUID) -> Any:
    """Only those who handle the matter see it again."""
    photo, commitment, matter = _picture(photo_id)
    actions.take_picture_back(photo, matter, by=actor(), now=clock.now())
    flash(_("收回了，只有办事的人看得到。"), "ok")
    return redirect(site_url("community.task", commitment_id=commitment.id), 303)


def found_task(commitment_id: UUID) -> tuple[Commitment, Matter]:
    """A promise with its matter, for those who may read it and for whoever carries it out."""
    found = queries.find_commitment(commitment_id)
    me = visitor()
    if found is None or not (paperwork.open_to_reader(found[1]) or (me is not None and found[0].owner_id == me.id)):
        raise Missing(N_("没有这项任务。"))
    return found


def must_be_working(matter: Matter) -> None:
    """A form of a task belongs to the carrying out (409 once that has passed)."""
    paperwork.must_stand_at(matter, *actions.WORKING)


def task_page(commitment: Commitment, matter: Matter, *, phone: str = "", **forms: FlaskForm) -> str:
    """The page of one task; ``forms`` are those that came back with something wrong."""
    (promised, requests), notes = queries.task_board(matter, commitment), queries.progress_of(matter)
    before, after = next(((two, three) for one, two, three in promised if one.id == commitment.id), ([], []))
    me = actor()
    working = Stage(matter.stage) in actions.WORKING
    return desk(
        "desk/task.html", "tasks", task=commitment, matter=matter, siblings=[one[0] for one in promised],
        light=light(
            commitment.created_at, end_of(commitment.due), clock.now(), house().calendar,
            suspended=matter.stage == Stage.SUSPENDED,
        ),
        notes=[one for one in notes if one.commitment_id in (None, commitment.id)], before=before, after=after,
        **_standing(commitment, requests, me, working), stage=LABELS[Stage(matter.stage)],
        kind=OWNER_KINDS[commitment.owner_kind], once=request.form.get("once") or uuid7(),
        back=paperwork.matter_link(matter), gate=_gate(matter) if working else [], phone=phone,
        masked=_masked(commitment), account=money_queries.of_task(commitment), **_forms(commitment, forms),
    )  # fmt: skip


def _standing(commitment: Commitment, requests: Any, me: Actor, working: bool) -> dict[str, Any]:
    """What this reader may do with the task now."""
    opened: ExtensionRequest | None = next((one for one in requests if one.state == "asked"), None)
    parties = (opened.asked_by if opened else None, commitment.owner_id)
    return {
        "reports": working and bool(rules.may_report(me.roles, me.id, commitment.owner_id)),
        "is_staff": bool(me.roles & COMMUNITY_STAFF), "is_secretary": rules.is_secretary(me.roles),
        "requests": requests, "opened": opened, "is_office": bool(me.roles & OFFICE_STAFF),
        "may_answer": opened is not None and working and bool(
            rules.may_decide_extension(me.roles, me.id, parties, opened.state, commitment.state)
        ),
    }  # fmt: skip


def _forms(commitment: Commitment, typed: dict[str, FlaskForm]) -> dict[str, FlaskForm]:
    whole = commitment.target is not None
    return {
        "note": NoteForm(formdata=None),
        "finish": FinishForm(formdata=None, done=str(commitment.done_count or commitment.target) if whole else ""),
        "extension": ExtensionForm(formdata=None),
        "ask": RequestForm(formdata=None),
        "answer": AnswerForm(formdata=None),
        "address": AddressForm(formdata=None, letter=commitment.letter_no),
        "photo_check": PhotoCheckForm(formdata=None),
        **typed,
    }


def _note(commitment: Commitment, matter: Matter, form: NoteForm, row_id: UUID) -> ProgressNote:
    by, now = actor(), clock.now()
    noted = actions.note_progress(
        matter, form.words.data or "", commitment=commitment, public=not form.inside.data,
        done_count=figures.count(form.done.data), by=by, now=now, id=row_id,
    )  # fmt: skip
    for which in ("before", "after"):
        # The words are judged first, so that a refused note leaves no picture in the store.
        if made := pictures_sent(which):
            actions.attach_picture(
                commitment, made, which=which, caption=commitment.what[:60],
                checked=bool(form.checked.data and not form.inside.data), by=by, now=now,
            )  # fmt: skip
    return noted


def _gate(matter: Matter) -> list[dict[str, Any]]:
    """What 报完工 asks for, as the page's list."""
    move = find("hand_over", Stage(matter.stage))
    if move is None:
        return []
    situation = situation_of(matter, evidence_of(matter))
    return [
        {"ok": not need.is_missing(situation), "label": _(need.label)}
        for need in move.needs
        if need.applies is None or need.applies(situation)
    ]


def _masked(commitment: Commitment) -> str:
    return masked_phone(unseal(commitment.contact_sealed)) if commitment.contact_sealed else ""


def _picture(photo_id: UUID) -> tuple[Attachment, Commitment, Matter]:
    found = queries.find_picture(photo_id)
    if found is None or not paperwork.open_to_reader(found[2]):
        raise Missing(N_("没有这张照片。"))
    return found


_TASK = "/desk/tasks/<uuid:commitment_id>"
_PHOTO = "/desk/task-photos/<uuid:photo_id>"
DOORS: list[Door] = [
    Door("GET", _TASK, task, Permission.MATTER_READ),
    Door("POST", f"{_TASK}/progress-notes", note, Permission.COMMITMENT_WRITE, name="note_progress"),
    Door("POST", f"{_TASK}/completions", finish, Permission.COMMITMENT_WRITE, name="finish_task"),
    Door("POST", f"{_TASK}/address", readdress, Permission.COMMITMENT_WRITE, name="readdress_task"),
    Door("POST", f"{_TASK}/contact", contact, Permission.COMMITMENT_WRITE, name="task_contact"),
    Door("POST", f"{_PHOTO}/publications", show_photo, Permission.COMMITMENT_WRITE, name="show_task_photo"),
    Door("POST", f"{_PHOTO}/retractions", hide_photo, Permission.COMMITMENT_WRITE, name="hide_task_photo"),
]
