"""Doors of the hall: what I was told, by matter, and how I want to hear. For staff, council and residents alike."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from app import clock
from app.errors import Missing, NotAllowed
from app.faces.choosing import RadioField, SelectField
from app.faces.community.desk import hidden_title
from app.faces.community.inputs import as_uuid, last_page, page_number, tell
from app.faces.community.reminder_lines import bare, own_lines
from app.faces.community.ways import ways
from app.faces.doors import Door
from app.faces.figures import day_or_none, moment_or_none
from app.faces.look import link
from app.faces.pages import desk, page
from app.faces.visitor import Visitor, visitor
from app.notices import mine, preferences, reminders
from app.notices.delivery_rules import WAYS, masked_contact
from app.notices.preferences import Wish
from app.people.models import Account
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

HOURS = [(str(hour), f"{hour}:00") for hour in range(24)]


class WaysForm(FlaskForm):
    """How somebody wants to hear; an empty contact keeps the stored one."""

    way = RadioField(_l("怎么告诉您"), choices=list(WAYS.items()), validate_choice=False, default="page")
    contact = StringField(_l("手机号或邮箱"))
    agrees = BooleanField(_l("同意用这个手机号、邮箱给我发消息。随时可以回来收回。"))
    digest_only = BooleanField(_l("攒到一天一份，早上八点以后发"), default=True)
    quiet_from = SelectField(_l("从几点起别打扰"), choices=HOURS, validate_choice=False, default="21")
    quiet_to = SelectField(_l("到几点"), choices=HOURS, validate_choice=False, default="8")


def my_notices() -> str:
    """By matter, the unread first; the day's urging above. Filter and page stay in the URL."""
    me, account = _me()
    unread_only, number = request.args.get("view") == "unread", page_number()
    groups, total, unread = mine.my_groups(account, unread_only=unread_only, page=number)
    kept = {"view": "unread"} if unread_only else {}
    return _shown(
        me, "hall/my_notices.html", groups=[_group(one, me) for one in groups], total=total, unread=unread,
        unread_only=unread_only, number=number, last=last_page(total, mine.PAGE), until=clock.now().isoformat(),
        urged=own_lines(me.id, with_desk=me.is_staff),
        url_of=lambda n: site_url("community.my_notices", page=n, **kept),
    )  # fmt: skip


def _group(group: mine.Group, me: Visitor) -> dict[str, Any]:
    matter = group.matter
    is_open = matter.visibility == "public" and matter.track == "ordinary"
    way = link("community.desk_matter", matter_id=matter.id) if me.can(Permission.MATTER_READ) else ""
    if not way and is_open:
        way = link("community.public_matter", matter_id=matter.id)
    return {
        "id": matter.id, "number": matter.number, "title": matter.title if is_open else hidden_title(matter.has_minor),
        "url": way, "unread": group.unread,
        "lines": [
            {"words": bare(one.words, matter.number, matter.title), "at": one.created_at, "is_new": one.read_at is None}
            for one in group.lines
        ],
    }  # fmt: skip


def reading() -> Any:
    """知道了: one matter, everything, or the urging of the day; only what the page showed."""
    me, account = _me()
    now = clock.now()
    if request.form.get("what") == "urging":
        reminders.mark_read(_day(request.form.get("until", "")), by=me.actor, now=now)
    else:
        typed = request.form.get("matter", "")
        matter_id = as_uuid(typed)
        if typed and matter_id is None:
            raise Missing(_("没有这条消息。"))
        mine.mark_mine_read(account, until=_moment(request.form.get("until", ""), now), now=now, matter_id=matter_id)
    flash(_("好，记下了：您看过了。"), "ok")
    view = "unread" if request.form.get("view") == "unread" else None
    return redirect(site_url("community.my_notices", view=view), 303)


def _day(text: str) -> date:
    found = day_or_none(text)
    if found is None:
        raise Missing(_("没有这一天的提醒。"))
    return found


def _moment(text: str, now: datetime) -> datetime:
    found = moment_or_none(text)
    if found is None:
        raise Missing(_("没有这条消息。"))
    return min(found, now)


def preferences_page() -> str:
    """How this person hears today; the address is shown masked and never sent back to the browser."""
    me, account = _me()
    stored = preferences.preference_of(account.id)
    form = WaysForm(formdata=None)
    if stored is not None:
        form.way.data, form.digest_only.data = stored.way, stored.digest_only
        form.quiet_from.data, form.quiet_to.data = str(stored.quiet_from), str(stored.quiet_to)
        form.agrees.data = stored.agreed_at is not None
    return _form_page(me, form, stored)


def preferences_change() -> Any:
    """Store it, with the consent logged; another way empties the address."""
    me, account = _me()
    form, stored = WaysForm(), preferences.preference_of(account.id)
    form.validate()
    wish = Wish(
        way=form.way.data or "", contact=(form.contact.data or "")[:200], digest_only=bool(form.digest_only.data),
        quiet_from=_hour(form.quiet_from.data), quiet_to=_hour(form.quiet_to.data), agrees=bool(form.agrees.data),
    )  # fmt: skip
    found = preferences.problems(wish, stored, account)
    for field, verdict in found.items():
        tell(form, field, verdict)
    if found or form.errors:
        return _form_page(me, form, stored), 422
    preferences.prefer(wish, account, by=me.actor, now=clock.now())
    flash(_("记下了：%(way)s。", way=_(WAYS[wish.way])), "ok")
    if not dict(ways()).get(wish.way, True):
        flash(_("这一样还没接上，不往外发；接上以前请在这里看。"), "soon")
    return redirect(site_url("community.my_notices"), 303)


def _form_page(me: Visitor, form: WaysForm, stored: Any) -> str:
    is_on = dict(ways())
    texts = {key: "" if is_on.get(key, True) else _("未配置：这里还没接上，选了也不往外发") for key in WAYS}
    texts["page"] = _("登录就看得到；没有手机的，社区打印成条送去")
    shown = masked_contact(stored.way, preferences.contact_of(stored)) if stored and stored.contact_sealed else ""
    return _shown(me, "hall/notice_ways.html", form=form, texts=texts, shown=shown)


def _hour(text: Any) -> int:
    return int(text) if str(text).isdigit() and len(str(text)) <= 2 else -1


def _me() -> tuple[Visitor, Account]:
    me = visitor()
    if me is None or not isinstance(me.account, Account):
        raise NotAllowed(N_("请先登录。"))
    return me, me.account


def _shown(me: Visitor, template: str, **values: Any) -> str:
    """On the desk of whoever has one, on the hall's own page for everybody else."""
    if me.can(Permission.MATTER_READ):
        return desk(template, "notices", layout="desk.html", **values)
    return page(template, layout="hall.html", **values)


P = Permission
DOORS: list[Door] = [
    Door("GET", "/me/notices", my_notices, P.ACCOUNT_USE),
    Door("POST", "/me/notices/reading", reading, P.ACCOUNT_USE, name="my_notices_reading"),
    Door("GET", "/me/preferences", preferences_page, P.ACCOUNT_USE, name="preferences"),
    Door("POST", "/me/preferences", preferences_change, P.ACCOUNT_USE),
]
