"""What waits for whoever is at the desk, as rows for today and the inbox: each with its light, its day and its page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.faces.community.sight import looked_today
from app.faces.look import link
from app.faces.visitor import Visitor
from app.flow.triage.effective import lists
from app.flow.triage.lists import Lists
from app.flow.triage.work_list import ANYBODYS, KINDS, UNANSWERED, Waiting, work_list
from app.matter.deadlines import working_days
from app.matter.ledger import Reader, is_child_s, may_read
from app.matter.lights import light
from app.matter.situation import Stage
from app.matter.workdays import Calendar, due
from app.people.permissions import Permission

#: Letters that were taken out are written down within the days every voice has to be looked at.
LETTERS = working_days(2)
#: What a kind needs besides standing at the desk.
NEEDS = {"work_order": Permission.IMPORT_WRITE, "letters": Permission.LEAD_WRITE, "register": Permission.RESEARCH_WRITE}


def kinds_for(me: Visitor | None) -> list[str]:
    """The kinds of work that are this person's: the office screens, the grid writes down what it heard."""
    if me is None:
        return []
    return [kind for kind in KINDS if me.can(NEEDS.get(kind, Permission.SCREENING_WRITE))]


def waiting_for(kinds: Collection[str], who: Reader, *, now: datetime, calendar: Calendar) -> list[dict[str, Any]]:
    """Everything of these kinds in the order of the clock; two statements."""
    if not kinds:
        return []
    known = lists()
    return [_row(item, known, who, now, calendar) for item in work_list(kinds, known.urgent_signs, now=now)]


def _row(item: Waiting, known: Lists, who: Reader, now: datetime, calendar: Calendar) -> dict[str, Any]:
    is_matter = item.stage != ""
    shut = is_matter and not may_read(item, who)
    child = is_matter and is_child_s(item) and item.id not in looked_today()
    due_at = item.due_at or (due(item.start, LETTERS, calendar) if item.kind == "letters" else None)
    # A late receipt is the other unit's delay: it turns yellow and never red (domain.md section 2).
    lamp = light(item.start, due_at, now, calendar, soft=item.stage == Stage.REFERRED)
    title = item.title or _("%(number)s 信箱，%(n)s 封", number=item.number, n=item.signers)
    if shut or child:
        title = _("（未成年人的事）") if child else _("（只给当事人看）")
    unanswered = item.kind in UNANSWERED
    return {
        "kind": item.kind, "label": KINDS[item.kind], "id": item.id, "number": item.number, "title": title,
        "at": item.at, "due": due_at, "light": lamp, "speaker": "" if shut or child else item.speaker,
        "is_child_s": child, "photos": item.photos, "signers": item.signers if unanswered else 1,
        "hint": known.hint(item.words) if unanswered and not shut else None, "unanswered": unanswered,
        "is_lead": item.kind == "register", "unit": "" if unanswered else item.words, "url": _page_of(item),
    }  # fmt: skip


def _page_of(item: Waiting) -> str:
    if item.kind in ANYBODYS | UNANSWERED and item.kind != "letters":
        return link("community.screening", matter_id=item.id)
    if item.kind == "work_order":
        return link("community.work_order", order_id=item.id)
    if item.kind == "letters":
        return link("community.opening", opening_id=item.id)
    return link("community.referral_news", matter_id=item.id)
