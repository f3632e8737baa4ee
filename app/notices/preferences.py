"""By which way somebody of the hall wants to hear, and the consent that goes with an address.

Source: PIPL sections 13 to 17: an address is used only for what its person agreed to, and taking that back is as easy
as giving it. The log of consents keeps both; the row here is what a sender asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.errors import Verdict, no
from app.notices.delivery_rules import ADDRESSED, WAYS, contact_problem
from app.notices.models import Preference
from app.people.actor import Actor
from app.people.consents import give_consent
from app.people.models import Account, Person
from app.people.phones import tidy_phone
from app.people.privacy import Consent, ResidencyProof
from app.people.secrets import blind, seal, unseal
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: What the log of consents calls the use of an address.
CONTACT = "contact"


@dataclass(frozen=True)
class Wish:
    """What somebody asked for; ``contact`` is empty to keep the one that is stored."""

    way: str = "page"
    contact: str = ""
    digest_only: bool = True
    quiet_from: int = 21
    quiet_to: int = 8
    agrees: bool = False


def preference_of(account_id: UUID) -> Preference | None:
    """What is stored for this account; None means the page and the printed slip."""
    return db.session.scalar(
        select(Preference).where(Preference.community_id == current_community(), Preference.account_id == account_id)
    )


def contact_of(stored: Preference | None) -> str:
    """The address in clear, empty where there is none."""
    return unseal(stored.contact_sealed) if stored and stored.contact_sealed else ""


def problems(wish: Wish, stored: Preference | None, account: Account) -> dict[str, Verdict]:
    """What is wrong with a wish, by field: ``way``, ``contact``, ``agrees``, ``quiet_from``."""
    if wish.way not in WAYS:
        return {"way": no(N_("请选一样。"))}
    found = {}
    if not (0 <= wish.quiet_from <= 23 and 0 <= wish.quiet_to <= 23):
        found["quiet_from"] = no(N_("时间选 0 点到 23 点。"))
    if wish.way not in ADDRESSED:
        return found
    contact = _wanted(wish, stored)
    if not contact:
        found["contact"] = no(N_("写上往哪儿发。"))
    elif (wrong := contact_problem(wish.way, contact)) is not None:
        found["contact"] = wrong
    elif wish.way == "sms" and account.kind == "resident" and not _is_proven(account, contact):
        found["contact"] = no(N_("这个手机号还没核实是您的。请先用它收验证码登录一次，再来改。"))
    if not wish.agrees:
        found["agrees"] = no(N_("不勾这一格，我们不用您的电话和邮箱。"))
    return found


def prefer(wish: Wish, account: Account, *, by: Actor, now: datetime) -> Preference:
    """Store a wish; a new address and a changed mind are both logged. Raises ``Refused`` for what cannot be stored."""
    stored = preference_of(account.id)
    for verdict in problems(wish, stored, account).values():
        verdict.or_refuse()
    contact = _wanted(wish, stored) if wish.way in ADDRESSED else ""
    changes = not stored or contact != contact_of(stored)
    if stored is None:
        stored = Preference(account_id=account.id, changed_at=now)
        db.session.add(stored)
    if changes and (contact or stored.agreed_at):
        give_consent(CONTACT, by=by, now=now, given=bool(contact), person_id=account.person_id)
        stored.agreed_at = now if contact else None
    stored.way, stored.digest_only = wish.way, wish.digest_only
    stored.quiet_from, stored.quiet_to = wish.quiet_from, wish.quiet_to
    stored.contact_sealed = seal(contact) if contact else None
    stored.changed_at = now
    db.session.flush()
    return stored


def reachable() -> Any:
    """The preferences of the bound hall by which something may be sent today, with their accounts.

    Agreed to, not taken back since (a resident may do that on the page of their own data too), and the account is open.
    """
    later = aliased(Consent)
    newest = exists().where(
        later.community_id == Consent.community_id, later.person_id == Consent.person_id, later.about == CONTACT,
        or_(later.at > Consent.at, and_(later.at == Consent.at, later.id > Consent.id)),
    )  # fmt: skip
    stands = exists().where(
        Consent.community_id == Account.community_id, Consent.person_id == Account.person_id,
        Consent.about == CONTACT, Consent.given, ~newest,
    )  # fmt: skip
    return (
        select(Preference, Account)
        .join(
            Account, and_(Account.community_id == Preference.community_id, Account.id == Preference.account_id)
        )
        .where(
            Preference.community_id == current_community(), Preference.way.in_(ADDRESSED),
            Preference.contact_sealed.is_not(None), Preference.agreed_at.is_not(None),
            Account.disabled_at.is_(None), or_(Account.person_id.is_(None), stands),
        )
    )  # fmt: skip


def _wanted(wish: Wish, stored: Preference | None) -> str:
    typed = tidy_phone(wish.contact) if wish.way == "sms" else wish.contact.strip()
    return typed or (contact_of(stored) if stored and stored.way == wish.way else "")


def _is_proven(account: Account, phone: str) -> bool:
    """Whether this phone answered with its code (domain.md section 5, row 实名)."""
    proven = exists().where(
        ResidencyProof.community_id == Person.community_id, ResidencyProof.person_id == Person.id,
        ResidencyProof.kind == "phone",
    )  # fmt: skip
    wanted = select(Person.id).where(
        Person.community_id == current_community(), Person.id == account.person_id,
        Person.phone_index == blind("phone", phone), proven,
    )  # fmt: skip
    return db.session.scalar(wanted) is not None
