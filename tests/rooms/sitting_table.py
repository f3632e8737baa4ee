"""Setting the table for the tests of deliberating and deciding: a topic ready to be announced, and people who come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.flow.deliberate import actions as table
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.queries import register_of
from app.flow.research.models import Option, Stakeholder
from app.matter.models import Matter
from app.people.actor import Actor
from tenants.database import db
from tests.conftest import later
from tests.rooms.people import account, person
from tests.rooms.stage_setting import matter_at

BY_PLACE = "小板凳议事屋"


def topic(now: datetime, **values: Any) -> Matter:
    """A small confirmed topic with its stakeholders and two options."""
    defaults = {
        "title": "装几组公用晾衣架", "question": "院里装五组晾衣架，同意吗？", "triage": "minor", "power": "council",
        "kind": "individual", "owner_id": account("zhao").id,
    }  # fmt: skip
    matter = matter_at(values.pop("stage", "topic_confirmed"), now=now, **{**defaults, **values})
    db.session.add(Stakeholder(matter_id=matter.id, name="3 号楼 36 户", households=36, created_at=now))
    for label, words, fen in (("A", "装五组晾衣架", 300_000), ("B", "先装两组试试", 120_000)):
        db.session.add(
            Option(matter_id=matter.id, label=label, words=words, cost_fen=fen, payer="社区", created_at=now)
        )
    db.session.flush()
    return matter


def announced(now: datetime, *matters: Matter, days: float = 4, **more: Any) -> Sitting:
    """A council sitting with its notice given, ``days`` ahead."""
    by = person("shuji", now)
    sitting = table.plan_sitting(
        kind="council", title="六月例会", starts_at=later(days), place=BY_PLACE, matters=matters, by=by, now=now, **more
    )
    return table.give_notice(sitting, by=by, now=now)


def come(sitting: Sitting, n: int, now: datetime) -> None:
    """Let the first ``n`` of the register arrive."""
    lines = register_of(sitting.id)[:n]
    table.register_many(sitting, {line.id: "present" for line in lines}, by=person("zhao", now), now=now)


def opened(matter: Matter, came: int, now: datetime, days: float = 4) -> tuple[Sitting, datetime]:
    """A council sitting on ``matter`` that is open with ``came`` people, and the moment of it."""
    sitting = announced(now, matter, days=days)
    moment = later(days)
    come(sitting, came, moment)
    table.open_sitting(
        sitting, chair=account("shuji"), recorder=account("zhao"), by=person("shuji", moment), now=moment
    )
    return sitting, moment


def talked(sitting: Sitting, matter: Matter, moment: datetime, by: Actor | None = None) -> None:
    """One voice in the minutes and the options read out: everything a vote needs besides people."""
    who = by or person("zhao", moment)
    table.speak(sitting, matter.id, "祝阿姨", "我赞成，早该装了。", by=who, now=moment)
    table.put_options(sitting, matter, by=person("shuji", moment), now=moment)
