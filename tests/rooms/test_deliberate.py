"""Sitting down together: series, notice, register, quorum, minutes, and every way a sitting ends."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.clock import at, local
from app.errors import Missing, NotAllowed, Refused
from app.flow.decide.models import Ballot
from app.flow.deliberate import actions as table
from app.flow.deliberate.evidence import evidence_of
from app.flow.deliberate.models import Sitting
from app.flow.deliberate.queries import agenda_of, minutes_of, presence, register_of, upcoming_sittings
from app.matter.models import TimelineEntry
from app.people.desk import end_role
from app.people.models import Membership
from tenants.database import db, uuid7
from tests.conftest import inside, later
from tests.rooms.people import account, person
from tests.rooms.sitting_table import BY_PLACE, announced, come, opened, talked, topic


def words_of(matter):
    db.session.flush()
    lines = db.session.scalars(
        select(TimelineEntry).where(TimelineEntry.matter_id == matter.id).order_by(TimelineEntry.at, TimelineEntry.seq)
    )
    return [(line.verb, line.words) for line in lines]


def test_a_series_on_every_fifth_gives_its_next_days(hall, now):
    series = table.add_series(
        "每月例会", "FREQ=MONTHLY;BYMONTHDAY=5", "14:30", None, "council", by=person("shuji", now), now=now
    )
    days = [local(day) for day in table.next_dates(series, now, 3)]
    assert [(d.month, d.day, d.hour, d.minute) for d in days] == [(6, 5, 14, 30), (7, 5, 14, 30), (8, 5, 14, 30)]
    after_it = at(date(2026, 6, 5), 14, 30)
    assert local(table.next_dates(series, after_it, 1)[0]).month == 7


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "每月五号", "", "FREQ=MONTHLY;BYMONTHDAY=5\nEXDATE:2026"])
def test_a_series_nobody_could_keep_is_refused(hall, now, rule):
    with pytest.raises(Refused):
        table.add_series("怪例会", rule, "14:30", None, "council", by=person("shuji", now), now=now)


def test_the_register_of_a_council_is_its_seats_and_guests_do_not_count(hall, now):
    sitting = announced(now, topic(now), expected=[table.Expected("物业何经理", "物业"), "邻居吴阿姨"])
    lines = register_of(sitting.id)
    assert sitting.base == 17
    assert sum(line.counts for line in lines) == 17
    assert [line.name for line in lines if not line.counts] == ["物业何经理", "邻居吴阿姨"]
    assert sitting.number == "NYD-HY-2026-001"


def test_the_notice_moves_the_matter_and_makes_its_day_the_deadline(hall, now):
    matter = topic(now)
    sitting = announced(now, matter)
    assert (matter.stage, matter.due_at) == ("scheduled", sitting.starts_at)
    assert sitting.noticed_at == now
    item, _ = agenda_of(sitting.id)[0]
    assert item.materials.startswith("院里装五组晾衣架")
    assert "A 装五组晾衣架（社区出，3000 元）" in item.materials
    assert words_of(matter)[-1] == ("schedule", f"定在 6 月 5 日 09:00，到{BY_PLACE}一起议。")
    assert {"agenda", "time_and_place", "invitees", "rule_and_base", "materials", "notice_given"} <= evidence_of(matter)


def test_a_notice_under_three_days_is_refused_with_the_first_day_that_works(hall, now):
    matter = topic(now)
    with pytest.raises(Refused) as caught:
        announced(now, matter, days=2)
    assert caught.value.values == {"days": 3, "month": 6, "day": 4}
    assert matter.stage == "topic_confirmed"


def test_an_urgent_matter_needs_no_days_of_notice(hall, now):
    matter = topic(now, triage="urgent")
    assert announced(now, matter, days=0.2).state == "noticed"
    assert matter.stage == "scheduled"


def test_a_hard_matter_is_not_announced_before_it_was_looked_into(hall, now):
    matter = topic(now, triage="hard")
    with pytest.raises(Refused) as caught:
        announced(now, matter)
    assert caught.value.reason == "难事要先调查研究，听专家意见"


def test_seats_are_counted_on_the_day_of_the_notice(hall, now):
    by = person("shuji", now)
    sitting = table.plan_sitting(
        kind="council", title="例会", starts_at=later(4), place=BY_PLACE, matters=[topic(now)], by=by, now=now
    )
    seat = db.session.scalar(select(Membership).where(Membership.seat == 17))
    end_role(seat.id, by=by, now=now)
    db.session.flush()
    table.give_notice(sitting, by=by, now=now)
    assert sitting.base == 16
    assert sum(line.counts for line in register_of(sitting.id)) == 16


def test_one_matter_lies_on_one_table_only(hall, now):
    matter = topic(now)
    announced(now, matter)
    with pytest.raises(Refused):
        announced(now, matter, days=6)


def test_planning_twice_with_the_same_id_is_planning_once(hall, now):
    once, by = uuid7(), person("shuji", now)
    plan = {
        "kind": "council",
        "title": "例会",
        "starts_at": later(4),
        "place": BY_PLACE,
        "by": by,
        "now": now,
        "id": once,
    }
    first, second = table.plan_sitting(**plan), table.plan_sitting(**plan)
    assert first.id == second.id == once
    assert len(db.session.scalars(select(Sitting)).all()) == 1


@pytest.mark.parametrize(("came", "quorate"), [(8, False), (9, True), (17, True)])
def test_the_quorum_of_seventeen_is_nine(hall, now, came, quorate):
    matter = topic(now)
    sitting, _ = opened(matter, came, now)
    assert (sitting.present_at_opening, sitting.quorate) == (came, quorate)
    assert matter.stage == "deliberating"
    assert ("quorum" in evidence_of(matter)) is quorate
    assert ("quorum_lost" in evidence_of(matter)) is not quorate


def test_a_charter_may_ask_for_two_thirds(hall, now):
    matter = topic(now)
    sitting = announced(now, matter, quorum_rule="two_thirds")
    come(sitting, 11, later(4))
    table.open_sitting(
        sitting, chair=account("shuji"), recorder=account("zhao"), by=person("shuji", later(4)), now=later(4)
    )
    assert sitting.quorate is False
    assert presence(sitting).condition.values["needed"] == 12


def test_a_sitting_does_not_open_before_its_day_nor_without_anybody(hall, now):
    sitting = announced(now, topic(now))
    start = {"chair": account("shuji"), "recorder": account("zhao"), "by": person("shuji", now)}
    with pytest.raises(Refused) as early:
        table.open_sitting(sitting, now=later(3), **start)
    assert early.value.values == {"month": 6, "day": 5}
    with pytest.raises(Refused) as empty:
        table.open_sitting(sitting, now=later(4), **start)
    assert empty.value.reason == "到会登记还是空的，先登记谁到了。"


def test_a_sitting_is_opened_once(hall, now):
    sitting, moment = opened(topic(now), 12, now)
    with pytest.raises(Refused):
        table.open_sitting(
            sitting, chair=account("shuji"), recorder=account("zhao"), by=person("shuji", moment), now=moment
        )


def test_without_a_quorum_people_talk_and_the_matter_waits_for_a_new_notice(hall, now):
    """M24: 8 of 17 came, the talk is kept, and the second sitting owes a notice and a quorum of its own."""
    matter = topic(now)
    sitting, moment = opened(matter, 8, now)
    table.speak(sitting, matter.id, "祝阿姨", "今天人少，先听听想法。", by=person("zhao", moment), now=moment)
    table.close_sitting(sitting, "人不够，只谈不定。", by=person("shuji", moment), now=moment)
    assert (sitting.state, matter.stage) == ("closed", "scheduled")
    assert [item.outcome for item, _ in agenda_of(sitting.id)] == ["adjourned"]
    assert len(minutes_of(sitting.id)) == 1
    assert "notice_given" not in evidence_of(matter)
    by = person("shuji", moment)
    again = table.plan_sitting(
        kind="council", title="再议", starts_at=later(11), place=BY_PLACE, matters=[matter], by=by, now=moment
    )
    table.give_notice(again, by=by, now=moment)
    assert (matter.stage, matter.due_at) == ("scheduled", again.starts_at)
    come(again, 12, later(11))
    table.open_sitting(
        again, chair=account("shuji"), recorder=account("zhao"), by=person("shuji", later(11)), now=later(11)
    )
    assert again.quorate
    assert matter.stage == "deliberating"


def test_closing_waits_for_a_word_on_every_matter(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    talked(sitting, matter, moment)
    with pytest.raises(Refused) as caught:
        table.close_sitting(sitting, "散会", by=person("shuji", moment), now=moment)
    assert caught.value.values["title"] == matter.title
    table.redeliberate(matter, "费用没说清，再去问问", by=person("shuji", moment), now=moment)
    assert (matter.stage, matter.round) == ("surveying", 2)
    table.close_sitting(sitting, "散会", by=person("shuji", moment), now=moment)
    assert sitting.state == "closed"


def test_people_who_leave_or_step_back_drop_out_of_the_count(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    lines = register_of(sitting.id)
    table.register(sitting, lines[0].id, "left", by=person("zhao", moment), now=moment)
    table.recuse(sitting, lines[1].id, matter, by=person("shuji", moment), now=moment)
    whole, mine = presence(sitting), presence(sitting, matter.id)
    assert (whole.eligible, whole.present) == (17, 11)
    assert (mine.eligible, mine.present) == (16, 10)
    assert ("recuse", "有一位和这件事有关，说完意见后回避，不参加表决。") in words_of(matter)
    assert lines[0].left_at == moment
    # Before a larger body one steps back as well, until the vote runs; its stage is the same all the while.
    matter.stage = "ratifying"
    table.recuse(sitting, lines[2].id, matter, by=person("shuji", moment), now=moment)
    assert presence(sitting, matter.id).eligible == 15
    db.session.add(
        Ballot(matter_id=matter.id, question="问", rule="reps_meeting", mode="hands", eligible=3, present=3,
               called_at=moment)
    )  # fmt: skip
    db.session.flush()
    with pytest.raises(Refused, match="不能再回避"):
        table.recuse(sitting, lines[3].id, matter, by=person("shuji", moment), now=moment)


def test_the_register_refuses_strangers_and_is_shut_with_the_sitting(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    other = announced(now, topic(now, title="另一件"), days=6)
    stranger = register_of(other.id)[0]
    by = person("zhao", moment)
    with pytest.raises(Missing):
        table.register_many(sitting, {stranger.id: "present"}, by=by, now=moment)
    absent = next(line for line in register_of(sitting.id) if line.state == "expected")
    with pytest.raises(Refused):
        table.register(sitting, absent.id, "left", by=by, now=moment)
    talked(sitting, matter, moment)
    table.redeliberate(matter, "再看看", by=person("shuji", moment), now=moment)
    table.close_sitting(sitting, "", by=person("shuji", moment), now=moment)
    with pytest.raises(Refused):
        table.register(sitting, absent.id, "present", by=by, now=moment)


def test_minutes_are_numbered_corrected_and_signed_off(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    by, once = person("zhao", moment), uuid7()
    first = table.speak(sitting, matter.id, "祝阿姨", "装吧", by=by, now=moment, id=once)
    assert table.speak(sitting, matter.id, "祝阿姨", "装吧", by=by, now=moment, id=once) is first
    table.speak(sitting, matter.id, "何师傅", "得找个避风的地方", by=by, now=moment)
    table.edit_words(first.id, "祝阿姨", "装吧，越快越好。", by=by, now=moment)
    assert [(e.position, e.words) for e in minutes_of(sitting.id)] == [(1, "装吧，越快越好。"), (2, "得找个避风的地方")]
    with pytest.raises(Refused):
        table.speak(sitting, matter.id, "祝阿姨", "长" * 5001, by=by, now=moment)
    table.redeliberate(matter, "再看看", by=person("shuji", moment), now=moment)
    table.close_sitting(sitting, "", by=person("shuji", moment), now=moment)
    table.finish_minutes(sitting, confirmed_by="周书记", by=by, now=moment)
    with pytest.raises(Refused):
        table.edit_words(first.id, "祝阿姨", "反悔", by=by, now=moment)


def test_a_council_sitting_is_led_from_its_chair(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    with pytest.raises(NotAllowed):
        table.put_options(sitting, matter, by=person("xiaoli", moment), now=moment)


def test_options_are_kept_as_they_were_put(hall, now):
    matter = topic(now)
    sitting, moment = opened(matter, 12, now)
    item = table.put_options(sitting, matter, by=person("shuji", moment), now=moment)
    assert [(o["label"], o["cost_fen"]) for o in item.options] == [("A", 300_000), ("B", 120_000)]
    table.put_options(sitting, matter, ["装五组，放在避风处"], by=person("shuji", moment), now=moment)
    assert [o["words"] for o in item.options] == ["装五组，放在避风处"]


def test_a_bench_sitting_starts_straight_from_triage(hall, now):
    matter = topic(now, stage="accepted", question="")
    by = person("xiaoli", now)
    bench = table.plan_sitting(
        kind="bench", title="楼门口说说", starts_at=later(hours=3), place="3 号楼门口", matters=[matter],
        expected=["王阿姨", "孙楼长", "小卖部老刘"], by=by, now=now,
    )  # fmt: skip
    come(bench, 3, later(hours=3))
    table.open_sitting(bench, chair=account("xiaoli"), recorder=account("xiaoli"), by=by, now=later(hours=3))
    assert (bench.base, matter.stage, matter.question) == (3, "deliberating", matter.title)


def test_a_major_matter_cannot_skip_to_the_bench(hall, now):
    matter = topic(now, stage="accepted", triage="major")
    with pytest.raises(Refused):
        table.plan_sitting(
            kind="bench", title="板凳会", starts_at=later(1), place="亭子", matters=[matter], expected=["甲"],
            by=person("shuji", now), now=now,
        )  # fmt: skip


def test_postponing_gives_a_fresh_notice_and_a_reason(hall, now):
    matter = topic(now)
    sitting = announced(now, matter)
    by = person("shuji", now)
    with pytest.raises(Refused):
        table.postpone(sitting, later(8), " ", by=by, now=later(1))
    table.postpone(sitting, later(8), "活动室漏水", by=by, now=later(1))
    assert (sitting.noticed_at, matter.due_at) == (later(1), later(8))
    table.call_off(sitting, "并到下次", by=by, now=later(2))
    assert (sitting.state, matter.stage) == ("called_off", "scheduled")
    assert announced(later(2), matter, days=9).state == "noticed"


def test_the_home_page_hears_of_what_is_announced_and_of_no_private_matter(hall, now):
    public, private = topic(now), topic(now, title="楼上楼下漏水", visibility="parties")
    announced(now, public, private)
    table.plan_sitting(kind="talk", title="还没公告", starts_at=later(2), place="亭子", expected=["甲"],
                       by=person("shuji", now), now=now)  # fmt: skip
    found = upcoming_sittings(now, 5)
    assert [(s["title"], [m["title"] for m in s["matters"]]) for s in found] == [("六月例会", [public.title])]
    assert upcoming_sittings(later(5), 5) == []


def test_the_neighbour_sees_no_sitting(app, now):
    with inside(app, "nanyandao"):
        announced(now, topic(now))
        db.session.commit()
    with inside(app, "dianye"):
        assert upcoming_sittings(now, 5) == []
        assert db.session.scalars(select(Sitting)).all() == []
