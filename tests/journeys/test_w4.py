"""W4, the annual plan (domain.md section 2), carried through the pages from the first click to closed.

Seventeen members, the sitting on the 5th, a majority vote, a written resolution with three dated tasks, a rating. A
resident, the secretary, the clerk, a grid worker, the street's admin and supervisor, an expert and fourteen council
members sit at browsers of their own; the clock is advanced between their steps.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from tests.journeys.person import Person
from tests.journeys.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAID = (
    "大伙儿盼着明年的活动早点定下来：春天去看大桥，夏天请医院来义诊，秋天开运动会。党群经费怎么花，也该坐下来商量商量。"
)
TITLE = "定明年的活动和党群经费"
QUESTION = "明年办三次活动，用党群经费 9,600 元，同意吗？"
VOTES = ["同意"] * 12 + ["不同意", "弃权"]


@dataclass
class Tale:
    """What the steps hand on to each other: who is who, the matter's address, its code."""

    program: Program
    slug: str
    open_browser: Callable[..., Person]
    people: dict[str, Person] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def person(self, name: str, slug: str | None = None, **how: object) -> Person:
        """Somebody's own browser, opened at first need."""
        if name not in self.people:
            self.people[name] = self.open_browser(self.slug if slug is None else slug, **how)
        return self.people[name]

    @property
    def today(self) -> date:
        """The street's day."""
        return self.program.today()

    @property
    def desk(self) -> str:
        """The matter's page at the desk."""
        return f"/desk/matters/{self.facts['matter']}"


def resident_says_it(tale: Tale) -> None:
    """Three short steps on a phone, no account."""
    aunt = tale.person("resident").go("/").shot("w4-home")
    aunt.press("说一说").shot("w4-say-1").fill("什么事", SAID).press("下一步：在哪儿")
    aunt.tick("院里、路上、别处").fill("具体位置", "社区活动室").tick("单位、商户提").choose("哪一种单位", "其他")
    aunt.fill("单位名称", "林景社区党群活动小组").fill("您在单位里是", "组长")
    aunt.shot("w4-say-2").press("下一步：看一遍").sees(SAID[:20]).fill("谁代表单位来说", "祝").tick(
        "我说的是实情"
    ).shot("w4-say-3")
    aunt.press("提交").sees("收到了").shot("w4-receipt")
    plate = aunt.page.locator(".h-plate").first.inner_text()
    tale.facts["code"] = re.sub(r"\D", "", plate)
    assert len(tale.facts["code"]) == 12
    tale.facts["matter"] = aunt.path.rsplit("/", 1)[1]
    aunt.press("看这件事的进度").sees("问题收集").shot("w4-matter")


def secretary_opens_the_desk(tale: Tale) -> None:
    """The first secretary changes the first password and adds the clerk and a grid worker."""
    chief = tale.person("secretary", width=1440).sign_in("shuji").shot("w4-today")
    for login, name, role in (("banshi", "贺敏", "社区工作者"), ("zougrid", "小邹", "网格员")):
        chief.go("/desk/accounts/new").fill("姓名", name).fill("登录名", login).choose("角色", role)
        chief.press("加上，看首次密码").sees("只显示这一次")
        tale.program.halls[tale.slug].passwords[login] = chief.page.locator(".h-plate").first.inner_text().strip()
    chief.go("/desk/accounts").sees("贺敏", "小邹").shot("w4-accounts")


def clerk_takes_it_on(tale: Tale) -> None:
    """Today's list, the words as spoken, four-way triage."""
    clerk = tale.person("clerk", width=1440).sign_in("banshi").go("/desk/inbox").shot("w4-inbox")
    clerk.go(f"{tale.desk}/screening").sees(SAID[:20]).tick("大事").fill("标题", TITLE).choose(
        "属于哪一类", "计划和经费"
    )
    clerk.tick("社区", within="哪一级来办").shot("w4-screening")
    if clerk.page.get_by_label("提出人盼着怎么办").count():
        clerk.fill("提出人盼着怎么办", "一季度一次，早点定下日子")
    clerk.press("受理").sees(TITLE, "立题").shot("w4-accepted")


def secretary_confirms_the_topic(tale: Tale) -> None:
    """One sentence that can be answered with yes or no."""
    chief = tale.person("secretary").go(f"{tale.desk}/topic").fill("一句话说清要议什么", QUESTION)
    chief.press("立题", within="一句话说清要议什么").sees("立题了")


