"""阳光新城: two lifts paid from the repair fund (M12), and a green that did not become parking lots (M13)."""

from __future__ import annotations

from app.faces.cli.demo.areas import pick
from app.faces.cli.demo.owners import areas_of, estate_of, lines_of
from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY, WEDNESDAY = 0, 2
ESTATE = "阳光新城"
WHO = "阳光新城专有部分的业主，一位业主算一个人；开发商没卖的房子合着算一个人，面积照算。"
TABLE = ["业委会 主任", "7 号楼业主", "12 号楼业主", "物业 经理"]
LIFTS = "使用维修资金更换 7 号楼、8 号楼的两部电梯"
GREEN = "把南区绿地改成 62 个停车位"


def _signed(t: Teller, n: int, time: str, took_part: tuple[int, int], in_favour: tuple[int, int]) -> None:
    estate = estate_of(ESTATE)
    areas = areas_of(estate)
    everybody = list(range(len(areas)))
    yes = pick(areas, everybody, *in_favour)
    free = [place for place in everybody if place not in set(yes)]
    rest = pick(areas, free, took_part[0] - in_favour[0], took_part[1] - in_favour[1])
    against = len(rest) * 4 // 5
    said = dict.fromkeys(yes, "yes")
    said |= {place: "no" if k < against else "abstain" for k, place in enumerate(rest)}
    t.signed_papers(n, time, lines_of(estate), said)


def m12_asked(t: Teller) -> None:
    """The owners' committee asks; the council puts it to the owners."""
    t.said(
        0, "10:20", by="worker", channel="phone", kind="organisation", organisation="阳光新城业委会", for_speaker=False,
        where=(ESTATE, "7 号楼"),
        words="7 号楼和 8 号楼的电梯用了十八年，今年困人五次，检验说曳引机和控制柜都要换。业委会想用维修资金换两部新的，请社区帮着把表决办好。",
        title="用维修资金换两部电梯", wish="依法表决，年底前换上", category="repair", phone="",
    )  # fmt: skip
    t.accept(2, "9:30", "major", power="owners")
    t.look(3, "10:40", "两部电梯今年困人 5 次，检验报告限期 12 月底。维修资金账上够用。")
    t.option(4, "9:20", LIFTS, 680000, "维修资金", days="60 天", worry="换梯那一个月老人上下楼")
    t.option(4, "9:40", "只换曳引机和控制柜", 310000, "维修资金", days="30 天", worry="轿厢和门机过几年还得换")
    t.topic(6, "10:00", "要不要用维修资金换两部电梯？提请业主大会吗？", party=True)
    t.touches(6, "10:20", [("阳光新城业主", 540), ("电梯维保单位", None)])
    t.notice(9, "9:00", sits=(13, "18:30"), title="换电梯议事会")
    t.sit(13, "18:25", here=13, excused=1)
    t.talk([
        ("业委会 主任", "报价三家都贴在门厅了，最低的 68 万，含拆旧。"),
        ("seat 6", "维修资金是大家的，得业主自己投。换梯那个月请物业背老人。"),
        ("书记", "按念的这句表决：同意提请业主大会。"),
    ])  # fmt: skip
    t.put()
    t.vote("同意把使用维修资金换两部电梯提请业主大会表决", 13, 0, 0)
    t.rise("到会 13 人，全部赞成，提请业主大会。")
    t.resolve(
        14, "9:30", title="使用维修资金更换两部电梯的意见", basis="业委会提出，检验报告限期更换；议事会表决同意提请业主大会。",
        words="一、更换 7 号楼、8 号楼两部电梯，总价不超过 68 万元，从维修资金列支。\n二、换梯期间物业安排人手帮老人上下楼。\n"
        "三、合同、验收单和决算贴在两栋楼门厅。",
        jobs=[Job("签合同，换好两部电梯并通过检验", "业委会、物业 工程部", 120, 680000)],
    )  # fmt: skip
    t.study(
        15, "10:00", "总支听取业委会汇报，同意依法提请业主大会，要求账目全程公开。", organisation="阳光新城社区党总支"
    )
    estate = estate_of(ESTATE)
    t.before(21, "9:30", body="owners", item=5, question=LIFTS, estate_id=estate)
    t.notice(22, "9:00", sits=(38, "9:00"), title="阳光新城业主大会", kind="owners", place="物业共享客厅",
             expected=TABLE, estate_id=estate, base=540)  # fmt: skip
    t.sit(38, "9:05", here=4)
    t.talk([
        ("业委会 主任", "三家报价和检验报告都在墙上，账户余额也贴了。"),
        ("7 号楼业主", "困了三回了，我赞成，换的时候给老人留条路。"),
        ("书记", "票发到户，签名有效，七天后在这儿计票，谁都能来看。"),
    ])  # fmt: skip
    t.rise("大会开过，书面表决，七天后计票。")
    t.body_poll(38, "11:20", who=WHO)


