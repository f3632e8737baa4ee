"""Pure rules of the Proposal Handbook: what a version may hold, how two differ, how its words become paragraphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import Verdict, no, yes
from app.words import N_

TITLE, SECTION_TITLE, SECTION_WORDS, SECTIONS = 40, 30, 3000, 20
BULLET = "- "


@dataclass(frozen=True)
class Change:
    """One section that differs: ``before`` or ``after`` is empty where it is new or gone."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Block:
    """A paragraph of one or more lines, or a list (``is_list``) of one or more items."""

    is_list: bool
    lines: tuple[str, ...]


def tidy(sections: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The sections that say anything, without blanks at their ends."""
    kept = [{"title": one["title"].strip(), "words": _tidy_words(one["words"])} for one in sections]
    return [one for one in kept if one["title"] or one["words"]]


def _tidy_words(words: str) -> str:
    return "\n".join(line.rstrip() for line in words.strip().splitlines())


def may_keep(title: str, sections: Sequence[Mapping[str, str]]) -> Verdict:
    """Whether this can be kept as a draft and, later, be published."""
    if not title.strip():
        return no(N_("手册要有个名字。"))
    if len(title) > TITLE:
        return no(N_("手册的名字最多 %(limit)s 个字。"), limit=TITLE)
    if not sections:
        return no(N_("至少写一节。"))
    if len(sections) > SECTIONS:
        return no(N_("最多 %(limit)s 节，太长了没人看得完。"), limit=SECTIONS)
    for number, one in enumerate(sections, 1):
        if not one["title"] or not one["words"]:
            return no(N_("第 %(n)s 节要有题目，也要有内容。"), n=number)
        if len(one["title"]) > SECTION_TITLE or len(one["words"]) > SECTION_WORDS:
            return no(
                N_("第 %(n)s 节太长：题目最多 %(title)s 字，内容最多 %(words)s 字。"), n=number, title=SECTION_TITLE,
                words=SECTION_WORDS,
            )  # fmt: skip
    titles = [one["title"] for one in sections]
    if doubled := next((title for title in titles if titles.count(title) > 1), ""):
        return no(N_("有两节都叫「%(title)s」，换一个名字。"), title=doubled)
    return yes()


def difference(before: Sequence[Mapping[str, str]], after: Sequence[Mapping[str, str]]) -> list[Change]:
    """The sections that are new, changed or gone; those that stand come in the order of ``after``."""
    old = {one["title"]: one["words"] for one in before}
    new = {one["title"]: one["words"] for one in after}
    changed = [Change(title, old.get(title, ""), words) for title, words in new.items() if old.get(title) != words]
    return changed + [Change(title, words, "") for title, words in old.items() if title not in new]


def blocks(words: str) -> list[Block]:
    """Words as they are shown: lines that begin with ``- `` are a list, an empty line ends a paragraph."""
    found: list[Block] = []
    for line in [*words.splitlines(), ""]:
        is_item = line.startswith(BULLET)
        text = line.removeprefix(BULLET).strip()
        if not text:
            found.append(Block(False, ()))
        elif found and found[-1].lines and found[-1].is_list == is_item:
            found[-1] = Block(is_item, (*found[-1].lines, text))
        else:
            found.append(Block(is_item, (text,)))
    return [one for one in found if one.lines]
