"""A hall full of residents, put into the running program's database in bulk, and the polls put to them.

Accounts are inserted by the superuser, because opening a thousand by hand is not what is proved here. Their sessions
are written and signed by the program's own code for signing in, without the thousand password hashes before it.
Everything else goes through the program: drafting, opening, ending and closing by the actions, voting over HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import create_engine, insert, select
from sqlalchemy.engine import Engine

from app import clock
from app.faces.visitor import enter
from app.flow.decide import polls
from app.flow.decide.models import Poll
from app.flow.decide.poll_queries import find_poll, questions_of
from app.flow.decide.rules import Rule
from app.matter.models import Matter
from app.people import desk
from app.people.actor import SYSTEM, Actor
from app.people.models import Account, Person
from app.people.places import Building, Estate, Grid, Household
from app.people.queries import account_with_roles, actor_of
from app.people.roles import Role
from deploy.supervise.settings import published
from tenants import provisioning
from tenants.database import db, uuid7
from tests.journeys.program import Program
from tests.journeys.wire import Wire

HALL = "shijia"
RESIDENTS = 1000


@dataclass(frozen=True)
class Resident:
    """One account with its person, and the cookies of its own browser."""

    account: UUID
    person: UUID
    name: str
    cookies: tuple[tuple[str, str], ...] = ()

    def wire(self, program: Program, slug: str) -> Wire:
        """A browser of this resident."""
        return Wire(program, slug, cookies=dict(self.cookies))


@dataclass
class Town:
    """One running office, its hall and who lives there."""

    program: Program
    slug: str
    residents: list[Resident]
    matters: int = 0

    def open_poll(self, title: str, mode: str, voters: list[Resident] | None = None) -> UUID:
        """Draft a poll of one question to the residents' body and open it; ``voters`` None is its whole register."""
        with self.program.inside(self.slug):
            now, by = clock.now(), chief(self.slug)
            self.matters += 1
            # A year that the hall's own counter never reaches: matters handed in beside it take its numbers.
            matter = Matter(
                number=f"SJ2019{self.matters:04d}", title=title, question=f"{title}，同意吗？", stage="ratifying",
                stage_since=now, kind="joint", channel="web", tracking_hmac=uuid7().hex, collected_at=now,
                accepted_at=now, triage="major", category="plan",
            )  # fmt: skip
            db.session.add(matter)
            db.session.flush()
            poll = polls.draft_poll(
                matter, title=title, body="residents", mode=mode, by=by, now=now, who_may="本社区满 18 岁的居民",
                questions=[polls.Question(f"{title}，同意吗？", Rule.RESIDENTS_MEETING)],
            )  # fmt: skip
            lines = None if voters is None else [polls.Line(one.name, person_id=one.person) for one in voters]
            listed = polls.make_roll(poll, lines, by=by, now=now)
            assert listed == len(self.residents if voters is None else voters)
            polls.open_poll(poll, by=by, now=now)
            db.session.commit()
            return poll.id

    def question_of(self, poll_id: UUID) -> UUID:
        """The id of the poll's only question."""
        with self.program.inside(self.slug):
            return questions_of(poll_id)[0].id

    def close(self, poll_id: UUID) -> dict[str, int]:
        """End the voting, count, declare; returns yes, no and abstain as declared."""
        with self.program.inside(self.slug):
            polls.end_voting(_standing(poll_id), by=chief(self.slug), now=clock.now())
            db.session.commit()
        with self.program.inside(self.slug):
            polls.close_poll(
                _standing(poll_id), teller=_account("jipiao"), scrutineer=_account("jianpiao"), by=chief(self.slug),
                now=clock.now(),
            )  # fmt: skip
            db.session.commit()
            counted = questions_of(poll_id)[0]
            return {"yes": counted.yes, "no": counted.no, "abstain": counted.abstain}

    def eyes(self) -> Engine:
        """The superuser's own connection: sees every row, also of a sealed box. Dispose of it."""
        return create_engine((published(self.program.folder) or {})["DATABASE_OWNER_URL"])


def chief(slug: str) -> Actor:
    """The secretary as somebody who acts; inside the hall."""
    found = account_with_roles(_account("shuji").id, clock.today())
    assert found is not None, slug
    return actor_of(*found)


