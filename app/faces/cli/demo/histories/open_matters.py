"""What is on the desk today, so that a visitor finds work in every basket: fresh words, clocks that run, one too late."""

from __future__ import annotations

from app.faces.cli.demo.story import ExpertAnswers, Story, StreetReplies
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0
DRAIN = "南道里门口"


def drain(t: Teller) -> None:
    """南道里门口积水: surveying; the street was asked and an expert's link is open."""
    t.said(
        0, "18:40", kind="joint", signers=19, by="grid", channel="door", where=("南道里", "1 号楼"), place=DRAIN,
        words="一下雨门口就成河，水从马路那边倒灌进来，一楼五家往外舀水。社区掏过两次井，掏完还是下不去，说是马路上的管子高。",
        title="南道里门口雨天积水", wish="把马路上的雨水井弄通，别再往院里倒灌", category="repair",
        name="联名人代表", phone="13731190462",
    )  # fmt: skip
    t.accept(2, "9:30", "hard")
    t.topic(4, "10:00", "南道里门口的积水怎么排，市政的管子谁来动？")
    t.touches(4, "10:20", [("南道里 1 号楼、2 号楼", 64), ("市政排水所", None), ("沿街商户", 7)])
    t.survey(5, "9:00")
    t.look(5, "15:20", "雨后量的：院门口水深 22 厘米，市政井里的水位比院里高 8 厘米，井壁有两处塌砖。")
    t.option(
        6, "10:00", "院门口加一道坎，装 2 台排水泵", 15000, "社区公益金", days="10 天", worry="泵要有人看，停电就没用"
    )
    t.option(
        6,
        "10:20",
        "请市政把门前 40 米雨水管降坡重做",
        180000,
        "市政排水所",
        days="两个月",
        worry="要破路，得排进市里计划",
        cost_approx=True,
    )
    t.escalate(
        7, "10:30", reason="积水的根子在门前的市政雨水管，社区动不了路。请街道协调市政排水所来看，给个准信。",
        grid="网格员两次掏井，清出淤泥三车，雨后照样倒灌", community="社区找过排水所一次，答复说要街道发函",
    )  # fmt: skip
    t.invite(
        7, "11:00", "X12", hours=336,
        brief="一处老院门口，路面雨水管比院内高，雨天倒灌，一楼五户进水。社区提出加坎装泵，或者请市政降坡重做 40 米雨水管。",
        questions="降坡重做是不是非做不可？今年雨季前有没有花钱少、见效快的办法？",
    )  # fmt: skip


def sheds(t: Teller) -> None:
    """锡麟街空地划车位: announced, the council sits in a few days."""
    t.said(
        0, "12:10", words="锡麟街小区西边那块空地，乱停十几辆车，垃圾车进不来。不如划成车位，留出一条道，谁先到谁停。",
        title="西边空地划车位", wish="划线、留出消防和垃圾车的道", category="parking", where=("锡麟街小区", "2 号楼"),
        name="老邢", phone="13603118852",
    )  # fmt: skip
    t.accept(1, "9:40", "minor")
    t.look(1, "16:10", "空地长 42 米、宽 11 米，能划 16 个车位，西头要留 4 米给垃圾车。")
    t.option(2, "9:20", "划 16 个车位，先到先停，西头留 4 米", 1900, "小区公共收益", days="3 天", worry="外来车也来停")
    t.option(2, "9:40", "划 12 个车位，装地锁，登记住户轮换", 6800, "小区公共收益", days="10 天", worry="地锁坏了谁修")
    t.topic(2, "10:00", "锡麟街小区西边空地怎么划车位，外来车怎么管？")
    t.touches(2, "10:20", [("锡麟街小区 2 号楼", 48), ("锡麟街小区 3 号楼", 48)])
    t.notice(4, "9:30", sits=(11, "18:30"), title="锡麟街空地车位议事会")


