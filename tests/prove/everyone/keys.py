"""Somebody without a mouse: Tab, arrows, space and Enter, and what every stop of the focus must show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.prove.everyone.probes import script

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_STOPS = 400


class Keys:
    """One page and a keyboard; ``told`` gathers what was wrong at any stop, ``stops`` counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.told: list[str] = []
        self.stops = 0

    def tab(self, back: bool = False) -> dict[str, Any] | None:
        """The next stop, or None where the page is left."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop: dict[str, Any] | None = self.page.evaluate(script("stop"))
        if stop is not None:
            self.stops += 1
            self._seen(stop, back)
        return stop

    def _seen(self, stop: dict[str, Any], back: bool) -> None:
        where = f"{self.page.url.split('/', 3)[-1]}: {stop['html']}"
        if stop["contrast"] < 3:
            self.told.append(f"focus not seen ({stop['contrast']:.1f}): {where}")
        if stop["wide"] < 2 or stop["high"] < 2 or stop["bottom"] <= 0 or stop["top"] >= stop["tall"]:
            self.told.append(f"focus out of sight: {where}")
        if stop["hidden"]:
            self.told.append(f"focus behind the bar: {where}")
        if not stop["forward"] and not back:
            self.told.append(f"focus jumps back: {where}")

    def to(self, *words: str, kind: str = "") -> Keys:
        """Tab on until the focus stands on what says one of ``words`` (of this ``kind``: a tag or an input's type)."""
        seen = []
        for _turn in range(MOST_STOPS):
            stop = self.tab()
            if stop is None:
                if seen and seen.count("—") > 1:
                    break
                seen.append("—")
                continue
            seen.append(stop["name"][:20])
            if any(word in stop["name"] for word in words) and kind.lower() in ("", stop["tag"].lower(), stop["type"]):
                return self
        raise AssertionError(f"no key leads to {words} {kind} on {self.page.url}: {seen}")

    def type(self, text: str) -> Keys:
        """Write into the field with the focus, as an input method hands the words over; what stood there goes."""
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        return self

    def space(self) -> Keys:
        """Tick, choose or unfold."""
        self.page.keyboard.press("Space")
        return self

    def arrow(self, key: str = "ArrowDown") -> Keys:
        """The next of a group of round buttons."""
        self.page.keyboard.press(key)
        return self

    def enter(self) -> Keys:
        """Press the button or follow the link with the focus; waits for the next page."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")
        return self

    def round(self) -> int:
        """Through the whole page once; fails where the focus is trapped. Returns the number of stops."""
        self.page.evaluate("() => { window.stops = []; document.activeElement.blur(); }")
        for count in range(MOST_STOPS):
            if self.tab() is None:
                return count
        raise AssertionError(f"{self.page.url} does not let the focus go within {MOST_STOPS} stops")

    def skip(self) -> None:
        """The first stop is the way past the menu: it is seen, and Enter leads into the page itself."""
        first = self.tab()
        assert "h-skip" in (first or {}).get("html", ""), f"{self.page.url} begins with {first}"
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Tab")
        inside = self.page.evaluate("() => !!document.activeElement.closest('main, footer, .h-actbar')")
        assert inside, f"{self.page.url}: the way past the menu does not pass it"
        self.page.evaluate("() => { window.stops = []; document.activeElement.blur(); window.scrollTo(0, 0); }")