def m12_voting(t: Teller) -> None:
    """372 owners with 34,960 m² of 540 and 51,300."""
    _signed(t, 45, "14:00", (372, 34960), (251, 23900))


def m12_counted(t: Teller) -> None:
    """251 heads and 23,900 m²: over half of both."""
    t.counted(45, "17:00")
    t.settled(47, "9:30", "两栋楼门厅、小区大门公告栏")


def m13_asked(t: Teller) -> None:
    """绿地改车位: the committee's wish; the council lets the owners decide."""
    t.said(
        0, "11:00", by="worker", channel="phone", kind="organisation", organisation="阳光新城业委会", for_speaker=False,
        where=(ESTATE, "12 号楼"),
        words="南区车位一直不够，晚上消防道都停满了。业委会提议把南区那片绿地改成车位，能划 62 个，地面用植草砖。",
        title="南区绿地改车位", wish="改成植草砖车位，业主先租", category="parking", phone="",
    )  # fmt: skip
    t.accept(2, "10:00", "major", power="owners")
    t.look(
        3, "20:10", "夜里十点数的：南区停车 214 辆，车位 151 个，消防道上停着 38 辆。绿地 1,860 平方米，有 23 棵树。"
    )
    t.option(4, "10:20", GREEN, 240000, "小区公共收益", days="45 天", worry="少了绿地，孩子没地方跑")
    t.option(4, "10:40", "和隔壁商场谈夜间共享车位", 0, "停车的人自己出", days="20 天", worry="早上八点前要开走")
    t.topic(6, "11:00", "南区绿地改不改车位？提请业主大会吗？", party=True)
    t.touches(6, "11:20", [("阳光新城业主", 540)])
    t.notice(9, "10:00", sits=(13, "19:30"), title="绿地改车位议事会")
    t.sit(13, "19:25", here=12, excused=2)
    t.talk([
        ("业委会 主任", "改变共有部分的用途，要四分之三以上，门槛高，大家心里有数。"),
        ("seat 3", "树是一棵一棵种起来的，改了就回不来。"),
        ("seat 9", "消防道堵着，出了事谁也担不起。"),
        ("书记", "议事会不替业主定，只表决提不提请。"),
    ])  # fmt: skip
    t.put()
    t.vote("同意把南区绿地改车位提请业主大会表决", 8, 3, 1)
    t.rise("到会 12 人，赞成 8 人，反对 3 人，弃权 1 人，提请业主大会。")
    t.resolve(
        14, "10:30", title="南区绿地改车位的意见", basis="业委会提出；议事会表决同意提请业主大会，由业主共同决定。",
        words="一、南区绿地改 62 个植草砖车位，由业主共同决定，须双四分之三以上。\n二、通过后先移树再动工，树移到北区。",
        jobs=[Job("发选票，组织计票", "业委会、社区工作者", 45, 0, "worker")],
        dissent="绿地改了就回不来，孩子没有玩的地方。",
        answer="不同意见原样写进公告和选票，由业主自己权衡；没通过就先谈商场夜间共享车位。",
    )  # fmt: skip
    t.study(15, "11:00", "总支要求把改变共有部分用途的门槛写在选票最上面。", organisation="阳光新城社区党总支")
    estate = estate_of(ESTATE)
    t.before(21, "10:30", body="owners", item=8, question=GREEN, estate_id=estate)
    t.notice(22, "10:00", sits=(38, "10:00"), title="阳光新城业主大会（车位）", kind="owners", place="物业共享客厅",
             expected=TABLE, estate_id=estate, base=540)  # fmt: skip
    t.sit(38, "10:05", here=4)
    t.talk([
        ("业委会 主任", "改变共有部分的用途，参加表决的人数和面积都要四分之三以上。"),
        ("12 号楼业主", "我家窗户对着那片绿地，我不同意。"),
        ("物业 经理", "停车确实难，商场夜间车位也在谈。"),
    ])  # fmt: skip
    t.rise("大会开过，书面表决，七天后计票。")
    t.body_poll(38, "14:20", who=WHO)


def m13_voting(t: Teller) -> None:
    """395 owners with 37,100 m²."""
    _signed(t, 45, "10:00", (395, 37100), (298, 27600))


def m13_counted(t: Teller) -> None:
    """298 heads are three quarters of 395; 27,600 m² fall 225 m² short."""
    t.counted(45, "12:00")
    t.settled(45, "12:30")


STORIES = (
    Story("M12", "yangguangxincheng", (48, 53), (m12_asked, m12_voting, m12_counted), MONDAY),
    Story("M13", "yangguangxincheng", (49, 55), (m13_asked, m13_voting, m13_counted), WEDNESDAY),
)
