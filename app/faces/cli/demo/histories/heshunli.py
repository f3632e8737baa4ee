"""和顺里: whether the owners of yard three change their property manager (M11); heads enough, area not."""

from __future__ import annotations

from app.faces.cli.demo.areas import pick
from app.faces.cli.demo.owners import areas_of, estate_of, lines_of
from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0
ESTATE = "和顺里"
#: Heads and square metres: who took part, who was for it (domain.md section 8).
TOOK_PART, IN_FAVOUR = (88, 6912), (46, 3400)
TABLE = ["业主代表 1", "业主代表 2", "业主代表 3", "物业 经理"]
QUESTION = "解聘现在的物业，公开选聘新的物业服务企业"


def m11_asked(t: Teller) -> None:
    """24 of 120 owners ask, the hall advises, the council puts it to the owners."""
    t.said(
        0, "19:20", kind="joint", signers=24, by="steward", channel="slip", where=(ESTATE, "3 号楼"),
        words="3 号院的物业收了两年钱，楼道灯坏三个月没人换，垃圾两天一清。我们 24 户业主联名，占了全院两成，想把物业换了，"
        "该怎么换、谁说了算，请社区给指条路。",
        title="3 号院更换物业", wish="开业主大会，换一家物业", category="property", name="联名人代表", phone="13731198820",
    )  # fmt: skip
    t.accept(1, "9:30", "major", power="owners")
    t.look(1, "16:20", "楼道灯坏了 11 盏，最久的三个月；垃圾桶下午四点已经满了。物业说人手不够，收费率只有六成。")
    t.option(2, "9:10", QUESTION, 0, "物业费不变", days="60 天", worry="交接期没人管")
    t.option(2, "9:30", "限期三个月整改，到期再议", 0, "物业费不变", days="90 天", worry="拖下去")
    t.topic(2, "10:00", "3 号院换不换物业？要不要提请业主大会？", party=True)
    t.touches(2, "10:20", [("和顺里 3 号院业主", 120), ("现在的物业", None)])
    t.notice(2, "11:00", sits=(5, "18:30"), title="3 号院更换物业辅导会")
    t.sit(5, "18:25", here=12, excused=2)
    t.talk([
        ("书记", "换物业归业主共同决定，议事会定不了。今天只议一件：要不要提请业主大会。"),
        ("联名人代表", "24 户签了字，够两成，请社区帮着把会开起来。"),
        ("物业 经理", "给我们三个月，灯一周换完，垃圾改成一天一清。"),
        ("seat 5", "两头的话都写进公告，让业主自己看、自己投。"),
    ])  # fmt: skip
    t.put()
    t.vote("同意把 3 号院更换物业提请业主大会表决", 11, 0, 1)
    t.rise("到会 12 人，赞成 11 人，弃权 1 人，提请业主大会。")
    t.resolve(
        6, "9:30", title="提请业主大会表决更换物业的意见", basis="24 户业主联名，占全院业主人数的两成；议事会表决同意提请。",
        words="一、更换物业由 3 号院业主共同决定，议事会只作提请。\n二、公告满 15 日后发书面选票，业主签名有效。\n"
        "三、物业的整改承诺和公告一起贴出。",
        jobs=[Job("贴公告，按业主名册发选票", "社区工作者", 40, 0, "worker")],
    )  # fmt: skip
    t.study(
        7,
        "10:00",
        "支部会议听了两头的意见，同意依法提请业主大会，支部不替业主拿主意。",
        organisation="和顺里社区党支部",
    )
    estate = estate_of(ESTATE)
    t.before(19, "9:30", body="owners", item=4, question=QUESTION, estate_id=estate)
    t.notice(
        20,
        "9:00",
        sits=(35, "9:00"),
        title="3 号院业主大会",
        kind="owners",
        place="3 号院堂屋",
        expected=TABLE,
        estate_id=estate,
        base=120,
    )
    t.sit(35, "9:05", here=4)
    t.talk([
        ("书记", "会上先把两头的话说清楚，票带回家签，五天内交回堂屋的票箱。"),
        ("业主代表 1", "楼道灯和垃圾的照片都贴在墙上了，大家自己看。"),
        ("物业 经理", "灯换了九盏，剩下两盏这周换完，请再给一次机会。"),
    ])  # fmt: skip
    t.rise("大会开过，书面表决，业主签名的票收齐后由两人计票。")
    t.body_poll(
        35, "9:20", who="和顺里 3 号院专有部分的业主，一位业主算一个人，面积按登记簿；几套房算一个人，面积合着算。"
    )


def m11_voting(t: Teller) -> None:
    """Paper ballots, named and signed: 88 owners with 6,912 m² took part."""
    estate = estate_of(ESTATE)
    areas = areas_of(estate)
    everybody = list(range(len(areas)))
    in_favour = pick(areas, everybody, *IN_FAVOUR)
    rest = pick(areas, [n for n in everybody if n not in in_favour], 42, 3512)
    choices = dict.fromkeys(in_favour, "yes") | {n: ("no" if k < 37 else "abstain") for k, n in enumerate(rest)}
    t.signed_papers(40, "15:00", lines_of(estate), choices)


def m11_counted(t: Teller) -> None:
    """46 heads of 88 are over half; 3,400 m² of 6,912 are not."""
    t.counted(40, "16:30")
    t.settled(40, "17:00")


STORIES = (Story("M11", "heshunli", (42, 48), (m11_asked, m11_voting, m11_counted), MONDAY),)
