"""A second world one step further on: every form of the first one sent in as a person would, so that what only stands
behind such a step (a drafted poll, a hidden photo, a closed account) is there too, with the forms that it shows.

The two worlds are kept apart, because a step forward also takes something away: what was refused is no longer open.
"""

from __future__ import annotations

import uuid
from collections import Counter
from urllib.parse import urlsplit

from tests.prove.inputs.atlas import Atlas, Seat, Walker
from tests.prove.inputs.forms import Field
from tests.prove.inputs.furnish import send_file_form
from tests.prove.inputs.world import World

#: Doors behind which a session or a whole hall would be gone for everybody after.
LAST = ("sign_out", "password", "two_step", "recovery", "hall_pause", "hall_close", "account_close", "erase")
#: Seats of one door that are taken a step further, and how often a refused form is filled in anew.
FORWARD, TURNS = 2, 2
NAMED = {
    "login": "ren{n}", "code": "Z{n}", "slug": "ting{n}", "phone": "1380013{n:04d}", "name": "王小{n}",
    "title": "楼道灯{n}",
    "year": "2026", "card": "110101199003070038",
}  # fmt: skip


def deepen(world: World, atlas: Atlas, keys: dict[str, list[str]], day: str, rounds: int = 1) -> Counter[str]:
    """Step forward with every form, look around, once more with the forms that were new; returns what went through."""
    doors, through, done = world.app.extensions["doors"], Counter[str](), set[str]()
    for _round in range(rounds):
        todo = [n for n in doors if doors[n][1].method == "POST" and n not in done and _with_forms(atlas, n)]
        starts: list[tuple[str, str, str]] = []
        for name in todo:
            done.add(name)
            if any(word in name for word in LAST):
                continue
            for n, seat in enumerate(_with_forms(atlas, name)[-FORWARD:]):
                led = _step(world, seat, len(done) * FORWARD + n, day)
                through[name] += bool(led)
                starts += [(seat.slug, seat.login, path) for path in (led, seat.page) if led]
        Walker(world, keys, known=atlas).walk(list(dict.fromkeys(starts)))
        world.touched()
    return through


def _with_forms(atlas: Atlas, name: str) -> list[Seat]:
    return [seat for seat in atlas.seats.get(name, ()) if seat.page]


def _step(world: World, seat: Seat, number: int, day: str) -> str:
    """Where it led, or an empty text."""
    for turn in range(TURNS):
        pairs = [(one.name, value) for one in seat.fields for value in _usual(one, turn, number, day)]
        answer = send_file_form(world, seat.slug, seat.login, seat.path, pairs)
        if answer.status in (302, 303) and "/sign-in" not in answer.headers["Location"]:
            return urlsplit(answer.headers["Location"]).path
        if answer.status == 404:
            return ""
    return ""


def _usual(one: Field, turn: int, number: int, day: str) -> list[str]:
    if one.name == "once":
        return [str(uuid.uuid4())]
    if one.kind in ("file", "submit"):
        return []
    if one.kind in ("radio", "select"):
        real = [value for value in one.options if value] or list(one.options)
        return [real[turn % len(real)]] if real else []
    if one.kind == "checkbox":
        return list(one.options[: 1 + turn])
    if one.value:
        return [one.value]
    named = next((value for name, value in NAMED.items() if one.name == name or one.name.endswith("_" + name)), "")
    by_kind = {"date": day, "time": "14:30", "number": "3", "tel": "13800138000", "month": day[:7]}
    return [named.format(n=number) or by_kind.get(one.kind, "三号楼的灯修好了，大家都看见了")]
