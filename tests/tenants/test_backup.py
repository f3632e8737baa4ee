"""The sealed file: comes back whole, and whatever was done to it is noticed before a byte is handed out."""

from __future__ import annotations

import io
import os

import pytest

from tenants.backup.parts import Reader, Writer
from tenants.backup.sealed import CHUNK, TAG, BadArchive, Opener, Sealer
from tenants.backup.tables import only

ROWS = [b"1\ta\\nb\n2\tc\n", b"1\td\n"]
FILE = os.urandom(3 * CHUNK + 17)


def sealed(key: str = "k") -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out, key, {"made_at": "now"})
    writer = Writer(sealer)
    writer.add("table", "matter", ROWS, columns=["community_id", "words"])
    writer.add("file", "1/x", [FILE])
    writer.end({"slug": ""})
    sealer.close()
    return out.getvalue()


def opened(raw: bytes, key: str = "k") -> dict[str, bytes]:
    opener = Opener(io.BytesIO(raw), key)
    reader = Reader(opener)
    found = {part.name: b"".join(part.content()) for part in reader}
    opener.insist_on_end()
    assert reader.manifest["parts"][0]["rows"] == 3
    return found


def test_what_went_in_comes_out_and_each_archive_has_a_key_of_its_own() -> None:
    assert opened(sealed()) == {"matter": b"".join(ROWS), "1/x": FILE}
    assert sealed() != sealed()


@pytest.mark.parametrize("place", [0, 9, 40, -1, -TAG - CHUNK, 2000])
def test_a_flipped_bit_anywhere_is_noticed(place: int) -> None:
    raw = bytearray(sealed())
    raw[place] ^= 1
    with pytest.raises(BadArchive):
        opened(bytes(raw))


def test_cut_doubled_moved_or_foreign_is_noticed() -> None:
    raw = sealed()
    start = 12 + int.from_bytes(raw[8:12], "big")
    head, step = raw[:start], CHUNK + TAG
    chunks = [raw[place : place + step] for place in range(start, len(raw), step)]
    wrong = {
        "cut": [chunks[:-1], chunks[:1], []],
        "damaged": [[chunks[1], chunks[0], *chunks[2:]], [chunks[0], *chunks], [*chunks[:1], *chunks[2:]]],
    }
    for kind, cases in wrong.items():
        for case in cases:
            with pytest.raises(BadArchive) as caught:
                opened(head + b"".join(case))
            assert caught.value.kind == kind
    with pytest.raises(BadArchive, match="key"):
        opened(raw, "another")
    with pytest.raises(BadArchive, match="foreign"):
        opened(b"%PDF" + raw)


def test_only_one_halls_rows_are_taken_wherever_the_stream_is_cut() -> None:
    whole = b"".join(ROWS) + b"12\te\n"
    for cut in range(len(whole)):
        assert b"".join(only([whole[:cut], whole[cut:]], 0, 1)) == b"1\ta\\nb\n1\td\n"
