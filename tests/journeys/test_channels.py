"""Everyone can be heard: from a poster on an old phone, by letter with no phone at all, together with neighbours.

The last journey brings a register of doors in through the real queue. Source: domain.md section 6 (channels), section 2
(``submitted``: joint proposals), section 10 (paper that hangs and is handed over).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.people.places import Household
from deploy.supervise import children
from tenants.database import db
from tests.journeys.paper import households, photo_of_a_letter, printed, voice_note
from tests.journeys.person import Person
from tests.journeys.program import Program

pytestmark = [pytest.mark.browser, pytest.mark.slow]
POINT, PAPER = "jichuangchang", "zhanqian"
Open = Callable[..., Person]
HEARD = "二宿舍后头那排路灯灭了仨，俺下楼倒垃圾摸黑走，怕摔着。"
SAID_BEFORE = "一宿舍后头路灯灭了，晚上摸黑走，怕老人摔着。"
LETTER = "南墙根堆着旧家具，下雨就淌黑水，一楼几家开不了窗，请来人看看。"
TOGETHER = "三号楼门口没有坡道，轮椅和小推车都上不来，想请社区修一个。"
#: Every piece of text a reader can see in the page's own part, with its size, and every big button with its height.
MEASURE = """() => {
  const seen = (el) => { const r = el.getBoundingClientRect(); return r.width > 1 && r.height > 1; };
  const texts = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement, words = walk.currentNode.textContent.trim();
    if (words && seen(el) && !el.closest('svg, script, noscript, .visually-hidden, option, audio')) {
      texts.push([parseFloat(getComputedStyle(el).fontSize), words.slice(0, 30)]);
    }
  }
  const main = 'main .btn-lg, main .h-speak, main .h-tile, .h-actbar .btn, main .h-choice, main .btn-brand';
  const buttons = [...document.querySelectorAll(main)].filter(seen)
    .map((el) => [el.getBoundingClientRect().height, el.innerText.trim().slice(0, 20)]);
  return { body: parseFloat(getComputedStyle(document.body).fontSize), texts, buttons,
           scrolls: getComputedStyle(document.documentElement).scrollBehavior,
           wide: document.documentElement.scrollWidth - innerWidth };
}"""


def big(elder: Person) -> Person:
    """What an old reader holds in the hand: letters of 18 px and more, buttons of 60, nothing gliding or too wide."""
    found = elder.page.evaluate(MEASURE)
    assert found["body"] >= 18, found["body"]
    assert not (small := [line for line in found["texts"] if line[0] < 18]), f"{elder.path}: too small: {small}"
    assert not (low := [one for one in found["buttons"] if one[0] < 60]), f"{elder.path}: too low: {low}"
    assert found["scrolls"] == "auto", "a button that glides is missed by the finger"
    assert found["wide"] <= 0, f"{elder.path} is {found['wide']} px too wide"
    return elder


def poster(person: Open, slug: str, place: str) -> str:
    """The secretary prints the poster of this place; the address as it stands on it, for those who type."""
    chief = person(slug, width=1280).sign_in("shuji").go("/desk/venues").press("海报", within=place).sees(place)
    assert printed(chief) == 1, "a poster is one sheet"
    typed = chief.shot("channels-poster").page.locator(".typed b").inner_text().strip()
    chief.press("换成 A3 纸")
    assert printed(chief, "a3") == 1
    chief.close()
    return typed


def code_on(page: Person) -> str:
    """The tracking code on the receipt."""
    code = re.sub(r"\D", "", page.page.locator(".h-plate").first.inner_text())
    assert len(code) == 12, page.text()
    return code


def neighbour_without_scripts(person: Open, address: str) -> str:
    """The short pass on an old browser: in words, through the same poster; gives the matter."""
    phone = person(POINT, elder=True, js=False).go(f"http://{address}").press("在这儿说一件事")
    phone.fill("什么事", SAID_BEFORE).press("下一步：在哪儿").press("下一步：看一遍").sees(SAID_BEFORE[:8])
    big(phone).tick("我说的是实情").press("提交").sees("收到了")
    code = code_on(phone)
    phone.go("/track").fill("查询码", "1234567890").press("查").sees("查询码是 12 位数字，现在是 10 位")
    big(phone).fill("查询码", code).press("查").sees("原话", SAID_BEFORE, "登记成提案，等社区来看")
    return phone.path.rsplit("/", 1)[1]


def test_an_old_resident_speaks_from_the_poster(person: Open) -> None:
    """Large print and no typing: a voice note, a code, and the same code says later that it was taken on."""
    place = "机床厂一宿舍门口收集点"
    address = poster(person, POINT, place)
    clerk = person(POINT, width=1280).sign_in("shegong")
    accept(clerk, neighbour_without_scripts(person, address), "一宿舍后头路灯不亮", "设施修缮", "把灯修亮")
    elder = person(POINT, elder=True).go(f"http://{address}").sees("您在这儿", place)
    big(elder.shot("channels-point")).press("在这儿说一件事").sees(place)
    big(elder).attach("或者选一段录好的", voice_note()).shot("channels-say-1").press("下一步：在哪儿")
    where = elder.sees(place).shot("channels-say-2").page.get_by_label("具体位置")
    assert where.input_value(), "the poster's place is already there"
    big(elder).press("下一步：看一遍").sees("1 段", place)
    big(elder).tick("我说的是实情").shot("channels-say-3").press("提交").sees("收到了")
    code, matter = code_on(big(elder).shot("channels-receipt")), elder.path.rsplit("/", 1)[1]
    clerk_listens(clerk, matter, place)
    again = person(POINT, elder=True).go("/track")
    big(again.shot("channels-track")).fill("查询码", code).press("查").sees("二宿舍后头路灯灭了三盏", "受理了")
    big(again.shot("channels-tracked")).never_sees(HEARD[:12])


def fetched(person: Person, path: str) -> bytes:
    """A file as this person's browser gets it."""
    told = person.page.evaluate(
        "u => fetch(u).then(a => a.arrayBuffer()).then(b => Array.from(new Uint8Array(b)))", person.url(path)
    )
    return bytes(told)


