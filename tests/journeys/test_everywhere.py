"""Every page: no serious finding of axe in normal and elder mode, no sideways scroll on a small phone, few bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.flow.deliberate.models import SittingSeries
from app.flow.research.models import Canvass, Option, SiteNote
from app.matter.models import Matter
from app.people.models import Account
from app.people.places import Venue
from app.talent.models import Expert
from tenants.database import db
from tests import browser as browsers
from tests.journeys.atlas import Atlas, Found
from tests.journeys.person import Person
from tests.journeys.program import Program
from tests.journeys.wire import Wire

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"width": 360, "height": 740}
BUDGET = 100_000
#: What a brand can change is colour; everything else is the same markup in every hall.
COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "svg-img-alt"]}}
# Nothing is fetched beforehand: only rules about films that play by themselves would need it, and none is serious.
LOOK = """async (how) => {
  const found = await axe.run(document, {...how, resultTypes: ['violations'], preload: false});
  return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 140)).join(' · '));
}"""
ELDER = "on => on ? document.documentElement.setAttribute('data-elder', 'on') : 0"
TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return '';
  const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1);
  return wide + ' px: ' + out.slice(-2).map(e => e.outerHTML.slice(0, 120)).join(' · ');
}"""
MAIN_PAGES = ("/", "/say", "/track", "/matters", "/sign-in")


