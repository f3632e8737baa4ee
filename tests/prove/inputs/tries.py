"""How one try comes about: a real form as a browser would send it, then one or several things about it made wrong."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.prove.inputs.atlas import Atlas, Seat
from tests.prove.inputs.forms import Field
from tests.prove.inputs.knock import Knock, Pairs, form_body, multipart, prefix_of, quoted, short
from tests.prove.inputs.nonsense import (
    HEADERS,
    IDS,
    JSONS,
    NUMBERS,
    QUERIES,
    RAW,
    TEXTS,
    anything,
    files,
    for_field,
)  # fmt: skip
from tests.prove.inputs.person import ways_of
from tests.prove.inputs.rehearse import Way

METHODS = ["PUT", "DELETE", "PATCH", "TRACE", "HEAD", "OPTIONS", "PROPFIND", "BREW"]
#: What a person would type where a form only says what kind of thing it asks for.
TYPED = {
    "date": "{day}",
    "time": "14:30",
    "number": "3",
    "tel": "13800138000",
    "datetime-local": "{day}T14:30",
    "month": "2026-11",
}
#: How many of a hundred tries get this wrong besides the fields.
ADDRESS, QUERY, HEADER, METHOD, STRANGER = 7, 15, 15, 3, 5
#: How many of a hundred begin with a form that was taken, where there is one, and how many knock by path.
TAKEN, BY_PATH = 70, 12
#: What stands before an address where no hall is.
PREFIXES = (
    "/c/",
    "/c",
    "/c//",
    "/c/nobody",
    "/c/NANYANDAO",
    "/c/nanyandao/c/nanyandao",
    "/c/nan%79andao",
    "/c/%00",
    "/c/%ff",
    "/c/../c/nanyandao",
    "/c/" + "a" * 3000,
    "/c/xn--",
    "/c/static",
    "/C/nanyandao",
    "/c/nanyandao;x",
    "/c/dianye",
    "",
)


class Maker:
    """Draws tries for one door."""

    def __init__(
        self, name: str, method: str, atlas: Atlas, seats: list[Seat], day: str, ways: list[Way] | None = None
    ) -> None:
        self.name, self.method, self.seats, self.day, self.ways = name, method, seats, day, ways or []
        #: The way that the last try went, if it went one.
        self.way: Way | None = None
        self.ids = tuple(atlas.ids[:60])
        self.asked = tuple(sorted({*atlas.asked.get(name, ()), *QUERIES} - {""}))

    def draw(self, draw: Any) -> Knock:
        """One try; the simplest one is the first seat's form as it stands."""
        is_way = bool(self.ways) and self._one_in(draw, TAKEN)
        self.way = draw(st.sampled_from(self.ways)) if is_way else None
        seat = self.way.seat if self.way else draw(st.sampled_from(self.seats))
        told: list[str] = []
        by_path = self._one_in(draw, BY_PATH)
        prefix = prefix_of(seat.slug, by_path)
        if by_path and self._one_in(draw, 20):
            prefix = draw(st.sampled_from(PREFIXES))
        path = self._path(draw, seat, told)
        query = self._query(draw, told)
        kind, body = ("", b"") if self.method == "GET" else self._body(draw, seat, told)
        headers = (draw(st.sampled_from(HEADERS)),) if self._one_in(draw, HEADER) else ()
        method = draw(st.sampled_from(METHODS)) if self._one_in(draw, METHOD) else self.method
        login = "" if self._one_in(draw, STRANGER) else seat.login
        return Knock(seat.slug, login, method, path, query, kind, body, headers, tuple(told), prefix, by_path)

    @staticmethod
    def _one_in(draw: Any, percent: int) -> bool:
        return bool(draw(st.integers(0, 99)) >= 100 - percent)

    def _path(self, draw: Any, seat: Seat, told: list[str]) -> str:
        if not self._one_in(draw, ADDRESS):
            return quoted(seat.path)
        parts = seat.path.split("/")
        which = draw(st.integers(1, len(parts) - 1))
        value = draw(st.one_of(st.sampled_from([*IDS, *NUMBERS, *TEXTS]).map(_bytes), st.sampled_from(RAW)))
        told.append(f"address part {which} = {short(value)}")
        return "/".join(
            [*(quote(p) for p in parts[:which]), quote(value[:3000], safe=""), *(quote(p) for p in parts[which + 1 :])]
        )

    def _query(self, draw: Any, told: list[str]) -> str:
        if self.method == "POST" and not self._one_in(draw, QUERY):
            return ""
        pairs = []
        for _turn in range(draw(st.integers(0, 3))):
            name = draw(st.sampled_from(self.asked))
            value = draw(for_field("", name, "", self.ids))[:4000]
            pairs.append((name, value))
            told.append(f"?{name} = {short(value)}")
        return urlencode(pairs)

    def _body(self, draw: Any, seat: Seat, told: list[str]) -> tuple[str, bytes]:
        how = draw(st.integers(0, 99))
        if how >= 97:
            content = draw(st.one_of(st.sampled_from(JSONS), st.binary(max_size=200)))
            kind = draw(st.sampled_from(["application/json", "text/xml", "application/octet-stream", ""]))
            told.append(f"{kind} {short(content)}")
            return kind, content
        pairs = self._pairs(draw, seat, told)
        named = [one.name for one in seat.fields if one.kind == "file"]
        if not named and how < 90:
            return form_body(pairs)
        good = self.way.files if self.way and how < 60 else ()
        sent = [(name.encode(), _bytes(filename), kind, content) for name, filename, kind, content in good]
        if not good:
            bad = [name for name in named or ["photos"] if draw(st.booleans())]
            sent = [(name.encode(), *self._file(draw, name, told)) for name in bad]
        kind, body = multipart(pairs, tuple(sent))
        if how >= 93:
            cut = draw(st.integers(0, len(body)))
            told.append(f"multipart cut after {cut} of {len(body)} bytes")
            body = body[:cut]
        return kind, body

    @staticmethod
    def _file(draw: Any, name: str, told: list[str]) -> tuple[bytes, str, bytes]:
        filename, kind, content = draw(st.sampled_from(files()))
        told.append(f"{name} = file {short(filename)} of {len(content)} bytes, {kind}")
        return _bytes(filename), kind, content

    def _pairs(self, draw: Any, seat: Seat, told: list[str]) -> Pairs:
        base = [(one.name, value) for one in seat.fields if one.kind != "file" for value in self._usual(draw, one)]
        if self.way:
            base = [(name, self._fresh(draw) if name == "once" else value) for name, value in self.way.pairs]
            told.append("as it was taken, but")
        pairs = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in base]
        for _turn in range(draw(st.integers(0, 2 if self.way else 3))):
            if not pairs:
                break
            where = draw(st.integers(0, len(pairs) - 1))
            name = pairs[where][0]
            act = draw(st.sampled_from(["set", "set", "set", "other", "drop", "twice"]))
            if act == "drop":
                pairs.pop(where)
                told.append(f"{short(name)} left out")
                continue
            one = next((one for one in seat.fields if one.name.encode() == name), Field(name.decode(), "text"))
            value = draw(for_field(one.kind, one.name, one.value, self.ids))
            if act == "other":
                # Another of the values that a person might choose, so that every branch behind the form is entered.
                value = _bytes("".join(draw(st.sampled_from(ways_of(one, self.day, 1)))[:1]))
            told.append(f"{short(name)} {'too' if act == 'twice' else '='} {short(value)}")
            pairs[where : where + (act != "twice")] = [(name, value)]
        return tuple(pairs)

    @staticmethod
    def _fresh(draw: Any) -> str:
        return str(uuid.UUID(int=draw(st.integers(0, 2**122)), version=4))

    def _usual(self, draw: Any, one: Field) -> list[str]:
        """What a person would send in this field."""
        if one.name == "once":
            # The id of what is made is new each time, or every try after the first would be a double click.
            return [self._fresh(draw)]
        if one.kind in ("radio", "select"):
            return [draw(st.sampled_from(one.options))] if one.options else []
        if one.kind == "submit":
            return [draw(st.sampled_from(one.options))] if one.options and draw(st.booleans()) else []
        if one.kind == "checkbox":
            return [value for value in one.options[:4] if draw(st.booleans())]
        if one.value:
            return [one.value]
        usual = TYPED.get(one.kind, "楼道灯坏了三天了")
        return [draw(st.sampled_from([usual, usual, ""])).replace("{day}", self.day)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


__all__ = ["Maker", "anything"]
