"""A disk without room: the whole street lives on a small one, which is filled to the last byte while people work."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.program import Program
from tests.prove.faults import counting
from tests.prove.faults.counting import Books
from tests.prove.faults.crowd import Reader, Voter, Writer
from tests.prove.faults.street import Client, Street, total
from tests.prove.town import HALL, Town, settle

MEGABYTES, RESIDENTS = 320, 80
#: Seconds for which there is no room.
FULL_FOR = 12.0
PATIENCE = 90.0


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of a few hundred megabytes of its own; mounting one takes root."""
    folder = Path(tempfile.mkdtemp(prefix="yql-small-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"a small disk needs root: {done.stderr.strip()}"
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not one byte is free inside; whatever becomes free meanwhile is taken as well."""
    filler = folder / "filler"
    _fill(filler)
    try:
        yield
    finally:
        filler.unlink()


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError as error:
            assert error.errno == errno.ENOSPC


def test_a_full_disk(figure: Callable[[str], None]) -> None:
    """Reading goes on, handing in is refused in words, nothing half-written stays; with room again all goes on."""
    with small_disk() as folder:
        program = Program(folder / "data", verb="serve")
        try:
            program.start()
            town = _town(program)
            _siege(town, folder, figure)
        finally:
            program.stop()


def _town(program: Program) -> Town:
    program.flask("street open", "--name", "时家街道", "--short", "时街")
    program.flask(f"community open {HALL} --code SJ", "--name", "时家社区")
    town = Town(program, HALL, [])
    town.residents = settle(town, HALL, RESIDENTS)
    return town


def _siege(town: Town, folder: Path, figure: Callable[[str], None]) -> None:
    street, people = Street(), town.residents
    poll = town.open_poll("楼道里放不放快递柜", "named", people[:20])
    writers = [Writer(town, street, n, people[20 * n : 20 * n + 20]) for n in (1, 2, 3)]
    voters = [Voter(town, street, n, poll, people[10 * n : 10 * n + 10]) for n in (0, 1)]
    readers = [Reader(town, street, n) for n in (60, 61)]
    crowd: list[Client] = [*writers, *voters, *readers]
    for client in crowd:
        client.start()
    _until(lambda: total([*writers, *voters]) > 30, street, "people work")
    before = street.seen["read 200"]
    with full(folder):
        begun = time.monotonic()
        while time.monotonic() < begun + FULL_FOR or not street.seen["full"]:
            assert time.monotonic() < begun + PATIENCE, f"the disk was full and nobody noticed: {street.seen}"
            _fill(folder / "filler")
            time.sleep(0.5)
        read = street.seen["read 200"] - before
    done = total([*writers, *voters])
    _until(lambda: total([*writers, *voters]) > done + 30, street, "people work again")
    street.over.set()
    for client in crowd:
        client.join(PATIENCE)
        assert not client.is_alive()
    assert street.problems == [], street.problems[:5]
    assert read > 10, "reading stopped while there was no room"
    _everything_is_there(
        town, writers, voters, poll, figure, f"{read} pages read meanwhile, {street.seen['full']} refusals"
    )


def _everything_is_there(
    town: Town, writers: list[Writer], voters: list[Voter], poll: object, figure: Callable[[str], None], said: str
) -> None:
    books = Books(town)
    told = f"{counting.matters(books, writers)}, {counting.votes(books, poll, voters)}"
    rows = books.rows("select id::text from attachment where community_id = :hall")
    books.engine.dispose()
    files = town.program.folder / "files" / str(books.hall)
    missing = [row[0] for row in rows if not (files / row[0]).stat().st_size]
    half = [name for name in os.listdir(files) if name.startswith(".unfinished")]
    assert missing == []
    assert half == []
    figure(
        f"disk of {MEGABYTES} MB without a byte for {FULL_FOR:.0f} s: {said}; then on: {told}, {len(rows)} photos whole"
    )


def _until(holds: Callable[[], bool], street: Street, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert street.problems == [], street.problems[:5]
        assert time.monotonic() < deadline, f"never: {what}; {street.seen}"
        time.sleep(0.1)
