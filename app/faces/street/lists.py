"""Doors of the street: the encouraged and the negative list, written in versions that all halls go by."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.triage import list_actions, list_rules
from app.flow.triage.lists import WAY_LABELS
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

FIELD_LABELS = {
    "label": N_("名称"), "examples": N_("举例"), "way": N_("通常怎么办"), "door": N_("该去哪儿"), "urgent": N_("急"),
    "signs": N_("提示词"), "+": N_("新增"), "-": N_("去掉"),
}  # fmt: skip


def lists() -> Any:
    """One list with a form for its next version, and how it came to be; ``?kind=`` chooses the list."""
    kind = request.args.get("kind", list_rules.NEGATIVE)
    kind = kind if kind in list_rules.KIND_LABELS else list_rules.NEGATIVE
    return _page(kind, None, "", "")


def list_write(kind: str) -> Any:
    """Save the next version; nothing is saved while one item is not whole."""
    if kind not in list_rules.KIND_LABELS:
        raise Missing(N_("没有这份清单。"))
    typed = _typed(kind)
    kept = [item for item in typed if not item["dropped"] and (item["given"] or _is_filled(kind, item))]
    try:
        list_actions.write_street_list(
            kind, kept, request.form.get("note", ""), request.form.get("base", -1, type=int), by=actor(),
            now=clock.now(),
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        told = {key: _(value) if isinstance(value, str) else value for key, value in error.values.items()}
        return _page(kind, typed, request.form.get("note", "")[:1000], say(error.reason, told)), 422
    flash(_("新的一版存好了，各社区从现在起按它来。"), "ok")
    return redirect(site_url("street.lists", kind=kind), 303)


def list_version(kind: str, version: int) -> Any:
    """One version and what it changed."""
    history = list_actions.versions(kind) if kind in list_rules.KIND_LABELS else []
    found = next((row for row in history if row.version == version), None)
    if found is None:
        raise Missing(N_("没有这一版。"))
    before = list_actions.items_of(history, kind, version - 1)
    changes = [
        {"code": code, "what": FIELD_LABELS[what], "before": _plain(what, old), "after": _plain(what, new)}
        for code, what, old, new in list_rules.difference(before, found.items)
    ]
    return desk(
        "street/list_version.html", "lists", kind=kind, label=list_rules.KIND_LABELS[kind], version=found,
        changes=changes, ways=WAY_LABELS,
    )  # fmt: skip


def _plain(what: str, text: str) -> str:
    if what == "way":
        return _(WAY_LABELS.get(text, text)) if text else ""
    if what == "urgent":
        return _("是") if text else _("不是")
    return _(text) if text else ""


def _typed(kind: str) -> list[dict[str, Any]]:
    """The items as the form sends them; the last one is a new item that may be left empty."""
    codes = [code for code in request.form.getlist("code") if len(code) <= 4]
    return [_item(kind, code, f"{code}.") for code in codes]


def _item(kind: str, code: str, at: str) -> dict[str, Any]:
    text = request.form.get
    return {
        "code": code, "label": text(f"{at}label", "").strip(), "examples": text(f"{at}examples", "").strip(),
        "way": text(f"{at}way", ""), "door": text(f"{at}door", "").strip(), "urgent": bool(text(f"{at}urgent")),
        "signs": list_rules.signs_of(text(f"{at}signs", "")), "dropped": bool(text(f"{at}drop")),
        "given": text(f"{at}given") == "y",
    }  # fmt: skip


def _is_filled(kind: str, item: dict[str, Any]) -> bool:
    return any(item[name] for name in (*list_rules.FIELDS[kind], "signs"))


def _page(kind: str, typed: list[dict[str, Any]] | None, note: str, problem: str) -> Any:
    history = list_actions.versions(kind)
    items = [{**item, "given": True, "dropped": False} for item in list_actions.items_of(history, kind)]
    if (code := list_rules.next_code(kind, list_actions.codes_ever(history, kind))) is not None:
        items.append({"code": code, "label": "", "examples": "", "way": "refuse", "door": "", "urgent": False,
                      "signs": [], "given": False, "dropped": False})  # fmt: skip
    base = history[0].version if history else 0
    return desk(
        "street/lists.html", "lists", kind=kind, kinds=list_rules.KIND_LABELS, items=typed or items, history=history,
        base=base, note=note, problem=problem, ways=WAY_LABELS, rules=list_rules,
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/lists", lists, P.STREET_LIST_WRITE),
    Door("POST", "/lists/<string:kind>", list_write, P.STREET_LIST_WRITE),
    Door("GET", "/lists/<string:kind>/versions/<int:version>", list_version, P.STREET_LIST_WRITE),
]
