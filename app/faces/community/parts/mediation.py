"""The part of a quarrel's page that leads to its mediation, and shows its own people what they settled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app import clock
from app.faces.community.mediation_page import STANDINGS
from app.flow.resolve import mediation_rules as rules
from app.flow.resolve.mediation_lists import line_of
from app.flow.resolve.mediation_queries import Paper, settled_of
from app.matter.models import Matter
from app.matter.situation import Stage

#: What a quarrel's own page makes is made at its mediation (``panel``); no move belongs to this part alone.
MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For those who handle the matter: where its mediation stands; nothing of an ordinary matter."""
    if matter.track != "mediation":
        return {"shown": False}
    found = line_of(matter, clock.today())
    if found is None:
        return {
            "shown": matter.stage in (Stage.ACCEPTED, Stage.DELIBERATING), "matter_id": matter.id, "mediation": None,
        }  # fmt: skip
    label, icon, tone = STANDINGS[found.standing]
    return {
        "shown": True, "matter_id": matter.id, "mediation": found.mediation, "label": _(label), "icon": icon,
        "tone": tone, "talks": found.talks, "next_due": found.next_due,
    }  # fmt: skip


def load_own(matter: Matter) -> dict[str, Any]:
    """For the proposer, known by account or cookie: the words of the agreements in force; one statement."""
    made, settled = settled_of(matter)
    papers: dict[UUID, dict[str, Any]] = {}
    for agreement, term, side in settled:
        paper = papers.setdefault(agreement.id, {
            "number": agreement.number, "in_force_on": Paper(agreement, []).in_force_on, "terms": [],
            "court_until": None if agreement.confirmed_on else agreement.court_until,
        })  # fmt: skip
        paper["terms"].append((_(rules.SIDES[side]), term))
    over = made is not None and made.state in ("failed", "withdrawn")
    return {
        "papers": list(papers.values()), "ended": _(rules.STATES[made.state]) if made and over else "",
        "routes": bool(made and made.routes_told_at),
    }  # fmt: skip
