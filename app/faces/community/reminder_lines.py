"""The lines of the urging as pages show them: on somebody's 今天, at 该告诉谁, on a slip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from app import clock
from app.faces.look import link, say
from app.matter.lights import Colour
from app.matter.workdays import local_day
from app.notices import reminder_queries as queries
from app.notices.reminder_rules import Step, words_of
from tenants.hosts import site_url

#: The light beside a line; what is to be looked at again is no hurry of anybody's.
COLOURS: dict[Step, Colour] = {
    Step.SOON: Colour.YELLOW,
    Step.DUE: Colour.YELLOW,
    Step.REVIEW: Colour.GREY,
    Step.LATE: Colour.RED,
    Step.LATER: Colour.RED,
    Step.CLIMB: Colour.RED,
}


def own_lines(account_id: UUID | None, *, with_desk: bool = True) -> dict[str, Any]:
    """What somebody's 今天 shows: the unread lines, each thing once as it was told last, and the day they end with.

    ``with_desk`` is False for a member or a resident: what waits for them to be told by hand they may read themselves.
    """
    digests = queries.unread_of(account_id, by_hand=not with_desk) if account_id else []
    found: dict[str, dict[str, Any]] = {}
    for digest in digests:
        for line in digest.lines:
            found.setdefault(line["subject"], line_of(line, digest.day))
    return {"lines": list(found.values()), "until": digests[0].day.isoformat() if digests else ""}


def by_hand() -> list[dict[str, Any]]:
    """People without a desk who must be told today, each with what to say and the phone that was left for a task."""
    digests = queries.by_hand(local_day(clock.now()))
    phones = queries.phones_of(digests)
    return [
        {
            "id": one.id, "who": one.to_label, "day": one.day, "phone": phones.get(one.id, ""),
            "lines": [line_of(line, one.day) for line in one.lines], "told_by": one.handled_label,
            "told_at": one.handled_at,
        }
        for one in digests
    ]  # fmt: skip


def line_of(line: Mapping[str, Any], day: date) -> dict[str, Any]:
    """One stored line of the digest of ``day`` in words, with the way to what it speaks of."""
    words, values = words_of(line, day)
    tab = {"tab": "tasks"} if line["kind"] == "task" else {}
    own = link("community.order", order_id=line["subject"]) if line["kind"] == "order" else ""
    if line["kind"] == "ask":
        own = link("community.ask", escalation_id=line["subject"])
    return {
        "colour": COLOURS[Step(line["step"])], "words": say(words, values), "number": line["number"],
        "title": line["title"], "what": line["what"], "who": line["who"],
        "url": own or site_url("community.desk_matter", matter_id=line["matter"], **tab),
    }  # fmt: skip


def bare(words: str, number: str, title: str) -> str:
    """A message without number and title of its matter, for a list that says them once above."""
    for head in (f"{number}「{title}」：", f"{number}："):
        if words.startswith(head):
            return words.removeprefix(head)
    return words
