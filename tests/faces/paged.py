"""The demo's own stories told again from outside: every verb of a story goes through its page, as a person would.

A story is a function of a teller. The demo's teller calls the actions; this one signs in, fills the forms and reads the
answers, with the street's clock standing where the story stands. What the rules refuse, the page refuses here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select, update

from app import clock
from app.faces.cli.demo.stage import StoryClock
from app.faces.cli.demo.story import ExpertAnswers, Story, StreetReplies
from app.faces.cli.demo.told_after import Job
from app.faces.cli.demo.told_at_table import TURN
from app.faces.community.money import FROM_COLLECTION
from app.faces.jobs import work
from app.flow.collect.models import Proposal
from app.flow.deliberate.models import Attendance
from app.flow.deliberate.queries import register_of
from app.flow.implement.queries import commitments_of
from app.flow.resolve.models import Posting
from app.matter.actions import find_matter
from app.matter.models import Escalation, Matter
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


class Paged:
    """One story in 南盐道, told through the pages."""

    def __init__(self, app: Flask, begins: date = MONDAY) -> None:
        self.app, self.clock = app, StoryClock(begins)
        self.people: dict[str, tuple[date, Neighbour]] = {}
        self.matter_id = self.sitting_id = self.ballot_id = ""
        self.chair = "secretary"

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
            "once": self.matter_id, "words": words, "title": title, "wish": wish, "category": category, "kind": kind,
            "channel": channel, "building": str(found) if found else "", "place": "" if found else "院里",
            "read_back": "y", "become": "proposal", "organisation_kind": "organisation" if kind == "organisation" else "",
            "signers": str(more.pop("signers", "")), "point": more.pop("point", ""), **{k: str(v) for k, v in more.items()},
        }  # fmt: skip
        form.pop("title_of_address", None)
        if kind == "organisation":
            form |= {"organisation_kind": "other", "organisation_role": "联系人"}
        self.press("worker" if by == "resident" else by, "/desk/behalf", form)

    def accept(
        self, n: int, time: str, triage: str, level: str = "community", *, power: str = "council", owner: str = "worker",
        by: str = "secretary", **more: Any,
    ) -> None:  # fmt: skip
        self.at(n, time)
        title, category, wish = self.seen(
            lambda m: (
                m.title,
                m.category,
                db.session.scalars(select(Proposal.wish).where(Proposal.matter_id == m.id)).first(),
            )
        )
        flags = {name: "y" for name, on in more.items() if on is True}
        self.press(by, f"{self.desk}/acceptance", {
            "triage": triage, "title": title, "category": category, "wish": wish, "owner": self.account(owner), "level": level,
            "power": power, "track": "ordinary", **flags,
        })  # fmt: skip
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
        self, n: int, time: str, words: str, yuan: int, payer: str, *, by: str = "worker", days: str = "", worry: str = "",
        cost_approx: bool = False,
    ) -> None:  # fmt: skip
        self.at(n, time)
        form = {"once": str(uuid4()), "option": words, "cost": str(yuan), "payer": payer, "days": days, "worry": worry}
        self.press(by, f"{self.desk}/options", form | ({"cost_approx": "y"} if cost_approx else {}))

    def canvass(
        self, n: int, time: str, question: str, *, target: int, reached: int, yes: int, no: int, tries: int = 3,
        by: str = "grid",
    ) -> None:  # fmt: skip
        self.at(n, time)
        self.press(by, f"{self.desk}/canvasses", {
            "once": str(uuid4()), "question": question, "target": target, "reached": reached, "in_favour": yes, "against": no,
            "tries": tries,
        })  # fmt: skip

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

    # -- at the table

    def notice(
        self, n: int, time: str, *, sits: tuple[int, str], title: str, kind: str = "council", place: str = "",
        expected: Sequence[Any] | None = None, regular: bool = False, by: str = "worker",
    ) -> None:  # fmt: skip
        self.at(n, time)
        day = self.clock.day(sits[0])
        answer = self.press(by, "/desk/sittings", {
            "once": str(uuid4()), "kind": kind, "title": title, "day": day.isoformat(), "time": sits[1].zfill(5), "venue": "",
            "place": place or "小板凳议事屋", "matters": self.matter_id, "expected": "\n".join(expected or ()), "convener": "",
        })  # fmt: skip
        self.sitting_id = answer.location.rsplit("/", 1)[1]
        self.later(2)
        self.press(by, f"{self.table}/notice")

    @property
    def table(self) -> str:
        return f"/desk/sittings/{self.sitting_id}"

    @property
    def on(self) -> str:
        return f"{self.table}/matters/{self.matter_id}"

    def sit(
        self, n: int, time: str, *, here: int, chair: str = "secretary", recorder: str = "worker", excused: int = 0
    ) -> None:
        self.at(n, time)
        with inside(self.app, HOME):
            lines: list[tuple[str, bool]] = [(str(line.id), line.counts) for line in register_of(UUID(self.sitting_id))]
        counted = [key for key, counts in lines if counts]
        form = {f"seat-{key}": "present" for key, counts in lines if not counts}
        for place, key in enumerate(counted):
            absent = "excused" if place >= len(counted) - excused else "absent"
            form[f"seat-{key}"] = "present" if place < here else absent
        self.press(recorder, f"{self.table}/attendance", form)
        self.later(2)
        self.chair, self.recorder = chair, recorder
        people = {"chair": self.account(chair), "recorder": self.account(recorder)}
        self.press(chair, f"{self.table}/opening", people)

    def talk(self, words: Sequence[tuple[str, str]]) -> None:
        for speaker, said in words:
            self.later(TURN)
            name = f"议事员{speaker.removeprefix('seat ')}" if speaker.startswith("seat ") else speaker
            form = {"once": str(uuid4()), "matter": self.matter_id, "speaker": name, "words": said}
            self.press(self.recorder, f"{self.table}/words", form)

    def put(self, options: Sequence[str] | None = None) -> None:
        self.later(3)
        form = {"found": "y"} if options is None else {"words": "\n".join(options)}
        self.press(self.chair, f"{self.on}/options", form)

    def vote(self, question: str, yes: int, no: int, abstain: int, *, mode: str = "hands", **_more: Any) -> None:
        self.later(4)
        answer = self.press(self.chair, f"{self.on}/ballots", {
            "once": str(uuid4()), "question": question, "rule": "council_majority", "mode": "hands",
        })  # fmt: skip
        ballot = f"/desk/ballots/{answer.location.rsplit('/', 1)[1]}"
        counters = {"teller": self.account("supervisor"), "scrutineer": self.account("seat 1")}
        self.later(3)
        self.press(
            self.recorder, f"{ballot}/hands", counters | {"yes": yes, "no": no, "abstain": abstain, "spoiled": 0}
        )
        self.later(2)
        self.press(self.recorder, f"{ballot}/closing", counters)

    def agree(
        self, names: Sequence[str], *, conditions: Mapping[str, str] | None = None, unreached: Sequence[str] = ()
    ) -> None:
        self.later(4)
        self.press(self.chair, f"{self.on}/consensus", {"once": str(uuid4()), "names": "\n".join(names)})
        with inside(self.app, HOME):
            from app.flow.decide.models import Ballot

            ballot = db.session.scalars(
                select(Ballot.id).where(Ballot.matter_id == UUID(self.matter_id)).order_by(Ballot.called_at.desc())
            ).first()
        form = {}
        for place, name in enumerate(names, 1):
            form[f"stance-{place}"] = "unreached" if name in unreached else "agree"
            if name in (conditions or {}):
                form |= {
                    f"stance-{place}": "conditional",
                    f"condition-{place}": (conditions or {})[name],
                    f"met-{place}": "y",
                }
        self.later(2)
        self.press(self.recorder, f"/desk/ballots/{ballot}/stances", form)
        self.press(self.chair, f"/desk/ballots/{ballot}/settlement")

    def rise(self, conclusion: str) -> None:
        self.later(3)
        self.press(self.chair, f"{self.table}/closing", {"conclusion": conclusion})
        self.later(40)
        self.press(self.chair, f"{self.table}/minutes")

    # -- money, orders, what is left behind

    def _book(self, side: str, source: str, yuan: int, words: str, name: str, voucher: str, task: int | None,
              by: str) -> None:  # fmt: skip
        with self.app.app_context():
            today = clock.today()
        self.press(by, f"{self.desk}/money-entries", {
            "once": str(uuid4()), "side": side, "amount": f"{yuan:,}.00", "source": source, "source_name": name,
            "words": words, "on": today.isoformat(), "task": self.task_ids()[task - 1] if task else "",
            "voucher": voucher,
        })  # fmt: skip

    def budget(self, n: int, time: str, lines: Sequence[tuple[str, str, int]], *, by: str = "worker") -> None:
        self.at(n, time)
        for source, name, yuan in lines:
            self._book("budget", source, yuan, f"{name}出资", name, "", None, by)

    def came(self, n: int, time: str, source: str, yuan: int, words: str, *, name: str = "", voucher: str = "",
             by: str = "worker") -> None:  # fmt: skip
        self.at(n, time)
        self._book("in", source, yuan, words, name, voucher, None, by)

    def went(self, n: int, time: str, source: str, yuan: int, words: str, *, name: str = "", voucher: str = "",
             task: int | None = None, collected: bool = False, by: str = "worker") -> None:  # fmt: skip
        self.at(n, time)
        self._book("out", f"{FROM_COLLECTION}{self.collection_id}" if collected else source, yuan, words, name, voucher,
                   task, by)  # fmt: skip

    def order(
        self, n: int, time: str, demand: str, *, day: int, kind: str = "supervise", task: int | None = None,
        level: str = "grid", lead: str = "", by: str = "leader",
    ) -> str:  # fmt: skip
        self.at(n, time)
        answer = self.press(by, f"{self.desk}/orders", {
            "once": str(uuid4()), "level": level, "kind": kind, "task": self.task_ids()[task - 1] if task else "",
            "lead": lead, "support": "", "demand": demand, "due": self.clock.day(day).isoformat(),
        })  # fmt: skip
        return str(answer.location)

    def _act(self, n: int, time: str, order: str, act: str, words: str, by: str) -> None:
        self.at(n, time)
        self.press(by, f"{order}/{act}", {f"{act}-once": str(uuid4()), f"{act}-words": words})

    def order_signed(self, n: int, time: str, order: str, words: str = "", *, by: str = "worker") -> None:
        self._act(n, time, order, "signatures", words, by)

    def order_progress(self, n: int, time: str, order: str, words: str, *, by: str = "worker") -> None:
        self._act(n, time, order, "notes", words, by)

    def order_reported(self, n: int, time: str, order: str, words: str, *, by: str = "worker") -> None:
        self._act(n, time, order, "reports", words, by)

    def order_closed(self, n: int, time: str, order: str, words: str, *, by: str = "leader") -> None:
        self._act(n, time, order, "closures", words, by)

    def leave(
        self, n: int, time: str, what: str, count: int, unit: str, *, place: str, upkeep: str, keeper: str,
        months: int | None = None, task: int | None = None, keeper_kind: str = "property", by: str = "worker",
    ) -> None:  # fmt: skip
        self.at(n, time)
        with self.app.app_context():
            today = clock.today()
        self.press(by, f"{self.desk}/assets", {
            "once": str(uuid4()), "what": what, "count": str(count), "unit": unit, "building": "", "place": place,
            "keeper_kind": keeper_kind, "keeper": keeper, "upkeep": upkeep, "promised_on": today.isoformat(),
            "check_months": str(months or ""), "task": self.task_ids()[task - 1] if task else "",
        })  # fmt: skip

    def picture(
        self, n: int, time: str, data: bytes, caption: str, *, which: str, task: int, by: str = "worker"
    ) -> None:
        self.at(n, time)
        self.press(by, f"/desk/tasks/{self.task_ids()[task - 1]}/progress-notes", {
            "once": str(uuid4()), "words": caption, "checked": "y", which: (BytesIO(data), "p.jpg"),
        }, content_type="multipart/form-data")  # fmt: skip

    # -- after

    def _rows(self, jobs: Sequence[Job]) -> dict[str, Any]:
        rows: dict[str, list[str]] = {name: [] for name in ("what", "who", "owner", "due", "planned")}
        for job in jobs:
            rows["what"].append(job.what)
            rows["who"].append(job.who)
            rows["owner"].append(self.account(job.owner) if job.owner else "")
            rows["due"].append(self.clock.day(job.day).isoformat())
            rows["planned"].append(str(job.yuan) if job.yuan else "")
        extra = {
            "owner_kind": [getattr(job, "kind", "person") or "person" for job in jobs],
            "unit": [getattr(job, "unit", "") or "" for job in jobs],
            "target": [str(getattr(job, "target", "") or "") for job in jobs],
        }
        return rows | extra

    def resolve(
        self, n: int, time: str, *, title: str, basis: str, words: str, jobs: Sequence[Job], dissent: str = "",
        answer: str = "", by: str = "secretary",
    ) -> None:  # fmt: skip
        self.at(n, time)
        self.press(by, f"{self.desk}/resolutions", {
            "title": title, "basis": basis, "words": words, "dissent": dissent, "dissent_answer": answer,
            "signed_by": "小板凳议事屋", "once": str(uuid4()), **self._rows(jobs),
        })  # fmt: skip

    def promise(self, n: int, time: str, jobs: Sequence[Job]) -> None:
        self.at(n, time)
        self.press("secretary", f"{self.desk}/promises", {"words": "", **self._rows(jobs)})

    def _hang(self, place: str) -> None:
        with self.app.app_context():
            today = clock.today()
        self.press("secretary", f"{self.desk}/postings", {
            "once": str(uuid4()), "starts": today.isoformat(), "days": "15", "place": place,
            "how_to_object": "打电话 8555 0118",
        })  # fmt: skip

    def post(self, n: int, time: str, place: str) -> None:
        self.at(n, time)
        self._hang(place)
        assert self.stage == "publicized"

    def go(self, n: int, time: str, place: str = "") -> None:
        self.at(n, time)
        self._hang(place)
        assert self.stage == "implementing"

    def _posting(self) -> tuple[str, date, date]:
        def newest(matter: Matter) -> tuple[str, date, date]:
            found = db.session.scalars(
                select(Posting).where(Posting.matter_id == matter.id).order_by(Posting.posted_at.desc())
            ).first()
            assert found is not None
            return str(found.id), found.objections_until, found.ends

        return self.seen(newest)  # type: ignore[no-any-return]

    def window(self) -> None:
        """Nobody presses anything: the scheduler's work does it in the first hour after the last day."""
        _id, until, _ends = self._posting()
        self.stand(self.clock.told(clock.at(until + timedelta(days=1), 0, 20)))
        with inside(self.app, HOME):
            work.end_postings()
            db.session.commit()
        assert self.stage == "implementing"

    def take_down(self) -> None:
        posting, _until, ends = self._posting()
        self.stand(self.clock.told(clock.at(ends + timedelta(days=1), 9, 15)))
        self.press("worker", f"/desk/postings/{posting}/removals")

    def progress(
        self, n: int, time: str, words: str, *, by: str = "worker", task: int | None = None, done: int | None = None
    ) -> None:
        self.at(n, time)
        form = {"once": str(uuid4()), "words": words} | ({"done": str(done)} if done is not None else {})
        self.press(by, f"/desk/tasks/{self.task_ids()[(task or 1) - 1]}/progress-notes", form)

    def finish(
        self, n: int, time: str, task: int, evidence: str, *, yuan: int | None = None, by: str = "worker",
        done: int | None = None,
    ) -> None:  # fmt: skip
        self.at(n, time)
        form = {"evidence": evidence, "actual": "" if yuan is None else f"{yuan:,}"}
        form |= {"done": str(done)} if done is not None else {}
        self.press(by, f"/desk/tasks/{self.task_ids()[task - 1]}/completions", form)

    def hand_over(self, n: int, time: str, *, by: str = "worker") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/handovers")
        assert self.stage == "verifying"

    def verify(self, n: int, time: str, words: str, resident: str, *, by: str = "grid") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/verifications", {"passed": "yes", "words": words, "resident_name": resident})
        assert self.stage == "reviewing"

    def visit(self, n: int, time: str, words: str, reached: int, *, by: str = "worker") -> None:
        self.at(n, time)
        self.press(
            by, f"{self.desk}/visits", {"once": str(uuid4()), "words": words, "reached": str(reached), "how": "door"}
        )

    def ratings(
        self, n: int, time: str, grades: Mapping[int, int], *, why: Sequence[str] = (), source: str = "visit",
        by: str = "worker",
    ) -> None:  # fmt: skip
        self.at(n, time)
        reasons = list(why)
        twos = reasons[: grades.get(2, 0)]
        ones = reasons[grades.get(2, 0) : grades.get(2, 0) + grades.get(1, 0)]
        self.press(by, f"{self.desk}/rating-rounds", {
            "once": str(uuid4()), "source": source, "grade_5": grades.get(5, 0), "grade_4": grades.get(4, 0),
            "grade_3": grades.get(3, 0), "low_2": "\n".join(twos), "low_1": "\n".join(ones),
        })  # fmt: skip

    def evaluate(self, n: int, time: str, words: str, *, by: str = "worker") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/evaluations", {"words": words})

    def rework(self, n: int, time: str, reason: str, *, by: str = "grid") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/reworks", {"words": reason})
        assert self.stage == "implementing"

    def close(self, n: int, time: str, note: str, *, by: str = "worker") -> None:
        self.at(n, time)
        self.press(by, f"{self.desk}/closings", {"note": note, "words": note})
        assert self.stage == "closed"

    def terminate(self, n: int, time: str, *, cause: str, notice: str, routes: str = "") -> None:
        self.at(n, time)
        self.press("secretary", f"{self.desk}/terminations", {"cause": cause, "notice": notice, "other_routes": routes})


def tell(t: Paged, story: Story) -> None:
    """Every chapter of a story through the pages."""
    for chapter in story.chapters:
        if isinstance(chapter, ExpertAnswers):
            t.expert(chapter)
        elif isinstance(chapter, StreetReplies):
            t.street(chapter)
        else:
            chapter(t)  # type: ignore[operator, arg-type]


def present(app: Flask, sitting_id: str) -> int:
    """How many of those who count were there."""
    with inside(app, HOME):
        lines = db.session.scalars(select(Attendance).where(Attendance.sitting_id == UUID(sitting_id))).all()
        return sum(line.state == "present" and line.counts for line in lines)
