"""How the stories of the proof begin: said, looked into, announced, seated, decided; the demo's own verbs in short."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import clock
from app.faces.cli.demo.told_after import Job, Teller

#: A place in the hall where everybody knocks, and who sits at a table that is not the council's.
YARD = ("锡麟街小区", "2 号楼")
TABLE = ["2 号楼代表", "3 号楼代表", "物业经理", "车主代表", "老人代表", "志愿者代表"]


def just(t: Teller, minutes: int) -> tuple[int, str]:
    """The story's day and the time of day so many minutes ago."""
    then = clock.local(clock.now() - timedelta(minutes=minutes))
    return (then.date() - t.clock.day(0)).days, f"{then:%H:%M}"


def said(t: Teller, what: str, *, triage: str = "minor", power: str = "council") -> None:
    """Said and taken on."""
    t.said(
        0, "9:10", words=f"{what}一直没人管，住在这儿的人天天为它吵，想请大家坐下来商量出一个办法。", title=what,
        wish="商量出一个办法", category="parking", where=YARD, name="老邢", phone="13603118852",
    )  # fmt: skip
    t.accept(1, "9:40", triage, power=power)


def found_out(t: Teller, what: str, *, party: bool = False) -> None:
    """Looked into, with two ways to do it."""
    t.look(1, "16:10", "量过了：长 42 米、宽 11 米。")
    t.option(2, "9:20", "先划线试一个月", 1900, "小区公共收益", days="3 天", worry="外来车也来停")
    t.option(2, "9:40", "装地锁，登记轮换", 6800, "小区公共收益", days="10 天", worry="地锁坏了谁修")
    t.topic(2, "10:00", f"{what}怎么办？", party=party)
    t.touches(2, "10:20", [("锡麟街小区 2 号楼", 48), ("物业", None)])


def seated(t: Teller, what: str, *, kind: str = "council", here: int = 12) -> None:
    """Announced in time; the sitting has been open for half an hour."""
    found_out(t, what)
    more: dict[str, Any] = {} if kind == "council" else {"expected": TABLE, "place": "锡麟街门口"}
    t.notice(3, "9:30", sits=just(t, 32), title=f"{what}议事会", kind=kind, **more)
    t.sit(*just(t, 31), here=here)
    t.talk([("书记", "一件一件说，不着急。"), ("seat 3", "我先说两句。")])


def voted(t: Teller, what: str, *, triage: str = "minor", power: str = "council") -> None:
    """Voted on ten days after the first words, and passed."""
    said(t, what, triage=triage, power=power)
    found_out(t, what, party=power != "council")
    t.notice(3, "9:30", sits=(10, "18:30"), title=f"{what}议事会")
    t.sit(10, "18:25", here=12)
    t.talk([("书记", "两个办法念一遍，大家说。"), ("seat 3", "先试一个月，不行再改。")])
    t.put()
    t.vote(f"{what}先划线试一个月", 11, 0, 1)
    t.rise("到会 12 人，赞成 11 人，通过。")


def decided(t: Teller, what: str, *, jobs: int = 2, triage: str = "minor", power: str = "council") -> None:
    """Resolved the day after; the work has not begun."""
    voted(t, what, triage=triage, power=power)
    t.resolve(
        11, "9:20", title=f"{what}的决议", basis="议事会记名表决，赞成人数超过到会人数的一半。",
        words="一、先划线。\n二、试一个月再看。",
        jobs=[Job(f"第 {n + 1} 段划线", "物业 工程部", 34 + n, 900, "worker", unit="个", target=16)
              for n in range(jobs)],
    )  # fmt: skip