def clerk_listens(clerk: Person, matter: str, place: str) -> None:
    """The voice becomes words, the words find the neighbour's matter, and it is taken on."""
    clerk.go("/desk/inbox").shot("channels-inbox")
    clerk.go(f"/desk/matters/{matter}").sees(f"民意收集点（{place}）").shot("channels-matter")
    clerk.go(f"/desk/matters/{matter}/screening").sees("还没听写").press("听一遍，写成字").shot("channels-listen")
    sound = clerk.page.locator("audio").first.get_attribute("src") or ""
    assert fetched(clerk, sound) == voice_note()["buffer"], "the note is kept as it came"
    clerk.fill("听到的话，照着记", HEARD).press("记下来").sees(HEARD[:12], "差不多的事", "一宿舍后头路灯不亮")
    accept(clerk.shot("channels-screening"), matter, "二宿舍后头路灯灭了三盏", "设施修缮", "把灯修亮")


def test_no_phone_at_all(person: Open) -> None:
    """Two letters in the box, two people at the opening, slips back; from door to door with a list on paper."""
    clerk = person(PAPER, width=1280).sign_in("shegong")
    opening, number = letters_are_opened(person, clerk)
    matter, code = slips_are_printed(clerk, opening)
    clerk.go(f"/desk/matters/{matter}").sees("话匣子信箱", number, "第 1 封").shot("channels-letter-matter")
    the_letter_is_kept(clerk, matter)
    accept(clerk, matter, "清走南墙根的旧家具", "环境卫生", "把旧家具清走")
    notice_is_carried_there(clerk)
    doors_on_paper(person, clerk, matter)
    daughter = person(PAPER).go("/track").fill("查询码", code).press("查").sees("清走南墙根的旧家具")
    daughter.never_sees(LETTER[:8])


