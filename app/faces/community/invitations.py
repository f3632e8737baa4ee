"""Doors of the hall: asking an expert of the pool to one matter, handing over the link, renewing it, taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import DomainError, Missing
from app.faces.community import invitation_page, invitation_papers, invitation_text
from app.faces.community.inputs import as_uuid
from app.faces.community.invitation_form import InviteForm, best_for, chosen_sitting, form_page, start_from
from app.faces.community.invitation_page import count_load, found, show_once
from app.faces.community.matter import readable
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.matter.models import Matter
from app.people.permissions import Permission
from app.talent import actions, papers
from app.talent.models import Invitation
from tenants.database import db, uuid7
from tenants.hosts import site_url


def invitation_new(matter_id: UUID) -> Any:
    """The form, with the matter's own summary to start from; the best match is marked where somebody is replaced."""
    matter = readable(matter_id)
    wanted = as_uuid(request.args.get("replaces"))
    replaces = actions.find(wanted) if wanted else None
    if replaces is not None and replaces.matter_id != matter.id:
        replaces = None
    best = best_for(matter, replaces) if replaces is not None else None
    form = InviteForm(formdata=None, once=str(uuid7()), **start_from(matter, replaces))
    form.expert.data = str(best.candidate.id) if best else None
    return form_page(matter, form)


def invitation_add(matter_id: UUID) -> Any:
    """Write the invitation; its link is shown on the next page, once."""
    matter, form = readable(matter_id), InviteForm()
    form.validate()
    chosen = as_uuid(form.expert.data)
    if chosen is None:
        form.expert.errors = [_("请选一位专家。")]
    if form.errors:
        return form_page(matter, form), 422
    try:
        invitation, secret = _invite(matter, chosen, form)
    except DomainError as error:
        db.session.rollback()
        field = form.expert if isinstance(error, Missing) else form.brief
        field.errors = [say(error.reason, error.values)]
        return form_page(readable(matter_id), form), 422
    show_once(invitation, secret)
    count_load()
    flash(_("邀请写好了。把链接或邀请码交给专家，平台自己不会发出去。"), "ok")
    return redirect(site_url("community.invitation", invitation_id=invitation.id), 303)


def _invite(matter: Matter, expert_id: UUID | None, form: InviteForm) -> tuple[Invitation, actions.Secret | None]:
    assert expert_id is not None
    now, ticked = clock.now(), [one for text in request.form.getlist("paper") if (one := as_uuid(text))]
    pictures = papers.chosen(matter, ticked)
    invitation, secret = actions.invite(
        matter, expert_id, brief=(form.brief.data or "").strip(), questions=(form.questions.data or "").strip(),
        hours=form.hours.data or 0, by=actor(), now=now, once=as_uuid(form.once.data),
        by_way=form.by_way.data or "link", sitting=chosen_sitting(matter, form.sitting.data),
        replaces=as_uuid(form.replaces.data),
    )  # fmt: skip
    if secret is not None:
        invitation_papers.copy_in(invitation, matter, pictures, now)
    return invitation, secret


def renew(invitation_id: UUID) -> Any:
    """A fresh link; the earlier ones end."""
    invitation, matter = found(invitation_id)
    secret = actions.renew(invitation, matter, by=actor(), now=clock.now())
    show_once(invitation, secret)
    count_load()
    flash(_("新链接做好了，原来的不能用了。"), "ok")
    return redirect(site_url("community.invitation", invitation_id=invitation.id), 303)


def revocation(invitation_id: UUID) -> Any:
    """Ask before taking an invitation back."""
    invitation, matter = found(invitation_id)
    return desk("desk/invitation_revoke.html", "ledger", invitation=invitation, matter=matter)


def revoke(invitation_id: UUID) -> Any:
    """Take an invitation back."""
    invitation, matter = found(invitation_id)
    actions.revoke(invitation, matter, by=actor(), now=clock.now())
    count_load()
    flash(_("邀请收回了，链接不能再用。"), "ok")
    return redirect(site_url("community.invitation", invitation_id=invitation.id), 303)


P = Permission
W = P.INVITATION_WRITE
ONE = "/desk/invitations/<uuid:invitation_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/invitations/new", invitation_new, W),
    Door("POST", "/desk/matters/<uuid:matter_id>/invitations", invitation_add, W),
    Door("GET", ONE, invitation_page.invitation, W),
    Door("POST", f"{ONE}/letter", invitation_page.letter, W, name="invitation_letter"),
    Door("POST", f"{ONE}/renewal", renew, W, name="invitation_renewal"),
    Door("GET", f"{ONE}/revocation", revocation, W, name="invitation_revocation"),
    Door("POST", f"{ONE}/revocation", revoke, W, name="invitation_revoke"),
    Door("POST", f"{ONE}/rating", invitation_page.rating, W, name="invitation_rating"),
    Door("POST", f"{ONE}/sitting", invitation_page.sitting, W, name="invitation_sitting"),
    Door("POST", f"{ONE}/register-lines", invitation_page.register, W, name="invitation_register"),
    Door("POST", f"{ONE}/text-messages", invitation_text.text, W, name="invitation_text"),
    Door("POST", f"{ONE}/papers", invitation_papers.add, W, name="invitation_papers"),
    Door("POST", f"{ONE}/papers/<uuid:picture_id>/removal", invitation_papers.remove, W,
         name="invitation_paper_removal"),
    Door("GET", f"{ONE}/papers/<uuid:picture_id>", invitation_papers.picture, W, name="invitation_paper"),
]  # fmt: skip
