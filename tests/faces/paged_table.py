"""Stories through the pages: the sitting, from its notice to the signed minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app.faces.cli.demo.told_at_table import TURN
from app.flow.decide.models import Ballot
from app.flow.deliberate.queries import register_of
from tenants.database import db
from tests.cast import HOME
from tests.conftest import inside
from tests.faces.paged_before import PagedBefore


class PagedTable(PagedBefore):
    """The verbs of deliberate and decide."""

    # -- at the table

    def notice(
        self, n: int, time: str, *, sits: tuple[int, str], title: str, kind: str = "council", place: str = "",
        expected: Sequence[Any] | None = None, regular: bool = False, by: str = "worker",
    ) -> None:  # fmt: skip
        self.at(n, time)
        day = self.clock.day(sits[0])
        answer = self.press(
            by,
            "/desk/sittings",
            {
                "once": str(uuid4()),
                "kind": kind,
                "title": title,
                "day": day.isoformat(),
                "time": sits[1].zfill(5),
                "venue": "",
                "place": place or "小板凳议事屋",
                "matters": self.matter_id,
                "expected": "\n".join(expected or ()),
                "convener": "",
            },
        )
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
