"""机床厂: the workers' houses renewed (M07) with money from three sides; asked of the street, begun, and now getting late."""

from __future__ import annotations

from app.faces.cli.demo.story import ExpertAnswers, Story, StreetReplies
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0
SIDES = (
    "住建局 城建科", "机床厂留守处（产权单位）", "街道城建办", "一宿舍住户代表", "二宿舍住户代表", "物业服务站",
)  # fmt: skip


def m07_opening(t: Teller) -> None:
    """职工家属院翻新: found on a walk, hard, and more than a community can carry."""
    t.said(
        0, "9:20", kind="organisation", organisation="机床厂退休职工服务站", organisation_kind="partner", by="grid",
        channel="visit", where=("机床厂一宿舍", "1 号楼"),
        words="走访一宿舍、二宿舍，老楼的电线还是七十年代的铝线，一到夏天就跳闸；楼道里堆满了东西，院里私搭的小房十九间，下雨院子存水。"
        "服务站的老师傅说，厂子没了，房子没人管，大伙儿想把院子翻新一回。",
        title="职工家属院翻新", wish="换电线、清院子、拆私搭、修下水", category="repair",
        name="服务站秦师傅", phone="13931120764",
    )  # fmt: skip
    t.accept(2, "10:10", "hard", power="council")
    t.topic(3, "9:30", "机床厂职工家属院怎么翻新，钱从哪几家出？")
    t.touches(
        3, "9:50",
        [("机床厂一宿舍", 180), ("机床厂二宿舍", 146), ("机床厂留守处（产权单位）", None), ("住建局", None)],
    )  # fmt: skip
    t.survey(3, "10:30")
    t.invite(
        3, "11:00", "X13", brief="两个七十年代的家属院，六栋楼，线路老化，院里有私搭的小房，产权单位只剩留守处。",
        questions="先做什么、后做什么？大概要多少钱？哪些私搭拆了不影响房子？",
    )  # fmt: skip
    t.look(4, "15:20", "六栋楼的总闸都看了，四个有烧过的痕迹；私搭 19 间，两间压在污水井上；院子最低处存水 20 厘米。")


M07_OPINION = ExpertAnswers(
    accepts=(5, "20:10"), answers=(9, "21:00"),
    words="一、电线和总闸最急，先换，一栋一天，不用腾房。\n二、压着污水井的两间要先拆，别的按自愿拆、统一建储物棚来办。\n"
    "三、院子重新找坡，做 180 米排水沟。\n四、全部做下来 58 万到 60 万，单做电线 16 万上下。",
)  # fmt: skip


def m07_asked(t: Teller) -> None:
    """Two ways, the doors, and the request to the street."""
    t.option(10, "9:30", "电线、排水、拆违和储物棚一起做", 586_000, "住建局、产权单位、街道三家", days="90 天",
             worry="私搭的住户不愿意拆")  # fmt: skip
    t.option(10, "9:50", "今年只换电线和总闸，别的等明年", 160_000, "产权单位", days="20 天", worry="院子还是存水")
    t.canvass(11, "19:30", "院子翻新，私搭的小房拆掉换成储物棚，您家同意吗？", target=326, reached=301, yes=268, no=14)
    t.escalate(
        12, "9:10", reason="要住建局和产权单位一起出钱，社区请不动，请街道牵头坐到一起",
        grid="网格员和留守处谈过两次，说厂里没有这笔钱", community="社区给住建局写过申请，答复等街道统一报",
    )  # fmt: skip


def m07_table(t: Teller) -> None:
    """The street brings three sides to one table; each says what it pays."""
    t.take_up(20, "11:00")
    t.notice(
        31, "9:00", sits=(35, "9:30"), title="家属院翻新三方会", kind="joint", place="机床厂家属院老装配车间",
        expected=list(SIDES),
    )  # fmt: skip
    t.sit(35, "9:25", here=6, chair="secretary")
    t.talk([
        ("住建局 城建科", "老旧小区的专项可以给 30 万，走电线和排水，要有决议和图纸。"),
        ("机床厂留守处（产权单位）", "厂里剩下的维修款 22 万，全拿出来，往后产权怎么交，请街道牵头办。"),
        ("街道城建办", "街道补 6.6 万，做储物棚和院灯。"),
        ("一宿舍住户代表", "拆小房没意见，可储物棚要先盖好再拆，东西得有地方搁。"),
        ("二宿舍住户代表", "施工的时候别断电断水一整天。"),
        ("书记", "三家加起来 58 万 6，正好够。先换线，再盖棚，盖一个拆一排。"),
    ])  # fmt: skip
    t.put(["电线、排水、拆违和储物棚一起做，58.6 万元由住建局、产权单位、街道三家出"])
    t.agree(SIDES, conditions={"一宿舍住户代表": "储物棚先盖好再拆小房"})
    t.rise("六方都同意：住建局 30 万元，产权单位 22 万元，街道 6.6 万元，住户不出钱。")
    t.resolve(
        36, "9:30", title="职工家属院翻新的决议", basis="走访提出，听取建筑专家意见，街道牵头三方坐到一起，六方逐一问过，没有反对。",
        words="一、电线、排水、拆违、储物棚一起做，先换线，棚盖好再拆小房。\n"
        "二、费用 586,000 元：住建局 300,000 元，产权单位 220,000 元，街道 66,000 元，住户不分摊。\n"
        "三、停电一天不超过四个钟头，前一天贴通知。",
        jobs=[
            Job("六栋楼换电线和总闸", "住建局施工队", 71, 300_000, kind="external", unit="栋", target=6),
            Job("做 180 米排水沟，院子找坡", "机床厂留守处 丁主任", 78, 220_000, kind="partner", unit="米", target=180),
            Job("盖储物棚 24 间、装院灯", "街道城建办", 84, 66_000, kind="partner", unit="间", target=24),
            Job("小房一家一家说通", "网格长", 76, 0, "leader", unit="间", target=19),
        ],
    )  # fmt: skip
    t.post(36, "10:20", "一宿舍、二宿舍大门口")
    t.window()
    t.take_down()


def m07_work(t: Teller) -> None:
    """Begun on the sixtieth day; the wires are late, so the light is yellow."""
    t.budget(44, "9:30", [("department", "住建局", 300_000), ("title_holder", "机床厂留守处", 220_000),
                          ("street", "街道城建办", 66_000)])  # fmt: skip
    t.progress(60, "8:40", "今天开工，先换一宿舍 1 号楼的线。", task=1, done=0)
    t.came(60, "10:00", "department", 300_000, "专项资金到账", name="住建局", voucher="建专-117")
    t.progress(64, "17:20", "换完 4 栋，停电都没超过四个钟头。", task=1, done=4)
    t.progress(65, "16:50", "小房说通了 15 间，剩 4 间等储物棚。", by="leader", task=4, done=15)


STORIES = (
    Story("M07", "jichuangchang", (68, 68), (
        m07_opening, M07_OPINION, m07_asked,
        StreetReplies(13, "9:00", "taken", "街道接办，约住建局和机床厂留守处坐到一起。"),
        StreetReplies(20, "10:20", "answered", "住建局、产权单位都答应来谈，资金各出一块，请社区定日子开三方会。"),
        m07_table, m07_work,
    )),
)  # fmt: skip
