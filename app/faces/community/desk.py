"""Doors of the hall's desk: today, the inbox, and writing down what somebody says (代录)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from app import clock
from app.errors import Missing
from app.faces.community import menu  # noqa: F401  (hangs the menu of this face)
from app.faces.community.inputs import as_uuid, page_number
from app.faces.community.sight import looked_today
from app.faces.community.unfinished import KINDS, unfinished
from app.faces.doors import Door
from app.faces.look import day, hour, link, say
from app.faces.pages import desk, page
from app.faces.visitor import Visitor, actor, visitor
from app.flow.collect import rules as spoken
from app.flow.collect.actions import Saying, submit
from app.flow.collect.queries import buildings
from app.flow.deliberate.queries import list_sittings
from app.flow.implement.queries import open_tasks
from app.flow.triage import lists, queries
from app.matter.actions import find_matter
from app.matter.house import house
from app.matter.ledger import Clock, Reader, clocks_of_open, is_child_s, light_of, may_read
from app.matter.lights import Colour, light
from app.matter.workdays import Calendar, end_of
from app.people.permissions import Permission
from app.people.roles import OFFICE_STAFF
from app.records.qr import qr_svg
from tenants.database import db
from tenants.hosts import site_url

FIRST = 4
SHOWN = 8
PAGE = 20
SLIPS_KEPT = 3


def reader() -> Reader:
    """The person at the desk as a reader of lists."""
    me = visitor()
    return Reader(me.id if me else None, bool(me and me.roles & OFFICE_STAFF), looked_today())


def hidden_title(is_child_s: bool) -> str:
    """What a list says where it may not show a title."""
    return _("（未成年人的事）") if is_child_s else _("（只给当事人看）")


def today() -> str:
    """One sentence about today, then the work by urgency."""
    now, calendar = clock.now(), house().calendar
    me, who = visitor(), reader()
    clocks = clocks_of_open(who, now, calendar)
    waiting = queries.inbox(FIRST) if _screens(me) else []
    planned = list_sittings(now, past=False, n=FIRST)
    sittings = [row for row in planned if _is_this_week(row["sitting"].starts_at, now)]
    tally = {colour: sum(c.light.colour is colour for c in clocks) for colour in Colour}
    return desk(
        "desk/today.html", "today", greeting=_greeting(now), tally=tally, new=waiting[0].total if waiting else 0,
        waiting=[_waiting(item, now, calendar) for item in waiting], screens=_screens(me), sittings=sittings,
        due=_due(clocks, now, calendar, who), drafts=[_draft(row) for row in unfinished(who)],
        first=_first_sitting(sittings),
    )  # fmt: skip


def inbox() -> str:
    """Everything nobody has answered yet."""
    now, calendar = clock.now(), house().calendar
    number = page_number()
    waiting = queries.inbox(PAGE, (number - 1) * PAGE)
    total = waiting[0].total if waiting else 0
    return desk(
        "desk/inbox.html", "inbox", waiting=[_waiting(item, now, calendar) for item in waiting], total=total,
        number=number, pages=max(1, -(-total // PAGE)), url_of=lambda n: site_url("community.inbox", page=n),
    )  # fmt: skip


def _screens(me: Visitor | None) -> bool:
    return me is not None and me.can(Permission.SCREENING_WRITE)


def _greeting(now: datetime) -> str:
    at = clock.local(now).hour
    if at < 11:
        return _("上午好")
    return _("中午好") if at < 14 else (_("下午好") if at < 18 else _("晚上好"))


def _is_this_week(starts: datetime, now: datetime) -> bool:
    first = clock.local(now).date()
    return first <= clock.local(starts).date() < first + timedelta(days=7)


def _first_sitting(sittings: list[dict[str, Any]]) -> str:
    if not sittings:
        return ""
    first = sittings[0]["sitting"]
    return _("%(when)s有「%(title)s」。", when=f"{day(first.starts_at)} {hour(first.starts_at)} ", title=first.title)


def _waiting(item: queries.Waiting, now: datetime, calendar: Calendar) -> dict[str, Any]:
    matter = item.matter
    hint = lists.hint(item.words)
    shut = is_child_s(matter) and matter.id not in looked_today()
    return {
        "id": matter.id, "number": matter.number, "title": hidden_title(True) if shut else matter.title,
        "at": matter.collected_at, "light": light_of(matter, now, calendar), "speaker": "" if shut else item.speaker,
        "is_child_s": shut, "photos": item.photos,
        "signers": item.signers, "is_lead": matter.stage == "collected", "hint": hint,
    }  # fmt: skip


def _due(clocks: list[Clock], now: datetime, calendar: Calendar, who: Reader) -> list[dict[str, Any]]:
    """Matters and tasks together, late ones first, then by day."""
    found = [
        {
            "light": c.light,
            "due": c.due_at,
            "title": c.title or hidden_title(c.is_child_s),
            "text": c.owner or _("还没有责任人"),
            "url": site_url("community.desk_matter", matter_id=c.id),
        }
        for c in clocks
        if c.stage not in queries.UNANSWERED
    ]
    for task, matter in open_tasks(limit=SHOWN):
        lamp = light(task.created_at, end_of(task.due), now, calendar, suspended=matter.stage == "suspended")
        seen = may_read(matter, who)
        found.append(
            {
                "light": lamp,
                "due": end_of(task.due),
                "title": task.what if seen else hidden_title(is_child_s(matter)),
                "text": f"{matter.title} · {task.who}" if seen else matter.number,
                "url": site_url("community.desk_matter", matter_id=matter.id, tab="tasks"),
            }
        )
    order = {Colour.RED: 0, Colour.YELLOW: 1, Colour.GREEN: 2, Colour.GREY: 3}
    far = now + timedelta(days=3650)
    return sorted(found, key=lambda row: (order[row["light"].colour], row["due"] or far))[:SHOWN]


def _draft(row: dict[str, Any]) -> dict[str, Any]:
    icon, text, endpoints, name = KINDS[row["kind"]]
    return {"icon": icon, "title": row["title"], "text": _(text), "url": link(*endpoints, **{name: row["id"]})}


class BehalfForm(FlaskForm):
    """What somebody said, as a worker types it. ``once`` becomes the matter's id."""

    once = HiddenField()
    words = TextAreaField(_l("原话，照着记"))
    title = StringField(_l("一句话标题"))
    wish = TextAreaField(_l("盼着怎么办"))
    channel = RadioField(_l("从哪儿听来的"), validate_choice=False)
    point = StringField(_l("哪个收集点、哪天的信箱"))
    building = SelectField(_l("小区和楼"), validate_choice=False)
    unit = IntegerField(_l("几单元"), validators=[Optional()])
    place = StringField(_l("具体位置"))
    kind = RadioField(_l("谁提的"), validate_choice=False)
    signers = IntegerField(_l("一共几户"), validators=[Optional()])
    organisation = StringField(_l("单位名称"))
    category = SelectField(_l("哪一类"), validate_choice=False)
    name = StringField(_l("怎么称呼"))
    phone = StringField(_l("电话"))
    birth_year = IntegerField(_l("哪年出生（孩子提的才填）"), validators=[Optional()])
    guardian_consent = BooleanField(_l("家长知道，也同意"))
    read_back = BooleanField(_l("已经念给本人听过，本人同意这样记"))


