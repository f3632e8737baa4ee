"""书香园: a fifteen-year-old asks for an hour more in the study corner (M15); it stays between those it touches."""

from __future__ import annotations

from app.faces.cli.demo.story import Story
from app.faces.cli.demo.told_after import Job, Teller

MONDAY = 0
ASKED = (
    "提出人的妈妈", "书房管理员", "夜班保安", "志愿者冯老师", "志愿者老潘", "1 号楼楼长", "同去自习的同学家长", "楼上住户",
    "物业值班长",
)  # fmt: skip


def m15(t: Teller) -> None:
    """自习角延时: 9/9 without an objection."""
    year = t.clock.begins.year
    t.said(
        0, "17:50", words="学校晚自习七点半就散了，家里弟弟小，写作业老打岔。社区书房八点就关门，能不能晚一个小时？我和三个同学保证不吵，走的时候自己关灯。",
        title="自习角延时", wish="书房的自习角开到晚上九点", category="elders", where=("书香园", "1 号楼"),
        name="小姜", birth_year=year - 15, own_consent=True, phone="",
    )  # fmt: skip
    t.accept(1, "9:40", "minor", "grid", owner="grid")
    t.look(2, "20:00", "书房八点关门时还有 5 个学生没走。灯和空调能分区开，自习角有单独的门。")
    t.notice(2, "20:20", sits=(3, "18:40"), title="自习角板凳会", kind="bench", expected=list(ASKED))
    t.sit(3, "18:40", here=9, chair="grid")
    t.talk([
        ("提出人的妈妈", "孩子自己提的，我同意。九点我来接，不让她一个人走夜路。"),
        ("书房管理员", "我八点下班要接孩子，延一个小时得有人替我锁门。"),
        ("志愿者冯老师", "我退休了闲着，周一、三、五我来坐着，顺便给他们讲讲数学。"),
        ("志愿者老潘", "二、四归我。周末本来就开到九点。"),
        ("楼上住户", "只要不拖椅子，我没意见。给椅子腿包上布就行。"),
        ("夜班保安", "我九点十分过去转一圈，看灯和门。"),
    ])  # fmt: skip
    t.put(["周一到周五自习角开到晚上 9 点，志愿者轮值，9 点 10 分保安查灯锁门"])
    t.agree(ASKED, conditions={"楼上住户": "椅子腿包上绒布", "书房管理员": "八点以后有志愿者接班"})
    t.rise("九位都问过，没有人反对。椅子包绒布，志愿者接班表当场填好。")
    t.resolve(
        4, "9:30", title="自习角延时的约定", basis="一位同学提出，板凳会逐一问过有关的九位，没有反对。",
        words="一、周一到周五，书房自习角开到晚上九点。\n二、八点以后由志愿者值守，周一、三、五冯老师，周二、四老潘。\n"
        "三、椅子腿包绒布，手机静音；九点十分保安查灯锁门。\n四、未满 14 岁的孩子九点前由家长来接。",
        jobs=[
            Job("椅子包绒布 24 把，贴新的开放时间", "书房管理员", 9, 180),
            Job("排好一学期的志愿者值班表", "网格员", 9, 0, "leader"),
        ],
    )  # fmt: skip
    t.go(4, "10:00")
    t.finish(8, "17:20", 1, "24 把椅子都包好了，门口换了新牌子。", yuan=150)
    t.finish(9, "10:10", 2, "值班表排到放寒假，贴在书房里，缺的两个晚上物业值班长补上。", by="leader")
    t.hand_over(10, "9:30")
    t.verify(10, "20:40", "晚上八点四十去看，6 个学生在写作业，很安静，冯老师在。", "楼上住户")
    t.visit(14, "19:00", "问了提出人和妈妈、书房管理员、楼上住户，一共 9 位，都说合适。", 9)
    t.ratings(14, "19:30", {5: 7, 4: 2})
    t.evaluate(15, "9:20", "没花几个钱，事情当天就说定了。志愿者轮值靠得住，下学期照办。")
    t.close(16, "9:40", "自习角已经开到晚上九点，你提得好。有不方便的随时说。")


STORIES = (Story("M15", "shuxiangyuan", (30, 36), (m15,), MONDAY),)
