"""The forms in which the street opens a hall and gives it its looks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import ColorField, StringField

from app.errors import no
from app.faces.choosing import RadioField, SelectField
from app.faces.inputs import at_most, filled, tell, tidy
from app.faces.phrasing import aside
from app.people import desk, halls
from app.people import hall_rules as rules
from app.people.settings import dressed
from app.words import N_
from tenants.brand import BadColour, Brand, check, load_pack, packs, suggest

#: The pack of the street itself, and the one that every hall without a pack of its own wears.
STREET_PACK, DEFAULT_PACK = "street", "_default"
FIRST_COLOUR = "#0f5c5c"


class LooksForm(FlaskForm):
    """Looks from a pack, or from one colour."""

    look = RadioField(
        _l("厅的样子"), choices=[("pack", _l("用做好的样子")), ("colour", _l("挑一个颜色，自动配一套"))],
        default="pack", validate_choice=False,
    )  # fmt: skip
    pack = SelectField(_l("做好的样子"), validate_choice=False, default=DEFAULT_PACK)
    theme = ColorField(_l("主色"), default=FIRST_COLOUR)


class SecretaryForm(FlaskForm):
    """Who gets the first key."""

    secretary = StringField(_l("书记姓名"), [filled, at_most(desk.NAME)], [tidy])
    login = StringField(_l("登录名"), [filled, at_most(40)], [tidy], default="shuji")


class HallForm(LooksForm, SecretaryForm):
    """A hall to be opened."""

    name = StringField(_l("社区名"), [filled, at_most(rules.NAME)], [tidy])
    slug = StringField(_l("网址名"), [filled, at_most(63)], [tidy])
    code = StringField(_l("编号字头"), [filled, at_most(6)], [tidy])
    hall = StringField(_l("厅名"), [filled, at_most(20)], [tidy])
    motto = StringField(_l("口号"), [at_most(40)], [tidy])
    phone = StringField(_l("社区电话"), [filled, at_most(rules.PHONE)], [tidy])
    address = StringField(_l("议事的地方"), [at_most(rules.PLACE)], [tidy])
    hours = StringField(_l("开放时间"), [at_most(rules.PLACE)], [tidy])


class PauseForm(FlaskForm):
    """Why a hall is paused."""

    reason = StringField(_l("为什么停"), [at_most(rules.REASON)], [tidy])


class ClosingForm(FlaskForm):
    """The hall's name in addresses, typed by hand."""

    typed = StringField(_l("网址名"), [at_most(63)], [tidy])


@lru_cache(maxsize=1)
def _packs() -> tuple[tuple[str, str], ...]:
    """Slug and the hall's name of every pack; they are files of the program and never change while it runs."""
    return tuple((slug, load_pack(slug).hall) for slug in packs() if slug != STREET_PACK)


def offer_packs(form: LooksForm, taken: set[str]) -> None:
    """The street's common look, and packs that no hall of the street wears yet."""
    free = [(slug, aside(hall, slug)) for slug, hall in _packs() if slug not in taken]
    form.pack.choices = [(DEFAULT_PACK, _("街道统一的样子")), *free]


def offer_change(form: LooksForm, taken: set[str], own: Brand, *, is_asked: bool) -> None:
    """The same for a hall that has looks: nothing is chosen beforehand, so that one tap does not undress it."""
    offer_packs(form, taken)
    form.pack.choices = [("", _("请选")), *form.pack.choices]
    if is_asked:
        form.pack.data, form.theme.data = "", own.brand


def looks_of(form: LooksForm, own: Brand | None = None) -> Brand | None:
    """The looks as chosen, or None with the reasons at their fields; a colour alone changes what the hall wears."""
    if own is not None and not form.pack.data:
        if form.look.data != "colour":
            tell(form, "pack", no(N_("请选一样。")))
            return None
        brand = own
    else:
        is_common = form.pack.data == DEFAULT_PACK or not form.pack.offers(form.pack.data)
        brand = load_pack("default" if is_common else form.pack.data)
    if form.look.data != "colour":
        return brand
    try:
        palette = suggest(form.theme.data or "")
    except BadColour as error:
        tell(form, "theme", no(error.reason, **error.values))
        return None
    worn = dressed(brand, {name: getattr(palette, name) for name in ("brand", "ink", "soft", "accent", "paper")}, None)
    for problem in check(worn):
        tell(form, "theme", no(problem.message, **problem.values))
    return None if form.theme.errors else worn


def wanted(form: HallForm) -> halls.Wanted | None:
    """The hall that the form describes, or None with every reason at its field."""
    fine = form.validate()
    slugs, codes = halls.names_taken()
    if not form.slug.errors:
        fine = tell(form, "slug", rules.good_slug(form.slug.data, slugs)) and fine
    if not form.code.errors:
        fine = tell(form, "code", rules.good_code(form.code.data, codes)) and fine
    fine = _good_key(form) and fine
    brand = looks_of(form)
    if not fine or brand is None:
        return None
    named: dict[str, Any] = {**brand.as_dict(), "hall": form.hall.data, "motto": form.motto.data}
    return halls.Wanted(
        form.slug.data, form.code.data, form.name.data, Brand.from_dict(named), phone=form.phone.data,
        address=form.address.data, hours=form.hours.data, secretary=form.secretary.data, login=form.login.data.lower(),
    )  # fmt: skip


def _good_key(form: SecretaryForm) -> bool:
    if form.login.errors:
        return False
    return tell(form, "login", desk.good_identity(form.login.data.lower(), form.secretary.data or "x"))


def good_secretary(form: SecretaryForm) -> bool:
    """Whether name and login can stand; the reasons are at their fields."""
    fine = form.validate()
    return _good_key(form) and fine
