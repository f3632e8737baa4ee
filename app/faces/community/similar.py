"""Doors of the hall: what was said before that sounds like this, and where something else belongs. It never blocks."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from app import clock
from app.faces.community import drafts
from app.faces.doors import Door
from app.faces.pages import page
from app.flow.collect import rules
from app.flow.triage.effective import lists
from app.flow.triage.similar import similar_to
from app.people.permissions import Permission
from tenants.hosts import site_url

#: A reader asks with the beginning of a text; the rest of it would only lengthen an address that is written down.
ASKED = 200


def similar_panel(words: str) -> dict[str, Any]:
    """What ``hall/_similar_found.html`` shows for these words, in at most two statements; empty for next to nothing."""
    text = words.strip()
    if len(text) < 2:
        return {}
    known = lists()
    hint = known.hint(text)
    return {
        "matters": similar_to(text, now=clock.now()), "hint": hint,
        "welcome": None if hint else known.welcome(text),
    }  # fmt: skip


def say_similar() -> str:
    """Similar matters and hints: a fragment for a script (``?part=1``), a whole page otherwise.

    Without ``?words=`` the words of this browser's own draft are taken.
    """
    asked = request.args.get("words", "")[:ASKED]
    draft = None if "words" in request.args else drafts.find_draft()
    words = asked or (draft.words if draft and not draft.handed_in else "")
    found = similar_panel(words)
    if request.args.get("part"):
        return page("hall/_similar_found.html", similar=found)
    return page("hall/similar.html", similar=found, words=words, asked=asked)


def say_similar_keep() -> Any:
    """Keep what is typed in step 1 and go and look; the way of a browser without scripts."""
    words = rules.tidy_words(request.form.get("words", ""))
    wish = rules.tidy_words(request.form.get("wish", ""))
    if len(words) <= rules.WORDS and len(wish) <= rules.WISH:
        draft = drafts.open_draft()
        draft.words, draft.wish = words, wish
        drafts.keep(draft)
    return redirect(site_url("community.say_similar"), 303)


DOORS: list[Door] = [
    Door("GET", "/say/similar", say_similar, Permission.ANYONE_SUBMIT),
    Door("POST", "/say/similar", say_similar_keep, Permission.ANYONE_SUBMIT, limit="60 per 10 minutes"),
]
