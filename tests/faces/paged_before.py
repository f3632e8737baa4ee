"""Stories through the pages: people and time, and everything before they sit down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select, update

from app import clock
from app.faces.cli.demo.stage import StoryClock
from app.faces.cli.demo.story import ExpertAnswers, StreetReplies
from app.faces.jobs import work
from app.flow.collect.models import Proposal
from app.flow.implement.queries import commitments_of
from app.matter.actions import find_matter
from app.matter.models import Escalation
from app.people import desk
from app.people.actor import SYSTEM
from app.people.models import Account, Membership
from app.people.places import Building, Estate
from app.people.roles import Role
from app.talent.models import Expert
from tenants.database import db
from tests.cast import HOME, PASSWORD
from tests.conftest import Neighbour, inside

LOGINS = {
    "secretary": "shuji", "worker": "zhao", "grid": "xiaoli", "leader": "wanggezhang", "steward": "sun",
    "supervisor": "jiandu",
}  # fmt: skip
#: Monday; no day off of the cast's table lies within three months of it but one.
MONDAY = date(2026, 7, 6)


def furnish(app: Flask, members: int, places: Sequence[tuple[str, str]] = ()) -> None:
    """What a story's hall needs beyond the cast: a second grid worker, a council of ``members``, its buildings."""
    with inside(app, HOME):
        now = clock.at(date(2026, 5, 1))
        desk.add_account("wanggezhang", "网格长老马", PASSWORD, {Role.GRID_LEADER: "网格长"}, by=SYSTEM, now=now)
        # The cast joined on the day of its own clock; the stories are told in their own summer.
        db.session.execute(update(Membership).values(since=date(2026, 1, 1)))
        db.session.execute(update(Membership).where(Membership.seat > members).values(until=date(2026, 2, 1)))
        grid = db.session.scalars(select(Building.grid_id)).first()
        for estate, name in places:
            found = db.session.scalars(select(Estate).where(Estate.name == estate)).first()
            if found is None:
                db.session.add(found := Estate(name=estate))
                db.session.flush()
            if not db.session.scalars(
                select(Building).where(Building.estate_id == found.id, Building.name == name)
            ).first():
                db.session.add(Building(name=name, sort=1, estate_id=found.id, grid_id=grid, units=4))
        db.session.commit()


