"""``flask community open | brand | secretary | suspend | resume | archive | restore | list``: the acts of the page.

They run as the street's own login like the page does, and stand in its log under the system's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from app import clock
from app.errors import DomainError
from app.faces.cli.community import group, site_of
from app.people import halls
from app.people.actor import SYSTEM
from app.people.settings import dressed
from tenants.brand import BadColour, Brand, load_pack, packs, suggest
from tenants.database import db
from tenants.hosts import forget_sites, site_root
from tenants.registry import Community
from tenants.scope import bound

COLOURS = ("brand", "ink", "soft", "accent", "paper")
LOOKS = (
    click.option("--pack", default="", help="a brand pack by name; without it the pack of the slug, or the street's"),
    click.option("--colour", default="", help="#rrggbb: the other colours are made to fit"),
)


@contextmanager
def _street() -> Iterator[None]:
    """Bound to the street of the first base host; a refusal of the rules becomes an error of the shell."""
    with bound(site_of("").scope):
        try:
            yield
        except DomainError as error:
            raise click.ClickException(error.reason % error.values if error.values else error.reason) from error
        finally:
            db.session.rollback()
            db.session.remove()
            forget_sites(current_app)  # type: ignore[arg-type]


def _looks(slug: str, pack: str, colour: str) -> Brand:
    if pack and pack not in packs():
        raise click.ClickException(f"no brand pack named {pack!r}; there are: {', '.join(packs())}")
    try:
        brand = load_pack(pack or slug)
        return dressed(brand, {name: getattr(suggest(colour), name) for name in COLOURS}, None) if colour else brand
    except (BadColour, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _tell(key: halls.Key) -> None:
    address = site_root(current_app, key.slug)  # type: ignore[arg-type]
    click.echo(f"{address}\nlogin {key.login}\npassword {key.password}")


def _found(slug: str) -> Community:
    return halls.find_hall(slug)


@group.command("open")
@click.argument("slug")
@click.option("--code", required=True, help="2-6 capital letters, fixed for good; leads every number")
@click.option("--name", required=True, help="南盐道社区")
@click.option("--hall", default="", help="the hall's own name")
@click.option("--motto", default="")
@click.option("--phone", default="")
@click.option("--secretary", default="社区书记", help="display name of the first secretary")
@click.option("--login", default="shuji", show_default=True)
@LOOKS[0]
@LOOKS[1]
def open_(
    slug: str, code: str, name: str, hall: str, motto: str, phone: str, secretary: str, login: str, pack: str,
    colour: str,
) -> None:  # fmt: skip
    """Open a hall and print its address and the secretary's first password, which must be changed at once."""
    with _street():
        named = {key: value for key, value in {"hall": hall, "motto": motto}.items() if value}
        brand = Brand.from_dict(_looks(slug, pack, colour).as_dict() | named)
        wanted = halls.Wanted(slug, code, name, brand, phone=phone, secretary=secretary, login=login)
        _tell(halls.open_hall(wanted, by=SYSTEM, now=clock.now()))


@group.command()
@click.argument("slug")
@LOOKS[0]
@LOOKS[1]
def brand(slug: str, pack: str, colour: str) -> None:
    """Give a hall other looks; its names and motto stay."""
    with _street():
        halls.rebrand(_found(slug), _looks(slug, pack, colour), by=SYSTEM, now=clock.now())
    click.echo(f"{slug}: dressed")


@group.command()
@click.argument("slug")
@click.option("--name", required=True, help="display name")
@click.option("--login", required=True, help="one that the hall does not have yet")
def secretary(slug: str, name: str, login: str) -> None:
    """Add a secretary to a hall whose own cannot get in; prints login and first password."""
    with _street():
        _tell(halls.add_secretary(_found(slug), name, login, by=SYSTEM, now=clock.now()))


@group.command()
@click.argument("slug")
@click.option("--reason", required=True, help="one sentence that residents read")
def suspend(slug: str, reason: str) -> None:
    """Pause a hall: nobody gets in, nothing runs, nothing is lost."""
    with _street():
        halls.suspend(_found(slug), reason, by=SYSTEM, now=clock.now())
    click.echo(f"{slug}: suspended")


@group.command()
@click.argument("slug")
def resume(slug: str) -> None:
    """Open a paused hall again."""
    with _street():
        halls.resume(_found(slug), by=SYSTEM, now=clock.now())
    click.echo(f"{slug}: open")


@group.command()
@click.argument("slug")
@click.option("--confirm", "typed", required=True, help="the slug once more")
def archive(slug: str, typed: str) -> None:
    """Close a hall; all its rows are kept and it can be restored."""
    with _street():
        halls.archive(_found(slug), typed, by=SYSTEM, now=clock.now())
    click.echo(f"{slug}: archived")


@group.command()
@click.argument("slug")
def restore(slug: str) -> None:
    """Bring a closed hall back."""
    with _street():
        halls.restore(_found(slug), by=SYSTEM, now=clock.now())
    click.echo(f"{slug}: restored")


@group.command("list")
def list_() -> None:
    """Every hall: slug, code, name, state, the day it was opened."""
    with _street():
        page, seen, total = 1, 0, 1
        while seen < total:
            rows, total = halls.halls_page(state="", words="", page=page)
            for one in rows:
                state = "archived" if one.closed_at else "suspended" if one.suspended_at else "open"
                click.echo(f"{one.slug}\t{one.code}\t{one.name}\t{state}\t{clock.local(one.opened_at).date()}")
            page, seen = page + 1, seen + len(rows) if rows else total
