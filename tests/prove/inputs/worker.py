"""One process of the proof: its share of the doors, each knocked at with its share of the tries."""

from __future__ import annotations

import json
import pickle
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.prove.inputs.atlas import Atlas, Seat
from tests.prove.inputs.judge import Judge, Wrong
from tests.prove.inputs.knock import Answer, Knock, knock, plain
from tests.prove.inputs.rehearse import Known, Rehearsal, Way, is_known, is_taken
from tests.prove.inputs.tries import Maker
from tests.prove.inputs.whole import faults_of
from tests.prove.inputs.world import World

#: A POST door is worth so many times the tries of a GET door.
WEIGHT = {"GET": 1, "POST": 3}
#: The world is put back after so many accepted writes at one door, and a failing door is shrunk with so many tries.
WRITES, SHRINKS = 6, 120
#: So often the world is put back for one door because the thing it was about is done with.
BACKS = 4


@dataclass
class Told:
    """What a worker reports."""

    tries: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    reached: dict[str, list[int]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")
    backs: int = 0
    by_path: int = 0
    unasked: dict[str, tuple[str, str]] = field(default_factory=dict)
    seconds: float = 0.0
    broken: dict[str, str] = field(default_factory=dict)
    templates: dict[int, list[str]] = field(default_factory=dict)


class Worker:
    """Knocks at doors in a world of its own."""

    def __init__(self, world: World, atlas: Atlas, number: int, day: str, known: Known) -> None:
        self.world, self.atlas, self.number, self.day = world, atlas, number, day
        self.judge, self.told = Judge(world), Told()
        self.writes = self.number_of = self.backs_left = self.by_path = 0
        self.before: dict[int, set[str]] = {}
        self.last = ""
        self.reached: Counter[str] = Counter()
        self.rehearsal = Rehearsal(self._send, lambda: self._put_back(self.number_of), day, number, known)

    def work(self, doors: list[tuple[str, Any]], shares: dict[str, int]) -> Told:
        """Every door in turn."""
        begun = time.monotonic()
        self._put_back(0)
        for name, door in sorted(doors, key=lambda pair: self._world_of(pair[0])):
            if self.judge.wrote or self.number_of != self._world_of(name):
                self._put_back(self._world_of(name))
            self._door(name, door, shares[name])
            self.last = name
        self._put_back(0)
        self.told.templates = {number: sorted(faults) for number, faults in self.before.items()}
        self.told.tries, self.told.statuses = self.judge.tries, self.judge.statuses
        self.told.unasked, self.told.by_path = self.judge.unasked, self.by_path
        self.told.slowest, self.told.seconds = self.judge.slowest, time.monotonic() - begun
        return self.told

    def _world_of(self, name: str) -> int:
        return self.atlas.seats[name][0].world

    def _put_back(self, number: int) -> None:
        if self.told.backs and self.judge.wrote:
            self.told.broken |= dict.fromkeys(faults_of(self.world) - self.before[self.number_of], self.last)
        self.world.put_back(number)
        if number not in self.before:
            self.before[number] = faults_of(self.world)
        self.number_of = number
        self.told.backs += 1
        self.judge.wrote, self.writes = False, 0

    def _send(self, name: str, door: Any, this: Knock) -> Answer:
        answer = self.judge.send(name, door, this)
        kind = "taken" if is_taken(answer, this.path) else "known" if is_known(answer) else "refused"
        self.reached[kind] += this.method == door.method
        self.by_path += this.by_path
        return answer

    def _rehearse(self, name: str, door: Any) -> list[Way]:
        try:
            return self.rehearsal.of(name, door, self.atlas.seats[name]) if door.method == "POST" else []
        except Wrong as wrong:
            self.told.wrong[name] = f"{name}, filled in properly\n    → {wrong}"
            return []

    def _door(self, name: str, door: Any, tries: int) -> None:
        self.reached.clear()
        before, self.backs_left = self.judge.tries, BACKS
        ways = self._rehearse(name, door)
        tries = max(tries // 2, tries - (self.judge.tries - before))
        maker = Maker(name, door.method, self.atlas, self.atlas.seats[name], self.day, ways)
        failing: list[tuple[Knock, str]] = []

        def one(data: st.DataObject) -> None:
            this = maker.draw(data.draw)
            if len(failing) > SHRINKS:
                if any(this == known for known, _why in failing):
                    raise Wrong("known")
                return
            try:
                answer = self._send(name, door, this)
                if self.judge.wrote and answer.status < 400:
                    self._after(name, this, answer, maker.way)
            except Wrong as wrong:
                failing.append((this, str(wrong)))
                raise

        how = settings(
            max_examples=tries, database=None, deadline=None, phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        )  # fmt: skip
        try:
            how(seed(self.number)(given(st.data())(one)))()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) or not failing:
                raise
            print(f"wrong: {name}", file=sys.stderr, flush=True)
            this, why = min(failing, key=lambda pair: (len(pair[0].told), len(str(pair[0]))))
            self.told.wrong[name] = f"{name}\n{this}\n    → {why}"
        self.told.reached[name] = [self.reached[kind] for kind in ("taken", "known", "refused")]

    def _after(self, name: str, this: Knock, answer: Answer, way: Way | None) -> None:
        """What was accepted must not poison the pages that show it."""
        self.writes += 1
        seats = [seat for seat in self.atlas.seats[name] if seat.path == this.path and seat.page]
        led = _local(answer.headers.get("Location", "")).removeprefix(this.prefix)
        for page in sorted({*(seat.page for seat in seats[:1]), led} - {""}):
            path, _question, query = page.partition("?")
            found = knock(self.world, plain(this.slug, this.login, path, query, by_path=this.by_path))
            if found.status >= 500:
                raise Wrong(f"then GET {page}: {found.status}\n" + "\n".join(self.judge.faults))
        is_spent = way is not None and way.once_only and self.backs_left > 0
        if self.writes >= WRITES or is_spent:
            self.backs_left -= 1
            self._put_back(self.number_of)


def _local(location: str) -> str:
    return "/" + location.split("/", 3)[3] if location.startswith("http") else location


def shares_of(doors: dict[str, Any], tries: int) -> dict[str, int]:
    """How many tries each door gets, so that all together are ``tries``."""
    weights = {name: WEIGHT[door.method] for name, (_site, door) in doors.items()}
    total, given_out, shares = sum(weights.values()), 0, {}
    for n, name in enumerate(weights):
        upto = tries * sum(list(weights.values())[: n + 1]) // total
        shares[name], given_out = max(1, upto - given_out), upto
    return shares


def main() -> None:
    """``python -m tests.prove.inputs.worker plan.pickle number``; the report goes beside the plan as JSON."""
    plan = pickle.loads(Path(sys.argv[1]).read_bytes())
    number, wanted = int(sys.argv[2]), re.compile(sys.argv[3] if len(sys.argv) > 3 else "")
    redis = f"{plan['redis']}?db={number + 3}"
    folder, name = Path(plan["folder"]), f"inputs_{number}"
    world = World(plan["owner"], redis, folder, name, plan["cookies"], by_path=True)
    doors = [(name, door) for name, (_site, door) in world.app.extensions["doors"].items()]
    mine = [pair for n, pair in enumerate(doors) if n % plan["processes"] == number and wanted.search(pair[0])]
    told = Worker(world, plan["atlas"], plan["seed"], plan["day"], plan["known"]).work(mine, plan["shares"])
    Path(sys.argv[1]).with_suffix(f".{number}.json").write_text(json.dumps(vars(told), ensure_ascii=False))
    world.let_go()


if __name__ == "__main__":
    main()

__all__ = ["Seat", "Told", "Worker", "shares_of"]
