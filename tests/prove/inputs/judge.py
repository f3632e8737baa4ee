"""What every answer must be: none of the program's own faults, in time, and a refusal that changed nothing."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flask import got_request_exception

from app.faces import edge
from app.faces.doors import Door
from tests.prove.inputs.knock import Answer, Knock, knock
from tests.prove.inputs.world import World

PATIENCE = 5.0
#: What a refusal may still write: door (or ``*``) → tables, with the reason.
MAY_WRITE: dict[str, tuple[frozenset[str], str]] = {
    **dict.fromkeys(
        (
            "community.sign_in_try",
            "community.poll_replacement",
            "community.poll_stub_void",
            "community.poll_lot",
            "community.opening_in",
        ),
        (frozenset({"account"}), "a wrong password counts towards the rest of the account, also a second person's"),
    ),
    "street.sign_in_try": (frozenset({"street_account"}), "a wrong password counts"),
    **dict.fromkeys(
        ("community.two_step_remove", "community.recovery_codes_new", "community.two_step_confirm"),
        (frozenset({"account"}), "a wrong code counts as a wrong password does"),
    ),
    **dict.fromkeys(
        ("street.two_step_remove", "street.recovery_codes_new", "street.two_step_confirm"),
        (frozenset({"street_account"}), "a wrong code counts as a wrong password does"),
    ),
    **dict.fromkeys(
        (
            "guest.letter",
            "guest.acceptance",
            "guest.refusal",
            "guest.fresh_link",
            "guest.desk",
            "guest.draft",
            "guest.opinion",
        ),
        (
            frozenset({"invitation_opening", "seal_queue"}),
            "each opening of a key is logged, also one that leads nowhere",
        ),
    ),
    **dict.fromkeys(
        ("guest.task", "guest.task_receipt", "guest.task_note", "guest.task_later", "guest.task_done"),
        (frozenset({"task_link"}), "each opening of a link is counted, also by whoever mistypes on its page"),
    ),
}


def trace(error: BaseException) -> str:
    """Where an error went through the program, and its own words."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "/site-packages/" not in one.filename]
    where = [f"      {one.filename.rpartition('/app/')[2]}:{one.lineno} {one.name}: {one.line}" for one in frames[-7:]]
    return "\n".join([*where, f"      {type(error).__name__}: {str(error)[:500]}"])


class Wrong(AssertionError):
    """An answer that must not be."""


@dataclass
class Judge:
    """Sends tries and keeps count."""

    world: World
    statuses: Counter[str] = field(default_factory=Counter)
    tries: int = 0
    slowest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)
    wrote: bool = False
    #: Constraints of the database that had to say what the door did not ask: an id of nothing, by door.
    gone: list[str] = field(default_factory=list)
    unasked: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        before, gone = edge._broken, edge._gone

        def note(error: Exception) -> Any:
            self.faults.append(trace(error))
            return before(error)

        def note_gone(error: Any) -> Any:
            self.gone.append(str(getattr(error.orig, "diag", error.orig).constraint_name))
            return gone(error)

        # One handler asks another by its name, and an error inside a handler is told by a signal only.
        edge._broken, edge._gone = note, note_gone
        for app in self.world.apps:
            app.error_handler_spec[None][None][Exception] = note
            got_request_exception.connect(self._note, app)

    def _note(self, _app: Any, exception: Exception, **_more: Any) -> None:
        self.faults.append(trace(exception))

    def send(self, name: str, door: Door, this: Knock) -> Answer:
        """Knock and look at the answer; raises :class:`Wrong`."""
        self.tries += 1
        self.faults.clear()
        self.gone.clear()
        try:
            answer = knock(self.world, this)
        except Exception as error:
            raise Wrong(f"escaped: {trace(error)}") from None
        self.statuses[f"{this.method if this.method in ('GET', 'POST') else 'other'} {answer.status}"] += 1
        self._in_time(this, answer)
        if self.gone:
            self.unasked.setdefault(name, (self.gone[0], str(this)))
        if self.faults or (answer.status >= 500 and not self._is_paused(answer)):
            raise Wrong(f"{answer.status}\n" + "\n".join(self.faults))
        if (
            b"Traceback (most recent" in answer.body
            or b"<script>zz7()" in answer.body
            or b"<img src=x onerror" in answer.body
        ):
            raise Wrong("the answer shows a trace or runs what was typed")
        if "X-Forged" in answer.headers:
            raise Wrong("a field forged a header")
        self._changed_nothing(name, door, this, answer)
        return answer

    @staticmethod
    def _is_paused(answer: Answer) -> bool:
        """A hall that an earlier try paused says so, with 503."""
        return answer.status == 503 and "议事厅暂时停着" in answer.text

    def _in_time(self, this: Knock, answer: Answer) -> None:
        if answer.seconds > self.slowest[0]:
            self.slowest = (answer.seconds, str(this))
        if answer.seconds < PATIENCE:
            return
        # Others may have had the cores: only what works long itself, or waits thrice as long again, is slow.
        again = knock(self.world, this)
        if again.seconds >= PATIENCE and (again.cpu >= PATIENCE / 2 or again.seconds >= 3 * PATIENCE):
            raise Wrong(f"took {answer.seconds:.1f} s and {again.seconds:.1f} s ({again.cpu:.1f} s of CPU)")

    def _changed_nothing(self, name: str, door: Door, this: Knock, answer: Answer) -> None:
        touched = self.world.touched()
        self.wrote = self.wrote or bool(touched)
        refused = answer.status >= 400
        looked = this.method in ("GET", "HEAD", "OPTIONS", "TRACE") and not door.writes_on_get
        if touched and (refused or looked):
            allowed, _why = MAY_WRITE.get(name, (frozenset(), ""))
            if left := set(touched) - allowed:
                raise Wrong(f"{answer.status} wrote {sorted(left)}")
