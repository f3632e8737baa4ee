"""清河湾: a ten-year-old's pavilion by the river (M17); the hall opened the matter, the child stays unnamed."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0


def m17(t: Teller) -> None:
    """河边凉亭: 到会 12/15, 12:0:0, built on day 70 for 28,000 yuan."""
    year = t.clock.begins.year
    t.said(
        0, "17:20", words="放学想在河边写会儿作业、看看鸭子，可是没有坐的地方，太阳晒得睁不开眼。能不能盖一个小亭子？",
        title="河边凉亭", wish="有顶、有坐的地方", category="addition", where=("清河湾", "1 号楼"), place="滨河长廊东头",
        name="小河", birth_year=year - 10, guardian_consent=True, guardian="河爸爸 13733812206", phone="",
    )  # fmt: skip
    t.accept(2, "9:30", "minor")
    t.open_child_s(
        2, "10:10", title="河边盖一座凉亭", question="河边要不要盖凉亭、盖在哪一段？", place="滨河长廊东头",
        reason="要花公家的钱，沿河几栋楼都用得上，得请大家来定",
    )  # fmt: skip
    t.look(3, "16:40", "长廊东头有块 6 米见方的硬地，离河栏 2 米 5，不挡步道；傍晚四点数了数，有 40 多人在这一段走。")
    t.option(4, "9:20", "盖一座四角木凉亭，四面有坐凳", 28000, "社区公益金", days="两个月", worry="冬天木头怕潮")
    t.option(4, "9:40", "装两把带遮阳的长椅", 5200, "社区公益金", days="15 天", worry="下雨没处躲")
    t.topic(5, "10:00", "河边要不要盖凉亭、盖在哪一段？")
    t.touches(5, "10:20", [("清河湾 1 到 4 号楼", 260), ("河道管理所", None)])
    t.notice(6, "9:00", sits=(9, "18:30"), title="河边凉亭议事会")
    t.sit(9, "18:25", here=12, excused=2)
    t.talk([
        ("seat 4", "那一段老人接孩子都要等一会儿，有个亭子正好。"),
        ("seat 8", "离河栏近，地面要防滑，夜里要有灯。"),
        ("书记", "河道管理所回了话：离栏杆两米以上就行。钱从公益金里出，两万八。"),
    ])  # fmt: skip
    t.put()
    t.vote("在滨河长廊东头盖一座四角木凉亭，离河栏不少于两米，地面防滑，夜里有灯", 12, 0, 0)
    t.rise("到会 12 人，12 人赞成，通过。")
    t.resolve(
        9, "20:10", title="河边盖一座凉亭的决议", basis="居民提案，议事会当面议定，到会的都赞成。",
        words="一、在滨河长廊东头盖一座四角木凉亭，离河栏不少于两米。\n二、地面铺防滑砖，装一盏声控灯。\n"
        "三、木头每年开春刷一遍漆，由物业负责。",
        jobs=[Job("盖好凉亭，铺防滑砖，装灯", "物业 工程部", 70, 28000)],
    )  # fmt: skip
    t.post(10, "9:00", "滨河长廊公告栏、1 号楼单元门")
    t.window()
    t.take_down()
    t.progress(40, "15:30", "木料到了，柱基浇好，等干透再立柱。")
    t.finish(70, "16:20", 1, "四角亭盖好，坐凳一圈能坐 16 个人，防滑砖铺了 36 平方米，灯一拍就亮。", yuan=28000)
    t.hand_over(70, "16:40")
    t.verify(71, "10:10", "柱子稳，坐凳没有毛刺，离河栏量了 2 米 3。", "1 号楼住户", by="leader")
    t.visit(75, "17:30", "傍晚在亭子里问了 22 位，都说好；一位说想再添个垃圾桶。", 22)
    t.ratings(75, "18:00", {5: 17, 4: 4, 3: 1})
    t.evaluate(76, "9:30", "花的钱和预算一样，当天就有人坐。垃圾桶这一周就添。")
    t.close(76, "10:00", "河边的凉亭盖好了，谢谢你提的主意。")


STORIES = (Story("M17", "qinghewan", (80, 86), (m17,), MONDAY),)
