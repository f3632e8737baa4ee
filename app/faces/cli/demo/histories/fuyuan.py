"""福苑: the hour of the new-year gathering (M26), taken back by the one who asked."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Teller

THURSDAY = 3


def m26(t: Teller) -> None:
    """春节团拜时间: withdrawn on the fifth day."""
    t.said(
        0, "12:40", words="春节团拜去年定在大年初二上午九点，年轻人都起不来，老人去了冷清。今年能不能改到初三下午，孩子们也能来？",
        title="春节团拜时间", wish="团拜改到初三下午两点", category="events", where=("福苑小区", "6 号楼"),
        name="小邹", phone="15175028891",
    )  # fmt: skip
    t.withdraw(5, "10:30", "问了楼长，今年团拜已经改到初三下午了，和我想的一样，不用再议")


STORIES = (Story("M26", "fuyuan", (12, 18), (m26,), THURSDAY),)
