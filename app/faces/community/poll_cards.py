"""A vote as a card or a line: on the front page, in the list of votes, on a matter's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.faces.community import poll_words as words
from app.faces.look import day, say
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.showing import Running
from app.flow.decide.voting import COUNCIL_RULES
from app.matter.models import Matter
from tenants.hosts import site_url


def card_of(running: Running, now: datetime) -> dict[str, Any]:
    """A running poll: how long it still runs and how many have voted, never for what."""
    poll, matter = running.poll, running.matter
    return {
        "url": site_url("community.poll", poll_id=poll.id), "number": matter.number, "title": poll.title,
        "about": matter.title, "chip": words.state_of(poll, now), "takes": words.takes_votes(poll, now),
        "turnout": (running.cast, running.on_roll, words.unit_of(poll)) if running.on_roll else None,
        "matter_id": matter.id, "rule": words.who_may(poll),
    }  # fmt: skip


def card_of_single(ballot: Ballot, matter: Matter) -> dict[str, Any]:
    """A vote at the table without a sheet: hands, or everybody asked by name."""
    label, icon, tone = words.STATES["open"]
    way = _("当面商定") if ballot.mode == "consensus" else _("会上举手")
    return {
        "url": "", "number": matter.number, "title": ballot.question, "about": matter.title,
        "chip": (way or say(label), icon, tone), "takes": False, "turnout": None, "matter_id": matter.id, "rule": "",
    }  # fmt: skip


def line_of(ballot: Ballot, poll: Poll | None, matter: Matter, questions: int) -> dict[str, str]:
    """A counted vote as one line of a list; of a sheet with several questions only their number is told here."""
    came_out = outcome(ballot) if questions < 2 else _("%(n)s 个问题", n=questions)
    return {
        "url": result_url(ballot), "title": poll.title if poll else ballot.question,
        "text": " · ".join(part for part in (came_out, day(ballot.closed_at, week=False), matter.number) if part),
        "icon": "check2-square" if questions > 1 else "check-circle" if ballot.passed else "x-lg",
    }  # fmt: skip


def outcome(ballot: Ballot) -> str:
    """通过, 没通过, 选「甲」, 打平, 意见 …: one question's result in a few words."""
    if ballot.mode == "consensus":
        return _("当面商定") if ballot.passed else _("没有商定")
    if ballot.options or ballot.rule == "solicitation" or ballot.outcome in ("no_quorum", "tie", "run_off"):
        return words.headline(ballot)[1]
    return _("通过") if ballot.passed else _("没通过")


def result_url(ballot: Ballot) -> str:
    """Where the result of this question stands: with its sheet, or by itself where it was asked alone at the table."""
    if ballot.poll_id and not is_table_vote(ballot):
        return site_url("community.poll_result", poll_id=ballot.poll_id)
    return site_url("community.ballot_result", ballot_id=ballot.id)


def is_table_vote(ballot: Ballot) -> bool:
    """Whether the council was asked this one question while it sat; it has a page of its own."""
    return bool(ballot.sitting_id) and ballot.mode == "named" and ballot.rule in COUNCIL_RULES and not ballot.options
