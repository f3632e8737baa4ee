"""What people read while something below the program is away: the database, the queue's store, room on the disk.

Nothing that was typed is lost with it: the page carries the form again, with the id of the first try, so handing it in
once more can never make a second row. None of this asks the database anything.
"""

from __future__ import annotations

import errno
from typing import Any
from urllib.parse import quote

from flask import Flask, make_response, request
from flask_babel import gettext as _
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.faces import visitor
from app.faces.too_fast import kept_form
from tenants.database import db

#: Seconds after which a browser or a proxy may ask again.
RETRY_AFTER = 10
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
#: PostgreSQL's codes for the same: disk_full, and what a failed write to its own files says.
FULL_DATABASE = ("53100", "58030")


def init_away(app: Flask, broken: Any, error_page: Any, log: Any) -> None:
    """Hang the answers on the program; ``broken`` answers what is none of these."""

    def answer(error: Exception) -> Any:
        if not is_away(error):
            return broken(error)
        _let_go()
        try:
            log.warning("something below is away", kind=type(error).__name__, full=is_full(error))
        except OSError:
            # A log on the full disk is no reason to leave somebody without an answer.
            pass
        return _page(error, error_page)

    for kind in (OperationalError, InterfaceError, PendingRollbackError, DBAPIError, PoolTimeout, RedisError, OSError):
        app.register_error_handler(kind, answer)


def is_away(error: Exception) -> bool:
    """Whether waiting will help, as opposed to a fault of ours."""
    if isinstance(error, OSError):
        return is_full(error)
    if isinstance(error, (OperationalError, InterfaceError, PendingRollbackError, PoolTimeout, RedisError)):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_full(error: BaseException) -> bool:
    """Whether there is no room left to write to."""
    if isinstance(error, OSError):
        return error.errno in FULL_DISK
    said = str(error) if isinstance(error, RedisError) else ""
    return getattr(getattr(error, "orig", None), "sqlstate", "") in FULL_DATABASE or said.startswith("MISCONF")


def _let_go() -> None:
    # Whoever is signed in stays so by the cookie; asking the database who that is would only fail a second time.
    visitor.be_nobody()
    try:
        db.session.rollback()
    except Exception:
        db.session.remove()


def _same_page() -> list[dict[str, str]]:
    """The way back to the page that was asked for: whoever was sent on to it need not know its address."""
    if request.method != "GET":
        return []
    # Two strokes at the beginning would name another house.
    here = request.script_root + "/" + quote(request.path.lstrip("/\\"))
    asked = request.query_string.decode("ascii", "replace")
    return [{"label": _("再试一次"), "url": f"{here}?{asked}" if asked else here, "icon": "arrow-repeat"}]


def _page(error: Exception, error_page: Any) -> Any:
    title, text = _("请过一会儿再试"), _("后台正在恢复，多半不到一分钟就好，不用重新登录。")
    if is_full(error):
        title = _("现在只能看，不能交")
        text = _("存东西的地方满了，正在清理，以前的都好好的。请过一会儿再交，急事请打社区电话。")
    try:
        response = error_page(503, title, text, kept=kept_form(), actions=_same_page())
    except Exception:
        # The page itself may need what is away; two plain sentences never do.
        response = make_response(f"{title}\n{text}\n", 503)
        response.mimetype = "text/plain"
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