def clerk_finds_out(tale: Tale) -> None:
    """Whom it touches, a look at the place, two options with cost, and the round from door to door."""
    clerk = tale.person("clerk").go(f"{tale.desk}/research")
    clerk.fill("和谁有关", "全社区 1,260 户").press("加上", within="和谁有关，一行写一个")
    clerk.press("开始去看、去问、去算").go(f"{tale.desk}/research")
    clerk.fill("看见了什么", "活动室能坐 60 人；大巴停车的地方在南门。").press("记下现场")
    for words, cost, payer in (
        ("三次活动：看大桥、义诊、运动会", "9600", "党群经费"),
        ("只办运动会", "3000", "党群经费"),
    ):
        clerk.fill("怎么做", words).fill("花多少钱", cost).fill("谁出", payer, within="加一个方案").press(
            "加上这个方案"
        )
    clerk.open("纸上问完了，直接填数目")
    for label, value in (("要问多少户", "120"), ("问到多少户", "96"), ("不赞成多少户", "9"), ("没问到的去过几次", "3")):
        clerk.fill(label, value)
    clerk.fill("问的是哪一句话", "明年办三次活动好不好").fill("赞成多少户", "80").press("记下数目").sees("96/120")
    clerk.shot("w4-research")


def street_adds_an_expert(tale: Tale) -> None:
    """The street's admin keeps the pool."""
    admin = tale.person("admin", "", width=1440).sign_in("guanli").go("/pool").shot("w4-pool").press("添一位")
    admin.fill("编号", "X31").fill("姓名", "段明礼").fill("行当", "财务").fill("专长", "社区经费怎么用").press("记下")
    admin.sees("段明礼")


def expert_answers_by_link(tale: Tale) -> None:
    """The link opens exactly this matter; it works once."""
    clerk = tale.person("clerk").go(f"{tale.desk}?tab=help").shot("w4-help")
    tale.facts["link"] = invite(clerk, "段明礼", "9,600 元花在三次活动上，哪些能报，哪些不能？")
    expert = tale.person("expert").go(tale.facts["link"]).sees("段明礼").never_sees("祝").shot("w4-letter")
    expert.press("愿意看，打开材料").sees("三次活动").shot("w4-expert-desk")
    expert.fill("您的意见", "车费、场地和义诊用品能列支，奖品每份不超过 50 元，账目按季公开。").press("交给社区")
    expert.sees("意见交给社区了")
    clerk.go(f"{tale.desk}?tab=help").sees("奖品每份不超过 50 元")


def invite(clerk: Person, name: str, question: str) -> str:
    """Ask an expert of the pool and read the link off the page that shows it once."""
    clerk.press("请一位").tick(name).fill("是怎么回事", "社区想一次定下明年的三次活动和党群经费。")
    clerk.fill("想请专家说清什么", question).shot("w4-invite").press("写好邀请，要链接").shot("w4-invited")
    return clerk.page.get_by_label("链接", exact=True).input_value()


def secretary_calls_the_sitting(tale: Tale) -> None:
    """A series on the 5th of every month; the next one takes the matter on and is announced."""
    chief = tale.person("secretary").go("/desk/sittings").press("定一个例会")
    chief.fill("例会的名字", "议事例会").choose("隔多久", "每月").fill("每月几号", "5").fill("几点", "14:30")
    chief.press("就这样定").press("这一次")
    day = date.fromisoformat(chief.page.get_by_label("哪天", exact=True).input_value())
    while day < tale.today + timedelta(days=5):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=5)
    assert day.day == 5
    tale.facts["sits"] = day.isoformat()
    chief.fill("哪天", day.isoformat()).fill("别的地方", "林下议事厅").tick(TITLE).shot("w4-plan")
    chief.press("定下来，先看一遍").press("发公告").sees("应到 17 人，过半要 9 人").shot("w4-noticed")
    tale.facts["sitting"] = chief.path
    tale.person("resident").go(f"/matters/{tale.facts['matter']}").sees("会前公告").shot("w4-matter-noticed")


