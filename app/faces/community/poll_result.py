"""The result of a poll in words and bars: what came out, why, from where the votes came, and how to count again."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.faces.community import poll_words as words
from app.faces.look import say
from app.faces.pages import page
from app.faces.phrasing import listed
from app.flow.decide import poll_queries as queries
from app.flow.decide.casting import MODE_LABELS, Mode
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.queries import result_of
from app.flow.decide.rules import Rule, at_least, strictly_over_half
from app.matter.models import Matter
from tenants.hosts import site_url

#: Rules that ask for more than half of those who took part; the others' lines are drawn elsewhere or nowhere.
OVER_HALF = frozenset(
    {Rule.COUNCIL_MAJORITY, Rule.RESIDENTS_MEETING, Rule.REPS_MEETING, Rule.HOUSEHOLD_BALLOT, Rule.OWNERS_ORDINARY}
)


def result_page(poll: Poll, matter: Matter, questions: list[Ballot], *, is_open_matter: bool) -> str:
    """The page; it names who counted and nobody who voted."""
    many = len(questions) > 1
    boxes = [
        (
            site_url("community.box", ballot_id=ballot.id),
            _("第 %(n)s 问的票（JSON）", n=ballot.position) if many else _("下载票箱（JSON）"),
        )
        for ballot in questions
    ] if is_open_matter else []  # fmt: skip
    return page(
        "hall/poll_result.html", poll=poll, matter=matter, many=many, boxes=boxes, is_open_matter=is_open_matter,
        questions=[_question(poll, ballot) for ballot in questions], unit=words.unit_of(poll), facts=_facts(poll),
        run_off_url=_run_off_url(poll, questions),
    )  # fmt: skip


def _question(poll: Poll, ballot: Ballot) -> dict[str, Any]:
    result = result_of(ballot)
    seal, headline = words.headline(ballot)
    bars = words.bars(ballot)
    base = sum(bar["count"] for bar in bars) if ballot.options else max(ballot.present, 1)
    needed = _needed(ballot)
    return {
        "ballot": ballot, "seal": seal, "headline": headline, "subline": _subline(poll, ballot, bars), "bars": bars,
        "base": base, "pass_at": (needed, base) if needed else None,
        "pass_words": _("虚线是通过线：%(n)s %(unit)s。", n=needed, unit=words.unit_of(poll)) if needed else "",
        "run_off": _tie(ballot, result.lot), "why": _why(ballot), "conditions": result.conditions,
        "sums": _sums(poll, ballot), "effect": words.effect_of(ballot),
        "command": f"./run flask ballot recount --rule {ballot.rule} < ballots-{ballot.id}.json", **_channels(ballot),
    }  # fmt: skip


def _needed(ballot: Ballot) -> int:
    rule = Rule(ballot.rule)
    if ballot.outcome == "no_quorum" or rule not in OVER_HALF | {Rule.COUNCIL_TWO_THIRDS, Rule.OWNERS_SPECIAL}:
        return 0
    if rule is Rule.COUNCIL_TWO_THIRDS:
        return at_least(2, 3, ballot.present)
    return at_least(3, 4, ballot.present) if rule is Rule.OWNERS_SPECIAL else strictly_over_half(ballot.present)


def _subline(poll: Poll, ballot: Ballot, bars: list[dict[str, Any]]) -> str:
    """173 户投票，118 户选它。"""
    unit = words.unit_of(poll)
    took_part = sum(bar["count"] for bar in bars)
    if ballot.winner:
        votes = next((bar["count"] for bar in bars if bar["key"] == ballot.winner), 0)
        return _("%(n)s %(unit)s投票，%(votes)s %(unit)s选它。", n=took_part, votes=votes, unit=unit)
    if ballot.options or ballot.rule == Rule.SOLICITATION:
        return _("%(n)s %(unit)s投票。", n=took_part, unit=unit)
    return _("%(n)s %(unit)s参加，%(votes)s %(unit)s同意。", n=ballot.present, votes=ballot.yes, unit=unit)


def _tie(ballot: Ballot, lot: bool) -> str:
    """名称 43:43 打平，复投."""
    if not ballot.run_off or ballot.outcome not in ("tie", "run_off"):
        return ""
    counts = {bar["key"]: bar["count"] for bar in words.bars(ballot)}
    names = listed(words.label_of(ballot, key) for key in ballot.run_off)
    score = ":".join(str(counts.get(key, 0)) for key in ballot.run_off)
    if ballot.outcome == "run_off":
        return _("%(names)s %(score)s 打平，只在打平的里面复投一次。", names=names, score=score)
    if ballot.winner:
        won = words.label_of(ballot, ballot.winner)
        return _(
            "%(names)s %(score)s 又打平了，照事先说好的当众抽签，抽中「%(won)s」。", names=names, score=score, won=won
        )
    if lot:
        return _("%(names)s %(score)s 又打平了，照事先说好的，当众抽签。", names=names, score=score)
    return _("%(names)s %(score)s 又打平了，不能算定下来。", names=names, score=score)


def _why(ballot: Ballot) -> str:
    if ballot.rule == Rule.SOLICITATION:
        return _("问到了多少")
    if ballot.options:
        return _("为什么选它") if ballot.winner else _("为什么没定下来")
    return _("为什么算通过") if ballot.passed else _("为什么没通过")


def _sums(poll: Poll, ballot: Ballot) -> str:
    """The sums that must come out; whoever adds up may check them."""
    valid = ballot.returned - ballot.spoiled
    return _(
        "发出 %(issued)s 张，收回 %(returned)s 张，没收回 %(out)s 张；"
        "收回的里面有效 %(valid)s 张，废票 %(spoiled)s 张，对得上。",
        issued=ballot.issued, returned=ballot.returned, out=ballot.issued - ballot.returned, valid=valid,
        spoiled=ballot.spoiled,
    )  # fmt: skip


def _channels(ballot: Ballot) -> dict[str, Any]:
    """The tally by channel; a group in which somebody could be recognised is named and not broken down."""
    rows = queries.tally_by_channel(ballot)
    if len(rows) < 2:
        return {"channels": [], "channel_heads": []}
    keys = [bar["key"] for bar in words.bars(ballot)]
    return {
        "channel_heads": [*(words.label_of(ballot, key) for key in keys), _("合计")],
        "channels": [
            {
                "label": say(words.CHANNELS[channel]), "total": total,
                "cells": [*(counts.get(key, 0) for key in keys), total] if counts is not None else None,
            }
            for channel, counts, total in rows
        ],
    }  # fmt: skip


def _facts(poll: Poll) -> list[tuple[str, str]]:
    counted = ""
    if poll.teller_label and poll.scrutineer_label:
        counted = _("计票 %(a)s，监票 %(b)s，都不是提出人", a=poll.teller_label, b=poll.scrutineer_label)
    return [
        (_("谁来投"), words.who_may(poll)),
        (_("名单上"), _("%(n)s %(unit)s", n=poll.eligible, unit=words.unit_of(poll))),
        (_("怎么投的"), say(MODE_LABELS[Mode(poll.mode)])),
        (_("谁数的票"), counted),
    ]


def _run_off_url(poll: Poll, questions: list[Ballot]) -> str:
    if not any(ballot.outcome == "run_off" for ballot in questions):
        return ""
    later = next((one for one in queries.polls_of_matter(poll.matter_id) if one.run_off_of == poll.id), None)
    return site_url("community.poll", poll_id=later.id) if later else ""
