"""Which period an officer looks at, and which recount runs: both stay in the browser until another is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import request, session
from flask_babel import gettext as _

from app import clock
from app.records.periods import Period, month_of, quarter_of, year_of
from app.records.street_board import Board
from app.records.street_strip import CHOICES

#: A recount that has not ended after this long is not waited for any more; the clock's own rounds go on.
PATIENCE = timedelta(minutes=15)
#: A hall where nothing happens is counted once a day; what is older than this was forgotten.
OLD = timedelta(hours=30)
USUAL = "month"


def chosen() -> str:
    """``month``, ``quarter`` or ``year``: what the address says, else what was chosen last in this browser."""
    asked = request.args.get("period", "")
    if asked in CHOICES and session.get("period", USUAL) != asked:
        session["period"] = asked
    kept = session.get("period", USUAL)
    return kept if kept in CHOICES else USUAL


def span_of(choice: str, day: date) -> Period:
    """The days of the chosen period."""
    return {"month": month_of, "quarter": quarter_of, "year": year_of}[choice](day)


def begin_recount(now: datetime) -> None:
    """Remember in this browser since when figures count as fresh."""
    session["recount"] = now.isoformat()


def recount_since(now: datetime) -> datetime | None:
    """When this officer asked for a recount that may still be under way; None otherwise."""
    kept = session.get("recount", "")
    since = datetime.fromisoformat(kept) if kept else None
    return since if since is not None and now - since < PATIENCE else None


def is_counting(board: Board, since: datetime | None) -> bool:
    """Whether halls are still missing from the recount begun at ``since``."""
    return since is not None and board.again < board.halls


@dataclass(frozen=True)
class Ages:
    """How old the figures are, in words: of the newest hall and of the oldest; ``is_old``: a round failed."""

    newest: str
    oldest: str
    is_old: bool


def ages(board: Board, now: datetime) -> Ages:
    """How old the figures of a board are."""
    is_old = board.oldest is not None and now - board.oldest > OLD
    return Ages(since_words(board.newest, now), since_words(board.oldest, now), is_old)


def since_words(moment: datetime | None, now: datetime) -> str:
    """刚刚, 8 分钟前, 3 小时前, 2 天前; empty for None."""
    if moment is None:
        return ""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 1:
        return str(_("刚刚"))
    if minutes < 90:
        return str(_("%(n)s 分钟前", n=minutes))
    if minutes < 48 * 60:
        return str(_("%(n)s 小时前", n=(minutes + 30) // 60))
    return str(_("%(n)s 天前", n=(clock.local(now).date() - clock.local(moment).date()).days))
