"""A frozen count (``flow.resolve.tally``) in words and bars for a page, and as the tallies of a paper.

Counts frozen by older programs lack the later keys; every reader here allows for that.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.faces.look import say
from app.faces.phrasing import clauses, listed, points, quoted, sentences
from app.flow.decide.rules import RULE_LABELS, Rule, square_metres
from app.flow.resolve.body_rules import BODY_NAMES, ITEMS, Body
from app.records.documents.parts import Area, Tally
from app.records.documents.resolution import Ratified
from app.records.documents.wording import chinese_ordinal, full_date
from app.words import N_

CHANNEL_LABELS = {"online": N_("网上 %(n)s 张"), "paper": N_("纸票 %(n)s 张"), "hands": N_("举手 %(n)s 人")}
_PAPER_KEYS = (
    "rule", "eligible", "present", "yes", "no", "abstain", "passed", "spoiled", "conditional", "unreached", "quorum",
    "needed", "effect", "winner", "reps", "issued", "returned",
)  # fmt: skip
_OWNERS = (Rule.OWNERS_ORDINARY, Rule.OWNERS_SPECIAL)


def parts_of(tally: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions of a count, the first one first."""
    return [tally, *tally.get("more", ())]


def blocks(tally: dict[str, Any]) -> list[dict[str, Any]]:
    """Each question for a page: ``{question, rule, words, ways, bars, most}``."""
    several = bool(tally.get("more"))
    return [
        {
            "question": part.get("question", "") if several else "", "rule": _(RULE_LABELS[Rule(part["rule"])]),
            "words": part_words(part), "ways": ways(part), "bars": bars(part), "most": max(part["present"], 1),
        }
        for part in parts_of(tally)
    ]  # fmt: skip


def tally_words(tally: dict[str, Any]) -> str:
    """The whole count in one paragraph; of several questions each stands behind its own."""
    parts = parts_of(tally)
    if len(parts) == 1:
        return part_words(tally)
    return sentences(sentences((quoted(part.get("question", "")), part_words(part))) for part in parts)


def part_words(part: dict[str, Any]) -> str:
    """One question in one sentence: N, P, the votes, and what was needed."""
    rule = Rule(part["rule"])
    if rule is Rule.CONSENSUS:
        return _agreed(part)
    if part.get("options"):
        return _chosen(part)
    if rule in _OWNERS:
        return _owners(part)
    unit = _("户") if rule is Rule.HOUSEHOLD_BALLOT or part.get("body") == "households" else _("人")
    values = {**part, "unit": unit}
    there = _("应到 %(eligible)s %(unit)s，到会 %(present)s %(unit)s：") % values
    counted = sentences((there, _("赞成 %(yes)s 票，反对 %(no)s 票，弃权 %(abstain)s 票。") % part))
    spoiled = _("废票 %(n)s 张。", n=part["spoiled"]) if part["spoiled"] else ""
    needed = _("至少要 %(n)s 票赞成，", n=part["needed"]) if part["needed"] is not None else ""
    return sentences((counted, spoiled, needed, _("通过。") if part["passed"] else _("没有通过。")))


def _agreed(part: dict[str, Any]) -> str:
    if not part["eligible"]:
        return _("有关各方当面谈妥，没有人反对。")
    asked = _("该问的 %(eligible)s 方，问到 %(present)s 方，同意 %(yes)s，有条件同意 %(conditional)s，") % part
    return sentences((asked, _("反对 %(no)s，没联系上 %(unreached)s。") % part))


def _chosen(part: dict[str, Any]) -> str:
    votes = clauses(_("%(option)s %(n)s 票", option=label, n=n) for label, n in part["options"])
    there = _("能投 %(eligible)s 人，投了 %(present)s 人：") % part
    if part.get("tied"):
        return sentences((there, votes)) + _("。%(options)s并列第一，再投一轮。", options=listed(part["tied"]))
    won = _("。选定「%(option)s」。", option=part["winner"]) if part.get("winner") else _("。没有选出来。")
    return sentences((there, votes)) + won


