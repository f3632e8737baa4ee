"""Doors of the hall: who is asked to a sitting, what they answered, and the own page where one answers with one tap."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, NotAllowed, Refused
from app.faces.community import sitting_forms as forms
from app.faces.community.planning_forms import InviteForm, ReplyForm, people_from
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, local_path, page
from app.faces.visitor import actor, visitor
from app.flow.deliberate import actions, inviting, queries, rules
from app.flow.deliberate.models import Attendance, Sitting
from app.flow.deliberate.rules import KIND_LABELS, SittingKind, SittingState
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url


def replies(sitting: Sitting, register: list[Attendance]) -> dict[str, Any]:
    """«来 12 · 不来 3 · 没回 2», and whether the quorum is in danger."""
    found = inviting.replies_of(sitting, register)
    return {
        "counts": found, "outlook": say(found.outlook.reason, found.outlook.values), "danger": found.danger,
        "line": _(
            "来 %(coming)s · 不来 %(not_coming)s · 没回 %(silent)s",
            coming=found.coming, not_coming=found.not_coming, silent=found.silent,
        ),
        "declined": [line for line in register if line.reply == "not_coming" and line.state == "expected"],
        "by_number": SittingKind(sitting.kind) in rules.BY_NUMBER,
    }  # fmt: skip


def invitees(sitting_id: UUID) -> Any:
    """Everybody on the register with their answer, and the forms to ask more people."""
    return _page(_found(sitting_id), InviteForm(formdata=None, standing="counts"))


def _page(sitting: Sitting, form: InviteForm, line: UUID | None = None, reply: ReplyForm | None = None) -> Any:
    register = queries.register_of(sitting.id)
    state, kind = SittingState(sitting.state), SittingKind(sitting.kind)
    counted = rules.may_invite(state, kind, counts=True)
    if not counted or kind in rules.LISTED:
        form.standing.choices = [form.standing.choices[1]]
        form.standing.data = "observer"
    known = {one.account_id for one in register}
    shut = bool(form.errors or form.form_errors or (reply and (reply.errors or reply.form_errors)))
    return desk(
        "desk/sittings_invitees.html", "council", sitting=sitting, register=register, form=form, asked=line,
        reply=reply or ReplyForm(formdata=None), replies=replies(sitting, register),
        may_invite=rules.may_invite(state, kind, counts=False), may_reply=rules.may_reply(state),
        people=[one for one in queries.hall_people() if one.id not in known], kind=say(KIND_LABELS[kind]),
        is_planned=state is SittingState.PLANNED, listed=kind in rules.LISTED,
    ), 422 if shut else 200  # fmt: skip


def invite(sitting_id: UUID) -> Any:
    """Put people on the register: names one a line, and accounts of the hall that were ticked."""
    sitting, form = _found(sitting_id), InviteForm()
    chosen = [forms.as_uuid(text) for text in request.form.getlist("account")]
    form.names.validators = () if any(chosen) else form.names.validators
    counts = request.form.get("standing") == "counts"
    if form.validate():
        try:
            asked = [*people_from(form.names.data, counts=counts), *_accounts(chosen, counts)]
            new = actions.invite(sitting, asked, by=actor(), now=clock.now())
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("请上了 %(n)s 位。", n=len(new)) if new else _("这几位已经在名单上了。"), "ok")
            return redirect(site_url("community.invitees", sitting_id=sitting_id), 303)
    db.session.rollback()
    return _page(_found(sitting_id), form)


def _accounts(chosen: list[UUID | None], counts: bool) -> list[actions.Expected]:
    if not any(chosen):
        return []
    known = {account.id: account for account in queries.hall_people()}
    if set(chosen) - set(known):
        raise Missing(N_("没有这个账号。"))
    return [actions.Expected(known[one].display_name, "", one, counts) for one in chosen if one]


def disinvite(sitting_id: UUID, line_id: UUID) -> Any:
    """Take somebody off the register again, before the notice."""
    actions.disinvite(_found(sitting_id), line_id, by=actor(), now=clock.now())
    flash(_("从名单上拿下来了。"), "ok")
    return redirect(site_url("community.invitees", sitting_id=sitting_id), 303)


def told_reply(sitting_id: UUID, line_id: UUID) -> Any:
    """What somebody answered on the phone or at the door, with who said it."""
    sitting, form = _found(sitting_id), ReplyForm()
    line = inviting.find_line(sitting_id, line_id)
    if form.validate():
        try:
            actions.reply(
                line, sitting, coming=form.answer.data == "coming", words=form.words.data or "",
                said_by=form.said_by.data or "", by=actor(), now=clock.now(),
            )  # fmt: skip
        except Refused as refused:
            form.form_errors = [say(refused.reason, refused.values)]
        else:
            flash(_("记下了。"), "ok")
            return redirect(site_url("community.invitees", sitting_id=sitting_id) + f"#l-{line_id}", 303)
    db.session.rollback()
    return _page(_found(sitting_id), InviteForm(formdata=None, standing="counts"), line_id, form)


def excuses(sitting_id: UUID) -> Any:
    """Mark as excused everybody who said that they are not coming."""
    n = actions.excuse_decliners(_found(sitting_id), by=actor(), now=clock.now())
    flash(_("%(n)s 位登记成请假了；人来了再改过来。", n=n), "ok")
    return redirect(local_path(request.form.get("next")) or site_url("community.sitting", sitting_id=sitting_id), 303)


def observing(sitting_id: UUID) -> Any:
    """The affairs supervisor puts themselves on the register, without a vote."""
    actions.observe(_found(sitting_id), by=actor(), now=clock.now())
    flash(_("您在名单上了，列席，不表决。"), "ok")
    return redirect(local_path(request.form.get("next")) or site_url("community.my_sittings"), 303)


def my_sittings() -> str:
    """The sittings I am asked to, each with two buttons: 来, 不来."""
    me = _me()
    rows = queries.sittings_of_account(me.id, clock.now(), 20)
    return page(
        "hall/my_sittings.html", me_name=me.name,
        rows=[
            {"sitting": sitting, "line": line, "may_reply": bool(rules.may_reply(SittingState(sitting.state))),
             "kind": say(KIND_LABELS[SittingKind(sitting.kind)])}
            for sitting, line in rows
        ],
    )  # fmt: skip


def own_reply(sitting_id: UUID) -> Any:
    """One tap: I come, or I do not (with a word why, if one likes)."""
    sitting = _found(sitting_id)
    line = queries.line_of(sitting_id, _me().id)
    answer = request.form.get("answer")
    if line is None or sitting.noticed_at is None:
        raise Missing(N_("没有这个会。"))
    if answer not in ("coming", "not_coming"):
        raise Refused(N_("来还是不来，选一个。"))
    actions.reply(
        line, sitting, coming=answer == "coming", words=request.form.get("words", ""), by=actor(), now=clock.now()
    )
    flash(_("记下了：您来。") if answer == "coming" else _("记下了：您不来。改主意了再点一下。"), "ok")
    return redirect(local_path(request.form.get("next")) or site_url("community.my_sittings"), 303)


def _me() -> Any:
    me = visitor()
    if me is None:
        raise NotAllowed(N_("请先登录。"))
    return me


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None:
        raise Missing(N_("没有这个会。"))
    return found


W, USE = Permission.SITTING_WRITE, Permission.ACCOUNT_USE
ONE = "/desk/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("GET", ONE + "/invitees", invitees, W),
    Door("POST", ONE + "/invitees", invite, W, name="invitees_save"),
    Door("POST", ONE + "/invitees/<uuid:line_id>/removal", disinvite, W, name="invitee_removal"),
    Door("POST", ONE + "/invitees/<uuid:line_id>/reply", told_reply, W, name="invitee_reply"),
    Door("POST", ONE + "/excuses", excuses, W, name="sitting_excuses"),
    Door("POST", ONE + "/observing", observing, Permission.MATTER_READ, name="sitting_observing"),
    Door("GET", "/me/sittings", my_sittings, USE),
    Door("POST", "/sittings/<uuid:sitting_id>/reply", own_reply, USE, name="sitting_reply", limit="60 per 10 minutes"),
]
