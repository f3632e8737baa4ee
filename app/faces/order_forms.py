"""The forms of a supervision order and what may be done with one next, for the hall and the street alike.

A page shows exactly the acts that the rules let this person do; the POST asks the same rule again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app.errors import Refused, Verdict
from app.faces.choosing import RadioField
from app.faces.figures import day
from app.faces.inputs import attempt as attempt
from app.faces.inputs import filled
from app.flow.implement import order_rules as rules
from app.flow.implement import orders
from app.flow.implement.order_models import OrderEvent
from app.flow.implement.order_queries import Row
from app.matter.situation import Stage
from app.people.actor import Actor
from app.words import N_
from tenants.database import uuid7


class IssueForm(FlaskForm):
    """One order: which kind, about what, to whom, what is asked, by which day."""

    once = HiddenField()
    kind = RadioField(_l("发哪种单子"), choices=[], validators=[Optional()], validate_choice=False)
    task = RadioField(_l("督办哪一项"), choices=[], validators=[Optional()], validate_choice=False)
    lead = StringField(_l("由谁主办"))
    support = StringField(_l("谁来协办"))
    demand = TextAreaField(_l("要求办到什么样"), [filled])
    due = StringField(_l("哪天前办好"), [filled])


class ActForm(FlaskForm):
    """One line of an order's life."""

    once = HiddenField()
    granted = RadioField(
        _l("同意延期吗"), choices=[("yes", _l("同意")), ("no", _l("不同意，按原来的日子"))], validators=[Optional()],
        validate_choice=False,
    )  # fmt: skip
    due = StringField(_l("延到哪天"))
    words = TextAreaField(_l("写几句"))


@dataclass(frozen=True)
class Act:
    """One thing that can be done with an order: ``key`` names its address, ``first`` stands open on the page."""

    key: str
    title: str
    label: str
    button: str
    done: str
    icon: str
    may: Callable[[Row, Actor, date], Verdict]
    do: Callable[[Row, ActForm, Actor, Any], OrderEvent]
    hint: str = ""
    first: bool = False
    field: str = ""
    rows: int = 3
    ends: bool = False
    optional: bool = False


def _words(form: ActForm) -> str:
    return form.words.data or ""


def _decide(row: Row, form: ActForm, by: Actor, more: Any) -> OrderEvent:
    if form.granted.data not in ("yes", "no"):
        raise Refused(N_("选一个：同意，还是不同意。"))
    return orders.decide_more_time(row.standing.order, _words(form), granted=form.granted.data == "yes", by=by, **more)


def _may(rule: Callable[..., Verdict]) -> Callable[[Row, Actor, date], Verdict]:
    return lambda row, by, today: rule(row.standing.order, row.standing.facts, by.roles, by.id)


def _may_ask(row: Row, by: Actor, today: date) -> Verdict:
    # Any later day will do to ask whether there may be a request at all; the day typed is asked again by the action.
    later = max(row.standing.due, today) + _A_DAY
    return rules.may_ask_more_time(row.standing.order, row.standing.facts, later, today, by.roles, by.id)


def _may_close(row: Row, by: Actor, today: date) -> Verdict:
    doers = [row.standing.order.lead_id, row.task.owner_id if row.task else None]
    stage = Stage(row.matter.stage)
    return rules.may_close(row.standing.order, row.standing.facts, by.roles, by.id, doers=doers, stage=stage)


def _plain(verb: Callable[..., OrderEvent]) -> Callable[[Row, ActForm, Actor, Any], OrderEvent]:
    return lambda row, form, by, more: verb(row.standing.order, _words(form), by=by, **more)


_A_DAY = timedelta(days=1)
ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act("signatures", N_("签收"), N_("谁签收的"), N_("签收"), N_("签收了，记下了时间。"), "pencil-square",
            _may(rules.may_sign), _plain(orders.sign_order), first=True, rows=1, optional=True),
        Act("extension-decisions", N_("答复延期"), N_("答复"), N_("答复"), N_("答复记下了。"), "clock-history",
            _may(rules.may_decide_more_time), _decide, first=True, field="granted"),
        Act("closures", N_("审核，销号"), N_("审核意见"), N_("同意销号"), N_("销号了。"), "check2-circle",
            _may_close, _plain(orders.close_order), N_("看到办成什么样了。销号以后不能再改。"), first=True),
        Act("returns", N_("没办好，退回重办"), N_("还差什么"), N_("退回重办"), N_("退回去了。"), "arrow-return-left",
            _may(rules.may_return), _plain(orders.return_order)),
        Act("reports", N_("办好了，报办结"), N_("办成什么样了"), N_("报办结"), N_("报上去了，等审核销号。"),
            "check2-all", _may(rules.may_report), _plain(orders.report_order),
            N_("写看得见的：修了几处、哪天通的。"), first=True),
        Act("notes", N_("说进展"), N_("办到哪儿了"), N_("记下来"), N_("记下了。"), "pencil",
            _may(rules.may_note), _plain(orders.note_order)),
        Act("extensions", N_("要延期"), N_("延期的原因"), N_("请求延期"), N_("延期请求送上去了，等答复。"),
            "hourglass-split", _may_ask, lambda row, form, by, more: orders.ask_more_time(
                row.standing.order, _words(form), due=day(form.due.data), by=by, **more), field="due"),
        Act("voidings", N_("发错了，作废"), N_("作废的原因"), N_("作废"), N_("作废了，编号和原因留着。"),
            "slash-circle", _may(rules.may_void), _plain(orders.void_order),
            N_("编号不再用，原因留在单子上。"), ends=True),
    )
}  # fmt: skip


def acts_of(row: Row, by: Actor, today: date, tried: dict[str, ActForm] | None = None) -> list[dict[str, Any]]:
    """What this person may do now, each with its form; ``tried`` are forms that were sent and refused."""
    shown = []
    for key, act in ACTS.items():
        form = (tried or {}).get(key)
        if form is None and not act.may(row, by, today):
            continue
        asks = key == "notes" and rules.asks(row.standing.order, by.roles, by.id)
        shown.append({
            "act": act, "form": form or ActForm(formdata=None, prefix=key, once=str(uuid7())),
            "title": N_("追问一句") if asks else act.title, "label": N_("问什么") if asks else act.label,
            "is_open": act.first or form is not None,
        })  # fmt: skip
    return shown


def life_of(row: Row) -> list[dict[str, Any]]:
    """The lines of an order's life for a page, the newest first; the last one is its issue."""
    order = row.standing.order
    lines = [
        {"at": event.at, "who": event.by_label, "due": event.due, "words": event.words, "kind": event.kind,
         "label": rules.EVENT_LABELS["asked" if event.data.get("asks") else event.kind], "side": event.side}
        for event in reversed(row.standing.events)
    ]  # fmt: skip
    side = rules.STREET if order.level == rules.STREET else "community"
    issued = {"at": order.issued_at, "who": order.issued_label, "due": order.due, "words": "", "kind": "issued",
              "label": rules.EVENT_LABELS["issued"], "side": side}  # fmt: skip
    return [*lines, issued]
