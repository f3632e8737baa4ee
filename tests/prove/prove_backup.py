"""The drill: a street with histories is backed up, one hall is damaged and comes back, then the street moves house.

Whatever is compared is compared by hashes of the rows as COPY writes them, table by table and hall by hall, and of the
files' bytes. While the one hall comes back, its neighbour goes on handing in matters.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.program import Program
from tests.journeys.wire import Wire
from tests.prove.drill import Drill, Neighbour, Prints, until

HURT, NEIGHBOUR, QUIET = "kangle", "dianye", "nanyandao"
#: Where the street writes down that a hall was put back.
TOLD = {"street_log", "street_seal_queue"}


@pytest.fixture(scope="module")
def drill(demo: Program) -> Iterator[Drill]:
    """The demo street, played and stopped: its rows and files stand still."""
    demo.stop()
    one = Drill(demo)
    with one.engines():
        yield one


@pytest.fixture(scope="module")
def archive(drill: Drill, figure: Callable[[str], None]) -> tuple[Path, Prints]:
    """A backup of the whole street, and the hashes of everything in it."""
    prints = drill.prints()
    path, said, seconds = drill.make()
    assert path.stat().st_mode & 0o777 == 0o600
    last = json.loads((drill.data / "backup" / "last.json").read_text())
    assert last["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert last["bytes"] == path.stat().st_size
    size = path.stat().st_size / 1e6
    figure(f"backup of {len(drill.halls)} halls: {seconds:.1f} s, {size:.1f} MB; {said.splitlines()[1]}")
    return path, prints


def test_nothing_readable_and_no_key_lies_in_the_archive(drill: Drill, archive: tuple[Path, Prints]) -> None:
    raw = archive[0].read_bytes()
    keys = [file.read_text().strip() for file in (drill.data / "keys").iterdir()]
    assert len(keys) >= 5
    assert not any(key.encode() in raw for key in keys)
    assert "康乐".encode() not in raw
    # The list of what is inside, unlike the header, is sealed as well.
    assert b"timeline" not in raw


def test_one_hall_comes_back_and_nobody_else_is_touched(
    drill: Drill, archive: tuple[Path, Prints], figure: Callable[[str], None]
) -> None:
    path, before = archive
    lost, stored = drill.damage(HURT)
    hurt = drill.prints()
    assert lost > 20
    changed = {key for key in before.keys() | hurt.keys() if before.get(key) != hurt.get(key)}
    assert {slug for slug, _name in changed} == {HURT}
    neighbour = Neighbour(drill.program, NEIGHBOUR)
    with drill.web():
        neighbour.start()
        until(lambda: len(neighbour.matters) >= 2, "the neighbour hands in")
        begun = time.monotonic()
        code, said = drill.backup(f"restore --yes --community {HURT}", str(path))
        seconds, during = time.monotonic() - begun, len(neighbour.matters)
        until(lambda: len(neighbour.matters) > during, "the neighbour goes on")
        neighbour.over.set()
        neighbour.join(60)
        assert code == 0, said
        assert Wire(drill.program, HURT).get("/").status == 200
    after = drill.prints()
    assert neighbour.problems == []
    _only_the_log_and_the_neighbour_differ(before, after)
    figure(
        f"one hall of {len(drill.halls)}: {lost} rows and {stored} files lost or spoilt, back in {seconds:.1f} s with "
        f"every hash as before; next door {len(neighbour.matters)} matters handed in meanwhile, refused 0"
    )


def _only_the_log_and_the_neighbour_differ(before: Prints, after: Prints) -> None:
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    street = {name for slug, name in differ if not slug}
    # The street's own book must say that a hall was put back, and the line waits for its seal; nothing else differs.
    assert street == TOLD
    assert {slug for slug, _name in differ if slug} == {NEIGHBOUR}


def test_the_whole_street_moves_into_a_fresh_folder(
    drill: Drill, archive: tuple[Path, Prints], figure: Callable[[str], None]
) -> None:
    path, before = archive
    fresh = Program(drill.data.parent / "fresh", verb="serve")
    there = Drill(fresh)
    shutil.copytree(drill.data / "keys", fresh.folder / "keys")
    begun = time.monotonic()
    code, said = there.backup("restore --yes", str(path))
    seconds = time.monotonic() - begun
    assert code == 0, said
    with there.engines():
        assert there.prints() == before
        code, said = there.backup("restore --yes", str(path))
        assert code != 0, "a street was poured over another"
        assert "已经有数据" in said
    fresh.start()
    try:
        wire = Wire(fresh, QUIET)
        answer = wire.post("/sign-in", {"login": "shuji", "password": drill.program.password(QUIET, "shuji")})
        assert answer.status == 303, answer.words[:400]
        assert wire.get("/desk").status == 200
    finally:
        fresh.stop()
    rows = re.findall(r"(\d+) 张表 (\d+) 行，(\d+) 个文件", said)
    figure(f"whole street into a fresh folder: {seconds:.1f} s, {len(before)} hashes equal, signed in; {rows[0]}")


def test_what_is_not_whole_is_refused_in_words(
    drill: Drill, archive: tuple[Path, Prints], figure: Callable[[str], None]
) -> None:
    raw = archive[0].read_bytes()
    other = {"BACKUP_KEY": "another key"}
    cases: list[tuple[str, bytes, dict[str, str], str]] = [
        ("flipped byte", _flipped(raw, len(raw) // 2), {}, "坏了"),
        ("flipped byte in the header", _flipped(raw, raw.index(b'"made_at": "') + 13), {}, "坏了"),
        ("flipped last byte", _flipped(raw, len(raw) - 1), {}, "坏了"),
        ("cut in the middle", raw[: len(raw) // 2], {}, "坏了|少了一截"),
        ("cut between two chunks", raw[: _first_chunk(raw) + 2 * (256 * 1024 + 16)], {}, "少了一截"),
        ("cut by one byte", raw[:-1], {}, "坏了"),
        ("something hung on", raw + b"x", {}, "坏了|少了一截"),
        ("wrong key", raw, other, "不是用这把钥匙"),
        ("another file", b"PK" + raw, {}, "不是本平台的备份"),
    ]
    before = drill.prints()
    for name, content, env, words in cases:
        spoilt = drill.out / "spoilt.bin"
        spoilt.write_bytes(content)
        code, said = drill.backup(f"restore --yes --community {HURT}", str(spoilt), env=env)
        assert code != 0, name
        assert re.search(words, said), (name, said)
        assert "Traceback" not in said, (name, said)
    assert drill.prints() == before
    figure(f"refused in words, nothing touched: {', '.join(name for name, *_rest in cases)}")


def test_other_keys_are_named_before_anything_is_written(archive: tuple[Path, Prints], drill: Drill) -> None:
    """A street whose telephones could never be read again must not look restored."""
    with tempfile.TemporaryDirectory(prefix="yql-other-") as folder:
        stranger = Drill(Program(Path(folder) / "data", verb="serve"))
        (stranger.data / "keys").mkdir(parents=True)
        shutil.copy(drill.data / "keys" / "backup", stranger.data / "keys" / "backup")
        code, said = stranger.backup("restore --yes", str(archive[0]))
    assert code != 0
    assert "seal" in said


def test_a_hall_alone_and_only_the_newest_are_kept(drill: Drill, figure: Callable[[str], None]) -> None:
    """An archive of one hall holds nobody else's rows, puts the hall back alike, and old ones go."""
    before = drill.prints()
    path, said, seconds = drill.make("--community", HURT, "--keep", "1")
    size = path.stat().st_size
    drill.damage(HURT)
    code, told = drill.backup(f"restore --yes --community {HURT}", str(path))
    assert code == 0, told
    differ = set(drill.prints().items() ^ before.items())
    assert {key[0] for key in differ} == {("", name) for name in TOLD}
    code, told = drill.backup("restore --yes", str(path))
    assert code != 0
    assert "只有一个社区" in told
    again, _said, _seconds = drill.make("--community", HURT, "--keep", "1")
    kept = sorted(one.name for one in drill.out.glob(f"yiqilai-{HURT}-*"))
    assert kept == [again.name]
    assert list(drill.out.glob("yiqilai-street-*")), "the street's archives are counted apart"
    figure(f"one hall alone: {seconds:.1f} s, {size / 1e3:.0f} KB, {said.splitlines()[1]}")


def _flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def _first_chunk(raw: bytes) -> int:
    return 12 + int.from_bytes(raw[8:12], "big")
