"""翠屏: a shed on the roof (M22); the city's own officers are in charge."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Teller

MONDAY = 0


def m22(t: Teller) -> None:
    """楼顶违建: referred, the receipt came on the fourth day, the call back is still to come."""
    t.said(
        0, "20:15", words="翠屏小区 8 号楼楼顶有人搭了彩钢房，这几天还在往上运砖。顶楼一下雨就漏，刮风铁皮哗哗响，怕哪天掉下来砸着人。",
        title="楼顶违建", wish="请管这事的来看看，该拆就拆", category="safety", where=("翠屏小区", "8 号楼"),
        name="顶楼住户", phone="15832117405",
    )  # fmt: skip
    t.refer(
        2,
        "9:40",
        "城市管理综合行政执法中队",
        "违建要由执法部门认定，议事会不能定拆不拆；社区把照片和位置一起转过去。",
        call_back=18,
    )
    t.receipt(4, "15:20", "中队已立案，编号翠执 117 号，三日内上楼勘查")


STORIES = (Story("M22", "cuiping", (6, 12), (m22,), MONDAY),)
