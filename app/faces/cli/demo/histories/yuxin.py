"""育新: the year's plan and the party service fund (M04, after W4), and the parking plan that ended in a tie (M25)."""

from __future__ import annotations

from datetime import date, timedelta

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0
#: Day of the story on which the council sat.
SAT = 20
#: By calendar month: what, who, how many yuan it may cost; how it went, and what it did cost.
YEAR: dict[int, tuple[str, str, int, str, int]] = {
    1: ("写春联、包饺子", "文体组 曹组长", 1200, "写了 300 多副春联，包的饺子送了 40 家。", 1140),
    2: ("新春团拜和元宵灯谜", "文体组 曹组长", 2800, "团拜来了 210 人，灯谜猜走 160 条。", 2760),
    3: (
        "学雷锋便民集市：磨刀、配钥匙、量血压",
        "志愿者队 孙队长",
        900,
        "磨刀 86 把，配钥匙 41 把，量血压 130 位。",
        880,
    ),
    4: ("植树和认养绿地", "网格长", 1600, "种了 24 棵树，认养绿地 11 块，牌子都挂上了。", 1590),
    5: ("坐大巴看跨河大桥，70 人两辆车", "文体组 曹组长", 6400, "70 位都去了，最大的 83 岁，随车医生全程跟着。", 6280),
    6: (
        "区医院义诊进院，量血压、看眼睛",
        "社区工作者 小刘",
        500,
        "看了 146 位，查出血压高没当回事的 9 位，都约了复查。",
        420,
    ),
    7: ("党员政治生日，每人给社区办一件实事", "党支部 严委员", 1900, "29 位党员办了 29 件，修灯最多。", 1860),
    8: (
        "暑期最后一课：防溺水和用电安全",
        "社区工作者 小刘",
        600,
        "防溺水课讲了两场，来了 46 个孩子，每人一张急救卡。",
        560,
    ),
    9: (
        "秋季趣味运动会，加读书会",
        "文体组 曹组长",
        3600,
        "运动会 186 人报名，读书会坐满了，奖品换成毛巾和香皂。",
        3480,
    ),
    10: ("敬老月：给 80 岁以上老人上门理发、修灯", "志愿者队 孙队长", 1200, "理发 31 位，换了 12 盏楼道灯。", 1130),
    11: (
        "消防演练，三栋高层都走一遍楼梯",
        "物业 魏经理",
        800,
        "三栋楼都走了楼梯，最慢的一栋 6 分 40 秒，堵的两处当场清了。",
        760,
    ),
    12: ("冬季送温暖，独居老人每家一床被", "社区工作者 小刘", 4500, "独居老人 28 家，一家一床被送到手里。", 4380),
}


def _fifth(today: date) -> date:
    """Twenty days before the last working 5th that lies two months back or more, so that the plan has got under way."""
    day = (today - timedelta(days=60)).replace(day=5)
    while today - day < timedelta(days=60) or day.weekday() > 4:
        day = (day - timedelta(days=6)).replace(day=5)
    return day - timedelta(days=SAT)


def _months(t: Teller) -> list[tuple[int, int]]:
    """``(calendar month, day of the story on which it ends)`` for the twelve months from the sitting on."""
    found, first = [], t.clock.day(SAT).replace(day=1)
    for _ in range(12):
        following = (first + timedelta(days=32)).replace(day=1)
        found.append((first.month, (following - t.clock.day(0)).days - 1))
        first = following
    return found


def _monthly(t: Teller) -> list[Job]:
    """Twelve items, each due on the last day of its month."""
    return [Job(f"{month} 月：{YEAR[month][0]}", YEAR[month][1], day, YEAR[month][2]) for month, day in _months(t)]


