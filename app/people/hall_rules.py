"""Pure rules of opening, pausing and closing a hall (domain §8: addresses and codes of the street's communities)."""

from __future__ import annotations

from collections.abc import Collection

from app.errors import Verdict, no, yes
from app.words import N_
from tenants.slugs import CODE, RESERVED, is_slug

NAME, REASON, PHONE, PLACE = 20, 200, 30, 80


def good_slug(slug: str, taken: Collection[str]) -> Verdict:
    """Whether a hall may stand under this name in addresses; ``taken`` are those of the street, closed ones too.

    Two communities that sound alike get a suffix: 富源 is ``fuyuan2`` where 福园 already is ``fuyuan``.
    """
    if slug in RESERVED:
        return no(N_("%(slug)s 是留给平台自己用的，换一个。"), slug=slug)
    if not is_slug(slug):
        return no(N_("网址名只用小写字母、数字和中间的短横，字母或数字开头，比如 xingfuli。"))
    if slug in taken:
        return no(
            N_("%(slug)s 已经有社区用了。读音一样的，后面加一点区分，比如 %(other)s。"), slug=slug,
            other=with_suffix(slug, taken),
        )  # fmt: skip
    return yes()


def with_suffix(slug: str, taken: Collection[str]) -> str:
    """``slug``, or with the first number behind it that is still free."""
    if slug not in taken:
        return slug
    stem = slug[:60]
    return next(f"{stem}{n}" for n in range(2, len(taken) + 3) if f"{stem}{n}" not in taken)


def good_code(code: str, taken: Collection[str]) -> Verdict:
    """Whether this may lead the numbers of a hall's matters and papers for good."""
    if not CODE.match(code):
        return no(N_("编号字头用 2 到 6 个大写字母，比如 NYD。"))
    if code in taken:
        return no(N_("字头 %(code)s 已经有社区用了，换一个。"), code=code)
    return yes()


def good_reason(words: str) -> Verdict:
    """Whether this says why a hall is paused; its residents read it."""
    if not words.strip():
        return no(N_("写一句为什么停，居民会看到。"))
    return yes() if len(words) <= REASON else no(N_("最多写 %(limit)s 个字，请写短一点。"), limit=REASON)


def may_suspend(*, suspended: bool, closed: bool) -> Verdict:
    """Whether an open hall stands there to be paused."""
    if closed:
        return no(N_("这个厅已经关了。"))
    return no(N_("这个厅已经停着了。")) if suspended else yes()


def may_resume(*, suspended: bool, closed: bool) -> Verdict:
    """Whether a paused hall stands there to be opened again."""
    if closed:
        return no(N_("这个厅已经关了，先恢复再说。"))
    return yes() if suspended else no(N_("这个厅没有停，正开着。"))


def may_archive(*, closed: bool, slug: str, typed: str) -> Verdict:
    """Whether a hall may be closed: whoever closes it types its name, so that no click alone ever does."""
    if closed:
        return no(N_("这个厅已经关了。"))
    return yes() if typed == slug else no(N_("要关这个厅，请把它的网址名 %(slug)s 一个字母不差地打进来。"), slug=slug)


def may_restore(*, closed: bool) -> Verdict:
    """Whether a closed hall stands there to be brought back."""
    return yes() if closed else no(N_("这个厅没有关。"))
