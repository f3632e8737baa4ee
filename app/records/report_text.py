"""The first words of a report, written from counted figures: whole sentences an officer then edits. Pure.

Every number in them is one of the figures handed in, so that it can be looked up again; where nothing was counted the
sentence says so instead of printing a zero over a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.records.documents.wording import full_date
from app.records.report_rules import OUTLINES, period_words

NOTHING = "—"


@dataclass(frozen=True)
class Told:
    """What the text is made of: ``figures`` by key with ``numerator``, ``denominator`` and ``value`` as shown."""

    kind: str
    period: str
    first: date
    last: date
    street: str
    counts: Mapping[str, Any]
    figures: Mapping[str, Mapping[str, Any]]
    halls: Sequence[tuple[str, str]] = ()
    themes: Sequence[str] = ()

    def n(self, name: str) -> int:
        """One raw count."""
        return int(self.counts.get(name) or 0)

    def rate(self, key: str) -> str:
        """The value of a figure as shown, or a dash."""
        return str(self.figures.get(key, {}).get("value") or NOTHING)

    def rated(self, key: str, words: str) -> str:
        """``，受理率91.4%`` where there is something to divide by, else nothing."""
        value = self.rate(key)
        return f"，{words}{value}" if value != NOTHING and "%" in value else ""


def draft_sections(told: Told) -> list[dict[str, str]]:
    """``[{key, title, words}]`` for every part of this kind that has a text."""
    write = {
        "opening": _opening, "base": _base, "build": _build, "walk": _walk, "talk": _talk, "brands": _brands,
        "places": _places, "joint": _joint, "problems": _problems, "next": _next,
    }  # fmt: skip
    return [
        {"key": section.key, "title": section.title, "words": write[section.key](told)}
        for section in OUTLINES[told.kind]
        if section.key in write
    ]


def title_of(told: Told) -> str:
    """The report's title."""
    when = period_words(told.kind, told.period, told.last)
    if told.kind == "progress":
        return f"{told.street}居民议事协商工作推进汇报"
    return f"{told.street}居民议事协商工作{'月报' if told.kind == 'monthly' else '季报'}（{when}）"


def _opening(told: Told) -> str:
    when = period_words(told.kind, told.period, told.last)
    if told.kind == "progress":
        return (
            "为贯彻落实加强城乡社区协商的要求，把居民的事和居民商量着办，"
            f"{told.street}在辖区{told.n('halls')}个社区建起居民议事厅，做到居民说得出、社区议得明、事情办得成。"
            f"现将{when}的推进情况汇报如下。"
        )
    return f"现将{when}（{full_date(told.first)}至{full_date(told.last)}）居民议事协商工作情况报告如下。"


def _base(told: Told) -> str:
    k1 = told.figures.get("K1", {})
    lines = [
        f"全街道{told.n('halls')}个社区，有议事场地和议事章程的{k1.get('numerator', 0)}个"
        f"{told.rated('K1', '议事厅覆盖率')}。"
    ]
    kinds = [("个人提出", "individual"), ("联名提出", "joint"), ("组织提出", "organisation")]
    split = "、".join(f"{label}{told.n(name)}件" for label, name in kinds if told.n(name))
    lines.append(
        f"期内收到居民提出的事{told.n('received')}件" + (f"，其中{split}" if split else "") + "；"
        f"受理{told.n('accepted')}件{told.rated('K2', '受理率')}；办结{told.n('closed')}件"
        f"{told.rated('K3', '办结率')}{told.rated('K8b', '就地化解率')}。"
    )
    if told.themes:
        lines.append(f"居民说得最多的是{'、'.join(told.themes[:3])}。")
    return "\n".join(lines)


def _build(told: Told) -> str:
    k1b = told.figures.get("K1b", {})
    grids = (
        f"{k1b['denominator']}个网格中有{k1b['numerator']}个有自己的议事点{told.rated('K1b', '网格覆盖率')}。"
        if k1b.get("denominator") else ""
    )  # fmt: skip
    quorate = told.figures.get("K12q", {})
    sat = (
        f"期内开议事会{quorate['denominator']}次，到会人数合规的{quorate['numerator']}次。"
        if quorate.get("denominator") else "期内没有召开议事会。"
    )  # fmt: skip
    posted = told.rated("K16", "决议按时公开的占")
    return f"{grids}{sat}收事、立题、开会、表决、公示、落实、评议都有时限和记录{posted}。"


