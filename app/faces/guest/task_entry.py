"""How the owner of one task comes in by link: the secret is looked up alone, then the binding narrows to the task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, make_response, render_template
from flask_babel import gettext as _

from app.faces.guest.entry import bind, quiet
from app.faces.limits import may_guess, wrong_guess
from app.faces.visitor import be_nobody
from app.flow.implement import links
from app.flow.implement.link_rules import Way
from app.words import N_

#: What a page says when a link opens nothing: status, title, text. None of them tells anything of the task.
CLOSED_DOORS: dict[Way, tuple[int, str, str]] = {
    Way.UNKNOWN: (404, N_("这个链接打不开"), N_("可能少抄了一个字，也可能不是发给本社区的。请再看看，或打个电话。")),
    Way.EXPIRED: (410, N_("这个链接到期了"), N_("事情还没办完的话，请社区再给您一个。")),
    Way.REVOKED: (410, N_("这个链接收回了"), N_("社区收回了这个链接，可能另发了一个新的给您。请打个电话问问。")),
    Way.OVER: (410, N_("这一项已经不用再报了"), N_("办好的已经核验过，或者不用办了。谢谢您。")),
}  # fmt: skip


@dataclass
class Entry:
    """What one secret opens; ``opened`` is None where the door stays shut."""

    way: Way
    opened: links.Opened | None = None


def enter(secret: str, now: datetime) -> Entry:
    """Resolve a secret; afterwards the request is bound to its one task, or to nothing but the secret itself."""
    be_nobody()
    mark = links.fingerprint(secret)
    bind(mark)
    link = links.task_behind(mark)
    if link is None:
        # Whoever holds a good link is never shut out by somebody who guesses from the same address.
        if not may_guess("task"):
            abort(429)
        wrong_guess("task")
        return Entry(Way.UNKNOWN)
    bind(mark, link.matter_id, link.commitment_id)
    opened = links.opened_by(mark)
    if opened is None:
        return Entry(Way.UNKNOWN)
    return Entry(links.standing(opened.link, opened.task, opened.matter, now), opened)


def closed_door(way: Way) -> Any:
    """The kind, clear page for a link that opens nothing."""
    status, title, text = CLOSED_DOORS[way]
    page = render_template("error.html", status=status, title=_(title), text=_(text), kind="link", code="")
    return quiet(make_response(page, status))