def lamps(t: Teller) -> None:
    """锡麟街路灯: settled at the bench, one of the two tasks is late."""
    t.said(
        0, "8:10", by="leader", channel="visit", where=("锡麟街小区", "1 号楼"), for_speaker=False,
        kind="organisation", organisation="南盐道社区第二网格",
        words="锡麟街小区从西门到 1 号楼六盏路灯全灭了，昨晚一位老人在台阶上踩空，脚崴了。", title="锡麟街六盏路灯全灭",
        wish="今天先有亮，再查线", category="safety", phone="",
    )  # fmt: skip
    t.accept(0, "9:00", "urgent", "grid", owner="leader")
    t.notice(0, "17:00", sits=(1, "18:40"), title="路灯现场会", kind="joint", place="锡麟街小区西门",
             expected=["1 号楼代表", "2 号楼代表", "物业电工", "西门门卫"])  # fmt: skip
    t.sit(1, "18:40", here=4, chair="leader")
    t.talk([
        ("物业电工", "六盏是一条线，地下那段泡了水。今晚先拉一条明线，亮三盏。"),
        ("1 号楼代表", "台阶那盏必须亮，老人晚上遛弯都走那儿。"),
        ("西门门卫", "我手电先放台阶边上，谁过我照谁。"),
    ])  # fmt: skip
    t.put(["当晚拉明线亮三盏，两周内换掉泡水的地下线，六盏全亮"])
    t.agree(["1 号楼代表", "2 号楼代表", "物业电工", "西门门卫"])
    t.rise("四位都同意。当晚先亮三盏，两周内六盏全亮。")
    t.resolve(
        1, "20:00", title="抢修六盏路灯的约定", basis="网格巡查发现，现场会逐一问过有关的四位，没有反对。",
        words="一、当晚拉明线，台阶边的三盏先亮。\n二、两周内换掉泡水的地下线，六盏全亮。\n三、换线的钱从物业维修费里出，住户不分摊。",
        jobs=[
            Job("拉明线，先亮三盏", "物业 电工", 2, 260, kind="property", unit="盏", target=3),
            Job("换掉泡水的地下线，六盏全亮", "物业 电工", 15, 2300, kind="property", unit="盏", target=6),
        ],
    )  # fmt: skip
    t.go(1, "20:10", "锡麟街小区西门公告栏")
    t.finish(2, "17:30", 1, "明线拉好，台阶两边三盏亮了。", yuan=230, done=3)
    t.progress(13, "16:00", "地下线挖开了，接头盒进水，要换的型号没货，厂家说下周到。", task=2, done=0)
    order = t.order(16, "9:10", "配件催到，三天内六盏全亮；夜里台阶边放警示灯。", day=20, task=2)
    t.order_signed(16, "11:20", order, "物业 电工班长")
    t.order_progress(17, "17:40", order, "厂家今天发货，明天晚上到。")


def rails(t: Teller) -> None:
    """楼梯扶手: plain duty, done and seen; people are being asked what they think of it."""
    t.said(
        0, "15:20", by="grid", channel="box", point="盐业宿舍 1 号楼话匣子信箱", where=("盐业宿舍", "2 号楼"), unit=2,
        words="二单元楼梯的扶手断了一截，三楼的老爷子上下楼只能扶墙，前天差点滑下去。写信请社区给接上。",
        title="二单元楼梯扶手断了", wish="接上扶手，老人那一段加一根矮的", category="elders", name="盐业宿舍住户", phone="",
    )  # fmt: skip
    t.accept(1, "9:20", "minor", "grid", owner="grid", is_plain_duty=True)
    t.promise(2, "9:40", [
        Job("接好断的一截，三楼一段加一根矮扶手", "社区 维修工", 9, 480),
    ])  # fmt: skip
    t.progress(5, "16:20", "量好了尺寸，木扶手在木工房做。")
    t.finish(8, "15:40", 1, "断的一截换了新的，三楼加了一根 65 厘米高的矮扶手，打了三遍砂纸不扎手。", yuan=440)
    t.hand_over(8, "16:00")
    t.verify(9, "10:10", "从一楼扶到五楼，稳当；老爷子自己走了一趟，说矮的那根正好。", "三楼住户", by="leader")
    t.visit(13, "10:30", "上门问了四户，都说好用；二楼说漆味还没散。", 4)
    t.ratings(13, "11:00", {5: 3, 4: 1})


