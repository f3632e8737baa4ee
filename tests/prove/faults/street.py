"""What everybody saw while parts fell, and how somebody at work sends the same thing again until it is answered."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.journeys.wire import Answer
from tests.prove.town import Town

LOST = (OSError, http.client.HTTPException)
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


def total(clients: list[Any]) -> int:
    """Everything that was acknowledged so far."""
    return sum(one.done for one in clients)
