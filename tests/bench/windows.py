"""Windows of requests and what the servers' processes worked in each; the clients' own work is not part of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from sqlalchemy import text

from tests.bench.office import Office, worked
from tests.bench.views import Knock, Place, View

WARM = 12
#: Lines by which PostgreSQL tells each statement; beginning and ending a transaction is not one.
STATEMENT = re.compile(
    r"\[(\d+)\] LOG:  (?:statement|execute [^:]*):\s*(?!BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|\s)\S"
)


@dataclass
class Seen:
    """What was measured of one view at one place: CPU milliseconds a request by window, and every wait."""

    windows: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    shares: list[dict[str, float]] = field(default_factory=list)
    wire: int = 0
    statements: int = 0

    @property
    def best(self) -> float:
        """The cheapest window: what else ran on the machine can only add."""
        return min(self.windows)

    @property
    def middle(self) -> float:
        """The window in the middle."""
        return median(self.windows)

    def wait(self, part: float) -> float:
        """Milliseconds within which this part of the requests was answered, in all windows together."""
        ranked = sorted(self.waits)
        return ranked[min(len(ranked) - 1, int(len(ranked) * part))]

    def share(self) -> dict[str, float]:
        """Who worked in the cheapest window: milliseconds a request by kind of process."""
        return self.shares[self.windows.index(self.best)]


def window(office: Office, view: View, place: Place, web: str, seen: Seen) -> None:
    """One window; what it needs is made ready before the clock starts."""
    knocks = view.ready(place, view.requests)
    names = ("postgres", "valkey", web)
    before = {name: worked(pids) for name, pids in office.serving().items() if name in names}
    for knock in knocks:
        begun = time.monotonic()
        reply = knock()
        seen.waits.append((time.monotonic() - begun) * 1000)
    after = {name: worked(pids) for name, pids in office.serving().items() if name in names}
    seen.wire = reply.wire
    share = {name: (after[name] - before[name]) * 1000 / len(knocks) for name in names}
    seen.shares.append(share)
    seen.windows.append(sum(share.values()))


def warm(view: View, place: Place) -> None:
    """The first pages after a start compile templates and plans; an office in use has done so long ago."""
    for knock in view.ready(place, WARM):
        knock()


def count_statements(office: Office, view: View, place: Place, seen: Seen) -> None:
    """The statements of one request, the binding and the look at a connection included; what the worker does meanwhile
    can only add, so the smallest of three."""
    seen.statements = min(_statements(office, *view.ready(place, 1)) for _ in range(3))


def _statements(office: Office, knock: Knock) -> int:
    """What PostgreSQL itself tells while this one request is answered."""
    assert office.engines is not None
    log = office.engines.places.log / "postgres.log"
    _tell(office, "all")
    begun = log.stat().st_size
    knock()
    ours = _tell(office, "none")
    with Path(log).open("rb") as lines:
        lines.seek(begun)
        told = lines.read().decode("utf-8", "replace")
    return len([pid for pid in STATEMENT.findall(told) if int(pid) in ours])


def _tell(office: Office, what: str) -> set[int]:
    """Switch the telling on or off; returns the processes that serve the program, the bench's own left out."""
    eyes = office.eyes("postgres").execution_options(isolation_level="AUTOCOMMIT")
    with eyes.connect() as conn:
        conn.execute(text(f"alter system set log_statement = '{what}'"))
        conn.execute(text("select pg_reload_conf()"))
        found = set(conn.execute(text("select pid from pg_stat_activity where usename like 'cm\\_%'")).scalars())
    eyes.dispose()
    time.sleep(0.3)
    return found
