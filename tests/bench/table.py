"""The sheet of figures: each beside what is asked of it, and whether it holds.

What is asked of CPU is near what is measured, and one machine is not as quick as the next, nor as an hour ago. So a run
says which figure is over what is asked, and fails when one is over that by ``SLACK``; with ``--strict`` at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench import start
from tests.bench import visit as visits
from tests.bench.town import BUSY, FULL
from tests.bench.views import EMPTY, View
from tests.bench.windows import Seen

MEGABYTES = 80.0
FULL_RATIO, MANY_RATIO = 1.3, 1.1
SLACK = 1.5


@dataclass
class Sheet:
    """Lines to print, and what was missed."""

    lines: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    strict: bool = False

    def judge(self, what: str, found: float, limit: float, held: float = 0.0) -> str:
        """Note a figure that is over what is asked, and over what it is held to; returns the word for the table."""
        if found <= limit:
            return "ok"
        self.over.append(f"{what}: {found:.2f} is over {limit:g}")
        if not self.strict and found <= held:
            return "OVER"
        self.missed.append(f"{what}: {found:.2f} is over {max(limit, 0 if self.strict else held):g}")
        return "MISSED"

    def tell(self) -> None:
        """Print what was noted so far, so that nothing measured is lost when a later part fails."""
        print("\n".join(self.lines), flush=True)
        self.lines.clear()

    def print(self) -> int:
        """The rest to standard output; returns the exit code."""
        self.tell()
        told = [f"over what is asked: {line}" for line in self.over] + [f"missed: {line}" for line in self.missed]
        print("\n".join(told) or "bench: every limit holds", flush=True)
        return 1 if self.missed else 0


def pages(sheet: Sheet, figures: Mapping[tuple[str, str], Seen], views: Sequence[View]) -> None:
    """One line a view: CPU milliseconds a request, best and median window, then the rest."""
    sheet.lines += [
        "", "CPU of web server, PostgreSQL and Valkey, user and system, ms a request; the limit is for the best window",
        f"{'view':22}{'best':>7}{'median':>8}{'limit':>7}  {'web':>6}{'database':>9}{'valkey':>7}{'statements':>11}"
        f"{'bytes':>8}{'p50 ms':>8}{'p95 ms':>8}",
    ]  # fmt: skip
    for view in (EMPTY, *views):
        seen = figures.get((view.name, BUSY))
        if seen is None:
            continue
        share, limit = seen.share(), f"{view.limit:g}" if view.limit else "-"
        word = sheet.judge(view.name, seen.best, view.limit, view.limit * SLACK) if view.limit else ""
        sheet.lines.append(
            f"{view.name:22}{seen.best:7.2f}{seen.middle:8.2f}{limit:>7}  {share['web']:6.2f}{share['postgres']:9.2f}"
            f"{share['valkey']:7.2f}{seen.statements:11}{seen.wire:8}{seen.wait(0.5):8.1f}{seen.wait(0.95):8.1f}"
            f"  {word}"
        )


def growth(sheet: Sheet, figures: Mapping[tuple[str, str], Seen], views: Sequence[View]) -> None:
    """What ten times the matters and two thousand communities cost, as ratios of best windows of the same run."""
    sheet.lines += ["", f"{'ratio of best windows':22}{'10 × matters':>14}{'limit':>7}{'2,000 halls':>14}{'limit':>7}"]
    for view in views:
        base = figures.get((view.name, BUSY))
        if base is None or not view.in_hall:
            continue
        full, many = (figures[view.name, name].best / base.best for name in (FULL, "many"))
        words = (
            sheet.judge(f"{view.name}, ten times the matters", full, FULL_RATIO, FULL_RATIO * SLACK),
            sheet.judge(f"{view.name}, two thousand communities", many, MANY_RATIO, MANY_RATIO * SLACK),
        )
        sheet.lines.append(f"{view.name:22}{full:14.2f}{FULL_RATIO:7g}{many:14.2f}{MANY_RATIO:7g}  {' '.join(words)}")


def visit(sheet: Sheet, found: visits.Visit) -> None:
    """Bytes of a first visit."""
    word = sheet.judge("first visit, bytes", found.total, visits.BYTES)
    sheet.lines += ["", f"first visit of a hall: {found.total} bytes over the wire, limit {visits.BYTES}  {word}"]
    sheet.lines += [f"{size:9}  {url}" for url, size in sorted(found.files.items(), key=lambda one: -one[1])]
    sheet.lines.append(
        f"static files not kept for a year: {', '.join(found.short_lived) or 'none'}; "
        f"the list of matters {'has' if found.has_tag else 'has no'} ETag, 304 {'met' if found.met_304 else 'not met'}"
    )
    sheet.judge("static files not kept for a year", len(found.short_lived), 0)
    sheet.judge("pages without 304", 0 if found.met_304 else 1, 0)


def memory(sheet: Sheet, workers: list[float]) -> None:
    """Megabytes of the workers' own after the load."""
    word = sheet.judge("a web worker's own memory, MB", max(workers), MEGABYTES)
    told = ", ".join(f"{one:.1f}" for one in workers)
    sheet.lines += ["", f"web workers after the load: {told} MB of their own (USS), limit {MEGABYTES:g}  {word}"]


def ready(sheet: Sheet, found: list[start.Start]) -> None:
    """Seconds until the probes answer."""
    again, cold = min(one.again for one in found), min(one.ready for one in found)
    back = sheet.judge("ready again, seconds", again, start.LIMIT)
    whole = sheet.judge("a whole start, seconds", cold, start.LIMIT, start.COLD)
    sheet.lines += [
        f"/readyz after both engines came back under the program: {', '.join(f'{one.again:.2f}' for one in found)} s, "
        f"limit {start.LIMIT:g}  {back}",
        "/healthz and /readyz after the engines of a whole start: "
        f"{', '.join(f'{one.healthy:.2f}/{one.ready:.2f}' for one in found)} s, asked {start.LIMIT:g}, "
        f"held to {start.COLD:g}  {whole}",
    ]
