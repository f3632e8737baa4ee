"""电业: seats on the stairs (M03), three questions by secret paper; where the charging shed stands (M24)."""

from __future__ import annotations

from app.faces.cli.demo.story import ExpertAnswers, Story
from app.faces.cli.demo.told_after import Job, Teller
from app.flow.decide.polls import Line, OptionPut, Question
from app.flow.decide.rules import Rule

MONDAY, TUESDAY = 0, 1
SEATS = (
    Question("歇脚椅用哪种样式？", Rule.MULTI_OPTION, (
        OptionPut("折叠木椅", "不坐时收到墙上，不挡道", 12000), OptionPut("铁艺小凳", "结实，固定在拐角", 9000),
        OptionPut("塑料翻板", "轻，雨天也能坐", 6000),
    )),
    Question("先装在哪儿？", Rule.MULTI_OPTION, (
        OptionPut("每个单元三楼、五楼转角"), OptionPut("每个单元二楼、四楼转角"),
    )),
    Question("这件事叫什么名字？", Rule.MULTI_OPTION, (OptionPut("转角有座"), OptionPut("歇一歇再上楼"))),
)  # fmt: skip
#: Style 47/28/11, place 61/25, name 43/43: how many papers read like this.
READINGS = ((30, "aaa"), (17, "aab"), (13, "baa"), (1, "bab"), (14, "bbb"), (11, "cbb"))


def m24_opening(t: Teller) -> None:
    """电动车充电棚选址: signed by thirty-eight households."""
    t.said(
        0, "18:50", kind="joint", signers=38, by="steward", channel="slip", where=("电业小区", "5 号楼"),
        words="电动车没处充电，从五楼往下甩线的有二十多家，夏天那回插座都烧黑了。我们 38 户联名，想在院里盖一个充电棚，"
        "盖在哪儿请大家一起定，别盖到谁家窗根底下。",
        title="电动车充电棚选址", wish="选个地方盖充电棚，能放四十辆，离窗户远一点", category="parking",
        name="联名人代表", phone="13785163309",
    )  # fmt: skip
    t.accept(1, "9:30", "hard")
    t.topic(2, "10:00", "充电棚盖在大槐树南侧，还是盖在西墙根？")
    t.touches(2, "10:20", [("电业小区骑电动车的住户", 167), ("电业小区 5 号楼、6 号楼", 130), ("物业", None)])
    t.survey(3, "9:00")
    t.invite(
        3, "9:20", "X19",
        brief="小区要建四十个车位的电动自行车充电棚，有两处候选：一处靠近中心大树和老人活动处，一处靠西墙，离一栋楼 4 米。",
        questions="两处哪处更安全？离楼多远、要配什么消防设施？",
    )  # fmt: skip
    t.look(
        4, "19:00", "大槐树南侧到最近的窗户 11 米，地面平；西墙根离 6 号楼窗户 4 米，墙外是配电房。飞线数了，23 根。"
    )


M24_OPINION = ExpertAnswers(
    accepts=(4, "8:10"), answers=(5, "20:50"),
    words="一、充电棚离住宅外窗不宜小于 6 米，西墙根只有 4 米，又贴着配电房，我不赞成放那里。\n"
    "二、大槐树南侧 11 米够，棚顶用不燃材料，每 20 个车位一组，中间留 3 米。\n"
    "三、要配喷淋或水槽两处、灭火器八具、烟感和远程断电，充满自停。\n四、树根三米以内不挖，棚腿用浅基础。",
)  # fmt: skip


