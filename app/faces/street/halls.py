"""Doors of the street: opening a hall with its first key, and pausing, closing and restoring the halls it has.

The first password of a secretary is shown once, on the answer to the POST that made it, and is nowhere else.
"""

from __future__ import annotations

from typing import Any

from flask import after_this_request, current_app, flash, redirect, request
from flask_babel import gettext as _
from markupsafe import Markup

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.inputs import last_page, page_number, take_back, tell, tidy
from app.faces.pages import desk
from app.faces.street.hall_forms import (
    ClosingForm,
    HallForm,
    LooksForm,
    PauseForm,
    SecretaryForm,
    looks_of,
    offer_change,
    offer_packs,
    wanted,
)
from app.faces.visitor import actor
from app.people import hall_rules as rules
from app.people import halls as rooms
from app.people.permissions import Permission
from tenants.brand import Brand, load_pack, to_css
from tenants.hosts import forget_sites, site_root, site_url
from tenants.registry import Community

#: The preview is a block of its own on the page, so its colours never touch the desk around it.
PREVIEW = ".h-tryout"


def halls() -> str:
    """Every hall with its state and its days; filters stay."""
    state = request.args.get("state", "")
    state = state if state in rooms.STATES else ""
    words, page = tidy(request.args.get("q"))[:40], page_number()
    rows, total = rooms.halls_page(state=state, words=words, page=page)
    kept = {name: value for name, value in {"state": state, "q": words}.items() if value}
    return desk(
        "street/halls.html", "halls", rows=[_line(row) for row in rows], total=total, state=state, words=words,
        page=page, last=last_page(total, rooms.PAGE), url_of=lambda n: site_url("street.halls", page=n, **kept),
        states=[(key, _(label)) for key, label in rooms.STATES.items()],
    )  # fmt: skip


def _line(hall: Community) -> dict[str, Any]:
    return {
        "slug": hall.slug, "name": hall.name, "hall": hall.hall, "code": hall.code, "opened_at": hall.opened_at,
        "suspended_at": hall.suspended_at, "closed_at": hall.closed_at, "reason": hall.suspended_reason,
    }  # fmt: skip


def hall_new() -> str:
    """The form of a new hall."""
    return _new(HallForm(formdata=None), load_pack("default"), is_tried=False)


def _new(form: HallForm, shown: Brand, *, is_tried: bool) -> str:
    offer_packs(form, rooms.names_taken()[0])
    return desk(
        "street/hall_new.html", "halls", form=form, shown=shown, is_tried=is_tried, css=_css(shown),
        address=_address("xingfuli"), hall_name=form.hall.data or shown.hall, motto=form.motto.data or shown.motto,
        community=form.name.data or _("幸福里社区"),
    )  # fmt: skip


def _css(brand: Brand) -> Markup:
    return Markup(to_css(brand, PREVIEW))  # noqa: S704  (tenants.brand made it safe)


def _address(slug: str) -> str:
    return site_root(current_app, slug)  # type: ignore[arg-type]


def hall_draft() -> Any:
    """The form again with its looks tried on; nothing is stored and nothing but the looks is judged."""
    form = HallForm()
    offer_packs(form, rooms.names_taken()[0])
    shown = looks_of(form)
    return _new(form, shown or load_pack("default"), is_tried=shown is not None), 200 if shown else 422


def hall_check() -> Any:
    """Everything once more before the hall opens: name in addresses and code can never be changed afterwards."""
    form = HallForm()
    offer_packs(form, rooms.names_taken()[0])
    found = wanted(form)
    if found is None:
        return _new(form, looks_of(form) or load_pack("default"), is_tried=True), 422
    return desk(
        "street/hall_check.html", "halls", hall_form=form, wanted=found, shown=found.brand, css=_css(found.brand),
        address=_address(found.slug), number=f"{found.code} {clock.today().year}-001",
    )  # fmt: skip


def hall_add() -> Any:
    """Open it and show the first key. A second click finds it open and says where another key is made."""
    form = HallForm()
    offer_packs(form, rooms.names_taken()[0])
    if form.slug.data in rooms.names_taken()[0]:
        flash(_("这个厅已经开好了。第一次的密码没抄下来，就在这一页另加一位书记。"), "soon")
        return redirect(site_url("street.hall", hall_slug=form.slug.data), 303)
    found = wanted(form)
    if found is None:
        return _new(form, looks_of(form) or load_pack("default"), is_tried=True), 422
    try:
        key = rooms.open_hall(found, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "slug", error)
        return _new(form, found.brand, is_tried=True), 422
    return key_page(key, found.name, is_new=True)


def key_page(key: rooms.Key, community: str, *, is_new: bool) -> str:
    _forget()
    return desk(
        "street/hall_key.html", "halls", key=key, community=community, address=_address(key.slug), is_new=is_new
    )


