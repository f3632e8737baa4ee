"""Everyone: eyes, ears, hands, screens and languages; every brand, the keyboard alone, zoom, names, lengths, paper."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import browser as browsers
from tests.journeys.atlas import Atlas
from tests.journeys.program import Program
from tests.journeys.wire import Wire
from tests.prove.everyone import papers, probes, scenes, views
from tests.prove.everyone.keys import Keys
from tests.prove.everyone.views import LANGS, RICH, Looker, View, both_modes, go_through, in_languages

if TYPE_CHECKING:
    from playwright.sync_api import Page

Figure = Callable[[str], None]
#: A folder to keep the printed sheets in, to be looked at; none unless it is asked for.
KEPT = os.environ.get("EVERYONE_PAPERS", "")
NGINX = browsers.ROOT / "deploy" / "nginx" / "pages"
#: How many of the 21 brands are looked at; fewer only while something is being mended.
BRANDS = int(os.environ.get("EVERYONE_BRANDS", "21"))


@pytest.fixture(scope="session")
def street(request: pytest.FixtureRequest) -> Program:
    """A demo street of its own; ``STREET=folder`` joins one that runs already, to mend pages against."""
    if joined := os.environ.get("STREET"):
        return Program.join(Path(joined))
    demo: Program = request.getfixturevalue("demo")
    return demo


@pytest.fixture(scope="session")
def atlas(street: Program) -> Iterator[Atlas]:
    found = Atlas(street)
    with street.inside():
        yield found
    street.leave()


def all_good(findings: list[str]) -> None:
    """Fail with every finding at once: they are mended together."""
    assert not findings, "\n".join([f"{len(findings)} findings", *findings])


@pytest.fixture(scope="session")
def main_pages(atlas: Atlas) -> list[View]:
    """Residents', desk's and street's main pages of the hall with the most in it."""
    more = [View(RICH, path) for path in views.MORE if atlas.wire(RICH, "").get(path).status == 200]
    desk = views.desk(atlas, RICH, "shuji")
    street = views.desk(atlas, "", "guanli")
    found = [*views.residents(atlas, RICH), *more, *desk, *street]
    assert len(found) > 70, [str(view) for view in found]
    return found


def test_axe_finds_nothing_in_any_brand(atlas: Atlas, figure: Figure) -> None:
    """Serious or critical, on the residents' main pages of every hall, in both modes, on a phone."""
    halls = atlas.halls()
    assert len(halls) == 21
    pages = both_modes([view for slug in halls[:BRANDS] for view in views.residents(atlas, slug)])

    def look(window: Looker, view: View) -> list[str]:
        return probes.axe(window.open(view))

    all_good(go_through(atlas, pages, look))
    assert len(pages) >= BRANDS * 24, len(pages)
    figure(f"axe: nothing serious on {len(pages)} pages in {BRANDS} brands, both modes")


@pytest.mark.parametrize("language", LANGS)
def test_nothing_is_cut_off_and_everything_has_a_name(
    atlas: Atlas, main_pages: list[View], figure: Figure, language: str
) -> None:
    """Each page at 360, 320 (400 % zoom), 640 (200 %) and 1280, with more room between letters, and in 关怀版."""
    named = []

    def look(window: Looker, view: View) -> list[str]:
        page = window.open(view, 360)
        count, told = probes.names(page, window.wire)
        named.append(count)
        told += probes.structure(page, LANGS[language])
        for width in (360, 320, 640, 1280):
            window.wide(width)
            told += [f"at {width}: {line}" for line in probes.fits(page)]
            if width in (360, 1280):
                told += [f"at {width}: {line}" for line in probes.buttons(page)]
        window.wide(390)
        page.evaluate("document.documentElement.setAttribute('data-elder', 'on')")
        told += [f"elder: {line}" for line in probes.fits(page)]
        page.evaluate("document.documentElement.removeAttribute('data-elder')")
        page.add_style_tag(content=probes.SPACING)
        return told + [f"spaced: {line}" for line in probes.fits(page)]

    all_good(go_through(atlas, in_languages(main_pages, (language,)), look))
    figure(
        f"{language}: {len(main_pages)} pages fit at 5 widths, spaced and in 关怀版; {sum(named)} controls have a name"
    )