def m24_ending(t: Teller) -> None:
    """Eight of seventeen came: a talk only. A week later twelve came: 7:4:1."""
    t.option(6, "15:00", "盖在大槐树南侧，40 个车位，离窗 11 米", 68000, "充电运营公司出设备，物业出地面", days="30 天",
             worry="挡了老人下棋的荫凉")  # fmt: skip
    t.option(6, "15:20", "盖在西墙根，32 个车位，离窗 4 米", 52000, "充电运营公司出设备，物业出地面", days="30 天",
             worry="离 6 号楼太近，靠着配电房")  # fmt: skip
    t.canvass(6, "19:30", "充电棚盖在大槐树南侧，您赞成吗？", target=167, reached=152, yes=96, no=37)
    t.notice(7, "9:00", sits=(10, "18:30"), title="充电棚选址议事会")
    t.sit(10, "18:35", here=8, excused=4)
    t.talk([
        ("书记", "应到 17 位，到了 8 位，不够一半，今天不能表决，先听大家说。"),
        ("seat 3", "飞线是真危险，早一天盖早一天放心。"),
        ("下棋的老人", "大树底下就那么点荫凉，棚子往南挪三米，棋桌留着，我们没意见。"),
        ("seat 7", "下回定在周四晚上七点吧，上早班的、带孩子的都能来。"),
    ])  # fmt: skip
    t.rise("到会 8 人，不足 9 人，改成恳谈，不作决定。下周四晚上再开，提前发公告。")
    t.notice(13, "9:10", sits=(17, "19:00"), title="充电棚选址第二次议事会")
    t.sit(17, "18:55", here=12, excused=2)
    t.talk([
        ("物业", "按上回恳谈的意思，棚子往南挪了三米，棋桌不动，图贴在树下一个星期了。"),
        ("seat 5", "专家说西墙离窗 4 米不合适，那就没什么可选的了。"),
        ("seat 10", "我们 5 号楼一侧天天车来车往，铃声吵，我不同意放在大树这边。"),
        ("seat 12", "能不能分成两小片，一边二十个？"),
        ("消防 志愿者", "分两片就要两套喷淋，钱翻一倍，还不好看管。"),
        ("书记", "晚上十点以后推着进出、不按铃，这条写进去。按念的这句表决。"),
    ])  # fmt: skip
    t.put()
    t.vote("充电棚盖在大槐树南侧 11 米处，40 个车位，棋桌不动", 7, 4, 1, against=(2, 6, 8, 10))
    t.rise("到会 12 人，赞成 7 人，反对 4 人，弃权 1 人。超过到会人数的一半，通过。")
    t.resolve(
        18, "9:10", title="电动车充电棚选址的决议", basis="38 户联名提案，听取消防专家意见，第二次议事会表决，赞成人数超过到会人数的一半。",
        words="一、充电棚盖在大槐树南侧，离最近窗户不少于 11 米，40 个车位分两组，中间留 3 米。\n"
        "二、配两处喷淋、八具灭火器、烟感和远程断电，充满自停。\n三、棋桌不动，树根三米以内不挖。\n"
        "四、夜里十点以后推着进出，不按铃；棚子启用当天收回楼上飞线。",
        jobs=[
            Job("盖好充电棚，接电、验收", "充电运营公司 项目部", 55, 68000),
            Job("挨家收飞线，登记 167 户", "网格员", 60, 0, "leader"),
        ],
        dissent="离 5 号楼近，进出吵；希望分成两片或者放到西墙。",
        answer="西墙离窗 4 米，不合消防要求；分两片要两套喷淋。夜里十点后推行不按铃已写入，启用一个月后回访 5 号楼，吵了再调出入口。",
    )  # fmt: skip
    t.post(18, "9:40", "大槐树下公告栏、5 号楼 6 号楼单元门")


