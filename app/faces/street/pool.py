"""Doors of the street: the talent pool with the record of service, filters and the sheet for an office program."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import request, send_file
from flask_babel import gettext as _

from app import clock
from app.faces.doors import Door
from app.faces.look import WEEKDAYS, day
from app.faces.pages import desk
from app.faces.street import pool_expert, pool_suggestions
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from app.talent import queries
from app.talent.load import Load
from app.talent.models import Expert
from app.talent.suggesting import street_suggestions
from app.words import N_

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDING = timedelta(days=60)
STATES = {
    "able": N_("能请"), "busy": N_("手上满了"), "ending": N_("聘期快到"), "ended": N_("聘期满了"),
    "suspended": N_("先不派请"), "kept": N_("只街道用"),
}  # fmt: skip
Row = tuple[Expert, Load, str | None]


def state_of(expert: Expert, today: date) -> str:
    """Whether a hall may ask this expert today, and if not, why."""
    if expert.suspended_at:
        return "suspended"
    if expert.valid_until and expert.valid_until < today:
        return "ended"
    if not expert.shared:
        return "kept"
    if expert.open_now >= expert.most_open:
        return "busy"
    return "ending" if expert.valid_until and expert.valid_until <= today + ENDING else "able"


def pool() -> Any:
    """Everybody in the pool, by profession, with how often they were asked."""
    everybody = queries.pool()
    rows = _wanted(everybody)
    professions = list(dict.fromkeys(expert.profession for expert, _load, _phone in everybody))
    today = clock.today()
    groups = {
        profession: [
            (expert, load, state_of(expert, today)) for expert, load, _phone in rows if expert.profession == profession
        ]
        for profession in professions
    }
    ending = [expert for expert, _load, _phone in everybody if state_of(expert, today) == "ending"]
    return desk(
        "street/pool.html", "pool", groups={name: people for name, people in groups.items() if people},
        choices=[("", _("全部")), *((name, name) for name in professions)], states=STATES,
        state_choices=[("", _("全部")), *((key, _(label)) for key, label in STATES.items())],
        chosen={name: request.args.get(name, "") for name in ("profession", "q", "state")}, found=len(rows),
        total=len(everybody), asked=sum(load.asked for _expert, load, _phone in everybody), ending=ending,
        accepted=sum(load.accepted for _expert, load, _phone in everybody),
        waiting=sum(reply is None for _suggestion, reply, _hall in street_suggestions()),
    )  # fmt: skip


def sheet() -> Any:
    """The same list as a table for an office program; the phone is masked there too."""
    heads = [
        _("编号"), _("姓名"), _("行当"), _("专长"), _("对口的词"), _("职称或级别"), _("会说的话"), _("单位"),
        _("哪几天方便"), _("什么时候方便"), _("酬劳"), _("电话"), _("聘到哪天"), _("要回避的"), _("能不能请"),
        _("手上几件"), _("请过"), _("答应"), _("交了意见"), _("多久答复（小时，中位）"), _("社区评分（5 分）"),
    ]  # fmt: skip
    data = xlsx_bytes(
        _("人才库"), heads, [_line(row) for row in _wanted(queries.pool())], wrap=True,
        widths=[8, 10, 10, 24, 24, 14, 14, 20, 20, 18, 12, 14, 12, 24, 10, 8, 8, 8, 8, 12, 12],
    )  # fmt: skip
    name = f"{clock.today().isoformat()}_{_('人才库')}.xlsx"
    answer = send_file(BytesIO(data), XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _line(row: Row) -> tuple[str | int | None, ...]:
    expert, load, _phone = row
    days = "、".join(_(WEEKDAYS[int(one) - 1]) for one in expert.weekdays)
    return (
        expert.code, expert.name, expert.profession, expert.skill, "、".join(expert.specialties), expert.level,
        expert.languages, expert.organisation, _("天天") if len(expert.weekdays) == len(WEEKDAYS) else days,
        expert.hours, expert.fee or _("公益"), expert.phone_hint, day(expert.valid_until), expert.conflicts,
        _(STATES[state_of(expert, clock.today())]), expert.open_now, load.asked, load.accepted, load.handed_in,
        "" if load.hours is None else str(load.hours), "" if load.grade is None else f"{load.grade / 10:.1f}",
    )  # fmt: skip


def _wanted(rows: list[Row]) -> list[Row]:
    """The rows that the filters of the address ask for."""
    profession, state = request.args.get("profession", ""), request.args.get("state", "")
    words, today = request.args.get("q", "").strip()[:40], clock.today()
    return [
        (expert, load, phone)
        for expert, load, phone in rows
        if profession in ("", expert.profession)
        and (state not in STATES or state_of(expert, today) == state)
        and words in f"{expert.code} {expert.name} {expert.skill} {' '.join(expert.specialties)} {expert.organisation}"
    ]


P = Permission
ONE = "/pool/<uuid:expert_id>"
DOORS: list[Door] = [
    Door("GET", "/pool", pool, P.STREET_POOL_READ),
    Door("GET", "/pool/sheet", sheet, P.STREET_POOL_READ, name="pool_sheet"),
    Door("GET", "/pool/new", pool_expert.expert_new, P.STREET_POOL_WRITE),
    Door("POST", "/pool", pool_expert.expert_add, P.STREET_POOL_WRITE),
    Door("GET", "/pool/suggestions", pool_suggestions.suggestions, P.STREET_POOL_READ, name="expert_suggestions"),
    Door("GET", "/pool/suggestions/<uuid:suggestion_id>", pool_suggestions.suggestion, P.STREET_POOL_WRITE,
         name="expert_suggestion"),
    Door("POST", "/pool/suggestions/<uuid:suggestion_id>/approval", pool_suggestions.approve, P.STREET_POOL_WRITE,
         name="expert_suggestion_approval"),
    Door("POST", "/pool/suggestions/<uuid:suggestion_id>/refusal", pool_suggestions.refuse, P.STREET_POOL_WRITE,
         name="expert_suggestion_refusal"),
    Door("GET", ONE, pool_expert.expert, P.STREET_POOL_READ),
    Door("POST", ONE, pool_expert.expert_change, P.STREET_POOL_WRITE),
    Door("POST", f"{ONE}/suspension", pool_expert.suspend, P.STREET_POOL_WRITE, name="expert_suspension"),
    Door("POST", f"{ONE}/restoration", pool_expert.restore, P.STREET_POOL_WRITE, name="expert_restoration"),
    Door("GET", f"{ONE}/merger", pool_expert.merger, P.STREET_POOL_WRITE, name="expert_merger"),
    Door("POST", f"{ONE}/merger", pool_expert.merge, P.STREET_POOL_WRITE, name="expert_merge"),
]  # fmt: skip