def study(t: Teller) -> None:
    """活动室开放时间: decided last week, on the board now."""
    t.said(
        0, "19:30", words="曹家巷小区活动室白天老锁着，钥匙在谁手里也说不清。老人想下棋，孩子放学想有个写作业的地方，能不能把开门时间定死？",
        title="活动室开放时间", wish="早九点到晚八点有人开门，周末也开", category="elders", where=("曹家巷小区", "1 号楼"),
        name="桂姨", phone="13513384071",
    )  # fmt: skip
    t.accept(1, "9:30", "minor")
    t.look(2, "10:10", "连着两天去看：上午都锁着，下午三点以后才开，钥匙在三个人手里。")
    t.option(
        3, "9:00", "每天 9–20 时开门，志愿者轮值，登记本放门口", 600, "社区公益金", days="5 天", worry="周末没人值班"
    )
    t.option(3, "9:20", "装密码锁，登记了的住户自己进出", 1500, "社区公益金", days="7 天", worry="老人记不住密码")
    t.topic(3, "10:00", "曹家巷活动室几点开门、谁来值班？")
    t.touches(3, "10:20", [("曹家巷小区 1 到 5 号楼", 180), ("老年棋社", None)])
    t.notice(5, "9:30", sits=(9, "14:30"), title="活动室开放时间议事会")
    t.sit(9, "14:25", here=12, excused=2)
    t.talk([
        ("提出人", "也不求多气派，有个准点，去了门是开着的就行。"),
        ("seat 4", "值班排两拨，上午老年棋社，下午和晚上志愿者，一人一礼拜不累。"),
        ("seat 9", "周末让放假的大学生来值，算他们社会实践。"),
        ("seat 11", "密码锁我不同意，我妈连手机锁都要我帮着按。"),
        ("书记", "那就按轮值来，登记本放门口，谁来谁记一笔。"),
    ])  # fmt: skip
    t.put()
    t.vote("活动室每天 9–20 时开放，志愿者轮值，周末照开", 11, 0, 1)
    t.rise("到会 12 人，赞成 11 人，弃权 1 人，通过。")
    t.resolve(
        10, "9:20", title="曹家巷活动室开放时间的决议", basis="居民提案，议事会记名表决，赞成人数超过到会人数的一半。",
        words="一、活动室每天 9:00–20:00 开放，周末照开。\n二、上午由老年棋社值班，下午和晚上由志愿者轮值，值班表贴门口。\n"
        "三、钥匙统一放在小板凳议事屋，值班的人来取。",
        jobs=[
            Job("排好一个月的值班表，贴门口", "社区工作者", 24, 0, "worker"),
            Job("添两张写字桌、一盏台灯", "社区工作者", 30, 600, "worker"),
        ],
    )  # fmt: skip
    t.post(10, "10:00", "曹家巷活动室门口、小板凳议事屋门口")


def smell(t: Teller) -> None:
    """河沿里转运点: hard; the street took it and answered, and the council will sit on it."""
    t.said(
        0, "7:40", kind="joint", signers=22, by="worker", channel="phone", where=("河沿里", "1 号楼"),
        words="东墙外的垃圾转运点，早上五点多就开始装车，铁斗咣咣响，夏天那个味儿窗户都不敢开。我们 22 户联名，想让它挪远点或者换个时间。",
        title="河沿里东墙外转运点", wish="挪远一点，或者改到六点半以后装车、当天冲洗", category="hygiene",
        name="联名人代表", phone="13933207745",
    )  # fmt: skip
    t.accept(2, "9:20", "hard")
    t.topic(3, "10:00", "河沿里东墙外转运点挪不挪、几点装车？")
    t.touches(3, "10:30", [("河沿里 1 到 3 号楼", 144), ("环卫所", None)])
    t.survey(4, "9:00")
    t.look(5, "5:40", "早上五点四十到的：两辆车装了 50 分钟，墙里听着 72 分贝；地面没有排水口，冲了水流到路上。")
    t.option(
        5,
        "15:00",
        "改到 6:30 以后装车，地面做硬化加排水沟",
        24000,
        "环卫所",
        days="20 天",
        worry="早高峰装车堵路",
        cost_approx=True,
    )
    t.option(
        5,
        "15:20",
        "往北挪 60 米，靠公厕东侧",
        65000,
        "环卫所和街道",
        days="两个月",
        worry="挪到别人窗下",
        cost_approx=True,
    )
    t.invite(
        5, "16:00", "X10",
        brief="居民楼东墙外十米有一处垃圾转运点，清晨装车扰民、夏季有异味。方案一改时间做硬化，方案二北移 60 米。",
        questions="改时间、做硬化能解决几成？北移的位置还要避开什么？",
    )  # fmt: skip
    t.escalate(
        6, "10:00", reason="转运点归环卫所管，几点装车社区说了不算。请街道和环卫所商量出一个准时间。",
        grid="网格员跟装车师傅说过三回，说要听所里的", community="社区发过一次函，环卫所回「统一排班」",
    )  # fmt: skip


def smell_taken(t: Teller) -> None:
    """The hall takes up that the street has taken it on."""
    t.take_up(8, "10:30")
    t.canvass(9, "19:00", "先改时间、做硬化，您看行不行？", target=144, reached=128, yes=97, no=14)


def smell_ending(t: Teller) -> None:
    """The street's answer is in; the council is called."""
    t.take_up(12, "9:10")
    t.look(12, "16:30", "街道的答复念给联名人代表听了：下月起 6 点半以后装车，硬化列进环卫所计划。", by="worker")
    t.notice(13, "9:30", sits=(19, "18:30"), title="河沿里转运点议事会")


def waiting_long(t: Teller) -> None:
    """Nobody has looked at this one for a week: red."""
    t.said(
        0, "21:30", words="锡麟街小区快递柜把人行道占了一半，推轮椅过不去，能不能挪到车棚边上？", title="快递柜占了人行道",
        wish="挪到车棚边上", category="property", where=("锡麟街小区", "3 号楼"), name="小庞", phone="15130172264",
    )  # fmt: skip


