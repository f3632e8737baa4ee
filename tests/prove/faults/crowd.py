"""People at work while parts fall: each sends the same thing again until somebody answers, and remembers what it was
told. What a page says while something is away is looked at as well.
"""

from __future__ import annotations

import http.client
import io
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from PIL import Image

from tests.journeys.wire import Answer, Wire
from tests.prove.town import Resident, Town

LOST = (OSError, http.client.HTTPException)
CHOICES = ("yes", "no", "abstain")
RECEIPT = re.compile(r"^/say/receipts/([0-9a-f-]{36})$")
CHINESE = re.compile(r"[一-鿿]{6}")


class Street:
    """What everybody saw, and whether it is over."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.problems: list[str] = []
        self.seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, what: str) -> None:
        """Count one answer, or one that never came."""
        with self._lock:
            self.seen[what] += 1

    def problem(self, words: str) -> None:
        """Something that must not be."""
        with self._lock:
            self.problems.append(words)

    def until_answered(self, send: Callable[[], Answer], patience: float = 90.0) -> Answer:
        """Send the same request until somebody answers it with something else than 503."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                answer = send()
            except LOST:
                self.note("no answer")
            else:
                self.note(str(answer.status))
                if answer.status < 500:
                    return answer
                self.judge(answer)
            time.sleep(0.2)
        self.problem("nobody answered for a minute and a half")
        raise ConnectionError

    def judge(self, answer: Answer) -> None:
        """While something is away the page says in words to try again, when, and nothing of the inside."""
        retry = answer.headers.get("Retry-After", "")
        good = answer.status == 503 and retry.isdigit() and CHINESE.search(answer.words) and "再" in answer.words
        if "只能看" in answer.words:
            self.note("full")
        if not good or "Traceback" in answer.text:
            self.problem(f"{answer.status} Retry-After {retry!r}: {answer.words[:200]}")


class Client(threading.Thread):
    """One thread of work; ``done`` counts what was acknowledged."""

    def __init__(self, town: Town, street: Street, number: int) -> None:
        super().__init__(daemon=True)
        self.town, self.street, self.number = town, street, number
        self.dice = random.Random(number)
        self.ask = street.until_answered
        self.done = 0

    def run(self) -> None:
        """Work until it is over; what was begun is finished."""
        while not self.street.over.is_set():
            try:
                self.turn()
            except ConnectionError:
                return
            except Exception as error:
                self.street.problem(f"{type(self).__name__}: {error!r}"[:600])
                return
            time.sleep(self.dice.uniform(0.05, 0.5))

    def turn(self) -> None:
        """One piece of work."""
        raise NotImplementedError

    def told(self, answer: Answer, what: str) -> bool:
        """Whether it was acknowledged; anything but a redirect is written down."""
        if answer.status == 303:
            self.done += 1
            return True
        self.street.problem(f"{what}: {answer.status} {answer.words[:300]}")
        return False


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
        if self.told(answer, "secret vote"):
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


def total(clients: list[Any]) -> int:
    """Everything that was acknowledged so far."""
    return sum(one.done for one in clients)