def _account(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def _standing(poll_id: UUID) -> Poll:
    found = find_poll(poll_id)
    assert found is not None
    return found


def open_town(program: Program) -> Town:
    """Open street and hall from the shell's commands, then people the hall."""
    program.flask("street open", "--name", "时家街道", "--short", "时街")
    program.flask(f"community open {HALL} --code SJ", "--name", "时家社区")
    town = Town(program, HALL, [])
    town.residents = settle(town, HALL, RESIDENTS)
    return town


def settle(town: Town, slug: str, number: int, *, signed_in: bool = True) -> list[Resident]:
    """Two tellers by name, and ``number`` grown residents, two to a household."""
    with town.program.inside(slug) as site:
        for login, name in (("jipiao", "计票的人"), ("jianpiao", "监票的人")):
            desk.add_account(login, name, uuid7().hex, {Role.COMMUNITY_WORKER: ""}, by=SYSTEM, now=clock.now())
        db.session.commit()
        street, community = site.street_id, site.community_id
        assert community is not None
    people = [Resident(uuid7(), uuid7(), f"居民{n:05d}") for n in range(1, number + 1)]
    engine = town.eyes()
    with engine.begin() as conn:
        for kind, rows in _rows(people):
            here = {"street_id": street, "community_id": community}
            conn.execute(insert(kind), [here | row for row in rows])
    engine.dispose()
    return _sign_in(town.program, slug, people) if signed_in else people


def _rows(people: list[Resident]) -> list[tuple[Any, list[dict[str, Any]]]]:
    grid, estate, building, moment = uuid7(), uuid7(), uuid7(), clock.at(date(2026, 1, 1))
    homes = [uuid7() for _ in range((len(people) + 1) // 2)]
    return [
        (Grid.__table__, [{"id": grid, "name": "第一网格"}]),
        (Estate.__table__, [{"id": estate, "name": "时家小区"}]),
        (Building.__table__, [
            {"id": building, "name": "1 号楼", "sort": 1, "estate_id": estate, "grid_id": grid, "units": 1},
        ]),
        (Household.__table__, [
            {"id": home, "building_id": building, "unit": 1, "room": f"{n:05d}"} for n, home in enumerate(homes)
        ]),
        (Person.__table__, [
            {"id": one.person, "name": one.name, "title": "", "household_id": homes[n // 2], "birth_year": 1970,
             "name_public": False, "created_at": moment}
            for n, one in enumerate(people)
        ]),
        (Account.__table__, [
            {"id": one.account, "kind": "resident", "login": f"r{n:05d}", "display_name": one.name,
             "name_key": one.name, "person_id": one.person, "epoch": 0, "failed": 0, "must_change": False,
             "created_at": moment}
            for n, one in enumerate(people)
        ]),
    ]  # fmt: skip


def _sign_in(program: Program, slug: str, people: list[Resident]) -> list[Resident]:
    """Write each one's session as the sign-in door does, and keep the cookie it answers with."""
    with program.inside(slug):
        app, found = program.app, {a.id: a for a in db.session.scalars(select(Account))}
        assert app is not None
        known = [(one, found[one.account]) for one in people]
        signed = []
        for one, account in known:
            with app.test_request_context(
                "/", base_url=f"http://{slug}.{program.base}", environ_base={"REMOTE_ADDR": "127.0.0.1"},
            ) as context:  # fmt: skip
                enter(account, keep=True)
                answer = Response()
                app.session_interface.save_session(app, context.session, answer)  # type: ignore[arg-type]
            name, _, rest = answer.headers["Set-Cookie"].partition("=")
            signed.append(Resident(one.account, one.person, one.name, ((name, rest.partition(";")[0]),)))
        return signed


def open_second_hall(town: Town, slug: str, code: str, name: str) -> None:
    """Another hall of the same street, opened without the shell, with a secretary."""
    with town.program.inside() as site:
        provisioning.open_community(street_id=site.street_id, slug=slug, code=code, name=name, now=clock.now())
        assert town.program.app is not None
        town.program.app.extensions.pop("tenants.sites", None)
    with town.program.inside(slug):
        desk.add_account("shuji", "书记", uuid7().hex, {Role.SECRETARY: ""}, by=SYSTEM, now=clock.now())
        db.session.commit()
