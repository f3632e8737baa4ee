"""幸福里: the dogs' pact as far as its topic (M06), and the second voice that was put together with it (M27)."""

from __future__ import annotations

from app.faces.cli.demo.story import ExpertAnswers, Story
from app.faces.cli.demo.told_after import Teller

MONDAY, WEDNESDAY = 0, 2


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


def m27(t: Teller) -> None:
    """「再管管狗」: the same thing again, put together with M06."""
    t.said(
        0, "21:05", words="再管管狗吧，昨晚安居里西门又有一只大黑狗没拴，冲着我妈叫，她腿都软了。", title="再管管狗",
        wish="让遛狗的都拴上绳", category="pets", where=("安居里", "1 号楼"), name="小杜", phone="15030124468",
    )  # fmt: skip
    t.merge(1, "9:20", "M06", "和正在修订的养犬公约是同一件事，并到一起议，您的名字照样算一份，开会前会通知您。")


STORIES = (
    Story("M06", "xingfuli", (14, 20), (m06, M06_OPINION), MONDAY),
    Story("M27", "xingfuli", (3, 9), (m27,), WEDNESDAY),
)
