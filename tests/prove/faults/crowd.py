"""Residents at work while parts fall: each sends the same thing again until somebody answers, and remembers what it was
told. What a page says while something is away is looked at as well.
"""

from __future__ import annotations

import io
import re
import time
from uuid import UUID, uuid4

from PIL import Image

from tests.journeys.wire import Answer, Wire
from tests.prove.faults.street import LOST, Client, Street
from tests.prove.town import Resident, Town

CHOICES = ("yes", "no", "abstain")
RECEIPT = re.compile(r"^/say/receipts/([0-9a-f-]{36})$")


class Writer(Client):
    """Residents who hand in matters, every third with a photo."""

    def __init__(self, town: Town, street: Street, number: int, residents: list[Resident]) -> None:
        super().__init__(town, street, number)
        self.residents = residents
        self.matters: dict[str, str] = {}
        self.sent: set[str] = set()
        self.begun_again = 0
        self.turns = 0

    def turn(self) -> None:
        """The three steps; a lost draft is begun again with the same words."""
        self.turns += 1
        words = f"第 {self.number} 位第 {self.turns} 件：楼道的灯不亮，晚上看不见台阶。"
        wire = self.residents[self.turns % len(self.residents)].wire(self.town.program, self.town.slug)
        files = [("photos", "a.jpg", photo(self.number, self.turns))] if self.turns % 3 == 0 else []
        self.sent.add(words)
        while True:
            seen = self.ask(lambda: wire.get("/say"))
            first = self.ask(lambda page=seen: wire.post("/say", {"words": words, "wish": "早点修"}, files, seen=page))
            if first.status != 303:
                self.told(first, "say")
                return
            receipt = self._rest(wire)
            if receipt is not None:
                break
            self.begun_again += 1
        if found := RECEIPT.match(receipt.location):
            self.matters[found[1]] = words
            self.done += 1

    def _rest(self, wire: Wire) -> Answer | None:
        where = {"building": "none", "place": "南门口", "who": "self"}
        last = {"name": "", "phone": "", "name_public": "", "truth": "y"}
        for path, fields in (("/say/where", where), ("/say/check", last)):
            seen = self.ask(lambda path=path: wire.get(path))
            answer = self.ask(lambda path=path, page=seen, f=fields: wire.post(path, f, seen=page))
            if answer.status != 303:
                self.told(answer, path)
                raise ConnectionError
            if answer.location == "/say":
                return None
        if not RECEIPT.match(answer.location):
            self.street.problem(f"handed in, but sent on to {answer.location}")
            raise ConnectionError
        return answer


class Voter(Client):
    """Residents who change their mind by turns in a poll by name."""

    def __init__(self, town: Town, street: Street, number: int, poll: UUID, residents: list[Resident]) -> None:
        super().__init__(town, street, number)
        self.path = f"/polls/{poll}"
        self.wires = [(one, one.wire(town.program, town.slug)) for one in residents]
        self.last: dict[UUID, tuple[str, int]] = {}
        self.turns = 0

    def turn(self) -> None:
        """One vote of the next resident."""
        self.turns += 1
        voter, wire = self.wires[self.turns % len(self.wires)]
        page = self.ask(lambda: wire.get(self.path))
        choice, seq = self.dice.choice(CHOICES), self.last.get(voter.person, ("", 0))[1] + 1
        fields = {"q1": choice, "seq": str(seq)}
        if self.told(self.ask(lambda: wire.post(self.path, fields, seen=page)), "vote"):
            self.last[voter.person] = (choice, seq)


class Secret(Client):
    """Residents who cast their one secret paper."""

    def __init__(self, town: Town, street: Street, number: int, poll: UUID, residents: list[Resident]) -> None:
        super().__init__(town, street, number)
        self.path, self.waiting = f"/polls/{poll}", list(residents)
        self.cast: dict[UUID, str] = {}

    def turn(self) -> None:
        """The next resident's paper."""
        time.sleep(0.5)
        if not self.waiting:
            return
        voter = self.waiting.pop()
        wire, choice = voter.wire(self.town.program, self.town.slug), self.dice.choice(CHOICES)
        page = self.ask(lambda: wire.get(self.path))
        again = self.ask(lambda: wire.post(f"{self.path}/check", {"q1": choice}, seen=page))
        answer = self.ask(lambda: wire.post(self.path, {"q1": choice}, seen=again))
        if self.told(answer, f"secret vote ({page.status} {page.words[:80]}, {again.status} {again.words[:80]})"):
            self.cast[voter.person] = choice


class Commenter(Client):
    """Residents who write under a public matter, each a few times."""

    def __init__(self, town: Town, street: Street, number: int, matter: str, residents: list[Resident]) -> None:
        super().__init__(town, street, number)
        self.path, self.residents, self.turns = f"/matters/{matter}", residents, 0
        self.comments: dict[str, str] = {}
        self.sent: set[str] = set()

    def turn(self) -> None:
        """One comment with the id that its form was given, however often it has to be sent."""
        resident = self.residents[self.turns % len(self.residents)]
        self.turns += 1
        if self.turns > 4 * len(self.residents):
            time.sleep(1)
            return
        wire, once = resident.wire(self.town.program, self.town.slug), str(uuid4())
        fields = {"once": once, "words": f"第 {self.number} 位说的第 {self.turns} 句，赞成装灯。", "name": "none"}
        page = self.ask(lambda: wire.get(self.path))
        self.sent.add(once)
        if self.told(self.ask(lambda: wire.post(f"{self.path}/comments", fields, seen=page)), "comment"):
            self.comments[once] = fields["words"]
        time.sleep(0.5)


class Reader(Client):
    """Somebody who only looks: notes for how long nobody showed a page."""

    def __init__(self, town: Town, street: Street, number: int) -> None:
        super().__init__(town, street, number)
        self.good = time.monotonic()
        self.longest = 0.0

    def turn(self) -> None:
        """One page of the hall."""
        path = self.dice.choice(("/", "/matters", "/postings"))
        try:
            answer = Wire(self.town.program, self.town.slug).get(path)
        except LOST:
            self.street.note("no answer")
            return
        self.street.note(f"read {answer.status}")
        if answer.status == 200:
            now = time.monotonic()
            self.longest = max(self.longest, now - self.good)
            self.good, self.done = now, self.done + 1
        else:
            self.street.judge(answer)


def photo(number: int, turn: int) -> bytes:
    """A small picture, another one each time."""
    kept = io.BytesIO()
    Image.new("RGB", (320, 240), (number * 20 % 255, turn * 7 % 255, 90)).save(kept, "JPEG")
    return kept.getvalue()