def test_the_second_step_and_what_went_wrong(street: Program, atlas: Atlas, figure: Figure) -> None:
    """The page of the phone's code, every error page and nginx's own: axe, names, structure, width, both modes."""
    atlas.wires[RICH, "half"] = scenes.second_step(street)
    told = go_through(
        atlas,
        both_modes([View(RICH, "/sign-in/code", "half")]),
        lambda window, view: close_look(window, window.open(view)),
    )
    written = {str(status): text for status, text in scenes.error_pages(street).items()}
    written |= {path.stem: path.read_text("utf-8") for path in sorted(NGINX.glob("*.html"))}
    assert len(written) >= 11, sorted(written)
    with views.looker(atlas) as window:
        window.open(View(RICH, "/track"), 390)
        for name, text in written.items():
            window.page.route(
                "**/track", lambda route, _r, text=text: route.fulfill(body=text, content_type="text/html")
            )
            for elder in (False, True):
                window.page.goto(window.page.url, wait_until="load")
                window.page.evaluate("on => on && document.documentElement.setAttribute('data-elder', 'on')", elder)
                told += [f"{name}: {line}" for line in close_look(window, window.page)]
            window.page.unroute("**/track")
    all_good(told)
    figure(f"the second step and {len(written)} error pages ({', '.join(written)}): nothing serious in both modes")


def close_look(window: Looker, page: Page) -> list[str]:
    """Everything that is asked of one page at the width of a phone."""
    named = probes.names(page, window.wire)[1]
    return [*probes.axe(page), *named, *probes.structure(page, "zh-CN"), *probes.fits(page), *probes.buttons(page)]


@pytest.fixture
def keys(street: Program, atlas: Atlas) -> Iterator[Callable[..., Keys]]:
    """``keys("/say", login="shuji", width=1280)``: a keyboard before a page, without a mouse."""
    opened: list[Keys] = []
    with browsers.launched() as browser:

        def sit_down(path: str, login: str = "", width: int = 390) -> Keys:
            context = browser.new_context(
                viewport={"width": width, "height": 800}, locale="zh-CN", reduced_motion="reduce"
            )
            context.set_default_timeout(60_000)
            page = context.new_page()
            page.goto(street.url(RICH, "/sign-in" if login else path), wait_until="load")
            opened.append(found := Keys(page))
            if login:
                found.to("登录名").type(login).to("密码", kind="password").type(street.password(RICH, login))
                found.to("登录", kind="button").enter()
            return found

        yield sit_down
    all_good([line for found in opened for line in dict.fromkeys(found.told)])


def test_a_resident_says_something_by_keyboard(keys: Callable[..., Keys], figure: Figure) -> None:
    """From the first page to the receipt and on to the tracker."""
    hand = keys("/")
    hand.skip()
    stops = hand.round()
    hand.page.reload()
    hand.to("说一说", kind="a").enter().to("什么事", kind="textarea").type("三号楼门前的灯坏了，晚上看不见台阶。")
    hand.to("下一步：在哪儿", kind="button").enter()
    # A group of round buttons is one stop; the arrows go round in it, backwards from the first to the last.
    hand.to("号楼", kind="radio").arrow("ArrowUp")
    assert hand.page.evaluate("document.activeElement.id") == "building-0"
    hand.to("具体位置").type("南门口路灯下")
    hand.to("我自己提", kind="radio").space()
    hand.to("下一步：看一遍", kind="button").enter().to("我说的是实情", kind="checkbox").space()
    hand.to("提交", kind="button").enter()
    assert "/say/receipts/" in hand.page.url, hand.page.inner_text("main")[:600]
    hand.to("看这件事的进度", kind="a").enter()
    assert "南门口路灯下" in hand.page.inner_text("main") or "三号楼门前的灯坏了" in hand.page.inner_text("main")
    figure(f"keyboard: said from home to receipt, {hand.stops} stops, each seen; home has {stops}")


