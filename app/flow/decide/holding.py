"""What every act on a poll needs first: its row locked, somebody entitled, its sitting, and words for the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.errors import Missing, NotAllowed, Refused, Verdict
from app.flow.decide.casting import Mode
from app.flow.decide.evidence import gathered
from app.flow.decide.models import Ballot, Poll
from app.flow.decide.rules import BODY_LABELS, RULE_LABELS, Body, Rule
from app.flow.decide.rules.putting import may_be_put_at
from app.flow.deliberate.live import stop_talking
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.planning import hold
from app.flow.deliberate.queries import current_item, find_sitting
from app.flow.deliberate.table import account_name, in_the_chair
from app.matter.actions import move, record
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.actor import Actor
from app.people.roles import COMMUNITY_STAFF
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

#: Bodies that sit at a table with a register of their own: who is there stands in it, seat by seat.
SEATED = frozenset({Body.COUNCIL, Body.REPS})
STATE_SAYS = {
    "draft": N_("还没开始投"), "open": N_("正在投"), "counting": N_("正在计票"), "closed": N_("已经计完票"),
    "void": N_("已经作废"),
}  # fmt: skip


def hold_poll(poll: Poll, *states: str) -> Poll:
    """Lock the poll's row until the commit and read it anew; raises ``Refused`` when it is in none of ``states``."""
    # Not the key itself: the teller's own transaction lays papers down that point to this row while it is held.
    held = db.session.scalar(
        select(Poll)
        .where(Poll.community_id == current_community(), Poll.id == poll.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise Missing(N_("没有这次投票。"))
    if held.state not in states:
        raise Refused(N_("这次投票%(state)s，不能这么办。"), state=STATE_SAYS[held.state])
    return held


def at_table(poll: Poll) -> bool:
    """Whether those present at the poll's sitting are its roll."""
    return poll.sitting_id is not None and poll.body in SEATED


def sitting_of(poll: Poll) -> Sitting | None:
    """The sitting the poll is taken at."""
    return find_sitting(poll.sitting_id) if poll.sitting_id else None


def duty(sitting: Sitting | None, by: Actor) -> Actor:
    """The actor entitled to run this poll: the chair at a table, the community's staff everywhere."""
    if sitting is not None:
        return in_the_chair(sitting, by)
    if not by.roles & COMMUNITY_STAFF:
        raise NotAllowed(N_("这一步要社区工作者来办。"))
    return by


def second_person(second: Any, by: Actor) -> tuple[UUID, str]:
    """The id and name of the second of two people; raises ``Refused`` when it is the same one twice."""
    key = second if isinstance(second, UUID) else getattr(second, "id", None)
    if key is None or by.id is None or key == by.id:
        raise Refused(N_("要两个人一起办，请选另一位。"))
    return key, account_name(key)


def refuse_second_poll(matter_id: UUID) -> None:
    """One vote at a time: a second one on the same matter would have two answers."""
    here = Ballot.community_id == current_community()
    if db.session.scalar(select(Ballot.id).where(here, Ballot.matter_id == matter_id, Ballot.state == "open").limit(1)):
        raise Refused(N_("这件事正在表决，先计票。"))


def voters_words(poll: Poll, lines: int) -> str:
    """Who may vote, in words, where the register says it all."""
    return f"这次会上到了、不用回避的 {lines} 位" if at_table(poll) else ""


def tell_opening(poll: Poll, matter: Matter, ballots: list[Ballot], by: Actor, now: datetime) -> None:
    """Move the matter to the vote where a table sends it there, or only write down that the voting began."""
    how = "无记名" if poll.mode == Mode.SECRET else "记名"
    asked = "；".join(f"「{b.question}」按{RULE_LABELS[Rule(b.rule)]}算" for b in ballots)
    words = f"开始投票（{BODY_LABELS[Body(poll.body)]}，{how}）：{asked}。"
    stage, data = Stage(matter.stage), {"poll": str(poll.id)}
    if stage is Stage.DELIBERATING and any(b.rule != Rule.SOLICITATION for b in ballots):
        _from_the_table(poll, matter, words, by, now, data)
        return
    may_open_here(poll, matter, ballots).or_refuse()
    record(matter, "open_poll", by=by, now=now, words=words, data=data)


def may_open_here(poll: Poll, matter: Matter, ballots: Sequence[Ballot]) -> Verdict:
    """Whether the matter stands where this sheet may open. A table that is sitting sends it to the vote by itself."""
    stage, only_asks = Stage(matter.stage), all(ballot.rule == Rule.SOLICITATION for ballot in ballots)
    is_voting = stage in (Stage.VOTING, Stage.DELIBERATING)
    return may_be_put_at(Body(poll.body), only_asks, is_voting, stage is Stage.RATIFYING)


def _from_the_table(
    poll: Poll, matter: Matter, words: str, by: Actor, now: datetime, data: dict[str, Any]
) -> None:  # fmt: skip
    found = current_item(matter.id)
    if found is None or (poll.sitting_id is not None and found[1].id != poll.sitting_id):
        raise Refused(N_("这件事不在这个会上，不能付诸表决。"))
    chair = in_the_chair(hold(found[1]), by)
    stop_talking(found[1], now)
    move(matter, "call_vote", by=chair, now=now, evidence=gathered(matter), words=words, data=data)
    if not at_table(poll):
        # The answer comes from people at home, days later; the sitting itself need not stay open for it.
        found[0].outcome = "polled"
        db.session.flush()
