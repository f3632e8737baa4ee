"""One invitation at the hall's desk: where it stands, how it is handed over, who opened it, what came of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, send_file, session
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.community.inputs import as_uuid
from app.faces.community.invitation_form import best_for, chosen_sitting, reasons, sitting_words, sittings_ahead
from app.faces.community.invitation_words import OUTCOMES, handing_over, letter_of
from app.faces.community.matter import readable
from app.faces.community.parts.talent import state_of
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.deliberate import inviting as sitting_invites
from app.flow.deliberate import queries as sittings
from app.flow.deliberate import register as registers
from app.flow.deliberate.inviting import Expected
from app.flow.deliberate.rules import Seat, SittingState
from app.matter.actions import find_matter
from app.matter.models import Matter
from app.matter.situation import Stage
from app.matter.workdays import local_day
from app.notices.bell import errand
from app.records.documents.filename import paper_filename
from app.records.documents.invitation import invitation_docx
from app.talent import actions, papers, queries, rules
from app.talent.models import Invitation
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url
from tenants.scope import Scope, current_street

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GONE = N_("没有这份邀请。")
#: Where this browser keeps a fresh link until its page has been shown once.
SHOWN_ONCE = "invitation_link"
COUNT = "app.faces.jobs.talent:count_load"


def invitation(invitation_id: UUID) -> Any:
    """One invitation: where it stands, and the link when it has just been made."""
    return _page(*found(invitation_id))


def letter(invitation_id: UUID) -> Any:
    """The printed letter (.docx); it carries link and code, so it can be made only while they are at hand."""
    one, matter = found(invitation_id)
    token, code = request.form.get("token", "").strip(), request.form.get("code", "").strip()
    for secret in (token, code) if code else (token,):
        key = queries.key_behind(actions.fingerprint(secret)) if secret else None
        if key is None or key.invitation_id != one.id or key.revoked_at is not None:
            raise Refused(N_("这个链接已经不在手边了，请重新发一个再打印。"))
    content = BytesIO(invitation_docx(letter_of(one, matter, token, code, queries.papers_of(one.id))))
    name = paper_filename(
        clock.local(one.sent_at).date(), g.site.name.removesuffix("社区"), "专家邀请函", one.number, 1
    )
    return send_file(content, mimetype=DOCX, as_attachment=True, download_name=name)


def rating(invitation_id: UUID) -> Any:
    """How the hall found the expert's service, once."""
    one, matter = found(invitation_id)
    grade, words = request.form.get("grade", 0, type=int), request.form.get("words", "")
    verdict = rules.good_rating(one.state, grade, words)
    if not verdict and one.state == "handed_in":
        return _page(one, matter, rated={"grade": grade, "words": words, "problem": say(verdict.reason)}), 422
    actions.rate(one, grade=grade, words=words, by=actor(), now=clock.now(), once=as_uuid(request.form.get("once")))
    flash(_("记下了，街道的服务记录里看得到。"), "ok")
    return _back(one)


def sitting(invitation_id: UUID) -> Any:
    """Ask the expert to a sitting too, to another one, or to none any more."""
    one, matter = found(invitation_id)
    if one.state in ("declined", "revoked"):
        raise Refused(N_("这份邀请已经完了，不能再改。"))
    actions.ask_to_sitting(one, chosen_sitting(matter, request.form.get("sitting")))
    flash(_("改好了，专家打开链接就看得到。"), "ok")
    return _back(one)