def letters_are_opened(person: Open, clerk: Person) -> tuple[str, str]:
    """Counted before two people, the second with an own password; each letter under its number, with its photo."""
    clerk.go("/desk/letterbox").press("记一次开箱").choose("哪个信箱", "话匣子信箱")
    clerk.fill("箱里一共几封", "2").fill("其中空白的", "0").choose("和谁一起开的", "网格").shot("channels-opening-new")
    clerk.fill("请这一位输自己的登录密码", "别人猜的密码").press("记下，开始登记").sees("密码不对")
    own = clerk.program.password(PAPER, "wangge")
    clerk.choose("和谁一起开的", "网格").fill("请这一位输自己的登录密码", own).press("记下，开始登记")
    clerk.sees("第 1 封", "已登 0 / 共 2 封").fill("信上的话，一字不改", LETTER).fill("具体位置", "南墙根")
    clerk.attach("给这封信拍张照", photo_of_a_letter()).fill("署名", "老周").shot("channels-letter")
    clerk.press("记好，下一封").sees("第 2 封", "第 1 封记好了")
    clerk.fill("信上的话，一字不改", "谢谢你们修好了大门。").fill("具体位置", "信上没写").press("记好，下一封")
    number = clerk.sees("都登完了").page.locator("h1").locator("xpath=preceding-sibling::*[1]").inner_text().strip()
    clerk.press("收尾").sees("收尾了").shot("channels-opening")
    return clerk.path, number


def slips_are_printed(clerk: Person, opening: str) -> tuple[str, str]:
    """The record for two signatures on one sheet, the slips of both letters on another."""
    clerk.press("打印开箱记录").sees("信箱开箱记录", "共 2 封，登记 2 封，不登记 0 封").never_sees("老周", LETTER[:8])
    assert printed(clerk.shot("channels-opening-sheet")) == 1
    clerk.go(opening).press("打印纸条").sees("第 1 封", "第 2 封").shot("channels-slips")
    assert printed(clerk) == 1
    numbers = [text.strip() for text in clerk.page.locator(".h-receipt .big b").all_inner_texts()]
    assert len(numbers) == 4
    assert re.fullmatch(r"\d{3} \d{3} \d{3} \d{3}", numbers[1])
    clerk.go(opening).press(numbers[0])
    return clerk.path.rsplit("/", 1)[1], numbers[1].replace(" ", "")


def accept(clerk: Person, matter: str, title: str, category: str, wish: str) -> None:
    """Taken on at the desk."""
    clerk.go(f"/desk/matters/{matter}/screening").tick("急事" if "灯" in title else "难事").fill("标题", title)
    clerk.choose("属于哪一类", category).fill("提出人盼着怎么办", wish).tick("社区", within="哪一级来办")
    clerk.press("受理").sees("受理了")


def the_letter_is_kept(clerk: Person, matter: str) -> None:
    """The picture of the letter is there for the desk, without the place where it was taken."""
    clerk.go(f"/desk/matters/{matter}/screening")
    link = clerk.page.get_by_role("link", name="原信第 1 页").get_attribute("href") or ""
    picture = fetched(clerk, link)
    assert picture[:3] == b"\xff\xd8\xff"
    assert b"Exif" not in picture


def notice_is_carried_there(clerk: Person) -> None:
    """What the writer should know waits at the desk, is printed and carried to the door."""
    for _turn in range(40):
        if "受理了" in clerk.go("/desk/outbox").text():
            break
        clerk.page.wait_for_timeout(500)
    clerk.sees("受理了").shot("channels-outbox").press("看纸条", within="受理了")
    assert printed(clerk.shot("channels-notice")) == 1
    clerk.press("回去").press("印好送去了", within="受理了")


def doors_on_paper(person: Open, clerk: Person, matter: str) -> None:
    """The question for the doors of two stairwells, one sheet for each."""
    chief = person(PAPER, width=1280).sign_in("shuji").go(f"/desk/matters/{matter}/topic")
    chief.fill("一句话说清要议什么", "旧家具周六一起清走，好不好？").press("立题", within="一句话说清要议什么")
    clerk.go(f"/desk/matters/{matter}/research").fill("和谁有关", "1 号楼 60 户")
    clerk.press("加上", within="和谁有关，一行写一个").press("开始去看、去问、去算")
    clerk.go(f"/desk/matters/{matter}/research").press("开一轮，一户一户记")
    clerk.fill("到每家照着念的一句话", "旧家具周六一起清走，赞成吗？")
    clerk.open("1 号楼").tick("1 号楼 1 单元").tick("1 号楼 2 单元").shot("channels-canvass-new").press("开始挨家问")
    clerk.shot("channels-canvass").press("打印成表").sees("照着念")
    assert printed(clerk.shot("channels-canvass-paper")) == 2


