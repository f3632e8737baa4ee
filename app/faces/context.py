"""What every page may rely on: the hall, the person, elder mode, our own ``url``, the menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from markupsafe import Markup

from app import clock
from app.faces.visitor import visitor
from tenants.brand import Brand, to_css
from tenants.hosts import Site, site_url

#: A face adds the maker of its menu here when its doors are opened: ``site kind → () -> list of dict``.
MENUS: dict[str, Callable[[], list[dict[str, Any]]]] = {}


#: The cookie of 关怀版; a link to another hall of the street carries the same word, since a cookie stays with its host.
ELDER = "elder"


def elder_came_along() -> bool:
    """Whether a link from another hall asks for 关怀版 and the person chose nothing here yet."""
    return ELDER not in request.cookies and request.args.get(ELDER) == "on"


def is_elder() -> bool:
    """Whether this page is shown in 关怀版."""
    return request.cookies.get(ELDER) == "on" or elder_came_along()


def across(url: str) -> str:
    """A link to another site of the street that takes 关怀版 along."""
    return f"{url}{'&' if '?' in url else '?'}{ELDER}=on" if is_elder() else url


@dataclass(frozen=True)
class Look:
    """A brand made ready for the page; ``of`` is the record it was made from."""

    of: dict[str, Any] | None
    lead: str
    css: Markup
    mark: Markup
    scene: Markup


def _look_of(site: Site) -> Look:
    """Made once for each change of the hall's record: every page asks, and drawings are checked at length."""
    if not site.brand:
        return Look(None, "", Markup(), Markup(), Markup())
    kept: dict[tuple[str, str], Look] = current_app.extensions.setdefault("looks", {})
    look = kept.get((site.host, site.slug))
    if look is None or look.of != site.brand:
        brand = Brand.from_dict(site.brand)
        # What is printed as it stands was made safe by ``tenants.brand``.
        parts = (to_css(brand, ":root"), brand.mark_svg, brand.scene_svg)
        look = kept[site.host, site.slug] = Look(site.brand, brand.lead, *(Markup(part) for part in parts))  # noqa: S704
    return look


class Hall:
    """The site as templates see it."""

    def __init__(self, site: Site) -> None:
        look = _look_of(site)
        self.kind = site.kind
        self.slug = site.slug
        self.name = site.hall or site.name
        self.community_name = site.name if site.kind == "community" else ""
        self.street_name = site.street_name
        self.motto = site.motto
        self.lead = look.lead
        self.phone = site.phone
        self.street_phone = site.street_phone
        self.hours = site.hours
        self.venue = site.address
        self.brand_css = look.css
        self.mark_svg = look.mark
        self.scene_svg = look.scene

    @property
    def home_url(self) -> str:
        """The hall's or the street's first page."""
        return site_url(f"{self.kind}.home")

    @property
    def street_url(self) -> str:
        """The street's first page."""
        return across(site_url("street.home", slug=""))


def _page_here() -> str:
    """The path to come back to. The answer to a POST stands at an address that may have no page of its own; then it
    is the nearest page above it, so that the switch for elders never leads to a dead end."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    urls, path = current_app.url_map.bind(""), request.path
    while path and not urls.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def page_context() -> dict[str, Any]:
    """Handed to every template."""
    site: Site | None = getattr(g, "site", None)
    here = Hall(site) if site else None
    return {
        "hall": here,
        "me": visitor() if here and g.get("binding") else None,
        "url": site_url,
        "elder": is_elder(),
        "now": clock.now(),
        "menu": MENUS.get(here.kind, list)() if here and g.get("wants_menu") else [],
        "here": request.script_root + _page_here(),
    }
