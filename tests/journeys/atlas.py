"""Every page of the running street with somebody who may read it: taken from the app's own table of doors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.flow.decide.models import Ballot
from app.flow.deliberate.models import MinutesEntry, Sitting
from app.flow.resolve.models import Commitment, Objection, Posting, Resolution
from app.matter.models import Escalation, Matter
from app.notices.models import Message
from app.people.models import Account, Membership
from app.people.places import Household, Venue
from app.talent.models import Expert, Invitation
from tenants.database import db
from tenants.registry import Community
from tests.journeys.program import Program
from tests.journeys.wire import Wire

#: Halls whose matters together stand at every stage, the one with most of them first.
HALLS = ("nanyandao", "dianye", "yuxin", "xingfuli", "xiangyang", "jinqiao", "fuyuan", "cuiping")
THINGS: dict[str, Any] = {
    "matter_id": Matter, "sitting_id": Sitting, "ballot_id": Ballot, "resolution_id": Resolution, "posting_id": Posting,
    "commitment_id": Commitment, "objection_id": Objection, "invitation_id": Invitation, "message_id": Message,
    "account_id": Account, "membership_id": Membership, "household_id": Household, "venue_id": Venue,
    "entry_id": MinutesEntry, "escalation_id": Escalation, "expert_id": Expert,
}  # fmt: skip
READERS = {"community": ("", "yishi1", "shuji"), "street": ("", "guanli")}
TRIES = 12


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

    def pages(self) -> Iterator[tuple[str, str, str, str]]:
        """Endpoint, hall, reader and path of every GET door that shows a page to somebody."""
        with self.program.inside():
            doors = [
                (name, site, door.url) for name, (site, door) in sorted(self._table().items()) if door.method == "GET"
            ]
        for name, site, url in doors:
            if found := self._readable(site, url):
                yield name, *found

    def _table(self) -> dict[str, Any]:
        assert self.program.app is not None
        return self.program.app.extensions["doors"]  # type: ignore[no-any-return]

    def _readable(self, site: str, url: str) -> tuple[str, str, str] | None:
        """The first hall, reader and thing for which the door shows an HTML page, the least privileged reader first."""
        names = re.findall(r"<(?:\w+:)?(\w+)>", url)
        for login in READERS[site]:
            for slug in HALLS if site == "community" else ("",):
                for values in self._candidates(slug, names):
                    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m, v=values: v[m[1]], url)  # type: ignore[misc]
                    answer = self.wire(slug, login).get(path)
                    if answer.status == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
                        return slug, login, path
                    if answer.status in (302, 303) and "sign-in" in answer.location:
                        break
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
        if main in ("token", "photo_id", "file_id", "holiday_id") or (main != "community_slug" and main not in THINGS):
            return
        with self.program.inside(
            "" if not slug and main in ("expert_id", "community_slug") else slug or HALLS[0]
        ) as site:
            if main == "community_slug":
                yield from ({main: hall} for hall in HALLS[:2])
                return
            kind = THINGS[main]
            wanted = select(kind).limit(TRIES)
            if hasattr(kind, "community_id"):
                wanted = wanted.where(kind.community_id == site.community_id)
            for row in db.session.scalars(wanted):
                yield self._values(row, names, site.slug)

    @staticmethod
    def _values(row: Any, names: list[str], slug: str) -> dict[str, str]:
        values = {name: str(getattr(row, name, "")) for name in names}
        return values | {names[-1]: str(row.id)} | ({"community_slug": slug} if "community_slug" in names else {})

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
