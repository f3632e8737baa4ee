"""The demo's own stories told again from outside: every verb of a story goes through its page, as a person would.

A story is a function of a teller. The demo's teller calls the actions; this one signs in, fills the forms and reads the
answers, with the street's clock standing where the story stands. What the rules refuse, the page refuses here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app import clock
from app.faces.cli.demo.story import ExpertAnswers, Story, StreetReplies
from app.faces.cli.demo.told_after import Job
from app.faces.jobs import work
from app.flow.resolve.models import Posting
from app.matter.models import Matter
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside
from tests.faces.paged_before import MONDAY, furnish
from tests.faces.paged_work import PagedWork

__all__ = ["MONDAY", "Paged", "furnish", "tell"]


class Paged(PagedWork):
    """The whole life of one matter, day by day."""

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
