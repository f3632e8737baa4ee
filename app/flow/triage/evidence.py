"""What the desk has settled about a matter, as keys of ``app.matter.needs``. All of it stands on the matter itself."""

from __future__ import annotations

from app.matter.models import Matter
from app.matter.needs import DECISION_POWER, LEVEL, MERGED_INTO, PARTY_FIRST, QUESTION, RESPONSIBLE, TRIAGE


def evidence_of(matter: Matter) -> frozenset[str]:
    """Keys found, without a statement of its own."""
    found = {
        TRIAGE: bool(matter.triage),
        LEVEL: bool(matter.level),
        RESPONSIBLE: matter.owner_id is not None,
        DECISION_POWER: bool(matter.power),
        QUESTION: bool(matter.question),
        PARTY_FIRST: matter.party_prestudy,
        MERGED_INTO: matter.merged_into_id is not None,
    }
    return frozenset(need.key for need, is_there in found.items() if is_there)