def they_sit_down(tale: Tale) -> None:
    """On the 5th fourteen of seventeen come; 14 need 8."""
    tale.program.advance(f"{(date.fromisoformat(tale.facts['sits']) - tale.today).days}d")
    clerk = tale.person("clerk").go(f"{tale.facts['sitting']}/attendance")
    for seat in (15, 16, 17):
        clerk.page.locator("tbody tr").nth(seat - 1).get_by_label("没来", exact=True).check()
    clerk.press("还没标的都算到了，存好").go(f"{tale.facts['sitting']}/attendance").sees("现在到了 14 人，够了")
    clerk.shot("w4-attendance")
    chief = tale.person("secretary").go(tale.facts["sitting"])
    chief.choose("谁主持", "书记").choose("谁记录", "贺敏").press("开会", within="谁主持").sees("方案原文")
    for who, words in (("纪云山", "大桥离得近，租一辆车就够。"), ("蔡玉兰", "义诊请放在六月，老人怕热。")):
        clerk.go(tale.facts["sitting"]).notes(who, words)
    clerk.sees("义诊请放在六月").press("就用这几个").shot("w4-table")


def secretary_calls_the_vote(tale: Tale) -> None:
    """The sentence is read out once more; the vote is by name, on everybody's own phone."""
    chief = tale.person("secretary").go(tale.facts["sitting"]).tick("在手机上记名投票", within="付诸表决")
    chief.press("开始表决", within="表决的是哪句话").shot("w4-ballot-open")


def members_vote(tale: Tale) -> None:
    """Fourteen browsers, 12 : 1 : 1. Before the count nobody sees how many said what."""
    for number, (login, choice) in enumerate(zip(tale.program.halls[tale.slug].council, VOTES, strict=False)):
        member = tale.open_browser(tale.slug).sign_in(login).go("/council")
        first = number == 0
        member.shot("w4-council") if first else member
        member.press("去表决").tick(choice)
        member.shot("w4-vote") if first else member
        member.press("投票", "投「").sees(choice)
        member.shot("w4-voted") if first else member
        member.close()


def two_people_count(tale: Tale) -> None:
    """Teller and scrutineer close the ballot; the minutes are signed off; the public reads the result."""
    chief = tale.person("secretary").go("/desk/ballots").press(QUESTION[:12]).shot("w4-ballot-cast")
    chief.choose("计票人", "贺敏").choose("监票人", "邵长河").press("停止收票，宣布结果").sees("通过").shot("w4-result")
    chief.go(tale.facts["sitting"]).press("散会").press("定稿")
    tale.person("resident").go("/ballots").press(QUESTION[:12]).sees("12").shot("w4-public-result")


def secretary_writes_it_down(tale: Tale) -> None:
    """A numbered resolution with three dated tasks and an answer to who said no; as a page and as a document."""
    chief, first = tale.person("secretary").go(f"{tale.desk}/resolution-draft"), tale.today
    chief.fill("决议标题", "明年活动和党群经费的决议").fill(
        "决议内容", "明年办三次活动，党群经费 9,600 元，账目按季公开。"
    )
    tasks = [("五月坐车看大桥", 20, "4200"), ("六月请医院义诊", 30, "1400"), ("九月运动会和读书", 40, "4000")]
    for row, (what, days, fen) in enumerate(tasks, 1):
        chief.fill(f"第 {row} 项：办什么", what).fill(f"第 {row} 项：谁来办", "贺敏")
        chief.choose(f"第 {row} 项：经办账号", "贺敏").fill(
            f"第 {row} 项：哪天前", (first + timedelta(days)).isoformat()
        )
        chief.fill(f"第 {row} 项：预算（元）", fen)
    chief.fill("不同意见", "有一位觉得钱该先修活动室。").fill("答复", "修活动室另报专项，不占这笔钱。").shot(
        "w4-resolution-form"
    )
    chief.press("看一遍，再编号").sees("五月坐车看大桥").press("没错，编号定稿").sees("议决").shot("w4-resolution")
    tale.facts["resolution"] = chief.path


def the_paper_is_downloaded(tale: Tale) -> None:
    """As a document that opens in an office program, with the tasks in it."""
    chief = tale.person("secretary").go(tale.facts["resolution"])
    with chief.page.expect_download() as waiting:
        chief.page.get_by_role("link", name="下载文档").first.click()
    with zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())) as paper:
        assert "五月坐车看大桥" in paper.read("word/document.xml").decode()


