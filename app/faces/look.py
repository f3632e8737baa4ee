"""What templates need to look right: icons, drawings, days, money, percentages, masked names, links that may be absent.

Registered once by :func:`init_look`. Everything here is presentation; no rule of the field lives here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from app import clock
from app.faces.phrasing import listed
from app.people.naming import surname_of
from app.records.documents.wording import chinese_ordinal
from app.words import N_
from tenants.hosts import site_url

STATIC = Path(__file__).resolve().parent.parent / "static"
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
#: What a reader may choose, in its own words; the catalogues of all three are held complete by ``./run check``.
LANGUAGES = (("zh_Hans", "zh-CN", "简体"), ("zh_Hant", "zh-TW", "繁體"), ("en", "en", "English"))
LANGUAGE_TAGS = {"zh_Hans": "zh-CN", "zh_Hant": "zh-TW", "en": "en"}
SOMEBODY = N_("%(surname)s某")
COURTESY = {"female": N_("%(surname)s女士"), "male": N_("%(surname)s先生")}
#: The light of app.matter.lights as the look knows it: class, icon and the word used when no text is given.
LIGHTS = {
    "green": ("ok", "check-circle-fill", N_("正常")),
    "yellow": ("soon", "exclamation-triangle-fill", N_("快到期")),
    "red": ("late", "x-octagon-fill", N_("超期")),
    "grey": ("hold", "pause-circle-fill", N_("暂停")),
}
#: The seven public steps (six steps and the rating), in order.
STEPS = (N_("宣传发动"), N_("问题收集"), N_("确定议题"), N_("调查研究"), N_("开展协商"), N_("成果落实"), N_("评议"))


def init_look(app: Flask) -> None:
    """Register filters and globals, and let browsers keep static files that carry their own fingerprint."""
    env = app.jinja_env
    env.filters.update(
        day=day, daytime=daytime, ago=ago, clock=hour, money=money, exact=exact, masked_name=masked_name, code3=code3,
        drawing=drawing, ordinal=chinese_ordinal,
    )  # fmt: skip
    env.globals.update(
        icon=icon, symbol=symbol, percent=percent, share=share, say=say, csp_nonce=csp_nonce, asset=asset, link=link,
        page_lang=page_lang, gap=gap, weekday=weekday, local=_local, LIGHTS=LIGHTS, STEPS=STEPS,
        LANGUAGES=LANGUAGES,
    )  # fmt: skip
    env.trim_blocks = True
    env.lstrip_blocks = True
    app.after_request(_keep_static)


def _keep_static(response: Any) -> Any:
    if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@cache
def icon(name: str) -> Markup:
    """The icon inline, hidden from screen readers (a word stands beside it). Unknown: ``LookupError``."""
    path = STATIC / "icons" / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise LookupError(f"no icon {name!r} in app/static/icons: copy it there from Bootstrap Icons")
    found = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    inner = re.sub(r"\s*\n\s*", "", found[1]) if found else ""
    return Markup(f'<svg class="bi" viewBox="0 0 16 16" aria-hidden="true">{inner}</svg>')  # noqa: S704 (our own file)


def symbol(svg: str, name: str) -> Markup:
    """A stored drawing (``<svg viewBox=…>`` or ``<symbol …>``) as ``<symbol id=name>`` for the page's sprite.

    Drawings are checked and written anew when they are stored (``tenants.drawings``), so they are markup here.
    """
    text = str(svg or "").strip()
    box = re.search(r'viewBox="([^"]+)"', text)
    body = re.fullmatch(r"<(svg|symbol)\b[^>]*>(.*)</\1>", text, re.DOTALL)
    if not body or not box:
        return Markup("")
    return Markup(f'<symbol id="{escape(name)}" viewBox="{box[1]}">{body[2]}</symbol>')  # noqa: S704 (checked when stored)


def drawing(svg: str, css: str = "") -> Markup:
    """A stored drawing printed in place with class ``css`` and hidden from screen readers."""
    made = symbol(svg, "x")
    inner = re.fullmatch(r'<symbol id="x" viewBox="([^"]+)">(.*)</symbol>', str(made), re.DOTALL)
    if not inner:
        return Markup("")
    box, body = inner.groups()
    return Markup(f'<svg class="{escape(css)}" viewBox="{box}" aria-hidden="true">{body}</svg>')  # noqa: S704 (as above)


def csp_nonce() -> str:
    """This response's nonce; the edge prints the same one into the Content-Security-Policy header."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def asset(name: str) -> str:
    """The URL of a static file with its fingerprint, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_fingerprint(name, current_app.debug))


def _fingerprint(name: str, fresh: bool) -> str:
    return _digest.__wrapped__(name) if fresh else _digest(name)


@cache
def _digest(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def link(*endpoints: str, **values: Any) -> str:
    """The URL of the first of ``endpoints`` that this program has, else "": a menu leaves out what is absent."""
    for endpoint in endpoints:
        try:
            return site_url(endpoint, **values)
        except BuildError:
            continue
    return ""


def page_lang() -> str:
    """The value of ``<html lang>``."""
    return LANGUAGE_TAGS.get(str(get_locale() or ""), "zh-CN")


def gap() -> str:
    """What stands between two sentences: nothing in Chinese, whose full stop is wide enough, else a blank."""
    return "" if page_lang().startswith("zh") else " "


def _local(moment: datetime | date) -> datetime | date:
    return clock.local(moment) if isinstance(moment, datetime) else moment


def weekday(moment: datetime | date) -> str:
    """周一 … 周日."""
    return str(gettext(WEEKDAYS[_local(moment).weekday()]))


def _plain_day(moment: datetime | date) -> str:
    there = _local(moment)
    if there.year == clock.today().year:
        return str(gettext("%(month)s月%(day)s日", month=there.month, day=there.day))
    return str(gettext("%(year)s年%(month)s月%(day)s日", year=there.year, month=there.month, day=there.day))


def day(moment: datetime | date | None, *, week: bool = True) -> str:
    """11月20日 周五 (another year in front of it); ``week=False`` leaves the weekday out; empty for None."""
    if moment is None:
        return ""
    return f"{_plain_day(moment)} {weekday(moment)}" if week else _plain_day(moment)


def hour(moment: datetime | None) -> str:
    """14:30 in Asia/Shanghai; empty for None."""
    return clock.local(moment).strftime("%H:%M") if moment else ""


def daytime(moment: datetime | None) -> str:
    """11月20日 周五 14:30; empty for None."""
    return f"{day(moment)} {hour(moment)}" if moment else ""


def ago(moment: datetime | date | None) -> str:
    """今天 08:40, 昨天 19:30, 明天 14:30, otherwise 11月13日; empty for None. A plain date gets no hour."""
    if moment is None:
        return ""
    there = _local(moment)
    on = there.date() if isinstance(there, datetime) else there
    words = {-1: N_("昨天"), 0: N_("今天"), 1: N_("明天")}
    word = words.get((on - clock.today()) // timedelta(days=1))
    if word is None:
        return _plain_day(moment)
    return f"{gettext(word)} {there:%H:%M}" if isinstance(there, datetime) else gettext(word)


def money(fen: int | None) -> str:
    """3,200 元 from 320000 fen, 12.50 元 from 1250; a dash for None."""
    if fen is None:
        return "—"
    yuan, rest = divmod(abs(fen), 100)
    amount = f"{yuan:,}" + (f".{rest:02d}" if rest else "")
    return str(gettext("%(amount)s 元", amount=("−" if fen < 0 else "") + amount))


def exact(fen: int | None) -> str:
    """4,800.00 元 from 480000 fen, as an account is read; a dash for None."""
    if fen is None:
        return "—"
    amount = f"{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
    return str(gettext("%(amount)s 元", amount=("−" if fen < 0 else "") + amount))


def _tenths(numerator: int, denominator: int) -> int:
    return (numerator * 2000 + denominator) // (2 * denominator)


def percent(numerator: int | None, denominator: int | None) -> str:
    """64.7%: one decimal, half up, whole numbers without it; a dash where there is nothing to divide by."""
    if not denominator or numerator is None:
        return "—"
    whole, tenth = divmod(_tenths(numerator, denominator), 10)
    return f"{whole}.{tenth}%" if tenth else f"{whole}%"


def share(numerator: int, denominator: int) -> str:
    """The width of a bar as an SVG percentage, 0 % to 100 %."""
    if denominator <= 0:
        return "0%"
    tenths = min(1000, max(0, _tenths(numerator, denominator)))
    return f"{tenths // 10}.{tenths % 10}%"


def masked_name(name: str | None, gender: str | None = None) -> str:
    """张女士, 张先生, or 张某 where the gender is not known; 一位居民 for an empty name.

    ``gender`` is ``"female"`` or ``"male"``. A given name never leaves the page.
    """
    text = (name or "").strip()
    if not text:
        return str(gettext("一位居民"))
    return str(gettext(COURTESY.get(gender or "", SOMEBODY), surname=surname_of(text)))


def code3(code: str | int | None) -> str:
    """A tracking code read in threes: 402 618 375 012."""
    digits = re.sub(r"\D", "", str(code or ""))
    return " ".join(digits[i : i + 3] for i in range(0, len(digits), 3))


def say(reason: str | None, values: Mapping[str, object] | None = None) -> str:
    """A reason of a rule in the reader's language; the values are filled in after translating."""
    if not reason:
        return ""
    translated = str(gettext(reason))
    return translated % {key: _said(value) for key, value in values.items()} if values else translated


def _said(value: object) -> object:
    # A rule names roles, stages and needs in its values, one or a row of them, and cannot know who will read them.
    # What the catalogue does not know is somebody's own words, and stays whole: its marks may be part of a name.
    if not isinstance(value, str) or not value or str(get_locale() or "zh_Hans").startswith("zh_Hans"):
        return value
    parts = value.split("、")
    translated = [str(gettext(part)) for part in parts]
    return listed(translated) if all(a != b for a, b in zip(parts, translated, strict=True)) else gettext(value)
