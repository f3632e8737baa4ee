"""福苑: what the doorway's wall shows (M05), chosen by its people; the new-year gathering (M26), taken back."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller
from app.flow.decide.polls import Line, OptionPut, Question
from app.flow.decide.rules import Rule

MONDAY, THURSDAY = 0, 3
PLACE = "福苑小区 6 号楼 2 单元门厅"


def m26(t: Teller) -> None:
    """春节团拜时间: withdrawn on the fifth day."""
    t.said(
        0, "12:40", words="春节团拜去年定在大年初二上午九点，年轻人都起不来，老人去了冷清。今年能不能改到初三下午，孩子们也能来？",
        title="春节团拜时间", wish="团拜改到初三下午两点", category="events", where=("福苑小区", "6 号楼"),
        name="小邹", phone="15175028891",
    )  # fmt: skip
    t.withdraw(5, "10:30", "问了楼长，今年团拜已经改到初三下午了，和我想的一样，不用再议")


def m05_chosen(t: Teller) -> None:
    """楼门文化墙选题: three themes, a box in the doorway."""
    t.said(
        0, "9:10", by="steward", channel="point", kind="organisation", organisation="福苑小区 6 号楼楼门组",
        for_speaker=False, where=("福苑小区", "6 号楼"), unit=2,
        words="楼门厅那面墙空了三年，楼门组想办成文化墙。画什么大家说法不一：有说挂老照片，有说写家风，有说画二十四节气，请大家投一投。",
        title="楼门文化墙选题", wish="大家投票选一个主题", category="events", phone="",
    )  # fmt: skip
    t.accept(3, "9:40", "minor", "grid", owner="grid")
    t.look(4, "15:10", "墙面 4 米 2 乘 2 米 4，防潮做过了，晚上有声控灯。")
    t.option(5, "9:20", "老照片：各家凑，翻拍装框", 2600, "楼门公益金", days="45 天")
    t.option(5, "9:30", "家风家训：请书法班写", 1500, "楼门公益金", days="30 天")
    t.option(5, "9:40", "二十四节气：美院学生来画", 4800, "楼门公益金", days="50 天")
    t.notice(6, "9:00", sits=(9, "10:00"), title="楼门文化墙投票会", kind="joint", place=PLACE,
             expected=["6 号楼楼长", "楼门组长", "书法班老师", "物业"])  # fmt: skip
    t.sit(9, "9:50", here=4)
    t.talk([
        ("楼门组长", "票箱在门厅放一天，一人一张，投进去的不写名字。"),
        ("书法班老师", "选不上也不要紧，过年再写春联。"),
        ("6 号楼楼长", "老人下楼不方便的，我抱着票箱上去。"),
    ])  # fmt: skip
    t.put()
    t.poll(
        9, "10:20", title="楼门文化墙选题", body="invited", subject="siting_or_style",
        who="福苑小区 6 号楼住户，满 18 岁，一人一张票；票箱在 2 单元门厅，早十点到晚七点。",
        lines=[Line(f"6 号楼第 {n} 张", "福苑小区 6 号楼") for n in range(1, 136)],
        questions=[
            Question("楼门文化墙做哪个主题？", Rule.MULTI_OPTION, (
                OptionPut("老照片", "各家凑，翻拍装框", 260000), OptionPut("家风家训", "请书法班写", 150000),
                OptionPut("二十四节气", "美院学生来画", 480000),
            )),
        ],
    )  # fmt: skip
    t.papers_in(9, "19:00", [(58, "a"), (46, "b"), (31, "c")])


def m05_ending(t: Teller) -> None:
    """老照片 58, 家风 46, 节气 31; on the wall by day sixty."""
    t.counted(9, "19:40")
    t.rise("投了 135 张，老照片 58 张，最多，就挂老照片。")
    t.resolve(
        10, "9:20", title="楼门文化墙做老照片的约定", basis="楼门组提出，住户无记名投票，得票最多的当选。",
        words="一、文化墙做老照片，各家自愿拿，翻拍后原照归还。\n二、装框用防潮的，楼门组每季换一次。",
        jobs=[Job("收照片、翻拍、装框上墙", "楼门组", 60, 2600)],
    )  # fmt: skip
    t.post(12, "9:00", PLACE)
    t.window()
    t.take_down()
    t.progress(40, "16:00", "收了 94 张，最老的是 1962 年厂里发的结婚照，都翻拍好了。")
    t.finish(60, "11:00", 1, "36 框上了墙，原照都还了，各家签了收。", yuan=2480)
    t.hand_over(60, "11:20")
    t.verify(61, "10:00", "框挂得稳，灯也亮，老人站着看了半天。", "6 号楼住户", by="grid")
    t.visit(64, "18:00", "在门厅问了 16 位，都说好看；一位说字再大点。", 16)
    t.ratings(64, "18:30", {5: 12, 4: 4})
    t.evaluate(65, "9:30", "花得比预算少，墙前头成了说话的地方。字号下回加大。")
    t.close(65, "10:00", "文化墙挂好了，谢谢楼门组张罗。")


STORIES = (
    Story("M05", "fuyuan", (70, 76), (m05_chosen, m05_ending), MONDAY),
    Story("M26", "fuyuan", (12, 18), (m26,), THURSDAY),
)
