"""Every page of the running street with somebody who may read it: taken from the app's own table of doors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.flow.decide.models import Ballot, BallotStub, Poll, RollEntry
from app.flow.deliberate.models import MinutesEntry, Sitting, SittingSeries
from app.flow.resolve.mediation_models import Agreement, Mediation
from app.flow.resolve.models import Commitment, Objection, Posting, Resolution
from app.matter.joint_models import JointInvite, JointMatter
from app.matter.models import Escalation, Matter
from app.matter.outside_models import OutsideUnit, RequestLetter
from app.notices.models import Message
from app.notices.street_models import HallNotice, StreetNotice
from app.people.core_models import CoreResident, CoreTraining
from app.people.models import Account, Membership, StreetAccount
from app.people.owners import OwnedUnit, Owner
from app.people.permissions import ANYONE, holds
from app.people.places import Household, Venue
from app.people.roles import Role
from app.people.seats import Convener, CouncilSeat, CouncilTerm, Representative
from app.records.street_models import StreetReport
from app.talent.models import Expert, ExpertSuggestion, Invitation
from tenants.database import db
from tenants.registry import Community
from tests.journeys.program import Program
from tests.journeys.wire import Wire

#: Halls whose matters together stand at every stage, the one with most of them first.
HALLS = (
    "nanyandao", "dianye", "yuxin", "xingfuli", "xiangyang", "jinqiao", "fuyuan", "cuiping", "heshunli", "mianfangdong",
)  # fmt: skip
THINGS: dict[str, Any] = {
    "matter_id": Matter, "sitting_id": Sitting, "ballot_id": Ballot, "resolution_id": Resolution, "posting_id": Posting,
    "commitment_id": Commitment, "objection_id": Objection, "invitation_id": Invitation, "message_id": Message,
    "account_id": Account, "membership_id": Membership, "household_id": Household, "venue_id": Venue,
    "entry_id": MinutesEntry, "escalation_id": Escalation, "expert_id": Expert, "poll_id": Poll, "voter_id": RollEntry,
    "serial": BallotStub, "series_id": SittingSeries, "owner_id": Owner, "unit_id": OwnedUnit, "term_id": CouncilTerm,
    "seat_id": CouncilSeat, "rep_id": Representative, "convener_id": Convener, "mediation_id": Mediation,
    "agreement_id": Agreement, "joint_id": JointInvite, "resident_id": CoreResident, "training_id": CoreTraining,
    "notice_id": HallNotice,
}  # fmt: skip
#: What the street reads in its own scope; a name may mean another thing there than in a hall.
STREET_THINGS: dict[str, Any] = {
    "expert_id": Expert, "joint_id": JointMatter, "number": JointMatter, "letter_id": RequestLetter,
    "unit_id": OutsideUnit, "account_id": StreetAccount, "notice_id": StreetNotice, "report_id": StreetReport,
    "suggestion_id": ExpertSuggestion, "act_key": JointMatter,
}  # fmt: skip
#: Parts of an address that are a word and no id.
WORDS = {"hall_slug": "dianye", "category": "safety", "act_key": "termination"}
#: Who may be tried at a door, the least privileged first, and what each of them is.
READERS: dict[str, dict[str, frozenset[Role]]] = {
    "community": {
        "": frozenset(), "yishi1": frozenset({Role.COUNCIL_MEMBER}), "shuji": frozenset({Role.SECRETARY}),
    },
    "street": {"": frozenset(), "guanli": frozenset({Role.STREET_ADMIN})},
}  # fmt: skip
TRIES = 12


@dataclass(frozen=True)
class Found:
    """A page that somebody may read: hall (empty is the street), login (empty is a stranger) and path."""

    slug: str
    login: str
    path: str

    def __str__(self) -> str:
        return f"{self.slug}{self.path} as {self.login or 'a stranger'}"


@dataclass
class Atlas:
    """Visitors are signed in once and reused; ``wires`` by hall and login."""

    program: Program
    wires: dict[tuple[str, str], Wire] = field(default_factory=dict)
    ids: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)

    def wire(self, slug: str, login: str) -> Wire:
        """Somebody's cookies; an empty login is a stranger."""
        if (slug, login) not in self.wires:
            found = Wire(self.program, slug)
            self.wires[slug, login] = found.sign_in(login) if login else found
        return self.wires[slug, login]

    def pages(self) -> Iterator[tuple[str, Found]]:
        """Endpoint and page of every GET door that shows one to somebody."""
        with self.program.inside():
            doors = [(name, site, door) for name, (site, door) in sorted(self._table().items()) if door.method == "GET"]
        for name, site, door in doors:
            if found := self._readable(site, door):
                yield name, found

    def again(self, name: str) -> Found:
        """A page of the same door, as the street stands now."""
        found = self._readable(*self._table()[name])
        assert found is not None, f"{name} shows its page to nobody any more"
        return found

    def _table(self) -> dict[str, Any]:
        assert self.program.app is not None
        return self.program.app.extensions["doors"]  # type: ignore[no-any-return]

    def _readable(self, site: str, door: Any) -> Found | None:
        """The first hall, reader and thing for which the door shows an HTML page, the least privileged reader first.

        Whoever may not enter at all is not sent there: that every door then refuses is asked in ``tests/house``.
        """
        names = re.findall(r"<(?:\w+:)?(\w+)>", door.url)
        for login, roles in READERS[site].items():
            if door.permission not in ANYONE and not holds(roles, door.permission):
                continue
            for slug in HALLS if site == "community" else ("",):
                for values in self._candidates(slug, names):
                    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m, v=values: v[m[1]], door.url)  # type: ignore[misc]
                    answer = self.wire(slug, login).get(path)
                    if answer.status == 200:
                        # A part of a page, as the living table asks for it, is looked at where it stands.
                        whole = answer.kind.startswith("text/html") and "<html" in answer.text
                        return Found(slug, login, path) if whole else None
                if not names:
                    break
        return None

    def _candidates(self, slug: str, names: list[str]) -> list[dict[str, str]]:
        """Up to a dozen sets of ids; a door with two ids needs two that belong together."""
        if not names:
            return [{}]
        if (key := (slug, ",".join(names))) not in self.ids:
            self.ids[key] = list(self._find(slug, names))
        return self.ids[key]

    def _find(self, slug: str, names: list[str]) -> Iterator[dict[str, str]]:
        main = names[-1]
        if set(names) <= {"community_slug"}:
            yield from ({main: hall} for hall in HALLS[:2])
            return
        if set(names) <= set(WORDS):
            yield {name: WORDS[name] for name in names}
            return
        things = STREET_THINGS if not slug and main not in ("matter_id", "escalation_id") else THINGS
        if main == "community_slug" or main not in things:
            return
        with self.program.inside("" if things is STREET_THINGS else slug or HALLS[0]) as site:
            kind = things[main]
            wanted = select(kind).limit(TRIES)
            if hasattr(kind, "community_id") and site.community_id is not None:
                wanted = wanted.where(kind.community_id == site.community_id)
            for row in db.session.scalars(wanted):
                yield self._values(row, names, site.slug)

    @staticmethod
    def _values(row: Any, names: list[str], slug: str) -> dict[str, str]:
        values = {name: str(getattr(row, name, "")) for name in names}
        # A paper is known by the number printed on it; everything else by its id.
        last = getattr(row, names[-1]) if names[-1] in ("serial", "number") else row.id
        if isinstance(row, JointMatter):
            values |= {name: str(row.id) for name in names if name == "joint_id"}
        if isinstance(row, JointInvite):
            last = row.joint_id
        own = {names[-1]: str(last)} if names[-1] not in WORDS else {}
        said = {name: word for name, word in WORDS.items() if name in names}
        return values | own | said | ({"community_slug": slug} if "community_slug" in names else {})

    def one(self, slug: str, kind: Any, **where: Any) -> UUID:
        """The id of one thing of a hall."""
        with self.program.inside(slug) as site:
            wanted = select(kind.id).where(kind.community_id == site.community_id)
            for column, value in where.items():
                wanted = wanted.where(getattr(kind, column) == value)
            found: UUID | None = db.session.scalar(wanted.limit(1))
        assert found is not None, f"{slug} has no {kind.__name__} with {where}"
        return found

    def halls(self) -> list[str]:
        """Slugs of the demo's halls that have a brand of their own."""
        with self.program.inside() as site:
            rows = db.session.scalars(select(Community.slug).where(Community.street_id == site.street_id))
            return sorted(slug for slug in rows if "-" not in slug)
