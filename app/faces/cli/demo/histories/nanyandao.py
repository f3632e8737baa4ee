"""南盐道: the shared racks (M01) from the collection point to the rating, and the old pavilion that was ended (M30)."""

from __future__ import annotations

from app.faces.cli.demo.pictures import racks_after, racks_before
from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY, THURSDAY = 0, 3
YARD = ("曹家巷小区", "3 号楼")


def m01(t: Teller) -> None:
    """增设共享晾衣架 5 组: 到会 11/15, 10:0:1, 满意 18/19."""
    t.said(
        0, "9:40", by="grid", channel="point", point="曹家巷小区门口收集点", where=YARD,
        words="3 号楼门口老有人拉绳子晾被子，从电线杆拉到树上，老人走过去总怕绊着。前天楼下大姐的被子还挂到了电线上，看着真揪心。"
        "楼里没有阳台朝南的有十几户，不晾外头也没地方晾，光说不让晾不是办法。",
        title="增设共享晾衣架", wish="楼前空地上装几组公用的晾衣架，大家轮着用", category="addition",
        name="王桂兰", title_of_address="女士", phone="13833110217", photos=t.photographs(racks_before()),
    )  # fmt: skip
    t.accept(1, "10:15", "minor")
    t.look(
        2,
        "16:20",
        "3 号楼到 5 号楼之间拉了 7 根绳子，有 2 根拴在通信线杆上。东侧空地 14 米长，离窗户 6 米，不挡消防通道。",
    )
    t.show(2, "16:25", racks_before(), "办之前：绳子拉到了线杆上")
    t.option(3, "10:00", "在 3 号楼东侧空地装 5 组不锈钢晾衣架，带防滑地砖", 4800, "党组织服务群众经费", days="20 天",
             worry="怕有人长期占着不收")  # fmt: skip
    t.option(3, "10:20", "楼顶平台装 8 组晾衣杆，加护栏", 12600, "维修资金和居民分摊", days="两个月",
             worry="老人上不去，护栏还要报批")  # fmt: skip
    t.canvass(5, "19:30", "楼东侧装共享晾衣架，您家赞成吗？", target=72, reached=68, yes=61, no=3)
    t.topic(6, "9:30", "要不要在 3 号楼东侧空地装 5 组共享晾衣架，谁来管？")
    t.touches(6, "9:50", [("曹家巷小区 3 号楼", 36), ("曹家巷小区 5 号楼", 36), ("物业服务站", None)])
    t.notice(7, "10:00", sits=(10, "9:00"), title="共享晾衣架议事会")
    t.sit(10, "8:55", here=11, chair="secretary", excused=2)
    t.talk([
        ("提出人", "我就是想有个正经地方晾被子。绳子拉得到处都是，我自己也被绊过一回。"),
        ("seat 2", "东边那块空地我量过，装 5 组不影响走路，消防车也过得去。"),
        ("seat 5", "架子装好容易，管住难。得说好谁家晒完谁收，别一挂三天。"),
        ("物业何师傅", "我们每天巡两遍，晚上八点还挂着的给收到门卫，第二天来取。"),
        ("seat 8", "一楼的住户担心滴水，架子离窗户远一点，地上铺防滑砖，这两条写进去我就放心。"),
        ("书记", "钱从党组织服务群众经费里出，4,800 元，不用大家掏。大家看看还有没有不同意见。"),
    ])  # fmt: skip
    t.put()
    t.vote("在 3 号楼东侧空地装 5 组共享晾衣架，当天晒当天收，物业每天巡查", 10, 0, 1, mode="hands")
    t.rise("到会 11 人，赞成 10 人，弃权 1 人，通过。架子离一楼窗户不少于 6 米，地面铺防滑砖。")
    t.resolve(
        11, "9:20", title="增设共享晾衣架的决议", basis="曹家巷 3 号楼居民提案，议事会当面议定，赞成人数超过到会人数的一半。",
        words="一、在 3 号楼东侧空地装 5 组共享晾衣架，离一楼窗户不少于 6 米，地面铺防滑砖。\n"
        "二、当天晒当天收，晚上八点还挂着的由物业收到门卫，第二天来取。\n三、不再往线杆和树上拉绳子，现有的绳子由网格员上门说清楚后拆掉。",
        jobs=[
            Job("做好并装上晾衣架，铺防滑砖", "物业 何师傅", 46, 4800, kind="property", unit="组", target=5),
            Job("拆掉现有的 7 根绳子，挨家说清楚", "网格员 上门", 44, 0, "leader"),
        ],
    )  # fmt: skip
    t.budget(11, "9:40", [("party_fund", "党组织服务群众经费", 4800)])
    t.post(11, "10:00", "3 号楼公开栏、小板凳议事屋门口")
    t.window()
    t.take_down()
    t.picture(27, "9:00", racks_before(), "办之前：绳子拉到了线杆上", which="before", task=1)
    t.progress(28, "15:10", "架子在厂里焊好了，等防滑砖到货一起进场。")
    t.finish(44, "17:30", 2, "7 根绳子都拆了，一家一家说过，有两位老人帮着把被子搬到了新架子那边。", by="leader")
    t.finish(46, "16:40", 1, "5 组架子装好，防滑砖铺了 21 平方米，试挂三床湿被子不晃。", yuan=4650, done=5)
    t.picture(46, "16:50", racks_after(), "办完以后：5 组架子，地面铺了防滑砖", which="after", task=1)
    t.hand_over(46, "17:00")
    t.went(46, "17:20", "party_fund", 4650, "晾衣架 5 组和防滑砖", name="党组织服务群众经费", voucher="票 0031", task=1)
    t.leave(46, "17:40", "共享晾衣架", 5, "组", place="3 号楼东侧空地", upkeep="每天巡两遍，每月擦洗一次，松了拧紧",
            keeper="物业 何师傅", months=1, task=1)  # fmt: skip
    t.verify(47, "10:30", "5 组都结实，地砖不滑，离一楼窗户量了 6 米 4。实际花 4,650 元，比预算少 150 元。", "楼阿姨")
    t.visit(
        53,
        "15:00",
        "问了 3 号楼、5 号楼 19 户。多数说方便了，也敢让老人自己下楼了；一户说早上抢不到位置，跟她说好可以用 5 号楼门前那组。",
        19,
    )
    t.ratings(53, "17:10", {5: 12, 4: 5, 3: 1, 2: 1}, why=["早上去晚了抢不到位置，希望再添一组"])
    t.visit(54, "10:20", "又去看了那户，早上七点给她留了靠里的一根杆，她说行。再添一组的事记到明年计划里。", 1)
    t.evaluate(55, "9:30", "办成了。绳子没有再拉起来，线杆上的隐患没了；架子早晨紧张，看一季再说要不要加。")
    t.close(55, "10:00", "晾衣架装好了，您提的事办结了。早上要是还挤，随时再说。")


