"""Supervision orders and the red-light list as tables for an office program, for the hall and the street alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from io import BytesIO

from flask import Response, send_file
from flask_babel import gettext as _

from app import clock
from app.faces.look import say
from app.flow.implement import order_rules as rules
from app.flow.implement.order_queries import Row
from app.matter.lights import COLOUR_LABELS
from app.people.sheets import Cell, xlsx_bytes
from app.records.red_lights import RedLight

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: More than this is a year of a large street; whoever wants more takes it filtered.
MOST = 2000


def orders_xlsx(rows: Iterable[Row], told: Callable[[Row], bool]) -> Response:
    """One line an order with the fields of its paper; ``told`` says whose matter and words this reader may read."""
    heads = [
        _("编号"), _("哪一级"), _("哪种单子"), _("二次督办"), _("社区"), _("事项编号"), _("事项"), _("任务"),
        _("决议号"), _("主办"), _("协办"), _("要求"), _("发单"), _("时限"), _("延期到"), _("灯"), _("签收"),
        _("到哪步"), _("进展"), _("审核意见"), _("销号"),
    ]  # fmt: skip
    return _sheet(
        _("督办单台账"), heads, [_order(row, told(row)) for row in rows],
        widths=[20, 12, 12, 8, 12, 16, 28, 24, 20, 14, 14, 44, 11, 11, 11, 16, 22, 14, 40, 30, 11],
    )  # fmt: skip


def red_lights_xlsx(rows: Iterable[RedLight]) -> Response:
    """One line for everything overdue."""
    heads = [
        _("社区"), _("事项编号"), _("事项"), _("任务"), _("走到哪一步"), _("该哪天"), _("超期工作日"), _("督办几次"),
        _("已升到街道"),
    ]  # fmt: skip
    lines = [
        (row.community, row.number, row.title, row.what, _(row.stage_label), row.due.isoformat(), row.light.overdue,
         row.orders, _("是") if row.climbed else "")
        for row in rows
    ]  # fmt: skip
    return _sheet(_("红灯清单"), heads, lines, widths=[14, 16, 32, 28, 12, 12, 12, 10, 12])


def _order(row: Row, told: bool) -> tuple[str, ...]:
    order, facts = row.standing.order, row.standing.facts
    last = {event.kind: event for event in row.standing.events}
    signed, closed = last.get("signed"), last.get("closed")
    news = [f"{_day(event.at)} {event.by_label}：{event.words}" for event in row.standing.events
            if event.kind in ("progress", "reported", "returned")]  # fmt: skip
    colour = "" if not facts.is_open else _(COLOUR_LABELS[row.standing.light.colour]) + "，"
    return (
        order.number, _(rules.LEVEL_LABELS[order.level]), _(rules.KIND_LABELS[order.kind]),
        _("是") if order.second_of_id else "", row.community.name, row.matter.number,
        row.matter.title if told else "", row.task.what if row.task and told else "", order.resolution_number,
        # Who has to act in a quarrel is one of its parties; the street's own orders go to the hall as such.
        order.lead if told or order.level == rules.STREET else "", order.support if told else "",
        order.demand if told else "", _day(order.issued_at), order.due.isoformat(),
        facts.due.isoformat() if facts.due != order.due else "",
        colour + say(row.standing.light.reason, row.standing.light.values),
        f"{(signed.words or signed.by_label) if told else ''} {_day(signed.at)}".strip()
        if signed else "", _(rules.STATE_LABELS[facts.state]),
        "\n".join(news) if told else "", closed.words if closed and told else "", _day(closed.at) if closed else "",
    )  # fmt: skip


def _day(moment: datetime) -> str:
    return clock.local(moment).date().isoformat()


def _sheet(title: str, heads: list[str], rows: Sequence[tuple[Cell, ...]], *, widths: list[int]) -> Response:
    data = xlsx_bytes(title, heads, rows, widths=widths, wrap=True)
    name = f"{clock.today().isoformat()}_{title}.xlsx"
    answer = send_file(BytesIO(data), XLSX, as_attachment=True, download_name=name)
    # What only staff may read is kept by no browser.
    answer.headers["Cache-Control"] = "no-store"
    return answer
