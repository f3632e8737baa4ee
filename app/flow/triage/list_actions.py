"""Writing and reading the versions of the lists: the street's own, and how a hall narrows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.errors import Refused
from app.flow.triage import list_rules as rules
from app.flow.triage.lists import ENCOURAGED, NEGATIVE
from app.flow.triage.policy import HallList, StreetList
from app.matter.house import forget_houses
from app.people.actor import Actor
from app.people.street_log import log_street
from app.words import N_
from tenants.database import db, uuid7
from tenants.scope import current_community, current_street

STALE = N_("刚才已经有人改过这份清单了，请刷新看看再改。")


def default_items(kind: str) -> list[dict[str, Any]]:
    """Version 0 in the form in which a version is stored."""
    if kind == rules.ENCOURAGED:
        return [
            {"code": item.code, "label": item.label, "examples": item.examples, "signs": list(item.signs)}
            for item in ENCOURAGED.values()
        ]
    return [
        {"code": item.code, "label": item.label, "way": str(item.way), "door": item.door, "urgent": item.urgent,
         "signs": list(item.signs)}
        for item in NEGATIVE.values()
    ]  # fmt: skip


def versions(kind: str) -> list[StreetList]:
    """Every version of the bound street's list, newest first; version 0 is not among them."""
    return list(
        db.session.scalars(
            select(StreetList)
            .where(StreetList.street_id == current_street(), StreetList.kind == kind)
            .order_by(StreetList.version.desc())
        )
    )


def items_of(history: Sequence[StreetList], kind: str, version: int | None = None) -> list[dict[str, Any]]:
    """The items of one version (the newest without ``version``) out of ``history``; version 0 are the defaults."""
    if version is None:
        return history[0].items if history else default_items(kind)
    return next((row.items for row in history if row.version == version), default_items(kind))


def codes_ever(history: Sequence[StreetList], kind: str) -> set[str]:
    """Every code that any version has given out."""
    every = [default_items(kind), *(row.items for row in history)]
    return {item["code"] for items in every for item in items}


def write_street_list(
    kind: str, items: Sequence[Mapping[str, Any]], note: str, base: int, *, by: Actor, now: datetime
) -> StreetList:
    """Write the next version after ``base``; raises ``Refused`` when it is not whole, or somebody was faster."""
    history = versions(kind)
    if (history[0].version if history else 0) != base:
        raise Refused(STALE)
    known = {item["code"] for item in items_of(history, kind)}
    tidy = [_tidy(kind, item) for item in items]
    rules.may_write(kind, tidy, known, codes_ever(history, kind)).or_refuse()
    if not note.strip() or len(note) > rules.TEXT:
        raise Refused(N_("为什么改，写一句，最多 %(n)s 字，社区都看得到。"), n=rules.TEXT)
    if not rules.difference(items_of(history, kind), tidy):
        raise Refused(N_("和现在的一样，没有要改的。"))
    row = {"street_id": current_street(), "id": uuid7(), "kind": kind, "version": base + 1, "items": tidy,
           "note": note.strip(), "by_label": by.label, "at": now}  # fmt: skip
    _only_once(StreetList, row)
    label = rules.KIND_LABELS[kind]
    log_street("list", "write", by=by, now=now, before=f"{label} V{base}", after=f"{label} V{base + 1} {note.strip()}")
    return StreetList(**row)


def narrow(
    kind: str, dropped: Sequence[str], notes: Mapping[str, str], base: int, *, by: Actor, now: datetime
) -> HallList:
    """Write how the bound hall narrows a list, as the version after ``base``."""
    last = narrowing(kind)
    if (last.version if last else 0) != base:
        raise Refused(STALE)
    known = {name: {item["code"] for item in items_of(versions(name), name)} for name in rules.KIND_LABELS}
    kept = {code: words.strip() for code, words in notes.items() if words.strip()}
    rules.may_narrow(kind, dropped, kept, known[rules.ENCOURAGED], known[rules.NEGATIVE]).or_refuse()
    row = {"community_id": current_community(), "street_id": current_street(), "id": uuid7(), "kind": kind,
           "version": base + 1, "dropped": list(dropped), "notes": kept, "by_label": by.label, "at": now}  # fmt: skip
    _only_once(HallList, row)
    return HallList(**row)


def narrowing(kind: str) -> HallList | None:
    """The newest narrowing of the bound hall."""
    return db.session.scalar(
        select(HallList)
        .where(HallList.community_id == current_community(), HallList.kind == kind)
        .order_by(HallList.version.desc())
        .limit(1)
    )


def _only_once(model: Any, row: dict[str, Any]) -> None:
    table = model.__table__
    written = db.session.execute(insert(table).values(**row).on_conflict_do_nothing().returning(table.c.id))
    if written.one_or_none() is None:
        raise Refused(STALE)
    forget_houses()


def _tidy(kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"code": str(item["code"]), "label": str(item.get("label", "")).strip()}
    if kind == rules.ENCOURAGED:
        kept["examples"] = str(item.get("examples", "")).strip()
    else:
        kept |= {"way": str(item.get("way", "")), "door": str(item.get("door", "")).strip(),
                 "urgent": bool(item.get("urgent"))}  # fmt: skip
    return kept | {"signs": list(item.get("signs", ()))}
