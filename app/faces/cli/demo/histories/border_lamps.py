"""The dark road between 棉纺东 and 柳荫 (M28): led by the street, talked over and voted in both halls, each its own roll."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.faces.cli.demo.stage import building
from app.faces.cli.demo.story import AtStreet, Chapter, Elsewhere, ExpertAnswers, Story
from app.faces.cli.demo.told_after import Job, Teller
from app.faces.cli.demo.told_at_street import StreetTeller
from app.flow.decide.polls import Line, Question
from app.flow.decide.rules import Rule
from app.people.places import Household
from tenants.database import db
from tenants.scope import current_community

QUESTION = "交界路装 12 盏路灯，电费两个社区各担一半，同意吗？"
#: The same day in the other hall; its first words came a day later.
LIUYIN = Story("M28b", "liuyin", (34, 34), ())
HOMES = {"mianfangdong": ("棉纺东生活区", "9 号楼"), "liuyin": ("柳荫小区", "8 号楼")}


def east_opening(t: Teller) -> None:
    """棉纺东: sixty-one signatures, hard, since the other kerb belongs to the neighbours."""
    t.said(
        0, "20:10", kind="joint", signers=61, channel="slip", by="steward", where=HOMES["mianfangdong"],
        words="我们和柳荫交界的那条路一盏灯都没有，下夜班、接孩子都摸黑走，上个月又有老人绊倒。找社区说过，路那边是柳荫的，灯装谁家的电谁都不吭声。",
        title="交界路夜间照明", wish="两个社区一起把灯装上", category="safety", name="联名人代表", phone="13703117720",
    )  # fmt: skip
    t.accept(2, "9:10", "hard", power="council")
    t.escalate(
        3, "9:40", reason="路两边是两个社区，灯装在哪边、电费谁出，要街道牵头两家一起议",
        grid="网格员和柳荫的网格员一起走过两趟，都说要等上面定", community="两个社区书记碰过头，电费各出多少定不下来",
    )  # fmt: skip
    t.invite(
        4, "10:00", "X12", brief="一条 300 米长的社区交界路，夜里没有照明，路面有两处坑。",
        questions="装几盏、多高、什么间距合适？从哪边取电安全？",
    )  # fmt: skip


LAMPS_OPINION = ExpertAnswers(
    accepts=(5, "12:20"), answers=(6, "21:00"),
    words="一、路宽 7 米，单侧布灯，25 米一盏，12 盏够，灯杆 6 米。\n二、从街道公用配电箱取电，单独装表，不接任何一家的楼道电。\n"
    "三、两处坑先补，再立杆。",
)  # fmt: skip


def west_opening(t: Teller) -> None:
    """柳荫: the same road from the other side."""
    t.said(
        1, "19:30", kind="individual", channel="visit", by="grid", where=HOMES["liuyin"],
        words="小区西门外那条路晚上太黑，孩子下补习班我得打着手电去接。那边是棉纺东的，装灯得两家一起说。",
        title="西门外的路太黑", wish="装路灯", category="safety", name="薛建民", phone="13831140266",
    )  # fmt: skip
    t.accept(3, "9:20", "major", power="council")


def opened(s: StreetTeller) -> None:
    """The street leads: question and rule are fixed, both halls are asked."""
    s.reply(8, "8:50", "taken", "街道牵头，请棉纺东、柳荫两个社区各自议、各自表决。")
    s.lead(
        8, "9:30", title="交界路夜间照明", question=QUESTION, rule="both", ballot_rule="household_ballot",
        category="safety", place="棉纺东与柳荫交界路", due_day=26, sources=("M28", "M28b"),
        brief="两个社区交界的 300 米路夜里没有灯。拟单侧装 12 盏，杆高 6 米，从街道公用配电箱取电，单独装表，电费两个社区各担一半。",
    )  # fmt: skip
    s.ask_halls(
        8, "10:00", ("mianfangdong", "liuyin"), words="请社区用自己的名册表决，沿路 10 户一户一票。", answer_day=11
    )


def joins(t: Teller) -> None:
    """The hall answers with its own matter."""
    t.take_up(9, "9:00")
    t.join_lead(9, "9:20", "leads M28")
    t.touches(10, "9:00", [("沿路住户", 10), ("供电公司", None)])
    t.survey(10, "9:30")
    t.look(10, "20:30", "从路口走到头，没有一盏灯，两处坑，最暗的一段手机照着才看得见脚下。")
    t.option(11, "9:30", "单侧装 12 盏，街道公用配电箱取电", 36_000, "街道出灯，两个社区分担电费", days="30 天",
             worry="电费往后涨了怎么办")  # fmt: skip
    t.option(
        11, "9:50", "各装各的，路两边各 6 盏", 44_000, "各社区", days="45 天", worry="两边高矮不一样，线也要拉两趟"
    )
    t.canvass(12, "19:30", "路灯单侧装，电费一家一半，您家同意吗？", target=60, reached=55, yes=49, no=3)


def both_begin(s: StreetTeller) -> None:
    """Both have joined: the halls may deliberate."""
    s.open_halls(12, "9:00")


def votes(hall: str) -> Callable[[Teller], None]:
    """Ten homes along the road, eight came, each hall in its own room on the same evening."""

    def telling(t: Teller) -> None:
        t.notice(
            14, "9:00", sits=(20, "19:00"), title="交界路照明议事会", kind="hearing",
            expected=["沿路住户代表", "供电公司", "网格员", "楼长"],
        )  # fmt: skip
        t.sit(20, "18:55", here=4)
        t.talk([
            ("供电公司", "从公用配电箱取电，单独装表，一盏灯一个月电费不到 8 块。"),
            ("沿路住户代表", "一家一半我们认，就一条，坏了三天里得有人修。"),
            ("楼长", "我天天下夜班走这条路，装上就踏实了。"),
        ])  # fmt: skip
        t.put(["单侧装 12 盏，电费两个社区各担一半", "不装"])
        t.poll(
            20, "19:40", title="交界路路灯", body="households", subject="siting_or_style",
            questions=(Question(QUESTION, Rule.HOUSEHOLD_BALLOT),), who="沿路 10 户，一户一票", lines=homes_of(hall),
        )  # fmt: skip
        t.papers_in(20, "19:50", [(7, ("yes",)), (1, ("no",))] if hall == "liuyin" else [(8, ("yes",))])

    return telling


def homes_of(hall: str) -> list[Line]:
    """The ten homes along the road: the hall's own roll."""
    rows = db.session.scalars(
        select(Household)
        .where(
            Household.community_id == current_community(), Household.building_id == building(*HOMES[hall]).id,
            Household.unit == 1,
        )
        .order_by(Household.room)
        .limit(10)
    ).all()  # fmt: skip
    return [Line(f"{home.unit} 单元 {home.room}", HOMES[hall][1], household_id=home.id) for home in rows]


