"""Before nonsense comes to a door, somebody goes through it properly, so that nonsense is tried behind its checks too.

A way is a seat with a form that the program took. Where a form is refused, the refusal is read and the marked fields
are filled in otherwise; where a seat is closed (gone by, not mine, not there), the next one is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.prove.inputs.atlas import Seat
from tests.prove.inputs.forms import Field
from tests.prove.inputs.knock import Answer, Knock, form_body, multipart, quoted
from tests.prove.inputs.nonsense import good_file
from tests.prove.inputs.person import Filling

#: Forms filled in for one seat and for one door, and ways kept of a door.
TURNS, MOST, WAYS = 7, 24, 2


#: What each login of each hall knows, by the name of the field that asks for it.
Known = dict[tuple[str, str], dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Way:
    """A form that was taken: what was sent, with the good files; ``once_only`` where a second time was refused."""

    seat: Seat
    pairs: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str, str, bytes], ...] = ()
    once_only: bool = True


def is_taken(answer: Answer, asked: str = "") -> bool:
    """Whether the door did what the form asked; being sent to sign in is a refusal.

    Who begins the two steps is led back to the page ``asked`` at, which is none.
    """
    if answer.status in (302, 303):
        led = urlsplit(answer.headers.get("Location", "")).path
        has_begun = asked.endswith("/two-step") and led.endswith(asked)
        return has_begun or not led.endswith(("/sign-in", "/password", "/two-step"))
    return 200 <= answer.status < 300


def is_known(answer: Answer) -> bool:
    """Whether the form was read and understood, though a rule said no (409): past the checks of the form."""
    return answer.status == 409


def honest(way: Way) -> Knock:
    """The knock of a form as it was taken."""
    pairs = tuple((name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in way.pairs)
    files = tuple((name.encode(), filename.encode(), kind, content) for name, filename, kind, content in way.files)
    kind, body = multipart(pairs, files) if way.files else form_body(pairs)
    told = tuple(f"{name} = {value!r}" for name, value in way.pairs) + tuple(f"{one[0]} = file" for one in way.files)
    return Knock(way.seat.slug, way.seat.login, "POST", quoted(way.seat.path), "", kind, body, (), told)


class Rehearsal:
    """Finds the ways through one door; ``put_back`` makes the world as it was."""

    def __init__(
        self,
        send: Callable[[str, Any, Knock], Answer],
        put_back: Callable[[], None],
        day: str,
        seed: int,
        known: Known,
    ) -> None:
        self.send, self.put_back, self.day, self.seed, self.known = send, put_back, day, seed, known
        self.number = 0

    def of(self, name: str, door: Any, seats: list[Seat]) -> list[Way]:
        """The ways found; raises :class:`Wrong` as the judge does."""
        draw, left, ways = Random(f"{self.seed} {name}"), MOST, list[Way]()
        for seat in sorted(seats, key=lambda one: not one.page):
            if left <= 0 or len(ways) >= WAYS:
                break
            way, spent = self._through(name, door, seat, draw, min(TURNS, left))
            left -= spent
            ways += [way] if way else []
        return ways

    def _through(self, name: str, door: Any, seat: Seat, draw: Random, turns: int) -> tuple[Way | None, int]:
        self.number += 1
        filling = Filling(seat.fields, self.day, self.number, self.known.get((seat.slug, seat.login), {}))
        for turn in range(turns):
            way = Way(seat, tuple(filling.pairs()), files_of(seat.fields, turn))
            answer = self.send(name, door, honest(way))
            if is_taken(answer, seat.path):
                return Way(way.seat, way.pairs, way.files, self._is_once_only(name, door, way)), turn + 1
            if answer.status in (302, 303, 401, 403, 404, 409, 410, 405):
                return None, turn + 1
            filling.hear(answer.text, seat.path, is_guess=not seat.page)
            filling.mend(draw)
        return None, turns

    def _is_once_only(self, name: str, door: Any, way: Way) -> bool:
        """Whether the same form is refused the second time; leaves the world as it was."""
        again = tuple((key, f"{value[:-1]}{'1' if value[-1:] == '0' else '0'}" if key == "once" else value)
                      for key, value in way.pairs)  # fmt: skip
        second = is_taken(self.send(name, door, honest(Way(way.seat, again, way.files))), way.seat.path)
        self.put_back()
        return not second


def files_of(fields: tuple[Field, ...], turn: int) -> tuple[tuple[str, str, str, bytes], ...]:
    """A good file for each field that asks for one, none on every third turn."""
    wanted = [one for one in fields if one.kind == "file"]
    return () if turn % 3 == 2 else tuple((one.name, *good_file(one.name, one.accept, turn)) for one in wanted)
