"""Doors of the hall: grids, estates, buildings and households added, changed, closed and opened by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import Field, StringField, ValidationError

from app import clock
from app.errors import Refused
from app.faces.choosing import SelectField
from app.faces.community.downloads import XLSX, download
from app.faces.community.inputs import as_uuid, at_most, filled, once_id, take_back, tidy
from app.faces.doors import Door
from app.faces.pages import desk as desk_page
from app.faces.visitor import actor
from app.people import households, register
from app.people.import_cells import number_in
from app.people.import_households import COLUMNS, MOST_SORT, NAME, ROOM, UNITS, building_name, register_rows, room_name
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

KIND_LABELS = {"grid": _l("网格"), "estate": _l("小区或院"), "building": _l("楼栋"), "household": _l("户")}


def between(least: int, most: int) -> Callable[[FlaskForm, Field], None]:
    """The field holds a whole number within bounds; also 三 and ３."""

    def check(form: FlaskForm, field: Field) -> None:
        found = number_in(field.data or "")
        if found is None or not least <= found <= most:
            raise ValidationError(_("请写 %(least)s 到 %(most)s 的数字。", least=least, most=most))

    return check


def is_place(form: FlaskForm, field: Field) -> None:
    """The field names one of the places in its list."""
    if not field.offers(field.data) or not as_uuid(field.data):
        raise ValidationError(_("请选一个。"))


class NamedForm(FlaskForm):
    """A grid or an estate."""

    name = StringField(_l("名字"), [filled, at_most(NAME)], [tidy])


class BuildingForm(FlaskForm):
    """A building."""

    estate = SelectField(_l("在哪个小区或院"), [is_place], validate_choice=False)
    grid = SelectField(_l("归哪个网格"), [is_place], validate_choice=False)
    name = StringField(_l("楼号"), [filled, at_most(NAME)], [tidy])
    units = StringField(_l("几个单元"), [between(1, UNITS)], [tidy], default="1")
    sort = StringField(_l("排序"), [between(0, MOST_SORT)], [tidy], default="0")

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        return {
            "estate_id": UUID(self.estate.data), "grid_id": UUID(self.grid.data),
            "name": building_name(self.name.data), "units": number_in(self.units.data),
            "sort": number_in(self.sort.data) or 0,
        }  # fmt: skip


class DoorForm(FlaskForm):
    """A household's own place in its building."""

    unit = StringField(_l("几单元"), [between(1, UNITS)], [tidy])
    room = StringField(_l("房号"), [filled, at_most(ROOM)], [tidy])


class HouseholdForm(DoorForm):
    """A new household."""

    building = SelectField(_l("哪栋楼"), [is_place], validate_choice=False)


FORMS: dict[str, type[FlaskForm]] = {
    "grid": NamedForm, "estate": NamedForm, "building": BuildingForm, "household": HouseholdForm,
}  # fmt: skip


def register_page() -> str:
    """The whole register but for its doors, and the forms of what is new."""
    return _page()


def _page(kind: str = "", form: FlaskForm | None = None, once: UUID | None = None) -> str:
    seen = register.overview()
    forms = {name: form if name == kind else made(formdata=None, prefix=name) for name, made in FORMS.items()}
    _fill(forms["building"], seen)
    forms["household"].building.choices = [
        (str(b.id), f"{_estate(seen, b.estate_id)} {b.name}") for b, _n in seen.buildings if b.closed_at is None
    ]
    return desk_page(
        "desk/register.html", "households", seen=seen, forms=forms, once=once or uuid7(), wrong=kind,
        estate_of={e.id: e.name for e, _n in seen.estates}, grid_of={g.id: g.name for g, _n in seen.grids},
        doors=sum(n for _b, n in seen.buildings),
    )  # fmt: skip


def _estate(seen: register.Overview, estate_id: UUID) -> str:
    return next((estate.name for estate, _n in seen.estates if estate.id == estate_id), "")


def _fill(form: FlaskForm, seen: register.Overview, kept: tuple[UUID, ...] = ()) -> None:
    for field, rows in (("estate", seen.estates), ("grid", seen.grids)):
        form[field].choices = [(str(p.id), p.name) for p, _n in rows if p.closed_at is None or p.id in kept]


def _adder(kind: str) -> Callable[[], Any]:
    def add() -> Any:
        form, once = FORMS[kind](prefix=kind), once_id()
        if db.session.get(register.MODELS[kind], (current_community(), once)):
            return redirect(site_url("community.place_register"), 303)
        seen = register.overview()
        if kind == "building":
            _fill(form, seen)
        if kind == "household":
            form.building.choices = [(str(b.id), b.name) for b, _n in seen.buildings]
        if not form.validate():
            return _page(kind, form, once), 422
        try:
            _add(kind, form, once)
        except Refused as error:
            take_back(form, "room" if kind == "household" else "name", error)
            return _page(kind, form), 422
        except IntegrityError:
            take_back(form, "room" if kind == "household" else "name", Refused(register.TAKEN, name=_typed(form)))
            return _page(kind, form), 422
        flash(_("加好了：%(name)s。", name=_typed(form)), "ok")
        return redirect(site_url("community.place_register") + f"#{kind}s", 303)

    add.__name__, add.__doc__ = f"{kind}_add", f"Add a {kind}."
    return add


