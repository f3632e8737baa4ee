"""A finished matter with everybody who took part in it, for the tests of results."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from PIL import Image
from sqlalchemy import select

from app.flow.collect.models import Proposal
from app.flow.collect.signing import Signature
from app.flow.decide.models import Poll, RollEntry
from app.flow.deliberate.models import AgendaItem, Attendance, Sitting
from app.flow.evaluate import actions as reviewing_actions
from app.flow.evaluate.models import Rating
from app.flow.evaluate.rules import Voice
from app.flow.implement.models import Asset
from app.flow.implement.money_models import MoneyEntry
from app.flow.research.models import Canvass, CanvassDoor
from app.matter.files import FileStore
from app.matter.models import Attachment, Matter
from app.people.models import Account, Person
from app.people.places import Household
from app.people.roles import Role
from tenants.database import db, uuid7
from tenants.scope import current_community
from tests.conftest import later
from tests.rooms.carrying_out import only_task, reviewing
from tests.rooms.stage_setting import staff


def closed(now: datetime, *, satisfied: int = 18, low: int = 1, **values: Any) -> Matter:
    """Rated by nameless voices at a visit, judged, and closed on the thirteenth of June."""
    matter = reviewing(now, **values)
    grid = staff("xiaoli", Role.GRID_WORKER)
    voices = [Voice(4)] * satisfied + [Voice(2, "绳子高了")] * low
    reviewing_actions.enter_ratings(matter, voices, source="visit", by=grid, now=later(11))
    reviewing_actions.visit(matter, "问过了", reached=1, by=grid, now=later(11, 1))
    reviewing_actions.evaluate(matter, "方便了大家晾晒。", by=staff(), now=later(11, 2))
    reviewing_actions.close(matter, "5 组晾衣架都装好了，谢谢大家。", by=staff(), now=later(12))
    db.session.flush()
    return matter


def people(matter: Matter, now: datetime) -> None:
    """Nine people besides the raters, several of them seen more than once.

    王 proposed, signed, came and voted; 议事员1 and the secretary came, a nameless neighbour came twice; 李 votes from
    a home that answered at its door as well; one more home answered; 议事员1 rates from the account that came.
    """
    home = db.session.scalar(select(Household))
    other = Household(building_id=home.building_id, unit=1, room="101", code_hmac="x", code_at=now)
    wang, li = Person(name="王淑芬", created_at=now), Person(name="李建国", household_id=home.id, created_at=now)
    db.session.add_all([other, wang, li])
    db.session.flush()
    member = db.session.scalar(select(Account).where(Account.login == "yishi1"))
    words = {"kind": "individual", "words": "被子没处晒", "said_at": now}
    db.session.add(Proposal(matter_id=matter.id, person_id=wang.id, **words))
    _signatures(matter, wang, now)
    for n in (1, 2):
        _sitting(matter, n, member, now)
    _roll(matter, wang, li, member, now)
    canvass = Canvass(
        matter_id=matter.id, question="装不装", target=2, reached=2, in_favour=2, against=0, tries=1, by_label="小李",
        at=now, closed_at=now,
    )  # fmt: skip
    db.session.add(canvass)
    db.session.flush()
    for house, label in ((home, "3 号楼 301"), (other, "3 号楼 101")):
        door = {"canvass_id": canvass.id, "household_id": house.id, "label": label}
        db.session.add(CanvassDoor(**door, answer="for", tries=1, answered_at=now))
    own = reviewing_actions.rater_key("account", member.id)
    for nth, rater in ((1, own), (0, "asked before the rework")):
        db.session.add(Rating(matter_id=matter.id, round=nth, grade=5, source="web", rater=rater, at=now))
    db.session.flush()


def _signatures(matter: Matter, wang: Person, now: datetime) -> None:
    for n, person in enumerate((wang.id, None, None)):
        paper = {"matter_id": matter.id, "mark": f"m{n}", "person_id": person, "is_proposer": n == 0}
        gone = now if n == 2 else None
        db.session.add(Signature(**paper, channel="paper", proof="vouched", signed_at=now, withdrawn_at=gone))


def _sitting(matter: Matter, n: int, member: Account, now: datetime) -> None:
    sitting = Sitting(
        number=f"NYD-HY-2026-{n:03}", kind="council", title=f"第 {n} 次板凳会", starts_at=now, place="议事屋", base=17,
        state="closed", opened_at=now, closed_at=now, created_at=now, present_at_opening=3, quorate=True,
        noticed_at=now,
    )  # fmt: skip
    db.session.add(sitting)
    db.session.flush()
    db.session.add(AgendaItem(sitting_id=sitting.id, matter_id=matter.id, position=1, outcome="passed"))
    secretary = db.session.scalar(select(Account).where(Account.login == "shuji"))
    seats = [(member, member.display_name, "present"), (secretary, "张书记", "present"), (None, "楼下刘阿姨", "left"),
             (None, "没来的人", "expected"), (None, "回避的人", "present")]  # fmt: skip
    for account, name, state in seats:
        seat = {"account_id": account.id if account else None, "name": name, "capacity": "居民"}
        seat["recused_matter_id"] = matter.id if name == "回避的人" else None
        db.session.add(Attendance(sitting_id=sitting.id, state=state, **seat))


def _roll(matter: Matter, wang: Person, li: Person, member: Account, now: datetime) -> None:
    poll = Poll(
        matter_id=matter.id, title="装不装", body="residents", mode="named", state="closed", opened_at=now,
        ended_at=now, closed_at=now, created_at=now,
    )  # fmt: skip
    db.session.add(poll)
    db.session.flush()
    lines = [{"person_id": wang.id}, {"person_id": li.id}, {"account_id": member.id}]
    for n, line in enumerate(lines):
        db.session.add(RollEntry(poll_id=poll.id, name=f"第 {n} 位", channel="online", **line))
    silent = Person(name="没投的", created_at=now)
    db.session.add(silent)
    db.session.flush()
    db.session.add(RollEntry(poll_id=poll.id, name="没投的", person_id=silent.id))


def belongings(matter: Matter, now: datetime) -> None:
    """Five racks left behind, counted by the task as well; money in two lines, one of them struck out."""
    task = only_task(matter)
    task.unit, task.target, task.done_count = "组", 5, 5
    db.session.add(
        Asset(
            matter_id=matter.id, commitment_id=task.id, what="晾衣架", count=5, unit="组", upkeep="坏了就修",
            keeper="物业", promised_on=date(2026, 6, 12), created_at=now, created_label="张书记",
        )
    )  # fmt: skip
    for fen, struck in ((470_050, None), (999, now)):
        line = {"matter_id": matter.id, "side": "out", "source": "party_fund", "amount_fen": fen, "words": "晾衣架"}
        why = "记重了" if struck else ""
        db.session.add(
            MoneyEntry(**line, on=date(2026, 6, 10), by_label="张书记", at=now, struck_at=struck, struck_reason=why)
        )
    db.session.flush()


def pictures(matter: Matter, now: datetime) -> list[UUID]:
    """A public picture each of how it was and how it became, stored as real files."""
    made, store = [], FileStore(Path(current_app.config["DATA_DIR"]))
    for colour, kind in (((150, 120, 90), "task_before"), ((60, 140, 80), "task_after")):
        out = BytesIO()
        Image.new("RGB", (800, 600), colour).save(out, "JPEG")
        row = Attachment(
            id=uuid7(), matter_id=matter.id, kind="photo", media_type="image/jpeg", width=800, height=600,
            size=len(out.getvalue()), sha256=uuid7().hex, about=kind, about_id=only_task(matter).id, public=True,
            created_at=now,
        )  # fmt: skip
        db.session.add(row)
        for variant in ("", "small"):
            store.put(current_community(), row.id, out.getvalue(), variant=variant)
        made.append(row.id)
    db.session.flush()
    return made