class PagedBefore:
    """One story in 南盐道 through the pages: who acts and when, and everything before people sit down."""

    def __init__(self, app: Flask, begins: date = MONDAY) -> None:
        self.app, self.clock = app, StoryClock(begins)
        self.people: dict[str, tuple[date, Neighbour]] = {}
        self.matter_id = self.sitting_id = self.link = ""

    # -- people and time

    def stand(self, moment: datetime) -> None:
        """Put the street's clock at ``moment``."""
        path = Path(self.app.config["DATA_DIR"]) / "clock-offset"
        path.write_text(str((moment - datetime.now(UTC)).total_seconds()))

    def at(self, n: int, time: str) -> None:
        self.stand(self.clock.at(n, time))

    def later(self, minutes: int) -> None:
        self.stand(self.clock.later(minutes))

    def login_of(self, name: str) -> str:
        if name.startswith("seat "):
            return f"yishi{name.removeprefix('seat ')}"
        return LOGINS[name]

    def who(self, name: str) -> Neighbour:
        """Somebody's browser; a session of yesterday has ended, so they sign in again."""
        with self.app.app_context():
            hour = clock.now().replace(minute=0, second=0, microsecond=0)
        since, browser = self.people.get(name, (None, Neighbour(self.app, HOME)))
        if since != hour:
            browser = Neighbour(self.app, HOME).sign_in(self.login_of(name))
            self.people[name] = (hour, browser)  # type: ignore[assignment]
        return browser

    def press(self, name: str, url: str, data: Any = None, status: int = 303, **kw: Any) -> Any:
        """Hand in a form as somebody; the answer must be ``status``."""
        browser = self.who(name)
        answer = browser.post(url, data if data is not None else {}, **kw)
        assert answer.status_code == status, f"{url}: {answer.status_code} {answer.get_data(as_text=True)[-3500:]}"
        return answer

    def account(self, name: str) -> str:
        with inside(self.app, HOME):
            return str(db.session.scalars(select(Account.id).where(Account.login == self.login_of(name))).one())

    def seen(self, reader: Any) -> Any:
        """What ``reader(matter)`` finds in the hall's database now."""
        with inside(self.app, HOME):
            found = find_matter(UUID(self.matter_id))
            assert found is not None
            return reader(found)

    @property
    def stage(self) -> str:
        return str(self.seen(lambda matter: matter.stage))

    def task_ids(self) -> list[str]:
        return list(self.seen(lambda matter: [str(one.id) for one in commitments_of(matter)]))

    @property
    def desk(self) -> str:
        return f"/desk/matters/{self.matter_id}"

    # -- before

    def photographs(self, *pictures: bytes) -> list[bytes]:
        return list(pictures)

    def said(
        self, n: int, time: str, *, words: str, title: str, wish: str, category: str,
        where: tuple[str, str] | None = None, by: str = "worker", photos: Sequence[bytes] = (), channel: str = "door",
        for_speaker: bool = True, kind: str = "individual", **more: Any,
    ) -> None:  # fmt: skip
        """Typed by staff who heard it, read back to whoever said it."""
        self.at(n, time)
        self.matter_id = str(uuid4())
        with inside(self.app, HOME):
            found = db.session.scalars(
                select(Building.id).join(Estate, Estate.id == Building.estate_id).where(
                    Estate.name == where[0], Building.name == where[1]
                )
            ).first() if where else None  # fmt: skip
        form = {
            "once": self.matter_id,
            "words": words,
            "title": title,
            "wish": wish,
            "category": category,
            "kind": kind,
            "channel": channel,
            "building": str(found) if found else "",
            "place": "" if found else "院里",
            "read_back": "y",
            "become": "proposal",
            "organisation_kind": "organisation" if kind == "organisation" else "",
            "signers": str(more.pop("signers", "")),
            "point": more.pop("point", ""),
            **{k: str(v) for k, v in more.items()},
        }
        form.pop("title_of_address", None)
        if kind == "organisation":
            form |= {"organisation_kind": "other", "organisation_role": "联系人"}
        self.press("worker" if by == "resident" else by, "/desk/behalf", form)

    def accept(
        self,
        n: int,
        time: str,
        triage: str,
        level: str = "community",
        *,
        power: str = "council",
        owner: str = "worker",
        by: str = "secretary",
        **more: Any,
    ) -> None:
        self.at(n, time)
        title, category, wish = self.seen(
            lambda m: (
                m.title,
                m.category,
                db.session.scalars(select(Proposal.wish).where(Proposal.matter_id == m.id)).first(),
            )
        )
        flags = {name: "y" for name, on in more.items() if on is True}
        self.press(
            by,
            f"{self.desk}/acceptance",
            {
                "triage": triage,
                "title": title,
                "category": category,
                "wish": wish,
                "owner": self.account(owner),
                "level": level,
                "power": power,
                "track": "ordinary",
                **flags,
            },
        )
        assert self.stage == "accepted"

    def topic(self, n: int, time: str, question: str, *, party: bool = False) -> None:
        self.at(n, time)
        self.press(
            "secretary", f"{self.desk}/topic", {"question": question, **({"party_prestudy": "y"} if party else {})}
        )

    def touches(self, n: int, time: str, names: Sequence[tuple[str, int | None]], *, by: str = "worker") -> None:
        self.at(n, time)
        lines = "\n".join(f"{name} {count} 户" if count else name for name, count in names)
        self.press(by, f"{self.desk}/stakeholders", {"touched": lines})

    def survey(self, n: int, time: str, *, by: str = "worker") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/survey")

    def look(self, n: int, time: str, words: str, *, by: str = "grid") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/site-notes", {"once": str(uuid4()), "seen": words})

    def option(
        self,
        n: int,
        time: str,
        words: str,
        yuan: int,
        payer: str,
        *,
        by: str = "worker",
        days: str = "",
        worry: str = "",
        cost_approx: bool = False,
    ) -> None:
        self.at(n, time)
        form = {"once": str(uuid4()), "option": words, "cost": str(yuan), "payer": payer, "days": days, "worry": worry}
        self.press(by, f"{self.desk}/options", form | ({"cost_approx": "y"} if cost_approx else {}))

    def canvass(
        self, n: int, time: str, question: str, *, target: int, reached: int, yes: int, no: int, tries: int = 3,
        by: str = "grid",
    ) -> None:  # fmt: skip
        self.at(n, time)
        self.press(
            by,
            f"{self.desk}/canvasses",
            {
                "once": str(uuid4()),
                "question": question,
                "target": target,
                "reached": reached,
                "in_favour": yes,
                "against": no,
                "tries": tries,
            },
        )

    def show(self, n: int, time: str, data: bytes, caption: str) -> None:
        """Pictures have tests of their own (test_photos)."""

    # -- the expert and the street

    def invite(
        self, n: int, time: str, code: str, *, brief: str, questions: str, hours: int = 72, by: str = "worker"
    ) -> None:
        """The link is read off the page; the expert's browser knows nothing else."""
        self.at(n, time)
        with inside(self.app, HOME):
            expert = db.session.scalars(select(Expert.id).where(Expert.code == code)).first()
        with inside(self.app):
            if expert is None:
                db.session.add(
                    made := Expert(code=code, name="钱师傅", profession="工程", organisation="设计院", skill="房屋")
                )
                db.session.flush()
                expert = made.id
                db.session.commit()
        answer = self.press(by, f"{self.desk}/invitations", {
            "once": str(uuid4()), "expert": str(expert), "brief": brief, "questions": questions, "hours": str(hours),
        })  # fmt: skip
        shown = self.who(by).get(answer.location).get_data(as_text=True)
        found = re.search(r'value="http://[^"/]+(/x/[^"]+)"', shown)
        assert found, shown[-2000:]
        self.link = found[1]

    def expert(self, chapter: ExpertAnswers) -> None:
        """Accepts by the link and hands the opinion in."""
        browser = Neighbour(self.app, HOME)
        self.at(*chapter.accepts)
        assert browser.get(self.link).status_code == 200
        assert browser.post(f"{self.link}/acceptance").status_code == 303
        self.at(*chapter.answers)
        assert browser.post("/x/opinion", {"words": chapter.words, "sign": "name"}).status_code == 303

    def escalate(self, n: int, time: str, *, reason: str, grid: str, community: str, to: str = "street") -> None:
        self.at(n, time)
        self.press("secretary", f"{self.desk}/escalations", {
            "once": str(uuid4()), "to": to, "reason": reason, "grid_attempt": grid, "community_attempt": community,
        })  # fmt: skip

    def street(self, chapter: StreetReplies) -> None:
        """An officer answers on the street's own page; the hall's worker takes it up."""
        self.at(chapter.n, chapter.time)
        officer = Neighbour(self.app, "").sign_in("zhuren")
        with inside(self.app):
            asked = db.session.scalars(
                select(Escalation.id).where(Escalation.matter_id == UUID(self.matter_id))
            ).first()
        said = {"kind": chapter.kind, "words": chapter.words, "letter_no": ""}
        answer = officer.post(f"/escalations/{asked}/replies", said)
        assert answer.status_code == 303, answer.get_data(as_text=True)[-2500:]
        self.take_up(chapter.n, chapter.time)

    def take_up(self, _n: int, _time: str) -> None:
        with inside(self.app, HOME):
            work.take_up()
            db.session.commit()