def test_somebody_writes_it_down(person: Open) -> None:
    """代录 at the door: read back, consent ticked, the number handed over on paper."""
    grid = person(PAPER).sign_in("wangge").go("/desk/behalf").fill("原话，照着记", "二单元门锁坏了，夜里关不上。")
    grid.tick("入户").fill("具体位置", "2 号楼 2 单元门口").fill("怎么称呼", "赵").shot("channels-behalf")
    grid.press("登记，打纸条").sees("要念给本人听过、本人同意，才能交").shot("channels-behalf-refused")
    assert grid.page.get_by_label("原话，照着记").input_value().startswith("二单元门锁"), "what was typed stays"
    grid.tick("已经念给本人听过").press("登记，打纸条").sees("您说的事记下了", "二单元门锁坏了")
    assert printed(grid.shot("channels-slip")) == 1
    number, code = (text.strip() for text in grid.page.locator(".h-receipt .big b").all_inner_texts())
    grid.press("看这件事").sees(number, "二单元门锁坏了", "代录").shot("channels-behalf-matter")
    person(PAPER, elder=True).go("/track").fill("查询码", code).press("查").sees(number)


def test_neighbours_sign_together(person: Open) -> None:
    """联名: one speaks, two sign on their own phones, the third makes it a proposal; one takes the name back."""
    chief = person(POINT, width=1280).sign_in("shuji").go("/desk/hall-rules").fill("联名满几个人就登记", "3")
    chief.press("存好")
    first = person(POINT).go("/say").fill("什么事", TOGETHER).press("下一步：在哪儿").tick("院里、路上、别处")
    first.fill("具体位置", "工农里三号楼门口").tick("几户一起提").press("下一步：看一遍")
    first.fill("怎么称呼您", "王").tick("我说的是实情").press("提交").sees("还差 2 个人签名").shot("channels-joint")
    matter, link = first.path.rsplit("/", 1)[1], first.page.locator("a[href*='/sign/']").first.inner_text().strip()
    first.press("打印签名纸")
    assert printed(first.shot("channels-sign-sheet")) == 1

    slip = household_code(chief)
    second = person(POINT).go(link).sees(TOGETHER, "还差 2 个就登记", "还没经社区审核").shot("channels-sign")
    second.fill("您的姓名", "李大爷").fill("户码", slip).tick("我已经满 18 岁").tick("我看过了").press("签名")
    second.sees("签好了", "还差 1 个就登记")
    chief.go(f"/desk/matters/{matter}").never_sees("待初审")

    third = person(POINT, elder=True).go(link)
    big(third.shot("channels-sign-elder"))
    signs_by_phone(chief, third)
    third.sees("签好了", "已经够了").shot("channels-signed")
    chief.go(f"/desk/matters/{matter}").sees("3 个签名联名", "问题收集").shot("channels-joint-desk")
    chief.go("/desk/inbox").sees("3 个签名联名")
    first.go(f"/matters/{matter}/signatures").sees("现在有 3 个签名").never_sees("李大爷").shot("channels-signers")

    second.go(f"{link}/withdrawal").fill("您的姓名", "李大爷").fill("户码", slip).press("撤回签名").sees("您的签名撤了")
    chief.go(f"/desk/matters/{matter}/signatures").sees("2 个签名", "已经登记了", "李大爷", "撤了").shot(
        "channels-joint-list"
    )


def household_code(chief: Person) -> str:
    """The slip of one household, printed at the desk and shown only then."""
    chief.go("/desk/households").press(chief.page.locator("tbody th a").first.inner_text().strip())
    chief.press("发户码，打印纸条", "换新码，打印纸条").sees("只显示这一次")
    assert printed(chief.shot("channels-household-slip")) == 1
    return chief.page.locator(".code").first.inner_text().strip()


