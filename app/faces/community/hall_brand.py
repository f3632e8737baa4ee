"""Doors of the hall: its looks. Try, suggest and store are three doors; only the last one writes anything."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from markupsafe import Markup
from wtforms import ColorField, HiddenField

from app import clock
from app.errors import no
from app.faces.choosing import SelectField
from app.faces.community.inputs import forget_after, tell
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.people import settings
from app.people.permissions import Permission
from app.words import N_
from tenants.brand import PATTERNS, BadColour, BadDrawing, Brand, suggest, to_css
from tenants.drawings import MARK_BYTES
from tenants.hosts import site_url
from tenants.palette import rules

#: The preview is a block of its own on the page, so its colours never touch the desk around it.
PREVIEW = ".h-tryout"
#: One word a pattern; one that nobody has named yet is shown by its own name.
PATTERN_LABELS: dict[str, str] = {
    "pebbles": N_("卵石"), "leaves": N_("树叶"), "waves": N_("水纹"), "bricks": N_("砖墙"), "diamonds": N_("菱格"),
    "lanes": N_("巷道"), "bolts": N_("螺栓"), "weave": N_("编织"), "willow": N_("柳条"), "tiles": N_("瓦片"),
    "spines": N_("书脊"), "grains": N_("谷粒"), "awnings": N_("雨棚"), "rails": N_("铁轨"), "ripples": N_("涟漪"),
    "suns": N_("太阳"), "floor": N_("地砖"), "rings": N_("圆环"), "nuts": N_("螺母"), "wheat": N_("麦穗"),
    "petals": N_("花瓣"), "clouds": N_("云朵"),
}  # fmt: skip


class BrandForm(FlaskForm):
    """Five colours, the pattern, and a mark to be uploaded; ``mark_text`` carries an uploaded mark through a try."""

    brand = ColorField(_l("主色"))
    ink = ColorField(_l("深色"))
    soft = ColorField(_l("浅底色"))
    accent = ColorField(_l("点缀色"))
    paper = ColorField(_l("页面底色"))
    pattern = SelectField(_l("底纹"), validate_choice=False)
    mark = FileField(_l("换一个标志"))
    mark_text = HiddenField()
    theme = ColorField(_l("从一个颜色配一套"))


def _form(brand: Brand, **kw: Any) -> BrandForm:
    form = BrandForm(**kw)
    own = [(settings.OWN_PATTERN, _("自己画的"))] if not isinstance(brand.pattern, str) else []
    form.pattern.choices = own + [(name, say(PATTERN_LABELS.get(name, name))) for name in PATTERNS]
    return form


def brand_shown() -> str:
    """The looks as they are."""
    brand = settings.brand_of(settings.hall_row())
    data = {name: getattr(brand, name) for name in settings.COLOURS}
    data["pattern"] = brand.pattern if isinstance(brand.pattern, str) else settings.OWN_PATTERN
    data["theme"] = brand.brand
    return _brand_page(_form(brand, formdata=None, data=data), brand, is_tried=False)


def _brand_page(form: BrandForm, shown: Brand, *, is_tried: bool) -> str:
    return desk_page(
        "desk/brand.html", "settings", form=form, shown=shown, is_tried=is_tried, n_rules=len(rules(shown.palette)),
        problems=settings.problems(shown), css=Markup(to_css(shown, PREVIEW)),  # noqa: S704 (checked values)
    )  # fmt: skip


def _worn(form: BrandForm, brand: Brand) -> Brand | None:
    """The looks that the form describes, or None with the reasons at their fields."""
    mark = _mark_text(form)
    if form.mark.errors:
        return None
    fine = True
    for name in settings.COLOURS:
        try:
            settings.dressed(brand, {name: form[name].data or ""}, None)
        except BadColour as error:
            fine = tell(form, name, no(error.reason, **error.values))
    try:
        settings.dressed(brand, {"pattern": form.pattern.data or ""}, None)
    except BadDrawing as error:
        fine = tell(form, "pattern", no(error.reason, **error.values))
    try:
        settings.dressed(brand, {}, mark)
    except BadDrawing as error:
        form.mark_text.data = ""
        fine = tell(form, "mark", no(error.reason, **error.values))
    if not fine:
        return None
    values = {name: form[name].data or "" for name in (*settings.COLOURS, "pattern")}
    return settings.dressed(brand, values, mark)


def _mark_text(form: BrandForm) -> str:
    upload = form.mark.data
    if upload and upload.filename:
        raw = upload.stream.read(MARK_BYTES + 1)
        try:
            form.mark_text.data = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            tell(form, "mark", no(N_("这不是一张完整的 SVG 图")))
            return ""
    return form.mark_text.data or ""


def brand_suggestion() -> Any:
    """Fill the five colours from one; nothing is stored."""
    brand = settings.brand_of(settings.hall_row())
    form = _form(brand)
    form.validate()
    try:
        palette = suggest(form.theme.data or "")
    except BadColour as error:
        tell(form, "theme", no(error.reason, **error.values))
        return _brand_page(form, brand, is_tried=False), 422
    for name in settings.COLOURS:
        form[name].process_data(getattr(palette, name))
        form[name].raw_data = [getattr(palette, name)]
    return _tried(form, brand)


def brand_preview() -> Any:
    """Show how it would look; nothing is stored."""
    brand = settings.brand_of(settings.hall_row())
    form = _form(brand)
    form.validate()
    return _tried(form, brand)


def _tried(form: BrandForm, brand: Brand) -> Any:
    worn = _worn(form, brand)
    if worn is None:
        return _brand_page(form, brand, is_tried=False), 422
    _tell_problems(form, worn)
    return _brand_page(form, worn, is_tried=True)


def _tell_problems(form: BrandForm, worn: Brand) -> bool:
    found = settings.problems(worn)
    for problem in found:
        tell(form, problem.field, no(problem.message, **problem.values))
    return not found


def brand_change() -> Any:
    """Store the looks, unless something on the page could then not be read."""
    brand = settings.brand_of(settings.hall_row())
    form = _form(brand)
    form.validate()
    worn = _worn(form, brand)
    if worn is None:
        return _brand_page(form, brand, is_tried=False), 422
    if not _tell_problems(form, worn):
        return _brand_page(form, worn, is_tried=True), 422
    settings.change_brand(worn, by=actor(), now=clock.now())
    forget_after()
    flash(_("新样子存好了，各处页面半分钟之内都换过来。"), "ok")
    return redirect(site_url("community.hall_brand"), 303)


W = Permission.HALL_SETTINGS_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/brand", brand_shown, W, name="hall_brand"),
    Door("POST", "/desk/brand", brand_change, W, name="hall_brand_change"),
    Door("POST", "/desk/brand/suggestion", brand_suggestion, W),
    Door("POST", "/desk/brand/preview", brand_preview, W),
]
