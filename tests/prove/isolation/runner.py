"""Runs the fuzzer's units as the program's logins do, and judges every answer.

Two judges: no word of a forbidden world may stand in an answer, notice or error; and a database that holds nothing but
what the scope may see must answer the same, rows, counts and error codes alike. Where a statement itself names a
foreign word, only the second judge can tell an echo from a leak.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from psycopg import pq

from tenants.scope import SETTINGS
from tests.prove.isolation.catalogue import ALONE, FORBIDDEN, SCOPES, WORLDS
from tests.prove.isolation.reads import Step, Unit

MARKS = {scope: [m.encode() for world in worlds for m in world.marks] for scope, worlds in FORBIDDEN.items()}
#: What a scope does not see of its own hall. A key can still tell a writer that such a row stands there: within one
#: hall that is no secret between tenants, so changes that name one are judged by their words alone.
AT_HOME = {
    scope: [m.encode() for world in worlds if world in (WORLDS.other, WORLDS.sealed) for m in world.marks]
    for scope, worlds in FORBIDDEN.items()
}
WRITES = ("insert", "update", "delete", "merge", "changing cte", "copy from")
#: Answers that depend on the machine, not on the rows: cancelled, out of memory or temporary space, stack too deep.
UNFAIR = ("57014", "53200", "53100", "54001", "55P03", "40P01")
REFUSED = ("42501",)
#: The number of a session's own schema, which differs between two sessions.
NUMBERED = re.compile(rb"(?<=pg_temp)_\d+")


@dataclass
class Answer:
    """What came back for one unit: rows, tags and errors in the order of its statements."""

    lines: list[bytes] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    notices: list[bytes] = field(default_factory=list)
    steps: int = 0

    @property
    def text(self) -> bytes:
        """Everything that was said."""
        return b"\n".join([*self.lines, *self.notices])

    def comparable(self) -> tuple[list[bytes], list[bytes], list[str]]:
        """The same without the order of rows."""
        return sorted(NUMBERED.sub(b"", line) for line in self.lines), sorted(self.notices), self.states


@dataclass
class Finding:
    """A statement that told more than it may."""

    scope: str
    judge: str
    sql: str
    answer: str
    alone: str = ""

    def __str__(self) -> str:
        return f"[{self.scope}, {self.judge}] {self.sql}\n   answered {self.answer}\n   alone    {self.alone}"


@dataclass
class Tally:
    """How the statements ended, and what was found."""

    ended: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    scopes: Counter[str] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    with_rows: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def statements(self) -> int:
        """All that were executed on the database with foreign rows."""
        return sum(self.scopes.values())

    def add(self, other: Tally) -> None:
        """Count another worker's share in."""
        for name in ("ended", "kinds", "scopes", "good"):
            getattr(self, name).update(getattr(other, name))
        self.compared += other.compared
        self.with_rows += other.with_rows
        self.findings += other.findings


def binding(scope: str) -> bytes:
    """BEGIN and the binding that the program's engine sends, in one message."""
    settings = SCOPES[scope].as_settings()
    parts = [f"set_config('role', '{settings[0]}', true)"]
    parts += [f"set_config('app.{name}', '{value}', true)" for name, value in zip(SETTINGS, settings[1:], strict=True)]
    return f"deallocate all; begin; set local statement_timeout = '3s'; select {', '.join(parts)}".encode()


