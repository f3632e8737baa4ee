"""Before people sit down: the bodies that ratify, a second try, invitations and answers, series, a bench afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.clock import at, local
from app.errors import Missing, NotAllowed, Refused
from app.flow.decide.consensus import ask_consensus, set_stance, settle_consensus
from app.flow.deliberate import actions as table
from app.flow.deliberate import inviting, planning, series
from app.flow.deliberate.queries import agenda_of, minutes_of, ready_for_agenda, register_of
from app.matter.house import forget_houses
from app.matter.models import Holiday, TimelineEntry
from app.notices.actions import spread_news
from app.notices.models import Message
from app.people.seats import Convener, Representative
from tenants.database import db
from tests.conftest import later
from tests.rooms.people import account, person
from tests.rooms.sitting_table import BY_PLACE, announced, come, opened, topic


def members(now, reps, committee):
    today = now.date()
    for n in range(reps + committee):
        kind = "rep" if n < reps else "committee"
        login = account("sun").id if n == 0 else None
        db.session.add(
            Representative(kind=kind, name=f"代表{n + 1}", area=f"{n} 号楼", households=30, since=today, position=n,
                           account_id=login)
        )  # fmt: skip
    db.session.flush()


def lines_of(matter):
    return list(
        db.session.scalars(
            select(TimelineEntry)
            .where(TimelineEntry.matter_id == matter.id)
            .order_by(TimelineEntry.at, TimelineEntry.seq)
        )
    )


def test_a_matter_is_ratified_by_its_own_body_and_moves_with_no_sitting(hall, now):
    by, matter = person("shuji", now), topic(now, stage="ratifying", triage="major", power="residents")
    plan = {"title": "第一次代表会议", "place": "活动室", "matters": [matter], "by": by, "now": now}
    with pytest.raises(Refused, match="等着提请"):
        table.plan_sitting(kind="council", starts_at=later(12), **plan)
    with pytest.raises(Refused, match="名册还是空的"):
        table.plan_sitting(kind="reps", starts_at=later(12), **plan)
    members(now, 7, 3)
    sitting = table.plan_sitting(kind="reps", starts_at=later(9), **plan)
    with pytest.raises(Refused) as late:
        table.give_notice(sitting, by=by, now=now)
    assert late.value.values["days"] == 10
    table.postpone(sitting, later(10), "", by=by, now=now)
    # Seven of ten are fewer than four fifths.
    with pytest.raises(Refused) as few:
        table.give_notice(sitting, by=by, now=now)
    assert few.value.values == {"members": 10, "needed": 8, "reps": 7}
    rep = db.session.scalar(select(Representative).where(Representative.name == "代表8"))
    rep.kind = "rep"
    table.give_notice(sitting, by=by, now=now)
    assert (sitting.base, sitting.reps, sitting.quorum_rule, matter.stage) == (10, 8, "two_thirds", "ratifying")
    assert [line.verb for line in lines_of(matter)] == ["sitting_planned"]
    come(sitting, 7, later(10))
    start = {"chair": account("shuji"), "recorder": account("zhao"), "by": person("shuji", later(10))}
    table.open_sitting(sitting, now=later(10), **start)
    assert (sitting.quorate, matter.stage) == (True, "ratifying")
    table.close_sitting(sitting, "", by=start["by"], now=later(10))
    assert matter.stage == "ratifying"
    assert [line.verb for line in lines_of(matter)] == ["sitting_planned", "sitting_opened"]
    assert matter in ready_for_agenda()


def test_residents_and_owners_are_counted_by_number_and_written_down_as_they_come(hall, now):
    by, matter = person("shuji", now), topic(now, stage="ratifying", triage="major", power="residents")
    plan = {"kind": "residents", "title": "居民会议", "place": "小广场", "matters": [matter], "by": by, "now": now}
    with pytest.raises(Refused, match="哪个小区"):
        table.plan_sitting(**{**plan, "kind": "owners"}, starts_at=later(16))
    empty = table.plan_sitting(**{**plan, "matters": []}, starts_at=later(11))
    table.add_to_agenda(empty, matter, by=by, now=now)
    with pytest.raises(Refused, match="应到多少"):
        table.give_notice(empty, by=by, now=now)
    empty.base = 5
    table.give_notice(empty, by=by, now=now)
    new = table.invite(empty, [table.Expected("王阿姨", "3-301"), table.Expected("老刘")], by=by, now=later(11))
    table.register_many(empty, {line.id: "present" for line in new}, by=by, now=later(11))
    table.open_sitting(empty, chair=account("shuji"), recorder=account("zhao"), by=by, now=later(11))
    assert (empty.base, empty.quorate) == (5, False)
    more = table.invite(empty, [table.Expected("老刘"), table.Expected("孙师傅")], by=by, now=later(11))
    assert [line.name for line in more] == ["孙师傅"]


def test_a_second_try_keeps_quorum_agenda_and_guests(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 8, now)
    by = person("shuji", moment)
    with pytest.raises(Refused):
        planning.taken_over(sitting)
    table.speak(sitting, matter.id, "祝阿姨", "今天人少。", by=by, now=moment)
    table.close_sitting(sitting, "", by=by, now=moment)
    with pytest.raises(Refused, match="同一种会"):
        table.plan_sitting(kind="talk", title="再谈", starts_at=later(11), place="亭子", expected=["甲"],
                           follows=sitting, by=by, now=moment)  # fmt: skip
    again = table.call_again(sitting, later(11), by=by, now=moment)
    assert (again.follows_id, again.kind, again.quorum_rule, again.place) == (sitting.id, "council", "half", BY_PLACE)
    assert [found.id for _, found in agenda_of(again.id)] == [matter.id]
    assert again.title.endswith("（再次召集）")


def test_everybody_invited_hears_once_answers_and_is_asked_anew_for_another_day(hall, now):
    one, two = topic(now), topic(now, title="楼上楼下漏水", visibility="parties")
    sitting = announced(now, one, two, expected=[table.Expected("何经理", "物业")])
    by = person("zhao", now)
    assert spread_news(now=now) == 2 + 17 + 1  # two proposers, seventeen seats, one guest
    words = db.session.scalar(select(Message.words).where(Message.to_label == "何经理（物业）"))
    assert words == f"请您来开会：「六月例会」，6 月 5 日 09:00，到{BY_PLACE}，议 2 件：{one.title}；{two.number}。"
    line = next(x for x in register_of(sitting.id) if x.account_id == account("yishi1").id)
    table.reply(line, sitting, coming=False, words="出差", by=person("yishi1", now), now=now)
    assert (line.reply, line.said_by, line.noted_by) == ("not_coming", "", "")
    guest = register_of(sitting.id)[-1]
    with pytest.raises(Refused, match="谁回的话"):
        table.reply(guest, sitting, coming=True, by=by, now=now)
    table.reply(guest, sitting, coming=True, said_by="本人电话里", by=by, now=now)
    assert (guest.noted_by, guest.reply) == ("赵师傅", "coming")
    found = inviting.replies_of(sitting, register_of(sitting.id))
    assert (found.coming, found.not_coming, found.silent, found.danger) == (0, 1, 16, "thin")
    late = table.invite(sitting, [table.Expected("小刘", "社工"), table.Expected("何经理", "物业")], by=by, now=now)
    assert [(x.name, x.counts, x.invited_at) for x in late] == [("小刘", False, now)]
    assert spread_news(now=now) == 1
    assert table.excuse_decliners(sitting, by=by, now=now) == 1
    assert line.state == "excused"
    table.postpone(sitting, later(8), "活动室漏水", by=person("shuji", now), now=now)
    assert (sitting.changes, sitting.change_words, line.reply, guest.noted_by) == (1, "活动室漏水", "", "")
    table.call_off(sitting, "并到下月", by=person("shuji", now), now=now)
    assert (sitting.changes, sitting.change_words) == (2, "并到下月")
    with pytest.raises(Refused):
        table.reply(line, sitting, coming=True, by=person("yishi1", now), now=now)


def test_who_convenes_and_who_may_watch(hall, now):
    by, matter = person("shuji", now), topic(now)
    sitting = announced(now, matter)
    assert (sitting.convener_id, sitting.convener_label) == (by.id, by.label)
    assert table.observe(sitting, by=person("jiandu", now), now=now).counts is False
    table.observe(sitting, by=person("jiandu", now), now=now)
    assert [line.name for line in register_of(sitting.id) if not line.counts] == ["何监督"]
    with pytest.raises(NotAllowed):
        table.observe(sitting, by=person("zhao", now), now=now)
    listed = Convener(name="郑单元长", standing="unit_steward", since=now.date())
    db.session.add(listed)
    db.session.flush()
    plan = {"kind": "talk", "title": "谈谈", "starts_at": later(2), "place": "亭子", "expected": ["甲"], "now": now}
    assert table.plan_sitting(**plan, convener=listed.id, by=by).convener_label == "郑单元长"
    assert table.plan_sitting(**plan, by=by).convener_label == ""
    with pytest.raises(Refused, match="召集人名单"):
        table.plan_sitting(**plan, convener=by.id, by=by)


def test_the_agenda_is_ordered_thinned_and_laid_out_before_the_notice(hall, now):
    by, first, second = person("shuji", now), topic(now), topic(now, title="门口装灯")
    sitting = table.plan_sitting(kind="council", title="例会", starts_at=later(4), place="亭子",
                                 matters=[first, second], by=by, now=now)  # fmt: skip
    table.move_on_agenda(sitting, second.id, up=True, by=by, now=now)
    table.move_on_agenda(sitting, second.id, up=True, by=by, now=now)
    assert [m.id for _, m in agenda_of(sitting.id)] == [second.id, first.id]
    table.take_off_agenda(sitting, first.id, by=by, now=now)
    table.lay_out(sitting, second.id, "先看看图纸。", [], by=by, now=now)
    with pytest.raises(Missing):
        table.lay_out(sitting, second.id, "", [first.id], by=by, now=now)
    extra = table.invite(sitting, [table.Expected("小卖部老刘")], by=by, now=now)
    table.disinvite(sitting, extra[0].id, by=by, now=now)
    with pytest.raises(Refused, match="是成员"):
        table.disinvite(sitting, register_of(sitting.id)[0].id, by=by, now=now)
    table.give_notice(sitting, by=by, now=now)
    assert [(item.materials, m.stage) for item, m in agenda_of(sitting.id)] == [("先看看图纸。", "scheduled")]
    assert first.stage == "topic_confirmed"
    with pytest.raises(Refused):
        table.take_off_agenda(sitting, second.id, by=by, now=now)


def test_a_series_moves_around_the_streets_holidays_and_plans_its_next_day(app, hall, now):
    by = person("shuji", now)
    regular = table.add_series(
        "每月例会", "FREQ=MONTHLY;BYMONTHDAY=5", "14:30", None, on_holiday="after", by=by, now=now
    )
    assert [local(day).date() for day in table.next_dates(regular, now, 3)] == [
        date(2026, 6, 5), date(2026, 7, 6), date(2026, 8, 5)
    ]  # fmt: skip
    found = series.find_running(regular.id, now)
    sitting = table.plan_sitting(
        kind="council", title=series.title_of(regular, found.next_free.day.at), starts_at=found.next_free.day.at,
        place=BY_PLACE, series=regular, by=by, now=now,
    )  # fmt: skip
    assert (sitting.title, sitting.series_on) == ("6 月例会", date(2026, 6, 5))
    assert series.find_running(regular.id, now).next_free.day.on == date(2026, 7, 5)
    table.change_series(
        regular, "例会", "FREQ=WEEKLY;BYDAY=FR", "9:00", None, "council", on_holiday="skip", by=by, now=now
    )
    shown = series.find_running(regular.id, at(date(2026, 6, 15), 8)).days
    assert [(one.day.on.day, one.day.at is None) for one in shown[:2]] == [(19, True), (26, False)]
    assert len([one for one in shown if one.day.at]) == series.SHOWN
    with pytest.raises(Refused):
        table.add_series("大会", "FREQ=MONTHLY;BYMONTHDAY=5", "9:00", None, "owners", by=by, now=now)
    table.end_series(regular, by=by, now=now)
    with pytest.raises(Missing):
        series.find_running(regular.id, now)
    forget_houses()
    assert db.session.scalar(select(Holiday.id).where(Holiday.day == date(2026, 6, 19)))


def test_a_bench_sitting_told_afterwards_takes_every_step_with_its_own_time(hall, now):
    matter = topic(now, stage="accepted", question="")
    by, begun = person("xiaoli", now), now + timedelta(hours=1)
    bench = {
        "begun": begun, "ended": begun + timedelta(minutes=40), "place": "3 号楼门口", "by": by, "now": later(hours=5),
        "present": [table.Expected("王阿姨"), table.Expected("老刘", "小卖部")], "said": [("王阿姨", "装吧。")],
        "options": ["装两组晾衣架"],
    }  # fmt: skip
    with pytest.raises(Refused, match="还没受理"):
        table.tell_afterwards(matter, **{**bench, "begun": now - timedelta(hours=1)})
    with pytest.raises(Refused, match="立题"):
        table.tell_afterwards(topic(now, stage="accepted", triage="hard"), **bench)
    sitting = table.tell_afterwards(matter, **bench)
    ballot = ask_consensus(sitting, matter, ["王阿姨", "老刘"], by=by, now=bench["ended"])
    for name in ("王阿姨", "老刘"):
        set_stance(ballot, name, "agree", by=by, now=bench["ended"])
    settle_consensus(ballot, by=by, now=bench["ended"])
    table.close_sitting(sitting, "都同意。", by=by, now=bench["ended"])
    assert (sitting.told_afterwards, sitting.opened_at, sitting.closed_at) == (True, begun, bench["ended"])
    assert (matter.stage, sitting.base, sitting.quorate) == ("decided", 2, True)
    assert [(x.speaker, x.at) for x in minutes_of(sitting.id)] == [("王阿姨", begun)]
    assert {x.state for x in register_of(sitting.id)} == {"present"}
    assert [x.verb for x in lines_of(matter)] == ["open_sitting", "agree", "told_afterwards"]
