"""Where a page asks what is new, and the signed key that says what it may hear."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from tenants.hosts import site_url
from tenants.scope import current_community, current_street

#: A page that stays open longer than the longest sitting is loaded anew.
KEY_HOURS = 16


def live_url(sitting_id: UUID, look: str) -> str:
    """Where a page of this look asks what is new."""
    key = None if look == "hall" else _signer().dumps([str(sitting_id), look])
    return site_url("community.live", sitting_id=sitting_id, look=look, key=key)


def _signer() -> URLSafeTimedSerializer:
    # The newest key signs; what an earlier one signed is read while the deployment still names it.
    keys = [*reversed(current_app.config["SECRET_KEY_FALLBACKS"] or ()), str(current_app.secret_key)]
    return URLSafeTimedSerializer(keys, salt=f"live:{current_street()}:{current_community()}")


def holds_key(sitting_id: UUID, look: str) -> bool:
    """Whether this request carries the key of such a page: its owner was let in when the page was loaded."""
    try:
        held = _signer().loads(request.args.get("key", ""), max_age=KEY_HOURS * 3600)
    except BadSignature:
        return False
    return bool(held == [str(sitting_id), look])
