"""Who stands behind a matter, where that is more than one adult: the list of signers, a child's protection."""

from __future__ import annotations

from typing import Any

from app.matter.models import Matter
from app.matter.situation import Kind


def load(matter: Matter) -> dict[str, Any]:
    """What the overview says about it; no statement, everything stands on the matter."""
    return {
        "matter_id": matter.id, "is_joint": matter.kind == Kind.JOINT, "signers": matter.signers,
        "waits": matter.stage == "collected", "has_minor": matter.has_minor, "is_open": matter.visibility == "public",
    }  # fmt: skip
