"""Ways of looking at the ledger that people keep (存下的看法), and the frame around a page of it.

A view is its owner's; a shared one may be opened by everybody at the desk and changed by its owner alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Select, delete, func, literal, or_, select, update

from app import clock
from app.errors import Missing, Refused
from app.matter.ledger import Reader
from app.matter.ledger_filter import Wanted, like, open_counts, stage_counts, tab_counts
from app.matter.models import Matter
from app.people.actor import Actor
from app.people.models import Account
from app.people.places import Grid
from app.records.ledger_asked import wanted_of
from app.records.ledger_columns import Column, chosen
from app.records.models import LedgerView, OldMatter
from app.words import N_
from tenants.database import db
from tenants.scope import current_community

NAME = 20
MOST = 30
#: Old rows that a search of the ledger shows beside its own.
OLD_SHOWN = 3
GONE = N_("没有这个存下的看法，可能已经删了。")


@dataclass(frozen=True)
class View:
    """A kept view as its reader sees it; ``owner`` is whose it is, empty for one's own."""

    id: UUID
    name: str
    wanted: Wanted
    columns: Sequence[Column]
    mine: bool
    shared: bool
    is_default: bool
    owner: str = ""


@dataclass(frozen=True)
class Frame:
    """What stands around a page: tabs with their counts, choices of the filters, views, years, and what the old ledgers
    hold for the same words."""

    tabs: dict[str, int]
    this_year: int
    owners: list[tuple[UUID, str]]
    grids: list[tuple[UUID, str]]
    views: list[View]
    years: list[int]
    old_years: dict[int, int]
    old_found: list[dict[str, Any]]


def read_frame(reader: Reader, words: str, *, now: datetime, year_start: datetime) -> Frame:
    """All of it in one statement that reads no matter's row."""
    here = current_community()
    matters = select(func.count()).select_from(Matter).where(Matter.community_id == here)
    row = db.session.execute(
        select(
            stage_counts().scalar_subquery().label("stages"),
            open_counts(reader, now).scalar_subquery().label("closer"),
            matters.where(Matter.collected_at >= year_start).scalar_subquery().label("this_year"),
            select(func.min(Matter.collected_at)).where(Matter.community_id == here).scalar_subquery().label("first"),
            _owners().scalar_subquery().label("owners"),
            _grids().scalar_subquery().label("grids"),
            _views(reader.id).scalar_subquery().label("views"),
            _old_years().scalar_subquery().label("old_years"),
            (_old_rows(words) if words else select(literal(None, JSON))).scalar_subquery().label("old"),
        )
    ).one()
    this = clock.local(now).year
    first = clock.local(row.first).year if row.first else this
    old_years = dict(row.old_years or [])
    return Frame(
        tabs=tab_counts(row.stages, row.closer), this_year=row.this_year, owners=_pairs(row.owners),
        grids=_pairs(row.grids), views=[_view(found, reader) for found in row.views or []],
        years=sorted({*range(min(first, this), this + 1), *old_years}, reverse=True), old_years=old_years,
        old_found=row.old or [],
    )  # fmt: skip


def _pairs(found: list[tuple[str, str]] | None) -> list[tuple[UUID, str]]:
    return sorted(((UUID(key), name) for key, name in found or []), key=lambda pair: pair[1])


def _owners() -> Select[Any]:
    here = current_community()
    leads = select(Matter.id).where(Matter.community_id == here, Matter.owner_id == Account.id)
    return select(func.json_agg(func.json_build_array(Account.id, Account.display_name))).where(
        Account.community_id == here, Account.kind == "staff", leads.exists()
    )


def _grids() -> Select[Any]:
    return select(func.json_agg(func.json_build_array(Grid.id, Grid.name))).where(
        Grid.community_id == current_community()
    )


def _old_years() -> Select[Any]:
    years = (
        select(OldMatter.year, func.count().label("n"))
        .where(OldMatter.community_id == current_community())
        .group_by(OldMatter.year)
        .subquery()
    )
    return select(func.json_agg(func.json_build_array(years.c.year, years.c.n)))


def _old_rows(words: str) -> Select[Any]:
    pattern = like(words)
    found = (
        select(OldMatter.id, OldMatter.year, OldMatter.number, OldMatter.title)
        .where(
            OldMatter.community_id == current_community(),
            or_(*(
                column.ilike(pattern, escape="\\")
                for column in (OldMatter.title, OldMatter.number, OldMatter.place)
            )),
        )
        .order_by(OldMatter.year.desc(), OldMatter.collected_on.desc().nulls_last())
        .limit(OLD_SHOWN + 1).subquery()
    )  # fmt: skip
    return select(func.json_agg(func.json_build_object(
        "id", found.c.id, "year", found.c.year, "number", found.c.number, "title", found.c.title
    )))  # fmt: skip


