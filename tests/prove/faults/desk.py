"""Staff at their desk while parts fall: what is taken on is taken on once, what a job finishes is finished once."""

from __future__ import annotations

import time
from uuid import uuid4

from tests.journeys.wire import Answer
from tests.prove.faults.crowd import Writer
from tests.prove.faults.street import Client, Street
from tests.prove.town import Resident, Town


class Staff(Client):
    """The secretary's desk: takes on what writers handed in, each just once."""

    def __init__(self, town: Town, street: Street, number: int, desk: Resident, writers: list[Writer]) -> None:
        super().__init__(town, street, number)
        self.wire, self.owner, self.writers = desk.wire(town.program, town.slug), str(desk.account), writers
        self.taken: set[str] = set()
        self.tried: set[str] = set()

    def turn(self) -> None:
        """Take on the next; the same act sent twice is told to be done already, which is as good."""
        waiting = [matter for one in self.writers for matter in list(one.matters) if matter not in self.tried]
        if not waiting:
            time.sleep(0.3)
            return
        matter = waiting[0]
        self.tried.add(matter)
        at = f"/desk/matters/{matter}"
        page = self.ask(lambda: self.wire.get(f"{at}/screening?way=accept"))
        fields = {
            "triage": "major", "title": "楼道装灯", "category": "addition", "owner": self.owner, "level": "community",
            "power": "council", "track": "ordinary",
        }  # fmt: skip
        sent = 0

        def send() -> Answer:
            nonlocal sent
            sent += 1
            return self.wire.post(f"{at}/acceptance", fields, seen=page)

        answer = self.ask(send)
        if answer.status == 303 or (sent > 1 and answer.status == 409):
            self.taken.add(matter)
            self.done += 1
        else:
            self.told(answer, "acceptance")
        time.sleep(0.5)


class Clerk(Client):
    """Asks for workbooks and brings tables of households: work that a job finishes."""

    def __init__(self, town: Town, street: Street, number: int, desk: Resident) -> None:
        super().__init__(town, street, number)
        self.wire = desk.wire(town.program, town.slug)
        self.exports: set[str] = set()
        self.imports: dict[str, list[str]] = {}
        self.turns = 0

    def turn(self) -> None:
        """By turns a workbook and a table."""
        self.turns += 1
        (self._export if self.turns % 2 else self._import)()
        time.sleep(3)

    def _export(self) -> None:
        once = str(uuid4())
        page = self.ask(lambda: self.wire.get("/desk/ledger-exports"))
        answer = self.ask(lambda: self.wire.post("/desk/ledger-exports", {"once": once, "tab": "all"}, seen=page))
        if answer.status == 422 and "还" in answer.words:
            # So many at once are enough; the page says so.
            self.street.note("enough exports")
        elif self.told(answer, "export"):
            self.exports.add(once)

    def _import(self) -> None:
        once, rooms = str(uuid4()), [f"9{self.turns:02d}{n:02d}" for n in range(20)]
        lines = ["网格,小区,楼栋,单元,房号", *(f"第一网格,时家小区,9,1,{room}" for room in rooms)]
        files = [("file", "住户.csv", "\n".join(lines).encode())]
        fields = {"kind": "households", "once": once}
        page = self.ask(lambda: self.wire.get("/desk/imports/new?kind=households"))
        answer = self.ask(lambda: self.wire.post("/desk/imports", fields, files, seen=page))
        if not self.told(answer, "import"):
            return
        at = answer.location
        while not self.street.over.is_set():
            page = self.ask(lambda: self.wire.get(at))
            if f"{at}/confirmation" in page.text:
                break
            time.sleep(0.5)
        else:
            return
        # The first of two confirmations starts it; the second finds it started.
        answer = self.ask(lambda: self.wire.post(f"{at}/confirmation", {}, seen=page))
        if answer.status in (303, 409):
            self.imports[once] = rooms
