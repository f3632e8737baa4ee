"""A played street that is put back in a tenth of a second, and a journal of every row that anybody writes.

The demo's stories leave something real in every stage. After they are told, the database becomes a template; a worker
knocks at a copy of it and puts the copy back as often as it likes. Triggers of the proof note each row that is written
and kept, so that one try, not only a batch, can be asked whether it changed anything.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response
from sqlalchemy import Engine, create_engine, select, text

from app import create_app
from app.faces.cli.demo.play import play_street
from app.faces.visitor import enter
from app.people.models import Account, StreetAccount
from tenants import provisioning
from tenants.database import db
from tenants.hosts import find_site
from tenants.scope import bound
from tests import harness

#: The street as told, and one step further on.
TEMPLATES = ("inputs_told", "inputs_further")
#: Halls whose matters together stand at every stage, and who knocks there; the street has an empty name.
HALLS = (
    "nanyandao", "dianye", "yuxin", "xingfuli", "xiangyang", "jinqiao", "fuyuan", "cuiping", "heshunli", "mianfangdong",
)  # fmt: skip
STAFF = ("shuji", "shegong", "wangge", "wanggezhang", "louzhang", "jiandu", "yishi1", "yishi2")
STREET_STAFF = ("guanli", "zhuren")
RESIDENT = "a resident"

JOURNAL = """
create schema proof;
create unlogged table proof.touched (name text not null, verb text not null);
create function proof.note() returns trigger language plpgsql security definer set search_path = proof as
$note$ begin insert into proof.touched values (tg_table_name, tg_op); return null; end $note$;
grant usage on schema proof to public;
"""


@dataclass
class World:
    """One copy of the street for one process. ``cookies`` by hall and login, as headers."""

    owner: str
    redis: str
    folder: Path
    name: str
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    csrf: bool = False

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.app: Flask = create_app(self.settings())
        # One line for each of some ten thousand requests would tell nobody anything; faults come by a signal.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.server = create_engine(self.owner, isolation_level="AUTOCOMMIT")
        self.eyes: Engine = create_engine(self.url, isolation_level="AUTOCOMMIT")

    @property
    def url(self) -> str:
        """The superuser's address of this copy."""
        return harness.urls(self.owner, self.name)["owner"]

    def settings(self) -> dict[str, Any]:
        """As a real office, but with cheap password hashes, nothing counted per address; marks of forms as asked."""
        more = {"DEMO_SCALE": 1, "WTF_CSRF_ENABLED": self.csrf, "IDLE_LOGOUT": timedelta(hours=12)}
        return harness.settings(self.owner, self.name, self.redis, self.folder, **more)

    def play(self) -> None:
        """Tell the whole street, once, and hang the journal on every table."""
        provisioning.create_database(self.url)
        with self.app.app_context():
            provisioning.create_schema(self.url)
            play_street(self.app)
        with self.eyes.connect() as conn:
            conn.exec_driver_sql(JOURNAL)
            for table in db.metadata.sorted_tables:
                conn.exec_driver_sql(
                    f"create trigger zz_proof after insert or update or delete on {table.name} "
                    "for each row execute function proof.note()"
                )
        self.let_go()

    def let_go(self) -> None:
        """Close every connection to this copy."""
        with self.app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        self.eyes.dispose()

    def put_back(self, number: int = 0) -> None:
        """The copy as it was when the stories were told, or one step further on."""
        self.let_go()
        with self.server.connect() as conn:
            conn.exec_driver_sql(f'drop database if exists "{self.name}" with (force)')
            conn.exec_driver_sql(f'create database "{self.name}" template "{TEMPLATES[number]}" strategy file_copy')
        self.app.extensions["redis"].flushdb()
        for kept in ("tenants.sites", "matter.houses"):
            self.app.extensions.pop(kept, None)

    def touched(self) -> dict[str, int]:
        """Rows written and kept since the last call, by table."""
        with self.eyes.connect() as conn:
            found = conn.execute(text("with gone as (delete from proof.touched returning name) select name from gone"))
            counted: dict[str, int] = {}
            for (name,) in found:
                counted[name] = counted.get(name, 0) + 1
            return counted

    def host(self, slug: str) -> str:
        """The host of a hall, or of the street."""
        return f"{slug}.{harness.BASE}" if slug else harness.BASE

    def sign_everybody_in(self) -> None:
        """One cookie for each login of each hall, written by the program's own code for signing in."""
        for slug in ("", *HALLS):
            self.cookies[slug, ""] = ""
            for login, account_id in self._accounts(slug).items():
                self.cookies[slug, login] = self._cookie(slug, account_id)

    def _accounts(self, slug: str) -> dict[str, Any]:
        with self.app.app_context():
            site = find_site(self.app, harness.BASE, slug)
            with bound(site.scope):
                if not slug:
                    kept = select(StreetAccount.login, StreetAccount.id).where(StreetAccount.login.in_(STREET_STAFF))
                    return {row.login: row.id for row in db.session.execute(kept)}
                here = Account.community_id == site.community_id
                found = select(Account.login, Account.id).where(here, Account.login.in_(STAFF))
                accounts = {row.login: row.id for row in db.session.execute(found)}
                one = select(Account.id).where(here, Account.kind == "resident").order_by(Account.created_at).limit(1)
                resident = db.session.scalar(one)
                db.session.remove()
                return accounts | ({RESIDENT: resident} if resident else {})

    def _cookie(self, slug: str, account_id: Any) -> str:
        kind = Account if slug else StreetAccount
        with self.app.test_request_context(
            "/", base_url=f"http://{self.host(slug)}", environ_base={"REMOTE_ADDR": "127.0.0.1"}
        ) as context:
            self.app.preprocess_request()
            enter(db.session.scalars(select(kind).where(kind.id == account_id)).one(), keep=True)
            db.session.commit()
            return self._save(context.session)

    def signed(self, slug: str, kept: dict[str, Any]) -> str:
        """The cookie of a browser without an account that this hall gave these things to keep."""
        with self.app.test_request_context("/", base_url=f"http://{self.host(slug)}") as context:
            self.app.preprocess_request()
            context.session.update(kept)
            context.session.permanent = True
            return self._save(context.session)

    def _save(self, session: Any) -> str:
        answer = Response()
        self.app.session_interface.save_session(self.app, session, answer)
        return answer.headers["Set-Cookie"].partition(";")[0]
