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
from tests.prove.inputs import under_way

#: The street as told, and one step further on.
TEMPLATES = ("inputs_told", "inputs_further")
#: Halls whose matters together stand at every stage, and who knocks there; the street has an empty name.
HALLS = (
    "nanyandao", "dianye", "yuxin", "xingfuli", "xiangyang", "jinqiao", "fuyuan", "cuiping", "heshunli", "mianfangdong",
)  # fmt: skip
STAFF = ("shuji", "shegong", "wangge", "wanggezhang", "louzhang", "jiandu", "yishi1", "yishi2")
STREET_STAFF = ("guanli", "zhuren")
RESIDENT = "a resident"
#: Undoing leaves dead rows behind: after so many times the copy is made anew.
ANEW = 40

JOURNAL = """
create schema proof;
create unlogged table proof.touched (
    seq bigint generated always as identity primary key, name text not null, was text, now text);
create function proof.note() returns trigger language plpgsql security definer set search_path = proof, public as
$note$ begin
    insert into proof.touched (name, was, now) values (tg_table_name,
        case when tg_op <> 'INSERT' then old::text end, case when tg_op <> 'DELETE' then new::text end);
    return null;
end $note$;
create table proof.keys as select c.relname::text as name, string_agg(
        format('t.%1$I = (%2$L::text::public.%3$I).%1$I', a.attname, '#', c.relname), ' and ') as same
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
    where i.indisprimary and n.nspname = 'public' group by c.relname;
create function proof.undo() returns void language plpgsql set search_path = public as
$undo$ declare line record; begin
    perform set_config('session_replication_role', 'replica', true);
    for line in select t.*, k.same from proof.touched t join proof.keys k using (name) order by t.seq desc loop
        if line.now is not null then
            execute format('delete from public.%I t where ', line.name)
                || replace(line.same, quote_literal('#'), quote_literal(line.now));
        end if;
        if line.was is not null then
            execute format('insert into public.%1$I select (%2$L::text::public.%1$I).*', line.name, line.was);
        end if;
    end loop;
    delete from proof.touched;
end $undo$;
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
    by_path: bool = False
    #: Which world the copy is of, how often it was put back since it was copied, and the last journal line seen.
    number: int = -1
    undone: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.app: Flask = create_app(self.settings())
        #: The same program where halls are told apart by their address and not by their host.
        self.app_by_path: Flask | None = create_app(self.settings(TENANT_BY="path")) if self.by_path else None
        # One line for each of some ten thousand requests would tell nobody anything; faults come by a signal.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.server = create_engine(self.owner, isolation_level="AUTOCOMMIT")
        self.eyes: Engine = create_engine(self.url, isolation_level="AUTOCOMMIT")

    @property
    def url(self) -> str:
        """The superuser's address of this copy."""
        return harness.urls(self.owner, self.name)["owner"]

    @property
    def apps(self) -> list[Flask]:
        """The program in the ways it is asked here."""
        return [self.app, self.app_by_path] if self.app_by_path else [self.app]

    def settings(self, **other: Any) -> dict[str, Any]:
        """As a real office, but with cheap password hashes, nothing counted per address; marks of forms as asked."""
        more = {"DEMO_SCALE": 1, "WTF_CSRF_ENABLED": self.csrf, "IDLE_LOGOUT": timedelta(hours=12), **other}
        return harness.settings(self.owner, self.name, self.redis, self.folder, **more)

    def play(self) -> None:
        """Tell the whole street, once, then what is under way at this moment, and hang the journal on every table."""
        provisioning.create_database(self.url)
        with self.app.app_context():
            provisioning.create_schema(self.url)
            play_street(self.app)
            under_way.tell(self.app)
        self.hang_journal()
        self.let_go()

    def hang_journal(self) -> None:
        """From here on every row that is written is noted."""
        with self.eyes.connect() as conn:
            conn.execution_options(no_parameters=True).exec_driver_sql(JOURNAL)
            for table in db.metadata.sorted_tables:
                conn.exec_driver_sql(
                    f"create trigger zz_proof after insert or update or delete on {table.name} "
                    "for each row execute function proof.note()"
                )

    def let_go(self) -> None:
        """Close every connection to this copy."""
        for app in self.apps:
            with app.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()
        self.eyes.dispose()

    def put_back(self, number: int = 0) -> None:
        """The copy as it was when the stories were told, or some steps further on; undone where that is enough."""
        self.undone += 1
        if self.number == number and self.undone < ANEW:
            with self.app.app_context():
                db.session.remove()
            with self.eyes.connect() as conn:
                conn.exec_driver_sql("select proof.undo()")
        else:
            self._copy(number)
        self.seen = 0
        self.app.extensions["redis"].flushdb()
        for app in self.apps:
            for kept in ("tenants.sites", "matter.houses"):
                app.extensions.pop(kept, None)

    def _copy(self, number: int) -> None:
        self.let_go()
        self.number, self.undone = number, 0
        with self.server.connect() as conn:
            conn.exec_driver_sql(f'drop database if exists "{self.name}" with (force)')
            conn.exec_driver_sql(f'create database "{self.name}" template "{TEMPLATES[number]}" strategy file_copy')

    def touched(self) -> dict[str, int]:
        """Rows written and kept since the last call, by table."""
        with self.eyes.connect() as conn:
            found = conn.execute(
                text("select seq, name from proof.touched where seq > :seen order by seq"), {"seen": self.seen}
            )
            counted: dict[str, int] = {}
            for seq, name in found:
                counted[name] = counted.get(name, 0) + 1
                self.seen = seq
            return counted

    def forget_touched(self) -> None:
        """What was written so far belongs to the world as it is put back."""
        with self.eyes.connect() as conn:
            conn.exec_driver_sql("delete from proof.touched")

    def print_of(self) -> str:
        """One line that differs when any row of any table does."""
        with self.eyes.connect() as conn:
            sums = [
                conn.execute(text(f"select coalesce(sum(hashtextextended(t::text, 0)), 0) from public.{table.name} t"))
                .scalar_one()
                for table in db.metadata.sorted_tables
            ]  # fmt: skip
        return " ".join(map(str, sums))

    def cookie(self, slug: str, login: str, by_path: bool) -> str:
        """The cookie of a login; where halls share a host its name says whose it is."""
        kept = self.cookies.get((slug, login), "")
        return kept.replace("yiqilai=", f"yiqilai_{slug}=", 1) if by_path and slug else kept

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
