"""``python -m tests.bench [--quick]``: build the town, measure, print every figure beside its limit."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench import start, table, visit
from tests.bench.browser import Lines
from tests.bench.office import Office, office, own_memory, wait_until
from tests.bench.town import BUSY, FULL, HallSeen, Size, add_many, build
from tests.bench.views import EMPTY, VIEWS, Place, View
from tests.bench.windows import Seen, count_statements, warm, window

MANY = "many"
Figures = dict[tuple[str, str], Seen]


def main() -> int:
    """Exit code 1 when a limit is missed."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a small town and few windows, for trying out")
    options.add_argument("--only", default="", help="measure only views whose name contains this")
    options.add_argument("--strict", action="store_true", help="fail at whatever is over what is asked")
    asked = options.parse_args()
    size = Size.quick() if asked.quick else Size()
    with office(Path(tempfile.mkdtemp(prefix="yql-bench-"))) as here:
        return _run(here, size, asked.only, strict=asked.strict)


def _run(here: Office, size: Size, only: str, *, strict: bool) -> int:
    begun = time.monotonic()
    halls, cookies = build(here, size)
    told = [f"town of {size.halls} communities, {size.matters} matters each, built in {time.monotonic() - begun:.0f} s"]
    begun = time.monotonic()
    here.copy(MANY)
    add_many(here, MANY, size)
    told.append(
        f"beside it one of {size.many} communities, {size.lean} matters each, in {time.monotonic() - begun:.0f} s"
    )
    places = _open(here, halls, cookies)
    begun = time.monotonic()
    figures = _measure(here, size, places, only)
    told.append(f"measured for {time.monotonic() - begun:.0f} s")
    _crowd(places)
    sheet = table.Sheet(told, strict=strict)
    table.pages(sheet, figures, VIEWS)
    table.growth(sheet, figures, VIEWS)
    table.visit(sheet, visit.first_visit(places[BUSY]))
    table.memory(sheet, [own_memory(pid) for pid in here.serving()["web"][1:]])
    for place in places.values():
        place.lines.close()
    here.close()
    sheet.tell()
    table.ready(sheet, start.starts(here, 1 if size.windows < 5 else start.TIMES))
    return sheet.print()


def _open(here: Office, halls: dict[str, HallSeen], cookies: dict[str, str]) -> dict[str, Place]:
    """A web server on each database, and the worker of the first."""
    first, second = here.part("web", "web"), here.part("web of many", "web", database=MANY)
    here.part("worker", "worker")
    for port in (first, second):
        wait_until(lambda port=port: start.status(port, "/healthz") == 200, "/healthz")
    near, far = Lines(first), Lines(second)
    busy = halls[BUSY]
    # Both databases know the same residents; each votes once in either.
    copied = HallSeen(busy.slug, busy.matter, busy.poll, busy.voters)
    return {
        BUSY: Place(near, busy, cookies), FULL: Place(near, halls[FULL], cookies), MANY: Place(far, copied, cookies),
    }  # fmt: skip


def _measure(here: Office, size: Size, places: dict[str, Place], only: str) -> Figures:
    """Windows in turn (busy, full, many; again), so that whatever else the machine does falls on all alike."""
    figures: Figures = {}
    wanted = [view for view in (EMPTY, *VIEWS) if only in view.name or view is EMPTY]
    for view in wanted:
        for name in _where(view):
            warm(view, places[name])
            figures[view.name, name] = Seen()
    for _ in range(size.windows):
        for view in wanted:
            for name in _where(view):
                web = "web of many" if name == MANY else "web"
                window(here, view, places[name], web, figures[view.name, name])
    for view in wanted:
        count_statements(here, view, places[BUSY], figures[view.name, BUSY])
    return figures


def _where(view: View) -> tuple[str, ...]:
    return (BUSY, FULL, MANY) if view.in_hall else (BUSY,)


def _crowd(places: dict[str, Place]) -> None:
    """Eight browsers at once for a while, so that every thread of every worker has made every kind of page."""

    def visit_all(_number: int) -> None:
        lines = Lines(places[BUSY].lines.port, 2)
        for view in VIEWS:
            if view.name not in ("vote", "submit"):
                for knock in view.ready(Place(lines, places[BUSY].hall, places[BUSY].street_cookies), 15):
                    knock()
        lines.close()

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(visit_all, range(8)))


if __name__ == "__main__":
    sys.exit(main())