def stair_light(t: Teller) -> None:
    t.said(
        0, "19:20", words="南道里 2 号楼三单元楼道灯不亮有半个月了，晚上回家全靠手机照，楼上还有孕妇。", title="楼道灯不亮",
        wish="换成一拍就亮的灯", category="repair", where=("南道里", "2 号楼"), unit=3, name="小柏", phone="13831166903",
    )  # fmt: skip


def speed_hump(t: Teller) -> None:
    t.said(
        0, "20:40", words="锡麟街东门的减速带翘起来一头，电动车轧上去直蹦，前天一个送孩子的差点摔了。", title="减速带翘起来了",
        wish="钉平或者换一条", category="safety", where=("锡麟街小区", "1 号楼"), place="东门",
    )  # fmt: skip


def soft_rice(t: Teller) -> None:
    t.said(
        0, "10:05", by="grid", channel="point", point="曹家巷小区门口收集点", where=("曹家巷小区", "2 号楼"),
        words="助餐点的饭太硬，我这牙嚼不动，能不能每天留一锅软的？菜也少搁点盐，大夫不让吃咸。",
        title="助餐点添一锅软饭", wish="每天有软饭和少盐的菜", category="elders", name="杜奶奶", phone="",
    )  # fmt: skip


def child_asks(t: Teller) -> None:
    year = t.clock.begins.year
    t.said(
        0, "16:30", by="worker", channel="box", point="话匣子信箱，周一开箱", where=("曹家巷小区", "4 号楼"),
        words="我想要一个可以跳绳的地方，楼下都是车，我们班好几个同学都没地方跳。", title="想要个跳绳的地方",
        wish="画一块不停车的地方", category="elders", name="小诺", birth_year=year - 10, guardian_consent=True,
        guardian="妈妈 13733300112",
    )  # fmt: skip


def fire_lane(t: Teller) -> None:
    t.said_ago(
        95, words="曹家巷 3 号楼后面消防通道今天又停了三辆车，救护车来都进不去，上个月说好不停的。", title="消防通道又停车了",
        wish="装隔离桩或者画网格线", category="safety", where=("曹家巷小区", "3 号楼"), name="老霍", phone="13722638810",
    )  # fmt: skip


def drilling(t: Teller) -> None:
    t.said_ago(
        35, by="worker", channel="12345", point="12345 工单", where=("盐业宿舍", "1 号楼"), for_speaker=False,
        words="来电人反映：盐业宿舍 1 号楼楼上装修，中午十二点半还在打钻，家里有新生儿，请社区协调施工时间。",
        title="装修中午打钻", wish="中午和晚上八点以后不施工", category="neighbours",
    )  # fmt: skip


HOME = "nanyandao"
STORIES = (
    Story("drain", HOME, (9, 9), (drain,)),
    Story("sheds", HOME, (6, 6), (sheds,)),
    Story("lamps", HOME, (18, 18), (lamps,)),
    Story("rails", HOME, (20, 20), (rails,)),
    Story("study", HOME, (11, 17), (study,), MONDAY),
    Story("smell", "liuyin", (14, 14), (
        smell,
        ExpertAnswers((6, "18:30"), (7, "9:40"),
            "一、装车改到 6:30 以后，噪声问题能去掉大半；再把铁斗换成带胶条的，落斗声能降十来分贝。\n"
            "二、味道主要是渗滤液，硬化加排水沟接污水井，每天两冲，比挪位置管用。\n"
            "三、北移的位置离公厕取水口近，要先确认地下管线，离最近的窗户不少于 20 米。"),
        # What the street says is taken up at once: the hall's own worker may already be running.
        StreetReplies(7, "15:10", "taken", "街道接办。已约环卫所周四到现场，社区把住户意见先收齐。"),
        smell_taken,
        StreetReplies(11, "16:20", "answered", "环卫所同意下月起 6:30 以后装车；地面硬化和排水沟列入下季度计划。北移暂不考虑。"),
        smell_ending,
    )),
    Story("waiting_long", HOME, (7, 7), (waiting_long,)),
    Story("stair_light", HOME, (1, 1), (stair_light,)),
    Story("speed_hump", HOME, (1, 1), (speed_hump,)),
    Story("soft_rice", HOME, (2, 2), (soft_rice,)),
    Story("child_asks", HOME, (2, 2), (child_asks,)),
    Story("fire_lane", HOME, (0, 0), (fire_lane,)),
    Story("drilling", HOME, (0, 0), (drilling,)),
)  # fmt: skip