def _forget() -> None:
    """This process knows the hall's new state at once, the others within the cache's seconds."""

    @after_this_request
    def drop(response: Any) -> Any:
        forget_sites(current_app)  # type: ignore[arg-type]
        return response


def hall(hall_slug: str) -> str:
    """One hall: what it is, and what the street may do with it."""
    return _one(rooms.find_hall(hall_slug))


def _one(hall: Community, key: SecretaryForm | None = None, looks: LooksForm | None = None) -> str:
    is_asked = looks is None
    looks = looks or LooksForm(formdata=None)
    offer_change(looks, rooms.names_taken()[0], rooms.brand_of(hall), is_asked=is_asked)
    return desk(
        "street/hall_one.html", "halls", one=_line(hall) | {"phone": hall.phone, "place": hall.address},
        address=_address(hall.slug), form=key or SecretaryForm(formdata=None, login=""), looks=looks,
    )  # fmt: skip


def hall_looks(hall_slug: str) -> Any:
    """Give the hall other looks."""
    hall, form = rooms.find_hall(hall_slug), LooksForm()
    own = rooms.brand_of(hall)
    offer_change(form, rooms.names_taken()[0], own, is_asked=False)
    form.validate()
    brand = looks_of(form, own)
    if brand is None:
        return _one(hall, looks=form), 422
    rooms.rebrand(hall, brand, by=actor(), now=clock.now())
    return _back(hall_slug, _("样子换好了，半分钟之内各处都换过来。"))


def _back(hall_slug: str, words: str) -> Any:
    _forget()
    flash(words, "ok")
    return redirect(site_url("street.hall", hall_slug=hall_slug), 303)


def hall_pausing(hall_slug: str) -> str:
    """Ask why before a hall is paused."""
    return _pausing(rooms.find_hall(hall_slug), PauseForm(formdata=None))


def _pausing(hall: Community, form: PauseForm) -> str:
    return desk("street/hall_pausing.html", "halls", one=_line(hall), form=form)


def hall_pause(hall_slug: str) -> Any:
    """Pause it."""
    hall, form = rooms.find_hall(hall_slug), PauseForm()
    fine = form.validate() and tell(form, "reason", rules.good_reason(form.reason.data))
    if not fine:
        return _pausing(hall, form), 422
    rooms.suspend(hall, form.reason.data, by=actor(), now=clock.now())
    return _back(hall_slug, _("厅停了，居民会看到为什么。"))


def hall_resume(hall_slug: str) -> Any:
    """Open a paused hall again."""
    rooms.resume(rooms.find_hall(hall_slug), by=actor(), now=clock.now())
    return _back(hall_slug, _("厅又开了，停着的时候攒下的事接着办。"))


def hall_closing(hall_slug: str) -> str:
    """Ask for the hall's name before it is closed."""
    return _closing(rooms.find_hall(hall_slug), ClosingForm(formdata=None))


def _closing(hall: Community, form: ClosingForm) -> str:
    return desk("street/hall_closing.html", "halls", one=_line(hall), form=form, address=_address(hall.slug))


def hall_close(hall_slug: str) -> Any:
    """Close it; every row is kept."""
    hall, form = rooms.find_hall(hall_slug), ClosingForm()
    verdict = rules.may_archive(closed=hall.closed_at is not None, slug=hall.slug, typed=form.typed.data or "")
    if not form.validate() or not tell(form, "typed", verdict):
        return _closing(hall, form), 422
    rooms.archive(hall, form.typed.data, by=actor(), now=clock.now())
    return _back(hall_slug, _("厅关了，东西都留着，要用随时恢复。"))


def hall_restore(hall_slug: str) -> Any:
    """Bring a closed hall back."""
    rooms.restore(rooms.find_hall(hall_slug), by=actor(), now=clock.now())
    return _back(hall_slug, _("厅恢复了。"))


W = Permission.STREET_COMMUNITY_WRITE
ONE = "/halls/<string:hall_slug>"
DOORS: list[Door] = [
    Door("GET", "/halls", halls, W),
    Door("POST", "/halls", hall_add, W),
    Door("GET", "/halls/new", hall_new, W),
    Door("POST", "/halls/new", hall_draft, W, name="hall_draft"),
    Door("POST", "/halls/check", hall_check, W),
    Door("GET", ONE, hall, W),
    Door("POST", f"{ONE}/looks", hall_looks, W),
    Door("GET", f"{ONE}/suspension", hall_pausing, W),
    Door("POST", f"{ONE}/suspension", hall_pause, W),
    Door("POST", f"{ONE}/resumption", hall_resume, W),
    Door("GET", f"{ONE}/closure", hall_closing, W),
    Door("POST", f"{ONE}/closure", hall_close, W),
    Door("POST", f"{ONE}/restoration", hall_restore, W),
]