def register(invitation_id: UUID) -> Any:
    """Take the expert's own sign-in into the register of the sitting, as an observer (列席) at the minute they signed.

    An invitation's guest may write no line of the register, so a person of the hall takes it over.
    """
    one, _matter = found(invitation_id)
    signed = actions.signed_in(one)
    meeting = sittings.find_sitting(one.sitting_id) if one.sitting_id else None
    if signed is None or meeting is None:
        raise Refused(N_("专家还没有签到。"))
    capacity, now, me = f"{one.profession}专家", clock.now(), actor()
    sitting_invites.invite(meeting, [Expected(one.expert_name, capacity, counts=False)], by=me, now=now)
    line = next(x for x in sittings.register_of(meeting.id) if (x.name, x.capacity) == (one.expert_name, capacity))
    if line.state != Seat.PRESENT and meeting.opened_at and local_day(signed.at) == local_day(meeting.opened_at):
        registers.come_or_go(meeting, line.id, str(Seat.PRESENT), signed.at, by=me, now=now)
    elif line.state != Seat.PRESENT:
        registers.register(meeting, line.id, str(Seat.PRESENT), by=me, now=now)
    flash(_("%(name)s老师记进到会登记了，列席。", name=one.expert_name), "ok")
    return _back(one)


def found(invitation_id: UUID) -> tuple[Invitation, Matter]:
    """The hall's invitation and its matter, where this person may read it; otherwise ``Missing``."""
    one = actions.find(invitation_id)
    matter = find_matter(one.matter_id) if one else None
    if one is None or matter is None:
        raise Missing(GONE)
    return one, readable(matter.id)


def show_once(one: Invitation, secret: actions.Secret | None) -> None:
    """Keep a fresh link in this browser until the next page."""
    if secret is not None:
        session[SHOWN_ONCE] = {str(one.id): (str(secret), secret.code)}


def keep_shown(one: Invitation, token: str, code: str) -> None:
    """Show the same link once more: something was done with it that did not need a page of its own."""
    session[SHOWN_ONCE] = {str(one.id): (token, code)}


def count_load() -> None:
    """After the commit the street counts anew what each expert has on hand; a hall sees only its own invitations."""
    errand(Scope("street", street=current_street()), COUNT)


def _page(one: Invitation, matter: Matter, rated: dict[str, Any] | None = None) -> str:
    fresh = session.pop(SHOWN_ONCE, {})
    token, code = fresh.get(str(one.id), ("", ""))
    now, ahead, signed = clock.now(), sittings_ahead(matter), actions.signed_in(one)
    needs_other = one.state in ("declined", "revoked") or (one.state == "sent" and now > one.expires_at)
    best = best_for(matter, one) if needs_other and not rules.is_over(Stage(matter.stage)) else None
    meeting = sittings.find_sitting(one.sitting_id) if one.sitting_id else None
    return desk(
        "desk/invitation.html", "ledger", invitation=one, matter=matter, state=state_of(one, now),
        opinion=queries.opinion_of(one.id), openings=[(line.at, _(OUTCOMES.get(line.outcome, line.outcome)))
                                                      for line in queries.openings_of(one.id)],
        fresh=handing_over(one, token, code) if token else None, papers=queries.papers_of(one.id),
        pictures=papers.pictures_to_choose(matter), may_renew=bool(rules.may_renew(one.state, Stage(matter.stage))),
        needs_other=needs_other, best=best, why=reasons(best) if best else "", given=actions.rating_of(one.id),
        grades=rules.GRADES, rated=rated or {}, once=uuid7(), signed=signed, on_register=_on_register(one, meeting),
        may_register=meeting is not None and SittingState(meeting.state) not in
        (SittingState.CLOSED, SittingState.CALLED_OFF),
        choices=[("", _("不请到会上")), *((str(s.id), sitting_words(s)) for s in ahead)],
        phone_hint=_phone_hint(one), moved=meeting is not None and meeting.starts_at != one.sitting_at,
        is_over=rules.is_over(Stage(matter.stage)),
    )  # fmt: skip


def _phone_hint(one: Invitation) -> str:
    expert = queries.expert_behind(one)
    return expert.phone_hint if expert else ""


def _on_register(one: Invitation, meeting: Any) -> bool:
    if meeting is None:
        return False
    capacity = f"{one.profession}专家"
    return any(
        (line.name, line.capacity, line.state) == (one.expert_name, capacity, Seat.PRESENT)
        for line in sittings.register_of(meeting.id)
    )


def _back(one: Invitation) -> Any:
    return redirect(site_url("community.invitation", invitation_id=one.id), 303)
