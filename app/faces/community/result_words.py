"""A result in words: its figures, its story in five lines, and one sentence to pass on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.faces.community.tally_words import tally_words
from app.faces.look import day, money
from app.faces.phrasing import clauses, listed, sentence, sentences
from app.flow.collect.rules import CHANNELS
from app.flow.evaluate.rules import EFFECTS
from app.matter.situation import Kind
from app.records.result_facts import Result
from app.records.result_queries import Story
from app.records.results import WAYS, Heads, Made, Spent

#: A line of the story tells enough of a matter in so many letters; the rest stands on the matter's own page.
LONGEST = 160


def figures(result: Result, *, most_things: int = 2, with_days: bool = True) -> list[dict[str, str]]:
    """The numbers of a result, the proudest first: ``value``, ``unit`` and what it says; ``lead`` stands before it."""
    found = []
    if result.heads.total:
        lead = {"lead": _("至少")} if result.heads.at_least else {}
        found.append({"value": f"{result.heads.total:,}", "unit": _("位"), "label": _("居民参与"), **lead})
    found += [{"value": f"{one.n:,}", "unit": one.unit, "label": one.what} for one in result.things[:most_things]]
    if with_days:
        found.append({"value": f"{result.days:,}", "unit": _("天"), "label": _("从提出到办结")})
    if result.figure.shown:
        percent = result.figure.percent.removesuffix("%")
        label = _("满意（%(n)s 位评过）", n=result.figure.count)
        found.append({"value": percent, "unit": "%", "label": label})
    return found


def in_short(result: Result) -> str:
    """「至少 73 位居民参与，300 把爱心椅，34 天办结」."""
    counted, n = result.heads, f"{result.heads.total:,}"
    said = _("至少 %(n)s 位居民参与", n=n) if counted.at_least else _("%(n)s 位居民参与", n=n)
    parts = [said] if counted.total else []
    parts += [thing_words(one) for one in result.things[:2]]
    parts.append(_("%(n)s 天办结", n=result.days))
    return clauses(parts)


def thing_words(one: Made) -> str:
    """300 把爱心椅; of a task, whose name begins with a verb: 修坡道 8 处."""
    if one.is_task:
        return _("%(what)s %(n)s %(unit)s", what=one.what, n=f"{one.n:,}", unit=one.unit)
    return _("%(n)s %(unit)s%(what)s", n=f"{one.n:,}", unit=one.unit, what=one.what)


def money_words(money_out: Spent) -> str:
    """What it cost, to the fen; an upper bound says that it is one; empty where nothing is on record."""
    if money_out.fen is None:
        return ""
    if not money_out.fen:
        return _("没花钱")
    return _("不到 %(money)s", money=money(money_out.fen)) if money_out.approx else money(money_out.fen)


def satisfaction_words(result: Result) -> str:
    """The share, or that there are too few answers to say one."""
    if result.figure.shown:
        return _("%(n)s 位评过，%(percent)s 满意", n=result.figure.count, percent=result.figure.percent)
    return _("样本不足：评的人还不到 5 位，先不算比例")


def ways(heads: Heads) -> list[tuple[str, int]]:
    """How many of each way, for the fold that tells how the number was counted."""
    return [(_(label), heads.by_way[way]) for way, label in WAYS.items() if way in heads.by_way]


def lines(story: Story) -> list[dict[str, Any]]:
    """Said, talked over, decided, done, rated: head, icon, and a sentence or two each."""
    told: Mapping[str, tuple[str, str, str]] = {
        "said": (_("说了"), "chat-dots-fill", _said(story)),
        "talked": (_("议了"), "people-fill", _talked(story)),
        "decided": (_("定了"), "check2-square", _decided(story)),
        "done": (_("办了"), "hammer", _done(story)),
        "rated": (_("评了"), "emoji-smile", _rated(story)),
    }
    return [{"key": key, "head": head, "icon": icon, "words": words} for key, (head, icon, words) in told.items()]


def _said(story: Story) -> str:
    matter, on = story.matter, day(story.matter.collected_at, week=False)
    if matter.channel == "secretary":
        who = _("%(day)s，社区走访时看到，定为书记项目。", day=on)
    elif matter.kind == Kind.JOINT and matter.signers > 1:
        who = _("%(day)s，%(n)s 位邻居联名提出。", day=on, n=matter.signers)
    elif matter.kind == Kind.ORGANISATION:
        who = _("%(day)s，一家单位提出。", day=on)
    else:
        how = _(CHANNELS[matter.channel]) if matter.channel in CHANNELS else ""
        who = _("%(day)s，一位居民提出（%(how)s）。", day=on, how=how) if how else _("%(day)s，一位居民提出。", day=on)
    return sentences((who, _short(matter.brief or matter.question)))


def _talked(story: Story) -> str:
    told = []
    if story.sittings:
        came = story.result.heads.by_way.get("attended", 0)
        first, last = (day(one, week=False) for one in (story.first_sitting, story.last_sitting))
        when = first if first == last else _("%(first)s到%(last)s", first=first, last=last)
        told.append(_("%(when)s，坐下来议了 %(n)s 回。", when=when, n=story.sittings))
        told += [_("到会的居民有 %(n)s 位。", n=came)] if came else []
    if story.asked:
        told.append(_("挨家问了 %(asked)s 户，问到 %(reached)s 户。", asked=story.asked, reached=story.reached))
    if told:
        return sentences(told)
    if story.resolution is not None:
        return _("有关的人商量过，结果写进了决议。")
    return _("书记项目，不用开会，直接去办。") if story.matter.is_secretary_project else _("小事，没有开会，直接去办。")


def _decided(story: Story) -> str:
    resolution = story.resolution
    if resolution is None:
        return _("分到人头，定好日子。") if story.works else _("当场定下来就办。")
    return sentences((_("写成决议（%(number)s）。", number=resolution.number), tally_words(resolution.tally)))


def _done(story: Story) -> str:
    whats = listed(_("%(what)s（%(who)s）", what=work.what, who=work.who) for work in story.works[:4])
    words = _("%(n)s 项都办完了：%(whats)s", n=len(story.works), whats=whats) if story.works else _("办完了")
    told = [words + _(" 等。") if len(story.works) > 4 else sentence(words)]
    if story.result.spent.fen:
        told.append(_("一共花了 %(money)s。", money=money_words(story.result.spent)))
    if story.matter.reworks:
        told.append(_("中间返工 %(n)s 回。", n=story.matter.reworks))
    if story.seen_at:
        told.append(_("%(day)s，网格员和一位居民一起看过，办好了。", day=day(story.seen_at, week=False)))
    return sentences(told)


def _rated(story: Story) -> str:
    told = [sentence(satisfaction_words(story.result))]
    if story.judged:
        effect = sentence(_(EFFECTS[story.effect])) if story.effect in EFFECTS else ""
        told.append(_("议事厅评估：%(words)s", words=sentences((effect, _short(story.judged)))))
    return sentences(told)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else plain[:LONGEST] + "……"
