"""What a new version of a list must hold, and what a hall may leave out of it. Pure.

Codes are given once and never again: a refusal of three years ago still names the item it was refused by. Source:
domain.md section 8 (six classes, thirteen items) and section 5 (bounds are the street's, a hall only narrows).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from app.errors import Verdict, no, yes
from app.flow.triage.lists import Way
from app.words import N_

ENCOURAGED, NEGATIVE = "encouraged", "negative"
KIND_LABELS: dict[str, str] = {ENCOURAGED: N_("鼓励清单"), NEGATIVE: N_("负面清单")}
LETTER = {ENCOURAGED: "E", NEGATIVE: "N"}
#: How many codes a list can ever give out: E1–E9, N01–N99.
LAST = {ENCOURAGED: 9, NEGATIVE: 99}
LABEL, TEXT, NOTE, SIGN, SIGNS = 30, 200, 200, 12, 40
FIELDS = {ENCOURAGED: ("label", "examples"), NEGATIVE: ("label", "door")}
TOO_LONG = N_("%(code)s 写得太长，名称最多 %(label)s 字，说明最多 %(text)s 字。")

Item = Mapping[str, Any]


def code_of(kind: str, number: int) -> str:
    """``E7`` or ``N14``."""
    return f"E{number}" if kind == ENCOURAGED else f"N{number:02d}"


def next_code(kind: str, ever: Iterable[str]) -> str | None:
    """The first code no version has ever used, or None when all are given out."""
    used = {int(code[1:]) for code in ever}
    number = max(used, default=0) + 1
    return code_of(kind, number) if number <= LAST[kind] else None


def signs_of(text: str) -> list[str]:
    """Words as people separate them, by a comma, a 、 or a space, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,，、;；]+", text) if part))


def may_write(kind: str, items: Sequence[Item], known: Collection[str], ever: Collection[str]) -> Verdict:
    """Say whether ``items`` can be the next version; ``known`` are today's codes, ``ever`` all that were given out."""
    if not items:
        return no(N_("清单不能是空的。"))
    codes = [str(item["code"]) for item in items]
    for code in codes:
        if code not in known and (code in ever or code != next_code(kind, ever)):
            return no(N_("编号 %(code)s 用过或者不连着，编号定了就不再换。"), code=code)
    if len(set(codes)) != len(codes):
        return no(N_("同一个编号出现了两次。"))
    if kind == NEGATIVE and not any(item.get("urgent") for item in items):
        return no(N_("眼下有危险、要马上打电话的那一条，不能没有。"))
    return next((verdict for item in items if not (verdict := _whole(kind, item))), yes())


def _whole(kind: str, item: Item) -> Verdict:
    code = str(item["code"])
    for name in FIELDS[kind]:
        if not str(item.get(name, "")).strip():
            return no(N_("%(code)s 还有空着的，名称和说明都要写。"), code=code)
    limits = {"label": LABEL, "examples": TEXT, "door": TEXT}
    for name in FIELDS[kind]:
        if len(str(item[name])) > limits[name]:
            return no(TOO_LONG, code=code, label=LABEL, text=TEXT)
    if kind == NEGATIVE and item.get("way") not in set(Way):
        return no(N_("%(code)s 通常怎么办，要从列出来的里选。"), code=code)
    signs = item.get("signs", ())
    if len(signs) > SIGNS or any(not 2 <= len(sign) <= SIGN for sign in signs):
        return no(N_("%(code)s 的提示词，每个 2 到 %(most)s 个字，最多 %(n)s 个。"), code=code, most=SIGN, n=SIGNS)
    return yes()


def may_narrow(
    kind: str, dropped: Collection[str], notes: Mapping[str, str], encouraged: Collection[str],
    negative: Collection[str],
) -> Verdict:  # fmt: skip
    """A hall leaves out classes of the encouraged list, never all; it adds to the negative list, never takes away."""
    if kind == NEGATIVE:
        if dropped:
            return no(N_("负面清单是街道定的，社区不能去掉，只能补充本地的电话和去处。"))
        if unknown := sorted(set(notes) - set(negative)):
            return no(N_("负面清单里没有 %(code)s。"), code=unknown[0])
        if any(len(words) > NOTE for words in notes.values()):
            return no(N_("本地的电话和去处，每条最多 %(n)s 字。"), n=NOTE)
        return yes()
    if notes:
        return no(N_("鼓励清单不用补充电话。"))
    if unknown := sorted(set(dropped) - set(encouraged)):
        return no(N_("鼓励清单里没有 %(code)s。"), code=unknown[0])
    if set(dropped) >= set(encouraged):
        return no(N_("至少要留一类，居民才知道能说什么。"))
    return yes()


def difference(old: Iterable[Item], new: Iterable[Item]) -> list[tuple[str, str, str, str]]:
    """What a version changed: rows of code, what (a field, ``+`` or ``-``), before, after; in the order of codes."""
    was, now = ({str(item["code"]): item for item in items} for items in (old, new))
    rows: list[tuple[str, str, str, str]] = []
    for code in sorted(was.keys() | now.keys(), key=lambda code: (code[0], int(code[1:]))):
        if code not in now:
            rows.append((code, "-", str(was[code]["label"]), ""))
        elif code not in was:
            rows.append((code, "+", "", str(now[code]["label"])))
        else:
            rows += _fields(code, was[code], now[code])
    return rows


def _fields(code: str, was: Item, now: Item) -> list[tuple[str, str, str, str]]:
    names = ("label", "examples", "way", "door", "urgent", "signs")
    return [
        (code, name, _plain(was.get(name)), _plain(now.get(name)))
        for name in names
        if _plain(was.get(name)) != _plain(now.get(name))
    ]


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return "、".join(str(part) for part in value)
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value or "")
