"""The part of a quarrel's page that leads to its mediation, and shows its own people what they settled."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app import clock
from app.faces.community.mediation_page import STANDINGS
from app.flow.resolve import mediation_queries as queries
from app.flow.resolve import mediation_rules as rules
from app.matter.models import Matter
from app.matter.situation import Stage

#: What a quarrel's own page makes is made at its mediation (``panel``); no move belongs to this part alone.
MOVE_DOORS: dict[str, str] = {}


def load(matter: Matter) -> dict[str, Any]:
    """For those who handle the matter: where its mediation stands; nothing of an ordinary matter."""
    if matter.track != "mediation":
        return {"shown": False}
    found = queries.of_matter(matter)
    if found is None:
        return {
            "shown": matter.stage in (Stage.ACCEPTED, Stage.DELIBERATING), "matter_id": matter.id, "mediation": None,
        }  # fmt: skip
    label, icon, tone = STANDINGS[found.standing(clock.today())]
    return {
        "shown": True, "matter_id": matter.id, "mediation": found.mediation, "label": _(label), "icon": icon,
        "tone": tone, "parties": len([one for one in found.here if one.side in rules.PARTIES]),
        "talks": len(found.records), "owed": len([term for term in found.owed if term.done_on is None]),
        "number": found.papers[0].agreement.number if found.papers else "",
    }  # fmt: skip


def load_own(matter: Matter) -> dict[str, Any]:
    """For the proposer, known by account or cookie: the words of the agreements in force."""
    found = queries.of_matter(matter) if matter.track == "mediation" else None
    if found is None:
        return {"papers": [], "ended": "", "routes": False}
    sides = {one.id: _(rules.SIDES[one.side]) for one in found.people}
    return {
        "papers": [
            {"number": paper.agreement.number, "in_force_on": paper.in_force_on,
             "court_until": None if paper.agreement.confirmed_on else paper.agreement.court_until,
             "terms": [(sides[term.person_id], term) for term in paper.standing_terms]}
            for paper in found.sealed
        ],
        "ended": _(rules.STATES[found.mediation.state]) if found.mediation.state in ("failed", "withdrawn") else "",
        "routes": found.mediation.routes_told_at is not None,
    }  # fmt: skip
