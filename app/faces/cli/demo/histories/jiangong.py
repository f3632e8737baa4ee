"""建工: eight leaks in the pipe shafts (M20); the unit that owns them pays."""

from __future__ import annotations

from app.faces.cli.demo.story import ExpertAnswers, Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0


def m20_opening(t: Teller) -> None:
    """管道井渗水 8 处: signed by sixteen households."""
    t.said(
        0, "18:20", kind="joint", signers=16, by="grid", channel="door", where=("建工小区", "4 号楼"),
        words="4 号楼、5 号楼的管道井往外渗水，八处，墙皮一层层掉，二楼的电表箱底下都是湿的。找过物业，说井是厂里的，让找厂里；"
        "厂里说早移交了。我们 16 户签了名，想有人管到底。",
        title="管道井渗水 8 处", wish="查清谁的井，把八处都修好", category="repair", name="联名人代表", phone="13932140866",
    )  # fmt: skip
    t.accept(2, "9:20", "hard")
    t.topic(3, "10:00", "建工小区管道井渗水 8 处怎么修、谁出钱？")
    t.touches(
        3,
        "10:20",
        [("建工小区 4 号楼", 48), ("建工小区 5 号楼", 48), ("建筑公司后勤处（产权单位）", None), ("物业", None)],
    )
    t.survey(3, "10:40")
    t.invite(
        3, "11:00", "X11",
        brief="两栋八十年代的楼，管道井八处渗水，电表箱受潮。移交手续不清，产权单位和物业都说不归自己。",
        questions="渗水从哪儿来，怎么修最省？哪些必须马上做？",
    )  # fmt: skip
    t.look(
        4,
        "15:30",
        "八处都进井看了：六处是铸铁管接口锈穿，两处是楼板套管没封。4 号楼二层电表箱底部有水迹，先断了公共照明那一路。",
    )


M20_OPINION = ExpertAnswers(
    accepts=(4, "8:30"), answers=(6, "21:40"),
    words="一、六处接口锈穿，换 PVC-U 管段加伸缩节，一处三四个钟头；两处套管填防水砂浆，别只刷涂料。\n"
    "二、电表箱那一处今天就要搭雨布、断湿路，等修完再送电。\n三、八处一起做，井道开一次，搭一次架子，比一处一处修省三成。\n"
    "四、修好以后灌水试一天，再封井。",
)  # fmt: skip


def m20_ending(t: Teller) -> None:
    """The papers found, the sitting, the work in both shafts."""
    t.look(
        7,
        "9:00",
        "翻到了 2003 年的移交清单：管道井没有移交，还在建筑公司后勤处名下。后勤处的人看了清单，没话说。",
        by="worker",
    )
    t.option(
        7,
        "9:30",
        "八处一起修，换管段、封套管、补墙皮",
        36000,
        "建筑公司后勤处（产权单位）",
        days="30 天",
        worry="停水要提前说",
    )
    t.option(
        7,
        "9:50",
        "先修电表箱上头两处，别的明年修",
        9800,
        "建筑公司后勤处（产权单位）",
        days="7 天",
        worry="架子要搭两回，更贵",
    )
    t.canvass(7, "19:00", "八处一起修，每天停水四个钟头，您同意吗？", target=96, reached=91, yes=86, no=2)
    t.notice(7, "20:10", sits=(10, "18:30"), title="管道井渗水议事会")
    t.sit(10, "18:25", here=9, chair="secretary", excused=4)
    t.talk([
        ("4 号楼住户", "电表箱滴水我一宿没睡好，先保这个。"),
        ("后勤处 代表", "清单在这儿，井是我们的，我们修。钱走大修费，不让住户掏。"),
        ("seat 3", "一次修完好，别像前年补屋顶，补一块漏一块。"),
        ("seat 6", "停水四个钟头，双职工家晚上要做饭，放到上午十点到下午两点。"),
        ("seat 9", "修完要有人试，别封上井谁也看不见。我报名跟着试水。"),
    ])  # fmt: skip
    t.put()
    t.vote("八处一次修完，费用由产权单位出，每天 10–14 时停水", 9, 0, 0, mode="hands")
    t.rise("到会 9 人，赞成 9 人，一致通过。电表箱那一处先修。")
    t.resolve(
        11, "9:30", title="修复管道井 8 处渗水的决议", basis="16 户联名提案，听取给排水专家意见，议事会表决一致通过。",
        words="一、八处渗水一次修完，先修 4 号楼二层电表箱上方。\n二、费用 36,000 元由建筑公司后勤处承担，住户不分摊。\n"
        "三、每天 10:00–14:00 停水，前一晚在单元门贴通知。\n四、修完灌水试 24 小时，住户代表在场，再封井。",
        jobs=[
            Job("修好渗水并试水", "建筑公司后勤处 周主任", 40, 36000, kind="partner", unit="处", target=8),
            Job("停水通知和试水见证", "网格员", 40, 0, "leader"),
        ],
    )  # fmt: skip
    t.budget(11, "10:00", [("title_holder", "建筑公司后勤处", 36000)])
    t.post(11, "10:20", "4 号楼、5 号楼单元门，社区公开栏")
    t.window()
    t.progress(22, "16:00", "架子搭起来了，电表箱那一处换了管段，送上了电。")
    t.take_down()
    t.progress(31, "15:20", "修完 6 处，5 号楼剩两处套管，等砂浆干。", task=1, done=6)
    t.finish(40, "15:00", 1, "8 处全修完，灌水 24 小时不渗，墙皮补好刷了防霉漆。", yuan=36000, done=8)
    t.went(
        40,
        "15:30",
        "title_holder",
        36000,
        "换管段、封套管、补墙皮",
        name="建筑公司后勤处",
        voucher="后勤处 大修 44 号",
        task=1,
    )
    t.finish(40, "16:30", 2, "停水通知贴了 9 次；试水两位住户代表在场签了字。", by="leader")
    t.hand_over(40, "17:00")
    t.verify(41, "10:20", "两个井从上看到下，8 处都是干的，电表箱下头铺的纸一夜没湿。", "4 号楼住户代表")
    t.visit(47, "18:40", "16 户联名人都问到了，都说不渗了；一户说停水那天通知贴晚了。", 16)
    t.ratings(47, "19:20", {5: 10, 4: 4, 3: 2})
    t.evaluate(48, "9:10", "难在说不清谁的井，翻到移交清单就顺了。八处修好，产权单位出了 3.6 万元，住户没有花钱。")
    t.close(49, "9:40", "8 处都修好了，钱由产权单位出。往后哪处再渗，找后勤处周主任，电话贴在单元门里。")


STORIES = (Story("M20", "jiangong", (56, 62), (m20_opening, M20_OPINION, m20_ending), MONDAY),)