def _views(reader_id: UUID | None) -> Select[Any]:
    found = (
        select(LedgerView, Account.display_name.label("owner"))
        .join(Account, (Account.community_id == LedgerView.community_id) & (Account.id == LedgerView.account_id))
        .where(
            LedgerView.community_id == current_community(),
            or_(LedgerView.account_id == reader_id, LedgerView.shared),
        )
        .order_by(LedgerView.created_at).limit(3 * MOST).subquery()
    )  # fmt: skip
    return select(func.json_agg(func.json_build_object(
        "id", found.c.id, "name", found.c.name, "asked", found.c.asked, "account", found.c.account_id,
        "shared", found.c.shared, "default", found.c.is_default, "owner", found.c.owner,
    )))  # fmt: skip


def _view(found: dict[str, Any], reader: Reader) -> View:
    asked, mine = found["asked"] or {}, found["account"] == str(reader.id)
    return View(
        UUID(found["id"]), found["name"], wanted_of(asked.get("wanted") or {}), chosen(asked.get("columns") or ()),
        mine, bool(found["shared"]), bool(mine and found["default"]), "" if mine else found["owner"],
    )  # fmt: skip


def views_of(reader: Reader) -> list[View]:
    """The reader's own views and those others share; one statement."""
    return [_view(found, reader) for found in db.session.scalar(_views(reader.id)) or []]


def find_view(view_id: UUID, by: Actor) -> LedgerView:
    """One's own view; raises ``Missing`` also for somebody else's."""
    found = db.session.scalar(
        select(LedgerView).where(
            LedgerView.community_id == current_community(), LedgerView.id == view_id, LedgerView.account_id == by.id
        )
    )
    if found is None:
        raise Missing(GONE)
    return found


def save_view(
    name: str, wanted: Wanted, columns: Sequence[Column], *, by: Actor, now: datetime, id: UUID, shared: bool = False,
    is_default: bool = False,
) -> LedgerView:  # fmt: skip
    """Keep a view under a name; one's own view of that name is replaced by it."""
    name = _named(name)
    asked = {"wanted": wanted.as_dict(), "columns": [column.key for column in columns]}
    mine = select(LedgerView).where(LedgerView.community_id == current_community(), LedgerView.account_id == by.id)
    view = db.session.scalar(mine.where(LedgerView.name == name))
    if view is None:
        if (db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
            raise Refused(N_("最多存 %(most)s 个看法，先删掉不用的。"), most=MOST)
        view = LedgerView(id=id, account_id=by.id, name=name, created_at=now)
        db.session.add(view)
    view.asked, view.shared = asked, shared
    db.session.flush()
    if is_default:
        make_default(view, by=by)
    return view


def rename_view(view: LedgerView, name: str, *, shared: bool, by: Actor) -> None:
    """Give it another name, and say whether the hall may open it."""
    name = _named(name)
    taken = db.session.scalar(
        select(LedgerView.id).where(
            LedgerView.community_id == current_community(), LedgerView.account_id == by.id, LedgerView.name == name,
            LedgerView.id != view.id,
        )
    )  # fmt: skip
    if taken is not None:
        raise Refused(N_("您已经有一个叫「%(name)s」的看法了，换个名字。"), name=name)
    view.name, view.shared = name, shared


def make_default(view: LedgerView, *, by: Actor, yes: bool = True) -> None:
    """Open the ledger with this view from now on; with ``yes`` false with none."""
    db.session.execute(
        update(LedgerView)
        .where(LedgerView.community_id == current_community(), LedgerView.account_id == by.id, LedgerView.is_default)
        .values(is_default=False)
    )
    view.is_default = yes
    db.session.flush()


def remove_view(view: LedgerView) -> None:
    """Forget it; what it showed is untouched."""
    db.session.execute(
        delete(LedgerView).where(LedgerView.community_id == current_community(), LedgerView.id == view.id)
    )


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused(N_("给这个看法起个名字，比如「我这个月要办完的」。"))
    if len(name) > NAME:
        raise Refused(N_("名字最多 %(n)s 个字。"), n=NAME)
    return name
