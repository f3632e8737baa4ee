"""Between the password and the code: who gave the right password here, for five minutes. It opens nothing by itself.

The half-way state stands in this browser's signed cookie with the account's epoch, so that a new password, another role
or a reset of the second step in between makes it worthless. The minutes are those of the real person who looks for the
phone, so they are measured on the machine's clock, not on the demo's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from flask import g, session

from app.faces import visitor
from app.people import rules
from app.people.models import Account, StreetAccount
from tenants.database import db
from tenants.scope import current_community, current_street

HALF = "half"


def wait_for_code(account: Account | StreetAccount, target: str) -> None:
    """Remember that the password was right; ``target`` is where the person wanted to go."""
    visitor.leave()
    visitor.start_afresh()
    session[HALF] = [str(account.id), account.epoch, int(datetime.now(UTC).timestamp()), target]


def waiting() -> tuple[Account | StreetAccount, str] | None:
    """The account that still owes its code here and where it wanted to go, or None."""
    kept = session.get(HALF)
    if not isinstance(kept, list) or len(kept) != 4:
        return None
    account_id, epoch, since, target = kept
    if not rules.is_halfway(datetime.fromtimestamp(since, UTC), datetime.now(UTC)):
        session.pop(HALF, None)
        return None
    found: Account | StreetAccount | None
    if g.site.kind == "street":
        found = db.session.get(StreetAccount, (current_street(), UUID(account_id)))
    else:
        found = db.session.get(Account, (current_community(), UUID(account_id)))
    if found is None or found.disabled_at is not None or found.epoch != epoch or found.totp_since is None:
        session.pop(HALF, None)
        return None
    return found, str(target)