def _typed(form: FlaskForm) -> str:
    return str(form.room.data if "room" in form._fields else form.name.data)


def _add(kind: str, form: Any, once: UUID) -> None:
    by, now = actor(), clock.now()
    if kind == "building":
        register.add_building(form.values(), id=once, by=by, now=now)
    elif kind == "household":
        unit, room = number_in(form.unit.data) or 1, room_name(form.room.data)
        register.add_household(UUID(form.building.data), unit, room, id=once, by=by, now=now)
    else:
        register.add_named(kind, form.name.data, id=once, by=by, now=now)


def _shower(kind: str) -> Callable[[UUID], str]:
    def shown(place_id: UUID) -> str:
        place = register.find_place(kind, place_id)
        return _one_page(kind, place, _form_of(kind, place))

    shown.__name__, shown.__doc__ = f"{kind}_shown", f"The form of one {kind}."
    return shown


def _form_of(kind: str, place: Any) -> FlaskForm:
    if kind == "building":
        data = {
            "estate": str(place.estate_id), "grid": str(place.grid_id), "name": place.name, "units": str(place.units),
            "sort": str(place.sort),
        }  # fmt: skip
        return BuildingForm(formdata=None, data=data)
    if kind == "household":
        return DoorForm(formdata=None, data={"unit": str(place.unit), "room": place.room})
    return NamedForm(formdata=None, data={"name": place.name})


def _one_page(kind: str, place: Any, form: FlaskForm) -> str:
    if kind == "building":
        _fill(form, register.overview(), (place.estate_id, place.grid_id))
    title = households.address(households.find_household(place.id)) if kind == "household" else place.name
    return desk_page(
        "desk/register_one.html", "households", kind=kind, label=KIND_LABELS[kind], place=place, form=form, title=title
    )


def _changer(kind: str) -> Callable[[UUID], Any]:
    def change(place_id: UUID) -> Any:
        place = register.find_place(kind, place_id)
        form = (DoorForm if kind == "household" else FORMS[kind])()
        if kind == "building":
            _fill(form, register.overview(), (place.estate_id, place.grid_id))
        field = "room" if kind == "household" else "name"
        if not form.validate():
            return _one_page(kind, place, form), 422
        try:
            _change(kind, place, form)
            db.session.flush()
        except (Refused, IntegrityError) as error:
            told = error if isinstance(error, Refused) else Refused(register.TAKEN, name=_typed(form))
            take_back(form, field, told)
            return _one_page(kind, register.find_place(kind, place_id), form), 422
        flash(_("存好了。"), "ok")
        return redirect(_home_of(kind, place_id), 303)

    change.__name__, change.__doc__ = f"{kind}_change", f"Change one {kind}."
    return change


def _change(kind: str, place: Any, form: Any) -> None:
    by, now = actor(), clock.now()
    if kind == "building":
        register.change_building(place, form.values(), by=by, now=now)
    elif kind == "household":
        register.change_household(place, number_in(form.unit.data) or 1, room_name(form.room.data), by=by, now=now)
    else:
        register.rename(kind, place, form.name.data, by=by, now=now)


def _home_of(kind: str, place_id: UUID) -> str:
    if kind == "household":
        return site_url("community.household", household_id=place_id)
    return site_url("community.place_register") + f"#{kind}s"


def _closer(kind: str, *, again: bool) -> Callable[[UUID], Any]:
    def close(place_id: UUID) -> Any:
        place = register.find_place(kind, place_id)
        (register.reopen if again else register.close)(kind, place, by=actor(), now=clock.now())
        name = register.name_of(place)
        flash(_("「%(name)s」启用了。", name=name) if again else _("「%(name)s」停用了。", name=name), "ok")
        return redirect(_home_of(kind, place_id), 303)

    close.__name__ = f"{kind}_{'reopen' if again else 'close'}"
    close.__doc__ = f"{'Open one' if again else 'Close one'} {kind}{' again' if again else ''}."
    return close


def register_sheet() -> Response:
    """The register as XLSX, in the columns of the import; brought in again it changes nothing."""
    order = ("grid", "estate", "building", "units", "unit", "room", "sort")
    heads = [next(column.label for column in COLUMNS if column.key == name) for name in order]
    return download(xlsx_bytes(_("居民户"), heads, register_rows()), XLSX, _("居民户.xlsx"))


W = Permission.HOUSEHOLD_WRITE
DOORS: list[Door] = [
    Door("GET", "/desk/register", register_page, W, name="place_register"),
    Door("GET", "/desk/register/sheet", register_sheet, W, name="place_register_sheet"),
]
for _kind in ("grid", "estate", "building", "household"):
    DOORS.append(Door("POST", f"/desk/register/{_kind}s", _adder(_kind), W))
    # A household already has a page; what changes of it stands beside that one.
    _one = f"/desk/register/{_kind}s/<uuid:place_id>"
    DOORS += [
        Door("GET", _one, _shower(_kind), W, name=f"register_{_kind}"),
        Door("POST", _one, _changer(_kind), W),
        Door("POST", f"{_one}/closure", _closer(_kind, again=False), W),
        Door("POST", f"{_one}/reopening", _closer(_kind, again=True), W),
    ]