def m04(t: Teller) -> None:
    """年度活动计划与党群经费: the regular sitting on the 5th, 14/17, 12:1:1, twelve monthly items."""
    t.said(
        0, "10:00", kind="organisation", organisation="育新社区文体组", channel="organisation", where=("育新小区", "1 号楼"),
        words="今年的活动和党群经费该定了。去年临时办的多，老人说通知晚，年轻人说都赶在上班时间。我们想一次把一年的事排好，"
        "每个月办一件，花多少钱写在前头，年底对着账看。",
        title="年度活动计划与党群经费", wish="把全年 12 件活动和每件的经费一次议定，贴出来", category="plan",
        name="文体组", phone="8555 0417",
    )  # fmt: skip
    t.accept(2, "9:30", "major")
    t.look(5, "15:00", "翻了去年的签到和账：办了 9 场，去的人最多的是义诊和趣味运动会，最少的是工作日上午的讲座。")
    t.topic(7, "10:00", "今后一年办哪 12 件活动，党群经费怎么花？")
    t.touches(7, "10:30", [("育新社区居民", 1460), ("文体组", None), ("志愿者队", None), ("物业", None)])
    t.option(8, "9:40", "每月一件，共 12 件，合计 26,000 元，写明每件多少", 26000, "党群服务经费", days="一年",
             worry="大桥那天人多，要安排好老人")  # fmt: skip
    t.option(
        8,
        "10:10",
        "办 6 件大的，合计 24,000 元，平时不办",
        24000,
        "党群服务经费",
        days="一年",
        worry="隔得太久，人就散了",
    )
    t.canvass(11, "19:00", "全年排 12 件活动，每月一件，您看行不行？", target=120, reached=108, yes=88, no=9)
    t.notice(14, "9:20", sits=(SAT, "14:30"), title="年度计划例会", regular=True)
    t.sit(SAT, "14:25", here=14, excused=2)
    t.talk([
        ("书记", "今天是例会，只议一件：全年的活动和党群经费。两个方案都在桌上，一条一条过。"),
        ("文体组", "每月一件，让大家有个盼头。五月想带大家坐大巴去看跨河大桥，六月请区医院来义诊，九月办运动会。"),
        ("seat 3", "钱要细。运动会去年买奖品花得多，今年能不能少买东西，多给几个项目？"),
        ("seat 6", "上班的人周末才有空，运动会和团拜放在周六，我带我们楼的年轻人来搭台子。"),
        ("seat 11", "我有一点不同意见：坐大巴看桥要六千多，去的就七十个人，没去的人也有份。能不能省下来给独居老人？"),
        ("seat 9", "独居老人那项已经有四千五了。出去看看大桥，老人念叨好几年了，安排两辆车、跟上医生，我赞成。"),
        ("书记", "看桥的每位自愿交二十元餐费，别的不收。账一季一贴。没有新意见就表决。"),
    ])  # fmt: skip
    t.put()
    t.vote("按每月一件、全年 12 件、合计 26,000 元执行，账目每季公布一次", 12, 1, 1, against=(11,))
    t.rise("到会 14 人，赞成 12 人，反对 1 人，弃权 1 人，通过。每件活动提前十天贴通知，账目每季公布。")
    t.resolve(
        SAT + 1, "9:10", title="年度活动计划与党群经费的决议", basis="文体组提案，例会表决，赞成人数超过到会人数的一半。",
        words="一、全年办 12 件活动，每月一件，合计 26,000 元，从党群服务经费列支。\n"
        "二、运动会、团拜会放在周六；看跨河大桥自愿报名，每人交餐费 20 元，随车有医生。\n"
        "三、每件提前十天贴通知，账目每季公布一次，年底向例会报告。",
        jobs=_monthly(t), dissent="看大桥花钱多、去的人少，不如省下来给独居老人。",
        answer="独居老人送温暖单列了 4,500 元，不动这一项；看桥改成自愿交餐费，省下的转到义诊。",
    )  # fmt: skip
    t.plan(SAT + 1, "9:40", title="年度活动计划和党群经费", by="secretary")
    t.post(SAT + 1, "10:00", "育新街 8 号党群服务中心门口、各小区公开栏")
    t.window()
    t.take_down()
    _months_gone(t)


def _months_gone(t: Teller) -> None:
    """Report every month that lies behind today, two days before its end."""
    for number, (month, day) in enumerate(_months(t), start=1):
        if t.clock.day(day - 2) >= t.book.today:
            break
        t.finish(day - 2, "16:00", number, YEAR[month][3], yuan=YEAR[month][4])


def m25(t: Teller) -> None:
    """停车月租方案: 14/17, seven against seven, not passed."""
    t.said(
        0, "9:20", kind="organisation", organisation="育新小区物业服务中心", channel="organisation", where=("育新小区", "3 号楼"),
        words="院里车位 132 个，登记的车 240 多辆，天天有人为抢位子红脸。我们想把车位分成月租和临停，月租每月 80 元，收的钱用来修地面、装道闸。",
        title="停车月租方案", wish="定一个停车收费和排号的办法", category="parking", name="物业", phone="8555 0433",
    )  # fmt: skip
    t.accept(1, "10:00", "major")
    t.topic(3, "9:40", "育新小区车位要不要月租，租金多少，怎么排号？")
    t.touches(3, "10:00", [("育新小区有车的住户", 243), ("育新小区没车的住户", 318), ("物业", None)])
    t.option(
        4,
        "15:30",
        "132 个车位全部月租，每月 80 元，一户一位，抽签排号",
        0,
        "不花钱，收入记小区公共账",
        worry="两辆车的住户没处停",
    )
    t.option(
        4,
        "15:50",
        "80 个月租、52 个临停，临停前两小时免费",
        38000,
        "停车收入先垫，半年还清",
        days="一个月",
        worry="道闸的钱收不回来怎么办",
    )
    t.canvass(7, "19:20", "车位一部分改成月租，您赞成吗？", target=200, reached=176, yes=84, no=79)
    t.notice(8, "9:10", sits=(12, "19:00"), title="停车月租议事会")
    t.sit(12, "18:52", here=14, excused=1)
    t.talk([
        ("物业", "现在谁回来早谁有位子，上夜班的天天停到马路上被贴条。收一点钱，把秩序立起来。"),
        ("seat 4", "车位是大家的地方，收了钱归谁管？账得单列，不能跟物业费混一块儿。"),
        ("seat 7", "我家没车，可地面坏了我也得走。用停车的钱修地面，我赞成。"),
        ("seat 10", "一户一位我不同意。老两口加孩子两辆车的，另一辆停哪儿？先把外头划位子的事问清楚再定。"),
        ("seat 13", "八十块看着不多，退休的一个月就那么点钱。能不能先试三个月，不收钱只排号？"),
        ("书记", "主持人不投决定票，平票就是没通过。大家想好了举手。"),
    ])  # fmt: skip
    t.put()
    t.vote("80 个车位月租、每月 80 元，52 个临停，前两小时免费", 7, 7, 0, against=(4, 10, 13))
    t.rise("到会 14 人，赞成 7 人，反对 7 人，没有超过到会人数的一半，没通过。物业把账目单列和两辆车的办法补齐后再提。")


STORIES = (
    Story("M04", "yuxin", (80, 120), (m04,), begins=_fifth),
    Story("M25", "yuxin", (19, 25), (m25,), MONDAY),
)
