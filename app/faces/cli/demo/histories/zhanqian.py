"""站前: water under the railway bridge (M08), asked upwards, a letter to the railway, its answer, the look on the spot."""

from __future__ import annotations

from collections.abc import Callable

from app.faces.cli.demo.story import AtStreet, ExpertAnswers, Story, StreetReplies
from app.faces.cli.demo.told_after import Job, Teller
from app.faces.cli.demo.told_at_street import StreetTeller

RAILWAY = "铁路工务段"


def m08_opening(t: Teller) -> None:
    """112 signatures on paper; hard, and nothing a community can order."""
    t.said(
        0, "17:40", kind="joint", signers=112, channel="slip", by="steward", where=("铁路里", "1 号楼"),
        words="铁路涵洞一下雨就积水，最深到大腿，孩子上学、老人买菜都得绕四里地。前后说了二十多年，修过路面，可抽水泵是铁路上的，谁也动不了。"
        "我们 112 个人签了名，想请街道出面找铁路上商量。",
        title="铁路涵洞积水", wish="涵洞下雨不积水，路能走", category="safety", name="联名人代表", phone="13803112206",
    )  # fmt: skip
    t.accept(1, "9:20", "hard", power="council")
    t.topic(2, "9:30", "铁路涵洞积水怎么治，跟铁路部门怎么商量？")
    t.touches(2, "10:00", [("站前三个小区走涵洞的住户", 640), (RAILWAY, None), ("区排水处", None)])
    t.survey(2, "14:00")
    t.invite(
        2, "14:30", "X12", brief="一处铁路涵洞，路面低，排水靠一台老泵，雨大就积水断路。",
        questions="积水的根子在哪儿？哪些要铁路上做，哪些地方上能做？",
    )  # fmt: skip
    t.look(3, "18:20", "下过雨去量的：最深 62 厘米，退水用了七个钟头；泵房锁着，牌子写的是铁路工务段。", by="leader")


M08_OPINION = ExpertAnswers(
    accepts=(4, "12:30"), answers=(6, "20:40"),
    words="一、根子在泵：扬程不够，出水管又接在已经淤死的老沟里。\n二、换泵、改出水口要铁路部门做，地方上只能清外面的沟。\n"
    "三、先发函请铁路部门踏勘，函里附降雨和积水记录，双方一起定方案。",
)  # fmt: skip


def m08_asked(t: Teller) -> None:
    """Two ways, the doors, and the request for a letter to the railway."""
    t.option(7, "9:30", "请铁路部门换泵、改出水口，区里清外沟", 240_000, "铁路部门、区排水处", days="60 天",
             worry="铁路上不归地方管，得一直催")  # fmt: skip
    t.option(7, "9:50", "只清外沟，涵洞口立水尺和灯", 18_000, "街道", days="7 天", worry="治不了根，大雨还是断路")
    t.canvass(8, "19:00", "请铁路部门来一起治涵洞，您家赞成吗？", target=640, reached=512, yes=509, no=0)
    t.escalate(
        9, "9:10", reason="泵房和涵洞是铁路部门的，请街道发商请函，请铁路部门来踏勘、换泵",
        grid="网格长两次找到泵房值班的，答复要上级发话", community="社区给工务段打过电话，也送过一封信，没有回音",
    )  # fmt: skip


def m08_letter(s: StreetTeller) -> None:
    """The letter goes out; the railway signs for it."""
    s.letter(
        20, "10:00", unit=RAILWAY, kind="letter", subject="商请治理铁路涵洞积水",
        words="站前社区铁路涵洞每逢降雨积水断路，最深 62 厘米，影响 640 户出行。经专家查看，主要原因是泵房扬程不足、出水管淤塞。"
        "商请贵段派员踏勘，与街道、区排水处共同确定换泵和改出水口的方案。",
        reply_day=50,
    )  # fmt: skip
    s.letter_event(22, "15:00", "received", "工务段办公室 签收")


def heard(n: int, time: str) -> Callable[[Teller], None]:
    """The hall's worker takes up what the street wrote."""
    return lambda t: t.take_up(n, time)


def m08_reply(s: StreetTeller) -> None:
    """The railway answers."""
    s.letter_event(
        48, "11:20", "replied", "同意换泵、改出水口，费用由铁路部门承担，六十日内派人踏勘定方案；外沟请地方清淤。",
        reply_no="工务函〔2026〕86号",
    )  # fmt: skip


def m08_table(t: Teller) -> None:
    """The council takes the railway's answer as its plan."""
    t.take_up(48, "14:00")
    t.notice(50, "9:00", sits=(54, "19:00"), title="涵洞积水议事会", place="站前小区活动室")
    t.sit(54, "18:55", here=12)
    t.talk([
        ("书记", "铁路上回函了：换泵、改出水口他们出钱，外沟要我们自己清。今天商量外沟和汛期怎么看着。"),
        ("seat 3", "外沟淤了十来年，一个月得清完，别他们换好了泵，水没处去。"),
        ("seat 7", "换好以前，下雨天得有人在洞口拦车。"),
        ("seat 10", "水尺和灯先装上，黑天看不见深浅最吓人。"),
    ])  # fmt: skip
    t.put(["按铁路部门回函办，地方清外沟，洞口装水尺和灯，汛期有人看"])
    t.vote("按铁路部门回函办，地方清外沟，洞口装水尺和灯，汛期有人看", 12, 0, 0)
    t.rise("到会 12 人，全体赞成。")
    t.resolve(
        55, "9:20", title="治理铁路涵洞积水的决议", basis="112 人联名提出，听取道路专家意见，街道发商请函，铁路部门复函同意。",
        words="一、换泵、改出水口由铁路部门承担。\n二、外沟清淤由区排水处承担，街道督着。\n三、洞口装水尺、警示灯，汛期网格员看守。",
        jobs=[
            Job("换泵、改出水口", RAILWAY, 120, 0, kind="external"),
            Job("外沟清淤 420 米", "区排水处", 90, 0, kind="external", unit="米", target=420),
            Job("洞口装水尺和警示灯", "网格长", 70, 3_200, "leader"),
        ],
    )  # fmt: skip
    t.post(55, "10:00", "铁路里、货场宿舍大门口")


def m08_visit(s: StreetTeller) -> None:
    """Sixty days on, the railway looks at the place."""
    s.letter_event(
        60, "15:30", "visited", "工务段两位工程师、区排水处、社区一起看了泵房和外沟，定了换泵的型号和出水口位置。"
    )


def m08_work(t: Teller) -> None:
    """Work begins once the window has ended."""
    t.take_up(60, "16:10")
    t.window()
    t.progress(65, "17:00", "洞口水尺和两盏警示灯先装上了。", task=3)


STORIES = (
    Story("M08", "zhanqian", (66, 66), (
        m08_opening, M08_OPINION, m08_asked,
        StreetReplies(10, "9:30", "taken", "街道接办，先约铁路工务段。"),
        heard(10, "10:00"), AtStreet(m08_letter), heard(22, "16:00"), AtStreet(m08_reply), m08_table, AtStreet(m08_visit), m08_work,
    )),
)  # fmt: skip
