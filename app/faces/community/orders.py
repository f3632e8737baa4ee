"""Doors of the hall: supervision orders (督办单), listed, issued and answered; the street's are signed for here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import paperwork
from app.faces.community.desk import hidden_title, reader
from app.faces.community.inputs import as_uuid, page_number
from app.faces.doors import Door
from app.faces.figures import day
from app.faces.order_forms import ACTS, ActForm, IssueForm, acts_of, attempt, life_of
from app.faces.order_papers import order_paper, paper_of
from app.faces.order_sheets import MOST, orders_xlsx
from app.faces.pages import desk, page
from app.faces.visitor import actor, visitor
from app.flow.implement import order_queries as queries
from app.flow.implement import order_rules as rules
from app.flow.implement import orders as verbs
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.matter.ledger import is_child_s, may_read
from app.matter.models import Matter
from app.people.permissions import Permission
from app.records.documents.wording import full_date
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url

PRINTED = 300
TABS = {
    "open": N_("没销号的"), "answer": N_("等审核和答复的"), "late": N_("超期的"), "closed": N_("了结的"),
    "all": N_("全部"),
}  # fmt: skip
GONE = N_("没有这张督办单。")


def orders() -> str:
    """The hall's orders and the street's into this hall; the filters stay with the tabs and the pages."""
    wanted, number = _wanted(), page_number()
    found, total = queries.orders_page(
        wanted["tab"], now=clock.now(), page=number, level=wanted["level"], lead_id=_own(wanted)
    )
    here = {name: value for name, value in wanted.items() if value and value != "open"}

    def url_of(n: int) -> str:
        return site_url("community.orders", **here, page=n)

    return desk(
        "desk/orders.html", "orders", rows=[_line(row) for row in found], total=total, wanted=wanted, number=number,
        last=max(1, -(-total // queries.PAGE)), url_of=url_of, levels=_levels(),
        tabs=[
            (_(label), site_url("community.orders", **{**here, "tab": name}), name == wanted["tab"])
            for name, label in TABS.items()
        ],
        print_url=site_url("community.orders_print", **here), sheet_url=site_url("community.orders_sheet", **here),
    )  # fmt: skip


def orders_print() -> str:
    """The same list on paper."""
    wanted = _wanted()
    found, total = queries.orders_page(
        wanted["tab"], now=clock.now(), level=wanted["level"], lead_id=_own(wanted), limit=PRINTED
    )
    return page(
        "desk/orders_print.html", rows=[_line(row) for row in found], total=total, tab=_(TABS[wanted["tab"]]),
        printed=clock.today(),
    )  # fmt: skip


def orders_sheet() -> Any:
    """The same list as a table, with the fields of the paper."""
    wanted, who = _wanted(), reader()
    found, _total = queries.orders_page(
        wanted["tab"], now=clock.now(), level=wanted["level"], lead_id=_own(wanted), limit=MOST
    )
    return orders_xlsx(found, lambda row: may_read(row.matter, who))


def order_new(matter_id: UUID) -> Any:
    """The form; ``?task=`` chooses a task, ``?second_of=`` repeats an order that was not answered."""
    matter, first = paperwork.matter_or_404(matter_id), _first(matter_id)
    form = IssueForm(formdata=None, once=str(uuid7()), task=request.args.get("task", ""), kind="supervise")
    if first is not None:
        form.kind.data, form.task.data = "rectify", str(first.commitment_id or "")
        form.lead.data, form.demand.data, form.support.data = first.lead, first.demand, first.support
    return _issue_page(matter, form, first)


def order_add(matter_id: UUID) -> Any:
    """Issue it; a second click leads to the same order."""
    matter, form, first = paperwork.matter_or_404(matter_id), IssueForm(), _first(matter_id)
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(SupervisionOrder, row_id):
        made = attempt(form, lambda: _issue(matter, form, first, row_id))
        if made is None:
            return _issue_page(paperwork.matter_or_404(matter_id), form, first), 422
        if made.lead_id is None:
            # Nobody outside has a box here: the paper is carried, and signed for by hand.
            told = _("督办单 %(number)s 编好了。%(who)s在这里收不到：打印出来送去，签了字回来记签收。",
                     number=made.number, who=made.lead)  # fmt: skip
        else:
            told = _("督办单 %(number)s 发出去了，主办的人会收到。", number=made.number)
        flash(told, "ok")
    return redirect(site_url("community.order", order_id=row_id), 303)


def order(order_id: UUID) -> str:
    """One order with its whole life and what this person may do next."""
    return _page(_found(order_id))


def order_print(order_id: UUID) -> str:
    """The order on one sheet."""
    row = _found(order_id)
    first, _second = queries.relatives_of(row.standing.order)
    paper = paper_of(row, first, title=_title(row))
    return page("desk/order_print.html", order=paper, title=_(rules.KIND_LABELS[paper.kind]), full_date=full_date)


def order_docx(order_id: UUID) -> Any:
    """The order as a Word file."""
    row = _found(order_id)
    first, _second = queries.relatives_of(row.standing.order)
    return order_paper(row, first, title=_title(row))


def act(order_id: UUID, act_key: str) -> Any:
    """Write one line on an order: sign, note, ask for more time, report, decide, return, close, void."""
    row, chosen = _found(order_id), ACTS.get(act_key)
    if chosen is None:
        raise Missing(GONE)
    form = ActForm(prefix=act_key)
    row_id = as_uuid(form.once.data) or uuid7()
    if not paperwork.already(OrderEvent, row_id):
        chosen.may(row, actor(), clock.today()).or_refuse()
        by, more = actor(), {"now": clock.now(), "id": row_id}
        if attempt(form, lambda: chosen.do(row, form, by, more)) is None:
            return _page(_found(order_id), {act_key: form}), 422
        flash(_(chosen.done), "ok")
    return redirect(site_url("community.order", order_id=order_id), 303)


def _found(order_id: UUID) -> queries.Row:
    """The order, where this person may read its matter or is concerned by it."""
    row = queries.find_row(order_id, clock.now())
    if row is None or not (_concerns(row.standing.order) or paperwork.open_to_reader(row.matter)):
        raise Missing(GONE)
    return row


def _concerns(found: SupervisionOrder) -> bool:
    """Whether it is this reader's: who leads it or issued it; the street's is the office's to sign for.

    The street knows a child's matter by its number alone, so its order tells nothing that asks for a reason.
    """
    who = reader()
    mine = who.id is not None and who.id in (found.lead_id, found.issued_by)
    return mine or (found.level == rules.STREET and who.is_office)


def _page(row: queries.Row, tried: dict[str, ActForm] | None = None) -> str:
    found, by, today = row.standing.order, actor(), clock.today()
    first, second = queries.relatives_of(found)
    again = rules.may_issue_second(
        found.level, row.standing.facts, rules.level_of(by.roles), today, has_second=second is not None
    )
    acts = acts_of(row, by, today, tried)
    # Whoever has something to do now need not read who is waited for.
    waits = "" if any(one["act"].first for one in acts) else _waits_for(row)
    return desk(
        "desk/order.html", "orders", row=row, order=found, title=_title(row), acts=acts,
        life=life_of(row), first=first, second=second, labels=rules, waits=waits,
        second_url=site_url("community.order_new", matter_id=found.matter_id, second_of=found.id)
        if again and rules.issued_it(found, by.roles, by.id) else "",
        matter_url=paperwork.matter_link(row.matter, tab="orders"),
    )  # fmt: skip


def _waits_for(row: queries.Row) -> str:
    """Whose turn it is, in words, for whoever can do nothing now."""
    found, facts = row.standing.order, row.standing.facts
    if not facts.is_open:
        return ""
    issuer = _("街道") if found.level == rules.STREET else found.issued_label
    if facts.asked is not None:
        return _("等%(who)s答复延期。", who=issuer)
    if facts.state is rules.State.REPORTED:
        return _("等%(who)s审核销号。", who=issuer)
    lead = _("社区书记") if found.level == rules.STREET and facts.state is rules.State.ISSUED else found.lead
    return _("等%(who)s签收。", who=lead) if facts.state is rules.State.ISSUED else _("等%(who)s办。", who=lead)


def _issue(matter: Matter, form: IssueForm, first: SupervisionOrder | None, row_id: UUID) -> SupervisionOrder:
    by = actor()
    chosen = as_uuid(form.task.data)
    task = next((one for one in queries.promises_of(matter) if one.id == chosen), None) if chosen else None
    return verbs.issue_order(
        matter, level=rules.level_of(by.roles), lead=form.lead.data or "", demand=form.demand.data or "",
        due=day(form.due.data), kind=form.kind.data or "", support=form.support.data or "", commitment=task,
        second_of=first, by=by, now=clock.now(), id=row_id,
    )  # fmt: skip


def _issue_page(matter: Matter, form: IssueForm, first: SupervisionOrder | None) -> Any:
    me = actor()
    level = rules.level_of(me.roles)
    # Nobody urges himself, so a task of one's own is not offered.
    tasks = [
        one
        for one in queries.promises_of(matter)
        if one.state == "open" and (one.owner_id is None or one.owner_id != me.id)
    ]
    form.kind.choices = [(kind, _(label)) for kind, label in rules.KIND_LABELS.items()]
    whole = [("", _("整件事，另写由谁主办"))] if level == "community" else []
    form.task.choices = [
        *((str(one.id), _("%(what)s（%(who)s）", what=one.what, who=one.who)) for one in tasks),
        *whole,
    ]
    if form.task.data is None:
        form.task.data = ""
    return desk(
        "desk/order_new.html", "orders", matter=matter, form=form, first=first, level=level, tasks=tasks,
        level_label=_(rules.LEVEL_LABELS.get(level, "")), back=paperwork.matter_link(matter, tab="orders"),
    )  # fmt: skip


def _first(matter_id: UUID) -> SupervisionOrder | None:
    """The order that is repeated; another matter's would show its words to whoever may not read that matter."""
    wanted = as_uuid(request.values.get("second_of"))
    if wanted is None:
        return None
    found = queries.find_order(wanted)
    if found is None or found.matter_id != matter_id:
        raise Missing(GONE)
    return found