def m03_chosen(t: Teller) -> None:
    """楼梯歇脚椅: a nine-year-old's letter; everybody of the stairways chooses style, place and name."""
    year = t.clock.begins.year
    t.said(
        0, "16:40", by="worker", channel="box", point="话匣子信箱", where=("电业小区", "2 号楼"),
        words="我奶奶住五楼，上楼要歇三次，只能坐在台阶上，冬天很凉。能不能在楼梯拐弯的地方放个小椅子？",
        title="楼梯歇脚椅", wish="拐弯的地方有椅子", category="elders", name="小禾", birth_year=year - 9,
        guardian_consent=True, guardian="禾妈妈 13733190027", phone="",
    )  # fmt: skip
    t.accept(2, "9:30", "minor")
    t.open_child_s(
        2, "10:10", title="楼梯歇脚椅", question="楼梯转角要不要放歇脚椅，放哪种、放哪儿、叫什么？", place="电业小区各单元",
        reason="要花公益金，几栋楼的老人都用得上，得请大家来挑",
    )  # fmt: skip
    t.look(4, "15:20", "量了 12 个单元的转角，折叠的收起来厚 8 厘米，不挡担架；三楼、五楼歇脚的人最多。")
    t.option(5, "9:20", "折叠木椅 120 把", 14400, "社区公益金和居民自愿", days="60 天", worry="孩子踩着玩")
    t.option(5, "9:40", "铁艺小凳 120 把", 10800, "社区公益金", days="45 天", worry="占道，夜里绊脚")
    t.topic(8, "10:00", "楼梯转角的歇脚椅，选哪种样式、先装哪儿、叫什么名字？")
    t.touches(8, "10:20", [("电业小区各单元住户", 640), ("物业", None)])
    t.notice(10, "9:00", sits=(15, "14:00"), title="歇脚椅三项票决会", kind="joint", place="大槐树下",
             expected=["物业", "楼道长", "居民代表", "网格员", "志愿者"])  # fmt: skip
    t.sit(15, "13:50", here=5)
    t.talk([
        ("楼道长", "三样椅子都摆在树底下了，先坐坐再投。"),
        ("居民代表", "票不记名，三道题一张票，投完领一把瓜子。"),
        ("物业", "哪种选上，螺丝我们来拧。"),
    ])  # fmt: skip
    t.put()
    t.poll(
        15, "14:30", title="歇脚椅三项票决", body="invited", subject="siting_or_style", questions=SEATS,
        who="电业小区住户，满 18 岁，凭户码领票，一人一张；不记名，三道题写在一张票上。",
        lines=[Line(f"电业小区第 {n} 张", "电业小区") for n in range(1, 87)],
    )  # fmt: skip
    t.papers_in(15, "16:00", READINGS)


def m03_again(t: Teller) -> None:
    """The names tie; the same 86 people choose once more between the two."""
    t.counted(15, "16:40")
    t.run_off(15, "16:50")
    t.papers_in(15, "17:30", [(49, "a"), (37, "b")])


def m03_work(t: Teller) -> None:
    """转角有座, 49 to 37; sixty of a hundred and twenty stand on day forty."""
    t.counted(15, "17:50")
    t.rise("样式选折叠木椅，位置选三楼、五楼转角，名字复投后叫「转角有座」。")
    t.resolve(
        16, "9:20", title="「转角有座」歇脚椅的决议", basis="一位小朋友的提议，住户三项无记名投票，得票最多的当选；名字打平后复投。",
        words="一、装折叠木椅 120 把，先装三楼、五楼转角。\n二、项目叫「转角有座」。\n三、各单元楼道长每月擦一次、拧一次螺丝。",
        jobs=[
            Job("装好折叠木椅", "物业 工程部", 75, 14400, kind="property", unit="把", target=120),
            Job("各单元排好擦洗和检查的班", "楼道长", 50, 0, "steward"),
        ],
    )  # fmt: skip
    t.post(16, "9:40", "大槐树下公告栏、各单元门口")
    t.window()
    t.take_down()
    t.progress(40, "10:00", "第一批木椅到了，从 1 号楼开始装。", task=1, done=8)
    t.progress(44, "17:00", "装好 60 把，1 到 6 号楼齐了，还差 60 把。", task=1, done=60)


STORIES = (
    Story("M03", "dianye", (46, 52), (m03_chosen, m03_again, m03_work), TUESDAY),
    Story("M24", "dianye", (19, 25), (m24_opening, M24_OPINION, m24_ending), MONDAY),
)
