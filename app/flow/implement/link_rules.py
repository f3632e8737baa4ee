"""The link of an owner outside the hall: for how long it is made, and what it opens. Pure: no database, no clock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from app.errors import Verdict, no, yes
from app.matter.situation import Stage
from app.words import N_

#: A task of a builder's crew or another office lasts weeks, and its owner must not ask for a new link in between.
DEFAULT_DAYS, MOST_DAYS = 90, 180
#: More living links to one task than this and nobody knows any longer who holds one.
MOST_LINKS = 5
LABEL_MOST = 40
#: Where a task may still be answered for; while it is looked at, its owner only reads.
ANSWERING = frozenset({Stage.IMPLEMENTING, Stage.SUSPENDED})
LIVING = ANSWERING | {Stage.VERIFYING}


class Way(StrEnum):
    """What a link opens now."""

    OPEN = "open"
    WAITING = "waiting"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OVER = "over"
    UNKNOWN = "unknown"


WAY_LABELS: dict[Way, str] = {
    Way.OPEN: N_("能用"),
    Way.WAITING: N_("能看，等着核验"),
    Way.EXPIRED: N_("到期了"),
    Way.REVOKED: N_("收回了"),
    Way.OVER: N_("事情办完，自己停了"),
    Way.UNKNOWN: N_("打不开"),
}


def way_of(task_state: str, stage: Stage, *, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> Way:
    """A link works again and again until it is revoked, runs out, or its task is verified, dropped or left behind."""
    if revoked_at is not None:
        return Way.REVOKED
    if task_state not in ("open", "done") or stage not in LIVING:
        return Way.OVER
    if now >= expires_at:
        return Way.EXPIRED
    return Way.OPEN if task_state == "open" and stage in ANSWERING else Way.WAITING


def may_make(task_state: str, stage: Stage, *, living: int, days: int, to_label: str) -> Verdict:
    """A link is made for a task that is still to be done, to somebody who is named, for at most half a year."""
    if task_state != "open" or stage not in ANSWERING:
        return no(N_("这一项现在不用再给链接了。"))
    if living >= MOST_LINKS:
        return no(N_("这一项已经有 %(n)s 个链接在用，先收回一个。"), n=living)
    if not 1 <= days <= MOST_DAYS:
        return no(N_("链接能用 1 到 %(most)s 天。"), most=MOST_DAYS)
    if not to_label.strip():
        return no(N_("写上给谁的，哪个单位。"))
    if len(to_label.strip()) > LABEL_MOST:
        return no(N_("给谁的，最多写 %(most)s 个字。"), most=LABEL_MOST)
    return yes()