def it_is_posted(tale: Tale) -> None:
    """On the board of the hall and of the page."""
    chief = tale.person("secretary").go(f"{tale.desk}/posting-draft").fill("贴在哪里", "社区公开栏")
    chief.shot("w4-posting-form").press("公示", within="贴在哪里").shot("w4-posting")


def the_window_ends(tale: Tale) -> None:
    """Everybody may object for seven days; after that nobody has to press anything."""
    aunt = tale.person("resident").go("/postings").press(TITLE).sees("提意见").shot("w4-public-posting")
    tale.program.advance("10d")
    deadline = time.monotonic() + 60
    while "公示期间没有人提意见" not in aunt.go(f"/matters/{tale.facts['matter']}").text():
        assert time.monotonic() < deadline, aunt.text()[:2000]
        time.sleep(1)


def clerk_carries_it_out(tale: Tale) -> None:
    """Three tasks, each with progress, evidence and money; then the whole is handed over."""
    clerk = tale.person("clerk").go("/desk/tasks").shot("w4-tasks")
    for what, spent in (("五月坐车看大桥", "4100"), ("六月请医院义诊", "1400"), ("九月运动会和读书", "3900")):
        clerk.go("/desk/tasks").press(what).fill("进展怎样", f"{what}：地方和车都定好了。").press("记下来")
        clerk.fill("办成什么样了", f"{what}办完了，来了六十多人。").fill("实际花了多少元", spent).press("报完工")
    clerk.shot("w4-task").press("整件事报完工")


def neighbours_verify(tale: Tale) -> None:
    """A grid worker who did none of it, together with one resident."""
    grid = tale.person("grid").sign_in("zougrid").go(f"{tale.desk}/verification").shot("w4-verification")
    grid.tick("办好了").fill("看到什么", "三次活动的照片、签到和发票都在。").fill("一起看的居民", "楼阿姨").press(
        "交上去"
    )


def they_rate_and_close(tale: Tale) -> None:
    """The proposer rates on the phone, the clerk enters what was asked at the doors, the hall closes it."""
    aunt = tale.person("resident").go(f"/matters/{tale.facts['matter']}/rating").shot("w4-rating").tick("非常满意")
    aunt.press("交上去").sees("谢谢您")
    clerk = tale.person("clerk").go(f"{tale.desk}/review")
    clerk.tick("上门").fill("非常满意，几位", "9").fill("基本满意，几位", "3").press("录进来").sees("13 人评过")
    clerk.fill("办得怎样", "三次活动按时办完，账目公开。", within="议事厅评估").press("记下来", within="议事厅评估")
    clerk.shot("w4-review").fill("给提出人的办结告知", "明年的活动都办完了，账贴在公开栏。").press(
        "办结", within="给提出人的办结告知"
    )
    clerk.sees("办结").shot("w4-closed")


def everybody_sees_the_end(tale: Tale) -> None:
    """By the tracking code on another phone; and the street reads the figures without moving anything."""
    other = tale.open_browser(tale.slug, js=False).go("/track").fill("查询码", tale.facts["code"]).press("查")
    other.sees("办结").never_sees(SAID[:20]).shot("w4-tracked")
    boss = tale.person("boss", "", width=1440).sign_in("zhuren").go("/overview").sees("林景").shot("w4-overview")
    boss.go(f"/communities/{tale.slug}").press("全部").sees(TITLE).shot("w4-drill").press(TITLE).sees(TITLE).never_sees(
        "楼阿姨"
    )
    boss.shot("w4-drill-matter")


STEPS = [
    resident_says_it, secretary_opens_the_desk, clerk_takes_it_on, secretary_confirms_the_topic, clerk_finds_out,
    street_adds_an_expert, expert_answers_by_link, secretary_calls_the_sitting, they_sit_down, secretary_calls_the_vote,
    members_vote, two_people_count, secretary_writes_it_down, the_paper_is_downloaded, it_is_posted,
    the_window_ends, clerk_carries_it_out, neighbours_verify,
    they_rate_and_close, everybody_sees_the_end,
]  # fmt: skip


def test_the_annual_plan_from_first_click_to_closed(
    program: Program, linjing: str, person: Callable[..., Person]
) -> None:
    tale = Tale(program, linjing, person)
    for step in STEPS:
        step(tale)
