"""Urging on the real database: once a day, nothing twice, nothing left out; and what climbs."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app import clock
from app.errors import Missing, Refused
from app.flow.implement.models import Asset
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.flow.resolve.models import Commitment
from app.matter import calendar as street_calendar
from app.matter import clocks
from app.matter.models import Matter, TimelineEntry
from app.matter.workdays import end_of
from app.notices import queries, reminder_queries, reminders
from app.notices.models import Digest, Reminder
from app.notices.reminder_rules import OFFICE
from app.people.models import Membership
from app.people.secrets import seal
from tenants.database import db, uuid7
from tests.conftest import NOW, inside
from tests.rooms.people import account, person
from tests.rooms.stage_setting import matter_at

DAY = timedelta(days=1)


def task(matter: Matter, due: date, who: str = "小李", login: str | None = "xiaoli", **more) -> Commitment:
    made = Commitment(
        matter_id=matter.id, position=more.pop("position", 1), what=more.pop("what", "焊晾衣架"), who=who,
        owner_id=account(login).id if login else None, due=due, first_due=due, created_at=NOW, **more,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def on(day: int, hour: int = 9) -> datetime:
    """A morning in June 2026; the 19th is 端午, a Friday off."""
    return clock.at(date(2026, 6, 1) + timedelta(days=day - 1), hour)


def said() -> set[tuple[str, date, str]]:
    rows = db.session.execute(select(Reminder.to_label, Reminder.due, Reminder.step, Reminder.matter_id))
    number = {matter.id: matter.title for matter in db.session.scalars(select(Matter))}
    return {(f"{number[row.matter_id]}/{row.to_label.removeprefix('隔壁')}", row.due, row.step) for row in rows}


def furnish() -> None:
    """The same dozen things in any hall."""
    working = matter_at("implementing", now=NOW, title="晾衣架", warn_at=None)
    for n, due in enumerate((4, 11, 12, 18), start=1):
        task(working, date(2026, 6, due), position=n)
    task(working, date(2026, 6, 16), "顺达施工队", None, position=9)
    for n, days in enumerate((3, 9, 10, 14, 17)):
        owner = account("sun").id if n % 2 else None
        matter_at("accepted", now=NOW, title=f"没人办 {n}", due_at=end_of(NOW.date() + days * DAY), owner_id=owner)
    matter_at(
        "suspended", now=NOW, title="停着", suspended_from="implementing", due_at=end_of(date(2026, 6, 15)),
        owner_id=account("sun").id,
    )  # fmt: skip
    done = matter_at("closed", now=NOW, title="长椅", closed_at=NOW)
    db.session.add(
        Asset(matter_id=done.id, what="长椅", count=3, unit="把", upkeep="修", keeper="物业", promised_on=NOW.date(),
              check_months=6, next_check=date(2026, 6, 17), created_at=NOW, created_label="")
    )  # fmt: skip
    order = SupervisionOrder(
        id=uuid7(), matter_id=working.id, number="督1", level="grid", lead="孙楼长", lead_id=account("sun").id,
        demand="催一催", due=date(2026, 6, 10), issued_at=NOW, issued_label="小李",
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    db.session.add(
        OrderEvent(order_id=order.id, seq=1, kind="extension_granted", side="community", due=date(2026, 6, 12),
                   by_label="小李", at=NOW)
    )  # fmt: skip
    db.session.flush()


def test_three_days_of_silence_change_nothing(app) -> None:
    """The same month in two halls; in one of them nobody worked from the 12th to the 14th, and not once at night."""
    heard: dict[str, set] = {}
    for slug, gone in (("nanyandao", range(12, 15)), ("dianye", ())):
        with inside(app, slug):
            furnish()
            back = 0
            for day in range(1, 31):
                if day in gone:
                    continue
                assert reminders.urge(now=on(day, 7)) == 0
                news = reminders.urge(now=on(day, 8))
                assert reminders.urge(now=on(day, 8)) == reminders.urge(now=on(day, 17)) == 0
                back = news if gone and day == gone[-1] + 1 else back
            heard[slug] = said()
            steps = db.session.execute(select(Reminder.kind, Reminder.subject_id, Reminder.due, Reminder.step)).all()
            assert len(steps) == len(set(steps))
            told = Counter(db.session.execute(select(Digest.day, Digest.to_key)).all())
            assert max(told.values()) == 1
            lines = [(d.day, d.to_key, line["subject"], line["step"]) for d in db.session.scalars(select(Digest))
                     for line in d.lines]  # fmt: skip
            assert len({line[1:] for line in lines}) == len(lines)
            if gone:
                missed = db.session.scalars(
                    select(Reminder).where(Reminder.said_on == date(2026, 6, 15), Reminder.day < date(2026, 6, 15))
                ).all()
                assert back > len(missed) > 2
                assert {(one.day.day >= 12) for one in missed} == {True}
            else:
                assert all(one.day == one.said_on for one in db.session.scalars(select(Reminder)))
            db.session.rollback()
    assert heard["nanyandao"] == heard["dianye"]
    kinds = {step for _who, _due, step in heard["dianye"]}
    assert kinds == {"soon", "due", "late", "later", "climb", "review"}


def test_a_day_in_the_life_of_one_task(app) -> None:
    """Put off, it begins anew; paused, only its review day counts; looked at, it is silent. The street hears once."""
    with inside(app, "nanyandao"):
        matter = matter_at("implementing", now=NOW, owner_id=account("sun").id, due_at=end_of(date(2026, 6, 5)))
        assert matter.warn_at is not None
        promised = task(matter, date(2026, 6, 5), "顺达施工队", None)
        for day in range(1, 9):
            reminders.urge(now=on(day))
        steps = list(db.session.scalars(select(Reminder.step).order_by(Reminder.day)))
        assert steps == ["soon", "due", "late"]
        db.session.execute(
            update(Commitment).values(due=date(2026, 6, 10), extension_reason="下雨", extension_by="张书记")
        )
        for day in range(9, 30):
            reminders.urge(now=on(day))
        anew = select(Reminder.step, Reminder.day).where(Reminder.due == date(2026, 6, 10)).order_by(Reminder.day)
        assert [(row.step, row.day.day) for row in db.session.execute(anew)] == [
            ("soon", 5), ("due", 10), ("late", 11), ("later", 17), ("climb", 25),
        ]  # fmt: skip
        lines = db.session.scalars(select(TimelineEntry).where(TimelineEntry.verb == reminders.CLIMBED)).all()
        assert [line.words for line in lines] == ["超期 10 个工作日还没办完，已经报街道知道"]
        matter_id, subject = matter.id, promised.id
        db.session.commit()
    with inside(app):
        [row] = queries.climbed()
        assert (row.matter_id, row.subject_id, row.who, row.community) == (
            matter_id,
            subject,
            "顺达施工队",
            "南盐道社区",
        )
    with inside(app, "nanyandao"):
        db.session.execute(update(Commitment).values(state="done", done_at=on(29), evidence="焊好了"))
        before = len(db.session.scalars(select(Reminder.id)).all())
        # Everything is reported and nobody hands over: now the matter's own day counts, for its owner.
        assert reminders.urge(now=on(30)) == 5
        mine = db.session.scalars(select(Reminder).where(Reminder.kind == "matter")).all()
        assert {one.to_label for one in mine} == {"孙楼长"}
        assert len(db.session.scalars(select(Reminder.id)).all()) == before + 5
        db.session.commit()
    with inside(app):
        assert [row.kind for row in queries.climbed()] == ["matter"]
        assert queries.climbed(community=-1) == []


def test_who_is_told_how(app, now) -> None:
    with inside(app, "nanyandao"):
        matter = matter_at("implementing", now=now, title="晾衣架")
        quarrel = matter_at("accepted", now=now, title="老赵家吵架", visibility="parties", track="mediation",
                            due_at=end_of(on(2).date()))  # fmt: skip
        task(matter, on(2).date(), what="买钢管")
        task(matter, on(2).date(), "顺达施工队", None, position=2, contact_sealed=seal("13900001111"))
        assert reminders.urge(now=on(2)) == 6
        told = {one.to_label: one for one in db.session.scalars(select(Digest))}
        assert {label: (one.channel, len(one.lines)) for label, one in told.items()} == {
            "小李": ("desk", 1), "顺达施工队": ("outbox", 1), "张书记": ("desk", 1),
        }  # fmt: skip
        line = told["张书记"].lines[0]
        assert (line["number"], line["title"], line["what"]) == (quarrel.number, "", "")
        crew, li, boss = told["顺达施工队"], person("xiaoli", now), person("shuji", now)
        assert reminder_queries.by_hand(on(2).date()) == [crew]
        assert reminder_queries.phones_of([crew]) == {crew.id: "13900001111"}
        with pytest.raises(Refused):
            reminders.mark_digest_told(told["小李"].id, by=boss, now=on(2))
        with pytest.raises(Missing):
            reminders.mark_digest_told(uuid7(), by=boss, now=on(2))
        reminders.mark_digest_told(crew.id, by=boss, now=on(2))
        assert (crew.receipt, crew.handled_label) == ("delivered", "张书记")
        assert reminder_queries.by_hand(on(2).date()) == [crew]
        assert reminder_queries.by_hand(on(3).date()) == []
        assert [one.id for one in reminder_queries.unread_of(li.id)] == [told["小李"].id]
        assert reminders.mark_read(on(2).date(), by=li, now=on(2)) == 1
        assert reminder_queries.unread_of(li.id) == []
        rows, total = reminder_queries.history(reminder_queries.Wanted(kind="task", step="due"))
        assert (total, {row.to_label for row, _matter in rows}) == (2, {"小李", "顺达施工队"})
        db.session.execute(update(Membership).values(until=on(1).date()))
        matter_at("accepted", now=now, due_at=end_of(on(3).date()))
        reminders.urge(now=on(3))
        assert OFFICE in {one.to_label for one in reminder_queries.by_hand(on(3).date())}


def test_new_days_off_move_the_moment_of_yellow_and_no_due_day(app, now) -> None:
    """The 5th becomes a day off: what is due on the 8th turns yellow a working day earlier, in every hall."""
    for slug in ("nanyandao", "dianye"):
        with inside(app, slug):
            matter_at("accepted", now=now, number="M1", due_at=end_of(date(2026, 6, 8)))
            db.session.commit()
    with inside(app):
        street_calendar.add_holiday(date(2026, 6, 5), "停电", is_working=False, now=now)
        db.session.commit()
    with inside(app, "nanyandao"):
        matter = db.session.scalars(select(Matter)).one()
        assert (matter.warn_at, matter.due_at) == (on(3, 0), end_of(date(2026, 6, 8)))
        assert (clocks.put_right(), clocks.put_right()) == (1, 0)
        assert (matter.warn_at, matter.due_at) == (on(2, 0), end_of(date(2026, 6, 8)))
        matter.due_at = None
        db.session.flush()
        assert matter.warn_at is None
        matter.due_at = end_of(date(2026, 6, 9))
        db.session.flush()
        assert matter.warn_at == on(3, 0)


def test_the_street_s_order_is_the_secretary_s_to_answer(app, now) -> None:
    with inside(app, "nanyandao"):
        matter = matter_at("accepted", now=now, owner_id=account("xiaoli").id)
        due = on(2).date()
        for n, level in enumerate(("street", "community")):
            db.session.add(
                SupervisionOrder(matter_id=matter.id, number=f"D{n}", level=level, lead="南盐道社区", demand="清淤",
                                 due=due, issued_at=now, issued_label="x")
            )  # fmt: skip
        reminders.urge(now=on(2))
        told = {one.to_label: one for one in db.session.scalars(select(Digest))}
        assert {label: (one.channel, len(one.lines)) for label, one in told.items()} == {
            "张书记": ("desk", 1), "南盐道社区": ("outbox", 1),
        }  # fmt: skip
        assert told["张书记"].to_id == account("shuji").id
