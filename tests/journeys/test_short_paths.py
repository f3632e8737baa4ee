"""The short ways through the flow, in real browsers: urgent, refused, asked again, sent back, escalated, by link."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock
from app.faces.cli.demo.book import Book
from app.faces.cli.demo.stage import Stage, StoryClock
from app.faces.cli.demo.told_after import Job, Teller
from tenants.database import db
from tests.journeys.person import Person
from tests.journeys.program import Program
from tests.journeys.test_w4 import invite
from tests.journeys.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HALL = "heshunli"
Open = Callable[..., Person]


@pytest.fixture
def said(program: Program) -> Callable[[str], tuple[str, Wire]]:
    """Somebody says something over the wire; gives the matter's id and that somebody's browser."""

    def say(words: str) -> tuple[str, Wire]:
        speaker = Wire(program, HALL)
        receipt = speaker.say(words)
        assert receipt.status == 303, receipt.words[:500]
        return receipt.location.rsplit("/", 1)[1], speaker

    return say


def desk_of(person: Open, login: str = "shegong", slug: str = HALL) -> Person:
    """Somebody of the staff at a wide screen."""
    return person(slug, width=1280).sign_in(login)


def proposer(person: Open, speaker: Wire) -> Person:
    """The browser that said it, with its own cookies."""
    phone = person(HALL)
    phone.context.add_cookies([{"name": k, "value": v, "url": phone.url("/")} for k, v in speaker.cookies.items()])
    return phone


def accepted(worker: Person, matter: str, triage: str, title: str, level: str = "社区") -> Person:
    """Taken on at the desk."""
    worker.go(f"/desk/matters/{matter}/screening").tick(triage).fill("标题", title).choose("属于哪一类", "设施修缮")
    return worker.tick(level, within="哪一级来办").press("受理").sees("受理了")


def test_an_urgent_matter_on_the_bench(person: Open, program: Program, said: Callable[[str], tuple[str, Wire]]) -> None:
    """急事: no notice, everybody concerned is asked by name, one condition is met, and it is agreed (R9)."""
    with program.inside():
        late = f"{clock.local(clock.now()):%H:%M}" >= "23:20"
    if late:
        # They sit at half past eleven tonight; when that is nearly over, it is tomorrow's night.
        program.advance("1h")
    matter, _speaker = said("3 单元下水堵了，脏水往一楼漫，等不得。")
    worker = accepted(desk_of(person), matter, "急事", "疏通 3 单元下水", "网格")
    worker.go("/desk/sittings/new").tick("板凳会").fill("会的名字", "下水现场会").fill(
        "哪天", program.today().isoformat()
    )
    worker.fill("几点", "23:30").fill("别的地方", "3 单元门口").tick("疏通 3 单元下水", within="议哪几件")
    worker.fill("请谁来", "一层住户\n二层住户\n物业").press("定下来，先看一遍")
    sitting = worker.path
    worker.go(f"{sitting}/attendance").press("还没标的都算到了，存好").go(sitting)
    worker.page.get_by_label("谁主持").select_option(index=1)
    worker.page.get_by_label("谁记录").select_option(index=2)
    worker.press("开会", within="谁主持").notes("一层住户", "今晚就得通。")
    worker.open("改写成另外的话").fill("方案", "请人今晚疏通，1,200 元按六户均摊").press("按这个议")
    worker.open("当面商定").fill("要问哪几位", "一层住户\n二层住户").press("列名单，一位一位问").shot("short-stances")
    if not re.search(r"/ballots/", worker.path):
        worker.press("看谁同意、谁有条件")
    worker.choose("一层住户", "同意").choose("二层住户", "有条件").fill("二层住户的条件", "挖开的地面要恢复")
    worker.page.get_by_label("二层住户的条件满足了").check()
    worker.press("存好").press("就这样定").sees("商定了")
    person(HALL).go(f"/matters/{matter}").sees("已形成")


def test_a_refusal_names_the_right_door(person: Open, said: Callable[[str], tuple[str, Wire]]) -> None:
    """Whoever is refused reads why, where to go instead, and that the street can be asked once."""
    matter, speaker = said("楼下歌厅半夜打架，报过两回警了。")
    worker = desk_of(person).go(f"/desk/matters/{matter}/screening?way=refuse").tick("N08")
    worker.fill("跟提出人怎么说", "打架归公安管，我们没有权限。").fill("该去哪儿反映", "打 110，或者到中华大街派出所")
    worker.press("不予受理，告诉提出人")
    proposer(person, speaker).go(f"/matters/{matter}").sees("打架归公安管", "中华大街派出所").shot("short-refused")


def test_asked_for_more_and_supplied(person: Open, said: Callable[[str], tuple[str, Wire]]) -> None:
    """Asked once, in plain words; the answer brings it back to the desk, and a second asking is not offered."""
    matter, speaker = said("灯坏了。")
    worker = desk_of(person).go(f"/desk/matters/{matter}/screening?way=ask_for_more")
    worker.fill("要补什么", "是几号楼几单元的灯？").press("退回补充", within="要补什么")
    phone = (
        proposer(person, speaker)
        .go("/me")
        .shot("short-me")
        .go(f"/matters/{matter}/additions")
        .sees("是几号楼几单元的灯？")
    )
    phone.fill("补充的内容", "5 号楼 2 单元三层。").press("补上").sees("提出人补充了内容")
    worker.go(f"/desk/matters/{matter}/screening").sees("5 号楼 2 单元三层").never_sees("退回补充")


def reviewing(program: Program) -> str:
    """A matter that was agreed, done and seen, up for rating: played through the real actions, dated back."""
    with program.inside(HALL):
        tale = Teller(
            "R02", StoryClock(clock.today() - timedelta(days=20)), Stage.set(), Book.open(program.folder / "short.json")
        )
        tale.said(0, "9:00", words="花坛砖松了，老人绊过。", title="修花坛", wish="把砖砌牢", category="repair",
                  where=("和顺里", "1 号楼"))  # fmt: skip
        tale.accept(0, "10:00", "minor", "grid")
        tale.notice(
            1, "9:00", sits=(2, "18:30"), title="花坛现场会", kind="bench", place="花坛边", expected=["楼长", "物业"]
        )
        tale.sit(2, "18:30", here=2)
        tale.talk([("楼长", "砌牢就行。")])
        tale.put(["物业把松的砖砌牢"])
        tale.agree(["楼长", "物业"])
        tale.rise("都同意。")
        tale.resolve(3, "9:00", title="修花坛的约定", basis="现场会", words="砌牢松砖。", jobs=[Job("砌砖", "物业", 9)])
        tale.go(3, "10:00", "楼门口")
        tale.progress(5, "9:00", "砖和灰到了。")
        tale.finish(8, "9:00", 1, "砌了 42 块。")
        tale.hand_over(8, "9:30")
        tale.verify(9, "9:00", "看过了。", "楼阿姨")
        db.session.commit()
        return str(tale.matter.id)


def test_low_satisfaction_sends_it_back(person: Open, program: Program) -> None:
    """Below seventy per cent it cannot be closed; it goes back to work with the reasons of those who said so."""
    worker = desk_of(person).go(f"/desk/matters/{(matter := reviewing(program))}/review")
    worker.fill("满意，几位", "6", within="怎么收来的").fill(
        "不满意，一行写一位的原因", "又松了\n颜色不一样\n还绊人\n没砌完"
    )
    worker.press("录进来").sees("10 人评过，6 人满意").shot("short-review")
    assert worker.page.get_by_role("button", name="办结", exact=True).is_disabled()
    worker.fill("返工：哪里没办好", "四位说没砌牢，重砌。").press("退回去返工")
    person(HALL).go(f"/matters/{matter}").sees("落实中", "四位说没砌牢")


def test_the_street_takes_what_is_escalated(
    person: Open, program: Program, said: Callable[[str], tuple[str, Wire]]
) -> None:
    """The hall says what it tried; the street answers in its own book; the hall's own job takes the answer up."""
    matter, _speaker = said("排水管是几家单位共用的，谁也不修。")
    accepted(desk_of(person), matter, "难事", "共用排水管没人修")
    worker = desk_of(person, "shuji").go(f"/desk/matters/{matter}/escalations/new")
    worker.fill("网格办过什么", "网格员跑了三家单位。").fill("社区商量过什么", "开过两次会，单位没来人。")
    worker.page.locator("label.h-choice").first.click()
    worker.fill("请上级帮什么忙", "请街道把三家单位叫到一起。").press("请街道帮忙")
    boss = desk_of(person, "zhuren", "").go("/escalations").press("共用排水管没人修").shot("short-escalation")
    boss.tick("街道接办").fill("写给社区的话", "街道城管科牵头，下周三开三方会。").press("答复")
    for _turn in range(40):
        if "街道城管科牵头" in worker.go(f"/desk/matters/{matter}?tab=help").text():
            break
        worker.page.wait_for_timeout(500)
    worker.sees("街道城管科牵头")


def test_links_that_do_not_open(person: Open, program: Program, said: Callable[[str], tuple[str, Wire]]) -> None:
    """A foreign, a used and an expired link: a kind page that says nothing of the matter and what to do."""
    matter, _speaker = said("化粪池要不要挪，听听行家的。")
    worker = accepted(desk_of(person), matter, "难事", "化粪池挪不挪").go(f"/desk/matters/{matter}?tab=help")
    link = invite(worker, "罗润泽", "挪到南墙行不行？")
    token = link.rsplit("/", 1)[1]
    person("dianye").go(f"/x/{token}").sees("这个链接打不开").never_sees("南墙")
    person(HALL).go(f"/x/{token[:-2]}aa").sees("这个链接打不开")
    person(HALL).go(link).sees("南墙").press("愿意看，打开材料")
    person(HALL).go(link).sees("已经用过了").never_sees("南墙").shot("short-used-link")
    second = invite(worker.go(f"/desk/matters/{matter}?tab=help"), "段安居", "物业要签字吗？")
    program.advance("80h")
    person(HALL).go(second).sees("到期了", "8555").never_sees("签字")
