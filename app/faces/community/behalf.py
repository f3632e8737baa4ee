"""Writing down what somebody says (代录): the words read back, the consent ticked, the number printed on a slip.

The same form stands behind the counter's own page and behind every day of listening, which hands its source along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing, Refused
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid
from app.faces.doors import Door
from app.faces.inputs import CountField
from app.faces.look import link, say
from app.faces.pages import desk, page
from app.faces.visitor import actor, visitor
from app.flow.collect import rules as spoken
from app.flow.collect.actions import Saying, Submitted, collect, submit
from app.flow.collect.queries import buildings
from app.flow.collect.rules import NOWHERE, Source
from app.matter.actions import find_matter
from app.people.permissions import Permission
from app.records.qr import qr_svg
from tenants.database import db
from tenants.hosts import site_url

SLIPS_KEPT = 3


class BehalfForm(FlaskForm):
    """What somebody said, as a worker types it. ``once`` becomes the matter's id."""

    once = HiddenField()
    words = TextAreaField(_l("原话，照着记"))
    title = StringField(_l("一句话标题"))
    wish = TextAreaField(_l("盼着怎么办"))
    channel = RadioField(_l("从哪儿听来的"), validate_choice=False)
    point = StringField(_l("哪个收集点、哪天的信箱"))
    building = SelectField(_l("小区和楼"), validate_choice=False)
    unit = CountField(_l("几单元"), validators=[Optional()])
    place = StringField(_l("具体位置"))
    kind = RadioField(_l("谁提的"), validate_choice=False)
    signers = CountField(_l("一共几户"), validators=[Optional()])
    organisation_kind = SelectField(_l("哪一种单位"), validate_choice=False)
    organisation = StringField(_l("单位名称"))
    organisation_role = StringField(_l("来说的人在单位里是"))
    category = SelectField(_l("哪一类"), validate_choice=False)
    name = StringField(_l("怎么称呼"))
    phone = StringField(_l("电话"))
    birth_year = CountField(_l("哪年出生（孩子提的才填）"), validators=[Optional()])
    guardian_consent = BooleanField(_l("家长知道，也同意（不满 14 岁）"))
    guardian = StringField(_l("同意的家长是谁、电话多少"))
    own_consent = BooleanField(_l("孩子本人同意（14 到 17 岁）"))
    read_back = BooleanField(_l("已经念给本人听过，本人同意这样记"))
    become = RadioField(
        _l("记成什么"), choices=[("proposal", _l("提案，交给社区初审")), ("lead", _l("线索，先记着"))],
        validate_choice=False, default="proposal",
    )  # fmt: skip


#: The channels a worker types for; those of the residents' own phones are not among them.
TYPED = (
    "door", "visit", "phone", "point", "box", "slip", "event", "wechat", "12345", "deputy", "organisation",
    "secretary",
)  # fmt: skip


def behalf() -> str:
    """The form, empty."""
    return _page(behalf_form(formdata=None, once=str(uuid4()), channel="door", kind="individual", become="proposal"))


def behalf_in() -> Any:
    """Take it in and print the slip; a second click finds the first one's matter."""
    return take_down(behalf_form(), _page)


def behalf_slip(matter_id: UUID) -> str:
    """A slip with number and code for the one who spoke. The code is shown only where it was made."""
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(_("没有这件事。"))
    kept = next((pair for pair in session.get("slips", []) if pair[0] == str(matter_id)), ["", "", ""])
    target = "community.track" if link("community.track") else "community.home"
    qr = qr_svg(site_url(target, external=True), label=_("扫码查进度"))
    again = kept[2] if len(kept) > 2 else ""
    return page("desk/behalf_slip.html", matter=matter, code=kept[1], mark="", qr=qr, again=again)