#: The channels a worker types for; those of the residents' own phones are not among them.
TYPED = (
    "door",
    "visit",
    "phone",
    "point",
    "box",
    "slip",
    "event",
    "wechat",
    "12345",
    "deputy",
    "organisation",
    "secretary",
)


def behalf() -> str:
    """The form, empty."""
    form = _behalf_form(formdata=None, once=str(uuid4()), channel="door", kind="individual")
    return desk("desk/behalf.html", "inbox", form=form)


def behalf_in() -> Any:
    """Take it in and print the slip; a second click finds the first one's matter."""
    form = _behalf_form()
    form.validate()
    once = as_uuid(form.once.data)
    if once and find_matter(once) is not None:
        return redirect(site_url("community.behalf_slip", matter_id=once), 303)
    saying = _saying(form)
    found = spoken.problems(saying, year=clock.today().year)
    for name, verdict in found.items():
        target = form[name if name in form else "place"]
        target.errors = [*target.errors, say(verdict.reason, verdict.values)]
    if found or form.errors:
        return desk("desk/behalf.html", "inbox", form=form), 422
    try:
        done = submit(saying, by=actor(), now=clock.now(), matter_id=once)
        db.session.flush()
    except IntegrityError:
        # Another click of the same form was faster, or the building went away meanwhile.
        db.session.rollback()
        if once is None or find_matter(once) is None:
            raise
        return redirect(site_url("community.behalf_slip", matter_id=once), 303)
    kept = [pair for pair in session.get("slips", []) if pair[0] != str(done.matter.id)]
    session["slips"] = [[str(done.matter.id), done.code], *kept][:SLIPS_KEPT]
    flash(_("记好了，把纸条打出来交给本人。"), "success")
    return redirect(site_url("community.behalf_slip", matter_id=done.matter.id), 303)


