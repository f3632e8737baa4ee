"""The door by which a hall lets the text gateway carry a fresh code to an expert, where the street has set one up.

The code is kept nowhere but on the page that shows it once, and the expert's number is the street's; so whoever has
both at hand types the number, it is used this once, and of number and code only masks are kept on record.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from flask_babel import gettext as _
from sqlalchemy import select

from app import clock
from app.errors import Refused
from app.faces.community.invitation_page import found, keep_shown
from app.faces.community.invitation_words import gateway_text
from app.faces.look import say
from app.faces.visitor import actor
from app.matter.actions import record
from app.matter.models import Matter
from app.notices.channels import channel_of
from app.notices.delivery_rules import contact_problem, masked_contact
from app.notices.letters import Letter, Receipt
from app.notices.models import Delivery
from app.people.phones import tidy_phone
from app.talent import actions, queries
from app.talent.models import Invitation
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url
from tenants.scope import current_community


def text(invitation_id: UUID) -> Any:
    """Send the code once; the gateway's own answer is what the page says."""
    one, matter = found(invitation_id)
    token, code = request.form.get("token", "").strip(), request.form.get("code", "").strip()
    key = queries.key_behind(actions.fingerprint(code)) if code else None
    if key is None or key.invitation_id != one.id or key.revoked_at is not None:
        raise Refused(N_("这个邀请码已经不在手边了，请做个新链接再发。"))
    if not channel_of("sms").is_configured():
        raise Refused(N_("短信未配置，没有发。请照着页面上的话自己发。"))
    if _went_out(key.id):
        raise Refused(N_("这个邀请码已经发过短信了，不会再发第二次。"))
    keep_shown(one, token, code)
    phone = tidy_phone(request.form.get("phone", ""))
    problem = contact_problem("sms", phone) if phone else None
    if problem is not None or not phone:
        flash(say(problem.reason, problem.values) if problem else _("发到哪个手机，写上号码。"), "late")
    else:
        _send(one, matter, key.id, code, phone)
    return redirect(site_url("community.invitation", invitation_id=one.id), 303)


def _send(one: Invitation, matter: Matter, key_id: UUID, code: str, phone: str) -> None:
    now, shown = clock.now(), masked_contact("sms", phone)
    delivery = Delivery(
        source="invitation", source_id=key_id, channel="sms", subject=one.number, to_masked=shown,
        words=gateway_text(one, "＊" * len(code)), state="sending", attempts=1, next_at=now, claimed_at=now,
        created_at=now,
    )  # fmt: skip
    attempt = db.session.begin_nested()
    db.session.add(delivery)
    # A second click waits here for the first one's end, and then finds the key taken.
    db.session.flush()
    outcome = channel_of("sms").send(Letter(key_id, phone, g.site.name, gateway_text(one, code), now))
    if outcome.receipt is Receipt.SENT:
        delivery.state, delivery.sent_at, delivery.reference = "sent", now, outcome.reference
        attempt.commit()
        told = f"给专家发了短信（{shown}）"
        flash(_("短信平台收下了，发到 %(phone)s。", phone=shown), "ok")
    else:
        told = f"给专家发短信没成：{outcome.problem}"
        flash(_("没发成：%(why)s。请照着页面上的话自己发。", why=_(outcome.problem)), "late")
        if outcome.receipt is Receipt.UNSURE:
            delivery.state, delivery.problem = "unsure", outcome.problem
            attempt.commit()
        else:
            # Surely nothing went out, so the same code may be tried again.
            attempt.rollback()
    record(matter, "expert_text", by=actor(), now=now, public=False, words=told, data={"number": one.number})


def _went_out(key_id: UUID) -> bool:
    wanted = select(Delivery.id).where(
        Delivery.community_id == current_community(), Delivery.source == "invitation", Delivery.source_id == key_id
    )
    return db.session.scalar(wanted) is not None
