"""From promise to thanks: a crew answers by its link, neighbours look and rate, and the hall tells what was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from app import clock
from app.faces.cli.demo.book import Book
from app.faces.cli.demo.stage import Stage, StoryClock
from app.faces.cli.demo.told_after import Job, Teller
from app.flow.implement.queries import commitments_of
from tenants.database import db
from tests.journeys.person import Person
from tests.journeys.program import Program
from tests.journeys.test_short_paths import HALL, desk_of

Open = Callable[..., Person]


def working(program: Program) -> tuple[str, str]:
    """A matter that is being carried out and its measured task: six chairs by the property's crew."""
    with program.inside(HALL):
        tale = Teller(
            f"promise-{uuid4().hex[:6]}",
            StoryClock(clock.today() - timedelta(days=20)),
            Stage.set(),
            Book.open(program.folder / "promise.json"),
        )
        tale.said(0, "9:00", words="楼梯口没处坐，老人上楼歇不了脚。", title="楼梯口添歇脚椅", wish="放几把能折的椅子",
                  category="repair", where=("和顺里", "1 号楼"))  # fmt: skip
        tale.accept(0, "10:00", "minor", "grid")
        tale.notice(
            1, "9:00", sits=(2, "18:30"), title="歇脚椅现场会", kind="bench", place="楼门口", expected=["楼长", "物业"]
        )
        tale.sit(2, "18:30", here=2)
        tale.talk([("楼长", "六把够了。")])
        tale.put(["物业装六把折叠椅"])
        tale.agree(["楼长", "物业"])
        tale.rise("都同意。")
        tale.resolve(3, "9:00", title="添歇脚椅的约定", basis="现场会", words="装六把折叠椅。", jobs=[
            Job("装折叠歇脚椅", "物业工程部", 40, 900, kind="property", unit="把", target=6),
        ])  # fmt: skip
        tale.go(3, "10:00", "楼门口")
        db.session.commit()
        return str(tale.matter.id), str(commitments_of(tale.matter)[0].id)


def test_a_promise_is_kept_and_thanked_for(person: Open, program: Program) -> None:
    matter, task = working(program)
    clerk = desk_of(person).go(f"/desk/tasks/{task}").shot("promise-task").go(f"/desk/tasks/{task}/links")
    clerk.fill("给谁，哪个单位", "物业工程部").press("做一个链接").shot("promise-link")
    link = clerk.page.locator("#link").input_value()
    crew = person(HALL, width=390, js=False).go(link[link.index("/t/") :]).shot("promise-letter")
    crew.press("收到，我们来办").fill("做到哪儿了", "装好 3 把，都拧紧了。").fill("一共做到多少", "3").press("交给社区")
    crew.sees("3 / 6 把")
    leader = desk_of(person).go(f"/desk/tasks/{task}").sees("装好 3 把", "3/6")
    assert leader.page.locator("text=物业工程部").count()
    crew.open("办完了，报完工").fill("办成什么样了", "6 把都装好，收起来不挡路。").fill("一共做了多少", "6")
    crew.fill("实际花了多少钱（元）", "880.50").press("报完工").sees("您报过完工了").shot("promise-done")
    clerk.go(f"/desk/tasks/{task}").sees("6/6", "880.50").press("整件事报完工")
    clerk.go(f"/desk/matters/{matter}/money").sees("900", "880.50").shot("promise-money")
    grid = person(HALL).sign_in("wangge").go(f"/desk/matters/{matter}/verification")
    grid.tick("办好了").fill("看到什么", "坐上去都稳。").fill("一起看的居民", "楼阿姨").press("交上去")
    aunt = person(HALL, width=390, elder=True, js=False).go(f"/matters/{matter}/rating").shot("promise-rating")
    aunt.tick("非常满意").press("交上去").sees("谢谢您")
    clerk.go(f"/desk/matters/{matter}/review").shot("promise-review")
    clerk.fill("办得怎样", "六把都在，老人歇得住脚。", within="议事厅评估").press("记下来", within="议事厅评估")
    clerk.fill("给提出人的办结告知", "椅子装好了，往后松了打物业电话。").press(
        "办结", within="给提出人的办结告知"
    ).sees("办结")
    # It is told in public, its link is dead, and the crew still sees a kind word instead of an error.
    person(HALL, width=390).go(f"/results/{matter}").sees("楼梯口添歇脚椅", "6 把").shot("promise-result")
    crew.go(link[link.index("/t/") :]).never_sees("报一句进展")
    clerk.go("/desk/matters?tab=all").sees("楼梯口添歇脚椅").shot("promise-ledger")
