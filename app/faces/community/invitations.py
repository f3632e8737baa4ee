"""Doors of the hall: asking an expert of the pool to one matter, handing over the link, renewing it, taking it back."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, send_file, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, TextAreaField

from app import clock
from app.errors import DomainError, Missing, Refused
from app.faces.community.inputs import as_uuid
from app.faces.community.matter import readable
from app.faces.community.parts.talent import STATES
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.records.documents.filename import paper_filename
from app.records.documents.invitation import Invitation as Letter
from app.records.documents.invitation import invitation_docx
from app.records.qr import qr_png
from app.talent import actions, queries, rules
from app.talent.models import Invitation
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GONE = N_("没有这份邀请。")
#: Where this browser keeps a fresh link until its page has been shown once.
SHOWN_ONCE = "invitation_link"


class InviteForm(FlaskForm):
    """The letter."""

    once = HiddenField()
    expert = RadioField(_l("请哪一位"), validate_choice=False, choices=[])
    brief = TextAreaField(_l("是怎么回事"))
    questions = TextAreaField(_l("想请专家说清什么"))
    hours = IntegerField(_l("链接开几个小时"), default=rules.DEFAULT_HOURS)


def invitation_new(matter_id: UUID) -> Any:
    """The form, with the matter's own summary to start from."""
    matter = readable(matter_id)
    brief = matter.brief or matter.question if matter.visibility == "public" else ""
    return _form_page(matter, InviteForm(formdata=None, once=str(uuid7()), brief=brief))


def invitation_add(matter_id: UUID) -> Any:
    """Write the invitation; its link is shown on the next page, once."""
    matter, form = readable(matter_id), InviteForm()
    form.validate()
    chosen = as_uuid(form.expert.data)
    if chosen is None:
        form.expert.errors = [_("请选一位专家。")]
    if form.errors:
        return _form_page(matter, form), 422
    try:
        invitation, secret = actions.invite(
            matter, chosen, brief=(form.brief.data or "").strip(), questions=(form.questions.data or "").strip(),
            hours=form.hours.data or 0, by=actor(), now=clock.now(), once=as_uuid(form.once.data),
        )  # fmt: skip
    except DomainError as error:
        db.session.rollback()
        field = form.expert if isinstance(error, Missing) else form.brief
        field.errors = [say(error.reason, error.values)]
        return _form_page(readable(matter_id), form), 422
    _show_once(invitation, secret)
    flash(_("邀请写好了。把链接或邀请码交给专家，平台自己不会发出去。"), "ok")
    return redirect(site_url("community.invitation", invitation_id=invitation.id), 303)


def invitation(invitation_id: UUID) -> Any:
    """One invitation: where it stands, and the link when it has just been made."""
    found, matter = _found(invitation_id)
    fresh = session.pop(SHOWN_ONCE, {})
    token, code = fresh.get(str(found.id), ("", ""))
    rows = [row for row in queries.invitations_of(matter.id) if row[0].id == found.id]
    opinion, openings = (rows[0][1], rows[0][2]) if rows else (None, 0)
    link = site_url("guest.letter", external=True, token=token) if token else ""
    return desk(
        "desk/invitation.html", "ledger", invitation=found, matter=matter, state=STATES[found.state], opinion=opinion,
        openings=openings, guest_link=link, code=code, token=token, desk_link=site_url("guest.desk", external=True),
        may_renew=bool(rules.may_renew(found.state, Stage(matter.stage))), is_late=clock.now() > found.expires_at,
    )  # fmt: skip


def letter(invitation_id: UUID) -> Any:
    """The printed letter (.docx); it carries the link, so it can be made only while the link is at hand."""
    found, matter = _found(invitation_id)
    token = request.form.get("token", "").strip()
    key = queries.key_behind(actions.fingerprint(token)) if token else None
    if key is None or key.invitation_id != found.id or key.revoked_at is not None:
        raise Refused(N_("这个链接已经不在手边了，请重新发一个再打印。"))
    link = site_url("guest.letter", external=True, token=token)
    content = BytesIO(invitation_docx(_letter(found, matter, link)))
    name = paper_filename(
        clock.local(found.sent_at).date(), g.site.name.removesuffix("社区"), "专家邀请函", found.number, 1
    )
    return send_file(content, mimetype=DOCX, as_attachment=True, download_name=name)


