"""Doors of the hall: giving the owner of a task a link of their own, showing it once, taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from app import clock
from app.errors import Missing, Refused
from app.faces.community import paperwork
from app.faces.doors import Door
from app.faces.inputs import CountField
from app.faces.look import day as in_day
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.implement import link_rules as rules
from app.flow.implement import links, queries
from app.flow.implement.models import TaskLink
from app.flow.resolve.models import Commitment
from app.matter.models import Matter
from app.matter.situation import Stage
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

#: Where this browser keeps a fresh link until its page has been shown once.
SHOWN_ONCE = "task_link"
GONE = N_("没有这个链接。")


class LinkForm(FlaskForm):
    """Whom it is for, and for how long it works."""

    to_label = StringField(_l("给谁，哪个单位"))
    days = CountField(_l("能用几天"), default=rules.DEFAULT_DAYS)


def task_links(commitment_id: UUID) -> str:
    """Every link of a task, and the one just made with its secret."""
    task, matter = _task(commitment_id)
    fresh: dict[str, str] = session.pop(SHOWN_ONCE, {})
    return _page(task, matter, LinkForm(formdata=None, to_label=task.who, days=rules.DEFAULT_DAYS), fresh)


def task_link_add(commitment_id: UUID) -> Any:
    """Make one; its secret is shown on the next page, once."""
    (task, _matter), form = _task(commitment_id), LinkForm()
    made = paperwork.attempt(
        form,
        lambda: links.make_link(
            task, to_label=form.to_label.data or "", days=form.days.data or 0, by=actor(), now=clock.now(),
            id=paperwork.once(),
        ),
    )  # fmt: skip
    if made is None:
        return _page(*_task(commitment_id), form, {}), 422
    link, secret = made
    if secret:
        session[SHOWN_ONCE] = {str(link.id): secret}
        flash(_("链接做好了，只在这一页显示这一次。交给办的人，平台自己不发短信。"), "ok")
    return redirect(site_url("community.task_links", commitment_id=task.id), 303)


def task_link_slip(link_id: UUID) -> Any:
    """The slip of paper with the link and its code; only while the link is at hand."""
    link, task, matter = _link(link_id)
    token = request.form.get("token", "").strip()
    if not token or links.fingerprint(token) != link.key_hash or link.revoked_at is not None:
        raise Refused(N_("这个链接已经不在手边了，请另做一个再打印。"))
    url = site_url("guest.task", external=True, token=token)
    return page(
        "desk/task_link_slip.html", given=link, task=task, matter=matter, address=url,
        qr=qr_svg(url, label=_("扫码打开")),
    )  # fmt: skip


def task_link_revocation(link_id: UUID) -> str:
    """Ask before taking a link back."""
    link, task, _matter = _link(link_id)
    return desk("desk/task_link_revoke.html", "tasks", given=link, task=task)


def task_link_revoke(link_id: UUID) -> Any:
    """Take a link back."""
    link, task, _matter = _link(link_id)
    links.revoke_link(link, by=actor(), now=clock.now())
    flash(_("链接收回了，马上不能用。"), "ok")
    return redirect(site_url("community.task_links", commitment_id=task.id), 303)


def _task(commitment_id: UUID) -> tuple[Commitment, Matter]:
    found = queries.find_commitment(commitment_id)
    if found is None or not paperwork.open_to_reader(found[1]):
        raise Missing(N_("没有这项任务。"))
    return found


def _link(link_id: UUID) -> tuple[TaskLink, Commitment, Matter]:
    link = links.find_link(link_id)
    if link is None:
        raise Missing(GONE)
    return link, *_task(link.commitment_id)


def _page(task: Commitment, matter: Matter, form: LinkForm, fresh: dict[str, str]) -> str:
    now = clock.now()
    rows = [(link, links.standing(link, task, matter, now)) for link in links.links_of(task)]
    shown = next((link for link, _way in rows if str(link.id) in fresh), None)
    token = fresh.get(str(shown.id), "") if shown else ""
    url = site_url("guest.task", external=True, token=token) if token else ""
    living = sum(way in (rules.Way.OPEN, rules.Way.WAITING) for _link, way in rows)
    verdict = rules.may_make(task.state, Stage(matter.stage), living=living, days=1, to_label="—")
    return desk(
        "desk/task_links.html", "tasks", task=task, matter=matter, form=form, rows=rows, ways=rules.WAY_LABELS,
        shown=shown, address=url, token=token, qr=qr_svg(url, label=_("扫码打开")) if url else "",
        message=_message(task, url) if url else "", verdict=verdict, once=request.form.get("once") or uuid7(),
        back=paperwork.matter_link(matter), most=rules.MOST_DAYS,
    )  # fmt: skip


def _message(task: Commitment, url: str) -> str:
    return _(
        "【%(hall)s】请您办「%(what)s」，%(day)s前办完。点开 %(url)s 就能回话、报进展、传照片、报完工，不用注册，"
        "请不要转发。打不开请拨 %(phone)s。",
        hall=g.site.name, what=task.what, day=in_day(task.due, week=False), url=url, phone=g.site.phone,
    )  # fmt: skip


WRITE = Permission.COMMITMENT_WRITE
_TASK, _LINK = "/desk/tasks/<uuid:commitment_id>/links", "/desk/task-links/<uuid:link_id>"
DOORS: list[Door] = [
    Door("GET", _TASK, task_links, WRITE),
    Door("POST", _TASK, task_link_add, WRITE),
    Door("POST", f"{_LINK}/slips", task_link_slip, WRITE),
    Door("GET", f"{_LINK}/revocation", task_link_revocation, WRITE),
    Door("POST", f"{_LINK}/revocations", task_link_revoke, WRITE),
]
