"""WHO: accounts, what they may do, and the people and households behind them.

Names, phones and households stand in tables on which the street has no grant at all (domain §2, who sees what).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.database import Access, StreetRow, Tenant, Witness, db, tfk, to_many, to_one


class SecondStep:
    """What an account keeps for signing in and out: a second step with a phone, and the sessions that were ended.

    ``totp_sealed`` is the shared secret (RFC 6238), sealed with the account's id; it counts from ``totp_since`` on, and
    before that it waits to be confirmed. ``totp_step`` is the last half minute whose code was used up, ``recovery``
    holds keyed fingerprints of the codes for a lost phone, ``ended`` the marks of sessions that signed out.
    """

    # Every page of everybody signed in reads the account, and only the page of the second step needs these two.
    totp_sealed: Mapped[str | None] = mapped_column(deferred=True)
    recovery: Mapped[list[str]] = mapped_column(ARRAY(Text()), default=list, deferred=True)
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    ended: Mapped[list[str]] = mapped_column(ARRAY(Text()), default=list)


class Account(Tenant, SecondStep, db.Model):
    """A login of one hall: staff and council members with a password, residents with their household's code."""

    __access__: ClassVar[Access] = Access(street="", opener="si")

    kind: Mapped[str]
    login: Mapped[str]
    password_hash: Mapped[str | None]
    display_name: Mapped[str]
    name_key: Mapped[str] = mapped_column(default="")
    person_id: Mapped[UUID | None]
    epoch: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    memberships: Mapped[list[Membership]] = to_many("Account", "Membership", "account_id", viewonly=True)
    person: Mapped[Person | None] = to_one("Account", "person_id", "Person", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("community_id", "login"),
            tfk("person_id", "person"),
            CheckConstraint("kind in ('staff', 'resident')", name="kind"),
            CheckConstraint("kind <> 'staff' or password_hash is not null", name="staff_has_a_password"),
            CheckConstraint("totp_since is null or totp_sealed is not null", name="second_step_has_a_secret"),
        )


class Membership(Tenant, db.Model):
    """One role of one account, from a day to a day; ``seat`` numbers a council seat."""

    __access__: ClassVar[Access] = Access(street="", opener="si")

    account_id: Mapped[UUID]
    role: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    seat: Mapped[int | None]
    since: Mapped[date]
    until: Mapped[date | None]

    account: Mapped[Account] = to_one("Membership", "account_id", "Account", viewonly=True)

    @classmethod
    def extra_args(cls):
        return (
            tfk("account_id", "account"),
            Index(None, "community_id", "account_id"),
            Index(
                "uq_membership_seat",
                "community_id",
                "seat",
                unique=True,
                postgresql_where="seat is not null and until is null",
            ),
        )


class Person(Tenant, db.Model):
    """A resident as a person. The phone is sealed; it is found again by a blind index, never by its text."""

    __access__: ClassVar[Access] = Access(street="", witness=Witness("s", "id", "person"))

    name: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    phone_sealed: Mapped[str | None]
    phone_index: Mapped[str | None]
    household_id: Mapped[UUID | None]
    birth_year: Mapped[int | None]
    name_public: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (tfk("household_id", "household"), Index(None, "community_id", "phone_index"))


class StreetAccount(StreetRow, SecondStep, db.Model):
    """A login of the street office, with one duty (``people.duties``); no community may read it."""

    __access__: ClassVar[Access] = Access(community="", street="siu")

    role: Mapped[str]
    login: Mapped[str]
    password_hash: Mapped[str]
    display_name: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    must_change: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @classmethod
    def extra_args(cls):
        return (
            UniqueConstraint("street_id", "login"),
            CheckConstraint(
                "role in ('street_admin', 'street_supervisor', 'security_admin', 'audit_admin')", name="role"
            ),
            CheckConstraint("totp_since is null or totp_sealed is not null", name="second_step_has_a_secret"),
        )


class ChangeLog(Tenant, db.Model):
    """What the hall's own desk changed: account, role, seat, brand, deadline. Append-only."""

    __access__: ClassVar[Access] = Access(community="si", street="", opener="si")

    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[UUID | None]
    what: Mapped[str]
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (Index(None, "community_id", "at"),)


class StreetLog(StreetRow, db.Model):
    """What the street's desk changed: halls, accounts, lists, notices. Append-only."""

    __access__: ClassVar[Access] = Access(community="", street="si", opener="i")

    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_label: Mapped[str]
    subject: Mapped[str]
    what: Mapped[str]
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")

    @classmethod
    def extra_args(cls):
        return (Index(None, "street_id", "at"),)