class Line:
    """One connection of a restricted login, spoken to without a driver's help in between."""

    def __init__(self, dsn: str) -> None:
        self.wire = pq.PGconn.connect(dsn.encode())
        if self.wire.status != pq.ConnStatus.OK:
            raise RuntimeError(self.wire.error_message.decode())
        self.answer = Answer()
        self.wire.notice_handler = lambda result: self.answer.notices.append(
            result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
        )

    def run(self, scope: str, unit: Unit, end: str = "rollback") -> Answer:
        """Run the unit in a transaction of its own and roll it back, or ``end`` it otherwise."""
        self.answer = Answer()
        bound = self.wire.exec_(binding(scope))
        if bound.status != pq.ExecStatus.TUPLES_OK:
            raise RuntimeError(bound.error_message.decode())
        for step in unit.steps:
            if not self._step(step):
                break
        self.wire.exec_(end.encode())
        return self.answer

    def _step(self, step: Step) -> bool:
        answer, result = self.answer, self.wire.exec_(step.sql.encode())
        answer.steps += 1
        if result.status == pq.ExecStatus.COPY_OUT:
            result = self._drain()
        elif result.status == pq.ExecStatus.COPY_IN:
            self.wire.put_copy_data(step.feed or b"")
            self.wire.put_copy_end()
            result = self.wire.get_result() or result
            while self.wire.get_result() is not None:
                pass
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            answer.states.append("00000")
            answer.lines.append(result.command_status or b"")
            for at in range(result.ntuples):
                answer.lines.append(b"\t".join(result.get_value(at, c) or b"" for c in range(result.nfields)))
            return True
        answer.states.append((result.error_field(pq.DiagnosticField.SQLSTATE) or b"?").decode())
        for part in (pq.DiagnosticField.MESSAGE_PRIMARY, pq.DiagnosticField.MESSAGE_DETAIL,
                     pq.DiagnosticField.MESSAGE_HINT, pq.DiagnosticField.CONTEXT):  # fmt: skip
            answer.lines.append(result.error_field(part) or b"")
        return False

    def _drain(self) -> pq.abc.PGresult:
        while True:
            size, data = self.wire.get_copy_data(0)
            if size <= 0:
                break
            self.answer.lines.append(bytes(data))
        result = self.wire.get_result()
        while self.wire.get_result() is not None:
            pass
        assert result is not None
        return result

    def close(self) -> None:
        """Hang up."""
        self.wire.finish()


class Judge:
    """Runs units on the database of everybody and, where it can tell something, on the one without foreign rows."""

    def __init__(self, addresses: dict[str, dict[str, str]]) -> None:
        self.lines = {at: {login: Line(dsn) for login, dsn in logins.items()} for at, logins in addresses.items()}
        self.tally = Tally()

    def line(self, database: str, scope: str) -> Line:
        """The connection that this scope uses."""
        return self.lines[database]["guest" if scope == "guest" else "program"]

    def ask(self, scope: str, unit: Unit) -> Finding | None:
        """Run one unit, count it, and say what is wrong with its answer."""
        answer = self.line("all", scope).run(scope, unit)
        self._count(scope, unit, answer)
        sql = "; ".join(step.sql + (f" <- {step.feed!r}" if step.feed else "") for step in unit.steps)
        named = sql.encode()
        seen = [mark for mark in MARKS[scope] if mark in answer.text and mark not in named]
        finding = None
        names_own_hall = unit.kind in WRITES and any(mark in named for mark in AT_HOME[scope])
        if seen:
            finding = Finding(scope, "a foreign word", sql, answer.text.decode(errors="replace")[:600])
        elif unit.same and not names_own_hall and not any(state in UNFAIR for state in answer.states):
            alone = self.line(ALONE[scope], scope).run(scope, unit)
            self.tally.compared += 1
            if alone.comparable() != answer.comparable() and not any(state in UNFAIR for state in alone.states):
                finding = Finding(
                    scope, "answers differ", sql, f"{answer.states} {answer.text.decode(errors='replace')[:600]}",
                    f"{alone.states} {alone.text.decode(errors='replace')[:600]}",
                )  # fmt: skip
        if finding:
            self.tally.findings.append(finding)
        return finding

    def _count(self, scope: str, unit: Unit, answer: Answer) -> None:
        tally = self.tally
        tally.kinds[unit.kind] += answer.steps
        tally.scopes[scope] += answer.steps
        tally.with_rows += len(answer.lines) > answer.steps
        for state in answer.states:
            how = "ran" if state == "00000" else "refused" if state in REFUSED else f"error {state}"
            tally.ended[how] += 1
            tally.good[scope] += how == "ran"

    def close(self) -> None:
        """Hang up everywhere."""
        for logins in self.lines.values():
            for line in logins.values():
                line.close()
