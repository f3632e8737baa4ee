"""At the table: who leads it, the options as put, and what becomes of one matter.

The register is in :mod:`register`, opening and closing in :mod:`opening`, the minutes in :mod:`speaking`, hands and
the floor in :mod:`live`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, NotAllowed, Refused
from app.flow.deliberate import rules
from app.flow.deliberate.evidence import gathered
from app.flow.deliberate.models import AgendaItem, Sitting
from app.flow.deliberate.planning import hold, staff_may_type
from app.flow.deliberate.queries import current_item
from app.flow.deliberate.rules import SittingState
from app.flow.research.models import Option
from app.flow.research.queries import standing_options
from app.matter.actions import move
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.models import Account
from app.people.roles import COMMUNITY_STAFF, Role
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

LONGEST_WORDS = 5_000


def account_id_of(who: Any) -> UUID:
    """The id of an account, an actor, or the id itself."""
    return who if isinstance(who, UUID) else who.id  # type: ignore[no-any-return]


def account_name(account_id: UUID) -> str:
    """The display name of one of the hall's accounts; raises ``Missing``."""
    name = db.session.scalar(
        select(Account.display_name).where(Account.community_id == current_community(), Account.id == account_id)
    )
    if name is None:
        raise Missing(N_("没有这个账号。"))
    return name


def in_the_chair(sitting: Sitting, by: Actor) -> Actor:
    """The chair, the recorder beside them, or the office that types what the chair announces; raises ``NotAllowed``."""
    on_duty = by.id is not None and by.id in (sitting.chair_id, sitting.recorder_id)
    if on_duty or staff_may_type(by) or (by.roles & COMMUNITY_STAFF and sitting.kind not in rules.ANNOUNCED):
        return by.as_capacity(Role.CHAIR)
    raise NotAllowed(N_("这一步要主持人来，或者由记录人、社区工作者代记。"))


def said(text: str, most: int, complaint: str) -> str:
    """The text without its margins; refuses what is empty or too long, in the field's own words."""
    found = text.strip()
    if not found or len(found) > most:
        raise Refused(complaint)
    return found


def put_options(
    sitting: Sitting,
    matter: Matter,
    options: Sequence[Option] | Iterable[str] | None = None,
    *,
    by: Actor,
    now: datetime,
) -> AgendaItem:
    """Read the options out and keep them as put, word for word: found options of the matter, or plain sentences.

    ``None`` puts every option that was found out and not dropped. A vote is taken on this text alone.
    """
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    item = item_on_table(sitting, matter)
    chosen = list(options) if options is not None else standing_options(matter.id)
    put = [_as_put(one) for one in chosen]
    if not put:
        raise Refused(N_("还没有方案，先写一句大家要议的办法。"))
    item.options = put
    db.session.flush()
    return item


def _as_put(one: Option | str) -> dict[str, Any]:
    if isinstance(one, str):
        words = said(one, LONGEST_WORDS, N_("方案要写上，5000 个字以内。"))
        return {"label": "", "words": words, "cost_fen": None, "cost_approx": False, "payer": ""}
    return {
        "label": one.label, "words": one.words, "cost_fen": one.cost_fen, "cost_approx": one.cost_approx,
        "payer": one.payer,
    }  # fmt: skip


def item_on_table(sitting: Sitting, matter: Matter) -> AgendaItem:
    """The agenda item of a matter that is being talked over in this open sitting; raises ``Refused`` otherwise."""
    found = current_item(matter.id)
    if found is None or found[1].id != sitting.id:
        raise Missing(N_("议程里没有这件事。"))
    if sitting.state != SittingState.OPEN:
        raise Refused(N_("会没在开，这一步要在会上做。"))
    return found[0]


def redeliberate(matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Send the matter back to be looked into; its next sitting starts with a fresh notice."""
    found = current_item(matter.id)
    if found is None:
        raise Missing(N_("议程里没有这件事。"))
    item, sitting = found
    by = in_the_chair(hold(sitting), by)
    move(matter, "redeliberate", by=by, now=now, evidence=gathered(matter), reason=reason, round=matter.round + 1)
    item.outcome = "redeliberate"
    return matter


def adjourn(sitting: Sitting, matter: Matter, reason: str, *, by: Actor, now: datetime) -> Matter:
    """Not enough people: the talk is kept, nothing is decided, and the matter waits for a new notice."""
    sitting = hold(sitting)
    by = in_the_chair(sitting, by)
    item = item_on_table(sitting, matter)
    move(
        matter, "adjourn", by=by, now=now, evidence=gathered(matter), reason=reason or "到会人数不够，改成恳谈",
        words="到会人数不够，这次只谈不定，另行公告再开。",
    )  # fmt: skip
    item.outcome = "adjourned"
    return matter
