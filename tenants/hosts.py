"""Which host is whose, and the one function that makes a URL.

``<slug>.BASE`` is a community, ``BASE`` itself the street. With ``TENANT_BY=path`` the same program answers under
``/c/<slug>/``. Flask's own subdomain matching is not used: it serves foreign hosts as a tenant named ``<invalid>``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from .database import db
from .registry import Community, Street
from .scope import Scope, bound
from .slugs import RESERVED, SLUG

#: A changed name or brand shows everywhere after this many seconds.
CACHE_SECONDS = 20.0


@dataclass(frozen=True)
class Site:
    """What one host is: the street (``slug`` empty) or one community's hall."""

    kind: str
    host: str
    street_id: int
    street_name: str
    street_short: str
    street_phone: str
    community_id: int | None = None
    slug: str = ""
    code: str = ""
    name: str = ""
    hall: str = ""
    motto: str = ""
    phone: str = ""
    address: str = ""
    hours: str = ""
    brand: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    suspended_at: datetime | None = None
    suspended_reason: str = ""

    @property
    def scope(self) -> Scope:
        """The binding that this host gives to a request."""
        return Scope(self.kind, street=self.street_id, community=self.community_id)


class Unknown(LookupError):
    """No hall stands behind this host (404)."""


class Archived(Unknown):
    """A hall stood behind this host and was closed for good (410); ``street`` is whom to ask."""

    def __init__(self, street: Site, name: str) -> None:
        super().__init__(name)
        self.street = street
        self.name = name


class Suspended(LookupError):
    """The hall behind this host is paused by the street (503)."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.slug)
        self.site = site


class Foreign(LookupError):
    """The host is not one of ours at all (421)."""


def bases(app: Flask) -> list[str]:
    """The base hosts served, with port, as configured."""
    return [base.strip().lower() for base in str(app.config["BASE_HOST"]).split(",") if base.strip()]


def split_host(app: Flask, host: str) -> tuple[str, str]:
    """``nanyandao.localhost:8000`` → ``("localhost", "nanyandao")``; raises :class:`Foreign`."""
    name = host.lower().rsplit(":", 1)[0] if not host.endswith("]") else host
    for base in bases(app):
        bare = base.rsplit(":", 1)[0]
        if name == bare:
            return bare, ""
        if name.endswith("." + bare):
            return bare, name[: -len(bare) - 1]
    raise Foreign(host)


class PathPrefix:
    """WSGI: move ``/c/<slug>`` from the path into ``SCRIPT_NAME``, so every URL of the request carries it."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]]) -> None:
        self.wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/c/"):
            slug, _slash, rest = path[3:].partition("/")
            # An address typed without the last stroke means the hall's front page too.
            if SLUG.match(slug):
                environ["yiqilai.slug"] = slug
                environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/c/{slug}"
                environ["PATH_INFO"] = "/" + rest
        return self.wsgi(environ, start)


def site_of_request() -> Site:
    """The site behind the current request; raises :class:`Foreign` or :class:`Unknown`."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    host, slug = split_host(app, request.host)
    if app.config["TENANT_BY"] == "path":
        if slug:
            raise Unknown(request.host)
        slug = request.environ.get("yiqilai.slug", "")
    return find_site(app, host, slug)


def find_site(app: Flask, host: str, slug: str = "") -> Site:
    """Look a site up, through a short cache; raises :class:`Unknown`."""
    if slug and (slug in RESERVED or not SLUG.match(slug)):
        raise Unknown(slug)
    cache: dict[tuple[str, str], tuple[float, Site]] = app.extensions.setdefault("tenants.sites", {})
    kept = cache.get((host, slug))
    if kept and time.monotonic() - kept[0] < CACHE_SECONDS:
        return kept[1]
    try:
        site = _read_site(host, slug)
    except OperationalError:
        # While the database is away a page that says so should still be this hall's own.
        if kept is None:
            raise
        return kept[1]
    cache[(host, slug)] = (time.monotonic(), site)
    return site


def forget_sites(app: Flask) -> None:
    """Drop the cache of this process after a hall changed its own record."""
    app.extensions.pop("tenants.sites", None)


def _read_site(host: str, slug: str) -> Site:
    with bound(Scope("door", host=host)), db.engines[None].begin() as conn:
        row = conn.execute(select(Street.__table__).where(Street.host == host)).one_or_none()
    if row is None:
        raise Unknown(host)
    street = Site(
        "street", host, row.id, row.name, row.short, row.phone, name=row.name, brand=row.brand, settings=row.settings
    )
    return _read_community(street, slug) if slug else street


def _read_community(street: Site, slug: str) -> Site:
    with bound(Scope("door", street=street.street_id, slug=slug)), db.engines[None].begin() as conn:
        table = Community.__table__
        row = conn.execute(select(table).where(table.c.slug == slug)).one_or_none()
    if row is None:
        raise Unknown(slug)
    if row.closed_at is not None:
        raise Archived(street, row.name)
    return replace(
        street,
        kind="community",
        community_id=row.id,
        slug=row.slug,
        code=row.code,
        name=row.name,
        hall=row.hall,
        motto=row.motto,
        phone=row.phone,
        address=row.address,
        hours=row.hours,
        brand=row.brand,
        settings=row.settings,
        suspended_at=row.suspended_at,
        suspended_reason=row.suspended_reason,
    )


def site_root(app: Flask, slug: str = "", host: str = "") -> str:
    """``http://nanyandao.localhost:8000`` or ``http://localhost:8000/c/nanyandao``; ``host`` picks one of our bases."""
    scheme = app.config["PREFERRED_URL_SCHEME"]
    base = next((b for b in bases(app) if b.rsplit(":", 1)[0] == host), bases(app)[0])
    if not slug:
        return f"{scheme}://{base}"
    if app.config["TENANT_BY"] == "path":
        return f"{scheme}://{base}/c/{slug}"
    return f"{scheme}://{slug}.{base}"


def site_url(endpoint: str, *, slug: str | None = None, external: bool = False, **values: Any) -> str:
    """The one maker of URLs: relative inside this site, absolute for another site or where there is no request.

    ``slug=None`` means this site, ``slug=""`` the street, anything else that community's hall.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    here: Site | None = getattr(g, "site", None)
    if has_request_context() and not external and (slug is None or (here and slug == here.slug)):
        return str(url_for(endpoint, **values)) if values else _plain_url(app, endpoint)
    wanted = slug if slug is not None else (here.slug if here else "")
    path = app.url_map.bind(bases(app)[0]).build(endpoint, values)
    return site_root(app, wanted, here.host if here else "") + str(path)


def _plain_url(app: Flask, endpoint: str) -> str:
    """The URL of a page that takes no values, inside this site: every page names thirty of these, always the same."""
    kept: dict[tuple[str, str], str] = app.extensions.setdefault("tenants.urls", {})
    root = request.script_root
    found = kept.get((root, endpoint))
    if found is None:
        found = kept[root, endpoint] = str(url_for(endpoint))
    return found