def _owners(part: dict[str, Any]) -> str:
    areas = {key: square_metres(value) for key, value in part.get("areas", {}).items()}
    said = _("业主 %(eligible)s 户，参与 %(present)s 户：赞成 %(yes)s 户，反对 %(no)s 户，弃权 %(abstain)s 户。") % part
    if areas:
        area = _("面积 %(eligible)s 平方米，参与 %(present)s 平方米，赞成 %(yes)s 平方米。") % areas
        said = sentences((said, area))
    needed = _("至少要 %(n)s 户赞成，面积也要过同样的线，", n=part["needed"]) if part["needed"] is not None else ""
    return sentences((said, needed, _("通过。") if part["passed"] else _("没有通过。")))


def ways(part: dict[str, Any]) -> str:
    """By which ways the ballots came, and that they add up."""
    came = clauses(
        say(CHANNEL_LABELS[way], {"n": n}) for way, n in (part.get("channels") or {}).items() if way in CHANNEL_LABELS
    )
    if part.get("issued"):
        out = part["issued"] - part["returned"]
        sums = _("发出 %(issued)s 张，收回 %(returned)s 张", **{k: part[k] for k in ("issued", "returned")})
        came = points(piece for piece in (came, sums + _("，没收回 %(n)s 张", n=out)) if piece)
    return came


def bars(part: dict[str, Any]) -> list[dict[str, Any]]:
    """What the bars of a count show: the options, the voices of a consensus, or yes, no and abstentions."""
    if part.get("options"):
        return [
            {"label": label, "count": n, "tone": "" if i == 0 else "3"} for i, (label, n) in enumerate(part["options"])
        ]
    if part["rule"] == Rule.CONSENSUS:
        said = ((_("同意"), "yes", ""), (_("有条件同意"), "conditional", "3"), (_("反对"), "no", "2"),
                (_("没联系上"), "unreached", "3"))  # fmt: skip
    else:
        said = ((_("赞成"), "yes", ""), (_("反对"), "no", "2"), (_("弃权"), "abstain", "3"))
    return [{"label": label, "count": part[key], "tone": tone} for label, key, tone in said]


def ratified_block(tally: dict[str, Any]) -> dict[str, Any] | None:
    """What the larger body decided, for a page; None where no body was asked."""
    found = tally.get("ratified")
    if not found:
        return None
    study = found.get("study")
    return {
        "body": BODY_NAMES[Body(found["body"])], "on": _day(found.get("on", "")), "blocks": blocks(found),
        "item": _(ITEMS[found["item"]]) if found.get("item") else "",
        "study": study and {"organisation": study["organisation"], "on": _day(study["on"])},
    }  # fmt: skip


def paper_tallies(tally: dict[str, Any]) -> list[Tally]:
    """The count as the tallies of a paper, one per question."""
    return [_paper_tally(part) for part in parts_of(tally)]


def paper_ratified(tally: dict[str, Any]) -> Ratified | None:
    """The larger body's part of a paper."""
    found = tally.get("ratified")
    if not found:
        return None
    study = found.get("study") or {}
    return Ratified(
        BODY_NAMES[Body(found["body"])], _iso(found.get("on", "")), paper_tallies(found), study.get("organisation", ""),
        _iso(study.get("on", "")),
    )  # fmt: skip


def _paper_tally(part: dict[str, Any]) -> Tally:
    known = {key: part[key] for key in _PAPER_KEYS if part.get(key) is not None}
    areas, item = part.get("areas"), part.get("item")
    households = part.get("body") == "households"
    return Tally(
        **known, question=part.get("question", ""), options=[(label, n) for label, n in part.get("options", ())],
        tied=part.get("tied", ()), channels=part.get("channels") or {}, unit="户" if households else "",
        area=Area(areas["eligible"], areas["present"], areas["yes"]) if areas else None,
        item=f"第（{chinese_ordinal(item)}）项：{ITEMS[item]}" if item else "",
    )  # fmt: skip


def _iso(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _day(text: str) -> str:
    return full_date(date.fromisoformat(text)) if text else ""