def m30(t: Teller) -> None:
    """旧亭翻修: taken on, made a topic, then the ground was taken into a requisition plan."""
    t.said(
        0, "10:10", kind="organisation", organisation="盐业宿舍老年门球队", channel="organisation", where=("盐业宿舍", "1 号楼"),
        words="院里那座凉亭柱子糟了，顶上的瓦也掉，下雨天我们都不敢在里头坐。想请社区翻修一下，我们队里能出人打下手。",
        title="旧亭翻修", wish="把凉亭的柱子和顶换了，让老人有个坐的地方", category="repair",
        name="门球队", phone="8555 0326",
    )  # fmt: skip
    t.accept(3, "9:30", "minor")
    t.look(4, "15:40", "四根柱子有两根根部糟朽，能插进手指；顶上缺瓦十几片。先拉了警戒带，贴了「请勿入内」。")
    t.topic(9, "10:00", "盐业宿舍旧凉亭怎么翻修，钱从哪儿出？")
    t.touches(9, "10:20", [("盐业宿舍 1 到 6 号楼", 210), ("老年门球队", None)])
    t.survey(14, "14:30")
    t.option(14, "15:00", "换两根柱子、补瓦、刷漆，照原样修", 26000, "社区公益金", days="25 天", cost_approx=True)
    t.option(14, "15:20", "拆掉旧亭，改成带顶的长廊", 58000, "社区公益金和街道补助", days="两个月", cost_approx=True)
    t.terminate(
        25, "11:00", cause="凉亭所在的地块纳入了道路拓宽的征收范围，现在翻修很快要拆",
        notice="区里发了征收公告，盐业宿舍西边这块地包括凉亭都在红线里，修好也留不住，所以这件事先停下来。"
        "危险的柱子已经支护，警戒带不撤。新建的口袋公园里会有亭子，图纸出来请门球队先看。",
    )  # fmt: skip


