"""50,000 matters as a workbook in the background: within 200 MB of memory, row by row, with progress on the way.

The worker is a process of its own, as in the office, so that what it needed at most can be read off it at the end.
"""

from __future__ import annotations

import multiprocessing
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from app import clock, create_app
from app.faces.jobs import ledger as worker
from app.matter.ledger import Reader
from app.matter.ledger_filter import Wanted
from app.records import ledger_export as exports
from tenants.database import db, uuid7
from tests import harness
from tests.cast import HOME
from tests.conftest import inside
from tests.rooms.ledger_town import fill
from tests.rooms.stage_setting import staff

ROWS, MEGABYTES = 50_000, 200


def work(settings: dict[str, Any], said: Any) -> None:
    """The worker: write what waits, and say how much memory that took at most (KiB) and how long (seconds)."""
    app = create_app(settings)
    before, began = most_memory(), time.monotonic()
    with inside(app, HOME):
        worker.export()
    said.put((before, most_memory(), time.monotonic() - began))


def most_memory() -> int:
    """The most this process ever held (KiB). ``getrusage`` would still count the parent it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))


def test_fifty_thousand_rows(app: Flask, superuser: Any, place: dict[str, Any], figure: Callable[[str], None]) -> None:
    with inside(app, HOME) as site:
        community = site.scope.community
        fill(superuser, community, "NYD", ROWS, days=3600)
        export = exports.ask_export(
            Wanted(tab="all"), Reader(None, True), title="全部", by=staff(), now=clock.now(), id=uuid7()
        )
        db.session.commit()
        export_id = export.id
    settings = harness.settings(place["owner"], place["database"], place["redis"], place["data_dir"])
    processes = multiprocessing.get_context("spawn")
    said = processes.Queue()
    process = processes.Process(target=work, args=(settings, said))
    process.start()
    seen = set()
    with inside(app, HOME):
        while process.is_alive():
            db.session.rollback()
            seen.add(exports.find_export(export_id, Reader(None, True)).done)
            time.sleep(0.5)
        before, most, seconds = said.get(timeout=5)
        db.session.rollback()
        row = exports.find_export(export_id, Reader(None, True))
        assert (row.state, row.done) == ("done", ROWS)
        with worker.store().open(community, export_id) as file, zipfile.ZipFile(file) as book:
            assert book.testzip() is None
            rows = sum(book.read(name).count(b"<row ") for name in book.namelist() if "worksheets/sheet" in name)
            sheets = sum("worksheets/sheet" in name for name in book.namelist())
        # Every matter stands in the sheet of its month and in that of its year, under a heading each.
        assert rows == 2 * ROWS + sheets
    process.join()
    figure(
        f"ledger: {ROWS} rows in {seconds:.0f} s, {row.size / 2**20:.1f} MB on the disk, {sheets} sheets, "
        f"at most {most / 1024:.0f} MB of memory ({before / 1024:.0f} MB before), {len(seen)} stages of progress seen"
    )
    assert len(seen) >= 5
    assert most / 1024 <= MEGABYTES
