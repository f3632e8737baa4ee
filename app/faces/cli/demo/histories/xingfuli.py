"""幸福里: the dogs' pact, decided by the residents' representatives (M06), and the voice put together with it (M27)."""

from __future__ import annotations

from datetime import date, timedelta

from app.faces.cli.demo.stage import begin_on
from app.faces.cli.demo.story import ExpertAnswers, Meanwhile, Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0


def m06(t: Teller) -> None:
    """养犬公约修订: 31 households, the residents' representatives will decide."""
    t.said(
        0, "19:10", kind="joint", signers=31, channel="slip", by="steward", where=("幸福里", "5 号楼"),
        words="院里的狗越来越多，早晚遛狗不拴绳的有十来家。上礼拜一个孩子被扑倒，膝盖磕破了。五年前定的公约只有四条，没说大型犬，也没说"
        "粪便谁管。我们 31 户联名，想把公约改一改，养狗的不养狗的都有个准。",
        title="养犬公约修订", wish="修订公约：拴绳、清粪便、禁养名单、谁来劝、劝不动怎么办", category="pets",
        name="联名人代表", phone="13722610583",
    )  # fmt: skip
    t.accept(4, "9:30", "hard", power="residents")
    t.look(5, "18:40", "傍晚在中心花园站了一个钟头：遛狗 23 只，没拴绳 9 只，粪便 6 处。有三家说不知道有公约。")
    t.topic(8, "10:00", "养犬公约怎么改：拴绳、清便、大型犬、谁来劝？", party=True)
    t.touches(8, "10:30", [("幸福里养犬户", 86), ("幸福里、安居里有孩子的户", 340), ("社区民警", None)])
    t.invite(
        8, "11:00", "X05",
        brief="小区遛狗不拴绳引起多次争吵，有一名孩子受轻伤。三十一户联名提出修订养犬公约，准备提请居民代表会议。",
        questions="公约里哪些能写、哪些要按条例办？劝不动的，社区和派出所怎么接？",
    )  # fmt: skip


M06_OPINION = ExpertAnswers(
    accepts=(9, "8:50"), answers=(10, "20:30"),
    words="一、拴绳、戴嘴套、登记、免疫，条例里都有，公约照抄就行，不能写得比条例松，也不能自己定罚款。\n"
    "二、公约可以写条例没有的：几点到几点不进儿童区、粪便自带袋子、电梯里抱起来。这些靠大家认，定下来就管用。\n"
    "三、劝的办法分三步：楼长当面劝一次，网格员带着公约劝第二次，第三次由我们上门，登记在案。伤了人的直接报警，先带孩子打疫苗。\n"
    "四、大型犬名录以市里公布的为准，公约里写「按市公布的名录」，别自己列。",
)  # fmt: skip


PACT = "通过《幸福里养犬公约》修订稿：拴绳、清便、电梯抱起、三步劝导"


def m06_talked(t: Teller) -> None:
    """A talk on the eighteenth day; everybody at the table agrees on the draft that goes to the representatives."""
    t.survey(11, "9:00")
    t.option(
        11, "9:30", "修订公约：拴绳、清便、电梯抱起、三步劝导", 1800, "社区公益金", days="30 天", worry="劝的人要有时间"
    )
    t.option(11, "9:50", "不改公约，多贴几张提示牌", 600, "社区公益金", days="7 天", worry="贴了三年没人看")
    t.canvass(12, "19:30", "公约改成修订稿这样，您赞成吗？", target=426, reached=371, yes=302, no=44)
    table = ["养犬户代表", "不养犬户代表", "楼长", "社区民警", "物业"]
    t.notice(
        13, "9:00", sits=(18, "19:00"), title="养犬公约恳谈会", kind="talk", place="中心花园议事亭", expected=table
    )
    t.sit(18, "18:55", here=5)
    t.talk([
        ("养犬户代表", "拴绳、捡便我们认；早上六点前人少，能不能松一松？"),
        ("不养犬户代表", "绳子不能松，孩子早上六点半就下楼了。"),
        ("社区民警", "条例里没有松绳的时间，公约不能比条例松。"),
        ("楼长", "劝的人排个班，一人一周，我带头。"),
    ])  # fmt: skip
    t.put()
    t.agree(table, conditions={"养犬户代表": "中心花园北角设一块遛犬区"})
    t.rise("五方都同意修订稿，北角设遛犬区，提请居民代表会议。")
    t.resolve(
        19, "9:20", title="《幸福里养犬公约》修订决议", basis="31 户联名提出，听了社区民警的意见；恳谈会五方都同意，提请居民代表会议决定。",
        words="一、遛犬一律拴绳，粪便自带袋子清走，进电梯抱起来。\n二、中心花园北角设遛犬区，早六点到八点、晚六点到九点开放。\n"
        "三、劝导分三步：楼长劝一次，网格员带公约劝第二次，第三次请民警上门。",
        jobs=[
            Job("印公约，一户一份", "社区工作者", 60, 1800, "worker"),
            Job("围好北角遛犬区，放两个垃圾桶", "物业", 70, 3200),
        ],
    )  # fmt: skip
    t.study(
        20, "10:00", "支部研究，公约不得比条例松、不得自定罚款，同意提请居民代表会议。", organisation="幸福里社区党委"
    )
    t.before(28, "9:30", body="reps", question=PACT)
    t.notice(29, "9:00", sits=(40, "14:30"), title="幸福里居民代表会议", kind="reps", place="党群服务中心二楼")
    t.sit(40, "14:20", here=36, excused=6)
    t.talk([
        ("书记", "应到五十位，代表四十三、居委会七；到了三十六位，够三分之二。"),
        ("和美家园 代表", "遛犬区别挨着幼儿园那边，放北角我赞成。"),
        ("安居里 代表", "大型犬按市里的名录，别自己加。"),
    ])  # fmt: skip
    t.body_poll(40, "15:00", hands=True, who="居民代表 43 人、居委会成员 7 人；其他居民可以旁听、发言，不表决。")
    t.hands_up(40, "15:30", {"yes": 25, "no": 8, "abstain": 3}, present=36)


def m06_posted(t: Teller) -> None:
    """36 of 50 came, 25 are over half of 36."""
    t.counted(40, "15:40")
    t.rise("到会 36 人，赞成 25 人，超过一半，通过。")
    t.settled(41, "9:00", "中心花园公告栏、三个小区大门口")


def m27(t: Teller) -> None:
    """「再管管狗」: the same thing again, put together with M06."""
    t.said(
        0, "21:05", words="再管管狗吧，昨晚安居里西门又有一只大黑狗没拴，冲着我妈叫，她腿都软了。", title="再管管狗",
        wish="让遛狗的都拴上绳", category="pets", where=("安居里", "1 号楼"), name="小杜", phone="15030124468",
    )  # fmt: skip
    t.merge(1, "9:20", "M06", "和正在修订的养犬公约是同一件事，并到一起议，您的名字照样算一份，开会前会通知您。")


def _nine_days_after(today: date) -> date:
    return begin_on(today, M06_AGO, MONDAY) + timedelta(days=9)


M06_AGO = (42, 47)
M27 = Story("M27", "xingfuli", M06_AGO, (m27,), begins=_nine_days_after)
STORIES = (
    Story("M06", "xingfuli", M06_AGO, (m06, M06_OPINION, Meanwhile(M27), m06_talked, m06_posted), MONDAY),
    M27,
)