def signs_by_phone(chief: Person, third: Person) -> None:
    """Without a text message service the code waits at the desk, where somebody calls the number and reads it out."""
    third.open("没有户码").fill("手机号", "13800138000").press("要验证码").shot("channels-phone-code")
    third.sees("短信没有发")
    chief.go("/desk/outbox").press("看给", within="8000").shot("channels-outbox-code")
    code = chief.page.locator("[aria-labelledby=codes] .h-plate").first.inner_text().strip()
    third.fill("您的姓名", "孙婶").fill("验证码", code).tick("我已经满 18 岁").tick("我看过了").press("签名")


def test_a_register_of_doors_is_brought_in(person: Open, program: Program) -> None:
    """Checked first, written when confirmed, nothing the second time, nothing at all with one bad row."""
    before = doors_of(program)
    doors = [["机务网格", f"机务段宿舍 {before}", f"{b}号楼", 2, u, 100 * f + d]
             for b in range(1, 6) for u in (1, 2) for f in range(1, 6) for d in range(1, 5)]  # fmt: skip
    chief = person(PAPER, width=1280).sign_in("shuji")
    with worker_asleep(program):
        upload(chief, households("机务段宿舍.xlsx", doors)).sees("排着队，等着查").shot("channels-import-waits")
        assert chief.page.get_by_role("progressbar").is_visible()
        assert doors_of(program) == before
    settled(chief, "就照这样写进去").sees("200 行都查过了").shot("channels-import-checked")
    assert figures(chief) == {"新的": 200, "本来就有，不变": 0, "新的楼": 5, "改了的楼": 0}
    assert doors_of(program) == before, "looking writes nothing"
    chief.press("就照这样写进去")
    settled(chief, "去看居民户").sees("写好了").shot("channels-import-done")
    assert doors_of(program) == before + 200

    settled(upload(chief, households("机务段宿舍.xlsx", doors)), "就照这样写进去")
    assert figures(chief) == {"新的": 0, "本来就有，不变": 200, "新的楼": 0, "改了的楼": 0}
    chief.press("不要了").sees("停下了")

    doors[54][4], doors[80][5] = 9, 1999
    settled(upload(chief, households("抄错了一行.xlsx", doors)), "改好了，再传").shot("channels-import-refused")
    row = chief.sees("整份都没有写").page.locator("tbody tr").first.inner_text().split()
    assert row[0] == "57", row
    assert "单元" in row[:3], row
    chief.sees("这栋楼只有 2 个单元")
    assert doors_of(program) == before + 200


def upload(chief: Person, file: dict[str, object]) -> Person:
    """Hand a register of doors in."""
    chief.go("/desk/imports").press("传一份", within="网格、小区、楼栋").attach("表格文件", file)
    return chief.press("传上来，先查一遍")


def settled(chief: Person, button: str) -> Person:
    """Wait until the page has by itself come to where this is offered."""
    chief.page.locator("main").get_by_text(button).first.wait_for()
    chief.page.wait_for_load_state()
    return chief


def figures(chief: Person) -> dict[str, int]:
    """What the check found, by its label."""
    boxes = chief.page.locator(".h-kpis > *").all_inner_texts()
    found = {}
    for box in boxes:
        label = next(line.strip() for line in box.splitlines() if line.strip() and not line.strip()[0].isdigit())
        found[label] = int(re.findall(r"\d+", box)[0])
    return found


def doors_of(program: Program) -> int:
    """How many households the hall knows."""
    with program.inside(PAPER) as site:
        count = select(func.count()).select_from(Household).where(Household.community_id == site.community_id)
        return db.session.scalar(count) or 0


@contextlib.contextmanager
def worker_asleep(program: Program) -> Iterator[None]:
    """The queue's real worker, held still for a moment so that a short job can be seen waiting."""
    ours = [
        pid for pid in children.marked(program.folder) if b"jobs\0worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert ours
    for pid in ours:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in ours:
            os.kill(pid, signal.SIGCONT)
