"""What the worker runs. Each function is entered bound to its tenant, does one thing, and may safely run twice."""

from __future__ import annotations

from app import clock
from app.matter import escalation
from app.notices.actions import spread_news


def spread() -> None:
    """Tell whoever must hear what the bound hall's timelines have said since last time."""
    spread_news(now=clock.now())


def take_up() -> None:
    """Take up what the street has answered to the bound hall's requests."""
    if escalation.take_up(now=clock.now()):
        spread_news(now=clock.now())
