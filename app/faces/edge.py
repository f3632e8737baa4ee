"""The edge that all faces share: language, elder mode, headers, limits, error pages, probes, page context."""

from __future__ import annotations

import re
from typing import Any

import structlog
from flask import Flask, current_app, g, has_request_context, make_response, render_template, request, session
from flask_babel import gettext, refresh
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException, SecurityError

from app.errors import DomainError, Missing, NotAllowed, Refused
from app.faces import away, limits, visitor
from app.faces.context import ELDER, elder_came_along, page_context
from app.faces.look import say
from app.faces.pages import address_parts
from app.faces.probes import healthz, readyz
from app.faces.too_fast import too_fast
from app.faces.translating import init_translating
from app.faces.typed import TypedRequest
from app.words import N_
from tenants.database import db
from tenants.faults import places_of
from tenants.hosts import Archived, Foreign, Site, Suspended, Unknown

log = structlog.get_logger()
LANGUAGE_COOKIE = "language"
#: Addresses of papers: files of the office and sheets for the printer, the board and the wall.
PAPER = re.compile(
    r"\.(docx|xlsx|csv|svg)$|/(print|paper|sheets?|slips?|poster|wall|card|csv|xlsx|notice|register-sheet"
    r"|rights-notice|survey-sheets|household-slips|venue-posters)(/\d+)*$"
)
ELDER_COOKIE = ELDER
YEAR = 365 * 24 * 3600


def init_edge(app: Flask) -> None:
    """Hang everything of the edge on the program."""
    app.request_class = TypedRequest
    init_translating(app)
    visitor.init_visitor(app)
    limits.init_limits(app)
    app.before_request(_start)
    app.after_request(_headers)
    app.after_request(_keep_elder)
    app.context_processor(page_context)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    for error in (Refused, NotAllowed, Missing):
        app.register_error_handler(error, _domain_error)
    app.register_error_handler(Unknown, _unknown_hall)
    app.register_error_handler(Archived, _archived_hall)
    app.register_error_handler(Suspended, _suspended_hall)
    app.register_error_handler(Foreign, _foreign_host)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(IntegrityError, _second_click)
    app.register_error_handler(Exception, _broken)
    away.init_away(app, _broken, error_page, log)


def locale() -> str:
    """The reader's language: own choice, then the default; only known ones, since an unknown tag would be an error.

    What is printed, posted or filed speaks the office's language, whoever presses the button.
    """
    known = current_app.config["LANGUAGES"]
    is_read = has_request_context() and not PAPER.search(request.path)
    chosen = request.cookies.get(LANGUAGE_COOKIE) if is_read else None
    return chosen if chosen in known else str(current_app.config["BABEL_DEFAULT_LOCALE"])


def _start() -> None:
    g.slow_down = limits.slow_down
    site: Site | None = getattr(g, "site", None)
    structlog.contextvars.bind_contextvars(hall=site.slug if site else "")
    refresh()


def _headers(response: Any) -> Any:
    nonce = g.get("csp_nonce")
    inline = f" 'nonce-{nonce}'" if nonce else ""
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src 'self'{inline}; style-src 'self'{inline}; img-src 'self' data: blob:; "
        "media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(self), camera=(self)")
    # Nobody else's page holds a handle on ours, and nobody else's page carries a picture or an answer of ours.
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        # Every host below ours is a hall of ours, also the ones that are opened later.
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store" if session else "private, no-cache")
    return response


def _keep_elder(response: Any) -> Any:
    """Who comes from another hall of the street in 关怀版 stays in it: the link says so, a choice made here wins."""
    if elder_came_along() and request.method == "GET" and response.mimetype == "text/html":
        response.set_cookie(
            ELDER_COOKIE, "on", max_age=YEAR, path=current_app.session_interface.get_cookie_path(current_app),
            samesite="Lax", httponly=True, secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )  # fmt: skip
    return response


def _domain_error(error: DomainError) -> Any:
    db.session.rollback()
    kinds = {
        Refused: (409, N_("这一步现在办不了")),
        NotAllowed: (403, N_("这一页不对您开放")),
        Missing: (404, N_("没找到")),
    }
    status, title = next(answer for kind, answer in kinds.items() if isinstance(error, kind))
    return error_page(status, gettext(title), say(error.reason, error.values), back=_page_before())