HOMES = tuple(f"3 单元 {floor}0{door}" for floor in range(1, 7) for door in (1, 2))


def m02(t: Teller) -> None:
    """3 单元下水主管开挖: told at the door, on the bench the next day, twelve homes sign and share 4,800 yuan (W2)."""
    t.said(
        0, "8:10", kind="joint", signers=12, by="grid", channel="door", where=("锡麟街小区", "2 号楼"),
        words="锡麟街 25 号 3 单元下水堵死了，污水往一楼漫，出水井在哪儿都找不着，通了三回都没用。一个单元 12 户都等着，请懂行的来找井、挖开。",
        title="3 单元下水主管开挖", wish="找到出水井，把主管挖开换掉", category="repair",
        name="居民楼某", phone="13833120655",
    )  # fmt: skip
    t.accept(0, "8:40", "urgent", "grid", owner="grid")
    t.look(
        0,
        "9:30",
        "党员张老带着在院里量了一遍，出水井压在两家门店的台阶底下，主管断在井前三米。一楼两家厕所先用堵头封住。",
    )
    t.option(0, "15:00", "掀开台阶，挖开三米主管换掉，井口抬高", 4800, "12 户平摊，每户 400 元", days="5 天",
             worry="两家门店要停半天")  # fmt: skip
    t.option(0, "15:20", "不挖，改走明管", 3200, "12 户平摊", days="2 天", worry="冬天会冻，还要占楼道")
    t.notice(
        1, "8:20", sits=(1, "18:30"), title="3 单元下水板凳会", kind="bench", place="3 单元门口",
        expected=[*HOMES, "党员张老", "门店代表"],
    )  # fmt: skip
    t.sit(1, "18:25", here=14, chair="leader")
    t.talk([
        ("党员张老", "八三年埋管的时候我在场，井就在台阶底下，图纸我家还有一张。"),
        ("3 单元 101", "我家厕所一个礼拜没法用了，快点挖吧，钱我出。"),
        ("门店代表", "掀台阶可以，避开周六，弄完给我砌回去。"),
        ("3 单元 602", "我们六楼不漫水，可管子是大伙的，该摊我摊。"),
        ("网格长老马", "一家 400 元，自愿，一家一家签，收了开收条，花多少贴在单元门上，剩了退。"),
    ])  # fmt: skip
    t.put(["掀开台阶挖开三米主管换掉，4,800 元，12 户每户 400 元，自愿签字"])
    t.agree([*HOMES, "门店代表"], conditions={"门店代表": "避开周六，台阶砌回原样"})
    t.rise("12 户都同意，门店也同意。签了字再收钱，账贴出来。")
    t.resolve(
        2, "9:00", title="3 单元下水主管开挖的约定", basis="12 户联名，板凳会逐户问过，没有反对。",
        words="一、掀开台阶，挖开三米主管换掉，井口抬高 20 厘米，避开周六。\n二、费用 4,800 元，12 户每户 400 元，本人自愿，签了字再收，收支贴在单元门上，多退。\n"
        "三、台阶按原样砌回。",
        jobs=[
            Job("挖开换管，井口抬高，砌回台阶", "疏通队 郝师傅", 9, 4800),
            Job("一户一户签字收钱，贴账", "网格长", 6, 0, "leader", unit="户", target=12),
        ],
    )  # fmt: skip
    t.go(2, "10:00", "3 单元门口")
    t.collect(
        2, "11:00", title="3 单元下水主管开挖分摊", purpose="挖开三米主管换掉，井口抬高，砌回台阶", basis="equal", yuan=4800,
        homes=HOMES, by="leader",
    )  # fmt: skip
    t.paid(3, "19:10", HOMES[:5], how="cash", by="leader")
    t.paid(4, "19:20", HOMES[5:9], how="transfer", by="leader")
    t.paid(5, "18:50", HOMES[9:], how="cash", by="leader")
    t.progress(5, "19:10", "12 户都签了字，钱收齐 4,800 元。", by="leader", task=2, done=12)
    t.finish(5, "19:20", 2, "12 户签字，收 4,800 元，收条存根 12 张。", by="leader", done=12)
    t.progress(7, "12:20", "台阶掀开了，井找着了，就在张老说的地方。")
    t.went(
        9, "15:40", "residents", 4800, "换主管三米、井口抬高、砌台阶，工料", voucher="收据 0917", task=1, collected=True
    )
    t.finish(9, "16:00", 1, "主管换了三米，井口抬高 20 厘米，台阶砌回去了，放水半小时不漫。", yuan=4800)
    t.accounted(9, "17:30", "收 4,800 元，花 4,800 元，不余不欠，账贴在单元门上。", by="leader")
    t.hand_over(9, "18:00")
    t.verify(10, "9:20", "一楼两家厕所都试了，井里水走得快，台阶没晃。", "门店代表")
    t.visit(16, "18:30", "12 户都问到了，都说通了；六楼那位说张老该记一功。", 12)
    t.ratings(16, "19:00", {5: 10, 4: 2})
    t.evaluate(16, "19:30", "九天办完：找井靠张老，出钱靠大家，一户没落。以后这口井进了图。")
    t.close(16, "19:50", "下水通了，账贴在单元门上。井盖的位置记在社区图上，下回不用再找。")


