"""康乐: where the meal point for the elderly opens (M16), decided by the residents' representatives."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0
QUESTION = "便民助餐点设在老年食堂东侧空房，周一到周六供午饭"


def m16_asked(t: Teller) -> None:
    """An old man had it written down; the council put it to the representatives."""
    t.said(
        0, "9:40", by="grid", channel="door", where=("康乐小区", "2 号楼"),
        words="我八十一了，中午一个人懒得做饭。食堂离我家要过两条马路，腿脚不行。能不能在小区里头找个地方，打一份热饭就行？",
        title="便民助餐点选址", wish="小区里头有个能打热饭的地方", category="elders", name="关大爷", phone="",
    )  # fmt: skip
    t.accept(3, "9:30", "major", power="residents")
    t.topic(6, "10:00", "助餐点设在哪儿？谁来供饭？", party=True)
    t.touches(6, "10:20", [("康乐小区、安康里七十岁以上老人", 312), ("食堂承包人", None)])
    t.option(10, "15:00", QUESTION, 36000, "社区公益金和街道补助", days="40 天", worry="寿康里的人远一点")
    t.option(10, "15:20", "设在安康里门房，送餐过来", 21000, "社区公益金", days="25 天", worry="地方小，没水")
    t.canvass(16, "18:00", "助餐点设在食堂东侧，您用不用？", target=312, reached=268, yes=221, no=20)
    t.notice(17, "9:00", sits=(20, "14:30"), title="助餐点选址议事会")
    t.look(
        20,
        "11:40",
        "两处都去看了：食堂东侧空房 46 平方米，有上下水；安康里门房 18 平方米，没有上下水。中午问了 40 位老人。",
    )
    t.sit(20, "14:25", here=13, excused=1)
    t.talk([
        ("seat 2", "东侧空房有水，离两个小区都是三百来米，合适。"),
        ("食堂承包人", "一份十块，八十岁以上的七块，差的那三块请街道补。"),
        ("书记", "这事动用公益金，三个小区都沾边，请居民代表会议定。"),
    ])  # fmt: skip
    t.put()
    t.vote("同意把助餐点设在食堂东侧空房的方案提请居民代表会议", 12, 0, 1)
    t.rise("到会 13 人，赞成 12 人，弃权 1 人，提请居民代表会议。")
    t.resolve(
        21, "9:20", title="便民助餐点选址的决议", basis="老人提出，入户问了 268 户；议事会同意后提请居民代表会议决定。",
        words="一、助餐点设在老年食堂东侧空房，周一到周六供午饭。\n二、一份十元，八十岁以上七元，差价由街道补助。\n"
        "三、腿脚不便的由志愿者送，每天上午九点前说一声。",
        jobs=[
            Job("空房刷墙、装灶台和洗手池", "食堂承包人", 60, 36000),
            Job("排好送餐志愿者的班", "社区工作者", 55, 0, "worker"),
        ],
    )  # fmt: skip
    t.study(21, "15:00", "支部研究，同意按老人多的地方选址，钱从公益金出，不摊到户。", organisation="康乐社区党委")
    t.before(22, "9:00", body="reps", question=QUESTION)
    t.notice(22, "9:30", sits=(32, "14:30"), title="康乐社区居民代表会议", kind="reps", place="老年食堂")
    t.sit(32, "14:20", here=35, excused=4)
    t.talk([
        ("书记", "应到四十八位，到了三十五位，够三分之二。念一遍方案。"),
        ("寿康里 代表", "寿康里远一点的，送餐别漏了。"),
        ("安康里 代表", "送餐的班我们楼的志愿者能排上。"),
    ])  # fmt: skip
    t.body_poll(32, "15:00", hands=True, who="居民代表和居委会成员，共四十八人；其他居民可以旁听、发言，不表决。")
    t.hands_up(32, "15:20", {"yes": 29, "no": 4, "abstain": 2}, present=35)


def m16_counted(t: Teller) -> None:
    """29 of 35 who came, of 48; built by day sixty."""
    t.counted(32, "15:30")
    t.rise("到会 35 人，赞成 29 人，通过。")
    t.settled(33, "9:00", "三个小区大门口、老年食堂门口")
    t.window()


STORIES = (Story("M16", "kangle", (50, 56), (m16_asked, m16_counted), MONDAY),)