def test_a_clerk_takes_a_matter_on_by_keyboard(street: Program, keys: Callable[..., Keys], figure: Figure) -> None:
    """Signs in, opens today and the inbox, screens one matter, accepts it, and sees it accepted."""
    said = Wire(street, RICH).say("九号楼门口的扶手松了，上下楼要扶墙。")
    assert said.status == 303, said.words[:300]
    matter = said.location.rsplit("/", 1)[1]
    hand = keys("/desk", login="shegong", width=1280)
    hand.page.goto(street.url(RICH, "/desk"))
    hand.skip()
    stops = hand.round()
    hand.page.reload()
    hand.to("待受理", kind="a").enter()
    assert hand.page.url.endswith("/desk/inbox")
    hand.page.goto(street.url(RICH, f"/desk/matters/{matter}/screening"))
    hand.round()
    hand.page.reload()
    hand.to("微事", "小事", "急事", "难事", "大事", kind="radio").space().to("标题").type("九号楼门口扶手松了")
    hand.to("属于哪一类", kind="select-one").type("").arrow().to("社区", kind="radio").space()
    hand.to("受理", kind="submit").enter()
    assert "受理了" in hand.page.inner_text("body"), hand.page.inner_text("main")[:900]
    figure(f"keyboard: a clerk took a matter on, {hand.stops} stops, each seen; today has {stops}")


def test_a_council_member_votes_by_keyboard(street: Program, keys: Callable[..., Keys], figure: Figure) -> None:
    """Signs in, chooses with the arrows, votes and reads the receipt."""
    sheet = scenes.open_poll(street)
    hand = keys(sheet, login=scenes.VOTER)
    hand.page.goto(street.url(RICH, sheet))
    hand.round()
    hand.page.reload()
    hand.to("同意", kind="radio").space()
    hand.arrow()
    assert hand.page.evaluate("document.activeElement.checked"), "the arrows do not choose"
    hand.arrow("ArrowUp").to("投", kind="button").enter()
    assert hand.page.url.endswith("/receipt"), hand.page.inner_text("main")[:600]
    assert "投好了" in hand.page.inner_text("main")
    figure(f"keyboard: a council member voted, {hand.stops} stops, each seen")


def test_menus_and_folds_open_by_keyboard(keys: Callable[..., Keys]) -> None:
    """The staff's menu on a phone, with Escape closing it; a fold; 关怀版."""
    hand = keys("/desk", login="shuji")
    hand.to("菜单", kind="checkbox").space()
    assert hand.page.is_checked("#menu-open")
    hand.tab()
    hand.page.keyboard.press("Escape")
    assert not hand.page.is_checked("#menu-open")
    assert hand.page.evaluate("document.activeElement.id") == "menu-open"
    hand = keys("/say")
    hand.to("盼着怎么办", kind="summary").space()
    assert hand.page.evaluate("document.activeElement.parentElement.open")
    hand = keys("/")
    hand.to("关怀版", kind="button").space()
    hand.page.wait_for_selector("html[data-elder=on]")


def test_what_is_printed_fits_its_paper(atlas: Atlas, figure: Figure) -> None:
    """Every sheet that somebody may open, as a printer without colour grounds sees it."""
    told, counted = [], 0
    with views.looker(atlas) as window:
        for name, found in papers.sheets(atlas):
            page = window.open(View(found.slug, found.path, found.login))
            if not page.locator(".h-sheet, .h-doc").count():
                continue
            counted += 1
            wrong, made = papers.findings(page)
            told += [f"{name} {found}: {line}" for line in wrong]
            if KEPT:
                (Path(KEPT) / f"{name}.pdf").write_bytes(made.data)
    all_good(told)
    assert counted >= 20, counted
    figure(f"paper: {counted} kinds of sheets fit A4 or A3, nothing cut, nothing pale")
