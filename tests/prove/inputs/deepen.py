"""A second world some steps further on: every form of the first one sent in as a person would, so that what only stands
behind such a step (a drafted poll, a hidden photo, a closed account) is there too, with the forms that it shows.

The two worlds are kept apart, because a step forward also takes something away: what was refused is no longer open.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from urllib.parse import urlsplit

from tests.prove.inputs.atlas import Atlas, Seat
from tests.prove.inputs.knock import knock
from tests.prove.inputs.person import Filling
from tests.prove.inputs.rehearse import Known, Way, files_of, honest, is_taken
from tests.prove.inputs.walker import Walker
from tests.prove.inputs.world import World

#: Doors behind which a session or a whole hall would be gone for everybody after.
LAST = ("sign_out", "password", "two_step", "recovery", "hall_pause", "hall_close", "account_close", "erase", "reset")
#: Steps that end something: taken last, or nothing would be left to go on with.
ENDS = (
    "void", "remov", "drop", "cancel", "close", "closing", "terminat", "withdraw", "return", "refus", "end", "merge",
    "merger", "strike", "shut", "leave", "adjourn", "take_down", "taking_back", "hide", "postpone", "reject", "undo",
)  # fmt: skip
#: Seats of one door that are taken a step further, and how often a refused form is filled in anew.
FORWARD, TURNS, ROUNDS = 2, 5, 2


def deepen(world: World, atlas: Atlas, keys: dict[str, list[str]], day: str, known: Known) -> Counter[str]:
    """Step forward with every form, look around, again with the forms that were new, last with what ends things.

    Returns what went through.
    """
    doors, through, done = world.app.extensions["doors"], Counter[str](), set[str]()
    walker = Walker(world, keys, known=atlas)
    for turn in range(ROUNDS + 1):
        todo = [n for n in doors if doors[n][1].method == "POST" and n not in done and _with_forms(atlas, n)]
        starts: list[tuple[str, str, str]] = []
        for name in todo:
            if any(word in name for word in LAST) or (turn < ROUNDS and any(word in name for word in ENDS)):
                continue
            done.add(name)
            for n, seat in enumerate(_with_forms(atlas, name)[-FORWARD:]):
                mine = known.get((seat.slug, seat.login), {})
                led = _step(world, seat, Filling(seat.fields, day, len(done) * FORWARD + n, mine))
                through[name] += bool(led)
                starts += [(seat.slug, seat.login, path) for path in (led, seat.page) if led]
        walker.go_on(list(dict.fromkeys(starts)), wide=turn == ROUNDS)
    return through


def _with_forms(atlas: Atlas, name: str) -> list[Seat]:
    return [seat for seat in atlas.seats.get(name, ()) if seat.page]


def _step(world: World, seat: Seat, filling: Filling) -> str:
    """Where it led, or an empty text."""
    draw = Random(filling.number)
    for turn in range(TURNS):
        answer = knock(world, honest(Way(seat, tuple(filling.pairs()), files_of(seat.fields, turn))))
        if is_taken(answer):
            return urlsplit(answer.headers.get("Location", "")).path or seat.page
        if answer.status != 422:
            return ""
        filling.hear(answer.text, seat.path, is_guess=False)
        filling.mend(draw)
    return ""