def behalf_slip(matter_id: UUID) -> str:
    """A slip with number and code for the one who spoke. The code is shown only where it was made."""
    matter = find_matter(matter_id)
    if matter is None:
        raise Missing(_("没有这件事。"))
    code = next((code for kept, code in session.get("slips", []) if kept == str(matter_id)), "")
    target = (
        site_url("community.track", external=True)
        if link("community.track")
        else site_url("community.home", external=True)
    )
    return page("desk/behalf_slip.html", matter=matter, code=code, mark="", qr=qr_svg(target, label=_("扫码查进度")))


def _behalf_form(**kw: Any) -> BehalfForm:
    form = BehalfForm(**kw)
    places = buildings()
    form.building.choices = [("", _("不在楼里，写在下面")), *((str(b.id), f"{b.estate.name} {b.name}") for b in places)]
    form.channel.choices = [(key, _(spoken.CHANNELS[key])) for key in TYPED]
    form.kind.choices = [("individual", _("一个人提的")), ("joint", _("几户联名")), ("organisation", _("单位提的"))]
    form.category.choices = [("", _("先不分")), *((key, _(label)) for key, label in spoken.CATEGORIES.items())]
    return form


def _saying(form: BehalfForm) -> Saying:
    me = visitor()
    typed = (form.building.data or "").strip()
    known = {value for value, _label in form.building.choices or []}
    return Saying(
        words=form.words.data or "", title=form.title.data or "", wish=form.wish.data or "", kind=form.kind.data or "",
        category=form.category.data or "", building_id=as_uuid(typed) if typed in known else None, unit=form.unit.data,
        place=form.place.data or "", channel=form.channel.data or "", point=form.point.data or "",
        name=form.name.data or "", phone=form.phone.data or "",
        signers=(form.signers.data or 0) if form.kind.data == "joint" else 1,
        organisation=form.organisation.data or "", guardian_consent=form.guardian_consent.data,
        birth_year=form.birth_year.data, entered_by=me.id if me else None, read_back=form.read_back.data,
    )  # fmt: skip


DOORS: list[Door] = [
    Door("GET", "/desk", today, Permission.MATTER_READ),
    Door("GET", "/desk/inbox", inbox, Permission.SCREENING_WRITE),
    Door("GET", "/desk/behalf", behalf, Permission.LEAD_WRITE),
    Door("POST", "/desk/behalf", behalf_in, Permission.LEAD_WRITE),
    Door("GET", "/desk/behalf/<uuid:matter_id>/slip", behalf_slip, Permission.LEAD_WRITE),
]