def _title(row: queries.Row) -> str:
    return row.matter.title if paperwork.open_to_reader(row.matter) else ""


def _line(row: queries.Row) -> dict[str, Any]:
    who, found = reader(), row.standing.order
    told = may_read(row.matter, who)
    opens = told or _concerns(found)
    return {
        "standing": row.standing, "order": found, "matter": row.matter, "task": row.task if told else None,
        "title": row.matter.title if told else hidden_title(is_child_s(row.matter)),
        # Who has to act in a quarrel is one of its parties.
        "lead": found.lead if opens or found.level == rules.STREET else "",
        "level": _(rules.LEVEL_LABELS[found.level]), "kind": _(rules.KIND_LABELS[found.kind]),
        "state": _(rules.STATE_LABELS[row.standing.state]), "is_second": found.second_of_id is not None,
        "url": site_url("community.order", order_id=found.id) if opens else "",
    }  # fmt: skip


def _wanted() -> dict[str, str]:
    tab, level = request.args.get("tab", "open"), request.args.get("level", "")
    return {
        "tab": tab if tab in TABS else "open", "level": level if level in rules.LEVEL_LABELS else "",
        "mine": "1" if request.args.get("mine") == "1" else "",
    }  # fmt: skip


def _own(wanted: dict[str, str]) -> UUID | None:
    me = visitor()
    return me.id if wanted["mine"] and me else None


def _levels() -> list[tuple[str, str]]:
    return [("", _("全部")), *((level, _(label)) for level, label in rules.LEVEL_LABELS.items())]


_ORDER = "/desk/orders/<uuid:order_id>"
P = Permission
DOORS: list[Door] = [
    Door("GET", "/desk/orders", orders, P.MATTER_READ),
    Door("GET", "/desk/orders/paper", orders_print, P.MATTER_READ),
    Door("GET", "/desk/orders.xlsx", orders_sheet, P.LEDGER_EXPORT),
    Door("GET", "/desk/matters/<uuid:matter_id>/orders/new", order_new, P.ORDER_WRITE),
    Door("POST", "/desk/matters/<uuid:matter_id>/orders", order_add, P.ORDER_WRITE),
    Door("GET", _ORDER, order, P.MATTER_READ),
    Door("GET", f"{_ORDER}/paper", order_print, P.MATTER_READ),
    Door("GET", f"{_ORDER}/paper.docx", order_docx, P.MATTER_READ),
    Door("POST", f"{_ORDER}/<string:act_key>", act, P.ORDER_WRITE, name="order_act"),
]
