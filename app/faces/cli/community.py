"""``flask community council``: the council of a hall from a file. Opening and closing halls stand in ``cli.halls``."""

from __future__ import annotations

import csv
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.people import desk
from app.people.actor import SYSTEM
from app.people.roles import Role
from tenants.database import db
from tenants.hosts import Site, bases, find_site
from tenants.scope import bound

group = AppGroup("community", help="Halls of the street.")


def base_host() -> str:
    """The first base host, without port."""
    return bases(current_app)[0].rsplit(":", 1)[0]


def site_of(slug: str) -> Site:
    """The hall with this slug, or a click error."""
    try:
        return find_site(current_app, base_host(), slug)
    except LookupError as error:
        raise click.ClickException(f"no hall named {slug!r}") from error


@group.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def council(slug: str, file: Path) -> None:
    """Seat a council from a CSV file (name,login,title). Prints login and first password of each new member."""
    rows = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    if not rows or set(rows[0]) < {"name", "login"}:
        raise click.ClickException("the first line must be: name,login,title")
    with bound(site_of(slug).scope):
        for seat, row in enumerate(rows, 1):
            password = desk.first_password(row["login"])
            account = desk.add_account(
                row["login"], row["name"], password, {Role.COUNCIL_MEMBER: row.get("title") or ""},
                by=SYSTEM, now=clock.now(), seat=seat,
            )  # fmt: skip
            click.echo(f"{account.login}\t{password}\t{account.display_name}")
        db.session.commit()
        db.session.remove()
