"""Doors of the hall: calls for ideas as everybody sees them, with what became of the ideas."""

from __future__ import annotations

from typing import Any

from app import clock
from app.errors import Missing
from app.faces.community.inputs import last_page, page_number
from app.faces.doors import Door
from app.faces.pages import page
from app.flow.collect import campaigns, ideas
from app.flow.collect.campaign_rules import PHASES, days_left
from app.flow.collect.campaigns import MISSING, phase_of
from app.flow.collect.channels import Campaign
from app.people.permissions import Permission
from tenants.hosts import site_url


def calls() -> str:
    """Every call of this hall, the newest first."""
    number = page_number()
    rows, total = ideas.campaigns_page(number, clock.today())
    return page(
        "hall/calls.html", calls=[shown(row.campaign, row.n) for row in rows], total=total, page=number,
        last=last_page(total, ideas.PAGE), url_of=lambda n: site_url("community.calls", page=n),
    )  # fmt: skip


def call(code: str) -> Any:
    """One call: what it asks, how long still, how many answered; afterwards what became of it."""
    found = campaigns.find_campaign(code)
    if found is None:
        raise Missing(MISSING)
    return page(
        "hall/calls_one.html", call=shown(found, ideas.count_ideas(found)), outcomes=ideas.outcomes(found),
        say_url=site_url("community.say", call=found.code),
    )  # fmt: skip


def shown(campaign: Campaign, n: int) -> dict[str, Any]:
    """A call as a template tells it."""
    today = clock.today()
    phase = phase_of(campaign, today)
    return {
        "campaign": campaign, "n": n, "phase": str(phase), "phase_label": PHASES[phase],
        "days_left": days_left(campaign.ends, today), "days_to": (campaign.starts - today).days,
    }  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/calls", calls, Permission.ANYONE_ENTER),
    Door("GET", "/calls/<string:code>", call, Permission.ANYONE_ENTER),
]
