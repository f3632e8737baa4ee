"""师苑: whether a stairway wants a lift (M19): only asked, nine for, two against, one undecided; talked over again."""

from __future__ import annotations

from app.faces.cli.demo.story import ExpertAnswers, Story
from app.faces.cli.demo.told_after import Teller

MONDAY = 0


def m19(t: Teller) -> None:
    """加装电梯意愿征询: signed, surveyed from door to door."""
    t.said(
        0, "20:10", kind="joint", signers=9, by="steward", channel="slip", where=("师苑小区", "4 号楼"), unit=2,
        words="4 号楼 2 单元十二户，住五楼六楼的老师都七十多了，下一趟楼要歇三回。我们九户联名，想加装一部电梯，请社区帮着问问全单元的意思。",
        title="4 号楼 2 单元加装电梯意愿征询", wish="先把每户的意思问清楚", category="elders", name="联名人代表", phone="13931107452",
    )  # fmt: skip
    t.accept(5, "9:30", "hard")
    t.topic(6, "10:00", "2 单元装不装电梯，装在哪一侧，一层怎么办？")
    t.touches(6, "10:20", [("4 号楼 2 单元住户", 12), ("一层两户", 2)])
    t.survey(7, "9:00")
    t.invite(
        7, "9:30", "X15",
        brief="一栋六层老楼的一个单元共十二户，想在北侧加装电梯。一层两户担心挡光和噪声。",
        questions="北侧装得下吗？离一层窗户多远才不挡光？噪声有多大？",
    )  # fmt: skip
    t.look(8, "15:00", "北侧空地进深 3 米 4，一层厨房窗正对着；南侧是绿地，有一棵老槐。")


OPINION = ExpertAnswers(
    accepts=(9, "8:20"), answers=(11, "20:40"),
    words="一、北侧放得下一部四人梯，井道离一层厨房窗 1 米 9，白天会暗一些，要做透明井道。\n二、夜里主机噪声 40 分贝上下，装在顶层可以再低。\n"
    "三、按现行规定，业主自己定，一层的意见要当面听、书面答，不能只数票。",
)  # fmt: skip


def m19_asked(t: Teller) -> None:
    """Twelve doors, then a talk at which the ground floor objects."""
    t.option(12, "9:30", "北侧装透明井道的四人梯，二层以上分摊", 420000, "二层以上住户，按楼层分摊", days="四个月",
             worry="一层厨房变暗")  # fmt: skip
    t.option(12, "9:50", "先装楼道折叠座椅和扶手", 2600, "社区公益金", days="15 天", worry="还是得爬")
    t.canvass(15, "19:40", "2 单元加装电梯，您的意思是？", target=12, reached=12, yes=9, no=2)
    t.notice(26, "9:00", sits=(30, "19:00"), title="2 单元电梯恳谈会", kind="talk", place="师苑小学会议室",
             expected=[f"{floor} 层{side}户" for floor in "一二三四五六" for side in ("东", "西")])  # fmt: skip
    t.sit(30, "18:55", here=12)
    t.talk([
        ("书记", "入户问的是意愿，不是表决：赞成九户，反对两户，说不准一户。今天专门听一层的。"),
        ("一层东户", "厨房窗让井道堵上，白天都得开灯，我不同意。"),
        ("一层西户", "噪声和掉价谁补？要装先把这两样说清楚。"),
        ("五层西户", "透明井道、主机放顶层，我们愿意多出钱补一层的。"),
    ])  # fmt: skip
    t.again(30, "20:20", "一层两户不同意，采光和补偿没说清；请设计院出采光图、算补偿，再坐下来谈")
    t.rise("一层两户不同意，先不定。请设计院出采光图、算补偿，改方案再商量。")


STORIES = (Story("M19", "shiyuan", (34, 40), (m19, OPINION, m19_asked), MONDAY),)
