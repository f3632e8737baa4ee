"""What goes out when, and what fits: quiet hours, waits, one part of a text, the bytes of a group's bot."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.notices import delivery_rules as rules
from app.notices.rules import Entry, Reader, Spoken, carried, words_for

HERE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        (at(1, 9), (21, 8), at(1, 9)),
        (at(1, 21), (21, 8), at(2, 8)),
        (at(1, 23, 59), (21, 8), at(2, 8)),
        (at(2, 0), (21, 8), at(2, 8)),
        (at(2, 7, 59), (21, 8), at(2, 8)),
        (at(2, 8), (21, 8), at(2, 8)),
        (at(1, 12, 30), (12, 14), at(1, 14)),
        (at(1, 14), (12, 14), at(1, 14)),
        (at(1, 3), (5, 5), at(1, 3)),
    ],
)
def test_nobody_is_woken(moment, hours, expected):
    assert rules.after_quiet(moment, *hours) == expected


def test_waits_grow_and_end():
    now = at(1, 9)
    found = [rules.next_try(n, now) for n in range(1, 7)]
    waits = [one - now for one in found if one]
    assert waits == sorted(waits)
    assert found[4:] == [None, None]
    assert waits[-1] <= timedelta(hours=2)


def test_a_text_is_one_part_without_a_link():
    sign = "中华大街街道"
    short = "NYD20260001：现在到了「公示」。"
    assert rules.sms_text(short, sign) == short
    long = "NYD20260001「百货商店门口晚上太黑」：" + "网格员和五位邻居夜里走了一遍，量了亮度。" * 5
    text = rules.sms_text(long + " https://yard.test/x?y=1", sign)
    assert len(f"【{sign}】{text}") <= rules.SMS_PART
    assert text.endswith("。")
    assert rules.sms_text("看 http://a.b/c 这里", sign) == "看 这里"
    assert rules.sms_text("一" * 200, sign).endswith("…")


def test_the_group_s_bot_calls_nobody():
    text = rules.wecom_text("@all 大家好\n" + "\n".join(f"{n}. 一件要办的事" * 3 for n in range(90)))
    assert len(text.encode()) <= rules.WECOM_BYTES
    assert "@" not in text
    assert text.endswith("\n…")
    assert len(rules.wecom_text("长" * 3000).encode()) <= rules.WECOM_BYTES


def test_addresses():
    assert rules.contact_problem("mail", "zhang@example.org") is None
    for wrong in ("zhang", "a@b", "a b@example.org", "a@example.org\nBcc: x@y.cn", "x" * 200 + "@example.org"):
        assert rules.contact_problem("mail", wrong) is not None
    assert rules.contact_problem("sms", "138 0013 8000") is None
    assert rules.contact_problem("sms", "85550118") is not None
    assert rules.masked_contact("mail", "zhang@example.org") == "z***@example.org"
    assert rules.masked_contact("sms", "13800138000") == "138****8000"


def test_a_newer_step_takes_the_place_of_an_older_one():
    lines = [Spoken(1, "reviewing"), Spoken(2, None), Spoken(3, "implementing"), Spoken(4, None), Spoken(5, "accepted")]
    assert [line.id for line in carried(lines)] == [1, 2, 4]
    assert carried([Spoken(1, None)]) == [Spoken(1, None)]


def test_a_private_matter_never_carries_its_title():
    entry = Entry("accept", "accepted", "社区受理了。", False, True, None, "NYD20260001", "老赵家吵架")
    for kind in ("proposer", "owner", "secretary", "order", "council", "signers"):
        assert "吵架" not in words_for(entry, Reader(kind, "x"))
