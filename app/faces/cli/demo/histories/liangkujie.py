"""粮库街: the sewer that fell in at four places (M21); on the spot after thirty-four hours."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

TUESDAY = 1
ASKED = (
    "粮库街小区 1 号楼代表", "粮库街小区 2 号楼代表", "粮库街小区 3 号楼代表", "仓前里代表", "粮食局后勤（共建单位）", "物业经理", "临街早点铺",
)  # fmt: skip


def m21(t: Teller) -> None:
    """下水管塌陷 4 处: urgent, 24 households; the partner unit and the property manager pay 52,000 yuan."""
    t.said(
        0, "7:10", kind="joint", signers=24, by="grid", channel="phone", where=("粮库街小区", "1 号楼"),
        words="下水管塌了，四处！1 号楼后头地面陷下去一个坑，能站进去半个人，脏水从井盖往外冒，一楼三家厕所都倒灌。今天早上又塌了一处，"
        "就在孩子上学走的道上。",
        title="下水管塌陷 4 处", wish="先围起来别让人掉下去，赶紧挖开修", category="repair", name="1 号楼住户", phone="13180452279",
    )  # fmt: skip
    t.accept(0, "8:00", "urgent", owner="grid")
    t.look(0, "8:40", "四个坑都围了警戒带，放了夜灯。最深 1 米 4，污水漫到早点铺门口，先用抽水泵抽着。")
    t.option(
        0,
        "20:30",
        "四处一起挖，换 62 米 300 的波纹管",
        52000,
        "粮食局后勤 3 万、物业 2.2 万",
        days="8 天",
        worry="早点铺门口要断两天路",
    )
    t.option(0, "20:50", "只补塌的四处，各换 3 米", 21000, "物业", days="4 天", worry="管子老了，别处还会塌")
    t.notice(
        1,
        "8:30",
        sits=(1, "17:00"),
        title="下水管塌陷现场会",
        kind="joint",
        place="粮库街小区 1 号楼后",
        expected=list(ASKED),
    )
    t.sit(1, "17:10", here=7, chair="secretary")
    t.talk([
        ("粮库街小区 1 号楼代表", "一楼三家不能上厕所两天了，先把这段挖开。"),
        ("物业经理", "换四段我们出得起，整条换我们一家扛不动。"),
        ("粮食局后勤（共建单位）", "这条管当年是我们埋的，虽说移交了，我们出三万，料和挖机我们找。"),
        ("临街早点铺", "断两天路我认，就求避开周末，周末一上午顶平时三天。"),
        ("仓前里代表", "我们的水也走这条管，要修就一回修到底。"),
        ("书记", "那就四处一起挖，整段 62 米换新，周一进场，早点铺门口放在周二周三做。"),
    ])  # fmt: skip
    t.put()
    t.agree(ASKED, conditions={"临街早点铺": "门口一段避开周末"})
    t.rise("七方都同意：整段换新，共建单位出 3 万元，物业出 2.2 万元，住户不出钱。")
    t.resolve(
        2, "8:30", title="抢修下水管塌陷 4 处的决议", basis="24 户联名，34 小时内到现场商量，七方逐一问过，没有反对。",
        words="一、四处塌陷一起挖开，62 米旧管全部换成 300 毫米波纹管。\n二、费用 52,000 元，共建单位出 30,000 元，物业出 22,000 元，住户不分摊。\n"
        "三、公示期间先围挡、抽排、疏通，保证一楼能用厕所；公示期满马上开挖。\n四、临街一段避开周末施工。",
        jobs=[
            Job("塌陷处挖开换管，回填压实", "粮食局后勤 马师傅", 14, 52000, kind="partner", unit="处", target=4),
            Job("围挡、夜灯和抽水，一天三遍看", "网格长", 14, 0, "leader"),
        ],
    )  # fmt: skip
    t.budget(2, "8:45", [("partner", "粮食局后勤", 30000), ("property", "物业", 22000)])
    t.post(2, "9:00", "塌陷处围挡、粮库街小区公开栏")
    t.window()
    t.progress(10, "17:40", "挖机进场，前两处挖开了，管底下是空的，加垫了石子。", task=1, done=2)
    t.finish(12, "16:20", 1, "62 米管子换完，四处都填平压实，放水试了，没有漏。", yuan=52000, done=4)
    t.went(12, "16:30", "partner", 30000, "挖机、管料", name="粮食局后勤", voucher="后-208", task=1)
    t.went(12, "16:40", "property", 22000, "人工、回填、铺砖", name="物业", voucher="物-61", task=1)
    t.finish(12, "17:00", 2, "围挡拆了，抽水泵撤了，12 天没有人摔着。", by="leader")
    t.hand_over(12, "17:20")
    t.verify(13, "9:30", "四处地面平了，一楼三家厕所排水正常，早点铺门口铺了新砖。", "1 号楼一楼住户")
    t.visit(19, "18:30", "24 户联名的都回访了，23 户说好，1 户嫌新砖颜色不一样。", 24)
    t.ratings(19, "19:10", {5: 17, 4: 5, 3: 2})
    t.evaluate(20, "9:00", "塌陷 4 处是一件事，换管一次到底。34 小时坐到一起，钱当场说定。")
    t.close(21, "9:20", "下水管换好了，四处都平了。下大雨的时候再去看一遍，有事打网格长电话。")


STORIES = (Story("M21", "liangkujie", (66, 72), (m21,), TUESDAY),)