@pytest.fixture(scope="module")
def atlas(program: Program) -> Atlas:
    return Atlas(program)


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """One page for all of it, with axe in it; only its cookies change."""
    context = chromium.new_context(viewport=PHONE, bypass_csp=True, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(browsers.axe_source())
    yield context.new_page()
    context.close()


def as_somebody(page: Page, wire: Wire, *, elder: bool = False) -> None:
    """The browser with the cookies of a visitor who signed in over the wire."""
    page.context.clear_cookies()
    url = f"http://{wire.host}/"
    cookies = {**wire.cookies, **({"elder": "on"} if elder else {})}
    page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def looked_at(page: Page, where: str, how: dict[str, Any]) -> list[str]:
    """Findings of axe and of the width, each with the page it is on."""
    wide = page.evaluate(TOO_WIDE)
    return [f"{where}: {finding}" for finding in page.evaluate(LOOK, how) + ([f"sideways {wide}"] if wide else [])]


def arrive(atlas: Atlas, page: Page, name: str, found: Found, *, elder: bool) -> Found:
    """Open it in the browser; where the street's clock has moved its matter on meanwhile, another one of its kind."""
    for _turn in range(3):
        wire = atlas.wire(found.slug, found.login)
        as_somebody(page, wire, elder=elder)
        answer = page.goto(f"http://{wire.host}{found.path}", wait_until="load")
        assert answer is not None
        if answer.status == 200:
            return found
        found = atlas.again(name)
    raise AssertionError(f"{name} {found}: {answer.status}")


def test_every_page_in_both_modes(atlas: Atlas, page: Page) -> None:
    """On the smallest phone, by the least privileged reader who may see the page."""
    problems, seen = [], []
    for name, found in atlas.pages():
        seen.append(name)
        for elder in (False, True):
            if elder and found.login:
                # At the desk elder mode is nothing but this attribute; residents' pages are also written otherwise.
                page.evaluate(ELDER, True)
            else:
                found = arrive(atlas, page, name, found, elder=elder)
            problems += looked_at(page, f"{name} {found}{' elder' if elder else ''}", {})
    assert len(seen) > 75, f"only {len(seen)} doors showed a page: {seen}"
    assert not problems, "\n".join([f"{len(problems)} findings", *problems])


def test_the_residents_pages_in_every_brand(atlas: Atlas, page: Page) -> None:
    """Home, say, track, matters, sign-in and a matter, in all the street's brands, both modes."""
    halls, problems = atlas.halls(), []
    assert len(halls) == 21
    for slug in halls:
        stranger = atlas.wire(slug, "")
        as_somebody(page, stranger)
        links = re.findall(r'href="(/matters/[0-9a-f-]{36})"', stranger.get("/matters").text)
        for path in (*MAIN_PAGES, *links[:1]):
            page.goto(f"http://{stranger.host}{path}", wait_until="load")
            for elder in (False, True):
                page.evaluate(ELDER, elder)
                problems += [
                    f"{slug}{path}{' elder' if elder else ''}: {found}" for found in page.evaluate(LOOK, COLOUR)
                ]
    assert not problems, "\n".join([f"{len(problems)} findings", *problems])


@pytest.mark.parametrize("path", [*MAIN_PAGES, "matter"])
def test_a_first_visit_is_light(program: Program, atlas: Atlas, chromium: Browser, path: str) -> None:
    """Everything that comes over the wire, packed as it comes, headers included; without photos."""
    if path == "matter":
        path = f"/matters/{atlas.one('nanyandao', Matter, stage='closed')}"
    context = chromium.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page, sizes, names = context.new_page(), [], {}
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceived", lambda event: names.update({event["requestId"]: event["response"]["url"]}))
    wire.on("Network.loadingFinished", lambda event: sizes.append((event["encodedDataLength"], event["requestId"])))
    page.goto(program.url("nanyandao", path), wait_until="networkidle")
    context.close()
    counted = {names.get(key, key): size for size, key in sizes if "/files/" not in names.get(key, "")}
    assert len(counted) >= 2
    assert sum(counted.values()) <= BUDGET, json.dumps(counted, indent=1)


def test_saying_and_following_without_javascript(person: Callable[..., Person], program: Program) -> None:
    """From the first page to the tracker, on a phone that runs no script, with elder mode on; Enter goes on."""
    aunt = person("nanyandao", width=360, elder=True, js=False).go("/")
    aunt.press("说一说").fill("什么事", "三号楼门前的灯坏了，晚上看不见台阶。").press("下一步：在哪儿")
    aunt.tick("3 号楼").tick("2 单元").tick("我自己提").press("下一步：看一遍").sees(
        "三号楼门前的灯坏了", "3 号楼 2 单元"
    )
    aunt.tick("我说的是实情").press("提交").sees("收到了").shot("everywhere-receipt-elder")
    code = aunt.page.locator(".h-plate").first.inner_text()
    aunt.press("看这件事的进度").sees("三号楼门前的灯坏了")
    other = person("nanyandao", width=360, js=False).go("/track").fill("查询码", code).press("查")
    other.sees("第 2 步").never_sees("晚上看不见台阶")


def test_a_double_click_on_hand_in(person: Callable[..., Person], program: Program) -> None:
    """A finger that trembles: the button is pressed twice, and one matter is there."""
    before = program.census("dianye")["matter"]
    for js in (True, False):
        aunt = person("dianye", js=js).go("/say").fill("什么事", "井盖一踩就响。").press("下一步：在哪儿")
        aunt.tick("院里、路上、别处").fill("具体位置", "东门").tick("我自己提").press("下一步：看一遍").tick(
            "我说的是实情"
        )
        aunt.page.get_by_role("button", name="提交").dblclick(no_wait_after=True)
        aunt.page.wait_for_url("**/say/receipts/**")
        aunt.sees("收到了")
    assert program.census("dianye")["matter"] == before + 2


def forms(atlas: Atlas) -> dict[str, tuple[str, str, str, str, dict[str, str], Any, tuple[str, str]]]:
    """Key forms of the desk: hall, login, page, where it posts to, fields, what is counted, its one telling column."""
    topic = f"/desk/matters/{atlas.one('shiyuan', Matter, stage='surveying')}"
    asked = {
        "question": "养狗要拴绳，您赞成吗",
        "target": "20",
        "reached": "18",
        "in_favour": "15",
        "against": "2",
        "tries": "3",
    }
    return {
        "account": ("xingfuli", "shuji", "/desk/accounts/new", "/desk/accounts",
                    {"name": "双击", "login": "shuangji", "role": "community_worker"}, Account, ("login", "shuangji")),
        "venue": ("xingfuli", "shuji", "/desk/venues", "/desk/venues",
                  {"kind": "letterbox", "name": "双击信箱", "place": "东门", "hours": "天天"},
                  Venue, ("name", "双击信箱")),
        "option": ("shiyuan", "shegong", f"{topic}/research", f"{topic}/options",
                   {"option": "双击方案", "cost": "100", "payer": "社区"}, Option, ("words", "双击方案")),
        "canvass": ("shiyuan", "shegong", f"{topic}/research", f"{topic}/canvasses", asked, Canvass,
                    ("question", asked["question"])),
        "site note": ("shiyuan", "shegong", f"{topic}/research", f"{topic}/site-notes", {"seen": "双击现场"}, SiteNote,
                      ("words", "双击现场")),
        "expert": ("", "guanli", "/pool/new", "/pool",
                   {"code": "X77", "name": "双击", "profession": "律师", "skill": "物业"},
                   Expert, ("code", "X77")),
        "series": ("xingfuli", "shuji", "/desk/sitting-series/new", "/desk/sitting-series",
                   {"name": "双击例会", "rhythm": "monthly", "month_day": "8", "time": "10:00", "weekday": "MO"},
                   SittingSeries,
                   ("name", "双击例会")),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["account", "venue", "option", "canvass", "site note", "expert", "series"])
def test_two_clicks_at_once_on_the_desk(atlas: Atlas, program: Program, name: str) -> None:
    """Both clicks carry the same page's hidden fields; one row is made and neither click sees a broken page."""
    slug, login, shown, target, fields, kind, (column, value) = forms(atlas)[name]
    wire = atlas.wire(slug, login)
    seen = form_of(wire.get(shown), target)
    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(lambda _n: wire.post(target, fields, seen=seen), range(2)))
    assert all(answer.status in (200, 303, 409, 422) for answer in answers), [a.words[:300] for a in answers]
    with program.inside(slug):
        made = db.session.scalar(select(func.count()).select_from(kind).where(getattr(kind, column) == value))
    assert made == 1, [(answer.status, answer.words[:300]) for answer in answers]


def form_of(page: Any, action: str) -> Any:
    """The page cut down to the form that posts to ``action``, so that its own hidden fields are sent."""
    found = re.search(rf'(?s)<form[^>]*action="(?:https?://[^/"]+)?{re.escape(action)}".*?</form>', page.text)
    assert found, f"no form posts to {action}"
    page.text = found[0]
    return page