def _page_before() -> str:
    """The page of ours with the button that was refused; empty when it is unknown or cannot be asked for again."""
    before = address_parts(request.referrer or "")
    if request.method != "POST" or before.netloc != request.host or request.url_rule is None:
        return ""
    adapter = current_app.create_url_adapter(request)
    known = adapter is not None and adapter.test(before.path.removeprefix(request.script_root), method="GET")
    return before._replace(scheme="", netloc="", fragment="").geturl() if known else ""


def _unknown_hall(_error: Unknown) -> Any:
    return error_page(404, gettext("这里没有议事厅"), gettext("网址里的社区名字没找到，请从街道的首页进。"))


def _archived_hall(error: Archived) -> Any:
    street = error.street
    text = gettext("%(name)s的议事厅不再开了，从前办的事都留着。要问什么，请打街道的电话。", name=error.name)
    return error_page(410, gettext("这个议事厅已经关了"), text, phone=street.street_phone)


def _suspended_hall(error: Suspended) -> Any:
    # Nobody is bound here, so nobody can be looked up either. The reason is a sentence typed to be read on this page.
    visitor.be_nobody()
    text = gettext("街道先把这个厅停一停：%(reason)s。说过的事、办着的事都留着，开了接着办。急事请打街道的电话。",
                   reason=error.site.suspended_reason.rstrip("。"))  # fmt: skip
    return error_page(503, gettext("议事厅暂时停着"), text, phone=error.site.street_phone, kind="link")


def _foreign_host(_error: Foreign) -> Any:
    return error_page(421, gettext("走错门了"), gettext("这个网址不归本平台管。"))


def _stale_form(_error: CSRFError) -> Any:
    return error_page(400, gettext("这一页放得太久了"), gettext("请退回上一页，刷新一下再交。写的内容还在上一页里。"))


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    if isinstance(error, limits.TooFast):
        return too_fast_page(error.seconds)
    if isinstance(error, SecurityError):
        # A foreign host was refused before routing: there is no hall, no session and no page to show.
        return gettext("这个网址不归本平台管。"), 400, {"Content-Type": "text/plain; charset=utf-8"}
    words = {
        404: (N_("没找到这一页"), N_("网址可能打错了，或者这一页不对您开放。")),
        405: (N_("没找到这一页"), N_("请从页面上的按钮进来。")),
        413: (N_("东西太大了"), N_("每张照片不超过 10 MB，一次最多 6 张。请换小一点的再交。")),
        429: (N_("慢一点"), N_("刚才交得太快了，请过一分钟再试。写的内容请先留着。")),
    }
    title, text = words.get(error.code or 500, (N_("这一步没办成"), N_("请退回上一页再试一次。")))
    return error_page(error.code or 500, gettext(title), gettext(text))


def too_fast_page(seconds: int) -> Any:
    """429: how long to wait, what else to do, and the form again with what was typed."""
    title, text, kept = too_fast(seconds)
    response = error_page(429, title, text, kept=kept)
    response.headers["Retry-After"] = str(seconds)
    return response


def _second_click(error: IntegrityError) -> Any:
    # Two clicks at once carry the same row's id: the database lets the first one in, and the second is told so.
    state = getattr(error.orig, "sqlstate", "") if request.method == "POST" else ""
    if state == "23503":
        return _gone(error)
    if state != "23505":
        return _broken(error)
    db.session.rollback()
    return error_page(
        409, gettext("这一步刚才已经办过了"), gettext("像是点了两次，第一次已经办好。请退回上一页，刷新看看。")
    )


def _gone(error: IntegrityError) -> Any:
    # A form names a thing by its id, and by now there is none: taken away since the page was opened, or never there.
    log.warning("a form names what is not there", at=places_of(error))
    db.session.rollback()
    return error_page(409, gettext("这一步没办成"), gettext("请退回上一页，刷新一下再交。写的内容还在上一页里。"))


def _broken(error: Exception) -> Any:
    # The class and the places are logged, never values: an error text may quote a person's words, and a formatter that
    # prints the variables of each frame would print names, phones and passwords.
    log.error(
        "request failed", kind=type(error).__name__, path=request.url_rule.rule if request.url_rule else None,
        at=places_of(error),
    )  # fmt: skip
    try:
        db.session.rollback()
    except Exception:
        log.error("rollback failed")
    return error_page(500, gettext("这边出了点毛病"), gettext("不是您的错。请过一会儿再试，或者打社区电话。"))


def error_page(status: int, title: str, text: str, **more: Any) -> Any:
    """One page for everything that did not work: what happened, what to do, whom to call, a short code for staff."""
    page = render_template("error.html", status=status, title=title, text=text, code=g.get("request_id", ""), **more)
    response = make_response(page, status)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response