def _walk(told: Told) -> str:
    first = told.rate("K13")
    answered = f"居民提出一件事，到第一次有人答复，一半在{first}以内。" if first != NOTHING else ""
    reach = told.figures.get("K14", {})
    offline = (
        f"期内登记的{reach['denominator']}条里，有{reach['numerator']}条是干部、楼长代录或者从纸条、信箱里来的，"
        "不会用手机的居民一样说得上话。"
        if reach.get("denominator") else ""
    )  # fmt: skip
    part = told.figures.get("K7h", {})
    homes = f"参与的家庭有{part['numerator']}户{told.rated('K7h', '占全部住户的')}。" if part.get("numerator") else ""
    return f"{answered}{offline}{homes}" or "期内没有登记到居民的意见。"


def _talk(told: Told) -> str:
    voted = told.figures.get("K12", {})
    lines = []
    if voted.get("denominator"):
        lines.append(f"付诸表决的议题{voted['denominator']}件，通过{voted['numerator']}件。")
    kept = told.figures.get("K4", {})
    if kept.get("denominator"):
        lines.append(f"到期的承诺{kept['denominator']}项，按期办完{kept['numerator']}项{told.rated('K4', '按期率')}。")
    happy = told.figures.get("K5", {})
    if happy.get("denominator"):
        value = told.rate("K5")
        shown = f"，满意率{value}" if "%" in value else "，样本不足，不算满意率"
        lines.append(f"办完以后，收到居民评价{happy['denominator']}份{shown}。")
    return "".join(lines) or "期内没有付诸表决的议题。"


def _brands(told: Told) -> str:
    named = "、".join(f"{name}“{hall}”" for name, hall in told.halls[:8] if hall)
    more = "等" if len(told.halls) > 8 else ""
    return f"各社区给自己的议事厅起了居民叫得出口的名字：{named}{more}。" if named else "各社区的议事厅都有自己的名字。"


def _places(told: Told) -> str:
    if not told.n("venues"):
        return "议事点正在各楼栋、院落选址。"
    return f"全街道开着议事点和民意收集点{told.n('venues')}处，凳子搬到楼门口、树荫下，小事不出楼栋。"


def _joint(told: Told) -> str:
    lines = []
    if told.n("sittings_joint"):
        lines.append(f"请物业、楼院长、当事人、邻居坐到一起，开多方联合议事会{told.n('sittings_joint')}次。")
    asked = told.figures.get("K15", {})
    if asked.get("denominator"):
        lines.append(f"向人才库专家发出邀请{asked['denominator']}份，应邀{asked['numerator']}份。")
    settled = told.figures.get("K10", {})
    if settled.get("denominator"):
        lines.append(f"调解纠纷{settled['denominator']}件，达成协议{settled['numerator']}件。")
    return "".join(lines) or "涉及几方的事，由社区请有关各方坐到一起商量。"


def _problems(told: Told) -> str:
    lines = []
    if told.n("red"):
        lines.append(f"有{told.n('red')}件事超过了时限，合计超期{told.n('overdue_days')}个工作日。")
    kept = told.figures.get("K4", {})
    if kept.get("denominator") and kept["numerator"] < kept["denominator"]:
        lines.append(f"有{kept['denominator'] - kept['numerator']}项承诺没有按期办完。")
    if told.n("bad"):
        lines.append(f"居民给了{told.n('bad')}份差评，已跟进{told.n('bad_followed')}份。")
    if told.n("sent_back"):
        lines.append(f"有{told.n('sent_back')}件事核验或评议时退回返工。")
    return "\n".join(lines) or "期内没有超期的事，没有逾期的承诺，也没有差评。"


def _next(told: Told) -> str:
    lines = []
    if told.n("red"):
        lines.append("对超期的事逐件督办，查明卡在哪里，定人定日子。")
    if told.n("bad") > told.n("bad_followed"):
        lines.append("对还没跟进的差评逐份回访，该返工的返工。")
    lines.append("继续把议事点开到居民身边，让不会用手机的居民也能说得上话、看得见结果。")
    return "\n".join(lines)
