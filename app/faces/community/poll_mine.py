"""What of the votes is mine: on whose roll I stand, what waits for me, what I have cast."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app import clock
from app.faces.community import poll_words as words
from app.faces.community.poll_cards import is_table_vote, outcome, result_url
from app.faces.look import ago, day, say
from app.flow.decide.models import Ballot, Poll, RollEntry
from app.flow.decide.poll_queries import polls_for
from app.flow.decide.queries import ballots_for
from tenants.hosts import site_url


def votes_of(account_id: UUID) -> list[dict[str, Any]]:
    """Every sheet on whose roll this account stands, what waits for it first; one statement."""
    return [_sheet(**found) for found in polls_for(account_id)]


def votes_of_member(account_id: UUID) -> list[dict[str, Any]]:
    """The same for a council member, whose votes at the table have pages of their own; two statements."""
    at_table = [found for found in ballots_for(account_id) if is_table_vote(found["ballot"])]
    known = {found["ballot"].poll_id for found in at_table}
    sheets = [_sheet(**found) for found in polls_for(account_id) if found["poll"].id not in known]
    return sorted([*(_question(**found) for found in at_table), *sheets], key=lambda one: not one["waits"])


def waiting(votes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that wait for my vote."""
    return [one for one in votes if one["waits"]]


def _sheet(poll: Poll, title: str, number: str, line: RollEntry, waits: bool) -> dict[str, Any]:
    is_closed, now = poll.state == "closed", clock.now()
    waits = waits and words.takes_votes(poll, now)
    chip = words.state_of(poll, now)
    if line.channel and not is_closed:
        chip = say(words.CAST[poll.body == "households"]), "check-circle-fill", "ok"
    elif waits:
        chip = say(words.WAITS), "hourglass-split", "soon"
    endpoint = "community.poll_receipt" if line.channel else "community.poll"
    return {
        "url": site_url("community.poll_result" if is_closed else endpoint, poll_id=poll.id), "number": number,
        "title": poll.title, "chip": chip, "waits": waits, "is_counted": is_closed,
        "is_open": not is_closed, "left": words.time_left(poll, now) if poll.state == "open" else "",
        "text": _("%(day)s宣布", day=day(poll.closed_at, week=False)) if is_closed else _other(title, poll.title),
        "button": _("去投票") if waits else _("看我的回执") if line.channel else _("看看怎么回事"),
    }  # fmt: skip


def _other(title: str, shown: str) -> str:
    return title if title != shown else ""


def _question(ballot: Ballot, title: str, number: str, choice: str | None) -> dict[str, Any]:
    """One question at the table, with what I chose: it was a named vote."""
    mine = _("您投了「%(choice)s」", choice=words.label_of(ballot, choice)) if choice else ""
    none, is_open = _("您没投"), ballot.state == "open"
    chip = (mine, "check-circle-fill", "ok") if mine else (say(words.WAITS), "hourglass-split", "soon")
    return {
        "url": site_url("community.ballot", ballot_id=ballot.id) if is_open else result_url(ballot), "number": number,
        "title": ballot.question, "chip": chip, "waits": is_open and not choice, "is_open": is_open,
        "is_counted": ballot.state == "closed", "left": "",
        "text": f"{title} · {ago(ballot.called_at)}" if is_open else f"{outcome(ballot)} · {mine or none}",
        "button": _("想改主意") if choice else _("去表决"),
    }  # fmt: skip
