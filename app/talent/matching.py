"""Which experts of the pool fit a matter, in which order, and why. Pure.

Source: domain.md section 8 (talent pool: specialities, hours, conflicts, load). A score only orders the list; what
decides is said in words beside each name, and a hall may ask anybody whom no rule keeps away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.words import N_

#: Two letters that stand in every second matter say nothing about who knows it.
COMMON = frozenset({"社区", "居民", "小区", "问题", "处理", "管理", "大家", "商量", "怎么", "办法", "物业"})
#: What each profession is asked for, in the words in which people bring it.
CALLED_FOR: Mapping[str, tuple[str, ...]] = {
    "律师": ("合同", "赔", "产权", "相邻", "纠纷", "官司", "违约", "遗产", "赡养", "离婚"),
    "公安": ("养犬", "遛狗", "狗", "噪声", "扰民", "诈骗", "治安", "户口", "租户"),
    "城管": ("外摆", "占道", "摊", "违建", "绿化", "市容", "垃圾"),
    "工程": (
        "漏水", "渗水", "积水", "下水", "管道", "涵洞", "道路", "电梯", "凉亭", "翻修", "裂缝", "扶手", "改造", "开挖",
    ),
    "住建消防": ("维修资金", "物业", "消防", "楼道", "充电", "堆物", "电动车"),
    "调解": ("纠纷", "吵", "邻里", "不和", "矛盾"),
    "心理": ("心理", "孤单", "情绪", "孩子"),
    "财务": ("账", "经费", "预算", "收费", "审计"),
    "医疗": ("看病", "健康", "老人", "慢病", "残疾"),
}  # fmt: skip
SOON = timedelta(days=30)
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_BREAKS = re.compile(r"[（）()、，,；;／/\s]+")
_JOINED = re.compile(r"[（）()、，,；;／/\s与和及]+")


@dataclass(frozen=True)
class Wanted:
    """The matter as the match sees it: its title, its other words, and the weekday (1–7) of the sitting."""

    community: int
    today: date
    title: str
    words: str = ""
    weekday: int | None = None


@dataclass(frozen=True)
class Candidate:
    """One expert of the pool. ``open_now`` counts invitations in the whole street, ``before`` names the state of the
    newest invitation to this very matter (empty: never asked)."""

    id: UUID
    name: str
    profession: str
    skill: str
    specialties: Sequence[str] = ()
    weekdays: str = "1234567"
    open_now: int = 0
    most_open: int = 3
    barred_in: Sequence[int] = ()
    conflicts: str = ""
    valid_until: date | None = None
    is_suspended: bool = False
    before: str = ""
    hours: str = ""


@dataclass(frozen=True)
class Said:
    """One reason in words; ``values`` fill its placeholders. A value in ``named`` is itself a phrase to translate."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """How one candidate stands. ``barred`` says why the hall cannot ask them, None where it can; ``fits``: what they
    know or do has to do with the matter."""

    candidate: Candidate
    score: int
    reasons: tuple[Said, ...]
    barred: Said | None = None
    fits: bool = False


def rank(wanted: Wanted, candidates: Iterable[Candidate]) -> list[Match]:
    """Everybody, those who may be asked first, the better fit before, then whoever has less on hand, then the name."""
    found = [match(wanted, one) for one in candidates]
    return sorted(found, key=_place)


def best(ranked: Iterable[Match], profession: str = "") -> Match | None:
    """Who is offered first; where nobody's knowledge touches the matter, one of the profession asked before."""
    able = [one for one in ranked if one.barred is None]
    if not able or able[0].fits:
        return able[0] if able else None
    return next((one for one in able if one.candidate.profession == profession), able[0])


def _place(found: Match) -> tuple[bool, bool, int, int, str, UUID]:
    one = found.candidate
    return found.barred is not None, not found.fits, -found.score, one.open_now, one.name, one.id


def match(wanted: Wanted, one: Candidate) -> Match:
    """One candidate: 12 points for a speciality named in the title, 6 elsewhere, 2 and 1 for each shared pair of
    letters, 4 for the profession; a day they cannot come takes 3, each open invitation 1."""
    points, hits = _fit(wanted, one)
    called = _called(wanted, one)
    points += 4 if called else 0
    reasons: list[Said] = []
    if hits:
        reasons.append(Said(N_("对口：%(what)s"), {"what": "、".join(hits[:2])}))
    elif called:
        reasons.append(Said(N_("同行：%(what)s"), {"what": f"{one.profession}（{called}）"}))
    fits = bool(reasons)
    reasons.append(Said(N_("手上 %(n)s 件"), {"n": one.open_now}) if one.open_now else Said(N_("手上没有别的事")))
    points -= one.open_now
    if wanted.weekday is not None:
        comes = str(wanted.weekday) in one.weekdays
        points -= 0 if comes else 3
        day = {"day": WEEKDAYS[wanted.weekday - 1]}
        reasons.append(Said(N_("%(day)s能来") if comes else N_("%(day)s不方便"), named=day))
    if one.valid_until is not None and wanted.today <= one.valid_until <= wanted.today + SOON:
        reasons.append(Said(N_("聘期到 %(day)s"), {"day": one.valid_until}))
    return Match(one, points, tuple(reasons), _barred(wanted, one), fits)


def specialties_in(text: str) -> list[str]:
    """The specialities in a line as people write it: 占道外摆、养犬（噪声）→ three words."""
    return list(dict.fromkeys(part for part in _BREAKS.split(text) if part))


def _parts_of(skill: str) -> list[str]:
    # 物业与相邻权 names two things; a speciality of its own (和谐邻里) is never cut like that.
    return [part for part in _JOINED.split(skill) if part]


def _barred(wanted: Wanted, one: Candidate) -> Said | None:
    if one.is_suspended:
        return Said(N_("街道先不派请"))
    if one.valid_until is not None and one.valid_until < wanted.today:
        return Said(N_("聘期满了"))
    if wanted.community in one.barred_in:
        text = N_("在本社区要回避：%(why)s") if one.conflicts else N_("在本社区要回避")
        return Said(text, {"why": one.conflicts})
    if one.before in ("sent", "accepted", "handed_in"):
        return Said(N_("这件事已经请过"))
    if one.before == "declined":
        return Said(N_("这件事回绝过"))
    if one.open_now >= one.most_open:
        return Said(N_("手上已经有 %(n)s 件，先让人歇歇"), {"n": one.open_now})
    return None


def _fit(wanted: Wanted, one: Candidate) -> tuple[int, list[str]]:
    points, hits = 0, []
    for word in dict.fromkeys((*one.specialties, *_parts_of(one.skill))):
        worth = _worth(word, wanted.title, 12, 2) + _worth(word, wanted.words, 6, 1)
        points += worth
        if worth:
            hits.append(word)
    return points, hits


def _worth(word: str, text: str, whole: int, pair: int) -> int:
    if len(word) > 1 and word in text and word not in COMMON:
        return whole
    pairs = {word[i : i + 2] for i in range(len(word) - 1)} - COMMON
    return pair * sum(two in text for two in pairs)


def _called(wanted: Wanted, one: Candidate) -> str:
    text = f"{wanted.title}\n{wanted.words}"
    return next((word for word in CALLED_FOR.get(one.profession, ()) if word in text), "")
