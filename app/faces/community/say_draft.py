"""What the steps of saying something share: the draft that is being written, where it came from, who types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect
from flask_babel import gettext as _

from app import clock
from app.faces.community import drafts
from app.faces.community.drafts import Draft
from app.faces.visitor import visitor
from app.flow.collect.campaigns import find_campaign, is_open
from app.flow.collect.points import find_point
from tenants.hosts import site_url


@dataclass(frozen=True)
class Origin:
    """The poster or the call for ideas behind a code; ``label`` is shown above the form."""

    label: str = ""
    venue_id: str = ""
    campaign_id: str = ""
    point: str = ""
    place: str = ""
    #: Said where the code leads nowhere any more; the words are taken in all the same.
    note: str = ""


def origin_of(at: str, call: str) -> Origin:
    """What the codes in the address (``?at=`` of a poster, ``?call=`` of a call for ideas) stand for."""
    venue = find_point(at[:40]) if at else None
    if venue is not None:
        return Origin(_("在 %(place)s 说", place=venue.name), str(venue.id), "", venue.name, venue.place)
    campaign = find_campaign(call[:40]) if call else None
    if campaign is None:
        return Origin()
    if not is_open(campaign, clock.today()):
        return Origin(note=_("「%(title)s」没在征集了。您照样可以说，按平常的事来办。", title=campaign.title))
    return Origin(_("回应征集「%(title)s」", title=campaign.title), "", str(campaign.id), campaign.title)


def set_origin(draft: Draft, origin: Origin) -> None:
    """Let the draft remember by which door it came; what was typed about the place already stays."""
    if not origin.label:
        return
    draft.origin, draft.point = origin.label, origin.point
    draft.venue_id, draft.campaign_id = origin.venue_id, origin.campaign_id
    draft.channel = "point" if origin.venue_id else draft.channel
    draft.place = draft.place or origin.place


def writing() -> Draft | None:
    """This browser's draft once the first step was answered."""
    draft = drafts.find_draft()
    if draft is None or draft.handed_in:
        return None
    return draft if draft.words or draft.voices else None


def start_again() -> Any:
    """Send back to the first step."""
    flash(_("这一页放得太久了，请从头再说一遍。"), "warning")
    return redirect(site_url("community.say"), 303)


def is_staff() -> bool:
    """Whether staff types, for somebody or for a list on paper."""
    me = visitor()
    return me is not None and me.kind == "staff"
