"""``flask report kpis | recount``: the street's indicators over any days, and its prepared figures counted anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.records import kpis, prepared
from app.records.counts import HallCounts
from app.records.indicators import hall_figures
from tenants.database import db
from tenants.hosts import Site, Unknown, bases, find_site
from tenants.scope import bound

group = AppGroup("report", help="The street's figures.")
DAY = click.DateTime(["%Y-%m-%d"])


@contextmanager
def street_of(base: str) -> Iterator[Site]:
    """Bound to the street on a base host."""
    site = find_site(current_app, base.rsplit(":", 1)[0])
    with bound(site.scope):
        try:
            yield site
        finally:
            db.session.remove()


@group.command("kpis")
@click.option("--from", "first", type=DAY, required=True, help="first day, 2026-01-01")
@click.option("--to", "last", type=DAY, required=True, help="last day, which belongs to it")
@click.option("--community", default=None, help="the slug of one hall alone")
@click.option("--json", "as_json", is_flag=True, help="with all counts behind the figures")
def kpis_(first: datetime, last: datetime, community: str | None, as_json: bool) -> None:
    """Print K1 to K17 of every hall and of the street, counted now from the halls' own rows."""
    a, b, now = first.date(), last.date(), clock.now()
    if b < a:
        raise click.BadParameter("the last day lies before the first", param_hint="--to")
    with street_of(bases(current_app)[0]) as site:
        counted = kpis.count_street(a, b, now=now, only=community)
    if community and not counted:
        raise click.ClickException(f"no hall named {community!r}")
    told = told_of(site, counted, a, b, now)
    click.echo(json.dumps(told, ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(told)))


def told_of(site: Site, counted: dict[kpis.Hall, HallCounts], a: date, b: date, now: datetime) -> dict[str, Any]:
    """Everything as plain values, the street's own row summed up from the halls counted."""
    return {
        "from": a.isoformat(), "to": b.isoformat(), "counted_at": clock.local(now).isoformat(timespec="seconds"),
        "street": {"name": site.name, "halls": len(counted), **_rows(kpis.total_of(counted.values()))},
        "communities": [
            {"slug": hall.slug, "name": hall.name, "hall": hall.hall, **_rows(counts)}
            for hall, counts in counted.items()
        ],
    }  # fmt: skip


def _rows(counts: HallCounts) -> dict[str, Any]:
    figures = [
        {
            "key": one.key, "label": one.label, "numerator": one.numerator, "denominator": one.denominator,
            "value": kpis.shown(one), "means": one.means,
        }
        for one in hall_figures(counts)
    ]  # fmt: skip
    return {"kpis": figures, "counts": counts.as_dict()}


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['street']['name']}　{told['from']} 至 {told['to']}　数于 {told['counted_at']}"
    for one in (told["street"], *told["communities"]):
        yield f"\n{one['name']}"
        for row in one["kpis"]:
            yield f"  {row['key']:5} {row['numerator']:>7} / {row['denominator']:<7} {row['value']:>10}  {row['label']}"
            if one is told["street"]:
                yield f"{'':27}{row['means']}"


@group.command()
def recount() -> None:
    """Count the prepared figures of every hall now, all periods, and sum them up."""
    now, written = clock.now(), 0
    for base in bases(current_app):
        try:
            with street_of(base) as site:
                written += _recount(now)
        except Unknown:
            continue
        click.echo(f"{site.name}: {written} rows")


def _recount(now: datetime) -> int:
    written = 0
    for hall in kpis.halls():
        with kpis.in_hall(hall):
            written += prepared.recount_hall(now=now, anew=True)
            db.session.commit()
    db.session.rollback()
    prepared.sum_street(now=now)
    db.session.commit()
    return written
