"""The secrets of an invitation: the link and the code, of which only fingerprints are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from app.people.secrets import blind, new_code, tidy_code
from app.talent.models import Invitation, InvitationKey
from tenants.database import db
from tenants.scope import current_community

CODE_LENGTH = 8


class Secret(str):
    """A token as it is shown once; only its fingerprint is stored."""

    code: str = ""


def fingerprint(secret: str) -> str:
    """What is stored of a token or a typed code.

    A token is long enough for a bare SHA-256. A code of eight characters is not: it is keyed with the server's key, so
    a stolen table does not open anything.
    """
    plain = secret.strip()
    if len(plain) <= CODE_LENGTH + 2:
        return blind("invitation", tidy_code(plain))
    return hashlib.sha256(plain.encode()).hexdigest()


def new_keys(invitation: Invitation) -> Secret:
    """A fresh link and code for the invitation."""
    secret = Secret(secrets.token_urlsafe(24))
    secret.code = new_code(CODE_LENGTH)
    for text in (secret, secret.code):
        db.session.add(
            InvitationKey(
                invitation_id=invitation.id, matter_id=invitation.matter_id, kind="link",
                key_hash=fingerprint(text), expires_at=invitation.expires_at,
            )
        )  # fmt: skip
    return secret


def end_keys(invitation_id: UUID, now: datetime) -> None:
    """Every link and cookie of the invitation opens nothing from now on."""
    db.session.execute(
        update(InvitationKey)
        .where(
            InvitationKey.community_id == current_community(), InvitationKey.invitation_id == invitation_id,
            InvitationKey.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )  # fmt: skip
