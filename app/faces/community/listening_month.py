"""Doors of the hall's desk: the logs of a month as a list, on paper and as a table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from app import clock
from app.faces.community.downloads import download
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.flow.collect import hearing
from app.flow.collect import listening as rooms
from app.people.permissions import Permission
from app.people.sheets import xlsx_bytes
from tenants.hosts import site_url

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WIDTHS = (12, 8, 16, 18, 20, 20, 16, 10, 10, 50, 10)


def listening_month() -> str:
    """The logs of ``?month=2026-06``, the present month without it."""
    first, following = _month()
    before = (first - timedelta(days=1)).strftime("%Y-%m")
    after = following.strftime("%Y-%m") if following <= clock.today() else ""
    return desk(
        "desk/listening_month.html", "listening", first=first, month=first.strftime("%Y-%m"),
        before_url=site_url("community.listening_month", month=before),
        after_url=site_url("community.listening_month", month=after) if after else "", **_rows(first, following),
    )  # fmt: skip


def listening_paper() -> str:
    """The same on A4."""
    first, following = _month()
    return page("desk/listening_paper.html", first=first, month=first.strftime("%Y-%m"), **_rows(first, following))


def listening_xlsx() -> Response:
    """The same as a table."""
    first, following = _month()
    heads = [
        _("哪天"), _("几点"), _("哪一种"), _("名称"), _("在哪儿"), _("哪栋楼"), _("谁听的"), _("来了几位"),
        _("记下几件"), _("听到些什么"), _("状态"),
    ]  # fmt: skip
    rows = [
        (
            row["at"].strftime("%Y-%m-%d"), row["at"].strftime("%H:%M"), row["kind"], row["name"], row["place"],
            row["building"], row["host"], row["visitors"], row["heard"], row["words"], row["state"],
        )
        for row in _rows(first, following)["rows"]
    ]  # fmt: skip
    name = _("坐班和走访-%(month)s.xlsx", month=first.strftime("%Y-%m"))
    return download(
        xlsx_bytes(_("坐班和走访"), heads, rows, widths=[12, 8, 16, 18, 20, 20, 16, 10, 10, 50, 10]), XLSX, name
    )


def _month() -> tuple[date, date]:
    return hearing.month_of(request.args.get("month", ""), clock.today())


def _rows(first: date, following: date) -> dict[str, Any]:
    states = {"open": _("在记"), "done": _("收好了"), "called_off": _("停了一次")}
    days = rooms.days_of(first, following)
    rows = [
        {
            "id": day.log.id, "at": clock.local(day.log.held_at), "kind": say(hearing.KIND_LABELS[day.log.kind]),
            "name": say(day.name), "place": day.log.place, "building": day.building, "host": day.log.host_label,
            "visitors": day.log.visitors, "heard": day.heard, "words": day.log.words, "state": states[day.log.state],
            "is_off": day.log.state == "called_off", "is_open": day.log.state == "open",
        }
        for day in days
    ]  # fmt: skip
    held = [row for row in rows if not row["is_off"]]
    return {
        "rows": rows, "times": len(held), "visitors": sum(row["visitors"] for row in held),
        "heard": sum(row["heard"] for row in held),
    }  # fmt: skip


R = Permission.MATTER_READ
DOORS: list[Door] = [
    Door("GET", "/desk/listening/month", listening_month, R),
    Door("GET", "/desk/listening/month/paper", listening_paper, R),
    Door("GET", "/desk/listening/month.xlsx", listening_xlsx, R),
]
