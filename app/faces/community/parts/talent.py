"""The part of a matter's page that shows which experts were asked and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app import clock
from app.matter.models import Matter
from app.matter.situation import Stage
from app.talent.models import Invitation
from app.talent.queries import invitations_of, opinions_of
from app.talent.rules import may_invite
from app.words import N_

STATES = {
    "sent": N_("等专家回话"), "accepted": N_("答应了，正在看"), "declined": N_("回绝了"), "handed_in": N_("意见交来了"),
    "revoked": N_("收回了"),
}  # fmt: skip
TONES = {"sent": "soon", "accepted": "info", "declined": "hold", "handed_in": "ok", "revoked": "hold"}
SILENT = N_("到期没回音")


def state_of(invitation: Invitation, now: datetime) -> str:
    """The state in words; a link that ended without an answer says so, also before the clock has marked it."""
    is_silent = invitation.state == "sent" and (invitation.silent_at is not None or now > invitation.expires_at)
    return SILENT if is_silent else STATES[invitation.state]


#: An opinion is evidence for leaving the survey; it never moves the matter by itself.
MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For the staff: invitations with their state, openings and opinion; one statement."""
    now = clock.now()
    asked = [
        {
            "id": invitation.id, "number": invitation.number, "expert": invitation.expert_name,
            "profession": invitation.profession, "state": state_of(invitation, now), "tone": TONES[invitation.state],
            "sent_at": invitation.sent_at, "expires_at": invitation.expires_at, "openings": openings,
            "asked_again": invitation.asked_again_at, "silent": state_of(invitation, now) == SILENT,
            "reason": invitation.decline_reason, "words": opinion.words if opinion else "",
            "signed": opinion.expert_label if opinion else "", "at": opinion.at if opinion else None,
        }
        for invitation, opinion, openings in invitations_of(matter.id)
    ]  # fmt: skip
    is_open = bool(may_invite(Stage(matter.stage), None, None, matter.collected_at.date()))
    return {"matter_id": matter.id, "invitations": asked, "is_open": is_open, "is_owed": matter.triage == "hard"}


def load_public(matter: Matter) -> dict[str, Any]:
    """For everybody: the opinions, signed as the expert wished; nothing of a matter that is not open to all."""
    if matter.visibility != "public":
        return {"opinions": []}
    return {"opinions": [{"words": o.words, "signed": o.expert_label, "at": o.at} for o in opinions_of(matter.id)]}
