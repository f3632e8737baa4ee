"""Doors of the street: supervision orders into its halls (督办单), and their answers.

The street issues, asks, decides and closes its own orders, and reads what the halls issued themselves. It writes rows
of its own; the hall's worker takes them up into the matter's timeline.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.figures import day
from app.faces.inputs import already, as_uuid, page_number
from app.faces.order_forms import ACTS, ActForm, IssueForm, acts_of, attempt, life_of
from app.faces.order_papers import order_paper, paper_of
from app.faces.order_sheets import MOST, orders_xlsx
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.implement import order_queries as queries
from app.flow.implement import order_rules as rules
from app.flow.implement import orders as verbs
from app.flow.implement.order_models import OrderEvent, SupervisionOrder
from app.matter.models import Matter
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import street
from app.records.documents.wording import full_date
from app.words import N_
from tenants.database import uuid7
from tenants.hosts import site_url
from tenants.registry import Community
from tenants.scope import Scope

TAKE_UP = "app.faces.jobs.work:take_up"
TABS = {
    "open": N_("没销号的"), "answer": N_("等街道答的"), "late": N_("超期的"), "closed": N_("了结的"), "all": N_("全部"),
}  # fmt: skip
GONE = N_("没有这张督办单。")
PRINTED = 300


def orders() -> str:
    """Orders over all halls, the street's own and those the halls issued; filters stay."""
    halls = street.communities()
    tab, level, chosen, number = _tab(), _level(), hall_chosen(halls), page_number()
    # What waits for the street's answer can only be the street's own.
    found, total = queries.orders_page(
        tab, now=clock.now(), page=number, level=rules.STREET if tab == "answer" else level,
        community_id=chosen.id if chosen else None,
    )  # fmt: skip
    kept = {"tab": tab, "level": level, "community": chosen.slug if chosen else ""}
    kept = {name: value for name, value in kept.items() if value and value != "open"}

    def url_of(n: int) -> str:
        return site_url("street.orders", **kept, page=n)

    return desk(
        "street/orders.html", "orders", rows=[_line(row) for row in found], total=total, number=number, kept=kept,
        last=max(1, -(-total // queries.PAGE)), url_of=url_of, tab=tab,
        levels=[("", _("全部")), *((key, _(label)) for key, label in rules.LEVEL_LABELS.items())],
        halls=hall_choices(halls),
        tabs=[
            (_(label), site_url("street.orders", **{**kept, "tab": name}), name == tab) for name, label in TABS.items()
        ],
    )  # fmt: skip


def orders_sheet() -> Any:
    """The same orders as a table."""
    tab, chosen = _tab(), hall_chosen(street.communities())
    found, _total = queries.orders_page(
        tab, now=clock.now(), level=rules.STREET if tab == "answer" else _level(),
        community_id=chosen.id if chosen else None, limit=MOST,
    )  # fmt: skip
    # A table travels further than a page: of a closed matter it carries the number alone.
    return orders_xlsx(found, lambda row: row.matter.visibility == "public")


def order_new(community_slug: str, matter_id: UUID) -> Any:
    """The form; ``?task=`` chooses a task, ``?second_of=`` repeats an order that was not answered."""
    here, matter, first = *_matter(community_slug, matter_id), _first(matter_id)
    form = IssueForm(formdata=None, once=str(uuid7()), task=request.args.get("task", ""), kind="supervise")
    if first is not None:
        form.kind.data, form.task.data = "rectify", str(first.commitment_id or "")
        form.demand.data, form.support.data = first.demand, first.support
    return _issue_page(here, matter, form, first)


def order_add(community_slug: str, matter_id: UUID) -> Any:
    """Issue it into the hall; its secretary signs for it."""
    here, matter, form, first = *_matter(community_slug, matter_id), IssueForm(), _first(matter_id)
    row_id = as_uuid(form.once.data) or uuid7()
    if not already(SupervisionOrder, row_id):
        made = attempt(form, lambda: _issue(here, matter, form, first, row_id))
        if made is None:
            return _issue_page(*_matter(community_slug, matter_id), form, first), 422
        _knock(made)
        flash(_("督办单 %(number)s 发出去了，等社区书记签收。", number=made.number), "ok")
    return redirect(site_url("street.order", order_id=row_id), 303)


def order(order_id: UUID) -> str:
    """One order with its whole life and what the street may do next."""
    return _page(_found(order_id))


def order_print(order_id: UUID) -> str:
    """The order on one sheet."""
    row = _found(order_id)
    paper = paper_of(row, queries.relatives_of(row.standing.order)[0], title=_title(row.matter))
    return page("desk/order_print.html", order=paper, title=_(rules.KIND_LABELS[paper.kind]), full_date=full_date)


def order_docx(order_id: UUID) -> Any:
    """The order as a Word file."""
    row = _found(order_id)
    return order_paper(row, queries.relatives_of(row.standing.order)[0], title=_title(row.matter))


def act(order_id: UUID, act_key: str) -> Any:
    """Write one line: ask how it goes, decide on more time, send back, close, void."""
    row, chosen = _found(order_id), ACTS.get(act_key)
    if chosen is None:
        raise Missing(GONE)
    form = ActForm(prefix=act_key)
    row_id = as_uuid(form.once.data) or uuid7()
    if not already(OrderEvent, row_id):
        chosen.may(row, actor(), clock.today()).or_refuse()
        by, more = actor(), {"now": clock.now(), "id": row_id}
        if attempt(form, lambda: chosen.do(row, form, by, more)) is None:
            return _page(_found(order_id), {act_key: form}), 422
        _knock(row.standing.order)
        flash(_(chosen.done), "ok")
    return redirect(site_url("street.order", order_id=order_id), 303)


def _found(order_id: UUID) -> queries.Row:
    """The order; one that a hall issued inside a closed matter is the hall's own affair."""
    row = queries.find_row(order_id, clock.now())
    if row is None or not _may_open(row):
        raise Missing(GONE)
    return row


def _may_open(row: queries.Row) -> bool:
    return row.standing.order.level == rules.STREET or row.matter.visibility == "public"


def _matter(community_slug: str, matter_id: UUID) -> tuple[Community, Matter]:
    found = street.matter_of(community_slug, matter_id)
    if found is None:
        raise Missing(N_("没有这件事。"))
    return found


def _page(row: queries.Row, tried: dict[str, ActForm] | None = None) -> str:
    found, by, today = row.standing.order, actor(), clock.today()
    first, second = queries.relatives_of(found)
    again = rules.may_issue_second(found.level, row.standing.facts, rules.STREET, today, has_second=second is not None)
    where = {"community_slug": row.community.slug, "matter_id": found.matter_id}
    return desk(
        "street/order.html", "orders", row=row, order=found, title=_title(row.matter), first=first, second=second,
        acts=acts_of(row, by, today, tried), life=life_of(row), labels=rules, is_ours=found.level == rules.STREET,
        second_url=site_url("street.order_new", **where, second_of=found.id) if again else "",
        matter_url=site_url("street.matter", **where),
    )  # fmt: skip


def _issue(
    here: Community, matter: Matter, form: IssueForm, first: SupervisionOrder | None, row_id: UUID
) -> SupervisionOrder:
    chosen = as_uuid(form.task.data)
    task = next((one for one in _tasks(matter) if one.id == chosen), None) if chosen else None
    return verbs.issue_order(
        matter, level=rules.STREET, lead=here.name, demand=form.demand.data or "", due=day(form.due.data),
        kind=form.kind.data or "", support=form.support.data or "", commitment=task, second_of=first, by=actor(),
        now=clock.now(), id=row_id,
    )  # fmt: skip


def _tasks(matter: Matter) -> list[Any]:
    """The tasks an order may name; of a closed matter the street reads none."""
    if matter.visibility != "public":
        return []
    return [one for one in queries.promises_of(matter) if one.state == "open"]


def _issue_page(here: Community, matter: Matter, form: IssueForm, first: SupervisionOrder | None) -> Any:
    form.kind.choices = [(kind, _(label)) for kind, label in rules.KIND_LABELS.items()]
    form.task.choices = [("", _("整件事")), *((str(one.id), one.what) for one in _tasks(matter))]
    if form.task.data is None or not form.task.offers(form.task.data):
        form.task.data = ""
    card = street.card_of(matter, clock.now())
    return desk("street/order_new.html", "orders", community=here, card=card, form=form, first=first)


def _first(matter_id: UUID) -> SupervisionOrder | None:
    """The street's own order that is repeated; what a hall wrote to its own people stays with the hall."""
    wanted = as_uuid(request.values.get("second_of"))
    if wanted is None:
        return None
    found = queries.find_order(wanted)
    if found is None or found.matter_id != matter_id or found.level != rules.STREET:
        raise Missing(GONE)
    return found


def _line(row: queries.Row) -> dict[str, Any]:
    found, may = row.standing.order, _may_open(row)
    return {
        "standing": row.standing, "order": found, "matter": row.matter, "title": _title(row.matter),
        "task": row.task if row.matter.visibility == "public" else None, "community": row.community,
        "level": _(rules.LEVEL_LABELS[found.level]), "state": _(rules.STATE_LABELS[row.standing.state]),
        "is_second": found.second_of_id is not None,
        "url": site_url("street.order", order_id=found.id) if may else "",
    }  # fmt: skip


def _title(matter: Matter) -> str:
    return matter.title if matter.visibility == "public" else ""


def _knock(found: SupervisionOrder) -> None:
    """Ask the hall's worker to take this up after the commit; the sweeper finds it otherwise."""
    errand(Scope("community", street=found.street_id, community=found.community_id), TAKE_UP)


def _tab() -> str:
    tab = request.args.get("tab", "open")
    return tab if tab in TABS else "open"


def _level() -> str:
    level = request.args.get("level", "")
    return level if level in rules.LEVEL_LABELS else ""


def hall_chosen(halls: list[Community]) -> Community | None:
    """The hall that the list is narrowed to."""
    return next((hall for hall in halls if hall.slug == request.args.get("community")), None)


def hall_choices(halls: list[Community]) -> list[tuple[str, str]]:
    """All halls, for the filter of a list."""
    return [("", _("全部社区")), *((hall.slug, hall.name) for hall in halls)]


P = Permission
_MATTER = "/communities/<string:community_slug>/matters/<uuid:matter_id>"
_ORDER = "/orders/<uuid:order_id>"
DOORS: list[Door] = [
    Door("GET", "/orders", orders, P.STREET_ORDER_WRITE),
    Door("GET", "/orders.xlsx", orders_sheet, P.STREET_ORDER_WRITE),
    Door("GET", f"{_MATTER}/orders/new", order_new, P.STREET_ORDER_WRITE),
    Door("POST", f"{_MATTER}/orders", order_add, P.STREET_ORDER_WRITE),
    Door("GET", _ORDER, order, P.STREET_ORDER_WRITE),
    Door("GET", f"{_ORDER}/paper", order_print, P.STREET_ORDER_WRITE),
    Door("GET", f"{_ORDER}/paper.docx", order_docx, P.STREET_ORDER_WRITE),
    Door("POST", f"{_ORDER}/<string:act_key>", act, P.STREET_ORDER_WRITE, name="order_act"),
]