def renew(invitation_id: UUID) -> Any:
    """A fresh link; the earlier ones end."""
    found, matter = _found(invitation_id)
    secret = actions.renew(found, matter, by=actor(), now=clock.now())
    _show_once(found, secret)
    flash(_("新链接做好了，原来的不能用了。"), "ok")
    return redirect(site_url("community.invitation", invitation_id=found.id), 303)


def revocation(invitation_id: UUID) -> Any:
    """Ask before taking an invitation back."""
    found, matter = _found(invitation_id)
    return desk("desk/invitation_revoke.html", "ledger", invitation=found, matter=matter)


def revoke(invitation_id: UUID) -> Any:
    """Take an invitation back."""
    found, matter = _found(invitation_id)
    actions.revoke(found, matter, by=actor(), now=clock.now())
    flash(_("邀请收回了，链接不能再用。"), "ok")
    return redirect(site_url("community.invitation", invitation_id=found.id), 303)


def _found(invitation_id: UUID) -> tuple[Invitation, Matter]:
    found = actions.find(invitation_id)
    matter = find_matter(found.matter_id) if found else None
    if found is None or matter is None:
        raise Missing(GONE)
    return found, readable(matter.id)


def _form_page(matter: Matter, form: InviteForm) -> Any:
    experts = queries.invitable(clock.local(clock.now()))
    form.expert.choices = [(str(one.id), f"{one.name}　{one.profession}") for one in experts]
    notes = {
        str(one.id): "　".join(part for part in (one.skill, one.organisation, one.hours) if part) for one in experts
    }
    for one in experts:
        if one.conflicts:
            notes[str(one.id)] += "　" + _("要回避的：%(who)s", who=one.conflicts)
    return desk("desk/invitation_new.html", "ledger", matter=matter, form=form, notes=notes, most=rules.MOST_HOURS)


def _letter(found: Invitation, matter: Matter, link: str) -> Letter:
    site = g.site
    return Letter(
        issuer=site.name, number=found.number, expert=found.expert_name, expert_unit=f"{found.profession}专家",
        matter_number=matter.number,
        matter_title=matter.title if matter.visibility == "public" else "一件只给当事人看的事",
        brief=found.brief, question=found.questions, starts_at=clock.local(found.expires_at), place="打开链接写意见",
        minutes=30, link=link, link_expires_at=clock.local(found.expires_at),
        contact=f"{found.by_label}　{site.phone}", issued_on=clock.local(found.sent_at).date(), online=True,
        reply_by=clock.local(found.expires_at).date(), qr_png=qr_png(link),
    )  # fmt: skip


def _show_once(found: Invitation, secret: actions.Secret | None) -> None:
    if secret is not None:
        session[SHOWN_ONCE] = {str(found.id): (str(secret), secret.code)}


P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/matters/<uuid:matter_id>/invitations/new", invitation_new, P.INVITATION_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/invitations", invitation_add, P.INVITATION_WRITE),
    Door("GET", "/desk/invitations/<uuid:invitation_id>", invitation, P.INVITATION_WRITE),
    Door("POST", "/desk/invitations/<uuid:invitation_id>/letter", letter, P.INVITATION_WRITE, name="invitation_letter"),
    Door("POST", "/desk/invitations/<uuid:invitation_id>/renewal", renew, P.INVITATION_WRITE,
         name="invitation_renewal"),
    Door("GET", "/desk/invitations/<uuid:invitation_id>/revocation", revocation, P.INVITATION_WRITE,
         name="invitation_revocation"),
    Door("POST", "/desk/invitations/<uuid:invitation_id>/revocation", revoke, P.INVITATION_WRITE,
         name="invitation_revoke"),
]  # fmt: skip
