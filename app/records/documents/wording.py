"""The words, dates and sums of a paper, and the cleaning of what people typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

# XML 1.0 cannot carry these at all; the bidi overrides could make a printed sentence read as its opposite.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
# China has kept one offset without summer time since 1991, so a paper needs no zone database.
_CHINA = timezone(timedelta(hours=8))
_WEEKDAYS = "一二三四五六日"
_DIGITS = "零一二三四五六七八九"


def clean(text: str) -> str:
    """Return ``text`` without what a paper cannot hold; line ends become ``\\n``, rare characters stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNPRINTABLE.sub("", text)


def paragraphs(text: str) -> list[str]:
    """The non-empty lines of what someone typed, each without outer white space (ideographic space included)."""
    return [line.strip() for line in clean(text).split("\n") if line.strip()]


def one_line(text: str) -> str:
    """The text on one line, for a title, a name or a cell of a list."""
    return " ".join(paragraphs(text))


def full_date(day: date) -> str:
    """``2026年6月5日``: Arabic digits, no leading zeros (GB/T 9704-2012)."""
    return f"{day.year}年{day.month}月{day.day}日"


def full_time(moment: datetime) -> str:
    """``2026年6月5日（星期五）19:00`` in China's time.

    :raises ValueError: for a datetime without a zone, which could mean two different hours.
    """
    if moment.tzinfo is None:
        raise ValueError("a paper's time must carry its zone")
    local = moment.astimezone(_CHINA)
    return f"{full_date(local)}（星期{_WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def clock_time(moment: datetime) -> str:
    """``20:30`` in China's time."""
    return f"{moment.astimezone(_CHINA):%H:%M}"


def yuan(fen: int) -> str:
    """``4,800元`` or ``4,800.50元`` from integer fen."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}元" if rest else f"{sign}{whole:,}元"


def square_metres(area_dm2: int) -> str:
    """``9,600.00平方米`` from integer 0.01 m²."""
    whole, rest = divmod(area_dm2, 100)
    return f"{whole:,}.{rest:02d}平方米"


def chinese_ordinal(n: int) -> str:
    """一, 十, 十二, 二十一 … for headings; 1 to 99."""
    if not 1 <= n <= 99:
        raise ValueError(f"headings run from 1 to 99, got {n}")
    tens, ones = divmod(n, 10)
    return ("" if not tens else ("十" if tens == 1 else _DIGITS[tens] + "十")) + (_DIGITS[ones] if ones else "")


@dataclass(frozen=True)
class RuleWords:
    """How one decision rule of domain.md §3 reads on paper."""

    name: str
    quorum: str
    passes: str
    base: str
    unit: str = "人"


_HALF = "到会人数超过应到人数的一半"
_TWO_THIRDS = "到会人数达到应到人数的三分之二"
_PRESENT = "表决时的到会人数，弃权和废票计入"
_OWNERS = "参与表决的业主，专有部分面积和人数均达到三分之二"

# Only these bodies may ask for more by their own charter; for the others the law fixes the quorum.
CHARTER_RULES = ("council_majority", "council_two_thirds", "multi_option")
QUORUMS = {"half": _HALF, "two_thirds": _TWO_THIRDS}

RULES: dict[str, RuleWords] = {
    "council_majority": RuleWords("议事会过半数通过", _HALF, "同意票超过到会人数的一半", _PRESENT),
    "council_two_thirds": RuleWords("议事会三分之二通过", _HALF, "同意票达到到会人数的三分之二", _PRESENT),
    "residents_meeting": RuleWords("居民会议到会过半数通过", _HALF, "同意票超过到会人数的一半", _PRESENT),
    "reps_meeting": RuleWords("居民代表会议到会过半数通过", _TWO_THIRDS, "同意票超过到会人数的一半", _PRESENT),
    "owners_ordinary": RuleWords(
        "业主共同决定（一般事项）",
        _OWNERS,
        "参与表决的业主中，面积和人数均过半数同意",
        "参与表决的人数和面积，弃权计入",
    ),
    "owners_special": RuleWords(
        "业主共同决定（特别事项）",
        _OWNERS,
        "参与表决的业主中，面积和人数均有四分之三同意",
        "参与表决的人数和面积，弃权计入",
    ),
    "unanimous": RuleWords(
        "有利害关系的业主一致同意", "有利害关系的业主全部答复", "无人不同意", "有利害关系的业主", "户"
    ),
    "multi_option": RuleWords(
        "多项选择，得票最多者当选", "按本议事机构的规则", "得票最多；并列第一的再投一轮", "有效票数"
    ),
    "consensus": RuleWords(
        "协商一致", "有关各方全部征询", "无人反对，提出的条件全部满足；有一方反对即转表决或上报", "征询的各方", "方"
    ),
    "solicitation": RuleWords("征求意见", "无", "只如实报告结果，不形成决定", "征求对象", "户"),
    "household_ballot": RuleWords(
        "一户一票过半数通过", "收回票数超过总户数的一半", "同意票超过收回票数的一半", "收回票数，弃权和废票计入", "户"
    ),
}

CHANNELS = {"online": "网上", "paper": "纸质", "hands": "举手"}

EFFECTS: dict[str, str] = {
    "advisory": "协商意见。供有关各方共同遵照办理，不替代依法应由居民会议、居民代表会议或者业主共同决定的事项",
    "residents_decision": "居民会议、居民代表会议的决定。本社区居民应当遵守，居民委员会执行",
    "owners_decision": "业主共同决定。对全体业主具有法律约束力",
    "agreement": "协议。对签署各方具有约束力",
    "consultation_only": "征求意见的结果。只反映意见，不产生决定的效力",
}
