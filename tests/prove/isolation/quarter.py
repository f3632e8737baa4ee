"""Two street offices in one program, whose halls share names, logins and phones, and everybody who can knock there."""

from __future__ import annotations

import secrets
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import Engine, create_engine, insert, select

from app import clock, create_app
from app.flow.implement import links
from app.flow.implement.models import TaskLink
from app.flow.resolve.models import Commitment
from app.people import desk
from app.people.actor import SYSTEM
from app.people.models import StreetAccount
from app.people.privacy import PhoneCode
from app.people.roles import Role
from app.people.secrets import hash_password, unseal
from app.talent import actions
from tenants import provisioning
from tenants.database import db
from tenants.hosts import find_site
from tenants.scope import bound
from tests import cast, harness
from tests.conftest import Neighbour
from tests.prove.isolation.twins import Worlds, plant_all, worlds
from tests.rooms.stage_setting import expert_id, matter_at, staff
from tests.tenants.rows import row

#: Two bases, each a street office's own. The second street has a hall of the same name as one of the first.
HERE, THERE = harness.BASE, "anderer.test"
HOME, NEXT = cast.HOME, cast.NEXT
EVERYBODY = frozenset({"own", "other", "sealed", "neighbour", "far"})
#: Everybody but the hall from which most of the knocking comes.
OTHERS = frozenset({"neighbour", "far"})
HOUSEHOLD, PHONE = "household code", "phone code"
HALL_ROLES: dict[str | None, frozenset[Role]] = {
    None: frozenset(),
    "shuji": frozenset({Role.SECRETARY}),
    "zhao": frozenset({Role.COMMUNITY_WORKER}),
    "wangge": frozenset({Role.GRID_LEADER}),
    "xiaoli": frozenset({Role.GRID_WORKER}),
    "sun": frozenset({Role.BUILDING_STEWARD}),
    "jiandu": frozenset({Role.AFFAIRS_SUPERVISOR}),
    "yishi1": frozenset({Role.COUNCIL_MEMBER}),
    HOUSEHOLD: frozenset({Role.RESIDENT}),
    PHONE: frozenset({Role.RESIDENT}),
}


class Visitor(Neighbour):
    """A browser at one hall or street of either base, by host or by path."""

    def __init__(self, app: Flask, base: str, slug: str = "") -> None:
        super().__init__(app, slug)
        by_path = app.config["TENANT_BY"] == "path"
        self.base = base
        self.host = f"{slug}.{base}" if slug and not by_path else base
        self.prefix = f"/c/{slug}" if slug and by_path else ""

    def get(self, url: str, **kw: Any) -> Any:
        """GET inside this hall."""
        return self.client.get(self.prefix + url, base_url=f"http://{self.host}", **kw)

    def post(self, url: str, data: Any = None, **kw: Any) -> Any:
        """POST inside this hall."""
        return self.client.post(self.prefix + url, data=data, base_url=f"http://{self.host}", **kw)


