"""Opening a sitting with its quorum, and ending it when every matter has its word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.errors import Refused
from app.flow.deliberate import rules
from app.flow.deliberate.evidence import gathered
from app.flow.deliberate.live import clear_floor
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.planning import as_convener, fix_base, hold
from app.flow.deliberate.queries import agenda_of, presence
from app.flow.deliberate.reporting import tell_reports
from app.flow.deliberate.rules import SittingState
from app.flow.deliberate.table import account_id_of, account_name, adjourn, in_the_chair
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import db


def open_sitting(sitting: Sitting, *, chair: Any, recorder: Any, by: Actor, now: datetime) -> Sitting:
    """Open the sitting: count the register by its rule and let each matter on the agenda be talked over.

    ``chair`` and ``recorder`` are accounts of the hall (or their ids). Without a quorum people may still talk (恳谈)
    and minutes are kept; nothing can be decided, and closing sends the matters back for a new notice.
    """
    sitting = hold(sitting)
    rules.may_open(SittingState(sitting.state), now, sitting.starts_at).or_refuse()
    sitting.chair_id, sitting.recorder_id = account_id_of(chair), account_id_of(recorder)
    sitting.chair_label, sitting.recorder_label = account_name(sitting.chair_id), account_name(sitting.recorder_id)
    if not sitting.base:
        fix_base(sitting, now)
        db.session.flush()
    here = presence(sitting)
    if here.present == 0:
        raise Refused(N_("到会登记还是空的，先登记谁到了。"))
    sitting.state, sitting.opened_at = str(SittingState.OPEN), now
    sitting.present_at_opening, sitting.quorate = here.present, here.condition.met
    db.session.flush()
    opener = in_the_chair(sitting, by) if by.id == sitting.chair_id else as_convener(by)
    if sitting.kind in rules.TELLING:
        return sitting
    for _, matter in agenda_of(sitting.id):
        if matter.stage in (Stage.SCHEDULED, Stage.ACCEPTED):
            _begin(sitting, matter, opener, now)
        elif matter.stage == Stage.RATIFYING:
            # It stays where it is until its own body has voted; that people sat down on it is told all the same.
            words, data = _counted(sitting, matter)
            record(matter, "sitting_opened", by=opener, now=now, words=words, data=data)
    return sitting


def _counted(sitting: Sitting, matter: Matter) -> tuple[str, dict[str, Any]]:
    here = presence(sitting, matter.id)
    condition = here.condition
    counted = condition.reason % condition.values
    verdict = "够了。" if condition.met else "不够数，先恳谈，不作决定。"
    data = {"sitting": str(sitting.id), "eligible": here.eligible, "present": here.present}
    return f"{counted}，{verdict}", data


def _begin(sitting: Sitting, matter: Matter, opener: Actor, now: datetime) -> None:
    words, data = _counted(sitting, matter)
    move(
        matter, "open_sitting", by=opener, now=now, evidence=gathered(matter), words=words, data=data,
        # A small matter sits down straight from triage; the question it is asked by then is its own title.
        question=matter.question or matter.title,
    )  # fmt: skip


def close_sitting(sitting: Sitting, conclusion: str = "", *, by: Actor, now: datetime) -> Sitting:
    """End the sitting. Each matter has its outcome by then; without a quorum the talk is kept and all go back.

    Raises ``Refused`` naming the first matter that is still open on the table.
    """
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    if sitting.state != SittingState.OPEN:
        raise Refused(N_("会没在开，不用散会。"))
    if sitting.kind in rules.TELLING:
        tell_reports(sitting, by=by, now=now)
    for item, matter in agenda_of(sitting.id):
        if sitting.kind in rules.TELLING:
            continue
        if matter.stage == Stage.VOTING and item.outcome == "":
            raise Refused(N_("「%(title)s」还在表决，先计票再散会。"), title=matter.title)
        if matter.stage == Stage.DELIBERATING and item.outcome == "":
            if presence(sitting, matter.id).condition.met:
                raise Refused(
                    N_("「%(title)s」还没个说法：表决、商定，或者再去了解了解，选一样再散会。"), title=matter.title
                )
            adjourn(sitting, matter, "", by=by, now=now)
        elif item.outcome == "":
            item.outcome = "left"
    clear_floor(sitting, now)
    sitting.state, sitting.closed_at = str(SittingState.CLOSED), now
    sitting.conclusion = conclusion.strip()
    db.session.flush()
    return sitting
