"""棉纺东: water through a bathroom ceiling, mediated between two homes (M09), and the lamps on the border road (M28)."""

from __future__ import annotations

from app.faces.cli.demo.histories.border_lamps import CHAPTERS
from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Teller
from app.faces.cli.demo.told_in_mediation import Owed


def m09(t: Teller) -> None:
    """卫生间渗漏: for the two homes only; 2,600 yuan within seven days, and they paid."""
    t.said(
        0, "19:20", kind="individual", channel="visit", by="grid", track="mediation",
        where=("棉纺东生活区", "6 号楼"),
        words="我家卫生间的顶漏水，墙皮掉了一大片，楼上说是我家自己的管子。吵了两回，楼上楼下见面都不说话了，想请社区给评一评。",
        title="楼上楼下卫生间渗漏", wish="查清楚是谁家的水，墙皮怎么赔", category="neighbours",
        name="何淑芬", phone="13703110942",
    )  # fmt: skip
    t.accept(1, "9:10", "minor", level="grid", track="mediation")
    t.quarrel(1, "9:40", "楼上卫生间防水坏了，水渗到楼下，顶和墙皮泡坏。")
    t.seats(1, "10:00", [
        ("a", "何淑芬", "13703110942"), ("b", "苗志强", "13703110715"), ("supporter", "老邻居宋师傅", ""),
    ])  # fmt: skip
    t.mediator(2, "9:30", "supervisor")
    t.talked(
        4, "19:00", "先看了两家的卫生间，关楼上的水阀一天，楼下不滴了，是楼上地漏边的防水坏了。楼上认，说不知道漏得这么厉害；"
        "楼下说墙皮、吊顶要重做，要价三千四。一笔一笔算下来，双方都点头的数是两千六。",
        place="棉纺东生活区活动室", present=["何淑芬", "苗志强", "宋师傅"], outcome="near",
    )  # fmt: skip
    t.agreed(
        4, "20:30", facts="楼上卫生间地漏边防水损坏，水渗到楼下卫生间，顶和一面墙泡坏。",
        responsibility="防水在楼上专有部分，由楼上修好，并赔楼下修墙的钱。",
        owed=[
            Owed("b", "赔修墙、吊顶的钱", 2_600, "交到对方手里", 7),
            Owed("b", "修好地漏边的防水，蓄水试一天", 0, "自家卫生间", 7),
        ],
    )  # fmt: skip
    t.performed(11, "18:00", 1, "两千六百元当面点清，写了收条。")
    t.performed(11, "18:30", 2, "蓄水一天，楼下没有再滴。")
    t.verify(12, "19:00", "楼下干了，钱也给了。", "宋师傅")
    t.visit(30, "10:00", "两家都去看了，已经互相说话了。", reached=2)
    t.ratings(30, "10:30", {5: 1, 4: 1}, source="visit")
    t.evaluate(30, "11:00", "按协议履行完了。")
    t.close(30, "11:30", "协议履行完了，两家都满意。")


STORIES = (
    Story("M09", "mianfangdong", (40, 46), (m09,)),
    Story("M28", "mianfangdong", (34, 34), CHAPTERS),
)  # fmt: skip
