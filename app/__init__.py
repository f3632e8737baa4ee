"""The program: rooms of the field below, faces above. ``create_app`` is the one composition root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import clock, config
from app.faces.fresh import init_fresh
from app.faces.logs import init_logs
from app.faces.metrics import Metrics
from app.faces.routing import LateRule
from app.faces.tracing import init_tracing, watch_statements
from tenants.binding import init_binding
from tenants.database import init_database
from tenants.hosts import PathPrefix, bases
from tenants.queue import init_queue


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the program from the environment; ``overrides`` are for tests."""
    app = Flask(__name__)
    app.url_rule_class = LateRule
    app.config.update(config.from_environment())
    app.config.update(overrides or {})
    app.config["TRUSTED_HOSTS"] = [host for base in bases(app) for host in _trusted(base)]
    init_logs(app)
    clock.init_clock(app)
    init_tracing(app)
    init_database(app)
    watch_statements(app)
    init_queue(app)
    init_binding(app)
    CSRFProtect(app)
    # The residents' pages have a budget over the wire, and the program also serves an office without a proxy before it.
    Compress(app)
    init_fresh(app)
    _open_faces(app)
    if app.config["TRUST_PROXY"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    if app.config["TENANT_BY"] == "path":
        app.wsgi_app = PathPrefix(app.wsgi_app)  # type: ignore[method-assign]
    # Outermost, so that it sees who is really connected.
    app.wsgi_app = Metrics(app, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _trusted(base: str) -> tuple[str, str]:
    bare = base.rsplit(":", 1)[0]
    return bare, "." + bare


def _open_faces(app: Flask) -> None:
    # Faces are imported here and nowhere else: they are the top floor, and importing the package must stay cheap.
    from app import models  # noqa: F401  (mapped tables must be known before the first query)
    from app.faces import cli, community, edge, guest, look, street
    from app.notices.code_by_sms import CodeBySms

    app.extensions["phone_codes.channel"] = CodeBySms(clock.now)
    Babel(app, locale_selector=edge.locale)
    look.init_look(app)
    edge.init_edge(app)
    for face in (community, street, guest):
        face.open_doors(app)
    cli.init_cli(app)
