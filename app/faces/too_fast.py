"""What somebody reads who knocked too often: how long, what else to do, and their own words, still there to hand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask import g, request
from flask_babel import gettext as _

from app.faces.look import link
from app.faces.visitor import visitor

#: Nothing that opens a door comes back on a page; it is typed anew. A form of passwords has nothing else to keep.
SECRET = re.compile(r"code|^csrf_token$")
PASSWORDS = frozenset({"password", "old", "new", "again"})
#: What no form of ours is as long as; a page is not made of somebody's megabyte.
MOST = 30_000
LONG = 40


@dataclass
class Kept:
    """A form to be handed in once more: ``shown`` are the words to read and change, ``hidden`` the rest."""

    action: str
    shown: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    had_files: bool = False


def too_fast(seconds: int) -> tuple[str, str, Kept | None]:
    """Title, text and the kept form (None where there is nothing worth keeping)."""
    minutes = -(-seconds // 60)
    text = [_("刚才从这儿交得太快太多了，请等 %(n)s 分钟再交。", n=minutes)]
    if visitor() is None and link("community.join") and g.site.kind == "community":
        text.append(_("用户码登录过的，不跟别人一起排。"))
    text.append(_("事情急，打社区电话，或者写张纸条投进信箱，一样算数。"))
    return _("慢一点"), "".join(text), kept_form()


def kept_form() -> Kept | None:
    """The form of this request to be handed in once more; None where nothing was typed, or passwords were."""
    if request.method != "POST":
        return None
    fields = list(request.form.items(multi=True))
    if PASSWORDS & {name for name, _value in fields}:
        return None
    fields = [(name, value) for name, value in fields if not SECRET.search(name)]
    if not any(value.strip() for _name, value in fields) or sum(len(value) for _n, value in fields) > MOST:
        return None
    kept = Kept(request.script_root + request.path, had_files=any(upload.filename for upload in _uploads()))
    for name, value in fields:
        is_long = len(value) >= LONG or "\n" in value or name == "words"
        (kept.shown if is_long else kept.hidden).append((name, value))
    return kept


def _uploads() -> list[Any]:
    return [upload for name in request.files for upload in request.files.getlist(name)]