def ramps(t: Teller) -> None:
    """无障碍坡道: the secretary's own project; three places, one after the other, one of three is done."""
    t.said(
        0, "9:10", by="secretary", channel="secretary", where=("南道里", "1 号楼"), for_speaker=False,
        words="走访看到三个楼门口只有台阶，坐轮椅的老人要两个人抬。今年把三处坡道修了，不用再等。",
        title="三处无障碍坡道", wish="三个楼门口各修一处坡道", category="elders", name="赵书记",
    )  # fmt: skip
    t.accept(0, "9:40", "minor", is_secretary_project=True)
    t.promise(1, "9:00", [
        Job("量尺寸、画图、报备", "社区 维修工", 8, 0, "worker"),
        Job("修三处坡道，装扶手", "残联施工队", 34, 13_500, kind="partner", unit="处", target=3),
        Job("请坐轮椅的老人试一遍", "网格员", 38, 0, "grid", unit="位", target=6),
    ])  # fmt: skip
    t.plan(1, "9:30", title="出门一段平路", kind="thematic", theme="老人出门", by="secretary")
    t.budget(1, "10:00", [("department", "残联", 9_000), ("party_fund", "党组织服务群众经费", 4_500)])
    t.finish(7, "16:20", 1, "三处都量了，坡比 1 比 12，图报到了残联。")
    t.came(12, "10:30", "department", 9_000, "残联补助到账", name="残联", voucher="残-0418")
    t.progress(18, "15:00", "1 号楼的坡道浇好了，扶手下周装。", task=2, done=0)
    t.progress(23, "16:40", "1 号楼扶手装好，先通了一处；5 号楼开挖。", task=2, done=1)


STORIES = (
    Story("M01", "nanyandao", (60, 66), (m01,), THURSDAY),
    Story("M02", "nanyandao", (24, 30), (m02,), MONDAY),
    Story("ramps", "nanyandao", (25, 25), (ramps,)),
    Story("M30", "nanyandao", (33, 39), (m30,), MONDAY),
)
