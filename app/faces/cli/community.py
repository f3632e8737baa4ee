"""``flask community open | council``: a fresh hall with its first secretary, and its council from a file."""

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
from tenants import provisioning
from tenants.database import db
from tenants.hosts import Site, bases, find_site, forget_sites, site_root
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


@group.command("open")
@click.argument("slug")
@click.option("--code", required=True, help="2-6 capital letters, fixed for good; leads every number")
@click.option("--name", required=True, help="南盐道社区")
@click.option("--hall", default="", help="the hall's own name")
@click.option("--motto", default="")
@click.option("--phone", default="")
@click.option("--secretary", default="社区书记", help="display name of the first secretary")
@click.option("--login", default="shuji", show_default=True)
def open_(slug: str, code: str, name: str, hall: str, motto: str, phone: str, secretary: str, login: str) -> None:
    """Open a hall and print its address and the secretary's first password, which must be changed at once."""
    street = site_of("")
    more = {key: value for key, value in {"hall": hall, "motto": motto, "phone": phone}.items() if value}
    now = clock.now()
    try:
        provisioning.open_community(street_id=street.street_id, slug=slug, code=code, name=name, now=now, **more)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    forget_sites(current_app)
    password = desk.first_password(login)
    with bound(site_of(slug).scope):
        desk.add_account(login, secretary, password, {Role.SECRETARY: ""}, by=SYSTEM, now=now, must_change=True)
        db.session.commit()
        db.session.remove()
    click.echo(f"{site_root(current_app, slug)}\nlogin {login}\npassword {password}")


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
