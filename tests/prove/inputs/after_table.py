"""What waits after the table: a resolution to write, to post, to take to the larger body, to begin; work on hold."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.faces.cli.demo.book import story_id
from app.faces.cli.demo.story import AtStreet, Chapter
from app.faces.cli.demo.told_after import Teller
from app.faces.cli.demo.told_at_street import StreetTeller
from app.flow.implement import exits
from app.flow.implement.extending import ask_extension
from app.flow.implement.queries import commitments_of
from app.notices import street_notices
from tests.prove.inputs.openings import decided, found_out, said, voted


def to_body(t: Teller, what: str, *, studied: bool = True, asked: bool = True) -> None:
    """The representatives have to agree."""
    decided(t, what, triage="major", power="residents")
    if studied:
        t.study(12, "15:00", "支部研究，同意提请居民代表会议。", organisation="社区党委")
    if asked:
        t.before(13, "9:00", body="reps", question=f"{what}，同意吗？")


def surveyed(t: Teller) -> None:
    """People are being asked; the thirty days run."""
    said(t, "雨棚", triage="hard")
    found_out(t, "雨棚")
    t.survey(3, "9:00")


def posted(t: Teller) -> None:
    """The resolution hangs on the board and may be objected to."""
    decided(t, "划车位")
    t.post(19, "10:00", "锡麟街小区西门公告栏")


def _begun(t: Teller, what: str) -> int:
    """Posted, nobody objected, under way; the day after."""
    decided(t, what, jobs=3)
    t.post(12, "10:00", "锡麟街小区西门公告栏")
    t.window()
    return (t.clock.last.date() - t.clock.begins).days + 1 if t.clock.last else 0


def working(t: Teller) -> None:
    """Work goes on: one task done, one asked to be put off, a plan, an order, money and a collection."""
    n = _begun(t, "修车棚")
    t.finish(n, "17:30", 1, "第一段划好了，十六个车位。", yuan=800, done=16)
    t.progress(n + 1, "16:00", "第二段划了一半。", task=2, done=8)
    t.plan(n + 1, "17:00", title="划线分段做", kind="thematic", theme="停车")
    t.budget(n + 1, "17:10", [("partner", "路口五金店", 2000)])
    t.order(n + 1, "18:00", "两天内说清第三段什么时候划。", day=n + 9, task=3)
    task = commitments_of(t.matter)[1]
    ask_extension(task, due=task.due + timedelta(days=5), reason="漆没到", by=t.who("worker"), now=t.clock.later(5))
    homes = [f"锡麟街小区 2 号楼 {n}01" for n in range(1, 5)]
    t.collect(n + 2, "9:00", title="修车棚凑份子", purpose="买漆", basis="equal", yuan=400, homes=homes)
    t.paid(n + 2, "10:00", homes[:2])


def finished(t: Teller, *, handed_over: bool) -> None:
    """Every task is done; somebody may look at it."""
    n = _begun(t, "装路灯" if handed_over else "修台阶")
    for task in (1, 2, 3):
        t.finish(n, "17:30", task, "做好了。", yuan=800, done=16)
    for task in (1, 2, 3):
        t.came(n, "18:00", "partner", 800, "五金店出的", name="路口五金店")
        t.went(n, "18:10", "partner", 800, "买料", name="路口五金店", voucher="收据 1", task=task)
    if handed_over:
        t.hand_over(n + 1, "9:00")


def on_hold(t: Teller) -> None:
    """Put off for a cause outside the hall."""
    n = _begun(t, "通暖气")
    exits.suspend(
        t.matter, reason="热力公司明年才动", review_on=clock.today() + timedelta(days=9), outside=True,
        by=t.who("secretary"), now=t.clock.at(n + 1, "9:00"),
    )  # fmt: skip


def crossing(t: Teller) -> None:
    """A road between two halls; the street is asked."""
    said(t, "两个社区中间的路", triage="hard")
    t.escalate(3, "9:40", reason="路两边是两个社区", grid="网格员走过两趟", community="两个书记碰过头")


def led(s: StreetTeller) -> None:
    """The street leads and asks the halls; it writes a notice to all of them besides."""
    s.lead(
        8, "9:30", title="中间的路", question="装 12 盏灯，同意吗？", rule="both", ballot_rule="household_ballot",
        category="safety", place="中间的路", due_day=40, sources=(s.name,), brief="中间的路夜里没有灯，拟装 12 盏。",
    )  # fmt: skip
    s.ask_halls(8, "10:00", ("nanyandao", "dianye"), words="请用自己的名册表决。", answer_day=30)
    number = story_id(f"{s.name} notice")
    answer_by = clock.today() + timedelta(days=12)
    street_notices.draft(
        "报一报路灯", "请各社区数一数不亮的灯。", (), answer_by, by=s.officer, now=clock.now(), id=number
    )
    street_notices.send(number, by=s.officer, now=clock.now())


STORIES: dict[str, tuple[Chapter, ...]] = {
    "voted": (lambda t: voted(t, "门口长椅"),), "resolved": (lambda t: decided(t, "洗车点"),),
    "studied": (lambda t: to_body(t, "公共收益", asked=False),),
    "not studied": (lambda t: to_body(t, "养犬", studied=False, asked=False),),
    "asked": (lambda t: to_body(t, "活动室", asked=True),), "dropped": (lambda t: to_body(t, "公约"),),
    "surveyed": (surveyed,), "posted": (posted,), "working": (working,), "on hold": (on_hold,),
    "finished": (lambda t: finished(t, handed_over=False),),
    "handed over": (lambda t: finished(t, handed_over=True),), "crossing": (crossing, AtStreet(led)),
}  # fmt: skip
#: These begin earlier than the others: what was posted has hung its days.
OLD = ("working", "on hold", "finished", "handed over")
