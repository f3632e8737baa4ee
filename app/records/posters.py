"""What stands on a poster, in the order a passer-by reads it. Plain data; the page and the SVG file draw the same.

Source: domain.md section 6, row "QR posters": a code per place, a big short address, the telephone, where the
letterbox is; the phone stays optional.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.matter.deadlines import Deadline
from app.people.places import Venue
from app.words import N_

#: Paper sizes a poster is made for: CSS name, millimetres across and down.
SIZES: dict[str, tuple[int, int]] = {"a4": (210, 297), "a3": (297, 420)}


@dataclass(frozen=True)
class Line:
    """A way to speak or a step that follows: two message ids and the values that are filled in after translating."""

    head: str
    text: str
    values: dict[str, object]


@dataclass(frozen=True)
class Poster:
    """One sheet. ``address`` is the whole URL in the code, ``typed`` the same as people type it."""

    name: str
    code: str
    address: str
    ways: tuple[Line, ...]
    steps: tuple[Line, ...]
    scan: str = N_("扫一扫，在这儿就能说")
    theme: str = ""
    words: str = ""
    until: str = ""

    @property
    def typed(self) -> str:
        """The address without ``https://``, which no browser asks for."""
        return self.address.partition("://")[2]


def ways_at(venue: Venue, letterboxes: Iterable[Venue], phone: str) -> tuple[Line, ...]:
    """The four ways to speak at a place; three of them need no phone of one's own."""
    found = [Line(N_("手机扫一扫"), N_("说事、查进度、投票，都在这里"), {})]
    if phone:
        found.append(Line(N_("打个电话"), N_("%(phone)s，替您记下来"), {"phone": phone}))
    if venue.kind != "letterbox":
        found.append(_in_person(venue))
    found.append(_on_paper(venue, list(letterboxes)))
    return tuple(found)


def ways_to_answer(venues: Iterable[Venue], phone: str) -> tuple[Line, ...]:
    """The ways to answer a call for ideas, from the hall's first open places."""
    listed = list(venues)
    found = [Line(N_("手机扫一扫"), N_("写几句就行，不用注册"), {})]
    if phone:
        found.append(Line(N_("打个电话"), N_("%(phone)s，替您记下来"), {"phone": phone}))
    first = next((venue for venue in listed if venue.kind != "letterbox"), None)
    if first is not None:
        found.append(_in_person(first))
    box = next((venue for venue in listed if venue.kind == "letterbox"), None)
    if box is not None:
        found.append(_into(box))
    return tuple(found)


def steps_after(answer_in: Deadline) -> tuple[Line, ...]:
    """What follows once something was said; ``answer_in`` is the hall's own deadline for its first answer."""
    within = {
        "hours": N_("%(n)s 小时内告诉您归不归这儿办"), "days": N_("%(n)s 天内告诉您归不归这儿办"),
        "working_days": N_("%(n)s 个工作日内告诉您归不归这儿办"),
    }[str(answer_in.unit)]  # fmt: skip
    return (
        Line(N_("当场给编号"), N_("每件事都有编号和查询码"), {}),
        Line(N_("有人回话"), within, {"n": answer_in.amount}),
        Line(N_("看着办完"), N_("走到哪一步随时查，好不好您来评"), {}),
    )


def _in_person(venue: Venue) -> Line:
    if venue.hours:
        return Line(N_("当面说"), N_("%(hours)s，%(place)s有人听"), {"hours": venue.hours, "place": venue.place})
    return Line(N_("当面说"), N_("%(place)s，坐下来说"), {"place": venue.place})


def _on_paper(venue: Venue, letterboxes: list[Venue]) -> Line:
    if venue.kind == "letterbox":
        if venue.hours:
            return Line(N_("写张纸条"), N_("投进%(name)s，%(hours)s"), {"name": venue.name, "hours": venue.hours})
        return Line(N_("写张纸条"), N_("投进%(name)s，%(place)s"), {"name": venue.name, "place": venue.place})
    if letterboxes:
        return _into(letterboxes[0])
    return Line(N_("写张纸条"), N_("交给坐班的人，一样编号"), {})


def _into(box: Venue) -> Line:
    return Line(N_("写张纸条"), N_("投进%(name)s：%(place)s"), {"name": box.name, "place": box.place})