def result(hall: str) -> Callable[[Teller], None]:
    """Counted, written down in the hall's own resolution, handed in to the lead."""

    def telling(t: Teller) -> None:
        t.counted(20, "20:20")
        t.rise("发出 10 张，收回 8 张，赞成过半数，通过。")
        t.resolve(
            21, "9:00", title="交界路照明的决议", basis="街道牵头，听取道路专家意见，沿路住户一户一票表决，赞成的超过收回票数的一半。",
            words="一、同意交界路装 12 盏路灯。\n二、电费由两个社区各担一半。\n三、坏了三天内报修。",
            jobs=[Job("每月 5 日抄表、结电费", "社区工作者", 60, 0, "worker")],
            dissent="怕电费往后越涨越多。" if hall == "liuyin" else "",
            answer="电费每年公示一次，涨过一成就再议。" if hall == "liuyin" else "",
        )  # fmt: skip
        t.hand_in(21, "10:00", "leads M28")
        t.post(21, "10:30", "沿路楼门口")

    return telling


def gathered(s: StreetTeller) -> None:
    """Both passed, and together; the street promises what is the street's."""
    s.gather(22, "9:30")
    s.task(22, "10:00", "补两处坑，立杆装灯 12 盏", "街道城建办", 45)
    s.task(22, "10:10", "公用配电箱装表", "供电公司", 40)


def begins_work(t: Teller) -> None:
    """The hall hears what the lead gathered; nobody objected."""
    t.take_up(23, "9:00")
    t.window()


CHAPTERS: tuple[Chapter, ...] = (
    east_opening, Elsewhere(LIUYIN, west_opening), LAMPS_OPINION, AtStreet(opened), joins, Elsewhere(LIUYIN, joins),
    AtStreet(both_begin), votes("mianfangdong"), Elsewhere(LIUYIN, votes("liuyin")), result("mianfangdong"),
    Elsewhere(LIUYIN, result("liuyin")), AtStreet(gathered),
    begins_work, Elsewhere(LIUYIN, begins_work),
)  # fmt: skip
