"""What this room finds on record for a matter: the keys of ``matter.needs`` that the first words answer."""

from __future__ import annotations

from sqlalchemy import select

from app.flow.collect.models import Proposal
from app.matter.models import Matter
from app.matter.needs import CATEGORY, CHANNEL, KIND, PLACE, SIGNERS, SPEAKER_CONSENT, WISH, WORDS
from tenants.database import db
from tenants.scope import current_community


def evidence_of(matter: Matter) -> frozenset[str]:
    """Keys found, in one statement. A merged-in proposal may carry the wish that the first one lacked."""
    rows = db.session.execute(
        select(Proposal.words, Proposal.wish, Proposal.read_back, Proposal.signers).where(
            Proposal.community_id == current_community(), Proposal.matter_id == matter.id
        )
    ).all()
    found = {
        CHANNEL: bool(matter.channel),
        KIND: bool(matter.kind),
        CATEGORY: bool(matter.category),
        PLACE: bool(matter.building_id or matter.place),
        WORDS: any(row.words for row in rows),
        WISH: any(row.wish for row in rows),
        SPEAKER_CONSENT: any(row.read_back for row in rows),
        SIGNERS: matter.signers >= 2,
    }
    return frozenset(need.key for need, is_there in found.items() if is_there)
