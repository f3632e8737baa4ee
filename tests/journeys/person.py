"""One person with a browser of their own: own cookies, own window, words and buttons as they stand on the page."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

    from tests.journeys.program import Program

SHOTS = Path(__file__).resolve().parents[1] / "shots"
PATIENCE = 30_000
WRONG = {500, 502, 503}


class Person:
    """``slug`` is the hall this person goes to; an empty one is the street office."""

    def __init__(
        self, program: Program, browser: Browser, slug: str, *, width: int = 390, elder: bool = False, js: bool = True
    ) -> None:
        self.program, self.slug, self.width = program, slug, width
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 844 if width < 800 else 900}, java_script_enabled=js, bypass_csp=True,
            locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        if elder:
            self.context.add_cookies([{"name": "elder", "value": "on", "url": self.url("/")}])
        self.page: Page = self.context.new_page()
        self.broken: list[str] = []
        self.page.on("response", self._note)
        self.page.on("pageerror", lambda error: self.broken.append(f"script: {error}"))

    def url(self, path: str) -> str:
        """An address as typed: whole ones stay, paths belong to this person's hall."""
        return path if path.startswith("http") else self.program.url(self.slug, path)

    def go(self, path: str) -> Person:
        """Type an address."""
        self.page.goto(self.url(path), wait_until="load")
        return self._sound()

    def sign_in(self, login: str, password: str = "") -> Person:
        """Through the sign-in page; a first password is changed on the way, as the page demands."""
        known = password or self.program.password(self.slug, login)
        self.go("/sign-in")
        if not self.path.endswith("/sign-in"):
            return self
        self.fill("登录名", login).fill("密码", known).press("登录")
        if self.path.endswith("/password"):
            self.fill("现在的密码", known).fill("新密码", fresh := "bandeng-zuo-2026").fill("新密码再输一遍", fresh)
            self.press("改好")
            self.program.halls[self.slug].passwords[login] = fresh
        assert not self.path.endswith(("/sign-in", "/password")), f"{login} could not sign in:\n{self.text()[:1500]}"
        return self

    @property
    def path(self) -> str:
        """Where this person is, without the query."""
        return re.sub(r"^https?://[^/]+|[?#].*$", "", self.page.url)

    def fill(self, label: str, value: str, within: str = "", nth: int = 0) -> Person:
        """Write into the field with this label."""
        self._one(self._labelled(label, within), f"field {label!r}", nth).fill(value)
        return self

    def choose(self, label: str, option: str, within: str = "", nth: int = 0) -> Person:
        """Choose from a list by the words of the option; a part of them is enough."""
        field = self._one(self._labelled(label, within), f"list {label!r}", nth)
        texts = field.locator("option").all_inner_texts()
        found = next((text for text in texts if text.strip() == option), None) or next(
            (text for text in texts if option in text), None
        )
        assert found is not None, f"no option {option!r} among {texts}"
        field.select_option(label=found)
        return self

    def tick(self, label: str, within: str = "", nth: int = 0) -> Person:
        """Tick a box or choose a round button by the words beside it; the words are what a finger touches."""
        words = self._area(within, self.page.locator("label", has_text=label)).locator("label")
        begins = words.filter(has_text=re.compile(rf"^\s*{re.escape(label)}"))
        words = begins if begins.count() else words.filter(has_text=label)
        chosen = self._one(words, f"choice {label!r}", nth)
        control = self.page.locator(f"#{chosen.get_attribute('for')}") if chosen.get_attribute("for") else chosen
        if not control.is_checked():
            chosen.click()
        return self

    def open(self, summary: str) -> Person:
        """Unfold a part that is folded away."""
        part = self.page.locator("details").filter(has=self.page.locator("summary", has_text=summary)).first
        if part.get_attribute("open") is None:
            part.locator("summary").first.click()
        return self

    def press(self, *names: str, within: str = "", nth: int = 0) -> Person:
        """Press the button or follow the link with one of these words; waits for the next page."""
        for name in names:
            for role in ("button", "link"):
                for exact in (True, False):
                    wanted = self.page.get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]
                    if not wanted.count():
                        continue
                    found = self._area(within, wanted).get_by_role(role, name=name, exact=exact)
                    if found.count() > nth:
                        return self._follows(found.nth(nth), name)
        raise AssertionError(f"no button or link {' / '.join(names)} on {self.path}:\n{self.outline()}")

    def _follows(self, wanted: Locator, name: str) -> Person:
        """Click and wait for the next page; where none comes, the error says whether the form had left this one."""
        try:
            with self.page.expect_navigation(wait_until="load"):
                wanted.click()
        except TimeoutError as late:
            sent = self.page.locator("form[data-sent]").count()
            raise AssertionError(f"no page came after {name!r}, {sent} forms on their way:\n{self.outline()}") from late
        return self._sound()

    def notes(self, who: str, words: str) -> Person:
        """Write down what somebody said at the table; with scripts the page stays and the entry appears in it."""
        self.fill("谁说的", who).fill("说了什么", words)
        self.page.get_by_role("button", name="记下来").first.click()
        self.page.get_by_text(words).first.wait_for()
        return self._sound()

    def sees(self, *words: str) -> Person:
        """The page says so."""
        text = self.text()
        for word in words:
            assert word in text, f"{self.path} does not say {word!r}:\n{text[:3000]}"
        return self

    def never_sees(self, *words: str) -> Person:
        """The page keeps it to itself."""
        text = self.text()
        for word in words:
            assert word not in text, f"{self.path} says {word!r}"
        return self

    def text(self) -> str:
        """The words on the page, the hidden ones too, with blanks evened out."""
        return re.sub(r"[ \t\r\f\v]+", " ", self.page.locator("body").inner_text())

    def outline(self) -> str:
        """Title, buttons, links and fields: what to read when a journey stumbles."""
        lines = [f"{self.page.url} · {self.page.title()}"]
        for kind in ("h1, h2", "button", "a", "label", ".h-err, .h-errors, .h-note"):
            found = [" ".join(text.split()) for text in self.page.locator(kind).all_inner_texts()]
            lines.append(f"  {kind}: " + " | ".join(text for text in found if text))
        return "\n".join(lines)

    def attach(self, label: str, *files: str | dict[str, Any]) -> Person:
        """Choose files for the field with this label."""
        self._one(self.page.get_by_label(label), f"files {label!r}", 0).set_input_files(list(files))  # type: ignore[arg-type]
        return self

    def shot(self, name: str) -> Person:
        """A picture of the whole page into tests/shots, only when SHOTS=1."""
        if os.environ.get("SHOTS") == "1":
            SHOTS.mkdir(exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{name}-{self.width}.png", full_page=True)
        return self

    def close(self) -> None:
        """Close this browser window and forget its cookies."""
        self.context.close()

    def _area(self, within: str, wanted: Locator | None = None) -> Any:
        """The page, or the smallest section, form, row or list entry that says ``within`` and has what is wanted."""
        if not within:
            return self.page
        boxes = self.page.locator("section, form, tr, li, fieldset, article, details, .h-card").filter(has_text=within)
        assert boxes.count(), f"nothing on {self.path} says {within!r}:\n{self.outline()}"
        return (boxes if wanted is None else boxes.filter(has=wanted)).last

    def _labelled(self, label: str, within: str) -> Locator:
        """The field with exactly this label, else one whose label says this."""
        controls = self.page.locator("input, textarea, select")
        for exact in (True, False):
            wanted = self.page.get_by_label(label, exact=exact).and_(controls)
            if wanted.count():
                return self._area(within, wanted).get_by_label(label, exact=exact).and_(controls)  # type: ignore[no-any-return]
        return wanted

    def _one(self, field: Locator, what: str, nth: int) -> Locator:
        assert field.count() > nth, f"no {what} on {self.path}:\n{self.outline()}"
        return field.nth(nth)

    def _note(self, response: Any) -> None:
        if response.status in WRONG:
            self.broken.append(f"{response.status} {response.url}")

    def _sound(self) -> Person:
        assert not self.broken, f"{self.broken}\n{self.text()[:800]}"
        return self