@dataclass
class Quarter:
    """The running program, the superuser's eyes, whose rows lie where, and the secrets that were handed out."""

    app: Flask
    eyes: Engine
    worlds: Worlds
    secrets: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)

    def listen(self) -> None:
        """Count what the program's own page for errors is asked to tell, by its kind and place."""
        handlers = self.app.error_handler_spec[None][None]
        broken = handlers[Exception]

        def note(error: Exception) -> Any:
            frames = [f for f in traceback.extract_tb(error.__traceback__) if "/app/" in f.filename]
            at = f"{frames[-1].filename.rpartition('/app/')[2]}:{frames[-1].lineno}" if frames else "?"
            self.errors[f"{type(error).__name__} at {at}: {str(error).partition(chr(10))[0][:80]}"] += 1
            return broken(error)

        handlers[Exception] = note

    def visit(self, base: str, slug: str, who: str | None) -> Visitor:
        """A browser of this person, signed in as the person would."""
        found = Visitor(self.app, base, slug)
        if who == HOUSEHOLD:
            answer = found.post("/join", {"name": "隔壁王姐", "code": cast.HOUSEHOLD_CODE, "adult": "y"})
            assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
        elif who == PHONE:
            self._join_by_phone(found)
        elif who:
            found.sign_in(who)
        return found

    def _join_by_phone(self, found: Visitor) -> None:
        asked = {"name": "王桂兰", "title": "女士", "adult": "y", "phone": "13800001234", "phone_code": ""}
        found.post("/join/phone", {**asked, "step": "ask_code"})
        with self.app.app_context(), bound(find_site(self.app, found.base, found.slug).scope):
            code = unseal(max(db.session.scalars(select(PhoneCode)), key=lambda one: one.asked_at).code_sealed)
            db.session.remove()
        answer = found.post("/join/phone", {**asked, "phone_code": code})
        assert answer.status_code == 303, answer.get_data(as_text=True)[:500]

    def guest(self, base: str, slug: str, kind: str) -> Visitor:
        """An expert who accepted an invitation of this hall, or somebody with the link of a task."""
        found, known = Visitor(self.app, base, slug), self.secrets[base, slug]
        if kind == "expert":
            assert found.get(f"/x/{known['expert']}").status_code == 200
            assert found.post(f"/x/{known['expert']}/acceptance").status_code == 303
        else:
            assert found.get(f"/t/{known['task']}").status_code == 200
        return found

    def close(self) -> None:
        """Give every connection back."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        self.eyes.dispose()


def open_quarter(
    place: dict[str, Any], name: str, by: str, *, planted: frozenset[str] = EVERYBODY, **more: Any
) -> Quarter:
    """A database of its own with both streets and whoever works there, and the rows of some worlds planted in it."""
    harness.clone(place["owner"], name)
    eyes = create_engine(harness.urls(place["owner"], name)["owner"])
    settings = harness.settings(
        place["owner"], name, place["redis"], Path(place["data_dir"]), TENANT_BY=by, BASE_HOST=f"{HERE},{THERE}", **more
    )
    app = create_app(settings)
    structlog.configure(processors=[_silent])
    app.extensions["redis"].flushdb()
    with app.app_context():
        _open_second_street(app)
        found = Quarter(app, eyes, _all_worlds(app))
        found.listen()
        for base in (HERE, THERE):
            with bound(find_site(app, base).scope):
                _more_administrators()
                db.session.commit()
                db.session.remove()
        for base, slug in ((HERE, HOME), (HERE, NEXT), (THERE, NEXT)):
            site = find_site(app, base, slug)
            with bound(site.scope):
                desk.add_account(
                    "wangge", "网格长", cast.PASSWORD, {Role.GRID_LEADER: ""}, by=SYSTEM, now=clock.now()
                )  # fmt: skip
                found.secrets[base, slug] = _invite()
                db.session.commit()
                db.session.remove()
    with eyes.begin() as conn:
        plant_all(conn, found.worlds, registry=False, skip=EVERYBODY - planted)
    return found


def _silent(_logger: Any, _method: str, _event: Any) -> Any:
    """A round knocks tens of thousands of times; what the program writes of that is not what is proven here."""
    raise structlog.DropEvent


def _open_second_street(app: Flask) -> None:
    now = clock.now()
    street = provisioning.open_street(host=THERE, name="中华大街街道", short="中街", phone="8555 0100", now=now)
    with bound(find_site(app, THERE).scope):
        cast._street(now)
        db.session.commit()
        db.session.remove()
    provisioning.open_community(street_id=street, slug=NEXT, code="DY", name="电业社区", now=now, phone="8555 0118")
    app.extensions.pop("tenants.sites", None)
    with bound(find_site(app, THERE, NEXT).scope):
        cast._people(now, NEXT)
        cast._places()
        db.session.commit()
        db.session.remove()


def _more_administrators() -> None:
    for login, name, role in (("anquan", "安全员", "security_admin"), ("shenji", "审计员", "audit_admin")):
        db.session.add(
            StreetAccount(
                login=login, display_name=name, role=role, password_hash=hash_password(cast.PASSWORD),
                created_at=clock.now(),
            )
        )  # fmt: skip


def _all_worlds(app: Flask) -> Worlds:
    places = []
    for base, slug in ((HERE, NEXT), (HERE, HOME), (THERE, NEXT)):
        site = find_site(app, base, slug)
        places.append((site.street_id, int(site.community_id or 0)))
    return worlds(*places)


def _invite() -> dict[str, str]:
    """An expert's invitation and a task's link of the bound hall; the secrets by kind."""
    now, token = clock.now(), secrets.token_urlsafe(16)
    matter = matter_at("surveying", now=now)
    _invitation, secret = actions.invite(
        matter, expert_id(), brief="涵洞积水", questions="先清淤还是先做泵站？", by=staff(), now=now
    )
    db.session.flush()
    done = matter_at("implementing", now=now)
    db.session.flush()
    here = {"street": done.street_id, "community": done.community_id}
    task: dict[str, Any] = row(Commitment.__table__, **here, row_id=UUID(int=0x7A))
    task |= {"matter_id": done.id, "first_due": clock.today(), "due": clock.today() + timedelta(days=30)}
    db.session.execute(
        insert(Commitment).values(**{k: v for k, v in task.items() if not k.endswith("_id") or k in KEYS})
    )
    link: dict[str, Any] = row(TaskLink.__table__, **here, row_id=UUID(int=0x7B))
    link |= {"matter_id": done.id, "commitment_id": task["id"], "key_hash": links.fingerprint(token)}
    link |= {"expires_at": now + timedelta(days=90)}
    db.session.execute(insert(TaskLink).values(**link))
    return {"expert": str(secret), "task": token}


KEYS = {"street_id", "community_id", "matter_id"}
