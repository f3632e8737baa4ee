"""Doors of the hall: what the street asks it to take part in, its own answer, and its own vote handed in.

How the other halls stand is read on the lead's public page and nowhere here.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.doors import Door
from app.faces.inputs import as_uuid
from app.faces.joint_view import halls_view, head_of
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor, visitor
from app.flow.decide import joint as verbs
from app.flow.decide.queries import find_ballot
from app.flow.triage.queries import carriers
from app.matter import joint_asked as queries
from app.matter import joint_rules as rules
from app.matter.actions import find_matter
from app.matter.joint_models import JointMatter
from app.matter.joint_queries import Hall
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

GONE = N_("没有这件事。")
NEW = "new"
LOST = N_("这一页放太久了，请重新打开再填。")


class JoinForm(FlaskForm):
    """Take part: with which matter of the hall's own, and who carries it."""

    once = HiddenField()
    matter = RadioField(_l("用哪一件来办"), choices=[], validators=[Optional()], validate_choice=False)
    owner = SelectField(_l("新立的由谁负责"), choices=[], validate_choice=False)
    party = BooleanField(_l("党组织先议过"))


class DeclineForm(FlaskForm):
    """Say no, in words."""

    reason = TextAreaField(_l("为什么不参加"))


def joint_desk() -> str:
    """What the street asked of this hall, the newest first."""
    found = [(joint, head_of(joint), halls_view(joint, [hall])[0]) for joint, hall in queries.invitations()]
    return desk("desk/joints.html", "joint", rows=found)


def joint_invite(joint_id: UUID) -> str:
    """One invitation: the question, the rules, the hall's own matter, and what it may do next."""
    return _page(*_asked(joint_id))


def joint_join(joint_id: UUID) -> Any:
    """Take part, with a matter of the hall's own."""
    joint, hall = _asked(joint_id)
    form = _join_form(hall, JoinForm())
    form.validate()
    if hall.part is None or str(hall.part.matter_id) not in (form.once.data, form.matter.data):
        try:
            with db.session.begin_nested():
                _join(joint, hall, form)
        except Refused as error:
            db.session.expire_all()
            form.matter.errors = [say(error.reason, error.values)]
            return _page(*_asked(joint_id), join=form), 422
        flash(_("参加了，题目已经写进本社区的那件事。"), "ok")
    return redirect(site_url("community.joint_invite", joint_id=joint_id), 303)


def joint_decline(joint_id: UUID) -> Any:
    """Decline, in words that everybody reads on the lead's page."""
    joint, hall = _asked(joint_id)
    form = DeclineForm()
    form.validate()
    try:
        with db.session.begin_nested():
            verbs.decline(joint, hall, form.reason.data or "", by=actor(), now=clock.now())
    except Refused as error:
        db.session.expire_all()
        form.reason.errors = [say(error.reason, error.values)]
        return _page(*_asked(joint_id), decline=form), 422
    flash(_("回话记下了：不参加。改了主意，在汇总之前还可以参加。"), "ok")
    return redirect(site_url("community.joint_invite", joint_id=joint_id), 303)


def joint_result(joint_id: UUID) -> str:
    """Ask before the result is handed in: the figures as they stand on the ballot."""
    joint, hall = _asked(joint_id)
    ballot = _ballot(hall, request.args.get("ballot"))
    return desk("desk/joint_result.html", "joint", joint=joint, ballot=ballot, head=head_of(joint))


def joint_result_add(joint_id: UUID) -> Any:
    """Hand the result in."""
    joint, hall = _asked(joint_id)
    ballot = _ballot(hall, request.form.get("ballot"))
    verbs.hand_in(joint, hall, ballot, by=actor(), now=clock.now())
    flash(_("结果交给街道了。"), "ok")
    return redirect(site_url("community.joint_invite", joint_id=joint_id), 303)


def _join(joint: JointMatter, hall: Hall, form: JoinForm) -> None:
    told = {"party_prestudy": bool(form.party.data), "by": actor(), "now": clock.now()}
    wanted = form.matter.data or ""
    if wanted == NEW:
        owner, once = as_uuid(form.owner.data), as_uuid(form.once.data)
        if owner is None:
            raise Refused(N_("由谁负责，要选一位。"))
        if once is None:
            raise Refused(LOST)
        verbs.join_new(joint, hall, owner_id=owner, street=g.site.street_name, once=once, **told)
        return
    chosen = as_uuid(wanted)
    matter = find_matter(chosen) if chosen else None
    if matter is None:
        raise Refused(N_("用哪一件来办，请选一样。"))
    verbs.join_with(joint, hall, matter, **told)


def _asked(joint_id: UUID) -> tuple[JointMatter, Hall]:
    found = queries.invitation_of(joint_id)
    if found is None:
        raise Missing(GONE)
    return found


def _page(
    joint: JointMatter, hall: Hall, join: JoinForm | None = None, decline: DeclineForm | None = None
) -> str:  # fmt: skip
    may_answer = rules.may_answer(joint.stage, hall.state)
    fresh = JoinForm(
        formdata=None, once=str(uuid7()), matter=str(hall.invite.matter_id or "") or NEW, owner=_me()
    )  # fmt: skip
    papers = [
        {"ballot": ballot, "ok": bool(verdict), "why": "" if verdict else say(verdict.reason, verdict.values)}
        for ballot, verdict in verbs.papers_of(joint, hall)
    ]
    return desk(
        "desk/joint.html", "joint", joint=joint, head=head_of(joint), mine=halls_view(joint, [hall])[0],
        matter=hall.matter, may_answer=bool(may_answer), papers=papers,
        join=_join_form(hall, join or fresh) if may_answer else None, decline=decline or DeclineForm(formdata=None),
        lead_url=site_url("street.joint_public", slug="", number=joint.number),
        needs_party=hall.invite.ballot_rule in verbs.POWER_OF,
    )  # fmt: skip


def _join_form(hall: Hall, form: JoinForm) -> JoinForm:
    own = [(str(one.id), f"{one.number}　{one.title}") for one in verbs.candidates(hall.invite.matter_id)]
    form.matter.choices = [(NEW, _("新立一件，来源写街道")), *own]
    if not form.matter.offers(form.matter.data):
        form.matter.data = NEW
    form.owner.choices = [(str(key), name) for key, name in carriers(clock.today())]
    return form


def _me() -> str:
    found = visitor()
    return str(found.id) if found else ""


def _ballot(hall: Hall, text: str | None) -> Any:
    wanted = as_uuid(text)
    found = find_ballot(wanted) if wanted else None
    if found is None or hall.part is None or found.matter_id != hall.part.matter_id:
        raise Missing(N_("没有这一票。"))
    return found


P = Permission
_JOINT = "/desk/joints/<uuid:joint_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/joints", joint_desk, P.JOINT_WRITE),
    Door("GET", _JOINT, joint_invite, P.JOINT_WRITE),
    Door("POST", f"{_JOINT}/participation", joint_join, P.JOINT_WRITE),
    Door("POST", f"{_JOINT}/refusal", joint_decline, P.JOINT_WRITE),
    Door("GET", f"{_JOINT}/result", joint_result, P.JOINT_WRITE),
    Door("POST", f"{_JOINT}/result", joint_result_add, P.JOINT_WRITE),
]