def take_down(
    form: BehalfForm, again: Callable[[BehalfForm], str], *, source: Source = NOWHERE, point: str = "", back: str = "",
    then: Callable[[Submitted], object] | None = None,
) -> Any:  # fmt: skip
    """Keep what the form says, by the source it came from, and go to the slip; ``back`` is where the next one is typed.

    What is wrong is told at its field on the page that ``again`` draws. ``then`` is done with the new matter in the
    same transaction; what it refuses keeps nothing.
    """
    form.validate()
    once = as_uuid(form.once.data)
    if once and find_matter(once) is not None:
        return redirect(site_url("community.behalf_slip", matter_id=once), 303)
    saying = replace(_saying(form), source=source, **({"point": point} if point else {}))
    found = spoken.problems(saying, year=clock.today().year)
    for name, verdict in found.items():
        target = form[name if name in form else "place"]
        target.errors = [*target.errors, say(verdict.reason, verdict.values)]
    if found or form.errors:
        return again(form), 422
    verb = collect if form.become.data == "lead" else submit
    try:
        done = verb(saying, by=replace(actor(), channel=saying.channel), now=clock.now(), matter_id=once)
        if then is not None:
            then(done)
        db.session.flush()
    except Refused as error:
        db.session.rollback()
        form.form_errors = [say(error.reason, error.values)]
        return again(form), 422
    except IntegrityError:
        # Another click of the same form was faster, or the building went away meanwhile.
        db.session.rollback()
        if once is None or find_matter(once) is None:
            raise
        return redirect(site_url("community.behalf_slip", matter_id=once), 303)
    kept = [pair for pair in session.get("slips", []) if pair[0] != str(done.matter.id)]
    session["slips"] = [[str(done.matter.id), done.code, back], *kept][:SLIPS_KEPT]
    flash(_("记好了，把纸条打出来交给本人。"), "success")
    return redirect(site_url("community.behalf_slip", matter_id=done.matter.id), 303)


def behalf_form(**kw: Any) -> BehalfForm:
    """The form with its choices."""
    form = BehalfForm(**kw)
    places = buildings()
    form.building.choices = [("", _("不在楼里，写在下面")), *((str(b.id), f"{b.estate.name} {b.name}") for b in places)]
    form.channel.choices = [(key, _(spoken.CHANNELS[key])) for key in TYPED]
    form.kind.choices = [("individual", _("一个人提的")), ("joint", _("几户联名")), ("organisation", _("单位提的"))]
    form.organisation_kind.choices = [
        ("", _("不是单位")),
        *((key, _(label)) for key, label in spoken.ORGANISATIONS.items()),
    ]
    form.category.choices = [("", _("先不分")), *((key, _(label)) for key, label in spoken.CATEGORIES.items())]
    return form


def _page(form: BehalfForm) -> str:
    return desk("desk/behalf.html", "inbox", form=form)


def _saying(form: BehalfForm) -> Saying:
    me = visitor()
    typed = (form.building.data or "").strip()
    return Saying(
        words=form.words.data or "", title=form.title.data or "", wish=form.wish.data or "", kind=form.kind.data or "",
        category=form.category.data or "", unit=form.unit.data,
        building_id=as_uuid(typed) if form.building.offers(typed) else None, place=form.place.data or "",
        channel=form.channel.data or "", point=form.point.data or "",
        name=form.name.data or "", phone=form.phone.data or "",
        signers=(form.signers.data or 0) if form.kind.data == "joint" else 1,
        organisation=form.organisation.data or "", organisation_kind=form.organisation_kind.data or "",
        organisation_role=form.organisation_role.data or "", guardian_consent=form.guardian_consent.data,
        guardian=form.guardian.data or "", own_consent=form.own_consent.data, birth_year=form.birth_year.data,
        entered_by=me.id if me else None, read_back=form.read_back.data,
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/desk/behalf", behalf, Permission.LEAD_WRITE),
    Door("POST", "/desk/behalf", behalf_in, Permission.LEAD_WRITE),
    Door("GET", "/desk/behalf/<uuid:matter_id>/slip", behalf_slip, Permission.LEAD_WRITE),
]
